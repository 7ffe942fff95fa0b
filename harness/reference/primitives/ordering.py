"""Sorting. Each run has an order of its own; of equal elements the tape's `tie` says which comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.reductions import normalize_axes
from harness.reference.arithmetic import Dual, is_floating
from harness.reference.primitives.promotion import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.arithmetic import Component
    from harness.reference.variables import Recorder, Variable

__all__ = ["PRIMITIVES"]


def _places(tape: Recorder, variable: Variable, number: int, *, descending: bool) -> np.ndarray[Any, Any]:
    """Return the indices that sort along an axis; equal elements keep their order, or turn it round where `tie` is 0."""
    value, arithmetic = variable.dual.value, tape.arithmetic
    value = -value if descending else value
    if not is_floating(variable.dtype):
        return np.argsort(value, axis=number, stable=True)
    places, ties = arithmetic.ranked(value, number)
    if ties:
        tape.ties += 1
        if tape.tie == 0:
            turned, _ = arithmetic.ranked(np.flip(value, number), number)
            places = value.shape[number] - 1 - turned
    return places


def _sort(tape: Recorder, x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Variable:
    del stable
    variable = tape.constant(x)
    number = normalize_axes(axis, variable.ndim)[0]
    places = _places(tape, variable, number, descending=descending)
    back = np.argsort(places, axis=number)

    def forward(part: Component) -> Component:
        return np.take_along_axis(part, places, axis=number)

    if not is_floating(variable.dtype):
        return plain(tape, forward(variable.dual.value))
    dual = variable.dual.map(forward)
    result = Dual(tape.arithmetic, dual.value, dual.tangent, variable.dtype)
    return tape.record(result, [(variable, lambda g: g.map(lambda part: np.take_along_axis(part, back, axis=number)))])


def _argsort(tape: Recorder, x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Variable:
    del stable
    variable = tape.constant(x)
    number = normalize_axes(axis, variable.ndim)[0]
    return plain(tape, _places(tape, variable, number, descending=descending))


PRIMITIVES: dict[str, Callable[..., Any]] = {"sort": _sort, "argsort": _argsort}
"""By the name they have in `xp`."""
