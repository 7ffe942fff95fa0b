"""The timing run, as one list of steps: plan, measure the machine, time in rounds, save, compare."""

from __future__ import annotations

import os
import platform
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness import __version__, pipeline
from harness.collect.growth import grown
from harness.errors import SettingsError, suggest
from harness.judge import timing as judge
from harness.judge.statistics import width
from harness.model import Backend, Outcome, Series
from harness.observe.store.segments import Contents, Store
from harness.observe.timing.rounds import Effort, Rounds, Timed, machine
from harness.observe.timing.tally import tally
from harness.quantity import Quantity
from harness.report.facts import backend_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.collect.plan import Task
    from harness.judge.timing import Comparison, Side
    from harness.model import Timing

__all__ = [
    "DEFAULT_PROCESSES",
    "FOLDER",
    "QUICK",
    "Measured",
    "Options",
    "against",
    "execute",
    "find",
    "newest",
    "notes",
    "slower",
]

FOLDER = "timings"
"""The store of timings, in a run's store."""

DEFAULT_PROCESSES = 15
"""Five more than a verdict needs: with 10 processes, two of which were disturbed, 10 % can be missed."""

QUICK = Effort(processes=2, batches=8, batch_seconds=0.0015)
"""A look: figures, no verdicts."""

_KINDS = ("value", "vjp")


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for.

    Attributes:
        plan: Which cases, backends, modes, dtypes, device and store, as a run has them.
        processes: Fresh processes of each backend.
        budget: Seconds to spend instead.
        batches: Batches of each quantity in one process; none for the clock's own.
        batch_seconds: What a batch takes at least; none for the clock's own.
        order: Seed of the order in which backends and cases come.
        grow: Factors by which every dimension of random samples is multiplied; none for the samples as they are.
        first: Whether only the first of the chosen samples of each case is timed.
        save: What to save the run as; empty for nothing.
        baseline: The name of a saved run, or another store's folder, to compare with; empty for none.
    """

    plan: pipeline.Options
    processes: int = DEFAULT_PROCESSES
    budget: float | None = None
    batches: int | None = None
    batch_seconds: float | None = None
    order: int = 0
    grow: tuple[int, ...] = ()
    first: bool = False
    save: str = ""
    baseline: str = ""


@dataclass(frozen=True)
class Measured:
    """A timing run.

    Attributes:
        series: Its name, backends, and what the machine can do.
        timings: One for each check and process.
        comparisons: With the baseline, where there is one.
        notes: What else differs between the two.
    """

    series: Series
    timings: list[Timing]
    comparisons: list[Comparison] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def sides(self) -> dict[str, Side]:
        """Check's id to everything that was found about it."""
        return judge.sides(self.timings)


def execute(options: Options, progress: Callable[[float, float, str], None] | None = None) -> Measured:
    """Time what was asked for, save it, and compare it with the baseline.

    Args:
        options: What was asked for.
        progress: Called with the seconds spent, the seconds that are expected to be left, and what is being done.

    Raises:
        HarnessError: If the command, the settings or the environment are wrong.
    """
    folder = options.plan.store / FOLDER
    baseline = find(options.baseline, options.plan.store) if options.baseline else None
    planned = pipeline.plan(replace(options.plan, quantities=_kinds(options.plan.quantities)))
    tasks = _grown(planned.tasks, options.grow)
    if options.first:
        tasks = _first(tasks)
    timed = [one for task in tasks if (one := Timed(task, _asked(task.quantities))).kinds]
    here = Backend(name="machine", target="harness.adapters.numpy:NumpyAdapter", python=sys.executable)
    able = machine(here, list(dict.fromkeys(one.task.subject.dtype for one in timed)))
    counts = tally([one.task for one in timed if "value" in one.kinds], here, options.plan.timeout)
    effort = Effort(
        options.processes,
        options.budget,
        options.plan.timeout,
        options.plan.memory,
        options.batches,
        options.batch_seconds,
        options.order,
    )
    with Store(folder) as store:
        backends = {backend.name: backend for backend in planned.backends}
        rounds = Rounds(timed, backends, store, effort, planned.run, width, counts)
        if progress is not None:
            rounds.progress = progress
        timings = rounds.measure()
        series = Series(
            id=planned.run,
            name=options.save,
            backends=tuple(map(backend_facts, planned.backends)),
            facts=_facts(options, rounds.spent),
            machine=able,
            recorded=time.time(),
        )
        store.append(series)
    measured = Measured(series, timings)
    if baseline is None:
        return measured
    return replace(measured, comparisons=against(baseline, measured), notes=notes(baseline, measured))


def against(old: Measured, new: Measured) -> list[Comparison]:
    """Compare every check that both runs timed, and give verdicts on all of them together."""
    before, after = old.sides, new.sides
    both = [(before[name], side) for name, side in after.items() if name in before]
    # What neither run could time, a declared gap for instance, is no comparison.
    timed = [pair for pair in both if any(one.outcome is Outcome.COMPLETED for one in pair)]
    return judge.settle([judge.compare(*pair) for pair in timed])


def notes(old: Measured, new: Measured) -> list[str]:
    """Say what else than the programs differs between two runs, so that their times may differ for that."""
    found = []
    for name in ("system", "processor", "processors"):
        before, after = (run.series.facts.get(name, "unknown") for run in (old, new))
        if before != after:
            found.append(f"the runs come from different machines: {name} {before}, now {after}")
    kept = {backend.name: backend.environment for backend in old.series.backends}
    for backend in new.series.backends:
        before_it = kept.get(backend.name, backend.environment)
        for name in sorted({*before_it, *backend.environment}):
            values = [words.get(name, "unset") for words in (before_it, backend.environment)]
            if values[0] != values[1]:
                found.append(f"{backend.name}: {name} was {values[0]}, now {values[1]}")
    return found


def slower(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return what a gate fails for: what got slower beyond noise, and what was completed before and is not any more."""
    return [one for one in comparisons if one.pace is judge.Pace.SLOWER or one.broken]


def find(name: str, store: Path) -> Measured:
    """Find a saved run.

    Args:
        name: What it was saved as, of several the newest; the id of a run; or the folder of another store, whose newest
            run is meant, or of its timings.
        store: The store to look into.

    Raises:
        SettingsError: If there is none.
    """
    contents = Store(store / FOLDER).read()
    named = [one for one in contents.series.values() if name in {one.name, one.id}]
    if named:
        return _measured(contents, max(named, key=lambda one: (one.recorded, one.id)))
    folder = Path(name)
    if folder.is_dir():
        found = newest(folder / FOLDER if (folder / FOLDER).is_dir() else folder)
        if found is not None:
            return found
        raise SettingsError(f"{name}: there is no timing run in it. Expected a store that `harness time` has written.")
    known = sorted({one.name for one in contents.series.values()} - {""})
    raise SettingsError(
        f"No timing run is saved as {name!r} in {store / FOLDER}, and there is no such folder: expected "
        f"{' or '.join(known) if known else 'a saved run, of which there is none'}. Make one with "
        f"`harness time --save {name}`."
        f"{suggest(name, known)}"
    )


def newest(folder: Path) -> Measured | None:
    """Return the newest run of a store of timings; None where there is none."""
    contents = Store(folder).read()
    series = max(contents.series.values(), key=lambda one: (one.recorded, one.id), default=None)
    return None if series is None else _measured(contents, series)


def _measured(contents: Contents, series: Series) -> Measured:
    found = [one for one in contents.timings.values() if one.run == series.id]
    return Measured(series, sorted(found, key=lambda one: (one.check, one.process)))


def _grown(tasks: Sequence[Task], factors: Sequence[int]) -> list[Task]:
    """Return each task with each larger sample; those whose samples cannot grow are left out."""
    if not factors:
        return [*tasks]
    found = []
    for task in tasks:
        for factor in dict.fromkeys(factors):
            sample = grown(task.subject.sample, factor)
            if sample is not None:
                found.append(replace(task, subject=replace(task.subject, sample=sample)))
    if not found:
        raise SettingsError(
            f"--grow {' --grow '.join(map(str, factors))}: every chosen sample is written down, and only random ones grow: "
            "expected one of normal, uniform or integers. See `harness list`, and choose other cases."
        )
    return found


def _first(tasks: Sequence[Task]) -> list[Task]:
    """Keep the first sample of each case, in all the sizes it was grown to."""
    names: dict[str, str] = {}
    kept = []
    for task in tasks:
        name = task.subject.sample.name.partition("*")[0]
        if names.setdefault(task.subject.case.id, name) == name:
            kept.append(task)
    return kept


def _kinds(quantities: Sequence[str]) -> tuple[str, ...]:
    for word in quantities:
        quantity = Quantity.parse(word)
        if quantity.kind not in _KINDS or quantity.path:
            raise SettingsError(
                f"-q {word!r}: expected value, or vjp for the value with all gradients; nothing else is timed."
                f"{suggest(word, _KINDS)}"
            )
    return tuple(quantities) or _KINDS


def _asked(quantities: Sequence[Quantity]) -> tuple[str, ...]:
    kinds = {quantity.kind for quantity in quantities if not quantity.path}
    return tuple(kind for kind in _KINDS if kind in kinds)


def _facts(options: Options, spent: float) -> dict[str, str]:
    return {
        "harness": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "processors": str(os.cpu_count()),
        "processes": str(options.processes) if options.budget is None else "by budget",
        "budget": "" if options.budget is None else f"{options.budget:g} s",
        "seconds": f"{spent:.0f}",
        "order": str(options.order),
    }


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor()
    names = [row.partition(":")[2].strip() for row in text.splitlines() if row.startswith("model name")]
    return names[0] if names else platform.processor()
