"""Integers and booleans have budgets too: what they may be where rounding decides.

`expit(20) < 1` is true, and false in float32, whose nearest number to expit(20) is 1. So the case is run once more as
IEEE 754 rounds, and N times on numbers that are perturbed as a dtype's rounding would perturb them, and, unlike those
of the budget, are numbers of that dtype: what is equal there is equal here. Each element may be what the exact result
gives, and what any run gave. Indices that sort are held so element by element, not as a permutation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.formats import FORMATS, nearest, real_of
from harness.reference.arithmetic import Component, SplitError, is_floating
from harness.reference.evaluate import Computation, evaluate
from harness.reference.kinks import is_derivative
from harness.reference.stochastic import RUNS, Noisy

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Rounding", "alternatives", "joined"]


class Rounding(Noisy):
    """Numbers of a dtype, perturbed by less than its rounding would and then rounded to it.

    What + - * / give without rounding stays as it is, as IEEE 754 says: x + x is 2x. float64 is not made coarser: its
    runs are float64 themselves.
    """

    def __init__(self, dtype: str, seed: int, runs: int = RUNS, *, noise: float = 1.0) -> None:
        """Perturb by the dtype's own unit roundoff; without noise, round to the nearest alone."""
        super().__init__(dtype, seed, runs)
        self._amplification = noise

    def perturb(self, result: Component, accuracy: float, dtype: str, size: Component | None = None) -> Component:
        """Perturb a result, and round it."""
        found = super().perturb(result, accuracy, dtype, size)
        if not is_floating(dtype) or found.dtype.kind != "f" or real_of(dtype) == "float64":
            return found
        return nearest(found, dtype).astype(np.float64)

    def add(self, a: Component, b: Component, dtype: str) -> Component:
        """a + b."""
        return self._kept(np.add, a, b, super().add(a, b, dtype), dtype)

    def subtract(self, a: Component, b: Component, dtype: str) -> Component:
        """a - b."""
        return self._kept(np.subtract, a, b, super().subtract(a, b, dtype), dtype)

    def multiply(self, a: Component, b: Component, dtype: str) -> Component:
        """a * b."""
        return self._kept(np.multiply, a, b, super().multiply(a, b, dtype), dtype)

    def divide(self, a: Component, b: Component, dtype: str) -> Component:
        """a / b."""
        return self._kept(np.divide, a, b, super().divide(a, b, dtype), dtype)

    def _kept(self, word: np.ufunc, a: Component, b: Component, rounded: Component, dtype: str) -> Component:
        """Take results that the dtype holds as they are; more bits than float64's say whether float64 holds them."""
        if dtype not in FORMATS:
            return rounded
        plain, precise = word(a, b), word(np.asarray(a, np.longdouble), np.asarray(b, np.longdouble))
        normal = (plain == 0) | (np.abs(plain) >= 2.0 ** FORMATS[dtype].smallest_exponent)
        return np.where(normal & (plain == precise) & (nearest(plain, dtype) == plain), plain, rounded)


def alternatives(
    computation: Computation, exact: Mapping[str, np.ndarray[Any, Any]]
) -> dict[str, np.ndarray[Any, Any]]:
    """Find what integers and booleans may be beside the exact result.

    Args:
        computation: What is run.
        exact: Quantity to its exact result, int64 or bool.

    Returns:
        Quantity to the other values that its elements took in perturbed runs, of the shape (most of one element,
        *shape), filled up with the exact result; only of quantities that have any.
    """
    if not exact:
        return {}
    kinds = [kind for kind in computation.kinds if not is_derivative(kind)]
    valued = replace(computation, differentiate=(), kinds=kinds)
    seen: dict[str, list[np.ndarray[Any, Any]]] = {name: [] for name in exact}
    number, last = 0, 0
    with np.errstate(all="ignore"):
        while number <= last:
            for quantities, programs in _runs(valued, number):
                last = max(last, programs)
                for name, rows in seen.items():
                    component = quantities.get(name)
                    if component is not None and component.shape[:-1] == exact[name].shape:
                        rows.append(np.moveaxis(component, -1, 0))
            number += 1
    return joined(exact, seen)


def _runs(computation: Computation, program: int) -> list[tuple[dict[str, Component], int]]:
    """Run one program of every row without noise, and N times with it, side by side or one after the other."""
    dtype, seed = computation.dtype, computation.seed
    # The program that rounds to the nearest everywhere may be one that noise would hit once in a thousand runs.
    runs = [evaluate(computation, Rounding(dtype, seed, runs=1, noise=0.0), alternative=program)]
    try:
        runs.append(evaluate(computation, Rounding(dtype, seed), alternative=program))
    except SplitError:
        runs += [
            evaluate(computation, Rounding(dtype, seed + number, runs=1), alternative=program) for number in range(RUNS)
        ]
    return [(run.quantities, run.alternatives) for run in runs]


def joined(
    exact: Mapping[str, np.ndarray[Any, Any]], seen: Mapping[str, list[np.ndarray[Any, Any]]]
) -> dict[str, np.ndarray[Any, Any]]:
    """Keep, of what was seen of every element, what differs from the exact result, each value once.

    Args:
        exact: Quantity to its exact result.
        seen: Quantity to arrays with one more axis, of runs, before its own.

    Returns:
        As `alternatives` does.
    """
    found = {}
    for name, truth in exact.items():
        rows = [np.asarray(part).reshape(-1, *truth.shape) for part in seen.get(name, [])]
        if not rows or not (stacked := np.concatenate(rows)).size:
            continue
        ordered = np.sort(stacked, axis=0)
        fresh = ordered != truth
        fresh[1:] &= ordered[1:] != ordered[:-1]
        most = int(fresh.sum(axis=0).max())
        if most:
            # What is new comes first, in its order; the exact result fills the rest.
            places = np.argsort(~fresh, axis=0, kind="stable")[:most]
            new = np.take_along_axis(fresh, places, axis=0)
            found[name] = np.where(new, np.take_along_axis(ordered, places, axis=0), truth).astype(truth.dtype)
    return found
