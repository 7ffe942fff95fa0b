"""What is proved of a sample: enclosures of everything that one run of the case gives, and what stands where there is none.

Where a tie was met or a derivative is undefined, the point is looked at from nearby (`kinks`); where Arb knows no real
result, IEEE 754 and the Array API's tables say what must come out (`specials`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from flint import acb, arb

from harness.errors import CaseError
from harness.operations.formats import is_complex
from harness.quantity import Quantity
from harness.reference.arithmetic import UndecidedError, is_floating
from harness.reference.balls import Balls
from harness.reference.enclosures import Enclosure, enclosure
from harness.reference.evaluate import Computation, Evaluation, evaluate
from harness.reference.kinks import is_derivative, limits, outer
from harness.reference.specials import standard_values
from harness.reference.stochastic import Doubles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.reference.hulls import Joint

__all__ = ["Ends", "Kink", "Proof", "Proved", "demand_same", "prove", "settle_signs"]

_PRECISIONS = (128, 256, 512, 1024, 2048, 4096)

_BELOW = -(arb(2) ** -1200)
_BESIDE = 2600
"""What stands for -0 at a cut, and the bits that tell it from 0 beside other numbers."""


class Ends(NamedTuple):
    """Ends of sets, element by element.

    Attributes:
        low: float64, their lower ends.
        high: Their upper ends.
    """

    low: np.ndarray[Any, Any]
    high: np.ndarray[Any, Any]


class Kink(NamedTuple):
    """What derivatives can be where there is not one alone; elsewhere, the one there is.

    Attributes:
        inner: The hull of their limits nearby.
        outer: What they can be at all.
    """

    inner: Ends
    outer: Ends


@dataclass
class Proved:
    """What is proved of one quantity.

    Attributes:
        enclosure: Of floating-point numbers; none of integers and booleans.
        exact: Integers or booleans; none of floating-point numbers.
        is_complex: Whether the numbers are complex; the enclosure then has one more axis, of their parts.
        kink: Sets of right derivatives, where an element has more than one.
        joint: The limits that the sets are made of, where elements depend on each other; none where none do.
        unreached: Where the truth is a limit or a special that the formula at the point does not reach; a program that
            follows the formula misses it, and tells of rounding only by how its runs vary. None where there is none.
        signs: Signs of values that are exactly 0, true where it is -0; none where they do not count.
        others: What integers and booleans may be besides, where rounding decides: one more axis before their own.
    """

    enclosure: Enclosure | None = None
    exact: np.ndarray[Any, Any] | None = None
    is_complex: bool = False
    kink: Kink | None = None
    joint: Joint | None = None
    unreached: np.ndarray[Any, Any] | None = None
    signs: np.ndarray[Any, Any] | None = None
    others: np.ndarray[Any, Any] | None = None


@dataclass
class Proof:
    """What is proved of a sample.

    Attributes:
        quantities: Quantity to what is proved of it.
        precision: Bits that were enough.
        problems: Why it is not `proved`, in words; empty if it is.
    """

    quantities: dict[str, Proved] = field(default_factory=dict)
    precision: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def enclosures(self) -> dict[str, Enclosure]:
        """Quantity to enclosure, of floating-point quantities."""
        return {name: proved.enclosure for name, proved in self.quantities.items() if proved.enclosure is not None}

    @property
    def exact(self) -> dict[str, np.ndarray[Any, Any]]:
        """Quantity to integers or booleans, of all others."""
        return {name: proved.exact for name, proved in self.quantities.items() if proved.exact is not None}

    @property
    def kinks(self) -> dict[str, Kink]:
        """Quantity to sets, of derivatives that have some."""
        return {name: proved.kink for name, proved in self.quantities.items() if proved.kink is not None}


def prove(computation: Computation) -> Proof:
    """Enclose the exact results, doubling the precision until every enclosure is narrower than 2⁻¹⁰ ulp.

    Args:
        computation: What is proved; its arrays are of its dtype.
    """
    dtype, arrays = computation.dtype, computation.arrays
    proof = Proof()
    for precision in _PRECISIONS:
        last = precision == _PRECISIONS[-1]
        balls = Balls(dtype, precision, last=last)
        try:
            run = evaluate(computation, balls)
        except UndecidedError:
            continue
        proof.precision = precision
        proof.quantities = _write_down(run)
        enclosures = proof.enclosures
        wide = [name for name, here in enclosures.items() if not here.narrow(dtype).all()]
        # What is undefined now may be defined at a higher precision: a quotient by what only seems to be zero.
        undefined = [name for name, here in enclosures.items() if np.isnan(here.high).any()]
        if not wide or last:
            break
    if computation.differentiate and (run.ties or any(map(is_derivative, undefined))):
        _explore(proof, computation)
        enclosures = proof.enclosures
        undefined = [name for name in undefined if np.isnan(enclosures[name].high).any()]
        wide = [name for name in wide if not enclosures[name].narrow(dtype).all()]
    infinite = not all(np.isfinite(array).all() for array in arrays.values() if array.dtype.kind == "f")
    undefined += [name for name in wide if infinite and name not in undefined]
    settled = _settle_specials(proof, undefined, computation)
    proof.problems += [
        f"the enclosure of {name} stays wide at {precision} bits" for name in wide if name not in settled
    ]
    if balls.undecided:
        proof.problems.append(f"{balls.undecided} comparisons could not be decided at {precision} bits")
    if any(map(_has_negative_zeros, arrays.values())):
        _settle_cuts(proof, computation)
    return proof


def _write_down(run: Evaluation) -> dict[str, Proved]:
    """Make arrays of balls."""
    quantities = {}
    for name, component in run.quantities.items():
        dtype = run.dtypes[name]
        if is_floating(dtype):
            quantities[name] = Proved(enclosure=enclosure(component), is_complex=is_complex(dtype))
        else:
            quantities[name] = Proved(exact=component[..., 0])
    return quantities


def _explore(proof: Proof, computation: Computation) -> None:
    """Look around the point, where a tie was met or a derivative is undefined.

    Where derivatives have several limits, their hull is the inner set. Where they have one, it is the truth, whatever
    the program says at the point itself: `where(x == 0, 0, x)` is x, and has the derivative 1.
    """
    enclosures = proof.enclosures
    reach: dict[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] | None = None
    for name, tending in limits(computation).items():
        here, proved = enclosures[name], proof.quantities[name]
        nearby = tending.where(~np.isnan(here.high) | _is_defined(proof, name))
        spread, unreached = nearby.spread, nearby.known & ~nearby.near(here.high)
        if unreached.any():
            here = proved.enclosure = Enclosure(
                np.where(unreached, nearby.middle, here.high),
                np.where(unreached, 0.0, here.low),
                np.where(unreached, np.spacing(np.abs(nearby.middle)), here.radius),
            )
            proved.unreached = unreached
        if not spread.any():
            continue
        if reach is None:
            reach = outer(computation, proof.precision)
        low, high = np.where(spread, nearby.low, here.high), np.where(spread, nearby.high, here.high)
        # What is not known to be further out is not.
        farthest = Ends(np.fmin(low, reach[name][0]), np.fmax(high, reach[name][1]))
        proved.kink = Kink(Ends(low, high), farthest)
        proved.joint = None if nearby.joint is None else nearby.joint.within(spread)


def _is_defined(proof: Proof, derivative: str) -> np.ndarray[Any, Any]:
    """Where the function itself is not defined, nothing is demanded of its derivatives.

    A row of a Jacobian, and an element of a JVP, is a derivative of one element of the output: that others are infinite
    does not matter, though a sweep backward multiplies their derivatives with 0.
    """
    enclosures, quantity = proof.enclosures, Quantity.parse(derivative)
    here = enclosures[derivative].high
    value = "value" if quantity.kind == "jacobian" else quantity.as_kind("value").name
    if quantity.kind in {"jacobian", "jvp"} and value in enclosures and not proof.quantities[value].is_complex:
        known = ~np.isnan(enclosures[value].high)
        return np.broadcast_to(known.reshape(known.shape + (1,) * (here.ndim - known.ndim)), here.shape)
    values = [enclosure.high for name, enclosure in enclosures.items() if not is_derivative(name)]
    return np.full(here.shape, not any(np.isnan(high).any() for high in values))


def _settle_specials(proof: Proof, undefined: Sequence[str], computation: Computation) -> set[str]:
    """Where Arb knows no real result, take what IEEE 754 says must come out: a NaN or an infinity of float64."""
    settled: set[str] = set()
    if not undefined:
        return settled
    widest = {"f": np.float64, "c": np.complex128}
    arrays, dtype = computation.arrays, computation.dtype
    wide = {name: array.astype(widest.get(array.dtype.kind, array.dtype)) for name, array in arrays.items()}
    with np.errstate(all="ignore"):
        run = evaluate(replace(computation, arrays=wide), Doubles("float64"))
    standard = standard_values(computation.function, arrays)
    for name in undefined:
        here, proved = proof.enclosures[name], proof.quantities[name]
        special = standard.get(name, run.quantities[name][..., 0])
        unknown = np.isnan(here.high)
        if name in standard:
            # To Arb the sine of ∞ lies in [-1, 1].
            unknown |= ~here.narrow(dtype) & ~np.isfinite(special)
            proved.unreached = unknown
        if not unknown.any():
            continue
        settled.add(name)
        proved.enclosure = Enclosure(np.where(unknown, special, here.high), here.low, here.radius)
        count = int(unknown.sum())
        proof.problems.append(f"{count} elements of {name} have no real value; IEEE 754 says {special[unknown][0]}")
    return settled


def settle_signs(proof: Proof, standard: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Demand the signs of results that are 0.

    Args:
        proof: What is changed.
        standard: Quantity to what IEEE 754 says.
    """
    for name in proof.enclosures.keys() & standard.keys():
        proof.quantities[name].signs = np.signbit(standard[name])


def _settle_cuts(proof: Proof, computation: Computation) -> None:
    """Take the side of a branch cut that the sign of a zero names: atan2(-0, -1) is -π, and √(-4 - 0i) is -2i.

    Balls know no -0, but a number below 0 that no float64 is small enough for. Where the function is another one there,
    and IEEE 754 says the same of its value, it is the truth, with its derivatives.
    """
    standard = standard_values(computation.function, computation.arrays)
    kinds = [kind for kind in computation.kinds if kind != "vmap"]
    try:
        balls = Balls(computation.dtype, _BESIDE)
        below = {name: _below_zero(array) for name, array in computation.arrays.items()}
        run = evaluate(replace(computation, arrays=below, kinds=kinds), balls)
    except UndecidedError:
        return
    beside = {name: proved.enclosure for name, proved in _write_down(run).items()}
    turned: dict[str, np.ndarray[Any, Any]] = {}
    for name, proved in proof.quantities.items():
        here, there = proved.enclosure, beside.get(name)
        if here is None or there is None or here.high.shape != there.high.shape:
            continue
        with np.errstate(all="ignore"):
            differ = np.abs(here.high - there.high) > 2.0**-20 * np.maximum(np.abs(here.high), np.abs(there.high))
            differ &= np.isfinite(here.high) & np.isfinite(there.high)
            if proved.kink is not None:
                differ &= ~(proved.kink.inner.low < proved.kink.inner.high)
            if name in standard:
                said = np.stack([np.real(standard[name]), np.imag(standard[name])], axis=-1)
                said = said if proved.is_complex else said[..., 0]
                differ &= np.abs(said - there.high) * 2.0**10 < np.abs(said - here.high)
        if differ.any():
            turned[name] = differ
    if all(is_derivative(name) for name in turned):
        return
    for name, differ in turned.items():
        proved, there = proof.quantities[name], beside[name]
        here = proved.enclosure
        assert here is not None
        assert there is not None
        parts = ((there.high, here.high), (there.low, here.low), (there.radius, here.radius))
        proved.enclosure = Enclosure(*(np.where(differ, new, old) for new, old in parts))
        proved.unreached = differ if proved.unreached is None else proved.unreached | differ


def _below_zero(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Put a number below every float64 in the place of -0."""
    if not _has_negative_zeros(array):
        return array
    numbers = np.frompyfunc(lambda number: _BELOW if number == 0 and np.signbit(number) else arb(number), 1, 1)
    if array.dtype.kind != "c":
        return np.asarray(numbers(array.astype(np.float64)), dtype=object).reshape(array.shape)
    wide = array.astype(np.complex128)
    joined = np.frompyfunc(acb, 2, 1)(numbers(wide.real), numbers(wide.imag))
    return np.asarray(joined, dtype=object).reshape(array.shape)


def _has_negative_zeros(array: np.ndarray[Any, Any]) -> bool:
    if array.dtype.kind == "c":
        return _has_negative_zeros(array.real) or _has_negative_zeros(array.imag)
    return array.dtype.kind == "f" and bool((np.signbit(array) & (array == 0)).any())


def demand_same(proof: Proof, other: Proof, case: str, program: str) -> None:
    """Check that two proofs are of one function: their enclosures overlap, and their integers are equal.

    Args:
        proof: Of the case.
        other: Of the program.
        case: The case's id.
        program: The program's name.

    Raises:
        CaseError: If they are not.
    """
    for name, proved in proof.quantities.items():
        if not _meet(proved, other.quantities.get(name)):
            raise CaseError(
                f"{case}: the program {program} is not the same function: its enclosure of {name} does not meet the "
                "case's own. Correct the program, or remove it."
            )


def _meet(proved: Proved, other: Proved | None) -> bool:
    here, there = proved.enclosure, None if other is None else other.enclosure
    if here is None:
        own, others = proved.exact, None if other is None else other.exact
        return own is not None and others is not None and np.array_equal(own, others)
    if other is None or there is None or there.high.shape != here.high.shape:
        return False
    # Where the truth is a set, the number that stands for it is any of its numbers.
    sets = np.zeros(here.high.shape, dtype=bool)
    if proved.kink is not None and other.kink is not None:
        own_ends, other_ends = proved.kink.inner, other.kink.inner
        sets = (own_ends.low < own_ends.high) & (other_ends.low < other_ends.high)
    with np.errstate(invalid="ignore"):
        gap = np.abs((here.high - there.high) + (here.low - there.low)) - here.radius - there.radius
    # Midpoints are written down with 106 bits; half an ulp of the lower part is no difference.
    near = gap <= np.abs(here.high) * 2.0**-104
    # What has no real value must be the same special.
    special = ~np.isfinite(here.high) & ((here.high == there.high) | (np.isnan(here.high) & np.isnan(there.high)))
    return bool((near | special | sets).all())
