"""Facts of floating-point dtypes: the distance between neighbouring numbers, and the largest number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FORMATS", "Format", "ulp"]


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
    """Give the distance between neighbouring numbers of a dtype around each number, as float64.

    Below the smallest normal number it is the distance between subnormals; beyond the largest, the largest distance.
    """
    form = FORMATS[dtype]
    size = np.clip(np.abs(numbers), 2.0**form.smallest_exponent, form.largest)
    return np.asarray(np.ldexp(1.0, np.frexp(size)[1] - form.mantissa))
