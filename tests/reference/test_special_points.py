"""Truth at special points: reflections, ends, poles, divided series, and quotients of any size."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from flint import arb, ctx

from harness.collect.directions import cotangent, tangent
from harness.reference.budgeting import budget
from harness.reference.evaluate import Computation
from harness.reference.poles import settle_poles
from harness.reference.proving import Proof, prove
from harness.reference.stochastic import CarefulNoisy, Noisy, through_arb

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.balls import Balls

__all__: list[str] = []

SEED = 5
INF = math.inf


def computation(function: Callable[..., Any], *values: Any, dtype: str = "float64", order: int = 0) -> Computation:
    """Make a computation of `function(xp, a, b, …)` with derivatives up to an order."""
    arrays = {name: np.asarray(value, dtype=dtype) for name, value in zip("abc", values, strict=False)}
    kinds = ("value", "vjp", "jvp", "hvp", "jacobian")[: (1, 2, 5)[order]]
    return Computation(function, arrays, dtype, tuple(arrays) if order else (), SEED, kinds)


def truth(proof: Proof, quantity: str = "value") -> Any:
    """Return the midpoints, rounded to float64."""
    return proof.enclosures[quantity].high.tolist()


def special(name: str) -> Callable[..., Any]:
    return lambda xp, *arguments: getattr(xp.special, name)(*arguments)


def test_scaled_bessel_functions_left_of_zero() -> None:
    """e^{-|x|} I₀ is even and e^{-|x|} I₁ odd; the budget there is as small as on the other side."""
    for name, sign in (("i0e", 1.0), ("i1e", -1.0)):
        asked = computation(special(name), [-3.0, 3.0], order=1)
        proof = prove(asked)
        left, right = truth(proof)
        assert ([], sign * right) == (proof.problems, left)
        sigmas, notes = budget(asked, proof)
        assert [] == notes
        assert (sigmas["value"] < 2e-16).all()
        assert (sigmas["vjp:a"] < 4e-16).all()
    assert 0.24300035416182537 == pytest.approx(truth(prove(computation(special("i0e"), -3.0))), rel=1e-16)


def test_derivatives_of_scaled_bessel_functions_left_of_zero() -> None:
    """The slope of e^{-|x|} I₀ left of 0 is I₁ e^{-|x|} + I₀ e^{-|x|}; at 0 there is a corner from -1 to 1."""
    weight = float(cotangent(SEED, 0, ()))
    left = truth(prove(computation(special("i0e"), -3.0, order=1)), "vjp:a") / weight
    assert truth(prove(computation(lambda xp, x: xp.special.i0e(x) + xp.special.i1e(x), -3.0))) == pytest.approx(left)
    corner = prove(computation(special("i0e"), 0.0, order=1)).kinks["vjp:a"].inner
    assert [-1.0, 1.0] == sorted(float(end) / weight for end in corner)
    assert 0.5 * weight == truth(prove(computation(special("i1e"), 0.0, order=1)), "vjp:a")


@pytest.mark.parametrize("x", [30.0, 100.0, 1e4])
def test_precision_doubles_until_a_budgets_number_is_small(x: float) -> None:
    """Of eˣ K₀(x) at 30, 64 bits know nothing but a radius of 10⁸: its σ is that of a few roundings all the same."""
    asked = computation(special("k0e"), x, order=2)
    proof = prove(asked)
    sigmas, _ = budget(asked, proof)
    for quantity in ("value", "vjp:a", "jvp", "hvp:a"):
        # eˣ K₀ and eˣ K₁ cancel in the derivatives, to about 1/x each time.
        assert sigmas[quantity] < 1e-13
    assert sigmas["value"] <= 1e-15 * truth(proof)


def test_arb_is_asked_again_where_a_radius_is_large() -> None:
    """What is asked at 64 bits and stays wide is asked again, at as many as are needed; NaN and ∞ are not."""
    asked: list[int] = []

    def cancel(balls: Balls, x: Any) -> Any:
        del balls
        asked.append(ctx.prec)
        return np.asarray([(ball + arb(2) ** 300) - arb(2) ** 300 + ball.sin() for ball in x], dtype=object)

    numbers = np.array([0.1, math.nan, math.inf])
    found = through_arb(cancel, numbers, "float64")
    assert 0.1 + math.sin(0.1) == found[0]
    assert [True, False] == np.isnan(found[1:]).tolist()
    assert [64, 128, 256, 512] == asked


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("exp1", INF),
        ("k0", INF),
        ("k1", INF),
        ("y0", -INF),
        ("y1", -INF),
        ("digamma", -INF),
        ("lgamma", INF),
        ("gamma", INF),
    ],
)
def test_functions_at_the_end_of_their_domain(name: str, expected: float) -> None:
    """Where the limit from inside is infinite, it is the truth, and every run of the budget gets there."""
    for dtype in ("float32", "float64"):
        asked = computation(special(name), 0.0, dtype=dtype)
        proof = prove(asked)
        sigmas, _ = budget(asked, proof)
        assert [expected, 0.0] == [truth(proof), float(sigmas["value"])]


@pytest.mark.parametrize(("name", "slope"), [("exp1", -INF), ("k0", -INF), ("y0", INF), ("digamma", INF)])
def test_slopes_at_the_end_of_a_domain(name: str, slope: float) -> None:
    """The slope at an infinite end is infinite, with its sign."""
    weight = float(cotangent(SEED, 0, ()))
    assert slope * weight == truth(prove(computation(special(name), 0.0, order=1)), "vjp:a")


def test_the_sign_of_zero_is_a_side() -> None:
    """ψ and Γ go to one infinity from above 0 and to the other from below, as C has it of tgamma."""
    assert [-INF, INF] == truth(prove(computation(special("digamma"), [0.0, -0.0])))
    assert [INF, -INF] == truth(prove(computation(special("gamma"), [0.0, -0.0])))


def test_a_pole_between_two_infinities_has_no_limit() -> None:
    """At -1, ψ and Γ go to both infinities: NaN is the convention, C's and SciPy's."""
    for name in ("digamma", "gamma"):
        proof = prove(computation(special(name), -1.0))
        assert math.isnan(truth(proof))
        assert ["1 elements of value have no real value; IEEE 754 says nan"] == proof.problems


def test_a_limit_is_taken_of_what_settles_or_grows() -> None:
    """Finite and infinite limits are found from one side or both; what swings, or differs, has none."""

    def limit(function: Callable[[Any], Any], x: float) -> float:
        several = np.frompyfunc(function, 1, 1)
        return float(settle_poles(several, np.array([x]), np.array([math.nan]))[0])

    assert 1.0 == limit(lambda x: x.sin() / x, 0.0)
    assert -INF == limit(lambda x: x.log(), 0.0)
    assert -INF == limit(lambda x: x.log(), -0.0)
    assert INF == limit(lambda x: 1 / (x - 2) ** 2, 2.0)
    assert math.isnan(limit(lambda x: 1 / (x - 2), 2.0))
    assert math.isnan(limit(lambda x: (1 / x).sin(), 0.0))
    assert 3.0 == settle_poles(lambda x: x, np.array([1.0]), np.array([3.0]))[0]


def test_spence_at_zero() -> None:
    """∫₁⁰ ln t / (1 - t) dt is π²/6, proved, and its σ finite; its slope is -∞."""
    asked = computation(special("spence"), 0.0, order=1)
    proof = prove(asked)
    sigmas, _ = budget(asked, proof)
    assert math.pi**2 / 6 == pytest.approx(truth(proof), rel=1e-15)
    assert sigmas["value"] < 2e-15
    assert -INF * float(cotangent(SEED, 0, ())) == truth(proof, "vjp:a")


def test_sinc_at_zero_to_second_order() -> None:
    """The second derivative of sin(πx) / (πx) at 0 is -π²/3; a series that is divided has not lost it."""
    proof = prove(computation(special("sinc"), 0.0, order=2))
    scale = float(cotangent(SEED, 0, ())) * float(tangent(SEED, "a", (), "float64"))
    assert -(math.pi**2) / 3 == pytest.approx(truth(proof, "hvp:a") / scale, rel=1e-15)
    assert [] == proof.problems
    spherical = prove(computation(special("spherical_bessel_j0"), 0.0, order=2))
    assert -1 / 3 == pytest.approx(truth(spherical, "hvp:a") / scale, rel=1e-15)


# Quotients.

DIVIDENDS = [1e20, -1e20, 1e300, -(2.0**60), 2.0**53 + 2, 7.0, -7.0, 1e22]
DIVISORS = [3.0, 3.0, 7.0, 3.0, -3.0, 3.0, 3.0, 0.1]


def test_remainders_of_quotients_of_any_size() -> None:
    """a mod b is what Python's integers and fractions say, also beyond quotients of 2⁵³: 10²⁰ mod 3 is 1."""
    from fractions import Fraction

    asked = computation(lambda xp, a, b: (xp.remainder(a, b), xp.floor_divide(a, b)), DIVIDENDS, DIVISORS)
    proof = prove(asked)
    pairs = [(Fraction(a), Fraction(b)) for a, b in zip(DIVIDENDS, DIVISORS, strict=True)]
    assert [] == proof.problems
    assert 1 == 10**20 % 3 == truth(proof, "value:0")[0]
    assert [float(a % b) for a, b in pairs] == truth(proof, "value:0")
    assert [float(a // b) for a, b in pairs] == truth(proof, "value:1")
    sigmas, _ = budget(asked, proof)
    assert (sigmas["value:0"] <= 2.0**-52 * np.abs(proof.enclosures["value:0"].high)).all()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (-1.0, INF, -1.0),
        (1.0, -INF, -1.0),
        (1.0, INF, 0.0),
        (-1.0, -INF, 0.0),
        (0.0, INF, 0.0),
        (0.0, -INF, 0.0),
        (1.0, 0.0, INF),
        (-1.0, 0.0, -INF),
        (0.0, 0.0, math.nan),
        (INF, INF, math.nan),
        (math.nan, INF, math.nan),
        (1.0, math.nan, math.nan),
    ],
)
def test_floor_divide_of_infinities_and_zeros(a: float, b: float, expected: float) -> None:
    """⌊a/b⌋ follows the Array API standard's table, and so does every run of its budget.

    https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.floor_divide.html
    """
    for dtype in ("float32", "float64"):
        asked = computation(lambda xp, a, b: xp.floor_divide(a, b), a, b, dtype=dtype)
        proof = prove(asked)
        assert str(expected) == str(truth(proof))
        assert 0.0 == budget(asked, proof)[0]["value"]


def test_the_quotient_of_what_overlaps_a_whole_number_is_undecided() -> None:
    """⌊exp(log 6) / 3⌋ cannot be told at any precision, and says so."""
    proof = prove(computation(lambda xp, a: xp.floor_divide(xp.exp(xp.log(a)), 3.0), 6.0))
    assert ["1 comparisons could not be decided at 4096 bits"] == proof.problems[-1:]


# -0 and branch cuts.


def test_negative_zero_is_below_the_cut_of_atan2() -> None:
    """atan2(-0, -1) is -π and atan2(0, -1) is π, also with derivatives, which are alike; the budget is a few roundings."""
    for dtype in ("float32", "float64"):
        asked = computation(lambda xp, a, b: xp.atan2(a, b), [-0.0, 0.0], [-1.0, -1.0], dtype=dtype, order=2)
        proof = prove(asked)
        assert [] == proof.problems
        assert [-math.pi, math.pi] == truth(proof)
        assert [float(-weight) for weight in cotangent(SEED, 0, (2,))] == truth(proof, "vjp:a")
        sigmas, _ = budget(asked, proof)
        assert (sigmas["value"] < 8 * 2.0 ** (-24 if dtype == "float32" else -53)).all()


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_negative_zero_is_below_the_cuts_of_root_and_logarithm(dtype: str) -> None:
    """√(-4 - 0i) is -2i and ln(-4 - 0i) is ln 4 - πi; above the cut the signs are the others."""
    below, above = complex(-4.0, -0.0), complex(-4.0, 0.0)
    expected = {"sqrt": [[0.0, -2.0], [0.0, 2.0]], "log": [[math.log(4.0), -math.pi], [math.log(4.0), math.pi]]}
    for word, parts in expected.items():
        function = lambda xp, z, word=word: getattr(xp, word)(z)  # noqa: E731  # one line says it
        asked = computation(function, [below, above], dtype=dtype, order=1)
        proof = prove(asked)
        assert [] == proof.problems
        assert np.array(parts) == pytest.approx(np.array(truth(proof)), rel=1e-15)
        sigmas, _ = budget(asked, proof)
        assert (sigmas["value"] < 1e-6).all()


def test_slopes_below_a_cut() -> None:
    """The slope of √z at -4 - 0i is that of the branch there: 1 / (2 · -2i), the negative of what it is above."""
    sides = []
    for z in (complex(-4.0, -0.0), complex(-4.0, 0.0)):
        proof = prove(computation(lambda xp, z: xp.sqrt(z), z, dtype="complex128", order=1))
        sides.append(truth(proof, "vjp:a"))
    assert [-part for part in sides[0]] == sides[1]
    assert any(sides[0])


def test_negative_zero_is_no_number_below_zero() -> None:
    """Where IEEE 754 says that -0 is 0, it is: a branch on x < 0 is not taken, and 1/x stays infinite."""
    proof = prove(computation(lambda xp, x: xp.where(x < 0, -1.0, 2.0), [-0.0], order=1))
    assert [2.0] == truth(proof)
    assert [-INF] == truth(prove(computation(lambda xp, x: 1 / x, [-0.0], order=1)))


def test_noise_keeps_the_sign_of_zero() -> None:
    """A zero that is not perturbed is the same zero afterwards, and so on the same side of a cut."""
    found = Noisy("float32", SEED).multiply(np.array([[-0.0], [0.0]]), np.array([[2.0], [2.0]]), "float32")
    assert np.signbit(found[0]).all()
    assert not np.signbit(found[1]).any()


# Infinite times 0.


def test_a_finite_slope_beside_an_infinite_one() -> None:
    """The Jacobian of (x/0, x/3) at 3 is (∞, ⅓), forward and backward; 0 times an infinity of the sweep is not the truth."""
    for dtype in ("float32", "float64"):
        asked = computation(lambda xp, x: xp.concat([x / 0, x / 2, x / 3]), [3.0], dtype=dtype, order=2)
        proof = prove(asked)
        assert [[INF], [0.5], [1 / 3]] == truth(proof, "jacobian:a")
        direction = float(tangent(SEED, "a", (1,), dtype)[0])
        assert [INF * direction, direction / 2] == truth(proof, "jvp")[:2]
        sigmas, _ = budget(asked, proof)
        unit = 2.0**-24 if dtype == "float32" else 2.0**-53
        assert 0.0 == sigmas["jacobian:a"][0, 0]
        assert 0.1 * unit < sigmas["jacobian:a"][2, 0] < unit


def test_a_sweep_through_an_infinity_is_infinite() -> None:
    """Where the output is infinite itself, nothing is demanded of its slope but what IEEE 754 says."""
    proof = prove(computation(lambda xp, x: xp.sum(xp.concat([x / 0, x / 2])), [3.0], order=1))
    assert INF == abs(truth(proof, "vjp:a")[0])


def test_careful_noise_lets_zero_be_zero() -> None:
    """0 times ∞ is 0 in the sweep backward, where the adjoint is 0, and NaN forward."""
    noisy = CarefulNoisy("float32", SEED)
    zero, infinity = np.zeros((1, 1)), np.full((1, 1), INF)
    with np.errstate(invalid="ignore"):
        assert np.isnan(noisy.multiply(zero, infinity, "float32")).all()
        noisy.sweeping = True
        assert not noisy.multiply(zero, infinity, "float32").any()
        assert not noisy.divide(zero, np.zeros((1, 1)), "float32").any()
        assert np.isnan(noisy.multiply(infinity, zero, "float32")).all()
