"""Numbers as people read them: three digits for sizes, units for times, the shortest text that reads back for values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["count", "decimal", "decimals", "duration", "exact", "significant", "texts", "to_decimal"]

_FLOATS = {"float16": np.float16, "float32": np.float32, "float64": np.float64}


def significant(number: float | None) -> str:
    """Write a size with three significant digits; empty where there is none.

    Example:
        >>> [significant(x) for x in (3.7, 0.0, 18709.0, 0.00001234, 3e9, float("inf"), None)]
        ['3.7', '0', '18,700', '1.23e-5', '3e9', 'inf', '']
    """
    if number is None:
        return ""
    if not math.isfinite(number):
        return _special(number)
    if number == 0:
        return "0"
    rounded = float(f"{number:.3g}")
    size = abs(rounded)
    if 1000 <= size < 1e7:
        return f"{rounded:,.0f}"
    if 1e-3 <= size < 1000:
        return f"{rounded:.3g}"
    mantissa, _, exponent = f"{rounded:.2e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def duration(seconds: float | None) -> str:
    """Write a time with a unit; empty where there is none.

    Example:
        >>> [duration(x) for x in (9.6e-5, 0.25, 14.02, 125.0, None)]
        ['96 µs', '250 ms', '14 s', '2 min 5 s', '']
    """
    if seconds is None:
        return ""
    if not math.isfinite(seconds):
        return _special(seconds)
    if abs(seconds) >= 100:
        minutes, rest = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if abs(seconds) >= 0.9995 * size:
            return f"{significant(seconds / size)} {unit}"
    return f"{significant(seconds / 1e-9)} ns"


def count(number: int, noun: str) -> str:
    """Write a number of things.

    Example:
        >>> count(1, "case"), count(1440, "check")
        ('1 case', '1,440 checks')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def texts(values: np.ndarray[Any, Any], dtype: str) -> list[str]:
    """Write elements with the fewest digits that read back as the same bits of the dtype.

    Args:
        values: The elements, as `Array.numpy` gives them.
        dtype: Name of their dtype; `bfloat16` values come as float32.
    """
    flat = values.reshape(-1)
    if flat.dtype.kind == "b":
        return ["true" if value else "false" for value in flat.tolist()]
    if flat.dtype.kind == "f":
        if dtype == "bfloat16":
            return [_shortest_bfloat16(value) for value in flat.tolist()]
        return [str(value) for value in flat.astype(np.str_).tolist()]
    if flat.dtype.kind == "c":
        return _complex(flat)
    return [str(value) for value in flat.tolist()]


def exact(values: np.ndarray[Any, Any]) -> list[str]:
    """Write elements exactly: floats in hexadecimal, everything else in decimal."""
    flat = values.reshape(-1)
    if flat.dtype.kind == "f":
        return [_hexadecimal(value) for value in flat.astype(np.float64).tolist()]
    if flat.dtype.kind == "c":
        parts = zip(flat.real.astype(np.float64).tolist(), flat.imag.astype(np.float64).tolist(), strict=True)
        return [f"{_hexadecimal(real)} {_hexadecimal(imaginary)}j" for real, imaginary in parts]
    return texts(values, flat.dtype.name)


def decimal(number: float, dtype: str) -> str:
    """Write one float64 number rounded to a dtype; unrounded where that dtype's range would make it infinite or zero.

    Example:
        >>> decimal(0.1, "float32"), decimal(1e300, "float32"), decimal(1 / 3, "float16")
        ('0.1', '1e+300', '0.3333')
    """
    return decimals([number], dtype)[0]


def decimals(numbers: Sequence[float] | np.ndarray[Any, Any], dtype: str) -> list[str]:
    """Write float64 numbers as `decimal` does, many at once."""
    wide = np.asarray(numbers, dtype=np.float64)
    with np.errstate(all="ignore"):
        if dtype == "bfloat16":
            narrow: np.ndarray[Any, Any] = wide.astype(np.float32)
        else:
            narrow = wide.astype(_FLOATS.get(dtype, np.float64))
        written_out = texts(narrow, dtype)
        lost = np.isfinite(wide) & (~np.isfinite(narrow) | ((narrow == 0) & (wide != 0)))
    for index in np.flatnonzero(lost).tolist():
        written_out[index] = repr(float(wide[index]))
    return written_out


def to_decimal(text: str | None, dtype: str) -> str:
    """Write in decimal what a judgement holds exactly (`0x1.8p+1`, `nan`, `true`); other text comes back as it is.

    Example:
        >>> to_decimal("0x1.99999ap-4", "float32"), to_decimal("nan", "float32"), to_decimal("true", "bool")
        ('0.1', 'nan', 'true')
    """
    if text is None:
        return ""
    if not text.lstrip("+-").startswith("0x"):
        return text
    try:
        return decimal(float.fromhex(text), dtype)
    except (ValueError, OverflowError):
        return text


def _special(number: float) -> str:
    if math.isnan(number):
        return "nan"
    return "inf" if number > 0 else "-inf"


def _hexadecimal(number: float) -> str:
    if not math.isfinite(number):
        return _special(number)
    mantissa, _, exponent = number.hex().partition("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}p{exponent}"


def _shortest_bfloat16(number: float) -> str:
    if not math.isfinite(number):
        return _special(number)
    target = _bfloat16_bits(number)
    with np.errstate(all="ignore"):
        number = float(np.uint32(target << 16).view(np.float32))
    if not math.isfinite(number):
        return _special(number)
    # Eight significant bits never need more than four decimal digits.
    for digits in range(1, 4):
        candidate = f"{number:.{digits}g}"
        if _bfloat16_bits(float(candidate)) == target:
            return repr(float(candidate))
    return repr(float(f"{number:.4g}"))


def _bfloat16_bits(number: float) -> int:
    with np.errstate(all="ignore"):
        bits = int(np.float32(number).view(np.uint32))
    return (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16  # to nearest, ties to even


def _complex(flat: np.ndarray[Any, Any]) -> list[str]:
    part = "float32" if flat.dtype == np.complex64 else "float64"
    pairs = zip(texts(flat.real, part), texts(flat.imag, part), strict=True)
    return [f"{real}{'' if imaginary.startswith('-') else '+'}{imaginary}j" for real, imaginary in pairs]
