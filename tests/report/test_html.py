"""The page is one safe file that holds everything."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.model import Outcome
from harness.report import html
from harness.report.build import build
from harness.report.escape import line, visible
from harness.report.standing import Standing
from tests.report.catalogue import HOSTILE, hostile, judged, made_up


class Page(HTMLParser):
    """What a browser would see: tags, attributes and text."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def safe(document: str) -> Page:
    """Assert what must hold for every page, and give what a browser sees."""
    page = Page(document)
    names = {name for name, _ in page.attributes}
    targets = [value or "" for name, value in page.attributes if name in {"href", "src", "action"}]

    assert page.tags["script"] == 1
    assert [] == [name for name in names if name.startswith("on")]
    assert [] == [target for target in targets if not target.startswith("#")]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e\ud800-\udfff]", document)
    assert [] == [row for row in document.splitlines() if row.lstrip().startswith("::")]
    assert "##[" not in document
    assert document.encode("utf-8")
    return page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_shown_and_do_nothing(text: str) -> None:
    """The page has the tags of a page with plain names, and shows the text as it is spelled."""
    page = safe(html.render(hostile(text).report()))
    plain = safe(html.render(hostile("plain").report()))

    assert line(text) in page.text
    # Source is coloured by its tokens; nothing else depends on the text.
    assert {tag: number for tag, number in plain.tags.items() if tag != "i"} == {
        tag: number for tag, number in page.tags.items() if tag != "i"
    }


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_name_makes_a_safe_page(text: str) -> None:
    """Whatever a name is, the page stays one safe file."""
    assert safe(html.render(hostile(text).report())).tags["title"] == 1


def test_the_page_asks_for_nothing() -> None:
    """No address outside the page is loaded, and the policy forbids it."""
    document = html.render(made_up(3).report())

    assert "default-src 'none'" in document
    assert not re.search(r"(?:src|url)\s*[=(]|@import", document)


def test_everything_a_reader_needs_is_there() -> None:
    """Source, docstring, truth, each backend's result, reasons, commands, notes, facts and settings."""
    run = made_up(40)
    page = Page(html.render(run.report()))

    for text in (
        "16 of 1,520 checks are not fine, in 8 cases.",
        run.cases[0].docstring,
        "return xp.exp(x)",
        "cases/elementwise/exp.py:12",
        "[0.22313017, 1.0, 7.389056] truth",
        "gradient with respect to x",
        "torch · compile",
        "torch · eager · native",
        "The worker died with signal 11 (SIGSEGV) while it computed this check.",
        "harness run elementwise/sin -b tensorflow -m xla -d float32 -q value",
        *run.notes,
        *run.facts.values(),
        "TF_ENABLE_ONEDNN_OPTS=0",
        "not found: No module named 'mlx'.",
    ):
        assert text in page.text


def test_every_verdict_and_outcome_has_its_sign_and_words() -> None:
    """Nothing is told by colour alone."""
    page = Page(html.render(hostile("plain").report()))

    for standing in Standing:
        assert f"{standing.sign} {standing.words}" in page.text


def test_exact_bits_are_in_the_title() -> None:
    """Pointing at a number shows it in hexadecimal."""
    document = html.render(made_up(1).report())

    assert re.search(r'<span title="-?0x1\.[0-9a-f]+p-\d+">', document)


def test_a_case_that_fails_everywhere_is_one_thing_to_read() -> None:
    """The first places are open, the others one click away, and none is lost."""
    failed = [judged(Outcome.CRASHED, text="seeds/a")] * 20
    page = Page(html.render(build(failed, {}, {}, [], [], {})))

    assert "20 checks" in page.text
    assert "12 more" in page.text
    assert page.text.count("[seeds/a] seeds/a · seeds/a · float32 · seeds/a") == 20


def test_every_link_leads_somewhere() -> None:
    """Each address in the page is an anchor in the page, once."""
    page = Page(html.render(made_up(12).report()))
    anchors = Counter(value for name, value in page.attributes if name == "id")

    assert set(anchors.values()) == {1}
    assert {value[1:] for name, value in page.attributes if name == "href" and value} <= set(anchors)


def test_an_empty_report_is_a_page() -> None:
    """A run that checked nothing says so."""
    empty = hostile("plain")
    for held in (empty.judgements, empty.observations, empty.references, empty.cases):
        held.clear()

    assert "Nothing was checked." in safe(html.render(empty.report())).text


def test_source_is_coloured() -> None:
    """Comments, strings, numbers, keywords and what is defined, in classes that the style sheet has a colour for."""
    coloured = html._code('@case()\ndef f(x):  # why\n    return x in {1.5, "<b>"}\n')

    assert (
        '<i class="f">@case</i>()\n<i class="k">def</i> <i class="f">f</i>(x):  <i class="c"># why</i>\n'
        '    <i class="k">return</i> x <i class="k">in</i> {<i class="n">1.5</i>, <i class="s">&#34;&lt;b&gt;&#34;</i>}\n'
    ) == coloured
    for colour in html._colours().values():
        assert f"pre .{colour} {{" in html._part("report.css")


@given(st.text(st.characters(exclude_categories=())))
def test_colours_change_no_character(source: str) -> None:
    """Whatever a source holds comes out as it is; line ends are the page's."""
    assert visible(source).replace("\r\n", "\n").replace("\r", "\n") == Page(str(html._code(source))).text


def test_source_that_is_no_python_is_shown_whole() -> None:
    """A broken file is what a reader may have come to see."""
    run = hostile("def broken(:\n  '''never closed <b>")

    assert "def broken(:\n  '''never closed <b>" in safe(html.render(run.report())).text
