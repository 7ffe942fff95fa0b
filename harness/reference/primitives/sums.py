"""Sums, sums of prefixes, and products of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.reductions import normalize_axes
from harness.reference.arithmetic import Dual, is_floating
from harness.reference.floats import matmul_runs
from harness.reference.primitives.promotion import cast, pair, plain
from harness.reference.variables import unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.arithmetic import Component
    from harness.reference.variables import Recorder, Variable

__all__ = ["PRIMITIVES"]


def _sum(tape: Recorder, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Variable:
    variable = tape.constant(x)
    axes = normalize_axes(axis, variable.ndim)
    if not is_floating(variable.dtype):
        return plain(tape, np.asarray(np.sum(variable.dual.value.astype(np.int64), axis=axes, keepdims=keepdims)))
    arithmetic, dual, dtype = tape.arithmetic, variable.dual, variable.dtype
    tangent = None if dual.tangent is None else arithmetic.total(dual.tangent, axes, dtype)
    kept = Dual(arithmetic, arithmetic.total(dual.value, axes, dtype), tangent, dtype)
    shape = kept.shape

    def pullback(g: Dual) -> Dual:
        wide = g.map(lambda part: part.reshape((*shape, part.shape[-1])))
        return wide.map(lambda part: np.broadcast_to(part, (*variable.shape, part.shape[-1])))

    found = kept if keepdims else kept.map(lambda part: np.squeeze(part, axis=axes))
    return tape.record(found, [(variable, pullback)])


def _cumulative_sum(tape: Recorder, x: Any, /, *, axis: int | None = None, include_initial: bool = False) -> Variable:
    variable = tape.constant(x)
    if axis is None and variable.ndim != 1:
        raise ValueError(f"cumulative_sum needs an axis for an array of {variable.ndim} dimensions.")
    number = normalize_axes(0 if axis is None else axis, variable.ndim)[0]
    found = _prefixes(tape, variable if variable.dtype != "bool" else cast(tape, variable, "int64"), number)
    if not include_initial:
        return found
    shape = tuple(1 if place == number else size for place, size in enumerate(variable.shape))
    zeros = tape.xp.zeros(shape, dtype=found.dtype)
    return tape.xp.concat((zeros, found), axis=number)  # type: ignore[no-any-return]  # looked up by name


def _prefixes(tape: Recorder, variable: Variable, number: int) -> Variable:
    arithmetic, dual, dtype = tape.arithmetic, variable.dual, variable.dtype
    if not is_floating(dtype):
        return plain(tape, np.cumsum(dual.value, axis=number))
    tangent = None if dual.tangent is None else arithmetic.cumulative(dual.tangent, number, dtype)
    result = Dual(arithmetic, arithmetic.cumulative(dual.value, number, dtype), tangent, dtype)

    def reverse(part: Component) -> Component:
        return np.flip(arithmetic.cumulative(np.flip(part, number), number, dtype), number)

    return tape.record(result, [(variable, lambda g: g.map(reverse))])


def _matmul(tape: Recorder, a: Any, b: Any, /) -> Variable:
    left, right = pair(tape, a, b)
    if right.ndim == 1:
        return tape.xp.squeeze(_matmul(tape, left, right[:, None]), axis=-1)  # type: ignore[no-any-return]
    if left.ndim == 1:
        return tape.xp.squeeze(_matmul(tape, left[None, :], right), axis=-2)  # type: ignore[no-any-return]
    if not is_floating(left.dtype):
        return plain(tape, matmul_runs(left.dual.value, right.dual.value))
    product = tape.arithmetic.matmul

    def swapped(dual: Dual) -> Dual:
        return dual.conjugate().map(lambda part: np.swapaxes(part, -2, -3))

    return tape.record(
        left.dual.bilinear(right.dual, product),
        [
            (left, lambda g: unbroadcast(g.bilinear(swapped(right.dual), product), left.shape)),
            (right, lambda g: unbroadcast(swapped(left.dual).bilinear(g, product), right.shape)),
        ],
    )


PRIMITIVES: dict[str, Callable[..., Any]] = {"sum": _sum, "cumulative_sum": _cumulative_sum, "matmul": _matmul}
"""By the name they have in `xp`."""
