"""Integrals that have names: of exponentials, sines and logarithms."""

from harness import case, given, uniform


@case(x=given([0.5, 2.0, 8.0]))
def exponential_integral(xp, x):
    """Ei(x) = ∫_{-∞}ˣ eᵗ/t dt for positive x: any shape to the same. At 0.5 it is 0.45422; it is 0 at 0.3725.

    Source: https://dlmf.nist.gov/6.2
    """
    return xp.special.expi(x)


exponential_integral.sample("matrix", x=uniform((3, 5), 0.5, 6.0))


@case(x=given([0.5, 2.0, 8.0]), derivatives=("vjp", "jvp"))
def decaying_exponential_integrals(xp, x):
    """E₁(x) and E₃(x), with E_n(x) = ∫₁^∞ e⁻ˣᵗ t⁻ⁿ dt, for positive x: two results of x's shape. E₁(0.5) is 0.55977.

    Source: https://dlmf.nist.gov/8.19
    """
    return xp.special.exp1(x), xp.special.expn(3, x)


decaying_exponential_integrals.sample("matrix", x=uniform((3, 5), 0.5, 6.0))


@case(t=given([0.5, -1.0, 2.0]))
def clothoid(xp, t):
    """The point (C(t), S(t)) of Cornu's spiral: two results of t's shape. At 0.5 it is (0.49234, 0.06473).

    Source: https://dlmf.nist.gov/7.2
    """
    return xp.special.fresnel_cos(t), xp.special.fresnel_sin(t)


clothoid.sample("matrix", t=uniform((3, 5), 0.5, 3.0))


@case(x=given([0.5, 2.0, 0.25]), derivatives=("vjp", "jvp"))
def dilogarithm(xp, x):
    """∫₁ˣ ln t / (1 - t) dt, Spence's function, for positive x: any shape to the same. At 0.5 it is 0.58224.

    Source: https://dlmf.nist.gov/25.12
    """
    return xp.special.spence(x)


dilogarithm.sample("matrix", x=uniform((3, 5), 1.25, 4.0))


@case(x=given([0.5, 2.0, 5.0]))
def sine_and_cosine_integrals(xp, x):
    """Si(x) = ∫₀ˣ sin t / t dt, and Ci(x) = -∫ₓ^∞ cos t / t dt for positive x: two results of x's shape.

    Source: https://dlmf.nist.gov/6.2
    """
    return xp.special.sine_integral(x), xp.special.cosine_integral(x)


sine_and_cosine_integrals.sample("matrix", x=uniform((3, 5), 1.0, 6.0))
