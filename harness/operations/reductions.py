"""Rows that reduce or accumulate along axes. All follow the Array API standard's `axis` and `keepdims`."""

from __future__ import annotations

import math
from typing import Any

from harness.operations.costs import reduction
from harness.operations.operation import PRIMITIVE, Operation

__all__ = ["ROWS", "count", "normalize_axes"]

_STANDARD = "https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.{}.html"

Axis = int | tuple[int, ...] | None


def normalize_axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """Return the axes as sorted non-negative integers.

    Raises:
        ValueError: If an axis is out of range or named twice.
    """
    axes = tuple(range(ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
    normal = sorted(number + ndim if number < 0 else number for number in axes)
    if any(not 0 <= number < ndim for number in normal) or len(set(normal)) != len(normal):
        raise ValueError(f"axis={axis!r}: expected distinct axes of an array with {ndim} dimensions.")
    return tuple(normal)


def count(shape: tuple[int, ...], axis: Axis) -> int:
    """Return how many elements each result of a reduction is made of."""
    return math.prod(shape[number] for number in normalize_axes(axis, len(shape)))


def _standard(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    if meaning is PRIMITIVE:
        keywords.setdefault("cost", reduction())
    return Operation(name, summary, meaning, source=_STANDARD.format(name), **keywords)


def _mean(xp: Any, x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    return xp.sum(x, axis=axis, keepdims=keepdims) / count(x.shape, axis)


def _var(xp: Any, x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    centred = x - xp.mean(x, axis=axis, keepdims=True)
    return xp.sum(centred * centred, axis=axis, keepdims=keepdims) / (count(x.shape, axis) - correction)


def _var_program(xp: Any, x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """The mean counts as a constant in the derivative: var_backward in PyTorch's FunctionsManual.cpp."""
    centred = x - xp.stop_gradient(xp.mean(x, axis=axis, keepdims=True))
    return xp.sum(centred * centred, axis=axis, keepdims=keepdims) / (count(x.shape, axis) - correction)


def _var_by_mean(xp: Any, x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    """The mean counts as a constant also where reverse mode differentiates var_backward with respect to its gradient."""
    mean = xp.mean(x, axis=axis, keepdims=True)

    def variance(centred: Any) -> Any:
        return xp.sum(centred * centred, axis=axis, keepdims=keepdims) / (count(x.shape, axis) - correction)

    fixed, moving = variance(x - xp.constant(mean)), variance(x - xp.stop_gradient(mean))
    return xp.with_value(xp.stop_gradient(xp.with_value(xp.constant(fixed), fixed)), moving)


def _std(xp: Any, x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    return xp.sqrt(xp.var(x, axis=axis, correction=correction, keepdims=keepdims))


def _prod(xp: Any, x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    """Multiply in pairs, so that the derivative needs no division and is right where entries are zero."""
    axes = normalize_axes(axis, len(x.shape))
    kept = tuple(number for number in range(len(x.shape)) if number not in axes)
    rest = tuple(x.shape[number] for number in kept)
    flat = xp.reshape(xp.permute_dims(x, (*axes, *kept)), (count(x.shape, axis), *rest))
    while flat.shape[0] > 1:
        half = flat.shape[0] // 2
        pairs = flat[:half, ...] * flat[half : 2 * half, ...]
        flat = xp.concat((pairs, flat[2 * half :, ...]), axis=0) if flat.shape[0] % 2 else pairs
    if flat.shape[0] == 0:
        flat = xp.ones((1, *rest), dtype=x.dtype)
    shape = tuple(1 if number in axes else size for number, size in enumerate(x.shape)) if keepdims else rest
    return xp.reshape(flat, shape)


ROWS = (
    _standard("sum", "the sum over axes", PRIMITIVE, accuracy=1, cost=reduction(factor=2)),
    _standard("prod", "the product over axes", _prod, accuracy=1, cost=reduction(factor=6)),
    _standard("mean", "the sum divided by the count", _mean, accuracy=1),
    _standard(
        "var",
        "the mean of (x - mean)², with a correction of the count",
        _var,
        program=_var_program,
        others=(_var, _var_by_mean),
        accuracy=1,
    ),
    _standard("std", "the square root of the variance", _std, accuracy=1),
    _standard("max", "the largest element over axes", PRIMITIVE, accuracy=0),
    _standard("min", "the smallest element over axes", PRIMITIVE, accuracy=0),
    _standard("argmax", "the index of the first largest element", PRIMITIVE),
    _standard("argmin", "the index of the first smallest element", PRIMITIVE),
    _standard(
        "cumulative_sum", "the sums of all prefixes along an axis", PRIMITIVE, accuracy=1, cost=reduction(factor=2)
    ),
)
