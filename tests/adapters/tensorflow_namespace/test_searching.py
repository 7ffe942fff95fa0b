"""Sorting and searching."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.tensorflow_namespace.exact import arrays, assert_identical, promotable

__all__: list[str] = []


@pytest.mark.parametrize("name", ["argmax", "argmin"])
@settings(max_examples=60, deadline=None)
@given(x=arrays(min_side=1), data=st.data(), keepdims=st.booleans())
def test_positions_of_extremes_are_numpy_s(xp: Any, name: str, x: Any, data: st.DataObject, keepdims: bool) -> None:
    """Of ties the first, as int64, along an axis or over all elements."""
    axis = data.draw(st.none() | st.integers(-x.ndim, x.ndim - 1)) if x.ndim else None
    expected = np.asarray(getattr(np, name)(x, axis=axis, keepdims=keepdims))
    assert_identical(expected, getattr(xp, name)(x, axis=axis, keepdims=keepdims))


@settings(max_examples=80, deadline=None)
@given(x=arrays(min_dims=1), data=st.data(), descending=st.booleans())
def test_sorting_is_stable(xp: Any, x: Any, data: st.DataObject, descending: bool) -> None:
    """Along any axis, both ways; ties keep their order, and indices are int64."""
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    keys = -x.astype(np.float64) if descending else x
    order = np.argsort(keys, axis=axis, stable=True)
    assert_identical(order, xp.argsort(x, axis=axis, descending=descending))
    assert_identical(np.take_along_axis(x, order, axis=axis), xp.sort(x, axis=axis, descending=descending))


@settings(max_examples=60, deadline=None)
@given(dtypes=promotable(), data=st.data(), side=st.sampled_from(["left", "right"]))
def test_places_in_a_sorted_vector_are_numpy_s(xp: Any, dtypes: Any, data: st.DataObject, side: str) -> None:
    """Of values in any shape, in either order of ties, with a sorter or without."""
    length = data.draw(st.integers(0, 4))
    x1, x2 = data.draw(arrays(dtypes[:1], (length,))), data.draw(arrays(dtypes[1:]))
    order = np.argsort(x1)
    places: Any = np.searchsorted  # its annotations do not know arrays of any dtype
    expected = np.asarray(places(x1[order], x2, side=side))
    assert_identical(expected, xp.searchsorted(x1[order], x2, side=side))
    assert_identical(expected, xp.searchsorted(x1, x2, side=side, sorter=order))


def test_only_a_vector_is_searched(xp: Any) -> None:
    """The message gives the shape."""
    with pytest.raises(ValueError, match=r"sorted vector, got the shape \(2, 2\)"):
        xp.searchsorted(np.ones((2, 2)), np.ones(2))


@pytest.mark.parametrize("name", ["argmax", "sort", "argsort"])
def test_complex_numbers_have_no_order(xp: Any, name: str) -> None:
    """They are refused, and so are booleans."""
    for dtype in ("complex64", "bool"):
        with pytest.raises(TypeError, match=f"{name} expected .* got {dtype}"):
            getattr(xp, name)(np.ones(2, dtype))


def test_a_sorted_array_has_a_derivative(xp: Any, tf: Any) -> None:
    """Each cotangent goes back to where its element came from."""
    x = tf.constant([3.0, 1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = xp.sort(x)
    got = tape.gradient(y, x, output_gradients=tf.constant([1.0, 2.0, 4.0]))
    assert_identical(np.array([4, 1, 2], np.float32), tf.convert_to_tensor(got))
