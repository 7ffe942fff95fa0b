"""What a worker does for a backend when it is timed: one case in one mode, prepared once and called in a tight loop.

The first call (trace and compilation) is measured apart. Then calls are counted out so that a batch takes long enough
for the clock, which also warms everything up, and a few batches are measured, each on another copy of the inputs. In
the measured region nothing is done but to call what the adapter prepared, with inputs that were made before, to drop
the result when the next one comes, and to wait for the device at the end.
"""

from __future__ import annotations

import functools
import gc
import itertools
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.collect.directions import cotangent
from harness.collect.registry import load_case
from harness.errors import CaseChangedError
from harness.messages import Time, Timed
from harness.observe.handlers.answers import RefusedError, describe
from harness.observe.handlers.observer import Observer, narrowed
from harness.observe.handlers.trial import is_floating

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np

    from harness.adapters.base import Adapter
    from harness.collect.case import Case
    from harness.messages import Observe
    from harness.operations.namespace import Namespace
    from harness.quantity import Quantity

__all__ = ["BATCHES", "BATCH_SECONDS", "Clock", "batch", "calibrate"]

BATCHES = 20
"""Batches of a process, of which the least disturbed one counts."""

BATCH_SECONDS = 0.0025
"""What a batch takes at least: the clock's own 50 ns are then one part in 50,000.

And what it should not exceed: a scheduler gives a process a few milliseconds at a time, so that a longer batch is often
cut in two by another process. On two cores with three busy neighbours, processes of one program differed by 24 % with
the median of 5 batches of 10 ms, and by 1.6 % with the least of 20 batches of 2.5 ms, which take as long.
"""

_PATIENCE = 1.0  # seconds over the batches of one quantity; a slow one has fewer of them
_MOST_LOOPS = 1_000_000
_COPIES = 4  # of the inputs
_COPIED = 64 << 20  # bytes of all copies together
_SECOND = 1e9  # nanoseconds


class Clock(Observer):
    """The handler of a backend's worker, for timing.

    Args:
        adapter: A built-in adapter's name, or `package.module:Class`.
        device: `cpu` or `gpu`.
        batches: Batches to measure.
        batch_seconds: What a batch takes at least.
        now: The clock, in nanoseconds.
    """

    def __init__(
        self,
        adapter: str,
        device: str = "cpu",
        batches: int = BATCHES,
        batch_seconds: float = BATCH_SECONDS,
        now: Callable[[], int] = time.perf_counter_ns,
    ) -> None:
        start = now()
        super().__init__(adapter, device)
        self._imported = (now() - start) / _SECOND
        self._observing = self._adapter
        self._undressed: dict[tuple[str, str], tuple[Adapter, Namespace]] = {}
        self._outputs: list[np.ndarray[Any, Any]] | None = None
        self._batches = batches
        self._target = int(batch_seconds * _SECOND)
        self._now = now
        # A collection then looks at what a case makes, not at the hundred thousands of objects of a framework.
        gc.collect()
        gc.freeze()

    def hello(self) -> dict[str, Any]:
        """Return what an observer gives, and the seconds that the import took."""
        return {**super().hello(), "imported": self._imported}

    def handle(self, header: dict[str, Any], arrays: list[np.ndarray[Any, Any]]) -> Iterator[Any]:
        """Time one case, sample, mode and dtype.

        Args:
            header: Of a `Time`.
            arrays: The sample's arrays, in the dtype of the check; bfloat16 as float32.

        Yields:
            For each quantity the header of a `Timed`.
        """
        self._outputs = None
        request = Time.of(header)
        for quantity in request.quantities:
            yield self._timed(quantity, request, arrays).header(), []

    def _timed(self, quantity: Quantity, request: Time, arrays: list[np.ndarray[Any, Any]]) -> Timed:
        def ended(outcome: str, reason: str) -> Timed:
            return Timed(quantity=quantity, imported=self._imported, outcome=outcome, reason=reason)

        refusal = self._refusal(request) or self._underivable(quantity.kind, request)
        if refusal:
            return ended("unsupported", refusal)
        try:
            case = load_case(**request.case.header())
            given = [narrowed(array, request.dtype) for array in arrays]
            self._undress(quantity.kind, request.dtype)
            measured = self._measured(quantity.kind, case, request, given)
            return Timed(quantity=quantity, imported=self._imported, **measured)
        except CaseChangedError as error:
            return ended("missing", str(error))
        except Exception as error:  # whatever a case raises is its outcome
            return ended(*describe(error, request.case.path))

    def _undress(self, kind: str, dtype: str) -> None:
        """Take the adapter without what observes, and the words of `xp` as it resolves them."""
        if (kind, dtype) not in self._undressed:
            adapter = self._observing.bare(kind, dtype)
            self._undressed[kind, dtype] = (adapter, adapter.namespace())
        self._adapter, self._namespace = self._undressed[kind, dtype]

    def _function(self, case: Case, request: Observe) -> Callable[..., Any]:
        observed = super()._function(case, request)  # raises what it refuses
        if request.mode != "eager":
            # What compiles a partial function may look at all that it holds in every call: tf.function takes 40 µs.
            return observed
        if request.implementation == "native":
            return functools.partial(case.natives[self._adapter.name], **request.parameters)
        # A partial function costs a call less than a lambda that calls the case.
        return functools.partial(case.function, self._namespace, **request.parameters)

    def _measured(self, kind: str, case: Case, request: Time, arrays: Sequence[np.ndarray[Any, Any]]) -> dict[str, Any]:
        make, sets, moved = self._call(kind, case, request, arrays)
        gc.collect()
        gc.disable()
        try:
            facts, found = self._run(make, sets)
        finally:
            gc.enable()
        if kind == "value":
            self._outputs = found
        moved += sum(one.nbytes for one in found)
        return {**facts, "elements": sum(array.size for array in arrays), "moved": moved}

    def _call(
        self, kind: str, case: Case, request: Time, arrays: Sequence[np.ndarray[Any, Any]]
    ) -> tuple[Callable[[], Callable[..., Any]], list[tuple[Any, ...]], int]:
        """Return what prepares the call, sets of its arguments, and how many bytes one of them has."""
        adapter, mode = self._adapter, request.mode
        function = self._function(case, request)
        size = sum(array.nbytes for array in arrays)
        moved = size
        copies = max(1, min(_COPIES, _COPIED // max(size, 1)))
        sets: list[tuple[Any, ...]] = [tuple(adapter.array(array.copy()) for array in arrays) for _ in range(copies)]
        if kind == "value":
            return functools.partial(adapter.value, function, mode), sets, moved
        if kind == "vjp":
            inputs = [request.names.index(name) for name in request.inputs]
            if self._outputs is None:  # the value was not timed; to compute it is no part of what is timed now
                self._outputs = self._home(adapter.value(function, mode)(*sets[0]))
            weights = self._cotangents(self._outputs, request.seed)
            moved += sum(one.nbytes for one in self._home(weights))
            sets = [(given, weights) for given in sets]
            return functools.partial(adapter.value_and_vjp, function, mode, inputs), sets, moved
        raise TypeError(f"{kind!r} cannot be timed: expected value or vjp")

    def _run(
        self, make: Callable[[], Callable[..., Any]], sets: Sequence[tuple[Any, ...]]
    ) -> tuple[dict[str, Any], list[np.ndarray[Any, Any]]]:
        """Measure the first call, then the steady state, and give what the first call returned."""
        adapter = self._adapter
        now, synchronize = self._now, adapter.synchronize
        base, held = _resident(), adapter.held_memory()
        _forget_peak()
        adapter.peak_memory()
        start = now()
        prepared = make()
        result = prepared(*sets[0])
        synchronize(result)
        first = now() - start
        memory = {"host_first": _peak() - base} if base else {}
        memory |= _above(held, adapter.peak_memory(), "device_first")
        found = self._home(result)
        del result  # in steady state nothing is held that a loop of the user's would not hold
        # Within a batch the inputs stay, as in a loop of the user's; where they happen to lie must not decide.
        turns = itertools.cycle(sets)

        def run(count: int) -> int:
            return batch(prepared, next(turns), count, synchronize, now)

        loops = calibrate(run, self._target)
        _forget_peak()
        adapter.peak_memory()
        took = self._batches_of(run, loops)
        while 2 * min(took) < self._target and loops < _MOST_LOOPS:
            # The machine was disturbed while the calls were counted out, so that they came to less than was asked for.
            loops = calibrate(run, self._target, min(loops * self._target // max(min(took), 1) + 1, _MOST_LOOPS))
            took = self._batches_of(run, loops)
        if base:
            memory["host"] = _peak() - base
        memory |= _above(held, adapter.peak_memory(), "device")
        facts = {
            "calls": [one / loops / _SECOND for one in took],
            "loops": loops,
            "first": first / _SECOND,
            "memory": {name: max(size, 0) for name, size in memory.items()},
        }
        return facts, found

    def _batches_of(self, run: Callable[[int], int], loops: int) -> list[int]:
        took: list[int] = []
        while len(took) < self._batches and (not took or sum(took) < _PATIENCE * _SECOND):
            took.append(run(loops))
        return took

    def _home(self, result: Any) -> list[np.ndarray[Any, Any]]:
        return [self._adapter.numpy(one) for one in _leaves(result)]

    def _cotangents(self, outputs: Sequence[np.ndarray[Any, Any]], seed: int) -> tuple[Any, ...]:
        """Draw one cotangent for each floating-point output."""
        if not any(map(is_floating, outputs)):
            raise RefusedError("there is nothing to differentiate: the case returns no floating-point array")
        return tuple(
            self._adapter.array(cotangent(seed, index, one.shape, one.dtype.name).astype(one.dtype))
            for index, one in enumerate(outputs)
            if is_floating(one)
        )


def batch(
    prepared: Callable[..., Any],
    arguments: tuple[Any, ...],
    loops: int,
    synchronize: Callable[[Any], None],
    now: Callable[[], int],
) -> int:
    """Call something so many times, wait for the last result, and give the nanoseconds that all of it took.

    Args:
        prepared: What to call.
        arguments: With what.
        loops: How many times.
        synchronize: Waits for a result, and so for all before it.
        now: The clock.
    """
    several = itertools.repeat(None, loops)
    result = None
    # A call that unpacks its arguments takes Python 25 ns longer than one that names them: 3 % of the shortest calls.
    if len(arguments) == 1:
        (one,) = arguments
        start = now()
        for _ in several:
            result = prepared(one)
    elif len(arguments) == 2:
        one, other = arguments
        start = now()
        for _ in several:
            result = prepared(one, other)
    else:
        start = now()
        for _ in several:
            result = prepared(*arguments)
    synchronize(result)
    return now() - start


def calibrate(run: Callable[[int], int], target: int, loops: int = 1) -> int:
    """Find how many calls make a batch long enough, twice in a row: a slow second call is no steady state.

    Args:
        run: Runs a batch of so many calls and gives its nanoseconds.
        target: Nanoseconds that it should take at least.
        loops: How many calls to begin with.
    """
    passed = 0
    while loops < _MOST_LOOPS:
        took = run(loops)
        if took >= target:
            passed += 1
            if passed == 2:
                return loops
            continue
        passed = 0
        enough = int(1.1 * loops * target / max(took, 1)) + 1
        loops = min(max(loops + 1, min(enough, 10 * loops)), _MOST_LOOPS)
    return loops


def _leaves(result: Any) -> Iterator[Any]:
    if isinstance(result, (tuple, list)):
        for one in result:
            yield from _leaves(one)
    elif result is not None:
        yield result


def _above(held: int | None, peak: int | None, name: str) -> dict[str, int]:
    return {} if held is None or peak is None else {name: peak - held}


def _status(name: str) -> int:
    """Return a size of this process in bytes, as Linux counts it; 0 where it does not."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(name):
                return int(line.split()[1]) << 10
    return 0


def _resident() -> int:
    return _status("VmRSS:")


def _peak() -> int:
    return _status("VmHWM:")


def _forget_peak() -> None:
    """Let the kernel count the peak anew (`5` in https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
