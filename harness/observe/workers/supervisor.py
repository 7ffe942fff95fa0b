"""The supervisor: one worker process at a time, started when needed, watched while it computes, ended for good.

Whatever a worker does (it crashes, hangs, blocks SIGTERM, eats memory, prints noise, leaves grandchildren that hold
its pipe) ends in one `End` with its own outcome and a reason, within the limit and a second, and the next call gets
a fresh worker.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from harness.errors import WorkerError
from harness.model import Array, Outcome
from harness.observe.workers.process import EndedError, Process
from harness.observe.workers.protocol import FrameError, Named, read_frame, skip_noise, write_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np

__all__ = ["STARTS", "End", "Reply", "Worker"]

STARTS = 3
"""A backend that dies this many times in a row before its hello is unavailable."""


@dataclass(frozen=True)
class Reply:
    """One of a handler's answers.

    Attributes:
        header: What it said.
        arrays: What it computed, bit for bit.
    """

    header: dict[str, Any]
    arrays: tuple[Array, ...] = ()


@dataclass(frozen=True)
class End:
    """How a call ended.

    Attributes:
        outcome: `completed` if the handler finished, whatever it answered.
        reason: Otherwise why not, in words.
    """

    outcome: Outcome
    reason: str | None = None


class Worker:
    """A worker process and its successors, of which one at most is alive.

    Use one worker from one thread; only `kill` may be called from another.

    Args:
        python: The interpreter to start.
        serve: The handler, as `module:Class`.
        options: Keywords of the handler's constructor: anything JSON can say.
        env: The whole environment of the process.
        timeout: Seconds a call may take without a reply. Each reply starts the time anew.
        memory_mib: Resident memory that the worker and its children may use together; none means no limit.
        start_timeout: Seconds from the start to the hello: what importing a framework may take.
    """

    def __init__(
        self,
        python: str,
        serve: str,
        options: Mapping[str, Any],
        env: Mapping[str, str],
        timeout: float = 60.0,
        memory_mib: int | None = None,
        start_timeout: float = 120.0,
    ) -> None:
        # -P: the current folder must not come first on the path, where its numpy.py would shadow NumPy.
        self._command = [python, "-P", "-m", "harness.observe.workers.worker", serve, json.dumps(dict(options))]
        self._serve = serve
        self._env = dict(env)
        self._timeout = timeout
        self._memory = None if memory_mib is None else memory_mib << 20
        self._start_timeout = start_timeout
        self._process: Process | None = None
        self._failures = 0
        self._killed = False
        self.unavailable: End | None = None
        """Why no more worker will be started; none while there is hope."""

    def start(self) -> dict[str, Any]:
        """Start the process unless it runs, and give its handler's hello.

        Raises:
            WorkerError: If it died three times before its hello, or its handler refused to be made.
        """
        try:
            return self._ready().hello
        except _UnavailableError as error:
            raise WorkerError(error.end.reason) from None

    def call(
        self,
        header: Mapping[str, Any],
        arrays: Sequence[np.ndarray[Any, Any] | Named] = (),
        timeout: float | None = None,
    ) -> Iterator[Reply | End]:
        """Send one request and give each reply as it comes, then one `End`.

        Args:
            header: The request.
            arrays: Its arrays.
            timeout: Another limit for this call, in seconds without a reply.

        Yields:
            Replies, which stay valid whatever comes after them, and at last an `End`.
        """
        limit = self._timeout if timeout is None else timeout
        try:
            process = self._ready()
        except _UnavailableError as error:
            yield error.end
            return
        end: End | None = None
        try:
            process.forget()
            process.allow(limit)
            end = _send(process, header, arrays)
            while end is None:
                process.allow(limit)
                answer, named = read_frame(process)
                if answer.get("done"):
                    end = _ended(answer)
                else:
                    yield Reply(answer, tuple(_array(item) for item in named))
        except (EOFError, FrameError, EndedError) as error:
            end = self._explain(process, error)
        finally:
            if end is None:  # the caller stopped listening: what would still come belongs to no call
                self._discard()
        yield end

    def kill(self) -> None:
        """End the process now, from any thread; no other is started."""
        self._killed = True
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Let the process exit, end it if it does not, and leave nothing of it behind."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def __enter__(self) -> Self:
        """Return the worker itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _ready(self) -> Process:
        if self._process is not None and self._process.exited:  # killed while it was idle: nobody's fault
            self._discard()
        while self._process is None:
            if self._killed:
                raise _UnavailableError(End(Outcome.MISSING, "the run was interrupted"))
            if self.unavailable is not None:
                raise _UnavailableError(self.unavailable)
            self._start()
        return self._process

    def _start(self) -> None:
        try:
            process = Process(self._command, self._env, self._memory)
        except (OSError, ValueError) as error:
            reason = f"{self._command[0]} cannot be started: {error}"
        else:
            self._process = process
            if self._killed:  # while it was being started
                process.kill()
            try:
                process.allow(self._start_timeout)
                skip_noise(process)
                header, _ = read_frame(process)
                if "refused" in header:
                    self._discard()
                    self.unavailable = End(Outcome.MISSING, str(header["refused"]))
                    return
                process.hello = header["hello"]
            except (EOFError, FrameError, EndedError, KeyError) as error:
                reason = self._explain(process, error).reason or ""
            except BaseException:
                self._discard()
                raise
            else:
                self._failures = 0
                return
        self._failures += 1
        if self._failures >= STARTS:
            self.unavailable = End(
                Outcome.MISSING,
                f"{self._serve} is unavailable: {STARTS} workers ended before they were ready. The last: {reason}",
            )

    def _explain(self, process: Process, error: Exception) -> End:
        """End a process that failed a call, and say how it failed."""
        gone = process.exited
        self._discard()
        if isinstance(error, EndedError):
            outcome, reason = error.outcome, str(error)
        elif gone or isinstance(error, EOFError):
            outcome, reason = Outcome.CRASHED, f"the worker {process.fate}"
        else:
            outcome, reason = Outcome.CRASHED, f"the worker broke the protocol: {error}"
        words = process.last_words()
        return End(outcome, f"{reason}. Its last words:\n{words}" if words else reason)

    def _discard(self) -> None:
        if self._process is not None:
            self._process.destroy()
            self._process = None


class _UnavailableError(Exception):
    def __init__(self, end: End) -> None:
        super().__init__(end.reason)
        self.end = end


def _send(process: Process, header: Mapping[str, Any], arrays: Sequence[np.ndarray[Any, Any] | Named]) -> End | None:
    try:
        write_frame(process, dict(header), arrays)
    except FrameError as error:  # nothing was sent, and the worker is not at fault
        return End(Outcome.RAISED, str(error))
    return None


def _ended(answer: dict[str, Any]) -> End:
    error = answer.get("error")
    if not error:
        return End(Outcome.COMPLETED)
    return End(Outcome(error["outcome"]), f"{error['type']}: {error['message']}\n{error['traceback']}".rstrip())


def _array(named: Named) -> Array:
    """Turn a received array into a record, under the name it was sent with."""
    array = named.array
    data = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    return Array(named.dtype, tuple(array.shape), data, hashlib.sha256(data).hexdigest())
