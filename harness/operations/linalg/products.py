"""Rows of linear algebra."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from harness.operations import costs
from harness.operations.operation import PRIMITIVE, Operation
from harness.operations.reductions import normalize_axes

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ROWS"]

_STANDARD = "https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.{}.html"


def _tensordot(xp: Any, a: Any, b: Any, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Any:
    if isinstance(axes, int):
        axes_a = list(range(len(a.shape) - axes, len(a.shape)))
        axes_b = list(range(axes))
    else:
        axes_a = [axis % len(a.shape) for axis in axes[0]]
        axes_b = [axis % len(b.shape) for axis in axes[1]]
    free_a = [axis for axis in range(len(a.shape)) if axis not in axes_a]
    free_b = [axis for axis in range(len(b.shape)) if axis not in axes_b]
    summed = math.prod(a.shape[axis] for axis in axes_a)
    rows = tuple(a.shape[axis] for axis in free_a)
    columns = tuple(b.shape[axis] for axis in free_b)
    left = xp.reshape(xp.permute_dims(a, (*free_a, *axes_a)), (math.prod(rows), summed))
    right = xp.reshape(xp.permute_dims(b, (*axes_b, *free_b)), (summed, math.prod(columns)))
    return xp.reshape(xp.matmul(left, right), (*rows, *columns))


def _vecdot(xp: Any, a: Any, b: Any, /, *, axis: int = -1) -> Any:
    return xp.sum(a * b, axis=axis)


def _outer(xp: Any, a: Any, b: Any, /) -> Any:
    return a[:, None] * b[None, :]


def _trace(xp: Any, x: Any, /, *, offset: int = 0) -> Any:
    rows, columns = x.shape[-2], x.shape[-1]
    diagonal = xp.eye(rows, columns, k=offset, dtype=x.dtype)
    return xp.sum(xp.where(xp.broadcast_to(diagonal == 1, x.shape), x, 0.0), axis=(-2, -1))


def _vector_norm(xp: Any, x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Any:  # noqa: A002 - the standard's name
    axes = normalize_axes(axis, len(x.shape))
    if ord == 2:
        return xp.sqrt(xp.sum(x * x, axis=axes, keepdims=keepdims))
    size = xp.abs(x)
    if ord == math.inf:
        return xp.max(size, axis=axes, keepdims=keepdims)
    if ord == -math.inf:
        return xp.min(size, axis=axes, keepdims=keepdims)
    if ord == 1:
        return xp.sum(size, axis=axes, keepdims=keepdims)
    return xp.pow(xp.sum(xp.pow(size, ord), axis=axes, keepdims=keepdims), 1 / ord)


def _einsum(xp: Any, subscripts: str, /, *arrays: Any) -> Any:
    """Each letter stands for one axis, which an operand has once; what is not named after the arrow is summed."""
    inputs, _, output = subscripts.replace(" ", "").partition("->")
    names = inputs.split(",")
    letters = list(output) + sorted(set(inputs) - set(output) - {","})
    product = None
    for own, array in zip(names, arrays, strict=True):
        order = tuple(own.index(letter) for letter in letters if letter in own)
        sizes = dict(zip(own, array.shape, strict=True))
        part = xp.reshape(xp.permute_dims(array, order), tuple(sizes.get(letter, 1) for letter in letters))
        product = part if product is None else product * part
    summed = tuple(range(len(output), len(letters)))
    return xp.sum(product, axis=summed) if summed else product


def _diagonal(xp: Any, x: Any, /, *, offset: int = 0) -> Any:
    del xp
    start, below = max(offset, 0), max(-offset, 0)
    length = max(min(x.shape[-1] - start, x.shape[-2] - below), 0)
    return x[..., [below + place for place in range(length)], [start + place for place in range(length)]]


ROWS = (
    Operation(
        "matmul",
        "the matrix product, batched",
        PRIMITIVE,
        accuracy=1,
        cost=costs.matmul,
        source=_STANDARD.format("matmul"),
    ),
    Operation(
        "tensordot",
        "the sum of products over the axes given",
        _tensordot,
        accuracy=1,
        cost=costs.tensordot,
        source=_STANDARD.format("tensordot"),
    ),
    Operation(
        "einsum",
        "the sum of products over the axes that the letters name",
        _einsum,
        accuracy=1,
        cost=costs.einsum,
        source="https://numpy.org/doc/stable/reference/generated/numpy.einsum.html",
    ),
    Operation(
        "linalg.diagonal",
        "a diagonal of matrices",
        _diagonal,
        accuracy=0,
        cost=costs.VIEW,
        source=_STANDARD.format("linalg.diagonal"),
    ),
    Operation("vecdot", "the inner product along an axis", _vecdot, accuracy=1, source=_STANDARD.format("vecdot")),
    Operation("linalg.outer", "aᵢ bⱼ", _outer, accuracy=1, source=_STANDARD.format("linalg.outer")),
    Operation(
        "linalg.trace",
        "the sum of a diagonal",
        _trace,
        accuracy=1,
        cost=costs.trace,
        source=_STANDARD.format("linalg.trace"),
    ),
    Operation(
        "linalg.vector_norm",
        "the vector norm of order `ord` over axes",
        _vector_norm,
        accuracy=1,
        source=_STANDARD.format("linalg.vector_norm"),
    ),
)
