"""What the tape asks of a kind of number, and dual numbers made of two of them.

A *component* is an array of one kind of number with one more axis than the array it stands for: the last axis holds
independent runs of the same computation (32 noisy ones, one of balls). Broadcasting aligns axes from the right, so
almost nothing needs to know that it is there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from harness.operations.formats import complex_of, is_complex, real_of
from harness.operations.linalg.decompositions import exponential
from harness.operations.namespace import Namespace
from harness.operations.operation import Elementwise
from harness.operations.table import CONSTANTS, OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.operations.operation import Operation

__all__ = ["Arithmetic", "Component", "Dual", "SplitError", "UndecidedError", "is_floating"]

Component = np.ndarray[Any, Any]


class UndecidedError(Exception):
    """Enclosures overlap, so a comparison cannot be decided at this precision. Try a higher one."""


class SplitError(Exception):
    """The runs disagree on a branch or an index, so they cannot be run together."""


def is_floating(dtype: str) -> bool:
    """Whether a dtype, by name, holds numbers that have derivatives."""
    return dtype.startswith(("float", "bfloat", "complex"))


class Arithmetic(ABC):
    """A kind of number.

    Attributes:
        exact: Whether derivatives come from Taylor coefficients instead of the customary formulas.
        dtype: The dtype of the check, for what is made without one.
        sweeping: Whether the tape sweeps backward; then the first operand of a product is an adjoint.
    """

    exact: ClassVar[bool] = False
    sweeping: bool = False

    def __init__(self, dtype: str) -> None:
        """Compute as, or about, this dtype; of a complex one, what is made without a dtype is real."""
        self.dtype = real_of(dtype)

    @abstractmethod
    def lift(self, array: np.ndarray[Any, Any], dtype: str) -> Component:
        """Make a component of exact numbers."""

    @abstractmethod
    def scalar(self, number: complex, dtype: str) -> Component:
        """Make a component of one Python constant, rounded as a framework would."""

    @abstractmethod
    def pi(self, dtype: str) -> Component:
        """Make a component of π, as exact as the arithmetic is."""

    @abstractmethod
    def convert(self, a: Component, before: str, after: str) -> Component:
        """Return the same numbers as another floating-point dtype, rounded by the arithmetic that rounds."""

    @abstractmethod
    def add(self, a: Component, b: Component, dtype: str) -> Component:
        """a + b."""

    @abstractmethod
    def subtract(self, a: Component, b: Component, dtype: str) -> Component:
        """a - b."""

    @abstractmethod
    def multiply(self, a: Component, b: Component, dtype: str) -> Component:
        """a * b."""

    @abstractmethod
    def divide(self, a: Component, b: Component, dtype: str) -> Component:
        """a / b."""

    @abstractmethod
    def total(self, a: Component, axes: tuple[int, ...], dtype: str) -> Component:
        """Sum over non-negative axes, which are kept with length 1."""

    @abstractmethod
    def cumulative(self, a: Component, axis: int, dtype: str) -> Component:
        """Sum prefixes along a non-negative axis."""

    @abstractmethod
    def matmul(self, a: Component, b: Component, dtype: str) -> Component:
        """Multiply matrices, which stand in the two axes before the last."""

    @abstractmethod
    def function(self, operation: Operation, a: Component, dtype: str) -> Component:
        """Evaluate an elementwise function."""

    @abstractmethod
    def taylor(self, operation: Operation, a: Component, order: int, dtype: str) -> list[Component]:
        """Return the first `order` derivatives of an elementwise function, the function itself left out."""

    def roots(self, powers: np.ndarray[Any, Any], length: int, dtype: str) -> Component:
        """Make e^(2πi p/n), as exact as the arithmetic is."""
        # Quarter turns are exact, as in every library's table.
        angles = 2 * np.pi * (powers % length) / length
        quarters, exact = (powers * 4 % (4 * length)) // length, powers * 4 % length == 0
        table = np.asarray([1, 1j, -1, -1j])
        return np.asarray(np.where(exact, table[quarters], np.exp(1j * angles)).astype(dtype)[..., None])

    def nearby(self, a: Component, dtype: str) -> Component:
        """Return what a backward-stable program solves or decomposes in place of matrices: the same, or almost."""
        del dtype
        return a

    def eigh(self, a: Component, dtype: str) -> tuple[Component, Component]:
        """Return the eigenvalues of symmetric matrices, in ascending order, and their eigenvectors as columns.

        Of each eigenvector the largest entry is positive.
        """
        wide = np.moveaxis(a, -1, 0)
        values, vectors = np.linalg.eigh(wide if wide.dtype in (np.float32, np.float64) else wide.astype(np.float32))
        vectors = np.moveaxis(vectors, 0, -1)
        largest = np.argmax(np.abs(vectors[..., :1]), axis=-3, keepdims=True)
        vectors = vectors * np.sign(np.take_along_axis(vectors, largest, axis=-3))
        return np.moveaxis(values, 0, -1).astype(a.dtype), vectors.astype(a.dtype)

    def expm(self, a: Component, dtype: str) -> Component:
        """Return the exponentials of matrices, by scaling, the Taylor series and squaring."""
        wide = np.moveaxis(a, -1, 0)
        wide = wide if wide.dtype in (np.float32, np.float64) else wide.astype(np.float32)
        return np.asarray(np.moveaxis(exponential(np, wide), 0, -1).astype(a.dtype))

    def order(self, a: Component, b: Component, *, strict: bool) -> np.ndarray[Any, Any]:
        """Compare: -1 less, 0 equal, 1 greater, 2 unordered, as int8.

        Args:
            a: Components of one shape, or shapes that broadcast.
            b: The same.
            strict: Whether equal must be proven. If not, it may also stand for two enclosures that cannot be told
                apart, when the caller then considers both branches.
        """
        del strict
        found = np.full(np.broadcast_shapes(a.shape, b.shape), 2, dtype=np.int8)
        found[np.less(a, b)] = -1
        found[np.equal(a, b)] = 0
        found[np.greater(a, b)] = 1
        return found

    def conjugate(self, a: Component) -> Component:
        """Return complex conjugates, exactly."""
        return np.conjugate(a)

    def parts(self, a: Component) -> tuple[Component, Component]:
        """Take complex numbers apart, exactly."""
        return np.real(a), np.imag(a)

    def join(self, real: Component, imaginary: Component) -> Component:
        """Make complex numbers of their parts, exactly."""
        joined = np.empty(np.broadcast_shapes(real.shape, imaginary.shape), np.result_type(real, np.complex64))
        joined.real, joined.imag = real, imaginary
        return joined

    def undefined(self, a: Component) -> np.ndarray[Any, Any]:
        """Mark, as bool, what is no number."""
        return np.asarray(np.isnan(a))

    def truncate(self, a: Component) -> np.ndarray[Any, Any]:
        """Drop the fractions, and give int64."""
        return np.asarray(np.trunc(a), dtype=np.int64)

    def floor_quotient(self, a: Component, b: Component) -> Component | None:
        """⌊a / b⌋, however large; None where the quotient is rounded first, as in a program."""
        del a, b
        return None

    def scatter(self, a: Component, key: tuple[Any, ...], shape: tuple[int, ...], dtype: str) -> Component:
        """Add elements into zeros at an index that may name one place several times."""
        found = self.zeros(shape, dtype)
        np.add.at(found, key, a)
        return found

    def largest(self, a: Component, axis: int) -> np.ndarray[Any, Any]:
        """Mark, as bool, every element along an axis that equals the largest. With a NaN, the NaNs are marked."""
        return np.asarray((a == np.max(a, axis=axis, keepdims=True)) | self.undefined(a))

    def ranked(self, a: Component, axis: int) -> tuple[np.ndarray[Any, Any], bool]:
        """Return the indices that sort along an axis, equal elements in their order, and whether there are equal ones."""
        places = np.argsort(a, axis=axis, stable=True)
        ordered = np.moveaxis(np.take_along_axis(a, places, axis=axis), axis, 0)
        return places, bool((ordered[1:] == ordered[:-1]).any())

    def blend(self, weight: np.ndarray[Any, Any], a: Component, b: Component) -> Component:
        """Return a where the weight is 1, b where it is 0, and what lies between where it is neither."""
        mixed = np.where(weight == 1, a, b)
        ties = (weight != 0) & (weight != 1)
        if ties.any():
            shape = np.broadcast_shapes(weight.shape, a.shape, b.shape)
            ties, mixed = np.broadcast_to(ties, shape), np.broadcast_to(mixed, shape).copy()
            mixed[ties] = self.between(np.broadcast_to(a, shape)[ties], np.broadcast_to(b, shape)[ties])
        return mixed

    def between(self, a: Component, b: Component) -> Component:
        """Return what stands for both of two equal elements."""
        del b
        return a

    def scale(self, weight: np.ndarray[Any, Any], a: Component) -> Component:
        """Return a where the weight is 1, 0 where it is 0, and the product elsewhere. Exact."""
        scaled = np.where(weight == 1, a, self.zeros((1,), a.dtype.name))
        ties = (weight != 0) & (weight != 1)
        if ties.any():
            factor = np.where(ties, weight, 0.0)
            scaled = np.where(ties, a * factor.astype(a.dtype), scaled)
        return scaled

    @abstractmethod
    def zeros(self, shape: tuple[int, ...], dtype: str = "") -> Component:
        """Make exact zeros of a component's shape; without a dtype, of the check's."""


class Dual:
    """A value and, where one was asked for, its tangent: v + εt. Supports + - * / and unary minus.

    Attributes:
        arithmetic: The kind of number.
        value: A component, or plain integers or booleans where `dtype` says so.
        tangent: A component, or None for zero.
        dtype: Name of the dtype that it stands for.
    """

    __slots__ = ("arithmetic", "dtype", "tangent", "value")

    def __init__(self, arithmetic: Arithmetic, value: Component, tangent: Component | None, dtype: str) -> None:
        """Hold the parts."""
        self.arithmetic = arithmetic
        self.value = value
        self.tangent = tangent
        self.dtype = dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the array it stands for: without the axis of runs."""
        return tuple(self.value.shape[:-1])

    def map(self, function: Callable[[Component], Component]) -> Dual:
        """Apply an exact linear map to both parts."""
        tangent = None if self.tangent is None else function(self.tangent)
        return Dual(self.arithmetic, function(self.value), tangent, self.dtype)

    def conjugate(self) -> Dual:
        """The complex conjugate: what a pullback multiplies with, so that it is the adjoint. Of real numbers, themselves."""
        return self.map(self.arithmetic.conjugate) if is_complex(self.dtype) else self

    def real(self) -> Dual:
        """The real part."""
        return self._part(0)

    def imaginary(self) -> Dual:
        """The imaginary part."""
        return self._part(1)

    def _part(self, number: int) -> Dual:
        found = self.map(lambda part: self.arithmetic.parts(part)[number])
        return Dual(self.arithmetic, found.value, found.tangent, real_of(self.dtype))

    def complex(self, *, turned: bool = False) -> Dual:
        """The same real numbers as complex ones; turned, as imaginary ones."""
        arithmetic, dtype = self.arithmetic, complex_of(self.dtype)

        def join(part: Component) -> Component:
            zeros = arithmetic.zeros((1,), self.dtype)
            return arithmetic.join(zeros, part) if turned else arithmetic.join(part, zeros)

        found = self.map(join)
        return Dual(arithmetic, found.value, found.tangent, dtype)

    def _other(self, other: Dual | float) -> Dual:
        if isinstance(other, Dual):
            return other
        return Dual(self.arithmetic, self.arithmetic.scalar(other, self.dtype), None, self.dtype)

    def __neg__(self) -> Dual:
        """-x, exact."""
        return self.map(np.negative)

    def __add__(self, other: Dual | float) -> Dual:
        """x + y."""
        a, b = self, self._other(other)
        add = self.arithmetic.add
        shape = np.broadcast_shapes(a.value.shape, b.value.shape)
        tangent: Component | None
        if a.tangent is None or b.tangent is None:
            one = b.tangent if a.tangent is None else a.tangent
            tangent = None if one is None else np.broadcast_to(one, shape)
        else:
            tangent = add(a.tangent, b.tangent, self.dtype)
        return Dual(self.arithmetic, add(a.value, b.value, self.dtype), tangent, self.dtype)

    def __sub__(self, other: Dual | float) -> Dual:
        """x - y."""
        a, b = self, self._other(other)
        subtract = self.arithmetic.subtract
        shape = np.broadcast_shapes(a.value.shape, b.value.shape)
        tangent: Component | None
        if b.tangent is None:
            tangent = None if a.tangent is None else np.broadcast_to(a.tangent, shape)
        elif a.tangent is None:
            tangent = np.broadcast_to(-b.tangent, shape)
        else:
            tangent = subtract(a.tangent, b.tangent, self.dtype)
        return Dual(self.arithmetic, subtract(a.value, b.value, self.dtype), tangent, self.dtype)

    def __mul__(self, other: Dual | float) -> Dual:
        """x * y."""
        return self.bilinear(self._other(other), self.arithmetic.multiply)

    def bilinear(self, other: Dual, product: Callable[[Component, Component, str], Component]) -> Dual:
        """Apply a bilinear map, with the product rule for the tangents."""
        value = product(self.value, other.value, self.dtype)
        parts: list[Component] = []
        if self.tangent is not None:
            parts.append(product(self.tangent, other.value, self.dtype))
        if other.tangent is not None:
            parts.append(product(self.value, other.tangent, self.dtype))
        tangent = parts[0] if parts else None
        if len(parts) > 1:
            tangent = self.arithmetic.add(parts[0], parts[1], self.dtype)
        return Dual(self.arithmetic, value, tangent, self.dtype)

    def __truediv__(self, other: Dual | float) -> Dual:
        """x / y."""
        b = self._other(other)
        arithmetic = self.arithmetic
        quotient = arithmetic.divide(self.value, b.value, self.dtype)
        tangent = self.tangent
        if b.tangent is not None:
            slope = -arithmetic.multiply(quotient, b.tangent, self.dtype)
            tangent = slope if tangent is None else arithmetic.add(tangent, slope, self.dtype)
        if tangent is not None:
            tangent = arithmetic.divide(tangent, b.value, self.dtype)
        return Dual(arithmetic, quotient, tangent, self.dtype)

    def __radd__(self, other: float) -> Dual:
        """y + x."""
        return self._other(other) + self

    def __rsub__(self, other: float) -> Dual:
        """y - x."""
        return self._other(other) - self

    def __rmul__(self, other: float) -> Dual:
        """y * x."""
        return self._other(other) * self

    def __rtruediv__(self, other: float) -> Dual:
        """y / x."""
        return self._other(other) / self

    def apply(self, operation: Operation) -> Dual:
        """Evaluate an elementwise function, with its tangent."""
        value = self.arithmetic.function(operation, self.value, self.dtype)
        tangent = None
        if self.tangent is not None:
            here = Dual(self.arithmetic, self.value, None, self.dtype)
            slope = here.derivative(operation, Dual(self.arithmetic, value, None, self.dtype))
            tangent = self.arithmetic.multiply(slope.value, self.tangent, self.dtype)
        return Dual(self.arithmetic, value, tangent, self.dtype)

    def derivative(self, operation: Operation, result: Dual) -> Dual:
        """Return f′ here, with its tangent.

        Balls take Taylor coefficients. Floats take the row's customary formula, or Taylor coefficients where the
        row has none.
        """
        meaning = operation.meaning
        if not isinstance(meaning, Elementwise):
            raise TypeError(f"{operation.name} is not elementwise.")
        if meaning.derivative is not None and not self.arithmetic.exact:
            return self._other(meaning.derivative(_FUNCTIONS, self, result))
        orders = 1 if self.tangent is None else 2
        found = self.arithmetic.taylor(operation, self.value, orders, self.dtype)
        tangent = None if self.tangent is None else self.arithmetic.multiply(found[1], self.tangent, self.dtype)
        return Dual(self.arithmetic, found[0], tangent, self.dtype)


def _on_duals(operation: Operation) -> Callable[..., Any]:
    return lambda x: x.apply(operation)


_FUNCTIONS = Namespace(OPERATIONS, _on_duals, CONSTANTS)
