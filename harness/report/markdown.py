"""GitHub-flavoured Markdown, for job summaries, pull requests and published reports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.report import numbers
from harness.report.dynamics import EXPLANATION, MEANINGS
from harness.report.escape import line, terminal
from harness.report.naming import place
from harness.report.standing import Standing
from harness.report.timing.rates import intensity_of, machine_in_words, part_of, percent, rate_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.report.dynamics import Cell, Dynamics
    from harness.report.model import CaseSection, Line, Report
    from harness.report.timing.model import Bar, Group, Times, Total
    from harness.report.values import Shown

__all__ = ["render", "render_times"]

_PLACES = 8  # checks of a group of problems; the others are counted
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_JUDGED = frozenset({Standing.AGREES, Standing.CONVENTION, Standing.ACCEPTED, Standing.DISAGREES})


def render(report: Report, *, details: bool = True) -> str:
    """Write the report as Markdown.

    Args:
        report: What to write.
        details: Whether to add a folded section for every case. Job summaries hold at most 1 MiB: leave them out
            where a run has thousands of checks.
    """
    parts = [
        f"# {report.headline}",
        _lead(report),
        _totals(report),
        *_problems("Not fine", report.problems),
        *_notes(report),
        "## Matrix",
        "The worst standing and the largest z of each case, by backend and mode.",
        *_matrix(report),
        *_problems("Known and accepted", report.divergences),
        *_dynamics(report.dynamics),
        *([] if report.times is None else _times(report.times)),
    ]
    if details and report.cases:
        parts.append("## Cases")
        for case in report.cases:
            parts += _case(case)
    parts += ["## Environment", *_environment(report)]
    return "\n\n".join(part for part in parts if part) + "\n"


def render_times(times: Times) -> str:
    """Write a timing run as Markdown."""
    rows = [[_code(name), _code(text)] for name, text in times.series.facts.items() if text]
    parts = [*_times(times), "### Environment of the timing", _table(["fact", ""], rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _times(times: Times) -> list[str]:
    few, many = times.processes
    machine = machine_in_words(times.series.machine)
    parts = [
        f"## Timing: {_html(times.headline)}",
        (
            f"Medians over {few if few == many else f'{few} to {many}'} fresh processes of one call in steady state; "
            f"the first call, which traces and compiles, apart.{f' This machine {machine}.' if machine else ''}"
        ),
    ]
    if times.changes:
        rows = [[_code(one.name), _code(one.words), one.ratio, one.floor] for one in times.changes]
        parts += ["### Against the baseline", "\n".join(f"- {_code(note)}" for note in times.notes)]
        parts += [_table(["check", "verdict", "new over old", "noise floor"], rows)]
    heads = ["backend", "version", "timed", "fastest", "× fastest", "first call", "import"]
    parts.append(_table(heads, [_total(one) for one in times.totals]))
    if times.growths:
        rows = [[_code(one.case), _code(one.quantity), _code(one.label), one.words] for one in times.growths]
        parts += ["### Growth with size", _table(["case", "", "backend", "exponent"], rows)]
    heads = ["case", "", "backend", "median", "interval", "× fastest", "verdict", "noise", "first call"]
    heads += ["a second", "FLOP/B", "of the roofline", "peak memory"]
    bars = [_bar(group, bar) for group in times.groups for bar in group.bars]
    parts += ["### Computation by computation", _table(heads, bars)]
    if times.uncounted:
        parts += [
            "### Without a count of operations",
            "\n".join(f"- {_code(name)}: {_code(words)}" for name, words in times.uncounted),
        ]
    if times.failures:
        parts += ["### Not timed", "\n".join(f"- {_code(f'{name}: {reason}')}" for name, reason in times.failures)]
    return parts


def _total(one: Total) -> list[str]:
    ratio, first = numbers.significant(one.ratio), numbers.duration(one.first)
    return [_code(one.label), _code(one.version), str(one.timed), str(one.fastest), ratio, first, one.imported]


def _bar(group: Group, bar: Bar) -> list[str]:
    names = [_code(group.case), _code(group.title), _code(bar.label)]
    if bar.estimate is None:
        return [*names, bar.side.outcome.value, *[""] * 9]
    pace = bar.pace or "fastest"
    first, ratio = numbers.duration(bar.first), numbers.significant(bar.ratio)
    noise = "" if bar.floor is None else f"±{percent(bar.floor)}"
    rates = [rate_of(bar.roof), intensity_of(bar.roof), part_of(bar.roof)]
    return [*names, bar.time, bar.interval, ratio, pace, noise, first, *rates, bar.memory]


def _lead(report: Report) -> str:
    references = ", ".join(f"{number:,} {_code(kind)}" for kind, number in report.references.items())
    largest = f" Largest z: {numbers.significant(report.tally.z)}." if report.tally.z is not None else ""
    ledger = f" {_html(report.judged_by)}" if report.judged_by else ""
    return f"{report.scope}. References: {references or 'none'}.{largest}{ledger}"


def _totals(report: Report) -> str:
    counts = report.tally.counts.items()
    return " · ".join(f"{standing.sign} {number:,} {standing.words}" for standing, number in counts)


def _problems(title: str, groups: Sequence[Sequence[Line]]) -> list[str]:
    if not groups:
        return []
    parts = [f"## {title}"]
    for lines in groups:
        first = lines[0]
        item = [f"- {first.standing.sign} **{first.standing.words}** {_code(first.judgement.check.case)}"]
        if first.reason:
            item.append(_fence(first.reason, "  "))
        item += [f"  - {_place(one)}" for one in lines[:_PLACES]]
        if len(lines) > _PLACES:
            item.append(f"  - and {numbers.count(len(lines) - _PLACES, 'more check')}")
        if not first.standing.fine:
            item.append(f"  - {_code(first.command)}")
        parts.append("\n".join(item))
    return parts


def _place(one: Line) -> str:
    element = f" {_code(one.worst)}" if one.worst else ""
    sizes = f" z {one.z}, {one.ulps} ulp" if one.z else ""
    return f"{_code(place(one.judgement.check))}{element}{sizes}"


def _notes(report: Report) -> list[str]:
    return ["## Notes on the store", "\n".join(f"- {_code(note)}" for note in report.notes)] if report.notes else []


def _matrix(report: Report) -> list[str]:
    if not report.columns:
        return ["Nothing was checked."]
    rows = []
    for row in report.matrix:
        cells = []
        for cell in row.cells:
            if cell is None:
                cells.append("")
                continue
            size = numbers.significant(cell.z) if cell.worst in _JUDGED and cell.z is not None else cell.worst.words
            part = f" ({cell.counts[cell.worst]}/{cell.total})" if len(cell.counts) > 1 else ""
            cells.append(f"{cell.worst.sign} {size}{part}")
        rows.append([_code(row.case), *cells])
    heads = ["case", *(_code(column.label) for column in report.columns)]
    sizes = ["largest z", *(numbers.significant(column.tally.z) for column in report.columns)]
    versions = ["version", *(_code(", ".join(column.versions)) for column in report.columns)]
    return [_table(heads, [versions, *rows, sizes])]


def _dynamics(dynamics: Dynamics) -> list[str]:
    if not dynamics.families:
        return []
    meanings = "\n".join(f"- {way.sign} **{way.value}**: {meaning}" for way, meaning in MEANINGS.items())
    parts = ["## Dynamic and static graphs", EXPLANATION, meanings]
    for family in dynamics.families:
        rows = [[_code(label), *map(_cell, cells)] for label, cells in family.rows]
        parts += [f"**{_code(family.name)}**: {_code(family.summary)}", _table(["", *map(_code, family.sayings)], rows)]
    if dynamics.others:
        parts.append(f"As they stand, everywhere, run {', '.join(map(_code, dynamics.others))}.")
    return parts


def _cell(cell: Cell) -> str:
    found = []
    for part in cell.parts:
        quantities = f" ({_code(', '.join(part.quantities))})" if part.quantities else ""
        words = " ".join(_code(text) for text in (part.detail, part.headline) if text)
        found.append(f"{part.way.sign} {part.way.value}{quantities} {words}".strip())
    return "; ".join(found)


def _case(case: CaseSection) -> list[str]:
    facts = case.facts
    file = f"{facts.path}:{facts.line}" if facts.path and facts.line else facts.path
    parts = [
        _summary_line(case),
        _fence(facts.docstring, language="text") if facts.docstring else "",
        _fence(facts.source, language="python") if facts.source else "",
        f"File: {_code(file)}" if file else "",
    ]
    for sample in case.samples:
        described = f": {_code(sample.description)}" if sample.description else ""
        parts.append(
            f"**{_code(f'{sample.sample} · {sample.dtype}')}**{described}, reference {_code(sample.reference)}"
        )
        parts.append(_code(sample.reason) if sample.reason else "")
        rows = []
        for table in sample.tables:
            truth = "" if table.truth is None else _show(table.truth)
            rows.append([f"**{_code(table.title)}**", "**truth**", truth, "", "", "", ""])
            rows += [_row(one) for one in table.lines]
        parts.append(_table(["", "", "result", "z", "ulp", "first", "warm"], rows))
    return [*parts, "</details>"]


def _summary_line(case: CaseSection) -> str:
    name = f'<a id="{case.anchor}"></a>{case.tally.worst.sign} <code>{_html(case.facts.id)}</code>'
    return f"<details><summary>{name}: {case.tally.text}</summary>"


def _row(one: Line) -> list[str]:
    result = "" if one.shown is None else _show(one.shown)
    if one.reason:
        first_line, _, _ = one.reason.partition("\n")  # the whole reason stands in the list of what is not fine
        result += f" {_code(first_line)}"
    sign = f"{one.standing.sign} {one.standing.words}"
    return [_code(one.label), sign, result.strip(), one.z, one.ulps, one.first, one.again]


def _show(shown: Shown) -> str:
    return _code(shown.text) + (f" {shown.size}" if len(shown.shape) > 1 else "")


def _environment(report: Report) -> list[str]:
    parts = [_table(["fact", ""], [[_code(name), _code(text)] for name, text in report.facts.items()])]
    rows = []
    for backend in report.backends:
        versions = ", ".join(f"{name} {version}" for name, version in report.versions.get(backend.name, {}).items())
        settings = ", ".join(f"{name}={setting}" for name, setting in backend.environment.items())
        found = backend.version if backend.found else f"not found: {backend.reason or 'no reason given'}"
        modes = ", ".join(backend.modes)
        rows.append([_code(text) for text in (backend.name, found, backend.device, modes, versions, settings)])
    parts.append(_table(["backend", "version", "device", "modes", "distributions", "settings"], rows))
    properties = [
        [_code(backend.name), _code(name), _code(text)]
        for backend in report.backends
        for name, text in backend.properties.items()
    ]
    if properties:
        parts += ["What was found out about the backends by looking.", _table(["backend", "property", ""], properties)]
    return parts


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _code(text: str) -> str:
    """Write foreign text as inline code, so that nothing in it is markup, a mention or a table's border."""
    text = terminal(line(text)).strip()
    if not text:
        return ""
    if any(character in text for character in "`|\\<>&"):
        # In a code span a pipe ends the cell and nothing escapes a backslash: spell the punctuation instead.
        return f"<code>{_html(text)}</code>"
    return f"`{text}`"


def _html(text: str) -> str:
    # A character reference is text and never structure (CommonMark 0.31, section 2.5).
    return _PUNCTUATION.sub(lambda match: f"&#{ord(match.group())};", terminal(line(text)))


def _fence(text: str, indent: str = "", language: str = "text") -> str:
    body = terminal(text).strip("\n")
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join(f"{indent}{row}".rstrip() for row in [f"{fence}{language}", *body.split("\n"), fence])
