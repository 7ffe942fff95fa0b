"""Rows of steps, signs and bits: rounding to whole numbers, remainders, kinds of numbers, and the bits of integers.

A step has the derivative 0 away from its jumps, and none at them.
"""

from __future__ import annotations

import math
from typing import Any

from harness.operations.costs import elementwise
from harness.operations.operation import PRIMITIVE, Operation

__all__ = ["ROWS"]

_STANDARD = "https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.{}.html"


def _copysign(xp: Any, a: Any, b: Any) -> Any:
    size = xp.abs(a)
    return xp.where(xp.less(b, 0), -size, size)


def _ldexp(xp: Any, x: Any, exponents: Any, /) -> Any:
    return x * xp.pow(xp.full_like(x, 2.0), xp.astype(exponents, x.dtype))


def _exact(name: str, summary: str, meaning: Any) -> Operation:
    source, cost = _STANDARD.format(name), elementwise()
    return Operation(name, summary, meaning, accuracy=0, source=source, cost=cost)


ROWS = (
    _exact("floor", "the largest whole number not above x", PRIMITIVE),
    _exact("ceil", "the smallest whole number not below x", PRIMITIVE),
    _exact("trunc", "x without its fraction", PRIMITIVE),
    _exact("round", "the nearest whole number, of two the even one", PRIMITIVE),
    _exact("floor_divide", "⌊a / b⌋", PRIMITIVE),
    Operation(
        "remainder",
        "a - b ⌊a / b⌋, which has the sign of b",
        PRIMITIVE,
        accuracy=1,
        cost=elementwise(),
        source=_STANDARD.format("remainder"),
    ),
    _exact("copysign", "|a| with the sign of b", _copysign),
    _exact("nextafter", "the number of the dtype that comes after a towards b", PRIMITIVE),
    Operation(
        "ldexp",
        "x · 2ⁿ, for whole n",
        _ldexp,
        accuracy=1,
        source="https://numpy.org/doc/stable/reference/generated/numpy.ldexp.html",
    ),
    _exact("signbit", "whether the sign bit is set", lambda xp, x: xp.less(x, 0)),
    _exact("isnan", "whether x is no number", lambda xp, x: xp.not_equal(x, x)),
    _exact("isinf", "whether x is infinite", lambda xp, x: xp.equal(xp.abs(x), math.inf)),
    _exact("isfinite", "whether x is neither infinite nor NaN", lambda xp, x: xp.less(xp.abs(x), math.inf)),
    # Integers and booleans.
    _exact("bitwise_and", "the bits that a and b both have", PRIMITIVE),
    _exact("bitwise_or", "the bits that a or b has", PRIMITIVE),
    _exact("bitwise_xor", "the bits that one of a and b has", PRIMITIVE),
    _exact("bitwise_invert", "the bits that x has not", PRIMITIVE),
    _exact("bitwise_left_shift", "the bits of a, moved by b places to the higher ones", PRIMITIVE),
    _exact("bitwise_right_shift", "the bits of a, moved by b places to the lower ones; the sign stays", PRIMITIVE),
)
