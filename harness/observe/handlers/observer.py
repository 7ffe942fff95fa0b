"""What a worker does for a backend: run a case in one mode and dtype, and give back every quantity, bit for bit."""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.adapters.base import Adapter, load
from harness.collect.registry import load_case
from harness.errors import CaseChangedError
from harness.observe.handlers.answers import RefusedError, describe, failed
from harness.observe.handlers.probes import probe
from harness.observe.handlers.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.collect.case import Case
    from harness.observe.handlers.answers import Answer

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
            yield from (failed(quantity, "unsupported", refusal) for quantity in quantities)
            return
        try:
            arrays = [narrowed(array, header["dtype"]) for array in arrays]
            case = load_case(**header["case"])
            function = self._function(case, header)
        except CaseChangedError as error:
            yield from (failed(quantity, "missing", str(error)) for quantity in quantities)
            return
        except Exception as error:  # whatever a case file raises is the case's outcome
            yield from (failed(quantity, *describe(error, header["case"]["path"])) for quantity in quantities)
            return
        # The case itself stands for its source: another one is loaded when its file has changed.
        facts = (header[name] for name in ("implementation", "parameters", "names", "mode", "dtype"))
        prepare = functools.partial(self._prepare, (case, *map(repr, facts)))
        trial = Trial(self._adapter, function, header, arrays, prepare)
        for (kind, path), asked in _grouped(quantities).items():
            derived = kind not in {"value", "vmap"}
            if derived and header["implementation"] == "native" and not self._adapter.differentiates_natives:
                reason = (
                    f"{self._adapter.name} has no derivatives of its own, only the portable implementation has them"
                )
                yield from (failed(quantity, "unsupported", reason) for quantity in asked)
            else:
                yield from trial.observe(kind, path, asked)

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


def _grouped(quantities: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """Group quantities by kind and path; the value comes first, since others need to know what it is."""
    found: dict[tuple[str, str], list[str]] = {}
    for quantity in sorted(quantities, key=lambda one: not one.startswith("value")):
        name, _, path = quantity.partition("@")
        found.setdefault((name.partition(":")[0], path), []).append(quantity)
    return found


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
