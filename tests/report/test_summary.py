"""The terminal shows counts and reasons, and obeys no name."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from harness.model import Outcome, Verdict
from harness.report import summary
from harness.report.escape import line, terminal
from tests.report.catalogue import HOSTILE, hostile, judged, made_up

if TYPE_CHECKING:
    from harness.model import Judgement
    from harness.report.model import Report


def printed(what: Report | list[Judgement], width: int = 120, encoding: str = "utf-8", limit: int | None = 50) -> str:
    """Print a summary to a file and give what it holds."""
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding, newline="") as file:
        summary.render(what, Console(file=file, width=width, color_system=None), limit=limit)
        file.flush()
        return raw.getvalue().decode(encoding)


def obeyed(text: str) -> list[str]:
    """Give the lines that a terminal or a log would obey."""
    return [row for row in text.splitlines() if row.lstrip().startswith("::") or "##[" in row or "\x1b" in row]


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_shown_and_do_nothing(text: str, width: int) -> None:
    """Markup, escapes and commands are text, at any width."""
    shown = printed(hostile(text).report(), width)

    assert [] == obeyed(shown)
    assert terminal(line(text)) in shown


@settings(max_examples=50, deadline=None)
@given(st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from(":# \n["))), st.integers(20, 120))
def test_no_name_is_obeyed(text: str, width: int) -> None:
    """Whatever the name is, wherever it is wrapped."""
    assert [] == obeyed(printed(hostile(text).judgements, width))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_terminal_that_has_only_ascii_gets_only_ascii(text: str) -> None:
    """Signs have a plain form, and names are spelled."""
    assert printed(hostile(text).report(), encoding="ascii").isascii()


def test_a_report_and_its_judgements_read_alike() -> None:
    """Only the store's notes need a report."""
    run = made_up(40)
    without_notes = [row for row in printed(run.report()).splitlines() if not row.startswith("note ")]

    assert without_notes == printed(run.judgements).splitlines()


def test_everything_that_is_not_fine_is_printed_with_its_reason() -> None:
    """With the worst element and a command in one line that can be copied."""
    shown = printed(made_up(40).report(), width=60)

    for text in (
        "✗ disagrees elementwise/sin  2 checks",
        "│ Every element is 1 + 2⁻¹⁴ times the truth: a relative fault, no rounding.",
        "│ [given] tensorflow · xla · float32 · value  at [0]: got -0.99755585, truth -0.997495  z 880",
        "│ $ harness run elementwise/log1p_square_13 -b torch -m aot -d float32 -q value",
        "│ No result within 60 s; the worker was killed.",
        "note torch-0003.jsonl: the last line was torn",
        "1,520 checks: ✗ 4 disagrees, † 2 crashed, ",
    ):
        assert text in shown


def test_names_and_versions_are_not_cut_in_a_narrow_terminal() -> None:
    """At 80 columns every backend and mode can be told."""
    shown = printed(made_up(40).report(), width=80)

    assert "tensorflow   function   2.21.0" in shown


def test_what_is_left_out_is_counted() -> None:
    """A limit never hides that there is more."""
    shown = printed(made_up(40).report(), limit=3)

    assert "… and 5 more like these" in shown
    assert "… and" not in printed(made_up(40).report(), limit=None)


def test_a_case_that_fails_everywhere_is_one_thing_to_read() -> None:
    """The first places are named, the others counted."""
    failed = [judged(Outcome.CRASHED, text="seeds/a")] * 20

    assert "│ and 14 more checks\n" in printed(failed)


def test_all_fine_is_said() -> None:
    """And nothing checked is not called fine."""
    agreed = judged(verdict=Verdict.AGREES, z=1.234)

    assert printed([agreed]).endswith("1 check: ✓ 1 agrees. All fine.\n")
    assert "1.23" in printed([agreed])
    assert printed([]) == "Nothing was checked.\n"
    assert "fine" not in printed([judged(Outcome.MISSING)])
