"""Arb's values, Taylor coefficients and the rows' customary derivatives, held against mpmath."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.operations.operation import Elementwise
from harness.operations.special.families import FAMILIES
from harness.operations.table import OPERATIONS
from harness.reference import arithmetic
from harness.reference.arithmetic import Dual
from harness.reference.balls import Balls
from harness.reference.tape import Tape

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.operations.operation import Operation

__all__: list[str] = []

MEMBERS: dict[str, tuple[float, ...]] = {
    "special.gammainc": (2.5,),
    "special.gammaincc": (2.5,),
    "special.betainc": (2.5, 1.5),
    "special.zeta": (3.0,),
    "special.polygamma": (2,),
    "special.expn": (2,),
    "special.hyp1f1": (1.5, 2.5),
    "special.hyp2f1": (0.5, 1.5, 2.75),
}
"""Family to the parameters of the member that stands for it: a new family needs some."""

ROWS = {name: row for name, row in OPERATIONS.items() if isinstance(row.meaning, Elementwise)} | {
    name: replace(FAMILIES[name](*parameters), domain=OPERATIONS[name].domain) for name, parameters in MEMBERS.items()
}
FORMULAS = {
    name: row.meaning.derivative
    for name, row in ROWS.items()
    if isinstance(row.meaning, Elementwise) and row.meaning.derivative is not None
}
"""Row to its customary derivative."""


def _logistic(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def _log_ndtr(x: Any) -> Any:
    upper = mpmath.erfc(x / mpmath.sqrt(2)) / 2
    return mpmath.log1p(-upper) if x > 0 else mpmath.log(mpmath.erfc(-x / mpmath.sqrt(2)) / 2)


def _erfcinv(x: Any) -> Any:
    # mpmath has only erfinv, and 1 - x must not be 1.
    with mpmath.workprec(mpmath.mp.prec + 1200):
        return mpmath.erfinv(1 - x)


def _second_kind(order: int, sign: int, x: Any) -> Any:
    """K (sign 1) or Y (sign -1) of order 0 or 1, where mpmath takes a slow limit: https://dlmf.nist.gov/10.31, 10.8."""
    if x > 300:
        return mpmath.besselk(order, x) if sign > 0 else mpmath.bessely(order, x)
    with mpmath.workprec(mpmath.mp.prec + 900):
        square, power = sign * x * x / 4, (x / 2) ** order
        term, digammas, first, other = 1 / mpmath.factorial(order), -2 * mpmath.euler + order, 0, 0
        tiny = mpmath.mpf(2) ** (-mpmath.mp.prec - 10)
        k = 0
        while k * k < abs(square) or abs(term * digammas) > tiny * max(abs(first), abs(other)):
            first, other = first + term, other + term * digammas
            k += 1
            term = term * square / (k * (k + order))
            digammas += mpmath.mpf(1) / k + mpmath.mpf(1) / (k + order)
        logarithm, poles = mpmath.log(x / 2) * first * power, order / power
        if sign > 0:
            return poles / 2 + (-1) ** order * (other * power / 2 - logarithm)
        return (2 * logarithm - poles - other * power) / mpmath.pi


OPINIONS: dict[str, Callable[[Any], Any]] = {
    "sqrt": mpmath.sqrt,
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log1p": mpmath.log1p,
    "log2": lambda x: mpmath.log(x, 2),
    "log10": mpmath.log10,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "special.erf": mpmath.erf,
    "special.erfc": mpmath.erfc,
    "special.expit": _logistic,
    "special.lgamma": mpmath.loggamma,
    "special.digamma": mpmath.digamma,
    "nn.sigmoid": _logistic,
    "nn.softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "special.exp2": lambda x: mpmath.mpf(2) ** x,
    "special.log_expit": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "special.ndtr": lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "special.log_ndtr": _log_ndtr,
    "special.ndtri": lambda p: -mpmath.sqrt(2) * _erfcinv(2 * p),
    "special.erfinv": mpmath.erfinv,
    "special.erfcinv": _erfcinv,
    "special.erfcx": lambda x: mpmath.exp(x * x) * mpmath.erfc(x),
    "special.dawsn": lambda x: mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(-x * x) * mpmath.erfi(x),
    "special.expi": mpmath.ei,
    "special.exp1": mpmath.e1,
    "special.fresnel_sin": mpmath.fresnels,
    "special.fresnel_cos": mpmath.fresnelc,
    "special.spence": lambda x: mpmath.re(mpmath.polylog(2, 1 - x)),
    "special.sine_integral": mpmath.si,
    "special.cosine_integral": mpmath.ci,
    "special.gamma": mpmath.gamma,
    "special.i0": lambda x: mpmath.besseli(0, x),
    "special.i0e": lambda x: mpmath.exp(-x) * mpmath.besseli(0, x),
    "special.i1": lambda x: mpmath.besseli(1, x),
    "special.i1e": lambda x: mpmath.exp(-x) * mpmath.besseli(1, x),
    "special.j0": lambda x: mpmath.besselj(0, x),
    "special.j1": lambda x: mpmath.besselj(1, x),
    "special.y0": lambda x: _second_kind(0, -1, x),
    "special.y1": lambda x: _second_kind(1, -1, x),
    "special.k0": lambda x: _second_kind(0, 1, x),
    "special.k0e": lambda x: mpmath.exp(x) * _second_kind(0, 1, x),
    "special.k1": lambda x: _second_kind(1, 1, x),
    "special.k1e": lambda x: mpmath.exp(x) * _second_kind(1, 1, x),
    "special.airy_ai": mpmath.airyai,
    "special.spherical_bessel_j0": mpmath.sinc,
    "special.sinc": mpmath.sincpi,
    "special.gammainc": lambda x: mpmath.gammainc(2.5, 0, x, regularized=True),
    "special.gammaincc": lambda x: mpmath.gammainc(2.5, x, regularized=True),
    "special.betainc": lambda x: mpmath.betainc(2.5, 1.5, 0, x, regularized=True),
    "special.zeta": lambda q: mpmath.zeta(3, q),
    "special.polygamma": lambda x: mpmath.polygamma(2, x),
    "special.expn": lambda x: mpmath.expint(2, x),
    "special.hyp1f1": lambda x: mpmath.hyp1f1(1.5, 2.5, x),
    "special.hyp2f1": lambda x: mpmath.hyp2f1(0.5, 1.5, 2.75, x),
}
"""Row to what mpmath calls it, where that is not the row's own name: a new elementwise row needs one or the other."""

ROUNDED_CONSTANT = {"log2", "log10", "special.erf", "special.erfc"}
"""Rows whose customary derivative holds a constant that Python rounds to a double: it is within 2⁻⁵³ of itself."""

HARD = (
    # Near 0, near 1 and 2, where logarithms and lgamma vanish, and near the zero of digamma.
    *(sign * size for size in (1e-30, 2.0**-53, 1e-8, 1e-3, 0.5, 40.0, 709.0, 1e4) for sign in (1, -1)),
    *(near * (1 + sign * 2.0**-k) for near in (1.0, -1.0, 2.0) for sign in (1, -1) for k in (5, 20, 50)),
    1.4616321449683622,
    # Close to multiples of π/2, where sin, cos or tan vanish or blow up.
    math.pi / 2,
    math.pi,
    22.0,
    355.0,
    1e6,
)
PRECISIONS = (160, 320)
"""Bits that a ball is asked with, the second only if the first is wide. The referee doubles as well: around 50, Arb's
series of K, whose terms of size eˣ cancel to e⁻ˣ, is wide at 160 bits, and from 64 on it takes the asymptotic one."""

FAR = (3e38, -3e38, 1e300, -1e300)
"""Numbers whose exponential is beyond all reach, at which these functions have values and slopes nevertheless."""
BOUNDED = {"tanh": 1.0, "special.expit": 1.0, "nn.sigmoid": 1.0, "special.erf": 1.0, "atan": math.pi / 2}
HIGHEST = 1e6


def opinion(name: str) -> Callable[[Any], Any]:
    """Give mpmath's function for a row."""
    found: Callable[[Any], Any] | None = OPINIONS.get(name) or getattr(mpmath, name.rpartition(".")[2], None)
    assert found is not None, f"{name} has no second opinion: add what mpmath calls it to OPINIONS in this file"
    return found


def inside(row: Operation, x: float) -> bool:
    """Whether a number lies inside a row's domain, its ends left out."""
    low, high = row.domain
    return low < x < high


def as_ball(number: Any, radius: Any = 0) -> Any:
    """Make an exact ball of an mpmath number, with a radius."""
    man, exp = int(number.man), int(number.exp)
    if number < 0:
        man = -abs(man)
    middle = arb((man, exp))
    return middle if radius == 0 else middle + arb(0, as_ball(abs(radius)).upper())


def ball_of(row: Operation, x: float, precision: int) -> Any:
    balls = Balls("float64", precision)
    return balls.function(row, balls.lift(np.asarray(x), "float64"), "float64")[0]


def check_value(name: str, x: float) -> None:
    row = ROWS[name]
    with mpmath.workprec(700):
        expected = mpmath.mpf(opinion(name)(mpmath.mpf(x)))
        ctx.prec = 800
        theirs = as_ball(expected, expected * mpmath.mpf(2) ** -600)
    balls = [ball_of(row, x, precision) for precision in PRECISIONS]
    for ball in balls:
        assert ball.overlaps(theirs), f"{name}({x!r}) is {ball} on balls and {expected} to mpmath"
    # Containment says little of a wide ball, so one must be narrow: 60 bits of the 160, for the worst cancellation.
    assert any(ball.is_finite() and ball.rad() <= abs(ball.mid()) * arb(2) ** -60 + arb(2) ** -150 for ball in balls)


@pytest.mark.parametrize("name", ROWS)
def test_every_elementwise_row_has_a_second_opinion(name: str) -> None:
    """Every elementwise row has a function of mpmath that it is held against."""
    assert callable(opinion(name))


def test_a_second_opinion_is_mpmaths_function_of_the_rows_name() -> None:
    """Where nothing else is said of a row; one that mpmath does not know by that name is refused."""
    assert mpmath.cbrt is opinion("special.cbrt")
    with pytest.raises(AssertionError, match=r"special\.nothing has no second opinion: add what mpmath calls it"):
        opinion("special.nothing")


@pytest.mark.parametrize("name", ROWS)
def test_hard_points_contain_mpmaths_value(name: str) -> None:
    """At hard points, Arb's ball contains what mpmath finds with four times the bits."""
    points = [x for x in HARD if inside(ROWS[name], x)]
    assert points
    for x in points:
        check_value(name, x)


@pytest.mark.parametrize("name", ROWS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_random_points_contain_mpmaths_value(name: str, data: st.DataObject) -> None:
    """At random points of the domain, Arb's ball contains what mpmath finds with four times the bits."""
    low, high = (min(max(end, -HIGHEST), HIGHEST) for end in ROWS[name].domain)
    open_below, open_above = (math.isfinite(end) for end in ROWS[name].domain)
    check_value(name, data.draw(st.floats(low, high, exclude_min=open_below, exclude_max=open_above)))


@pytest.mark.parametrize("x", FAR)
@pytest.mark.parametrize("name", BOUNDED)
def test_bounded_functions_are_known_far_out(name: str, x: float) -> None:
    """At the largest numbers of float32 and beyond, a bounded function has its limit and no slope."""
    ball, row = ball_of(ROWS[name], x, 128), ROWS[name]
    limit = BOUNDED[name] if x > 0 else 0.0 if name in {"special.expit", "nn.sigmoid"} else -BOUNDED[name]
    assert ball.overlaps(arb(limit, 2.0**-52))
    balls = Balls("float64", 128)
    for slope in balls.taylor(row, balls.lift(np.asarray(x), "float64"), 2, "float64"):
        assert slope[0].overlaps(arb(0, 2.0**-200))
        assert slope[0].rad() <= 2.0**-200


@pytest.mark.parametrize(("name", "x", "expected"), [("nn.softplus", 3e38, 3e38), ("nn.softplus", -3e38, 0.0)])
def test_softplus_is_known_far_out(name: str, x: float, expected: float) -> None:
    """ln(1 + eˣ) is x for large x and 0 for small ones, with slopes 1 and 0."""
    balls = Balls("float64", 128)
    (slope,) = balls.taylor(ROWS[name], balls.lift(np.asarray(x), "float64"), 1, "float64")
    assert expected == float(ball_of(ROWS[name], x, 128))
    assert float(x > 0) == float(slope[0])


def derivatives(name: str, x: float, order: int) -> tuple[Any, Any]:
    """Give mpmath's derivative, and how far it moves when the precision is raised: a bound of its error."""
    found = []
    for precision in (250, 500):
        with mpmath.workprec(precision):
            found.append(mpmath.diff(opinion(name), mpmath.mpf(x), order))
    with mpmath.workprec(900):
        return mpmath.mpf(found[1]), abs(mpmath.mpf(found[1]) - mpmath.mpf(found[0]))


MODERATE = (-9.0, -0.7, -1e-3, 1e-3, 0.3, 0.99, 1.5, 9.0)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("name", ROWS)
def test_taylor_coefficients_agree_with_mpmaths_derivatives(name: str, order: int) -> None:
    """The derivatives from one series evaluation are those that mpmath finds by differences at 500 bits."""
    row = ROWS[name]
    points = [x for x in MODERATE if inside(row, x)]
    assert points
    for x in points:
        balls = Balls("float64", 200)
        ball = balls.taylor(row, balls.lift(np.asarray(x), "float64"), order, "float64")[order - 1][0]
        expected, error = derivatives(name, x, order)
        ctx.prec = 900
        assert ball.is_finite()
        assert ball.overlaps(as_ball(expected, error)), f"derivative {order} of {name} at {x!r}: {ball}, {expected}"
        assert ball.rad() <= abs(ball.mid()) * arb(2) ** -60 + arb(2) ** -100


@pytest.mark.parametrize("name", FORMULAS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_customary_derivatives_are_derivatives(name: str, data: st.DataObject) -> None:
    """The formula that frameworks use, evaluated on balls, encloses the same number as the Taylor coefficient."""
    row = ROWS[name]
    low, high = (min(max(end, -40.0), 40.0) for end in row.domain)
    x = data.draw(st.floats(low, high, exclude_min=True, exclude_max=True))
    balls = Balls("float64", 256)
    here = Dual(balls, balls.lift(np.asarray(x), "float64"), None, "float64")
    truth = here.derivative(row, here.apply(row)).value[0]
    formula = here._other(FORMULAS[name](arithmetic._FUNCTIONS, here, here.apply(row))).value[0]
    if name in ROUNDED_CONSTANT:
        formula = formula * (1 + arb(0, 2.0**-52))
    assert formula.overlaps(truth), f"the derivative of {name} at {x!r}: {formula} by the formula, {truth} in truth"


def test_rows_without_a_formula_are_few() -> None:
    """Only Airy's function has no customary derivative, so the budget can follow every other row."""
    assert ["special.airy_ai"] == sorted(ROWS.keys() - FORMULAS.keys())


@settings(max_examples=60, deadline=None)
@given(
    x=st.floats(1e-3, 1e3),
    exponent=st.sampled_from([-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0, 2.25, 1 / 3]),
    order=st.sampled_from([0, 1, 2]),
)
def test_powers_agree_with_mpmath(x: float, exponent: float, order: int) -> None:
    """x to a constant power, its derivative and its second derivative are what mpmath says in closed form."""
    tape = Tape(Balls("float64", 200))
    variable = tape.variable(tape.arithmetic.lift(np.asarray(x), "float64"), tape.arithmetic.lift(np.ones(()), ""))
    result = tape.xp.pow(variable, exponent)
    (gradient,) = tape.gradients([result], [tape.arithmetic.lift(np.ones(()), "")], [variable])
    found = (result.dual.value, gradient.value, gradient.tangent)[order]
    with mpmath.workprec(600):
        factor = mpmath.mpf(1)
        for place in range(order):
            factor *= mpmath.mpf(exponent) - place
        expected = factor * mpmath.mpf(x) ** (mpmath.mpf(exponent) - order)
        ctx.prec = 700
        theirs = as_ball(expected, expected * mpmath.mpf(2) ** -500)
    assert found is not None
    assert found[0].overlaps(theirs)


def test_powers_of_zero_have_the_derivatives_they_have() -> None:
    """At 0, x^2.5 and x^3 have derivative 0, x^1 has 1, and x^0.5 has none that is finite."""
    found = []
    for exponent in (2.5, 3.0, 1.0, 0.5):
        tape = Tape(Balls("float64", 128))
        zero = tape.variable(tape.arithmetic.lift(np.zeros(()), "float64"))
        (gradient,) = tape.gradients([tape.xp.pow(zero, exponent)], [tape.arithmetic.lift(np.ones(()), "")], [zero])
        found.append(gradient.value[0])
    assert [0, 0, 1] == [float(ball) for ball in found[:3]]
    assert not found[3].is_finite()


@settings(max_examples=60, deadline=None)
@given(a=st.floats(-1e3, 1e3), b=st.floats(-1e3, 1e3))
def test_atan2_agrees_with_mpmath(a: float, b: float) -> None:
    """atan2 and its gradient (b, -a) / (a² + b²) enclose mpmath's, in all four quadrants and on the axes."""
    # Below this the squares of the formula are smaller than Python's smallest number.
    a, b = (0.0 if abs(number) < 1e-100 else number for number in (a, b))
    if a == b == 0:
        b = 1.0
    tape = Tape(Balls("float64", 200))
    left, right = (tape.variable(tape.arithmetic.lift(np.asarray(number), "float64")) for number in (a, b))
    angle = tape.xp.atan2(left, right)
    by_a, by_b = tape.gradients([angle], [tape.arithmetic.lift(np.ones(()), "")], [left, right])
    with mpmath.workprec(700):
        x, y = mpmath.mpf(a), mpmath.mpf(b)
        numbers = (mpmath.atan2(x, y), y / (x * x + y * y), -x / (x * x + y * y))
        ctx.prec = 800
        theirs = [as_ball(number, number * mpmath.mpf(2) ** -600) for number in numbers]
    for ball, expected in zip((angle.dual.value[0], by_a.value[0], by_b.value[0]), theirs, strict=True):
        assert ball.overlaps(expected)
        assert ball.is_finite()
