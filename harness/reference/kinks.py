"""Kinks as sets: the limits of derivatives at points nearby, where a case has no derivative of its own.

Clarke's subdifferential at x is the convex hull of all limits of ∇f(xₖ) for xₖ → x at which f is differentiable
(F. H. Clarke, "Optimization and Nonsmooth Analysis", 1983, theorem 2.5.1). So the tape is run at x + td for very small
t and some directions d, on balls: away from x the ties are broken, each in its own way where they are independent and
all alike where they are the same tie met twice. The hull of what is found is the inner set, a part of Clarke's. It
knows of every kind of corner: ties of maximum, the cone of a norm, branches of `where`, a derivative 0 · ∞.

The outer set comes from one run in which every tie has the weight [0, 1] (`balls.Hull`): it holds Clarke's, and more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import acb, arb, ctx

from harness.collect.samples import derive_seed
from harness.quantity import Quantity
from harness.reference.arithmetic import UndecidedError, is_floating
from harness.reference.balls import Careful, Hull
from harness.reference.enclosures import enclosure
from harness.reference.evaluate import Computation, Evaluation, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.reference.arithmetic import Component

__all__ = ["Limits", "is_derivative", "limits", "outer"]

_NEAR, _NEARER = 400, 800
"""x is left by 2⁻⁴⁰⁰ and by 2⁻⁸⁰⁰ of its own size. A limit that is reached like a power of t of 0.15 or more is told
from what grows without limit or does not settle."""

_PRECISION = 2 * _NEARER
"""Bits that tell x + td from x after some cancellation."""

_FIRST, _MORE, _AXES = 3, 4, 12
"""Random directions that are tried at once, those that follow where the results differ, and the elements that are
moved alone then, each with the opposite direction."""

_SETTLED = 2.0**-60
_DISTINCT = 2.0**-48
"""Limits are rounded to float64, so what differs by less is one number."""
_FAR = 2.0**20


@dataclass(frozen=True)
class Limits:
    """What derivatives tend to at x, element by element.

    Attributes:
        low: float64, the smallest limit; NaN where there is no finite one.
        high: The largest.
    """

    low: np.ndarray[Any, Any]
    high: np.ndarray[Any, Any]

    @property
    def known(self) -> np.ndarray[Any, Any]:
        """Where there is a finite limit."""
        return np.asarray(~np.isnan(self.low))

    @property
    def spread(self) -> np.ndarray[Any, Any]:
        """Where the limits differ: there is a kink in the result."""
        with np.errstate(invalid="ignore"):
            margin = np.where(np.isinf(self.low), 0.0, _DISTINCT * np.abs(self.low))
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
            margin = _DISTINCT * np.abs(numbers)
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
        return Limits(np.where(self.known, self.low, other.low), np.where(self.known, self.high, other.high))

    def where(self, wanted: np.ndarray[Any, Any]) -> Limits:
        """Forget the limits of all other elements."""
        return Limits(np.where(wanted, self.low, np.nan), np.where(wanted, self.high, np.nan))


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
        found: dict[str, list[np.ndarray[Any, Any]]] = {}
        self._follow(_random(self._arrays, names, self._seed, range(_FIRST)), found)
        hulls = {name: _hull(parts) for name, parts in found.items()}
        if all(hull.known.all() and not hull.spread.any() for hull in hulls.values()):
            return hulls
        self._follow(_random(self._arrays, names, self._seed, range(_FIRST, _FIRST + _MORE)), found)
        even = {name: _hull(parts) for name, parts in found.items()}
        self._follow(_axes(self._arrays, names, self._seed, even), found)
        return {name: _hull(parts).bound(even[name]) for name, parts in found.items()}

    def _follow(
        self, directions: Iterator[dict[str, np.ndarray[Any, Any]]], found: dict[str, list[np.ndarray[Any, Any]]]
    ) -> None:
        for direction in directions:
            try:
                near, nearer = (self._run(direction, distance) for distance in (_NEAR, _NEARER))
            except UndecidedError:
                continue
            for name in nearer.quantities:
                if is_derivative(name) and is_floating(nearer.dtypes[name]):
                    found.setdefault(name, []).append(_take_limits(near.quantities[name], nearer.quantities[name]))

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


def _scales(arrays: Mapping[str, np.ndarray[Any, Any]], names: tuple[str, ...]) -> dict[str, np.ndarray[Any, Any]]:
    """Return each element's own size, for a zero that of the smallest number, and 0 for what cannot be moved."""
    sizes = {name: np.abs(arrays[name]).astype(np.float64) for name in names}
    least = min(
        (float(size[(size > 0) & np.isfinite(size)].min(initial=1.0)) for size in sizes.values()),
        default=1.0,
    )
    return {name: np.where(np.isfinite(size), np.where(size > 0, size, least), 0.0) for name, size in sizes.items()}


def _random(
    arrays: Mapping[str, np.ndarray[Any, Any]], names: tuple[str, ...], seed: int, numbers: range
) -> Iterator[dict[str, np.ndarray[Any, Any]]]:
    """Return random directions, each with its opposite."""
    scales = _scales(arrays, names)
    for number in numbers:
        generator = np.random.Generator(np.random.PCG64(derive_seed(seed, "direction", number)))
        drawn = {name: scale * generator.uniform(-1.0, 1.0, scale.shape) for name, scale in scales.items()}
        for name, scale in scales.items():
            if arrays[name].dtype.kind == "c":
                drawn[name] = drawn[name] + 1j * scale * generator.uniform(-1.0, 1.0, scale.shape)
        yield drawn
        yield {name: -part for name, part in drawn.items()}


def _axes(
    arrays: Mapping[str, np.ndarray[Any, Any]], names: tuple[str, ...], seed: int, hulls: Mapping[str, Limits]
) -> Iterator[dict[str, np.ndarray[Any, Any]]]:
    """Move single elements far more than all others, those first whose own derivative is not one number."""
    scales = _scales(arrays, names)
    places = []
    for name, scale in scales.items():
        hull = hulls.get(f"vjp:{name}")
        unclear = np.zeros(scale.shape, dtype=bool) if hull is None else hull.spread | ~hull.known
        # A complex number is a row of its two parts.
        unclear = np.asarray(unclear.any(axis=-1) if unclear.ndim > scale.ndim else unclear)
        places += [(not unclear[place], name, place) for place in np.ndindex(scale.shape)]
    rest = next(iter(_random(arrays, names, seed, range(-1, 0))))
    for _, name, place in sorted(places, key=lambda known: known[0])[:_AXES]:
        for sign in (1.0, -1.0) if arrays[name].dtype.kind != "c" else (1.0, -1.0, 1j, -1j):
            direction = {other: np.array(part * _SETTLED) for other, part in rest.items()}
            direction[name][place] = sign * scales[name][place]
            yield direction


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
    if abs(near - nearer).upper() <= _SETTLED * max(before, after):
        return float(nearer.mid())
    if after * _FAR <= before:
        return 0.0
    if after >= before * _FAR:
        return float("inf") if nearer.mid() > 0 else float("-inf")
    return float("nan")


def _hull(parts: list[np.ndarray[Any, Any]]) -> Limits:
    stacked = np.stack(parts)
    finite = np.isfinite(stacked).any(axis=0)
    low = np.min(np.where(np.isnan(stacked), np.inf, stacked), axis=0)
    high = np.max(np.where(np.isnan(stacked), -np.inf, stacked), axis=0)
    return Limits(np.where(finite, low, np.nan), np.where(finite, high, np.nan))
