"""Enclosures: balls written down as float64 arrays, which a record can hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb

from harness.operations.formats import FORMATS, ulp

if TYPE_CHECKING:
    from harness.reference.arithmetic import Component

__all__ = ["Enclosure", "enclosure"]


@dataclass(frozen=True)
class Enclosure:
    """Balls as float64 arrays: the exact result lies in `high + low ± radius`.

    Attributes:
        high: Midpoint, rounded to nearest; infinite where the exact number is beyond float64.
        low: What rounding left over.
        radius: Rounded up; infinite where nothing is known.
    """

    high: np.ndarray[Any, Any]
    low: np.ndarray[Any, Any]
    radius: np.ndarray[Any, Any]

    def narrow(self, dtype: str) -> np.ndarray[Any, Any]:
        """Say, element by element, whether the radius is below 2⁻¹⁰ ulp of a dtype."""
        # Below 2⁻¹⁰ of the smallest subnormal of float64 a radius cannot be written down as a float64.
        return np.asarray((self.radius <= ulp(self.high, dtype) * 2.0**-10) | (self.radius <= 5e-324))


def enclosure(component: Component) -> Enclosure:
    """Write balls down as float64 arrays."""
    high = np.empty(component.shape[:-1], dtype=np.float64)
    low, radius = np.empty_like(high), np.empty_like(high)
    flat = component.reshape(-1)
    for number, ball in enumerate(flat):
        high.flat[number], low.flat[number], radius.flat[number] = _split(ball)
    return Enclosure(high, low, radius)


def _split(ball: Any) -> tuple[float, float, float]:
    if not ball.is_finite():
        return math.nan, 0.0, math.inf
    middle = ball.mid()
    high = float(middle)
    if math.isinf(high):
        return high, 0.0, 0.0 if abs(ball) > FORMATS["float64"].largest else math.inf
    rest = middle - arb(high)
    low = float(rest)
    radius = (ball.rad() + abs(rest - arb(low))).upper()
    # A radius that float64 cannot hold is rounded up, not down to none.
    return high, low, 0.0 if radius == 0 else math.nextafter(float(radius), math.inf)
