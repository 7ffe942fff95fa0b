"""Arithmetic, rounding and bits, element by element."""

from __future__ import annotations

from typing import Any

from harness.adapters.tensorflow_namespace.promotion import (
    INTEGRAL,
    NUMERIC,
    REAL,
    REAL_FLOATING,
    Promotion,
)

__all__ = ["Arithmetic"]

_BITS = ("bool", "integral")


class Arithmetic(Promotion):
    """Functions whose result a correct library rounds once, or not at all."""

    def abs(self, x: Any, /) -> Any:
        """Return |x|."""
        x = self._operand("abs", NUMERIC, x)
        return x if x.dtype.is_unsigned else self._tf.abs(x)

    def add(self, x1: Any, x2: Any, /) -> Any:
        """Return x1 + x2."""
        return self._tf.add(*self._operands("add", NUMERIC, x1, x2))

    def subtract(self, x1: Any, x2: Any, /) -> Any:
        """Return x1 - x2."""
        return self._tf.subtract(*self._operands("subtract", NUMERIC, x1, x2))

    def multiply(self, x1: Any, x2: Any, /) -> Any:
        """Return x1 · x2."""
        return self._tf.multiply(*self._operands("multiply", NUMERIC, x1, x2))

    def divide(self, x1: Any, x2: Any, /) -> Any:
        """Return x1 / x2 of floating-point numbers; the standard leaves integers open, so they are refused."""
        return self._tf.divide(*self._operands("divide", ("real floating", "complex floating"), x1, x2))

    def floor_divide(self, x1: Any, x2: Any, /) -> Any:
        """Return ⌊x1 / x2⌋. TensorFlow raises for an integer division by zero, which the standard leaves open."""
        return self._tf.math.floordiv(*self._operands("floor_divide", REAL, x1, x2))

    def remainder(self, x1: Any, x2: Any, /) -> Any:
        """Return x1 - x2 ⌊x1 / x2⌋, with the sign of x2 also where it is zero."""
        x1, x2 = self._operands("remainder", REAL, x1, x2)
        found = self._tf.math.floormod(x1, x2)
        if not found.dtype.is_floating:
            return found
        # floormod(-0, 3) is -0, and the standard's table says +0. The derivative is that of the number.
        signed = self._tf.custom_gradient(lambda r: (self.copysign(r, x2), lambda upstream: upstream))
        return signed(found)

    def negative(self, x: Any, /) -> Any:
        """Return -x."""
        x = self._operand("negative", NUMERIC, x)
        return self._tf.zeros_like(x) - x if x.dtype.is_unsigned else self._tf.negative(x)

    def positive(self, x: Any, /) -> Any:
        """Return +x, a copy."""
        return self._tf.identity(self._operand("positive", NUMERIC, x))

    def reciprocal(self, x: Any, /) -> Any:
        """Return 1 / x."""
        return self._tf.math.reciprocal(self._operand("reciprocal", ("real floating", "complex floating"), x))

    def square(self, x: Any, /) -> Any:
        """Return x²."""
        return self._tf.square(self._operand("square", NUMERIC, x))

    def pow(self, x1: Any, x2: Any, /) -> Any:
        """Return x1 to the power x2; TensorFlow has no kernel for unsigned integers, and int64 has the same bits."""
        x1, x2 = self._operands("pow", NUMERIC, x1, x2)
        if x1.dtype.is_unsigned:
            wide = self._tf.pow(self._tf.cast(x1, self._tf.int64), self._tf.cast(x2, self._tf.int64))
            return self._tf.cast(wide, x1.dtype)
        return self._tf.pow(x1, x2)

    def sign(self, x: Any, /) -> Any:
        """Return -1, 0 or 1; x / |x| of complex numbers."""
        x = self._operand("sign", NUMERIC, x)
        return self._tf.cast(self._tf.not_equal(x, 0), x.dtype) if x.dtype.is_unsigned else self._tf.sign(x)

    def maximum(self, x1: Any, x2: Any, /) -> Any:
        """Return the larger. Under XLA on a CPU a NaN may be lost: TensorFlow's own flaw, left as it is."""
        return self._tf.maximum(*self._operands("maximum", REAL, x1, x2))

    def minimum(self, x1: Any, x2: Any, /) -> Any:
        """Return the smaller. Under XLA on a CPU a NaN may be lost: TensorFlow's own flaw, left as it is."""
        return self._tf.minimum(*self._operands("minimum", REAL, x1, x2))

    def clip(self, x: Any, /, min: Any = None, max: Any = None) -> Any:  # noqa: A002 - the standard's names
        """Return min(max(x, min), max), in the dtype of x.

        Raises:
            TypeError: If a bound would need another dtype than x's.
        """
        bounds = [bound for bound in (min, max) if bound is not None]
        x, *bounds = self._operands("clip", REAL, x, *(self._bound(x, bound) for bound in bounds))
        x = self._broadcast(x, *bounds)[0]
        if not bounds:
            return self._tf.identity(x)
        if len(bounds) == 1:
            return self._tf.maximum(x, bounds[0]) if max is None else self._tf.minimum(x, bounds[0])
        return self._tf.clip_by_value(x, *bounds)

    def ceil(self, x: Any, /) -> Any:
        """Return ⌈x⌉."""
        return self._rounded("ceil", self._tf.math.ceil, x)

    def floor(self, x: Any, /) -> Any:
        """Return ⌊x⌋."""
        return self._rounded("floor", self._tf.math.floor, x)

    def round(self, x: Any, /) -> Any:
        """Return the nearest integer, of two the even one."""
        return self._rounded("round", self._tf.round, x)

    def trunc(self, x: Any, /) -> Any:
        """Return the integer next to x towards zero."""
        floor, ceil, where = self._tf.math.floor, self._tf.math.ceil, self._tf.where
        return self._rounded("trunc", lambda y: where(y < 0, ceil(y), floor(y)), x)

    def signbit(self, x: Any, /) -> Any:
        """Say whether the sign bit is set, also of -0 and of NaN."""
        x = self._operand("signbit", REAL_FLOATING, x)
        return self._tf.bitcast(x, f"int{8 * x.dtype.size}") < 0

    def copysign(self, x1: Any, x2: Any, /) -> Any:
        """Return |x1| with the sign of x2."""
        x1, x2 = self._operands("copysign", REAL_FLOATING, x1, x2)
        return self._tf.where(self.signbit(x1) == self.signbit(x2), x1, -x1)

    def nextafter(self, x1: Any, x2: Any, /) -> Any:
        """Return the next representable number after x1 towards x2; float32 and float64 only."""
        return self._tf.math.nextafter(*self._operands("nextafter", REAL_FLOATING, x1, x2))

    def bitwise_and(self, x1: Any, x2: Any, /) -> Any:
        """Return x1 & x2."""
        return self._bitwise("bitwise_and", self._tf.logical_and, x1, x2)

    def bitwise_or(self, x1: Any, x2: Any, /) -> Any:
        """Return x1 | x2."""
        return self._bitwise("bitwise_or", self._tf.logical_or, x1, x2)

    def bitwise_xor(self, x1: Any, x2: Any, /) -> Any:
        """Return x1 ^ x2."""
        return self._bitwise("bitwise_xor", self._tf.math.logical_xor, x1, x2)

    def bitwise_invert(self, x: Any, /) -> Any:
        """Return ~x."""
        x = self._operand("bitwise_invert", _BITS, x)
        return self._tf.logical_not(x) if x.dtype.is_bool else self._tf.bitwise.invert(x)

    def bitwise_left_shift(self, x1: Any, x2: Any, /) -> Any:
        """Return x1 << x2."""
        return self._tf.bitwise.left_shift(*self._operands("bitwise_left_shift", INTEGRAL, x1, x2))

    def bitwise_right_shift(self, x1: Any, x2: Any, /) -> Any:
        """Return x1 >> x2, which keeps the sign."""
        return self._tf.bitwise.right_shift(*self._operands("bitwise_right_shift", INTEGRAL, x1, x2))

    def _bitwise(self, name: str, logical: Any, x1: Any, x2: Any) -> Any:
        x1, x2 = self._operands(name, _BITS, x1, x2)
        return logical(x1, x2) if x1.dtype.is_bool else getattr(self._tf.bitwise, name)(x1, x2)

    def _rounded(self, name: str, function: Any, x: Any) -> Any:
        x = self._operand(name, REAL, x)
        return function(x) if x.dtype.is_floating else self._tf.identity(x)

    def _bound(self, x: Any, bound: Any) -> Any:
        """Hold a bound of `clip` against the array: an array bound is converted, but only within its kind."""
        dtype = self.result_type(x)
        if self.result_type(dtype, bound) != dtype and not self.isdtype(dtype, REAL_FLOATING):
            raise TypeError(
                f"clip: the bound {bound!r} does not fit an array of {dtype.name}. Convert one with astype."
            )
        return bound if isinstance(bound, (bool, int, float)) else self._tensor(bound, dtype)
