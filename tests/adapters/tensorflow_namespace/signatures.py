"""Calls of an operation, drawn by its signature: shapes, dtypes, axes and numbers.

Numbers stand on a grid of whole numbers or of eighths, so that every dtype can hold them, and so that of what has one
argument, every point that can ever be drawn has been drawn before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from harness.operations.table import OPERATIONS
from tests.adapters.tensorflow_namespace.exact import REALS, promotable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import SearchStrategy

__all__ = [
    "ANY",
    "COMPLEX",
    "DIVISORS",
    "EIGHTHS",
    "FLOATING",
    "FLOATS",
    "MAKEABLE",
    "NUMBERS",
    "POSITIVE",
    "PRECISE",
    "PROBABILITIES",
    "QUARTERS",
    "SMALL",
    "SPECIALS",
    "TRUTH",
    "WIDE",
    "WITH_SPECIALS",
    "Array",
    "Call",
    "Numbers",
    "along",
    "binary",
    "made",
    "matrices",
    "of_matrices",
    "of_vectors",
    "over_axes",
    "unary",
    "word",
]

Array = np.ndarray[Any, Any]

PRECISE = ("float32", "float64")
FLOATS = ("bfloat16", "float16", *PRECISE)
WIDE = ("float16", *PRECISE)
TRUTH = ("bool",)
COMPLEX = ("complex64", "complex128")
NUMBERS = (*REALS, *COMPLEX)
ANY = (*NUMBERS, "bool")
SPECIALS = (0.0, -0.0, math.inf, -math.inf, math.nan)


def word(xp: Any, name: str) -> Any:
    """Find an operation in a namespace."""
    found = xp
    for part in name.split("."):
        found = getattr(found, part)
    return found


@dataclass(frozen=True)
class Call:
    """One call of an operation.

    Attributes:
        name: The operation.
        arrays: What it is called with.
        first: What stands before the arrays.
        last: What stands behind them.
        keywords: And its keywords.
        joined: Whether it takes the arrays as one sequence.
        signless: Whether the results are defined but for their signs, such as singular vectors.
        function: `(xp, *arrays)`, where it is no call of the operation alone.
    """

    name: str
    arrays: tuple[Array, ...] = ()
    first: tuple[Any, ...] = ()
    last: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    joined: bool = False
    signless: bool = False
    function: Callable[..., Any] | None = None

    def __call__(self, xp: Any, *arrays: Any) -> Any:
        """Make the call in a namespace, with arrays of its own."""
        if self.function is not None:
            return self.function(xp, *arrays)
        given = [list(arrays)] if self.joined else list(arrays)
        keywords = self.keywords
        if isinstance(keywords.get("dtype"), str):
            keywords = keywords | {"dtype": getattr(xp, keywords["dtype"])}
        found = word(xp, self.name)(*self.first, *given, *self.last, **keywords)
        if not self.signless:
            return found
        return tuple(xp.abs(part) for part in found)

    def promoted(self) -> Call:
        """Convert all arrays of numbers to the dtype that they promote to."""
        kinds = [array.dtype for array in self.arrays if array.dtype.kind in "fcV"]
        if len(set(kinds)) < 2:
            return self
        dtype = np.result_type(*kinds)
        arrays = tuple(array.astype(dtype) if array.dtype.kind in "fcV" else array for array in self.arrays)
        return Call(self.name, arrays, self.first, self.last, self.keywords, self.joined, self.signless, self.function)


@dataclass(frozen=True)
class Numbers:
    """Which numbers are drawn.

    Attributes:
        low: The lowest.
        high: The highest.
        step: The distance of neighbours.
        specials: Further ones, for floating-point dtypes.
        without: What is left out, such as 0 of a divisor.
    """

    low: float = -4
    high: float = 4
    step: float = 1
    specials: tuple[float, ...] = ()
    without: tuple[float, ...] = ()

    def grid(self) -> list[float]:
        """Give every finite number."""
        count = round((self.high - self.low) / self.step)
        return [
            self.low + self.step * place
            for place in range(count + 1)
            if self.low + self.step * place not in self.without
        ]

    def of(self, dtype: str) -> SearchStrategy[Any]:
        """Draw one number of a dtype; whole ones of integer dtypes, which are not negative where those are not."""
        kind = "f" if dtype == "bfloat16" else np.dtype(dtype).kind
        if kind == "b":
            return st.booleans()
        if kind in "iu":
            return st.sampled_from([int(one) for one in self.grid() if one == int(one) and (kind == "i" or one >= 0)])
        # To the referee, ∞ in bfloat16 is no floating-point special.
        real = st.sampled_from([*self.grid(), *(self.specials if dtype != "bfloat16" else ())])
        return st.builds(complex, real, real) if kind == "c" else real

    @staticmethod
    def inside(name: str) -> Numbers:
        """Give eighths, or thirty-seconds, inside an operation's domain, at least one step from its ends."""
        low, high = (min(max(end, -4.0), 4.0) for end in OPERATIONS[name].domain)
        step = 0.125 if high - low > 2 else 0.03125
        return Numbers(low + step, high - step, step)


EIGHTHS = Numbers(step=0.125)
QUARTERS = Numbers(step=0.25)
POSITIVE = Numbers(0.125, 4, 0.125)
PROBABILITIES = Numbers(0.0625, 0.9375, 0.0625)
SMALL = Numbers(-2, 2)
DIVISORS = Numbers(-4, 4, without=(0,))
WITH_SPECIALS = Numbers(specials=SPECIALS)
MAKEABLE = st.sampled_from(["float16", "float32", "float64", "int32", "int64", "bool", "complex64", "complex128"])
FLOATING = st.sampled_from(["float32", "float64"])


@st.composite
def arrays(
    draw: st.DrawFn,
    dtypes: Sequence[str],
    shape: tuple[int, ...] | None = None,
    numbers: Numbers = Numbers(),
    min_dims: int = 0,
    max_dims: int = 4,
    min_side: int = 0,
) -> Array:
    """Draw an array."""
    dtype = draw(st.sampled_from(list(dtypes)))
    if shape is None:
        shape = draw(npst.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=3))
    wide = "float64" if dtype == "bfloat16" else dtype
    found = draw(npst.arrays(wide, shape, elements=numbers.of(dtype)))
    return np.asarray(found.astype(_dtype(dtype)))


def _dtype(name: str) -> Any:
    if name != "bfloat16":
        return np.dtype(name)
    import ml_dtypes

    return np.dtype(ml_dtypes.bfloat16)


def unary(
    dtypes: Sequence[str], numbers: Numbers | None = None, specials: tuple[float, ...] = (), **keywords: Any
) -> Callable[[str], SearchStrategy[Call]]:
    """Call it with one array of any shape; the numbers are by default those inside its domain."""

    def of(name: str) -> SearchStrategy[Call]:
        own = numbers or Numbers.inside(name)
        points = Numbers(own.low, own.high, own.step, specials or own.specials, own.without)
        return st.builds(Call, st.just(name), st.tuples(arrays(dtypes, numbers=points)), keywords=_drawn(keywords))

    return of


def binary(
    dtypes: Sequence[str],
    left: Numbers = Numbers(),
    right: Numbers | None = None,
    *,
    promotes: bool = True,
    sides: int = 0,
) -> Callable[[str], SearchStrategy[Call]]:
    """Call it with two arrays whose shapes broadcast and whose dtypes promote, or are equal."""

    @st.composite
    def of(draw: st.DrawFn, name: str) -> Call:
        first, second = draw(promotable(tuple(one for one in dtypes if one != "bfloat16")))
        if not promotes or draw(st.booleans()):
            first = second = draw(st.sampled_from(list(dtypes)))
        shapes = draw(
            npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=sides, max_side=3)
        ).input_shapes
        pair = (draw(arrays((first,), shapes[0], left)), draw(arrays((second,), shapes[1], right or left)))
        return Call(name, pair)

    return of


def over_axes(
    dtypes: Sequence[str],
    numbers: Numbers = Numbers(),
    *,
    min_side: int = 0,
    min_dims: int = 0,
    several: bool = True,
    word_of_axis: str = "axis",
    **keywords: Any,
) -> Callable[[str], SearchStrategy[Call]]:
    """Call it with `axis`, None or one or a tuple of several, and with `keepdims`."""

    @st.composite
    def of(draw: st.DrawFn, name: str) -> Call:
        x = draw(arrays(dtypes, numbers=numbers, min_dims=min_dims, min_side=min_side))
        axes = draw(st.lists(st.integers(0, x.ndim - 1), unique=True)) if x.ndim else []
        signed = tuple(axis - x.ndim * draw(st.integers(0, 1)) for axis in axes)
        axis = draw(st.sampled_from([None, *([signed] if several else []), *signed[:1]]))
        more = draw(_drawn(keywords))
        return Call(name, (x,), keywords={word_of_axis: axis, **more})

    return of


def along(
    dtypes: Sequence[str],
    numbers: Numbers = Numbers(),
    *,
    min_side: int = 0,
    word_of_axis: str = "axis",
    default: bool = True,
    **keywords: Any,
) -> Callable[[str], SearchStrategy[Call]]:
    """Call it along one axis, which may be left out where it has a default."""

    @st.composite
    def of(draw: st.DrawFn, name: str) -> Call:
        x = draw(arrays(dtypes, numbers=numbers, min_dims=1, min_side=min_side))
        axis = draw(st.integers(-x.ndim, x.ndim - 1))
        named = {} if default and draw(st.booleans()) else {word_of_axis: axis}
        return Call(name, (x,), keywords={**named, **draw(_drawn(keywords))})

    return of


def matrices(
    dtypes: Sequence[str],
    *,
    square: bool = True,
    symmetric: bool = False,
    triangle: str = "",
    batches: int = 2,
    wide: bool = True,
    dense: bool = False,
) -> SearchStrategy[Array]:
    """Draw batches of matrices that are easy to invert: 8, 16 and 24 on the diagonal, -1, 0 and 1 beside it, or no 0.

    By Gershgorin's theorem all eigenvalues lie within 2 of the diagonal, so they are apart.
    """

    @st.composite
    def of(draw: st.DrawFn) -> Array:
        rows = draw(st.integers(1, 3))
        columns = rows if square else draw(st.integers(1, 3 if wide else rows))
        batch = draw(npst.array_shapes(min_dims=0, max_dims=batches, min_side=1, max_side=2))
        x = draw(arrays(dtypes, (*batch, rows, columns), Numbers(-1, 1, without=(0,) if dense else ())))
        x = x * (1 - np.eye(rows, columns)).astype(x.dtype)
        if symmetric:
            x = np.tril(x) + np.swapaxes(np.tril(x), -1, -2)
        x = {"lower": np.tril, "upper": np.triu}.get(triangle, np.asarray)(x)
        corner = np.zeros((rows, columns), x.dtype)
        np.fill_diagonal(corner, [8, 16, 24])
        return np.asarray(x + corner)

    return of()


def of_matrices(shape: SearchStrategy[Array], **keywords: Any) -> Callable[[str], SearchStrategy[Call]]:
    """Call it with one batch of matrices."""
    signless = keywords.pop("signless", False)
    last = keywords.pop("last", st.just(()))
    return lambda name: st.builds(
        Call,
        st.just(name),
        st.tuples(shape),
        last=last,
        keywords=_drawn(keywords),
        signless=st.just(signless),
    )


def of_vectors(
    dtypes: Sequence[str], signature: str, numbers: Numbers = Numbers(), *, batches: int = 2, promotes: bool = True
) -> Callable[[str], SearchStrategy[Call]]:
    """Call it with arrays whose last axes fit a generalised ufunc's signature, and whose first ones broadcast."""

    @st.composite
    def of(draw: st.DrawFn, name: str) -> Call:
        shapes = draw(
            npst.mutually_broadcastable_shapes(signature=signature, max_dims=batches, max_side=3)
        ).input_shapes
        pair = draw(promotable(tuple(dtypes))) if promotes else (draw(st.sampled_from(list(dtypes))),) * 2
        kinds = (*pair, *pair)
        return Call(
            name, tuple(draw(arrays((kind,), shape, numbers)) for kind, shape in zip(kinds, shapes, strict=False))
        )

    return of


def made(**keywords: Any) -> Callable[[str], SearchStrategy[Call]]:
    """Call what makes an array, with arguments and keywords that are drawn."""
    first = keywords.pop("first")
    return lambda name: st.builds(Call, st.just(name), first=first, keywords=_drawn(keywords))


def _drawn(keywords: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
    """Draw the keywords that are strategies, and pass the others on; what is drawn as `...` is left out."""
    fixed = {
        name: value if isinstance(value, st.SearchStrategy) else st.just(value) for name, value in keywords.items()
    }
    return st.fixed_dictionaries(fixed).map(
        lambda found: {name: value for name, value in found.items() if value is not ...}
    )
