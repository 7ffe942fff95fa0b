"""What a reference worker does: proves the truth of a sample and computes its rounding budget. Needs no framework."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect.registry import load_case
from harness.errors import CaseChangedError, CaseError
from harness.operations.formats import FORMATS, is_complex, real_of
from harness.reference.arithmetic import Component, SplitError, UndecidedError, is_floating
from harness.reference.balls import Balls, Enclosure, enclosure
from harness.reference.evaluate import BASIC, Computation, Evaluation, evaluate
from harness.reference.kinks import is_derivative, limits, outer
from harness.reference.specials import standard_values
from harness.reference.stochastic import RUNS, Doubles, Noisy, amplification

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from harness.collect.case import Case

__all__ = ["Referee", "budget", "prove", "refer"]

_PRECISIONS = (128, 256, 512, 1024, 2048, 4096)

Arrays = "Mapping[str, np.ndarray[Any, Any]]"
Ends = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
"""Lower and upper ends of sets, element by element."""


class Proof:
    """Enclosures of every quantity of a sample.

    Attributes:
        enclosures: Quantity to enclosure, of floating-point quantities.
        exact: Quantity to integers or booleans.
        inner: Quantity to the lower and upper ends of the limits of derivatives nearby, where they differ.
        outer: Quantity to the ends of what derivatives can be at all there.
        moved: Quantity to where the truth is a limit or a special that the formula does not reach.
        signs: Quantity to the signs of values that are exactly 0, true where it is -0, where they are demanded.
        precision: Bits that were enough.
        complexes: Quantities of complex numbers, whose enclosures have one more axis, of their parts.
        problems: Why it is not `proved`, in words; empty if it is.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.enclosures: dict[str, Enclosure] = {}
        self.exact: dict[str, np.ndarray[Any, Any]] = {}
        self.inner: dict[str, Ends] = {}
        self.outer: dict[str, Ends] = {}
        self.moved: dict[str, np.ndarray[Any, Any]] = {}
        self.signs: dict[str, np.ndarray[Any, Any]] = {}
        self.precision = 0
        self.complexes: set[str] = set()
        self.problems: list[str] = []


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
        proof.complexes = {name for name, kind in run.dtypes.items() if is_complex(kind)}
        proof.enclosures = {
            name: enclosure(component) for name, component in run.quantities.items() if is_floating(run.dtypes[name])
        }
        proof.exact = {
            name: component[..., 0] for name, component in run.quantities.items() if not is_floating(run.dtypes[name])
        }
        wide = [name for name, found in proof.enclosures.items() if not found.narrow(dtype).all()]
        # What is undefined now may be defined at a higher precision: a quotient by what only seems to be zero.
        undefined = [name for name, found in proof.enclosures.items() if np.isnan(found.high).any()]
        if not wide or last:
            break
    if computation.differentiate and (run.ties or any(map(is_derivative, undefined))):
        _explore(proof, computation)
        undefined = [name for name in undefined if np.isnan(proof.enclosures[name].high).any()]
        wide = [name for name in wide if not proof.enclosures[name].narrow(dtype).all()]
    infinite = not all(np.isfinite(array).all() for array in arrays.values() if array.dtype.kind == "f")
    undefined += [name for name in wide if infinite and name not in undefined]
    settled = _specials(proof, undefined, computation)
    proof.problems += [
        f"the enclosure of {name} stays wide at {precision} bits" for name in wide if name not in settled
    ]
    if balls.undecided:
        proof.problems.append(f"{balls.undecided} comparisons could not be decided at {precision} bits")
    return proof


def _explore(proof: Proof, computation: Computation) -> None:
    """Look around the point, where a tie was met or a derivative is undefined.

    Where derivatives have several limits, their hull is the inner set. Where they have one, it is the truth, whatever
    the program says at the point itself: `where(x == 0, 0, x)` is x, and has the derivative 1.
    """
    # Where the function itself is not defined, nothing is demanded of its derivatives.
    defined = not any(np.isnan(found.high).any() for name, found in proof.enclosures.items() if not is_derivative(name))
    reach: dict[str, Ends] | None = None
    for name, tending in limits(computation).items():
        here = proof.enclosures[name]
        found = tending if defined else tending.where(~np.isnan(here.high))
        spread, moved = found.spread, found.known & ~found.near(here.high)
        if moved.any():
            proof.enclosures[name] = Enclosure(
                np.where(moved, found.middle, here.high),
                np.where(moved, 0.0, here.low),
                np.where(moved, np.spacing(np.abs(found.middle)), here.radius),
            )
            proof.moved[name] = moved
        if not spread.any():
            continue
        if reach is None:
            reach = outer(computation, proof.precision)
        high = proof.enclosures[name].high
        low, top = np.where(spread, found.low, high), np.where(spread, found.high, high)
        proof.inner[name] = low, top
        # What is not known to be further out is not.
        proof.outer[name] = np.fmin(low, reach[name][0]), np.fmax(top, reach[name][1])


def _specials(proof: Proof, undefined: Sequence[str], computation: Computation) -> set[str]:
    """Where Arb knows no real result, IEEE 754 says what must come out: a NaN or an infinity of float64."""
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
        found = proof.enclosures[name]
        special = standard.get(name, run.quantities[name][..., 0])
        unknown = np.isnan(found.high)
        if name in standard:
            # To Arb the sine of ∞ lies in [-1, 1].
            unknown |= ~found.narrow(dtype) & ~np.isfinite(special)
            proof.moved[name] = unknown
        if not unknown.any():
            continue
        settled.add(name)
        high = np.where(unknown, special, found.high)
        proof.enclosures[name] = Enclosure(high, found.low, found.radius)
        count = int(unknown.sum())
        proof.problems.append(f"{count} elements of {name} have no real value; IEEE 754 says {special[unknown][0]}")
    return settled


def _sign(
    proof: Proof, standard: Mapping[str, np.ndarray[Any, Any]], arrays: Mapping[str, np.ndarray[Any, Any]]
) -> None:
    """Take the signs that -0 gives: of results that are 0, and of those on the other side of a cut, such as atan2's."""
    cut = any((np.signbit(array) & (array == 0)).any() for array in arrays.values() if array.dtype.kind == "f")
    for name in proof.enclosures.keys() & standard.keys():
        here, signed = proof.enclosures[name], standard[name]
        proof.signs[name] = np.signbit(signed)
        with np.errstate(all="ignore"):
            near = np.abs(np.abs(here.high) - np.abs(signed)) <= np.abs(signed) * 2.0**-50
            turned = near & (here.high * np.sign(signed) < 0)
        if cut and turned.any():
            proof.enclosures[name] = Enclosure(
                np.where(turned, -here.high, here.high), np.where(turned, -here.low, here.low), here.radius
            )
            proof.moved[name] = proof.moved.get(name, False) | turned


def budget(computation: Computation, proof: Proof) -> tuple[dict[str, np.ndarray[Any, Any]], list[str]]:
    """Compute σ, the root mean square deviation of a good program from the truth, for every element.

    Returns:
        Quantity to float64 array, and what a reader should know: that runs overflowed or split over a branch.
    """
    sigmas, notes, others = _budget(computation, proof, 0)
    for alternative in range(1, others + 1):
        more, further, _ = _budget(computation, proof, alternative)
        notes += [note for note in further if note not in notes]
        # A program that leaves the range where another does not makes no room for everything.
        sigmas = {name: np.where(np.isinf(more[name]), one, np.fmax(one, more[name])) for name, one in sigmas.items()}
    return sigmas, notes


def _budget(
    computation: Computation, proof: Proof, alternative: int
) -> tuple[dict[str, np.ndarray[Any, Any]], list[str], int]:
    """Compute the budget of one program; and say how many others there are."""
    notes, dtype = [], computation.dtype
    with np.errstate(all="ignore"):
        try:
            run = evaluate(computation, Noisy(dtype, computation.seed), alternative=alternative)
            runs, others = run.quantities, run.alternatives
        except SplitError:
            notes.append("ill-conditioned here: rounding decides which branch is taken")
            runs, others = _one_by_one(computation), 0
        sigmas = {}
        for name, found in proof.enclosures.items():
            component = runs.get(name)
            if component is None or component.shape[:-1] != found.high.shape:
                notes.append(f"ill-conditioned here: rounding changes the shape of {name}")
                sigmas[name] = np.full(found.high.shape, np.inf)
                continue
            truth, largest = found.high[..., None], FORMATS[real_of(dtype)].largest
            deviation = _outside(name, component, proof, (component - truth) - found.low[..., None])
            # hypot, because squares may overflow or vanish where their root does not.
            sigma = np.hypot.reduce(deviation, axis=-1) / math.sqrt(component.shape[-1]) / amplification(dtype)
            # Where every run overflows as the truth does, there is no doubt about what must come out.
            rounded = np.where(np.abs(truth) > largest, np.copysign(np.inf, truth), truth)
            same = (component == rounded) | (np.isnan(component) & np.isnan(truth))
            sigmas[name] = np.where(same.all(axis=-1), 0.0, np.where(np.isnan(sigma), np.inf, sigma))
            if np.isinf(sigmas[name]).any():
                notes.append(f"ill-conditioned here: in {name}, some perturbed runs overflow and others do not")
    return sigmas, notes, others


def _outside(name: str, component: Component, proof: Proof, deviation: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Where the truth is a set, give the distance from it; where a program misses the truth, only how its runs vary."""
    if name in proof.inner:
        low, high = (end[..., None] for end in proof.inner[name])
        beyond = np.maximum(np.maximum(low - component, component - high), 0.0)
        deviation = np.where(high > low, np.nan_to_num(beyond, nan=0.0), deviation)
    if name not in proof.moved:
        return deviation
    around = component - component.mean(axis=-1, keepdims=True)
    return np.where(proof.moved[name][..., None], np.where(np.isfinite(around), around, 0.0), deviation)


def refer(
    case: Case,
    parameters: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray[Any, Any]],
    dtype: str,
    differentiate: tuple[str, ...],
    seed: int,
    kinds: Collection[str] = BASIC,
) -> tuple[Proof, dict[str, np.ndarray[Any, Any]], list[str]]:
    """Prove a sample, and compute what rounding accounts for: the most that any of the case's programs needs.

    Returns:
        The proof, quantity to σ, and what a reader should know.

    Raises:
        CaseError: If a program of the case is another function than the case.
    """
    own, *others = [
        Computation(
            lambda xp, *given, function=function: function(xp, *given, **parameters),
            arrays,
            dtype,
            differentiate,
            seed,
            kinds,
        )
        for function in (case.function, *case.programs)
    ]
    proof = prove(own)
    if case.derivatives is False:
        # Such a case is about special values, and the sign of 0 is one.
        _sign(proof, standard_values(own.function, arrays), arrays)
    sigmas, notes = budget(own, proof)
    for other, program in zip(others, case.programs, strict=True):
        _check_same(proof, prove(other), case.id, program.__name__)
        more, further = budget(other, proof)
        sigmas = {name: np.maximum(sigma, more[name]) for name, sigma in sigmas.items()}
        notes += [note for note in further if note not in notes]
    return proof, sigmas, notes


def _check_same(proof: Proof, other: Proof, case: str, program: str) -> None:
    """Enclosures of one number overlap, and integers are equal."""
    different = [name for name in proof.exact if not np.array_equal(proof.exact[name], other.exact.get(name, ()))]
    different += [
        name
        for name, one in proof.enclosures.items()
        if not _meet(one, other.enclosures.get(name), proof.inner.get(name), other.inner.get(name))
    ]
    for name in different:
        raise CaseError(
            f"{case}: the program {program} is not the same function: its enclosure of {name} does not meet the "
            "case's own. Correct the program, or remove it."
        )


def _meet(one: Enclosure, two: Enclosure | None, hull: Ends | None, other: Ends | None) -> bool:
    if two is None or two.high.shape != one.high.shape:
        return False
    # Where the truth is a set, the number that stands for it is any of its numbers.
    sets = np.zeros(one.high.shape, dtype=bool)
    if hull is not None and other is not None:
        sets = (hull[0] < hull[1]) & (other[0] < other[1])
    with np.errstate(invalid="ignore"):
        gap = np.abs((one.high - two.high) + (one.low - two.low)) - one.radius - two.radius
    # Midpoints are written down with 106 bits; half an ulp of the lower part is no difference.
    near = gap <= np.abs(one.high) * 2.0**-104
    # What has no real value must be the same special.
    special = ~np.isfinite(one.high) & ((one.high == two.high) | (np.isnan(one.high) & np.isnan(two.high)))
    return bool((near | special | sets).all())


def _one_by_one(computation: Computation) -> dict[str, Component]:
    runs: list[Evaluation] = [
        evaluate(computation, Noisy(computation.dtype, computation.seed + number, runs=1)) for number in range(RUNS)
    ]
    shapes = {name: component.shape for name, component in runs[0].quantities.items()}
    return {
        name: np.concatenate([run.quantities[name] for run in runs], axis=-1)
        for name, shape in shapes.items()
        if all(run.quantities[name].shape == shape for run in runs)
    }


def _paired(parts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Write rows of two parts as complex numbers: so a truth says that it is complex."""
    return np.ascontiguousarray(parts, dtype=np.float64).view(np.complex128)[..., 0]


class Referee:
    """Answers requests for references; the handler of a reference worker."""

    def hello(self) -> dict[str, Any]:
        """Say what does the proving."""
        from importlib.metadata import version

        return {"versions": {"python-flint": version("python-flint"), "numpy": version("numpy")}}

    def handle(
        self, header: dict[str, Any], arrays: Sequence[np.ndarray[Any, Any]]
    ) -> Iterator[tuple[dict[str, Any], list[np.ndarray[Any, Any]]]]:
        """Prove one sample in one dtype.

        Args:
            header: `case` (`path`, `name`, `area`, `digest`), `parameters`, `names`, `dtype`, `differentiate`, `seed`,
                `kinds`.
            arrays: The sample's inputs, in the order of `names`.

        Yields:
            One reply: `kind`, `reason`, `precision`, `seconds`, and `fields`, a list of quantity and field of
            `model.Truth`, one for each array that comes with it.
        """
        started = time.perf_counter()
        try:
            case = load_case(**header["case"])
        except CaseChangedError as error:
            yield {"kind": "none", "reason": str(error), "precision": 0, "seconds": 0.0, "fields": []}, []
            return
        inputs = dict(zip(header["names"], arrays, strict=True))
        differentiate = tuple(header["differentiate"]) if any(map(is_derivative, header["kinds"])) else ()
        proof, sigmas, notes = refer(
            case, header["parameters"], inputs, header["dtype"], differentiate, header["seed"], header["kinds"]
        )
        fields: list[tuple[str, str]] = []
        found: list[np.ndarray[Any, Any]] = []
        for name, truth in proof.enclosures.items():
            parts = {"high": truth.high, "low": truth.low, "radius": truth.radius, "sigma": sigmas[name]}
            if name in proof.inner:
                parts |= dict(zip(("inner_low", "inner_high"), proof.inner[name], strict=True))
                parts |= dict(zip(("outer_low", "outer_high"), proof.outer[name], strict=True))
            if name in proof.signs:
                parts["signs"] = proof.signs[name]
            for field, array in parts.items():
                fields.append((name, field))
                found.append(_paired(array) if name in proof.complexes and field != "signs" else array)
        for name, array in proof.exact.items():
            fields.append((name, "exact"))
            found.append(array)
        yield (
            {
                "kind": "wide" if proof.problems else "proved",
                "reason": "; ".join([*proof.problems, *notes]) or None,
                "precision": proof.precision,
                "seconds": time.perf_counter() - started,
                "fields": fields,
            },
            found,
        )
