"""Ways to approach a point: random ones and their opposites, rising ones, and single elements alone."""

from __future__ import annotations

import numpy as np

from harness.reference.approaches import SETTLED, Approaches

__all__: list[str] = []

SEED = 3


def test_each_direction_has_its_opposite() -> None:
    """Random directions come in pairs, and so do ramps, which rise."""
    ways = Approaches({"a": np.array([1.0, 2.0, 0.0])}, SEED)
    for one, other in zip(*[iter([*ways.random(range(3)), *ways.ramps()])] * 2, strict=True):
        assert (one["a"] == -other["a"]).all()
    rising = next(ways.ramps())["a"] / [1.0, 2.0, 1.0]
    assert (np.diff(rising) > 0).all()


def test_what_is_infinite_is_not_moved() -> None:
    """An infinity stays where it is; a zero is moved by the size of the smallest number beside it."""
    ways = Approaches({"a": np.array([np.inf, 0.0, 0.25, 4.0])}, SEED)
    (direction, *_) = ways.random(range(1))
    assert 0.0 == direction["a"][0]
    assert 0 < abs(direction["a"][1]) < 0.25


def test_elements_without_one_derivative_are_moved_first() -> None:
    """Twelve elements are moved alone, the unclear ones first, and up to twenty-four if as many are unclear."""
    ways = Approaches({"a": np.zeros(40)}, SEED)
    marks = np.zeros(40, dtype=bool)
    marks[[7, 30]] = True
    assert [("a", (7,)), ("a", (30,)), ("a", (0,))] == ways.places({"a": marks})[:3]
    assert 12 == len(ways.places({"a": marks}))
    assert 24 == len(ways.places({"a": ~marks}))


def test_one_element_is_moved_far_more_than_the_others() -> None:
    """After the direction beside which they are moved, each goes up and down; a complex one in both parts."""
    ways = Approaches({"a": np.array([1.0, 2.0]), "b": np.array([1j])}, SEED)
    base, *alone = ways.beside([("a", (1,)), ("b", (0,))])
    assert [2.0, -2.0] == [direction["a"][1] for direction in alone[:2]]
    assert [1, -1, 1j, -1j] == [direction["b"][0] for direction in alone[2:]]
    assert all(direction["a"][0] == base["a"][0] * SETTLED for direction in alone)
