"""Rows that sort, count and weigh, and scans along an axis."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from harness.operations import costs
from harness.operations.operation import PRIMITIVE, Operation
from harness.operations.reductions import normalize_axes

__all__ = ["ROWS"]

_STANDARD = "https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.{}.html"
_NUMPY = "https://numpy.org/doc/stable/reference/generated/numpy.{}.html"


def _top_k(xp: Any, x: Any, k: int, /) -> Any:
    return xp.sort(x, descending=True)[..., :k], xp.argsort(x, descending=True)[..., :k]


def _any(xp: Any, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return xp.count_nonzero(x, axis=axis, keepdims=keepdims) > 0


def _all(xp: Any, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return xp.count_nonzero(x == 0, axis=axis, keepdims=keepdims) == 0


def _count_nonzero(xp: Any, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return xp.sum(xp.astype(x != 0, xp.int64), axis=axis, keepdims=keepdims)


def _quantile(xp: Any, x: Any, q: float, /, *, axis: int | None = None) -> Any:
    place = Fraction(q) * (_length(x, axis) - 1)
    part = place - math.floor(place)
    # The part is a double, or the sum of two.
    found = _between(xp, x, axis, place, float(part))
    rest = float(part - Fraction(float(part)))
    return found + (_between(xp, x, axis, place, 1.0) - _between(xp, x, axis, place, 0.0)) * rest if rest else found


def _quantile_program(xp: Any, x: Any, q: float, /, *, axis: int | None = None) -> Any:
    """The part between two elements is q (n - 1) less its floor, in the dtype of x.

    quantile_compute in PyTorch's aten/src/ATen/native/Sorting.cpp, and _quantile in jax/_src/numpy/reductions.py.
    """
    last = _length(x, axis) - 1
    place = xp.full((), q, dtype=x.dtype) * float(last)
    return _between(xp, x, axis, q * last, place - float(math.floor(q * last)))


def _length(x: Any, axis: int | None) -> int:
    return int(math.prod(x.shape) if axis is None else x.shape[axis])


def _between(xp: Any, x: Any, axis: int | None, place: float | Fraction, part: Any) -> Any:
    if axis is None:
        x, axis = xp.reshape(x, (-1,)), 0
    ordered = xp.moveaxis(xp.sort(x, axis=axis), axis, 0)
    low = math.floor(place)
    high = min(low + 1, x.shape[axis] - 1)
    return ordered[low, ...] + (ordered[high, ...] - ordered[low, ...]) * part


def _median(xp: Any, x: Any, /, *, axis: int | None = None) -> Any:
    return _quantile(xp, x, 0.5, axis=axis)


def _average(xp: Any, x: Any, weights: Any, /, *, axis: Any = None) -> Any:
    return xp.sum(x * weights, axis=axis) / xp.sum(weights, axis=axis)


def _cov(xp: Any, x: Any, /) -> Any:
    centred = x - xp.mean(x, axis=1, keepdims=True)
    return xp.matmul(centred, xp.matrix_transpose(centred)) / (x.shape[1] - 1)


def _corrcoef(xp: Any, x: Any, /) -> Any:
    found = xp.cov(x)
    deviations = xp.sqrt(xp.linalg.diagonal(found))
    return found / deviations[:, None] / deviations[None, :]


def _cumulative_prod(xp: Any, x: Any, /, *, axis: int | None = None, include_initial: bool = False) -> Any:
    number = normalize_axes(0 if axis is None else axis, len(x.shape))[0]
    moved = xp.moveaxis(x, number, 0)
    found = [xp.ones_like(moved[0, ...])] if include_initial else []
    for index in range(moved.shape[0]):
        found.append(moved[index, ...] * found[-1] if index else moved[0, ...])
    return xp.stack(found, axis=number)


def _cumulative_prod_by_quotients(xp: Any, x: Any, /, *, axis: int | None = None, include_initial: bool = False) -> Any:
    """The derivative of y by x is y / x, from the rounded result.

    cumprod_backward in PyTorch's FunctionsManual.cpp, and _CumprodGrad in TensorFlow's math_grad.py.
    """
    number = normalize_axes(0 if axis is None else axis, len(x.shape))[0]
    y = xp.stop_gradient(_cumulative_prod(xp, x, axis=number))
    found = xp.with_value(y, y * xp.cumulative_sum(x / xp.stop_gradient(x), axis=number))
    if not include_initial:
        return found
    first = xp.ones_like(xp.moveaxis(x, number, 0)[:1, ...])
    return xp.concat((xp.moveaxis(first, 0, number), found), axis=number)


def _cumulative_logsumexp(xp: Any, x: Any, /, *, axis: int = -1) -> Any:
    moved = xp.moveaxis(x, axis, 0)
    found = [xp.special.logsumexp(moved[: index + 1, ...], axis=0) for index in range(moved.shape[0])]
    return xp.moveaxis(xp.stack(found, axis=0), 0, axis)


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    return Operation(name, summary, meaning, source=_STANDARD.format(name), **keywords)


def _shared(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    keywords.setdefault("source", _NUMPY.format(name))
    return Operation(name, summary, meaning, **keywords)


ROWS = (
    _row("sort", "the elements along an axis in order", PRIMITIVE, accuracy=0),
    _row("argsort", "the indices that put the elements along an axis in order", PRIMITIVE),
    _row("any", "whether some element over axes is not zero", _any, cost=costs.reduction()),
    _row("all", "whether no element over axes is zero", _all, cost=costs.reduction()),
    _row("count_nonzero", "how many elements over axes are not zero", _count_nonzero, cost=costs.reduction()),
    _row(
        "cumulative_prod",
        "the products of all prefixes along an axis",
        _cumulative_prod,
        cost=costs.reduction(factor=6),
        others=(_cumulative_prod_by_quotients,),
        accuracy=1,
    ),
    _shared(
        "top_k",
        "the k largest elements along the last axis, the largest first, and their indices",
        _top_k,
        accuracy=0,
        source="https://docs.jax.dev/en/latest/_autosummary/jax.lax.top_k.html",
    ),
    _shared(
        "quantile",
        "the element at a part q of the way through the sorted ones, linear between two",
        _quantile,
        program=_quantile_program,
        accuracy=1,
    ),
    _shared("median", "the middle of the sorted elements, of two the mean", _median, accuracy=1),
    _shared("average", "Σ w x / Σ w over axes, for weights of the shape of x", _average, accuracy=1),
    _shared("cov", "the covariances of the rows of a matrix, (x - mean)(x - mean)ᵀ / (n - 1)", _cov, accuracy=1),
    _shared(
        "corrcoef", "the covariances of the rows of a matrix, each divided by both deviations", _corrcoef, accuracy=1
    ),
    _shared(
        "special.cumulative_logsumexp",
        "ln Σ eˣ of all prefixes along an axis",
        _cumulative_logsumexp,
        cost=costs.UNCOUNTED,
        source="https://docs.jax.dev/en/latest/_autosummary/jax.lax.cumlogsumexp.html",
    ),
)
