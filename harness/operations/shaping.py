"""Rows that move elements without changing them, and rows that make arrays. All are exact."""

from __future__ import annotations

from typing import Any

from harness.operations.costs import MOVING, PICKING, VIEW
from harness.operations.operation import PRIMITIVE, Operation

__all__ = ["ROWS"]

_STANDARD = "https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.{}.html"


def _exact(name: str, summary: str, meaning: Any = PRIMITIVE, **keywords: Any) -> Operation:
    keywords.setdefault("cost", MOVING)
    return Operation(name, summary, meaning, accuracy=0, source=_STANDARD.format(name), **keywords)


def _made(name: str, summary: str) -> Operation:
    return _exact(name, summary)


def _matrix_transpose(xp: Any, x: Any, /) -> Any:
    last = len(x.shape)
    return xp.permute_dims(x, (*range(last - 2), last - 1, last - 2))


def _stack(xp: Any, arrays: Any, /, *, axis: int = 0) -> Any:
    return xp.concat([xp.expand_dims(array, axis=axis) for array in arrays], axis=axis)


def _roll(xp: Any, x: Any, /, shift: Any, *, axis: Any = None) -> Any:
    if axis is None:
        return xp.reshape(xp.roll(xp.reshape(x, (-1,)), shift, axis=0), x.shape)
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    for steps, number in zip((shift,) * len(axes) if isinstance(shift, int) else shift, axes, strict=True):
        size = x.shape[number]
        indices = [(index - steps) % size for index in range(size)]
        x = xp.take(x, indices, axis=number)
    return x


ROWS = (
    _exact("reshape", "the same elements in another shape, in C order", cost=VIEW),
    _exact("permute_dims", "the axes in another order", cost=VIEW),
    _exact("matrix_transpose", "the last two axes swapped", _matrix_transpose, cost=VIEW),
    _exact("moveaxis", "an axis moved to another place", cost=VIEW),
    _exact("expand_dims", "an axis of length 1 inserted", cost=VIEW),
    _exact("squeeze", "axes of length 1 removed", cost=VIEW),
    _exact("broadcast_to", "the array repeated to a shape", cost=VIEW),
    _exact("concat", "arrays joined along an axis"),
    _exact("stack", "arrays joined along a new axis", _stack),
    _exact("flip", "the order along axes reversed"),
    _exact("roll", "elements shifted along axes, around the end", _roll),
    _exact("take", "elements at indices along an axis", cost=PICKING),
    _exact("tril", "the lower triangle of matrices"),
    _exact("triu", "the upper triangle of matrices"),
    _exact("astype", "the same numbers in another dtype"),
    _made("asarray", "an array of numbers"),
    _made("zeros", "an array of zeros"),
    _made("ones", "an array of ones"),
    _made("full", "an array of one number"),
    _made("zeros_like", "zeros in the shape and dtype of another array"),
    _made("ones_like", "ones in the shape and dtype of another array"),
    _made("full_like", "one number in the shape and dtype of another array"),
    _made("arange", "evenly spaced numbers by step"),
    _made("linspace", "evenly spaced numbers by count"),
    _made("eye", "the identity matrix, or one of its diagonals"),
)
