"""The timing section's model: every bar, word and number of it, ready for a page, a terminal or a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from harness.judge.timing import Pace
from harness.report import numbers
from harness.report.timing.rates import percent

if TYPE_CHECKING:
    from harness.judge.roofline import Roofline
    from harness.judge.statistics import Estimate, Growth
    from harness.judge.timing import Comparison, Side
    from harness.model import Series, Timing

__all__ = ["Bar", "Change", "Group", "Grown", "Point", "Times", "Total"]


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
        sides: What was found of each check, in the order in which it was timed.
        timings: Every process of it, for other programs.
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
    sides: tuple[Side, ...] = ()
    timings: tuple[Timing, ...] = ()

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


def _bytes(size: int) -> str:
    for unit, step in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if size >= 1 << step:
            return f"{numbers.significant(size / (1 << step))} {unit}"
    return f"{size} B"
