"""Asks workers for everything that is planned and that the store does not hold, and stores each answer at once."""

from __future__ import annotations

import functools
import itertools
import os
import sys
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harness.collect.plan import Subject, Task
from harness.messages import Answer, Properties, Prove, Proven
from harness.model import Backend, Observation, Outcome, Reference, Truth
from harness.observe.environment import worker_environment
from harness.observe.store.segments import Contents, Store
from harness.observe.workers import schedule
from harness.observe.workers.supervisor import End, Reply, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["OBSERVER", "Gathered", "Limits", "gather"]

_WORTH_A_WORKER = 100
"""Tasks; starting a worker, which imports its framework, costs about as much as so many small ones."""

_MOST_OF_A_WORKER = 3000
"""Checks. What a framework compiled stays mapped until its process ends: one of TensorFlow's XLA takes up to 14 maps.

Linux allows a process 65,530, and kills it at the next: https://docs.kernel.org/admin-guide/sysctl/vm.html#max-map-count
"""

_REFEREE = "harness.reference.handler:Referee"
OBSERVER = "harness.observe.handlers.observer:Observer"
"""What a backend's worker serves."""


@dataclass(frozen=True)
class Limits:
    """What a worker may take.

    Attributes:
        timeout: Seconds over one answer.
        memory: Resident memory in MiB; none means no limit.
        cache: Whether what the store holds need not be asked again.
    """

    timeout: float = 120.0
    memory: int | None = None
    cache: bool = True


@dataclass(frozen=True)
class Gathered:
    """What workers answered.

    Attributes:
        observations: By id.
        references: By id.
        properties: Backend's name to what its workers found out about it.
    """

    observations: dict[str, Observation] = field(default_factory=dict)
    references: dict[str, Reference] = field(default_factory=dict)
    properties: dict[str, dict[str, str]] = field(default_factory=dict)


def gather(
    tasks: Sequence[Task],
    subjects: Sequence[Subject],
    contents: Contents,
    folder: Path,
    limits: Limits,
    run: str,
    progress: Callable[[str, int, int], None],
) -> Gathered:
    """Observe tasks and prove subjects, side by side on the cores there are.

    Args:
        tasks: What to observe.
        subjects: What to prove.
        contents: What the store holds; what it knows is not asked again.
        folder: The store's folder; every answer is stored there at once.
        limits: What a worker may take.
        run: Names the run in the records.
        progress: Called with a stage, how much of it is done, and how much there is.
    """
    pending = [rest for task in tasks if (rest := _unknown(task, contents) if limits.cache else task)]
    unproved = [one for one in subjects if not (limits.cache and one.reference_id in contents.references)]
    total = len(pending) + len(unproved)
    gathered = Gathered()
    if not total:
        return gathered
    inputs = functools.lru_cache(maxsize=None)(lambda subject: [*subject.inputs().values()])
    by_backend: dict[str, list[Task]] = {}
    # What is prepared once is used for all samples, if they come one after the other.
    for task in sorted(pending, key=_order):
        by_backend.setdefault(task.backend.name, []).append(task)
    jobs = [
        _observing(part[0].backend, part, inputs, limits)
        for same in by_backend.values()
        for part in _parts(same, os.cpu_count() or 1)
    ]
    jobs.append(_proving(unproved, inputs, limits))
    done = 0
    with Store(folder) as store:

        def answered(_: schedule.Job, call: schedule.Call, reply: Reply | End) -> None:
            nonlocal done
            asked, pile = call.tag
            if isinstance(reply, Reply) and "properties" in reply.header:
                found = Properties.of(reply.header).properties
                gathered.properties.setdefault(asked.backend.name, {}).update(found)
                return
            if isinstance(reply, Reply):
                pile.append(reply)
                return
            if isinstance(asked, Task):
                made = _observations(asked, pile, reply, run)
                store.append(made)
                gathered.observations.update((one.id, one) for one in made)
            else:
                reference = _reference(asked, pile, reply)
                # That a case raises under the reference will not change; that it took too long may.
                if reference.kind != "none" or reply.outcome is Outcome.RAISED:
                    store.append(reference)
                gathered.references[reference.id] = reference
            pile.clear()
            done += 1
            progress("observe", done, total)

        schedule.run(jobs, os.cpu_count() or 1, answered)
    return gathered


def _unknown(task: Task, contents: Contents) -> Task | None:
    """Return what is left of a task: the quantities that the store holds no final observation of."""
    found = {quantity: contents.observations.get(task.id(quantity)) for quantity in task.quantities}
    left = tuple(quantity for quantity, one in found.items() if one is None or not one.final)
    return task if left == task.quantities else replace(task, quantities=left) if left else None


def _order(task: Task) -> tuple[str, str, str, str]:
    return (task.subject.case.id, task.implementation, task.subject.dtype, task.mode)


def _parts(tasks: Sequence[Task], count: int) -> list[list[Task]]:
    """Cut a backend's tasks between cases: no slow backend ends alone, no worker is started for few or wears out."""
    size = max(-(-len(tasks) // count), _WORTH_A_WORKER)
    parts: list[list[Task]] = []
    checks = 0
    for _, same in itertools.groupby(tasks, key=lambda task: task.subject.case.id):
        if not parts or len(parts[-1]) >= size or checks >= _MOST_OF_A_WORKER:
            parts.append([])
            checks = 0
        of_case = [*same]
        parts[-1].extend(of_case)
        checks += sum(len(task.quantities) for task in of_case)
    return parts


def _observing(
    backend: Backend, tasks: Sequence[Task], inputs: Callable[[Subject], list[Any]], limits: Limits
) -> schedule.Job:
    options = {"adapter": backend.target, "device": backend.device}
    calls = [schedule.Call(task.request().header(), inputs(task.subject), tag=(task, [])) for task in tasks]
    return schedule.Job(_recipe(backend, OBSERVER, options, limits), calls)


def _proving(subjects: Sequence[Subject], inputs: Callable[[Subject], list[Any]], limits: Limits) -> schedule.Job:
    """References are made by a worker too: a case that never ends must not hang the run."""
    here = Backend(name="reference", target=_REFEREE, python=sys.executable)
    calls = [
        schedule.Call(
            subject.request(Prove, differentiate=tuple(subject.sample.differentiable)).header(),
            inputs(subject),
            tag=(subject, []),
        )
        for subject in subjects
    ]
    return schedule.Job(_recipe(here, _REFEREE, {}, limits), calls)


def _recipe(backend: Backend, serve: str, options: Mapping[str, Any], limits: Limits) -> Callable[[], Worker]:
    return functools.partial(
        Worker,
        backend.python,
        serve,
        options,
        worker_environment(backend),
        timeout=limits.timeout,
        memory_mib=limits.memory,
    )


def _observations(task: Task, replies: Sequence[Reply], end: End, run: str) -> list[Observation]:
    """Make one record for each check of a task: what was answered, and how the worker ended for what was not."""
    shared: dict[str, Any] = {
        "versions": dict(task.backend.versions),
        "environment": dict(task.backend.settings),
        "recorded": time.time(),
        "run": run,
    }
    made = {}
    for reply in replies:
        answer = Answer.of(reply.header)
        quantity = answer.quantity
        made[quantity] = Observation(
            id=task.id(quantity),
            check=task.check(quantity),
            outcome=Outcome(answer.outcome),
            reason="two calls gave different bits; both are judged" if answer.unsteady else answer.reason,
            value=reply.arrays[0] if reply.arrays else None,
            first=reply.arrays[1] if len(reply.arrays) > 1 else None,
            seconds=answer.seconds,
            graph=answer.graph,
            stale=answer.stale,
            told=answer.told,
            **shared,
        )
    unanswered = [quantity for quantity in task.quantities if quantity not in made]
    outcome, reason = end.outcome, end.reason
    if outcome is Outcome.COMPLETED and unanswered:
        outcome, reason = Outcome.MISSING, f"the backend answered {', '.join(map(str, made)) or 'nothing'} instead"
    for quantity in unanswered:
        made[quantity] = Observation(
            id=task.id(quantity), check=task.check(quantity), outcome=outcome, reason=reason, **shared
        )
    return list(made.values())


def _reference(subject: Subject, replies: Sequence[Reply], end: End) -> Reference:
    case_id, sample, dtype = subject.place
    place: dict[str, Any] = {"id": subject.reference_id, "case": case_id, "sample": sample, "dtype": dtype}
    if end.outcome is not Outcome.COMPLETED or not replies:
        return Reference(**place, kind="none", reason=f"{end.outcome}: {end.reason}", recorded=time.time())
    proven = Proven.of(replies[0].header)
    fields: dict[str, dict[str, Any]] = {}
    for (quantity, name), array in zip(proven.fields, replies[0].arrays, strict=True):
        fields.setdefault(quantity, {})[name] = array
    return Reference(
        **place,
        kind=proven.kind,
        reason=proven.reason,
        precision=proven.precision,
        seconds=proven.seconds,
        quantities={quantity: Truth(**parts) for quantity, parts in fields.items()},
        recorded=time.time(),
    )
