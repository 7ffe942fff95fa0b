"""The timing section's model: every bar, word and number of it, ready for a page, a terminal or a table."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, Any

import msgspec

from harness.judge.roofline import Roofline, roofline
from harness.judge.timing import Comparison, Estimate, Growth, Pace, Side, compare, estimate, growth, settle
from harness.model import Outcome, Series
from harness.report import numbers
from harness.report.model import label
from harness.report.timing.rates import percent, uncounted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Bar", "Change", "Group", "Grown", "Point", "Times", "Total", "build"]

_DECADES = 10.0


class Bar(msgspec.Struct, frozen=True):
    """One backend and mode in a group.

    Attributes:
        side: What was found.
        column: Number of the backend and mode among all there are; gives the colour.
        label: Backend and mode.
        estimate: The median with its interval; none where there is no time.
        first: Seconds of the first call; none where there is no time.
        pace: How it compares with the fastest, in words; empty for the fastest itself.
        ratio: Its median over the fastest's; none where there is no time.
        floor: The A/A noise floor of that comparison; none where there is none.
        reached: Which part of the machine's copy bandwidth the least possible traffic comes to.
        roof: Operations and bytes a second, and how much of what the machine can do they are.
        start: Where the bar ends, from 0 to 1 of the width, for each of low, median and high.
    """

    side: Side
    column: int
    label: str
    estimate: Estimate | None
    first: float | None
    pace: str
    ratio: float | None
    floor: float | None
    reached: float | None
    roof: Roofline
    start: tuple[float, float, float]

    @property
    def time(self) -> str:
        """The median with a unit."""
        return numbers.duration(None if self.estimate is None else self.estimate.median)

    @property
    def interval(self) -> str:
        """The interval with units."""
        if self.estimate is None:
            return ""
        return f"{numbers.duration(self.estimate.low)} to {numbers.duration(self.estimate.high)}"

    @property
    def spread(self) -> str:
        """Half the interval's width as a part of the median: `±2 %`."""
        if self.estimate is None or self.estimate.processes < 2:
            return ""
        return f"±{percent((self.estimate.high - self.estimate.low) / 2 / self.estimate.median)}"

    @property
    def throughput(self) -> str:
        """Elements of the inputs a second."""
        if self.estimate is None or not self.side.elements:
            return ""
        return f"{numbers.significant(self.side.elements / self.estimate.median)}/s"

    @property
    def memory(self) -> str:
        """The peaks above what was there before."""
        words = {"host": "", "device": " on the device", "host_first": " in the first call"}
        words["device_first"] = " on the device in the first call"
        sizes = self.side.memory or {}
        return ", ".join(f"{_bytes(sizes[name])}{more}" for name, more in words.items() if name in sizes)


class Group(msgspec.Struct, frozen=True):
    """One case, sample, dtype and quantity, on every backend and mode.

    Attributes:
        case: The case's id.
        title: Sample, dtype and quantity.
        elements: Elements of the inputs.
        bars: In the order of the columns.
    """

    case: str
    title: str
    elements: int
    bars: tuple[Bar, ...]


class Point(msgspec.Struct, frozen=True):
    """A dot of the chart over all cases: where it stands from 0 to 1 of the width, and its interval."""

    column: int
    low: float
    middle: float
    high: float
    words: str


class Grown(msgspec.Struct, frozen=True):
    """How the time of one backend grows with the size of a case."""

    case: str
    quantity: str
    label: str
    growth: Growth

    @property
    def words(self) -> str:
        """The exponent with its interval."""
        return f"{self.growth.exponent:.2f} ({self.growth.low:.2f} to {self.growth.high:.2f})"


class Change(msgspec.Struct, frozen=True):
    """One comparison with a baseline, in words.

    Attributes:
        comparison: The comparison.
        name: The check's.
        words: The verdict, or what became of it.
        ratio: `×1.12 (1.08 to 1.15)`; empty where there is none.
        floor: The noise floor.
        bad: Whether a gate fails for it.
    """

    comparison: Comparison
    name: str
    words: str
    ratio: str
    floor: str
    bad: bool

    @property
    def faster(self) -> bool:
        """Whether it got faster beyond noise."""
        return self.comparison.pace is Pace.FASTER


class Total(msgspec.Struct, frozen=True):
    """How a backend and mode did over all computations.

    Attributes:
        label: Backend and mode.
        version: Version of the framework.
        timed: How many computations have a time.
        fastest: In how many of them it is the fastest.
        ratio: Geometric mean of its medians over those of the fastest; none where it has none.
        first: Median of its first calls, in seconds.
        imported: The seconds of its import, in words.
    """

    label: str
    version: str
    timed: int
    fastest: int
    ratio: float | None
    first: float | None
    imported: str


class Times(msgspec.Struct, frozen=True):
    """Everything a renderer needs.

    Attributes:
        series: The run.
        columns: Labels of backends and modes.
        totals: How each of them did over all computations.
        groups: One a case, sample, dtype and quantity.
        points: For the chart over all cases: a row's words, and its dots.
        ticks: Of the chart: where each stands, and its words.
        growths: Where there are sizes enough.
        changes: Against the baseline, what a gate fails for first.
        failures: What has no time: its name, and why.
        uncounted: Cases that have no count of operations, and what lacks one.
        processes: The fewest and the most processes of a check.
        notes: What a reader should know of the comparison.
    """

    series: Series
    columns: tuple[str, ...]
    totals: tuple[Total, ...]
    groups: tuple[Group, ...]
    points: tuple[tuple[str, tuple[Point, ...]], ...]
    ticks: tuple[tuple[float, str], ...]
    growths: tuple[Grown, ...]
    changes: tuple[Change, ...]
    failures: tuple[tuple[str, str], ...]
    uncounted: tuple[tuple[str, str], ...]
    processes: tuple[int, int]
    notes: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        """The whole in one sentence."""
        bad = [one for one in self.changes if one.bad]
        if bad:
            return f"{numbers.count(len(bad), 'check')} got slower beyond noise, or no longer run"
        if self.changes:
            told = sum(1 for one in self.changes if one.comparison.pace is not Pace.CANNOT_TELL)
            every = numbers.count(len(self.changes), "comparison")
            return f"Nothing got slower beyond noise: {told} of {every} can tell" if told else f"{every} cannot tell"
        ways = "1 backend and mode" if len(self.columns) == 1 else f"{len(self.columns)} backends by mode"
        return f"{numbers.count(len(self.groups), 'computation')} timed on {ways}"


def build(
    series: Series, sides: Mapping[str, Side], comparisons: Sequence[Comparison] = (), notes: Sequence[str] = ()
) -> Times:
    """Shape a timing run.

    Args:
        series: The run.
        sides: Check's id to what was found.
        comparisons: With a baseline, with their verdicts.
        notes: What else differs from the baseline.
    """
    ordered = sorted(sides.values(), key=lambda one: _order(one, series))
    columns = tuple(dict.fromkeys(label(one.check) for one in sorted(ordered, key=lambda one: _column(one, series))))
    places = {name: number for number, name in enumerate(columns)}
    grouped: dict[tuple[str, str], list[Side]] = {}
    for side in ordered:
        grouped.setdefault((side.check.case, _title(side)), []).append(side)
    paces = _paces(grouped.values())
    groups = [
        Group(case, title, max(one.elements for one in found), _bars(found, places, paces, series.machine))
        for (case, title), found in grouped.items()
    ]
    points, ticks = _chart(groups)
    counts = [len(one.seconds) for one in ordered if one.outcome is Outcome.COMPLETED]
    return Times(
        series=series,
        columns=columns,
        totals=tuple(_total(place, name, groups) for place, name in enumerate(columns)),
        groups=tuple(groups),
        points=points,
        ticks=ticks,
        growths=tuple(_growths(ordered)),
        changes=tuple(sorted(map(_change, comparisons), key=lambda one: not one.bad)),
        failures=tuple(
            (one.check.id, f"{one.outcome}: {one.reason}") for one in ordered if one.outcome is not Outcome.COMPLETED
        ),
        uncounted=uncounted(ordered),
        processes=(min(counts, default=0), max(counts, default=0)),
        notes=tuple(notes),
    )


def _order(side: Side, series: Series) -> tuple[Any, ...]:
    check = side.check
    return (check.case, check.quantity != "value", check.dtype, side.elements, check.sample, *_column(side, series))


def _column(side: Side, series: Series) -> tuple[Any, ...]:
    check = side.check
    for number, backend in enumerate(series.backends):
        if backend.name == check.backend and check.mode in backend.modes:
            return (number, backend.modes.index(check.mode), check.implementation != "portable")
    return (len(series.backends), 0, True)


def _title(side: Side) -> str:
    quantity = "value" if side.check.quantity == "value" else "value with gradient"
    return f"[{side.check.sample}] {side.check.dtype} · {quantity}"


def _paces(groups: Iterable[Sequence[Side]]) -> dict[tuple[str, str], Comparison]:
    """Compare every side with the fastest of its group; verdicts are given on all of them together."""
    made = []
    for group in groups:
        timed = [one for one in group if one.seconds]
        if not timed:
            continue
        fastest = min(timed, key=lambda one: sorted(one.seconds)[len(one.seconds) // 2])
        made += [compare(fastest, one) for one in timed if one is not fastest]
    return {(one.old.check.id, one.new.check.id): one for one in settle(made)}


def _bars(
    sides: Sequence[Side],
    places: Mapping[str, int],
    paces: Mapping[tuple[str, str], Comparison],
    machine: Mapping[str, float],
) -> tuple[Bar, ...]:
    estimates = [estimate(one.seconds) if one.seconds else None for one in sides]
    longest = max((one.high for one in estimates if one is not None), default=1.0)
    by_new = {new: one for (_, new), one in paces.items()}
    bars = []
    for side, found in zip(sides, estimates, strict=True):
        pace = by_new.get(side.check.id)
        name = label(side.check)
        reached = None
        bandwidth = machine.get("copy_bytes") if side.check.device == "cpu" else None
        if found is not None and bandwidth and side.moved:
            reached = side.moved / found.median / bandwidth
        bars.append(
            Bar(
                side=side,
                column=places[name],
                label=name,
                estimate=found,
                first=estimate(side.first).median if side.first else None,
                pace="" if pace is None else pace.words,
                ratio=(1.0 if found is not None else None) if pace is None else pace.ratio,
                floor=None if pace is None or math.isnan(pace.floor) else pace.floor,
                reached=reached,
                roof=roofline(side, machine),
                start=(0.0, 0.0, 0.0)
                if found is None
                else (found.low / longest, found.median / longest, found.high / longest),
            )
        )
    return tuple(bars)


def _chart(groups: Sequence[Group]) -> tuple[tuple[tuple[str, tuple[Point, ...]], ...], tuple[tuple[float, str], ...]]:
    """Put every time on one logarithmic axis."""
    known = [bar.estimate for group in groups for bar in group.bars if bar.estimate is not None]
    if not known:
        return (), ()
    low = math.floor(math.log10(min(one.low for one in known)))
    high = math.ceil(math.log10(max(one.high for one in known)))
    span = max(high - low, 1)

    def place(seconds: float) -> float:
        return (math.log10(seconds) - low) / span

    rows = []
    for group in groups:
        dots = [
            Point(
                bar.column,
                place(bar.estimate.low),
                place(bar.estimate.median),
                place(bar.estimate.high),
                f"{bar.label}: {bar.time}, {bar.interval}",
            )
            for bar in group.bars
            if bar.estimate is not None
        ]
        rows.append((f"{group.case} {group.title}", tuple(dots)))
    ticks = tuple((step / span, numbers.duration(_DECADES ** (low + step))) for step in range(span + 1))
    return tuple(rows), ticks


def _total(place: int, name: str, groups: Sequence[Group]) -> Total:
    bars = [bar for group in groups for bar in group.bars if bar.column == place]
    timed = [bar for bar in bars if bar.ratio is not None]
    imported = [seconds for bar in bars for seconds in bar.side.imported]
    first = [bar.first for bar in timed if bar.first is not None]
    return Total(
        label=name,
        version=bars[0].side.version,
        timed=len(timed),
        fastest=sum(1 for bar in timed if not bar.pace),
        ratio=statistics.geometric_mean([bar.ratio for bar in timed if bar.ratio]) if timed else None,
        first=statistics.median(first) if first else None,
        imported=numbers.duration(statistics.median(imported)) if imported else "",
    )


def _growths(sides: Sequence[Side]) -> Iterable[Grown]:
    grouped: dict[tuple[str, str, str, str], list[Side]] = {}
    for one in sides:
        if one.seconds:
            check = one.check
            grouped.setdefault((check.case, check.quantity, check.dtype, label(check)), []).append(one)
    for (case, quantity, dtype, name), found in grouped.items():
        fitted = growth([(one.elements, one.seconds) for one in found])
        if fitted is not None:
            words = "value" if quantity == "value" else "value with gradient"
            yield Grown(case, f"{dtype} · {words}", name, fitted)


def _change(one: Comparison) -> Change:
    known = not math.isnan(one.ratio)
    if one.broken:
        words = f"no longer runs: {one.new.outcome}"
    elif one.pace is Pace.CANNOT_TELL and one.reason:
        words = f"{one.words}: {one.reason}"
    else:
        words = one.words
    return Change(
        comparison=one,
        name=one.new.check.id,
        words=words,
        ratio=f"×{one.ratio:.3f} ({one.low:.3f} to {one.high:.3f})" if known else "",
        floor=f"±{percent(one.floor)}" if known and not math.isnan(one.floor) else "",
        bad=one.pace is Pace.SLOWER or one.broken,
    )


def _bytes(size: int) -> str:
    for unit, step in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size >= 1 << step:
            return f"{numbers.significant(size / (1 << step))} {unit}"
    return f"{size} B"
