"""Random calls of the words that the tape does by itself, or that are made of them, in a form that NumPy runs too."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ENCLOSED", "EXACT", "KINKED", "LINEAR", "ROUNDED", "Call"]

Call = tuple["Callable[..., Any]", list[Any]]
"""`function(xp, *arrays)` and its arrays: float64 integers, and index arrays and masks."""

Draw = Any


def _numbers(draw: Draw, shape: tuple[int, ...], low: int = -6, high: int = 6) -> Any:
    values = st.integers(low, high).map(float)
    return draw(hnp.arrays(np.float64, shape, elements=values))


def _positive(draw: Draw, shape: tuple[int, ...]) -> Any:
    return _numbers(draw, shape, 1, 9)


def _shape(draw: Draw, least: int = 0, most: int = 3, side: int = 0) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.integers(side, 3), min_size=least, max_size=most)))


def _axis(draw: Draw, ndim: int) -> int:
    return int(draw(st.integers(-ndim, ndim - 1)))


def _axes(draw: Draw, ndim: int) -> Any:
    """Draw None, one axis, or several, in any order and from either end."""
    if ndim == 0:
        return draw(st.sampled_from([None, ()]))
    several = st.lists(st.integers(0, ndim - 1), unique=True, min_size=1).map(
        lambda axes: tuple(axis - ndim if axis % 2 else axis for axis in axes)
    )
    return draw(st.none() | st.integers(-ndim, ndim - 1) | several)


def _operator(name: str, positive: bool = False) -> Any:
    @st.composite
    def call(draw: Draw) -> Call:
        shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3)).input_shapes
        a, b = _numbers(draw, shapes[0]), (_positive if positive else _numbers)(draw, shapes[1])
        return lambda xp, a, b: getattr(xp, name)(a, b), [a, b]

    return call()


@st.composite
def _where(draw: Draw) -> Call:
    shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, min_side=0, max_side=3)).input_shapes
    mask = draw(hnp.arrays(np.bool_, shapes[0]))
    return lambda xp, mask, a, b: xp.where(mask, a, b), [mask, _numbers(draw, shapes[1]), _numbers(draw, shapes[2])]


def _unary(name: str) -> Any:
    @st.composite
    def call(draw: Draw) -> Call:
        return lambda xp, x: getattr(xp, name)(x), [_numbers(draw, _shape(draw))]

    return call()


def _reduction(name: str, side: int = 0, **more: Any) -> Any:
    @st.composite
    def call(draw: Draw) -> Call:
        x = _numbers(draw, _shape(draw, side=side), -3, 3)
        axes, keepdims = _axes(draw, x.ndim), draw(st.booleans())
        return lambda xp, x: getattr(xp, name)(x, axis=axes, keepdims=keepdims, **more), [x]

    return call()


@st.composite
def _cumulative_sum(draw: Draw) -> Call:
    x = _numbers(draw, _shape(draw, least=1))
    axis, initial = _axis(draw, x.ndim), draw(st.booleans())
    return lambda xp, x: xp.cumulative_sum(x, axis=axis, include_initial=initial), [x]


@st.composite
def _matmul(draw: Draw) -> Call:
    signature = draw(
        hnp.mutually_broadcastable_shapes(signature="(n?,k),(k,m?)->(n?,m?)", max_dims=2, min_side=0, max_side=3)
    )
    a, b = (_numbers(draw, shape) for shape in signature.input_shapes)
    return lambda xp, a, b: xp.matmul(a, b), [a, b]


@st.composite
def _tensordot(draw: Draw) -> Call:
    shared, left, right = (_shape(draw, most=2, side=1) for _ in range(3))
    a, b = _numbers(draw, (*left, *shared)), _numbers(draw, (*shared, *right))
    if draw(st.booleans()):
        return lambda xp, a, b: xp.tensordot(a, b, axes=len(shared)), [a, b]
    axes = (list(range(len(left), a.ndim)), list(range(len(shared))))
    return lambda xp, a, b: xp.tensordot(a, b, axes=axes), [a, b]


@st.composite
def _vecdot(draw: Draw) -> Call:
    shape = _shape(draw, least=1)
    axis = draw(st.integers(-len(shape), -1))
    return lambda xp, a, b: xp.vecdot(a, b, axis=axis), [_numbers(draw, shape), _numbers(draw, shape)]


@st.composite
def _outer(draw: Draw) -> Call:
    a, b = (_numbers(draw, _shape(draw, least=1, most=1)) for _ in range(2))
    return lambda xp, a, b: xp.linalg.outer(a, b), [a, b]


@st.composite
def _trace(draw: Draw) -> Call:
    offset = draw(st.integers(-2, 2))
    return lambda xp, x: xp.linalg.trace(x, offset=offset), [_numbers(draw, _shape(draw, least=2, side=1))]


@st.composite
def _getitem(draw: Draw) -> Call:
    x = _numbers(draw, _shape(draw, side=1))
    key = draw(hnp.basic_indices(x.shape, allow_newaxis=True))
    return lambda xp, x: x[key], [x]


@st.composite
def _getitem_of_arrays(draw: Draw) -> Call:
    """Index with integer arrays that name places several times, with slices before, between and after them."""
    x = _numbers(draw, _shape(draw, least=1, side=1))
    count = draw(st.integers(1, x.ndim))
    shape = _shape(draw, most=2, side=1)
    places = draw(st.permutations(range(x.ndim)))[:count]
    key: list[Any] = [slice(None)] * x.ndim
    for place in places:
        size = x.shape[place]
        key[place] = draw(hnp.arrays(np.int64, shape, elements=st.integers(-size, size - 1)))
    return lambda xp, x: x[tuple(key)], [x]


@st.composite
def _take(draw: Draw) -> Call:
    x = _numbers(draw, _shape(draw, least=1, side=1))
    axis = _axis(draw, x.ndim)
    size = x.shape[axis]
    indices = draw(hnp.arrays(np.int64, draw(st.integers(0, 5)), elements=st.integers(-size, size - 1)))
    return lambda xp, x, indices: xp.take(x, indices, axis=axis), [x, indices]


@st.composite
def _reshape(draw: Draw) -> Call:
    x = _numbers(draw, _shape(draw))
    shapes = [(x.size,), (1, x.size), (-1,), (*x.shape, 1), (1, *reversed(x.shape))]
    if x.size:
        shapes.append((-1, *x.shape[1:]) if x.ndim else (1, -1))
    shape = draw(st.sampled_from(shapes))
    return lambda xp, x: xp.reshape(x, shape), [x]


@st.composite
def _permute_dims(draw: Draw) -> Call:
    x = _numbers(draw, _shape(draw))
    order = tuple(axis - x.ndim if axis % 2 else axis for axis in draw(st.permutations(range(x.ndim))))
    return lambda xp, x: xp.permute_dims(x, order), [x]


@st.composite
def _matrix_transpose(draw: Draw) -> Call:
    return lambda xp, x: xp.matrix_transpose(x), [_numbers(draw, _shape(draw, least=2))]


@st.composite
def _moveaxis(draw: Draw) -> Call:
    x = _numbers(draw, _shape(draw, least=1))
    if draw(st.booleans()):
        source, target = _axis(draw, x.ndim), _axis(draw, x.ndim)
        return lambda xp, x: xp.moveaxis(x, source, target), [x]
    count = draw(st.integers(1, x.ndim))
    sources, targets = (tuple(draw(st.permutations(range(x.ndim)))[:count]) for _ in range(2))
    return lambda xp, x: xp.moveaxis(x, sources, targets), [x]


@st.composite
def _expand_dims(draw: Draw) -> Call:
    x = _numbers(draw, _shape(draw))
    axis = draw(st.integers(-x.ndim - 1, x.ndim))
    return lambda xp, x: xp.expand_dims(x, axis=axis), [x]


@st.composite
def _squeeze(draw: Draw) -> Call:
    shape = _shape(draw, least=1)
    place = draw(st.integers(0, len(shape) - 1))
    x = _numbers(draw, (*shape[:place], 1, *shape[place + 1 :]))
    axis = draw(st.sampled_from([place, place - x.ndim, (place,)]))
    return lambda xp, x: xp.squeeze(x, axis=axis), [x]


@st.composite
def _broadcast_to(draw: Draw) -> Call:
    result = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3))
    return lambda xp, x: xp.broadcast_to(x, result.result_shape), [_numbers(draw, result.input_shapes[0])]


def _joined(name: str) -> Any:
    @st.composite
    def call(draw: Draw) -> Call:
        shape = _shape(draw, least=1)
        if name == "stack":
            axis: Any = draw(st.integers(-len(shape) - 1, len(shape)))
            lengths = [shape] * draw(st.integers(1, 3))
        else:
            axis = draw(st.none() | st.just(_axis(draw, len(shape))))
            place = (axis or 0) % len(shape)
            sizes = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
            lengths = [(*shape[:place], size, *shape[place + 1 :]) for size in sizes]
        return lambda xp, *arrays: getattr(xp, name)(arrays, axis=axis), [_numbers(draw, s) for s in lengths]

    return call()


@st.composite
def _flip(draw: Draw) -> Call:
    x = _numbers(draw, _shape(draw))
    axes = _axes(draw, x.ndim)
    return lambda xp, x: xp.flip(x, axis=axes), [x]


@st.composite
def _roll(draw: Draw) -> Call:
    x = _numbers(draw, _shape(draw, least=1))
    if draw(st.booleans()):
        axes = tuple(draw(st.lists(st.integers(0, x.ndim - 1), unique=True, min_size=1)))
        shifts = tuple(draw(st.integers(-4, 4)) for _ in axes)
        return lambda xp, x: xp.roll(x, shifts, axis=axes), [x]
    shift, axis = draw(st.integers(-4, 4)), draw(st.none() | st.just(_axis(draw, x.ndim)))
    return lambda xp, x: xp.roll(x, shift, axis=axis), [x]


def _triangle(name: str) -> Any:
    @st.composite
    def call(draw: Draw) -> Call:
        k = draw(st.integers(-3, 3))
        return lambda xp, x: getattr(xp, name)(x, k=k), [_numbers(draw, _shape(draw, least=2))]

    return call()


@st.composite
def _clip(draw: Draw) -> Call:
    low = draw(st.none() | st.integers(-4, 0).map(float))
    high = draw(st.none() if low is None else st.none() | st.integers(0, 4).map(float))
    ends = {"min": -1.0 if low is None and high is None else low, "max": high}
    return lambda xp, x: xp.clip(x, **ends), [_numbers(draw, _shape(draw))]


@st.composite
def _vector_norm(draw: Draw) -> Call:
    x = _numbers(draw, _shape(draw, least=1, side=1), 1, 5)
    axis, keepdims = draw(st.none() | st.just(_axis(draw, x.ndim))), draw(st.booleans())
    order = draw(st.sampled_from([1, 2, 3, math.inf, -math.inf]))
    return lambda xp, x: xp.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=order), [x]


@st.composite
def _pow(draw: Draw) -> Call:
    exponent = draw(st.sampled_from([0, 1, 2, 3, 2.0, 3.0]))
    return lambda xp, x: xp.pow(x, exponent), [_numbers(draw, _shape(draw))]


@st.composite
def _power_of_arrays(draw: Draw) -> Call:
    shape = _shape(draw)
    return lambda xp, a, b: xp.pow(a, b), [_positive(draw, shape), _numbers(draw, shape, -2, 3)]


@st.composite
def _atan2(draw: Draw) -> Call:
    shape = _shape(draw)
    return lambda xp, a, b: xp.atan2(a, b), [_numbers(draw, shape), _numbers(draw, shape) + 0.5]


@st.composite
def _remainder(draw: Draw) -> Call:
    """Away from the jumps, which lie where a is a multiple of b."""
    shape = _shape(draw)
    a, b = _numbers(draw, shape) + 0.25, _positive(draw, shape)
    return lambda xp, a, b: xp.remainder(a, b), [a, b]


@st.composite
def _member(draw: Draw, name: str, *parameters: float) -> Call:
    """A family of functions, at points inside (0, 1)."""
    x = _positive(draw, _shape(draw)) / 16
    return lambda xp, x: getattr(xp.special, name)(*parameters, x), [x]


@st.composite
def _linspace(draw: Draw) -> Call:
    count = draw(st.integers(1, 6))
    return lambda xp, x: x * xp.linspace(-1.0, 3.0, count), [_numbers(draw, (count,))]


@st.composite
def _sorted(draw: Draw) -> Call:
    x = _numbers(draw, _shape(draw, least=1, side=1))
    axis = _axis(draw, x.ndim)
    return lambda xp, x: xp.sort(x, axis=axis), [x]


@st.composite
def _regular(draw: Draw) -> Any:
    """Draw a matrix, or some, whose diagonal outweighs the rest."""
    size = draw(st.integers(1, 3))
    return _numbers(draw, (*_shape(draw, most=1, side=1), size, size), -2, 2) + 9 * np.eye(size)[::-1]


@st.composite
def _solved(draw: Draw) -> Call:
    a = draw(_regular())
    b = _numbers(draw, (*a.shape[:-1], draw(st.integers(1, 2))))
    return lambda xp, a, b: xp.linalg.solve(a, b), [a, b]


def _of_regular(function: Callable[..., Any]) -> Any:
    return _regular().map(lambda a: (function, [a]))


@st.composite
def _decomposed(draw: Draw, number: int) -> Call:
    """Eigenvalues that no sum of a row's other entries brings together."""
    size = draw(st.integers(1, 3))
    apart = np.diag(20.0 * np.arange(size))
    x = _numbers(draw, (*_shape(draw, most=1, side=1), size, size), -1, 1)
    return lambda xp, x: xp.linalg.eigh(x + xp.matrix_transpose(x) + apart)[number], [x]


LINEAR: dict[str, Any] = {
    "add": _operator("add"),
    "subtract": _operator("subtract"),
    "negative": _unary("negative"),
    "positive": _unary("positive"),
    "where": _where(),
    "sum": _reduction("sum"),
    "cumulative_sum": _cumulative_sum(),
    "getitem": _getitem(),
    "getitem of arrays": _getitem_of_arrays(),
    "take": _take(),
    "reshape": _reshape(),
    "permute_dims": _permute_dims(),
    "matrix_transpose": _matrix_transpose(),
    "moveaxis": _moveaxis(),
    "expand_dims": _expand_dims(),
    "squeeze": _squeeze(),
    "broadcast_to": _broadcast_to(),
    "concat": _joined("concat"),
    "stack": _joined("stack"),
    "flip": _flip(),
    "roll": _roll(),
    "tril": _triangle("tril"),
    "triu": _triangle("triu"),
    "linalg.trace": _trace(),
}
"""Linear maps of floating-point arrays."""

KINKED: dict[str, Any] = {
    "maximum": _operator("maximum"),
    "minimum": _operator("minimum"),
    "max": _reduction("max", side=1),
    "min": _reduction("min", side=1),
    "abs": _unary("abs"),
    "clip": _clip(),
}
"""Selections, ties included."""

EXACT: dict[str, Any] = (
    LINEAR
    | KINKED
    | {
        "sort": _sorted(),
        "multiply": _operator("multiply"),
        "square": _unary("square"),
        "pow": _pow(),
        "prod": _reduction("prod"),
        "matmul": _matmul(),
        "tensordot": _tensordot(),
        "vecdot": _vecdot(),
        "linalg.outer": _outer(),
    }
)
"""Everything that is exact on small integers."""

ROUNDED: dict[str, Any] = {
    "divide": _operator("divide", positive=True),
    "mean": _reduction("mean", side=1),
    "var": _reduction("var", side=1),
    "linalg.vector_norm": _vector_norm(),
    "pow of arrays": _power_of_arrays(),
    "atan2": _atan2(),
    "remainder": _remainder(),
    "linspace": _linspace(),
    "solve": _solved(),
    "det": _of_regular(lambda xp, a: xp.linalg.det(a)),
    "eigh of values": _decomposed(0),
    "eigh of vectors": _decomposed(1),
    "expm": _of_regular(lambda xp, a: xp.linalg.expm(a / 8)),
}
"""What is not."""

ENCLOSED: dict[str, Any] = {
    "gammainc": _member("gammainc", 2.5),
    "gammaincc": _member("gammaincc", 2.5),
    "betainc": _member("betainc", 2.5, 1.5),
    "zeta": _member("zeta", 3.0),
    "polygamma": _member("polygamma", 2),
    "expn": _member("expn", 2),
    "hyp1f1": _member("hyp1f1", 1.5, 2.5),
    "hyp2f1": _member("hyp2f1", 0.5, 1.5, 2.5),
}
"""What only Arb evaluates: NumPy has none of them."""
