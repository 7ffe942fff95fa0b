"""Reductions and scans."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.tensorflow_namespace.exact import FLOATS, REALS, array_and_axes, arrays, assert_identical, between

__all__: list[str] = []

NUMBERS = (*REALS, "complex64", "complex128")


@pytest.mark.parametrize("name", ["sum", "prod"])
@settings(max_examples=80, deadline=None)
@given(sample=array_and_axes(NUMBERS, low=-2, high=2), keepdims=st.booleans())
def test_sums_and_products_are_numpy_s(xp: Any, name: str, sample: Any, keepdims: bool) -> None:
    """Over any axes, empty arrays included, narrow integers in 64 bits."""
    x, axis = sample
    expected = np.asarray(getattr(np, name)(x, axis=axis, keepdims=keepdims))
    got = getattr(xp, name)(x, axis=axis, keepdims=keepdims)
    assert_identical(expected + 0, got + 0)


@pytest.mark.parametrize("name", ["sum", "prod"])
def test_a_dtype_can_be_asked_for(xp: Any, name: str) -> None:
    """Numbers are cast before they are added up or multiplied."""
    x = np.array([100, 100, 2], np.int8)
    for dtype in ("int8", "uint16", "float32"):
        assert_identical(getattr(np, name)(x, dtype=dtype), getattr(xp, name)(x, dtype=getattr(xp, dtype)))


@pytest.mark.parametrize("name", ["max", "min"])
@settings(max_examples=60, deadline=None)
@given(sample=array_and_axes(REALS, min_side=1), keepdims=st.booleans())
def test_extremes_are_numpy_s(xp: Any, name: str, sample: Any, keepdims: bool) -> None:
    """Over any axes of real numbers."""
    x, axis = sample
    assert_identical(
        getattr(np, name)(x, axis=axis, keepdims=keepdims), getattr(xp, name)(x, axis=axis, keepdims=keepdims)
    )


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_nan_is_the_extreme(xp: Any, name: str, dtype: str) -> None:
    """Wherever it stands."""
    for place in range(9):
        x = np.arange(9, dtype=dtype)
        x[place] = np.nan
        assert_identical(np.array(np.nan, dtype), getattr(xp, name)(x))


@settings(max_examples=60, deadline=None)
@given(sample=array_and_axes(("float32", "float64"), min_side=1), keepdims=st.booleans())
def test_means_are_numpy_s(xp: Any, sample: Any, keepdims: bool) -> None:
    """The sum is exact here, so the mean is one rounding away from NumPy's at most."""
    x, axis = sample
    expected = np.asarray(np.mean(x, axis=axis, keepdims=keepdims))
    assert between(expected + 0, (xp.mean(x, axis=axis, keepdims=keepdims) + 0).numpy()) <= 1


@pytest.mark.parametrize("name", ["var", "std"])
@settings(max_examples=60, deadline=None)
@given(
    sample=array_and_axes(("float32", "float64"), min_side=1),
    keepdims=st.booleans(),
    correction=st.sampled_from([0, 1, 0.5]),
)
def test_variances_are_numpy_s(xp: Any, name: str, sample: Any, keepdims: bool, correction: float) -> None:
    """A handful of roundings away from NumPy's, for any correction that leaves a degree of freedom.

    NumPy itself rounds the mean of three numbers; where all are equal that leaves a variance near 0 instead of 0.
    """
    x, axis = sample
    x = x * 12  # means over up to 27 elements of whole multiples stay exact more often
    count = x.size if axis is None else int(np.prod([x.shape[one] for one in np.atleast_1d(axis).astype(int)]))
    if count - correction <= 0:
        return
    right = np.asarray(getattr(np, name)(x.astype(np.longdouble), axis=axis, keepdims=keepdims, correction=correction))
    got = getattr(xp, name)(x, axis=axis, keepdims=keepdims, correction=correction).numpy()
    expected = right.astype(x.dtype)
    assert (expected.shape, expected.dtype) == (got.shape, got.dtype)
    seen = np.array(expected > np.finfo(x.dtype).eps)
    assert between(expected[seen], got[seen]) <= 8


def test_no_degree_of_freedom_gives_nan_or_infinity(xp: Any) -> None:
    """As in NumPy, 0 / 0 is NaN and a positive sum over 0 is infinite."""
    assert_identical(np.array(np.nan), xp.var(np.array([1.0]), correction=1))
    assert_identical(np.array(np.inf), xp.var(np.array([1.0, 3.0]), correction=3))


@pytest.mark.parametrize("name", ["all", "any", "count_nonzero"])
@settings(max_examples=50, deadline=None)
@given(sample=array_and_axes((*NUMBERS, "bool"), low=0, high=1), keepdims=st.booleans())
def test_truths_are_numpy_s(xp: Any, name: str, sample: Any, keepdims: bool) -> None:
    """What is not zero is true, in every dtype, and counts are int64."""
    x, axis = sample
    expected = np.asarray(getattr(np, name)(x, axis=axis, keepdims=keepdims))
    assert_identical(expected, getattr(xp, name)(x, axis=axis, keepdims=keepdims))


@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
@settings(max_examples=60, deadline=None)
@given(x=arrays(NUMBERS, min_dims=1, low=-2, high=2), data=st.data(), include_initial=st.booleans())
def test_scans_are_numpy_s(xp: Any, name: str, x: Any, data: st.DataObject, include_initial: bool) -> None:
    """Along any axis, with or without the empty prefix."""
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    expected = getattr(np, name)(x, axis=axis, include_initial=include_initial)
    assert_identical(expected + 0, getattr(xp, name)(x, axis=axis, include_initial=include_initial) + 0)


def test_a_scan_of_a_matrix_needs_an_axis(xp: Any) -> None:
    """Only a vector goes without."""
    assert_identical(np.array([1, 3]), xp.cumulative_sum(np.array([1, 2])))
    with pytest.raises(ValueError, match=r"cumulative_sum needs an axis .* 2 dimensions"):
        xp.cumulative_sum(np.ones((2, 2)))


@pytest.mark.parametrize("axis", [2, -3, (0, 0), (0, -2)])
def test_axes_that_are_not_there_or_named_twice_are_refused(xp: Any, axis: Any) -> None:
    """The message names the axis."""
    with pytest.raises(ValueError, match="axis="):
        xp.sum(np.ones((2, 2)), axis=axis)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("sum", "bool"),
        ("prod", "bool"),
        ("mean", "int64"),
        ("var", "int32"),
        ("std", "complex64"),
        ("max", "complex64"),
        ("min", "bool"),
    ],
)
def test_what_the_standard_does_not_define_is_refused(xp: Any, name: str, dtype: str) -> None:
    """The message names the function and the dtype."""
    with pytest.raises(TypeError, match=f"{name} expected .* got {dtype}"):
        getattr(xp, name)(np.ones(2, dtype))


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "prod"])
@pytest.mark.parametrize("dtype", FLOATS)
def test_reductions_have_derivatives(xp: Any, tf: Any, name: str, dtype: str) -> None:
    """Of [1, 4, 2, 8] over all axes, in the input's dtype."""
    x = tf.constant([[1, 4], [2, 8]], dtype=dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = getattr(xp, name)(x)
    expected = {
        "sum": [[1, 1], [1, 1]],
        "mean": [[0.25, 0.25], [0.25, 0.25]],
        "max": [[0, 0], [0, 1]],
        "min": [[1, 0], [0, 0]],
        "prod": [[64, 16], [32, 8]],
    }[name]
    assert_identical(np.array(expected, dtype), tape.gradient(y, x))
