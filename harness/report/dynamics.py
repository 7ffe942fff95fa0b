"""Dynamic against static graphs: what each framework and mode makes of control flow that depends on data.

A case whose source branches or loops is looked at, or one that uses `xp.control`. The pair of `name`, in plain
Python, is `name_by_cond`, `name_by_while_loop`, … in its folder, which says the same with that word of `xp.control`.
"""

from __future__ import annotations

import ast
import enum
import re
from typing import TYPE_CHECKING

import msgspec

from harness.model import CaseFacts, Outcome
from harness.report import numbers
from harness.report.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.model import Judgement, Observation

__all__ = ["EXPLANATION", "MEANINGS", "Cell", "Dynamics", "Family", "Part", "Way", "build"]

EXPLANATION = (
    "A framework that runs Python line by line knows every value when it meets an if or a while: its graph is dynamic, "
    "made anew by each call. A compiler first runs the function on stand-ins, which have a shape and a dtype but no "
    "values, writes down what happens, and from then on runs what it wrote: a static graph. A stand-in cannot say which "
    "way an if goes, nor when a while ends. So a compiler rewrites such a statement into an operation that holds both "
    "sides, or breaks its graph there and lets Python decide, or refuses, and then the author must use the framework's "
    "own control flow. What it must never do is keep the side that it happened to see: each case has inputs of one "
    "shape on both sides, or with different numbers of steps, and such a result would be wrong."
)
"""For a learner."""

_KINDS = {"value": "value", "vjp": "gradient", "jvp": "JVP", "hvp": "HVP", "jacobian": "Jacobian"}
_STATEMENTS = (ast.If, ast.IfExp, ast.While, ast.For)
_FACTS = {
    "traces": "trace",
    "graphs": "graph",
    "graph_breaks": "graph break",
    "eager_frames": "eager frame",
    "recompiles": "recompilation",
}
_PLAIN = "plain Python"
_BROKEN = {Standing.CRASHED, Standing.TIMED_OUT, Standing.OUT_OF_MEMORY, Standing.MISSING, Standing.UNJUDGED}


class Way(enum.StrEnum):
    """How a case ends up running."""

    RUNS = "runs"
    REWRITTEN = "rewritten"
    FALLS_BACK = "falls back"
    OWN = "own control flow"
    REFUSED = "refused"
    WRONG = "wrong"
    UNKNOWN = "unknown"

    @property
    def sign(self) -> str:
        """A sign that tells it apart without colour."""
        return _SIGNS[self]


_SIGNS = {
    Way.RUNS: "✓",
    Way.REWRITTEN: "↻",
    Way.FALLS_BACK: "↩",
    Way.OWN: "⇄",
    Way.REFUSED: "!",
    Way.WRONG: "✗",
    Way.UNKNOWN: "?",
}
_SERVES = frozenset({Way.RUNS, Way.REWRITTEN, Way.FALLS_BACK})

MEANINGS = {
    Way.RUNS: "as it stands",
    Way.REWRITTEN: "by the framework, into operations that hold both sides, without a word from the author",
    Way.FALLS_BACK: "to Python, which decides between the pieces of a graph that breaks",
    Way.OWN: "it must be said with the framework's own: plain Python is refused, or wrong",
    Way.REFUSED: "with the framework's own message",
    Way.WRONG: "it runs, and the result is not right",
    Way.UNKNOWN: "there was no result to judge",
}


class Part(msgspec.Struct, frozen=True):
    """What holds for some quantities of a case, on one backend in one mode.

    Attributes:
        way: How they end up running.
        quantities: Which; empty where it is all of them.
        detail: What the framework says of the graph, or which word of `xp.control` serves instead.
        headline: The line of the framework's message that says what is wrong; empty where there is none.
        message: All of it.
    """

    way: Way
    quantities: tuple[str, ...]
    detail: str
    headline: str = ""
    message: str = ""


class Cell(msgspec.Struct, frozen=True):
    """A way of saying a case, on one backend in one mode; without parts where it was not run."""

    parts: tuple[Part, ...] = ()


class Family(msgspec.Struct, frozen=True):
    """A computation, in plain Python and with the words of `xp.control`.

    Attributes:
        name: The id of the plain case.
        summary: The first line of its docstring.
        sayings: How it is said: `plain Python`, `while_loop`, ….
        anchors: Of the sections of these cases.
        rows: Label of a backend in a mode, and a cell for each saying.
    """

    name: str
    summary: str
    sayings: tuple[str, ...]
    anchors: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]

    @property
    def ways(self) -> tuple[Way, ...]:
        """All ways that occur, each once, in the order of `Way`."""
        found = {part.way for _, cells in self.rows for cell in cells for part in cell.parts}
        return tuple([way for way in Way if way in found])


class Dynamics(msgspec.Struct, frozen=True):
    """The whole section.

    Attributes:
        families: Those of which there is something to tell.
        others: Ids of the cases that branch or loop, and run as they stand everywhere.
    """

    families: tuple[Family, ...] = ()
    others: tuple[str, ...] = ()


class _Told(msgspec.Struct, frozen=True):
    way: Way
    detail: str = ""
    message: str = ""


_Tellings = dict[tuple[str, str], _Told]  # kind of quantity and path


def build(
    judgements: Iterable[Judgement],
    observations: Mapping[str, Observation],
    cases: Sequence[CaseFacts],
    columns: Sequence[tuple[tuple[str, str, str], str]],
    anchors: Mapping[str, str],
) -> Dynamics:
    """Tell what became of every case that branches or loops.

    Args:
        judgements: What was judged.
        observations: Check id to observation.
        cases: All cases.
        columns: Backend, mode and device with their label, in the order in which they are shown.
        anchors: Case id to the anchor of its section.
    """
    families = _families(cases)
    wanted = {facts.id for family in families.values() for facts in family.values()}
    found: dict[tuple[str, tuple[str, str, str]], list[Judgement]] = {}
    for one in judgements:
        check = one.check
        if check.case in wanted and check.implementation == "portable":
            found.setdefault((check.case, (check.backend, check.mode, check.device)), []).append(one)
    shown, others = [], []
    for name, family in families.items():
        rows = []
        for place, label in columns:
            tellings = {
                saying: _tellings(found.get((facts.id, place), []), observations, plain=saying == _PLAIN)
                for saying, facts in family.items()
            }
            if any(tellings.values()):
                rows.append((label, tuple([_cell(saying, tellings) for saying in family])))
        first = next(iter(family.values()))
        made = Family(
            name,
            first.docstring.strip().partition("\n")[0],
            tuple(family),
            tuple([anchors[facts.id] for facts in family.values()]),
            tuple(rows),
        )
        if len(family) > 1 or any(way is not Way.RUNS for way in made.ways):
            shown.append(made)
        else:
            others.append(name)
    return Dynamics(tuple(shown), tuple(others))


def _families(cases: Sequence[CaseFacts]) -> dict[str, dict[str, CaseFacts]]:
    """Put the cases that say one thing together: by the plain one's id, how it is said to the case, plain first."""
    by_id = {facts.id: facts for facts in cases}
    families: dict[str, dict[str, CaseFacts]] = {}
    for facts in cases:
        words = [name.removeprefix("control.") for name in facts.operations if name.startswith("control.")]
        base, _, saying = facts.id.rpartition("_by_")
        if base in by_id and saying in words:
            families.setdefault(base, {_PLAIN: by_id[base]})[saying] = facts
        elif words or _branches(facts.source):
            families.setdefault(facts.id, {", ".join(words) or _PLAIN: facts})
    return families


def _branches(source: str) -> bool:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return any(isinstance(node, _STATEMENTS) for node in ast.walk(tree))


def _tellings(judgements: Iterable[Judgement], observations: Mapping[str, Observation], *, plain: bool) -> _Tellings:
    grouped: dict[tuple[str, str], list[Judgement]] = {}
    for one in judgements:
        if one.outcome is not Outcome.UNSUPPORTED:
            grouped.setdefault((one.check.what.kind, one.check.path), []).append(one)
    ordered = sorted(grouped, key=lambda key: (key[0] != "value", key[0] != "vjp"))
    return {key: _told(grouped[key], observations, plain=plain) for key in ordered}


def _told(judgements: Sequence[Judgement], observations: Mapping[str, Observation], *, plain: bool) -> _Told:
    """Judge what became of one kind of quantity, over all samples."""
    by_standing: dict[Standing, list[Judgement]] = {}
    for one in judgements:
        refused = one.outcome is Outcome.RAISED
        by_standing.setdefault(Standing.RAISED if refused else Standing.of(one), []).append(one)
    for standing, way in ((Standing.DISAGREES, Way.WRONG), (Standing.RAISED, Way.REFUSED)):
        if standing in by_standing:
            affected = by_standing[standing]
            part = "" if len(affected) == len(judgements) else f"in {len(affected)} of {len(judgements)} checks"
            return _Told(way, part, _message(affected[0], observations))
    broken = [standing for standing in by_standing if standing in _BROKEN]
    if broken:
        return _Told(Way.UNKNOWN, broken[0].words, _message(by_standing[broken[0]][0], observations))
    facts: dict[str, int] = {}
    for one in judgements:
        observation = observations.get(one.check.id)
        for name, count in (observation.graph if observation else {}).items():
            facts[name] = max(count, facts.get(name, 0))
    if facts.get("graph_breaks") or facts.get("eager_frames"):
        return _Told(Way.FALLS_BACK, _described(facts))
    rewritten = plain and any(name[:1].isupper() for name in facts)
    return _Told(Way.REWRITTEN if rewritten else Way.RUNS, _described(facts))


def _described(facts: Mapping[str, int]) -> str:
    """Say what a framework tells of its graphs: operations have capital letters, the harness's own words have not."""
    operations: dict[str, int] = {}
    for name, number in facts.items():
        if name[:1].isupper():
            word = name.removeprefix("Stateless")
            operations[word] = operations.get(word, 0) + number
    words = [f"{number} {word}" for word, number in operations.items()]
    return ", ".join([*words, *(numbers.count(facts[name], noun) for name, noun in _FACTS.items() if facts.get(name))])


def _message(judgement: Judgement, observations: Mapping[str, Observation]) -> str:
    """Give the framework's own words; of a divergence, the judge's."""
    observation = observations.get(judgement.check.id)
    return (observation.reason if observation else None) or judgement.reason or ""


def _headline(message: str) -> str:
    """Find the line that says what is wrong: the first, unless it only announces another."""
    first, *rest = [line.strip() for line in message.splitlines() if line.strip()] or [""]
    if not (first.endswith(":") and rest):
        return first
    name = first.partition(":")[0]
    # "NotImplementedError: in user code:" is followed by the trace, and that by the error itself.
    own = [line for line in rest if re.match(rf"{re.escape(name)}: ", line)]
    return own[-1] if own else f"{name}: {rest[0]}"


def _cell(saying: str, tellings: Mapping[str, _Tellings]) -> Cell:
    """Put the quantities together that end up alike."""
    groups: dict[tuple[Way, str], list[tuple[str, str]]] = {}
    told: dict[tuple[str, str], _Told] = {}
    for key, one in tellings[saying].items():
        others = [
            other for other, found in tellings.items() if other != saying and key in found and found[key].way in _SERVES
        ]
        own = saying == _PLAIN and one.way in {Way.REFUSED, Way.WRONG} and others
        told[key] = _Told(Way.OWN, " or ".join(others), one.message) if own else one
        alike = told[key].detail if own else _headline(one.message)
        groups.setdefault((told[key].way, alike), []).append(key)
    parts = []
    for (way, _), keys in groups.items():
        first = told[keys[0]]
        named = () if len(groups) == 1 else _named(keys, told)
        parts.append(Part(way, named, first.detail, _headline(first.message), first.message))
    return Cell(tuple(parts))


def _named(keys: Sequence[tuple[str, str]], every: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Name quantities; a path only where not all paths to the quantity are meant."""
    paths: dict[str, set[str]] = {}
    for kind, path in every:
        paths.setdefault(kind, set()).add(path)
    meant: dict[str, set[str]] = {}
    for kind, path in keys:
        meant.setdefault(kind, set()).add(path)
    names = []
    for kind, some in meant.items():
        word = _KINDS.get(kind, kind)
        if some == paths[kind]:
            names.append(word)
        else:
            names += [f"{word} by {path}" if path else word for path in sorted(some)]
    return tuple(names)
