"""Numbers for calls that are always the same, and what every chooser needs to make some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.calls.specification import Chooser
from harness.operations.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.operations.calls.specification import Array, Axis

__all__ = ["Seeded", "inside", "shaped"]

_LENGTHS = {"n": 3, "m": 4, "k": 2}


class Seeded(Chooser):
    """Chooses the same every time.

    Args:
        seed: Of the numbers.
        turn: Which of a choice's values is taken, and which shapes.
    """

    def __init__(self, seed: int, turn: int = 0) -> None:
        """Start the generator."""
        self._generator = np.random.Generator(np.random.PCG64([seed, turn]))
        self._turn = turn

    def domain(self, name: str) -> tuple[float, float]:
        """Return what is well inside the operation's."""
        return inside(name)

    def length(self, letter: str, least: int) -> int:
        """Return 3, 4 or 2."""
        return _LENGTHS.get(letter.lower(), 2)

    def leads(self, count: int, bare: Sequence[bool], least: int) -> Sequence[tuple[int, ...]]:
        """Return one shape for all; then the last is broadcast, then the first."""
        whole: list[tuple[int, ...]] = [(3, 4) if alone else (2,) for alone in bare]
        if count == 1 and self._turn % 2 and bare[0]:
            return [()]
        if count > 1 and self._turn % 3 == 1:
            whole[-1] = (1, 4) if bare[-1] else ()
        if count > 1 and self._turn % 3 == 2 and bare[0]:
            whole[0] = ()
        return whole

    def one_of(self, values: Sequence[Any]) -> Any:
        """Return the one whose turn it is."""
        return values[self._turn % len(values)]

    def axis(self, axis: Axis, ndim: int) -> Any:
        """Return the default, the first, the last, and the two together."""
        if not ndim:
            return None
        several = (-1, 0) if axis.several and ndim > 1 else -1
        choices: list[Any] = [*([None] if axis.default else []), 0, -1, several]
        return choices[self._turn % len(choices)]

    def array(self, array: Array, shape: tuple[int, ...], below: int | None) -> np.ndarray[Any, Any]:
        """Return uniform numbers of the usual kind, integers as int64 and others in double precision."""
        kind = array.kinds[0]
        if kind == "b":
            return np.asarray(self._generator.integers(0, 2, shape)).astype(bool)
        low, high = array.low or 0.0, array.high or 0.0
        if below is not None:
            return np.asarray(self._generator.integers(-below if array.low is None else 0, below, shape))
        whole = array.step or float(kind in "iu")
        if whole:
            grid = np.arange(low, high + whole / 2, whole)
            found: Any = self._generator.choice(grid[~np.isin(grid, array.without)], shape)
        else:
            found = self._generator.uniform(low, high, shape)
        if kind == "c":
            found = found + 1j * self._generator.uniform(low, high, shape)
        return shaped(array, np.asarray(found.astype(int) if kind in "iu" else found))


def shaped(array: Array, found: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return numbers the form that is asked for: heavy diagonals, a triangle, or an order."""
    if array.diagonal:
        rows, columns = found.shape[-2:]
        heavy = np.zeros((rows, columns), found.dtype)
        np.fill_diagonal(heavy, [8, 16, 24, 32, 40])
        found = found * (1 - np.eye(rows, columns)).astype(found.dtype) + heavy
    if array.triangle:
        found = np.tril(found) if array.triangle == "lower" else np.triu(found)
    if array.ascending:
        found = np.sort(found, axis=-1) + np.arange(found.shape[-1]).astype(found.dtype)
    return np.asarray(found)


def inside(name: str) -> tuple[float, float]:
    """Return an interval well inside an operation's domain, and within ±4."""
    low, high = (min(max(end, -4.0), 4.0) for end in OPERATIONS[name].domain)
    margin = 0.02 * (high - low)
    return low + margin, high - margin
