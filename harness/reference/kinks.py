"""Kinks as sets: the limits of derivatives at points nearby, where a case has no derivative of its own.

Clarke's subdifferential at x is the convex hull of all limits of ∇f(xₖ) for xₖ → x at which f is differentiable
(F. H. Clarke, "Optimization and Nonsmooth Analysis", 1983, theorem 2.5.1). So the tape is run at x + td for very small
t and some directions d, on balls: away from x the ties are broken, each in its own way where they are independent and
all alike where they are the same tie met twice. The hull of what is found is the inner set, a part of Clarke's. It
knows of every kind of corner: ties of maximum, the cone of a norm, branches of `where`, a derivative 0 · ∞.

The limits themselves are kept, each a whole gradient (`hulls`), with what says which elements depend on the same tie
(`grouping`).

The outer set comes from one run in which every tie has the weight [0, 1] (`balls.Hull`): it holds Clarke's, and more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import acb, arb, ctx

from harness.quantity import Quantity
from harness.reference.approaches import SETTLED, Approaches
from harness.reference.arithmetic import UndecidedError, is_floating
from harness.reference.balls import Careful, Hull
from harness.reference.enclosures import enclosure
from harness.reference.evaluate import Computation, Evaluation, evaluate
from harness.reference.grouping import DISTINCT, Trial, joint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.reference.arithmetic import Component
    from harness.reference.hulls import Joint

__all__ = ["Limits", "is_derivative", "limits", "outer"]

_NEAR, _NEARER = 400, 800
"""x is left by 2⁻⁴⁰⁰ and by 2⁻⁸⁰⁰ of its own size. A limit that is reached like a power of t of 0.15 or more is told
from what grows without limit or does not settle."""

_PRECISION = 2 * _NEARER
"""Bits that tell x + td from x after some cancellation."""

_FIRST, _MORE = 3, 4
"""Random directions that are tried at once, and those that follow where the results differ, each with its opposite."""

_FAR = 2.0**20


@dataclass(frozen=True)
class Limits:
    """What derivatives tend to at x, element by element.

    Attributes:
        low: float64, the smallest limit; NaN where there is no finite one.
        high: The largest.
        joint: The limits as whole arrays, where elements depend on the same ties and it is known which.
    """

    low: np.ndarray[Any, Any]
    high: np.ndarray[Any, Any]
    joint: Joint | None = None

    @property
    def known(self) -> np.ndarray[Any, Any]:
        """Where there is a finite limit."""
        return np.asarray(~np.isnan(self.low))

    @property
    def spread(self) -> np.ndarray[Any, Any]:
        """Where the limits differ: there is a kink in the result."""
        with np.errstate(invalid="ignore"):
            margin = np.where(np.isinf(self.low), 0.0, DISTINCT * np.abs(self.low))
            return np.asarray(self.known & (self.high - self.low > margin))

    @property
    def middle(self) -> np.ndarray[Any, Any]:
        """One number of the hull: its middle, or its finite end."""
        low, high = self.low, self.high
        with np.errstate(invalid="ignore"):
            middle = np.where(np.isinf(high), low, np.where(np.isinf(low), high, low / 2 + high / 2))
        return np.where(self.spread, np.where(np.isinf(middle), 0.0, middle), low)

    def near(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Whether numbers lie in the hull of the limits, or as good as on it."""
        with np.errstate(invalid="ignore"):
            margin = DISTINCT * np.abs(numbers)
            return np.asarray((self.low - margin <= numbers) & (numbers <= self.high + margin))

    def bound(self, even: Limits) -> Limits:
        """Forget what grows as directions become uneven: a function that has a set of Clarke's is Lipschitz.

        Args:
            even: The limits in directions that move all elements alike.
        """
        with np.errstate(invalid="ignore"):
            wild = np.maximum(np.abs(self.low), np.abs(self.high)) > _FAR * np.maximum(
                np.abs(even.low), np.abs(even.high)
            )
        return self.where(~(wild & self.spread & even.known))

    def complete(self, other: Limits) -> Limits:
        """Take other limits where there are none."""
        return Limits(
            np.where(self.known, self.low, other.low), np.where(self.known, self.high, other.high), self.joint
        )

    def where(self, wanted: np.ndarray[Any, Any]) -> Limits:
        """Forget the limits of all other elements."""
        return Limits(np.where(wanted, self.low, np.nan), np.where(wanted, self.high, np.nan), self.joint)


def is_derivative(quantity: str) -> bool:
    """Whether a quantity depends on the function nearby, not at the point alone."""
    return Quantity.parse(quantity).facts.is_derivative


def limits(computation: Computation) -> dict[str, Limits]:
    """Find what every derivative tends to at a point.

    Args:
        computation: The case there; the arguments that it differentiates are moved.

    Returns:
        Quantity to limits. What is not known to be a limit is left out of them.
    """
    differentiate = computation.differentiate
    search = _Search(replace(computation, kinds=[kind for kind in computation.kinds if kind != "vmap"]))
    found = search.look(differentiate)
    if len(differentiate) > 1:
        # A derivative with respect to one argument is that of a function of it alone: xlogy(0, b) is 0 for all b.
        for name in differentiate:
            own = [key for key in found if Quantity.parse(key) in {Quantity("vjp", name), Quantity("jacobian", name)}]
            if any(found[key].spread.any() or not found[key].known.all() for key in own):
                alone = search.look((name,))
                found |= {key: alone[key].complete(found[key]) for key in own if key in alone}
    return found


class _Search:
    """Evaluates one case at points near one sample."""

    def __init__(self, computation: Computation) -> None:
        self._computation = computation
        self._arrays = computation.arrays
        self._seed = computation.seed

    def look(self, names: tuple[str, ...]) -> dict[str, Limits]:
        """Find the limits where only the arguments of some names are moved."""
        ways = Approaches({name: self._arrays[name] for name in names}, self._seed)
        found = [*self._follow(ways.random(range(_FIRST)))]
        hulls = _hulls(found)
        if all(hull.known.all() and not hull.spread.any() for hull in hulls.values()):
            return hulls
        found += self._follow(ways.random(range(_FIRST, _FIRST + _MORE)))
        even = _hulls(found)
        found += self._follow(ways.ramps())
        unclear = {name: _unclear(array.shape, even.get(f"vjp:{name}")) for name, array in ways.arrays.items()}
        places = ways.places(unclear)
        # The direction beside which single elements are moved, and then they.
        alone = [*self._follow(ways.beside(places))]
        hulls = {name: hull.bound(even[name]) for name, hull in _hulls(found + alone).items() if name in even}
        moved = [place for place in places for _ in ways.signs(place)]
        if len(alone) <= len(moved) or any(
            mark.sum() > sum(place[0] == name and mark[place[1]] for place in places) for name, mark in unclear.items()
        ):
            # An element that nobody moved alone may depend on any other.
            return hulls
        return {
            name: replace(hull, joint=joint(name, names, hull.spread, found, alone, moved))
            for name, hull in hulls.items()
        }

    def _follow(self, directions: Iterable[dict[str, np.ndarray[Any, Any]]]) -> Iterator[Trial]:
        for direction in directions:
            try:
                near, nearer = (self._run(direction, distance) for distance in (_NEAR, _NEARER))
            except UndecidedError:
                continue
            told = {
                name: _take_limits(near.quantities[name], nearer.quantities[name])
                for name in nearer.quantities
                if is_derivative(name) and is_floating(nearer.dtypes[name])
            }
            yield Trial(direction, told)

    def _run(self, direction: Mapping[str, np.ndarray[Any, Any]], distance: int) -> Evaluation:
        balls = Careful(self._computation.dtype, _PRECISION)
        nearby = {
            name: _move(array, direction[name], distance) if name in direction else array
            for name, array in self._arrays.items()
        }
        return evaluate(replace(self._computation, arrays=nearby), balls)


def outer(computation: Computation, precision: int) -> dict[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
    """Enclose what every derivative may be, whatever is taken at each tie.

    Returns:
        Quantity to the ends of the enclosure, rounded outward; NaN where nothing is known.
    """
    run = evaluate(computation, Hull(computation.dtype, precision, last=True))
    ends = {}
    for name, component in run.quantities.items():
        if is_derivative(name) and is_floating(run.dtypes[name]):
            found = enclosure(component)
            with np.errstate(invalid="ignore"):
                radius = np.where(np.isinf(found.radius), np.nan, found.radius)
                low, high = found.high - radius, found.high + radius
            ends[name] = np.nextafter(low, -np.inf), np.nextafter(high, np.inf)
    return ends


def _unclear(shape: tuple[int, ...], hull: Limits | None) -> np.ndarray[Any, Any]:
    """Mark the elements of an argument whose own derivative is not one number."""
    unclear = np.zeros(shape, dtype=bool) if hull is None else hull.spread | ~hull.known
    # A complex number is a row of its two parts.
    return np.asarray(unclear.any(axis=-1) if unclear.ndim > len(shape) else unclear)


def _move(array: np.ndarray[Any, Any], direction: np.ndarray[Any, Any], distance: int) -> np.ndarray[Any, Any]:
    """Return x + 2^-distance d as exact balls."""
    ctx.prec = _PRECISION
    step = arb(2) ** -distance
    nearby = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        # Of a complex number, both parts are moved.
        ball = acb if array.dtype.kind == "c" else arb
        nearby[place] = ball(array[place].item()) + step * ball(direction[place].item())
    return nearby


def _take_limits(near: Component, nearer: Component) -> np.ndarray[Any, Any]:
    """Return the limit that two numbers on the way tell of: infinite where they grow, NaN where they do not settle."""
    tending = np.full(nearer.shape[:-1], np.nan)
    for place in np.ndindex(tending.shape):
        tending[place] = _limit(near[place][0], nearer[place][0])
    return tending


def _limit(near: Any, nearer: Any) -> float:
    if not (near.is_finite() and nearer.is_finite()):
        return float("nan")
    before, after = abs(near).upper(), abs(nearer).upper()
    if abs(near - nearer).upper() <= SETTLED * max(before, after):
        return float(nearer.mid())
    if after * _FAR <= before:
        return 0.0
    if after >= before * _FAR:
        return float("inf") if nearer.mid() > 0 else float("-inf")
    return float("nan")


def _hulls(found: Sequence[Trial]) -> dict[str, Limits]:
    names = {name: None for trial in found for name in trial.limits}
    return {name: _hull([trial.limits[name] for trial in found if name in trial.limits]) for name in names}


def _hull(parts: list[np.ndarray[Any, Any]]) -> Limits:
    stacked = np.stack(parts)
    finite = np.isfinite(stacked).any(axis=0)
    low = np.min(np.where(np.isnan(stacked), np.inf, stacked), axis=0)
    high = np.max(np.where(np.isnan(stacked), -np.inf, stacked), axis=0)
    return Limits(np.where(finite, low, np.nan), np.where(finite, high, np.nan))
