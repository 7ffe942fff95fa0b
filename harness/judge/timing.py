"""What times say: medians, ratios with intervals, the noise floor, and a verdict on each, with false ones held down.

The unit of evidence is the process. Batches of one process share its memory layout, its hash seed and its moment, so
they differ far less than processes do: judged by them, a program is found to be faster than itself every other time.
Everything here is computed from one number a process, its least disturbed batch, and needs no clock.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.judge.statistics import LEVEL, PROCESSES, discoveries, noise_floor, p_value, ratio
from harness.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.model import Check, Timing

__all__ = ["SAME", "Comparison", "Pace", "Side", "compare", "settle", "sides"]

SAME = 0.05
"""Two medians are called the same if all of the interval of their ratio is this close to 1."""


class Pace(enum.StrEnum):
    """What is said of a ratio of times. Has no truth value: say which one you ask for."""

    FASTER = "faster"
    SLOWER = "slower"
    SAME = "same"
    CANNOT_TELL = "cannot tell"

    def __bool__(self) -> bool:
        """Refuse: every one is a non-empty string, so `if pace:` would always pass."""
        raise TypeError("A Pace has no truth value. Compare it: pace is Pace.SLOWER.")


@dataclass(frozen=True)
class Side:
    """Everything that one run says about one check.

    Attributes:
        check: What was timed.
        seconds: One call in steady state: one number a process, its least disturbed batch.
        first: Seconds of the first call, one number a process.
        imported: Seconds of the import, one number a process.
        memory: The largest peaks that any process had.
        elements: Elements of the inputs.
        moved: Bytes that are moved at least.
        flops: Floating-point operations of a call; none where they were not counted.
        traffic: Bytes that a call moves if nothing is fused; none where they were not counted.
        uncounted: The operations that have no count.
        computation: Fingerprint of source and inputs.
        version: Version of the framework.
        outcome: `completed` if any process completed it; otherwise what the last one came to.
        reason: Why not.
    """

    check: Check
    seconds: tuple[float, ...] = ()
    first: tuple[float, ...] = ()
    imported: tuple[float, ...] = ()
    memory: Mapping[str, int] | None = None
    elements: int = 0
    moved: int = 0
    flops: float | None = None
    traffic: int | None = None
    uncounted: tuple[str, ...] = ()
    computation: str = ""
    version: str = ""
    outcome: Outcome = Outcome.COMPLETED
    reason: str | None = None


@dataclass(frozen=True)
class Comparison:
    """Two sides of one check, or of one case on two backends.

    Attributes:
        old: What is compared with.
        new: What is judged.
        ratio: Median of the new over median of the old; NaN where one of them has no time.
        low: Lower end of its bootstrap interval over processes.
        high: Upper end.
        p: Probability of processes that are ordered so unevenly, if the two were the same.
        floor: The A/A noise floor: how far from 1 the ratio of the same program to itself is, at the level.
        pace: The verdict.
        within: What the two are the same within, as a fraction; where the pace is `same`.
        reason: Why nothing can be told.
    """

    old: Side
    new: Side
    ratio: float
    low: float
    high: float
    p: float
    floor: float
    pace: Pace = Pace.CANNOT_TELL
    within: float | None = None
    reason: str | None = None

    @property
    def words(self) -> str:
        """The verdict in words: `same within 2.1 %`."""
        if self.pace is Pace.SAME and self.within is not None:
            return f"same within {math.ceil(round(self.within * 1000, 6)) / 10:g} %"
        return self.pace.value

    @property
    def broken(self) -> bool:
        """Whether it was completed before and is not any more."""
        return self.old.outcome is Outcome.COMPLETED and self.new.outcome is not Outcome.COMPLETED


def sides(timings: Sequence[Timing]) -> dict[str, Side]:
    """Put the processes of each check together.

    Args:
        timings: Of one run, in any order.

    Returns:
        Check's id to what was found, in the order in which the checks came.
    """
    grouped: dict[str, list[Timing]] = {}
    for timing in timings:
        grouped.setdefault(timing.check.id, []).append(timing)
    return {name: _side(sorted(found, key=lambda one: one.process)) for name, found in grouped.items()}


def _side(timings: Sequence[Timing]) -> Side:
    good = [one for one in timings if one.outcome is Outcome.COMPLETED and one.calls]
    shown = (good or timings)[-1]
    memory: dict[str, int] = {}
    for one in good:
        for name, size in one.memory.items():
            memory[name] = max(size, memory.get(name, 0))
    outcome = Outcome.COMPLETED if good else shown.outcome
    if not good and outcome is Outcome.COMPLETED:  # a record without a time says nothing
        outcome = Outcome.MISSING
    return Side(
        check=shown.check,
        seconds=tuple(one.seconds for one in good),
        first=tuple(one.first for one in good if one.first is not None),
        imported=tuple(one.imported for one in good if one.imported is not None),
        memory=memory,
        elements=shown.elements,
        moved=shown.moved,
        flops=shown.flops,
        traffic=shown.traffic,
        uncounted=shown.uncounted,
        computation=shown.computation,
        version=next(iter(shown.versions.values()), ""),
        outcome=outcome,
        reason=None if good else shown.reason,
    )


def compare(old: Side, new: Side, seed: int = 0) -> Comparison:
    """Hold one side against another. The verdict is still open: it depends on all comparisons (`settle`).

    Args:
        old: What is compared with.
        new: What is judged.
        seed: Of the resampling.
    """
    nothing = Comparison(old, new, math.nan, math.nan, math.nan, 1.0, math.nan)
    for which, side in (("the old run", old), ("the new run", new)):
        if side.outcome is not Outcome.COMPLETED:
            return replace(nothing, reason=f"{which}: {side.outcome}: {side.reason or 'no reason was given'}")
    if old.check.id == new.check.id and old.computation != new.computation:
        return replace(nothing, reason="the case is not the same: its source or its inputs changed")
    middle, low, high = ratio(old.seconds, new.seconds, seed)
    floors = [noise_floor(old.seconds, seed), noise_floor(new.seconds, seed)]
    return Comparison(
        old,
        new,
        ratio=middle,
        low=low,
        high=high,
        p=p_value(old.seconds, new.seconds),
        floor=math.expm1(math.sqrt(sum(math.log1p(floor) ** 2 for floor in floors) / 2)),
    )


def settle(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return the verdicts on comparisons that were made together.

    A difference is reported only if the order of the processes is no chance, with the false discovery rate held down
    over all comparisons, and the interval of the ratio leaves 1 out, and the ratio is beyond the noise floor. Where
    there is none, the two are the same if the whole interval is close to 1; otherwise nothing can be told.

    Args:
        comparisons: All that are reported together.

    Returns:
        The same, in the same order, with their verdicts.
    """
    enough = [min(len(one.old.seconds), len(one.new.seconds)) >= PROCESSES for one in comparisons]
    counted = [place for place, one in enumerate(comparisons) if enough[place] and not math.isnan(one.ratio)]
    found = discoveries([comparisons[place].p for place in counted], LEVEL)
    different = {place for place, is_one in zip(counted, found, strict=True) if is_one}
    return [_decide(one, enough[place], place in different) for place, one in enumerate(comparisons)]


def _decide(one: Comparison, enough: bool, different: bool) -> Comparison:
    if math.isnan(one.ratio):
        return replace(one, pace=Pace.CANNOT_TELL)
    if not enough:
        few = min(len(one.old.seconds), len(one.new.seconds))
        reason = f"{few} processes a side, and a verdict needs {PROCESSES}"
        return replace(one, pace=Pace.CANNOT_TELL, reason=reason)
    beyond = abs(math.log(one.ratio)) > math.log1p(one.floor)
    if different and beyond and not one.low <= 1 <= one.high:
        return replace(one, pace=Pace.FASTER if one.ratio < 1 else Pace.SLOWER)
    within = max(one.high - 1, 1 - one.low)
    if within <= SAME:
        return replace(one, pace=Pace.SAME, within=within)
    return replace(one, pace=Pace.CANNOT_TELL, reason="the interval holds both a difference and none")
