"""Shapes a timing run: groups it, compares each backend with the fastest, and puts every time on one axis."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, Any

from harness.judge.roofline import roofline
from harness.judge.statistics import estimate, growth
from harness.judge.timing import Comparison, Pace, Side, compare, settle
from harness.model import Outcome, Series
from harness.report import numbers
from harness.report.naming import label
from harness.report.timing.model import Bar, Change, Group, Grown, Point, Times, Total
from harness.report.timing.rates import list_uncounted, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.model import Timing

__all__ = ["build"]

_DECADES = 10.0


def build(
    series: Series,
    sides: Mapping[str, Side],
    comparisons: Sequence[Comparison] = (),
    notes: Sequence[str] = (),
    timings: Iterable[Timing] = (),
) -> Times:
    """Shape a timing run.

    Args:
        series: The run.
        sides: Check's id to what was found.
        comparisons: With a baseline, with their verdicts.
        notes: What else differs from the baseline.
        timings: Every process, for the formats that other programs read.
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
        uncounted=list_uncounted(ordered),
        processes=(min(counts, default=0), max(counts, default=0)),
        notes=tuple(notes),
        sides=tuple(sides.values()),
        timings=tuple(timings),
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
