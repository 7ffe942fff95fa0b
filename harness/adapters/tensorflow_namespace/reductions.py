"""Reductions and scans along axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.adapters.tensorflow_namespace.promotion import (
    FLOATING,
    NUMERIC,
    REAL,
    REAL_FLOATING,
    Promotion,
    normal_axes,
    normal_axis,
    static_shape,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Reductions"]

Axis = int | tuple[int, ...] | None


class Reductions(Promotion):
    """Functions of many elements; `axis=None` stands for all of them, and an empty tuple for none."""

    def sum(self, x: Any, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Any:
        """Add up; integers narrower than 64 bits in 64 bits."""
        x = self._accumulated("sum", x, dtype)
        return self._tf.reduce_sum(x, axis=_constant(axis, x), keepdims=keepdims)

    def prod(self, x: Any, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Any:
        """Multiply; integers narrower than 64 bits in 64 bits."""
        x = self._accumulated("prod", x, dtype)
        return self._tf.reduce_prod(x, axis=_constant(axis, x), keepdims=keepdims)

    def mean(self, x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
        """Return the arithmetic mean."""
        x = self._operand("mean", FLOATING, x)
        return self._tf.reduce_mean(x, axis=_constant(axis, x), keepdims=keepdims)

    def var(self, x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
        """Return Σ(x - mean)² / (N - correction)."""
        x = self._operand("var", REAL_FLOATING, x)
        axes = _constant(axis, x)
        if correction == 0:
            return self._tf.math.reduce_variance(x, axis=axes, keepdims=keepdims)
        centred = x - self._tf.reduce_mean(x, axis=axes, keepdims=True)
        total = self._tf.reduce_sum(self._tf.square(centred), axis=axes, keepdims=keepdims)
        shape = static_shape(x)
        count = int(np.prod([shape[number] for number in axes]))
        # Where no degree of freedom is left the result is NaN or infinite, as NumPy's.
        return total / self._tensor(max(count - correction, 0), x.dtype)

    def std(self, x: Any, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
        """Return √var."""
        x = self._operand("std", REAL_FLOATING, x)
        if correction == 0:
            return self._tf.math.reduce_std(x, axis=_constant(axis, x), keepdims=keepdims)
        return self._tf.sqrt(self.var(x, axis=axis, correction=correction, keepdims=keepdims))

    def max(self, x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
        """Return the largest element. Under XLA on a CPU a NaN may be lost: TensorFlow's own flaw, left as it is."""
        x = self._operand("max", REAL, x)
        return self._tf.reduce_max(x, axis=_constant(axis, x), keepdims=keepdims)

    def min(self, x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
        """Return the smallest element. Under XLA on a CPU a NaN may be lost: TensorFlow's own flaw, left as it is."""
        x = self._operand("min", REAL, x)
        return self._tf.reduce_min(x, axis=_constant(axis, x), keepdims=keepdims)

    def all(self, x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
        """Say whether every element is true, or not zero."""
        x = self._truth("all", x)
        return self._tf.reduce_all(x, axis=_constant(axis, x), keepdims=keepdims)

    def any(self, x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
        """Say whether some element is true, or not zero."""
        x = self._truth("any", x)
        return self._tf.reduce_any(x, axis=_constant(axis, x), keepdims=keepdims)

    def count_nonzero(self, x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
        """Count the elements that are true, or not zero, as int64."""
        x = self._truth("count_nonzero", x)
        return self._tf.math.count_nonzero(x, axis=_constant(axis, x), keepdims=keepdims)

    def cumulative_sum(
        self, x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
    ) -> Any:
        """Return the sums of all prefixes, with the empty one if asked. XLA has no kernel for narrow integers."""
        return self._scan("cumulative_sum", self._tf.math.cumsum, 0, x, axis, dtype, include_initial=include_initial)

    def cumulative_prod(
        self, x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
    ) -> Any:
        """Return the products of all prefixes, with the empty one if asked.

        TensorFlow's derivative is wrong after an element that is zero: it divides by the element.
        """
        return self._scan("cumulative_prod", self._tf.math.cumprod, 1, x, axis, dtype, include_initial=include_initial)

    def _scan(
        self,
        name: str,
        function: Callable[..., Any],
        initial: int,
        x: Any,
        axis: int | None,
        dtype: Any,
        *,
        include_initial: bool,
    ) -> Any:
        x = self._accumulated(name, x, dtype)
        if axis is None and x.shape.rank != 1:
            raise ValueError(f"{name} needs an axis for an array with {x.shape.rank} dimensions; only 1 goes without.")
        number = normal_axis(0 if axis is None else axis, x.shape.rank)
        found = function(x, axis=number)
        if not include_initial:
            return found
        shape = list(static_shape(x))
        shape[number] = 1
        return self._tf.concat([self._tf.fill(shape, self._tensor(initial, x.dtype)), found], axis=number)

    def _accumulated(self, name: str, x: Any, dtype: Any) -> Any:
        """Cast to the dtype in which the standard adds and multiplies up."""
        x = self._operand(name, NUMERIC, x)
        if dtype is not None:
            return self.astype(x, dtype)
        if x.dtype.is_integer:
            return self._tf.cast(x, self._tf.uint64 if x.dtype.is_unsigned else self._tf.int64)
        return x

    def _truth(self, name: str, x: Any) -> Any:
        x = self._operand(name, ("bool", "numeric"), x)
        return x if x.dtype.is_bool else self._tf.not_equal(x, self._tf.zeros((), x.dtype))


def _constant(axis: Axis, x: Any) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return the axes with a dtype: TensorFlow takes an empty list for floating-point numbers."""
    return np.asarray(normal_axes(axis, x.shape.rank), dtype=np.int32)
