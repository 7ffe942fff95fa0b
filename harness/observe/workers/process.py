"""One worker process: its pipes, its limits, and its end."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psutil

from harness.model import Outcome
from harness.observe.workers.worker import PARENT

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MARKER", "EndedError", "Process"]

MARKER = "HARNESS_WORKER"
"""Environment variable with a value of its own in each worker, by which all its descendants are found."""

_TICK = 0.05  # seconds between looks at the process
_CHILDREN = 0.25  # seconds between looks at its children: listing them reads the whole process table
_GRACE = 2.0  # seconds a worker has to exit when its input ends
_REAP = 5.0  # seconds the kernel has to end a killed process; one that sleeps in a broken driver may never end
_TAIL = 1 << 16  # bytes of stderr that are kept
_WORDS = 20  # lines of it that a reason quotes
_WIDTH = 200  # characters of such a line


class EndedError(Exception):
    """A process ran out of time or memory."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome


class _Launcher:
    """Starts every process from one thread that lives as long as this process.

    The kernel's parent-death signal is sent when the *thread* that started a worker ends.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._pool: ThreadPoolExecutor | None = None

    def start(self, command: Sequence[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._pool is None or self._owner != os.getpid():  # threads do not survive a fork
                self._pool, self._owner = ThreadPoolExecutor(1, "harness-launcher"), os.getpid()
            started = self._pool.submit(
                subprocess.Popen,
                command,
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        return started.result()


_launcher = _Launcher()


class Process:
    """A started worker. It is the supervisor's end of the protocol: a `Source` and a `Target` of frames.

    Args:
        command: What to run.
        env: Its whole environment.
        memory: Resident bytes that it and its children may use together.

    Attributes:
        hello: What its handler said first; set by the supervisor.
        fate: How it ended, once it was destroyed: `was killed by SIGSEGV`, `exited with status 0`.
    """

    def __init__(self, command: Sequence[str], env: dict[str, str], memory: int | None) -> None:
        self.hello: dict[str, Any] = {}
        self.fate = ""
        self._marker = uuid.uuid4().hex
        self._popen = _launcher.start(command, {**env, PARENT: str(os.getpid()), MARKER: self._marker})
        self._memory = memory
        self._lock = threading.Lock()
        self._over = False
        self._received = bytearray()
        self._errors = bytearray()
        self._limit = self._deadline = 0.0
        self._next_look = self._next_children = 0.0
        self._children: list[psutil.Process] = []
        self._selector = selectors.DefaultSelector()
        self._input, self._output, self._error = (
            stream.fileno() for stream in (self._popen.stdin, self._popen.stdout, self._popen.stderr) if stream
        )
        for descriptor in (self._input, self._output, self._error):
            os.set_blocking(descriptor, False)
        self._selector.register(self._output, selectors.EVENT_READ)
        self._selector.register(self._error, selectors.EVENT_READ)

    @property
    def exited(self) -> bool:
        """Whether it has ended. It is not reaped: its number must stay its own until its group is killed."""
        if self._popen.returncode is not None:
            return True
        if not hasattr(os, "waitid"):
            return self._popen.poll() is not None
        try:
            return os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def allow(self, seconds: float) -> None:
        """Set the time until which the next frame must have been passed."""
        self._limit, self._deadline = seconds, time.monotonic() + seconds

    def forget(self) -> None:
        """Forget what it printed so far: a reason quotes only what was printed during its own call."""
        self._drain()
        self._errors.clear()

    def read(self, count: int) -> bytes:
        """Wait for exactly `count` bytes; fewer, if the process ended first.

        Raises:
            EndedError: If time or memory ran out first.
        """
        while len(self._received) < count and not self._over:
            self._look()
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken

    def write(self, data: bytes) -> None:
        """Send all bytes.

        Raises:
            EOFError: If the process ended first.
            EndedError: If time or memory ran out first.
        """
        if self._over:
            raise EOFError
        rest = memoryview(data)
        self._selector.register(self._input, selectors.EVENT_WRITE)
        try:
            while rest:
                if self._over:
                    raise EOFError
                try:
                    rest = rest[os.write(self._input, rest) :]
                except BlockingIOError:
                    self._look()
                except BrokenPipeError:
                    self._look()
                    time.sleep(0.001)  # it closed its input and is about to exit, or will run out of time
        finally:
            self._selector.unregister(self._input)

    def flush(self) -> None:
        """Do nothing: nothing is buffered."""

    def last_words(self) -> str:
        """Return the last lines it wrote to stderr."""
        lines = self._errors.decode("utf-8", "replace").rstrip().splitlines()
        return "\n".join(line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…" for line in lines[-_WORDS:])

    def kill(self) -> None:
        """Send SIGKILL to its whole group, from any thread."""
        with self._lock:
            if self._popen.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._popen.pid, signal.SIGKILL)

    def close(self) -> None:
        """End its input, give it a moment to exit, then destroy it."""
        if self._popen.stdin:
            self._popen.stdin.close()
        deadline = time.monotonic() + _GRACE
        while not self.exited and time.monotonic() < deadline:
            self._drain()
            time.sleep(0.005)
        self.destroy()

    def destroy(self) -> None:
        """Kill it with everything it started, reap it, and close the pipes."""
        self.kill()
        while strays := self._strays():  # more than once: one may have started another meanwhile
            for stray in strays:
                with contextlib.suppress(psutil.Error):
                    stray.kill()
        with self._lock:
            try:
                status: int | None = self._popen.wait(_REAP)
            except subprocess.TimeoutExpired:
                status = None
        self.fate = _fate(status)
        self._drain()
        self._selector.close()
        for stream in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            if stream:
                stream.close()

    def _look(self) -> None:
        """Wait a tick for the pipes, then look at the process, its time and its memory."""
        now = time.monotonic()
        for key, _ in self._selector.select(max(0.0, min(_TICK, self._deadline - now))):
            if key.fd != self._input:
                self._take(key.fd)
        if self.exited:
            self._drain()  # what it sent before it ended counts; a grandchild may hold the pipe for ever
            self._over = True
            return
        now = time.monotonic()
        if now >= self._deadline:
            raise EndedError(Outcome.TIMED_OUT, f"no reply within {self._limit:g} s; raise the limit with --timeout")
        if self._memory is not None and now >= self._next_look:
            self._weigh(self._memory, now)
            self._next_look = now + _TICK

    def _take(self, descriptor: int) -> bool:
        """Read what there is; give whether there may be more."""
        try:
            data = os.read(descriptor, 1 << 20)
        except BlockingIOError:
            return False
        if not data:
            with contextlib.suppress(KeyError):
                self._selector.unregister(descriptor)
            return False
        if descriptor == self._output:
            self._received += data
        else:
            self._errors += data
            del self._errors[:-_TAIL]
        return True

    def _drain(self) -> None:
        for descriptor in (self._output, self._error):
            for _ in range(16):  # more than a pipe holds; a grandchild that never stops printing must not keep us
                if not self._take(descriptor):
                    break

    def _weigh(self, limit: int, now: float) -> None:
        """Compare resident memory: address space would condemn JAX, which maps far more than it uses."""
        try:
            worker = psutil.Process(self._popen.pid)
            if now >= self._next_children:
                self._children = worker.children(recursive=True)
                self._next_children = now + _CHILDREN
            used: int = worker.memory_info().rss
        except psutil.Error:
            return
        for child in self._children:
            with contextlib.suppress(psutil.Error):
                used += child.memory_info().rss
        if used > limit:
            raise EndedError(
                Outcome.OUT_OF_MEMORY,
                f"{used >> 20} MiB resident, more than the limit of {limit >> 20} MiB; raise it with --memory",
            )

    def _strays(self) -> list[psutil.Process]:
        """Find descendants that left the group, by the marker in the environment they inherited."""
        found = []
        for number in psutil.pids():
            with contextlib.suppress(psutil.Error, OSError):
                process = psutil.Process(number)
                # A dead process has no environment, so the ones that were killed are not found again.
                if number != self._popen.pid and process.environ().get(MARKER) == self._marker:
                    found.append(process)
        return found


def _fate(status: int | None) -> str:
    if status is None:
        return f"did not end within {_REAP:g} s of SIGKILL"
    if status >= 0:
        return f"exited with status {status} before it had answered"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"was killed by {name}"
