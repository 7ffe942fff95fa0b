"""What a reference worker does: proves the truth of a sample and computes its rounding budget. Needs no framework."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect.registry import load_case
from harness.errors import CaseChangedError, CaseError
from harness.operations.formats import FORMATS
from harness.reference.arithmetic import Component, SplitError, UndecidedError, is_floating
from harness.reference.balls import Balls, Enclosure, enclosure
from harness.reference.evaluate import BASIC, Evaluation, evaluate
from harness.reference.stochastic import RUNS, Doubles, Noisy, amplification

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from harness.collect.case import Case

__all__ = ["Referee", "budget", "prove", "refer"]

_PRECISIONS = (128, 256, 512, 1024, 2048, 4096)
_TIES = (1.0, 0.0, 0.5, 0.2871, 0.7129)
"""First branch, last branch, even split, and two splits that no framework uses."""

Arrays = "Mapping[str, np.ndarray[Any, Any]]"


class Proof:
    """Enclosures of every quantity of a sample.

    Attributes:
        enclosures: Quantity to enclosure, of floating-point quantities.
        exact: Quantity to integers or booleans.
        inner: Quantity to the lower and upper ends of the results over all selections, where a tie was met and
            they differ.
        precision: Bits that were enough.
        problems: Why it is not `proved`, in words; empty if it is.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.enclosures: dict[str, Enclosure] = {}
        self.exact: dict[str, np.ndarray[Any, Any]] = {}
        self.inner: dict[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = {}
        self.precision = 0
        self.problems: list[str] = []


def prove(
    function: Callable[..., Any],
    arrays: Mapping[str, np.ndarray[Any, Any]],
    dtype: str,
    differentiate: tuple[str, ...],
    seed: int,
    kinds: Collection[str] = BASIC,
) -> Proof:
    """Enclose the exact results, doubling the precision until every enclosure is narrower than 2⁻¹⁰ ulp.

    Args:
        function: `function(xp, *arrays)`.
        arrays: Argument name to inputs, of the dtype.
        dtype: Whose ulp the enclosures are held against.
        differentiate: Arguments to give a VJP for.
        seed: Of the cotangents and tangents.
        kinds: Kinds of quantities that are wanted.
    """
    proof = Proof()
    for precision in _PRECISIONS:
        last = precision == _PRECISIONS[-1]
        balls = Balls(dtype, precision, last=last)
        try:
            run = evaluate(function, balls, arrays, differentiate, seed, tie=0.5, kinds=kinds)
        except UndecidedError:
            continue
        proof.precision = precision
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
    if run.ties:
        _select(proof, function, arrays, dtype, differentiate, seed, kinds)
    _specials(proof, undefined, function, arrays, differentiate, seed, kinds)
    proof.problems += [
        f"the enclosure of {name} stays wide at {precision} bits" for name in wide if name not in undefined
    ]
    if balls.undecided:
        proof.problems.append(f"{balls.undecided} comparisons could not be decided at {precision} bits")
    return proof


def _select(
    proof: Proof,
    function: Callable[..., Any],
    arrays: Mapping[str, np.ndarray[Any, Any]],
    dtype: str,
    differentiate: tuple[str, ...],
    seed: int,
    kinds: Collection[str] = BASIC,
) -> None:
    """Run once per consistent selection at ties; where the results differ, their hull is the inner set."""
    ends: dict[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = {}
    for tie in _TIES:
        balls = Balls(dtype, proof.precision, last=True)
        run = evaluate(function, balls, arrays, differentiate, seed, tie=tie, kinds=kinds)
        for name in proof.enclosures:
            high = enclosure(run.quantities[name]).high
            low, top = ends.get(name, (high, high))
            ends[name] = (np.minimum(low, high), np.maximum(top, high))
    for name, (low, top) in ends.items():
        if (low != top).any():
            proof.inner[name] = (low, top)


def _specials(
    proof: Proof,
    undefined: Sequence[str],
    function: Callable[..., Any],
    arrays: Mapping[str, np.ndarray[Any, Any]],
    differentiate: tuple[str, ...],
    seed: int,
    kinds: Collection[str] = BASIC,
) -> None:
    """Where Arb knows no real result, IEEE 754 says what must come out: a NaN or an infinity of float64."""
    if not undefined:
        return
    wide = {name: array.astype(np.float64) if array.dtype.kind == "f" else array for name, array in arrays.items()}
    with np.errstate(all="ignore"):
        run = evaluate(function, Doubles("float64"), wide, differentiate, seed, kinds=kinds)
    for name in undefined:
        found, special = proof.enclosures[name], run.quantities[name][..., 0]
        unknown = np.isnan(found.high)
        high = np.where(unknown, special, found.high)
        proof.enclosures[name] = Enclosure(high, found.low, found.radius)
        count = int(unknown.sum())
        proof.problems.append(f"{count} elements of {name} have no real value; IEEE 754 says {special[unknown][0]}")


def budget(
    function: Callable[..., Any],
    arrays: Mapping[str, np.ndarray[Any, Any]],
    dtype: str,
    differentiate: tuple[str, ...],
    seed: int,
    proof: Proof,
    kinds: Collection[str] = BASIC,
) -> tuple[dict[str, np.ndarray[Any, Any]], list[str]]:
    """Compute σ, the root mean square deviation of a good program from the truth, for every element.

    Returns:
        Quantity to float64 array, and what a reader should know: that runs overflowed or split over a branch.
    """
    notes = []
    with np.errstate(all="ignore"):
        try:
            runs = evaluate(function, Noisy(dtype, seed), arrays, differentiate, seed, kinds=kinds).quantities
        except SplitError:
            notes.append("ill-conditioned here: rounding decides which branch is taken")
            runs = _one_by_one(function, arrays, dtype, differentiate, seed, kinds)
        sigmas = {}
        for name, found in proof.enclosures.items():
            component = runs.get(name)
            if component is None or component.shape[:-1] != found.high.shape:
                notes.append(f"ill-conditioned here: rounding changes the shape of {name}")
                sigmas[name] = np.full(found.high.shape, np.inf)
                continue
            truth, largest = found.high[..., None], FORMATS[dtype].largest
            deviation = (component - truth) - found.low[..., None]
            # hypot, because squares may overflow or vanish where their root does not.
            sigma = np.hypot.reduce(deviation, axis=-1) / math.sqrt(component.shape[-1]) / amplification(dtype)
            # Where every run overflows as the truth does, there is no doubt about what must come out.
            rounded = np.where(np.abs(truth) > largest, np.copysign(np.inf, truth), truth)
            same = (component == rounded) | (np.isnan(component) & np.isnan(truth))
            sigmas[name] = np.where(same.all(axis=-1), 0.0, np.where(np.isnan(sigma), np.inf, sigma))
            if np.isinf(sigmas[name]).any():
                notes.append(f"ill-conditioned here: in {name}, some perturbed runs overflow and others do not")
    return sigmas, notes


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
    functions = [
        lambda xp, *given, function=function: function(xp, *given, **parameters)
        for function in (case.function, *case.programs)
    ]
    proof = prove(functions[0], arrays, dtype, differentiate, seed, kinds)
    sigmas, notes = budget(functions[0], arrays, dtype, differentiate, seed, proof, kinds)
    for function, program in zip(functions[1:], case.programs, strict=True):
        _check_same(proof, prove(function, arrays, dtype, differentiate, seed, kinds), case.id, program.__name__)
        more, others = budget(function, arrays, dtype, differentiate, seed, proof, kinds)
        sigmas = {name: np.maximum(sigma, more[name]) for name, sigma in sigmas.items()}
        notes += [note for note in others if note not in notes]
    return proof, sigmas, notes


def _check_same(proof: Proof, other: Proof, case: str, program: str) -> None:
    """Enclosures of one number overlap."""
    for name, one in proof.enclosures.items():
        two = other.enclosures.get(name)
        if two is not None and two.high.shape == one.high.shape:
            with np.errstate(invalid="ignore"):
                gap = np.abs((one.high - two.high) + (one.low - two.low)) - one.radius - two.radius
            # Midpoints are written down with 106 bits; half an ulp of the lower part is no difference.
            if not (gap > np.abs(one.high) * 2.0**-104).any():
                continue
        raise CaseError(
            f"{case}: the program {program} is not the same function: its enclosure of {name} does not meet the "
            "case's own. Correct the program, or remove it."
        )


def _one_by_one(
    function: Callable[..., Any],
    arrays: Mapping[str, np.ndarray[Any, Any]],
    dtype: str,
    differentiate: tuple[str, ...],
    seed: int,
    kinds: Collection[str] = BASIC,
) -> dict[str, Component]:
    runs: list[Evaluation] = [
        evaluate(function, Noisy(dtype, seed + number, runs=1), arrays, differentiate, seed, kinds=kinds)
        for number in range(RUNS)
    ]
    shapes = {name: component.shape for name, component in runs[0].quantities.items()}
    return {
        name: np.concatenate([run.quantities[name] for run in runs], axis=-1)
        for name, shape in shapes.items()
        if all(run.quantities[name].shape == shape for run in runs)
    }


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
        differentiate = tuple(header["differentiate"])
        proof, sigmas, notes = refer(
            case, header["parameters"], inputs, header["dtype"], differentiate, header["seed"], header["kinds"]
        )
        fields: list[tuple[str, str]] = []
        found: list[np.ndarray[Any, Any]] = []
        for name, truth in proof.enclosures.items():
            parts = {"high": truth.high, "low": truth.low, "radius": truth.radius, "sigma": sigmas[name]}
            if name in proof.inner:
                parts |= dict(zip(("inner_low", "inner_high"), proof.inner[name], strict=True))
            for field, array in parts.items():
                fields.append((name, field))
                found.append(array)
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
