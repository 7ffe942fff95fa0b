"""Calls of the catalogue, drawn: lengths, shapes that broadcast, axes, choices, and numbers on a grid.

On a grid of whole numbers or of eighths every dtype can hold them, and of what has one argument, every point that can
ever be drawn has been drawn before.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from harness.operations.calls.seeded import inside, shaped
from harness.operations.calls.specification import Array, Axis, Chooser

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["SPECIALS", "Drawn"]

SPECIALS = (0.0, -0.0, math.inf, -math.inf, math.nan)


class Drawn(Chooser):
    """Draws what a specification leaves open.

    Args:
        draw: Hypothesis's.
        grid: The distance of neighbours, where a specification does not say it.
        special: Whether infinities, NaN and -0 are drawn, where they make sense.
    """

    def __init__(self, draw: st.DrawFn, grid: float, *, special: bool = False) -> None:
        self.draw = draw
        self._grid = grid
        self._special = special

    def domain(self, name: str) -> tuple[float, float]:
        return inside(name)

    def dtype(self, kinds: str) -> str:
        """Choose the dtype of an array that may be of these kinds."""
        return {"f": "float64", "c": "complex128", "i": "int64", "u": "uint64", "b": "bool"}[kinds[0]]

    def length(self, letter: str, least: int) -> int:
        return self.draw(st.integers(least, 3))

    def leads(self, count: int, bare: Sequence[bool], least: int) -> Sequence[tuple[int, ...]]:
        most = 2 if not all(bare) else 4 if count < 2 else 3
        if count < 2:
            return [self.draw(npst.array_shapes(min_dims=0, max_dims=most, min_side=least, max_side=3))] * count
        shapes = npst.mutually_broadcastable_shapes(num_shapes=count, max_dims=most, min_side=least, max_side=3)
        return self.draw(shapes).input_shapes

    def one_of(self, values: Sequence[Any]) -> Any:
        return values[self.draw(st.integers(0, len(values) - 1))]

    def axis(self, axis: Axis, ndim: int) -> Any:
        least = 0 if axis.default or not ndim else 1
        chosen = self.draw(st.lists(st.integers(0, ndim - 1), unique=True, min_size=least)) if ndim else []
        signed = tuple(one - ndim * self.draw(st.integers(0, 1)) for one in chosen)
        several = [signed] if axis.several else []
        return self.draw(st.sampled_from([*([None] if axis.default else []), *several, *signed[:1]]))

    def array(self, array: Array, shape: tuple[int, ...], below: int | None) -> np.ndarray[Any, Any]:
        if below is not None:
            least = -below if array.low is None else 0
            return self.draw(npst.arrays(np.int64, shape, elements=st.integers(least, below - 1)))
        dtype = self.dtype(array.kinds)
        wide = "float64" if dtype == "bfloat16" else dtype
        found = self.draw(npst.arrays(wide, shape, elements=self._numbers(array, dtype)))
        return shaped(array, np.asarray(found.astype(_of_name(dtype))))

    def _numbers(self, array: Array, dtype: str) -> st.SearchStrategy[Any]:
        kind = "f" if dtype == "bfloat16" else np.dtype(dtype).kind
        if kind == "b":
            return st.booleans()
        low, high = array.low or 0.0, array.high or 0.0
        # Of a narrow interval every thirty-second is a number.
        step = array.step or (0.03125 if self._grid < 1 and high - low <= 2 else self._grid)
        if kind in "iu":
            step, low = max(step, 1.0), max(low, 0.0) if kind == "u" else low
        grid = [step * one for one in range(math.ceil(low / step), math.floor(high / step) + 1)]
        grid = [one for one in grid if one not in array.without]
        if kind in "iu":
            return st.sampled_from([int(one) for one in grid])
        # To the referee, ∞ in bfloat16 is no floating-point special.
        special = self._special and array.special and dtype != "bfloat16"
        real = st.sampled_from([*grid, *(SPECIALS if special else ())])
        return st.builds(complex, real, real) if kind == "c" else real


def _of_name(name: str) -> Any:
    if name != "bfloat16":
        return np.dtype(name)
    import ml_dtypes

    return np.dtype(ml_dtypes.bfloat16)
