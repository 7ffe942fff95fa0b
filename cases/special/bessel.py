"""Bessel functions, their relatives, and what is made of them."""

from harness import case, given, uniform


@case(x=given([0.5, 2.0, -1.5]))
def modified_bessel(xp, x):
    """I₀(x) and I₁(x): two results of x's shape, one even and one odd. At 2 they are 2.2796 and 1.5906.

    Source: https://dlmf.nist.gov/10.25
    """
    return xp.special.i0(x), xp.special.i1(x)


modified_bessel.sample("matrix", x=uniform((3, 5), 0.5, 12.0))


@case(x=given([0.5, 2.0, 20.0]))
def scaled_modified_bessel(xp, x):
    """e⁻ˣ I₀(x) and e⁻ˣ I₁(x) for positive x: two results of x's shape, both about 1/√(2πx) for large x.

    Source: https://dlmf.nist.gov/10.40
    """
    return xp.special.i0e(x), xp.special.i1e(x)


scaled_modified_bessel.sample("matrix", x=uniform((3, 5), 0.5, 12.0))


@case(x=given([0.5, 2.0, 3.5]), derivatives=("vjp", "jvp"))
def bessel_of_the_first_kind(xp, x):
    """J₀(x) and J₁(x): two results of x's shape; J₀′ is -J₁. At 2 they are 0.2239 and 0.5767.

    Source: https://dlmf.nist.gov/10.2
    """
    return xp.special.j0(x), xp.special.j1(x)


bessel_of_the_first_kind.sample("matrix", x=uniform((3, 5), 0.5, 12.0))


@case(x=given([0.5, 2.0, 3.5]), derivatives=("vjp", "jvp"))
def bessel_of_the_second_kind(xp, x):
    """Y₀(x) and Y₁(x) for positive x: two results of x's shape; Y₀′ is -Y₁. At 2 they are 0.5104 and -0.1070.

    Source: https://dlmf.nist.gov/10.2
    """
    return xp.special.y0(x), xp.special.y1(x)


bessel_of_the_second_kind.sample("matrix", x=uniform((3, 5), 0.5, 12.0))


@case(x=given([0.5, 2.0, 3.5]), derivatives=("vjp", "jvp"))
def macdonald(xp, x):
    """K₀(x) and K₁(x) for positive x: two results of x's shape; K₀′ is -K₁. At 2 they are 0.1139 and 0.1399.

    Source: https://dlmf.nist.gov/10.25
    """
    return xp.special.k0(x), xp.special.k1(x)


macdonald.sample("matrix", x=uniform((3, 5), 0.5, 12.0))


@case(x=given([0.5, 2.0, 20.0]), derivatives=("vjp", "jvp"))
def scaled_macdonald(xp, x):
    """eˣ K₀(x) and eˣ K₁(x) for positive x: two results of x's shape, both about √(π/2x) for large x.

    Source: https://dlmf.nist.gov/10.40
    """
    return xp.special.k0e(x), xp.special.k1e(x)


scaled_macdonald.sample("matrix", x=uniform((3, 5), 0.5, 12.0))


@case(angle=given([0.5, -1.0, 3.0]), concentration=given([0.5, 4.0, 2.0]))
def von_mises(xp, angle, concentration):
    """κ (cos θ - 1) - ln(e⁻ᵏ I₀(κ)): the log density of a direction, its constant ln 2π left out; all of one shape.

    Source: https://en.wikipedia.org/wiki/Von_Mises_distribution
    """
    return concentration * (xp.cos(angle) - 1) - xp.log(xp.special.i0e(concentration))


von_mises.sample("matrix", angle=uniform((3, 5), -3.0, 3.0), concentration=uniform((3, 5), 0.5, 8.0))


@case(x=given([-2.0, 0.5, 2.0]), derivatives=False)
def airy(xp, x):
    """Ai(x), which solves y″ = xy: any shape to the same. At 2 it is 0.03492.

    PyTorch alone has it, and no derivative.

    Source: https://dlmf.nist.gov/9.2
    """
    return xp.special.airy_ai(x)


airy.sample("matrix", x=uniform((3, 5), -2.0, 4.0))
airy.sample("oscillating", x=uniform((3, 5), -6.0, -2.25))
airy.sample("beyond_the_series", x=given([-2.1, -2.2, -2.3]))


@case(x=given([0.5, 2.0, -3.0]), derivatives=False)
def spherical_wave(xp, x):
    """sin(x)/x, the spherical Bessel function j₀: any shape to the same. At 2 it is 0.4546.

    PyTorch alone has it under this name, and no derivative.

    Source: https://dlmf.nist.gov/10.49
    """
    return xp.special.spherical_bessel_j0(x)


spherical_wave.sample("matrix", x=uniform((3, 5), 0.5, 9.0))


@case(x=given([0.25, 1.5, -2.25]), lobes=3.0)
def lanczos_kernel(xp, x, *, lobes):
    """sinc(x) sinc(x/n) with sinc(x) = sin(πx)/(πx), for x inside (-n, n): any shape to the same. At 0.25 it is 0.8902.

    Source: https://en.wikipedia.org/wiki/Lanczos_resampling
    """
    return xp.special.sinc(x) * xp.special.sinc(x / lobes)


lanczos_kernel.sample("matrix", x=uniform((3, 5), 0.25, 2.75))
