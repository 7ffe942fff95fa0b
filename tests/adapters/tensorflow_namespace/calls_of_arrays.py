"""Calls that are drawn of operations whose arguments have a form of their own: shapes, places, makers, statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.adapters.tensorflow_namespace.exact import INTEGERS, REALS
from tests.adapters.tensorflow_namespace.signatures import (
    ANY,
    EIGHTHS,
    FLOATING,
    MAKEABLE,
    NUMBERS,
    POSITIVE,
    PRECISE,
    PROBABILITIES,
    SMALL,
    TRUTH,
    WIDE,
    WITH_SPECIALS,
    Call,
    Numbers,
    along,
    arrays,
    binary,
    over_axes,
)

if TYPE_CHECKING:
    from tests.adapters.tensorflow_namespace.signatures import Array

__all__ = [
    "arange",
    "asarray",
    "astype",
    "average",
    "broadcast_to",
    "clip",
    "expand",
    "eye",
    "family",
    "joined",
    "like",
    "linspace",
    "meshgrid",
    "moveaxis",
    "observations",
    "pad",
    "permute",
    "powered",
    "quantile",
    "repeat",
    "reshape",
    "roll",
    "rot90",
    "scan",
    "scattered",
    "searchsorted",
    "segments",
    "shifted",
    "squeeze",
    "take",
    "take_along_axis",
    "tile",
    "top_k",
    "triangle",
    "where",
]


@st.composite
def where(draw: st.DrawFn, name: str) -> Call:
    """Draw a condition, and two arrays that broadcast and promote."""
    a, b = draw(binary(NUMBERS, WITH_SPECIALS)(name)).arrays
    return Call(name, (draw(arrays(TRUTH, np.broadcast_shapes(a.shape, b.shape))), a, b))


@st.composite
def clip(draw: st.DrawFn, name: str) -> Call:
    """Draw bounds, one or both."""
    low, high = draw(st.none() | st.integers(0, 2)), draw(st.none() | st.integers(2, 4))
    # NumPy refuses to clip without a bound.
    bounds = (
        {} if low is None and high is None and draw(st.booleans()) else {"min": low, "max": 4 if high is None else high}
    )
    return Call(name, (draw(arrays(REALS, numbers=WITH_SPECIALS)),), keywords=bounds or {"max": 3})


@st.composite
def shifted(draw: st.DrawFn, name: str) -> Call:
    """Draw integers, and by how many bits they are shifted."""
    a, b = draw(binary(INTEGERS, Numbers(-100, 100), Numbers(0, 7))(name)).arrays
    return Call(name, (a, b))


@st.composite
def scan(draw: st.DrawFn, name: str) -> Call:
    """Draw an axis, and whether the empty prefix is asked for."""
    return draw(along(NUMBERS, SMALL, default=False, include_initial=st.booleans())(name))


@st.composite
def reshape(draw: st.DrawFn, name: str) -> Call:
    """Draw a shape with as many elements; one length may be -1."""
    x = draw(arrays(ANY))
    order = draw(st.permutations(x.shape))
    place = draw(st.integers(0, x.ndim))
    shape = (*order[:place], -1, *order[place:]) if x.size and draw(st.booleans()) else tuple(order)
    return Call(name, (x,), last=(tuple(shape),))


@st.composite
def permute(draw: st.DrawFn, name: str) -> Call:
    """Draw an order of axes, some counted from the end."""
    x = draw(arrays(ANY))
    order = tuple(axis - x.ndim * draw(st.integers(0, 1)) for axis in draw(st.permutations(range(x.ndim))))
    return Call(name, (x,), last=(order,))


@st.composite
def moveaxis(draw: st.DrawFn, name: str) -> Call:
    """Draw axes and where they go, one or several."""
    x = draw(arrays(ANY, min_dims=1))
    count = draw(st.integers(1, x.ndim))
    source, target = (tuple(draw(st.permutations(range(x.ndim)))[:count]) for _ in range(2))
    source = tuple(axis - x.ndim * draw(st.integers(0, 1)) for axis in source)
    return Call(name, (x,), last=(source, target) if count > 1 else (source[0], target[0]))


@st.composite
def expand(draw: st.DrawFn, name: str) -> Call:
    """Draw the place of a new axis."""
    x = draw(arrays(ANY, max_dims=3))
    return Call(name, (x,), keywords={"axis": draw(st.integers(-x.ndim - 1, x.ndim))})


@st.composite
def squeeze(draw: st.DrawFn, name: str) -> Call:
    """Draw an array whose first and last axes have length 1."""
    x = draw(arrays(ANY, max_dims=2))
    axis = draw(st.sampled_from([0, -1, (0, -1), (-1, 0), ()]))
    return Call(name, (x[None, ..., None],), keywords={"axis": axis})


@st.composite
def broadcast_to(draw: st.DrawFn, name: str) -> Call:
    """Draw a shape to which an array broadcasts."""
    a, b = draw(binary(ANY, promotes=False)(name)).arrays
    return Call(name, (a,), last=(np.broadcast_shapes(a.shape, b.shape),))


@st.composite
def joined(draw: st.DrawFn, name: str) -> Call:
    """Draw two arrays of one shape whose dtypes promote."""
    a, b = draw(binary(NUMBERS)(name)).arrays
    shape = draw(npst.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=3))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    parts = tuple(draw(arrays((one.dtype.name,), shape)) for one in (a, b))
    return Call(
        name,
        parts,
        keywords={"axis": draw(st.sampled_from([axis, *([None] if name == "concat" else [])]))},
        joined=True,
    )


@st.composite
def roll(draw: st.DrawFn, name: str) -> Call:
    """Draw shifts, one for all axes or one for each."""
    call = draw(over_axes(ANY)(name))
    axis = call.keywords["axis"]
    # NumPy rolls over no axis only without a shift.
    axis = 0 if axis == () and call.arrays[0].ndim else None if axis == () else axis
    shift = draw(st.integers(-4, 4))
    several = isinstance(axis, tuple) and draw(st.booleans())
    shifts = tuple(draw(st.integers(-4, 4)) for _ in axis) if several and isinstance(axis, tuple) else shift
    return Call(name, call.arrays, last=(shifts,), keywords={"axis": axis})


def _places(draw: st.DrawFn, shape: Any, length: int) -> Array:
    return draw(npst.arrays(np.int64, shape, elements=st.integers(-length, length - 1)))


@st.composite
def take(draw: st.DrawFn, name: str) -> Call:
    """Draw indices from either end."""
    x = draw(arrays(ANY, min_dims=1, min_side=1))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    return Call(name, (x, _places(draw, (draw(st.integers(0, 4)),), x.shape[axis])), keywords={"axis": axis})


@st.composite
def take_along_axis(draw: st.DrawFn, name: str) -> Call:
    """Draw indices of their own for each vector."""
    x = draw(arrays(ANY, min_dims=1, min_side=1))
    axis, shape = draw(st.integers(-x.ndim, x.ndim - 1)), list(x.shape)
    shape[axis] = draw(st.integers(0, 3))
    return Call(name, (x, _places(draw, tuple(shape), x.shape[axis])), keywords={"axis": axis})


@st.composite
def triangle(draw: st.DrawFn, name: str) -> Call:
    """Draw matrices and a diagonal, which may lie outside of them."""
    return Call(name, (draw(arrays(ANY, min_dims=2)),), keywords={"k": draw(st.integers(-4, 4))})


@st.composite
def astype(draw: st.DrawFn, name: str) -> Call:
    """Draw real numbers and a dtype."""
    x, dtype = draw(arrays((*REALS, "bool"), numbers=Numbers(0, 8))), draw(MAKEABLE)
    return Call(name, (x,), function=lambda xp, x: xp.astype(x, getattr(xp, dtype)))


@st.composite
def asarray(draw: st.DrawFn, name: str) -> Call:
    """Draw nested lists, with a dtype or without."""
    numbers = draw(npst.arrays(np.int64, draw(npst.array_shapes(max_dims=3, max_side=3)), elements=st.integers(0, 8)))
    return Call(name, first=(numbers.tolist(),), keywords={"dtype": draw(st.none() | MAKEABLE)})


@st.composite
def like(draw: st.DrawFn, name: str) -> Call:
    """Draw an array to be like, with a dtype or without."""
    dtype = draw(st.none() | MAKEABLE)
    last = (draw(st.integers(0, 1)),) if name == "full_like" else ()
    return Call(name, (draw(arrays(ANY)),), last=last, keywords={"dtype": dtype})


@st.composite
def arange(draw: st.DrawFn, name: str) -> Call:
    """Draw ranges of integers and of halves, up and down, some empty."""
    unit = draw(st.sampled_from([1, 0.5]))
    start, stop = (unit * draw(st.integers(-9, 9)) for _ in range(2))
    first = (start, stop, unit * draw(st.sampled_from([1, 2, -1, -3])))
    return Call(name, first=first, keywords={"dtype": draw(st.none() | FLOATING)})


@st.composite
def linspace(draw: st.DrawFn, name: str) -> Call:
    """Draw places that are exact: their steps are eighths."""
    start, step, count = draw(st.integers(-9, 9)), draw(st.integers(-9, 9)) / 8, draw(st.sampled_from([1, 2, 3, 5, 9]))
    stop = start + step * (count - 1)
    return Call(name, first=(float(start), float(stop), count), keywords={"dtype": draw(FLOATING)})


@st.composite
def eye(draw: st.DrawFn, name: str) -> Call:
    """Draw numbers of rows and columns, and a diagonal."""
    first = (draw(st.integers(0, 4)), draw(st.none() | st.integers(0, 4)))
    return Call(name, first=first, keywords={"k": draw(st.integers(-5, 5)), "dtype": draw(st.none() | MAKEABLE)})


@st.composite
def repeat(draw: st.DrawFn, name: str) -> Call:
    """Draw how often elements are repeated, along an axis or all."""
    x = draw(arrays(ANY))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1)) if x.ndim else None
    return Call(name, (x,), last=(draw(st.integers(0, 3)),), keywords={"axis": axis})


@st.composite
def tile(draw: st.DrawFn, name: str) -> Call:
    """Draw repetitions, fewer or more than there are axes."""
    return Call(name, (draw(arrays(ANY, max_dims=3)),), last=(tuple(draw(st.lists(st.integers(0, 3), max_size=4))),))


@st.composite
def meshgrid(draw: st.DrawFn, name: str) -> Call:
    """Draw vectors and an order of indexing."""
    count, dtype = draw(st.integers(1, 3)), draw(st.sampled_from(ANY))
    vectors = tuple(draw(arrays((dtype,), min_dims=1, max_dims=1)) for _ in range(count))
    return Call(name, vectors, keywords={"indexing": draw(st.sampled_from(["xy", "ij"]))})


@st.composite
def searchsorted(draw: st.DrawFn, name: str) -> Call:
    """Draw a sorted vector, and numbers to find places for."""
    a, b = draw(binary(REALS)(name)).arrays
    return Call(name, (np.sort(a.reshape(-1)), b), keywords={"side": draw(st.sampled_from(["left", "right"]))})


@st.composite
def pad(draw: st.DrawFn, name: str) -> Call:
    """Draw the widths before and after each axis."""
    # NumPy has no word for the widths of no axis.
    x = draw(arrays(("int32", "int64", *WIDE), min_dims=1, max_dims=3))
    widths = tuple((draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in range(x.ndim))
    return Call(name, (x,), last=(widths,), keywords={"value": draw(st.integers(0, 2))})


@st.composite
def rot90(draw: st.DrawFn, name: str) -> Call:
    """Draw a plane, and how often it is turned."""
    x = draw(arrays(ANY, min_dims=2))
    axes = tuple(draw(st.permutations(range(-x.ndim, 0)))[:2])
    return Call(name, (x,), last=(draw(st.integers(-5, 5)),), keywords={"axes": axes})


@st.composite
def scattered(draw: st.DrawFn, name: str) -> Call:
    """Draw indices, which may repeat, and updates."""
    x = draw(arrays(("int32", "int64", *PRECISE), min_dims=1, max_dims=3, min_side=1))
    count = draw(st.integers(0, 4))
    indices = draw(npst.arrays(np.int64, count, elements=st.integers(0, x.shape[0] - 1)))
    return Call(name, (x, indices, draw(arrays((x.dtype.name,), (count, *x.shape[1:])))))


@st.composite
def segments(draw: st.DrawFn, name: str) -> Call:
    """Draw segments, some of which may be empty."""
    x, number = draw(arrays(("float32", "float64"), min_dims=1, max_dims=3)), draw(st.integers(1, 4))
    segments = draw(npst.arrays(np.int64, x.shape[0], elements=st.integers(0, number - 1)))
    return Call(name, (x, segments), last=(number,))


@st.composite
def top_k(draw: st.DrawFn, name: str) -> Call:
    """Draw how many elements are asked for."""
    x = draw(arrays(("int32", "int64", *WIDE), min_dims=1))
    return Call(name, (x,), last=(draw(st.integers(0, x.shape[-1])),))


@st.composite
def quantile(draw: st.DrawFn, name: str) -> Call:
    """Draw an axis, and of `quantile` also the part."""
    call = draw(over_axes(PRECISE, EIGHTHS, min_side=1, several=False)(name))
    last = (draw(st.sampled_from([0.0, 0.25, 0.5, 0.3, 1.0])),) if name == "quantile" else ()
    return Call(name, call.arrays, last=last, keywords=call.keywords)


@st.composite
def average(draw: st.DrawFn, name: str) -> Call:
    """Draw positive weights."""
    call = draw(over_axes(PRECISE, EIGHTHS, min_side=1)(name))
    (x,) = call.arrays
    return Call(name, (x, draw(arrays((x.dtype.name,), x.shape, POSITIVE))), keywords=call.keywords)


@st.composite
def observations(draw: st.DrawFn, name: str) -> Call:
    """Draw rows of which one observation stands far from the others, so that no deviation is 0."""
    x = draw(arrays(PRECISE, (draw(st.integers(2, 3)), draw(st.integers(2, 4))), EIGHTHS))
    return Call(name, (x + np.asarray([16] + [0] * (x.shape[1] - 1), x.dtype),))


def _with(draw: st.DrawFn, name: str, first: Any, numbers: Numbers = POSITIVE) -> Call:
    return Call(name, (draw(arrays(PRECISE, numbers=numbers)),), first=first)


_FAMILIES = {
    "special.gammainc": (st.tuples(st.sampled_from([0.5, 1.0, 2.5])), POSITIVE),
    "special.gammaincc": (st.tuples(st.sampled_from([0.5, 1.0, 2.5])), POSITIVE),
    "special.betainc": (st.tuples(st.sampled_from([0.5, 2.5]), st.sampled_from([1.0, 1.5])), PROBABILITIES),
    "special.zeta": (st.tuples(st.sampled_from([1.5, 2.0, 3.0])), POSITIVE),
    "special.polygamma": (st.tuples(st.integers(1, 3)), POSITIVE),
}


@st.composite
def family(draw: st.DrawFn, name: str) -> Call:
    """Draw parameters and arguments of a family of special functions."""
    first, numbers = _FAMILIES[name]
    return _with(draw, name, draw(first), numbers)


@st.composite
def powered(draw: st.DrawFn, name: str) -> Call:
    """Draw a constant power beside the array."""
    numbers = Numbers.inside(name)
    powers = {"special.poch": [0.5, 1.0, 2.5]}.get(name, [0.5, 0, -1.5])
    return Call(name, (draw(arrays(PRECISE, numbers=numbers)),), last=(draw(st.sampled_from(powers)),))
