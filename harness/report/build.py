"""Shapes a report: sorts, counts and words what was judged, so that a renderer only writes it down."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from typing import TYPE_CHECKING

from harness.model import BackendFacts, CaseFacts, Judgement, Observation, Outcome
from harness.quantity import Quantity
from harness.report import dynamics, numbers
from harness.report.model import CaseSection, Column, Line, QuantityTable, Report, Row, SampleSection
from harness.report.naming import command, label, worst
from harness.report.standing import Standing, tally
from harness.report.values import Shown, show, show_truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.model import Check, Reference

__all__ = ["build", "columns", "together"]


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
    """Return the checks that do not agree, the worst first; those of one case for one reason come together."""
    groups: dict[tuple[Standing, str, str | None], list[Judgement]] = {}
    for judgement in judgements:
        standing = Standing.of(judgement)
        if standing is not Standing.AGREES:
            groups.setdefault((standing, judgement.check.case, judgement.reason), []).append(judgement)
    return [tuple(group) for _, group in sorted(groups.items(), key=lambda item: item[0][0].rank)]


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
