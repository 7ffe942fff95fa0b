"""What a worker does for a backend: run a case in one mode and dtype, and give back every quantity, bit for bit."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
import time
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.adapters.base import Adapter, NotOfferedError, load
from harness.collect.registry import load_case
from harness.collect.samples import batch, cotangent, tangent, twin
from harness.errors import CaseChangedError
from harness.observe.probes import probe
from harness.operations.namespace import UnsupportedOperationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.collect.case import Case

__all__ = ["Observer", "RefusedError", "describe", "is_floating", "narrowed"]

_KEPT = 8  # prepared computations; tasks come sorted, so that those of one case come one after the other
_SMALL_OUTPUT = 16  # elements; reference.evaluate proves Jacobians up to this size
_WORDS = {
    "value": "value",
    "vjp": "gradient",
    "jvp": "tangent",
    "hvp": "product",
    "curvature": "second derivative",
    "jacobian": "Jacobian",
    "vmap": "batch",
}
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
        self._probed: set[str] = set()

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
            arrays: The sample's arrays, in the dtype of the check; bfloat16 as float32.

        Yields:
            For each quantity a header with `quantity`, `outcome`, `reason`, `seconds` and, where two calls gave
            different bits, `unsteady`; with one array if it was completed. A case that returns a tuple has the
            quantities `value:0`, `value:1`, … in place of `value`. When a mode has completed its first quantities,
            one header more, with the backend's `properties` in that mode.
        """
        mode, completed = header["mode"], False
        for answer in self._answers(header, arrays):
            completed = completed or answer[0]["outcome"] == "completed"
            yield answer
        if completed and mode not in self._probed:
            self._probed.add(mode)
            yield {"properties": probe(self._adapter, mode)}, []

    def _answers(self, header: dict[str, Any], arrays: list[np.ndarray[Any, Any]]) -> Iterator[Answer]:
        quantities: list[str] = header["quantities"]
        refusal = self._refusal(header["mode"], header["dtype"])
        if refusal:
            yield from (_failed(quantity, "unsupported", refusal) for quantity in quantities)
            return
        try:
            arrays = [narrowed(array, header["dtype"]) for array in arrays]
            case = load_case(**header["case"])
            function = self._function(case, header)
        except CaseChangedError as error:
            yield from (_failed(quantity, "missing", str(error)) for quantity in quantities)
            return
        except Exception as error:  # whatever a case file raises is the case's outcome
            yield from (_failed(quantity, *describe(error, header["case"]["path"])) for quantity in quantities)
            return
        # The case itself stands for its source: another one is loaded when its file has changed.
        facts = (header[name] for name in ("implementation", "parameters", "names", "mode", "dtype"))
        prepare = functools.partial(self._prepare, (case, *map(repr, facts)))
        observation = _Observation(self._adapter, function, header, arrays, prepare)
        for (kind, path), asked in _grouped(quantities).items():
            derived = kind not in {"value", "vmap"}
            if derived and header["implementation"] == "native" and not self._adapter.differentiates_natives:
                reason = (
                    f"{self._adapter.name} has no derivatives of its own, only the portable implementation has them"
                )
                yield from (_failed(quantity, "unsupported", reason) for quantity in asked)
            else:
                yield from observation.observe(kind, path, asked)

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
                raise RefusedError(f"{case.name} has no native implementation for {name}")
            dtypes = self._adapter.native_dtypes
            if dtypes and header["dtype"] not in dtypes:
                raise RefusedError(f"{name} itself computes in {', '.join(dtypes)}, not in {header['dtype']}")
            native = case.natives[name]
            return lambda *arrays: native(*arrays, **parameters)
        if not case.portable:
            raise RefusedError(f"{case.name} is not written in xp; only its native implementations run")
        return lambda *arrays: case(self._namespace, *arrays, **parameters)


class RefusedError(Exception):
    """What was asked for does not exist here: `unsupported`."""


@dataclass(frozen=True)
class _Results:
    """What a computation gave, twice.

    Attributes:
        first: Of the first call with the sample.
        again: Of the second.
        several: Whether the function returned a tuple.
        facts: What belongs into every answer: `seconds`, `graph`, `stale`.
    """

    first: list[Any]
    again: list[Any]
    several: bool
    facts: dict[str, Any]


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
        self._single = True

    def observe(self, kind: str, path: str, wanted: Sequence[str]) -> Iterator[Answer]:
        """Observe every quantity of one kind, by one path: all of them come from one prepared computation."""
        try:
            names, results = self._results(kind, path, wanted)
        except Exception as error:  # whatever a framework raises is the check's outcome
            yield from (_failed(quantity, *describe(error, self._path)) for quantity in wanted)
            return
        suffix = f"@{path}" if path else ""
        asked = [f"{name}{suffix}" for name in names]
        for quantity, early, late in zip(asked, results.first, results.again, strict=True):
            if quantity not in wanted and f"{kind}{suffix}" not in wanted:
                continue
            if early is None or late is None:
                yield _failed(
                    quantity, "missing", f"the framework returned no {_WORDS[kind]} for {_argument(quantity)}"
                )
            else:
                yield _completed(quantity, results.facts, early, late)
        for quantity in wanted:
            if quantity not in asked and quantity != f"{kind}{suffix}":
                yield _failed(quantity, "missing", f"the case returned {', '.join(asked) or 'an empty tuple'}")

    def _results(self, kind: str, path: str, wanted: Sequence[str]) -> tuple[list[str], _Results]:
        adapter, mode = self._adapter, self._mode
        arguments = [quantity.partition("@")[0].partition(":")[2] for quantity in wanted]
        part = f"{kind}@{path}:{arguments}"
        if kind == "value":
            results = self._call(part, lambda: adapter.value(self._function, mode), lambda call, x: call(*x))
            self._outputs = [_complete(output) for output in results.again]
            return self._each(kind, results), results
        if kind == "vmap":
            stacked = [batch(array) for array in self._arrays]
            results = self._call(
                part, lambda: adapter.vmap(self._function, mode, path), lambda call, x: call(*x), stacked
            )
            return self._each(kind, results), results
        inputs = [number for number, array in enumerate(self._arrays) if is_floating(array)]
        if kind in {"vjp", "hvp", "jacobian"}:
            inputs = [self._names.index(name) for name in arguments]
        if kind not in _WORDS:
            raise RefusedError(f"{kind} is no quantity; there are {', '.join(_WORDS)}")
        if not any(self._floating()):
            raise RefusedError("there is nothing to differentiate: the case returns no floating-point array")
        prepare: Callable[..., Any] = getattr(adapter, kind)
        make = functools.partial(prepare, self._function, mode, inputs, path)
        if kind == "jacobian":
            if self._known()[0].size > _SMALL_OUTPUT:
                raise RefusedError(f"the Jacobian of {self._known()[0].size} elements is not looked at")
            results = self._call(part, make, lambda call, x: call(*x), parts=len(inputs))
        elif kind == "vjp":
            results = self._call(part, make, lambda call, x: call(x, self._cotangents()), parts=len(inputs))
            results = self._adjoint(results)
        elif kind == "hvp":
            results = self._call(
                part, make, lambda call, x: call(x, self._cotangents(), self._tangents(inputs)), parts=len(inputs)
            )
            results = self._adjoint(results)
        else:
            results = self._call(part, make, lambda call, x: call(x, self._tangents(inputs)))
        if kind == "jvp":
            floating = [number for number, is_one in enumerate(self._floating()) if is_one]
            return (["jvp"] if self._single else [f"jvp:{number}" for number in floating]), results
        if kind == "curvature":
            return ["curvature"], self._contracted(results)
        return [f"{kind}:{name}" for name in arguments], results

    def _each(self, kind: str, results: _Results) -> list[str]:
        self._single = not results.several
        return [f"{kind}:{number}" for number in range(len(results.again))] if results.several else [kind]

    def _contracted(self, results: _Results) -> _Results:
        """Contract second derivatives with the cotangents, in float64, and round once to the dtype."""

        def contract(seconds: Sequence[np.ndarray[Any, Any] | None]) -> np.ndarray[Any, Any]:
            pairs = zip(seconds, self._drawn(), strict=True)
            total = sum(
                float(np.sum(_complete(second).astype(np.float64) * one.astype(np.float64))) for second, one in pairs
            )
            return np.asarray(total, dtype=_complete(seconds[0]).dtype)

        return replace(results, first=[contract(results.first)], again=[contract(results.again)], several=False)

    def _known(self) -> list[np.ndarray[Any, Any]]:
        """Give the outputs; where the value was not asked for, it is computed once."""
        if self._outputs is None:
            try:
                result = self._adapter.value(self._function, self._adapter.modes[0])(*self._made(self._arrays))
            except Exception:  # a derivative is tried though the value raises: they are different code in a framework
                result = self._function(*self._made(self._arrays))
            self._single = not isinstance(result, tuple)
            self._outputs = [_complete(output) for output in self._bring(result)[0]]
        return self._outputs

    def _floating(self) -> list[bool]:
        return [is_floating(output) for output in self._known()]

    def _drawn(self) -> list[np.ndarray[Any, Any]]:
        """Draw one cotangent for each output that is a floating-point array."""
        pairs = enumerate(zip(self._known(), self._floating(), strict=True))
        return [
            cotangent(self._seed, index, output.shape, output.dtype.name).astype(output.dtype)
            for index, (output, is_one) in pairs
            if is_one
        ]

    def _cotangents(self) -> tuple[Any, ...]:
        return tuple(self._adapter.array(self._turned(array)) for array in self._drawn())

    def _turned(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Conjugate where the framework's VJP is the transpose: the adjoint of w is the conjugate of that of conj(w)."""
        return np.conj(array) if self._adapter.transposes and array.dtype.kind == "c" else array

    def _adjoint(self, results: _Results) -> _Results:
        """Bring gradients of complex arguments to one convention, that of the adjoint."""

        def turned(arrays: list[Any]) -> list[Any]:
            return [None if array is None else self._turned(array) for array in arrays]

        return replace(results, first=turned(results.first), again=turned(results.again))

    def _tangents(self, inputs: Sequence[int]) -> tuple[Any, ...]:
        chosen = [(self._names[place], self._arrays[place]) for place in inputs]
        return self._made(
            [tangent(self._seed, name, array.shape, array.dtype.name).astype(array.dtype) for name, array in chosen]
        )

    def _call(
        self,
        part: str,
        make: Callable[[], Callable[..., Any]],
        call: Callable[[Callable[..., Any], tuple[Any, ...]], Any],
        arrays: Sequence[np.ndarray[Any, Any]] | None = None,
        parts: int | None = None,
    ) -> _Results:
        """Prepare, if that was not done with another sample, and call twice.

        A compiled mode is prepared at a twin of the sample: other values in the same shapes. What a trace baked in
        then shows. Every call gets arrays of its own, and each result is brought home before the next call can reuse
        its memory.

        Args:
            part: Names the computation among all that are prepared of the case.
            make: Prepares it.
            call: Calls it with arrays.
            arrays: The inputs; by default the sample's.
            parts: How many arrays must come back, where that is known.
        """
        inputs = list(self._arrays if arrays is None else arrays)
        start = time.perf_counter()
        prepared, fresh = self._prepare(part, make)
        compiled = self._mode != "eager"
        seconds: dict[str, float] = {}
        traced: list[np.ndarray[Any, Any] | None] | None = None
        twins = [twin(array) for array in inputs]
        if fresh and compiled:
            result = call(prepared, self._made(twins))
            self._adapter.synchronize(result)
            seconds["first"] = time.perf_counter() - start
            traced, _ = self._bring(result)
        first, again, several = self._twice(
            lambda: call(prepared, self._made(inputs)), seconds, None if compiled else start
        )
        if parts is not None and len(again) != parts:
            raise TypeError(f"{self._adapter.name} gave {len(again)} arrays, expected {parts}")
        facts: dict[str, Any] = {"seconds": seconds}
        if compiled:
            facts["graph"] = self._adapter.graph(prepared)
        moved = any(one.tobytes() != other.tobytes() for one, other in zip(inputs, twins, strict=True))
        if traced is not None and moved and _same(traced, again):
            facts["stale"] = True
        return _Results(first, again, several, facts)

    def _twice(
        self, call: Callable[[], Any], seconds: dict[str, float], start: float | None
    ) -> tuple[list[Any], list[Any], bool]:
        """Call twice; the first of them counts from `start`, where that is given."""
        result = call()
        self._adapter.synchronize(result)
        if start is not None:
            seconds["first"] = time.perf_counter() - start
        first, _ = self._bring(result)
        restart = time.perf_counter()
        result = call()
        self._adapter.synchronize(result)
        seconds["again"] = time.perf_counter() - restart
        again, several = self._bring(result)
        if len(first) != len(again):
            raise TypeError(f"the case returned {len(first)} arrays in its first call and {len(again)} in its second")
        return first, again, several

    def _made(self, arrays: Sequence[np.ndarray[Any, Any]]) -> tuple[Any, ...]:
        """Make the framework's arrays anew, from copies: a case that changes its arguments changes only these."""
        return tuple(self._adapter.array(array.copy()) for array in arrays)

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


def _argument(quantity: str) -> str:
    """Give what a quantity is of: the argument's name or the output's number."""
    return quantity.partition("@")[0].partition(":")[2] or quantity


def is_floating(array: np.ndarray[Any, Any]) -> bool:
    """Whether an array holds floating-point or complex numbers."""
    # bfloat16 is of kind V.
    return array.dtype.kind in "fc" or "float" in array.dtype.name


def narrowed(array: np.ndarray[Any, Any], dtype: str) -> np.ndarray[Any, Any]:
    """Give bfloat16, which travels as float32, its own dtype."""
    if dtype != "bfloat16" or array.dtype.kind != "f":
        return array
    try:
        from ml_dtypes import bfloat16
    except ImportError as error:
        raise RefusedError(
            "NumPy has no bfloat16, and ml_dtypes, which gives it one, is not installed beside the framework; "
            "pip install ml_dtypes"
        ) from error
    bits = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32) >> np.uint32(16)
    return np.asarray(bits.astype(np.uint16).view(bfloat16)).reshape(array.shape)


def _complete(output: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any]:
    if output is None:
        raise TypeError("the case returned None, expected an array or a tuple of arrays")
    return output


def _same(some: Sequence[np.ndarray[Any, Any] | None], others: Sequence[np.ndarray[Any, Any] | None]) -> bool:
    """Whether arrays are the same, bit for bit, and there are any."""
    return len(some) == len(others) > 0 and all(
        one is not None
        and other is not None
        and one.dtype == other.dtype
        and one.shape == other.shape
        and one.tobytes() == other.tobytes()
        for one, other in zip(some, others, strict=True)
    )


def _grouped(quantities: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """Group quantities by kind and path; the value comes first, since others need to know what it is."""
    found: dict[tuple[str, str], list[str]] = {}
    for quantity in sorted(quantities, key=lambda one: not one.startswith("value")):
        name, _, path = quantity.partition("@")
        found.setdefault((name.partition(":")[0], path), []).append(quantity)
    return found


def _completed(
    quantity: str, facts: dict[str, Any], first: np.ndarray[Any, Any], again: np.ndarray[Any, Any]
) -> Answer:
    header: dict[str, Any] = {"quantity": quantity, "outcome": "completed", "reason": None, **facts}
    if not _same([first], [again]):
        header["unsteady"] = True
    return header, [again]


def _failed(quantity: str, outcome: str, reason: str) -> Answer:
    return {"quantity": quantity, "outcome": outcome, "reason": reason, "seconds": {}}, []


def describe(error: BaseException, path: str) -> tuple[str, str]:
    """Give the outcome and the reason of an exception; compilers wrap what a case raises, so look behind it."""
    behind: BaseException | None = error
    seen = set()
    while behind is not None and id(behind) not in seen:
        if isinstance(behind, (UnsupportedOperationError, NotOfferedError, RefusedError)):
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
