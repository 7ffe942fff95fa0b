"""A second opinion of every elementwise operation: the referee's enclosures beside mpmath's numbers, of 60 digits.

Of each operation the referee proves the value, the JVP, the VJP and the HVP at about 200 points of float64: hard ones (near
0, zeros, poles, saturation, the ends of the domain) and random ones. mpmath evaluates the function and its derivatives by
differences or in closed form, at two precisions, so that its own error is known. A number that lies outside of its enclosure is a finding;
where the referee gives no finite number, or mpmath none in time, there is nothing to compare, and it is counted.

Run with `python -m tests.audit.opinions [OPERATION ...]`.
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from harness.collect.directions import cotangent, tangent
from harness.operations.table import OPERATIONS
from harness.reference.evaluate import Computation
from harness.reference.proving import prove
from tests.reference.test_second_opinion import HARD, MEMBERS, OPINIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["OTHERS", "Tally", "audit", "main", "points"]

SEED = 20
DIGITS = 60
QUANTITIES = {"value": 0, "jvp": 1, "vjp:x": 1, "hvp:x": 2}
"""Quantity to the order of its derivative."""

_BITS = (220, 460)  # 60 digits and more; the second tells how good the first is
_MORE_BITS = (1800, 3000)  # where they lie outside: what is 1 - 10⁻³⁰⁰ is 1 to 60 digits
_HARDER = (1e-300, 1e-160, 1e-30, 1e-15, 2.0**-26, 1e-5, 0.1, 0.25, 0.75, 3.0, 5.5, 8.0, 12.5, 17.0, 19.1, 26.0, 37.5, 88.0, 150.0, 300.0, 700.0, 1e5, 1e8)  # fmt: skip


def _gelu_tanh(x: Any) -> Any:
    return x / 2 * (1 + mpmath.tanh(mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf(0.044715) * x**3)))


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


OTHERS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any], Any]]] = {
    "reciprocal": (lambda xp, x: xp.reciprocal(x), lambda x: 1 / x),
    "square": (lambda xp, x: xp.square(x), lambda x: x * x),
    "divide, by x": (lambda xp, x: 3.0 / x, lambda x: 3 / x),
    "pow, 2.5": (lambda xp, x: xp.pow(x, 2.5), lambda x: x ** mpmath.mpf(2.5)),
    "pow, -3": (lambda xp, x: xp.pow(x, -3.0), lambda x: x**-3),
    "pow, of 0.7": (lambda xp, x: xp.pow(xp.full_like(x, 0.7), x), lambda x: mpmath.mpf(0.7) ** x),
    "hypot, 0.75": (lambda xp, x: xp.hypot(x, xp.full_like(x, 0.75)), lambda x: mpmath.hypot(x, mpmath.mpf(0.75))),
    "atan2, 0.75": (lambda xp, x: xp.atan2(x, xp.full_like(x, 0.75)), lambda x: mpmath.atan2(x, mpmath.mpf(0.75))),
    "atan2, -0.75": (lambda xp, x: xp.atan2(xp.full_like(x, -0.75), x), lambda x: mpmath.atan2(-mpmath.mpf(0.75), x)),
    "logaddexp, 0.3": (
        lambda xp, x: xp.logaddexp(x, xp.full_like(x, 0.3)),
        lambda x: mpmath.mpf(0.3) + mpmath.log1p(mpmath.exp(x - mpmath.mpf(0.3))),
    ),
    "special.xlogy, 1.5": (lambda xp, x: xp.special.xlogy(xp.full_like(x, 1.5), x), lambda x: 1.5 * mpmath.log(x)),
    "special.xlog1py, 1.5": (
        lambda xp, x: xp.special.xlog1py(xp.full_like(x, 1.5), x),
        lambda x: 1.5 * mpmath.log1p(x),
    ),
    "special.logit": (lambda xp, x: xp.special.logit(x), lambda x: mpmath.log(x / (1 - x))),
    "special.entr": (lambda xp, x: xp.special.entr(x), lambda x: -x * mpmath.log(x)),
    "special.betaln, 2.5": (
        lambda xp, x: xp.special.betaln(x, xp.full_like(x, 2.5)),
        lambda x: mpmath.loggamma(x) + mpmath.loggamma(mpmath.mpf(2.5)) - mpmath.loggamma(x + mpmath.mpf(2.5)),
    ),
    "nn.silu": (lambda xp, x: xp.nn.silu(x), lambda x: x * _sigmoid(x)),
    "nn.gelu": (lambda xp, x: xp.nn.gelu(x), lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2),
    "nn.gelu_tanh": (lambda xp, x: xp.nn.gelu_tanh(x), _gelu_tanh),
    "nn.mish": (lambda xp, x: xp.nn.mish(x), lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x)))),
    "nn.log_sigmoid": (lambda xp, x: xp.nn.log_sigmoid(x), lambda x: -mpmath.log1p(mpmath.exp(-x))),
    "nn.tanhshrink": (lambda xp, x: xp.nn.tanhshrink(x), lambda x: x - mpmath.tanh(x)),
    "nn.softsign": (lambda xp, x: xp.nn.softsign(x), lambda x: x / (1 + abs(x))),
    "nn.squareplus": (lambda xp, x: xp.nn.squareplus(x), lambda x: (x + mpmath.sqrt(x * x + 4)) / 2),
    "nn.elu": (lambda xp, x: xp.nn.elu(x), lambda x: x if x > 0 else mpmath.expm1(x)),
}
"""Definitions, by a name of their own, as functions of one variable: what `xp` says, and what mpmath says."""


def _bessel(order: int, sign: int) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """First and second derivative of K (sign 1) or Y (sign -1) of order 0 or 1: https://dlmf.nist.gov/10.29, 10.6."""
    letter = "k" if sign > 0 else "y"
    zero, one = OPINIONS[f"special.{letter}0"], OPINIONS[f"special.{letter}1"]
    if order == 0:
        return lambda x: -one(x), lambda x: sign * zero(x) + one(x) / x
    return (
        lambda x: -sign * zero(x) - one(x) / x,
        lambda x: sign * (one(x) + zero(x) / x) + 2 * one(x) / x**2,
    )


def _inverse(name: str, slope: Callable[[Any], Any], curve: Callable[[Any, Any], Any]) -> Any:
    """Derivatives of an inverse function y, by y: the slope, and the second derivative by y and the slope."""
    value = OPINIONS[name]
    return lambda x: slope(value(x)), lambda x: curve(y := value(x), slope(y))


def _density(x: Any) -> Any:
    return x ** mpmath.mpf(1.5) * mpmath.exp(-x) / mpmath.gamma(mpmath.mpf(2.5))


def _beta_density(x: Any) -> Any:
    return x ** mpmath.mpf(1.5) * mpmath.sqrt(1 - x) / mpmath.beta(mpmath.mpf(2.5), mpmath.mpf(1.5))


DERIVATIVES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "special.lgamma": (mpmath.digamma, lambda x: mpmath.polygamma(1, x)),
    "special.digamma": (lambda x: mpmath.polygamma(1, x), lambda x: mpmath.polygamma(2, x)),
    "special.polygamma": (lambda x: mpmath.polygamma(3, x), lambda x: mpmath.polygamma(4, x)),
    "special.zeta": (lambda q: -3 * mpmath.zeta(4, q), lambda q: 12 * mpmath.zeta(5, q)),
    "special.betaln, 2.5": (
        lambda x: mpmath.digamma(x) - mpmath.digamma(x + mpmath.mpf(2.5)),
        lambda x: mpmath.polygamma(1, x) - mpmath.polygamma(1, x + mpmath.mpf(2.5)),
    ),
    "special.ndtri": _inverse(
        "special.ndtri", lambda y: mpmath.sqrt(2 * mpmath.pi) * mpmath.exp(y * y / 2), lambda y, slope: y * slope**2
    ),
    "special.erfinv": _inverse(
        "special.erfinv", lambda y: mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(y * y), lambda y, slope: 2 * y * slope**2
    ),
    "special.erfcinv": _inverse(
        "special.erfcinv", lambda y: -mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(y * y), lambda y, slope: 2 * y * slope**2
    ),
    "special.k0": _bessel(0, 1),
    "special.k1": _bessel(1, 1),
    "special.y0": _bessel(0, -1),
    "special.y1": _bessel(1, -1),
    "special.gammainc": (_density, lambda x: _density(x) * (1.5 / x - 1)),
    "special.gammaincc": (lambda x: -_density(x), lambda x: -_density(x) * (1.5 / x - 1)),
    "special.betainc": (_beta_density, lambda x: _beta_density(x) * (1.5 / x - 0.5 / (1 - x))),
    "special.expn": (lambda x: -mpmath.e1(x), lambda x: mpmath.exp(-x) / x),
}
"""Derivatives in closed form, of functions whose differences take mpmath too long."""

_POSITIVE = {"pow, 2.5", "special.xlogy, 1.5", "special.entr", "special.betaln, 2.5"}
_UNIT = {"special.logit"}
_ABOVE_MINUS_ONE = {"special.xlog1py, 1.5"}


@dataclass
class Tally:
    """What came of one operation.

    Attributes:
        points: How many points were asked for.
        inside: Quantity to how many numbers of mpmath lie inside their enclosure.
        none: Quantity to how many points have no finite enclosure.
        undecided: Quantity to how many points mpmath has no good number for, in time.
        wide: Quantity to how many enclosures are wider than 2⁻¹⁰ ulp.
        outside: Lines that say what lies outside.
        seconds: What it took.
    """

    points: int = 0
    inside: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUANTITIES, 0))
    none: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUANTITIES, 0))
    undecided: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUANTITIES, 0))
    wide: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUANTITIES, 0))
    outside: list[str] = field(default_factory=list)
    seconds: float = 0.0


def _domain(name: str) -> tuple[float, float]:
    if name in _POSITIVE:
        return 0.0, math.inf
    if name in _UNIT:
        return 0.0, 1.0
    if name in _ABOVE_MINUS_ONE:
        return -1.0, math.inf
    return OPERATIONS[name].domain if name in OPERATIONS else (-math.inf, math.inf)


def points(name: str, count: int) -> list[float]:
    """Choose points inside an operation's domain: hard ones first, then the ends' neighbours, then random ones."""
    low, high = _domain(name)
    found = [x for x in (*HARD, *_HARDER, *(-x for x in _HARDER)) if low < x < high]
    for end, away in ((low, 1), (high, -1)):
        if math.isfinite(end):
            found += [x for k in (4, 12, 26, 40) if low < (x := end + away * 2.0**-k) < high]
    random = np.random.default_rng(SEED)
    while len(found) < count:
        size = 10 ** random.uniform(-6, 2.5) if len(found) % 2 else random.uniform(0, 12)
        x = float(size * random.choice([-1, 1]))
        if math.isfinite(low) and math.isfinite(high):
            x = float(random.uniform(low, high))
        elif math.isfinite(low):
            x = low + abs(x)
        elif math.isfinite(high):
            x = high - abs(x)
        if low < x < high and x != 0:
            found.append(x)
    return list(dict.fromkeys(found))[:count]


class _TimeUpError(Exception):
    """mpmath took too long."""


def _stop(*_: object) -> None:
    raise _TimeUpError


def _derivative(function: Callable[[Any], Any], x: float, order: int, bits: int) -> Any:
    """Differentiate by central differences whose step is far below x, at enough bits for what cancels."""
    with mpmath.workprec(64):
        scale = max(-int(mpmath.floor(mpmath.log(abs(mpmath.mpf(x)), 2))), 0) if abs(x) < 1 else 0
    step = scale + bits // 2 + 20
    # Errors: step² of the formula, and what is lost by dividing by the step once or twice.
    with mpmath.workprec(bits + order * step + 60):
        at, h = mpmath.mpf(x), mpmath.mpf(2) ** -step
        if order == 1:
            return (function(at + h) - function(at - h)) / (2 * h)
        return (function(at + h) - 2 * function(at) + function(at - h)) / (h * h)


def _believed(
    name: str, x: float, order: int, seconds: float, precisions: Sequence[int] = _BITS
) -> tuple[Any, Any] | None:
    """Give mpmath's number, and a bound of its error; None where there is none in time."""
    function, closed = _function(name)[1], DERIVATIVES.get(name)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        numbers = []
        for bits in precisions:
            with mpmath.workprec(bits):
                if order and closed is not None:
                    numbers.append(closed[order - 1](mpmath.mpf(x)))
                    continue
                # Not rounded here: a number keeps the bits that it was made with.
                numbers.append(_derivative(function, x, order, bits) if order else function(mpmath.mpf(x)))
    except _TimeUpError:
        return None
    except (ValueError, TypeError, ZeroDivisionError, OverflowError, mpmath.libmp.NoConvergence):
        return None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    with mpmath.workprec(precisions[-1] + 200):
        if not all(map(mpmath.isfinite, numbers)):
            return None
        numbers = [mpmath.mpf(number) for number in numbers]
        return numbers[1], abs(numbers[1] - numbers[0])


def _function(name: str) -> tuple[Callable[[Any, Any], Any], Callable[[Any], Any]]:
    if name in OTHERS:
        return OTHERS[name]
    parameters = MEMBERS.get(name, ())

    def call(xp: Any, x: Any) -> Any:
        word = xp
        for part in name.split("."):
            word = getattr(word, part)
        return word(*parameters, x)

    return call, OPINIONS[name]


@dataclass(frozen=True)
class _Box:
    """An enclosure of a number times a factor."""

    high: float
    low: float
    radius: float
    factor: float

    def holds(self, opinion: tuple[Any, Any] | None) -> bool | None:
        """Whether a number lies inside, give or take its error; None where the number is no good."""
        with mpmath.workprec(4000):
            if opinion is None or opinion[1] > max(abs(opinion[0]) * mpmath.mpf(2) ** -100, mpmath.mpf(2) ** -1300):
                return None
            factor = mpmath.mpf(self.factor)
            distance = abs(opinion[0] * factor - mpmath.mpf(self.high) - mpmath.mpf(self.low))
            return bool(distance <= mpmath.mpf(self.radius) + abs(factor) * opinion[1])

    def told(self, opinion: tuple[Any, Any] | None) -> str:
        """Write the number down."""
        with mpmath.workprec(200):
            return "none" if opinion is None else str(mpmath.nstr(opinion[0] * self.factor, 20))


def audit(name: str, count: int = 200, seconds: float = 1.0) -> Tally:
    """Hold the referee's enclosures of one operation against mpmath.

    Args:
        name: The operation.
        count: How many points.
        seconds: What mpmath may take for a number.
    """
    started, tally = time.perf_counter(), Tally()
    call, _ = _function(name)
    xs = np.asarray(points(name, count))
    tally.points = len(xs)
    directions = {"value": np.ones_like(xs), "jvp": tangent(SEED, "x", xs.shape), "vjp:x": cotangent(SEED, 0, xs.shape)}
    directions["hvp:x"] = directions["jvp"] * directions["vjp:x"]
    proof = prove(Computation(call, {"x": xs}, "float64", ("x",), SEED, ("value", "vjp", "jvp", "hvp")))
    signal.signal(signal.SIGPROF, _stop)
    opinions = [[_believed(name, float(x), order, seconds) for order in range(3)] for x in xs]
    for quantity, order in QUANTITIES.items():
        enclosure = proof.enclosures[quantity]
        narrow = enclosure.narrow("float64")
        for place, x in enumerate(xs):
            high, low, radius = (float(part[place]) for part in (enclosure.high, enclosure.low, enclosure.radius))
            opinion = opinions[place][order]
            if not (math.isfinite(high) and math.isfinite(radius)):
                tally.none[quantity] += 1
                continue
            tally.wide[quantity] += not narrow[place]
            box = _Box(high, low, radius, float(directions[quantity][place]))
            inside = box.holds(opinion)
            if inside is False:
                inside = box.holds(_believed(name, float(x), order, 10 * seconds, _MORE_BITS))
            if inside is None:
                tally.undecided[quantity] += 1
            elif inside:
                tally.inside[quantity] += 1
            else:
                told = box.told(opinion)
                tally.outside.append(f"{name} {quantity} at {float(x)!r}: {high!r} ± {radius:.3g}, mpmath {told}")
    tally.seconds = time.perf_counter() - started
    return tally


def _lines(tallies: dict[str, Tally]) -> Iterator[str]:
    total = {quantity: sum(one.inside[quantity] for one in tallies.values()) for quantity in QUANTITIES}
    outside = [line for one in tallies.values() for line in one.outside]
    yield "## A second opinion"
    yield ""
    yield (
        f"Made by `python -m tests.audit.opinions`: {len(tallies)} operations, {sum(o.points for o in tallies.values())} points, "
        f"mpmath {mpmath.__version__} at {DIGITS} digits and more. Inside their enclosures: "
        + ", ".join(f"{count} of `{quantity}`" for quantity, count in total.items())
        + f". Outside: **{len(outside)}**. `none` counts points without a finite enclosure, `undecided` those for which "
        "mpmath has no good number in time, of the four quantities together, and `wide` enclosures above 2⁻¹⁰ ulp."
    )
    yield ""
    yield f"| operation | points | {' | '.join(f'`{quantity}`' for quantity in QUANTITIES)} | none | undecided | wide | outside |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for name, one in tallies.items():
        counts = " | ".join(str(one.inside[quantity]) for quantity in QUANTITIES)
        others = " | ".join(str(sum(part.values())) for part in (one.none, one.undecided, one.wide))
        yield f"| {name} | {one.points} | {counts} | {others} | {len(one.outside)} |"
    if outside:
        yield ""
        yield "What lies outside:"
        yield ""
        yield from (f"- {line}" for line in outside)
    yield ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask for all opinions, and print the table.

    Returns:
        0 if nothing lies outside of its enclosure.
    """
    known = [*OPINIONS, *OTHERS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=1.0, help="what mpmath may take for a number")
    parser.add_argument("--output", type=Path, help="where to write the table; by default it is printed")
    parser.add_argument("operations", nargs="*", help="by default all")
    asked = parser.parse_args(arguments)
    for name in asked.operations:
        if name not in known:
            raise SystemExit(f"{name!r} has no second opinion; expected some of {', '.join(known)}.")
    tallies: dict[str, Tally] = {}
    for name in asked.operations or known:
        tallies[name] = one = audit(name, asked.points, asked.seconds)
        sys.stderr.write(f"{name}: {len(one.outside)} outside of {one.points} points ({one.seconds:.1f} s)\n")
        sys.stderr.writelines(f"    {line}\n" for line in one.outside[:3])
        if asked.output is not None:  # after each, so that what was stopped is not lost
            asked.output.write_text("\n".join(_lines(tallies)), encoding="utf-8")
    if asked.output is None:
        print("\n".join(_lines(tallies)))  # noqa: T201 - an audit prints
    return 1 if any(one.outside for one in tallies.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
