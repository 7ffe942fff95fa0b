"""Exact comparison, and strategies of arrays whose results are exact: small whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

__all__ = [
    "FLOATS",
    "INTEGERS",
    "REALS",
    "array_and_axes",
    "arrays",
    "assert_identical",
    "between",
    "broadcasting",
    "promotable",
    "promotes",
]

Array = np.ndarray[Any, Any]

FLOATS = ("float16", "float32", "float64")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
REALS = INTEGERS + FLOATS


def assert_identical(expected: Any, got: Any) -> None:
    """Ask for the same dtype, shape and numbers: NaN where NaN is expected, and zeros of the same sign."""
    wanted, found = np.asarray(expected), got.numpy() if hasattr(got, "numpy") else np.asarray(got)
    assert wanted.dtype == found.dtype
    assert wanted.shape == found.shape
    if wanted.dtype.kind in "fc":
        assert np.array_equal(np.isnan(wanted), np.isnan(found)), (wanted, found)
        assert np.array_equal(wanted[~np.isnan(wanted)], found[~np.isnan(found)]), (wanted, found)
    else:
        assert np.array_equal(wanted, found), (wanted, found)
    if wanted.dtype.kind == "f":
        zero = wanted == 0
        assert np.array_equal(np.signbit(wanted[zero]), np.signbit(found[zero])), (wanted, found)


def between(expected: Array, got: Array) -> int:
    """Count, at the worst element, the representable numbers from the expected one to the one that was got.

    Args:
        expected: The right numbers, rounded to the dtype.
        got: The numbers to judge, in the same dtype and shape.
    """
    assert expected.dtype == got.dtype
    assert expected.shape == got.shape
    assert np.array_equal(np.isnan(expected), np.isnan(got)), (expected, got)
    word = np.dtype(f"int{8 * expected.dtype.itemsize}")
    ordered = []
    for numbers in (expected, got):
        bits = numbers[~np.isnan(expected)].view(word).astype(object)
        ordered.append(np.where(bits < 0, -(bits & np.iinfo(word).max), bits))
    return int(np.max(np.abs(ordered[0] - ordered[1]), initial=0))


def _whole(dtype: str, low: int, high: int) -> st.SearchStrategy[Any]:
    kind = np.dtype(dtype).kind
    if kind == "b":
        return st.booleans()
    if kind == "u":
        return st.integers(max(low, 0), high)
    if kind == "c":
        return st.builds(complex, st.integers(low, high), st.integers(low, high))
    return st.integers(low, high) if kind == "i" else st.integers(low, high).map(float)


@st.composite
def arrays(
    draw: st.DrawFn,
    dtypes: tuple[str, ...] = REALS,
    shape: Any = None,
    low: int = -4,
    high: int = 4,
    min_dims: int = 0,
    min_side: int = 0,
) -> Array:
    """Draw an array of small whole numbers (not negative where the dtype is unsigned)."""
    dtype = draw(st.sampled_from(dtypes))
    if shape is None:
        shape = draw(npst.array_shapes(min_dims=min_dims, max_dims=3, min_side=min_side, max_side=3))
    return draw(npst.arrays(dtype, shape, elements=_whole(dtype, low, high)))


def promotes(first: str, second: str) -> bool:
    """Whether the standard's tables promote two dtypes."""
    integers = [np.dtype(one).kind in "iu" for one in (first, second)]
    lost = {np.dtype(first).kind, np.dtype(second).kind} == {"i", "u"} and "uint64" in (first, second)
    return not lost and integers[0] == integers[1]


@st.composite
def promotable(draw: st.DrawFn, dtypes: tuple[str, ...] = REALS) -> tuple[str, str]:
    """Draw two dtypes that the standard's tables promote."""
    first, second = draw(st.sampled_from(dtypes)), draw(st.sampled_from(dtypes))
    return (first, second) if promotes(first, second) else (first, first)


@st.composite
def broadcasting(draw: st.DrawFn, dtypes: tuple[str, ...] = REALS, low: int = -4, high: int = 4) -> tuple[Array, Array]:
    """Draw two arrays whose shapes broadcast and whose dtypes promote."""
    first, second = draw(promotable(dtypes))
    shapes = draw(npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)).input_shapes
    return (
        draw(arrays((first,), shapes[0], low=low, high=high)),
        draw(arrays((second,), shapes[1], low=low, high=high)),
    )


@st.composite
def array_and_axes(
    draw: st.DrawFn, dtypes: tuple[str, ...] = REALS, min_side: int = 0, low: int = -4, high: int = 4
) -> tuple[Array, Any]:
    """Draw an array, and None, an axis, or distinct axes of it, some counted from the end."""
    x = draw(arrays(dtypes, min_side=min_side, low=low, high=high))
    axes = draw(st.lists(st.integers(0, x.ndim - 1), unique=True)) if x.ndim else []
    signed = tuple(axis - x.ndim * draw(st.integers(0, 1)) for axis in axes)
    return x, draw(st.sampled_from([None, signed, *signed[:1]]))
