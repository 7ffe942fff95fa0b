"""Comparisons, logic and classification, element by element."""

from __future__ import annotations

from typing import Any

from harness.adapters.tensorflow_namespace.promotion import NUMERIC, REAL, Promotion

__all__ = ["Comparison"]


class Comparison(Promotion):
    """Functions that give booleans, and `where`, which takes them."""

    def equal(self, x1: Any, x2: Any, /) -> Any:
        """Say where x1 = x2."""
        return self._tf.equal(*self._operands("equal", ("bool", "numeric"), x1, x2))

    def not_equal(self, x1: Any, x2: Any, /) -> Any:
        """Say where x1 ≠ x2."""
        return self._tf.not_equal(*self._operands("not_equal", ("bool", "numeric"), x1, x2))

    def less(self, x1: Any, x2: Any, /) -> Any:
        """Say where x1 < x2."""
        return self._tf.less(*self._operands("less", REAL, x1, x2))

    def less_equal(self, x1: Any, x2: Any, /) -> Any:
        """Say where x1 ≤ x2."""
        return self._tf.less_equal(*self._operands("less_equal", REAL, x1, x2))

    def greater(self, x1: Any, x2: Any, /) -> Any:
        """Say where x1 > x2."""
        return self._tf.greater(*self._operands("greater", REAL, x1, x2))

    def greater_equal(self, x1: Any, x2: Any, /) -> Any:
        """Say where x1 ≥ x2."""
        return self._tf.greater_equal(*self._operands("greater_equal", REAL, x1, x2))

    def logical_and(self, x1: Any, x2: Any, /) -> Any:
        """Say where both hold."""
        return self._tf.logical_and(*self._operands("logical_and", ("bool",), x1, x2))

    def logical_or(self, x1: Any, x2: Any, /) -> Any:
        """Say where at least one holds."""
        return self._tf.logical_or(*self._operands("logical_or", ("bool",), x1, x2))

    def logical_xor(self, x1: Any, x2: Any, /) -> Any:
        """Say where exactly one holds."""
        return self._tf.math.logical_xor(*self._operands("logical_xor", ("bool",), x1, x2))

    def logical_not(self, x: Any, /) -> Any:
        """Say where it does not hold."""
        return self._tf.logical_not(self._operand("logical_not", ("bool",), x))

    def isfinite(self, x: Any, /) -> Any:
        """Say where x is neither infinite nor NaN."""
        return self._classified("isfinite", self._tf.math.is_finite, self._tf.logical_and, x, otherwise=True)

    def isinf(self, x: Any, /) -> Any:
        """Say where x is infinite; of complex numbers, where a part is."""
        return self._classified("isinf", self._tf.math.is_inf, self._tf.logical_or, x, otherwise=False)

    def isnan(self, x: Any, /) -> Any:
        """Say where x is NaN; of complex numbers, where a part is."""
        return self._classified("isnan", self._tf.math.is_nan, self._tf.logical_or, x, otherwise=False)

    def where(self, condition: Any, x1: Any, x2: Any, /) -> Any:
        """Take x1 where the condition holds, and x2 elsewhere."""
        condition = self._operand("where (its condition)", ("bool",), condition)
        return self._tf.where(condition, *self._operands("where", ("bool", "numeric"), x1, x2))

    def _classified(self, name: str, function: Any, join: Any, x: Any, *, otherwise: bool) -> Any:
        x = self._operand(name, NUMERIC, x)
        if x.dtype.is_complex:
            return join(function(self._tf.math.real(x)), function(self._tf.math.imag(x)))
        return function(x) if x.dtype.is_floating else self._tf.fill(x.shape, otherwise)
