"""What the machine itself can do, measured with NumPy in a worker: how fast it copies, and how fast it multiplies."""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, Any

from harness.messages import Abilities, Measure

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Machine"]

_COPIED = 64 << 20  # bytes, beyond any cache that one core has to itself
_SIDE = 768  # of square matrices; their product takes some 10 ms
_TIMES = 7
_PRODUCT = {"float32": 2, "float64": 2, "complex64": 8, "complex128": 8}
"""Operations on real numbers for each of the products that a product of matrices is made of."""


class Machine:
    """The handler of a worker that measures the machine.

    Args:
        now: The clock, in nanoseconds.
    """

    def __init__(self, now: Callable[[], int] = time.perf_counter_ns) -> None:
        self._now = now

    def hello(self) -> dict[str, Any]:
        """Say nothing."""
        return {}

    def handle(self, header: dict[str, Any], arrays: list[Any]) -> tuple[dict[str, Any], list[Any]]:
        """Return `copy_bytes`, bytes read and written a second, and of each dtype operations a second, `float32_flops`.

        NumPy multiplies matrices of float16 one number at a time, and knows no bfloat16: these have no rate.

        Args:
            header: Of a `Measure`; dtypes without a rate are left out.
            arrays: None.

        Both are the best of several, as a roofline wants them (Williams, Waterman and Patterson, CACM 52(4), 2009), with
        the threads that every backend gets.
        """
        del arrays
        import numpy as np

        source = np.full(_COPIED, 1, np.uint8)  # zeros would all be one page, read from the cache
        target = np.full(_COPIED, 2, np.uint8)
        found = {"copy_bytes": 2 * _COPIED / self._best(lambda: np.copyto(target, source))}
        for dtype in Measure.of(header).dtypes:
            if dtype in _PRODUCT:
                matrix = np.full((_SIDE, _SIDE), 0.5, dtype)
                product = np.empty_like(matrix)
                multiplying = self._best(functools.partial(np.matmul, matrix, matrix, out=product))
                found[f"{dtype}_flops"] = _PRODUCT[dtype] * _SIDE**3 / multiplying
        return Abilities(rates=found).header(), []

    def _best(self, call: Callable[[], Any]) -> float:
        call()
        best = None
        for _ in range(_TIMES):
            start = self._now()
            call()
            took = self._now() - start
            best = took if best is None else min(best, took)
        return max(best or 1, 1) / 1e9
