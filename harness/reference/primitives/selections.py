"""Selections: where, maximum, minimum, max, min and the places of extrema.

Where branches are equal the tape's `tie` says which is taken. The minimum takes the other branch than the maximum
would, because min(a, b) + max(a, b) = a + b has the same derivative whatever is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.reductions import normalize_axes
from harness.reference.arithmetic import Dual, is_floating
from harness.reference.primitives.promotion import pair, plain
from harness.reference.variables import unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.variables import Recorder, Variable

__all__ = ["PRIMITIVES"]


def _select(tape: Recorder, weight: np.ndarray[Any, Any], a: Variable, b: Variable) -> Variable:
    """Take a with a weight in [0, 1], b with the rest; exact where the weight is 0 or 1."""
    arithmetic = tape.arithmetic
    rest = 1 - weight
    tangent = None
    if a.dual.tangent is not None or b.dual.tangent is not None:
        shares = [
            arithmetic.scale(share, part.dual.tangent)
            for share, part in ((weight, a), (rest, b))
            if part.dual.tangent is not None
        ]
        tangent = shares[0] if len(shares) == 1 else np.add(*shares)
    value = arithmetic.blend(weight, a.dual.value, b.dual.value)
    if tangent is not None:
        tangent = np.broadcast_to(tangent, value.shape)
    return tape.record(
        Dual(arithmetic, value, tangent, a.dtype),
        [
            (a, lambda g: unbroadcast(g.map(lambda part: arithmetic.scale(weight, part)), a.shape)),
            (b, lambda g: unbroadcast(g.map(lambda part: arithmetic.scale(rest, part)), b.shape)),
        ],
    )


def _where(tape: Recorder, condition: Any, a: Any, b: Any, /) -> Variable:
    mask = tape.constant(condition).dual.value.astype(bool)
    left, right = pair(tape, a, b)
    if not is_floating(left.dtype):
        return plain(tape, np.where(mask, left.dual.value, right.dual.value))
    return _select(tape, mask.astype(np.float64), left, right)


def _extremum(sign: int) -> Callable[..., Variable]:
    """Make maximum (sign 1) or minimum (sign -1)."""

    def primitive(tape: Recorder, a: Any, b: Any, /) -> Variable:
        left, right = pair(tape, a, b)
        if not is_floating(left.dtype):
            return plain(tape, (np.maximum if sign > 0 else np.minimum)(left.dual.value, right.dual.value))
        found = tape.arithmetic.order(left.dual.value, right.dual.value, strict=False)
        ties = found == 0
        tape.ties += int(ties.any())
        weight = np.where(found == sign, 1.0, np.where(ties, _share(tape, sign), 0.0))
        # An unordered pair has a NaN in it, which must be what is taken.
        unordered = found == 2
        if unordered.any():
            weight = np.where(unordered, tape.arithmetic.undefined(left.dual.value).astype(float), weight)
        return _select(tape, weight, left, right)

    return primitive


def _share(tape: Recorder, sign: int) -> float:
    """Return the weight of the first of equal branches."""
    return tape.tie if sign > 0 else 1.0 - tape.tie


def _peak(sign: int) -> Callable[..., Variable]:
    """Make max (sign 1) or min (sign -1) over axes."""

    def primitive(tape: Recorder, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Variable:
        variable = tape.constant(x)
        axes = normalize_axes(axis, variable.ndim)
        others = tuple(number for number in range(variable.ndim) if number not in axes)
        lengths = tuple(variable.shape[number] for number in others)
        flat = tape.xp.reshape(tape.xp.permute_dims(variable, (*others, *axes)), (*lengths, -1))
        if not is_floating(variable.dtype):
            found = plain(tape, (np.max if sign > 0 else np.min)(flat.dual.value, axis=-2))
        else:
            found = _choose(tape, flat, sign)
        if not keepdims:
            return found
        shape = tuple(1 if number in axes else size for number, size in enumerate(variable.shape))
        return tape.xp.reshape(found, shape)  # type: ignore[no-any-return]  # looked up by name

    return primitive


def _choose(tape: Recorder, x: Variable, sign: int) -> Variable:
    """Take the largest along the last axis, with the tape's weights where several are equal."""
    arithmetic = tape.arithmetic
    value = x.dual.value
    marks = arithmetic.largest(value if sign > 0 else -value, value.ndim - 2)
    count = marks.sum(axis=-2, keepdims=True)
    weight = marks.astype(np.float64)
    if (count > 1).any():
        tape.ties += 1
        weight = np.where(marks & (count > 1), _split(marks, count, _share(tape, sign)), weight)
    index = np.argmax(marks, axis=-2)[..., None, :]
    chosen = np.take_along_axis(value, index, axis=-2)[..., 0, :]
    if (count > 1).any():
        for number in range(value.shape[-2]):
            tied = marks[..., number, :] & (count > 1)[..., 0, :]
            if tied.any():
                chosen[tied] = arithmetic.between(chosen[tied], value[..., number, :][tied])
    tangent = None
    if x.dual.tangent is not None:
        tangent = np.sum(arithmetic.scale(weight, x.dual.tangent), axis=-2)

    def pullback(g: Dual) -> Dual:
        return g.map(lambda part: arithmetic.scale(weight, part[..., None, :]))

    return tape.record(Dual(arithmetic, chosen, tangent, x.dtype), [(x, pullback)])


def _split(marks: np.ndarray[Any, Any], count: np.ndarray[Any, Any], first: float) -> np.ndarray[Any, Any]:
    """Share 1 among the marked: evenly, all to the last, or this much to the first and the rest evenly."""
    if first == 0.5:
        return np.asarray(1 / count)
    place = marks.cumsum(axis=-2)
    if first == 0:
        return np.asarray((marks & (place == count)).astype(float))
    return np.where(marks & (place == 1), first, (1 - first) / np.maximum(count - 1, 1))


def _position(sign: int) -> Callable[..., Variable]:
    """Make argmax (sign 1) or argmin (sign -1)."""

    def primitive(tape: Recorder, x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Variable:
        variable = tape.constant(x)
        flat = tape.xp.reshape(variable, (-1,)) if axis is None else variable
        number = normalize_axes(0 if axis is None else axis, flat.ndim)[0]
        value = flat.dual.value * sign
        marks = tape.arithmetic.largest(value, number) if is_floating(variable.dtype) else value
        found = np.argmax(marks, axis=number)
        if keepdims:
            shape = (1,) * variable.ndim if axis is None else None
            found = found.reshape((*shape, found.shape[-1])) if shape is not None else np.expand_dims(found, number)
        return plain(tape, np.asarray(found))

    return primitive


PRIMITIVES: dict[str, Callable[..., Any]] = {
    "where": _where,
    "maximum": _extremum(1),
    "minimum": _extremum(-1),
    "max": _peak(1),
    "min": _peak(-1),
    "argmax": _position(1),
    "argmin": _position(-1),
}
"""By the name they have in `xp`."""
