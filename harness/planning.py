"""What was asked for, and the plan that it comes to."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from harness.collect import registry
from harness.collect.fingerprint import fingerprint
from harness.collect.plan import PROFILES, Wanted, tasks_of
from harness.collect.samples import derive_seed
from harness.collect.values import of_value
from harness.collect.vocabulary import of_modules
from harness.errors import SettingsError, suggest
from harness.judge import ledger
from harness.judge.entries import read
from harness.observe.devices import refusals
from harness.observe.environment import find_backends
from harness.reference.quorum import quorum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.collect.case import Case
    from harness.collect.plan import Subject, Task
    from harness.model import Backend, Check

__all__ = ["Options", "Plan", "plan"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for. Every field is an option of `harness run`.

    Attributes:
        select: Ids, areas or shell patterns of cases; none means all.
        folders: Where to collect cases; none means the default.
        backends: Names; none means every one that is installed.
        adapters: More backends, as `package.module:Class`.
        modes: Modes; none means all.
        dtypes: dtypes; none means the profile's.
        quantities: Quantities; none means all.
        device: `cpu` or `gpu`.
        profile: `quick` or `full`.
        store: The store's folder.
        shard: Which part of how many, counted from 1.
        timeout: Seconds a worker may take over one answer.
        memory: Resident memory of a worker, in MiB; none means no limit.
        cache: Whether what is unchanged is taken from the store.
        index: Whether the store's index may answer for its segments.
        seeds: Of all random samples and cotangents; every sample is drawn once for each.
    """

    select: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    device: str = "cpu"
    profile: str = "quick"
    store: Path = Path(".harness")
    shard: tuple[int, int] = (1, 1)
    timeout: float = 120.0
    memory: int | None = None
    cache: bool = True
    index: bool = True
    seeds: tuple[int, ...] = (0,)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is run.

    Attributes:
        options: What was asked for.
        run: Names the run in its records.
        chosen: Cases with the names of their chosen samples.
        backends: Backends that are run.
        absent: Backends that are not installed, and were not asked for by name.
        tasks: What is observed, in the order of the report.
        ledgers: File to text of the ledgers of accepted divergences beside the cases.
    """

    options: Options
    run: str
    chosen: Mapping[str, tuple[Case, tuple[str, ...]]] = field(default_factory=dict)
    backends: tuple[Backend, ...] = ()
    absent: tuple[Backend, ...] = ()
    tasks: tuple[Task, ...] = ()
    ledgers: Mapping[str, str] = field(default_factory=dict)

    @property
    def subjects(self) -> list[Subject]:
        """What needs a reference, each once."""
        return list(dict.fromkeys(task.subject for task in self.tasks))

    def checks(self) -> Iterator[tuple[Task, Check, str]]:
        """Yield every check with its task and its observation's id."""
        for task in self.tasks:
            for quantity in task.quantities:
                yield task, task.check(quantity), task.id(quantity)

    @property
    def whole(self) -> bool:
        """Whether all cases are run, in every way that the full profile has, so that a ledger must be all true."""
        options = self.options
        narrowed = options.select or options.folders or options.modes or options.dtypes or options.quantities
        return not narrowed and options.profile == "full" and options.shard == (1, 1)

    @property
    def chosen_by_name(self) -> str:
        """`cases` or `samples`, where only some were chosen: a ledger's entries about more than that cannot be judged."""
        if self.options.shard != (1, 1):
            return "cases"
        select = self.options.select
        return "" if not select else "samples" if any("[" in pattern for pattern in select) else "cases"

    @cached_property
    def key(self) -> str:
        """Fingerprint of everything that decides what the run comes to: the plan, and what judges it."""
        return fingerprint(
            # With its quantities, a task's key says the id of each of its checks, and what is in it.
            tasks=[[task.key, *task.subject.place, *map(str, task.quantities)] for task in self.tasks],
            references=[subject.reference_id for subject in self.subjects],
            judged_by=[of_modules("harness.judge.agreement", "harness.judge.ledger"), of_value(quorum)],
            ledgers=dict(self.ledgers),
            whole=self.whole,
            chosen=self.chosen_by_name,
        )


def plan(options: Options, chosen: Mapping[str, tuple[Case, tuple[str, ...]]] | None = None) -> Plan:
    """Collect the cases, find the backends, and list what there is to do. Runs no case.

    Args:
        options: What was asked for.
        chosen: Cases with the names of their samples, where they have been collected already.

    Raises:
        HarnessError: If the command, the settings or the environment are wrong.
    """
    if chosen is None:
        chosen = registry.select(registry.collect(options.folders), options.select)
    backends, absent = _backends(options)
    ledgers = ledger.ledgers(case for case, _ in chosen.values())
    read(ledgers)  # a ledger that is wrong is said before anything runs
    part, parts = options.shard
    tasks = tasks_of(chosen, backends, _wanted(options, backends))
    return Plan(
        options=options,
        run=f"{time.time_ns():x}-{os.getpid():x}",
        chosen=chosen,
        backends=tuple(backends),
        absent=tuple(absent),
        tasks=tuple(task for task in tasks if derive_seed(task.subject.case.id) % parts == part - 1),
        ledgers=ledgers,
    )


def _backends(options: Options) -> tuple[list[Backend], list[Backend]]:
    """Find the backends to run, and those that are not there."""
    found = find_backends(options.backends or None, options.adapters, options.device)
    missing = [one for one in found if not one.found and (options.backends or one.target in options.adapters)]
    if missing:
        raise SettingsError("; ".join(f"backend {backend.name!r}: {backend.reason}" for backend in missing))
    if options.device != "cpu":
        found = _on_device(options, found)
    there = [backend for backend in found if backend.found]
    absent = [backend for backend in found if not backend.found]
    if not there:
        raise SettingsError("No backend is installed: " + "; ".join(backend.reason for backend in absent))
    return there, absent


def _on_device(options: Options, found: Sequence[Backend]) -> list[Backend]:
    """Leave out what cannot compute on the device; what was asked for by name must."""
    reasons = refusals([backend for backend in found if backend.found])
    able = [backend.name for backend in found if backend.found and backend.name not in reasons]
    named = [name for name in reasons if name in options.backends]
    if named or not able:
        raise SettingsError(
            f"--device {options.device}: "
            + "; ".join(f"backend {name!r}: {reasons[name]}" for name in named or reasons)
        )
    return [
        replace(backend, found=False, reason=reasons[backend.name]) if backend.name in reasons else backend
        for backend in found
    ]


def _wanted(options: Options, backends: Sequence[Backend]) -> Wanted:
    if options.profile not in PROFILES:
        raise SettingsError(f"--profile {options.profile!r}: expected {' or '.join(PROFILES)}.")
    known = list(dict.fromkeys(dtype for backend in backends for dtype in backend.dtypes))
    for dtype in options.dtypes:
        if dtype not in known:
            raise SettingsError(f"-d {dtype!r}: the chosen backends offer {', '.join(known)}.{suggest(dtype, known)}")
    profile = PROFILES[options.profile]
    return Wanted(
        modes=options.modes,
        dtypes=options.dtypes or profile.dtypes,
        quantities=options.quantities or profile.kinds,
        thorough=profile.thorough,
        seeds=options.seeds,
    )
