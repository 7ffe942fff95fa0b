"""Small systems and decompositions, said with products and slices."""

from harness import case, given, normal, uniform


@case(a=given([[3.0, 1.0], [1.0, 2.0]]), b=given([9.0, 8.0]))
def cramer(xp, a, b):
    """Solution of a 2 × 2 system by Cramer's rule: (2, 2) and (2,) to (2,). Here it is [2, 3]."""
    determinant = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]
    first = b[0] * a[1, 1] - a[0, 1] * b[1]
    second = a[0, 0] * b[1] - b[0] * a[1, 0]
    return xp.stack((first, second), axis=0) / determinant


cramer.sample("random", a=uniform((2, 2), 0.5, 2.0), b=normal((2,)))


@case(a=given([1.0, 0.0, 0.0]), b=given([0.0, 1.0, 0.5]))
def cross_product(xp, a, b):
    """The cross product of vectors of space: (…, 3) and (…, 3) to (…, 3). Here it is [0, -0.5, 1]."""
    a_next, a_last = xp.roll(a, -1, axis=-1), xp.roll(a, -2, axis=-1)
    b_next, b_last = xp.roll(b, -1, axis=-1), xp.roll(b, -2, axis=-1)
    return a_next * b_last - a_last * b_next


cross_product.sample("many", a=normal((9, 3)), b=normal((9, 3)))


@case(x=given([[4.0, 2.0], [2.0, 5.0]]))
def cholesky_by_hand(xp, x):
    """Lower triangular L with L Lᵀ = X for a positive 2 × 2 matrix, of which the lower triangle is read.

    For [[4, 2], [2, 5]] it is [[2, 0], [1, 2]].
    """
    corner = xp.sqrt(x[0, 0])
    side = x[1, 0] / corner
    last = xp.sqrt(x[1, 1] - side * side)
    zero = xp.zeros_like(corner)
    return xp.stack((xp.stack((corner, zero), axis=0), xp.stack((side, last), axis=0)), axis=0)


cholesky_by_hand.sample("other", x=given([[3.5, 0.0], [-0.75, 2.25]]))


@case(a=given([[2.0, 1.0], [1.0, 3.0]]), start=given([1.0, 0.5]), steps=4)
def power_iteration(xp, a, start, *, steps):
    """Rayleigh quotient after a few steps x ← A x / |A x|: (n, n) and (n,) to a scalar, near the largest eigenvalue.

    For [[2, 1], [1, 3]] that is 3.618.
    """
    x = start
    for _ in range(steps):
        x = xp.matmul(a, x)
        x = x / xp.linalg.vector_norm(x)
    return xp.vecdot(x, xp.matmul(a, x))


power_iteration.sample("random", a=uniform((8, 8), 0.1, 1.0), start=uniform((8,), 0.5, 1.5))


@case(x=given([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]))
def gram_schmidt(xp, x):
    """Rows made orthonormal, first to last: (m, n) to (m, n), m ≤ n."""
    rows = []
    for index in range(x.shape[0]):
        row = x[index, :]
        for done in rows:
            row = row - xp.vecdot(done, row) * done
        rows.append(row / xp.linalg.vector_norm(row))
    return xp.stack(rows, axis=0)


gram_schmidt.sample("random", x=normal((4, 10)))
