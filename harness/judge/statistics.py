"""The statistics that times are judged by: medians with intervals, exact tests, the noise floor, growth with size.

Each takes one number a process and needs no clock. What a verdict is made of them stands in `judge/timing.py`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "LEVEL",
    "PROCESSES",
    "Estimate",
    "Growth",
    "discoveries",
    "estimate",
    "growth",
    "noise_floor",
    "p_value",
    "ratio",
    "width",
]

PROCESSES = 10
"""So many processes a side are needed for a verdict; with fewer there are figures only."""

LEVEL = 0.05
"""Of all differences that are reported, at most this share is expected to be none; and the level of every interval."""

_DRAWS = 2_000
_SIZES = 3  # that a growth can be fitted through
_SPAN = 4  # between the smallest and the largest of them


@dataclass(frozen=True)
class Estimate:
    """A median over processes, with its bootstrap interval.

    Attributes:
        median: In seconds.
        low: Lower end.
        high: Upper end.
        processes: How many there were.
    """

    median: float
    low: float
    high: float
    processes: int


@dataclass(frozen=True)
class Growth:
    """How time grows with size: seconds are about proportional to elements to the power of `exponent`.

    Attributes:
        exponent: The slope of a straight line through logarithms.
        low: Lower end of its bootstrap interval over processes.
        high: Upper end.
        sizes: Elements at which it was timed.
    """

    exponent: float
    low: float
    high: float
    sizes: tuple[int, ...]


def estimate(seconds: Sequence[float], seed: int = 0) -> Estimate:
    """Return the median over processes, and its percentile bootstrap interval.

    Args:
        seconds: One number a process, at least one.
        seed: Of the resampling.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
    """
    values = np.asarray(seconds, np.float64)
    low, high = np.quantile(_medians(values, np.random.default_rng(seed)), [LEVEL / 2, 1 - LEVEL / 2])
    return Estimate(float(np.median(values)), float(low), float(high), len(values))


def width(seconds: Sequence[float]) -> float:
    """Return the width of a median's interval relative to the median, larger where there are few processes.

    The bootstrap of few processes is too narrow: with one it has no width at all. So the width is what the interval
    would have to be divided by, had it only as many processes as a verdict needs.
    """
    if len(seconds) < 2:
        return math.inf
    found = estimate(seconds)
    return (found.high - found.low) / found.median * max(1.0, PROCESSES / len(seconds))


def ratio(old: Sequence[float], new: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """Return the median of the new over the median of the old, and the bootstrap interval of that over processes.

    Args:
        old: Seconds, one number a process, at least one.
        new: The same, of the other side.
        seed: Of the resampling.

    Returns:
        The ratio, and the lower and upper end of its interval.
    """
    first, second = np.asarray(old, np.float64), np.asarray(new, np.float64)
    generator = np.random.default_rng(seed)
    drawn = _medians(second, generator) / _medians(first, generator)
    low, high = np.quantile(drawn, [LEVEL / 2, 1 - LEVEL / 2])
    return float(np.median(second) / np.median(first)), float(low), float(high)


def discoveries(p_values: Sequence[float], level: float) -> list[bool]:
    """Tell which of several tests to believe, so that of those at most `level` are expected to be false.

    Source: Benjamini and Hochberg, Journal of the Royal Statistical Society B 57(1), 1995.
    """
    count = len(p_values)
    ranked = sorted(range(count), key=lambda place: p_values[place])
    last = max((rank for rank, place in enumerate(ranked, 1) if p_values[place] <= level * rank / count), default=0)
    chosen = set(ranked[:last])
    return [place in chosen for place in range(count)]


def p_value(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the two-sided probability of so uneven an order of two samples, by the exact test of Mann and Whitney.

    A tie counts half to each side, and the sum is rounded towards the middle.

    Source: Mann and Whitney, Annals of Mathematical Statistics 18(1), 1947.
    """
    if not first or not second:
        return 1.0
    differences = np.subtract.outer(np.asarray(first, np.float64), np.asarray(second, np.float64))
    above = float((differences > 0).sum() + 0.5 * (differences == 0).sum())
    fewer = math.ceil(min(above, differences.size - above))
    ways = _ways(*sorted((len(first), len(second))))
    return min(1.0, 2 * sum(ways[: fewer + 1]) / math.comb(len(first) + len(second), len(first)))


@functools.cache
def _ways(small: int, large: int) -> tuple[int, ...]:
    """Count the orders of two samples by the number of pairs in which the first is above: a Gaussian binomial."""
    size = small * large + 1
    ways = [1] + [0] * (size - 1)
    for number in range(1, small + 1):
        for place in range(size - 1, large + number - 1, -1):  # times 1 - q^(large + number)
            ways[place] -= ways[place - large - number]
        for place in range(number, size):  # over 1 - q^number
            ways[place] += ways[place - number]
    return tuple(ways)


def noise_floor(seconds: Sequence[float], seed: int = 0) -> float:
    """Say how far from 1 the ratio of a program to itself is, in this very run, at the level.

    The processes are split at random into halves whose ratio is taken, again and again. A half has half the processes,
    so that its median is less certain by √2, which is taken out.

    Args:
        seconds: One number a process.
        seed: Of the splits.

    Returns:
        A fraction; NaN where there are fewer than four processes.
    """
    values = np.asarray(seconds, np.float64)
    if len(values) < 4:
        return math.nan
    generator = np.random.default_rng(seed)
    order = np.argsort(generator.random((_DRAWS, len(values))), axis=1)
    half = len(values) // 2
    medians = [np.median(values[part], axis=1) for part in (order[:, :half], order[:, half : 2 * half])]
    ratios = np.abs(np.log(medians[0] / medians[1]))
    return math.expm1(float(np.quantile(ratios, 1 - LEVEL)) / math.sqrt(2))


def growth(points: Sequence[tuple[int, Sequence[float]]], seed: int = 0) -> Growth | None:
    """Fit how time grows with the number of elements, by least squares on logarithms.

    Args:
        points: Elements, and seconds with one number a process.
        seed: Of the resampling.

    Returns:
        None where there are fewer than three sizes, or they hardly differ.
    """
    known = sorted((size, seconds) for size, seconds in points if size > 0 and seconds)
    sizes = tuple(dict.fromkeys(size for size, _ in known))
    if len(sizes) < _SIZES or sizes[-1] < _SPAN * sizes[0]:
        return None
    across = np.log([float(size) for size, _ in known])
    across -= across.mean()
    generator = np.random.default_rng(seed)

    def slope(heights: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.asarray(heights @ across / (across @ across))

    middle = np.log([float(np.median(np.asarray(seconds))) for _, seconds in known])
    drawn = np.log(np.stack([_medians(np.asarray(seconds, np.float64), generator) for _, seconds in known], axis=1))
    low, high = np.quantile(slope(drawn), [LEVEL / 2, 1 - LEVEL / 2])
    return Growth(float(slope(middle)), float(low), float(high), sizes)


def _medians(values: np.ndarray[Any, Any], generator: np.random.Generator) -> np.ndarray[Any, Any]:
    """Draw medians of as many values, taken with replacement."""
    places = generator.integers(len(values), size=(_DRAWS, len(values)))
    return np.asarray(np.median(values[places], axis=1))
