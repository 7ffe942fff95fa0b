"""Facts of floating-point dtypes: their numbers, the distance between neighbours, and rounding to the nearest.

NumPy has no bfloat16. Its numbers are float32 numbers whose lower 16 bits are zero, and travel as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FORMATS", "Format", "complex_of", "holder", "is_complex", "nearest", "next_after", "real_of", "ulp"]


@dataclass(frozen=True)
class Format:
    """A binary floating-point format.

    Attributes:
        mantissa: Significant bits, the hidden one included.
        smallest_exponent: Exponent of the smallest normal number.
        largest: The largest finite number.
    """

    mantissa: int
    smallest_exponent: int
    largest: float


FORMATS = {
    "float16": Format(11, -14, 65504.0),
    "bfloat16": Format(8, -126, float.fromhex("0x1.fep127")),
    "float32": Format(24, -126, float.fromhex("0x1.fffffep127")),
    "float64": Format(53, -1022, float.fromhex("0x1.fffffffffffffp1023")),
}
"""By dtype name. Source: IEEE 754-2019, table 3.5; bfloat16 has float32's exponents and 8 significant bits."""


def ulp(numbers: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Return the distance between neighbouring numbers of a dtype around each number, as float64.

    Below the smallest normal number it is the distance between subnormals; beyond the largest, the largest distance.
    """
    form = FORMATS[real_of(dtype)]
    size = np.clip(np.abs(numbers), 2.0**form.smallest_exponent, form.largest)
    return np.asarray(np.ldexp(1.0, np.frexp(size)[1] - form.mantissa))


def is_complex(dtype: str) -> bool:
    """Whether a dtype, by name, holds complex numbers."""
    return dtype.startswith("complex")


def real_of(dtype: str) -> str:
    """Name the dtype of a number's parts: float32 for complex64; a real dtype's own name."""
    return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)


def complex_of(dtype: str) -> str:
    """Name the complex dtype whose parts have a dtype: complex64 for float32."""
    return {"float32": "complex64", "float64": "complex128"}.get(dtype, dtype)


def nearest(numbers: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Round float64 numbers once to the nearest number of a dtype, ties to even, in the dtype that `holder` names.

    What lies beyond the largest number by half a unit or more becomes infinite, as IEEE 754-2019, 4.3.1, says.

    Example:
        >>> nearest(np.array([1.00390625, 1.01171875, 3.4e38]), "bfloat16")
        array([1.      , 1.015625,      inf], dtype=float32)
    """
    if dtype != "bfloat16":
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(numbers, dtype=dtype)
    form = FORMATS[dtype]
    with np.errstate(all="ignore"):
        # A power of two scales exactly, and rint rounds ties to even.
        exponent = np.maximum(np.frexp(numbers)[1], form.smallest_exponent + 1) - form.mantissa
        found = np.ldexp(np.rint(np.ldexp(numbers, -exponent)), exponent)
        found = np.where(np.isfinite(numbers), found, numbers)
        return np.asarray(np.where(np.abs(found) > form.largest, np.copysign(np.inf, found), found), dtype=np.float32)


def next_after(numbers: NDArray[Any], goals: NDArray[Any], dtype: str) -> NDArray[Any]:
    """Return the neighbours of numbers of a dtype in the direction of others, in the dtype that `holder` names.

    Source: nextUp and nextDown in IEEE 754-2019, 5.3.1.

    Example:
        >>> next_after(np.array([1.0, 1.0]), np.array([2.0, 0.0]), "bfloat16")
        array([1.0078125 , 0.99609375], dtype=float32)
    """
    start, goal = (np.asarray(one, dtype=holder(dtype)) for one in np.broadcast_arrays(numbers, goals))
    if dtype != "bfloat16":
        return np.asarray(np.nextafter(start, goal))
    # Away from 0 and from one power of two to the next, the bits of floats count like those of integers.
    step = np.where((start < goal) == (start > 0), 1 << 16, -(1 << 16)).astype(np.int32)
    moved = (start.view(np.int32) + step).view(np.float32)
    moved = np.where(start == 0, np.copysign(np.float32(ulp(np.zeros(()), dtype)), goal), moved)
    moved = np.where(start == goal, goal, moved)
    return np.where(np.isnan(start) | np.isnan(goal), np.float32(np.nan), moved)


def holder(dtype: str) -> str:
    """Name the dtype of NumPy's that holds the numbers of a dtype."""
    return "float32" if dtype == "bfloat16" else dtype
