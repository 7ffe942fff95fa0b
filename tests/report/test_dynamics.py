"""The report says what each framework makes of control flow, from judgements and what graphs say of themselves."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

from harness.model import CaseFacts, Check, Judgement, Observation, Outcome, Verdict
from harness.report import dynamics, html, markdown
from harness.report.build import build
from harness.report.dynamics import Cell, Dynamics, Part, Way
from harness.report.escape import line
from tests.report.catalogue import HOSTILE, made_up

if TYPE_CHECKING:
    from harness.report.model import Report

PLAIN = CaseFacts(
    id="control/halved",
    docstring="x, halved.\n\nMore.",
    source="def halved(xp, x):\n    while x > 1:\n        x = x / 2\n",
)
OWN = CaseFacts(id="control/halved_by_while_loop", operations=("control.while_loop", "max"))
BOUND = CaseFacts(id="control/halved_by_fori_loop", operations=("control.fori_loop",))
MESSAGE = "TracerBoolConversionError: Attempted boolean conversion.\nSee https://docs.jax.dev/"

Row = tuple[str, str, str, Any]
"""Case, mode, quantity, and what came of it: an error's message, a verdict, an outcome, or facts of a graph."""


def told(*rows: Row, cases: tuple[CaseFacts, ...] = (PLAIN, OWN, BOUND)) -> Report:
    """Build a report of checks on one backend."""
    judgements, observations = [], {}
    for number, (case, mode, quantity, came) in enumerate(rows):
        name, _, path = quantity.partition("@")
        check = Check(case, f"sample{number}", "jax", mode, "float32", "cpu", name, path=path)
        outcome, graph, reason = Outcome.COMPLETED, {}, None
        verdict: Verdict | None = Verdict.AGREES
        if isinstance(came, str) and not isinstance(came, (Verdict, Outcome)):
            outcome, verdict, reason = Outcome.RAISED, None, came
        elif isinstance(came, Outcome):
            outcome, verdict = came, None
        elif isinstance(came, Verdict):
            verdict, reason = came, "stale trace"
        else:
            graph = came
        judgements.append(Judgement(check=check, version="1", outcome=outcome, verdict=verdict, reason=reason))
        observations[check.id] = Observation(id=str(number), check=check, outcome=outcome, reason=reason, graph=graph)
    return build(judgements, observations, {}, cases, [], {})


def cells(report: Report) -> dict[str, tuple[Cell, ...]]:
    """Give the rows of the only family."""
    (family,) = report.dynamics.families
    return dict(family.rows)


def one(came: Any, case: CaseFacts = PLAIN) -> Part:
    """Give what is told of one check of one case."""
    place = 0 if case is PLAIN else 1
    (row,) = cells(told((case.id, "jit", "value", came))).values()
    return row[place].parts[0]


def test_a_pair_is_one_family_with_plain_python_first() -> None:
    """The order of the files does not matter, and the summary is the plain case's."""
    (family,) = told((PLAIN.id, "jit", "value", {}), cases=(BOUND, PLAIN, OWN)).dynamics.families
    assert ("control/halved", "x, halved.") == (family.name, family.summary)
    assert ("plain Python", "fori_loop", "while_loop") == family.sayings
    assert ("case-control-halved", "case-control-halved_by_fori_loop") == family.anchors[:2]


def test_what_runs_as_it_stands() -> None:
    """A trace with no control flow in it, or with that which the author wrote, is as it stands."""
    assert Part(Way.RUNS, (), "") == one({})
    assert Part(Way.RUNS, (), "2 traces") == one({"traces": 2})
    assert Part(Way.RUNS, (), "1 While, 1 trace") == one({"traces": 1, "StatelessWhile": 1}, OWN)
    assert Part(Way.RUNS, (), "1 graph") == one({"graphs": 1, "graph_breaks": 0, "eager_frames": 0, "recompiles": 0})


def test_what_is_rewritten_names_its_operations() -> None:
    """Operations of control flow in the graph of plain Python were put there by the framework."""
    assert Part(Way.REWRITTEN, (), "3 If, 1 trace") == one({"If": 1, "StatelessIf": 2, "traces": 1})


def test_what_falls_back_counts_its_breaks() -> None:
    """A graph break, or a frame that ran eagerly, is a fall back to Python."""
    facts = {"graphs": 4, "graph_breaks": 1, "eager_frames": 0, "recompiles": 2}
    assert Part(Way.FALLS_BACK, (), "4 graphs, 1 graph break, 2 recompilations") == one(facts)
    assert Way.FALLS_BACK is one({"eager_frames": 2}, OWN).way


def test_what_is_refused_says_why() -> None:
    """The first line of the framework's own message, and all of it."""
    expected = Part(Way.REFUSED, (), "", "TracerBoolConversionError: Attempted boolean conversion.", MESSAGE)
    assert expected == one(MESSAGE)


@pytest.mark.parametrize(
    ("message", "headline"),
    [
        ("ValueError: no", "ValueError: no"),
        (
            'NotImplementedError: in user code:\n\n    File "a", line 1\n        b\n\n    NotImplementedError: break is\n',
            "NotImplementedError: break is",
        ),
        ("BackendCompilerFailed: x raised:\nRuntimeError: y", "BackendCompilerFailed: RuntimeError: y"),
        ("KeyError:", "KeyError:"),
    ],
)
def test_the_line_that_tells_is_found(message: str, headline: str) -> None:
    """A line that only announces another is not it."""
    assert headline == one(message).headline


def test_what_is_refused_in_python_may_be_said_otherwise() -> None:
    """A word that serves in the same mode is named, for each quantity by itself."""
    report = told(
        (PLAIN.id, "jit", "value", MESSAGE),
        (PLAIN.id, "jit", "vjp:x", MESSAGE),
        (OWN.id, "jit", "value", {}),
        (OWN.id, "jit", "vjp:x", "ValueError: no reverse mode"),
        (BOUND.id, "jit", "value", {}),
        (BOUND.id, "jit", "vjp:x", {}),
        (PLAIN.id, "eager", "value", {}),
    )
    rows = cells(report)
    plain, own, bound = rows["jax · jit"]
    assert [(Way.OWN, ("value",), "while_loop or fori_loop"), (Way.OWN, ("gradient",), "fori_loop")] == [
        (part.way, part.quantities, part.detail) for part in plain.parts
    ]
    assert [(Way.RUNS, ("value",)), (Way.REFUSED, ("gradient",))] == [(part.way, part.quantities) for part in own.parts]
    assert (Part(Way.RUNS, (), ""),) == bound.parts
    assert ((Part(Way.RUNS, (), ""),), (), ()) == tuple(cell.parts for cell in rows["jax · eager"])


def test_what_serves_in_another_mode_serves_nothing_here() -> None:
    """A refusal is only lifted by what runs in the same mode."""
    rows = cells(told((PLAIN.id, "jit", "value", MESSAGE), (OWN.id, "eager", "value", {})))
    assert Way.REFUSED is rows["jax · jit"][0].parts[0].way


def test_a_wrong_result_is_wrong_whatever_else_ran() -> None:
    """One sample that disagrees is told, with how many; a stale trace is such a one."""
    rows = cells(
        told(
            (PLAIN.id, "jit", "value", {}),
            (PLAIN.id, "jit", "value", Verdict.DISAGREES),
            (PLAIN.id, "jit", "value", {}),
        )
    )
    assert (Part(Way.WRONG, (), "in 1 of 3 checks", "stale trace", "stale trace"),) == rows["jax · jit"][0].parts


def test_an_accepted_refusal_is_still_told_as_one() -> None:
    """The ledger settles the exit status; a learner reads what the framework says."""
    report = told((PLAIN.id, "jit", "value", MESSAGE))
    (judgement,) = report.judgements
    accepted = Judgement(
        check=judgement.check, version="1", outcome=Outcome.RAISED, verdict=Verdict.ACCEPTED, reason="jit traces"
    )
    observation = Observation(id="0", check=judgement.check, outcome=Outcome.RAISED, reason=MESSAGE)
    made = build([accepted], {judgement.check.id: observation}, {}, [PLAIN], [], {})
    assert (Way.REFUSED, MESSAGE) == (
        cells(made)["jax · jit"][0].parts[0].way,
        cells(made)["jax · jit"][0].parts[0].message,
    )


def test_what_gave_nothing_is_not_known() -> None:
    """A crash or a time-out says nothing of control flow; a declared gap is left out."""
    assert Part(Way.UNKNOWN, (), "timed out") == one(Outcome.TIMED_OUT)
    rows = cells(told((PLAIN.id, "jit", "value", {}), (PLAIN.id, "jit", "jvp", Outcome.UNSUPPORTED)))
    assert (Part(Way.RUNS, (), ""),) == rows["jax · jit"][0].parts


def test_a_path_is_named_where_it_ends_up_otherwise() -> None:
    """Two paths to one derivative that differ are named; those that do not are one."""
    rows = cells(
        told(
            (PLAIN.id, "jit", "value", {}),
            (PLAIN.id, "jit", "vjp:x", {}),
            (PLAIN.id, "jit", "vjp:x@linearize", MESSAGE),
            (PLAIN.id, "jit", "hvp:x", MESSAGE),
            (PLAIN.id, "jit", "hvp:x@other", MESSAGE),
        )
    )
    assert [("value", "gradient"), ("gradient by linearize", "HVP")] == [
        part.quantities for part in rows["jax · jit"][0].parts
    ]


def test_loops_that_run_everywhere_are_only_named() -> None:
    """A case that branches or loops, has no pair and runs as it stands, needs no table."""
    loop = CaseFacts(id="a/loop", source="def loop(xp, x):\n    for _ in range(3):\n        x = x * x\n    return x\n")
    straight = CaseFacts(id="a/straight", source="def straight(xp, x):\n    return x\n")
    broken = CaseFacts(id="a/broken", source="def (")
    report = told((loop.id, "jit", "value", {"traces": 1}), cases=(loop, straight, broken))
    assert Dynamics((), ("a/loop",)) == report.dynamics


def test_without_control_flow_there_is_no_section() -> None:
    """Neither page nor document mentions graphs where no case branches."""
    report = made_up(3).report()
    assert Dynamics() == report.dynamics
    assert 'id="dynamics"' not in html.render(report)
    assert "Dynamic and static" not in markdown.render(report)


def test_both_renderers_tell_the_same() -> None:
    """Explanation, sayings, ways, details and messages stand in the page and in the document."""
    report = told(
        (PLAIN.id, "jit", "value", MESSAGE), (OWN.id, "jit", "value", {"traces": 2}), (BOUND.id, "eager", "value", {})
    )
    page, document = html.render(report), markdown.render(report)
    for text in ("Dynamic and static graphs", "its graph is dynamic", "own control flow", "2 traces", "while_loop"):
        assert text in page, text
        assert text in document, text
    assert "See https://docs.jax.dev/" in page
    assert f'href="#{report.dynamics.families[0].anchors[1]}"' in page
    assert re.search(
        r"\| `jax · jit` \| ⇄ own control flow `while_loop` `TracerBoolConversionError: [^|]*` \| ✓ runs", document
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_change_no_structure(text: str) -> None:
    """Ids, docstrings, facts and messages are shown as text."""

    def rendered(word: str) -> tuple[str, str]:
        plain = CaseFacts(id=word, docstring=word, source="if x: y")
        own = CaseFacts(id=f"{word}_by_cond", operations=("control.cond",))
        report = told((word, word, "value", word), (own.id, word, "value", {f"A{word}": 1}), cases=(plain, own))
        page = html.render(report)
        return page[page.index('id="dynamics"') : page.index('id="cases"')], markdown.render(report, details=False)

    section, document = rendered(text)
    plain_section, plain_document = rendered("plain")
    assert line(text) in unescape(section)
    assert re.findall(r"<(/?\w+)", plain_section) == re.findall(r"<(/?\w+)", section)
    parse = MarkdownIt("commonmark", {"html": True}).enable("table").parse
    assert [token.type for token in parse(plain_document)] == [token.type for token in parse(document)]


def test_every_way_has_a_sign_and_a_meaning() -> None:
    """Signs differ, so that no way is told by its colour alone."""
    assert len(Way) == len({way.sign for way in Way})
    assert list(Way) == list(dynamics.MEANINGS)
