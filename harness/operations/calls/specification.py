"""How a call of an operation is written down: what it is given, and by which rules that is chosen.

Nothing here knows a framework. A specification is made into numbers by a `Chooser`: `seeded.Seeded`, which makes the same
ones every time, or one of a test's own, which draws them.

A shape is a row of lengths: a number, a letter for a length that is the same wherever the letter stands in the call
(`2n` is twice that), and `...`, first, for any axes more, which broadcast with those of the other arrays. Lengths of
small letters are at least 1, those of capital ones may be 0; so may those of `...`, in a call without small letters.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import EllipsisType
    from typing import Self

    import numpy as np

    Length = int | str | EllipsisType

__all__ = [
    "AXES",
    "AXIS",
    "DTYPE",
    "OMITTED",
    "Array",
    "Axis",
    "Call",
    "Choice",
    "Chooser",
    "Made",
    "Shape",
    "call",
    "indices",
    "integers",
    "matrix",
    "numbers",
    "truths",
]


class _Marker:
    """A value that stands for another one."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


DTYPE = _Marker("DTYPE")
"""As a keyword: the dtype of the computation, which the arrays of floating-point numbers have."""

OMITTED = _Marker("OMITTED")
"""As an argument or a keyword: it is left out."""


_ARRAY = _Marker("ARRAY")
"""Where an array goes."""


@dataclass(frozen=True)
class Array:
    """Which arrays may stand in a place.

    Attributes:
        shape: Its lengths.
        kinds: NumPy's letters for the kinds of number it may hold, the usual one first: `f`, `c`, `i`, `u`, `b`.
        low: The least number; by default the operation's domain says so.
        high: The largest.
        step: The distance of neighbours; 0 where any number will do.
        without: Numbers that are left out.
        special: Whether infinities, NaN and -0 make sense too.
        diagonal: Whether the diagonals of its matrices outweigh the rest, so that they are easy to invert.
        triangle: `lower` or `upper`, where the rest is 0.
        ascending: Whether the numbers ascend along the last axis.
        below: A length to index: the numbers are places in it, from either end unless `low` is 0.
    """

    shape: tuple[Length, ...]
    kinds: str = "f"
    low: float | None = None
    high: float | None = None
    step: float = 0.0
    without: tuple[float, ...] = ()
    special: bool = False
    diagonal: bool = False
    triangle: str = ""
    ascending: bool = False
    below: Length | None = None


@dataclass(frozen=True)
class Axis:
    """Axes of the first array, counted from either end.

    Attributes:
        several: Whether it may be a tuple of several.
        default: Whether it may be None, for all of them or for the operation's own choice.
    """

    several: bool = False
    default: bool = True


AXIS, AXES = Axis(), Axis(several=True)


class Choice(tuple[Any, ...]):
    """One of several values."""

    __slots__ = ()

    def __new__(cls, *values: Any) -> Self:
        """Hold them."""
        return super().__new__(cls, values)


class Shape(tuple[Any, ...]):
    """A shape with letters, as an argument."""

    __slots__ = ()

    def __new__(cls, *lengths: int | str) -> Self:
        """Hold the lengths."""
        return super().__new__(cls, lengths)


@dataclass(frozen=True)
class Made:
    """A call with numbers: a function of `xp` and arrays.

    Attributes:
        name: The operation.
        arrays: The arrays, in the order of the arguments.
        arguments: Every argument, with a marker in the place of each array.
        keywords: Keywords.
        form: `(xp, *arguments, **keywords)`, where it is more than a call of the operation alone.
        dtype: Of the computation.
    """

    name: str
    arrays: tuple[np.ndarray[Any, Any], ...]
    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any]
    form: Callable[..., Any] | None = None
    dtype: str = "float64"

    def __call__(self, xp: Any, *arrays: Any) -> Any:
        """Make the call in a namespace, with arrays of its own."""
        waiting = iter(arrays)
        arguments = [_filled(one, waiting) for one in self.arguments]
        keywords = {
            name: getattr(xp, self.dtype if value is DTYPE else value)
            if name == "dtype" and value is not None
            else value
            for name, value in self.keywords.items()
        }
        function = _word(xp, self.name) if self.form is None else self.form
        return function(*(() if self.form is None else (xp,)), *arguments, **keywords)

    @classmethod
    def of(cls, name: str, form: Callable[..., Any], arrays: Sequence[np.ndarray[Any, Any]], dtype: str) -> Made:
        """Make a call that is a function of arrays alone."""
        return cls(name, tuple(arrays), (_ARRAY,) * len(arrays), {}, form, dtype)

    def with_arrays(self, arrays: Sequence[np.ndarray[Any, Any]], dtype: str = "") -> Made:
        """Return the same call with other arrays, and of another dtype."""
        return replace(self, arrays=tuple(arrays), dtype=dtype or self.dtype)

    def rounded(self, dtype: str) -> Made:
        """Round every floating-point array to a dtype, or complex one to the complex dtype of that size."""
        from harness.operations.formats import complex_of

        kinds = {"f": dtype, "c": complex_of(dtype)}
        return self.with_arrays([one.astype(kinds.get(one.dtype.kind, one.dtype)) for one in self.arrays], dtype)


@dataclass(frozen=True)
class Call:
    """A call of an operation.

    Attributes:
        arguments: Arrays, tuples of arrays, choices, axes, shapes, or values.
        keywords: The same by name.
        form: `(xp, *arguments, **keywords)`, where it is more than a call of the operation alone.
    """

    arguments: tuple[Any, ...]
    keywords: Mapping[str, Any] = field(default_factory=dict)
    form: Callable[..., Any] | None = None

    @property
    def rounds(self) -> int:
        """How many choices it has at most: so many examples show each of them."""
        values = [*self.arguments, *self.keywords.values()]
        counts = [len(one) if isinstance(one, Choice) else 4 if isinstance(one, Axis) else 1 for one in values]
        bare = sum(isinstance(one, Array) and one.shape == (...,) for one in values)
        return max([*counts, 3 if bare > 1 else 2 if bare else 1])

    def made(self, name: str, chooser: Chooser) -> Made:
        """Choose.

        Args:
            name: The operation, whose domain says where the numbers lie that no specification bounds.
            chooser: What chooses.
        """
        values = [*self.arguments, *self.keywords.values()]
        specified = [one for value in values for one in _arrays_in(value)]
        letters = [*_letters_in(values)]
        small = any(letter[-1].islower() for letter in letters)
        sizes: dict[str, int] = {}
        for letter in sorted({letter[-1] for letter in letters}):
            sizes[letter] = chooser.length(letter, 1 if letter.islower() else 0)
        open_ended = [array for array in specified if ... in array.shape]
        leads = iter(chooser.leads(len(open_ended), [array.shape == (...,) for array in open_ended], 1 if small else 0))
        arrays: list[np.ndarray[Any, Any]] = []

        def settled(value: Any) -> Any:
            if isinstance(value, Array):
                lead = next(leads) if ... in value.shape else ()
                shape = (*lead, *(_length(one, sizes) for one in value.shape if one is not ...))
                below = None if value.below is None else _length(value.below, sizes)
                arrays.append(chooser.array(_bounded(name, chooser, value), shape, below))
                return _ARRAY
            if isinstance(value, Shape):
                return tuple(_length(one, sizes) for one in value)
            if isinstance(value, Choice):
                return settled(chooser.one_of(value))
            if isinstance(value, Axis):
                return chooser.axis(value, arrays[0].ndim)
            if isinstance(value, (list, tuple)) and any(True for _ in _arrays_in(value)):
                return type(value)(settled(one) for one in value)
            return value

        given = [settled(value) for value in self.arguments]
        arguments = tuple(value for value in given if value is not OMITTED)
        keywords = {word: settled(value) for word, value in self.keywords.items()}
        keywords = {word: value for word, value in keywords.items() if value is not OMITTED}
        return Made(name, tuple(arrays), arguments, keywords, self.form)


class Chooser(ABC):
    """What makes numbers of a specification."""

    @abstractmethod
    def domain(self, name: str) -> tuple[float, float]:
        """Say where numbers of an operation lie that no specification bounds."""

    @abstractmethod
    def length(self, letter: str, least: int) -> int:
        """Choose what a letter stands for."""

    @abstractmethod
    def leads(self, count: int, bare: Sequence[bool], least: int) -> Sequence[tuple[int, ...]]:
        """Choose what `...` stands for in each of several arrays, so that they broadcast; some have no other axes."""

    @abstractmethod
    def one_of(self, values: Sequence[Any]) -> Any:
        """Choose one of several values."""

    @abstractmethod
    def axis(self, axis: Axis, ndim: int) -> Any:
        """Choose axes of an array."""

    @abstractmethod
    def array(self, array: Array, shape: tuple[int, ...], below: int | None) -> np.ndarray[Any, Any]:
        """Choose the numbers; bounds are given."""


def call(*arguments: Any, form: Callable[..., Any] | None = None, **keywords: Any) -> Call:
    """Write down a call."""
    return Call(arguments, keywords, form)


def numbers(*shape: Length, low: float | None = -3.0, high: float | None = 3.0, **more: Any) -> Array:
    """Floating-point numbers, and of whatever other kinds are said."""
    return Array(shape, low=low, high=high, **more)


def integers(*shape: Length, low: int = -100, high: int = 100, **more: Any) -> Array:
    """Integers."""
    return Array(shape, **({"kinds": "iu"} | more), low=low, high=high, step=1.0)


def truths(*shape: Length) -> Array:
    """Booleans."""
    return Array(shape, "b")


def indices(*shape: Length, below: Length, low: int | None = None) -> Array:
    """Places along an axis of some length, from either end; from the front alone if `low` is 0."""
    return Array(shape, "i", low=low, below=below)


def matrix(*shape: Length, **more: Any) -> Array:
    """Matrices that are easy to invert, and whose singular values are apart, by Gershgorin's theorem."""
    return Array(shape, low=-1.0, high=1.0, diagonal=True, **more)


def _bounded(name: str, chooser: Chooser, array: Array) -> Array:
    if array.low is not None or array.high is not None or array.below is not None or array.kinds == "b":
        return array
    low, high = chooser.domain(name)
    return replace(array, low=low, high=high)


def _length(length: Any, sizes: Mapping[str, int]) -> int:
    if not isinstance(length, str):
        return int(length)
    found = re.fullmatch(r"(\d*)(\w)", length)
    if found is None:
        raise ValueError(f"A length is a letter, or a number and a letter; got {length!r}.")
    return int(found[1] or 1) * sizes[found[2]]


def _arrays_in(value: Any) -> Iterator[Array]:
    if isinstance(value, Array):
        yield value
    elif isinstance(value, (list, tuple)) and not isinstance(value, (Choice, Shape)):
        for one in value:
            yield from _arrays_in(one)


def _letters_in(value: Any) -> Iterator[str]:
    """Return the lengths with letters, those of choices too."""
    if isinstance(value, Array):
        yield from (one for one in (*value.shape, value.below) if isinstance(one, str))
    elif isinstance(value, Shape):
        yield from (one for one in value if isinstance(one, str))
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _letters_in(one)


def _filled(value: Any, waiting: Iterator[Any]) -> Any:
    if value is _ARRAY:
        return next(waiting)
    if isinstance(value, (list, tuple)):
        return type(value)(_filled(one, waiting) for one in value)
    return value


def _word(xp: Any, name: str) -> Any:
    found = xp
    for word in name.split("."):
        found = getattr(found, word)
    return found
