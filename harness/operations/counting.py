"""Rows that count what falls into bins, and look up between points."""

from __future__ import annotations

from typing import Any

from harness.operations.operation import Operation

__all__ = ["ROWS"]

_NUMPY = "https://numpy.org/doc/stable/reference/generated/numpy.{}.html"


def _bincount(xp: Any, numbers: Any, weights: Any = None, /, *, length: int) -> Any:
    found = numbers[None, :] == xp.arange(length)[:, None]
    if weights is None:
        return xp.sum(xp.astype(found, xp.int64), axis=1)
    return xp.matmul(xp.astype(found, weights.dtype), weights)


def _histogram(xp: Any, x: Any, edges: Any, /) -> Any:
    # The last bin holds its upper edge too, the others do not.
    x, low, high = xp.reshape(x, (-1, 1)), edges[:-1], edges[1:]
    inside = xp.logical_and(x >= low, xp.logical_or(x < high, xp.logical_and(x == edges[-1], high == edges[-1])))
    return xp.sum(xp.astype(inside, xp.int64), axis=0)


def _interp(xp: Any, x: Any, points: Any, values: Any, /) -> Any:
    flat = xp.clip(xp.reshape(x, (-1,)), points[0], points[-1])
    places = xp.searchsorted(points, flat, side="right") - 1
    places = xp.clip(places, 0, points.shape[0] - 2)
    low, high, start, end = (xp.take(array, places + step, axis=0) for array in (points, values) for step in (0, 1))
    return xp.reshape(start + (flat - low) / (high - low) * (end - start), x.shape)


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    return Operation(name, summary, meaning, source=_NUMPY.format(name), **keywords)


ROWS = (
    _row(
        "bincount",
        "how often each whole number from 0 to below the length comes, or the sum of weights that come with it",
        _bincount,
        accuracy=1,
    ),
    _row(
        "histogram",
        "how many elements lie in each bin between edges, the last of which belongs to the last bin",
        _histogram,
    ),
    _row(
        "interp",
        "what is linear between points has at x, and what it has at the nearer end where x lies outside",
        _interp,
    ),
)
