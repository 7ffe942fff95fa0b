"""Every verdict and outcome has a word, a sign and a place, and none reads as another."""

from __future__ import annotations

import itertools
import math

import pytest

from harness.model import Outcome, Verdict
from harness.report.standing import MEANINGS, Standing, largest, tally
from tests.report.catalogue import judged

COMBINATIONS = list(itertools.product(Outcome, [None, *Verdict]))


@pytest.mark.parametrize(("outcome", "verdict"), COMBINATIONS)
def test_standing_is_fine_exactly_where_the_judgement_is(outcome: Outcome, verdict: Verdict | None) -> None:
    """The report and the exit status never differ."""
    judgement = judged(outcome, verdict)

    assert judgement.fine is Standing.of(judgement).fine


def test_a_completed_check_without_a_verdict_is_unjudged() -> None:
    """It never reads as agreement."""
    assert Standing.of(judged(Outcome.COMPLETED, None)) is Standing.UNJUDGED


@pytest.mark.parametrize("attribute", ["sign", "ascii", "words"])
def test_signs_and_words_tell_standings_apart(attribute: str) -> None:
    """Without colour, on any terminal."""
    assert len(Standing) == len({getattr(standing, attribute) for standing in Standing})


def test_every_standing_has_a_meaning() -> None:
    """The legend leaves none out."""
    assert set(Standing) == set(MEANINGS)


def test_a_time_out_does_not_hide_a_wrong_value() -> None:
    """The wrong value leads, and the time-out is still counted."""
    counted = tally(
        [judged(Outcome.TIMED_OUT), judged(verdict=Verdict.DISAGREES), judged(verdict=Verdict.AGREES, z=2.0)]
    )

    assert counted.worst is Standing.DISAGREES
    assert counted.text == "1 disagrees, 1 timed out, 1 agrees"
    assert counted.bad == 2
    assert counted.z == 2.0


def test_a_declared_gap_does_not_hide_agreement() -> None:
    """It is counted beside what agreed; a missing check comes before both."""
    agreed, gap = judged(verdict=Verdict.AGREES), judged(Outcome.UNSUPPORTED)

    assert tally([gap, agreed]).text == "1 agrees, 1 unsupported"
    assert tally([gap]).worst is Standing.UNSUPPORTED
    assert tally([agreed, gap, judged(Outcome.MISSING)]).worst is Standing.MISSING


def test_nothing_is_missing_rather_than_fine() -> None:
    """An empty group has no check that agreed."""
    assert tally([]).worst is Standing.MISSING


def test_the_largest_size_is_a_nan_where_there_is_one() -> None:
    """A NaN cannot hide behind a number."""
    found = largest([1.0, math.nan, math.inf, None])

    assert found is not None
    assert math.isnan(found)
    assert largest([1.0, math.inf]) == math.inf
    assert largest([None]) is None


def test_what_is_accepted_hides_no_rounding() -> None:
    """The largest z is that of checks judged by rounding, where there are any."""
    agreed = judged(verdict=Verdict.AGREES, z=2.0)
    accepted = judged(verdict=Verdict.ACCEPTED, z=math.nan)
    assert tally([agreed, accepted]).z == 2.0
    assert str(tally([accepted]).z) == "nan"
