"""Products, trace and norms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.adapters.tensorflow_namespace.exact import (
    REALS,
    array_and_axes,
    arrays,
    assert_identical,
    between,
    promotable,
)

__all__: list[str] = []

NUMBERS = (*REALS, "complex64", "complex128")


@settings(max_examples=120, deadline=None)
@given(shapes=npst.mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, max_side=3), data=st.data())
def test_matrix_products_are_numpy_s(xp: Any, shapes: Any, data: st.DataObject) -> None:
    """Of vectors, matrices and batches of them, which broadcast; of every dtype."""
    dtypes = data.draw(promotable(NUMBERS))
    x1, x2 = (data.draw(arrays((dtype,), shape)) for dtype, shape in zip(dtypes, shapes.input_shapes, strict=True))
    assert_identical(np.matmul(x1, x2) + 0, xp.matmul(x1, x2) + 0)


def test_a_number_is_no_matrix(xp: Any) -> None:
    """The standard forbids products with 0-dimensional arrays."""
    with pytest.raises(ValueError, match="matmul expected vectors or matrices"):
        xp.matmul(np.array(1.0), np.ones(2))


@settings(max_examples=60, deadline=None)
@given(dtypes=promotable(NUMBERS), count=st.integers(0, 2), data=st.data())
def test_tensor_products_are_numpy_s(xp: Any, dtypes: Any, count: int, data: st.DataObject) -> None:
    """Over a number of axes, and over axes that are named."""
    summed = data.draw(npst.array_shapes(min_dims=count, max_dims=count, max_side=3)) if count else ()
    x1 = data.draw(arrays(dtypes[:1], (2, *summed)))
    x2 = data.draw(arrays(dtypes[1:], (*summed, 3)))
    expected = np.tensordot(x1, x2, axes=count) + 0
    assert_identical(expected, xp.tensordot(x1, x2, axes=count) + 0)
    axes = list(range(1, count + 1)), list(range(count))
    assert_identical(expected, xp.tensordot(x1, x2, axes=axes) + 0)


@settings(max_examples=60, deadline=None)
@given(
    dtypes=promotable(NUMBERS),
    shapes=npst.mutually_broadcastable_shapes(signature="(n),(n)->()", max_dims=2, max_side=3),
    data=st.data(),
)
def test_vector_products_are_numpy_s(xp: Any, dtypes: Any, shapes: Any, data: st.DataObject) -> None:
    """Along the last axis, batches broadcasting, the first vector conjugated."""
    x1, x2 = (data.draw(arrays((dtype,), shape)) for dtype, shape in zip(dtypes, shapes.input_shapes, strict=True))
    assert_identical(np.vecdot(x1, x2) + 0, xp.vecdot(x1, x2) + 0)


def test_vector_products_along_other_axes_are_numpy_s(xp: Any) -> None:
    """An axis counted from the end may be any that both have."""
    x1, x2 = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(2, 2, 3)
    vecdot: Any = np.vecdot  # its annotations lack `axis`
    assert_identical(vecdot(x1, x2, axis=-2), xp.vecdot(x1, x2, axis=-2))
    assert_identical(vecdot(x1, x1, axis=0), xp.vecdot(x1, x1, axis=0))
    with pytest.raises(ValueError, match="negative axis"):
        xp.vecdot(x1, x2, axis=0)
    with pytest.raises(ValueError, match="vectors of one length"):
        xp.vecdot(np.ones(3), np.ones(1))


@settings(max_examples=40, deadline=None)
@given(dtypes=promotable(NUMBERS), data=st.data())
def test_outer_products_are_numpy_s(xp: Any, dtypes: Any, data: st.DataObject) -> None:
    """Of two vectors; anything else is refused."""
    x1, x2 = data.draw(arrays(dtypes[:1], (2,))), data.draw(arrays(dtypes[1:], (3,)))
    assert_identical(np.outer(x1, x2) + 0, xp.linalg.outer(x1, x2) + 0)
    with pytest.raises(ValueError, match="outer expected two vectors"):
        xp.linalg.outer(x1[None], x2)


@settings(max_examples=60, deadline=None)
@given(x=arrays(NUMBERS, min_dims=2), offset=st.integers(-4, 4))
def test_traces_are_numpy_s(xp: Any, x: Any, offset: int) -> None:
    """Of any diagonal, also one outside of the matrix, narrow integers in 64 bits."""
    assert_identical(np.linalg.trace(x, offset=offset) + 0, xp.linalg.trace(x, offset=offset) + 0)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 0.5, math.inf, -math.inf, -1])
@settings(max_examples=20, deadline=None)
@given(sample=array_and_axes(("float32", "float64"), min_side=1, low=1), keepdims=st.booleans())
def test_vector_norms_are_numpy_s(xp: Any, order: float, sample: Any, keepdims: bool) -> None:
    """Of every order over any axes, two of which are no matrix norm; a few roundings away at most."""
    x, axis = sample
    right = np.linalg.vector_norm(x.astype(np.longdouble), axis=axis, keepdims=keepdims, ord=order)
    got = xp.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=order).numpy()
    assert between(np.asarray(right).astype(x.dtype), got) <= 8


def test_the_namespace_has_a_linalg_extension(xp: Any) -> None:
    """The functions of the main namespace are there under the same names."""
    x = np.arange(4.0).reshape(2, 2)
    assert_identical(x.T, xp.linalg.matrix_transpose(x))
    assert_identical(x @ x, xp.linalg.matmul(x, x))
    assert xp.linalg.tensordot is xp.tensordot
    assert xp.linalg.vecdot is xp.vecdot


@pytest.mark.parametrize("name", ["matmul", "tensordot", "vecdot"])
def test_booleans_are_refused(xp: Any, name: str) -> None:
    """The standard does not define products of booleans."""
    with pytest.raises(TypeError, match=f"{name} expected numeric .* got bool"):
        getattr(xp, name)(np.ones((2, 2), bool), np.ones((2, 2), bool))
