"""What the machine itself can do, measured with NumPy in a worker: how fast it copies, and how fast it multiplies."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Machine"]

_COPIED = 64 << 20  # bytes, beyond any cache that one core has to itself
_SIDE = 768  # of square matrices; their product takes some 10 ms
_TIMES = 7


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
        """Give `copy_bytes`, bytes read and written a second, and `float32_flops`, operations a second.

        Both are the best of several, as a roofline wants them (Williams, Waterman and Patterson, CACM 52(4), 2009), with
        the threads that every backend gets.
        """
        del header, arrays
        import numpy as np

        source = np.full(_COPIED, 1, np.uint8)  # zeros would all be one page, read from the cache
        target = np.full(_COPIED, 2, np.uint8)
        matrix = np.full((_SIDE, _SIDE), 0.5, np.float32)
        product = np.empty_like(matrix)
        copying = self._best(lambda: np.copyto(target, source))
        multiplying = self._best(lambda: np.matmul(matrix, matrix, out=product))
        return {"copy_bytes": 2 * _COPIED / copying, "float32_flops": 2 * _SIDE**3 / multiplying}, []

    def _best(self, call: Callable[[], Any]) -> float:
        call()
        best = None
        for _ in range(_TIMES):
            start = self._now()
            call()
            took = self._now() - start
            best = took if best is None else min(best, took)
        return max(best or 1, 1) / 1e9
