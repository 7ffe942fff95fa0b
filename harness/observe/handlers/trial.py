"""One case, sample, mode and dtype on one adapter: every quantity of it, prepared once and called twice."""

from __future__ import annotations

import contextlib
import functools
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect.directions import batch, cotangent, tangent, twin
from harness.observe.handlers.answers import RefusedError, completed, describe, failed, same
from harness.quantity import KINDS, Quantity, kind_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.adapters.base import Adapter
    from harness.messages import Observe
    from harness.observe.handlers.answers import Reply
    from harness.quantity import Kind

__all__ = ["Trial", "is_floating"]


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
        request: Observe,
        arrays: Sequence[np.ndarray[Any, Any]],
        prepare: Callable[[str, Callable[[], Callable[..., Any]]], tuple[Callable[..., Any], bool]],
    ) -> None:
        self._prepare = prepare
        self._adapter = adapter
        self._function = function
        self._mode = request.mode
        self._file = request.case.path
        self._names = list(request.names)
        self._seed = request.seed
        self._arrays = arrays
        self._outputs: list[np.ndarray[Any, Any]] | None = None
        self._single = True

    def observe(self, kind: str, path: str, wanted: Sequence[Quantity]) -> Iterator[Reply]:
        """Observe every quantity of one kind, by one path: all of them come from one prepared computation."""
        try:
            if kind not in KINDS:
                raise RefusedError(f"{kind} is no quantity; there are {kind_names()}")
            names, results = self._results(KINDS[kind], path, [quantity.of for quantity in wanted])
            if len(names) != len(results.again):
                raise TypeError(f"{self._adapter.name} gave {len(results.again)} arrays, expected {len(names)}")
        except Exception as error:  # whatever a framework raises is the check's outcome
            yield from (failed(quantity, *describe(error, self._file)) for quantity in wanted)
            return
        given = [Quantity(kind, name, path) for name in names]
        everything = Quantity(kind, path=path)
        for quantity, early, late in zip(given, results.first, results.again, strict=True):
            if quantity not in wanted and everything not in wanted:
                continue
            if early is None or late is None:
                reason = f"the framework returned no {KINDS[kind].word} for {quantity.of or quantity}"
                yield failed(quantity, "missing", reason, told=True)
            else:
                yield completed(quantity, results.facts, early, late)
        returned = ", ".join(map(str, given)) or "an empty tuple"
        for quantity in wanted:
            if quantity not in given and quantity != everything:
                yield failed(quantity, "missing", f"the case returned {returned}", told=True)

    def _results(self, kind: Kind, path: str, wanted: Sequence[str]) -> tuple[list[str], _Results]:
        """Compute what there is of a kind, and say of which argument or output each array is."""
        part = f"{kind.name}@{path}:{wanted}"
        if not kind.is_derivative:
            arrays = [batch(array) for array in self._arrays] if kind.batched else None
            results = self._call(part, self._preparing(kind, path=path), _plainly, arrays)
            if not kind.batched:
                self._outputs = [_complete(output) for output in results.again]
            self._single = not results.several
            return self._of_outputs([True] * len(results.again)), results
        floating = [number for number, array in enumerate(self._arrays) if is_floating(array)]
        inputs = [self._names.index(name) for name in wanted] if kind.per == "input" else floating
        if not any(self._floating()):
            raise RefusedError("there is nothing to differentiate: the case returns no floating-point array")
        if kind.largest is not None and self._known()[0].size > kind.largest:
            raise RefusedError(f"the {kind.word} of {self._known()[0].size} elements is not checked")
        directions: dict[str, Callable[[], Any]] = {
            "cotangents": self._cotangents,
            "tangents": functools.partial(self._tangents, inputs),
        }

        def call(prepared: Callable[..., Any], x: tuple[Any, ...]) -> Any:
            return prepared(x, *(directions[name]() for name in kind.takes))

        results = self._call(
            part,
            self._preparing(kind, inputs=inputs, path=path),
            call if kind.takes else _plainly,
            parts=len(inputs) if kind.per == "input" else None,
        )
        if "cotangents" in kind.takes:
            results = self._adjoint(results)
        if kind.contracted:
            results = self._contracted(results)
        if kind.per == "output":
            return self._of_outputs(self._floating()), results
        return [*wanted] if kind.per == "input" else [""], results

    def _preparing(self, kind: Kind, **given: Any) -> Callable[[], Callable[..., Any]]:
        """Return what prepares a kind of quantity: the adapter's method of that name, with what it takes."""
        prepare: Callable[..., Any] = getattr(self._adapter, kind.name)
        return functools.partial(prepare, self._function, self._mode, *(given[name] for name in kind.prepared_with))

    def _of_outputs(self, chosen: Sequence[bool]) -> list[str]:
        """Number the chosen outputs; one that is returned alone has no number."""
        return [""] if self._single else [str(number) for number, is_one in enumerate(chosen) if is_one]

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
        """Return the outputs; where the value was not asked for, it is computed once."""
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
        """Prepare, if that was not done with another sample, and call twice, and once in between with other values.

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
        moved = any(one.tobytes() != other.tobytes() for one, other in zip(inputs, twins, strict=True))
        first, again, several = self._twice(
            lambda: call(prepared, self._made(inputs)),
            (lambda: call(prepared, self._made(twins))) if moved else None,
            seconds,
            None if compiled else start,
        )
        if parts is not None and len(again) != parts:
            raise TypeError(f"{self._adapter.name} gave {len(again)} arrays, expected {parts}")
        facts: dict[str, Any] = {"seconds": seconds}
        if compiled:
            facts["graph"] = self._adapter.graph(prepared)
        if traced is not None and moved and same(traced, again):
            facts["stale"] = True
        return _Results(first, again, several, facts)

    def _twice(
        self,
        call: Callable[[], Any],
        elsewhere: Callable[[], Any] | None,
        seconds: dict[str, float],
        start: float | None,
    ) -> tuple[list[Any], list[Any], bool]:
        """Call twice; the first of them counts from `start`, where that is given.

        Between the two comes a call elsewhere: what is left over of a call must not come back in the next. Whether that
        one ends well is not asked, since the case may not be defined there.
        """
        result = call()
        self._adapter.synchronize(result)
        if start is not None:
            seconds["first"] = time.perf_counter() - start
        first, _ = self._bring(result)
        if elsewhere is not None:
            with contextlib.suppress(Exception):
                self._adapter.synchronize(elsewhere())
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


def _plainly(prepared: Callable[..., Any], arrays: tuple[Any, ...]) -> Any:
    """Call what takes nothing beside the arrays: it takes them one by one, as the function itself does."""
    return prepared(*arrays)


def is_floating(array: np.ndarray[Any, Any]) -> bool:
    """Whether an array holds floating-point or complex numbers."""
    # bfloat16 is of kind V.
    return array.dtype.kind in "fc" or "float" in array.dtype.name


def _complete(output: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any]:
    if output is None:
        raise TypeError("the case returned None, expected an array or a tuple of arrays")
    return output
