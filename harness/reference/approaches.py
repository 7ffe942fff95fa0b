"""Ways to approach a point: the directions in which it is left, to see what derivatives tend to on the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect.samples import derive_seed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["SETTLED", "Approaches", "Direction", "Place"]

Direction = dict[str, "np.ndarray[Any, Any]"]
"""Argument name to how far each element is moved."""

Place = tuple[str, tuple[int, ...]]
"""An argument's name, and the index of an element of it."""

SETTLED = 2.0**-60
"""What is smaller by this factor does not count beside the other; it decides where the other does not."""

_CLEAR, _UNCLEAR = 12, 24
"""How many elements are moved alone at least, if there are as many, and how many of those whose derivative is not one
number."""


class Approaches:
    """Directions about one point.

    Args:
        arrays: Argument name to the point's numbers, of the arguments that are moved.
        seed: Of what is random.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray[Any, Any]], seed: int) -> None:
        """Take each element's own size as the unit that it is moved by."""
        self.arrays = arrays
        self._seed = seed
        self._scales = _scales(arrays)

    def random(self, numbers: range) -> Iterator[Direction]:
        """Give random directions, each with its opposite.

        Args:
            numbers: Which ones.
        """
        for number in numbers:
            generator = np.random.Generator(np.random.PCG64(derive_seed(self._seed, "direction", number)))
            drawn = {name: scale * generator.uniform(-1.0, 1.0, scale.shape) for name, scale in self._scales.items()}
            for name, scale in self._scales.items():
                if self.arrays[name].dtype.kind == "c":
                    drawn[name] = drawn[name] + 1j * scale * generator.uniform(-1.0, 1.0, scale.shape)
            yield drawn
            yield {name: -part for name, part in drawn.items()}

    def ramps(self) -> Iterator[Direction]:
        """Move elements the farther the later they come, and the opposite way: equal ones keep their order, or turn it."""
        generator = np.random.Generator(np.random.PCG64(derive_seed(self._seed, "ramp")))
        rising = {}
        for name, scale in self._scales.items():
            # Not in equal steps, which would make new ties.
            steps = np.arange(scale.size) + generator.uniform(0.5, 1.0, scale.size)
            rising[name] = scale * steps.reshape(scale.shape) / (scale.size + 1)
        yield rising
        yield {name: -part for name, part in rising.items()}

    def places(self, unclear: Mapping[str, np.ndarray[Any, Any]]) -> list[Place]:
        """Choose elements to move alone, those first whose own derivative is not one number.

        Args:
            unclear: Argument name to which those are.
        """
        places = [(name, place) for name, marks in unclear.items() for place in np.ndindex(marks.shape)]
        first = [place for place in places if unclear[place[0]][place[1]]]
        rest = [place for place in places if not unclear[place[0]][place[1]]]
        return [*first[:_UNCLEAR], *rest[: max(_CLEAR - len(first), 0)]]

    def signs(self, place: Place) -> tuple[complex, ...]:
        """Give the ways in which one element is moved alone."""
        return (1.0, -1.0, 1j, -1j) if self.arrays[place[0]].dtype.kind == "c" else (1.0, -1.0)

    def beside(self, places: Sequence[Place]) -> Iterator[Direction]:
        """Give a random direction, and then those in which single elements are moved far more than all others."""
        base = next(self.random(range(-1, 0)))
        yield base
        for name, place in places:
            for sign in self.signs((name, place)):
                direction = {other: np.array(part * SETTLED) for other, part in base.items()}
                direction[name][place] = sign * self._scales[name][place]
                yield direction


def _scales(arrays: Mapping[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    """Return each element's own size, for a zero that of the smallest number, and 0 for what cannot be moved."""
    sizes = {name: np.abs(array).astype(np.float64) for name, array in arrays.items()}
    least = min(
        (float(size[(size > 0) & np.isfinite(size)].min(initial=1.0)) for size in sizes.values()),
        default=1.0,
    )
    return {name: np.where(np.isfinite(size), np.where(size > 0, size, least), 0.0) for name, size in sizes.items()}
