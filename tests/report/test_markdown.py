"""The Markdown keeps its structure whatever the names are."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from harness.model import Outcome
from harness.report import markdown
from harness.report.build import build
from tests.report.catalogue import HOSTILE, hostile, judged, made_up

OWN_HTML = re.compile(r'</?(?:details|summary|code)>|<a id="case-[A-Za-z0-9_.-]*">|</a>')
INLINE = {"text", "code_inline", "html_inline", "strong_open", "strong_close", "softbreak"}


def structure(document: str) -> list[str]:
    """Assert what must hold for every document, and give the types of its blocks."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(document)
    inline = [child for token in tokens for child in token.children or []]
    written = [one.content for one in [*tokens, *inline] if one.type in {"html_block", "html_inline"}]

    assert {child.type for child in inline} <= INLINE
    assert [] == [content for content in written if "<" in OWN_HTML.sub("", content)]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e\ud800-\udfff]", document)
    assert [] == [row for row in document.splitlines() if row.lstrip().startswith("::")]
    assert "##[" not in document
    return [token.type for token in tokens]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_change_no_structure(text: str) -> None:
    """The blocks, rows and cells are those of a document with plain names."""
    assert structure(markdown.render(hostile("plain").report())) == structure(markdown.render(hostile(text).report()))


@settings(max_examples=50, deadline=None)
@given(st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from("`|\\<*_[]#\n ")), min_size=1))
def test_any_name_changes_no_structure(text: str) -> None:
    """Backticks, pipes and backslashes in any order are only text."""
    tables = [kind for kind in structure(markdown.render(hostile(f"a{text}z").report())) if "t" in kind[:2]]

    assert tables == [kind for kind in structure(markdown.render(hostile("plain").report())) if "t" in kind[:2]]


def test_everything_a_reader_needs_is_there() -> None:
    """Headline, reasons, commands, the matrix, sources, values, notes and environment."""
    run = made_up(40)
    document = markdown.render(run.report())

    for text in (
        "# 16 of 1,520 checks are not fine, in 8 cases.",
        "The worker died with signal 11 (SIGSEGV) while it computed this check.",
        "`harness run elementwise/sin -b tensorflow -m xla -d float32 -q value`",
        "| `elementwise/tanh_11` | ✓ 1.04 |",
        "! raised (2/4)",
        "return xp.exp(x)",
        "[0.22313017, 1.0, 7.389056]",
        "CPython 3.11.9",
        "not found: No module named 'mlx'",
        run.notes[0],
    ):
        assert text in document


def test_a_case_that_fails_everywhere_is_one_thing_to_read() -> None:
    """The first places are named, the others counted."""
    failed = [judged(Outcome.CRASHED, text="seeds/a")] * 20

    assert "\n  - and 12 more checks\n" in markdown.render(build(failed, {}, {}, [], [], {}))


def test_details_can_be_left_out() -> None:
    """What is left fits a job summary: problems, matrix and environment."""
    run = made_up(12)
    short = markdown.render(run.report(), details=False)

    assert "<details>" not in short
    assert "## Matrix" in short
    assert "## Environment" in short


def test_an_empty_report_says_so() -> None:
    """Nothing checked is not all fine."""
    empty = hostile("plain")
    for held in (empty.judgements, empty.observations, empty.references, empty.cases):
        held.clear()

    assert markdown.render(empty.report()).startswith("# Nothing was checked.")
