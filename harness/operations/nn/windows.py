"""What convolutions and poolings share: windows that move over the axes behind batch and channels."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Lengths", "Padding", "edges", "lengths", "padded", "windows"]

Lengths = int | tuple[int, ...]
Padding = int | str | tuple[int, ...]


def lengths(value: Lengths, rank: int) -> tuple[int, ...]:
    """Write one length for each axis."""
    return (value,) * rank if isinstance(value, int) else tuple(value)


def edges(padding: Padding, kernel: Sequence[int], dilation: Sequence[int]) -> list[tuple[int, int]]:
    """Return how much is added before and behind each axis: `valid`, `same` (for strides of 1), or lengths of both sides.

    Raises:
        ValueError: If it is another word, or has not one length for each axis.
    """
    if padding == "valid":
        return [(0, 0)] * len(kernel)
    if padding == "same":
        sums = [step * (size - 1) for size, step in zip(kernel, dilation, strict=True)]
        return [(total // 2, total - total // 2) for total in sums]
    sides = [] if isinstance(padding, str) else lengths(padding, len(kernel))
    if len(sides) != len(kernel):
        raise ValueError(f"padding={padding!r}: expected 'valid', 'same', a length or one for each axis.")
    return [(length, length) for length in sides]


def padded(xp: Any, x: Any, added: Sequence[tuple[int, int]], fill: float = 0.0) -> Any:
    """Add to the last axes."""
    for place, sides in enumerate(added, len(x.shape) - len(added)):
        parts = [
            xp.full((*x.shape[:place], length, *x.shape[place + 1 :]), fill, dtype=x.dtype) if length else None
            for length in sides
        ]
        found = [part for part in (parts[0], x, parts[1]) if part is not None]
        x = xp.concat(found, axis=place) if len(found) > 1 else x
    return x


def windows(xp: Any, x: Any, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> Any:
    """Stack what each place of the kernel sees: (b, c, *axes) to (b, c, places of the kernel, *places of the window)."""
    rank = len(kernel)
    counts = [
        (size - step * (length - 1) - 1) // jump + 1
        for size, length, jump, step in zip(x.shape[-rank:], kernel, stride, dilation, strict=True)
    ]
    seen = []
    for offsets in itertools.product(*map(range, kernel)):
        starts = [offset * step for offset, step in zip(offsets, dilation, strict=True)]
        key = tuple(
            slice(start, start + jump * (count - 1) + 1, jump)
            for start, jump, count in zip(starts, stride, counts, strict=True)
        )
        seen.append(x[(..., *key)])
    return xp.stack(seen, axis=2)
