"""Arrays made from numbers. Without a dtype they are bool, int64, float64 or complex128, as the numbers are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from harness.adapters.tensorflow_namespace.promotion import Promotion
from harness.adapters.tensorflow_namespace.shaping import lengths

__all__ = ["Creation"]


class Creation(Promotion):
    """Functions that make arrays. `device` is for the standard's signature: TensorFlow places them."""

    def asarray(self, obj: Any, /, *, dtype: Any = None, device: None = None, copy: bool | None = None) -> Any:
        """Make an array of numbers, nested sequences, NumPy arrays or tensors.

        Raises:
            ValueError: If no copy is allowed, and one is needed.
        """
        dtype = None if dtype is None else self._tf.as_dtype(dtype)
        fits = self._tf.is_tensor(obj) and dtype in (None, obj.dtype)
        if copy is False and not fits:
            raise ValueError("asarray(copy=False) expected a tensor of the dtype asked for; leave copy out.")
        found = self._tensor(obj, dtype)
        return self._tf.identity(found) if copy and fits else found

    def zeros(self, shape: int | tuple[int, ...], *, dtype: Any = None, device: None = None) -> Any:
        """Make an array of zeros."""
        return self._tf.zeros(lengths(shape), dtype or self._tf.float64)

    def ones(self, shape: int | tuple[int, ...], *, dtype: Any = None, device: None = None) -> Any:
        """Make an array of ones."""
        return self._tf.ones(lengths(shape), dtype or self._tf.float64)

    def full(self, shape: int | tuple[int, ...], fill_value: Any, *, dtype: Any = None, device: None = None) -> Any:
        """Make an array of one number."""
        return self._tf.fill(lengths(shape), self.asarray(fill_value, dtype=dtype))

    def zeros_like(self, x: Any, /, *, dtype: Any = None, device: None = None) -> Any:
        """Make zeros in the shape and dtype of another array."""
        return self._tf.zeros_like(self._tensor(x), dtype)

    def ones_like(self, x: Any, /, *, dtype: Any = None, device: None = None) -> Any:
        """Make ones in the shape and dtype of another array."""
        return self._tf.ones_like(self._tensor(x), dtype)

    def full_like(self, x: Any, /, fill_value: Any, *, dtype: Any = None, device: None = None) -> Any:
        """Make one number in the shape and dtype of another array."""
        x = self._tensor(x)
        return self.full(lengths(x.shape), fill_value, dtype=dtype or x.dtype)

    def eye(
        self, n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: None = None
    ) -> Any:
        """Make a matrix of ones on its k-th diagonal and zeros elsewhere."""
        dtype = self._tf.as_dtype(dtype or self._tf.float64)
        if k == 0:
            return self._tf.eye(n_rows, n_cols, dtype=dtype)
        return self._tf.constant(np.eye(n_rows, n_cols, k, dtype=dtype.as_numpy_dtype))

    def arange(
        self, start: float, /, stop: float | None = None, step: float = 1, *, dtype: Any = None, device: None = None
    ) -> Any:
        """Make start, start + step, … up to, but without, stop."""
        if stop is None:
            start, stop = 0, start
        whole = all(isinstance(number, int) for number in (start, stop, step))
        dtype = self._tf.as_dtype(dtype or (self._tf.int64 if whole else self._tf.float64))
        count = max(math.ceil((stop - start) / step), 0)
        # tf.range has no kernel for narrow integers, and its length is rounded in the dtype.
        steps = self._tf.range(count, dtype=self._tf.int64)
        if whole:
            return self._tf.cast(start + step * steps, dtype)
        return self._tf.cast(float(start) + float(step) * self._tf.cast(steps, self._tf.float64), dtype)

    def linspace(
        self, start: float, stop: float, /, num: int, *, dtype: Any = None, device: None = None, endpoint: bool = True
    ) -> Any:
        """Make `num` evenly spaced numbers from start to stop, which can be left out."""
        dtype = self._tf.as_dtype(dtype or self._tf.float64)
        if num == 0:
            return self._tf.zeros((0,), dtype)
        # tf.linspace computes in float32 and wider.
        wide = dtype if dtype in (self._tf.float32, self._tf.float64) else self._tf.float64
        ends = self._tensor(start, wide), self._tensor(stop, wide)
        found = self._tf.linspace(*ends, num if endpoint else num + 1)[:num]
        return self._tf.cast(found, dtype)

    def meshgrid(self, *arrays: Any, indexing: str = "xy") -> list[Any]:
        """Make coordinate matrices of coordinate vectors."""
        return list(self._tf.meshgrid(*map(self._tensor, arrays), indexing=indexing))
