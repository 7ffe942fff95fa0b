"""Rows of linear algebra that solve, decompose or take functions of matrices.

What is not unique, such as the signs of eigenvectors and of the rows of R, is a framework's own choice: a case takes
what does not depend on it. So is the derivative by a matrix of which only one triangle is read: a case makes it
symmetric first.
"""

from __future__ import annotations

import functools
import math
from typing import Any

from harness.operations import costs
from harness.operations.operation import PRIMITIVE, Operation

__all__ = ["ROWS", "exponential"]

_STANDARD = "https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.{}.html"
_NUMPY = "https://numpy.org/doc/stable/reference/generated/numpy.{}.html"
_TORCH = "https://docs.pytorch.org/docs/stable/generated/torch.{}.html"
_JAX = "https://docs.jax.dev/en/latest/_autosummary/jax.{}.html"

_TERMS = 20


def exponential(np: Any, x: Any) -> Any:
    """Return the exponentials of matrices on floats, by scaling, the Taylor series and squaring.

    The norm is scaled to 1 or less, where twenty terms are enough for float64.
    """
    norm = float(np.max(np.sum(np.abs(x), axis=-1), initial=0.0))
    halvings = max(0, math.ceil(math.log2(norm))) if 0 < norm < math.inf else 0
    scaled = x * np.asarray(2.0**-halvings, dtype=x.dtype)
    found = term = np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)
    for number in range(1, _TERMS):
        term = term @ scaled / number
        found = found + term
    for _ in range(halvings):
        found = found @ found
    return found


def _solve_triangular(xp: Any, a: Any, b: Any, /, *, lower: bool = False) -> Any:
    length = a.shape[-1]
    rows: dict[int, Any] = {}
    for row in range(length) if lower else range(length - 1, -1, -1):
        right = b[..., row : row + 1, :]
        done = sorted(rows)
        if done:
            known = a[..., row : row + 1, done[0] : done[-1] + 1]
            right = right - xp.matmul(known, xp.concat([rows[number] for number in done], axis=-2))
        rows[row] = right / a[..., row : row + 1, row : row + 1]
    return xp.concat([rows[row] for row in range(length)], axis=-2)


def _inv(xp: Any, x: Any, /) -> Any:
    return xp.linalg.solve(x, xp.eye(x.shape[-1], dtype=x.dtype))


def _slogdet(xp: Any, x: Any, /) -> Any:
    found = xp.linalg.det(x)
    return xp.sign(found), xp.log(xp.abs(found))


def _logdet(xp: Any, x: Any, /) -> Any:
    return xp.linalg.slogdet(x)[1]


def _cholesky(xp: Any, x: Any, /) -> Any:
    """Column by column, from the lower triangle."""
    columns: list[Any] = []
    for number in range(x.shape[-1]):
        rest = x[..., number:, number]
        for done in columns:
            rest = rest - done[..., number:] * done[..., number : number + 1]
        corner = xp.sqrt(rest[..., :1])
        above = xp.zeros_like(x[..., :number, number])
        columns.append(xp.concat((above, corner, rest[..., 1:] / corner), axis=-1))
    return xp.stack(columns, axis=-1)


def _cholesky_program(xp: Any, x: Any, /) -> Any:
    """The derivative is L Φ(L⁻¹ Ȧ L⁻ᵀ), from the rounded L: cholesky_jvp in PyTorch's FunctionsManual.cpp.

    Φ takes the lower triangle and half of the diagonal. Source: https://arxiv.org/abs/1602.07527
    """
    factor = xp.constant(_cholesky(xp, x))
    # The result moves as its derivative says.
    factor = xp.stop_gradient(xp.with_value(factor, _cholesky_slope(xp, factor, x)))
    return xp.with_value(factor, _cholesky_slope(xp, factor, x))


def _cholesky_slope(xp: Any, factor: Any, x: Any) -> Any:
    symmetric = xp.tril(x) + xp.matrix_transpose(xp.tril(x, k=-1))
    half = xp.linalg.solve_triangular(factor, symmetric, lower=True)
    whole = xp.linalg.solve_triangular(factor, xp.matrix_transpose(half), lower=True)
    return xp.matmul(factor, xp.tril(whole, k=-1) + xp.triu(xp.tril(whole)) / 2)


def _cholesky_solve(xp: Any, factor: Any, b: Any, /) -> Any:
    half = xp.linalg.solve_triangular(factor, b, lower=True)
    return xp.linalg.solve_triangular(xp.matrix_transpose(factor), half, lower=False)


def _qr(xp: Any, x: Any, /) -> Any:
    """Gram-Schmidt, with positive numbers on the diagonal of R."""
    columns: list[Any] = []
    for number in range(x.shape[-1]):
        column = x[..., number]
        for done in columns:
            column = column - xp.expand_dims(xp.vecdot(done, column), axis=-1) * done
        columns.append(column / xp.linalg.vector_norm(column, axis=-1, keepdims=True))
    q = xp.stack(columns, axis=-1)
    return q, xp.triu(xp.matmul(xp.matrix_transpose(q), x))


def _householder(xp: Any, x: Any) -> Any:
    """Reflections, as in LAPACK's geqrf, which keep Q orthogonal: https://www.netlib.org/lapack/lug/node69.html."""
    rows, columns = x.shape[-2:]
    q, r = xp.eye(rows, dtype=x.dtype), x
    for number in range(min(columns, rows - 1)):
        column = r[..., number:, number]
        first, size = column[..., :1], xp.linalg.vector_norm(column, axis=-1, keepdims=True)
        below = xp.concat((first + xp.sign(first) * size, column[..., 1:]), axis=-1)
        whole = xp.concat((xp.zeros_like(x[..., :number, 0]), below), axis=-1)
        normal, turned = xp.expand_dims(whole, axis=-1), xp.expand_dims(whole, axis=-2)
        twice = 2 / xp.matmul(turned, normal)
        r = r - normal * (twice * xp.matmul(turned, r))
        q = q - xp.matmul(q, normal) * twice * turned
    signs = xp.sign(xp.linalg.diagonal(r))
    return q[..., :, :columns] * xp.expand_dims(signs, axis=-2), xp.expand_dims(signs, axis=-1) * xp.triu(
        r[..., :columns, :]
    )


def _qr_program(xp: Any, x: Any, /) -> Any:
    """The derivatives are Q̇ = Ẋ R⁻¹ - Q U and Ṙ = U R, from the rounded Q and R: linalg_qr_jvp in PyTorch's FunctionsManual.cpp.

    U is the upper triangle of C = Qᵀ Ẋ R⁻¹ and, above the diagonal, the transpose of its lower one.
    """
    q, r = (xp.constant(part) for part in _householder(xp, x))
    # The results move as their derivatives say.
    q, r = (xp.stop_gradient(xp.with_value(*pair)) for pair in zip((q, r), _qr_slope(xp, q, r, x), strict=True))
    return tuple(xp.with_value(*pair) for pair in zip((q, r), _qr_slope(xp, q, r, x), strict=True))


def _qr_slope(xp: Any, q: Any, r: Any, x: Any) -> Any:
    turned = xp.linalg.solve_triangular(xp.matrix_transpose(r), xp.matrix_transpose(x), lower=True)
    right = xp.matrix_transpose(turned)
    c = xp.matmul(xp.matrix_transpose(q), right)
    upper = xp.triu(c) + xp.matrix_transpose(xp.tril(c, k=-1))
    return right - xp.matmul(q, upper), xp.matmul(upper, r)


def _eigvalsh(xp: Any, x: Any, /) -> Any:
    return xp.linalg.eigh(x)[0]


def _svd(xp: Any, x: Any, /, *, full_matrices: bool = True) -> Any:
    """From the eigenvectors of [[0, A], [Aᵀ, 0]], whose largest eigenvalues are the singular values.

    That is as accurate as A itself, where AᵀA is not: Golub and Van Loan, "Matrix Computations", 8.6.1.
    """
    rows, columns = x.shape[-2:]
    if full_matrices and rows != columns:
        raise ValueError(
            f"linalg.svd: full_matrices=True of the shape {tuple(x.shape)}, expected full_matrices=False where a matrix "
            "is not square: the vectors beyond the singular values are not determined."
        )
    if rows < columns:
        u, s, vh = _svd(xp, xp.matrix_transpose(x), full_matrices=full_matrices)
        return xp.matrix_transpose(vh), s, xp.matrix_transpose(u)
    if rows > columns:
        q, r = _qr(xp, x)
        u, s, vh = _svd(xp, r, full_matrices=full_matrices)
        return xp.matmul(q, u), s, vh
    values, vectors = xp.linalg.eigh(_doubled(xp, x))
    # No double is √2.
    half = xp.flip(vectors[..., :, rows:], axis=-1) * xp.sqrt(xp.full_like(vectors[..., :1, :1], 2.0))
    return half[..., :rows, :], xp.flip(values[..., rows:], axis=-1), xp.matrix_transpose(half[..., rows:, :])


def _doubled(xp: Any, x: Any) -> Any:
    nothing, turned = xp.zeros_like(x), xp.matrix_transpose(x)
    return xp.concat((xp.concat((nothing, x), axis=-1), xp.concat((turned, nothing), axis=-1)), axis=-2)


def _svdvals(xp: Any, x: Any, /) -> Any:
    return _svd(xp, x, full_matrices=False)[1]


def _pinv(xp: Any, x: Any, /) -> Any:
    """For matrices of full rank."""
    u, s, vh = _svd(xp, x, full_matrices=False)
    return xp.matmul(xp.matrix_transpose(vh) / xp.expand_dims(s, axis=-2), xp.matrix_transpose(u))


def _lstsq(xp: Any, a: Any, b: Any, /) -> Any:
    return xp.matmul(_pinv(xp, a), b)


def _normal_equations(xp: Any, a: Any, b: Any, /) -> Any:
    """tf.linalg.lstsq(fast=True), its default, solves AᵀA X = AᵀB: https://www.tensorflow.org/api_docs/python/tf/linalg/lstsq."""
    turned = xp.matrix_transpose(a)
    return xp.linalg.solve(xp.matmul(turned, a), xp.matmul(turned, b))


def _matrix_power(xp: Any, x: Any, n: int, /) -> Any:
    if len(x.shape) < 2 or x.shape[-2] != x.shape[-1]:
        raise ValueError(f"linalg.matrix_power expected square matrices, got the shape {tuple(x.shape)}.")
    if n < 0:
        x, n = xp.linalg.inv(x), -n
    found = None
    while n:
        if n % 2:
            found = x if found is None else xp.matmul(found, x)
        n //= 2
        x = xp.matmul(x, x) if n else x
    return xp.broadcast_to(xp.eye(x.shape[-1], dtype=x.dtype), x.shape) if found is None else found


def _matrix_norm(xp: Any, x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:  # noqa: A002 - the standard's name
    if ord == "fro":
        return xp.linalg.vector_norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in (2, -2, "nuc"):
        values = xp.linalg.svdvals(x)
        found = xp.sum(values, axis=-1) if ord == "nuc" else values[..., 0 if ord == 2 else -1]
    else:
        sums = xp.sum(xp.abs(x), axis=-2 if abs(ord) == 1 else -1)
        found = xp.max(sums, axis=-1) if ord > 0 else xp.min(sums, axis=-1)
    return xp.expand_dims(xp.expand_dims(found, axis=-1), axis=-1) if keepdims else found


def _cond(xp: Any, x: Any, /) -> Any:
    values = xp.linalg.svdvals(x)
    return values[..., 0] / values[..., -1]


def _kron(xp: Any, a: Any, b: Any, /) -> Any:
    product = a[:, None, :, None] * b[None, :, None, :]
    return xp.reshape(product, (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]))


def _cross(xp: Any, a: Any, b: Any, /, *, axis: int = -1) -> Any:
    def turned(x: Any, steps: int) -> Any:
        return xp.take(x, [steps, (steps + 1) % 3, (steps + 2) % 3], axis=axis)

    return turned(a, 1) * turned(b, 2) - turned(a, 2) * turned(b, 1)


def _multi_dot(xp: Any, arrays: Any, /) -> Any:
    return functools.reduce(xp.matmul, arrays)


def _vander(xp: Any, x: Any, n: int, /) -> Any:
    columns = [xp.ones_like(x)]
    for _ in range(n - 1):
        columns.append(columns[-1] * x)
    return xp.stack(columns, axis=-1)


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    """Make a row of the standard's."""
    return Operation(name, summary, meaning, accuracy=1, source=_STANDARD.format(name), **keywords)


def _shared(name: str, summary: str, meaning: Any, source: str, **keywords: Any) -> Operation:
    return Operation(name, summary, meaning, accuracy=1, source=source, **keywords)


ROWS = (
    _row("linalg.solve", "X with A X = B", PRIMITIVE, cost=costs.elimination),
    _row("linalg.inv", "the inverse", _inv, cost=costs.inverse),
    _row("linalg.det", "the determinant", PRIMITIVE, cost=costs.determinant),
    _row(
        "linalg.slogdet", "the sign of the determinant, and the logarithm of its size", _slogdet, cost=costs.determinant
    ),
    _row(
        "linalg.cholesky",
        "lower triangular L with L Lᵀ = A, of which the lower triangle is read",
        _cholesky,
        cost=costs.cholesky,
        program=_cholesky_program,
    ),
    _row(
        "linalg.qr",
        "Q with orthonormal columns and upper triangular R with Q R = A",
        _qr,
        cost=costs.orthogonal,
        program=_qr_program,
    ),
    _row(
        "linalg.eigh",
        "eigenvalues of symmetric matrices, ascending, and eigenvectors",
        PRIMITIVE,
        cost=costs.symmetric(vectors=True),
    ),
    _row(
        "linalg.eigvalsh",
        "eigenvalues of symmetric matrices, ascending",
        _eigvalsh,
        cost=costs.symmetric(vectors=False),
    ),
    _row(
        "linalg.svd",
        "U, s and Vᵀ with U diag(s) Vᵀ = A and orthonormal columns in U and V, as few as s has elements",
        _svd,
        cost=costs.singular(vectors=True),
    ),
    _row("linalg.svdvals", "singular values, descending", _svdvals, cost=costs.singular(vectors=False)),
    _row("linalg.pinv", "the pseudoinverse V diag(1/s) Uᵀ, of matrices of full rank", _pinv, cost=costs.pseudoinverse),
    _row("linalg.matrix_power", "the product of n matrices A, or of inverses", _matrix_power),
    _row(
        "linalg.matrix_norm",
        "the norm of matrices: Frobenius, nuclear, of sums of rows (inf) or columns (1), or spectral (2)",
        _matrix_norm,
    ),
    _row("linalg.cross", "the cross product of vectors of space", _cross),
    _shared(
        "linalg.solve_triangular",
        "X with A X = B, where only the upper, or lower, triangle of A is read",
        _solve_triangular,
        _TORCH.format("linalg.solve_triangular"),
        cost=costs.triangular,
    ),
    _shared(
        "linalg.cholesky_solve",
        "X with L Lᵀ X = B, for lower triangular L",
        _cholesky_solve,
        _TORCH.format("cholesky_solve"),
    ),
    _shared(
        "linalg.logdet",
        "the logarithm of the determinant of positive definite matrices",
        _logdet,
        _TORCH.format("logdet"),
        cost=costs.determinant,
    ),
    _shared(
        "linalg.lstsq",
        "X that makes the sum of squares of A X - B least, for A of full rank with no fewer rows than columns",
        _lstsq,
        _NUMPY.format("linalg.lstsq"),
        cost=costs.least_squares,
        others=(_normal_equations,),
    ),
    _shared("linalg.cond", "the largest singular value over the smallest", _cond, _NUMPY.format("linalg.cond")),
    _shared(
        "linalg.multi_dot",
        "the product of matrices, in whatever order is cheapest",
        _multi_dot,
        _NUMPY.format("linalg.multi_dot"),
        cost=costs.multi_dot,
    ),
    _shared("linalg.vander", "the powers 0 to n - 1 of each element, as rows", _vander, _TORCH.format("linalg.vander")),
    _shared("linalg.expm", "the exponential of matrices, Σ Aⁿ / n!", PRIMITIVE, _JAX.format("scipy.linalg.expm")),
    _shared("kron", "every element of one matrix times the other matrix", _kron, _NUMPY.format("kron")),
)
