"""Foreign text is spelled, never dropped, and can act on nothing."""

from __future__ import annotations

import html
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.report import escape
from tests.report.catalogue import HOSTILE

ANY_TEXT = st.text(st.one_of(st.characters(exclude_categories=()), st.sampled_from(":# \n\r\t[")))


@given(ANY_TEXT)
@example("\ud83d\ude00")
def test_visible_text_can_always_be_encoded(text: str) -> None:
    """Whatever comes in, UTF-8 can hold what comes out."""
    spelled = escape.visible(text)

    assert spelled == spelled.encode("utf-8").decode("utf-8")


@given(ANY_TEXT)
def test_visible_text_has_no_controls_but_tabs_and_newlines(text: str) -> None:
    """Nothing is left that a terminal would obey."""
    controls = {character for character in escape.visible(text) if unicodedata.category(character) in {"Cc", "Cs"}}

    assert controls <= {"\n", "\t"}


@given(ANY_TEXT)
def test_spelling_twice_is_spelling_once(text: str) -> None:
    """Text that passed through two rooms reads the same."""
    once = escape.visible(text)

    assert once == escape.visible(once)


@given(ANY_TEXT)
def test_a_line_is_one_line(text: str) -> None:
    """No character of any kind breaks it."""
    assert len(escape.line(text).splitlines()) <= 1


@given(ANY_TEXT)
def test_no_line_of_terminal_text_is_a_workflow_command(text: str) -> None:
    """A log of continuous integration finds nothing to obey."""
    shown = escape.terminal(text)

    assert [] == [row for row in shown.splitlines() if row.lstrip().startswith("::")]
    assert "##[" not in shown


@given(ANY_TEXT)
def test_entities_read_back_as_the_same_text(text: str) -> None:
    """Escaping a document for logs changes nothing for its parser."""
    document = html.escape(escape.visible(text))

    assert html.unescape(document) == html.unescape(escape.entities(document))
    assert [] == [row for row in escape.entities(document).split("\n") if row.lstrip().startswith("::")]


@pytest.mark.parametrize("text", ["plain", "naïve × −", "日本語", "👩‍🔬", "c10::Error in at::native::add"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    """Other languages, emoji and C++ names are not hostile."""
    assert text == escape.terminal(escape.line(text))


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("\0", r"\x00"),
        ("\u2028", r"\u2028"),
        ("\ud800", r"\ud800"),
        ("\u202e", r"\u202e"),
        ("a\rb", r"a\rb"),
        ("a\r\nb\tc", "a\\nb\\tc"),
    ],
)
def test_what_is_hidden_is_spelled(text: str, spelled: str) -> None:
    """A reader sees which character was there."""
    assert spelled == escape.line(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_text_fits_a_terminal_that_has_only_ascii(text: str) -> None:
    """What the encoding lacks is spelled too; UTF-8 keeps everything."""
    visible = escape.visible(text)

    assert escape.encodable(f"✓ {visible}", "ascii").isascii()
    assert visible == escape.encodable(visible, "UTF-8")
