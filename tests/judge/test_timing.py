"""Tests of what times say: on synthetic processes, whose truth is known."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, strategies

from harness.judge import timing as module
from harness.judge.timing import (
    PROCESSES,
    SAME,
    Comparison,
    Pace,
    Side,
    compare,
    discoveries,
    estimate,
    growth,
    noise_floor,
    p_value,
    settle,
    sides,
    width,
)
from harness.model import Check, Outcome, Timing
from harness.timing import DEFAULT_PROCESSES

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []

CHECK = Check("area/case", "given", "torch", "eager", "float32", "cpu", "value")
TIMES = strategies.lists(strategies.floats(1e-7, 10.0), min_size=1, max_size=8)


def _side(seconds: Sequence[float], **more: Any) -> Side:
    return Side(CHECK, seconds=tuple(seconds), **more)


def _processes(generator: np.random.Generator, count: int, slowdown: float = 1.0) -> Side:
    """Draw processes as a shared machine makes them: 2 % apart, and one in twenty disturbed by 15 % or so."""
    usual = np.exp(generator.normal(0.0, 0.02, count))
    disturbed = np.where(generator.random(count) < 0.05, 1 + generator.exponential(0.15, count), 1.0)
    return _side((1e-5 * slowdown * usual * disturbed).tolist())


def _verdicts(slowdown: float, trials: int, together: int = 1) -> list[Pace]:
    """Compare at the default setting, some comparisons at once."""
    generator = np.random.default_rng(20260101)
    found: list[Pace] = []
    for _ in range(trials // together):
        pairs = [
            (_processes(generator, DEFAULT_PROCESSES), _processes(generator, DEFAULT_PROCESSES, slowdown))
            for _ in range(together)
        ]
        found += [one.pace for one in settle([compare(old, new) for old, new in pairs])]
    return found


def test_the_same_program_is_hardly_ever_called_faster_or_slower() -> None:
    """A/A: of 200 comparisons at most 5 % say anything but same or cannot tell, each judged alone."""
    found = _verdicts(1.0, 200)
    wrong = [pace for pace in found if pace in {Pace.FASTER, Pace.SLOWER}]
    assert len(wrong) <= 10
    assert sum(1 for pace in found if pace is Pace.SAME) >= 150


def test_judged_together_the_same_program_is_called_different_more_rarely_still() -> None:
    """Over 200 comparisons at once, false discoveries are controlled."""
    found = _verdicts(1.0, 200, together=200)
    assert sum(1 for pace in found if pace in {Pace.FASTER, Pace.SLOWER}) <= 2


def test_a_slowdown_of_5_percent_is_found() -> None:
    """In at least 90 % of trials, at the default setting."""
    assert sum(1 for pace in _verdicts(1.05, 200) if pace is Pace.SLOWER) >= 180


def test_a_slowdown_of_10_percent_is_always_found() -> None:
    """In all trials, at the default setting; and a speed-up as well."""
    assert [Pace.SLOWER] * 200 == _verdicts(1.10, 200)
    assert [Pace.FASTER] * 100 == _verdicts(1 / 1.10, 100)


def test_batches_of_one_process_prove_nothing() -> None:
    """However many batches there are, a process counts once."""
    one = Timing(id="a", check=CHECK, run="r", process=0, calls=tuple(1e-6 for _ in range(100)))
    other = Timing(id="b", check=CHECK, run="s", process=0, calls=tuple(2e-6 for _ in range(100)))
    (verdict,) = settle([compare(sides([one])[CHECK.id], sides([other])[CHECK.id])])
    assert Pace.CANNOT_TELL is verdict.pace
    assert 2.0 == verdict.ratio
    assert verdict.reason == f"1 processes a side, and a verdict needs {PROCESSES}"


def _made(**more: Any) -> Comparison:
    side = _side([1.0] * PROCESSES)
    usual: dict[str, Any] = {"ratio": 1.5, "low": 1.4, "high": 1.6, "p": 1e-5, "floor": 0.02}
    return Comparison(side, side, **{**usual, **more})


@pytest.mark.parametrize(
    ("more", "pace"),
    [
        ({}, Pace.SLOWER),
        ({"ratio": 0.5, "low": 0.4, "high": 0.6}, Pace.FASTER),
        ({"p": 0.06}, Pace.CANNOT_TELL),
        ({"low": 1.0}, Pace.CANNOT_TELL),
        ({"floor": 0.51}, Pace.CANNOT_TELL),
        ({"floor": math.nan}, Pace.CANNOT_TELL),
        ({"ratio": 1.01, "low": 0.99, "high": 1.02, "p": 0.5}, Pace.SAME),
        ({"ratio": 1.01, "low": 1.005, "high": 1.02}, Pace.SAME),
        ({"ratio": 1.01, "low": 1 - SAME - 0.001, "high": 1.02, "p": 0.5}, Pace.CANNOT_TELL),
        ({"ratio": 1.01, "low": 0.99, "high": 1 + SAME + 0.001, "p": 0.5}, Pace.CANNOT_TELL),
        ({"ratio": math.nan, "low": math.nan, "high": math.nan}, Pace.CANNOT_TELL),
    ],
)
def test_each_condition_of_a_verdict_can_say_no(more: dict[str, Any], pace: Pace) -> None:
    """Order, interval and noise floor must all speak for a difference; an interval close to 1 makes two the same."""
    assert [pace] == [one.pace for one in settle([_made(**more)])]


def test_same_says_within_what() -> None:
    """The farther end of the interval, rounded up."""
    (found,) = settle([_made(ratio=1.0, low=0.979, high=1.013, p=0.5)])
    assert "same within 2.1 %" == found.words


def test_nine_processes_give_no_verdict() -> None:
    """Ten do."""
    few, enough = _side([1.0] * (PROCESSES - 1)), _side([1.0] * PROCESSES)
    found = settle([replace(_made(), old=few), replace(_made(), new=few), replace(_made(), old=enough)])
    assert [Pace.CANNOT_TELL, Pace.CANNOT_TELL, Pace.SLOWER] == [one.pace for one in found]


def test_a_verdict_depends_on_how_many_are_looked_at() -> None:
    """What is believed alone is no discovery among fifty."""
    doubtful = _made(p=0.04)
    assert [Pace.SLOWER] == [one.pace for one in settle([doubtful])]
    assert Pace.SLOWER not in {one.pace for one in settle([doubtful, *[_made(p=0.9)] * 49])}


def test_a_pace_has_no_truth_value() -> None:
    """Every verdict is a non-empty string."""
    with pytest.raises(TypeError, match="no truth value"):
        bool(Pace.CANNOT_TELL)


def test_what_was_not_completed_is_not_compared() -> None:
    """It says why, and that it was completed before."""
    good, bad = _side([1.0] * 10), _side([], outcome=Outcome.RAISED, reason="ValueError: no")
    (found,) = settle([compare(good, bad)])
    assert (Pace.CANNOT_TELL, True) == (found.pace, found.broken)
    assert "the new run: raised: ValueError: no" == found.reason
    assert not compare(bad, good).broken


def test_a_case_that_changed_is_not_compared() -> None:
    """Other source or inputs are another computation; on another backend the same one is."""
    old, new = _side([1.0] * 10, computation="a"), _side([2.0] * 10, computation="b")
    (found,) = settle([compare(old, new)])
    assert Pace.CANNOT_TELL is found.pace
    assert found.reason is not None
    assert "the case is not the same" in found.reason


def test_processes_are_put_together() -> None:
    """The least of its batches is a process's; peaks are the largest; one that failed is left out."""
    shared: dict[str, Any] = {"check": CHECK, "run": "r", "elements": 3, "moved": 24, "versions": {"torch": "2.13.0"}}
    timings = [
        Timing(id="1", process=1, calls=(3.0, 1.0, 2.0), first=9.0, imported=1.5, memory={"host": 7}, **shared),
        Timing(id="0", process=0, calls=(5.0, 4.0), first=8.0, memory={"host": 9}, **shared),
        Timing(id="2", process=2, outcome=Outcome.CRASHED, reason="gone", **shared),
    ]
    found = sides(timings)[CHECK.id]
    assert ((4.0, 1.0), (8.0, 9.0), (1.5,)) == (found.seconds, found.first, found.imported)
    assert {"host": 9} == found.memory
    assert (Outcome.COMPLETED, "2.13.0", None) == (found.outcome, found.version, found.reason)
    failed = sides(timings[2:])[CHECK.id]
    assert (Outcome.CRASHED, "gone", ()) == (failed.outcome, failed.reason, failed.seconds)


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


def test_the_same_processes_give_the_same_figures() -> None:
    """All resampling is seeded."""
    generator = np.random.default_rng(5)
    old, new = _processes(generator, 10), _processes(generator, 10)
    assert compare(old, new) == compare(old, new)
    assert module.LEVEL == 0.05
