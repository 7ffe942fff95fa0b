"""Every row of the vocabulary, and the words of `xp` that are no operations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from harness.operations import (
    arranging,
    complexes,
    control,
    counting,
    elementwise,
    ordering,
    reductions,
    shaping,
    steps,
)
from harness.operations import fft as fourier
from harness.operations.linalg import decompositions
from harness.operations.linalg import products as linear
from harness.operations.nn import activations as nn_activations
from harness.operations.nn import basic as nn
from harness.operations.nn import class_losses as nn_class_losses
from harness.operations.nn import convolutions as nn_convolutions
from harness.operations.nn import layers as nn_layers
from harness.operations.nn import losses as nn_losses
from harness.operations.nn import norms as nn_norms
from harness.operations.nn import pooling as nn_pooling
from harness.operations.nn import recurrent as nn_recurrent
from harness.operations.special import basic as special
from harness.operations.special import bessel, combinations, families, normal

if TYPE_CHECKING:
    from harness.operations.operation import Operation

__all__ = ["CONSTANTS", "GROUPS", "OPERATIONS"]

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


GROUPS = (
    elementwise.ROWS,
    steps.ROWS,
    complexes.ROWS,
    reductions.ROWS,
    shaping.ROWS,
    linear.ROWS,
    special.ROWS,
    normal.ROWS,
    bessel.ROWS,
    families.ROWS,
    combinations.ROWS,
    nn.ROWS,
    nn_activations.ROWS,
    nn_norms.ROWS,
    nn_losses.ROWS,
    nn_class_losses.ROWS,
    nn_convolutions.ROWS,
    nn_pooling.ROWS,
    nn_layers.ROWS,
    nn_recurrent.ROWS,
    control.ROWS,
    arranging.ROWS,
    counting.ROWS,
    ordering.ROWS,
    decompositions.ROWS,
    fourier.ROWS,
)
"""Every row, by what it is about."""

OPERATIONS = _by_name(*GROUPS)
"""Rows by name."""
