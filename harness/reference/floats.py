"""Plain floating-point numbers: the tape as NumPy's automatic differentiation, by the rules of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.namespace import UnsupportedOperationError
from harness.operations.operation import Elementwise
from harness.operations.words import DEFINITION, SAME, Gap, at, word_of
from harness.reference.arithmetic import Arithmetic, Component
from harness.reference.numpy_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.operations.operation import Operation
    from harness.operations.words import Column

__all__ = ["Floats", "matmul_runs", "numpy_function", "numpy_word"]


def numpy_word(operation: Operation) -> Column:
    """Say what NumPy calls a row: a gap where it has nothing of that name, and the row no definition."""
    if isinstance(operation.meaning, Elementwise) and operation.meaning.floats is not None:
        return operation.meaning.floats
    return word_of(operation, WORDS, np, "harness.reference.numpy_words")


def numpy_function(operation: Operation) -> Callable[..., Any]:
    """Return NumPy's own function for a row.

    Raises:
        UnsupportedOperationError: If NumPy has none.
    """
    word = numpy_word(operation)
    if isinstance(word, Gap):
        raise UnsupportedOperationError("numpy", operation.name, word)
    if word is DEFINITION:
        raise TypeError(f"{operation.name!r} has no function among NumPy's words.")
    if callable(word):
        function = word
        return lambda *arguments, **keywords: function(np, *arguments, **keywords)
    found: Any = at(np, operation.name if word is SAME else str(word))
    return found  # type: ignore[no-any-return]  # looked up by name


def _wide(a: Component, dtype: str) -> Component:
    return a.astype(np.float32) if dtype == "bfloat16" else a


def _narrow(a: Component, dtype: str) -> Component:
    return a.astype(dtype) if dtype == "bfloat16" else a


def matmul_runs(a: Component, b: Component) -> Component:
    """Multiply matrices that stand in the two axes before the last."""
    # The axis of runs goes to the front, so both must have as many axes before they broadcast.
    rank = max(a.ndim, b.ndim)
    a, b = (part.reshape((1,) * (rank - part.ndim) + part.shape) for part in (a, b))
    return np.moveaxis(np.matmul(np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)), 0, -1)


class Floats(Arithmetic):
    """Numbers of the check's own dtype, rounded by NumPy.

    bfloat16 is ml_dtypes'. Its sums are made in float32 and rounded once, as every framework makes them.
    """

    def lift(self, array: np.ndarray[Any, Any], dtype: str) -> Component:
        """Keep the bits."""
        return np.asarray(array, dtype=dtype)[..., None]

    def scalar(self, number: complex, dtype: str) -> Component:
        """Round the constant to the dtype."""
        return np.full((1,), number, dtype=dtype)

    def pi(self, dtype: str) -> Component:
        """Round π to the dtype."""
        return np.full((1,), np.pi, dtype=dtype)

    def convert(self, a: Component, before: str, after: str) -> Component:
        """Round to the other dtype."""
        del before
        return a.astype(after)

    def add(self, a: Component, b: Component, dtype: str) -> Component:
        """a + b."""
        del dtype
        return np.add(a, b)

    def subtract(self, a: Component, b: Component, dtype: str) -> Component:
        """a - b."""
        del dtype
        return np.subtract(a, b)

    def multiply(self, a: Component, b: Component, dtype: str) -> Component:
        """a * b."""
        del dtype
        return np.multiply(a, b)

    def divide(self, a: Component, b: Component, dtype: str) -> Component:
        """a / b."""
        del dtype
        return np.divide(a, b)

    def total(self, a: Component, axes: tuple[int, ...], dtype: str) -> Component:
        """Sum, in the order NumPy chooses."""
        return _narrow(np.asarray(np.sum(_wide(a, dtype), axis=axes, keepdims=True)), dtype)

    def cumulative(self, a: Component, axis: int, dtype: str) -> Component:
        """Sum prefixes."""
        return _narrow(np.cumsum(_wide(a, dtype), axis=axis), dtype)

    def matmul(self, a: Component, b: Component, dtype: str) -> Component:
        """Multiply matrices."""
        return _narrow(matmul_runs(_wide(a, dtype), _wide(b, dtype)), dtype)

    def function(self, operation: Operation, a: Component, dtype: str) -> Component:
        """Call NumPy's function."""
        del dtype
        return np.asarray(numpy_function(operation)(a))

    def taylor(self, operation: Operation, a: Component, order: int, dtype: str) -> list[Component]:
        """Refuse: without Arb there are only the rows' formulas."""
        del a, order, dtype
        if isinstance(operation.meaning, Elementwise):
            numpy_function(operation)
        raise UnsupportedOperationError(
            "numpy", operation.name, Gap("its row states no formula for the derivative, and NumPy has none of its own")
        )

    def zeros(self, shape: tuple[int, ...], dtype: str = "") -> Component:
        """Make zeros."""
        return np.zeros(shape, dtype=dtype or self.dtype)
