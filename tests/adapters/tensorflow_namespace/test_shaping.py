"""Shapes, joining and selection."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.adapters.tensorflow_namespace.exact import (
    FLOATS,
    REALS,
    array_and_axes,
    arrays,
    assert_identical,
    broadcasting,
    promotable,
)

__all__: list[str] = []

ANY = (*REALS, "complex64", "bool")


@settings(max_examples=50, deadline=None)
@given(x=arrays(ANY), data=st.data())
def test_reshape_keeps_c_order(xp: Any, x: Any, data: st.DataObject) -> None:
    """To one axis, to its own reversed shape, and with a length to be found."""
    assert_identical(x.reshape(-1), xp.reshape(x, (-1,)))
    assert_identical(x.reshape(x.shape[::-1]), xp.reshape(x, x.shape[::-1]))
    if x.size:
        place = data.draw(st.integers(0, x.ndim))
        shape = (*x.shape[:place], -1, *x.shape[place:])
        assert_identical(x.reshape(shape), xp.reshape(x, shape))


@settings(max_examples=50, deadline=None)
@given(x=arrays(ANY), data=st.data())
def test_axes_are_permuted_and_moved_as_in_numpy(xp: Any, x: Any, data: st.DataObject) -> None:
    """By a whole order, by single axes and by tuples of axes, counted from either end."""
    order = data.draw(st.permutations(range(x.ndim)))
    assert_identical(np.transpose(x, order), xp.permute_dims(x, tuple(order)))
    count = data.draw(st.integers(0, x.ndim))
    source, target = order[:count], data.draw(st.permutations(range(x.ndim)))[:count]
    source = [axis - x.ndim for axis in source]
    assert_identical(np.moveaxis(x, source, target), xp.moveaxis(x, tuple(source), tuple(target)))
    if x.ndim:
        assert_identical(np.moveaxis(x, -1, 0), xp.moveaxis(x, -1, 0))
    if x.ndim > 1:
        assert_identical(np.swapaxes(x, -1, -2), xp.matrix_transpose(x))


@settings(max_examples=50, deadline=None)
@given(x=arrays(ANY), data=st.data())
def test_axes_of_length_1_come_and_go(xp: Any, x: Any, data: st.DataObject) -> None:
    """Inserted at any place and removed again, alone or together."""
    axis = data.draw(st.integers(-x.ndim - 1, x.ndim))
    more = np.expand_dims(x, axis)
    assert_identical(more, xp.expand_dims(x, axis=axis))
    assert_identical(x, xp.squeeze(more, axis=axis))
    assert_identical(x, xp.squeeze(x[None, ..., None], axis=(0, -1)))
    assert_identical(x, xp.squeeze(x, axis=()))


def test_a_longer_axis_is_not_removed(xp: Any) -> None:
    """The message gives axis and shape."""
    with pytest.raises(ValueError, match=r"axis=1 of the shape \(1, 2\)"):
        xp.squeeze(np.ones((1, 2)), axis=1)


@settings(max_examples=50, deadline=None)
@given(pair=broadcasting(ANY))
def test_arrays_are_broadcast_as_in_numpy(xp: Any, pair: Any) -> None:
    """To a shape and to each other, each in its own dtype."""
    shape = np.broadcast_shapes(*(one.shape for one in pair))
    for expected, got in zip(np.broadcast_arrays(*pair), xp.broadcast_arrays(*pair), strict=True):
        assert_identical(expected, got)
    assert_identical(np.broadcast_to(pair[0], shape), xp.broadcast_to(pair[0], shape))


@settings(max_examples=50, deadline=None)
@given(dtypes=promotable(), shape=npst.array_shapes(max_dims=3, max_side=3), data=st.data())
def test_arrays_are_joined_and_split_as_in_numpy(xp: Any, dtypes: Any, shape: Any, data: st.DataObject) -> None:
    """Along a new axis, an old one, or all elements, in the common dtype."""
    parts = [data.draw(arrays((dtype,), shape)) for dtype in dtypes]
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    assert_identical(np.concat(parts, axis=axis), xp.concat(parts, axis=axis))
    assert_identical(np.concat(parts, axis=None), xp.concat(parts, axis=None))
    stacked = np.stack(parts, axis=axis)
    assert_identical(stacked, xp.stack(parts, axis=axis))
    for expected, got in zip(np.unstack(stacked, axis=axis), xp.unstack(stacked, axis=axis), strict=True):
        assert_identical(expected, got)


@settings(max_examples=50, deadline=None)
@given(sample=array_and_axes(ANY), data=st.data())
def test_flip_and_roll_are_numpy_s(xp: Any, sample: Any, data: st.DataObject) -> None:
    """Over all elements, one axis, or several with a shift for each."""
    x, axis = sample
    assert_identical(np.flip(x, axis=axis), xp.flip(x, axis=axis))
    if axis == ():
        return  # NumPy rolls over no axis only without a shift
    shift: Any = data.draw(st.integers(-4, 4))
    assert_identical(np.roll(x, shift, axis=axis), xp.roll(x, shift, axis=axis))
    if isinstance(axis, tuple):
        shifts = tuple(data.draw(st.integers(-4, 4)) for _ in axis)
        assert_identical(np.roll(x, shifts, axis=axis), xp.roll(x, shifts, axis=axis))


def test_roll_wants_a_shift_for_each_axis(xp: Any) -> None:
    """The message shows both."""
    with pytest.raises(ValueError, match=r"shift=\(1, 2\) and axis=\(0,\)"):
        xp.roll(np.ones((2, 2)), (1, 2), axis=(0,))


@settings(max_examples=50, deadline=None)
@given(x=arrays(ANY), times=st.lists(st.integers(0, 3), max_size=4), data=st.data())
def test_tile_and_repeat_are_numpy_s(xp: Any, x: Any, times: list[int], data: st.DataObject) -> None:
    """With fewer or more repetitions than axes; elements the same number of times, or each its own."""
    assert_identical(np.tile(x, times), xp.tile(x, tuple(times)))
    axis = data.draw(st.none() | st.integers(-x.ndim, x.ndim - 1)) if x.ndim else None
    assert_identical(np.repeat(x, 2, axis=axis), xp.repeat(x, 2, axis=axis))
    length = x.size if axis is None else x.shape[axis]
    each = np.array([index % 3 for index in range(length)], np.int64)
    assert_identical(np.repeat(x, each, axis=axis), xp.repeat(x, each, axis=axis))


@settings(max_examples=50, deadline=None)
@given(x=arrays(ANY, min_dims=2), k=st.integers(-4, 4))
def test_triangles_are_numpy_s(xp: Any, x: Any, k: int) -> None:
    """Of any diagonal, also one outside of the matrix, and of batches."""
    assert_identical(np.tril(x, k), xp.tril(x, k=k))
    assert_identical(np.triu(x, k), xp.triu(x, k=k))


def test_triangles_drop_infinities(xp: Any) -> None:
    """What is dropped becomes 0, whatever it was."""
    x = np.array([[1.0, np.inf], [np.nan, 2.0]])
    for k in (-1, 0, 1):
        assert_identical(np.tril(x, k), xp.tril(x, k=k))
        assert_identical(np.triu(x, k), xp.triu(x, k=k))


@settings(max_examples=50, deadline=None)
@given(x=arrays(ANY, min_dims=1, min_side=1), data=st.data())
def test_taking_is_numpy_s(xp: Any, x: Any, data: st.DataObject) -> None:
    """At indices from either end, along any axis, the same for all vectors or each its own."""
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    length = x.shape[axis]
    places = st.integers(-length, length - 1)
    indices = np.array(data.draw(st.lists(places, max_size=4)), np.int64)
    assert_identical(np.take(x, indices, axis=axis), xp.take(x, indices, axis=axis))
    shape = list(x.shape)
    shape[axis] = data.draw(st.integers(0, 3))
    own = data.draw(npst.arrays(np.int64, tuple(shape), elements=places))
    assert_identical(np.take_along_axis(x, own, axis=axis), xp.take_along_axis(x, own, axis=axis))


def test_a_list_of_indices_is_taken(xp: Any) -> None:
    """Python integers are int64."""
    assert_identical(np.array([3.0, 1.0]), xp.take(np.array([1.0, 2.0, 3.0]), [2, 0], axis=0))


def test_own_indices_broadcast(xp: Any) -> None:
    """Axes of length 1 of the indices are repeated."""
    x, own = np.arange(6.0).reshape(2, 3), np.array([[2, 0]])
    assert_identical(np.take_along_axis(x, own, axis=1), xp.take_along_axis(x, own, axis=1))


@settings(max_examples=50, deadline=None)
@given(x=arrays((*REALS, "complex64"), min_dims=1), data=st.data(), n=st.integers(0, 3))
def test_differences_are_numpy_s(xp: Any, x: Any, data: st.DataObject, n: int) -> None:
    """Of any order along any axis, with neighbours before and after."""
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    assert_identical(np.diff(x, n=n, axis=axis), xp.diff(x, n=n, axis=axis))
    if n:
        assert_identical(
            np.diff(x, n=n, axis=axis, prepend=x, append=x), xp.diff(x, n=n, axis=axis, prepend=x, append=x)
        )


def test_a_shape_of_a_tensor_is_a_shape(xp: Any, tf: Any) -> None:
    """tf.TensorShape, an integer and NumPy integers are taken where the standard takes a tuple."""
    x = tf.zeros((2, 3))
    assert_identical(np.zeros((2, 3)), xp.zeros(x.shape))
    assert_identical(np.zeros(3), xp.zeros(3))
    assert_identical(np.zeros((3, 2), np.float32), xp.reshape(x, (np.int64(3), x.shape[0])))


@pytest.mark.parametrize("dtype", FLOATS)
def test_selections_have_dense_derivatives(xp: Any, tf: Any, dtype: str) -> None:
    """An element that is taken twice gets the sum of both cotangents."""
    x = tf.constant([[1, 2, 3], [4, 5, 6]], dtype=dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = xp.sum(xp.take(x, [2, 2], axis=1)) + xp.sum(xp.take_along_axis(x, np.array([[0], [1]]), axis=1))
    assert_identical(np.array([[1, 0, 2], [0, 1, 2]], dtype), tf.convert_to_tensor(tape.gradient(y, x)))
