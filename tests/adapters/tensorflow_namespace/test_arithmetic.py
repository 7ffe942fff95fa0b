"""Arithmetic, rounding and bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.tensorflow_namespace.exact import FLOATS, INTEGERS, REALS, arrays, assert_identical, broadcasting

__all__: list[str] = []

COMPLEX = ("complex64", "complex128")
INF, NAN = math.inf, math.nan


@pytest.mark.parametrize("name", ["add", "subtract", "multiply"])
@settings(max_examples=60, deadline=None)
@given(pair=broadcasting((*REALS, *COMPLEX)))
def test_sums_and_products_are_numpy_s(xp: Any, name: str, pair: Any) -> None:
    """Exact results, shapes and dtypes are NumPy's, integers wrapping around."""
    assert_identical(getattr(np, name)(*pair), getattr(xp, name)(*pair))


@pytest.mark.parametrize("name", ["maximum", "minimum"])
@settings(max_examples=60, deadline=None)
@given(pair=broadcasting())
def test_extremes_are_numpy_s(xp: Any, name: str, pair: Any) -> None:
    """The larger and the smaller of two numbers, in their common dtype."""
    assert_identical(getattr(np, name)(*pair), getattr(xp, name)(*pair))


@settings(max_examples=60, deadline=None)
@given(pair=broadcasting(FLOATS))
def test_quotients_are_numpy_s(xp: Any, pair: Any) -> None:
    """Division is correctly rounded, so every bit is NumPy's, infinities and NaN included."""
    with np.errstate(all="ignore"):
        assert_identical(np.divide(*pair), xp.divide(*pair))


@pytest.mark.parametrize("name", ["floor_divide", "remainder"])
@settings(max_examples=60, deadline=None)
@given(pair=broadcasting(low=1))
def test_floor_division_is_numpy_s(xp: Any, name: str, pair: Any) -> None:
    """Quotient and remainder are NumPy's where the divisor is not zero, for both signs."""
    x1, x2 = pair
    for sign in (1, -1) if x1.dtype.kind != "u" and x2.dtype.kind != "u" else (1,):
        first, second = x1 * x1.dtype.type(sign), x2
        assert_identical(getattr(np, name)(first, second), getattr(xp, name)(first, second))
        assert_identical(getattr(np, name)(second, first), getattr(xp, name)(second, first))


@settings(max_examples=60, deadline=None)
@given(pair=broadcasting(INTEGERS, low=0))
def test_integer_powers_are_numpy_s(xp: Any, pair: Any) -> None:
    """Integers to powers that are not negative are exact, and wrap around."""
    assert_identical(np.pow(*pair), xp.pow(*pair))


@pytest.mark.parametrize("name", ["abs", "negative", "positive", "square", "sign"])
@settings(max_examples=40, deadline=None)
@given(x=arrays())
def test_exact_functions_are_numpy_s(xp: Any, name: str, x: Any) -> None:
    """Sign, size and square of real numbers of every dtype."""
    assert_identical(getattr(np, name)(x), getattr(xp, name)(x))


@pytest.mark.parametrize("name", ["ceil", "floor", "round", "trunc"])
@settings(max_examples=60, deadline=None)
@given(x=arrays(low=-9, high=9))
def test_rounding_is_numpy_s(xp: Any, name: str, x: Any) -> None:
    """Halves, negative zeros and integers are rounded as NumPy rounds them, in the dtype that they had."""
    if x.dtype.kind == "f":
        x = x / x.dtype.type(4)
    assert_identical(getattr(np, name)(x), getattr(xp, name)(x))


@settings(max_examples=100, deadline=None)
@given(pair=broadcasting(FLOATS), signs=st.tuples(st.booleans(), st.booleans()))
def test_signs_are_read_and_copied_as_numpy_does(xp: Any, pair: Any, signs: tuple[bool, bool]) -> None:
    """The sign bit counts, also that of a zero."""
    x1, x2 = (-one if minus else one for one, minus in zip(pair, signs, strict=True))
    assert_identical(np.signbit(x1), xp.signbit(x1))
    assert_identical(np.copysign(x1, x2), xp.copysign(x1, x2))


@settings(max_examples=40, deadline=None)
@given(pair=broadcasting(("float32", "float64")))
def test_neighbours_are_numpy_s(xp: Any, pair: Any) -> None:
    """The next representable number is NumPy's, except that TensorFlow is asked for normal numbers only."""
    x1, x2 = pair[0] + 8, pair[1]
    assert_identical(np.nextafter(x1, x2), xp.nextafter(x1, x2))


@settings(max_examples=80, deadline=None)
@given(x=arrays(), bounds=st.tuples(st.none() | st.integers(0, 2), st.none() | st.integers(2, 4)))
def test_clip_is_numpy_s(xp: Any, x: Any, bounds: Any) -> None:
    """With two bounds, one, or none, the dtype stays that of the array."""
    low, high = bounds
    expected = x if low is None and high is None else np.clip(x, low, high)
    assert_identical(expected, xp.clip(x, low, high))
    assert_identical(expected, xp.clip(x, min=low, max=high))


def test_clip_broadcasts_its_bounds(xp: Any) -> None:
    """Bounds may be arrays with more axes than the array, and are converted to its dtype."""
    x, low = np.array([1.0, 5.0], np.float32), np.array([[0.0], [3.0]])
    assert_identical(np.array([[1, 4], [3, 4]], np.float32), xp.clip(x, low, np.array(4.0)))
    assert_identical(np.array([[1, 5], [3, 5]], np.float32), xp.clip(x, low))


def test_clip_refuses_a_bound_of_a_wider_kind(xp: Any) -> None:
    """A float cannot bound integers."""
    with pytest.raises(TypeError, match=r"float 0\.5 .*int64"):
        xp.clip(np.arange(3), 0.5, 2.0)


@pytest.mark.parametrize("name", ["bitwise_and", "bitwise_or", "bitwise_xor"])
@settings(max_examples=40, deadline=None)
@given(pair=broadcasting(INTEGERS) | broadcasting(("bool",)))
def test_bits_are_numpy_s(xp: Any, name: str, pair: Any) -> None:
    """Integers and booleans bit by bit."""
    assert_identical(getattr(np, name)(*pair), getattr(xp, name)(*pair))
    assert_identical(np.bitwise_invert(pair[0]), xp.bitwise_invert(pair[0]))


@pytest.mark.parametrize("name", ["bitwise_left_shift", "bitwise_right_shift"])
@settings(max_examples=40, deadline=None)
@given(x=arrays(INTEGERS), steps=st.integers(0, 3))
def test_shifts_are_numpy_s(xp: Any, name: str, x: Any, steps: int) -> None:
    """Shifting right keeps the sign."""
    assert_identical(getattr(np, name)(x, steps), getattr(xp, name)(x, steps))


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("abs", (-0.0,), 0.0),
        ("abs", (-INF,), INF),
        ("ceil", (-0.5,), -0.0),
        ("round", (-0.5,), -0.0),
        ("round", (2.5,), 2.0),
        ("trunc", (-0.0,), -0.0),
        ("sign", (NAN,), NAN),
        ("reciprocal", (-0.0,), -INF),
        ("reciprocal", (-INF,), -0.0),
        ("maximum", (1.0, NAN), NAN),
        ("minimum", (NAN, 1.0), NAN),
        ("pow", (NAN, 0.0), 1.0),
        ("pow", (1.0, NAN), 1.0),
        ("pow", (-1.0, INF), 1.0),
        ("pow", (-0.0, -3.0), -INF),
        ("pow", (-0.0, -2.0), INF),
        ("pow", (-INF, 3.0), -INF),
        ("pow", (0.5, -INF), INF),
        ("pow", (-8.0, 1 / 3), NAN),
        ("floor_divide", (1.0, -INF), -0.0),
        ("floor_divide", (INF, 2.0), INF),
        ("floor_divide", (1.0, -0.0), -INF),
        ("floor_divide", (INF, INF), NAN),
        ("remainder", (-0.0, 3.0), 0.0),
        ("remainder", (0.0, -3.0), -0.0),
        ("remainder", (-6.0, 3.0), 0.0),
        ("remainder", (6.0, -3.0), -0.0),
        ("remainder", (5.0, -INF), -INF),
        ("remainder", (-5.0, -INF), -5.0),
        ("remainder", (INF, 3.0), NAN),
        ("remainder", (3.0, 0.0), NAN),
        ("copysign", (1.0, -0.0), -1.0),
        ("copysign", (-INF, 0.0), INF),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_special_cases_are_the_standard_s(xp: Any, name: str, arguments: Any, expected: float, dtype: str) -> None:
    """Zeros, infinities and NaN give what the standard's tables say."""
    assert_identical(np.array(expected, dtype), getattr(xp, name)(*(np.array(one, dtype) for one in arguments)))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("abs", ([True],)),
        ("negative", ([True],)),
        ("divide", ([1], [2])),
        ("reciprocal", ([1],)),
        ("floor_divide", ([1j], [1j])),
        ("maximum", ([True], [False])),
        ("ceil", ([1j],)),
        ("signbit", ([1],)),
        ("copysign", ([1], [1])),
        ("bitwise_and", ([1.0], [1.0])),
        ("bitwise_left_shift", ([True], [True])),
    ],
)
def test_what_the_standard_does_not_define_is_refused(xp: Any, name: str, arguments: Any) -> None:
    """The message names the function, the dtypes it takes, the one it got, and the remedy."""
    with pytest.raises(TypeError, match=f"{name} expected .* got .*astype"):
        getattr(xp, name)(*map(np.asarray, arguments))


def test_the_derivative_of_a_remainder_is_that_of_the_number(xp: Any, tf: Any) -> None:
    """Also where the remainder is zero, d/dx1 is 1 and d/dx2 is -floor(x1 / x2)."""
    x1, x2 = tf.constant([-0.0, 7.0, -6.0]), tf.constant([3.0, 3.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch((x1, x2))
        y = xp.remainder(x1, x2)
    first, second = tape.gradient(y, (x1, x2))
    assert_identical(np.array([1, 1, 1], np.float32), first)
    assert_identical(np.array([0, -2, 2], np.float32) + 0, second + 0)


def test_a_clipped_element_has_no_derivative(xp: Any, tf: Any) -> None:
    """The derivative is 1 inside the bounds and 0 outside."""
    x = tf.constant([-2.0, 0.5, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = xp.clip(x, -1.0, 1.0)
    assert_identical(np.array([0, 1, 0], np.float32), tape.gradient(y, x))
