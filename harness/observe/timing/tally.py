"""Asks a worker what a call of each computation costs, once for each, before anything is timed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.collect.fingerprint import fingerprint, of_files
from harness.messages import Count, Counted
from harness.observe.environment import worker_environment
from harness.observe.workers.supervisor import End, Reply, Worker

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.collect.plan import Task
    from harness.model import Backend

__all__ = ["COUNTING", "computation", "tally"]

COUNTING = "harness.observe.timing.counting:Counting"
"""What counts."""


def computation(task: Task) -> str:
    """Fingerprint what is computed: the case's source and the inputs, and nothing about frameworks or this package."""
    subject = task.subject
    return fingerprint(
        case=subject.case.id,
        source=of_files(subject.case.path),
        sample=subject.name,
        arrays=[[name, repr(one)] for name, one in subject.sample.arrays.items()],
        parameters={name: repr(one) for name, one in subject.sample.parameters.items()},
        dtype=subject.dtype,
        implementation=task.implementation,
    )


def tally(tasks: Iterable[Task], backend: Backend, timeout: float = 60.0) -> Mapping[str, Counted]:
    """Count what each computation costs. A native implementation has the count of the portable one beside it.

    Args:
        tasks: What will be timed.
        backend: Whose interpreter counts; no framework is needed.
        timeout: Seconds that one case may take.

    Returns:
        Fingerprint of the computation to its count.
    """
    found: dict[str, Counted] = {}
    known: dict[tuple[str, str, str, int], Counted] = {}
    with Worker(backend.python, COUNTING, {}, worker_environment(backend), timeout=timeout) as worker:
        for task in tasks:
            name = computation(task)
            if name not in found:
                subject = task.subject
                key = (subject.case.id, subject.name, subject.dtype, subject.seed)
                known[key] = known.get(key) or _counted(worker, task)
                found[name] = known[key]
    return found


def _counted(worker: Worker, task: Task) -> Counted:
    if not task.subject.case.portable:
        return Counted(uncounted=("a native implementation, which no portable one stands beside",))
    *replies, end = worker.call(task.subject.request(Count).header(), [*task.subject.inputs().values()])
    for reply in replies:
        if isinstance(reply, Reply):
            return Counted.of(reply.header)
    reason = end.reason if isinstance(end, End) else None
    return Counted(uncounted=(f"the case itself: {reason or 'no answer'}",))
