"""Every line is valid JSON and holds exactly what was judged."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model import Verdict
from harness.report import jsonlines
from harness.report.build import build
from tests.report.catalogue import HOSTILE, hostile, judged, made_up

if TYPE_CHECKING:
    from harness.model import Judgement
    from harness.report.model import Report


def _report(*judgements: Judgement) -> Report:
    return build(judgements, {}, {}, [], [], {})


def refuse(constant: str) -> None:
    """Refuse what JSON does not have: NaN, Infinity."""
    raise AssertionError(constant)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_come_back_exactly(text: str) -> None:
    """One line a judgement, in ASCII, and no character is lost or changed."""
    run = hostile(text)
    written = jsonlines.render(run.report())
    rows = [json.loads(row) for row in written.splitlines()]

    assert written.isascii()
    assert [judgement.row() | {"judged_by": None} for judgement in run.judgements] == rows
    assert {text} == {row["case"] for row in rows}


@given(st.text(st.characters(exclude_categories=())))
def test_any_name_comes_back_exactly(text: str) -> None:
    """Lone surrogates included, and every line stays one line."""
    written = jsonlines.render(_report(judged(verdict=Verdict.AGREES, text=text)))

    assert len(written.splitlines()) == 1
    assert text == json.loads(written)["case"]


@pytest.mark.parametrize(("z", "text"), [(math.inf, "inf"), (-math.inf, "-inf"), (math.nan, "nan"), (2.5, 2.5)])
def test_numbers_that_are_not_finite_are_strings(z: float, text: object) -> None:
    """A strict parser reads every line."""
    written = jsonlines.render(_report(judged(verdict=Verdict.DISAGREES, z=z, error_ulps=z, seconds={"first": z})))
    row = json.loads(written, parse_constant=refuse)

    assert (text, text, {"first": text}) == (row["z"], row["error_ulps"], row["seconds"])


def test_one_line_for_every_judgement() -> None:
    """Nothing is filtered away."""
    run = made_up(3)

    assert [one.check.id for one in run.judgements] == [
        json.loads(row)["check"] for row in jsonlines.render(run.report()).splitlines()
    ]
    assert jsonlines.render(_report()) == ""
