"""What JAX calls the operations: linear algebra."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


_DEFINED = ("linalg.logdet",)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    "einsum": "numpy.einsum",
    "linalg.diagonal": "numpy.linalg.diagonal",
    "linalg.outer": "numpy.outer",
    "linalg.trace": lambda jax, x, *, offset=0: jax.numpy.trace(x, offset, -2, -1),
    "linalg.vector_norm": "numpy.linalg.vector_norm",
    "linalg.solve": "numpy.linalg.solve",
    "linalg.inv": "numpy.linalg.inv",
    "linalg.det": "numpy.linalg.det",
    "linalg.slogdet": lambda jax, x: tuple(jax.numpy.linalg.slogdet(x)),
    "linalg.cholesky": "numpy.linalg.cholesky",
    "linalg.qr": "numpy.linalg.qr",
    "linalg.eigh": "numpy.linalg.eigh",
    "linalg.eigvalsh": "numpy.linalg.eigvalsh",
    "linalg.svd": "numpy.linalg.svd",
    "linalg.svdvals": "numpy.linalg.svdvals",
    "linalg.pinv": "numpy.linalg.pinv",
    "linalg.matrix_power": "numpy.linalg.matrix_power",
    "linalg.matrix_norm": "numpy.linalg.matrix_norm",
    "linalg.cross": "numpy.linalg.cross",
    "linalg.solve_triangular": lambda jax, a, b, *, lower=False: jax.scipy.linalg.solve_triangular(a, b, lower=lower),
    "linalg.cholesky_solve": lambda jax, factor, b: jax.scipy.linalg.cho_solve((factor, True), b),
    "linalg.lstsq": lambda jax, a, b: jax.numpy.linalg.lstsq(a, b)[0],
    "linalg.cond": "numpy.linalg.cond",
    "linalg.multi_dot": "numpy.linalg.multi_dot",
    "linalg.vander": lambda jax, x, n: jax.numpy.vander(x, n, increasing=True),
    "linalg.expm": "scipy.linalg.expm",
    "kron": "numpy.kron",
}
