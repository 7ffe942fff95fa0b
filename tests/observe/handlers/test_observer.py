"""Tests of what a worker observes of a case."""

from __future__ import annotations

import functools
import itertools
import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from harness.adapters.numpy import NumpyAdapter
from harness.collect.directions import cotangent
from harness.model import Array, Outcome
from harness.observe.handlers import observer as module
from harness.observe.handlers.observer import Observer
from harness.observe.workers.supervisor import End, Reply, Worker
from harness.operations.namespace import UnsupportedOperationError
from harness.operations.words import Gap
from tests import fakes

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

ROOT = Path(__file__).resolve().parents[2]

CASES = (
    '''
from harness import case, given, normal

@case(x=given([2.0, 3.0]))
def affine_sum(xp, x):
    """Sum of 2x + 1."""
    return xp.sum(2 * x + 1)

@case(x=given([2.0, 3.0]), y=given([1.0]), scale=2.0)
def several(xp, x, y, *, scale):
    """Two arrays of numbers, and an integer between them."""
    return x * y, xp.argmax(x), scale * xp.sum(x * x)

@case(x=given([1.0]))
def fails(xp, x):
    """Raises in its second line."""
    y = x + 1
    raise ValueError(f"no {y.shape}" + "!" * 5000)

@case(x=given([1.0]))
def writes(xp, x):
    """Changes its argument."""
    x += 1
    return x * x

@case(x=given([1.0]))
def listed(xp, x):
    """Returns no array."""
    return [x]

@case(x=given([1.0]))
def number(xp, x):
    """Returns a Python number."""
    return 1.0

@case(x=given([1.0]))
def nothing(xp, x):
    """Returns nothing."""

@case(x=given([1.0]), portable=False)
def only_native(x_, x):
    """Only native."""
'''.replace("only_native(x_,", "only_native(xp,")
    + """

@affine_sum.native("honest")
def _(x):
    return (2 * x + 1).sum() + 0.5
"""
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file of cases."""
    file = tmp_path / "file.py"
    file.write_text(CASES)
    return file


def _request(path: Path, name: str, *quantities: str, **more: Any) -> dict[str, Any]:
    names = ["x", "y"] if name == "several" else ["x"]
    return {
        "case": {"path": str(path), "name": name, "area": "area"},
        "implementation": "portable",
        "parameters": {"scale": 2.0} if name == "several" else {},
        "names": names,
        "mode": "eager",
        "dtype": "float32",
        "quantities": list(quantities),
        "seed": 7,
        **more,
    }


X = np.array([2.0, 3.0], np.float32)
Y = np.array([1.0], np.float32)


def _observe(
    path: Path, name: str, *quantities: str, adapter: str = "tests.fakes:Honest", **more: Any
) -> dict[str, tuple[dict[str, Any], list[Any]]]:
    request = _request(path, name, *quantities, **more)
    arrays = [X, Y][: len(request["names"])]
    answers = Observer(adapter).handle(request, arrays)
    return {header["quantity"]: (header, made) for header, made in answers if "quantity" in header}


def test_value_and_gradient_are_observed(path: Path) -> None:
    """One array each, in the dtype of the check, with the seconds of a first and of a second call."""
    found = _observe(path, "affine_sum", "value", "vjp:x")
    (value_header, (value,)), (gradient_header, (gradient,)) = found["value"], found["vjp:x"]
    assert ("completed", None) == (value_header["outcome"], value_header["reason"])
    assert (12.0, "float32", ()) == (float(value), value.dtype.name, value.shape)
    weight = cotangent(7, 0, ()).astype(np.float32)
    assert [2 * weight] * 2 == gradient.tolist()
    assert ("completed", "float32") == (gradient_header["outcome"], gradient.dtype.name)
    for header in (value_header, gradient_header):
        assert {"first", "again"} == set(header["seconds"])
        assert all(seconds > 0 for seconds in header["seconds"].values())
        assert not header["unsteady"]


def test_gradients_are_the_same_whether_or_not_the_value_is_asked_for(path: Path) -> None:
    """The cotangents are drawn for the outputs' shapes, which the case is run for once more."""
    alone, beside = _observe(path, "several", "vjp:x"), _observe(path, "several", "value", "vjp:x")
    assert alone["vjp:x"][1][0].tobytes() == beside["vjp:x"][1][0].tobytes()


def test_a_tuple_has_numbered_values_and_a_cotangent_for_each_floating_one(path: Path) -> None:
    """Integers take no part in the derivative; their index counts."""
    found = _observe(path, "several", "value", "vjp:x", "vjp:y")
    assert ["value:0", "value:1", "value:2", "vjp:x", "vjp:y"] == list(found)
    assert ([2.0, 3.0], 1, 26.0) == tuple(found[f"value:{index}"][1][0].tolist() for index in range(3))
    first, third = cotangent(7, 0, (2,)), cotangent(7, 2, ())
    assert (first + 4.0 * X * third).tolist() == found["vjp:x"][1][0].tolist()
    assert [float(np.sum(first * X))] == found["vjp:y"][1][0].tolist()


def test_only_what_is_asked_for_is_answered(path: Path) -> None:
    """One of several values; one that the case does not return is missing."""
    found = _observe(path, "several", "value:2", "value:7")
    assert ["value:2", "value:7"] == list(found)
    assert "missing" == found["value:7"][0]["outcome"]
    assert "value:0, value:1, value:2" in found["value:7"][0]["reason"]
    assert "unsupported" == _observe(path, "affine_sum", "laplacian")["laplacian"][0]["outcome"]


def test_a_native_implementation_is_run_in_place_of_the_portable_one(path: Path) -> None:
    """Where there is none, the check is unsupported; so is a portable one that is not written in xp."""
    assert 12.5 == float(_observe(path, "affine_sum", "value", implementation="native")["value"][1][0])
    (header, _) = _observe(path, "several", "value", implementation="native")["value"]
    assert ("unsupported", "several has no native implementation for honest") == (header["outcome"], header["reason"])
    assert "unsupported" == _observe(path, "only_native", "value")["value"][0]["outcome"]


@pytest.mark.parametrize(("more", "word"), [({"mode": "xla"}, "eager, jit"), ({"dtype": "bfloat16"}, "float64")])
def test_a_mode_or_dtype_that_is_not_offered_is_unsupported(path: Path, more: dict[str, str], word: str) -> None:
    """Every quantity says what there is instead."""
    found = _observe(path, "affine_sum", "value", "vjp:x", **more)
    assert ["unsupported"] * 2 == [header["outcome"] for header, _ in found.values()]
    assert all(word in header["reason"] for header, _ in found.values())


def test_an_exception_is_the_outcome_with_the_line_of_the_case_file(path: Path) -> None:
    """Type and message, cut, and where; the gradient is tried all the same and says the same."""
    line = CASES.splitlines().index('    raise ValueError(f"no {y.shape}" + "!" * 5000)') + 1
    for header, arrays in _observe(path, "fails", "value", "vjp:x").values():
        assert ("raised", []) == (header["outcome"], arrays)
        message, place = header["reason"].split("\n")
        assert message.startswith("ValueError: no (2,)!!")
        assert 2000 == len(message)
        assert place.startswith(f"{path}:{line} in fails: raise ValueError")


@pytest.mark.parametrize(("name", "got"), [("listed", "list"), ("number", "float"), ("nothing", "NoneType|None")])
def test_what_is_no_array_is_raised(path: Path, name: str, got: str) -> None:
    """A list, a Python number and nothing are not arrays."""
    header, _ = _observe(path, name, "value")["value"]
    assert "raised" == header["outcome"]
    assert any(f"TypeError: the case returned {word}, expected" in header["reason"] for word in got.split("|"))


def test_a_case_that_changes_its_arguments_changes_only_its_own(path: Path) -> None:
    """The second call starts from the same bits, and so does the gradient."""
    header, (value,) = _observe(path, "writes", "value")["value"]
    assert [9.0, 16.0] == value.tolist()
    assert not header["unsteady"]
    assert [2.0, 3.0] == X.tolist()


def test_a_case_or_file_that_is_not_there_is_said_to_be(path: Path, tmp_path: Path) -> None:
    """A file that has gone has changed since it was planned; a file without the case is an error."""
    requests = (_request(path, "gone", "value"), _request(tmp_path / "gone.py", "affine_sum", "value"))
    for request, outcome in zip(requests, ("raised", "missing"), strict=True):
        ((header, _),) = Observer("tests.fakes:Honest").handle(request, [X])
        assert outcome == header["outcome"]


def test_a_file_that_changes_is_read_again(path: Path) -> None:
    """A worker never answers for a source that is no longer there."""
    served = Observer("tests.fakes:Honest")
    request = _request(path, "affine_sum", "value")
    ((_, (before,)), *_) = served.handle(request, [X])
    path.write_text(CASES.replace("2 * x + 1)", "2 * x + 11)"))
    ((_, (after,)), *_) = served.handle(request, [X])
    assert (12.0, 32.0) == (float(before), float(after))


class Counting(fakes.Honest):
    """Counts what it prepares."""

    made: ClassVar[list[str]] = []

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        self.made.append(mode)
        return function


def test_a_computation_is_prepared_once_for_all_samples(path: Path) -> None:
    """Another mode, dtype or parameter is another computation; a call that prepared has a first time."""
    served = Observer("Counting")
    Counting.made.clear()
    requests = [
        *(_request(path, "affine_sum", "value"), _request(path, "affine_sum", "value")),
        *(_request(path, "several", "value:0", parameters={"scale": scale}) for scale in ((1,), [1], 1, 1.0, 1)),
        _request(path, "affine_sum", "value", mode="jit"),
        _request(path, "affine_sum", "value", dtype="float64"),
    ]
    fresh = []
    for request in requests:
        before = len(Counting.made)
        ((header, _), *_) = served.handle(request, [X, Y][: len(request["names"])])
        fresh.append(len(Counting.made) > before)
        assert not fresh[-1] or header["outcome"] == "raised" or "first" in header["seconds"]
    assert [True, False, True, True, True, True, False, True, True] == fresh


class Unsteady(fakes.Honest):
    """Gives other bits each time it is called."""

    def __init__(self, device: str = "cpu") -> None:
        super().__init__(device)
        self.count = itertools.count(1)

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        return lambda *arrays: function(*arrays) * np.float32(next(self.count))


class Zero(fakes.Honest):
    """Gives zeros of either sign in turn; between two calls of the sample comes one elsewhere."""

    signs = itertools.cycle([0.0, 0.0, -0.0])

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        return lambda *arrays: np.float32(next(self.signs))


class Detached(fakes.Honest):
    """Gives no gradient."""

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Any, path: str = "") -> Callable[..., Any]:
        return lambda arrays, cotangents: (None,) * len(inputs)


class TooFew(fakes.Honest):
    """Gives fewer gradients than were asked for."""

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Any, path: str = "") -> Callable[..., Any]:
        return lambda arrays, cotangents: ()


class TooManyTangents(fakes.Honest):
    """Gives more tangents than there are outputs."""

    def jvp(self, function: Callable[..., Any], mode: str, inputs: Any, path: str = "") -> Callable[..., Any]:
        return lambda arrays, tangents: (np.float32(1.0), np.float32(2.0))


class NoValue(fakes.Honest):
    """Fails in the value only."""

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        raise RuntimeError("the compiler gave up")


class WrapsGap(fakes.Honest):
    """Wraps what a case raises, as compilers do."""

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        try:
            raise UnsupportedOperationError("honest", "nn.relu", Gap("it has none", "https://example.org"))
        except UnsupportedOperationError as error:
            raise RuntimeError("in user code") from error


class Exhausted(fakes.Honest):
    """Runs out of memory in the way of `message`."""

    error: Exception = MemoryError()

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        raise self.error


@pytest.fixture(autouse=True)
def _load_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find an adapter in this file by its bare name."""
    from harness.adapters.base import load

    monkeypatch.setattr(module, "load", lambda name: globals()[name] if name in globals() else load(name))


def test_another_number_of_tangents_is_said(path: Path) -> None:
    """It is the check's outcome, and no end of the worker."""
    header, arrays = _observe(path, "affine_sum", "jvp", adapter="TooManyTangents")["jvp"]
    assert ("raised", []) == (header["outcome"], arrays)
    assert "TypeError: honest gave 2 arrays, expected 1" == header["reason"]


@pytest.mark.parametrize("adapter", ["Unsteady", "Zero"])
def test_two_calls_that_differ_in_a_bit_are_unsteady(path: Path, adapter: str) -> None:
    """The second call's array is the answer, and the first call's comes behind it; negative zero is not zero here."""
    header, (value, first) = _observe(path, "affine_sum", "value", adapter=adapter)["value"]
    assert header["unsteady"] is True
    assert ((36.0, 12.0) if adapter == "Unsteady" else (-0.0, 0.0)) == (float(value), float(first))
    assert adapter == "Unsteady" or math.copysign(1.0, float(value)) < 0


def test_a_gradient_that_the_framework_does_not_give_is_missing(path: Path) -> None:
    """The reason names the argument."""
    header, arrays = _observe(path, "affine_sum", "vjp:x", adapter="Detached")["vjp:x"]
    assert ("missing", []) == (header["outcome"], arrays)
    assert "the framework returned no gradient for x" == header["reason"]


def test_an_adapter_that_gives_too_few_gradients_is_raised(path: Path) -> None:
    """It does not pass for an answer to another."""
    header, _ = _observe(path, "affine_sum", "vjp:x", adapter="TooFew")["vjp:x"]
    assert ("raised", "TypeError: honest gave 0 arrays, expected 1") == (header["outcome"], header["reason"])


def test_a_gradient_is_tried_where_the_value_raises(path: Path) -> None:
    """They are different code inside a framework."""
    found = _observe(path, "affine_sum", "value", "vjp:x", adapter="NoValue")
    assert ["raised", "completed"] == [header["outcome"] for header, _ in found.values()]


def test_a_declared_gap_is_unsupported_even_where_a_compiler_wraps_it(path: Path) -> None:
    """With the gap's own reason."""
    header, _ = _observe(path, "affine_sum", "value", adapter="WrapsGap")["value"]
    assert "unsupported" == header["outcome"]
    assert "honest does not offer nn.relu: it has none (https://example.org)" == header["reason"]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"),
        type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory"),
        type("XlaRuntimeError", (RuntimeError,), {})("RESOURCE_EXHAUSTED: Out of memory while trying to allocate"),
        type("ResourceExhaustedError", (Exception,), {})("OOM when allocating tensor"),
    ],
)
def test_each_framework_s_way_to_say_that_memory_ran_out_is_known(
    path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """It is an outcome of its own, not final like `raised`."""
    monkeypatch.setattr(Exhausted, "error", error)
    header, _ = _observe(path, "affine_sum", "value", adapter="Exhausted")["value"]
    assert "out_of_memory" == header["outcome"]


def test_properties_follow_the_first_answers_of_a_mode(path: Path) -> None:
    """Once a mode has completed something it is looked into, and never again by this worker."""
    served = Observer("tests.fakes:Honest")
    asked = [(name, mode) for mode in ("eager", "jit") for name in ("fails", "affine_sum", "affine_sum")]
    found = []
    for name, mode in asked:
        *_, (last, arrays) = served.handle(_request(path, name, "value", mode=mode), [X])
        found.append("properties" in last and not arrays and f"{mode}: a·b + c" in last["properties"])
    assert 2 * [False, True, False] == found


def test_bfloat16_travels_as_float32_and_arrives_as_itself(path: Path) -> None:
    """The case computes in bfloat16, and its answer has that dtype."""
    pytest.importorskip("ml_dtypes")
    found = _observe(
        path, "affine_sum", "value", "vjp:x", adapter="harness.adapters.numpy:NumpyAdapter", dtype="bfloat16"
    )
    assert ["bfloat16", "bfloat16"] == [array.dtype.name for _, (array,) in found.values()]
    assert 12.0 == float(found["value"][1][0])


class Transposing(NumpyAdapter):
    """Gives the transpose where others give the adjoint, as JAX does."""

    transposes: ClassVar[bool] = True

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Any, path: str = "") -> Callable[..., Any]:
        adjoint = super().vjp(function, mode, inputs, path)
        return lambda arrays, cotangents: tuple(
            np.conj(one) for one in adjoint(arrays, tuple(np.conj(weight) for weight in cotangents))
        )


def test_a_transpose_is_converted_to_the_adjoint(path: Path) -> None:
    """Both conventions are observed as the same numbers, bit for bit."""
    path.write_text(
        CASES
        + """

@case(x=given([1 + 2j]))
def turned(xp, x):
    return x * x * 1j
"""
    )
    x = np.array([1 + 2j, -0.5j], np.complex64)
    found = []
    for adapter in ("harness.adapters.numpy:NumpyAdapter", "Transposing"):
        request = _request(path, "turned", "vjp:x", dtype="complex64")
        found += [made for header, made in Observer(adapter).handle(request, [x]) if "quantity" in header]
    ((adjoint,), (converted,)) = found
    assert "complex64" == adjoint.dtype.name
    assert adjoint.tobytes() == converted.tobytes()
    weight = cotangent(7, 0, (2,), "complex64")
    expected = np.conj(2j * x) * weight
    assert (np.abs(adjoint - expected) <= 2.0**-20 * np.abs(expected)).all()


def test_bfloat16_without_ml_dtypes_is_unsupported(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason says what to install."""
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    header, _ = _observe(path, "affine_sum", "value", adapter="harness.adapters.numpy:NumpyAdapter", dtype="bfloat16")[
        "value"
    ]
    assert "unsupported" == header["outcome"]
    assert "pip install ml_dtypes" in header["reason"]


def test_the_hello_says_who_answers() -> None:
    """Name, modes, dtypes, versions, machine."""
    hello = Observer("tests.fakes:Honest").hello()
    assert ("honest", "cpu", ["eager", "jit"]) == (hello["adapter"], hello["device"], hello["modes"])
    assert np.__version__ == hello["versions"]["numpy"]
    assert {"python", "numpy"} == set(hello["versions"])
    assert str(os.cpu_count()) == hello["environment"]["processors"]


def _worker(adapter: str, timeout: float = 20.0, memory_mib: int | None = None) -> Worker:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    options = {"adapter": f"tests.fakes:{adapter}"}
    return Worker(
        sys.executable, "harness.observe.handlers.observer:Observer", options, environment, timeout, memory_mib
    )


FATES = {
    "Segfault": Outcome.CRASHED,
    "Abort": Outcome.CRASHED,
    "Exit": Outcome.CRASHED,
    "Kill": Outcome.CRASHED,
    "Grandchild": Outcome.CRASHED,
    "BadFrame": Outcome.CRASHED,
    "HugeFrame": Outcome.CRASHED,
    "Hang": Outcome.TIMED_OUT,
    "StubbornHang": Outcome.TIMED_OUT,
    "Memory": Outcome.OUT_OF_MEMORY,
    "DiesAtStart": Outcome.MISSING,
}


@pytest.mark.parametrize("adapter", FATES)
def test_an_adapter_with_each_fault_ends_with_its_own_outcome(path: Path, adapter: str) -> None:
    """In a worker of its own, through the whole room; no answer is made up."""
    limit = 1.0 if "Hang" in adapter else 20.0
    with _worker(adapter, limit, memory_mib=400) as worker:
        replies = list(worker.call(_request(path, "affine_sum", "value"), [X]))
    (end,) = replies
    assert isinstance(end, End)
    assert FATES[adapter] is end.outcome


def test_a_noisy_adapter_is_answered_bit_for_bit(path: Path) -> None:
    """What it prints reaches no frame."""
    with _worker("Noise") as worker:
        value, gradient, _, end = worker.call(_request(path, "affine_sum", "value", "vjp:x"), [X])
    assert isinstance(value, Reply)
    assert isinstance(gradient, Reply)
    assert (Array.of(np.array(12.0, np.float32)),) == value.arrays
    assert (2,) == gradient.arrays[0].shape
    assert End(Outcome.COMPLETED) == end


def test_a_worker_that_crashes_in_the_gradient_keeps_the_value(path: Path, tmp_path: Path) -> None:
    """The value was sent before."""
    (tmp_path / "half.py").write_text(
        "from tests.fakes import FAULTS, Honest\n\n"
        "class Half(Honest):\n"
        "    def vjp(self, function, mode, inputs, path=''):\n"
        "        FAULTS['segfault']()\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])}
    recipe = functools.partial(Worker, sys.executable, "harness.observe.handlers.observer:Observer")
    with recipe({"adapter": "half:Half"}, environment) as worker:
        value, end = worker.call(_request(path, "affine_sum", "value", "vjp:x"), [X])
    assert isinstance(value, Reply)
    assert "completed" == value.header["outcome"]
    assert isinstance(end, End)
    assert Outcome.CRASHED is end.outcome
