"""What a worker does for a backend: run a case in one mode and dtype, and give back every quantity, bit for bit."""

from __future__ import annotations

import functools
import os
import platform
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.adapters.base import Adapter, load
from harness.collect.registry import load_case
from harness.errors import CaseChangedError
from harness.messages import Observe, Properties
from harness.observe.handlers.answers import RefusedError, describe, failed
from harness.observe.handlers.probes import probe
from harness.observe.handlers.trial import Trial
from harness.observe.installed import versions_of
from harness.quantity import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.collect.case import Case
    from harness.observe.handlers.answers import Reply
    from harness.quantity import Quantity

__all__ = ["Observer", "narrowed"]

_KEPT = 8  # prepared computations; tasks come sorted, so that those of one case come one after the other


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
        """Return the adapter's name, its modes and dtypes, versions and facts about the environment."""
        adapter = self._adapter
        return {
            "adapter": adapter.name,
            "device": self._device,
            "modes": list(adapter.modes),
            "dtypes": list(adapter.dtypes),
            "versions": versions_of(adapter.distributions)[0],
            "environment": {
                "system": platform.system(),
                "release": platform.release(),
                "machine": platform.machine(),
                "processors": str(os.cpu_count()),
            },
        }

    def handle(self, header: dict[str, Any], arrays: list[np.ndarray[Any, Any]]) -> Iterator[Any]:
        """Observe one case, sample, mode and dtype.

        Args:
            header: Of an `Observe`.
            arrays: The sample's arrays, in the dtype of the check; bfloat16 as float32.

        Yields:
            For each quantity the header of an `Answer`, with one array if it was completed. A case that returns a tuple
            has the quantities `value:0`, `value:1`, … in place of `value`. When a mode has completed its first
            quantities, one header more, of its `Properties`.
        """
        request = Observe.of(header)
        mode, completed = request.mode, False
        for answer, made in self._answers(request, arrays):
            completed = completed or answer.outcome == "completed"
            yield answer.header(), made
        if completed and mode not in self._probed:
            self._probed.add(mode)
            yield Properties(properties=probe(self._adapter, mode)).header(), []

    def _answers(self, request: Observe, arrays: list[np.ndarray[Any, Any]]) -> Iterator[Reply]:
        quantities = request.quantities
        refusal = self._refusal(request)
        if refusal:
            yield from (failed(quantity, "unsupported", refusal) for quantity in quantities)
            return
        try:
            arrays = [narrowed(array, request.dtype) for array in arrays]
            case = load_case(**request.case.header())
            function = self._function(case, request)
        except CaseChangedError as error:
            yield from (failed(quantity, "missing", str(error)) for quantity in quantities)
            return
        except Exception as error:  # whatever a case file raises is the case's outcome
            yield from (failed(quantity, *describe(error, request.case.path)) for quantity in quantities)
            return
        # The case itself stands for its source: another one is loaded when its file has changed.
        facts = (request.implementation, request.parameters, request.names, request.mode, request.dtype)
        prepare = functools.partial(self._prepare, (case, *map(repr, facts)))
        trial = Trial(self._adapter, function, request, arrays, prepare)
        for (kind, path), asked in _grouped(quantities).items():
            underivable = self._underivable(kind, request)
            if underivable:
                yield from (failed(quantity, "unsupported", underivable) for quantity in asked)
            else:
                yield from trial.observe(kind, path, asked)

    def _prepare(
        self, computation: tuple[Any, ...], part: str, make: Callable[[], Callable[..., Any]]
    ) -> tuple[Callable[..., Any], bool]:
        """Return a prepared computation, and whether it was prepared just now.

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

    def _refusal(self, request: Observe) -> str:
        name, modes, dtypes = self._adapter.name, self._adapter.modes, self._adapter.dtypes
        if request.mode not in modes:
            return f"{name} does not offer the mode {request.mode!r}; it offers {', '.join(modes)}"
        if request.dtype not in dtypes:
            return f"{name} does not compute in {request.dtype}; it computes in {', '.join(dtypes)}"
        return ""

    def _underivable(self, kind: str, request: Observe) -> str:
        """Say why there is no derivative of this implementation; empty where there may be one, or none is asked for."""
        asked = kind not in KINDS or KINDS[kind].is_derivative
        if asked and request.implementation == "native" and not self._adapter.differentiates_natives:
            return f"{self._adapter.name} has no derivatives of its own, only the portable implementation has them"
        return ""

    def _function(self, case: Case, request: Observe) -> Callable[..., Any]:
        name, parameters = self._adapter.name, request.parameters
        if request.implementation == "native":
            if name not in case.natives:
                raise RefusedError(f"{case.name} has no native implementation for {name}")
            dtypes = self._adapter.native_dtypes
            if dtypes and request.dtype not in dtypes:
                raise RefusedError(f"{name} itself computes in {', '.join(dtypes)}, not in {request.dtype}")
            native = case.natives[name]
            return lambda *arrays: native(*arrays, **parameters)
        if not case.portable:
            raise RefusedError(f"{case.name} is not written in xp; only its native implementations run")
        return lambda *arrays: case(self._namespace, *arrays, **parameters)


def narrowed(array: np.ndarray[Any, Any], dtype: str) -> np.ndarray[Any, Any]:
    """Return bfloat16, which travels as float32, its own dtype."""
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


def _grouped(quantities: Sequence[Quantity]) -> dict[tuple[str, str], list[Quantity]]:
    """Group quantities by kind and path; the value comes first, since others need to know what it is."""
    groups: dict[tuple[str, str], list[Quantity]] = {}
    for quantity in sorted(quantities, key=lambda one: one.kind != "value"):
        groups.setdefault((quantity.kind, quantity.path), []).append(quantity)
    return groups
