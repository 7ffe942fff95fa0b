"""Taylor series of special functions, for what Arb has of numbers and not of series.

A series s is x + ε, with as many terms as it has precision. None of this imports Arb: what is given says what it is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SCIPY", "by_slope", "cylinder", "inverse", "pi"]

SCIPY = "https://docs.scipy.org/doc/scipy/reference/generated/scipy.special.{}.html"
"""The page of a function in SciPy's reference."""


def by_slope(value: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make a series of a function's value at a number and of the series of its derivative."""
    return lambda s: slope(s).integral() + value(s[0])


def inverse(value: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make a series y(s) of y at a number and of y′ as a function of y: each turn makes one more coefficient right."""

    def expanded(s: Any) -> Any:
        start = value(s[0])
        y = type(s)([start], s.prec)
        for _ in range(s.prec):
            y = slope(y).integral() + start
        return type(s)([y[number] for number in range(s.prec)], s.prec)

    return expanded


def cylinder(order: int, value: Callable[[Any, int], Any], above: int, below: int) -> Callable[[Any], Any]:
    """Make a series of a Bessel function of integer order, whose slope is (below · f_{n-1} + above · f_{n+1}) / 2.

    Source: https://dlmf.nist.gov/10.6 and https://dlmf.nist.gov/10.29
    """

    def derivative(x: Any, k: int) -> Any:
        terms = [math.comb(k, j) * above**j * below ** (k - j) * value(x, order - k + 2 * j) for j in range(k + 1)]
        return sum(terms[1:], terms[0]) / 2**k

    return lambda s: type(s)([derivative(s[0], k) / math.factorial(k) for k in range(s.prec)], s.prec)


def pi(xp: Any, x: Any) -> Any:
    """Return π as exactly as the numbers beside it are: on balls, no double is π."""
    return 4 * xp.atan(x * 0.0 + 1.0)
