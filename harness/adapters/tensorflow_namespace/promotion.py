"""Dtypes, type promotion and axes of the TensorFlow namespace.

Promotion follows the standard's tables
(https://data-apis.org/array-api/2024.12/API_specification/type_promotion.html): TensorFlow itself promotes nothing.
bfloat16, which the standard lacks, promotes to float32 and wider, and with float16 not at all.
"""

from __future__ import annotations

import functools
import math
import operator
from typing import Any

import numpy as np

__all__ = [
    "FLOATING",
    "INTEGRAL",
    "NUMERIC",
    "REAL",
    "REAL_FLOATING",
    "Promotion",
    "normal_axes",
    "normal_axis",
    "static_shape",
]

_SIGNED = ("int8", "int16", "int32", "int64")
_UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
_REALS = ("float16", "bfloat16", "float32", "float64")
_COMPLEX = ("complex64", "complex128")
_KINDS = {
    "bool": ("bool",),
    "signed integer": _SIGNED,
    "unsigned integer": _UNSIGNED,
    "integral": _SIGNED + _UNSIGNED,
    "real floating": _REALS,
    "complex floating": _COMPLEX,
    "numeric": _SIGNED + _UNSIGNED + _REALS + _COMPLEX,
}
_DEFAULTS = {bool: "bool", int: "int64", float: "float64", complex: "complex128"}

REAL_FLOATING = ("real floating",)
FLOATING = ("real floating", "complex floating")
INTEGRAL = ("integral",)
REAL = ("integral", "real floating")
NUMERIC = ("numeric",)


class Promotion:
    """What all subjects share.

    Attributes:
        float32: And likewise the standard's other dtypes, and bfloat16: TensorFlow's own.
    """

    def __init__(self, tensorflow: Any) -> None:
        self._tf = tensorflow
        for name in (*_SIGNED, *_UNSIGNED, *_REALS, *_COMPLEX, "bool"):
            setattr(self, name, getattr(tensorflow, name))
        self.pi, self.e, self.inf, self.nan, self.newaxis = math.pi, math.e, math.inf, math.nan, None

    def result_type(self, /, *arrays_and_dtypes: Any) -> Any:
        """Return the dtype to which arrays, dtypes and Python scalars promote. Scalars are weak.

        Raises:
            TypeError: If the standard does not define a common dtype.
        """
        weak = [value for value in arrays_and_dtypes if type(value) in _DEFAULTS]
        names = [self._dtype_name(value) for value in arrays_and_dtypes if type(value) not in _DEFAULTS]
        if not names:
            names = [_DEFAULTS[type(value)] for value in weak]
        if not names:
            raise TypeError("result_type() expected at least one array, dtype or scalar, got none.")
        found = names[0]
        for name in names[1:]:
            found = _promote(found, name)
        for scalar in weak:
            found = _weak(found, scalar)
        return self._tf.as_dtype(found)

    def isdtype(self, dtype: Any, kind: Any) -> bool:
        """Say whether a dtype is of a kind: a dtype, the standard's name of a kind, or a tuple of these."""
        if isinstance(kind, tuple):
            return any(self.isdtype(dtype, one) for one in kind)
        if isinstance(kind, str):
            if kind not in _KINDS:
                raise ValueError(f"isdtype: no kind is named {kind!r}, expected one of {', '.join(_KINDS)}.")
            return self._tf.as_dtype(dtype).name in _KINDS[kind]
        return bool(self._tf.as_dtype(dtype) == self._tf.as_dtype(kind))

    def astype(self, x: Any, dtype: Any, /, *, copy: bool = True, device: None = None) -> Any:
        """Cast to a dtype; complex numbers only to complex ones.

        Raises:
            TypeError: If complex numbers would lose their imaginary part, which the standard forbids.
        """
        x, dtype = self._tensor(x), self._tf.as_dtype(dtype)
        if x.dtype.is_complex and not dtype.is_complex:
            raise TypeError(f"astype cannot make {dtype.name} of {x.dtype.name}: take real or imag of it first.")
        return self._tf.cast(x, dtype)

    def _dtype_name(self, value: Any) -> str:
        if isinstance(value, list):
            value = self._tensor(value)
        dtype = value.dtype if hasattr(value, "shape") and hasattr(value, "dtype") else value
        return str(self._tf.as_dtype(dtype).name)

    def _tensor(self, value: Any, dtype: Any = None) -> Any:
        """Make a tensor of what is none yet; without a dtype, NumPy's rules give it, so integers become int64."""
        if self._tf.is_tensor(value):
            return value if dtype is None or value.dtype == dtype else self._tf.cast(value, dtype)
        if isinstance(value, (list, tuple)) and any(map(self._tf.is_tensor, value)):
            return self._tf.stack([self._tensor(one, dtype) for one in value])
        array = np.asarray(value)
        return self._tf.constant(array if dtype is None else array.astype(dtype.as_numpy_dtype))

    def _operands(self, name: str, kinds: tuple[str, ...], *values: Any) -> list[Any]:
        """Promote the operands of a function to one dtype, which must be of one of the kinds."""
        try:
            dtype = self.result_type(*values)
        except TypeError as error:
            raise TypeError(f"{name}: {error}") from None
        if not self.isdtype(dtype, kinds):
            raise TypeError(
                f"{name} expected {' or '.join(kinds)} operands, got {dtype.name}. "
                "The standard does not define it for other dtypes: convert with astype first."
            )
        return [self._tensor(value, dtype) for value in values]

    def _operand(self, name: str, kinds: tuple[str, ...], value: Any) -> Any:
        return self._operands(name, kinds, value)[0]

    def _broadcast(self, *tensors: Any) -> list[Any]:
        """Return all tensors the shape that their shapes broadcast to."""
        shape = functools.reduce(self._tf.broadcast_static_shape, (tensor.shape for tensor in tensors))
        return [tensor if tensor.shape == shape else self._tf.broadcast_to(tensor, shape) for tensor in tensors]


def _promote(first: str, second: str) -> str:
    if first == second:
        return first
    for group in (_SIGNED, _UNSIGNED):
        if first in group and second in group:
            return max(first, second, key=group.index)
    wide = {"float32", "float64"} & {first, second}
    if first in _REALS and second in _REALS and wide:
        return max(wide)
    if {first, second} <= set(_REALS + _COMPLEX) and {first, second} & set(_COMPLEX):
        return "complex128" if {"float64", "complex128"} & {first, second} else "complex64"
    if {first, second} & set(_SIGNED) and {first, second} & set(_UNSIGNED):
        signed, unsigned = (first, second) if first in _SIGNED else (second, first)
        level = max(_SIGNED.index(signed), _UNSIGNED.index(unsigned) + 1)
        if level < len(_SIGNED):
            return _SIGNED[level]
    raise TypeError(
        f"{first} and {second} have no common dtype in the standard's promotion tables. Convert one with astype first."
    )


def _weak(name: str, scalar: complex) -> str:
    """Return the dtype of an array after it has met a Python scalar.

    Source: https://data-apis.org/array-api/2024.12/API_specification/type_promotion.html
    """
    if isinstance(scalar, bool):
        allowed = name == "bool"
    elif isinstance(scalar, int):
        allowed = name != "bool"
    else:
        allowed = name in _REALS + _COMPLEX
    if not allowed:
        raise TypeError(
            f"the Python {type(scalar).__name__} {scalar!r} cannot meet an array of {name}: "
            "expected a scalar of the array's kind. Convert the array with astype first."
        )
    if isinstance(scalar, complex) and name in _REALS:
        # NumPy and array-api-compat widen here; the standard leaves it open.
        return "complex128" if name == "float64" else "complex64"
    return name


def normal_axis(axis: int, rank: int) -> int:
    """Return an axis as a number in `[0, rank)`.

    Raises:
        ValueError: If the array has no such axis.
    """
    number = operator.index(axis)
    if not -rank <= number < rank:
        raise ValueError(f"axis={number}: expected an axis of an array with {rank} dimensions, -{rank} to {rank - 1}.")
    return number % rank


def normal_axes(axis: int | tuple[int, ...] | None, rank: int) -> list[int]:
    """Return axes as distinct numbers in `[0, rank)`; None stands for all.

    Raises:
        ValueError: If the array has no such axis, or one is named twice.
    """
    if axis is None:
        return list(range(rank))
    axes = [normal_axis(one, rank) for one in (axis if isinstance(axis, (tuple, list)) else (axis,))]
    if len(set(axes)) != len(axes):
        raise ValueError(f"axis={axis!r}: expected each axis once.")
    return axes


def static_shape(x: Any) -> tuple[int, ...]:
    """Return the shape of a tensor as integers.

    Raises:
        ValueError: If it is not known at tracing time.
    """
    if not x.shape.is_fully_defined():
        raise ValueError(f"The shape {x.shape} is not known when the function is traced; expected a static shape.")
    return tuple(x.shape.as_list())
