"""Operands: lifted to the tape, and brought to one dtype."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.formats import complex_of, is_complex, real_of
from harness.reference.arithmetic import Dual, is_floating
from harness.reference.variables import Variable

if TYPE_CHECKING:
    from harness.reference.variables import Recorder

__all__ = ["cast", "pair", "plain", "promoted"]


def cast(tape: Recorder, variable: Variable, dtype: str) -> Variable:
    """Return the same numbers as another dtype: exact on balls, rounded by the arithmetic that rounds.

    A floating-point number becomes an integer by dropping its fraction, and false only where it is zero.
    """
    before = variable.dtype
    if before == dtype:
        return variable
    arithmetic, dual = tape.arithmetic, variable.dual
    if is_complex(before) and not is_complex(dtype):
        raise TypeError(f"astype cannot make {dtype} of {before}: take xp.real or xp.imag of it first.")
    if is_floating(before) and is_complex(dtype) and not is_complex(before):
        real = cast(tape, variable, real_of(dtype))
        return tape.record(real.dual.complex(), [(real, lambda g: g.real())])
    if is_floating(before) and is_floating(dtype):
        converted = dual.map(lambda part: arithmetic.convert(part, before, dtype))
        back = Dual(arithmetic, converted.value, converted.tangent, dtype)
        return tape.record(back, [(variable, lambda g: _convert(g, before))])
    if is_floating(dtype):
        runs = [arithmetic.lift(dual.value[..., run], dtype) for run in range(dual.value.shape[-1])]
        return Variable(tape, Dual(arithmetic, np.concatenate(runs, axis=-1), None, dtype), None)
    if not is_floating(before):
        return Variable(tape, Dual(arithmetic, dual.value.astype(dtype), None, dtype), None)
    if dtype == "bool":
        return plain(tape, arithmetic.order(dual.value, arithmetic.zeros((1,)), strict=True) != 0)
    return Variable(tape, Dual(arithmetic, arithmetic.truncate(dual.value).astype(dtype), None, dtype), None)


def _convert(dual: Dual, dtype: str) -> Dual:
    if is_complex(dual.dtype) and not is_complex(dtype):
        dual = dual.real()
    converted = dual.map(lambda part: dual.arithmetic.convert(part, dual.dtype, dtype))
    return Dual(dual.arithmetic, converted.value, converted.tangent, dtype)


def pair(tape: Recorder, a: Any, b: Any) -> tuple[Variable, Variable]:
    """Lift both operands to one dtype; a Python number takes that of the array beside it."""
    weak_a, weak_b = (isinstance(x, (int, float, complex)) and not isinstance(x, np.generic) for x in (a, b))
    if weak_a and weak_b:
        a, weak_a = tape.constant(a if isinstance(a, complex) else float(a)), False
    if weak_a or weak_b:
        array, number = (tape.constant(b), a) if weak_a else (tape.constant(a), b)
        dtype = array.dtype
        if isinstance(number, (float, complex)) and not is_floating(dtype):
            dtype = tape.arithmetic.dtype
        if isinstance(number, complex):
            dtype = complex_of(dtype)
        array = cast(tape, array, dtype)
        scalar = tape.constant(number, dtype)
        return (scalar, array) if weak_a else (array, scalar)
    left, right = tape.constant(a), tape.constant(b)
    dtype = promoted(left.dtype, right.dtype)
    return cast(tape, left, dtype), cast(tape, right, dtype)


def promoted(*names: str) -> str:
    """Return the dtype to which dtypes promote; of floating-point numbers and integers, that of the former.

    bfloat16, which neither NumPy nor the standard knows, promotes to what holds it.
    """
    floating = {name for name in names if is_floating(name)}
    kept = floating or set(names)
    if len(kept) == 1:
        return kept.pop()
    return np.result_type(*("float32" if name == "bfloat16" else name for name in kept)).name


def plain(tape: Recorder, value: np.ndarray[Any, Any]) -> Variable:
    """Wrap integers or booleans, whose last axis is the runs."""
    dtype = "bool" if value.dtype.kind == "b" else "int64"
    return Variable(tape, Dual(tape.arithmetic, value.astype(dtype), None, dtype), None)
