"""Statistics of times: exact probabilities, intervals that cover, and none where there is too little to go by."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, strategies

from harness.judge.statistics import discoveries, estimate, growth, noise_floor, p_value, ratio, width
from harness.timing import DEFAULT_PROCESSES

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []

TIMES = strategies.lists(strategies.floats(1e-7, 10.0), min_size=1, max_size=8)


def _brute_p(first: Sequence[float], second: Sequence[float]) -> float:
    """Count over all ways to label the values."""
    together = [*first, *second]
    middle = len(first) * len(second) / 2

    def uneven(chosen: Sequence[int]) -> float:
        ours = [together[place] for place in chosen]
        theirs = [together[place] for place in range(len(together)) if place not in chosen]
        return abs(sum(x > y for x, y in itertools.product(ours, theirs)) - middle)

    seen = uneven(range(len(first)))
    every = [uneven(chosen) for chosen in itertools.combinations(range(len(together)), len(first))]
    return sum(one >= seen for one in every) / len(every)


@given(strategies.lists(strategies.integers(0, 10**6), min_size=2, max_size=8, unique=True), strategies.data())
def test_the_p_value_is_exact(values: list[int], data: strategies.DataObject) -> None:
    """It counts all orders, as listing them does."""
    cut = data.draw(strategies.integers(1, len(values) - 1))
    assert _brute_p(values[:cut], values[cut:]) == p_value(values[:cut], values[cut:])


def test_ties_are_no_evidence() -> None:
    """Equal samples, and none at all, have a probability of 1."""
    assert 1.0 == p_value([1.0] * 5, [1.0] * 5)
    assert 1.0 == p_value([], [1.0])


@given(TIMES, TIMES)
def test_the_p_value_is_symmetric(first: list[float], second: list[float]) -> None:
    """Which is old and which is new does not matter."""
    assert p_value(first, second) == p_value(second, first)
    assert 0 < p_value(first, second) <= 1


def test_benjamini_and_hochberg_reject_what_their_paper_rejects() -> None:
    """The example of section 3.2: of fifteen, four at 5 %, where Bonferroni has three."""
    values = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
        1.0000,
    ]  # fmt: skip
    assert [True] * 4 + [False] * 11 == discoveries(values, 0.05)
    assert [False] * 11 + [True] * 4 == discoveries(values[::-1], 0.05)
    assert [] == discoveries([], 0.05)


@given(TIMES)
def test_an_interval_holds_its_median(seconds: list[float]) -> None:
    """And lies within what was measured."""
    found = estimate(seconds)
    assert min(seconds) <= found.low <= found.median <= found.high <= max(seconds)


def test_an_interval_covers_the_median_as_often_as_it_says() -> None:
    """Of 300 sets of processes, 95 % or nearly so."""
    generator = np.random.default_rng(7)
    covered = 0
    for _ in range(300):
        found = estimate(np.exp(generator.normal(0.0, 0.02, DEFAULT_PROCESSES)).tolist())
        covered += found.low <= 1.0 <= found.high
    assert covered >= 275


def test_a_width_of_few_processes_is_no_small_one() -> None:
    """One process has an infinite width, three a larger one than ten with the same interval."""
    assert math.inf == width([1.0])
    assert width([0.99, 1.0, 1.01]) > width([0.99, *[1.0] * 8, 1.01])


def test_the_noise_floor_is_that_of_the_processes() -> None:
    """None where there are too few; zero where they are alike; and it grows with how far they are apart."""
    assert math.isnan(noise_floor([1.0] * 3))
    assert 0.0 == noise_floor([1.0] * 10)
    generator = np.random.default_rng(3)
    narrow, wide = (noise_floor(np.exp(generator.normal(0.0, size, 15)).tolist()) for size in (0.01, 0.04))
    assert 0.001 < 2 * narrow < wide < 0.12


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.5])
def test_a_growth_is_fitted(exponent: float) -> None:
    """The exponent is that of the power law, and within its interval."""
    generator = np.random.default_rng(11)
    points = [(size, (1e-6 * size**exponent * np.exp(generator.normal(0, 0.01, 10))).tolist()) for size in (1, 10, 100)]
    found = growth(points)
    assert found is not None
    assert found.low <= found.exponent <= found.high
    assert abs(found.exponent - exponent) < 0.01
    assert (1, 10, 100) == found.sizes


@pytest.mark.parametrize("sizes", [(), (1, 10), (10, 11, 12), (0, 0, 0)])
def test_too_few_sizes_have_no_growth(sizes: tuple[int, ...]) -> None:
    """Nor have sizes that hardly differ."""
    assert growth([(size, [1.0]) for size in sizes]) is None


@given(TIMES, TIMES)
def test_a_ratio_lies_within_its_interval(old: list[float], new: list[float]) -> None:
    """And the interval within what was measured."""
    middle, low, high = ratio(old, new)
    assert min(new) / max(old) <= low <= middle <= high <= max(new) / min(old)
