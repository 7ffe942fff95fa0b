"""How tasks are handed out to workers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from harness.observe import gather

__all__: list[str] = []


def _tasks(cases: int, samples: int, checks: int) -> list[Any]:
    quantities = tuple(f"value:{number}" for number in range(checks))
    return [
        SimpleNamespace(subject=SimpleNamespace(case=SimpleNamespace(id=f"area/{case}")), quantities=quantities)
        for case in range(cases)
        for _ in range(samples)
    ]


def test_few_tasks_are_one_worker_s() -> None:
    """Starting a second worker would cost more than it saves."""
    assert [20] == [len(part) for part in gather._parts(_tasks(10, 2, 3), 2)]


def test_many_tasks_are_shared_between_cases() -> None:
    """There is a worker for each core, and what is prepared for a case is used for all its samples."""
    parts = gather._parts(_tasks(201, 3, 2), 2)
    assert [303, 300] == [len(part) for part in parts]
    assert not {task.subject.case.id for task in parts[0]} & {task.subject.case.id for task in parts[1]}


def test_no_worker_is_worn_out() -> None:
    """What frameworks compile stays mapped, and a process may have only so many maps: then comes another one."""
    tasks = _tasks(1000, 4, 10)
    parts = gather._parts(tasks, 2)
    assert tasks == [task for part in parts for task in part]
    sizes = [sum(len(task.quantities) for task in part) for part in parts]
    assert max(sizes) <= gather._MOST_OF_A_WORKER + 40
    assert len(parts) == 14
