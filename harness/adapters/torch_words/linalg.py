"""What PyTorch calls the operations: linear algebra."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


WORDS: dict[str, Column] = {
    "einsum": "einsum",
    "linalg.diagonal": lambda torch, x, *, offset=0: torch.diagonal(x, offset, -2, -1),
    "linalg.outer": "outer",
    "linalg.trace": lambda torch, x, *, offset=0: torch.diagonal(x, offset, -2, -1).sum(-1),
    "linalg.vector_norm": lambda torch, x, *, axis=None, keepdims=False, ord=2: torch.linalg.vector_norm(  # noqa: A006 - the standard's name
        x, ord, axis, keepdims
    ),
    "linalg.slogdet": lambda torch, x: tuple(torch.linalg.slogdet(x)),
    "linalg.solve_triangular": lambda torch, a, b, *, lower=False: torch.linalg.solve_triangular(a, b, upper=not lower),
    "linalg.cholesky_solve": lambda torch, factor, b: torch.cholesky_solve(b, factor),
    "linalg.logdet": "logdet",
    "linalg.lstsq": lambda torch, a, b: torch.linalg.lstsq(a, b).solution,
    "linalg.cond": "linalg.cond",
    "linalg.multi_dot": "linalg.multi_dot",
    "linalg.vander": lambda torch, x, n: torch.linalg.vander(x, N=n),
    "linalg.expm": "linalg.matrix_exp",
    "kron": "kron",
}
