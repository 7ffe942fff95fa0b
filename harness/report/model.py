"""The report's one model: everything a renderer writes, already sorted, counted and worded.

Texts are held as they came. A renderer makes them safe for its own format (`escape`), as late as it can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from harness.report import numbers

if TYPE_CHECKING:
    from harness.model import BackendFacts, CaseFacts, Judgement
    from harness.report import dynamics
    from harness.report.standing import Standing, Tally
    from harness.report.timing.model import Times
    from harness.report.values import Shown

__all__ = ["CaseSection", "Column", "Line", "QuantityTable", "Report", "Row", "SampleSection"]


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
    def judged_by(self) -> str:
        """By which ledger every check is judged, where several runs are put together; empty for a single run."""
        return f"Judged by {self.facts['judged by']}." if "judged by" in self.facts else ""

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
        """How many cases were checked; a case of complex numbers, say, has no check where float32 was asked for."""
        seen = sum(1 for case in self.cases if case.tally.total)
        if seen == len(self.cases):
            return numbers.count(seen, "case")
        return f"{seen:,} of {numbers.count(len(self.cases), 'case')} (the others have no check in this run)"
