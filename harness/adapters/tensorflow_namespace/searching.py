"""Sorting, searching and counting positions. Indices are int64."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.adapters.tensorflow_namespace.promotion import REAL, Promotion, normal_axis, static_shape

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Searching"]


class Searching(Promotion):
    """Functions that order elements. Where NaN stands is TensorFlow's matter: the standard leaves it open."""

    def argmax(self, x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
        """Return the index of the first largest element."""
        return self._position("argmax", self._tf.argmax, x, axis, keepdims=keepdims)

    def argmin(self, x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
        """Return the index of the first smallest element."""
        return self._position("argmin", self._tf.argmin, x, axis, keepdims=keepdims)

    def sort(self, x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
        """Sort along an axis, always stably."""
        x = self._operand("sort", REAL, x)
        axis = normal_axis(axis, x.shape.rank)
        return self._tf.sort(x, axis=axis, direction="DESCENDING" if descending else "ASCENDING")

    def argsort(self, x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
        """Return the indices that sort along an axis, always stably."""
        x = self._operand("argsort", REAL, x)
        axis = normal_axis(axis, x.shape.rank)
        found = self._tf.argsort(x, axis=axis, direction="DESCENDING" if descending else "ASCENDING", stable=True)
        return self._tf.cast(found, self._tf.int64)

    def searchsorted(self, x1: Any, x2: Any, /, *, side: str = "left", sorter: Any = None) -> Any:
        """Return the places in the sorted vector x1 at which x2 would be inserted."""
        x1, x2 = self._operands("searchsorted", REAL, x1, x2)
        if x1.shape.rank != 1:
            raise ValueError(f"searchsorted expected a sorted vector, got the shape {tuple(x1.shape)}.")
        if sorter is not None:
            x1 = self._tf.gather(x1, self._tensor(sorter))
        flat = self._tf.reshape(x2, (-1,))
        found = self._tf.searchsorted(x1, flat, side=side, out_type=self._tf.int64)
        return self._tf.reshape(found, static_shape(x2))

    def _position(self, name: str, function: Callable[..., Any], x: Any, axis: int | None, *, keepdims: bool) -> Any:
        x = self._operand(name, REAL, x)
        rank = x.shape.rank
        if axis is None:
            found = function(self._tf.reshape(x, (-1,)), axis=0, output_type=self._tf.int64)
            return self._tf.reshape(found, (1,) * rank) if keepdims else found
        number = normal_axis(axis, rank)
        found = function(x, axis=number, output_type=self._tf.int64)
        return self._tf.expand_dims(found, number) if keepdims else found
