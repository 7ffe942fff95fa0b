"""Arithmetic of complex numbers, and their parts."""

from harness import case, complex_normal, given, normal


@case(a=given([1 + 2j, -0.5 + 1j]), b=given([3 - 1j, 2j]))
def product(xp, a, b):
    """a b: twice (n,) to (n,). For (1 + 2i)(3 - i) it is 5 + 5i.

    The adjoint of b ↦ a b is multiplication with conj(a): frameworks differ in which side they conjugate.
    """
    return a * b


product.sample("random", a=complex_normal((20,)), b=complex_normal((20,)))


@case(a=given([1 + 2j, -0.5 + 1j]), b=given([3 - 1j, 2j]))
def quotient(xp, a, b):
    """a / b: twice (n,) to (n,). For (1 + 2i) / (3 - i) it is 0.1 + 0.7i."""
    return a / b


quotient.sample("random", a=complex_normal((20,)), b=complex_normal((20,), mean=2 + 1j))


@case(a=given([1 + 2j, -0.5 + 1j]), b=given([3 - 1j, 2j]))
def sum_and_difference(xp, a, b):
    """a + 2b and i a - b: twice (n,) to twice (n,)."""
    return a + 2 * b, 1j * a - b


sum_and_difference.sample("random", a=complex_normal((20,)), b=complex_normal((20,)))


@case(z=given([1 + 2j, -0.5 + 1j, 2 - 0.25j]))
def cube_and_inverse_square(xp, z):
    """z³ and z⁻²: (n,) to twice (n,). For z = 1 + 2i they are -11 - 2i and -0.12 - 0.16i."""
    return z**3, z**-2


cube_and_inverse_square.sample("random", z=complex_normal((20,), mean=1.5 + 1j, scale=0.5))


@case(z=given([3 + 4j, -1 + 0.5j, -2j]))
def size(xp, z):
    """|z|, a real number: (n,) to (n,). For 3 + 4i it is 5, and its gradient is z / |z|."""
    return xp.abs(z)


size.sample("random", z=complex_normal((25,)))


@case(z=given([3 + 4j, -1 + 0.5j, -2j]))
def direction(xp, z):
    """The angle of z, a real number: (n,) to (n,). For -2i it is -π/2, and its gradient is i z / |z|²."""
    return xp.angle(z)


direction.sample("random", z=complex_normal((25,)))


@case(z=given([3 + 4j, -1 + 0.5j, -2j]))
def parts(xp, z):
    """x y of z = x + iy, and conj(z) z: (n,) to (n,) real and (n,) complex. No derivative of it is holomorphic."""
    return xp.real(z) * xp.imag(z), xp.conj(z) * z


parts.sample("random", z=complex_normal((25,)))


@case(z=given([1 + 2j, -0.5 + 1j]), x=given([2.0, -3.0]))
def real_times_complex(xp, z, x):
    """x z + x of real x: (n,) complex and (n,) real to (n,) complex. The gradient of x is real.

    Said with functions, which promote in every framework; TensorFlow's operators do not.
    """
    return xp.add(xp.multiply(x, z), x)


real_times_complex.sample("random", z=complex_normal((15,)), x=normal((15,)))
