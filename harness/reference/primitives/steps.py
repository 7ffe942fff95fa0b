"""Steps and bits: rounding to whole numbers, remainders, neighbours, and the bits of integers.

A step's derivative is 0 wherever it has one, so its result is a constant to the tape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.formats import next_after
from harness.reference.arithmetic import Dual, is_floating
from harness.reference.primitives.promotion import cast, pair, plain
from harness.reference.variables import Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.variables import Recorder

__all__ = ["PRIMITIVES"]

_ALL_WHOLE = 2.0**53
"""From here on every number of every dtype is whole."""


def _stepped(
    name: str, rule: Callable[[Recorder, Variable, np.ndarray[Any, Any]], np.ndarray[Any, Any]]
) -> Callable[..., Variable]:
    """Make a step: NumPy's on floats, which is exact; on balls a rule, which gets numbers and their integer parts."""

    def primitive(tape: Recorder, x: Any, /) -> Variable:
        variable = tape.constant(x)
        if not is_floating(variable.dtype):
            return variable
        xp: Any = tape.xp
        still = xp.constant(variable)
        if not tape.arithmetic.exact:
            still.dual.value = getattr(np, name)(still.dual.value)
            return still  # type: ignore[no-any-return]  # looked up by name
        small = xp.less(xp.abs(still), _ALL_WHOLE)
        near = xp.where(small, still, 0.0)
        found = plain(tape, rule(tape, near, tape.arithmetic.truncate(near.dual.value)))
        # What is not small is whole already, infinite or NaN.
        return xp.where(small, cast(tape, found, variable.dtype), still)  # type: ignore[no-any-return]

    return primitive


def _order(tape: Recorder, x: Variable, y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Compare with exact numbers."""
    return tape.arithmetic.order(x.dual.value, tape.arithmetic.lift(y[..., 0], x.dtype), strict=True)


def _trunc(tape: Recorder, x: Variable, whole: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    del tape, x
    return whole


def _floor(tape: Recorder, x: Variable, whole: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(whole - (_order(tape, x, whole.astype(np.float64)) == -1))


def _ceil(tape: Recorder, x: Variable, whole: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(whole + (_order(tape, x, whole.astype(np.float64)) == 1))


def _round(tape: Recorder, x: Variable, whole: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    floor = _floor(tape, x, whole)
    half = _order(tape, x, floor + 0.5)
    return np.asarray(floor + ((half == 1) | ((half == 0) & (floor % 2 == 1))))


def _floor_divide(tape: Recorder, a: Any, b: Any, /) -> Variable:
    left, right = pair(tape, a, b)
    if not is_floating(left.dtype):
        return plain(tape, np.floor_divide(left.dual.value, right.dual.value))
    arithmetic = tape.arithmetic
    floor = arithmetic.floor_quotient(*np.broadcast_arrays(left.dual.value, right.dual.value))
    if floor is not None:
        return Variable(tape, Dual(arithmetic, floor, None, left.dtype), None)
    quotient: Variable = tape.xp.floor(left / right)
    # The quotient of a finite number and an infinite one is a zero, whose sign says on which side of 0 it lies.
    below = np.isfinite(left.dual.value) & np.isinf(right.dual.value)
    below = below & (left.dual.value != 0) & (np.signbit(left.dual.value) != np.signbit(right.dual.value))
    if below.any():
        quotient.dual.value = np.where(below, -np.ones_like(quotient.dual.value), quotient.dual.value)
    return quotient


def _remainder(tape: Recorder, a: Any, b: Any, /) -> Variable:
    """a - b ⌊a/b⌋, of which C's fmod, with one addition where the signs differ, makes at most one rounding."""
    left, right = pair(tape, a, b)
    if not is_floating(left.dtype):
        return plain(tape, np.remainder(left.dual.value, right.dual.value))
    arithmetic = tape.arithmetic
    moved = left - right * tape.xp.floor_divide(left, right)
    if arithmetic.exact:
        return moved  # type: ignore[no-any-return]  # made by operators
    dual = tape.xp.constant(moved).dual
    exact = np.remainder(*np.broadcast_arrays(left.dual.value, right.dual.value))
    dual.value = arithmetic.add(exact, arithmetic.zeros((1,), left.dtype), left.dtype)
    return tape.xp.with_value(type(moved)(tape, dual, None), moved)  # type: ignore[no-any-return]


def _nextafter(tape: Recorder, a: Any, b: Any, /) -> Variable:
    """Move to the neighbour, which only a number of the dtype has: what was computed before is known as a ball alone."""
    arithmetic, operands = tape.arithmetic, pair(tape, a, b)
    dtype, numbers = operands[0].dtype, [operand.dual.value.astype(np.float64) for operand in operands]
    for operand, floats in zip(operands, numbers, strict=True):
        lifted = arithmetic.lift(floats[..., 0], dtype)
        if arithmetic.exact and np.isin(arithmetic.order(operand.dual.value, lifted, strict=True), (-1, 1)).any():
            raise TypeError(f"xp.nextafter expected numbers of {dtype}: a result that is rounded has no one neighbour.")
    found = next_after(numbers[0], numbers[1], dtype).astype(np.float64)
    runs = [arithmetic.lift(found[..., run], dtype) for run in range(found.shape[-1])]
    return Variable(tape, Dual(arithmetic, np.concatenate(runs, axis=-1), None, dtype), None)


def _bits(name: str) -> Callable[..., Variable]:
    def primitive(tape: Recorder, *arguments: Any) -> Variable:
        variables = [tape.constant(argument) for argument in arguments]
        for variable in variables:
            if is_floating(variable.dtype):
                raise TypeError(f"xp.{name} expected integers or booleans, got {variable.dtype}.")
        return plain(tape, np.asarray(getattr(np, name)(*(variable.dual.value for variable in variables))))

    return primitive


PRIMITIVES: dict[str, Callable[..., Any]] = {
    "floor": _stepped("floor", _floor),
    "ceil": _stepped("ceil", _ceil),
    "trunc": _stepped("trunc", _trunc),
    "round": _stepped("rint", _round),
    "floor_divide": _floor_divide,
    "remainder": _remainder,
    "nextafter": _nextafter,
    "bitwise_and": _bits("bitwise_and"),
    "bitwise_or": _bits("bitwise_or"),
    "bitwise_xor": _bits("bitwise_xor"),
    "bitwise_invert": _bits("bitwise_invert"),
    "bitwise_left_shift": _bits("bitwise_left_shift"),
    "bitwise_right_shift": _bits("bitwise_right_shift"),
}
"""By the name they have in `xp`."""
