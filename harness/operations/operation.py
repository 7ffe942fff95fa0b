"""What a row of the vocabulary is made of.

A row says what an operation *means* (so that the reference can run it on balls) and how accurate a good implementation
is (so that the budget can be computed). What a framework calls it is its adapter's affair: `harness.operations.words`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.operations.costs import Cost

__all__ = ["PRIMITIVE", "Elementwise", "Meaning", "Operation"]


class _Marker(enum.Enum):
    PRIMITIVE = "a primitive of the tape, of the same name"


PRIMITIVE = _Marker.PRIMITIVE


@dataclass(frozen=True)
class Elementwise:
    """A function of one real variable, which Arb can evaluate.

    Attributes:
        ball: What gives the value: the name of a method of `arb`, or a callable of an `arb`.
        series: The same function of an `arb_series`; by default the method of the same name.
        derivative: The customary formula `(xp, x, y) -> dy/dx` of a good program, where y is the result. The budget
            and the NumPy tape use it; the truth never does.
        size: `(np, x, y)`, what the accuracy is relative to, where that is not the result's own size: a function
            that every library evaluates as a sum of larger terms cannot be as accurate near its zeros as elsewhere.
            Needs a source.
        floats: The same function `(np, x)` of plain numbers, for one that is made on the way and that no table can name.

    The value of a budget's run, and of the NumPy tape, comes from what NumPy calls the row; where that is a gap, the budget
    rounds Arb's value to float64.
    """

    ball: str | Callable[[Any], Any]
    series: str | Callable[[Any], Any] | None = None
    derivative: Callable[[Any, Any, Any], Any] | None = None
    size: Callable[[Any, Any, Any], Any] | None = None
    floats: Callable[[Any, Any], Any] | None = None


Meaning = Elementwise | Callable[..., Any] | _Marker


@dataclass(frozen=True)
class Operation:
    """One row of the vocabulary.

    Attributes:
        name: The word of `xp`, dotted below a sub-namespace: `exp`, `special.erf`, `nn.relu`.
        summary: One sentence, with the formula.
        meaning: An `Elementwise` function, `PRIMITIVE`, or a definition `(xp, *arguments)` in simpler operations.
        accuracy: k, the error in units of the unit roundoff that a good implementation keeps: 1 where IEEE 754 or
            a correctly rounded library promises it, 2 for elementary functions, larger only with a source.
        program: The same function as a good library evaluates it, derivative included, where that differs from the
            meaning in its rounding; with a source. The budget and the NumPy tape run it, the truth never does. It
            has three words of its own. `xp.stop_gradient(x)` is x without a derivative, which still moves when the
            derivative that a program states is differentiated again; `xp.constant(x)` does not move then either; and
            `xp.with_value(a, b)` has the value of a and the derivative of b. An example is below.
        others: Further programs, of libraries whose derivatives are rounded otherwise; with sources. The budget is the
            largest that one of them needs.
        domain: The interval of the real line on which random arguments make sense.
        cost: How many floating-point operations a call is, and what it reads and writes. Without one, an `Elementwise`
            function is one an element, a definition is what it is defined by, and of a primitive nothing is known.
        source: Where the formula or the accuracy comes from.

    Example:
        A library that computes ln(eᵃ + eᵇ) in some way, and as its derivative the shares exp(a - y) and exp(b - y) of
        the rounded result y, where y itself moves as that derivative says (logaddexp in elementwise.py)::

            def _logaddexp_program(xp, a, b):
                value = xp.constant(_logaddexp(xp, a, b))
                y = xp.stop_gradient(xp.with_value(value, xp.exp(a - value) + xp.exp(b - value)))
                return xp.with_value(y, xp.exp(a - y) + xp.exp(b - y))
    """

    name: str
    summary: str
    meaning: Meaning
    accuracy: float = 2.0
    program: Callable[..., Any] | None = None
    others: tuple[Callable[..., Any], ...] = ()
    domain: tuple[float, float] = (float("-inf"), float("inf"))
    cost: Cost | None = None
    source: str = ""
