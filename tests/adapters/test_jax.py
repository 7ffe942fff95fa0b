"""JAX's adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pytest

    from harness.adapters.base import Adapter

__all__: list[str] = []


def test_other_values_are_not_traced_again(jax_adapter: Adapter) -> None:
    """A second evaluation at other values of the same shape and dtype uses the graph that is there."""
    traced = []

    def square(x: Any) -> Any:
        traced.append(x)
        return x * x

    value, product = jax_adapter.value(square, "jit"), jax_adapter.vjp(square, "jit", [0])
    for number in (2.0, 3.0):
        x = jax_adapter.array(np.array(number))
        value(x)
        product((x,), (x,))
    assert len(traced) == 2  # once for the value, once for the product


def test_eager_runs_the_function_each_time(jax_adapter: Adapter) -> None:
    """In eager mode Python runs at every call, with arrays that have values."""
    seen = []

    def looking(x: Any) -> Any:
        seen.append(float(x))
        return x

    value = jax_adapter.value(looking, "eager")
    for number in (2.0, 3.0):
        value(jax_adapter.array(np.array(number)))
    assert [2.0, 3.0] == seen


def test_64_bits_are_kept(jax_adapter: Adapter) -> None:
    """Float64 and int64 are not narrowed."""
    arrays = [jax_adapter.array(np.zeros(1, dtype)) for dtype in ("float64", "int64")]
    assert ["float64", "int64"] == [array.dtype.name for array in arrays]


def test_a_peak_that_has_not_risen_is_unknown(jax_adapter: Adapter, monkeypatch: pytest.MonkeyPatch) -> None:
    """JAX counts from the start of the process: only a peak above all before it belongs to what ran last."""
    found = {"bytes_in_use": 10, "peak_bytes_in_use": 100}

    class Device:
        def memory_stats(self) -> dict[str, int]:
            return found

    monkeypatch.setattr(jax_adapter, "_device", Device())
    monkeypatch.setattr(jax_adapter, "_peak", 0)
    assert 10 == jax_adapter.held_memory()
    assert [100, None] == [jax_adapter.peak_memory() for _ in range(2)]
    found["peak_bytes_in_use"] = 130
    assert [130, None] == [jax_adapter.peak_memory() for _ in range(2)]
