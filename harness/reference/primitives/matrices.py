"""Solving, determinants, eigenvectors and exponentials of matrices, with their usual derivatives.

Values come from elimination, with every operation rounded as the arithmetic rounds, or from the arithmetic's own
enclosure, or backward-stable program. Derivatives are written on duals, so that one formula gives JVP, VJP and HVP:
M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", 2008.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.reference.arithmetic import Dual
from harness.reference.primitives.promotion import pair
from harness.reference.variables import unbroadcast

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.arithmetic import Arithmetic, Component
    from harness.reference.variables import Recorder, Variable

__all__ = ["PRIMITIVES"]


def _sizes(a: Component) -> np.ndarray[Any, Any]:
    """Return the sizes of the first run, or the middles of balls: the exact result does not depend on the pivots."""
    first = a[..., 0]
    if first.dtype == object:
        return np.asarray(np.frompyfunc(lambda ball: float(abs(ball).mid()), 1, 1)(first), dtype=np.float64)
    return np.abs(first)


def _with_runs(arithmetic: Arithmetic, a: Component, batch: tuple[int, ...]) -> Component:
    runs = max(a.shape[-1], getattr(arithmetic, "runs", 1))
    return np.broadcast_to(a, (*batch, *a.shape[-3:-1], runs)).copy()


def _eliminated(
    arithmetic: Arithmetic, a: Component, b: Component, dtype: str
) -> tuple[Component, Component, np.ndarray[Any, Any]]:
    """Eliminate below the diagonal, with row pivots, and give both sides and the sign of the order of the rows."""
    batch = np.broadcast_shapes(a.shape[:-3], b.shape[:-3])
    a, b = _with_runs(arithmetic, arithmetic.nearby(a, dtype), batch), _with_runs(arithmetic, b, batch)
    sign = np.ones(batch)
    length = a.shape[-3]
    for column in range(length - 1):
        pivot = column + np.argmax(_sizes(a[..., column:, column, :]), axis=-1)
        order = np.broadcast_to(np.arange(length), (*batch, length)).copy()
        order[..., column] = pivot
        np.put_along_axis(order, pivot[..., None], column, axis=-1)
        sign = np.where(pivot == column, sign, -sign)
        a, b = (np.take_along_axis(part, order[..., None, None], axis=-3) for part in (a, b))
        below = slice(column + 1, None)
        factor = arithmetic.divide(a[..., below, column, :], a[..., column, None, column, :], dtype)[..., None, :]
        for part, start in ((a, column + 1), (b, 0)):
            taken = arithmetic.multiply(factor, part[..., column, None, start:, :], dtype)
            part[..., below, start:, :] = arithmetic.subtract(part[..., below, start:, :], taken, dtype)
    return a, b, sign


def _solved(arithmetic: Arithmetic, a: Component, b: Component, dtype: str) -> Component:
    """Solve A X = B by elimination with row pivots and back substitution."""
    a, b, _ = _eliminated(arithmetic, a, b, dtype)
    length = a.shape[-3]
    for row in range(length - 1, -1, -1):
        right = b[..., row, :, :]
        if row + 1 < length:
            terms = arithmetic.matmul(a[..., row, None, row + 1 :, :], b[..., row + 1 :, :, :], dtype)
            right = arithmetic.subtract(right, terms[..., 0, :, :], dtype)
        b[..., row, :, :] = arithmetic.divide(right, a[..., row, row, None, :], dtype)
    return b


def _solution(a: Dual, b: Dual) -> Dual:
    """Solve, with the tangent A⁻¹(Ḃ - Ȧ X)."""
    arithmetic, dtype = a.arithmetic, a.dtype
    value = _solved(arithmetic, a.value, b.value, dtype)
    right = b.tangent
    if a.tangent is not None:
        moved = arithmetic.matmul(a.tangent, value, dtype)
        right = -moved if right is None else arithmetic.subtract(right, moved, dtype)
    tangent = None if right is None else _solved(arithmetic, a.value, right, dtype)
    return Dual(arithmetic, value, tangent, dtype)


def _adjoint(a: Dual) -> Dual:
    return a.conjugate().map(lambda part: np.swapaxes(part, -2, -3))


def _product(a: Dual, b: Dual) -> Dual:
    return a.bilinear(b, a.arithmetic.matmul)


def _identity(a: Dual) -> Dual:
    value = a.arithmetic.lift(np.eye(a.shape[-1]), a.dtype)
    return Dual(a.arithmetic, value, None, a.dtype)


def _solve(tape: Recorder, a: Any, b: Any, /) -> Variable:
    left, right = pair(tape, a, b)
    if right.ndim == 1:
        return tape.xp.squeeze(_solve(tape, left, right[:, None]), axis=-1)  # type: ignore[no-any-return]
    found = _solution(left.dual, right.dual)

    def of_right(g: Dual) -> Dual:
        return _solution(_adjoint(left.dual), g)

    return tape.record(
        found,
        [
            (left, lambda g: unbroadcast(-_product(of_right(g), _adjoint(found)), left.shape)),
            (right, lambda g: unbroadcast(of_right(g), right.shape)),
        ],
    )


def _det(tape: Recorder, x: Any, /) -> Variable:
    variable = tape.constant(x)
    arithmetic, dual, dtype = tape.arithmetic, variable.dual, variable.dtype
    upper, _, sign = _eliminated(arithmetic, dual.value, dual.value[..., :0, :], dtype)
    value = np.where(sign[..., None] > 0, upper[..., 0, 0, :], -upper[..., 0, 0, :])
    for place in range(1, variable.shape[-1]):
        value = arithmetic.multiply(value, upper[..., place, place, :], dtype)
    tangent = None
    if dual.tangent is not None:
        moved = _solved(arithmetic, dual.value, dual.tangent, dtype)
        trace = arithmetic.total(np.moveaxis(np.diagonal(moved, axis1=-3, axis2=-2), -1, -2), (moved.ndim - 3,), dtype)
        tangent = arithmetic.multiply(value, trace[..., 0, :], dtype)
    found = Dual(arithmetic, value, tangent, dtype)

    def pullback(g: Dual) -> Dual:
        weight = (g * found.conjugate()).map(lambda part: part[..., None, None, :])
        return weight * _solution(_adjoint(dual), _identity(dual))

    return tape.record(found, [(variable, pullback)])


def _eigh(tape: Recorder, x: Any, /) -> tuple[Variable, Variable]:
    """Eigenvalues in ascending order, and eigenvectors, whose largest entries are positive, as columns.

    The derivatives need eigenvalues that differ.
    """
    variable = tape.constant(x)
    arithmetic, dual, dtype = tape.arithmetic, variable.dual, variable.dtype
    numbers, vectors = arithmetic.eigh(dual.value, dtype)
    values, columns = Dual(arithmetic, numbers, None, dtype), Dual(arithmetic, vectors, None, dtype)
    if dual.tangent is not None:
        moved = _product(_product(_adjoint(columns), Dual(arithmetic, dual.tangent, None, dtype)), columns).value
        slope = np.moveaxis(np.diagonal(moved, axis1=-3, axis2=-2), -1, -2)
        turned = _product(columns, _over_gaps(values, Dual(arithmetic, moved, None, dtype))).value
        values, columns = Dual(arithmetic, numbers, slope, dtype), Dual(arithmetic, vectors, turned, dtype)

    def of_values(g: Dual) -> Dual:
        return _product(columns * g.map(lambda part: part[..., None, :, :]), _adjoint(columns))

    def of_columns(g: Dual) -> Dual:
        inner = _over_gaps(values, _product(_adjoint(columns), g))
        return _product(_product(columns, inner), _adjoint(columns))

    return tape.record(values, [(variable, of_values)]), tape.record(columns, [(variable, of_columns)])


def _over_gaps(values: Dual, m: Dual) -> Dual:
    """Divide by λⱼ - λᵢ off the diagonal, and give 0 on it."""
    arithmetic = values.arithmetic
    unit = np.eye(values.shape[-1])[..., None]
    gaps = values.map(lambda part: part[..., None, :, :]) - values.map(lambda part: part[..., :, None, :])
    gaps = gaps + Dual(arithmetic, arithmetic.lift(unit[..., 0], values.dtype), None, values.dtype)
    return (m / gaps).map(lambda part: arithmetic.scale(1 - unit, part))


def _exponential(a: Dual) -> Dual:
    arithmetic = a.arithmetic
    value = arithmetic.expm(a.value, a.dtype)
    if a.tangent is None:
        return Dual(arithmetic, value, None, a.dtype)
    here = Dual(arithmetic, a.value, None, a.dtype)
    return Dual(arithmetic, value, _slope(here, Dual(arithmetic, a.tangent, None, a.dtype)).value, a.dtype)


def _slope(a: Dual, direction: Dual) -> Dual:
    """The derivative of e^A along E is the corner of e^[[A, E], [0, A]] (Mathias, "A chain rule for matrix functions", 1996)."""
    arithmetic, length = a.arithmetic, a.shape[-1]

    def block(corner: Component, diagonal: Component) -> Component:
        shape = (
            *np.broadcast_shapes(corner.shape[:-1], diagonal.shape[:-1]),
            max(corner.shape[-1], diagonal.shape[-1]),
        )
        corner, diagonal = np.broadcast_to(corner, shape), np.broadcast_to(diagonal, shape)
        zeros = np.broadcast_to(arithmetic.zeros((1,), a.dtype), shape)
        rows = (np.concatenate((diagonal, corner), axis=-2), np.concatenate((zeros, diagonal), axis=-2))
        return np.concatenate(rows, axis=-3)

    tangent = None
    if a.tangent is not None or direction.tangent is not None:
        zeros = arithmetic.zeros((*a.shape, 1), a.dtype)
        parts = [zeros if part.tangent is None else part.tangent for part in (direction, a)]
        tangent = block(*parts)
    whole = _exponential(Dual(arithmetic, block(direction.value, a.value), tangent, a.dtype))
    return whole.map(lambda part: part[..., :length, length:, :])


def _expm(tape: Recorder, x: Any, /) -> Variable:
    variable = tape.constant(x)
    return tape.record(_exponential(variable.dual), [(variable, lambda g: _slope(_adjoint(variable.dual), g))])


PRIMITIVES: dict[str, Callable[..., Any]] = {"solve": _solve, "det": _det, "eigh": _eigh, "expm": _expm}
"""By the name they have in `xp.linalg`."""
