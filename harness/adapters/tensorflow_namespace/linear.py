"""Products, diagonals, norms and systems: what of the standard's linear algebra TensorFlow says otherwise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from harness.adapters.tensorflow_namespace.promotion import (
    FLOATING,
    NUMERIC,
    Promotion,
    normal_axes,
    normal_axis,
    static_shape,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Linear"]

_SPACE, _MATRIX = 3, 2


class Linear(Promotion):
    """Functions of vectors and matrices; axes before the last one or two are a batch and broadcast."""

    def matmul(self, x1: Any, x2: Any, /) -> Any:
        """Multiply matrices; a vector is a row on the left, a column on the right."""
        x1, x2 = self._operands("matmul", NUMERIC, x1, x2)
        if 0 in (x1.shape.rank, x2.shape.rank):
            raise ValueError(f"matmul expected vectors or matrices, got the shapes {x1.shape} and {x2.shape}.")
        left = self._tf.expand_dims(x1, 0) if x1.shape.rank == 1 else x1
        right = self._tf.expand_dims(x2, 1) if x2.shape.rank == 1 else x2
        found = self._widened(self._tf.linalg.matmul, left, right)
        dropped = [-1] * (x2.shape.rank == 1) + [-2] * (x1.shape.rank == 1)
        return self._tf.squeeze(found, dropped) if dropped else found

    def tensordot(self, x1: Any, x2: Any, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Any:
        """Sum products over the last axes of x1 and the first of x2, or over the axes given."""
        x1, x2 = self._operands("tensordot", NUMERIC, x1, x2)
        pairs = axes if isinstance(axes, int) else [list(one) for one in axes]
        return self._widened(lambda left, right: self._tf.tensordot(left, right, pairs), x1, x2)

    def vecdot(self, x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
        """Return Σ conj(x1) · x2 along an axis, counted from the end."""
        x1, x2 = self._operands("vecdot", NUMERIC, x1, x2)
        if axis >= 0 and x1.shape.rank != x2.shape.rank:
            raise ValueError(f"vecdot: axis={axis}, expected a negative axis where the arrays' dimensions differ.")
        number, other = normal_axis(axis, x1.shape.rank), normal_axis(axis, x2.shape.rank)
        if x1.shape[number] != x2.shape[other]:
            raise ValueError(f"vecdot expected vectors of one length, got the shapes {x1.shape} and {x2.shape}.")
        rank = max(x1.shape.rank, x2.shape.rank)
        return self._tf.reduce_sum(self._tf.math.conj(x1) * x2, axis=axis if axis < 0 else normal_axis(axis, rank))

    def outer(self, x1: Any, x2: Any, /) -> Any:
        """Return the matrix of products of two vectors."""
        x1, x2 = self._operands("outer", NUMERIC, x1, x2)
        if (x1.shape.rank, x2.shape.rank) != (1, 1):
            raise ValueError(f"outer expected two vectors, got the shapes {x1.shape} and {x2.shape}.")
        return x1[:, None] * x2[None, :]

    def cross(self, x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
        """Return the cross product of vectors of space along an axis, counted from the end; the other axes broadcast."""
        x1, x2 = self._operands("cross", NUMERIC, x1, x2)
        if axis >= 0 and x1.shape.rank != x2.shape.rank:
            raise ValueError(f"cross: axis={axis}, expected a negative axis where the arrays' dimensions differ.")
        numbers = [normal_axis(axis, x.shape.rank) for x in (x1, x2)]
        if any(x.shape[number] != _SPACE for x, number in zip((x1, x2), numbers, strict=True)):
            raise ValueError(f"cross expected vectors of 3 numbers, got the shapes {x1.shape} and {x2.shape}.")
        a, b = (self._tf.unstack(x, axis=number) for x, number in zip((x1, x2), numbers, strict=True))
        parts = [a[place - 2] * b[place - 1] - a[place - 1] * b[place - 2] for place in range(_SPACE)]
        return self._tf.stack(parts, axis=axis if axis < 0 else numbers[0])

    def diagonal(self, x: Any, /, *, offset: int = 0) -> Any:
        """Return a diagonal of matrices; one outside of them is empty."""
        x = self._tensor(x)
        self._matrices("diagonal", x)
        rows, columns = static_shape(x)[-2:]
        if not -rows < offset < columns:
            return self._tf.zeros((*x.shape[:-2], 0), x.dtype)
        return self._tf.linalg.diag_part(x, k=offset)

    def solve(self, x1: Any, x2: Any, /) -> Any:
        """Return X with x1 X = x2, a vector or matrices, whose batches broadcast, which TensorFlow's do not."""
        x1, x2 = self._operands("solve", FLOATING, x1, x2)
        self._matrices("solve", x1)
        if x1.shape[-2] != x1.shape[-1]:
            raise ValueError(f"solve expected square matrices, got the shape {x1.shape}.")
        right = self._tf.expand_dims(x2, 1) if x2.shape.rank == 1 else x2
        self._matrices("solve", right)
        batch = self._tf.broadcast_static_shape(x1.shape[:-2], right.shape[:-2])
        both = [
            x if x.shape[:-2] == batch else self._tf.broadcast_to(x, batch.concatenate(x.shape[-2:]))
            for x in (x1, right)
        ]
        found = self._tf.linalg.solve(*both)
        return self._tf.squeeze(found, -1) if x2.shape.rank == 1 else found

    def trace(self, x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
        """Add up a diagonal of matrices; integers narrower than 64 bits in 64 bits."""
        x = self._operand("trace", NUMERIC, x)
        self._matrices("trace", x)
        rows, columns = static_shape(x)[-2:]
        if dtype is None and x.dtype.is_integer:
            dtype = self._tf.uint64 if x.dtype.is_unsigned else self._tf.int64
        x = x if dtype is None else self.astype(x, dtype)
        if offset == 0:
            return self._tf.linalg.trace(x)
        if not -rows < offset < columns:
            return self._tf.zeros(x.shape[:-2], x.dtype)
        return self._tf.reduce_sum(self._tf.linalg.diag_part(x, k=offset), axis=-1)

    def vector_norm(
        self,
        x: Any,
        /,
        *,
        axis: int | tuple[int, ...] | None = None,
        keepdims: bool = False,
        ord: float = 2,  # noqa: A002 - the standard's name
    ) -> Any:
        """Return the vector norm of an order over axes."""
        x = self._operand("vector_norm", FLOATING, x)
        axes, rank = normal_axes(axis, x.shape.rank), x.shape.rank
        # Two axes would mean a matrix norm to tf.norm, so all are made one.
        kept = [number for number in range(rank) if number not in axes]
        shape = static_shape(x)
        rest = [shape[number] for number in kept]
        length = math.prod(shape[number] for number in axes)
        flat = self._tf.reshape(self._tf.transpose(x, [*kept, *axes]), [*rest, length])
        found = self._vector_norm(flat, ord)
        if not keepdims:
            return found
        return self._tf.reshape(found, [1 if number in axes else shape[number] for number in range(rank)])

    def _matrices(self, name: str, x: Any) -> None:
        if x.shape.rank < _MATRIX:
            raise ValueError(f"{name} expected matrices, got the shape {x.shape}.")

    def _vector_norm(self, x: Any, order: float) -> Any:
        if order == 0:
            size = self._tf.abs(x)
            return self._tf.reduce_sum(self._tf.cast(size > 0, size.dtype), axis=-1)
        if order == -math.inf:
            return self._tf.reduce_min(self._tf.abs(x), axis=-1)
        if order < 0:
            return self._tf.reduce_sum(self._tf.abs(x) ** order, axis=-1) ** (1 / order)
        return self._tf.norm(x, ord=order, axis=-1)

    def _widened(self, function: Callable[[Any, Any], Any], x1: Any, x2: Any) -> Any:
        """Multiply narrow and unsigned integers as int64, whose low bits are the same: they have no kernels."""
        dtype = x1.dtype
        if not dtype.is_integer or dtype in (self._tf.int32, self._tf.int64):
            return function(x1, x2)
        wide = self._tf.int64
        return self._tf.cast(function(self._tf.cast(x1, wide), self._tf.cast(x2, wide)), dtype)
