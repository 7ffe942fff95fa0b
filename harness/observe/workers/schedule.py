"""Workers side by side: lists of calls, spread over as many workers as there are slots.

Each list is worked off by one thread with one worker. What they answer is handed to `on_reply` in the thread that
called `run`, so that the store has one owner and needs no lock.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from harness.observe.workers.protocol import Named
    from harness.observe.workers.supervisor import End, Reply, Worker

__all__ = ["Call", "Job", "run"]


@dataclass(frozen=True, eq=False)
class Call:
    """One request to a worker.

    Attributes:
        header: What is asked.
        arrays: With which arrays.
        tag: Whatever the caller wants to find again in `on_reply`.
        timeout: Seconds without a reply, where it differs from the worker's own limit.
    """

    header: dict[str, Any]
    arrays: Sequence[np.ndarray[Any, Any] | Named] = ()
    tag: Any = None
    timeout: float | None = None


@dataclass(frozen=True, eq=False)
class Job:
    """Calls that one worker answers in order.

    Attributes:
        recipe: Makes the worker, such as `functools.partial(Worker, …)`. It is made, used and closed in one thread.
        calls: What to ask.
        tag: Whatever the caller wants to find again.
    """

    recipe: Callable[[], Worker]
    calls: Sequence[Call]
    tag: Any = None


class _Lane(threading.Thread):
    """Works off jobs, one worker at a time, until there are none."""

    def __init__(self, jobs: queue.SimpleQueue[Job], events: queue.SimpleQueue[Any]) -> None:
        super().__init__(name="harness-lane", daemon=True)
        self._jobs = jobs
        self._events = events
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._stopped = threading.Event()

    def run(self) -> None:
        """Put every answer, then None at the end; an exception is put as it is."""
        try:
            while (job := self._next()) is not None:
                self._work(job)
        except BaseException as error:  # it is raised again in the thread that waits
            self._events.put(error)
        else:
            self._events.put(None)

    def stop(self) -> None:
        """End the worker and start no other; any thread may ask."""
        with self._lock:
            self._stopped.set()
            if self._worker is not None:
                self._worker.kill()

    def _next(self) -> Job | None:
        try:
            return None if self._stopped.is_set() else self._jobs.get_nowait()
        except queue.Empty:
            return None

    def _work(self, job: Job) -> None:
        worker = job.recipe()
        with self._lock:
            if self._stopped.is_set():
                return
            self._worker = worker
        try:
            for call in job.calls:
                for answer in worker.call(call.header, call.arrays, call.timeout):
                    if self._stopped.is_set():  # how a worker that was killed ended says nothing about the call
                        return
                    self._events.put((job, call, answer))
        finally:
            worker.close()
            with self._lock:
                self._worker = None


def run(jobs: Sequence[Job], slots: int, on_reply: Callable[[Job, Call, Reply | End], None]) -> None:
    """Work off jobs, the longest first, at most `slots` at once.

    Args:
        jobs: What to do.
        slots: Workers that may be busy at once, at least 1.
        on_reply: Called in this thread with each reply and each end, in the order of each job's calls.

    Raises:
        KeyboardInterrupt: After every worker was killed, if the user interrupts. What `on_reply` raises, and what
            breaks in a thread, is raised the same way.
    """
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in sorted(jobs, key=lambda job: len(job.calls), reverse=True):
        if job.calls:
            waiting.put(job)
    events: queue.SimpleQueue[Any] = queue.SimpleQueue()
    lanes = [_Lane(waiting, events) for _ in range(min(max(1, slots), waiting.qsize()))]
    busy = len(lanes)
    try:
        for lane in lanes:
            lane.start()
        while busy:
            event = events.get()
            if event is None:
                busy -= 1
            elif isinstance(event, BaseException):
                raise event
            else:
                on_reply(*event)
    finally:
        for lane in lanes:
            lane.stop()
        for lane in lanes:
            if lane.ident is not None:
                lane.join()
