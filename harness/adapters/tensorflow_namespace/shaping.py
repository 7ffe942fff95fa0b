"""Shapes, joining, and selection by index."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.adapters.tensorflow_namespace.promotion import (
    INTEGRAL,
    NUMERIC,
    Promotion,
    normal_axes,
    normal_axis,
    static_shape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Shaping", "lengths"]

_ANY = ("bool", "numeric")


class Shaping(Promotion):
    """Functions that move elements without changing them."""

    def reshape(self, x: Any, /, shape: tuple[int, ...], *, copy: bool | None = None) -> Any:
        """Return the same elements, in C order, another shape; one length may be -1."""
        return self._tf.reshape(self._tensor(x), lengths(shape))

    def permute_dims(self, x: Any, /, axes: tuple[int, ...]) -> Any:
        """Put the axes in another order."""
        x = self._tensor(x)
        order = normal_axes(tuple(axes), x.shape.rank)
        if len(order) != x.shape.rank:
            raise ValueError(f"permute_dims: axes={axes!r}, expected each of the {x.shape.rank} axes once.")
        return self._tf.transpose(x, order)

    def matrix_transpose(self, x: Any, /) -> Any:
        """Swap the last two axes."""
        return self._tf.linalg.matrix_transpose(self._tensor(x))

    def moveaxis(self, x: Any, source: int | tuple[int, ...], destination: int | tuple[int, ...], /) -> Any:
        """Move axes to other places; the others keep their order."""
        x = self._tensor(x)
        taken, places = normal_axes(source, x.shape.rank), normal_axes(destination, x.shape.rank)
        order = [axis for axis in range(x.shape.rank) if axis not in taken]
        for place, axis in sorted(zip(places, taken, strict=True)):
            order.insert(place, axis)
        return self._tf.transpose(x, order)

    def expand_dims(self, x: Any, /, axis: int = 0) -> Any:
        """Insert an axis of length 1."""
        x = self._tensor(x)
        return self._tf.expand_dims(x, normal_axis(axis, x.shape.rank + 1))

    def squeeze(self, x: Any, /, axis: int | tuple[int, ...]) -> Any:
        """Remove axes of length 1.

        Raises:
            ValueError: If one is longer.
        """
        x = self._tensor(x)
        axes = normal_axes(axis, x.shape.rank)
        if any(x.shape[number] != 1 for number in axes):
            raise ValueError(f"squeeze: axis={axis!r} of the shape {tuple(x.shape)}, expected axes of length 1.")
        # An empty list would mean every axis to TensorFlow.
        return self._tf.squeeze(x, axes) if axes else self._tf.identity(x)

    def broadcast_to(self, x: Any, /, shape: tuple[int, ...]) -> Any:
        """Repeat the array to a shape."""
        return self._tf.broadcast_to(self._tensor(x), lengths(shape))

    def broadcast_arrays(self, *arrays: Any) -> list[Any]:
        """Repeat the arrays to their common shape; each keeps its dtype."""
        return self._broadcast(*map(self._tensor, arrays))

    def concat(self, arrays: Sequence[Any], /, *, axis: int | None = 0) -> Any:
        """Join arrays along an axis; None joins all their elements."""
        tensors = self._operands("concat", _ANY, *arrays)
        if axis is None:
            return self._tf.concat([self._tf.reshape(tensor, (-1,)) for tensor in tensors], axis=0)
        return self._tf.concat(tensors, axis=normal_axis(axis, tensors[0].shape.rank))

    def stack(self, arrays: Sequence[Any], /, *, axis: int = 0) -> Any:
        """Join arrays along a new axis."""
        tensors = self._operands("stack", _ANY, *arrays)
        return self._tf.stack(tensors, axis=normal_axis(axis, tensors[0].shape.rank + 1))

    def unstack(self, x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
        """Split along an axis into arrays that lack it."""
        x = self._tensor(x)
        return tuple(self._tf.unstack(x, axis=normal_axis(axis, x.shape.rank)))

    def flip(self, x: Any, /, *, axis: int | tuple[int, ...] | None = None) -> Any:
        """Reverse the order along axes."""
        x = self._tensor(x)
        axes = normal_axes(axis, x.shape.rank)
        return self._tf.reverse(x, axes) if axes else self._tf.identity(x)

    def roll(self, x: Any, /, shift: int | tuple[int, ...], *, axis: int | tuple[int, ...] | None = None) -> Any:
        """Shift elements along axes, around the end; None shifts all elements in C order."""
        x = self._tensor(x)
        if axis is None:
            return self._tf.reshape(self._tf.roll(self._tf.reshape(x, (-1,)), shift, 0), static_shape(x))
        axes = [normal_axis(one, x.shape.rank) for one in (axis if isinstance(axis, tuple) else (axis,))]
        shifts = list(shift) if isinstance(shift, tuple) else [shift] * len(axes)
        if len(shifts) != len(axes):
            raise ValueError(f"roll: shift={shift!r} and axis={axis!r}, expected one shift for each axis.")
        return self._tf.roll(x, shifts, axes) if axes else self._tf.identity(x)

    def tile(self, x: Any, repetitions: tuple[int, ...], /) -> Any:
        """Repeat the whole array along each axis, the last ones where fewer are named."""
        x, times = self._tensor(x), lengths(repetitions)
        x = self._tf.reshape(x, (1,) * (len(times) - x.shape.rank) + static_shape(x))
        times = (1,) * (x.shape.rank - len(times)) + times
        return self._tiled(lambda y: self._tf.tile(y, times), x)

    def repeat(self, x: Any, repeats: Any, /, *, axis: int | None = None) -> Any:
        """Repeat each element along an axis. XLA needs `repeats` as a number or as a constant array."""
        x = self._tensor(x)
        if axis is None:
            x, axis = self._tf.reshape(x, (-1,)), 0
        number = normal_axis(axis, x.shape.rank)
        if 0 in static_shape(x) and not isinstance(repeats, int):
            # tf.repeat contradicts its own static shape where another axis is empty.
            return self._tf.gather(x, np.repeat(np.arange(x.shape[number]), repeats), axis=number)
        return self._tiled(lambda y: self._tf.repeat(y, repeats, axis=number), x)

    def tril(self, x: Any, /, *, k: int = 0) -> Any:
        """Keep the elements on and below the k-th diagonal of matrices."""
        return self._triangle(x, k, lower=True)

    def triu(self, x: Any, /, *, k: int = 0) -> Any:
        """Keep the elements on and above the k-th diagonal of matrices."""
        return self._triangle(x, k, lower=False)

    def take(self, x: Any, indices: Any, /, *, axis: int | None = None) -> Any:
        """Take elements at indices along an axis; negative ones count from the end."""
        x = self._tensor(x)
        if axis is None and x.shape.rank != 1:
            raise ValueError(f"take needs an axis for an array with {x.shape.rank} dimensions; only 1 goes without.")
        number = normal_axis(0 if axis is None else axis, x.shape.rank)
        return self._tf.gather(x, self._indices("take", indices, x.shape[number]), axis=number)

    def take_along_axis(self, x: Any, indices: Any, /, *, axis: int = -1) -> Any:
        """Take, for each vector along an axis, the elements at its own indices."""
        x = self._tensor(x)
        number = normal_axis(axis, x.shape.rank)
        indices = self._indices("take_along_axis", indices, x.shape[number])
        return self._tf.experimental.numpy.take_along_axis(x, indices, number)

    def diff(self, x: Any, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Any:
        """Return the n-th differences of neighbours along an axis."""
        x = self._operand("diff", NUMERIC, x)
        number = normal_axis(axis, x.shape.rank)
        x = self.concat([part for part in (prepend, x, append) if part is not None], axis=number)
        before = (slice(None),) * number
        for _ in range(n):
            x = x[(*before, slice(1, None))] - x[(*before, slice(None, -1))]
        return x

    def _tiled(self, function: Callable[[Any], Any], x: Any) -> Any:
        """Repeat uint16, the one dtype that TensorFlow's tile has no kernel for, as int16: it has the same bits."""
        if x.dtype != self._tf.uint16:
            return function(x)
        return self._tf.bitcast(function(self._tf.bitcast(x, self._tf.int16)), self._tf.uint16)

    def _triangle(self, x: Any, k: int, *, lower: bool) -> Any:
        x = self._tensor(x)
        rows, columns = static_shape(x)[-2:]
        if lower and k >= 0:
            return self._tf.linalg.band_part(x, -1, min(k, columns))
        if not lower and k <= 0:
            return self._tf.linalg.band_part(x, min(-k, rows), -1)
        row, column = self._tf.range(rows)[:, None], self._tf.range(columns)[None, :]
        kept = column - row <= k if lower else column - row >= k
        return self._tf.where(kept, x, self._tf.zeros((), x.dtype))

    def _indices(self, name: str, indices: Any, length: int) -> Any:
        """Count negative indices from the end, which `tf.gather` does not."""
        indices = self._tf.cast(self._operand(name, INTEGRAL, indices), self._tf.int64)
        return self._tf.where(indices < 0, indices + length, indices)


def lengths(shape: Any) -> tuple[int, ...]:
    """Return a shape as a tuple of integers, also where it is one integer or a `tf.TensorShape`."""
    if hasattr(shape, "as_list"):
        return tuple(shape.as_list())
    if isinstance(shape, int):
        return (shape,)
    return tuple(operator.index(length) for length in shape)
