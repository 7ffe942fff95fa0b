"""What JAX calls the operations: what makes, moves, orders and counts elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


def _bincount(jax: Any, numbers: Any, weights: Any = None, /, *, length: int) -> Any:
    found = jax.numpy.bincount(numbers, weights, length=length)
    return found.astype("int64") if weights is None else found


def _top_k(jax: Any, x: Any, k: int, /) -> Any:
    values, indices = jax.lax.top_k(x, k)
    return values, indices.astype("int64")


WORDS: dict[str, Column] = {
    "angle": "numpy.angle",
    "pad": lambda jax, x, widths, *, value=0.0: jax.numpy.pad(x, widths, constant_values=value),
    "rot90": lambda jax, x, k=1, /, axes=(0, 1): jax.numpy.rot90(x, k, axes),
    "diag": "numpy.diag",
    "trapezoid": lambda jax, y, *, dx=1.0, axis=-1: jax.numpy.trapezoid(y, dx=dx, axis=axis),
    "scatter_add": lambda jax, x, indices, updates: x.at[indices].add(updates),
    "scatter_max": lambda jax, x, indices, updates: x.at[indices].max(updates),
    "segment_sum": lambda jax, x, segments, number: jax.ops.segment_sum(x, segments, number),
    "bincount": _bincount,
    "histogram": lambda jax, x, edges: jax.numpy.histogram(x, edges)[0].astype("int64"),
    "interp": "numpy.interp",
    "top_k": _top_k,
    "quantile": "numpy.quantile",
    "median": "numpy.median",
    "average": lambda jax, x, weights, *, axis=None: jax.numpy.average(x, axis, weights),
    "cov": "numpy.cov",
    "corrcoef": "numpy.corrcoef",
}
