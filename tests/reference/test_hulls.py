"""Sets of whole gradients: what is in a hull is found there, what lies outside is excluded, between them nothing is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.reference.hulls import Joint, nearest_combination

__all__: list[str] = []

CORNERS = np.eye(3)
ANGLES = np.linspace(0, 2 * np.pi, 12, endpoint=False)
CIRCLE = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)


def joint(rows: Any, groups: Any = None, towards: Any = None) -> Joint:
    """Make limits, all of one group."""
    stacked = np.asarray(rows, dtype=np.float64)
    numbers = np.ones(stacked.shape[1:], dtype=np.int64) if groups is None else np.asarray(groups)
    return Joint(stacked, numbers, np.zeros(stacked.shape) if towards is None else np.asarray(towards))


def excluded(found: Joint, at: Any, budget: float = 1e-9) -> bool:
    """Whether a point is excluded; one that is in the hull never is."""
    point = np.asarray(at, dtype=np.float64)
    _, away, outside = found.residuals(point, np.full(point.shape, budget))
    assert not outside.any() or (away > budget).any()
    return bool(outside.all())


@given(st.integers(2, 12), st.integers(1, 8), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_what_is_a_combination_is_found(rows: int, size: int, seed: int) -> None:
    """Whatever the weights, what is left of a combination is a few roundings of its largest row."""
    generator = np.random.default_rng(seed)
    corners = generator.normal(size=(rows, size))
    weights = generator.dirichlet(np.full(rows, 0.3))
    left = nearest_combination(weights @ corners, corners, np.full(size, 2.0**-51 * np.abs(corners).max()))
    assert (np.abs(left) <= 2.0**-51 * np.abs(corners).max()).all()


@given(st.integers(2, 10), st.integers(1, 6), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_what_is_left_is_orthogonal_to_the_hull(rows: int, size: int, seed: int) -> None:
    """The nearest point is recognized by no corner lying further along what is left."""
    generator = np.random.default_rng(seed)
    corners, point = generator.normal(size=(rows, size)), 3 * generator.normal(size=size)
    left = nearest_combination(point, corners, np.full(size, 1e-12))
    nearest = point - left
    assert (corners @ left <= nearest @ left + 1e-9).all()


def test_distance_to_a_square() -> None:
    """Of (3, 1/2) beside the unit square, (2, 0) is left; of a point in it nothing."""
    square = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    assert [2.0, 0.0] == nearest_combination(np.array([3.0, 0.5]), square, np.full(2, 1e-12)).round(12).tolist()
    assert (np.abs(nearest_combination(np.array([0.3, 0.5]), square, np.full(2, 1e-12))) <= 1e-12).all()


@pytest.mark.parametrize(
    ("at", "outside"),
    [((0.2, 0.3, 0.5), False), ((1, 1, 0), True), ((0, 0, 0), True), ((0.5, 0.5, 0.1), True), ((2, -0.5, -0.5), True)],
)
def test_parts_of_a_maximum_have_the_sum_one(at: Any, outside: bool) -> None:
    """Limits in a plane exclude what lies off it; what lies on it and far away has too large a norm."""
    assert outside is excluded(joint(CORNERS), at)


def test_between_the_samples_of_a_circle_nothing_is_excluded() -> None:
    """Of a circle's samples the hull is smaller than the disc: between them a point is neither found nor excluded."""
    found = joint(CIRCLE)
    between = np.array([np.cos(ANGLES[1] / 2), np.sin(ANGLES[1] / 2)]) * 0.99
    _, away, outside = found.residuals(between, np.full(2, 1e-9))
    assert (away > 1e-9).any()
    assert not outside.any()
    assert excluded(found, [1.2, 0.0])
    assert excluded(found, [0.75, 0.75])
    assert not excluded(found, [0.0, 0.0])


def test_a_convex_function_goes_no_farther_along_a_direction() -> None:
    """Where it is said toward what a limit is the farthest, a point beyond it is excluded; elsewhere it is not."""
    rows, towards = [[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [[1.0, 0.5], [0.5, 1.0], [-1.0, -1.0]]
    assert not excluded(joint(rows), [0.8, 0.9])
    assert excluded(joint(rows, towards=towards), [0.8, 0.9])
    assert not excluded(joint(rows, towards=towards), [0.5, 0.5])


def test_the_budget_makes_room() -> None:
    """What lies off the plane by less than rounding accounts for is found, and not excluded."""
    assert not excluded(joint(CORNERS), [0.5, 0.5, 1e-6], budget=1e-6)
    assert excluded(joint(CORNERS), [0.5, 0.5, 1e-3], budget=1e-6)


def test_a_budget_without_end_excludes_nothing() -> None:
    """Beside an element of which nothing can be demanded, the others must still be of one combination."""
    seen, away, outside = joint(CORNERS).residuals(np.array([1.0, 1.0, 0.0]), np.array([np.inf, 1e-9, 1e-9]))
    assert seen.all()
    assert not outside.any()
    assert (away < 1e-9).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_no_number_is_left_to_its_own_set(bad: float) -> None:
    """A group with a NaN or an infinity in it is not looked at."""
    seen, away, outside = joint(CORNERS).residuals(np.array([bad, 1.0, 0.0]), np.full(3, 1e-9))
    assert not (seen | outside | (away != 0)).any()


def test_groups_are_apart() -> None:
    """Two ties each have their combination; an element of neither has none."""
    rows = [[1.0, 0.0, 7.0, 1.0, 0.0], [0.0, 1.0, 8.0, 0.0, 1.0]]
    found = joint(rows, [1, 1, 0, 2, 2])
    budget = np.full(5, 1e-9)
    seen, away, outside = found.residuals(np.array([1.0, 0.0, 99.0, 0.5, 0.5]), budget)
    assert [True, True, False, True, True] == seen.tolist()
    assert not (away > 1e-9).any()
    _, _, outside = found.residuals(np.array([1.0, 1.0, 99.0, 0.5, 0.5]), budget)
    assert [True, True, False, False, False] == outside.tolist()


def test_a_limit_that_is_not_known_is_none() -> None:
    """Rows with a NaN in a group are left out of it."""
    found = joint([[1.0, 0.0], [0.0, 1.0], [np.nan, 5.0]])
    assert excluded(found, [0.0, 5.0])
    assert not excluded(found, [0.5, 0.5])


def test_a_group_of_one_is_none() -> None:
    """What is left of a group when its others are forgotten is an interval, which the ends describe."""
    assert joint(CORNERS).within(np.array([True, False, False])) is None
    kept = joint(CORNERS).within(np.array([True, True, False]))
    assert kept is not None
    assert [1, 1, 0] == kept.groups.tolist()


def test_runs_are_as_far_as_from_the_set() -> None:
    """Of limits that come again, the hull counts; of those that are all different, only what they have in common."""
    again = joint(np.concatenate([CORNERS, CORNERS]))
    runs = np.array([[0.5, 1.0], [0.5, 0.0], [0.0, 0.003]])
    assert [[0.0, 0.0015], [0.0, 0.0], [0.0, 0.0015]] == again.beyond(runs).round(6).tolist()
    disc = joint(CIRCLE)
    assert not disc.beyond(np.array([[np.cos(0.1)], [np.sin(0.1)]])).round(12).any()
    assert np.allclose(disc.beyond(np.array([[1.01], [0.0]])), [[0.01], [0.0]], atol=1e-12)


def test_a_group_that_rounding_leaves_is_not_joint() -> None:
    """Where perturbed runs are a part of the set's width away from it, no combination is demanded."""
    found = joint(CORNERS)
    assert found.steady(np.full(3, 1e-6), np.ones(3)) is not None
    assert found.steady(np.array([1e-6, 0.3, 0.0]), np.ones(3)) is None
    assert found.steady(np.full(3, np.nan), np.ones(3)) is None
