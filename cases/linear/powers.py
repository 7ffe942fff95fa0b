"""Products of many matrices, and products of vectors that are no matrix products."""

from harness import case, given, normal


@case(x=given([[1.0, 1.0], [0.0, 1.0]]))
def powers_of_matrices(xp, x):
    """X³ and X⁻¹: (n, n) to twice (n, n). For [[1, 1], [0, 1]] they are [[1, 3], [0, 1]] and [[1, -1], [0, 1]]."""
    return xp.linalg.matrix_power(x, 3), xp.linalg.matrix_power(x, -1)


powers_of_matrices.sample("random", x=normal((4, 4)))


@case(a=given([[1.0, 2.0]]), b=given([[1.0, 0.5], [0.0, 1.0]]), c=given([[2.0], [4.0]]))
def chain(xp, a, b, c):
    """A B C in whatever order: (k, l), (l, m), (m, n) to (k, n). Here it is [[12]]."""
    return xp.linalg.multi_dot([a, b, c])


chain.sample("random", a=normal((3, 5)), b=normal((5, 3)), c=normal((3, 5)))


@case(a=given([[1.0, 2.0]]), b=given([[1.0, 0.5], [0.0, 1.0]]))
def kronecker(xp, a, b):
    """Each element of A times B: (k, l) and (m, n) to (km, ln). Here it is [[1, 0.5, 2, 1], [0, 1, 0, 2]]."""
    return xp.kron(a, b)


kronecker.sample("random", a=normal((3, 5)), b=normal((2, 2)))


@case(a=given([1.0, 0.0, 0.0]), b=given([0.0, 1.0, 0.5]))
def cross_of_vectors(xp, a, b):
    """The cross product: (…, 3) and (…, 3) to (…, 3). Here it is [0, -0.5, 1]."""
    return xp.linalg.cross(a, b)


cross_of_vectors.sample("many", a=normal((5, 3)), b=normal((5, 3)))


@case(x=given([1.0, 2.0, 0.5]), weights=given([1.0, -1.0, 2.0]))
def polynomial(xp, x, weights):
    """Σ wⱼ xʲ by the Vandermonde matrix: (n,) and (k,) to (n,). For 2 and [1, -1, 2] it is 7."""
    return xp.matmul(xp.linalg.vander(x, 3), weights)


polynomial.sample("random", x=normal((5,)), weights=normal((3,)))
