"""One case, sample, mode and dtype on one adapter: every quantity of it, prepared once and called twice."""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect.directions import batch, cotangent, tangent, twin
from harness.observe.handlers.answers import RefusedError, completed, describe, failed, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.adapters.base import Adapter
    from harness.observe.handlers.answers import Answer

__all__ = ["Trial", "is_floating"]

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


class Trial:
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
            yield from (failed(quantity, *describe(error, self._path)) for quantity in wanted)
            return
        suffix = f"@{path}" if path else ""
        asked = [f"{name}{suffix}" for name in names]
        for quantity, early, late in zip(asked, results.first, results.again, strict=True):
            if quantity not in wanted and f"{kind}{suffix}" not in wanted:
                continue
            if early is None or late is None:
                reason = f"the framework returned no {_WORDS[kind]} for {_argument(quantity)}"
                yield failed(quantity, "missing", reason, told=True)
            else:
                yield completed(quantity, results.facts, early, late)
        for quantity in wanted:
            if quantity not in asked and quantity != f"{kind}{suffix}":
                yield failed(
                    quantity, "missing", f"the case returned {', '.join(asked) or 'an empty tuple'}", told=True
                )

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
        if traced is not None and moved and same(traced, again):
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


def _complete(output: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any]:
    if output is None:
        raise TypeError("the case returned None, expected an array or a tuple of arrays")
    return output
