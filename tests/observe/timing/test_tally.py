"""What a worker is asked to count, and what becomes of its answers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness import pipeline
from harness.messages import Counted
from harness.model import Backend
from harness.observe.timing import tally as tallying
from harness.observe.timing.tally import computation, tally

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from harness.collect.plan import Task

__all__: list[str] = []

HERE = Backend(name="machine", target="harness.adapters.numpy:NumpyAdapter", python=sys.executable)

CASES = '''
from harness import case, given, normal

@case(x=given([2.0, 3.0]))
def both(xp, x):
    """2x + 1, also natively."""
    return 2 * x + 1

@both.native("numpy")
def _(x):
    return 2 * x + 1

both.sample("longer", x=normal((5,)))

@case(x=given([1.0]))
def sorted_(xp, x):
    """Has no count."""
    return xp.sort(x)

@case(x=given([1.0]))
def raises(xp, x):
    """Cannot be run."""
    raise ValueError("no")

@case(x=given([1.0]))
def dies(xp, x):
    """Takes its process with it."""
    import os

    os._exit(3)
'''


def _tasks(folder: Path) -> list[Task]:
    (folder / "cases" / "area").mkdir(parents=True)
    (folder / "cases" / "area" / "file.py").write_text(CASES)
    options = pipeline.Options(
        folders=(str(folder / "cases"),), backends=("numpy",), dtypes=("float32", "float64"), store=folder / "store"
    )
    return [*pipeline.plan(options).tasks]


def test_each_computation_has_its_count(tmp_path: Path) -> None:
    """By case, sample and dtype; a native implementation has the portable one's, and what fails says how."""
    tasks = _tasks(tmp_path)
    found = tally(tasks, HERE)
    assert {computation(task) for task in tasks} == set(found)
    for task in tasks:
        count = found[computation(task)]
        size = 4 if task.subject.dtype == "float32" else 8
        name, length = task.subject.case.name, 2 if task.subject.name == "given" else 5
        if name == "both":
            assert Counted(flops=2.0 * length, traffic=4 * length * size) == count
        elif name == "sorted_":
            assert Counted(traffic=2 * size, uncounted=("sort",)) == count
        else:
            (reason,) = count.uncounted
            assert (None, None) == (count.flops, count.traffic)
            assert reason.startswith("the case itself: ")
            assert ("ValueError" in reason) == (name == "raises")


def test_a_case_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many implementations, modes and backends it has."""
    asked: list[str] = []
    counting = tallying._counted

    def noted(worker: object, task: Task) -> Counted:
        asked.append(f"{task.subject.case.name} {task.subject.name} {task.subject.dtype}")
        return counting(worker, task)  # type: ignore[arg-type]

    monkeypatch.setattr(tallying, "_counted", noted)
    tasks = [task for task in _tasks(tmp_path) if task.subject.case.name == "both"]
    tally([*tasks, *tasks], HERE)
    assert 8 == len(tasks)
    assert 4 == len(asked) == len(set(asked))
