"""Tests of workers side by side."""

from __future__ import annotations

import functools
import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from harness.model import Outcome
from harness.observe.workers.process import MARKER
from harness.observe.workers.schedule import Call, Job, run
from harness.observe.workers.supervisor import End, Reply, Worker
from harness.observe.workers.worker import PARENT

__all__: list[str] = []

ROOT = Path(__file__).resolve().parents[2]


def _left() -> list[int]:
    found = []
    for number in psutil.pids():
        try:
            environment = psutil.Process(number).environ()
        except (psutil.Error, OSError):
            continue
        if MARKER in environment and environment.get(PARENT) == str(os.getpid()):
            found.append(number)
    return found


def _job(calls: list[dict[str, Any]], tag: Any = None, **options: Any) -> Job:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    recipe = functools.partial(Worker, sys.executable, "tests.fakes:Handler", options, environment, 20.0)
    return Job(recipe, [Call(header, [np.zeros(1)], tag=index) for index, header in enumerate(calls)], tag)


class _Recorder:
    """Notes every answer, and that it comes in the thread that asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[Any, Any, Reply | End]] = []
        self.thread = threading.get_ident()

    def __call__(self, job: Job, call: Call, answer: Reply | End) -> None:
        assert threading.get_ident() == self.thread
        self.answers.append((job.tag, call.tag, answer))

    def outcomes(self, tag: Any) -> list[Outcome]:
        return [answer.outcome for job, _, answer in self.answers if job == tag and isinstance(answer, End)]


@pytest.mark.parametrize("slots", [1, 2, 5])
def test_every_call_of_every_job_is_answered_in_order(slots: int) -> None:
    """Each with its replies and then its end, whatever the number of slots, in the calling thread."""
    recorder = _Recorder()
    run([_job([{"partial": 2}] * count, tag=count) for count in (3, 1, 0, 2)], slots, recorder)
    assert Counter({count: 3 * count for count in (1, 2, 3)}) == Counter(job for job, *_ in recorder.answers)
    for count in (1, 2, 3):
        answers = [(call, answer) for job, call, answer in recorder.answers if job == count]
        assert sorted(call for call, _ in answers) == [call for call, _ in answers]
        assert [Reply, Reply, End] * count == [type(answer) for _, answer in answers]
    assert [] == _left()


def test_the_longest_job_goes_first() -> None:
    """With one slot, the order is that of the length."""
    recorder = _Recorder()
    run([_job([{}] * count, tag=count) for count in (1, 3, 2)], 1, recorder)
    assert [3, 2, 1] == list(dict.fromkeys(job for job, *_ in recorder.answers))


def test_no_more_workers_than_slots_are_alive() -> None:
    """Two slots, four jobs: at most two processes at any answer."""
    most = 0

    def count(job: Job, call: Call, answer: Reply | End) -> None:
        nonlocal most
        most = max(most, len(_left()))

    run([_job([{"partial": 3, "pause": 0.02}]) for _ in range(4)], 2, count)
    assert 1 <= most <= 2


def test_deadly_calls_and_backends_touch_no_innocent() -> None:
    """Crashes, a garbage frame and a backend that never starts: every honest call is answered all the same."""
    deadly = [{"fault": "segfault"}, {}, {"fault": "exit"}, {}, {"fault": "bad_frame"}, {"fault": "kill"}, {}]
    recorder = _Recorder()
    run(
        [_job(deadly, tag="deadly"), _job([{}, {}], tag="dead", at_start="exit"), _job([{}] * 3, tag="fine")],
        2,
        recorder,
    )
    crashed, completed = Outcome.CRASHED, Outcome.COMPLETED
    assert [crashed, completed, crashed, completed, crashed, crashed, completed] == recorder.outcomes("deadly")
    assert [Outcome.MISSING] * 2 == recorder.outcomes("dead")
    assert [completed] * 3 == recorder.outcomes("fine")
    assert [] == _left()


def test_an_interrupt_kills_every_worker_and_is_raised_again() -> None:
    """Also workers that hang and block SIGTERM, and no answer of a killed call is reported."""
    seen: list[Outcome] = []

    def note(job: Job, call: Call, answer: Reply | End) -> None:
        if isinstance(answer, End):
            seen.append(answer.outcome)
        if job.tag == "first":
            os.kill(os.getpid(), signal.SIGINT)

    stuck = [_job([{"fault": "stubborn_hang"}] * 5, tag="stuck") for _ in range(2)]
    with pytest.raises(KeyboardInterrupt):
        run([*stuck, _job([{}], tag="first")], 3, note)
    assert set(seen) <= {Outcome.COMPLETED}
    assert [] == _left()


def test_an_error_in_the_caller_kills_every_worker_and_is_raised_again() -> None:
    """A full disk, for instance."""

    def fail(job: Job, call: Call, answer: Reply | End) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run([_job([{"fault": "hang"}]), _job([{}])], 2, fail)
    assert [] == _left()


def test_an_error_in_a_thread_is_raised_in_the_caller() -> None:
    """A recipe that cannot make its worker is not swallowed."""

    def broken() -> Worker:
        raise RuntimeError("no recipe")

    with pytest.raises(RuntimeError, match="no recipe"):
        run([Job(broken, [Call({})]), _job([{"fault": "hang"}])], 2, lambda *_: None)
    assert [] == _left()


def test_nothing_to_do_is_done_at_once() -> None:
    """No job, and jobs without calls, start no worker."""
    run([], 2, lambda *_: None)
    run([Job(lambda: pytest.fail("a worker was made"), [])], 2, lambda *_: None)
