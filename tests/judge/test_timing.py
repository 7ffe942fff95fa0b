"""Tests of what times say: on synthetic processes, whose truth is known."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.judge.statistics import LEVEL, PROCESSES
from harness.judge.timing import SAME, Comparison, Pace, Side, compare, settle, sides
from harness.model import Check, Outcome, Timing
from harness.timing import DEFAULT_PROCESSES

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []

CHECK = Check("area/case", "given", "torch", "eager", "float32", "cpu", "value")


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


def test_the_same_processes_give_the_same_figures() -> None:
    """All resampling is seeded."""
    generator = np.random.default_rng(5)
    old, new = _processes(generator, 10), _processes(generator, 10)
    assert compare(old, new) == compare(old, new)
    assert 0.05 == LEVEL
