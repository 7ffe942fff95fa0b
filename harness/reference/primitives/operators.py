"""Arithmetic, powers, comparisons and logic: what works element by element and needs more than one operand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.operation import Elementwise, Operation
from harness.reference.arithmetic import Dual, is_floating
from harness.reference.primitives.promotion import cast, pair, plain
from harness.reference.variables import Variable, unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.variables import Recorder

__all__ = ["PRIMITIVES"]


def _binary(numpy_name: str, rule: Callable[[Recorder, Variable, Variable], Variable]) -> Callable[..., Variable]:
    def primitive(tape: Recorder, a: Any, b: Any, /) -> Variable:
        left, right = pair(tape, a, b)
        if not is_floating(left.dtype):
            return plain(tape, getattr(np, numpy_name)(left.dual.value, right.dual.value))
        return rule(tape, left, right)

    return primitive


def _add(tape: Recorder, a: Variable, b: Variable) -> Variable:
    return tape.record(
        a.dual + b.dual, [(a, lambda g: unbroadcast(g, a.shape)), (b, lambda g: unbroadcast(g, b.shape))]
    )


def _subtract(tape: Recorder, a: Variable, b: Variable) -> Variable:
    return tape.record(
        a.dual - b.dual, [(a, lambda g: unbroadcast(g, a.shape)), (b, lambda g: unbroadcast(-g, b.shape))]
    )


def _multiply(tape: Recorder, a: Variable, b: Variable) -> Variable:
    return tape.record(
        a.dual * b.dual,
        [
            (a, lambda g: unbroadcast(g * b.dual.conjugate(), a.shape)),
            (b, lambda g: unbroadcast(g * a.dual.conjugate(), b.shape)),
        ],
    )


def _divide(tape: Recorder, a: Any, b: Any, /) -> Variable:
    left, right = pair(tape, a, b)
    if not is_floating(left.dtype):
        left, right = (cast(tape, x, tape.arithmetic.dtype) for x in (left, right))
    quotient = left.dual / right.dual
    return tape.record(
        quotient,
        [
            (left, lambda g: unbroadcast(g / right.dual.conjugate(), left.shape)),
            (right, lambda g: unbroadcast(-(g * quotient.conjugate() / right.dual.conjugate()), right.shape)),
        ],
    )


def _negative(tape: Recorder, x: Any, /) -> Variable:
    variable = tape.constant(x)
    return tape.record(-variable.dual, [(variable, lambda g: -g)])


def _positive(tape: Recorder, x: Any, /) -> Variable:
    return tape.constant(x)


def _power(exponent: float) -> Operation:
    """Make the row of x to a constant power."""

    def slope(xp: Any, x: Dual, y: Dual) -> Any:
        del xp, y
        if exponent == 0:
            return x * 0.0
        if exponent == 1:
            return x * 0.0 + 1.0
        if exponent == 2:
            return x * 2.0
        return x.apply(_power(exponent - 1)) * exponent

    def raised(x: Any) -> Any:
        return x ** int(exponent) if float(exponent).is_integer() else x ** type(x)(exponent)

    def expanded(s: Any) -> Any:
        if float(exponent).is_integer():
            return s ** int(exponent)
        # The binomial series: Arb's own knows no derivative at 0, where the first ones are 0.
        x = s[0]
        power, factor, coefficients = type(x)(exponent), type(x)(1), []
        for number in range(s.prec):
            coefficients.append(factor * x ** (power - number))
            factor = factor * (power - number) / (number + 1)
        return type(s)(coefficients, s.prec)

    def floating(np: Any, x: Any) -> Any:
        return np.power(x, x.dtype.type(exponent))

    return Operation("pow", f"x to the power {exponent}", Elementwise(raised, expanded, slope, floats=floating))


def _pow(tape: Recorder, a: Any, b: Any, /) -> Variable:
    if isinstance(b, (int, float)):
        base = tape.constant(a)
        if not is_floating(base.dtype):
            if isinstance(b, int):
                return plain(tape, base.dual.value ** int(b))
            base = cast(tape, base, tape.arithmetic.dtype)
        row = _power(float(b))
        result = base.dual.apply(row)
        return tape.record(result, [(base, lambda g: g * base.dual.derivative(row, result).conjugate())])
    left, right = pair(tape, a, b)
    if not is_floating(left.dtype):
        return plain(tape, left.dual.value**right.dual.value)
    xp = tape.xp
    if (tape.arithmetic.order(left.dual.value, tape.arithmetic.zeros((1,), left.dtype), strict=False) == 1).all():
        return xp.exp(right * xp.log(left))  # type: ignore[no-any-return]  # looked up by name
    return _pow_of_any(tape, left, right)


def _pow_of_any(tape: Recorder, a: Variable, b: Variable) -> Variable:
    """a to the power b, where a may be 0 or less: then b must be a whole number, and its derivative is none."""
    xp: Any = tape.xp
    positive, zero = xp.greater(a, 0), xp.equal(a, 0)
    usual = xp.exp(b * xp.log(xp.where(positive, a, 1.0)))
    constant: Any = xp.stop_gradient(b)
    # From 2⁵³ on every number is even.
    small = xp.where(xp.less(xp.abs(constant), 2.0**53), constant, 0.0)
    whole = tape.arithmetic.truncate(small.dual.value)
    parity = xp.astype(plain(tape, 1 - 2 * (whole % 2)), b.dtype)
    undefined = xp.where(xp.equal(xp.astype(plain(tape, whole), b.dtype), small), 0.0, xp.nan)
    # What is not taken must not be infinite either: 0 · ∞ would be NaN where numbers are floats.
    below = xp.where(positive, -1.0, xp.where(zero, -1.0, a))
    size = parity * xp.exp(constant * xp.log(-below)) + undefined
    taken = xp.where(positive, 1.0, xp.where(zero, 1.0, a))
    negative = xp.with_value(size, size + (b - constant) * xp.log(taken))
    slope = xp.where(xp.equal(constant, 0), 0.0, constant * _pow_of_zero(xp, constant - 1))
    slope = xp.where(zero, slope, 0.0)
    nothing = _pow_of_zero(xp, constant)
    return xp.where(positive, usual, xp.where(zero, xp.with_value(nothing, slope * a), negative))  # type: ignore[no-any-return]


def _pow_of_zero(xp: Any, b: Variable) -> Any:
    return xp.where(xp.equal(b, 0), 1.0, xp.where(xp.greater(b, 0), 0.0, xp.inf))


def _atan2(tape: Recorder, a: Any, b: Any, /) -> Variable:
    """atan2(a, b): the angle from the half-plane's own arctangent, which keeps every quotient below 1 in size."""
    xp = tape.xp
    left, right = pair(tape, a, b)
    kind = tape.arithmetic.dtype if not is_floating(left.dtype) else left.dtype
    pi: Any = Variable(tape, Dual(tape.arithmetic, tape.arithmetic.pi(kind), None, kind), None)
    steep = xp.abs(left) > xp.abs(right)
    small = xp.where(steep, right, left)
    large = xp.where(steep, left, right)
    angle = xp.atan(small / large)
    quarter = xp.where(xp.greater(left, 0), pi / 2, -pi / 2)
    above = xp.greater_equal(left, 0)
    if not tape.arithmetic.exact:
        above = xp.logical_and(above, plain(tape, ~np.signbit(left.dual.value)))
    half = xp.where(xp.greater(right, 0), 0.0, xp.where(above, pi, -pi))
    return xp.where(steep, quarter - angle, half + angle)  # type: ignore[no-any-return]  # looked up by name


def _sign(tape: Recorder, x: Any, /) -> Variable:
    variable = tape.constant(x)
    arithmetic, dual, dtype = tape.arithmetic, variable.dual, variable.dtype
    if not is_floating(dtype):
        return plain(tape, np.sign(dual.value))
    found = arithmetic.order(dual.value, arithmetic.zeros((1,), dtype), strict=True)
    # What cannot be ordered is a NaN, and so is its sign.
    signs = np.where(arithmetic.undefined(dual.value), np.nan, found)
    runs = [arithmetic.lift(signs[..., run], dtype) for run in range(signs.shape[-1])]
    return Variable(tape, Dual(arithmetic, np.concatenate(runs, axis=-1), None, dtype), None)


def _compared(*wanted: int) -> Callable[..., Variable]:
    def primitive(tape: Recorder, a: Any, b: Any, /) -> Variable:
        left, right = pair(tape, a, b)
        if is_floating(left.dtype):
            found = tape.arithmetic.order(left.dual.value, right.dual.value, strict=True)
            # A branch that is decided by an equality is the corner of two.
            tape.ties += int((found == 0).any())
        else:
            found = np.sign(np.subtract(left.dual.value, right.dual.value, dtype=np.int64)).astype(np.int8)
        return plain(tape, np.isin(found, wanted))

    return primitive


def _logical(name: str) -> Callable[..., Variable]:
    def primitive(tape: Recorder, *arguments: Any) -> Variable:
        values = (tape.constant(argument).dual.value for argument in arguments)
        return plain(tape, getattr(np, name)(*values))

    return primitive


PRIMITIVES: dict[str, Callable[..., Any]] = {
    "add": _binary("add", _add),
    "subtract": _binary("subtract", _subtract),
    "multiply": _binary("multiply", _multiply),
    "divide": _divide,
    "negative": _negative,
    "positive": _positive,
    "pow": _pow,
    "atan2": _atan2,
    "sign": _sign,
    "equal": _compared(0),
    "not_equal": _compared(-1, 1, 2),
    "less": _compared(-1),
    "less_equal": _compared(-1, 0),
    "greater": _compared(1),
    "greater_equal": _compared(0, 1),
    "logical_and": _logical("logical_and"),
    "logical_or": _logical("logical_or"),
    "logical_xor": _logical("logical_xor"),
    "logical_not": _logical("logical_not"),
}
"""By the name they have in `xp`."""
