"""Arrays made from numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.tensorflow_namespace.exact import REALS, arrays, assert_identical, between

__all__: list[str] = []


@pytest.mark.parametrize("value", [True, 3, 2.5, 1j, [1, 2], [[1.5], [2.5]], [], [True, False], (1, 2)])
def test_numbers_become_arrays_of_the_default_dtypes(xp: Any, value: Any) -> None:
    """Numbers and nested sequences are int64, float64, complex128 or bool."""
    assert_identical(np.asarray(value), xp.asarray(value))


@settings(max_examples=30, deadline=None)
@given(x=arrays((*REALS, "bool"), low=0), dtype=st.sampled_from([*REALS, "complex64"]))
def test_arrays_become_arrays_of_a_dtype(xp: Any, x: Any, dtype: str) -> None:
    """NumPy arrays and tensors keep their dtype, or take the one asked for."""
    assert_identical(x, xp.asarray(x))
    assert_identical(x.astype(dtype), xp.asarray(x, dtype=getattr(xp, dtype)))
    assert_identical(x.astype(dtype), xp.asarray(xp.asarray(x), dtype=getattr(xp, dtype)))


def test_a_list_of_tensors_is_stacked_and_differentiable(xp: Any, tf: Any) -> None:
    """Tensors and numbers side by side make one array."""
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = xp.asarray([x * x, x, 1.0], dtype=xp.float32)
    assert_identical(np.array([4, 2, 1], np.float32), y)
    assert tape.gradient(y, x).numpy() == 5


def test_copies_are_made_as_asked_for(xp: Any, tf: Any) -> None:
    """A tensor is passed on, copied, or refused where a copy is needed but forbidden."""
    x = tf.constant([1.0])
    assert xp.asarray(x, copy=False) is x
    assert xp.asarray(x, copy=True) is not x
    with pytest.raises(ValueError, match="copy=False"):
        xp.asarray(x, dtype=xp.float64, copy=False)


@pytest.mark.parametrize("name", ["zeros", "ones"])
@pytest.mark.parametrize("dtype", [None, "float32", "int8", "bool", "complex64"])
@pytest.mark.parametrize("shape", [(), 2, (0, 3), (2, 3)])
def test_constant_arrays_are_numpy_s(xp: Any, name: str, dtype: str | None, shape: Any) -> None:
    """Zeros and ones of every shape, float64 without a dtype."""
    expected = getattr(np, name)(shape, dtype=dtype)
    asked = None if dtype is None else getattr(xp, dtype)
    assert_identical(expected, getattr(xp, name)(shape, dtype=asked))
    assert_identical(expected, getattr(xp, f"{name}_like")(np.empty(shape), dtype=asked))


@pytest.mark.parametrize("value", [True, 7, 0.5, 1j])
def test_filled_arrays_are_numpy_s(xp: Any, value: Any) -> None:
    """The dtype is the number's, the one asked for, or that of the array to be like."""
    assert_identical(np.full((2, 1), value), xp.full((2, 1), value))
    assert_identical(np.full(2, value, np.complex64), xp.full(2, value, dtype=xp.complex64))
    assert_identical(np.full((2, 1), value, np.complex64), xp.full_like(np.zeros((2, 1), np.complex64), value))


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(0, 4), columns=st.none() | st.integers(0, 4), k=st.integers(-5, 5), dtype=st.sampled_from(REALS)
)
def test_identities_are_numpy_s(xp: Any, rows: int, columns: int | None, k: int, dtype: str) -> None:
    """Any diagonal, square or not."""
    assert_identical(np.eye(rows, columns, k, dtype=dtype), xp.eye(rows, columns, k=k, dtype=getattr(xp, dtype)))


@settings(max_examples=80, deadline=None)
@given(start=st.integers(-9, 9), stop=st.integers(-9, 9), step=st.sampled_from([1, 2, -1, -3]), half=st.booleans())
def test_ranges_are_numpy_s(xp: Any, start: int, stop: int, step: int, half: bool) -> None:
    """Up and down, empty, of integers (int64) and of halves (float64)."""
    if half:
        assert_identical(np.arange(start / 2, stop / 2, step / 2), xp.arange(start / 2, stop / 2, step / 2))
    else:
        assert_identical(np.arange(start, stop, step), xp.arange(start, stop, step))
        assert_identical(np.arange(stop), xp.arange(stop))


@pytest.mark.parametrize("dtype", ["int8", "float16", "float32"])
def test_ranges_have_the_dtype_asked_for(xp: Any, dtype: str) -> None:
    """Also where TensorFlow's own range has no kernel."""
    assert_identical(np.arange(5).astype(dtype), xp.arange(5, dtype=getattr(xp, dtype)))


@settings(max_examples=60, deadline=None)
@given(
    start=st.integers(-9, 9),
    stop=st.integers(-9, 9),
    num=st.integers(0, 9),
    endpoint=st.booleans(),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_spaced_numbers_are_numpy_s(xp: Any, start: int, stop: int, num: int, endpoint: bool, dtype: str) -> None:
    """With or without the end; interior points are some roundings of the largest number away at most."""
    expected = np.linspace(start, stop, num, endpoint=endpoint, dtype=dtype)
    got = xp.linspace(float(start), float(stop), num, endpoint=endpoint, dtype=getattr(xp, dtype)).numpy()
    # Shifted away from zero, so that representable numbers are as far apart as near the largest.
    assert between(expected + expected.dtype.type(32), got + expected.dtype.type(32)) <= 2


def test_coordinates_are_numpy_s(xp: Any) -> None:
    """In both orders of indexing."""
    x, y = np.arange(2.0), np.arange(3.0)
    for indexing in ("xy", "ij"):
        for expected, got in zip(
            np.meshgrid(x, y, indexing=indexing), xp.meshgrid(x, y, indexing=indexing), strict=True
        ):
            assert_identical(expected, got)
