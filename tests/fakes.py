"""Adapters and handlers that are wrong on purpose, on plain NumPy, so that they run without any framework.

`FAULTS` says what can go wrong in a worker; `Handler` does it when a request asks for it, and there is one adapter
for each, so that the whole line can be shown what it does to a run. `Wrong` and its subclasses answer, but answer wrong,
each in its own way.
"""

from __future__ import annotations

import ctypes
import itertools
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
from harness.adapters.numpy import NumpyAdapter
from harness.reference.evaluate import outputs_of
from harness.reference.floats import Floats
from harness.reference.tape import Tape
from tests import planting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


__all__ = [
    "FAULTS",
    "TIME",
    "Abort",
    "Absent",
    "Asynchronous",
    "BadFrame",
    "CompilesSlowly",
    "Complete",
    "Detached",
    "DiesAtStart",
    "Exit",
    "FakeTime",
    "Grandchild",
    "Handler",
    "Hang",
    "Honest",
    "HugeFrame",
    "IgnoresCotangent",
    "IgnoresInput",
    "Kill",
    "Memory",
    "NaN",
    "NoGradient",
    "Noise",
    "Planted",
    "PlantedGradient",
    "PlantedValue",
    "Raises",
    "Segfault",
    "SignFlipped",
    "Slow",
    "StaleGradient",
    "StaleSecondOrder",
    "StaleValue",
    "StubbornHang",
    "Transposed",
    "Wrong",
    "WrongBatch",
    "WrongBfloat16",
    "WrongCompiled",
    "WrongDtype",
    "WrongForward",
    "WrongForwardOverForward",
    "WrongJacobian",
    "WrongPath",
    "WrongSecondOrder",
    "WrongShape",
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

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        def prepared(arrays: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
            return tuple(self._gradient(function, list(arrays), cotangents, index) for index in inputs)

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


class Wrong(NumpyAdapter):
    """NumPy, with something done to the value or to the gradient on its way out. This one does nothing.

    Attributes:
        parts: To which of the two.
    """

    name = "wrong"
    parts: ClassVar[tuple[str, ...]] = ("value", "gradient")

    def __init__(self, device: str = "cpu") -> None:
        super().__init__(device)
        self._numpy = NumpyAdapter(device)

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        prepared = super().value(function, mode)
        return lambda *arrays: self._out(prepared(*arrays), "value")

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        prepared = super().vjp(function, mode, inputs, path)
        return lambda arrays, cotangents: self._out(tuple(prepared(arrays, cotangents)), "gradient")

    def spoil(self, array: Any) -> Any:
        """Do something to an array."""
        return array

    def _out(self, result: Any, part: str) -> Any:
        if part not in self.parts:
            return result
        return tuple(map(self.spoil, result)) if isinstance(result, tuple) else self.spoil(result)


class NaN(Wrong):
    """One NaN."""

    name = "nan"

    def spoil(self, array: Any) -> Any:
        made = np.array(array)
        made.flat[0] = np.nan
        return made


class WrongDtype(Wrong):
    name = "wrong_dtype"

    def spoil(self, array: Any) -> Any:
        return np.asarray(array).astype(np.float64)


class WrongShape(Wrong):
    name = "wrong_shape"

    def spoil(self, array: Any) -> Any:
        return np.asarray(array)[np.newaxis]


class IgnoresInput(Wrong):
    """The value at one, wherever it is asked."""

    name = "ignores_input"

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        return lambda *arrays: function(*map(np.ones_like, arrays))


class NoGradient(Wrong):
    name = "no_gradient"
    parts = ("gradient",)

    def spoil(self, array: Any) -> Any:
        return None


class Transposed(Wrong):
    name = "transposed"
    parts = ("gradient",)

    def spoil(self, array: Any) -> Any:
        return np.swapaxes(array, -1, -2) if np.ndim(array) > 1 else array


class Detached(Wrong):
    name = "detached"
    parts = ("gradient",)

    def spoil(self, array: Any) -> Any:
        return np.zeros_like(array)


class SignFlipped(Wrong):
    name = "sign_flipped"
    parts = ("gradient",)

    def spoil(self, array: Any) -> Any:
        return -array


class IgnoresCotangent(Wrong):
    """The gradient of the sum, whatever cotangent it is given."""

    name = "ignores_cotangent"

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        prepared = super().vjp(function, mode, inputs, path)
        return lambda arrays, cotangents: prepared(arrays, tuple(map(np.ones_like, cotangents)))


class Raises(Wrong):
    name = "raises"

    def spoil(self, array: Any) -> Any:
        raise RuntimeError("the kernel is not there")


class Planted(Wrong):
    """One operation's value, or its gradient, is multiplied by 1 + δ; everything else is right.

    Attributes:
        operation: Whose. Operators count as the words they stand for.
        part: `value` or `gradient`.
        delta: δ.
    """

    name = "planted"
    operation: ClassVar[str] = "exp"
    part: ClassVar[str] = "value"
    delta: ClassVar[float] = 2.0**-16

    def __init__(self, device: str = "cpu") -> None:
        super().__init__(device)
        self.listener = self._numpy.listener = planting.Planted(self.operation, self.part, self.delta)

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        def prepared(*arrays: Any) -> Any:
            """Run on the tape, which sees every operation, operators included."""
            floating = next((array.dtype.name for array in arrays if array.dtype.kind == "f"), "float32")
            tape = Tape(Floats(floating), listener=self.listener)
            result = function(*(tape.input(array) for array in arrays))
            outputs = tuple(output.dual.value[..., 0] for output in outputs_of(tape, result).values())
            return outputs if isinstance(result, tuple) else outputs[0]

        return prepared

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        return self._numpy.vjp(function, mode, inputs, path)


class PlantedValue(Planted):
    name = "planted_value"


class PlantedGradient(Planted):
    name = "planted_gradient"
    part = "gradient"


class Absent(Wrong):
    """Needs a distribution that is not installed."""

    name = "absent"
    distributions = ("no-such-framework",)


class Slow(Wrong):
    """Takes its time, so that a run can be killed in the middle of it."""

    name = "slow"
    parts = ("value",)

    def spoil(self, array: Any) -> Any:
        time.sleep(0.01)
        return array


class Complete(Wrong):
    """NumPy with every quantity, a further path to each, and every compiler there is, none of which compiles anything.

    One of these fakes is right in everything but one: there, what it gives is a thousandth too large.

    Attributes:
        kind: Of the quantity that is wrong.
        by: The path by which it is.
        inside: The modes in which it is.
    """

    name = "complete"
    modes = ("eager", "aot", "compile", "function", "xla", "jit")
    paths: ClassVar[dict[str, tuple[str, ...]]] = {
        "vjp": ("again",),
        "jvp": ("again",),
        "hvp": ("again",),
        "curvature": ("again",),
        "jacobian": ("again",),
    }
    kind: ClassVar[str] = ""
    by: ClassVar[tuple[str, ...]] = ("", "again")
    inside: ClassVar[tuple[str, ...]] = modes

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        return self._spoiled("value", mode, "", super().value(function, mode))

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        return self._spoiled("vjp", mode, path, super().vjp(function, mode, inputs, path))

    def jvp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        return self._spoiled("jvp", mode, path, super().jvp(function, mode, inputs, path))

    def hvp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        return self._spoiled("hvp", mode, path, super().hvp(function, mode, inputs, path))

    def curvature(
        self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = ""
    ) -> Callable[..., Any]:
        """Take each output's second derivative from the tape's Hessian-vector products."""
        value, product = NumpyAdapter.value(self, function, mode), NumpyAdapter.hvp(self, function, mode, inputs)

        def seconds(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            output = value(*arrays)
            found = np.zeros_like(output)
            for place in np.ndindex(output.shape):
                unit = np.zeros_like(output)
                unit[place] = 1
                moved = product(arrays, (unit,), tangents)
                found[place] = sum(np.sum(one * other) for one, other in zip(moved, tangents, strict=True))
            return (found,)

        return self._spoiled("curvature", mode, path, seconds)

    def jacobian(
        self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = ""
    ) -> Callable[..., Any]:
        return self._spoiled("jacobian", mode, path, super().jacobian(function, mode, inputs, path))

    def vmap(self, function: Callable[..., Any], mode: str, path: str = "") -> Callable[..., Any]:
        """Run the elements of a batch one by one."""
        value = NumpyAdapter.value(self, function, mode)
        return self._spoiled(
            "vmap", mode, path, lambda *arrays: np.stack([value(*one) for one in zip(*arrays, strict=True)])
        )

    def wrong(self, prepared: Callable[..., Any]) -> Callable[..., Any]:
        """Spoil a prepared computation."""

        def call(*arguments: Any) -> Any:
            result = prepared(*arguments)
            return tuple(map(_enlarged, result)) if isinstance(result, tuple) else _enlarged(result)

        return call

    def _spoiled(self, kind: str, mode: str, path: str, prepared: Callable[..., Any]) -> Callable[..., Any]:
        here = kind == self.kind and path in self.by and mode in self.inside
        return self.wrong(prepared) if here else prepared


def _enlarged(array: Any) -> Any:
    return np.asarray(array * array.dtype.type(1 + 2.0**-10))


class WrongForward(Complete):
    """Right in reverse mode and wrong in forward mode."""

    name = "wrong_forward"
    kind = "jvp"


class WrongSecondOrder(Complete):
    name = "wrong_second_order"
    kind = "hvp"


class WrongForwardOverForward(Complete):
    name = "wrong_forward_over_forward"
    kind = "curvature"


class WrongJacobian(Complete):
    """Every row by itself is right; their order is not."""

    name = "wrong_jacobian"
    kind = "jacobian"

    def wrong(self, prepared: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arrays: tuple(one[::-1] for one in prepared(*arrays))


class WrongBatch(Complete):
    """Right for one sample, wrong for a batch of them: the first one stands in for all."""

    name = "wrong_batch"
    kind = "vmap"

    def wrong(self, prepared: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arrays: prepared(*(np.stack([array[0]] * len(array)) for array in arrays))


class WrongPath(Complete):
    """The gradient is right by the usual path, and wrong by the other one."""

    name = "wrong_path"
    kind = "vjp"
    by = ("again",)


class WrongCompiled(Complete):
    """The gradient is right in eager mode and in every compiler but one."""

    name = "wrong_compiled"
    kind = "vjp"
    inside = ("xla",)


class WrongBfloat16(Complete):
    """The gradient is right in every dtype but one."""

    name = "wrong_bfloat16"
    kind = "vjp"

    def wrong(self, prepared: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *arguments: tuple(
            one * one.dtype.type(1.5) if one.dtype.name == "bfloat16" else one for one in prepared(*arguments)
        )


class StaleValue(Complete):
    """Compiled code gives what it gave for the sample it was compiled with."""

    name = "stale_value"
    kind = "value"
    inside = ("aot", "compile", "function", "xla", "jit")

    def wrong(self, prepared: Callable[..., Any]) -> Callable[..., Any]:
        kept: list[Any] = []

        def call(*arguments: Any) -> Any:
            if not kept:
                kept.append(prepared(*arguments))
            return kept[0]

        return call


class StaleGradient(StaleValue):
    name = "stale_gradient"
    kind = "vjp"


class StaleSecondOrder(StaleValue):
    name = "stale_second_order"
    kind = "hvp"


class WrongAtFirst(Complete):
    """Wrong in the first call of what was prepared, and right from then on."""

    name = "wrong_at_first"
    kind = "value"
    inside: ClassVar[tuple[str, ...]] = ("eager",)

    def wrong(self, prepared: Callable[..., Any]) -> Callable[..., Any]:
        calls = itertools.count(1)
        spoiled = super().wrong(prepared)

        def call(*arguments: Any) -> Any:
            return spoiled(*arguments) if self.spoils(next(calls)) else prepared(*arguments)

        return call

    def spoils(self, call: int) -> bool:
        """Say whether a call is wrong."""
        return call == 1


class WrongLater(WrongAtFirst):
    """Right in the first call, and wrong from then on."""

    name = "wrong_later"
    inside = Complete.modes

    def spoils(self, call: int) -> bool:
        return call > 1


class GradientWrongAtFirst(WrongAtFirst):
    name = "gradient_wrong_at_first"
    kind = "vjp"


class PreviousResult(Complete):
    """Gives what the call before should have given, as a buffer that is read too early does."""

    name = "previous_result"
    kind = "vjp"

    def wrong(self, prepared: Callable[..., Any]) -> Callable[..., Any]:
        kept: list[Any] = []

        def call(*arguments: Any) -> Any:
            kept.append(prepared(*arguments))
            return kept[max(len(kept) - 2, 0)]

        return call


class FakeTime:
    """A clock that stands still unless it is told what takes how long.

    Attributes:
        nanoseconds: What it shows.
        idle: When the device will have done everything that it was asked for.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.nanoseconds = 0
        self.idle = 0

    def now(self) -> int:
        return self.nanoseconds

    def take(self, nanoseconds: int) -> None:
        self.nanoseconds += nanoseconds


TIME = FakeTime()
"""The clock of the adapters that take time."""


class CompilesSlowly(Honest):
    """Each call takes 2 µs; the first takes 5 s, for the compiler, and the second 3 s, for a recompilation."""

    name = "compiles_slowly"

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        costs = [5_000_000_000, 3_000_000_000]

        def prepared(*arrays: Any) -> Any:
            TIME.take(costs.pop(0) if costs else 2_000)
            return function(*arrays)

        return prepared


class StartsSlowly(Honest):
    """Each call takes 2 µs, but the first three, which a neighbour disturbs, take 5 ms."""

    name = "starts_slowly"

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        costs = [5_000_000] * 3

        def prepared(*arrays: Any) -> Any:
            TIME.take(costs.pop(0) if costs else 2_000)
            return function(*arrays)

        return prepared


class OnDevice(Honest):
    """Its device holds 1 MiB of others' arrays, compiles with 32 MiB, and needs 4 MiB during each call."""

    name = "on_device"

    def __init__(self, device: str = "cpu") -> None:
        super().__init__(device)
        self.held = 1 << 20
        self.peak = self.held

    def array(self, value: np.ndarray[Any, Any]) -> Any:
        self._use(value.nbytes)
        self.held += value.nbytes
        return value

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        self._use(32 << 20)

        def prepared(*arrays: Any) -> Any:
            self._use(4 << 20)
            return function(*arrays)

        return prepared

    def held_memory(self) -> int | None:
        return self.held

    def peak_memory(self) -> int | None:
        peak, self.peak = self.peak, self.held
        return peak

    def _use(self, size: int) -> None:
        self.peak = max(self.peak, self.held + size)


class Asynchronous(Honest):
    """A call returns after 2 µs, and the device works on it for 1 ms more, one call after the other."""

    name = "asynchronous"

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        def prepared(*arrays: Any) -> Any:
            TIME.take(2_000)
            TIME.idle = max(TIME.idle, TIME.nanoseconds) + 1_000_000
            return function(*arrays)

        return prepared

    def synchronize(self, result: Any) -> None:
        TIME.nanoseconds = max(TIME.nanoseconds, TIME.idle)
