"""Sets of whole gradients: the convex hull of a few limits, and what surely lies outside of the set that they are of.

At a tie the gradient is one subgradient, not one number for each element: that of max([2, 2, 1]) may be (1, 0, 0) or
(1/2, 1/2, 0), and not (1, 1, 0). Elements that depend on the same tie are a *group*; a right gradient has, for each
group, its part in the hull of the group's limits. Elements of different groups are chosen independently, as those of
relu at several zeros are, so that the set is a product, and a hull of a few samples of the whole would be too small.

*Inner*: an array lies in the hull if a combination of limits is found that is near it (P. Wolfe, "Finding the nearest
point in a polytope", 1976), and the combination is the proof. *Outer*: the limits are samples of a set that may be
larger, as that of a norm, which is a ball. What is known of all of it is used to exclude:

- it lies in the affine hull of the samples: the parts of ties of a maximum have the sum 1;
- where all limits have one Euclidean norm, none of their combinations has a larger one;
- where the function of the group is convex, the limit in the direction d is the one that goes farthest along d, because
  the directional derivative is the support function of the subdifferential (R. T. Rockafellar, "Convex Analysis", 1970,
  theorem 23.4); where it is concave, that in the direction -d. It is convex where its limits are monotone: no two of
  them have (g - h) · (d - e) < 0 for their directions d and e (ibid., corollary 31.5.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Joint", "nearest_combination"]

_ALIKE = 2.0**-40
"""Limits are rounded to float64: norms and directions that differ by less, relatively, are the same."""

_WOBBLE = 2.0**-6
"""K times as much is an eighth of the set's width, within which wrong combinations are still told from right ones."""

_STEPS = 500
"""A few dozen are usual."""


@dataclass(frozen=True)
class Joint:
    """Limits of a derivative, each a whole array.

    Attributes:
        rows: float64, of the shape (limits, *shape); NaN where a direction told of none.
        groups: int64: elements with the same number above 0 are chosen together, those with 0 alone.
        towards: float64, of the shape of `rows`: for groups of a convex or concave function, the direction in which no
            right gradient goes farther than the limit in its row; 0 elsewhere.
    """

    rows: NDArray[Any]
    groups: NDArray[Any]
    towards: NDArray[Any]

    def within(self, wanted: NDArray[Any]) -> Joint | None:
        """Forget all other elements; none if no group is left."""
        groups = np.where(wanted, self.groups, 0)
        numbers, counts = np.unique(groups[groups > 0], return_counts=True)
        groups = np.where(np.isin(groups, numbers[counts > 1]), groups, 0)
        return replace(self, groups=groups) if groups.any() else None

    def steady(self, away: NDArray[Any], width: NDArray[Any]) -> Joint | None:
        """Forget the groups that rounding itself takes out of their set: there, no more is demanded than of each element.

        So the deviation of equals: a mean that rounds leaves differences that are all rounding, and their gradient is a
        third for each where the sum must be 0.

        Args:
            away: How far perturbed runs are from the set.
            width: How wide it is.
        """
        groups = self.groups.copy()
        for chosen, _, _ in self.parts():
            if not (away[chosen] <= _WOBBLE * width[chosen]).all():
                groups[chosen] = 0
        return replace(self, groups=groups) if groups.any() else None

    def parts(self) -> Iterator[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]:
        """Give each group: its elements as bool, its limits and its directions as rows."""
        for number in np.unique(self.groups[self.groups > 0]):
            chosen = self.groups == number
            rows, towards = self.rows[:, chosen], self.towards[:, chosen]
            known = np.isfinite(rows).all(axis=1)
            if known.any():
                yield chosen, rows[known], towards[known]

    def residuals(
        self, observed: NDArray[Any], budget: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Say how far an array is from the hull of the limits, and whether it is excluded.

        Args:
            observed: float64, of the shape of `groups`.
            budget: What rounding accounts for, element by element.

        Returns:
            Which elements were looked at: those of groups in which all is finite; the distance of each to the nearest
            combination; and, as bool, whether its group lies outside what any right gradient can be.
        """
        seen = np.zeros(observed.shape, dtype=bool)
        away = np.zeros(observed.shape)
        excluded = np.zeros(observed.shape, dtype=bool)
        for chosen, rows, towards in self.parts():
            here, room = observed[chosen], budget[chosen]
            counted = np.isfinite(room)
            if not np.isfinite(here).all() or not counted.any():
                continue
            seen |= chosen
            rest = np.zeros(here.shape)
            rest[counted] = nearest_combination(here[counted], rows[:, counted], room[counted])
            away[chosen] = np.abs(rest)
            excluded[chosen] = bool((np.abs(rest) > room).any() and counted.all()) and _excludes(
                here, rows, towards, room
            )
        return seen, away, excluded

    def beyond(self, runs: NDArray[Any]) -> NDArray[Any]:
        """Say how far perturbed runs are from the set, element by element: what rounding accounts for.

        Where few limits were met again and again they are all, and the distance is that to their hull; elsewhere it is
        that to what all limits have in common.

        Args:
            runs: float64; the last axis is the runs.
        """
        found = np.zeros(runs.shape)
        for chosen, rows, _ in self.parts():
            distinct = np.unique(np.round(rows / _sizes(rows), 9), axis=0)
            complete = 2 * len(distinct) <= len(rows)
            for run in range(runs.shape[-1]):
                point = runs[..., run][chosen]
                if np.isfinite(point).all():
                    rest = nearest_combination(point, rows, _sizes(rows) * _ALIKE) if complete else _excess(point, rows)
                    found[..., run][chosen] = np.abs(rest)
        return found


def nearest_combination(point: NDArray[Any], rows: NDArray[Any], unit: NDArray[Any]) -> NDArray[Any]:
    """Give what is left of a point after the combination of rows that is nearest to it, or near enough.

    Args:
        point: float64, of the shape (n,).
        rows: Of the shape (m, n); weights are not negative and have the sum 1.
        unit: Of the shape (n,), above 0: lengths are measured in it, and a point less than one away in every element is
            near enough.

    Returns:
        point - Σ wᵢ rowᵢ, computed with more bits than float64 where the machine has them.
    """
    precise = (np.asarray(rows, np.longdouble) - point) / unit
    away = precise.astype(np.float64)
    corners = [int(np.argmin((away**2).sum(axis=1)))]
    weights = np.ones(1, dtype=np.longdouble)
    for _ in range(_STEPS):
        rest = np.asarray(weights @ precise[corners], dtype=np.float64)
        if np.abs(rest).max() <= 1.0:
            break
        ahead = away @ rest
        best = int(np.argmin(ahead))
        if best in corners or rest @ rest - ahead[best] <= 1e-15 * np.abs(away[best]) @ np.abs(rest):
            break
        corners, weights = _settle([*corners, best], np.append(weights, 0.0), precise)
    return np.asarray(-(weights @ precise[corners]) * unit, dtype=np.float64)


def _settle(corners: list[int], weights: NDArray[Any], precise: NDArray[Any]) -> tuple[list[int], NDArray[Any]]:
    """Go to the nearest point of the affine hull of some corners, and drop those that would get a negative weight."""
    while True:
        wanted = weights.copy()
        # A second round takes off what the first one's rounding left.
        for _ in range(2):
            edges = (precise[corners[1:]] - precise[corners[0]]).astype(np.float64)
            rest = np.asarray(wanted @ precise[corners], dtype=np.float64)
            step = np.linalg.lstsq(edges.T, -rest, rcond=None)[0]
            wanted = wanted + np.concatenate([[-step.sum()], step])
        if (wanted > 0).all() or len(corners) == 1:
            return corners, wanted
        falling = wanted <= 0
        shares = np.where(falling, weights / np.where(falling, np.maximum(weights - wanted, 1e-300), 1.0), np.inf)
        share = min(float(shares.min()), 1.0)
        weights = weights + share * (wanted - weights)
        kept = (weights > 0) & (shares > share)
        if not kept.any():
            kept[int(np.argmax(weights))] = True
        corners = [corner for corner, keep in zip(corners, kept, strict=True) if keep]
        weights = weights[kept] / weights[kept].sum()


def _excludes(point: NDArray[Any], rows: NDArray[Any], towards: NDArray[Any], budget: NDArray[Any]) -> bool:
    """Whether a point lies outside what any right gradient can be, by more than rounding accounts for."""
    scale = _sizes(rows)
    flat = _off_the_plane(point / scale, rows / scale)
    if np.linalg.norm(flat) > np.abs(flat / max(np.linalg.norm(flat), 1e-300)) @ (budget / scale):
        return True
    size = np.linalg.norm(point)
    radius = _radius(rows)
    if radius is not None and size > radius + np.abs(point / max(size, 1e-300)) @ budget:
        return True
    limit = (towards * rows).sum(axis=1)
    slack = np.abs(towards) @ budget + _ALIKE * np.abs(limit)
    return bool((towards @ point > limit + slack).any())


def _excess(point: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Give how far a point is from what all limits have in common: their affine hull, and their norm."""
    scale = _sizes(rows)
    flat = np.abs(_off_the_plane(point / scale, rows / scale)) * scale
    radius, size = _radius(rows), np.linalg.norm(point)
    if radius is None or size <= radius:
        return np.asarray(flat)
    return np.asarray(np.maximum(flat, np.abs(point) * (1.0 - radius / size)))


def _off_the_plane(point: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Give the part of a point that is orthogonal to the affine hull of rows."""
    middle = rows.mean(axis=0)
    _, values, axes = np.linalg.svd(rows - middle, full_matrices=False)
    axes = axes[values > _ALIKE * max(values.max(initial=0.0), 1e-300)]
    rest = point - middle
    for _ in range(2):
        rest = rest - axes.T @ (axes @ rest)
    return np.asarray(rest)


def _radius(rows: NDArray[Any]) -> float | None:
    """Give the norm that all rows have; none if they differ."""
    sizes = np.linalg.norm(rows, axis=1)
    return float(sizes.max()) if np.ptp(sizes) <= _ALIKE * sizes.max() else None


def _sizes(rows: NDArray[Any]) -> NDArray[Any]:
    """Give the size of each element: its largest in any limit."""
    return np.asarray(np.maximum(np.abs(rows).max(axis=0), 1e-300))
