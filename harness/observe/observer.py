"""What a worker does for a backend: run a case in one mode and dtype, and give back every quantity, bit for bit."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import time
import traceback
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.adapters.base import Adapter, load
from harness.collect.registry import load_case
from harness.collect.samples import cotangent
from harness.errors import CaseChangedError
from harness.operations.namespace import UnsupportedOperationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.collect.case import Case

__all__ = ["Observer"]

_KEPT = 8  # prepared computations; tasks come sorted, so that those of one case come one after the other
_MESSAGE = 2_000  # characters of an exception's message that are kept
_EXHAUSTED = ("OutOfMemory", "ResourceExhausted", "RESOURCE_EXHAUSTED", "can't allocate memory", "not enough memory")
"""How frameworks say that memory ran out: torch.OutOfMemoryError and the CPU allocator of PyTorch,
tf.errors.ResourceExhaustedError, and the status code in jaxlib's XlaRuntimeError."""

Answer = tuple[dict[str, Any], list[Any]]


class Observer:
    """The handler of a backend's worker.

    Args:
        adapter: A built-in adapter's name, or `package.module:Class`.
        device: `cpu` or `gpu`.
    """

    def __init__(self, adapter: str, device: str = "cpu") -> None:
        self._adapter: Adapter = load(adapter)(device)
        self._device = device
        self._namespace = self._adapter.namespace()
        self._prepared: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def hello(self) -> dict[str, Any]:
        """Give the adapter's name, its modes and dtypes, versions and facts about the environment."""
        adapter = self._adapter
        return {
            "adapter": adapter.name,
            "device": self._device,
            "modes": list(adapter.modes),
            "dtypes": list(adapter.dtypes),
            "versions": _versions(adapter.distributions),
            "environment": {
                "system": platform.system(),
                "release": platform.release(),
                "machine": platform.machine(),
                "processors": str(os.cpu_count()),
            },
        }

    def handle(self, header: dict[str, Any], arrays: list[np.ndarray[Any, Any]]) -> Iterator[Answer]:
        """Observe one case, sample, mode and dtype.

        Args:
            header: `case` (`path`, `name`, `area`), `implementation`, `parameters`, `names` (of the arrays), `mode`,
                `dtype`, `quantities` (`value`, `vjp:x`, …) and `seed` (of the cotangents).
            arrays: The sample's arrays, in the dtype of the check.

        Yields:
            For each quantity a header with `quantity`, `outcome`, `reason`, `seconds` and, where two calls gave
            different bits, `unsteady`; with one array if it was completed. A case that returns a tuple has the
            quantities `value:0`, `value:1`, … in place of `value`.
        """
        quantities: list[str] = header["quantities"]
        refusal = self._refusal(header["mode"], header["dtype"])
        if refusal:
            yield from (_failed(quantity, "unsupported", refusal) for quantity in quantities)
            return
        try:
            case = load_case(**header["case"])
            function = self._function(case, header)
        except CaseChangedError as error:
            yield from (_failed(quantity, "missing", str(error)) for quantity in quantities)
            return
        except Exception as error:  # whatever a case file raises is the case's outcome
            yield from (_failed(quantity, *_describe(error, header["case"]["path"])) for quantity in quantities)
            return
        # The case itself stands for its source: another one is loaded when its file has changed.
        facts = (header[name] for name in ("implementation", "parameters", "names", "mode", "dtype"))
        prepare = functools.partial(self._prepare, (case, *map(repr, facts)))
        observation = _Observation(self._adapter, function, header, arrays, prepare)
        values = [quantity for quantity in quantities if quantity == "value" or quantity.startswith("value:")]
        if values:
            yield from observation.values(values)
        gradients = [quantity for quantity in quantities if quantity.startswith("vjp:")]
        if gradients and header["implementation"] == "native" and not self._adapter.differentiates_natives:
            reason = f"{self._adapter.name} has no derivatives of its own, only the portable implementation has them"
            yield from (_failed(quantity, "unsupported", reason) for quantity in gradients)
        elif gradients:
            yield from observation.gradients(gradients)
        for quantity in quantities:
            if quantity not in values and quantity not in gradients:
                yield _failed(quantity, "unsupported", f"the quantity {quantity!r} is not known: expected value, vjp:x")

    def _prepare(
        self, computation: tuple[Any, ...], part: str, make: Callable[[], Callable[..., Any]]
    ) -> tuple[Callable[..., Any], bool]:
        """Give a prepared computation, and whether it was prepared just now.

        As a user does, it is prepared once and then called with every sample of the case that comes: with other
        values, and with other shapes.
        """
        key = (*computation, part)
        if key in self._prepared:
            return self._prepared[key], False
        while len(self._prepared) >= _KEPT:
            del self._prepared[next(iter(self._prepared))]
        self._prepared[key] = make()
        return self._prepared[key], True

    def _refusal(self, mode: str, dtype: str) -> str:
        name, modes, dtypes = self._adapter.name, self._adapter.modes, self._adapter.dtypes
        if mode not in modes:
            return f"{name} does not offer the mode {mode!r}; it offers {', '.join(modes)}"
        if dtype not in dtypes:
            return f"{name} does not compute in {dtype}; it computes in {', '.join(dtypes)}"
        return ""

    def _function(self, case: Case, header: dict[str, Any]) -> Callable[..., Any]:
        name, parameters = self._adapter.name, header["parameters"]
        if header["implementation"] == "native":
            if name not in case.natives:
                raise _RefusedError(f"{case.name} has no native implementation for {name}")
            native = case.natives[name]
            return lambda *arrays: native(*arrays, **parameters)
        if not case.portable:
            raise _RefusedError(f"{case.name} is not written in xp; only its native implementations run")
        return lambda *arrays: case(self._namespace, *arrays, **parameters)


class _RefusedError(Exception):
    """What was asked for does not exist here: `unsupported`."""


class _Observation:
    """One case, sample, mode and dtype on one adapter."""

    def __init__(
        self,
        adapter: Adapter,
        function: Callable[..., Any],
        header: dict[str, Any],
        arrays: Sequence[np.ndarray[Any, Any]],
        prepare: Callable[[str, Callable[[], Callable[..., Any]]], tuple[Callable[..., Any], bool]],
    ) -> None:
        self._prepare = prepare
        self._adapter = adapter
        self._function = function
        self._mode: str = header["mode"]
        self._path: str = header["case"]["path"]
        self._names: list[str] = header["names"]
        self._seed: int = header["seed"]
        self._arrays = arrays
        self._outputs: list[np.ndarray[Any, Any]] | None = None

    def values(self, wanted: Sequence[str]) -> Iterator[Answer]:
        """Observe the value."""
        try:
            first, again, seconds, several = self._twice(
                "value",
                lambda: self._adapter.value(self._function, self._mode),
                lambda prepared: prepared(*self._inputs()),
            )
            first, again = [_complete(output) for output in first], [_complete(output) for output in again]
        except Exception as error:  # whatever a framework raises is the check's outcome
            yield from (_failed(quantity, *_describe(error, self._path)) for quantity in wanted)
            return
        self._outputs = again
        names = [f"value:{index}" for index in range(len(again))] if several else ["value"]
        asked = names if "value" in wanted else [name for name in names if name in wanted]
        for name, early, late in zip(names, first, again, strict=True):
            if name in asked:
                yield _completed(name, seconds, early, late)
        for quantity in wanted:
            if quantity not in names and quantity != "value":
                yield _failed(quantity, "missing", f"the case returned {', '.join(names) or 'an empty tuple'}")

    def gradients(self, wanted: Sequence[str]) -> Iterator[Answer]:
        """Observe vector-Jacobian products, all from one prepared call."""
        names = [quantity.partition(":")[2] for quantity in wanted]
        try:
            inputs = [self._names.index(name) for name in names]
            cotangents = self._cotangents()
            if not cotangents:
                raise _RefusedError("there is nothing to differentiate: the case returns no floating-point array")
            first, again, seconds, _ = self._twice(
                f"vjp:{inputs}",
                lambda: self._adapter.vjp(self._function, self._mode, inputs),
                lambda prepared: tuple(
                    prepared(self._inputs(), tuple(self._adapter.array(array) for array in cotangents))
                ),
            )
            if len(again) != len(wanted):
                raise TypeError(f"{self._adapter.name} gave {len(again)} gradients, expected {len(wanted)}")
        except Exception as error:  # whatever a framework raises is the check's outcome
            yield from (_failed(quantity, *_describe(error, self._path)) for quantity in wanted)
            return
        for quantity, name, early, late in zip(wanted, names, first, again, strict=True):
            if early is None or late is None:
                yield _failed(quantity, "missing", f"the framework returned no gradient for {name}")
            else:
                yield _completed(quantity, seconds, early, late)

    def _inputs(self) -> tuple[Any, ...]:
        """Make the framework's arrays anew, from copies: a case that changes its arguments changes only these."""
        return tuple(self._adapter.array(array.copy()) for array in self._arrays)

    def _cotangents(self) -> list[np.ndarray[Any, Any]]:
        """Draw one for each output that is a floating-point array."""
        if self._outputs is None:
            outputs, _ = self._bring(self._function(*self._inputs()))
            self._outputs = [_complete(output) for output in outputs]
        return [
            cotangent(self._seed, index, output.shape).astype(output.dtype)
            for index, output in enumerate(self._outputs)
            if output.dtype.kind in "fc" or "float" in output.dtype.name  # bfloat16 is of kind V
        ]

    def _twice(
        self, part: str, make: Callable[[], Callable[..., Any]], call: Callable[[Callable[..., Any]], Any]
    ) -> tuple[list[Any], list[Any], dict[str, float], bool]:
        """Call once with tracing and compilation, if that was not done with another sample, and once more without.

        Both calls get arrays of their own, and the first result is brought home before the second call can reuse
        its memory.
        """
        start = time.perf_counter()
        prepared, fresh = self._prepare(part, make)
        result = call(prepared)
        self._adapter.synchronize(result)
        between = time.perf_counter()
        first, _ = self._bring(result)
        restart = time.perf_counter()
        result = call(prepared)
        self._adapter.synchronize(result)
        end = time.perf_counter()
        again, several = self._bring(result)
        if len(first) != len(again):
            raise TypeError(f"the case returned {len(first)} arrays in its first call and {len(again)} in its second")
        seconds = {"first": between - start} if fresh else {}
        return first, again, {**seconds, "again": end - restart}, several

    def _bring(self, result: Any) -> tuple[list[np.ndarray[Any, Any] | None], bool]:
        """Bring an array or a tuple of arrays home; a gradient may be None."""
        several = isinstance(result, tuple)
        outputs = [None if output is None else self._numpy(output) for output in (result if several else (result,))]
        return outputs, several

    def _numpy(self, output: Any) -> np.ndarray[Any, Any]:
        # NumPy's own scalars are what it gives for an array without dimensions; float64 is also a Python float.
        python = isinstance(output, (bool, int, float, complex, str, bytes, list, dict, set))
        if python and not isinstance(output, np.generic):
            raise TypeError(f"the case returned {type(output).__name__}, expected an array or a tuple of arrays")
        array = self._adapter.numpy(output)
        if not isinstance(array, np.ndarray) or array.dtype.kind in "OSUMm":
            raise TypeError(f"the case returned {type(output).__name__}, expected an array of numbers")
        return np.array(array)  # a copy: the framework may reuse its memory


def _complete(output: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any]:
    if output is None:
        raise TypeError("the case returned None, expected an array or a tuple of arrays")
    return output


def _completed(
    quantity: str, seconds: dict[str, float], first: np.ndarray[Any, Any], again: np.ndarray[Any, Any]
) -> Answer:
    header: dict[str, Any] = {"quantity": quantity, "outcome": "completed", "reason": None, "seconds": seconds}
    same = first.dtype == again.dtype and first.shape == again.shape and first.tobytes() == again.tobytes()
    if not same:
        header["unsteady"] = True
    return header, [again]


def _failed(quantity: str, outcome: str, reason: str) -> Answer:
    return {"quantity": quantity, "outcome": outcome, "reason": reason, "seconds": {}}, []


def _describe(error: BaseException, path: str) -> tuple[str, str]:
    """Give the outcome and the reason of an exception; compilers wrap what a case raises, so look behind it."""
    behind: BaseException | None = error
    seen = set()
    while behind is not None and id(behind) not in seen:
        if isinstance(behind, (UnsupportedOperationError, _RefusedError)):
            return "unsupported", str(behind)
        seen.add(id(behind))
        behind = behind.__cause__ or behind.__context__
    text = f"{type(error).__name__}: {error}"
    exhausted = isinstance(error, MemoryError) or any(word in text for word in _EXHAUSTED)
    places = [
        f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if os.path.realpath(frame.filename) == os.path.realpath(path)
    ]
    return ("out_of_memory" if exhausted else "raised"), "\n".join([text[:_MESSAGE], *places])


def _versions(distributions: Sequence[str]) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for alternatives in (*distributions, "numpy"):
        for name in alternatives.split("|"):
            try:
                found[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                continue
            break
    return found
