"""Systems of equations, inverses, determinants and triangular factors."""

from harness import case, given, normal, uniform


@case(a=given([[3.0, 1.0], [1.0, 2.0]]), b=given([9.0, 8.0]))
def system(xp, a, b):
    """x with A x = b: (n, n) and (n,) to (n,). Here it is [2, 3]. The gradients are A⁻ᵀ g and -(A⁻ᵀ g) xᵀ."""
    return xp.linalg.solve(a, b)


system.sample("random", a=normal((4, 4)), b=normal((4,)))


@case(a=given([[0.0, 2.0], [1.0, 1.0]]), b=given([[4.0, 2.0], [3.0, 0.0]]))
def systems(xp, a, b):
    """X with A X = B, where the first pivot is 0: (…, n, n) and (…, n, k) to (…, n, k). Here it is [[1, -1], [2, 1]]."""
    return xp.linalg.solve(a, b)


systems.sample("batch", a=normal((2, 3, 3)), b=normal((2, 3, 4)))


@case(a=given([[2.0, 1.0], [1.0, 1.0]]))
def inverse(xp, a):
    """A⁻¹: (n, n) to (n, n). For [[2, 1], [1, 1]] it is [[1, -1], [-1, 2]]; the gradient is -A⁻ᵀ G A⁻ᵀ."""
    return xp.linalg.inv(a)


inverse.sample("random", a=normal((4, 4)))


@case(a=given([[1.0, 2.0], [3.0, 4.0]]))
def determinant(xp, a):
    """det A: (…, n, n) to (…). For [[1, 2], [3, 4]] it is -2; the gradient is det(A) A⁻ᵀ."""
    return xp.linalg.det(a)


determinant.sample("batch", a=normal((2, 3, 3)))


@case(a=given([[1.0, 2.0], [3.0, 4.0]]))
def logarithm_of_determinant(xp, a):
    """Sign of det A and ln |det A|: (n, n) to twice (). Here they are -1 and ln 2; the gradient of the latter is A⁻ᵀ."""
    sign, size = xp.linalg.slogdet(a)
    return sign, size


logarithm_of_determinant.sample("random", a=normal((4, 4)))


@case(x=given([[1.0, 0.5], [0.0, 2.0]]))
def logarithm_of_gram_determinant(xp, x):
    """ln det(X Xᵀ + I): (n, m) to (). Its gradient is 2 (X Xᵀ + I)⁻¹ X."""
    return xp.linalg.logdet(xp.matmul(x, xp.matrix_transpose(x)) + xp.eye(x.shape[0], dtype=x.dtype))


logarithm_of_gram_determinant.sample("random", x=normal((4, 4)))


@case(x=given([[1.0, 0.5], [0.0, 2.0]]))
def cholesky_factor(xp, x):
    """Lower triangular L with L Lᵀ = X Xᵀ + I: (n, m) to (n, n). The matrix is symmetric, whichever half is read."""
    return xp.linalg.cholesky(xp.matmul(x, xp.matrix_transpose(x)) + xp.eye(x.shape[0], dtype=x.dtype))


cholesky_factor.sample("random", x=normal((4, 4)))


@case(x=given([[1.0, 0.5], [0.0, 2.0]]), b=given([[1.0], [2.0]]))
def solved_by_cholesky(xp, x, b):
    """(X Xᵀ + I)⁻¹ B by way of the Cholesky factor: (n, m) and (n, k) to (n, k)."""
    factor = xp.linalg.cholesky(xp.matmul(x, xp.matrix_transpose(x)) + xp.eye(x.shape[0], dtype=x.dtype))
    return xp.linalg.cholesky_solve(factor, b)


solved_by_cholesky.sample("random", x=normal((4, 4)), b=normal((4, 2)))


@case(a=given([[2.0, 1.0], [5.0, 4.0]]), b=given([[4.0], [8.0]]))
def upper_triangle(xp, a, b):
    """X with triu(A) X = B: (n, n) and (n, k) to (n, k). Here it is [1, 2]; what is below the diagonal is not read."""
    return xp.linalg.solve_triangular(a, b)


upper_triangle.sample("random", a=uniform((4, 4), 0.5, 2.0), b=normal((4, 2)))


@case(a=given([[2.0, 1.0], [5.0, 4.0]]), b=given([[4.0], [8.0]]))
def lower_triangle(xp, a, b):
    """X with tril(A) X = B: (n, n) and (n, k) to (n, k). Here it is [2, -0.5]."""
    return xp.linalg.solve_triangular(a, b, lower=True)


lower_triangle.sample("random", a=uniform((4, 4), 0.5, 2.0), b=normal((4, 2)))


@case(a=given([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]), b=given([[1.0], [2.0], [4.0]]))
def line_of_best_fit(xp, a, b):
    """X that makes |A X - B|² least: (m, n) and (m, k) to (n, k). Here it is [5/6, 3/2]."""
    return xp.linalg.lstsq(a, b)


line_of_best_fit.sample("random", a=normal((5, 3)), b=normal((5, 2)))


@case(a=given([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]]))
def pseudoinverse(xp, a):
    """(AᵀA)⁻¹Aᵀ, of a matrix of full rank: (m, n) to (n, m)."""
    return xp.linalg.pinv(a)


pseudoinverse.sample("random", a=normal((5, 3)))
