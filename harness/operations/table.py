"""Every row of the vocabulary, and the words of `xp` that are no operations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from harness.operations import (
    arranging,
    complexes,
    control,
    decompositions,
    elementwise,
    fourier,
    linear,
    nn,
    ordering,
    reductions,
    shaping,
    special,
)

if TYPE_CHECKING:
    from harness.operations.operation import Operation

__all__ = ["CONSTANTS", "OPERATIONS"]

CONSTANTS: dict[str, float | None] = {
    "pi": math.pi,
    "e": math.e,
    "inf": math.inf,
    "nan": math.nan,
    "newaxis": None,
}
"""Python's constants: to the reference, each is the exact real number that the double is."""


def _by_name(*groups: tuple[Operation, ...]) -> dict[str, Operation]:
    found: dict[str, Operation] = {}
    for row in (row for rows in groups for row in rows):
        if row.name in found:
            raise ValueError(f"The vocabulary has two rows named {row.name!r}; remove one.")
        found[row.name] = row
    return found


OPERATIONS = _by_name(
    elementwise.ROWS,
    complexes.ROWS,
    reductions.ROWS,
    shaping.ROWS,
    linear.ROWS,
    special.ROWS,
    nn.ROWS,
    control.ROWS,
    arranging.ROWS,
    ordering.ROWS,
    decompositions.ROWS,
    fourier.ROWS,
)
"""Rows by name."""
