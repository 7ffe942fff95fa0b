"""Calls of what works element by element, and of what reduces, counts and orders."""

from __future__ import annotations

from typing import Any

from harness.operations.calls.specification import (
    AXES,
    AXIS,
    OMITTED,
    Array,
    Choice,
    Shape,
    call,
    indices,
    integers,
    numbers,
    truths,
)

__all__ = ["ENTRIES"]

_REALS = numbers(..., kinds="fiu")
_SPECIAL = numbers(..., kinds="fiu", special=True)
_NUMBERS = numbers(..., kinds="fiuc", special=True)
_X = numbers(..., special=True)
_KEPT = Choice(False, True, False, True)
_EVEN = Array((..., "N"), "fiuc", -2.0, 2.0)
_FLAGS = Array((...,), "fiucb", 0.0, 1.0, 1.0)
_EQUAL = Array((...,), "fiu", -1.0, 1.0, 1.0, special=True)

ENTRIES: dict[str, Any] = {
    "add subtract multiply": call(_NUMBERS, _NUMBERS),
    "divide": call(_X, numbers(..., special=True, without=(0.0,))),
    "maximum minimum": call(_SPECIAL, _SPECIAL),
    "less less_equal greater greater_equal": call(_EQUAL, _EQUAL),
    "equal not_equal": call(*[Array((...,), "fiuc", -1.0, 1.0, 1.0, special=True)] * 2),
    "floor_divide remainder": (
        call(_REALS, numbers(..., kinds="fiu", low=-4.0, high=4.0, without=(0.0,))),
        call(_REALS, numbers(..., kinds="fiu", low=0.25, high=4.0, without=(0.0,))),
        call(integers(...), 3),
    ),
    "copysign": call(_X, _X),
    "nextafter": call(*[numbers(..., low=-6.0, high=6.0, step=1.0, special=True)] * 2),
    "ldexp": (call(numbers(...), integers(..., low=-9, high=9, kinds="i")),),
    "logical_and logical_or logical_xor": call(truths(...), truths(...)),
    "logical_not": call(truths(...)),
    "bitwise_and bitwise_or bitwise_xor": call(integers(...), integers(...)),
    "bitwise_left_shift bitwise_right_shift": call(integers(...), integers(..., low=0, high=7)),
    "bitwise_invert": call(integers(..., kinds="iub")),
    "negative positive square": call(Array((...,), "fiu", -4.0, 4.0, special=True)),
    "abs": call(numbers(..., kinds="fiu", special=True)),
    "sign": call(Array((...,), "fiu", -4.0, 4.0, 1.0, special=True)),
    "floor ceil trunc": call(numbers(..., kinds="fiu", special=True)),
    "round": (call(numbers(..., kinds="fiu", special=True)), call(numbers(..., step=0.5))),
    "isnan isinf isfinite": call(numbers(..., kinds="fiuc", special=True)),
    "signbit": call(_X),
    "real imag conj": call(numbers(..., kinds="c", special=True)),
    "angle": call(numbers(..., kinds="c")),
    "reciprocal": call(Array((...,), special=True)),
    "pow": (
        call(numbers(..., low=0.25, high=4.0), numbers(...)),
        call(numbers(..., low=0.25, high=4.0), Choice(0, 1, 2, 3, -2, 0.5, 2.5)),
        call(numbers(..., step=1.0), Choice(0, 1, 2, 3)),
    ),
    "logaddexp hypot": call(_X, _X),
    "atan2": call(numbers(..., special=True, without=(0.0,)), _X),
    "clip": (
        call(Array((...,), "fiu", -4.0, 4.0, special=True), Choice(0, 1, 2), Choice(2, 3, 4)),
        call(numbers(..., special=True), min=Choice(-1.0, 0.25)),
        call(numbers(..., special=True), max=Choice(-1.0, 0.25)),
    ),
    "where": call(truths(...), _NUMBERS, _NUMBERS),
    # Reductions, scans and order.
    "sum prod": call(_EVEN, axis=AXES, keepdims=_KEPT),
    "mean": call(numbers(..., "n"), axis=AXES, keepdims=_KEPT),
    "var std": call(numbers(..., "n"), axis=AXES, keepdims=_KEPT, correction=Choice(OMITTED, 0.0)),
    "max min": call(numbers(..., "n", kinds="fiu", special=True), axis=AXES, keepdims=_KEPT),
    "any all count_nonzero": call(_FLAGS, axis=AXES, keepdims=_KEPT),
    "argmax argmin": call(Array((..., "n"), "fiu", -6.0, 6.0, 1.0), axis=AXIS, keepdims=_KEPT),
    "special.logsumexp": call(numbers(..., "n"), axis=AXES, keepdims=_KEPT),
    "cumulative_sum cumulative_prod": (
        call(Array(("M", "N"), "fiuc", -2.0, 2.0), axis=Choice(0, 1, -1, -2), include_initial=Choice(False, True)),
        call(Array(("K", "M", "N"), "fiuc", -2.0, 2.0), axis=Choice(1, -1, -3)),
        call(Array(("N",), "fiuc", -2.0, 2.0), include_initial=Choice(False, True)),
    ),
    "special.cumulative_logsumexp": call(numbers(..., "m", "n"), axis=Choice(OMITTED, 0, -2)),
    "sort": call(numbers("M", "N", kinds="fi"), axis=Choice(OMITTED, 0, 1, -2), descending=Choice(False, True)),
    "argsort": call(
        Array(("M", "N"), "fi", -6.0, 6.0, 1.0), axis=Choice(OMITTED, 0, -1), descending=Choice(False, True)
    ),
    "top_k": (call(numbers(..., "3n", kinds="fi"), Choice(0, 1, 2, 3)),),
    "searchsorted": call(
        Array(("N",), "fiu", 0.0, 4.0, 1.0, ascending=True),
        Array((...,), "fiu", -6.0, 9.0, 1.0),
        side=Choice("left", "right"),
    ),
    "bincount": (
        call(indices("N", below=5, low=0), length=Choice(5, 7)),
        call(indices("N", below=5, low=0), numbers("N"), length=5),
    ),
    "histogram": call(Array(("M", "N"), "f", -6.0, 6.0, 1.0), Array(("2k",), "f", -4.0, 4.0, 1.0, ascending=True)),
    "interp": call(numbers("M", "N"), Array(("2k",), "f", -3.0, 1.0, 0.5, ascending=True), numbers("2k")),
    "quantile": call(numbers("m", "n"), Choice(0.0, 0.25, 0.3, 0.5, 0.75, 1.0), axis=Choice(None, 0, 1, -1)),
    "median": call(numbers("k", "m", "n"), axis=Choice(None, 0, 1, -1)),
    "average": call(numbers("m", "n"), numbers("m", "n", low=0.25), axis=Choice(None, 0, -1)),
    "cov": call(numbers("2k", "2m")),
    "corrcoef": call(
        numbers("2k", "2m"), form=lambda xp, x: xp.corrcoef(x + 8 * xp.arange(0, x.shape[1], dtype=x.dtype))
    ),
    # Shapes and places.
    "reshape": (
        call(numbers("M", "N", kinds="fiucb"), Choice(Shape("N", "M"), Shape(1, "M", "N"), Shape("N", 1, "M"))),
        call(numbers("m", "2n", kinds="fiucb"), Choice(Shape(-1), Shape(2, -1), Shape("n", -1, 1))),
    ),
    "permute_dims": call(numbers("K", "M", "N", kinds="fiucb"), Choice((2, 0, 1), (-1, 0, 1), (1, 0, 2), (-3, -1, 1))),
    "matrix_transpose": call(numbers(..., "M", "N", kinds="fiucb")),
    "moveaxis": (
        call(numbers("K", "M", "N", kinds="fiucb"), Choice(0, 1, -1), Choice(-1, 0, 1)),
        call(numbers("K", "M", "N", kinds="fiucb"), (0, 2), Choice((-1, 0), (1, 2), (0, 1))),
    ),
    "expand_dims": call(numbers("M", "N", kinds="fiucb"), axis=Choice(-2, 0, 1, 2, -1, -3)),
    "squeeze": call(numbers(1, "N", 1, kinds="fiucb"), axis=Choice((0, -1), 0, -1, (-1, 0), ())),
    "broadcast_to": (
        call(numbers("M", 1, kinds="fiucb"), Shape("K", "M", "N")),
        call(numbers("N", kinds="fiucb"), Choice(Shape("N"), Shape("M", "N"))),
    ),
    "broadcast_arrays": call(numbers(..., kinds="fiucb"), numbers(..., kinds="fiucb")),
    "concat": (
        call((numbers("M", "N", kinds="fiuc"), numbers("M", "K", kinds="fiuc")), axis=Choice(1, -1)),
        call((numbers("N", "M", kinds="fiuc"), numbers("K", "M", kinds="fiuc"), numbers("N", "M", kinds="fiuc"))),
        call((numbers("M", "N", kinds="fiuc"), numbers("K", kinds="fiuc")), axis=None),
    ),
    "stack": call((numbers("M", "N", kinds="fiuc"), numbers("M", "N", kinds="fiuc")), axis=Choice(-1, 0, 1, -3)),
    "unstack": call(numbers("M", "N", kinds="fiucb"), axis=Choice(0, 1, -1)),
    "flip": call(numbers(..., "N", kinds="fiucb"), axis=AXES),
    "roll": (
        call(numbers("M", "N", kinds="fiucb"), Choice(2, -1, 0, 4), axis=Choice(None, 0, -1, (0, 1))),
        call(numbers("M", "N", kinds="fiucb"), Choice((1, -1), (2, 5), (0, -4)), axis=Choice((0, 1), (-1, 0))),
    ),
    "repeat": call(numbers("M", "N", kinds="fiucb"), Choice(2, 3, 0, 1), axis=Choice(1, None, 0, -2)),
    "tile": call(numbers("M", "N", kinds="fiucb"), Choice((2, 1, 3), (2,), (), (0, 2), (1, 3))),
    "take": (
        call(numbers("n", "m", kinds="fiucb"), indices("K", below="n"), axis=Choice(0, -2)),
        call(numbers("n", "m", kinds="fiucb"), indices("K", below="m"), axis=Choice(1, -1)),
    ),
    "take_along_axis": (
        call(numbers("n", "m", kinds="fiucb"), indices("K", "m", below="n"), axis=Choice(0, -2)),
        call(numbers("n", "m", kinds="fiucb"), indices("n", "K", below="m"), axis=Choice(OMITTED, 1)),
    ),
    "tril triu": call(numbers(..., "M", "N", kinds="fiucb"), k=Choice(-1, 1, 0, -4, 4)),
    "diff": (
        call(numbers("M", "N", kinds="fiuc"), n=Choice(1, 2, 0, 3)),
        call(numbers("K", "M", "N", kinds="fiuc"), axis=Choice(0, 1, -2), n=Choice(1, 2)),
    ),
    "pad": (
        call(numbers("M", "N", kinds="fi"), ((1, 0), (2, 3)), value=Choice(0, 1, 2)),
        call(numbers("N", kinds="fi"), ((0, 2),), value=Choice(0, 2)),
    ),
    "rot90": (
        call(numbers("M", "N", kinds="fiucb"), Choice(1, 0, 2, 3, -1, 5)),
        call(numbers("K", "M", "N", kinds="fiucb"), Choice(3, 1, -2), axes=Choice((-1, 0), (0, 1), (-2, -1))),
    ),
    "diag": call(numbers("N", kinds="fiuc")),
    "trapezoid": call(numbers("m", "n"), dx=Choice(0.5, 1.0), axis=Choice(-1, 0)),
    "scatter_add scatter_max": (
        call(numbers("n", "m", kinds="fi"), indices("K", below="n", low=0), numbers("K", "m", kinds="fi")),
        call(numbers("n", kinds="fi"), indices("2K", below="n", low=0), numbers("2K", kinds="fi")),
    ),
    "segment_sum": call(numbers("2N", "M"), indices("2N", below="k", low=0), Choice(4, 3)),
    "meshgrid": (
        call(numbers("N", kinds="fiucb"), numbers("M", kinds="fiucb"), indexing=Choice("xy", "ij")),
        call(*[numbers(one, kinds="fiucb") for one in "NMK"], indexing=Choice("ij", "xy")),
        call(numbers("N", kinds="fiucb")),
    ),
    # Indexing, which is no word.
    "getitem": (
        call(
            numbers("n", "m"),
            Choice(0, -1, ..., None, slice(None, None, -2), (..., 0), (slice(1, None), None), (-1, slice(None, 1))),
            form=lambda xp, x, key: x[key],
        ),
        call(numbers("n", "m"), indices("K", below="n"), form=lambda xp, x, i: x[i, ...]),
        call(numbers("n", "m", "k"), indices(2, "N", below="m"), form=lambda xp, x, i: x[:, i]),
        call(numbers("n", "m"), indices("K", below="n"), indices("K", below="m"), form=lambda xp, x, i, j: x[i, j]),
    ),
}
"""Names of operations, with blanks between them, to a call of each, or to several."""
