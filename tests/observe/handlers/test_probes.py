"""Properties of a backend are found by looking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.adapters.numpy import NumpyAdapter
from harness.observe.handlers.probes import probe

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []


def test_numpy_keeps_subnormals_and_rounds_each_operation() -> None:
    """And its Python numbers take the dtype of the array beside them."""
    pytest.importorskip("ml_dtypes")
    assert {
        "eager: subnormal inputs": "kept",
        "eager: subnormal results": "kept",
        "eager: Python numbers": "rounded to the dtype first",
        "eager: a·b + c": "rounded twice",
        "default integers": "int64",
        "default numbers": "float64",
        "64 bits": "enabled",
    } == probe(NumpyAdapter(), "eager")


class _Changed(NumpyAdapter):
    """NumPy on arrays that do something of their own."""

    kind: type[np.ndarray[Any, Any]]
    dtypes = ("float32", "float64", "float16")

    def array(self, value: np.ndarray[Any, Any]) -> Any:
        return value.copy().view(self.kind)

    def numpy(self, array: Any) -> np.ndarray[Any, Any]:
        return np.asarray(array).view(np.ndarray)


class _Array(np.ndarray[Any, Any]):
    """An array whose elements are arrays of its own kind, not NumPy's scalars."""

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(slice(key, key + 1)).reshape(())


class _FlushingArray(_Array):
    """Flushes what it multiplies and what comes out; float16 is kept, as processors keep it."""

    def __mul__(self, other: Any) -> Any:
        if self.dtype == np.float16:
            return np.multiply(np.asarray(self), other)
        smallest = np.finfo(self.dtype).smallest_normal
        here = np.where(np.abs(np.asarray(self)) < smallest, 0, np.asarray(self)).astype(self.dtype)
        found = here * other
        return np.where(np.abs(found) < smallest, 0, found).astype(self.dtype)


class _WideArray(_Array):
    """Computes a * b - c in a wider dtype, and rounds once."""

    wide: Any = None

    def __mul__(self, other: Any) -> Any:
        exact = np.asarray(self, np.longdouble) * np.asarray(other, np.longdouble)
        found = np.asarray(exact, self.dtype).view(_WideArray)
        found.wide = exact
        return found

    def __sub__(self, other: Any) -> Any:
        return (self.wide - np.asarray(other, np.longdouble)).astype(self.dtype)


class _Flushing(_Changed):
    kind = _FlushingArray


class _Wide(_Changed):
    kind = _WideArray


def test_flushed_subnormals_are_seen_dtype_by_dtype() -> None:
    """Where dtypes differ, each is named."""
    found = probe(_Flushing(), "eager")
    assert "float32, float64 flushed; float16 kept" == found["eager: subnormal inputs"]
    assert "float32, float64 flushed; float16 kept" == found["eager: subnormal results"]


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 63, reason="needs a dtype with more than 53 bits twice over")
def test_a_product_that_is_not_rounded_before_a_sum_is_seen() -> None:
    """And so are Python numbers that are used as they are."""
    found = probe(_Wide(), "eager")
    assert "rounded once" == found["eager: a·b + c"]
    assert "used as they are" == found["eager: Python numbers"]


class _Breaking(NumpyAdapter):
    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        raise RuntimeError("no compiler here")


def test_what_cannot_be_asked_says_why() -> None:
    """A property is no check: nothing fails."""
    assert "not found, RuntimeError: no compiler here" == probe(_Breaking(), "eager")["eager: properties"]


def test_the_framework_s_own_settings_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the first mode."""
    monkeypatch.setattr(NumpyAdapter, "modes", ("eager", "again"))
    monkeypatch.setattr(NumpyAdapter, "facts", lambda _: {"threads": "1"})
    assert ("1", None) == tuple(probe(NumpyAdapter(), mode).get("threads") for mode in ("eager", "again"))
