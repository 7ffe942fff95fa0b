"""Rows of complex numbers: their parts, their size and their direction.

Arithmetic, exp, log, sqrt, sums and products of matrices take complex numbers under their usual names.
"""

from __future__ import annotations

from typing import Any

from harness.operations.costs import VIEW, elementwise
from harness.operations.operation import PRIMITIVE, Operation

__all__ = ["ROWS", "size"]

_STANDARD = "https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.{}.html"


def size(xp: Any, z: Any) -> Any:
    """Return √(x² + y²)."""
    return xp.hypot(xp.real(z), xp.imag(z))


def _angle(xp: Any, z: Any) -> Any:
    return xp.atan2(xp.imag(z), xp.real(z))


ROWS = (
    Operation("real", "the real part", PRIMITIVE, accuracy=0, cost=VIEW, source=_STANDARD.format("real")),
    Operation("imag", "the imaginary part", PRIMITIVE, accuracy=0, cost=VIEW, source=_STANDARD.format("imag")),
    Operation(
        "conj", "x - iy for x + iy", PRIMITIVE, accuracy=0, cost=elementwise(factor=1), source=_STANDARD.format("conj")
    ),
    Operation(
        "angle",
        "the angle of x + iy from the positive real axis, in (-π, π]",
        _angle,
        source="https://numpy.org/doc/stable/reference/generated/numpy.angle.html",
    ),
)
