"""Elementary functions.

How far a result may be from the right one is stated in representable numbers, for the TensorFlow release that is
tested: what its kernels were measured to keep on these points. It is a statement about the library, which shows that
no composite of ours loses digits; whether a framework is right is decided by a run of the harness.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from tests.adapters.tensorflow_namespace.exact import FLOATS, assert_identical, between, broadcasting

__all__: list[str] = []

INF, NAN = math.inf, math.nan
FAR = 5

_SIGNED = np.concatenate([-np.geomspace(1e-30, 80, 500), np.geomspace(1e-30, 80, 500)])
_UNIT = np.concatenate([np.linspace(-1, 1, 501)[1:-1], [1e-20, -1e-7]])
_POSITIVE = np.concatenate([np.geomspace(1e-37, 1e37, 500), 1 + np.linspace(-0.5, 1, 301), 10.0 ** np.arange(-9, 10)])
UNARY = {
    "sqrt": _POSITIVE,
    "exp": _SIGNED,
    "expm1": _SIGNED,
    "log": _POSITIVE,
    "log1p": np.concatenate([_POSITIVE, _UNIT]),
    "log2": _POSITIVE,
    "log10": _POSITIVE,
    "sin": _SIGNED,
    "cos": _SIGNED,
    "tan": _SIGNED,
    "asin": _UNIT,
    "acos": _UNIT,
    "atan": _SIGNED,
    "sinh": _SIGNED,
    "cosh": _SIGNED,
    "tanh": _SIGNED,
    "asinh": _SIGNED,
    "acosh": 1 + np.geomspace(1e-5, 1e5, 400),
    "atanh": _UNIT,
}
BINARY = ("atan2", "hypot", "logaddexp", "pow")


def wide(x: Any) -> Any:
    """Widen to a dtype in which NumPy's result, rounded back, is the right one."""
    return x.astype(np.float64 if x.dtype == np.float32 else np.longdouble)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_number_are_accurate(xp: Any, name: str, dtype: str) -> None:
    """At most a few representable numbers lie between the right result and TensorFlow's, over the whole domain."""
    x = UNARY[name].astype(dtype)
    expected = getattr(np, name)(wide(x)).astype(dtype)
    assert between(expected, getattr(xp, name)(x).numpy()) <= FAR


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_numbers_are_accurate(xp: Any, name: str, dtype: str) -> None:
    """At most a few representable numbers lie between the right result and TensorFlow's, for both signs."""
    sizes = np.geomspace(1e-3, 30, 40)
    x1 = (sizes if name == "pow" else np.concatenate([-sizes, sizes])).astype(dtype)[:, None]
    x2 = np.concatenate([-sizes, sizes]).astype(dtype)[None, :] / (8 if name == "pow" else 1)
    x2 = x2.astype(dtype)
    expected = getattr(np, name)(wide(x1), wide(x2)).astype(dtype)
    got = getattr(xp, name)(x1, x2).numpy()
    if name == "logaddexp":
        # Near a result of zero two terms cancel: there the error is one of the larger term, for NumPy as for us.
        far = np.abs(expected) > 0.5
        expected, got = expected[far], got[far]
    assert between(expected, got) <= FAR


@pytest.mark.parametrize("dtype", FLOATS)
def test_powers_of_the_base_have_whole_logarithms(xp: Any, dtype: str) -> None:
    """At powers of two and ten, two representable numbers at most separate the result from the whole number."""
    exponents = np.arange(1, 5)
    assert between(exponents.astype(dtype), xp.log2(np.array(2.0**exponents, dtype)).numpy()) <= 2
    assert between(exponents.astype(dtype), xp.log10(np.array(10.0**exponents, dtype)).numpy()) <= 2


@pytest.mark.parametrize(("dtype", "large", "small"), [("float32", 1e38, 1e-37), ("float64", 1e308, 1e-307)])
def test_hypot_neither_overflows_nor_underflows(xp: Any, dtype: str, large: float, small: float) -> None:
    """Squares that overflow or underflow on the way do not spoil the result."""
    for size in (large, small):
        x = np.array([size, size], dtype)
        y = np.array([size, 0], dtype)
        assert between(np.hypot(x, y), xp.hypot(x, y).numpy()) <= 1


@pytest.mark.parametrize("name", BINARY[:3])
@settings(max_examples=40, deadline=None)
@given(pair=broadcasting(FLOATS))
def test_shapes_and_dtypes_are_numpy_s(xp: Any, name: str, pair: Any) -> None:
    """Operands broadcast and promote."""
    expected, got = getattr(np, name)(*pair), getattr(xp, name)(*pair).numpy()
    assert (expected.shape, expected.dtype) == (got.shape, got.dtype)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("sqrt", (-0.0,), -0.0),
        ("sqrt", (-1.0,), NAN),
        ("exp", (-INF,), 0.0),
        ("exp", (INF,), INF),
        ("expm1", (-0.0,), -0.0),
        ("expm1", (-INF,), -1.0),
        ("log", (0.0,), -INF),
        ("log", (-1.0,), NAN),
        ("log", (1.0,), 0.0),
        ("log1p", (-0.0,), -0.0),
        ("log1p", (-1.0,), -INF),
        ("log1p", (INF,), INF),
        ("log2", (-0.0,), -INF),
        ("log2", (1.0,), 0.0),
        ("log2", (INF,), INF),
        ("log10", (-1.0,), NAN),
        ("sin", (-0.0,), -0.0),
        ("sin", (INF,), NAN),
        ("cos", (-0.0,), 1.0),
        ("tan", (-0.0,), -0.0),
        ("asin", (-0.0,), -0.0),
        ("asin", (2.0,), NAN),
        ("acos", (1.0,), 0.0),
        ("atan", (-0.0,), -0.0),
        ("sinh", (-INF,), -INF),
        ("cosh", (-INF,), INF),
        ("tanh", (-INF,), -1.0),
        ("tanh", (-0.0,), -0.0),
        ("asinh", (-0.0,), -0.0),
        ("asinh", (-INF,), -INF),
        ("acosh", (1.0,), 0.0),
        ("acosh", (0.5,), NAN),
        ("atanh", (-1.0,), -INF),
        ("atanh", (-0.0,), -0.0),
        ("atan2", (-0.0, 1.0), -0.0),
        ("atan2", (0.0, 0.0), 0.0),
        ("atan2", (1.0, INF), 0.0),
        ("hypot", (INF, NAN), INF),
        ("hypot", (NAN, -INF), INF),
        ("hypot", (NAN, 0.0), NAN),
        ("hypot", (0.0, NAN), NAN),
        ("hypot", (-0.0, -0.0), 0.0),
        ("hypot", (-3.0, 0.0), 3.0),
        ("logaddexp", (INF, INF), INF),
        ("logaddexp", (-INF, -INF), -INF),
        ("logaddexp", (-INF, 2.0), 2.0),
        ("logaddexp", (INF, -INF), INF),
        ("logaddexp", (NAN, INF), NAN),
        ("logaddexp", (NAN, -INF), NAN),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_special_cases_are_the_standard_s(xp: Any, name: str, arguments: Any, expected: float, dtype: str) -> None:
    """Zeros, infinities and NaN give what the standard's tables say."""
    assert_identical(np.array(expected, dtype), getattr(xp, name)(*(np.array(one, dtype) for one in arguments)))


@pytest.mark.parametrize("name", [*UNARY, *BINARY[:3]])
def test_integers_are_refused(xp: Any, name: str) -> None:
    """The message names the function, what it takes, what it got, and the remedy."""
    arguments = [np.array([1])] * (2 if name in BINARY else 1)
    with pytest.raises(TypeError, match=f"{name} expected real floating.* got int64.*astype"):
        getattr(xp, name)(*arguments)


@pytest.mark.parametrize(
    ("x1", "x2", "expected"),
    [
        (3.0, 4.0, (0.6, 0.8)),
        (-4.0, 3.0, (-0.8, 0.6)),
        (0.0, 0.0, (0.0, 0.0)),
        (0.0, -2.0, (0.0, -1.0)),
        (3e38, 0.0, (1.0, 0.0)),
        (1e-30, 1e-30, (math.sqrt(0.5), math.sqrt(0.5))),
        (INF, 1.0, (1.0, 0.0)),
        (1.0, -INF, (0.0, -1.0)),
    ],
)
def test_the_derivative_of_hypot_is_x_over_hypot(xp: Any, tf: Any, x1: float, x2: float, expected: Any) -> None:
    """At zero it is the subgradient 0, at an infinity the limit, and nowhere NaN."""
    got = _gradient(tf, xp.hypot, x1, x2)
    assert between(np.array(expected, np.float32), got) <= 2


@pytest.mark.parametrize(
    ("x1", "x2", "expected"),
    [
        (1.0, 1.0, (0.5, 0.5)),
        (0.0, -50.0, (1.0, math.exp(-50))),
        (-50.0, 0.0, (math.exp(-50), 1.0)),
        (INF, INF, (0.5, 0.5)),
        (-INF, -INF, (0.5, 0.5)),
        (INF, 1.0, (1.0, 0.0)),
        (-INF, 1.0, (0.0, 1.0)),
    ],
)
def test_the_derivative_of_logaddexp_is_the_softmax(xp: Any, tf: Any, x1: float, x2: float, expected: Any) -> None:
    """At equal operands each has a half, and a small share keeps its digits."""
    got = _gradient(tf, xp.logaddexp, x1, x2)
    assert between(np.array(expected, np.float32), got) <= 2


def test_derivatives_of_broadcast_operands_are_summed(xp: Any, tf: Any) -> None:
    """A repeated operand gets the sum of its derivatives, in its own shape."""
    x1, x2 = tf.constant([[3.0], [0.0]]), tf.constant([0.0, 0.0])
    with tf.GradientTape() as tape:
        tape.watch((x1, x2))
        y = xp.hypot(x1, x2) + xp.logaddexp(x1, x2 + x1)
    first, second = tape.gradient(y, (x1, x2))
    assert_identical(np.array([[4], [2]], np.float32), first)
    assert_identical(np.array([1, 1], np.float32), second)


@pytest.mark.parametrize("name", ["hypot", "logaddexp"])
def test_second_derivatives_flow_through_custom_ones(xp: Any, tf: Any, name: str) -> None:
    """d²/dx² hypot(3, 4) is 16/125, and d²/dx² logaddexp(0, 0) is a quarter."""
    x, y, expected = (3.0, 4.0, 16 / 125) if name == "hypot" else (0.0, 0.0, 0.25)
    x1, x2 = tf.constant(x, tf.float64), tf.constant(y, tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(x1)
        with tf.GradientTape() as inner:
            inner.watch(x1)
            value = getattr(xp, name)(x1, x2)
        slope = inner.gradient(value, x1)
    assert between(np.array(expected), outer.gradient(slope, x1).numpy()) <= 4


@pytest.mark.parametrize("name", ["real", "imag", "conj"])
def test_parts_of_complex_numbers_are_numpy_s(xp: Any, name: str) -> None:
    """Parts have the dtype of half the size."""
    x = np.array([1 + 2j, -3j], np.complex64)
    assert_identical(getattr(np, name)(x), getattr(xp, name)(x))


def _gradient(tf: Any, function: Any, x1: float, x2: float) -> Any:
    operands = tf.constant(x1), tf.constant(x2)
    with tf.GradientTape() as tape:
        tape.watch(operands)
        y = function(*operands)
    return np.stack([one.numpy() for one in tape.gradient(y, operands)])
