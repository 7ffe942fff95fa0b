"""Balls enclose, compare only what can be told apart, and are written down without losing anything."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.operations.formats import FORMATS
from harness.operations.table import OPERATIONS
from harness.reference.arithmetic import UndecidedError
from harness.reference.balls import Balls, unit_roundoff
from harness.reference.enclosures import enclosure

__all__: list[str] = []

quick = settings(max_examples=60, deadline=None)

doubles = st.floats(allow_nan=False, allow_infinity=False)
radii = st.sampled_from([0.0, 1e-300, 1e-30, 2.0**-60, 1e-3, 1.0, 1e10]) | st.floats(0, 1e3)


def ball(middle: float, radius: float = 0.0) -> Any:
    return arb(middle, radius)


def component(*balls: Any) -> Any:
    """Stack balls to a vector's component."""
    found = np.empty((len(balls), 1), dtype=object)
    found[:, 0] = balls
    return found


def restored(high: float, low: float, radius: float) -> Any:
    """Give the ball that high + low ± radius says."""
    return arb(high) + arb(low) + arb(0, radius)


@quick
@given(middle=doubles, radius=radii, shift=st.integers(-90, 90))
def test_an_enclosure_contains_the_ball(middle: float, radius: float, shift: int) -> None:
    """high + low ± radius, exactly, contains the ball it was written down for: rounding goes outward."""
    ctx.prec = 4000
    inner = (arb(middle) + arb(1) / 3) * arb(2) ** shift + arb(0, radius)
    ctx.prec = 256
    found = enclosure(component(inner))
    high, low, rad = (float(part[0]) for part in (found.high, found.low, found.radius))
    if math.isinf(high):
        assert abs(inner) > sys.float_info.max or rad == math.inf
        return
    ctx.prec = 5000
    assert restored(high, low, rad).contains(inner)


@pytest.mark.parametrize("middle", [0.0, 1.0, -3.5, 5e-324, 1e308])
def test_an_exact_double_is_written_down_exactly(middle: float) -> None:
    """A double without a radius is high, and the rest is zero."""
    found = enclosure(component(ball(middle)))
    assert (middle, 0.0, 0.0) == (found.high[0], found.low[0], found.radius[0])


def test_a_radius_too_small_for_float64_is_not_lost() -> None:
    """A radius below the smallest double is rounded up to it: it never becomes a proof of an exact result."""
    ctx.prec = 128
    tiny = arb(1) + arb(0, arb(2) ** -2000)
    assert 0.0 < enclosure(component(tiny)).radius[0]
    assert enclosure(component(tiny)).narrow("float64")[0]


def test_what_is_no_number_is_not_narrow() -> None:
    """NaN and a ball of infinite radius are written as NaN with an infinite radius, and are narrow in no dtype."""
    found = enclosure(component(arb("nan"), arb(0, math.inf), arb(-1).log()))
    assert np.isnan(found.high).all()
    assert np.isinf(found.radius).all()
    assert not found.narrow("float32").any()


def test_what_is_beyond_float64_is_infinite_only_if_proven() -> None:
    """A ball wholly beyond the largest double is an infinity; one that reaches below it is not known."""
    ctx.prec = 128
    far, near = arb(10) ** 400, arb(10) ** 400 + arb(0, arb(10) ** 400)
    found = enclosure(component(far, -far, near))
    assert [math.inf, -math.inf] == found.high[:2].tolist()
    assert [0.0, 0.0, math.inf] == found.radius.tolist()
    assert [True, True, False] == found.narrow("float64").tolist()


@pytest.mark.parametrize("dtype", FORMATS)
def test_narrow_means_a_thousandth_of_an_ulp(dtype: str) -> None:
    """The limit is 2⁻¹⁰ ulp of the dtype: half of it is narrow, twice of it is wide."""
    ulp = 2.0 ** (1 - FORMATS[dtype].mantissa)
    assert enclosure(component(ball(1.0, ulp * 2.0**-11))).narrow(dtype)[0]
    assert not enclosure(component(ball(1.0, ulp * 2.0**-9))).narrow(dtype)[0]


@pytest.mark.parametrize("dtype", FORMATS)
def test_unit_roundoff_is_half_an_ulp_of_one(dtype: str) -> None:
    """u is half the distance from 1 to the next number."""
    assert unit_roundoff(dtype) == 2.0 ** -FORMATS[dtype].mantissa


@quick
@given(a=doubles, b=doubles)
def test_lifted_doubles_are_exact_and_ordered(a: float, b: float) -> None:
    """Lifting loses no bit, and exact balls compare as the doubles do."""
    balls = Balls("float64", 64)
    left, right = (balls.lift(np.array([number]), "float64") for number in (a, b))
    assert left[0, 0].rad() == 0
    assert a == float(left[0, 0])
    assert (a > b) - (a < b) == balls.order(left, right, strict=True)[0, 0]


def test_overlapping_balls_are_undecided() -> None:
    """Balls that overlap ask for a higher precision; at the highest they are taken for equal, and counted."""
    left, right = component(ball(1.0, 0.5)), component(ball(1.25, 0.5))
    with pytest.raises(UndecidedError):
        Balls("float64", 64).order(left, right, strict=True)
    last = Balls("float64", 64, last=True)
    assert 0 == last.order(left, right, strict=True)[0, 0]
    assert 1 == last.undecided


def test_a_ball_is_not_proven_to_equal_itself() -> None:
    """Two inexact balls alike in every bit may hold different numbers: equal is not proven, a tie is assumed."""
    same = component(ball(1.0, 0.5))
    assert 0 == Balls("float64", 64).order(same, same.copy(), strict=False)[0, 0]
    with pytest.raises(UndecidedError):
        Balls("float64", 64).order(same, same.copy(), strict=True)


def test_balls_apart_are_ordered() -> None:
    """Balls that do not overlap are less or greater, whatever their radii."""
    a, b = component(ball(1.0, 0.25), ball(4.0, 0.5)), component(ball(2.0, 0.25), ball(2.0, 1.0))
    assert [[-1], [1]] == Balls("float64", 64).order(a, b, strict=True).tolist()


def test_nan_is_unordered() -> None:
    """A NaN is neither less, equal nor greater, and is marked as no number."""
    balls = Balls("float64", 64)
    a = component(arb("nan"), ball(1.0), ball(0.0, math.inf))
    assert 2 == balls.order(a[:1], a[1:2], strict=True)[0, 0]
    assert [[True], [False], [False]] == balls.undefined(a).tolist()


@quick
@given(rows=st.lists(st.integers(-5, 5), min_size=1, max_size=6))
def test_the_largest_of_exact_balls_are_marked(rows: list[int]) -> None:
    """Every element that equals the largest is marked, and no other."""
    balls = Balls("float64", 64)
    marks = balls.largest(balls.lift(np.array(rows, dtype=float), "float64"), 0)
    assert [number == max(rows) for number in rows] == marks[:, 0].tolist()


def test_the_largest_of_overlapping_balls_is_undecided() -> None:
    """Candidates that overlap ask for more precision; at the highest all of them are marked."""
    row = component(ball(0.0), ball(1.0, 0.5), ball(1.2, 0.5), ball(0.9, 0.5))
    with pytest.raises(UndecidedError):
        Balls("float64", 64).largest(row, 0)
    assert [False, True, True, True] == Balls("float64", 64, last=True).largest(row, 0)[:, 0].tolist()


def test_the_largest_is_found_whatever_the_order() -> None:
    """A surely larger ball wins against a chain of overlapping ones, first or last."""
    chain = [ball(1.0, 0.4), ball(1.5, 0.4), ball(2.0, 0.4)]
    for balls in ([*chain, ball(9.0)], [ball(9.0), *chain]):
        marks = Balls("float64", 64).largest(component(*balls), 0)
        assert [float(one.mid()) == 9.0 for one in balls] == marks[:, 0].tolist()


def test_with_a_nan_nothing_is_the_largest_for_sure() -> None:
    """Among balls with a NaN all that may be the largest are marked, the NaN too."""
    marks = Balls("float64", 64, last=True).largest(component(ball(1.0), arb("nan")), 0)
    assert marks[1, 0]


def test_between_encloses_both() -> None:
    """What stands for both of two branches contains each."""
    found = Balls("float64", 64).between(component(ball(1.0)), component(ball(3.0, 0.5)))[0, 0]
    assert found.contains(arb(1))
    assert found.contains(arb(3.5))


@pytest.mark.parametrize(
    ("middle", "radius", "expected"),
    [(2.5, 0.0, 2), (-2.5, 0.0, -2), (0.25, 0.5, 0), (-0.75, 0.125, 0), (-1.0, 0.0, -1), (7.5, 0.25, 7)],
)
def test_integer_parts_of_balls(middle: float, radius: float, expected: int) -> None:
    """The fraction is dropped where every number in the ball has the same integer part."""
    assert expected == Balls("float64", 64).truncate(component(ball(middle, radius)))[0, 0]


@pytest.mark.parametrize("undecided", [ball(2.0, 0.125), ball(-1.0, 1e-9), arb("nan"), arb(0, math.inf)])
def test_integer_parts_that_cannot_be_known(undecided: Any) -> None:
    """A ball around an integer other than 0, and a NaN, have no integer part that is known."""
    with pytest.raises(UndecidedError):
        Balls("float64", 64).truncate(component(undecided))


@quick
@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4),
    word=st.sampled_from(["add", "subtract", "multiply", "divide"]),
)
def test_arithmetic_at_low_precision_contains_that_at_high(values: list[float], word: str) -> None:
    """What 64 bits enclose contains what 2000 bits say, so more bits only narrow."""
    a, b = np.array(values[:2]), np.array(values[2:]) + 2e6
    found = []
    for precision in (64, 2000):
        balls = Balls("float64", precision)
        found.append(getattr(balls, word)(balls.lift(a, ""), balls.lift(b, ""), "float64"))
    ctx.prec = 2000
    for coarse, fine in zip(found[0].flat, found[1].flat, strict=True):
        assert coarse.overlaps(fine)
        assert fine.rad() <= coarse.rad()


@pytest.mark.parametrize("name", ["exp", "sin", "special.erf", "nn.softplus", "tanh"])
@pytest.mark.parametrize("x", [-3.25, 0.0, 1.75])
def test_functions_of_a_ball_contain_those_of_its_points(name: str, x: float) -> None:
    """The image of a ball contains the values at its middle and at its ends, and so do the derivatives'."""
    balls = Balls("float64", 100)
    wide = component(ball(x, 0.125))
    points = component(*(ball(place) for place in (x - 0.125, x, x + 0.125)))
    row = OPERATIONS[name]
    images = [balls.function(row, wide, ""), *balls.taylor(row, wide, 2, "")]
    exact = [balls.function(row, points, ""), *balls.taylor(row, points, 2, "")]
    for image, values in zip(images, exact, strict=True):
        assert all(image[0, 0].overlaps(value) for value in values[:, 0])


@pytest.mark.parametrize("shapes", [((2, 0), (0, 3)), ((0, 2), (2, 3)), ((2, 3), (3, 0)), ((4, 0, 2), (2, 1))])
def test_matrices_without_elements_have_products(shapes: Any) -> None:
    """Products over nothing are exact zeros, and products with nothing are empty, as NumPy says."""
    balls = Balls("float64", 64)
    a, b = (np.ones(shape) for shape in shapes)
    expected = a @ b
    found = balls.matmul(balls.lift(a, ""), balls.lift(b, ""), "float64")
    assert (*expected.shape, 1) == found.shape
    assert all(entry == 0 for entry in found.reshape(-1))


def test_sums_over_nothing_are_zero() -> None:
    """A sum over an axis of length 0 is an exact zero."""
    balls = Balls("float64", 64)
    found = balls.total(balls.lift(np.ones((2, 0)), ""), (1,), "float64")
    assert (2, 1, 1) == found.shape
    assert all(entry == 0 for entry in found.reshape(-1))
