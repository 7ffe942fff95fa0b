"""Monte Carlo arithmetic: how far a correct program of a dtype may be from the truth.

The case runs N times in float64 while every result is perturbed as that dtype's rounding would perturb it. The root
mean square deviation from the truth is the budget. Source of the method: D. S. Parker, "Monte Carlo Arithmetic",
UCLA CSD-970002 (1997).

Equal results are perturbed equally within a call: rounding is a function of what is rounded, so a thousand equal
elements carry a thousand equal errors, and their sum a thousand times one. The perturbation is therefore a hash of the
result's bits and of a key for each run and call, not a fresh random number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from flint import acb, arb

from harness.operations.formats import FORMATS, is_complex, real_of
from harness.operations.operation import Elementwise
from harness.operations.words import Gap
from harness.reference.arithmetic import Arithmetic, Component, is_floating
from harness.reference.balls import Balls, unit_roundoff
from harness.reference.floats import Floats, matmul_runs, numpy_word
from harness.reference.poles import settle_poles
from harness.reference.summation import in_order, products_in_order

if TYPE_CHECKING:
    from harness.operations.operation import Operation

__all__ = ["RUNS", "CarefulNoisy", "Doubles", "Noisy", "amplification", "through_arb"]

RUNS = 32
"""N, the number of perturbed runs. Their root mean square is known to about 1/√(2N) = 12 %."""

_BIAS = 0.25
"""The part of an operation's error that all elements of one call share, in units of k·u. A mean error of 0.1 ulp, as
numerics.md reports of exp, is at most 0.2 u, which is what a uniform bias of this width has (0.25 · 2 / √3 = 0.29 u)."""

_PRECISIONS = (64, 128, 256, 512, 1024, 2048, 4096)
"""Bits with which Arb is asked for a float64 number, one after the other."""

# The runs are float64, which has its own range.
_LARGEST = {name: form.largest for name, form in FORMATS.items() if name != "float64"}
_SMALLEST_NORMAL = {name: 2.0**form.smallest_exponent for name, form in FORMATS.items()}
_HALF_SUBNORMAL = {"float16": 2.0**-25}
"""Half the distance between subnormals of a dtype that is never flushed. float16 is computed in float32 and converted,
and the conversion heeds no flush mode (VCVTPS2PH in Intel's Software Developer's Manual, volume 2: "FTZ is ignored")."""


def amplification(dtype: str) -> float:
    """Return how much larger the noise is made than the dtype's rounding; the budget is divided by it.

    float64 rounds too finely for its noise to be seen in float64 runs, so that noise is made as large as float32's.
    """
    return 2.0**29 if real_of(dtype) == "float64" else 1.0


class Doubles(Floats):
    """float64 as NumPy rounds it, and as Arb does where NumPy has no function or the row no formula.

    Args:
        dtype: As NumPy names it.
        accuracy: Relative, of what Arb gives.
    """

    def __init__(self, dtype: str, accuracy: float = 2.0**-40) -> None:
        """Say how accurate Arb must be."""
        super().__init__(dtype)
        self._accuracy = accuracy

    def function(self, operation: Operation, a: Component, dtype: str) -> Component:
        """Evaluate in float64, with NumPy's function or Arb's."""
        if isinstance(numpy_word(operation), Gap):
            found = through_arb(lambda balls, x: balls.function(operation, x, dtype), a, dtype, self._accuracy)
            balls = Balls(dtype, _PRECISIONS[0])
            return found if is_complex(dtype) else settle_poles(lambda x: balls.function(operation, x, dtype), a, found)
        return super().function(operation, a, dtype)

    def taylor(self, operation: Operation, a: Component, order: int, dtype: str) -> list[Component]:
        """Evaluate derivatives with Arb."""
        return [
            through_arb(
                lambda balls, x, place=place: balls.taylor(operation, x, order, dtype)[place],
                a,
                dtype,
                self._accuracy,
            )
            for place in range(order)
        ]


class Noisy(Arithmetic):
    """float64 numbers that are perturbed as a dtype's rounding would perturb them; complex ones in both parts.

    What adds works on each part as on a real number. A product or a quotient has an error relative to the size of the
    whole number, of at most √2 γ₂ or √2 γ₄ (N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2002, lemma
    3.5), which is 2u or 4u in each part. A function is made of three real ones, such as eˣ, cos y and their product: its
    accuracy is that of the row and of three roundings more.

    Args:
        dtype: The dtype whose rounding is imitated.
        seed: Of the perturbations.
        runs: How many runs there are side by side, along the last axis.
        amplified: How much larger the noise is made than the rounding; by default as `amplification` says.
    """

    def __init__(self, dtype: str, seed: int, runs: int = RUNS, amplified: float | None = None) -> None:
        """Start the stream of keys."""
        super().__init__(dtype)
        self.runs = runs
        self._keys = np.random.PCG64(seed)
        self._amplification = amplification(dtype) if amplified is None else amplified
        self._doubles = Doubles("float64", 2.0**-40 if amplified is None else 2.0**-52)

    def lift(self, array: np.ndarray[Any, Any], dtype: str) -> Component:
        """Round what the dtype cannot hold; inputs are of the dtype, and so exact."""
        if is_complex(dtype):
            return self.join(*(self.lift(part, real_of(dtype)) for part in (np.real(array), np.imag(array))))
        wide = np.asarray(array, dtype=np.float64)[..., None]
        exact = _representable(wide, dtype)
        if exact.all():
            return wide
        return np.where(exact, wide, self.perturb(wide, 1.0, dtype))

    def scalar(self, number: complex, dtype: str) -> Component:
        """Round a constant that the dtype cannot hold; one that it can hold is exact."""
        return self.lift(np.asarray(number), dtype)

    def pi(self, dtype: str) -> Component:
        """Round π to the dtype."""
        return self.perturb(np.full((1,), np.pi), 1.0, dtype)

    def convert(self, a: Component, before: str, after: str) -> Component:
        """Round to a dtype with fewer bits; one with more holds the numbers as they are."""
        fewer = unit_roundoff(after) > unit_roundoff(before)
        return self.perturb(a, 1.0 if fewer else 0.0, after)

    def perturb(self, result: Component, accuracy: float, dtype: str, size: Component | None = None) -> Component:
        """Perturb a result.

        Args:
            result: Results in float64; the last axis is the runs, or 1 where they all still agree.
            accuracy: k, in units of u.
            dtype: Whose rounding.
            size: What the perturbation is relative to; by default the result's own size.
        """
        if not is_floating(dtype):
            return result
        if is_complex(dtype):
            size, kind = np.abs(result) if size is None else size, real_of(dtype)
            return self.join(*(self.perturb(part, accuracy, kind, size) for part in self.parts(result)))
        result = np.broadcast_to(result, (*result.shape[:-1], self.runs))
        noise = self._uniform(result)
        # One bias a call and run, shared by all elements.
        noise += _BIAS * (2.0 * self._raw(self.runs) - 1.0)
        noise *= accuracy * unit_roundoff(dtype) * self._amplification
        noise *= np.abs(result) if size is None else size
        # What is not perturbed stays as it is: 0 + -0 is 0.
        kept = ~np.isfinite(result) | (noise == 0)
        with np.errstate(all="ignore"):
            noise += result
            np.copyto(noise, result, where=kept)
        return self._in_range(noise, dtype)

    def add(self, a: Component, b: Component, dtype: str) -> Component:
        """a + b."""
        return self._in_parts(np.add(a, b), dtype)

    def subtract(self, a: Component, b: Component, dtype: str) -> Component:
        """a - b."""
        return self._in_parts(np.subtract(a, b), dtype)

    def _in_parts(self, result: Component, dtype: str) -> Component:
        """Round each part of a complex number relative to its own size."""
        if not is_complex(dtype):
            return self.perturb(result, 1.0, dtype)
        return self.join(*(self.perturb(part, 1.0, real_of(dtype)) for part in self.parts(result)))

    def multiply(self, a: Component, b: Component, dtype: str) -> Component:
        """a * b."""
        return self.perturb(np.multiply(a, b), 2.0 if is_complex(dtype) else 1.0, dtype)

    def divide(self, a: Component, b: Component, dtype: str) -> Component:
        """a / b."""
        return self.perturb(np.divide(a, b), 4.0 if is_complex(dtype) else 1.0, dtype)

    def total(self, a: Component, axes: tuple[int, ...], dtype: str) -> Component:
        """Sum n terms, with an error of u √n √Σv², or of u √Σs² of the partial sums s, where that is more."""
        if is_complex(dtype):
            return self.join(*(self.total(part, axes, real_of(dtype)) for part in self.parts(a)))
        terms = int(np.prod([a.shape[axis] for axis in axes], dtype=np.int64))
        exact = np.asarray(np.sum(a, axis=axes, keepdims=True))
        if terms <= 1:
            return exact
        # hypot, because squares of float64 numbers may overflow or vanish where the sum does not.
        norm = np.hypot.reduce(a, axis=axes, keepdims=True) if dtype == "float64" else _norm(a, axes)
        size = np.maximum(np.sqrt(terms) * norm, in_order(a[..., :1], axes))
        return self.perturb(exact, 1.0, dtype, size)

    def cumulative(self, a: Component, axis: int, dtype: str) -> Component:
        """Sum prefixes; a prefix of n terms has an error of u √n √Σv², or of what it is in their order."""
        if is_complex(dtype):
            return self.join(*(self.cumulative(part, axis, real_of(dtype)) for part in self.parts(a)))
        terms = np.arange(1, a.shape[axis] + 1).reshape([-1 if place == axis else 1 for place in range(a.ndim)])
        sums = np.cumsum(a, axis=axis)
        size = np.maximum(
            np.sqrt(terms) * np.hypot.accumulate(a, axis=axis),
            np.hypot.accumulate(np.where(terms == 1, 0.0, sums), axis=axis),
        )
        return self.perturb(sums, 1.0, dtype, size)

    def matmul(self, a: Component, b: Component, dtype: str) -> Component:
        """Multiply matrices; an inner product of n terms has an error of u √n √Σ(ab)², or of what it is in their order."""
        rows, columns = _peak(a, -2), _peak(b, -3)
        squares = a.shape[-2] * matmul_runs((np.abs(a) / rows) ** 2, (np.abs(b) / columns) ** 2)
        size = rows * columns * np.sqrt(np.maximum(squares, products_in_order(a / rows, b / columns)))
        return self.perturb(matmul_runs(a, b), 2.0 if is_complex(dtype) else 1.0, dtype, size)

    def function(self, operation: Operation, a: Component, dtype: str) -> Component:
        """Evaluate in float64, with NumPy's function or Arb's, and perturb by the row's accuracy."""
        exact = self._doubles.function(operation, a, dtype)
        size = operation.meaning.size if isinstance(operation.meaning, Elementwise) else None
        accuracy = operation.accuracy + (3.0 if is_complex(dtype) else 0.0)
        return self.perturb(exact, accuracy, dtype, None if size is None else size(np, a, exact))

    def taylor(self, operation: Operation, a: Component, order: int, dtype: str) -> list[Component]:
        """Evaluate derivatives with Arb, where the row states no customary formula."""
        slopes = self._doubles.taylor(operation, a, order, dtype)
        accuracy = operation.accuracy + (3.0 if is_complex(dtype) else 0.0)
        return [self.perturb(part, accuracy, dtype) for part in slopes]

    def roots(self, powers: np.ndarray[Any, Any], length: int, dtype: str) -> Component:
        """Round the roots' parts to the dtype."""
        return self.lift(super().roots(powers, length, "complex128")[..., 0], dtype)

    def nearby(self, a: Component, dtype: str) -> Component:
        """Return matrices that differ by u in units of their Frobenius norm, in every entry.

        That is the backward error of LAPACK's programs, by elimination, by reflections or by rotations, with p(n) = 1:
        LAPACK Users' Guide, "Accuracy and stability", https://www.netlib.org/lapack/lug/node72.html.
        """
        return self.perturb(a, 1.0, dtype, _frobenius(a))

    def eigh(self, a: Component, dtype: str) -> tuple[Component, Component]:
        """Decompose a matrix nearby, as rotations do.

        Whether by Jacobi's method or by QR steps, each row, and each column, is rotated with every other one at least
        once, and a rotation rounds the two that it turns relative to their own size (N. J. Higham, "Accuracy and
        Stability of Numerical Algorithms", 2002, lemma 19.7). The errors of n - 1 rotations of rows and n - 1 of columns
        add up as independent ones do: √(2(n - 1)) u in units of the Frobenius norm.
        """
        rotations = 2.0 * max(a.shape[-2] - 1, 0)
        near = self.perturb(a, float(np.sqrt(rotations)), dtype, _frobenius(a))
        values, vectors = super().eigh(near, dtype)
        return self.perturb(values, 1.0, dtype), self.perturb(vectors, 1.0, dtype, np.ones_like(vectors))

    def expm(self, a: Component, dtype: str) -> Component:
        """Take the exponential of a matrix nearby, as scaling and squaring does.

        N. Higham, "The scaling and squaring method for the matrix exponential revisited", 2005.
        """
        power = super().expm(self.nearby(a, dtype), dtype)
        return self.perturb(power, 1.0, dtype, _frobenius(power))

    def scatter(self, a: Component, key: tuple[Any, ...], shape: tuple[int, ...], dtype: str) -> Component:
        """Add elements into zeros; where n terms meet, with the error of a sum of n terms."""
        if is_complex(dtype):
            return self.join(*(self.scatter(part, key, shape, real_of(dtype)) for part in self.parts(a)))
        exact = super().scatter(a, key, shape, dtype)
        terms = np.zeros(shape)
        np.add.at(terms, key, 1.0)
        if terms.max(initial=0.0) <= 1:
            return exact
        largest = np.zeros(shape)
        np.maximum.at(largest, key, np.abs(a))
        scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
        squares = np.zeros(shape)
        np.add.at(squares, key, (a / scale[key]) ** 2)
        size = np.where(terms > 1, scale * np.sqrt(terms * squares), 0.0)
        return self.perturb(exact, 1.0, dtype, size)

    def zeros(self, shape: tuple[int, ...], dtype: str = "") -> Component:
        """Make exact zeros."""
        return np.zeros(shape, dtype=np.complex128 if is_complex(dtype) else np.float64)

    def _raw(self, count: int) -> np.ndarray[Any, Any]:
        """Draw uniform numbers in [0, 1)."""
        return (self._keys.random_raw(count) >> np.uint64(11)) * 2.0**-53

    def _uniform(self, result: Component) -> Component:
        """Hash every result's bits to a number in [-1, 1), anew for each call and run."""
        bits = np.ascontiguousarray(result).view(np.uint64) ^ self._keys.random_raw(self.runs)
        # The finalizer of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
        bits ^= bits >> np.uint64(30)
        bits *= np.uint64(0xBF58476D1CE4E5B9)
        bits ^= bits >> np.uint64(27)
        bits *= np.uint64(0x94D049BB133111EB)
        bits ^= bits >> np.uint64(31)
        uniform = (bits >> np.uint64(11)).astype(np.float64)
        uniform *= 2.0**-52
        uniform -= 1.0
        return uniform

    def _in_range(self, numbers: Component, dtype: str) -> Component:
        """Overflow as the dtype would; below its normal range flush or keep, or round as coarsely as it does there."""
        if dtype not in _LARGEST:
            return numbers
        size = np.abs(numbers)
        if size.max(initial=0.0) > _LARGEST[dtype]:
            numbers = np.where(size > _LARGEST[dtype], np.copysign(np.inf, numbers), numbers)
        small = (size < _SMALLEST_NORMAL[dtype]) & (numbers != 0)
        if small.any() and dtype in _HALF_SUBNORMAL:
            noise = _HALF_SUBNORMAL[dtype] * self._uniform(numbers)
            numbers = np.where(small, numbers + noise, numbers)
        elif small.any():
            numbers = np.where(small & (self._raw(self.runs) < 0.5), 0.0, numbers)
        return numbers


class CarefulNoisy(Noisy):
    """Noise for which what does not count stays out of the sweep backward, as it does for `balls.Careful`."""

    def multiply(self, a: Component, b: Component, dtype: str) -> Component:
        """a * b; in the sweep backward, where a is the adjoint, 0 where a is."""
        return self._without_zeros(a, super().multiply(a, b, dtype))

    def divide(self, a: Component, b: Component, dtype: str) -> Component:
        """a / b; in the sweep backward, where a is the adjoint, 0 where a is."""
        return self._without_zeros(a, super().divide(a, b, dtype))

    def _without_zeros(self, adjoint: Component, share: Component) -> Component:
        return np.where((adjoint == 0) & np.isnan(share), 0.0, share) if self.sweeping else share


def _representable(numbers: Component, dtype: str) -> np.ndarray[Any, Any]:
    """Mark what a dtype can hold."""
    if dtype not in _LARGEST:
        return np.ones(numbers.shape, dtype=bool)
    with np.errstate(over="ignore"):
        rounded = numbers.astype(np.float32 if dtype == "bfloat16" else dtype)
    held = np.asarray((rounded == numbers) | np.isnan(numbers))
    return held & (rounded.view(np.uint32) & 0xFFFF == 0) if dtype == "bfloat16" else held


def _frobenius(a: Component) -> Component:
    return np.broadcast_to(_norm(a, (a.ndim - 3, a.ndim - 2)), a.shape)


def _norm(a: Component, axes: tuple[int, ...]) -> Component:
    return np.asarray(np.sqrt(np.sum(a * a, axis=axes, keepdims=True)))


def _peak(a: Component, axis: int) -> Component:
    """Return the largest size along an axis, as a scale with which squares neither overflow nor vanish."""
    largest = np.max(np.abs(a), axis=axis, keepdims=True, initial=0.0)
    return np.where((largest > 0) & np.isfinite(largest), largest, 1.0)


def through_arb(evaluate: Any, a: Component, dtype: str, accuracy: float = 2.0**-40) -> Component:
    """Evaluate a function on balls at float64 numbers, and round the midpoints to float64.

    The precision doubles for the elements whose radius is not small beside their midpoint, by which the accuracy says.
    """
    lifted = np.asarray(_to_balls(a), dtype=object)
    balls = np.asarray(evaluate(Balls(dtype, _PRECISIONS[0]), lifted), dtype=object)
    for precision in _PRECISIONS[1:]:
        wide = np.asarray(_is_wide(balls, accuracy), dtype=bool) & np.isfinite(a)
        if not wide.any():
            break
        balls = balls.copy()
        balls[wide] = evaluate(Balls(dtype, precision), lifted[wide])
    number, kind = (complex, np.complex128) if is_complex(dtype) else (float, np.float64)
    return np.asarray(np.frompyfunc(number, 1, 1)(balls), dtype=kind)


def _exceeds(ball: Any, accuracy: float) -> bool:
    """Whether a radius is neither small beside the midpoint nor beside float64's smallest number."""
    return not ball.is_finite() or bool(ball.rad() > abs(ball.mid()) * accuracy and ball.rad() > 2.0**-1074)


_is_wide = np.frompyfunc(
    lambda ball, accuracy: any(
        _exceeds(part, accuracy) for part in ((ball.real, ball.imag) if isinstance(ball, acb) else (ball,))
    ),
    2,
    1,
)


_to_balls = np.frompyfunc(
    lambda number: acb(complex(number)) if isinstance(number, complex) else arb(float(number)), 1, 1
)
