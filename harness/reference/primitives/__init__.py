"""What the tape does by itself: arithmetic, selections, sums, products of matrices, and moving elements.

Each primitive takes the tape first and then what `xp` was given. Linear maps of elements are a pair: the map and its
transpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.reference.primitives import (
    complexes,
    families,
    making,
    matrices,
    moving,
    operators,
    ordering,
    selections,
    steps,
    sums,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PRIMITIVES"]

PRIMITIVES: dict[str, Callable[..., Any]] = {
    **operators.PRIMITIVES,
    **selections.PRIMITIVES,
    **sums.PRIMITIVES,
    **moving.PRIMITIVES,
    **making.PRIMITIVES,
    **complexes.PRIMITIVES,
    **steps.PRIMITIVES,
    **families.PRIMITIVES,
    **ordering.PRIMITIVES,
    **matrices.PRIMITIVES,
}
"""By the name they have in `xp`, without a prefix."""
