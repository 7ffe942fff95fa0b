"""What TensorFlow calls the operations: linear algebra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


def _svd(tf: Any, x: Any, /, *, full_matrices: bool = True) -> Any:
    s, u, v = tf.linalg.svd(x, full_matrices=full_matrices)
    return u, s, tf.linalg.matrix_transpose(v)


def _matrix_norm(tf: Any, x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:  # noqa: A002 - the standard's name
    if ord == "nuc" or (ord != "fro" and ord < 0):
        if ord == "nuc":
            found = tf.reduce_sum(tf.linalg.svd(x, compute_uv=False), axis=-1)
        elif ord == -2:
            found = tf.reduce_min(tf.linalg.svd(x, compute_uv=False), axis=-1)
        else:
            found = tf.reduce_min(tf.reduce_sum(tf.abs(x), axis=-2 if ord == -1 else -1), axis=-1)
        return found[..., None, None] if keepdims else found
    return tf.norm(x, ord="euclidean" if ord == "fro" else ord, axis=(-2, -1), keepdims=keepdims)


_DEFINED = (
    "linalg.matrix_power",
    "linalg.cond",
    "linalg.multi_dot",
    "linalg.vander",
    "kron",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    "einsum": "einsum",
    "linalg.inv": "linalg.inv",
    "linalg.det": "linalg.det",
    "linalg.slogdet": lambda tf, x: tuple(tf.linalg.slogdet(x)),
    "linalg.cholesky": "linalg.cholesky",
    "linalg.qr": lambda tf, x: tuple(tf.linalg.qr(x)),
    "linalg.eigh": "linalg.eigh",
    "linalg.eigvalsh": "linalg.eigvalsh",
    "linalg.svd": _svd,
    "linalg.svdvals": lambda tf, x: tf.linalg.svd(x, compute_uv=False),
    "linalg.pinv": "linalg.pinv",
    "linalg.matrix_norm": _matrix_norm,
    "linalg.solve_triangular": lambda tf, a, b, *, lower=False: tf.linalg.triangular_solve(a, b, lower=lower),
    "linalg.cholesky_solve": "linalg.cholesky_solve",
    "linalg.logdet": "linalg.logdet",
    "linalg.lstsq": "linalg.lstsq",
    "linalg.expm": "linalg.expm",
}
