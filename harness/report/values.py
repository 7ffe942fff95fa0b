"""Arrays as a reader sees them: a few elements in a line, each with its exact bits, set beside the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from harness.report import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from harness.model import Array, Truth

__all__ = ["FEW", "FULL", "Element", "Shown", "show", "show_truth"]

FEW = 6  # elements in a line, all of them or the first four and the last
FULL = 256  # elements in the full value; a report of thousands of checks must stay a page that opens
_HEAD = 4


class Element(msgspec.Struct, frozen=True):
    """One element.

    Attributes:
        text: The shortest decimal that reads back as the same bits.
        exact: The same, in hexadecimal where it is a float.
        same: How many leading characters it shares with the truth; all of them where it equals the rounded truth.
    """

    text: str
    exact: str
    same: int

    @property
    def equal(self) -> bool:
        """Whether the text is that of the truth."""
        return self.same == len(self.text)


class Shown(msgspec.Struct, frozen=True):
    """An array, ready to be set in a line.

    Attributes:
        pieces: Elements, and the brackets, commas and ellipses between them.
        shape: The array's shape.
        dtype: Name of the dtype.
        full: More of it, for a reader who opens it; empty where the line already holds everything.
    """

    pieces: tuple[str | Element, ...]
    shape: tuple[int, ...]
    dtype: str
    full: str = ""

    @property
    def text(self) -> str:
        """The line."""
        return "".join([piece if isinstance(piece, str) else piece.text for piece in self.pieces])

    @property
    def size(self) -> str:
        """The shape, such as `8×1000`; empty for a number."""
        return "×".join(map(str, self.shape))

    @property
    def elements(self) -> list[Element]:
        """The elements in the line."""
        return [piece for piece in self.pieces if isinstance(piece, Element)]


def show(array: Array, truth: Shown | None = None, *, full: bool = False) -> Shown:
    """Set an observed array in a line.

    Args:
        array: What a backend returned.
        truth: What it is set beside; elements say how far they read the same.
        full: Whether the reader will want more than the line.
    """
    try:
        if not array.intact:
            return _unreadable(array, "its bytes and its digest do not belong together")
        values = array.numpy()
    except (ValueError, TypeError) as error:
        return _unreadable(array, str(error))
    chosen = _choose(values.size)
    picked = values.reshape(-1)[chosen]
    beside = None if truth is None or truth.shape != array.shape else [element.text for element in truth.elements]
    elements = _elements(numbers.texts(picked, array.dtype), numbers.exact(picked), beside)
    whole = ""
    if full and values.size > FEW:
        whole = _full(numbers.texts(values.reshape(-1)[:FULL], array.dtype), array.shape, values.size)
    return Shown(_pieces(elements, values.shape, values.size), array.shape, array.dtype, whole)


def show_truth(truth: Truth, dtype: str) -> Shown:
    """Set the truth in a line, rounded to a dtype. Where a set of answers is right, an element reads `0.0..1.0`."""
    array = truth.exact if truth.exact is not None else truth.high
    if array is None:
        return Shown(("no truth",), (), dtype)
    try:
        values = array.numpy()
        if truth.exact is not None or values.dtype.kind != "f":
            return show(array, full=True)
        low, high = (None if end is None else end.numpy() for end in (truth.inner_low, truth.inner_high))
    except (ValueError, TypeError) as error:
        return _unreadable(array, str(error))
    chosen = _choose(values.size)
    texts = _truth_texts(values, low, high, chosen, dtype)
    elements = _elements(texts, numbers.exact(values.reshape(-1)[chosen]), None)
    whole = ""
    if values.size > FEW:
        whole = _full(
            _truth_texts(values, low, high, list(range(min(FULL, values.size))), dtype), array.shape, values.size
        )
    return Shown(_pieces(elements, values.shape, values.size), array.shape, dtype, whole)


def _truth_texts(
    values: np.ndarray[Any, Any],
    low: np.ndarray[Any, Any] | None,
    high: np.ndarray[Any, Any] | None,
    chosen: list[int],
    dtype: str,
) -> list[str]:
    texts = numbers.decimals(values.reshape(-1)[chosen], dtype)
    if low is None or high is None or low.size != values.size or high.size != values.size:
        return texts
    lows, highs = low.reshape(-1)[chosen], high.reshape(-1)[chosen]
    if (lows == highs).all():
        return texts
    ends = zip(texts, numbers.decimals(lows, dtype), numbers.decimals(highs, dtype), strict=True)
    return [text if start == end else f"{start}..{end}" for text, start, end in ends]


def _choose(size: int) -> list[int]:
    return list(range(size)) if size <= FEW else [*range(_HEAD), size - 1]


def _elements(texts: Sequence[str], exact: Sequence[str], beside: Sequence[str] | None) -> list[Element]:
    if beside is None or len(beside) != len(texts):
        return [Element(text, bits, len(text)) for text, bits in zip(texts, exact, strict=True)]
    return [
        Element(text, bits, len(text) if text == other or ".." in other else _count_shared(text, other))
        for text, bits, other in zip(texts, exact, beside, strict=True)
    ]


def _count_shared(text: str, other: str) -> int:
    for position, (mine, theirs) in enumerate(zip(text, other, strict=False)):
        if mine != theirs:
            return position
    return min(len(text), len(other))


def _pieces(elements: list[Element], shape: tuple[int, ...], size: int) -> tuple[str | Element, ...]:
    if not shape:
        return tuple(elements)
    pieces: list[str | Element] = ["["]
    if size > FEW:
        for element in elements[:-1]:
            pieces += [element, ", "]
        return (*pieces, "…, ", elements[-1], "]")
    if len(shape) == 1 or size == 0:
        for position, element in enumerate(elements):
            pieces += [", ", element] if position else [element]
        return (*pieces, "]")
    step = size // shape[0]
    for row in range(shape[0]):
        pieces += [", "] if row else []
        pieces += _pieces(elements[row * step : (row + 1) * step], shape[1:], step)
    return (*pieces, "]")


def _full(texts: list[str], shape: tuple[int, ...], size: int) -> str:
    # One line a row of the last axis; a long row is broken so that a reader can still count.
    width = shape[-1] if shape and 0 < shape[-1] <= 12 else 8
    lines = [", ".join(texts[start : start + width]) for start in range(0, len(texts), width)]
    if size > len(texts):
        lines.append(f"… and {numbers.count(size - len(texts), 'more element')}; the store holds them all")
    return "\n".join(lines)


def _unreadable(array: Array, why: str) -> Shown:
    return Shown((f"unreadable: {why}",), array.shape, array.dtype)
