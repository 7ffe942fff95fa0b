"""Ends and poles of single functions, where Arb has no real value: the limit there, if there is one.

A zero has a sign, and the limit is taken from that side; elsewhere both sides that exist must agree. So C has it of its
own functions (Γ(±0) = ±∞, and NaN where Γ has a pole with two limits: C17, annex F.10.5.4), and SciPy of ψ
(https://docs.scipy.org/doc/scipy/reference/generated/scipy.special.digamma.html). At a pole without a limit, such as ψ's
at -1, NaN is that convention.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from flint import arb, ctx

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.arithmetic import Component

__all__ = ["settle_poles"]

_DISTANCES = (250, 500, 1000)
"""x is left by 2⁻²⁵⁰ and so on of its own size: what grows like ln |x| doubles from one to the next."""

_PRECISION = 2 * _DISTANCES[-1] + 200

_SETTLED = 2.0**-60


def settle_poles(function: Callable[[Component], Component], x: Component, values: Component) -> Component:
    """Take limits where a function of finite numbers is not a number.

    Args:
        function: The function on balls.
        x: float64 numbers.
        values: What it is there; NaN where Arb knows no value.

    Returns:
        The values, with limits where there are some.
    """
    unknown = np.isnan(values) & np.isfinite(x)
    if not unknown.any():
        return values
    settled = values.copy()
    precision, ctx.prec = ctx.prec, _PRECISION
    try:
        settled[unknown] = [_limit(function, float(number)) for number in x[unknown]]
    finally:
        ctx.prec = precision
    return settled


def _limit(function: Callable[[Component], Component], x: float) -> float:
    sides = [_limit_from(function, x, side) for side in (1, -1)]
    if x == 0:
        own, other = sides if math.copysign(1.0, x) > 0 else reversed(sides)
        return other if math.isnan(own) else own
    known = {side for side in sides if not math.isnan(side)}
    return known.pop() if len(known) == 1 else math.nan


def _limit_from(function: Callable[[Component], Component], x: float, side: int) -> float:
    """Follow a function to x from above or below."""
    scale = arb(abs(x) or 1.0) * side
    points = np.array([arb(x) + scale * arb(2) ** -distance for distance in _DISTANCES], dtype=object)
    far, near, nearest = function(points)
    if not (far.is_finite() and near.is_finite() and nearest.is_finite()):
        return math.nan
    sizes = [abs(ball) for ball in (far, near, nearest)]
    if abs(nearest - near).upper() <= _SETTLED * max(sizes[1].upper(), sizes[2].upper()):
        return float(nearest.mid())
    if sizes[2] > sizes[1] > sizes[0] and sizes[2] - sizes[1] > sizes[1] - sizes[0]:
        return math.inf if nearest > 0 else -math.inf
    return math.nan
