"""Times cases in fresh processes, one at a time, in an order that is shuffled over backends.

One process of a backend times each of its cases once; then comes another backend's. What the machine does meanwhile
(its clock speed, its neighbours) falls on all of them alike, and the processes of one backend are replicates. Two
processes never run at once: they would time each other.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.collect.fingerprint import fingerprint
from harness.errors import WorkerError
from harness.messages import Abilities, Measure, Time
from harness.messages import Timed as Answer
from harness.model import Backend, Check, Outcome, Timing
from harness.observe.environment import worker_environment
from harness.observe.timing.tally import computation
from harness.observe.workers.supervisor import End, Reply, Worker
from harness.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from harness.collect.plan import Task
    from harness.messages import Counted
    from harness.observe.store.segments import Store

__all__ = ["CLOCK", "MACHINE", "Effort", "Rounds", "Timed", "machine"]

CLOCK = "harness.observe.timing.clock:Clock"
"""What a backend's worker serves."""

MACHINE = "harness.observe.timing.machine:Machine"
"""What measures the machine."""

_FIRST = 3  # rounds over everything, before a budget is spent on what is uncertain
_MOST = 5  # times the processes that were asked for: no budget is spent beyond
_ENOUGH = 0.005  # width of an interval, relative: narrower, it is not worth another process
_PART = 4  # one in so many of the tasks is looked at again at once


@dataclass(frozen=True)
class Effort:
    """How much is done.

    Attributes:
        processes: Fresh processes of each backend.
        budget: Seconds to spend instead; the processes then go where the intervals are widest.
        timeout: Seconds a worker may take over one answer.
        memory: Resident memory of a worker in MiB; none means no limit.
        batches: Batches of each quantity in one process; none for the clock's own.
        batch_seconds: What a batch takes at least; none for the clock's own.
        seed: Of the order.
    """

    processes: int
    budget: float | None = None
    timeout: float = 120.0
    memory: int | None = None
    batches: int | None = None
    batch_seconds: float | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Timed:
    """What is timed: a task, and of it the value, or the value with all gradients, or both.

    Attributes:
        task: The subject on a backend in a mode.
        kinds: `value`, `vjp`.
    """

    task: Task
    kinds: tuple[str, ...]

    @property
    def backend(self) -> str:
        """The backend's name."""
        return self.task.backend.name

    def check(self, kind: str) -> Check:
        """The check of one kind; its quantity is the kind."""
        return self.task.check(Quantity(kind))

    def request(self, kinds: Sequence[str]) -> Time:
        """Ask a clock for some of the kinds."""
        return self.task.subject.request(
            Time,
            implementation=self.task.implementation,
            mode=self.task.mode,
            quantities=tuple(map(Quantity, kinds)),
            inputs=tuple(quantity.of for quantity in self.task.quantities if quantity.kind == "vjp"),
        )


def machine(backend: Backend, dtypes: Sequence[str] = ("float32",), timeout: float = 60.0) -> dict[str, float]:
    """Measure what the machine can do, with the threads that every backend gets; empty where that fails."""
    with Worker(backend.python, MACHINE, {}, worker_environment(backend), timeout=timeout) as worker:
        asked = worker.call(Measure(dtypes=tuple(dtypes)).header())
        replies = [Abilities.of(one.header) for one in asked if isinstance(one, Reply)]
    return replies[0].rates if replies else {}


@dataclass(eq=False)
class Rounds:
    """The rounds of one run.

    Attributes:
        timed: What to time.
        backends: By name.
        store: Where each timing is stored as soon as there is one.
        effort: How much is done.
        run: Names the run in the records.
        width: Gives the relative width of the interval of a median over processes.
        counts: Fingerprint of a computation to what a call of it costs; what has none has no count.
        progress: Called with the seconds spent, the seconds that are expected to be left, and what is being done.
        start: Makes a worker of a backend.
        now: A clock in seconds.
        timings: What was found.
    """

    timed: Sequence[Timed]
    backends: Mapping[str, Backend]
    store: Store
    effort: Effort
    run: str
    width: Callable[[Sequence[float]], float]
    counts: Mapping[str, Counted] = field(default_factory=dict)
    progress: Callable[[float, float, str], None] = lambda *_: None
    start: Callable[[Backend, Effort], Any] | None = None
    now: Callable[[], float] = time.monotonic
    timings: list[Timing] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw the order, and know no cost yet."""
        self._random = random.Random(self.effort.seed)
        self._processes = dict.fromkeys(self.backends, 0)
        self._starting: dict[str, float] = {}
        self._cost: dict[Timed, float] = {}
        self._kinds = {one: one.kinds for one in self.timed}
        self._given_up: set[Timed] = set()
        self._computations = {one: computation(one.task) for one in self.timed}
        self._seconds: dict[str, list[float]] = {}
        self._ahead: list[list[Timed]] = []
        self._begun = self.now()

    def measure(self) -> list[Timing]:
        """Time everything, and give what was found, in the order in which it was."""
        rounds = self.effort.processes if self.effort.budget is None else min(_FIRST, self.effort.processes)
        self._ahead = [part for _ in range(rounds) for part in self._shuffled(self.timed)]
        while not self._over():
            self._ahead = self._ahead or self._shuffled(self._widest())
            if not self._ahead:
                break
            part = [one for one in self._ahead.pop(0) if one not in self._given_up]
            if not part:
                continue
            if self._over(self._starting.get(part[0].backend, 0.0)):
                # A process that could only start before the budget is spent is not begun, now or later.
                self._given_up.update(one for one in self.timed if one.backend == part[0].backend)
            else:
                self._process(part)
        self._say_what_is_missing()
        return self.timings

    @property
    def spent(self) -> float:
        """Seconds since the rounds were begun."""
        return self.now() - self._begun

    def _shuffled(self, timed: Iterable[Timed]) -> list[list[Timed]]:
        """Make one round: a process of each backend, backends and cases in a random order."""
        parts: dict[str, list[Timed]] = {}
        for one in timed:
            parts.setdefault(one.backend, []).append(one)
        found = list(parts.values())
        self._random.shuffle(found)
        for part in found:
            self._random.shuffle(part)
        return found

    def _over(self, needed: float = 0.0) -> bool:
        return self.effort.budget is not None and self.spent + needed >= self.effort.budget

    def _widest(self) -> list[Timed]:
        """Choose what a budget is spent on next; nothing where there is none, or where all is known well enough."""
        if self.effort.budget is None:
            return []
        most = _MOST * self.effort.processes
        widths = []
        for one in self.timed:
            if one in self._given_up:
                continue
            found = [self._seconds.get(one.check(kind).id, []) for kind in self._kinds[one]]
            widest = max(self.width(seconds) for seconds in found)
            if widest > _ENOUGH and min(map(len, found)) < most:
                widths.append((widest, one))
        widths.sort(key=lambda pair: -pair[0])
        return [one for _, one in widths[: max(1, math.ceil(len(widths) / _PART))]]

    def _process(self, part: Sequence[Timed]) -> None:
        """Time some cases of one backend in a fresh process."""
        name = part[0].backend
        number = self._processes[name]
        self._processes[name] += 1
        make = self.start or _worker
        before = self.now()
        with make(self.backends[name], self.effort) as worker:
            try:
                worker.start()
            except WorkerError as error:
                self._failed(part, number, str(error))
                return
            self._starting[name] = self.now() - before
            for place, one in enumerate(part):
                if self._over():
                    return
                self.progress(self.spent, self._left(part[place:]), f"{name} {number + 1}: {one.task.subject.case.id}")
                before = self.now()
                self._ask(worker, one, number)
                self._cost[one] = self.now() - before

    def _ask(self, worker: Any, one: Timed, number: int) -> None:
        kinds = self._kinds[one]
        header, arrays = one.request(kinds).header(), [*one.task.subject.inputs().values()]
        replies: dict[str, Answer] = {}
        end = End(Outcome.MISSING, "the worker gave no answer")
        for answer in worker.call(header, arrays):
            if isinstance(answer, Reply):
                timed = Answer.of(answer.header)
                replies[timed.quantity.kind] = timed
            else:
                end = answer
        made = []
        for kind in kinds:
            if kind in replies:
                facts = {name: value for name, value in vars(replies[kind]).items() if name != "quantity"}
                facts["outcome"] = Outcome(facts["outcome"])
                facts["calls"] = tuple(facts["calls"])
            else:
                outcome = Outcome.MISSING if end.outcome is Outcome.COMPLETED else end.outcome
                facts = {"outcome": outcome, "reason": end.reason or "the worker gave no answer"}
            made.append(self._timing(one, kind, number, facts))
        self._keep(one, made)

    def _say_what_is_missing(self) -> None:
        """A check whose turn did not come must not look as if it had not been asked for."""
        seen = {timing.check.id for timing in self.timings}
        facts = {"outcome": Outcome.MISSING, "reason": "the budget was spent before its turn came; give more"}
        left = [
            self._timing(one, kind, 0, facts)
            for one in self.timed
            for kind in one.kinds
            if one.check(kind).id not in seen
        ]
        self.store.append(left)
        self.timings += left

    def _failed(self, part: Sequence[Timed], number: int, reason: str) -> None:
        facts = {"outcome": Outcome.MISSING, "reason": reason}
        for one in part:
            self._keep(one, [self._timing(one, kind, number, facts) for kind in one.kinds])

    def _keep(self, one: Timed, made: Sequence[Timing]) -> None:
        self.store.append(made)
        self.timings += made
        for timing in made:
            if timing.outcome is Outcome.COMPLETED:
                self._seconds.setdefault(timing.check.id, []).append(timing.seconds)
        # What failed would fail in every other process too, and may take its time over that.
        self._kinds[one] = tuple(timing.check.quantity for timing in made if timing.outcome is Outcome.COMPLETED)
        if not self._kinds[one]:
            self._given_up.add(one)

    def _timing(self, one: Timed, kind: str, number: int, facts: Mapping[str, Any]) -> Timing:
        check = one.check(kind)
        computed = self._computations[one]
        if kind == "value" and computed in self.counts and facts["outcome"] is Outcome.COMPLETED:
            facts = {**facts, **vars(self.counts[computed])}
        return Timing(
            id=fingerprint(check=check.id, run=self.run, process=number),
            check=check,
            run=self.run,
            process=number,
            computation=computed,
            versions=dict(one.task.backend.versions),
            environment=dict(one.task.backend.settings),
            recorded=time.time(),
            **facts,
        )

    def _left(self, current: Sequence[Timed]) -> float:
        """Say how many seconds are left: what was measured of each case and start, and the mean where nothing was."""
        ahead = [[one for one in part if one not in self._given_up] for part in self._ahead]
        costs = [*self._cost.values()] or [1.0]
        usual = sum(costs) / len(costs)
        starts = [*self._starting.values()] or [2.0]
        start = sum(starts) / len(starts)
        total = sum(self._cost.get(one, usual) for part in [current, *ahead] for one in part)
        total += sum(self._starting.get(part[0].backend, start) for part in ahead if part)
        if self.effort.budget is None:
            return total
        return max(0.0, self.effort.budget - self.spent)


def _worker(backend: Backend, effort: Effort) -> Worker:
    options: dict[str, Any] = {"adapter": backend.target, "device": backend.device}
    options |= {
        name: value
        for name, value in (("batches", effort.batches), ("batch_seconds", effort.batch_seconds))
        if value is not None
    }
    environment = worker_environment(backend)
    return Worker(backend.python, CLOCK, options, environment, timeout=effort.timeout, memory_mib=effort.memory)
