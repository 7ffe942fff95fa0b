"""Which elements of a derivative depend on the same ties.

Single elements of the inputs are moved farther than all others: what changes then depends on that element. Across a kink
the gradient of a continuous function jumps along the normal of the kink, so that only elements with a set of their own
can matter. Elements that nothing ties to each other are taken to be independent, which is the weaker demand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.quantity import Quantity
from harness.reference.hulls import Joint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.reference.approaches import Place

__all__ = ["DISTINCT", "Trial", "joint"]

DISTINCT = 2.0**-48
"""Limits are rounded to float64, so what differs by less is one number."""

_MONOTONE = 2.0**-40
"""The rounding of products of limits and directions, relative to the largest."""

_LARGEST = 2**16
"""Numbers of all limits of one quantity that a record may hold; beyond, each element has its set alone."""


@dataclass(frozen=True)
class Trial:
    """One direction, and the limits that were found in it.

    Attributes:
        direction: Argument name to how it was moved.
        limits: Quantity to array.
    """

    direction: Mapping[str, np.ndarray[Any, Any]]
    limits: Mapping[str, np.ndarray[Any, Any]]


def joint(
    quantity: str,
    names: tuple[str, ...],
    spread: np.ndarray[Any, Any],
    found: Sequence[Trial],
    axes: Sequence[Trial],
    moved: Sequence[Place],
) -> Joint | None:
    """Put together the elements that depend on the same ties, with their limits.

    Args:
        quantity: What the limits are of.
        names: The arguments that were moved.
        spread: bool, where the limits differ.
        found: What was found in directions that move all elements.
        axes: What was found in the direction that single elements were moved beside, and then in those.
        moved: Which elements these were.

    Returns:
        The limits, if any elements depend on each other and it is known which.
    """
    trials = [trial for trial in (*found, *axes) if quantity in trial.limits]
    if len(trials) < len(found) + len(axes) or not spread.any() or len(trials) * spread.size > _LARGEST:
        return None
    rows = np.stack([trial.limits[quantity] for trial in trials])
    groups = _groups(spread, [trial.limits[quantity] for trial in axes], moved)
    for number in np.unique(groups[groups > 0]):
        part = rows[:, groups == number]
        part = part[np.isfinite(part).all(axis=1)]
        # More limits than make up a plane say that there is one.
        rank = np.linalg.matrix_rank(part - part.mean(axis=0)) if len(part) else 0
        if np.isinf(rows[:, groups == number]).any() or len(part) < 2 * (rank + 1):
            groups[groups == number] = 0
    if not groups.any():
        return None
    return Joint(rows, groups, _towards(quantity, names, rows, groups, trials))


def _groups(
    spread: np.ndarray[Any, Any], rows: Sequence[np.ndarray[Any, Any]], moved: Sequence[Place]
) -> np.ndarray[Any, Any]:
    """Number the groups of elements that change when the same element is moved; what is alone has the number 0."""
    base, changing = rows[0], {place: np.zeros(spread.shape, dtype=bool) for place in moved}
    for row, place in zip(rows[1:], moved, strict=True):
        with np.errstate(invalid="ignore"):
            same = np.abs(row - base) <= DISTINCT * np.maximum(np.abs(row), np.abs(base))
        changing[place] |= spread & ~same
    parts: list[np.ndarray[Any, Any]] = []
    for changed in changing.values():
        if not changed.any():
            continue
        apart = [part for part in parts if not (part & changed).any()]
        parts = [*apart, np.logical_or.reduce([changed, *(part for part in parts if (part & changed).any())])]
    groups = np.zeros(spread.shape, dtype=np.int64)
    for number, part in enumerate((part for part in parts if part.sum() > 1), start=1):
        groups[part] = number
    return groups


def _towards(
    quantity: str,
    names: tuple[str, ...],
    rows: np.ndarray[Any, Any],
    groups: np.ndarray[Any, Any],
    trials: Sequence[Trial],
) -> np.ndarray[Any, Any]:
    """Give, for groups of a convex function, the direction of each limit; of a concave one, the opposite.

    A gradient along one argument is that of a function of all that were moved: only where it was moved alone can its
    own direction be taken. What is not the gradient of one real function has none.
    """
    towards = np.zeros(rows.shape)
    (name, *more), parsed = names, Quantity.parse(quantity)
    moved = np.stack([trial.direction[name] for trial in trials])
    if more or parsed != Quantity("vjp", name) or moved.shape != rows.shape:
        return towards
    for number in np.unique(groups[groups > 0]):
        chosen = groups == number
        limits, directions = rows[:, chosen], moved[:, chosen]
        known = np.isfinite(limits).all(axis=1)
        limits = limits[known]
        directions = directions / np.maximum(np.abs(directions).max(axis=1, keepdims=True), 1e-300)
        product = limits @ directions[known].T
        own = np.diag(product)
        monotone = own[:, None] + own[None, :] - product - product.T
        least = _MONOTONE * max(float(np.abs(product).max()), 1e-300)
        sign = 1.0 if (monotone >= -least).all() else -1.0 if (monotone <= least).all() else 0.0
        towards[:, chosen] = sign * directions
    return towards
