"""Kinks are sets: each corner has its own, the same corner met twice is one, and what is smooth has one derivative."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.collect.directions import cotangent, tangent
from harness.judge.agreement import judge
from harness.model import Array, Check, Judgement, Observation, Outcome, Reference, Truth, Verdict
from harness.reference.balls import Careful, Hull
from harness.reference.budgeting import budget
from harness.reference.evaluate import Computation
from harness.reference.kinks import Limits, is_derivative, limits, outer
from harness.reference.proving import Proof, prove
from harness.reference.tape import Tape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__: list[str] = []

SEED = 3
BASIC = ("value", "vjp")
INFINITY = math.inf


def proof(function: Callable[..., Any], *arrays: Any, kinds: Sequence[str] = BASIC) -> Proof:
    """Prove a function of a, b, … at float32 inputs."""
    named = {name: np.asarray(array, dtype=np.float32) for name, array in zip("abc", arrays, strict=False)}
    return prove(Computation(function, named, "float32", tuple(named), SEED, kinds))


def slopes(function: Callable[..., Any], *arrays: Any) -> list[tuple[float, float]]:
    """Give the set of derivatives along each element of a, divided by the cotangent of a scalar or elementwise result."""
    found = proof(function, *arrays)
    high = found.enclosures["vjp:a"].high
    low, top = found.kinks["vjp:a"].inner if "vjp:a" in found.kinks else (high, high)
    weight = np.broadcast_to(cotangent(SEED, 0, found.enclosures["value"].high.shape), high.shape)
    ends = np.sort(np.stack([low / weight, top / weight]), axis=0)
    return [(float(one), float(two)) for one, two in ends.T]


# Sets.


@pytest.mark.parametrize(
    ("function", "at", "expected"),
    [
        (lambda xp, a: xp.abs(a), [0.0, 2.0], [(-1.0, 1.0), (1.0, 1.0)]),
        (lambda xp, a: xp.nn.relu(a), [0.0, -2.0], [(0.0, 1.0), (0.0, 0.0)]),
        (lambda xp, a: xp.where(a > 0, a, 0.25 * a), [0.0], [(0.25, 1.0)]),
        (lambda xp, a: xp.clip(a, -1.0, 1.0), [-1.0, 0.0, 1.0], [(0.0, 1.0), (1.0, 1.0), (0.0, 1.0)]),
        (lambda xp, a: xp.sqrt(a * a), [0.0], [(-1.0, 1.0)]),
        (lambda xp, a: xp.nn.elu(a, alpha=0.5), [0.0], [(0.5, 1.0)]),
    ],
)
def test_a_corner_has_the_set_of_clarke(
    function: Callable[..., Any], at: list[float], expected: list[tuple[float, float]]
) -> None:
    """At a corner the derivative is a set, whatever the corner is made of: maximum, where or a root of a square."""
    assert expected == slopes(function, at)


def test_ties_of_a_maximum_share_among_them() -> None:
    """Each of three tied elements may have all of the derivative or nothing; the one below has nothing."""
    assert [(0.0, 1.0), (0.0, 0.0), (0.0, 1.0), (0.0, 1.0)] == slopes(lambda xp, a: xp.max(a), [3.0, 1.0, 3.0, 3.0])


@pytest.mark.parametrize("signs", [(1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)])
def test_independent_ties_are_selected_independently(signs: tuple[float, float]) -> None:
    """In a sum of two relus at 0 there are two ties: the JVP takes all four values, not only those of two alike."""
    first, second = signs
    found = proof(
        lambda xp, a: first * xp.nn.relu(a[0]) + second * xp.nn.relu(a[1]), [0.0, 0.0], kinds=("value", "vjp", "jvp")
    )
    low, top = found.kinks["jvp"].inner
    parts = tangent(SEED, "a", (2,)) * np.asarray(signs)
    assert (parts[parts < 0].sum(), parts[parts > 0].sum()) == (low, top)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_tip_of_a_norm_is_the_unit_ball(size: int) -> None:
    """The gradient of the norm at 0 reaches from -1 to 1 along each axis, where the chain rule says 0 · ∞."""
    for function in (lambda xp, a: xp.sqrt(xp.sum(a * a)), lambda xp, a: xp.linalg.vector_norm(a)):
        assert [(-1.0, 1.0)] * size == slopes(function, [0.0] * size)


def test_the_deviation_of_equals_is_a_norm() -> None:
    """Along one of n equal entries the deviation's derivative is at most √(n - 1)/n."""
    ends = slopes(lambda xp, a: xp.std(a), [2.0, 2.0, 2.0])
    assert all(abs(high - math.sqrt(2) / 3) < 1e-15 and low == -high for low, high in ends)


# One derivative, though the program has corners.


@pytest.mark.parametrize(
    "function",
    [
        lambda xp, a: xp.nn.relu(a) - xp.nn.relu(-a),
        lambda xp, a: xp.maximum(a, 0.0) + xp.minimum(a, 0.0),
        lambda xp, a: xp.where(a == 0, 0.0, a),
        lambda xp, a: xp.abs(a) * xp.sign(a),
    ],
)
def test_the_same_tie_met_twice_is_one(function: Callable[..., Any]) -> None:
    """What is x by two corners that cancel has the derivative 1 at 0, and no set."""
    found = proof(function, [0.0])
    assert {} == found.kinks
    assert float(cotangent(SEED, 0, (1,))[0]) == found.enclosures["vjp:a"].high[0]


@pytest.mark.parametrize(
    "function",
    [
        lambda xp, a: xp.exp(a - xp.max(a)) / xp.sum(xp.exp(a - xp.max(a))),
        lambda xp, a: xp.special.logsumexp(a),
        lambda xp, a: xp.nn.log_softmax(a),
    ],
)
def test_a_shift_by_a_tied_maximum_leaves_one_derivative(function: Callable[..., Any]) -> None:
    """Softmax and its kin are smooth at ties, and proved there."""
    found = proof(function, [1.0, 1.0, 0.5])
    assert {} == found.kinks
    assert [] == found.problems


def test_logaddexp_of_equals_is_smooth() -> None:
    """ln(eᵃ + eᵇ) has the derivatives 1/2 at a = b, though it is made of two corners."""
    found = proof(lambda xp, a, b: xp.logaddexp(a, b), [1.0], [1.0])
    half = float(cotangent(SEED, 0, (1,))[0]) / 2
    assert ({}, [half, half]) == (found.kinks, [float(found.enclosures[f"vjp:{name}"].high[0]) for name in "ab"])


@given(st.lists(st.sampled_from([0.0, 1.0, -1.0, 2.0]), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None)
def test_smooth_functions_have_no_set(at: list[float]) -> None:
    """A polynomial that is written with maxima has its own derivative at every point, ties or none."""
    found = proof(lambda xp, a: xp.maximum(a * a, 0.0) * a, at)
    assert {} == found.kinks
    weight = cotangent(SEED, 0, (len(at),))
    assert list(weight * 3 * np.asarray(at) ** 2) == list(found.enclosures["vjp:a"].high)


# What no set has.


def test_what_is_hidden_contributes_nothing() -> None:
    """The branch that where has not taken is no part of the gradient, whatever its derivative is."""
    assert [(0.0, 0.0), (0.25, 0.25)] == slopes(lambda xp, a: xp.where(a > 0, xp.sqrt(a), 0.0), [-1.0, 4.0])
    assert [(0.0, 0.0)] == slopes(lambda xp, a: xp.where(a == 0, 1.0, xp.sin(a) / a), [0.0])


@pytest.mark.parametrize("function", [lambda xp, a: xp.sqrt(a), lambda xp, a: xp.sqrt(xp.abs(a))])
def test_where_derivatives_grow_without_limit_there_is_none(function: Callable[..., Any]) -> None:
    """√x and √|x| have no set at 0, and IEEE 754 says what comes out."""
    found = proof(function, [0.0])
    assert {} == found.kinks
    assert not np.isfinite(found.enclosures["vjp:a"].high).any()
    assert any("no real value" in problem for problem in found.problems)


def test_a_function_that_is_not_lipschitz_has_no_joint_set() -> None:
    """0 ln b is 0 for all b > 0: the derivative along b is that of a function of b alone, not what a/b tends to."""
    found = proof(lambda xp, a, b: xp.special.xlogy(a, b), [0.0], [0.0])
    assert {} == found.kinks
    assert 0.0 == found.enclosures["vjp:b"].high[0]


def test_the_derivative_of_nothing_is_nothing() -> None:
    """Where the value itself is NaN no derivative is demanded, though one exists nearby."""
    found = proof(lambda xp, a: xp.sin(a) / a, [0.0, 1.0])
    assert math.isnan(found.enclosures["vjp:a"].high[0])
    assert math.isfinite(found.enclosures["vjp:a"].high[1])


@pytest.mark.parametrize(
    ("a", "b", "along_a", "along_b"),
    [(0.0, 1.0, 1.0, 0.0), (0.0, 2.0, 0.0, 0.0), (2.0, 0.0, 0.0, math.log(2)), (0.0, 0.0, 0.0, 0.0)],
)
def test_powers_of_zero(a: float, b: float, along_a: float, along_b: float) -> None:
    """aᵇ has the derivatives b aᵇ⁻¹ and aᵇ ln a, and 0 for the second at a = 0."""
    found = proof(lambda xp, a, b: xp.pow(a, b), [a], [b])
    weight = float(cotangent(SEED, 0, (1,))[0])
    for name, expected in (("a", along_a), ("b", along_b)):
        assert abs(found.enclosures[f"vjp:{name}"].high[0] - weight * expected) <= 1e-15


def test_powers_of_negative_numbers() -> None:
    """(-2)³ is -8 with the derivative 12 along the base, none along the exponent; (-2)^0.5 is NaN."""
    found = proof(lambda xp, a, b: xp.pow(a, b), [-2.0, -2.0], [3.0, 0.5])
    assert -8.0 == found.enclosures["value"].high[0]
    assert math.isnan(found.enclosures["value"].high[1])
    found = proof(lambda xp, a, b: xp.pow(a, b), [-2.0], [3.0])
    assert 12.0 * float(cotangent(SEED, 0, (1,))[0]) == found.enclosures["vjp:a"].high[0]
    assert math.isnan(found.enclosures["vjp:b"].high[0])


# The outer set.


def test_the_outer_set_forgets_that_ties_are_one() -> None:
    """Of x by two relus the outer set holds [0, 2], the inner one is the number 1."""
    arrays = {"a": np.zeros(1, dtype=np.float32)}
    computation = Computation(lambda xp, a: xp.nn.relu(a) - xp.nn.relu(-a), arrays, "float32", ("a",), SEED)
    low, high = outer(computation, 128)["vjp:a"]
    weight = float(cotangent(SEED, 0, (1,))[0])
    assert abs(min(low[0], high[0]) - min(0.0, 2 * weight)) < 1e-8
    assert abs(max(low[0], high[0]) - max(0.0, 2 * weight)) < 1e-8


@pytest.mark.parametrize(
    "function",
    [
        lambda xp, a: xp.abs(a),
        lambda xp, a: xp.max(a),
        lambda xp, a: xp.clip(a, 0.0, 1.0),
        lambda xp, a: xp.where(a > 0, a, 0.0),
    ],
)
def test_the_outer_set_holds_the_inner_one(function: Callable[..., Any]) -> None:
    """Inner is a part of outer, also where the corner is no tie of a maximum."""
    found = proof(function, [1.0, 1.0, 0.0])
    inner, reach = found.kinks["vjp:a"]
    assert (reach.low <= inner.low).all()
    assert (inner.high <= reach.high).all()


def test_weights_of_the_hull() -> None:
    """0 and 1 are exact, everything between them is [0, 1]."""
    found = Hull("float32", 64).scale(np.array([[0.0], [0.3], [1.0]]), np.array([[arb(2)], [arb(2)], [arb(2)]]))
    assert (0, 2) == (found[0, 0], found[2, 0])
    assert found[1, 0].contains(arb(0))
    assert found[1, 0].contains(arb(2))


# The parts.


def test_zero_times_nan_is_zero_in_the_sweep_alone() -> None:
    """An adjoint of 0 annihilates NaN and ∞; forward, 0 · NaN is NaN."""
    balls = Careful("float32", 64)
    nothing, nan = np.array([arb(0)]), np.array([arb("nan")])
    assert balls.multiply(nothing, nan, "float32")[0].is_nan()
    balls.sweeping = True
    assert 0 == balls.multiply(nothing, nan, "float32")[0]
    assert 0 == balls.divide(nothing, nothing, "float32")[0]
    assert balls.multiply(nan, nothing, "float32")[0].is_nan()


def test_the_tape_says_when_it_sweeps() -> None:
    """`sweeping` is true during the sweep backward, and only then."""
    seen = []

    class Watched(Careful):
        def multiply(self, a: Any, b: Any, dtype: str) -> Any:
            seen.append(self.sweeping)
            return super().multiply(a, b, dtype)

    tape = Tape(Watched("float32", 64))
    x = tape.variable(tape.arithmetic.lift(np.array([3.0]), "float32"))
    tape.gradients([x * x], [tape.arithmetic.lift(np.array([1.0]), "float32")], [x])
    assert [False, True, True] == seen
    assert not tape.arithmetic.sweeping


def test_a_nan_is_a_nan_to_every_function() -> None:
    """FLINT takes a NaN of radius 0 for a number in arcsin and arccos; ours have radius ∞."""
    for word in ("asin", "acos", "exp", "tanh"):
        found = proof(lambda xp, a, word=word: getattr(xp, word)(a), [math.nan, 0.5])
        assert math.isnan(found.enclosures["value"].high[0])
        assert math.isfinite(found.enclosures["value"].high[1])


def test_limits_say_where_they_are_known_and_differ() -> None:
    """A hull of one number is no kink, an infinite end is no number, and NaN is unknown."""
    found = Limits(np.array([1.0, 0.0, -INFINITY, math.nan]), np.array([1.0, 1.0, 2.0, math.nan]))
    assert [True, True, True, False] == list(found.known)
    assert [False, True, True, False] == list(found.spread)
    assert [1.0, 0.5, 2.0] == list(found.middle)[:3]
    assert [True, True, True, False] == list(found.near(np.array([1.0, 0.25, -1e300, 0.0])))
    assert [False, False] == list(found.near(np.array([1.5, 1.5, 1.5, 1.5])))[:2]


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("value", False), ("value:1", False), ("vmap", False), ("vjp:a", True), ("jvp", True), ("hvp:a", True)],
)
def test_only_derivatives_depend_on_points_nearby(quantity: str, expected: bool) -> None:
    """Values and batches of them are those of the point alone."""
    assert expected is is_derivative(quantity)


def test_infinite_inputs_stay_where_they_are() -> None:
    """An entry of -∞ counts for nothing in a softmax, and the others have their derivatives."""
    arrays = {"a": np.array([1.0, -INFINITY, 1.0])}
    found = limits(Computation(lambda xp, a: xp.nn.softmax(a), arrays, "float64", ("a",), SEED))["vjp:a"]
    assert 0.0 == found.low[1] == found.high[1]
    assert not found.spread.any()


# Budgets and verdicts.


def test_programs_that_choose_differently_need_no_budget() -> None:
    """At a kink the budget is that of the set: which of its numbers a program takes costs nothing."""
    arrays = {"a": np.zeros(2, dtype=np.float32)}

    def function(xp: Any, a: Any) -> Any:
        return xp.maximum(a * 3.0, a * 0.1)

    found = prove(Computation(function, arrays, "float32", ("a",), SEED))
    sigmas, _ = budget(Computation(function, arrays, "float32", ("a",), SEED), found)
    assert (sigmas["vjp:a"] < 1e-6).all()


def verdict(function: Callable[..., Any], at: Any, answer: Any) -> Judgement:
    """Judge an answer to vjp:a, made by hand."""
    arrays = {"a": np.asarray(at, dtype=np.float32)}
    found = prove(Computation(function, arrays, "float32", ("a",), SEED))
    sigmas, _ = budget(Computation(function, arrays, "float32", ("a",), SEED), found)
    here = found.enclosures["vjp:a"]
    parts = {"high": here.high, "low": here.low, "radius": here.radius, "sigma": sigmas["vjp:a"]}
    if "vjp:a" in found.kinks:
        inner, reach = found.kinks["vjp:a"]
        parts |= {"inner_low": inner.low, "inner_high": inner.high, "outer_low": reach.low, "outer_high": reach.high}
    joint = found.quantities["vjp:a"].joint
    if joint is not None:
        parts |= {"limits": joint.rows, "groups": joint.groups, "towards": joint.towards}
    truth = Truth(**{name: Array.of(np.asarray(part)) for name, part in parts.items()})
    reference = Reference(id="r", case="c", sample="s", dtype="float32", kind="proved", quantities={"vjp:a": truth})
    value = Array.of(np.asarray(answer, dtype=np.float32))
    check = Check("c", "s", "fake", "eager", "float32", "cpu", "vjp:a")
    return judge(Observation(id="o", check=check, outcome=Outcome.COMPLETED, value=value), reference)


def test_verdicts_at_a_kink() -> None:
    """Inside the set is a convention, outside it and NaN disagree, each with its kind."""
    weight = float(cotangent(SEED, 0, (1,))[0])

    def function(xp: Any, a: Any) -> Any:
        return xp.abs(a)

    for inside in (0.0, weight, -weight, weight / 3):
        assert verdict(function, [0.0], [inside]).verdict is Verdict.CONVENTION
    for outside, kind in ((1.25 * weight, "budget"), (math.nan, "nan"), (INFINITY, "infinite")):
        found = verdict(function, [0.0], [outside])
        assert (Verdict.DISAGREES, kind) == (found.verdict, found.finding)


THIRD = 1 / 3
RISING = np.array([1.0, -2.0, 3.0], dtype=np.float32)


@pytest.mark.parametrize(
    ("function", "at", "right", "wrong"),
    [
        (
            lambda xp, a: xp.max(a),
            [2.0, 2.0, 1.0],
            [(1, 0, 0), (0, 1, 0), (0.5, 0.5, 0), (0.25, 0.75, 0)],
            [(1, 1, 0), (0, 0, 0), (0.5, 0.4999, 0), (1.5, -0.5, 0)],
        ),
        (
            lambda xp, a: xp.sum(xp.min(a, axis=1)),
            [[1.0, 1.0], [2.0, 2.0]],
            [((1, 0), (0, 1)), ((0.5, 0.5), (1, 0))],
            [((1, 1), (0, 0)), ((1, 0), (1, 1))],
        ),
        (
            lambda xp, a: xp.quantile(a, 0.5),
            [1.0, 2.0, 2.0, 2.0, 3.0],
            [(0, 0, 1, 0, 0), (0, THIRD, THIRD, THIRD, 0)],
            [(0, 1, 1, 0, 0), (0, 0, 0, 0, 0)],
        ),
        (
            lambda xp, a: xp.quantile(a, 0.5),
            [2.0, 2.0, 2.0, 2.0],
            [(0, 0.5, 0.5, 0), (0.25, 0.25, 0.25, 0.25)],
            [(1, 0, 0, 0), (0, 0, 0, 0), (0.5, 0.5, 0.5, 0.5)],
        ),
        (
            lambda xp, a: xp.sum(xp.sort(a) * RISING),
            [1.0, 1.0, 1.0],
            [(1, -2, 3), (3, -2, 1), (2 / 3, 2 / 3, 2 / 3)],
            [(1, 1, 1), (3, 3, -2)],
        ),
        (
            lambda xp, a: xp.sum(xp.sort(a, descending=True)[:2]),
            [1.0, 1.0, 1.0, 0.0],
            [(1, 1, 0, 0), (0, 1, 1, 0), (2 / 3, 2 / 3, 2 / 3, 0)],
            [(1, 1, 1, 0), (1, 0, 0, 0), (1, 1, -1, 0)],
        ),
        (
            lambda xp, a: xp.linalg.vector_norm(a),
            [0.0, 0.0, 0.0],
            [(0, 0, 0), (1, 0, 0), (0.6, 0.6, 0), (-0.5, 0.5, 0.5)],
            [(0, 0, -1.2), (0.85, 0.85, 0), (0.69, 0.69, 0.69)],
        ),
        (
            lambda xp, a: xp.max(xp.abs(a)),
            [0.0, 0.0],
            [(0, 0), (1, 0), (0, -1), (-0.5, 0.5)],
            [(0.7, 0.7), (-1, 1)],
        ),
        (lambda xp, a: xp.sum(xp.abs(a)), [0.0, 0.0], [(0, 0), (1, -1), (0.5, 1)], [(1, 1.01)]),
        (lambda xp, a: xp.sum(xp.nn.relu(a)), [0.0, 0.0], [(0, 0), (1, 0), (0.5, 1)], [(1, -0.01)]),
    ],
)
def test_a_gradient_is_one_subgradient(
    function: Callable[..., Any], at: Any, right: list[Any], wrong: list[Any]
) -> None:
    """Elements that depend on one tie are judged together, and those of several ties apart."""
    weight = float(cotangent(SEED, 0, ()))
    found = [verdict(function, at, weight * np.asarray(answer)).verdict for answer in right]
    assert [Verdict.CONVENTION] * len(right) == found
    found = [verdict(function, at, weight * np.asarray(answer)).verdict for answer in wrong]
    assert [Verdict.DISAGREES] * len(wrong) == found


def test_a_tied_maximum_of_softmax_leaves_one_gradient() -> None:
    """Where the gradient is unique there is no set, joint or not."""
    found = proof(lambda xp, a: xp.sum(xp.nn.softmax(a - xp.max(a)) ** 2), [1.0, 1.0, 0.5])
    assert ({}, None) == (found.kinks, found.quantities["vjp:a"].joint)


def test_a_median_of_two_equal_in_the_middle_is_their_even_split() -> None:
    """Of [1, 2, 2, 3] the two in the middle have a half each, whichever comes first."""
    weight = float(cotangent(SEED, 0, ()))

    def function(xp: Any, a: Any) -> Any:
        return xp.quantile(a, 0.5)

    assert verdict(function, [1.0, 2.0, 2.0, 3.0], [0, weight / 2, weight / 2, 0]).verdict is Verdict.AGREES
    assert verdict(function, [1.0, 2.0, 2.0, 3.0], [0, weight, 0, 0]).verdict is Verdict.DISAGREES


def test_rows_of_a_jacobian_are_of_one_subgradient_each() -> None:
    """In a Jacobian each row has its own tie: what one row takes binds no other, and its own elements."""
    arrays = {"a": np.ones((2, 2), dtype=np.float32)}
    asked = Computation(lambda xp, a: xp.max(a, axis=1), arrays, "float32", ("a",), SEED, ("value", "vjp", "jacobian"))
    joint = prove(asked).quantities["jacobian:a"].joint
    assert joint is not None
    first, second = joint.groups[0], joint.groups[1]
    assert (first[0] == first[0, 0]).all()
    assert first[0, 0] > 0
    assert 0 < second[1, 0] != first[0, 0]
    assert not first[1].any()
    assert not second[0].any()


def test_two_arguments_are_moved_one_by_one() -> None:
    """The gradient along a is that of a function of a alone: its ties with b are not ties among its elements."""
    found = proof(lambda xp, a, b: xp.sum(xp.maximum(a, b)), [1.0, 1.0], [1.0, 1.0])
    assert [None, None] == [found.quantities[f"vjp:{name}"].joint for name in "ab"]


def test_where_not_every_element_was_moved_alone_nothing_is_joint() -> None:
    """Of thirty tied elements some may depend on others that nobody looked at: each has its set alone."""
    found = proof(lambda xp, a: xp.max(a), [1.0] * 30)
    assert found.quantities["vjp:a"].joint is None
    assert found.kinks["vjp:a"].inner.high.shape == (30,)


def test_what_rounding_takes_out_of_its_set_is_not_joint() -> None:
    """The deviation of equals has gradients of the sum 0, but a mean that rounds leaves thirds: no sum is demanded."""
    arrays = {"a": np.full(3, 2.0, dtype=np.float32)}
    asked = Computation(lambda xp, a: xp.std(a), arrays, "float32", ("a",), SEED)
    found = prove(asked)
    assert found.quantities["vjp:a"].joint is not None
    budget(asked, found)
    assert found.quantities["vjp:a"].joint is None


def test_an_even_split_that_rounds_is_within_the_budget() -> None:
    """Half of a gradient lies between the limits but for rounding, each element's own: the budget is that of the set."""
    at = np.array([0.0, 0.0, 1.1], dtype=np.float32)

    def function(xp: Any, a: Any) -> Any:
        corner = xp.nn.relu(0.7 * a[0] - 1.3 * a[1])
        return xp.exp(corner * 1.7) * xp.sin(a[2]) / 3.0

    slope = float(cotangent(SEED, 0, ())) * np.sin(np.float64(at[2])) / 3.0 * 1.7
    other = slope / 1.7 / math.tan(np.float64(at[2]))
    half = np.array([0.35 * slope, -0.65 * slope, other])
    u = 2.0**-24
    assert verdict(function, at, half * (1 + np.array([2 * u, -2 * u, 0]))).verdict is Verdict.CONVENTION
    assert verdict(function, at, half * (1 + np.array([1e-5, -1e-5, 0]))).verdict is Verdict.DISAGREES
    assert verdict(function, at, half * (1 + np.array([0, 0, 1e-5]))).verdict is Verdict.DISAGREES


def test_between_inner_and_outer_is_unproved() -> None:
    """What lies beyond the limits found nearby, but not beyond the outer set, is a convention that says so."""
    weight = float(cotangent(SEED, 0, (1,))[0])

    def function(xp: Any, a: Any) -> Any:
        # The first two corners are one: together they are x. The outer set does not know that.
        return xp.nn.relu(a) - xp.nn.relu(-a) + xp.abs(a)

    inside = verdict(function, [0.0], [weight])
    between = verdict(function, [0.0], [-0.5 * weight])
    outside = verdict(function, [0.0], [-1.5 * weight])
    assert [Verdict.CONVENTION, Verdict.CONVENTION, Verdict.DISAGREES] == [
        inside.verdict,
        between.verdict,
        outside.verdict,
    ]
    assert "unproved" not in str(inside.reason)
    assert "unproved" in str(between.reason)


def test_where_nothing_is_known_outside_nothing_is_allowed() -> None:
    """The outer set of a norm at 0 is unknown, so that what lies outside the inner one disagrees."""
    weight = float(cotangent(SEED, 0, ()))

    def function(xp: Any, a: Any) -> Any:
        return xp.linalg.vector_norm(a)

    assert verdict(function, [0.0, 0.0], [0.0, 0.0]).verdict is Verdict.CONVENTION
    assert verdict(function, [0.0, 0.0], [0.0, 1.25 * weight]).verdict is Verdict.DISAGREES
    assert verdict(function, [0.0, 0.0], [math.nan, math.nan]).verdict is Verdict.DISAGREES
