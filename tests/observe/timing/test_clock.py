"""Tests of what is measured of a case in a worker. None depends on how long anything really takes."""

from __future__ import annotations

import gc
import itertools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given as given_by_hypothesis
from hypothesis import strategies

from harness.adapters.numpy import NumpyAdapter
from harness.observe.timing.clock import Clock, batch, calibrate
from harness.observe.timing.machine import Machine
from harness.observe.workers.supervisor import End, Reply, Worker
from tests import fakes
from tests.fakes import TIME

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__: list[str] = []

ROOT = Path(__file__).resolve().parents[2]

CASES = '''
import gc

from harness import case, given

seen = []

@case(x=given([2.0, 3.0]), y=given([1.0]), scale=2.0)
def scaled(xp, x, y, *, scale):
    """Two arrays, one of numbers that are not differentiated."""
    return scale * x * y

@case(x=given([2.0, 3.0]))
def watched(xp, x):
    """Notes what it is given, and whether garbage is collected meanwhile."""
    seen.append((x, gc.isenabled()))
    return x

@case(x=given([1.0]))
def fails(xp, x):
    """Raises."""
    raise ValueError("no")

@case(x=given([1.0]))
def greedy(xp, x):
    """Needs 64 MiB for a moment."""
    import numpy as np

    return x + np.ones(1 << 23)[0]

@case(x=given([1.0]))
def counts(xp, x):
    """Returns an integer."""
    return xp.argmax(x)

@scaled.native("numpy")
def _(x, y, *, scale):
    return scale * x * y
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file of cases."""
    file = tmp_path / "file.py"
    file.write_text(CASES)
    return file


@pytest.fixture(autouse=True)
def _time() -> Iterator[None]:
    """Start the fake clock at zero, and leave the collector as it was."""
    TIME.reset()
    yield
    gc.unfreeze()
    assert gc.isenabled()


def _request(path: Path, name: str, *kinds: str, **more: Any) -> dict[str, Any]:
    names = ["x", "y"] if name == "scaled" else ["x"]
    return {
        "case": {"path": str(path), "name": name, "area": "area"},
        "implementation": "portable",
        "parameters": {"scale": 2.0} if name == "scaled" else {},
        "names": names,
        "mode": "eager",
        "dtype": "float32",
        "quantities": list(kinds),
        "inputs": names,
        "seed": 7,
        **more,
    }


ARRAYS = [np.array([2.0, 3.0], np.float32), np.array([1.0], np.float32)]


def _timed(
    path: Path, name: str, *kinds: str, adapter: str = "tests.fakes:Honest", **more: Any
) -> list[dict[str, Any]]:
    request = _request(path, name, *kinds, **more)
    ticks = itertools.count(step=20_000_000)
    now = (
        TIME.now
        if adapter in {"tests.fakes:CompilesSlowly", "tests.fakes:Asynchronous", "tests.fakes:StartsSlowly"}
        else lambda: next(ticks)
    )
    answers = Clock(adapter, now=now).handle(request, ARRAYS[: len(request["names"])])
    return [header for header, _ in answers]


def test_compile_time_is_never_inside_steady_state(path: Path) -> None:
    """What the first call takes, and what a second one that compiles again takes, is in no batch."""
    (found,) = _timed(path, "scaled", "value", adapter="tests.fakes:CompilesSlowly")
    assert "completed" == found["outcome"], found
    assert 5.0 == found["first"]
    assert [2e-6] * 20 == found["calls"]
    assert found["loops"] * 2e-6 >= 0.0025


def test_a_device_that_works_on_is_waited_for(path: Path) -> None:
    """The time of asynchronous results is the device's, not that of handing over the work."""
    (found,) = _timed(path, "scaled", "value", adapter="tests.fakes:Asynchronous")
    assert 0.001002 == found["first"]
    assert all(1e-3 <= seconds <= 1.002e-3 for seconds in found["calls"])


def test_a_clock_that_forgot_to_wait_would_be_found_out() -> None:
    """Without synchronisation the same fake looks five hundred times faster."""
    prepared = fakes.Asynchronous().value(lambda x: x, "eager")
    assert 20_000 == batch(prepared, (1.0,), 10, lambda _: None, TIME.now)
    assert 10_000_000 < batch(prepared, (1.0,), 10, fakes.Asynchronous().synchronize, TIME.now)


def test_nothing_but_the_calls_is_inside_a_batch() -> None:
    """A batch reads the clock twice, calls so many times, and waits once for the last result."""
    events: list[str] = []

    def note(word: str, result: Any = None) -> Any:
        events.append(word)
        return result

    calls = itertools.count(1)
    took = batch(
        lambda x: note(x, next(calls)), ("call",), 3, lambda last: note(f"wait {last}"), lambda: note("now", 1)
    )
    assert 0 == took
    assert ["now", "call", "call", "call", "wait 3", "now"] == events


def test_inputs_are_copies_taken_in_turn_and_garbage_waits(path: Path) -> None:
    """No batch has the inputs of the one before, all have the same values, and no call meets a collection."""
    (found,) = _timed(path, "watched", "value")
    assert "completed" == found["outcome"], found
    from harness.collect.registry import load_case

    seen = load_case(path=str(path), name="watched", area="area").function.__globals__["seen"]
    assert 1 == found["loops"]
    steady = [x for x, _ in seen][-5:]
    assert all(x is not y for x, y in itertools.pairwise(steady))
    assert 4 == len({id(x) for x in steady})
    assert all(x.tobytes() == ARRAYS[0].tobytes() for x in steady)
    assert {False} == {enabled for _, enabled in seen}


def test_value_and_gradient_say_what_they_move(path: Path) -> None:
    """Elements are those of the inputs; bytes are those of inputs, cotangents and everything that is returned."""
    value, gradient = _timed(path, "scaled", "value", "vjp", adapter="numpy")
    assert ("value", "vjp") == (value["quantity"], gradient["quantity"])
    assert ("completed", "completed") == (value["outcome"], gradient["outcome"])
    assert (3, 3) == (value["elements"], gradient["elements"])
    assert 4 * (3 + 2) == value["moved"]
    assert 4 * (3 + 2 + 3) == gradient["moved"]
    assert value["imported"] >= 0


def test_every_frameworks_value_with_gradient_is_its_own_vjp_by_default() -> None:
    """An adapter that offers nothing better is timed by its vector-Jacobian product."""
    prepared = NumpyAdapter().value_and_vjp(lambda x: x * x, "eager", [0])
    (gradient,) = prepared((np.array([3.0]),), (np.array([1.0]),))
    assert [6.0] == gradient.tolist()


def test_numpy_is_timed_bare() -> None:
    """A value is timed without looking for tape variables; bfloat16, which runs on the tape, and gradients with it."""
    adapter = NumpyAdapter()
    assert adapter is adapter.bare("vjp", "float32")
    assert adapter is adapter.bare("value", "bfloat16")
    bare = adapter.bare("value", "float32")
    assert np.exp is bare.namespace().exp
    function = bare.namespace().sin
    assert function is bare.value(function, "eager")


@pytest.mark.parametrize(
    ("name", "more", "outcome", "reason"),
    [
        ("fails", {}, "raised", "ValueError: no"),
        ("counts", {"quantities": ["vjp"]}, "unsupported", "there is nothing to differentiate"),
        ("scaled", {"mode": "jit"}, "unsupported", "numpy does not offer the mode 'jit'"),
        ("scaled", {"dtype": "int3"}, "unsupported", "numpy does not compute in int3"),
        ("scaled", {"implementation": "native"}, "unsupported", "numpy has no derivatives of its own"),
    ],
)
def test_what_cannot_be_timed_says_why(path: Path, name: str, more: dict[str, Any], outcome: str, reason: str) -> None:
    """It ends in an outcome and a reason, as when it is observed."""
    (found,) = _timed(path, name, "vjp" if "implementation" in more else "value", adapter="numpy", **more)
    assert outcome == found["outcome"]
    assert reason in found["reason"]
    assert not found["calls"]


def test_a_native_implementation_is_timed(path: Path) -> None:
    """With the same parameters."""
    (found,) = _timed(path, "scaled", "value", adapter="numpy", implementation="native")
    assert "completed" == found["outcome"], found


def test_the_memory_of_a_device_is_above_what_it_held_before(path: Path) -> None:
    """What others hold is in no peak; the first call's, with its compilation, is apart from steady state."""
    (found,) = _timed(path, "watched", "value", adapter="tests.fakes:OnDevice")
    memory = found["memory"]
    assert (32 << 20, 4 << 20) == (memory["device_first"], memory["device"])


def test_a_device_that_nobody_counts_is_not_mentioned(path: Path) -> None:
    """No number stands for what is unknown."""
    (found,) = _timed(path, "watched", "value")
    assert not {"device", "device_first"} & set(found["memory"])


@pytest.mark.skipif(sys.platform != "linux", reason="Linux counts the peak of a process")
def test_peak_memory_is_above_what_was_there_before(path: Path) -> None:
    """What a call holds for a moment is in the peak, though it is given back."""
    (found,) = _timed(path, "greedy", "value", adapter="numpy")
    assert 60 << 20 < found["memory"]["host_first"] < 200 << 20


@given_by_hypothesis(strategies.integers(1, 10**8), strategies.integers(10**5, 10**8))
def test_a_batch_is_long_enough_whatever_a_call_takes(cost: int, target: int) -> None:
    """Calibration ends with as many calls as take the target, not with twenty times as many, or at a million."""
    loops = calibrate(lambda count: cost * count, target)
    assert loops == 1_000_000 or loops * cost >= target
    assert loops == 1 or loops * cost <= 2 * target + 2 * cost


def test_one_slow_batch_is_no_steady_state() -> None:
    """A batch must be long enough twice in a row; a call that always takes long is made twice."""
    costs = iter([3_000_000_000, 2_000, *[10**9] * 99])
    counts: list[int] = []

    def run(count: int) -> int:
        counts.append(count)
        return next(costs)

    assert 10 == calibrate(run, 10_000_000)
    assert [1, 1, 10, 10] == counts


@pytest.mark.parametrize("arguments", [(), (1,), (1, 2), (1, 2, 3)])
def test_a_batch_passes_every_argument(arguments: tuple[int, ...]) -> None:
    """However many there are, each call gets them all, and as many calls are made as were asked for."""
    seen: list[tuple[int, ...]] = []
    batch(lambda *given: seen.append(given), arguments, 3, lambda _: None, TIME.now)
    assert [arguments] * 3 == seen


def test_calls_that_were_counted_out_while_disturbed_are_counted_again(path: Path) -> None:
    """Two slow calls make a batch of one; when its calls then take 2 µs, a batch of so few tells nothing."""
    (found,) = _timed(path, "scaled", "value", adapter="tests.fakes:StartsSlowly")
    assert [2e-6] * 20 == found["calls"]
    assert found["loops"] * 2e-6 >= 0.0025


def test_a_machine_is_measured_in_the_dtypes_that_are_asked_for() -> None:
    """A complex product is four real ones; float16 and bfloat16, which NumPy has no fast product of, have no rate."""
    ticks = itertools.accumulate(itertools.cycle([5, 1_000_000]))
    header = {"dtypes": ["float64", "float16", "bfloat16", "complex64"]}
    able, _ = Machine(now=lambda: next(ticks)).handle(header, [])
    assert ["copy_bytes", "float64_flops", "complex64_flops"] == [*able["rates"]]
    assert (2 * 768**3 / 1e-3, 8 * 768**3 / 1e-3) == (able["rates"]["float64_flops"], able["rates"]["complex64_flops"])


def test_the_machine_gives_the_best_of_several() -> None:
    """A bandwidth counts bytes read and written; a rate counts a multiplication and an addition each."""
    ticks = itertools.accumulate(itertools.cycle([5, 1_000_000]))
    able, arrays = Machine(now=lambda: next(ticks)).handle({}, [])
    assert [] == arrays
    assert 2 * (64 << 20) / 1e-3 == able["rates"]["copy_bytes"]
    assert 2 * 768**3 / 1e-3 == able["rates"]["float32_flops"]


def test_a_worker_serves_the_clock(path: Path) -> None:
    """A fresh process answers with as many batches as it was asked for."""
    options = {"adapter": "numpy", "batches": 2, "batch_seconds": 0.0001}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with Worker(sys.executable, "harness.observe.timing.clock:Clock", options, environment) as worker:
        assert worker.start()["imported"] > 0
        *replies, end = worker.call(_request(path, "scaled", "value"), ARRAYS)
    (reply,) = replies
    assert isinstance(reply, Reply)
    assert 2 == len(reply.header["calls"])
    assert End("completed") == end  # type: ignore[arg-type]
    assert all(seconds > 0 for seconds in reply.header["calls"])
