"""What TensorFlow calls the operations: what makes, moves, orders and counts elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


def _bincount(tf: Any, numbers: Any, weights: Any = None, /, *, length: int) -> Any:
    if weights is None:
        return tf.math.bincount(numbers, minlength=length, maxlength=length, dtype=tf.int64)
    return tf.math.bincount(numbers, weights, minlength=length, maxlength=length)


def _top_k(tf: Any, x: Any, k: int, /) -> Any:
    values, indices = tf.math.top_k(x, k)
    return values, tf.cast(indices, tf.int64)


_DEFINED = (
    "ldexp",
    "diff",
    "trapezoid",
    "histogram",
    "interp",
    "quantile",
    "median",
    "average",
    "cov",
    "corrcoef",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    "angle": "math.angle",
    "pad": lambda tf, x, widths, *, value=0.0: tf.pad(x, widths, constant_values=tf.cast(value, x.dtype)),
    "rot90": lambda tf, x, k=1, /, axes=(0, 1): tf.experimental.numpy.rot90(x, k, axes),
    "diag": "linalg.diag",
    "scatter_add": lambda tf, x, indices, updates: tf.tensor_scatter_nd_add(x, indices[:, None], updates),
    "scatter_max": lambda tf, x, indices, updates: tf.tensor_scatter_nd_max(x, indices[:, None], updates),
    "segment_sum": lambda tf, x, segments, number: tf.math.unsorted_segment_sum(x, segments, number),
    "bincount": _bincount,
    "top_k": _top_k,
}
