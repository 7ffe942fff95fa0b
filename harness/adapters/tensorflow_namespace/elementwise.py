"""Elementary functions, element by element."""

from __future__ import annotations

import math
from typing import Any

from harness.adapters.tensorflow_namespace.promotion import FLOATING, NUMERIC, REAL_FLOATING, Promotion

__all__ = ["Elementwise"]


class Elementwise(Promotion):
    """Functions of floating-point numbers; the standard does not define them for integers."""

    def sqrt(self, x: Any, /) -> Any:
        """Return √x."""
        return self._tf.sqrt(self._operand("sqrt", FLOATING, x))

    def exp(self, x: Any, /) -> Any:
        """Return eˣ."""
        return self._tf.exp(self._operand("exp", FLOATING, x))

    def expm1(self, x: Any, /) -> Any:
        """Return eˣ - 1."""
        return self._tf.math.expm1(self._operand("expm1", FLOATING, x))

    def log(self, x: Any, /) -> Any:
        """Return ln x."""
        return self._tf.math.log(self._operand("log", FLOATING, x))

    def log1p(self, x: Any, /) -> Any:
        """Return ln(1 + x)."""
        return self._tf.math.log1p(self._operand("log1p", FLOATING, x))

    def log2(self, x: Any, /) -> Any:
        """Return ln x / ln 2, as `tf.experimental.numpy.log2` does."""
        return self._logarithm("log2", 2, x)

    def log10(self, x: Any, /) -> Any:
        """Return ln x / ln 10, as `tf.experimental.numpy.log10` does."""
        return self._logarithm("log10", 10, x)

    def sin(self, x: Any, /) -> Any:
        """Return sin x."""
        return self._tf.sin(self._operand("sin", FLOATING, x))

    def cos(self, x: Any, /) -> Any:
        """Return cos x."""
        return self._tf.cos(self._operand("cos", FLOATING, x))

    def tan(self, x: Any, /) -> Any:
        """Return tan x."""
        return self._tf.tan(self._operand("tan", FLOATING, x))

    def asin(self, x: Any, /) -> Any:
        """Return arcsin x."""
        return self._tf.asin(self._operand("asin", FLOATING, x))

    def acos(self, x: Any, /) -> Any:
        """Return arccos x."""
        return self._tf.acos(self._operand("acos", FLOATING, x))

    def atan(self, x: Any, /) -> Any:
        """Return arctan x."""
        return self._tf.atan(self._operand("atan", FLOATING, x))

    def atan2(self, x1: Any, x2: Any, /) -> Any:
        """Return the angle of the point (x2, x1)."""
        return self._tf.atan2(*self._operands("atan2", REAL_FLOATING, x1, x2))

    def sinh(self, x: Any, /) -> Any:
        """Return sinh x."""
        return self._tf.sinh(self._operand("sinh", FLOATING, x))

    def cosh(self, x: Any, /) -> Any:
        """Return cosh x."""
        return self._tf.cosh(self._operand("cosh", FLOATING, x))

    def tanh(self, x: Any, /) -> Any:
        """Return tanh x."""
        return self._tf.tanh(self._operand("tanh", FLOATING, x))

    def asinh(self, x: Any, /) -> Any:
        """Return arsinh x."""
        return self._tf.asinh(self._operand("asinh", FLOATING, x))

    def acosh(self, x: Any, /) -> Any:
        """Return arcosh x."""
        return self._tf.acosh(self._operand("acosh", FLOATING, x))

    def atanh(self, x: Any, /) -> Any:
        """Return artanh x."""
        return self._tf.atanh(self._operand("atanh", FLOATING, x))

    def real(self, x: Any, /) -> Any:
        """Return the real part."""
        return self._tf.math.real(self._operand("real", NUMERIC, x))

    def imag(self, x: Any, /) -> Any:
        """Return the imaginary part."""
        return self._tf.math.imag(self._operand("imag", ("complex floating",), x))

    def conj(self, x: Any, /) -> Any:
        """Return the complex conjugate."""
        return self._tf.math.conj(self._operand("conj", NUMERIC, x))

    def hypot(self, x1: Any, x2: Any, /) -> Any:
        """Return √(x1² + x2²) without overflow on the way.

        `tf.experimental.numpy.hypot` squares first: it overflows at 1e20 in float32 and has the derivative NaN at 0.
        """
        # One shape for both: a custom derivative need not sum over repeated elements.
        x1, x2 = self._broadcast(*self._operands("hypot", REAL_FLOATING, x1, x2))
        return self._tf.custom_gradient(self._hypot)(x1, x2)

    def logaddexp(self, x1: Any, x2: Any, /) -> Any:
        """Return ln(exp x1 + exp x2) as the larger one plus ln(1 + exp(-|x1 - x2|)), which cannot overflow.

        The value is that of `tf.experimental.numpy.logaddexp`, whose derivatives are 1 and 0 where the operands are
        equal (they are a half each) and NaN where they are equal infinities.
        """
        x1, x2 = self._broadcast(*self._operands("logaddexp", REAL_FLOATING, x1, x2))
        return self._tf.custom_gradient(self._logaddexp)(x1, x2)

    def _logarithm(self, name: str, base: int, x: Any) -> Any:
        x = self._operand(name, FLOATING, x)
        return self._tf.math.log(x) / self._tensor(math.log(base), x.dtype)

    def _hypot(self, x1: Any, x2: Any) -> tuple[Any, Any]:
        tf = self._tf
        large, _, root, _ = self._hypot_parts(x1, x2)

        def derivative(upstream: Any) -> tuple[Any, Any]:
            # Made anew from the operands, so that the second derivative flows through it.
            _, ratio, root, first = self._hypot_parts(x1, x2)
            one = tf.ones_like(ratio)
            return (
                upstream * tf.sign(x1) * tf.where(first, one, ratio) / root,
                upstream * tf.sign(x2) * tf.where(first, ratio, one) / root,
            )

        return large * root, derivative

    def _hypot_parts(self, x1: Any, x2: Any) -> tuple[Any, Any, Any, Any]:
        """Return the larger size, the ratio of sizes, √(1 + ratio²), and where x1 is the larger.

        An infinite operand is the larger one, even beside NaN: the standard says that the result is infinite.
        """
        tf = self._tf
        size1, size2 = tf.abs(x1), tf.abs(x2)
        first = (size1 > size2) | tf.math.is_inf(size1)
        large, small = tf.where(first, size1, size2), tf.where(first, size2, size1)
        zero, one = tf.zeros_like(large), tf.ones_like(large)
        ratio = tf.where(tf.math.is_inf(large), zero, small / tf.where(large == 0, one, large))
        return large, ratio, tf.sqrt(1 + tf.square(ratio)), first

    def _logaddexp(self, x1: Any, x2: Any) -> tuple[Any, Any]:
        tf = self._tf

        def difference() -> Any:
            # Equal infinities have the difference 0, not NaN; elsewhere it keeps its derivative.
            alike = (x1 == x2) & tf.math.is_inf(x1)
            return tf.where(alike, tf.zeros_like(x1), x1) - tf.where(alike, tf.zeros_like(x2), x2)

        def derivative(upstream: Any) -> tuple[Any, Any]:
            return upstream * tf.sigmoid(difference()), upstream * tf.sigmoid(-difference())

        # A forward accumulator differentiates what stands here, not the rule above. It must have no corner where the
        # operands are equal, as tf.maximum and tf.abs would.
        first = x1 >= x2
        larger, gap = tf.where(first, x1, x2), difference()
        return larger + tf.math.log1p(tf.exp(tf.where(first, -gap, gap))), derivative
