"""Adapters and handlers that are wrong on purpose, on plain NumPy, so that they run without any framework.

`FAULTS` says what can go wrong in a worker; `Handler` does it when a request asks for it, and there is one adapter
for each, so that the whole line can be shown what it does to a run.
"""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from harness.adapters.base import Adapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "FAULTS",
    "Abort",
    "BadFrame",
    "DiesAtStart",
    "Exit",
    "Grandchild",
    "Handler",
    "Hang",
    "Honest",
    "HugeFrame",
    "Kill",
    "Memory",
    "Noise",
    "Segfault",
    "StubbornHang",
]


def _segfault() -> None:
    ctypes.string_at(0)


def _exit() -> None:
    os._exit(0)


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hang() -> None:
    while True:
        time.sleep(60)


def _stubborn_hang() -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    _hang()


def _memory() -> None:
    hoard = []
    while True:
        hoard.append(np.ones(1 << 20))  # 8 MiB, touched
        time.sleep(0.002)


def _child_memory() -> None:
    subprocess.run([sys.executable, "-c", "x = bytearray(b'1') * (1 << 29); import time; time.sleep(60)"], check=False)


def _noise() -> None:
    sys.stdout.write("noise on stdout, by Python\n")
    sys.stdout.flush()
    os.write(1, b"noise on descriptor 1\n" * 10_000)
    os.write(2, b"\xff\xfe noise on stderr\n" * 10_000)


def _reply_descriptor() -> int:
    """Find the descriptor that the worker took for its replies: a pipe above stderr that is open for writing."""
    for number in range(3, 256):
        try:
            pipe = stat.S_ISFIFO(os.fstat(number).st_mode)
        except OSError:
            continue
        import fcntl

        if pipe and fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY:
            return number
    raise AssertionError("no pipe for replies")


def _grandchild() -> None:
    """Leave a process behind that left the group and holds the pipe, and exit."""
    code = "import time; time.sleep(60)"
    subprocess.Popen([sys.executable, "-c", code], pass_fds=[_reply_descriptor()], start_new_session=True)
    os._exit(0)


def _bad_frame() -> None:
    os.write(_reply_descriptor(), struct.pack("<QI", 5, 0) + b"never")


def _huge_frame() -> None:
    os.write(_reply_descriptor(), struct.pack("<QI", 1 << 62, 0))


FAULTS: dict[str, Callable[[], None]] = {
    "segfault": _segfault,
    "abort": os.abort,
    "exit": _exit,
    "kill": _kill,
    "hang": _hang,
    "stubborn_hang": _stubborn_hang,
    "memory": _memory,
    "child_memory": _child_memory,
    "noise": _noise,
    "grandchild": _grandchild,
    "bad_frame": _bad_frame,
    "huge_frame": _huge_frame,
}
"""Name to what a worker does to itself."""


class Handler:
    """A worker's handler that echoes its request, and before that commits the fault it is asked for.

    Args:
        at_start: A fault to commit before the hello.
        once: A file that is made at the first start; `at_start` is committed only where it is not there yet.
    """

    def __init__(self, at_start: str = "", once: str = "") -> None:
        if at_start and not (once and Path(once).exists()):
            if once:
                Path(once).touch()
            FAULTS[at_start]()

    def hello(self) -> dict[str, Any]:
        return {"pid": os.getpid()}

    def handle(self, header: dict[str, Any], arrays: list[np.ndarray[Any, Any]]) -> Any:
        if "raises" in header:
            raise {"MemoryError": MemoryError, "ValueError": ValueError, "SystemExit": SystemExit}[header["raises"]](
                "no"
            )
        if "partial" in header:
            return self._several(header, arrays)
        FAULTS.get(header.get("fault", ""), lambda: None)()
        return header, arrays

    def _several(self, header: dict[str, Any], arrays: list[Any]) -> Iterator[tuple[dict[str, Any], list[Any]]]:
        for index in range(header["partial"]):
            time.sleep(header.get("pause", 0.0))
            yield {"index": index}, arrays
        FAULTS.get(header.get("fault", ""), lambda: None)()


class Honest(Adapter):
    """NumPy, with derivatives by the complex step: right for any function that is analytic where it is asked.

    Formula: f'(x) = Im f(x + ih) / h without cancellation (Squire and Trapp, SIAM Review 40, 1998).
    """

    name: ClassVar[str] = "honest"
    distributions: ClassVar[tuple[str, ...]] = ("numpy",)
    modes: ClassVar[tuple[str, ...]] = ("eager", "jit")
    fault: ClassVar[str] = ""

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    def array(self, value: np.ndarray[Any, Any]) -> Any:
        return value

    def numpy(self, array: Any) -> np.ndarray[Any, Any]:
        return np.asarray(array)

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        def prepared(*arrays: Any) -> Any:
            FAULTS.get(self.fault, lambda: None)()
            return function(*arrays)

        return prepared

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int]) -> Callable[..., Any]:
        def prepared(arrays: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:
            return [self._gradient(function, list(arrays), cotangents, index) for index in inputs]

        return prepared

    def synchronize(self, result: Any) -> None:
        pass

    def base(self) -> tuple[Any, Any]:
        return np, np

    def _gradient(
        self, function: Callable[..., Any], arrays: list[Any], cotangents: Sequence[Any], index: int
    ) -> np.ndarray[Any, Any]:
        step = 1e-30
        original = arrays[index]
        gradient = np.zeros(original.shape)
        for place in np.ndindex(original.shape):
            moved = original.astype(np.complex128)
            moved[place] += 1j * step
            result = function(*arrays[:index], moved, *arrays[index + 1 :])
            outputs = result if isinstance(result, tuple) else (result,)
            analytic = [output for output in outputs if np.asarray(output).dtype.kind in "fc"]
            pairs = zip(analytic, cotangents, strict=True)
            gradient[place] = sum(float(np.sum(np.imag(output) / step * weight)) for output, weight in pairs)
        return gradient.astype(original.dtype)


class Segfault(Honest):
    name = "segfault"
    fault = "segfault"


class Abort(Honest):
    name = "abort"
    fault = "abort"


class Exit(Honest):
    name = "exit"
    fault = "exit"


class Kill(Honest):
    name = "kill"
    fault = "kill"


class Hang(Honest):
    name = "hang"
    fault = "hang"


class StubbornHang(Honest):
    name = "stubborn_hang"
    fault = "stubborn_hang"


class Memory(Honest):
    name = "memory"
    fault = "memory"


class Noise(Honest):
    name = "noise"
    fault = "noise"


class Grandchild(Honest):
    name = "grandchild"
    fault = "grandchild"


class BadFrame(Honest):
    name = "bad_frame"
    fault = "bad_frame"


class HugeFrame(Honest):
    name = "huge_frame"
    fault = "huge_frame"


class DiesAtStart(Honest):
    name = "dies_at_start"

    def __init__(self, device: str = "cpu") -> None:
        super().__init__(device)
        sys.stderr.write("the driver is not loaded\n")
        os._exit(3)
