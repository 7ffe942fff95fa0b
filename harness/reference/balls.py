"""Arb balls: numbers that provably contain the exact result."""

from __future__ import annotations

import math
from functools import cmp_to_key
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import acb, acb_mat, acb_series, arb, arb_mat, arb_series, ctx, fmpq

from harness.operations.formats import FORMATS, is_complex, real_of
from harness.operations.operation import Elementwise
from harness.reference.arithmetic import Arithmetic, Component, UndecidedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.operations.operation import Operation

__all__ = ["Balls", "Careful", "Hull", "unit_roundoff"]

# FLINT takes arb(nan), a NaN of radius 0, for a number here and there: its arcsine is -π/2. That of "nan" is infinite.
_NAN = arb("nan")
_ZERO = arb(0)
_to_ball = np.frompyfunc(lambda number: _NAN if math.isnan(number) else arb(number), 1, 1)
_to_complex_ball = np.frompyfunc(lambda number: acb(_to_ball(number.real), _to_ball(number.imag)), 1, 1)
_is_nan = np.frompyfunc(lambda ball: _real(ball).is_nan() or _imaginary(ball).is_nan(), 1, 1)
_conjugate = np.frompyfunc(lambda ball: ball.conjugate() if isinstance(ball, acb) else ball, 1, 1)
_join = np.frompyfunc(acb, 2, 1)
_is_exact_zero = np.frompyfunc(lambda ball: ball.is_zero(), 1, 1)


def _is_zero(a: Component) -> np.ndarray[Any, Any]:
    return np.asarray(_is_exact_zero(a), dtype=bool)


def _real(ball: Any) -> Any:
    return ball.real if isinstance(ball, acb) else ball


def _imaginary(ball: Any) -> Any:
    return ball.imag if isinstance(ball, acb) else _ZERO


_real_parts, _imaginary_parts = np.frompyfunc(_real, 1, 1), np.frompyfunc(_imaginary, 1, 1)


def unit_roundoff(dtype: str) -> float:
    """Return u, half the distance from 1 to the next number: 2⁻²⁴ for float32, and for the parts of complex64."""
    return 2.0 ** -FORMATS[real_of(dtype)].mantissa


class Balls(Arithmetic):
    """Real numbers, enclosed; complex ones, in boxes of two balls.

    Args:
        dtype: The dtype of the check, for names only: balls are not rounded to it.
        precision: Working precision in bits.
        last: Whether this is the highest precision there will be. Then enclosures that still overlap are taken for
            equal and counted in `undecided`, where otherwise `UndecidedError` asks for a higher one.

    Attributes:
        undecided: How many comparisons could not be proven either way.
    """

    exact = True

    def __init__(self, dtype: str, precision: int, *, last: bool = False) -> None:
        """Set the working precision, which Arb holds globally."""
        super().__init__(dtype)
        self.last = last
        self.undecided = 0
        ctx.prec = precision

    def lift(self, array: np.ndarray[Any, Any], dtype: str) -> Component:
        """Make exact balls of float64 or complex128 numbers; what are balls already stay what they are."""
        if array.dtype == object:
            return array[..., None]
        if is_complex(dtype):
            return np.asarray(_to_complex_ball(np.asarray(array, dtype=np.complex128)[..., None]), dtype=object)
        lifted = np.empty((*array.shape, 1), dtype=object)
        lifted[...] = _to_ball(np.asarray(array, dtype=np.float64))[..., None] if array.ndim else _to_ball(float(array))
        return lifted

    def scalar(self, number: complex, dtype: str) -> Component:
        """A constant is the exact number that the double is, or the two doubles are."""
        return np.array([acb(number) if is_complex(dtype) else arb(number)], dtype=object)

    def pi(self, dtype: str) -> Component:
        """Enclose π."""
        del dtype
        return np.array([arb.pi()], dtype=object)

    def convert(self, a: Component, before: str, after: str) -> Component:
        """Balls are not rounded."""
        del before, after
        return a

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
        """Sum."""
        if any(a.shape[axis] == 0 for axis in axes):
            return self.zeros(tuple(1 if axis in axes else size for axis, size in enumerate(a.shape)), dtype)
        return np.asarray(np.sum(a, axis=axes, keepdims=True))

    def cumulative(self, a: Component, axis: int, dtype: str) -> Component:
        """Sum prefixes."""
        del dtype
        return np.add.accumulate(a, axis=axis)

    def matmul(self, a: Component, b: Component, dtype: str) -> Component:
        """Multiply matrices through `arb_mat` or `acb_mat`."""
        batch = np.broadcast_shapes(a.shape[:-3], b.shape[:-3])
        rows, inner, columns = a.shape[-3], a.shape[-2], b.shape[-2]
        count = math.prod(batch)
        left = np.broadcast_to(a[..., 0], (*batch, rows, inner)).reshape(count, rows * inner)
        right = np.broadcast_to(b[..., 0], (*batch, inner, columns)).reshape(count, inner * columns)
        found = np.empty((len(left), rows * columns, 1), dtype=object)
        matrix = acb_mat if is_complex(dtype) else arb_mat
        for number in range(len(left)):
            product = matrix(rows, inner, list(left[number])) * matrix(inner, columns, list(right[number]))
            found[number, :, 0] = product.entries()
        return found.reshape((*batch, rows, columns, 1))

    def function(self, operation: Operation, a: Component, dtype: str) -> Component:
        """Evaluate with Arb."""
        del dtype
        return np.asarray(np.frompyfunc(_method(_meaning(operation).ball), 1, 1)(a))

    def taylor(self, operation: Operation, a: Component, order: int, dtype: str) -> list[Component]:
        """Take derivatives from the coefficients of one series evaluation."""
        del dtype
        meaning = _meaning(operation)
        series = _method(meaning.ball if meaning.series is None else meaning.series)

        def derivatives(x: Any) -> tuple[Any, ...]:
            try:
                expanded = series((acb_series if isinstance(x, acb) else arb_series)([x, 1], order + 1))
            except (ValueError, ZeroDivisionError):
                # A quotient of series refuses a divisor that may be zero, where one of numbers gives NaN.
                return (arb("nan"),) * order
            return tuple(expanded[number] * math.factorial(number) for number in range(1, order + 1))

        found = np.frompyfunc(derivatives, 1, order)(a)
        return [np.asarray(part) for part in (found if order > 1 else (_first(found),))]

    def order(self, a: Component, b: Component, *, strict: bool) -> np.ndarray[Any, Any]:
        """Compare balls; what overlaps is undecided, unless both are the same single number."""
        a, b = np.broadcast_arrays(a, b)
        found = np.full(a.shape, 2, dtype=np.int8)
        found[np.less(a, b).astype(bool)] = -1
        found[np.equal(a, b).astype(bool)] = 0
        found[np.greater(a, b).astype(bool)] = 1
        for place in zip(*np.nonzero(found == 2), strict=True):
            left, right = a[place], b[place]
            if left.is_nan() or right.is_nan():
                continue
            same = left.mid() == right.mid() and left.rad() == right.rad()
            if not (same and not strict):
                self._give_up()
            found[place] = 0
        return found

    def conjugate(self, a: Component) -> Component:
        """Return complex conjugates."""
        return np.asarray(_conjugate(a), dtype=object)

    def parts(self, a: Component) -> tuple[Component, Component]:
        """Take boxes apart."""
        return np.asarray(_real_parts(a), dtype=object), np.asarray(_imaginary_parts(a), dtype=object)

    def join(self, real: Component, imaginary: Component) -> Component:
        """Make boxes of balls."""
        return np.asarray(_join(real, imaginary), dtype=object)

    def undefined(self, a: Component) -> np.ndarray[Any, Any]:
        """Mark NaNs; to Arb, a NaN may be equal to itself."""
        return np.asarray(_is_nan(a), dtype=bool)

    def truncate(self, a: Component) -> np.ndarray[Any, Any]:
        """Drop the fractions, where every number in the ball has the same integer part."""
        return np.asarray(np.frompyfunc(self._drop_fraction, 1, 1)(a), dtype=np.int64)

    def _drop_fraction(self, ball: Any) -> int:
        if ball.is_finite():
            low, high = (int(_toward_zero(end).unique_fmpz()) for end in (ball.lower(), ball.upper()))
            if low == high:
                return low
        self._give_up()
        return 0

    def floor_quotient(self, a: Component, b: Component) -> Component:
        """⌊a / b⌋, however large; of a finite number and an infinite one, 0 or -1."""
        return np.asarray(np.frompyfunc(self._floor_quotient, 2, 1)(a, b), dtype=object)

    def _floor_quotient(self, a: Any, b: Any) -> Any:
        if a.is_finite() and not b.is_finite() and (b > 0 or b < 0):
            return arb(-1) if (a > 0 and b < 0) or (a < 0 and b > 0) else _ZERO
        quotient = a / b
        if not quotient.is_finite():
            return quotient
        floor = quotient.floor()
        if not floor.is_exact():
            self._give_up()
        return floor

    def largest(self, a: Component, axis: int) -> np.ndarray[Any, Any]:
        """Mark the elements that may be the largest, when no more can be told apart."""
        marks = np.zeros(a.shape, dtype=bool)
        rows, out = np.moveaxis(a, axis, -1), np.moveaxis(marks, axis, -1)
        for place in np.ndindex(*rows.shape[:-1]):
            row = rows[place]
            best = row[0]
            for ball in row[1:]:
                if not ball <= best:
                    best = ball if ball >= best else best.union(ball)
            for number, ball in enumerate(row):
                out[place][number] = ball.is_nan() or not ball < best
            tied = [ball for ball, mark in zip(row, out[place], strict=True) if mark]
            first = tied[0]
            if any(not (ball.mid() == first.mid() and ball.rad() == first.rad()) for ball in tied[1:]):
                self._give_up()
        return marks

    def ranked(self, a: Component, axis: int) -> tuple[np.ndarray[Any, Any], bool]:
        """Sort by midpoints, and ask of neighbours that they do not overlap."""
        places = np.empty(a.shape, dtype=np.int64)
        rows, out, ties = np.moveaxis(a, axis, -1), np.moveaxis(places, axis, -1), False
        for place in np.ndindex(*rows.shape[:-1]):
            row = rows[place]
            order = sorted(range(len(row)), key=cmp_to_key(lambda i, j, row=row: _by_middle(row[i], row[j])))  # type: ignore[misc]  # its default
            out[place] = order
            for low, high in pairwise(order):
                if not row[low] < row[high]:
                    ties = True
                    # Of balls, both == and != may be false.
                    equal = row[low] == row[high]
                    if not equal:
                        self._give_up()
        return places, ties

    def roots(self, powers: np.ndarray[Any, Any], length: int, dtype: str) -> Component:
        """Enclose e^(2πi p/n)."""
        del dtype
        found = np.empty((*powers.shape, 1), dtype=object)
        for place in np.ndindex(*powers.shape):
            found[(*place, 0)] = acb(fmpq(2 * int(powers[place]), length)).exp_pi_i()
        return found

    def eigh(self, a: Component, dtype: str) -> tuple[Component, Component]:
        """Enclose eigenvalues and eigenvectors of symmetric matrices with `acb_mat`; equal ones have no enclosure.

        The matrices meant are symmetric, so that the real parts enclose: also of an eigenvector, once it is divided by
        one of its entries.
        """
        del dtype
        length = a.shape[-2]
        values, vectors = np.empty((*a.shape[:-2], 1), dtype=object), np.empty(a.shape, dtype=object)
        for place in np.ndindex(*a.shape[:-3]):
            matrix = acb_mat(length, length, list(a[place][..., 0].reshape(-1)))
            try:
                numbers, columns = matrix.eig(right=True)
            except ValueError:
                self._give_up()
                values[place], vectors[place] = _NAN, _NAN
                continue
            order = sorted(range(length), key=lambda number: float(numbers[number].real.mid()))
            for rank, number in enumerate(order):
                values[(*place, rank, 0)] = numbers[number].real
                column = [columns[row, number] for row in range(length)]
                largest = max(column, key=lambda entry: float(abs(entry).mid()))
                scaled = [(entry / largest).real for entry in column]
                norm = sum((entry * entry for entry in scaled), _ZERO).sqrt()
                for row, entry in enumerate(scaled):
                    vectors[(*place, row, rank, 0)] = entry / norm
        return values, vectors

    def expm(self, a: Component, dtype: str) -> Component:
        """Enclose exponentials with `arb_mat`."""
        length = a.shape[-2]
        matrix, found = acb_mat if is_complex(dtype) else arb_mat, np.empty(a.shape, dtype=object)
        for place in np.ndindex(*a.shape[:-3]):
            entries = matrix(length, length, list(a[place][..., 0].reshape(-1))).exp().entries()
            found[place] = np.array(entries, dtype=object).reshape((length, length, 1))
        return found

    def between(self, a: Component, b: Component) -> Component:
        """Enclose both."""
        return np.asarray(np.frompyfunc(lambda x, y: x.union(y), 2, 1)(a, b))

    def zeros(self, shape: tuple[int, ...], dtype: str = "") -> Component:
        """Make exact zeros."""
        return np.full(shape, acb(0) if is_complex(dtype) else _ZERO, dtype=object)

    def _give_up(self) -> None:
        if not self.last:
            raise UndecidedError
        self.undecided += 1


class Careful(Balls):
    """Balls for which what does not count stays out of the sweep backward.

    The adjoint of a branch that `where` has not taken is exactly 0, and the branch no part of the function, so that
    whatever its derivative is, also NaN or infinite, it contributes 0. Forward, 0 · NaN is NaN as ever.
    """

    def multiply(self, a: Component, b: Component, dtype: str) -> Component:
        """a * b; in the sweep backward, where a is the adjoint, 0 where a is."""
        product = super().multiply(a, b, dtype)
        return np.where(_is_zero(a), a, product) if self.sweeping else product

    def divide(self, a: Component, b: Component, dtype: str) -> Component:
        """a / b; in the sweep backward, where a is the adjoint, 0 where a is."""
        quotient = super().divide(a, b, dtype)
        return np.where(_is_zero(a), a, quotient) if self.sweeping else quotient


class Hull(Careful):
    """Balls for which every tie has the weight [0, 1], whatever weight the tape gives it."""

    def scale(self, weight: np.ndarray[Any, Any], a: Component) -> Component:
        """Return a where the weight is 1, 0 where it is 0, and everything in between elsewhere."""
        scaled = super().scale(np.where((weight != 0) & (weight != 1), 1.0, weight), a)
        ties = (weight != 0) & (weight != 1)
        return np.where(ties, np.multiply(scaled, arb(0.5, 0.5)), scaled) if ties.any() else scaled


def _by_middle(a: Any, b: Any) -> int:
    return int(a.mid() > b.mid()) - int(a.mid() < b.mid())


def _toward_zero(end: Any) -> Any:
    return end.floor() if end >= 0 else end.ceil()


def _first(found: Any) -> Any:
    """Take the only result out of the tuples that a one-result function returned."""
    return np.frompyfunc(lambda pair: pair[0], 1, 1)(found)


def _meaning(operation: Operation) -> Elementwise:
    if not isinstance(operation.meaning, Elementwise):
        raise TypeError(f"{operation.name} is not elementwise.")
    return operation.meaning


def _method(function: str | Callable[[Any], Any]) -> Callable[[Any], Any]:
    if isinstance(function, str):
        name = function
        return lambda x: getattr(x, name)()
    return function
