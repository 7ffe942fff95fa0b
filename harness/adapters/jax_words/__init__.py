"""What JAX calls the operations, room by room. A word that is not here has its own name in the array namespace.

Nothing here imports JAX: what is called gets its top module as the first argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.adapters.jax_words import arrays, control, fft, linalg, nn, nn_windows, special
from harness.operations.words import merged

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]

WORDS: dict[str, Column] = merged(
    arrays.WORDS, linalg.WORDS, special.WORDS, nn.WORDS, nn_windows.WORDS, control.WORDS, fft.WORDS
)
