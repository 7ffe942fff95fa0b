"""What JAX calls the operations: `control`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


WORDS: dict[str, Column] = {
    "control.cond": "lax.cond",
    "control.while_loop": "lax.while_loop",
    "control.fori_loop": "lax.fori_loop",
    "control.scan": "lax.scan",
}
