"""Eigenvalues, singular values, and what depends on them alone. Signs of vectors cancel in every result."""

from harness import case, given, normal


def _symmetric(xp, x):
    return (x + xp.matrix_transpose(x)) / 2


@case(x=given([[2.0, 1.0], [1.0, 4.0]]))
def eigenvalues(xp, x):
    """Eigenvalues of the symmetric part of X, ascending: (n, n) to (n,). Here they are 3 ± √2."""
    return xp.linalg.eigvalsh(_symmetric(xp, x))


eigenvalues.sample("random", x=normal((4, 4)))


@case(x=given([[2.0, 1.0], [1.0, 4.0]]))
def matrix_function(xp, x):
    """V sin(Λ) Vᵀ, the sine of the symmetric part of X: (n, n) to (n, n). Signs of eigenvectors cancel."""
    values, vectors = xp.linalg.eigh(_symmetric(xp, x))
    return xp.matmul(vectors * xp.sin(values), xp.matrix_transpose(vectors))


matrix_function.sample("random", x=normal((4, 4)))


@case(x=given([[3.0, 0.0], [4.0, 5.0]]))
def singular_values(xp, x):
    """Singular values, descending: (m, n) to (min(m, n),). Here they are 3√5 and √5."""
    return xp.linalg.svdvals(x)


singular_values.sample("random", x=normal((4, 4)))


@case(x=given([[3.0, 0.0], [4.0, 5.0]]))
def shrunk_singular_values(xp, x):
    """U diag(ln(1 + s)) Vᵀ: (n, n) to (n, n). Signs of singular vectors cancel."""
    u, s, vh = xp.linalg.svd(x, full_matrices=False)
    return xp.matmul(u * xp.log1p(s), vh)


shrunk_singular_values.sample("random", x=normal((4, 4)))


@case(x=given([[3.0, 0.0], [4.0, 5.0]]))
def condition(xp, x):
    """The largest singular value over the smallest: (n, n) to (). Here it is 3."""
    return xp.linalg.cond(x)


condition.sample("random", x=normal((4, 4)))


@case(x=given([[3.0, 0.0], [4.0, 5.0]]))
def norms_of_matrices(xp, x):
    """Frobenius norm, largest sum of a row's sizes, and of a column's: (m, n) to three scalars. Here √50, 9 and 7."""
    return xp.linalg.matrix_norm(x), xp.linalg.matrix_norm(x, ord=xp.inf), xp.linalg.matrix_norm(x, ord=1)


norms_of_matrices.sample("random", x=normal((3, 5)))


@case(x=given([[3.0, 0.0], [4.0, 5.0]]))
def norms_of_singular_values(xp, x):
    """Spectral and nuclear norm, the largest and the sum of singular values: (m, n) to two scalars. Here 3√5 and 4√5."""
    return xp.linalg.matrix_norm(x, ord=2), xp.linalg.matrix_norm(x, ord="nuc")


norms_of_singular_values.sample("random", x=normal((4, 4)))


@case(x=given([[3.0, 0.0], [4.0, 5.0]]))
def factors_by_qr(xp, x):
    """Q with the signs of R's diagonal, and R with the same: (m, n) to (m, n) and (n, n). Q R = X, and R's diagonal is positive.

    Here R is [[5, 4], [0, 3]].
    """
    q, r = xp.linalg.qr(x)
    signs = xp.sign(xp.linalg.diagonal(r))
    return q * signs, xp.triu(signs[:, None] * r)


factors_by_qr.sample("tall", x=normal((5, 3)))
factors_by_qr.sample("random", x=normal((4, 4)))


@case(x=given([[0.0, 1.0], [-1.0, 0.0]]))
def matrix_exponential(xp, x):
    """Σ Xⁿ / n!: (n, n) to (n, n). Of a generator of turns it is a turn: [[cos 1, sin 1], [-sin 1, cos 1]]."""
    return xp.linalg.expm(x)


matrix_exponential.sample("random", x=normal((4, 4), scale=0.5))
matrix_exponential.sample("larger", x=normal((4, 4)))
