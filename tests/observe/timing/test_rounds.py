"""Tests of the rounds in which fresh processes time cases. No process is started, and the time is made up."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pytest

from harness import case, given, normal
from harness.collect.plan import Wanted, tasks_of
from harness.errors import WorkerError
from harness.judge.statistics import width
from harness.model import Backend, Outcome, Timing
from harness.observe.store.segments import Store
from harness.observe.timing.rounds import Effort, Rounds, Timed
from harness.observe.timing.tally import computation
from harness.observe.workers.supervisor import End, Reply
from harness.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.collect.plan import Task

__all__: list[str] = []

CASES = '''
from harness import case, given

@case(x=given([2.0]))
def steady(xp, x):
    """Always takes as long."""
    return x

@case(x=given([2.0]), y=given([1.0]), n=given([1]))
def noisy(xp, x, y, n):
    """Takes now this long, now that."""
    return x * y * n

@case(x=given([2.0]))
def fails(xp, x):
    """Raises."""
    return x

@case(x=given([2.0]))
def half(xp, x):
    """Its gradient takes for ever."""
    return x
'''


@dataclass
class World:
    """What happens: who is running, who was asked what, and what time it is.

    Attributes:
        now: Seconds.
        running: Workers that have not been closed.
        most: The most that ran at once.
        asked: Backend, process and case, in order.
        dies: Cases at which the worker dies.
        absent: Backends whose workers cannot be started.
    """

    now: float = 0.0
    running: int = 0
    most: int = 0
    processes: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, int, str]] = field(default_factory=list)
    dies: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    generator: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def start(self, backend: Backend, effort: Effort) -> Fresh:
        """Make a worker."""
        number = self.processes[backend.name] = self.processes.get(backend.name, -1) + 1
        return Fresh(self, backend.name, number)


class Fresh:
    """A worker that answers at once, and says that it took a second."""

    def __init__(self, world: World, backend: str, number: int) -> None:
        self._world = world
        self._backend = backend
        self._number = number

    def __enter__(self) -> Self:
        self._world.running += 1
        self._world.most = max(self._world.most, self._world.running)
        return self

    def __exit__(self, *_: object) -> None:
        self._world.running -= 1

    def start(self) -> dict[str, Any]:
        self._world.now += 4.0
        if self._backend in self._world.absent:
            raise WorkerError("it cannot be started")
        return {}

    def call(self, header: dict[str, Any], arrays: list[Any]) -> Iterator[Reply | End]:
        name = header["case"]["name"]
        self._world.now += 1.0
        self._world.asked.append((self._backend, self._number, name))
        for kind in header["quantities"]:
            if name in self._world.dies:
                yield End(Outcome.CRASHED, "the worker was killed")
                return
            if name == "half" and kind == "vjp":
                yield End(Outcome.TIMED_OUT, "it took too long")
                return
            if name == "fails":
                yield Reply({"quantity": kind, "outcome": "raised", "reason": "ValueError: no"})
                continue
            spread = 0.2 if name == "noisy" else 0.001
            seconds = float(np.exp(self._world.generator.normal(0.0, spread))) * 1e-6
            facts = {
                "calls": [2 * seconds, seconds, 3 * seconds],
                "loops": 10,
                "first": 0.5,
                "imported": 4.0,
                "memory": {"host": 8},
            }
            yield Reply({"quantity": kind, "outcome": "completed", "reason": None, "elements": 1, "moved": 8, **facts})
        yield End(Outcome.COMPLETED)


@pytest.fixture
def every(tmp_path: Path) -> list[Timed]:
    """Give four cases on two backends, value and gradient."""
    file = tmp_path / "area" / "file.py"
    file.parent.mkdir()
    file.write_text(CASES)
    from harness.collect import registry

    chosen = registry.select(registry.collect([str(tmp_path)]), ())
    return [Timed(task, ("value", "vjp")) for task in tasks_of(chosen, BACKENDS, Wanted())]


@pytest.fixture
def timed(every: list[Timed]) -> list[Timed]:
    """Give those whose quantities fare alike."""
    return [one for one in every if one.task.subject.case.name != "half"]


BACKENDS = [
    Backend(
        name=name,
        target="tests.fakes:Honest",
        python=sys.executable,
        modes=("eager",),
        versions={name: "1.0"},
        settings=settings,
    )
    for name, settings in (("some", {"OMP_NUM_THREADS": "1"}), ("other", {}))
]


def _rounds(timed: list[Timed], folder: Path, world: World, **effort: Any) -> Rounds:
    return Rounds(
        timed,
        {backend.name: backend for backend in BACKENDS},
        Store(folder),
        Effort(**{"processes": 4, **effort}),
        "run",
        width,
        start=world.start,
        now=lambda: world.now,
    )


def test_processes_are_fresh_alone_and_interleaved(timed: list[Timed], tmp_path: Path) -> None:
    """Each backend gets a new process in each round, never two at once, and the order of a round is drawn."""
    world = World()
    _rounds(timed, tmp_path / "store", world, processes=12).measure()
    assert 1 == world.most
    assert 0 == world.running
    assert {"some": 11, "other": 11} == world.processes
    turns = list(dict.fromkeys((backend, number) for backend, number, _ in world.asked))
    rounds = [turns[place : place + 2] for place in range(0, len(turns), 2)]
    assert all({("some", number), ("other", number)} == set(found) for number, found in enumerate(rounds))
    assert {"some", "other"} == {found[0][0] for found in rounds}
    orders = {tuple(name for _, one, name in world.asked if one == number) for number in range(1, 12)}
    assert len(orders) > 2


def test_the_order_is_that_of_its_seed(timed: list[Timed], tmp_path: Path) -> None:
    """The same seed gives the same order, another one another."""
    asked = []
    for number, seed in enumerate((1, 1, 2)):
        world = World()
        _rounds(timed, tmp_path / str(number), world, seed=seed).measure()
        asked.append(world.asked)
    assert asked[0] == asked[1]
    assert asked[0] != asked[2]


def test_every_timing_is_stored_with_what_it_came_from(timed: list[Timed], tmp_path: Path) -> None:
    """A record a check and process; what was measured, versions and settings are in it."""
    world = World()
    made = _rounds(timed, tmp_path / "store", world, processes=2).measure()
    contents = Store(tmp_path / "store").read()
    assert {one.id: one for one in made} == contents.timings
    assert () == contents.conflicts
    found = [one for one in made if one.check.id == "area/steady[given]/some/eager/float32/cpu/vjp"]
    assert [0, 1] == sorted(one.process for one in found)
    assert {"completed"} == {one.outcome.value for one in found}
    assert (3, 10, 0.5, 4.0, {"host": 8}) == (
        len(found[0].calls), found[0].loops, found[0].first, found[0].imported, found[0].memory
    )  # fmt: skip
    assert ({"some": "1.0"}, {"OMP_NUM_THREADS": "1"}) == (found[0].versions, found[0].environment)
    assert found[0].computation == found[1].computation != ""


def test_what_fails_is_not_tried_in_every_process(timed: list[Timed], tmp_path: Path) -> None:
    """It would take its time in each of them. The others go on."""
    world = World()
    made = _rounds(timed, tmp_path / "store", world).measure()
    assert 2 == sum(1 for _, _, name in world.asked if name == "fails")
    failed = [one for one in made if one.check.case == "area/fails"]
    assert {("raised", "ValueError: no")} == {(one.outcome.value, one.reason) for one in failed}
    assert 4 == len(failed)
    assert 8 == sum(1 for _, _, name in world.asked if name == "steady")


def test_a_quantity_that_hangs_is_not_waited_for_in_every_process(every: list[Timed], tmp_path: Path) -> None:
    """The other quantity of the case goes on without it."""
    world = World()
    half = next(one for one in every if one.task.subject.case.name == "half")
    made = _rounds([half], tmp_path / "store", world).measure()
    assert ["value"] * 4 == [one.check.quantity for one in made if one.outcome is Outcome.COMPLETED]
    assert [("vjp", "it took too long")] == [
        (one.check.quantity, one.reason) for one in made if one.outcome is Outcome.TIMED_OUT
    ]


def test_a_worker_that_dies_costs_that_case_only(timed: list[Timed], tmp_path: Path) -> None:
    """Everything that it was asked for has the outcome and the reason."""
    world = World(dies=("noisy",))
    made = _rounds(timed, tmp_path / "store", world).measure()
    died = [one for one in made if one.check.case == "area/noisy"]
    assert {("crashed", "the worker was killed")} == {(one.outcome.value, one.reason) for one in died}
    assert {"value", "vjp"} == {one.check.quantity for one in died}
    assert 16 == sum(1 for one in made if one.check.case == "area/steady" and one.outcome is Outcome.COMPLETED)


def test_a_backend_that_cannot_be_started_is_missing(timed: list[Timed], tmp_path: Path) -> None:
    """Once, with the reason; the other one is timed."""
    world = World(absent=("other",))
    made = _rounds(timed, tmp_path / "store", world).measure()
    assert 0 == world.processes["other"]
    missing = [one for one in made if one.check.backend == "other"]
    assert {("missing", "it cannot be started")} == {(one.outcome.value, one.reason) for one in missing}
    assert 6 == len(missing)
    assert 3 == world.processes["some"]


def test_a_budget_is_spent_where_the_intervals_are_widest(timed: list[Timed], tmp_path: Path) -> None:
    """After a few rounds over everything, the noisy case gets the processes."""
    world = World()
    _rounds(timed, tmp_path / "store", world, processes=15, budget=300.0).measure()
    counts = {name: sum(1 for _, _, one in world.asked if one == name) for name in ("steady", "noisy", "fails")}
    assert 2 == counts["fails"]
    assert counts["noisy"] > 2 * counts["steady"] >= 12


def test_a_budget_is_kept(timed: list[Timed], tmp_path: Path) -> None:
    """Nothing is begun after it, and no process that could only start."""
    world = World()
    made = _rounds(timed, tmp_path / "store", world, processes=15, budget=20.0).measure()
    assert world.now <= 20.0
    assert {"some", "other"} == {one.check.backend for one in made}


def test_a_check_whose_turn_did_not_come_is_missing(timed: list[Timed], tmp_path: Path) -> None:
    """What a budget was too small for is not left out without a word."""
    world = World()
    made = _rounds(timed, tmp_path / "store", world, processes=15, budget=6.0).measure()
    assert 2 == len(world.asked)
    assert {one.check(kind).id for one in timed for kind in one.kinds} == {one.check.id for one in made}
    missing = [one for one in made if one.outcome is Outcome.MISSING]
    assert 8 == len(missing)
    assert all("the budget was spent" in str(one.reason) for one in missing)


def test_a_budget_is_not_spent_on_what_is_known(tmp_path: Path, timed: list[Timed]) -> None:
    """Where all intervals are narrow, it ends early."""
    world = World()
    steady = [one for one in timed if one.task.subject.case.name == "steady"]
    _rounds(steady, tmp_path / "store", world, processes=15, budget=1e6).measure()
    assert world.now < 1000.0


def test_the_time_left_is_honest(timed: list[Timed], tmp_path: Path) -> None:
    """Once each case was timed, what is said to be left is what is spent from there on."""
    world = World()
    rounds = _rounds(timed, tmp_path / "store", world, processes=6)
    said: list[tuple[float, float]] = []
    rounds.progress = lambda spent, left, _: said.append((spent, left))
    rounds.measure()
    end = rounds.spent
    first_round = sum(1 for _, number, _ in world.asked if number == 0)
    assert {end} == {spent + left for spent, left in said[first_round:]}
    assert said[0][1] > 0


def test_the_time_left_of_a_budget_is_the_rest_of_it(timed: list[Timed], tmp_path: Path) -> None:
    """It is what the user said."""
    world = World()
    rounds = _rounds(timed, tmp_path / "store", world, budget=60.0)
    said: list[float] = []
    rounds.progress = lambda spent, left, _: said.append(spent + left)
    rounds.measure()
    assert {60.0} == set(said)


def test_a_request_names_what_is_differentiated(timed: list[Timed]) -> None:
    """All floating-point inputs, and no integers."""
    noisy = next(one for one in timed if one.task.subject.case.name == "noisy")
    request = noisy.request(noisy.kinds)
    assert (Quantity("vjp"),) == noisy.request(["vjp"]).quantities
    assert ((Quantity("value"), Quantity("vjp")), ("x", "y")) == (request.quantities, request.inputs)


def test_a_computation_is_its_source_and_inputs() -> None:
    """The framework and this package are no part of it; the sample is."""

    @case(x=given([2.0]))
    def one(xp: Any, x: Any) -> Any:
        """One."""
        return x

    one.sample("other", x=normal((2,)))

    def tasks(backend: Backend) -> list[Task]:
        return tasks_of({"one": (one, ("given", "other"))}, [backend], Wanted())

    some, other = tasks(BACKENDS[0]), tasks(BACKENDS[1])
    assert computation(some[0]) == computation(other[0])
    assert computation(some[0]) != computation(some[1])


def test_the_least_disturbed_batch_is_a_processs(timed: list[Timed], tmp_path: Path) -> None:
    """Widths are those of the numbers that verdicts are made of."""
    world = World()
    seen: list[list[float]] = []
    rounds = _rounds(timed[:1], tmp_path / "store", world, processes=3, budget=40.0)
    rounds.width = lambda seconds: seen.append(list(seconds)) or 0.0  # type: ignore[func-returns-value]
    made = rounds.measure()
    expected = [min(one.calls) for one in made if one.check.quantity == "value"]
    assert expected == seen[0]
    assert isinstance(made[0], Timing)
