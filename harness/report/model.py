"""The report's one model: everything a renderer writes, already sorted, counted and worded.

Texts are held as they came. A renderer makes them safe for its own format (`escape`), as late as it can.
"""

from __future__ import annotations

import re
import shlex
import zlib
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from harness.model import BackendFacts, CaseFacts, Judgement, Observation, Outcome
from harness.quantity import Quantity
from harness.report import dynamics, numbers
from harness.report.standing import Standing, Tally, tally
from harness.report.values import Shown, show, show_truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.model import Check, Reference
    from harness.report.timing.model import Times

__all__ = [
    "CaseSection",
    "Column",
    "Line",
    "QuantityTable",
    "Report",
    "Row",
    "SampleSection",
    "build",
    "columns",
    "command",
    "label",
    "place",
    "together",
    "worst",
]


class Column(msgspec.Struct, frozen=True):
    """A backend in a mode on a device, with everything it did.

    Attributes:
        backend: The backend's name.
        mode: Its mode.
        device: Its device.
        versions: Versions seen in its judgements; more than one is worth a reader's attention.
        tally: How its checks stand.
    """

    backend: str
    mode: str
    device: str
    versions: tuple[str, ...]
    tally: Tally

    @property
    def label(self) -> str:
        """`torch · eager`; the device only where it is not the usual one."""
        return f"{self.backend} · {self.mode}" + ("" if self.device == "cpu" else f" · {self.device}")


class Line(msgspec.Struct, frozen=True):
    """One check, ready to be shown.

    Attributes:
        judgement: What was judged.
        standing: Its verdict or outcome.
        label: Backend, mode, device and implementation: `torch · eager · native`.
        shown: What was observed; none where nothing was.
        z: Largest distance from the truth in units of the rounding budget.
        ulps: The same in units in the last place.
        first: Time of the first call, trace and compile included.
        again: Time of a warm call.
        worst: The worst element in words, where the check does not agree: `at [2]: got 0.1, truth 0.2`.
        reason: Why it does not agree; empty where it does.
        command: A command that shows more.
        anchor: Anchor of the case's section.
    """

    judgement: Judgement
    standing: Standing
    label: str
    shown: Shown | None
    z: str
    ulps: str
    first: str
    again: str
    worst: str
    reason: str
    command: str
    anchor: str


class QuantityTable(msgspec.Struct, frozen=True):
    """One quantity of one sample in one dtype: the truth, and what every backend made of it."""

    quantity: str
    title: str
    truth: Shown | None
    lines: tuple[Line, ...]


class SampleSection(msgspec.Struct, frozen=True):
    """One sample in one dtype.

    Attributes:
        sample: The sample's name.
        description: How its inputs were made.
        dtype: Name of the dtype.
        reference: The reference in words: `proved with 128 bits`.
        reason: What a reader should know of the reference; empty where there is nothing.
        tally: How its checks stand.
        tables: One a quantity.
    """

    sample: str
    description: str
    dtype: str
    reference: str
    reason: str
    tally: Tally
    tables: tuple[QuantityTable, ...]


class CaseSection(msgspec.Struct, frozen=True):
    """A case with all that was seen of it."""

    facts: CaseFacts
    anchor: str
    tally: Tally
    samples: tuple[SampleSection, ...]

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.facts.docstring.strip().partition("\n")[0]


class Row(msgspec.Struct, frozen=True):
    """A row of the matrix: a case, and for each column how its checks stand; none where it was not run."""

    case: str
    area: str
    anchor: str
    tally: Tally
    cells: tuple[Tally | None, ...]


class Report(msgspec.Struct, frozen=True):
    """Everything a renderer needs.

    Attributes:
        tally: How all checks stand.
        columns: Backends by mode, in the order in which they are shown.
        matrix: Cases by columns.
        problems: Every check that is not fine, the worst first; one group a case and reason.
        divergences: Every `convention`, `accepted` and `unsupported` check, grouped alike: fine, but worth knowing.
        cases: Cases in the order in which they were collected.
        backends: Backends, found or not.
        versions: Backend to distribution to version, as its workers reported them.
        facts: What made the report: versions, machine, K, seed, date.
        references: Kind of reference to number of completed checks judged by it.
        notes: What a reader should know of the store: conflicts, damaged lines, findings.
        judgements: Every check, in the order in which they were planned.
        threshold: K, where the facts hold it.
        dynamics: What became of control flow that depends on data.
        untrue: How many entries of the ledger are no longer true; the last notes say which.
        times: The newest timing run of the store, where there is one.
    """

    tally: Tally
    columns: tuple[Column, ...]
    matrix: tuple[Row, ...]
    problems: tuple[tuple[Line, ...], ...]
    divergences: tuple[tuple[Line, ...], ...]
    cases: tuple[CaseSection, ...]
    backends: tuple[BackendFacts, ...]
    versions: dict[str, dict[str, str]]
    facts: dict[str, str]
    references: dict[str, int]
    notes: tuple[str, ...]
    judgements: tuple[Judgement, ...]
    threshold: float | None
    dynamics: dynamics.Dynamics
    untrue: int = 0
    times: Times | None = None

    @property
    def fine(self) -> bool:
        """Whether the exit status may be 0."""
        return not (self.tally.bad or self.untrue)

    @property
    def headline(self) -> str:
        """The whole report in one sentence."""
        if not self.tally.total:
            return "Nothing was checked."
        if not self.tally.bad and self.untrue:
            wrong = "1 entry of the ledger is" if self.untrue == 1 else f"{self.untrue:,} entries of the ledger are"
            return f"{numbers.count(self.tally.total, 'check')} fine, but {wrong} no longer true."
        if not self.tally.bad:
            return f"All {self.tally.total:,} checks are fine." if self.tally.total > 1 else "The one check is fine."
        verb = "is" if self.tally.bad == 1 else "are"
        cases = numbers.count(sum(1 for case in self.cases if case.tally.bad), "case")
        return f"{self.tally.bad:,} of {numbers.count(self.tally.total, 'check')} {verb} not fine, in {cases}."

    @property
    def scope(self) -> str:
        """How many cases were looked at; a case of complex numbers, say, has no check where float32 was asked for."""
        seen = sum(1 for case in self.cases if case.tally.total)
        if seen == len(self.cases):
            return numbers.count(seen, "case")
        return f"{seen:,} of {numbers.count(len(self.cases), 'case')} (the others have no check in this run)"


def build(
    judgements: Sequence[Judgement],
    observations: Mapping[str, Observation],
    references: Mapping[tuple[str, str, str], Reference],
    cases: Sequence[CaseFacts],
    backends: Sequence[BackendFacts],
    facts: Mapping[str, str],
    notes: Sequence[str] = (),
    untrue: int = 0,
) -> Report:
    """Shape a report.

    Args:
        judgements: What was judged, in any order.
        observations: Check id to observation.
        references: Case id, sample and dtype to reference.
        cases: The cases, in the order in which they are to be shown. A judged case that is not among them is shown
            after them, with what its checks tell.
        backends: The backends, in the order in which they are to be shown.
        facts: What made the report, shown as it is; `K` is also used to scale z.
        notes: What a reader should know of the store and of the ledger.
        untrue: How many entries of the ledger are no longer true.
    """
    shown_columns = columns(judgements, backends)
    by_case: dict[str, list[Judgement]] = {facts_of.id: [] for facts_of in cases}
    for judgement in judgements:
        by_case.setdefault(judgement.check.case, []).append(judgement)
    known = {facts_of.id: facts_of for facts_of in cases}
    anchors = _anchors(by_case)
    places = {(column.backend, column.mode, column.device): place for place, column in enumerate(shown_columns)}
    sections, rows = [], []
    for case_id, found in by_case.items():
        case_facts = known.get(case_id) or CaseFacts(id=case_id)
        sections.append(_section(case_facts, anchors[case_id], found, observations, references, places))
        cells: list[list[Judgement]] = [[] for _ in shown_columns]
        for judgement in found:
            cells[places[_place(judgement.check)]].append(judgement)
        tallies = tuple([tally(cell) if cell else None for cell in cells])
        area = case_facts.area or case_id.rpartition("/")[0]
        rows.append(Row(case_id, area, anchors[case_id], sections[-1].tally, tallies))
    lines = {
        id(line.judgement): line
        for section in sections
        for sample in section.samples
        for table in sample.tables
        for line in table.lines
    }
    groups = [tuple([lines[id(one)] for one in group]) for group in together(judgements)]
    return Report(
        tally=tally(judgements),
        columns=shown_columns,
        matrix=tuple(rows),
        problems=tuple([group for group in groups if not group[0].standing.fine]),
        divergences=tuple([group for group in groups if group[0].standing.fine]),
        cases=tuple(sections),
        backends=tuple(backends),
        versions=_versions(observations.values()),
        facts=dict(facts),
        references=dict(Counter(one.reference for one in judgements if one.outcome is Outcome.COMPLETED).most_common()),
        notes=tuple(notes),
        judgements=tuple(judgements),
        threshold=_number(facts.get("K")),
        dynamics=dynamics.build(
            judgements, observations, cases, [(place, shown_columns[at].label) for place, at in places.items()], anchors
        ),
        untrue=untrue,
    )


def columns(judgements: Iterable[Judgement], backends: Sequence[BackendFacts] = ()) -> tuple[Column, ...]:
    """Group checks by backend, mode and device, in the order of `backends` and then as they come."""
    grouped: dict[tuple[str, str, str], list[Judgement]] = {}
    for backend in backends:
        for mode in backend.modes:
            grouped[backend.name, mode, backend.device] = []
    for judgement in judgements:
        grouped.setdefault(_place(judgement.check), []).append(judgement)
    order = {name: rank for rank, name in enumerate(dict.fromkeys(name for name, _, _ in grouped))}
    return tuple(
        [
            Column(*place, tuple(dict.fromkeys(judgement.version for judgement in found)), tally(found))
            for place, found in sorted(grouped.items(), key=lambda item: order[item[0][0]])
            if found
        ]
    )


def together(judgements: Iterable[Judgement]) -> list[tuple[Judgement, ...]]:
    """Give the checks that do not agree, the worst first; those of one case for one reason come together."""
    groups: dict[tuple[Standing, str, str | None], list[Judgement]] = {}
    for judgement in judgements:
        standing = Standing.of(judgement)
        if standing is not Standing.AGREES:
            groups.setdefault((standing, judgement.check.case, judgement.reason), []).append(judgement)
    return [tuple(group) for _, group in sorted(groups.items(), key=lambda item: item[0][0].rank)]


def command(check: Check) -> str:
    """Give a command that runs a check and its nearest neighbours again."""
    words = ["harness", "run", check.case, "-b", check.backend, "-m", check.mode, "-d", check.dtype]
    if check.device != "cpu":
        words += ["--device", check.device]
    return shlex.join([*words, "-q", check.asked])


def label(check: Check) -> str:
    """Name what ran a check: backend and mode; device and implementation only where they are not the usual ones."""
    words = [check.backend, check.mode]
    words += [word for word, usual in ((check.device, "cpu"), (check.implementation, "portable")) if word != usual]
    return " · ".join(words)


def place(check: Check) -> str:
    """Name a check within its case: `[given] torch · eager · float32 · value`."""
    return f"[{check.sample}] {label(check)} · {check.dtype} · {check.asked}"


def worst(judgement: Judgement) -> str:
    """Give the worst element in words, `at [2]: got 0.1, truth 0.2`; empty where there is none."""
    if judgement.observed is None and judgement.truth is None:
        return ""
    dtype = judgement.check.dtype
    index = f"at [{', '.join(map(str, judgement.worst_index))}]: " if judgement.worst_index else ""
    got, truth = numbers.written(judgement.observed, dtype), numbers.written(judgement.truth, dtype)
    return f"{index}got {got or 'nothing'}, truth {truth or 'unknown'}"


def _section(
    facts: CaseFacts,
    anchor: str,
    judgements: Sequence[Judgement],
    observations: Mapping[str, Observation],
    references: Mapping[tuple[str, str, str], Reference],
    places: Mapping[tuple[str, str, str], int],
) -> CaseSection:
    order = {sample: rank for rank, sample in enumerate(facts.samples)}
    grouped: dict[tuple[str, str], list[Judgement]] = {}
    for judgement in judgements:
        grouped.setdefault((judgement.check.sample, judgement.check.dtype), []).append(judgement)
    samples = []
    for (sample, dtype), found in sorted(grouped.items(), key=lambda item: order.get(item[0][0], len(order))):
        reference = references.get((facts.id, sample, dtype))
        by_quantity: dict[str, list[Judgement]] = {}
        for judgement in found:
            by_quantity.setdefault(judgement.check.quantity, []).append(judgement)
        tables = []
        for quantity, of_quantity in sorted(
            by_quantity.items(), key=lambda item: Quantity.parse(item[0]).kind != "value"
        ):
            truth = None if reference is None else reference.quantities.get(quantity)
            shown_truth = None if truth is None else show_truth(truth, dtype)
            of_quantity.sort(key=lambda one: (places[_place(one.check)], one.check.implementation != "portable"))
            lines = tuple([_line(one, observations, shown_truth, anchor) for one in of_quantity])
            tables.append(QuantityTable(quantity, Quantity.parse(quantity).title, shown_truth, lines))
        samples.append(
            SampleSection(
                sample,
                facts.samples.get(sample, ""),
                dtype,
                _reference_in_words(reference, found),
                "" if reference is None else reference.reason or "",
                tally(found),
                tuple(tables),
            )
        )
    return CaseSection(facts, anchor, tally(judgements), tuple(samples))


def _line(judgement: Judgement, observations: Mapping[str, Observation], truth: Shown | None, anchor: str) -> Line:
    check = judgement.check
    standing = Standing.of(judgement)
    observation = observations.get(check.id)
    value = None if observation is None else observation.value
    seconds = judgement.seconds or ({} if observation is None else observation.seconds)
    return Line(
        judgement=judgement,
        standing=standing,
        label=label(check),
        shown=None if value is None else show(value, truth, full=not standing.fine),
        z=numbers.significant(judgement.z),
        ulps=numbers.significant(judgement.error_ulps),
        first=numbers.duration(seconds.get("first")),
        again=numbers.duration(seconds.get("again")),
        worst="" if standing is Standing.AGREES else worst(judgement),
        reason=judgement.reason or (observation.reason if observation else None) or "",
        command=command(check),
        anchor=anchor,
    )


def _reference_in_words(reference: Reference | None, judgements: Sequence[Judgement]) -> str:
    if reference is None:
        return ", ".join(dict.fromkeys(judgement.reference for judgement in judgements))
    return f"{reference.kind} with {reference.precision} bits" if reference.precision else reference.kind


def _versions(observations: Iterable[Observation]) -> dict[str, dict[str, str]]:
    seen: dict[str, dict[str, dict[str, None]]] = {}
    for observation in observations:
        of_backend = seen.setdefault(observation.check.backend, {})
        for distribution, version in observation.versions.items():
            of_backend.setdefault(distribution, {})[version] = None
    return {
        backend: {distribution: ", ".join(versions) for distribution, versions in found.items()}
        for backend, found in seen.items()
    }


def _anchors(ids: Iterable[str]) -> dict[str, str]:
    # The same case has the same anchor in every report, so that a link from outside keeps working.
    anchors: dict[str, str] = {}
    taken: set[str] = set()
    for name in ids:
        anchor = "case-" + re.sub(r"[^A-Za-z0-9_.-]+", "-", name)
        if anchor in taken:
            anchor += f"-{zlib.crc32(name.encode('utf-8', 'surrogatepass')):08x}"
        while anchor in taken:
            anchor += "-"
        taken.add(anchor)
        anchors[name] = anchor
    return anchors


def _place(check: Check) -> tuple[str, str, str]:
    return (check.backend, check.mode, check.device)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
