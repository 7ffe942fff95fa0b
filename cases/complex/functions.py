"""Functions of complex numbers, sums and products of matrices."""

from harness import case, complex_normal, given, normal


@case(z=given([0.5 + 1j, -1 - 2j, 3j]))
def exponential(xp, z):
    """e^z: (n,) to (n,). For πi it would be -1. The derivative is e^z itself."""
    return xp.exp(z)


exponential.sample("random", z=complex_normal((30,)))


@case(z=given([0.5 + 1j, -1 - 2j, 3j]))
def logarithm(xp, z):
    """ln z, the principal branch: (n,) to (n,). For 3i it is ln 3 + πi/2."""
    return xp.log(z)


logarithm.sample("random", z=complex_normal((30,)))


@case(z=given([3 + 4j, -1 - 2j, 2j]))
def square_root(xp, z):
    """√z, the principal branch: (n,) to (n,). For 3 + 4i it is 2 + i, for 2i it is 1 + i."""
    return xp.sqrt(z)


square_root.sample("random", z=complex_normal((30,)))


@case(z=given([[1 + 2j, 3 - 1j], [0.5j, -2 + 0j]]))
def sum_and_mean(xp, z):
    """The sum of all elements and the mean of each row: (m, n) to () and (m,)."""
    return xp.sum(z), xp.mean(z, axis=-1)


sum_and_mean.sample("random", z=complex_normal((9, 17)))


@case(a=given([[1 + 1j, 2 + 0j], [0.5j, -1 + 0j]]), b=given([[1j, 1 + 0j], [2 - 1j, 3 + 0j]]))
def matrix_product(xp, a, b):
    """A B: (l, m) and (m, n) to (l, n). The gradient of A is the cotangent times the conjugate transpose of B."""
    return a @ b


matrix_product.sample("random", a=complex_normal((6, 9)), b=complex_normal((9, 4)))


@case(z=given([1 + 2j, 3 - 1j, -2 + 0.5j]))
def energy(xp, z):
    """Σ |z|², a real number: (n,) to (). The gradient is 2z, uphill, in the convention that all are converted to."""
    return xp.sum(xp.real(xp.conj(z) * z))


energy.sample("random", z=complex_normal((40,)))


@case(z=given([1 + 0.25j, 0.5 - 0.5j]), growth=given([1.0, 1.5]), steps=3)
def rotation(xp, z, growth, *, steps):
    """Turn z by a quarter of its own angle and let it grow, again and again: complex (n,) and real (n,) to (n,)."""
    for _ in range(steps):
        quarter = xp.multiply(xp.angle(z), 0.25j)
        z = xp.multiply(growth, z) * xp.exp(quarter)
    return z


rotation.sample("random", z=complex_normal((12,), mean=3 + 0j, scale=0.5), growth=normal((12,), mean=1.0, scale=0.1))
