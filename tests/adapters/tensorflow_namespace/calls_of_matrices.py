"""Calls that are drawn of products, systems of equations and Fourier transforms."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.adapters.tensorflow_namespace.signatures import (
    COMPLEX,
    NUMBERS,
    POSITIVE,
    PRECISE,
    SMALL,
    Call,
    along,
    arrays,
    binary,
    matrices,
    of_vectors,
    over_axes,
)

__all__ = [
    "cholesky_solve",
    "cross",
    "einsum",
    "fft_along",
    "fft_back",
    "fft_planes",
    "kron",
    "lstsq",
    "multi_dot",
    "offset",
    "solve",
    "tensordot",
    "triangular",
    "vector_norm",
]

ORDERS = st.sampled_from([1, 2, 3, 0.5, -1, float("inf"), float("-inf")])


@st.composite
def tensordot(draw: st.DrawFn, name: str) -> Call:
    """Draw a number of axes, or the axes' names."""
    a, b = draw(binary(NUMBERS)(name)).arrays
    count = draw(st.integers(0, 2))
    summed = draw(npst.array_shapes(min_dims=count, max_dims=count, max_side=3)) if count else ()
    pair = draw(arrays((a.dtype.name,), (2, *summed))), draw(arrays((b.dtype.name,), (*summed, 3)))
    named = (list(range(1, count + 1)), list(range(count)))
    return Call(name, pair, keywords={"axes": draw(st.sampled_from([count, named]))})


_SUBSCRIPTS = (
    "ij,jk->ik",
    "ij,kj->ik",
    "ij->ji",
    "ij->",
    "i,i->",
    "i,j->ij",
    "bij,bjk->bk",
    "ij,jk,kl->il",
    "ij,ij->i",
)


@st.composite
def einsum(draw: st.DrawFn, name: str) -> Call:
    """Draw subscripts, and arrays that fit them."""
    subscripts = draw(st.sampled_from(_SUBSCRIPTS))
    sizes = {letter: draw(st.integers(1, 3)) for letter in "bijkl"}
    dtype = draw(st.sampled_from(PRECISE))
    words = subscripts.partition("->")[0].split(",")
    parts = tuple(draw(arrays((dtype,), tuple(sizes[one] for one in word), SMALL)) for word in words)
    return Call(name, parts, first=(subscripts,))


@st.composite
def offset(draw: st.DrawFn, name: str) -> Call:
    """Draw a diagonal, which may lie outside of the matrices."""
    return Call(name, (draw(arrays(NUMBERS, min_dims=2)),), keywords={"offset": draw(st.integers(-4, 4))})


@st.composite
def vector_norm(draw: st.DrawFn, name: str) -> Call:
    """Draw axes and an order."""
    call = draw(over_axes(PRECISE, POSITIVE, min_side=1, keepdims=st.booleans())(name))
    return Call(name, call.arrays, keywords={**call.keywords, "ord": draw(ORDERS)})


@st.composite
def cross(draw: st.DrawFn, name: str) -> Call:
    """Draw vectors of space along any axis, whose other axes broadcast."""
    a, b = draw(of_vectors(PRECISE, "(3),(3)->(3)")(name)).arrays
    axis = draw(st.integers(-min(a.ndim, b.ndim), -1))
    return Call(name, tuple(np.moveaxis(one, -1, axis) for one in (a, b)), keywords={"axis": axis})


@st.composite
def multi_dot(draw: st.DrawFn, name: str) -> Call:
    """Draw a chain of matrices."""
    sizes = [draw(st.integers(1, 3)) for _ in range(draw(st.integers(3, 5)))]
    dtype = draw(st.sampled_from(PRECISE))
    pairs = itertools.pairwise(sizes)
    return Call(name, tuple(draw(arrays((dtype,), pair, SMALL)) for pair in pairs), joined=True)


@st.composite
def solve(draw: st.DrawFn, name: str) -> Call:
    """Draw a vector, or matrices whose batch broadcasts."""
    a = draw(matrices(PRECISE))
    columns = draw(st.integers(0, 2))
    if not columns:
        return Call(name, (a, draw(arrays(PRECISE, a.shape[-1:]))))
    batch = a.shape[:-2]
    kept = tuple(draw(st.sampled_from([1, size])) for size in batch)[draw(st.integers(0, len(batch))) :]
    return Call(name, (a, draw(arrays(PRECISE, (*kept, a.shape[-1], columns)))))


@st.composite
def triangular(draw: st.DrawFn, name: str) -> Call:
    """Draw triangles of both sides."""
    lower = draw(st.booleans())
    a = draw(matrices(PRECISE, triangle="lower" if lower else "upper"))
    return Call(name, (a, draw(arrays((a.dtype.name,), (*a.shape[:-1], 2)))), keywords={"lower": lower})


@st.composite
def cholesky_solve(draw: st.DrawFn, name: str) -> Call:
    """Draw lower triangles."""
    a = draw(matrices(PRECISE, triangle="lower"))
    return Call(name, (a, draw(arrays((a.dtype.name,), (*a.shape[:-1], 2)))))


@st.composite
def lstsq(draw: st.DrawFn, name: str) -> Call:
    """Draw a matrix with no fewer rows than columns."""
    a = draw(matrices(PRECISE, square=False, wide=False, batches=0))
    return Call(name, (a, draw(arrays((a.dtype.name,), (a.shape[0], 2)))))


@st.composite
def kron(draw: st.DrawFn, name: str) -> Call:
    """Draw two matrices."""
    dtype = draw(st.sampled_from(PRECISE))
    return Call(name, tuple(draw(arrays((dtype,), min_dims=2, max_dims=2, min_side=1)) for _ in range(2)))


@st.composite
def fft_along(draw: st.DrawFn, name: str) -> Call:
    """Draw an axis."""
    return draw(along(COMPLEX, min_side=1)(name))


@st.composite
def fft_planes(draw: st.DrawFn, name: str) -> Call:
    """Draw some axes, or None for all."""
    x = draw(arrays(COMPLEX, min_dims=1, max_dims=3, min_side=1))
    axes = draw(st.none() | st.lists(st.integers(-x.ndim, -1), min_size=1, unique=True).map(tuple))
    return Call(name, (x,), keywords={"axes": axes})


@st.composite
def fft_back(draw: st.DrawFn, name: str) -> Call:
    """Draw half a spectrum, and the length of the whole."""
    x = draw(arrays(COMPLEX, min_dims=1, max_dims=3, min_side=2))
    length = 2 * (x.shape[-1] - 1)
    return Call(name, (x,), keywords={"n": draw(st.sampled_from([None, length, length + 1]))})
