"""Comparisons, logic and classification."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.tensorflow_namespace.exact import REALS, arrays, assert_identical, broadcasting

__all__: list[str] = []


@pytest.mark.parametrize("name", ["equal", "not_equal"])
@settings(max_examples=50, deadline=None)
@given(pair=broadcasting((*REALS, "complex64")) | broadcasting(("bool",)))
def test_equality_is_numpy_s(xp: Any, name: str, pair: Any) -> None:
    """Numbers of any kind and booleans can be equal."""
    assert_identical(getattr(np, name)(*pair), getattr(xp, name)(*pair))


@pytest.mark.parametrize("name", ["less", "less_equal", "greater", "greater_equal"])
@settings(max_examples=50, deadline=None)
@given(pair=broadcasting())
def test_order_is_numpy_s(xp: Any, name: str, pair: Any) -> None:
    """Real numbers are ordered."""
    assert_identical(getattr(np, name)(*pair), getattr(xp, name)(*pair))


@pytest.mark.parametrize("name", ["logical_and", "logical_or", "logical_xor"])
@settings(max_examples=30, deadline=None)
@given(pair=broadcasting(("bool",)))
def test_logic_is_numpy_s(xp: Any, name: str, pair: Any) -> None:
    """Booleans are joined, with each other and with True and False."""
    assert_identical(getattr(np, name)(*pair), getattr(xp, name)(*pair))
    assert_identical(getattr(np, name)(pair[0], True), getattr(xp, name)(pair[0], True))
    assert_identical(np.logical_not(pair[0]), xp.logical_not(pair[0]))


@pytest.mark.parametrize("name", ["isfinite", "isinf", "isnan"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64"])
def test_floating_point_numbers_are_classified(xp: Any, name: str, dtype: str) -> None:
    """Zero, finite, infinite and NaN; a complex number by either part."""
    x = np.array([0.0, -1.5, np.inf, -np.inf, np.nan], dtype)
    if dtype == "complex64":
        x = np.concatenate([x, np.array([complex(1, np.inf), complex(np.nan, 0)], dtype)])
    assert_identical(getattr(np, name)(x), getattr(xp, name)(x))


@pytest.mark.parametrize(("name", "expected"), [("isfinite", True), ("isinf", False), ("isnan", False)])
@settings(max_examples=10, deadline=None)
@given(x=arrays(("int8", "uint64", "int64")))
def test_integers_are_finite(xp: Any, name: str, expected: bool, x: Any) -> None:
    """Every integer is finite, in any shape."""
    assert_identical(np.full(x.shape, expected), getattr(xp, name)(x))


@settings(max_examples=60, deadline=None)
@given(pair=broadcasting((*REALS, "complex64")) | broadcasting(("bool",)), data=st.data())
def test_where_is_numpy_s(xp: Any, pair: Any, data: st.DataObject) -> None:
    """Condition and operands broadcast together, and the operands promote."""
    condition = data.draw(arrays(("bool",), np.broadcast_shapes(*(one.shape for one in pair))))
    assert_identical(np.where(condition, *pair), xp.where(condition, *pair))
    assert_identical(np.where(condition, pair[0], pair[0]), xp.where(condition, *[pair[0]] * 2))


def test_where_takes_scalars(xp: Any) -> None:
    """A Python scalar takes the dtype of the other operand."""
    x = np.array([1, 2], np.float32)
    assert_identical(np.array([1, 0], np.float32), xp.where(x < 2, x, 0.0))
    assert_identical(np.array([0, 2], np.float32), xp.where(x < 2, 0, x))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("less", ([1j], [1j])),
        ("greater", ([True], [False])),
        ("logical_and", ([1], [0])),
        ("logical_not", ([1.0],)),
        ("isnan", ([True],)),
        ("where", ([1], [1], [0])),
    ],
)
def test_what_the_standard_does_not_define_is_refused(xp: Any, name: str, arguments: Any) -> None:
    """The message names the function, the dtypes it takes and the one it got."""
    with pytest.raises(TypeError, match=f"{name}.* expected .* got .*astype"):
        getattr(xp, name)(*map(np.asarray, arguments))
