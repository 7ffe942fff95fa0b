"""Rows that other special functions and elementary ones make up, below `xp.special`."""

from __future__ import annotations

import math
from typing import Any

from harness.operations.costs import elementwise
from harness.operations.operation import Operation
from harness.operations.special.expansions import SCIPY

__all__ = ["ROWS"]

_POSITIVE = (0.0, math.inf)


def _entr(xp: Any, x: Any) -> Any:
    inside = xp.where(x > 0, x, 1.0)
    return xp.where(x > 0, -(x * xp.log(inside)), xp.where(x == 0, x * 0.0, -math.inf))


def _xlog1py(xp: Any, a: Any, b: Any) -> Any:
    # As of xlogy: 0 times what is no logarithm is 0, and at the end of the logarithm's domain only the derivative is -∞.
    nothing = xp.logical_and(a == 0, b < -1)
    product = a * xp.log1p(xp.where(nothing, 0.0, b))
    return xp.where(xp.logical_and(a == 0, b == -1), xp.with_value(a * 0.0, product), product)


def _rel_entr(xp: Any, p: Any, q: Any) -> Any:
    inside = xp.logical_and(p > 0, q > 0)
    over, under = xp.where(inside, p, 1.0), xp.where(inside, q, 1.0)
    none = xp.logical_and(p == 0, q >= 0)
    return xp.where(inside, over * xp.log(over / under), xp.where(none, p * 0.0, math.inf))


def _rel_entr_by_difference(xp: Any, p: Any, q: Any) -> Any:
    """p ln p - p ln q: rel_entr in jax/_src/scipy/special.py."""
    inside = xp.logical_and(p > 0, q > 0)
    over, under = xp.where(inside, p, 1.0), xp.where(inside, q, 1.0)
    none = xp.logical_and(p == 0, q >= 0)
    return xp.where(inside, over * xp.log(over) - over * xp.log(under), xp.where(none, p * 0.0, math.inf))


def _kl_div(xp: Any, p: Any, q: Any) -> Any:
    return xp.special.rel_entr(p, q) - p + q


def _betaln(xp: Any, a: Any, b: Any) -> Any:
    return xp.special.lgamma(a) + xp.special.lgamma(b) - xp.special.lgamma(a + b)


def _beta(xp: Any, a: Any, b: Any) -> Any:
    return xp.exp(xp.special.betaln(a, b))


def _poch(xp: Any, x: Any, n: float) -> Any:
    return xp.exp(xp.special.lgamma(x + n) - xp.special.lgamma(x))


def _multigammaln(xp: Any, x: Any, d: int) -> Any:
    constant = d * (d - 1) / 4 * xp.log(4 * xp.atan(x * 0.0 + 1.0))
    return sum((xp.special.lgamma(x - j / 2) for j in range(d)), constant)


def _boxcox(xp: Any, x: Any, power: float) -> Any:
    return xp.expm1(power * xp.log(x)) / power if power else xp.log(x)


def _boxcox1p(xp: Any, x: Any, power: float) -> Any:
    return xp.expm1(power * xp.log1p(x)) / power if power else xp.log1p(x)


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    return Operation(f"special.{name}", summary, meaning, source=SCIPY.format(name), **keywords)


ROWS = (
    _row("entr", "-x ln x, and 0 at 0", _entr, cost=elementwise(3), domain=_POSITIVE),
    _row("xlog1py", "a ln(1 + b), and 0 where a = 0", _xlog1py, cost=elementwise(2)),
    _row(
        "rel_entr",
        "p ln(p / q), and 0 where p = 0",
        _rel_entr,
        cost=elementwise(3),
        program=_rel_entr_by_difference,
        domain=_POSITIVE,
    ),
    _row("kl_div", "p ln(p / q) - p + q", _kl_div, domain=_POSITIVE),
    _row("betaln", "ln B(a, b) = ln Γ(a) + ln Γ(b) - ln Γ(a + b), for positive a and b", _betaln, domain=_POSITIVE),
    _row("beta", "B(a, b) = Γ(a) Γ(b) / Γ(a + b), for positive a and b", _beta, domain=_POSITIVE),
    _row("poch", "Γ(x + n) / Γ(x), for constant n and positive x", _poch, domain=_POSITIVE),
    _row(
        "multigammaln",
        "ln Γ_d(x) = d(d-1)/4 ln π + Σ ln Γ(x - j/2) over j < d, for x > (d - 1)/2",
        _multigammaln,
        domain=(2.0, math.inf),
    ),
    _row("boxcox", "(x^λ - 1) / λ, and ln x for λ = 0", _boxcox, domain=_POSITIVE),
    _row("boxcox1p", "((1 + x)^λ - 1) / λ, and ln(1 + x) for λ = 0", _boxcox1p, domain=(-1.0, math.inf)),
)
