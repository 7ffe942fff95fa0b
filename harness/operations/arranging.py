"""Rows that repeat, pick, scatter and pad elements, and sums and differences of what stands side by side."""

from __future__ import annotations

import math
from typing import Any

from harness.operations import costs
from harness.operations.operation import Operation

__all__ = ["ROWS"]

_STANDARD = "https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.{}.html"
_NUMPY = "https://numpy.org/doc/stable/reference/generated/numpy.{}.html"


def _repeat(xp: Any, x: Any, repeats: int, /, *, axis: int | None = None) -> Any:
    if axis is None:
        x, axis = xp.reshape(x, (-1,)), 0
    return xp.take(x, [index for index in range(x.shape[axis]) for _ in range(repeats)], axis=axis)


def _tile(xp: Any, x: Any, repetitions: tuple[int, ...], /) -> Any:
    rank = max(len(x.shape), len(repetitions))
    x = xp.reshape(x, (1,) * (rank - len(x.shape)) + tuple(x.shape))
    times = (1,) * (rank - len(repetitions)) + tuple(repetitions)
    split = [size for pair in zip((1,) * rank, x.shape, strict=True) for size in pair]
    wide = [size for pair in zip(times, x.shape, strict=True) for size in pair]
    joined = tuple(count * size for count, size in zip(times, x.shape, strict=True))
    return xp.reshape(xp.broadcast_to(xp.reshape(x, tuple(split)), tuple(wide)), joined)


def _unstack(xp: Any, x: Any, /, *, axis: int = 0) -> Any:
    moved = xp.moveaxis(x, axis, 0)
    return tuple([moved[index, ...] for index in range(moved.shape[0])])


def _take_along_axis(xp: Any, x: Any, indices: Any, /, *, axis: int = -1) -> Any:
    axis %= len(x.shape)
    shape = indices.shape
    # The other axes are counted through in step with the indices.
    counts = [
        xp.reshape(xp.arange(size), tuple(size if place == number else 1 for place in range(len(shape))))
        for number, size in enumerate(shape)
    ]
    return x[tuple(indices if number == axis else counted for number, counted in enumerate(counts))]


def _broadcast_arrays(xp: Any, *arrays: Any) -> Any:
    rank = max(len(array.shape) for array in arrays)
    padded = [(1,) * (rank - len(array.shape)) + tuple(array.shape) for array in arrays]
    shape = tuple(next((size for size in sizes if size != 1), 1) for sizes in zip(*padded, strict=True))
    return tuple([xp.broadcast_to(array, shape) for array in arrays])


def _meshgrid(xp: Any, *arrays: Any, indexing: str = "xy") -> Any:
    order = list(range(len(arrays)))
    if indexing == "xy" and len(arrays) > 1:
        order[:2] = [1, 0]
    found = []
    for number, array in enumerate(arrays):
        shape = tuple(array.shape[0] if place == number else 1 for place in order)
        found.append(xp.broadcast_to(xp.reshape(array, shape), tuple(arrays[place].shape[0] for place in order)))
    return tuple(found)


def _pad(xp: Any, x: Any, widths: tuple[tuple[int, int], ...], /, *, value: float = 0.0) -> Any:
    for axis, sides in enumerate(widths):
        before, after = (
            xp.full(tuple(width if place == axis else size for place, size in enumerate(x.shape)), value, dtype=x.dtype)
            for width in sides
        )
        x = xp.concat((before, x, after), axis=axis)
    return x


def _rot90(xp: Any, x: Any, k: int = 1, /, axes: tuple[int, int] = (0, 1)) -> Any:
    first, second = (axis % len(x.shape) for axis in axes)
    order = list(range(len(x.shape)))
    order[first], order[second] = second, first
    for _ in range(k % 4):
        x = xp.flip(xp.permute_dims(x, tuple(order)), axis=first)
    return x


def _diag(xp: Any, x: Any, /) -> Any:
    mask = xp.eye(x.shape[0], dtype=x.dtype) == 1
    return xp.where(mask, xp.broadcast_to(x, (x.shape[0], x.shape[0])), 0.0)


def _diff(xp: Any, x: Any, /, *, axis: int = -1, n: int = 1) -> Any:
    x = xp.moveaxis(x, axis, 0)
    for _ in range(n):
        x = x[1:, ...] - x[:-1, ...]
    return xp.moveaxis(x, 0, axis)


def _trapezoid(xp: Any, y: Any, /, *, dx: float = 1.0, axis: int = -1) -> Any:
    y = xp.moveaxis(y, axis, 0)
    return xp.sum(dx * (y[1:, ...] + y[:-1, ...]) / 2, axis=0)


def _scatter_add(xp: Any, x: Any, indices: Any, updates: Any, /) -> Any:
    flat = xp.matmul(
        xp.astype(xp.arange(x.shape[0])[:, None] == indices[None, :], x.dtype),
        xp.reshape(updates, (updates.shape[0], math.prod(updates.shape[1:]))),
    )
    return x + xp.reshape(flat, x.shape)


def _scatter_max(xp: Any, x: Any, indices: Any, updates: Any, /) -> Any:
    places = xp.reshape(xp.arange(x.shape[0]), (x.shape[0],) + (1,) * (len(x.shape) - 1))
    for number in range(updates.shape[0]):
        x = xp.where(places == indices[number], xp.maximum(x, updates[number, ...]), x)
    return x


def _segment_sum(xp: Any, x: Any, segments: Any, number: int, /) -> Any:
    return xp.scatter_add(xp.zeros((number, *x.shape[1:]), dtype=x.dtype), segments, x)


def _searchsorted(xp: Any, x1: Any, x2: Any, /, *, side: str = "left") -> Any:
    below = xp.less if side == "left" else xp.less_equal
    return xp.sum(xp.astype(below(x1, xp.expand_dims(x2, axis=-1)), xp.int64), axis=-1)


def _exact(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    keywords.setdefault("accuracy", 0)
    return Operation(name, summary, meaning, source=_STANDARD.format(name), **keywords)


def _shared(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    keywords.setdefault("source", _NUMPY.format(name))
    return Operation(name, summary, meaning, **keywords)


ROWS = (
    _exact("repeat", "each element, or each slice along an axis, several times", _repeat, cost=costs.MOVING),
    _exact("tile", "the whole array several times along each axis", _tile, cost=costs.MOVING),
    _exact("unstack", "the slices along an axis, as a tuple", _unstack, cost=costs.VIEW),
    _exact(
        "take_along_axis",
        "for each vector along an axis, the elements at its own indices",
        _take_along_axis,
        cost=costs.PICKING,
    ),
    _exact("broadcast_arrays", "arrays repeated to their common shape", _broadcast_arrays, cost=costs.VIEW),
    _exact("meshgrid", "the coordinates of a grid, of the coordinates along its axes", _meshgrid, cost=costs.MOVING),
    _exact("diff", "the differences of neighbours along an axis, n times over", _diff, accuracy=1),
    _exact(
        "searchsorted",
        "how many elements of a sorted vector stand before each of another array",
        _searchsorted,
        cost=costs.UNCOUNTED,
    ),
    _shared(
        "pad",
        "an array with as many constants before and after it along each axis",
        _pad,
        cost=costs.MOVING,
        accuracy=0,
    ),
    _shared(
        "rot90",
        "a plane of axes turned by k right angles, from the first axis to the second",
        _rot90,
        cost=costs.MOVING,
        accuracy=0,
    ),
    _shared(
        "diag", "the matrix with a vector on its diagonal and zeros elsewhere", _diag, cost=costs.MOVING, accuracy=0
    ),
    _shared("trapezoid", "the integral of what is linear between evenly spaced points", _trapezoid, accuracy=1),
    _shared(
        "scatter_add",
        "x with updates added to its slices at indices along the first axis, which may repeat",
        _scatter_add,
        cost=costs.scattering,
        accuracy=1,
        source="https://docs.jax.dev/en/latest/_autosummary/jax.numpy.ndarray.at.html",
    ),
    _shared(
        "scatter_max",
        "x with the largest of its slices at indices and updates there, along the first axis",
        _scatter_max,
        cost=costs.scattering,
        accuracy=0,
        source="https://docs.jax.dev/en/latest/_autosummary/jax.numpy.ndarray.at.html",
    ),
    _shared(
        "segment_sum",
        "the sums of the slices along the first axis that belong to each of so many segments",
        _segment_sum,
        accuracy=1,
        source="https://docs.jax.dev/en/latest/_autosummary/jax.ops.segment_sum.html",
    ),
)
