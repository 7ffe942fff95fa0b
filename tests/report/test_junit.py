"""The XML is well-formed whatever the names are, and no check that is not fine passes."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.model import Outcome, Verdict
from harness.report import junit
from harness.report.build import build
from harness.report.escape import line
from harness.report.standing import Standing
from tests.report.catalogue import HOSTILE, hostile, judged, made_up

# XML 1.0, section 2.2: the characters a document may hold.
ALLOWED = re.compile(r"[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


def parsed(document: str) -> ET.Element:
    """Assert what must hold for every document, and parse it."""
    assert ALLOWED.fullmatch(document)
    assert [] == [row for row in document.splitlines() if row.lstrip().startswith("::")]
    assert "##[" not in document
    return ET.fromstring(document.encode("utf-8"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_make_valid_xml(text: str) -> None:
    """Forbidden characters are spelled, all others come back."""
    root = parsed(junit.render(hostile(text).report()))

    assert [line(text)] == [suite.get("name") for suite in root]
    assert {line(text)} == {case.get("classname") for case in root.iter("testcase")}
    assert any(
        line(text) in (message.text or "") or line(text) in (message.get("message") or "") for message in root[0].iter()
    )


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_name_makes_valid_xml(text: str) -> None:
    """Whatever the name is, a parser reads it as it is spelled."""
    assert line(text) == parsed(junit.render(hostile(text).report()))[0].get("name")


@pytest.mark.parametrize(
    ("outcome", "verdict", "children"),
    [
        (Outcome.COMPLETED, Verdict.AGREES, []),
        (Outcome.COMPLETED, Verdict.CONVENTION, ["system-out"]),
        (Outcome.COMPLETED, Verdict.ACCEPTED, ["system-out"]),
        (Outcome.COMPLETED, Verdict.DISAGREES, ["failure"]),
        (Outcome.COMPLETED, None, ["failure"]),
        (Outcome.UNSUPPORTED, None, ["skipped"]),
        (Outcome.RAISED, None, ["error"]),
        (Outcome.CRASHED, None, ["error"]),
        (Outcome.TIMED_OUT, None, ["error"]),
        (Outcome.OUT_OF_MEMORY, None, ["error"]),
        (Outcome.MISSING, None, ["error"]),
    ],
)
def test_each_verdict_and_outcome_has_its_element(
    outcome: Outcome, verdict: Verdict | None, children: list[str]
) -> None:
    """What is not fine fails or errs; a declared gap is skipped; the rest passes."""
    root = parsed(junit.render(build([judged(outcome, verdict)], {}, {}, [], [], {})))

    assert children == [child.tag for child in root[0][0]]


def test_the_counts_are_those_of_the_elements() -> None:
    """A service that reads only the attributes is not misled."""
    report = made_up(40).report()
    root = parsed(junit.render(report))

    for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert len(list(root.iter(tag))) == int(root.get(attribute, ""))
        assert sum(int(suite.get(attribute, "")) for suite in root) == int(root.get(attribute, ""))
    assert report.tally.bad == int(root.get("failures", "")) + int(root.get("errors", ""))
    assert report.tally.counts[Standing.UNSUPPORTED] == int(root.get("skipped", ""))


def test_a_failure_says_why_where_and_how_to_see_more() -> None:
    """The message is the reason; the text has the worst element and a command."""
    failure = next(parsed(junit.render(made_up(3).report())).iter("failure"))

    assert failure.get("message") == "Every element is 1 + 2⁻¹⁴ times the truth: a relative fault, no rounding."
    assert "at [0]: got " in (failure.text or "")
    assert "See more: harness run elementwise/sin -b tensorflow -m xla -d float32 -q value" in (failure.text or "")


def test_times_that_are_no_numbers_do_not_reach_the_xml() -> None:
    """A clock that jumped leaves a sum that a service can read."""
    odd = judged(verdict=Verdict.AGREES, seconds={"first": float("nan"), "again": -1.0, "other": 0.5})
    root = parsed(junit.render(build([odd], {}, {}, [], [], {})))

    assert root[0][0].get("time") == "0.500000"
