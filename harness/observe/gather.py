"""Asks workers for everything that is planned and that the store does not hold, and stores each answer at once."""

from __future__ import annotations

import functools
import itertools
import os
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.collect.plan import Subject, Task
from harness.model import Observation, Outcome, Reference, Truth
from harness.observe.environment import Backend, worker_environment
from harness.observe.store.segments import Contents, Store
from harness.observe.workers import schedule
from harness.observe.workers.supervisor import End, Reply, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["OBSERVER", "Limits", "gather"]

_WORTH_A_WORKER = 100
"""Tasks; starting a worker, which imports its framework, costs about as much as so many small ones."""

_MOST_OF_A_WORKER = 3000
"""Checks. What a framework compiled stays mapped until its process ends: one of TensorFlow's XLA takes up to 14 maps.

Linux allows a process 65,530, and kills it at the next: https://docs.kernel.org/admin-guide/sysctl/vm.html#max-map-count
"""

_REFEREE = "harness.reference.referee:Referee"
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


def gather(
    tasks: Sequence[Task],
    subjects: Sequence[Subject],
    backends: Mapping[str, Backend],
    settings: Mapping[str, Mapping[str, str]],
    contents: Contents,
    folder: Path,
    limits: Limits,
    run: str,
    progress: Callable[[str, int, int], None],
) -> dict[str, dict[str, str]]:
    """Observe tasks and prove subjects, side by side on the cores there are.

    Args:
        tasks: What to observe.
        subjects: What to prove.
        backends: By name.
        settings: Backend's name to what is set before its worker starts.
        contents: What the store holds; every answer is added to it.
        folder: The store's folder.
        limits: What a worker may take.
        run: Names the run in the records.
        progress: Called with a stage, how much of it is done, and how much there is.

    Returns:
        Backend's name to the properties that its workers found out.
    """
    pending = [rest for task in tasks if (rest := _unknown(task, contents) if limits.cache else task)]
    unproved = [one for one in subjects if not (limits.cache and one.reference_id in contents.references)]
    total = len(pending) + len(unproved)
    properties: dict[str, dict[str, str]] = {}
    if not total:
        return properties
    inputs = functools.lru_cache(maxsize=None)(lambda subject: [*subject.inputs().values()])
    by_backend: dict[str, list[Task]] = {}
    # What is prepared once is used for all samples, if they come one after the other.
    for task in sorted(pending, key=_order):
        by_backend.setdefault(task.backend.name, []).append(task)
    jobs = [
        _observing(backends[name], part, inputs, limits)
        for name, found in by_backend.items()
        for part in _parts(found, os.cpu_count() or 1)
    ]
    jobs.append(_proving(unproved, inputs, limits))
    done = 0
    with Store(folder) as store:

        def answered(_: schedule.Job, call: schedule.Call, answer: Reply | End) -> None:
            nonlocal done
            asked, pile = call.tag
            if isinstance(answer, Reply) and "properties" in answer.header:
                properties.setdefault(asked.backend.name, {}).update(answer.header["properties"])
                return
            if isinstance(answer, Reply):
                pile.append(answer)
                return
            if isinstance(asked, Task):
                made = _observations(asked, pile, answer, settings[asked.backend.name], run)
                store.append(made)
                contents.observations.update((one.id, one) for one in made)
            else:
                reference = _reference(asked, pile, answer)
                # That a case raises under the reference will not change; that it took too long may.
                if reference.kind != "none" or answer.outcome is Outcome.RAISED:
                    store.append(reference)
                contents.references[reference.id] = reference
            pile.clear()
            done += 1
            progress("observe", done, total)

        schedule.run(jobs, os.cpu_count() or 1, answered)
    return properties


def _unknown(task: Task, contents: Contents) -> Task | None:
    """Give what is left of a task: the quantities that the store holds no final observation of."""
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
    calls = [schedule.Call(task.request(), inputs(task.subject), tag=(task, [])) for task in tasks]
    return schedule.Job(_recipe(backend, OBSERVER, options, limits), calls)


def _proving(subjects: Sequence[Subject], inputs: Callable[[Subject], list[Any]], limits: Limits) -> schedule.Job:
    """References are made by a worker too: a case that never ends must not hang the run."""
    here = Backend(name="reference", target=_REFEREE, python=sys.executable)
    calls = [
        schedule.Call(
            subject.request() | {"differentiate": list(subject.sample.differentiable)},
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


def _observations(
    task: Task, replies: Sequence[Reply], end: End, settings: Mapping[str, str], run: str
) -> list[Observation]:
    """Make one record for each check of a task: what was answered, and how the worker ended for what was not."""
    shared: dict[str, Any] = {
        "versions": dict(task.backend.versions),
        "environment": dict(settings),
        "recorded": time.time(),
        "run": run,
    }
    made = {}
    for reply in replies:
        answer = reply.header
        quantity = answer["quantity"]
        made[quantity] = Observation(
            id=task.id(quantity),
            check=task.check(quantity),
            outcome=Outcome(answer["outcome"]),
            reason="two calls gave different bits; this is the second" if answer.get("unsteady") else answer["reason"],
            value=reply.arrays[0] if reply.arrays else None,
            seconds=answer["seconds"],
            graph=answer.get("graph", {}),
            stale=answer.get("stale", False),
            told=answer.get("told", False),
            **shared,
        )
    unanswered = [quantity for quantity in task.quantities if quantity not in made]
    outcome, reason = end.outcome, end.reason
    if outcome is Outcome.COMPLETED and unanswered:
        outcome, reason = Outcome.MISSING, f"the backend answered {', '.join(made) or 'nothing'} instead"
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
    header = replies[0].header
    fields: dict[str, dict[str, Any]] = {}
    for (quantity, name), array in zip(header["fields"], replies[0].arrays, strict=True):
        fields.setdefault(quantity, {})[name] = array
    return Reference(
        **place,
        kind=header["kind"],
        reason=header["reason"],
        precision=header["precision"],
        seconds=header["seconds"],
        quantities={quantity: Truth(**parts) for quantity, parts in fields.items()},
        recorded=time.time(),
    )
