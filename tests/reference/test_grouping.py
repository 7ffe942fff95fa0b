"""Which elements depend on the same ties: what changes when one element is moved alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.reference.grouping import Trial, joint

__all__: list[str] = []


def _trials(gradient: object, count: int = 12) -> tuple[list[Trial], list[Trial]]:
    """Follow random directions and then single elements, of a function of three."""
    assert callable(gradient)
    generator = np.random.default_rng(3)
    drawn = [generator.uniform(-1, 1, 3) for _ in range(count)]
    base = generator.uniform(-1, 1, 3)
    axes = [base]
    for place in range(3):
        for sign in (1.0, -1.0):
            direction = base * 2.0**-60
            direction[place] = sign
            axes.append(direction)
    found, alone = (
        [Trial({"a": direction}, {"vjp:a": gradient(direction)}) for direction in directions]
        for directions in (drawn, axes)
    )
    return found, alone


MOVED = [("a", (place,)) for place in range(3) for _ in range(2)]
ALL = np.ones(3, dtype=bool)


def test_ties_of_a_maximum_are_one_group() -> None:
    """Each may take the derivative from the others; the maximum is convex, and its directions are kept."""
    found = joint("vjp:a", ("a",), ALL, *_trials(lambda x: np.eye(3)[np.argmax(x)]), MOVED)
    assert found is not None
    assert [1, 1, 1] == found.groups.tolist()
    assert (np.abs(found.towards).max(axis=1) == 1).all()
    assert ((found.towards * found.rows).sum(axis=1) == found.towards.max(axis=1)).all()


def test_the_directions_of_a_concave_function_are_turned_round() -> None:
    """A gradient of the minimum goes farthest along the opposite of the direction."""
    found = joint("vjp:a", ("a",), ALL, *_trials(lambda x: np.eye(3)[np.argmin(x)]), MOVED)
    assert found is not None
    assert ((found.towards * found.rows).sum(axis=1) == found.towards.max(axis=1)).all()


def test_what_is_neither_has_no_directions() -> None:
    """The middle of three is neither convex nor concave: nothing is known of directions."""
    found = joint("vjp:a", ("a",), ALL, *_trials(lambda x: np.eye(3)[np.argsort(x)[1]]), MOVED)
    assert found is not None
    assert not found.towards.any()


def test_other_quantities_have_no_directions() -> None:
    """Directions belong to the gradient of what was moved alone, not to gradients along one of two arguments."""
    found, alone = _trials(lambda x: np.eye(3)[np.argmax(x)])
    found, alone = (
        [Trial({**trial.direction, "b": np.ones(3)}, trial.limits) for trial in part] for part in (found, alone)
    )
    joined = joint("vjp:a", ("a", "b"), ALL, found, alone, MOVED)
    assert joined is not None
    assert not joined.towards.any()


def test_independent_ties_are_no_group() -> None:
    """Of three relus each changes with its own element alone."""
    assert joint("vjp:a", ("a",), ALL, *_trials(lambda x: (x > 0).astype(float)), MOVED) is None


def test_two_of_three_are_a_group() -> None:
    """max(a, b) + relu(c) has the group of a and b; c is alone."""
    found = joint(
        "vjp:a", ("a",), ALL, *_trials(lambda x: np.array([x[0] > x[1], x[0] <= x[1], x[2] > 0], dtype=float)), MOVED
    )
    assert found is not None
    assert [1, 1, 0] == found.groups.tolist()


@pytest.mark.parametrize("bad", [math.inf, -math.inf])
def test_infinite_limits_are_of_no_group(bad: float) -> None:
    """A limit that is infinite is no corner of a hull."""
    gradient = lambda x: np.where(np.arange(3) == np.argmax(x), bad, 0.0)  # noqa: E731 - said once
    assert joint("vjp:a", ("a",), ALL, *_trials(gradient), MOVED) is None


def test_a_few_limits_say_nothing_of_a_plane() -> None:
    """Of limits that all differ there must be twice as many as make up a plane."""
    turned = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    found, alone = _trials(lambda x: turned @ x, count=0)
    assert joint("vjp:a", ("a",), ALL, found, alone[:1] + alone[1:3], MOVED[:2]) is None


def test_a_direction_that_tells_nothing_leaves_nothing_joint() -> None:
    """Where a quantity is missing in one direction, it is not known what depends on what."""
    found, alone = _trials(lambda x: np.eye(3)[np.argmax(x)])
    assert joint("vjp:a", ("a",), ALL, [Trial(found[0].direction, {}), *found[1:]], alone, MOVED) is None
    assert joint("vjp:a", ("a",), ~ALL, found, alone, MOVED) is None
