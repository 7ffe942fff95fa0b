"""How far a good program may be from the truth: σ of every element, from perturbed runs of the case."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.formats import FORMATS, real_of
from harness.reference.arithmetic import Component, SplitError
from harness.reference.evaluate import Computation, Evaluation, evaluate
from harness.reference.kinks import is_derivative
from harness.reference.stochastic import RUNS, CarefulNoisy, Noisy, amplification

if TYPE_CHECKING:
    from harness.reference.proving import Proof, Proved

__all__ = ["budget"]

_LITTLE = 2.0**8
"""How much larger than float64's rounding noise is made that tells where its effect is not linear; the runs' own rounding
is 1/256 of it."""

_LINEAR = 2.0
"""Two budgets of the same program, of 32 runs each, differ by less where the effect of noise is linear: their root mean
squares are known to 12 %."""


def budget(computation: Computation, proof: Proof) -> tuple[dict[str, np.ndarray[Any, Any]], list[str]]:
    """Compute σ, the root mean square deviation of a good program from the truth, for every element.

    Args:
        computation: What is run.
        proof: The truth of it.

    Returns:
        Quantity to float64 array, and what a reader should know: that runs overflowed or split over a branch.
    """
    sigmas, notes, others = _budget_of_program(computation, proof, 0)
    for alternative in range(1, others + 1):
        more, further, _ = _budget_of_program(computation, proof, alternative)
        notes += [note for note in further if note not in notes]
        # A program that leaves the range where another does not makes no room for everything.
        sigmas = {
            name: np.where(np.isinf(more[name]), sigma, np.fmax(sigma, more[name])) for name, sigma in sigmas.items()
        }
    return sigmas, notes


def _budget_of_program(
    computation: Computation, proof: Proof, alternative: int
) -> tuple[dict[str, np.ndarray[Any, Any]], list[str], int]:
    """Compute the budget of one program; and say how many others there are.

    The noise of float64 is made much larger than its rounding, and its effect divided by as much, which is right where
    the effect is linear. Noise that is only a little larger says where it is not, and what it is there: in a chaotic map,
    beside a branch, or where what is left of a cancellation is smaller than the noise.
    """
    amplified = amplification(computation.dtype)
    sigmas, notes, others = _noise(computation, proof, alternative, amplified)
    if amplified == 1:
        return sigmas, notes, others
    smaller, still, _ = _noise(computation, proof, alternative, _LITTLE)
    for name, sigma in sigmas.items():
        less = smaller[name]
        with np.errstate(all="ignore"):
            linear = (sigma <= _LINEAR * less) & (less <= _LINEAR * sigma)
        differ = ~linear & np.isfinite(less)
        if differ.any():
            sigmas[name] = np.where(differ, less, sigma)
            notes = [
                note for note in notes if note in still or np.isinf(sigmas[name]).any() or f"in {name}," not in note
            ]
            notes.append(
                f"in {name}, the effect of rounding is not linear; the budget is that of noise little above it"
            )
    return sigmas, notes, others


def _noise(
    computation: Computation, proof: Proof, alternative: int, amplified: float
) -> tuple[dict[str, np.ndarray[Any, Any]], list[str], int]:
    """Run a program with noise, and compare with the truth."""
    notes, dtype = [], computation.dtype
    # The usual noise is what it is without saying so.
    size = None if amplified == amplification(dtype) else amplified
    with np.errstate(all="ignore"):
        try:
            run = evaluate(computation, Noisy(dtype, computation.seed, amplified=size), alternative=alternative)
            runs, others = run.quantities, run.alternatives
        except SplitError:
            notes.append("ill-conditioned here: rounding decides which branch is taken")
            runs, others = _run_singly(computation, size), 0
        runs = _with_careful(computation, proof, runs, alternative, size)
        sigmas = {}
        for name, enclosure in proof.enclosures.items():
            component = runs.get(name)
            if component is None or component.shape[:-1] != enclosure.high.shape:
                notes.append(f"ill-conditioned here: rounding changes the shape of {name}")
                sigmas[name] = np.full(enclosure.high.shape, np.inf)
                continue
            truth, largest = enclosure.high[..., None], FORMATS[real_of(dtype)].largest
            deviation = _deviation(component, proof.quantities[name], (component - truth) - enclosure.low[..., None])
            # hypot, because squares may overflow or vanish where their root does not.
            sigma = np.hypot.reduce(deviation, axis=-1) / math.sqrt(component.shape[-1]) / amplified
            # Where every run overflows as the truth does, there is no doubt about what must come out.
            rounded = np.where(np.abs(truth) > largest, np.copysign(np.inf, truth), truth)
            same = (component == rounded) | (np.isnan(component) & np.isnan(truth))
            sigmas[name] = np.where(same.all(axis=-1), 0.0, np.where(np.isnan(sigma), np.inf, sigma))
            if np.isinf(sigmas[name]).any():
                notes.append(f"ill-conditioned here: in {name}, some perturbed runs overflow and others do not")
    return sigmas, notes, others


def _deviation(component: Component, proved: Proved, deviation: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Where the truth is a set, take the distance from it; where a program misses the truth, only how its runs vary."""
    if proved.kink is not None:
        low, high = (end[..., None] for end in proved.kink.inner)
        beyond = np.maximum(np.maximum(low - component, component - high), 0.0)
        if proved.joint is not None:
            away = proved.joint.beyond(component)
            proved.joint = proved.joint.steady(np.sqrt(np.mean(away**2, axis=-1)), (high - low)[..., 0])
        if proved.joint is not None:
            beyond = np.where(proved.joint.groups[..., None] > 0, np.fmax(beyond, away), beyond)
        deviation = np.where(high > low, np.nan_to_num(beyond, nan=0.0), deviation)
    if proved.unreached is None:
        return deviation
    around = component - component.mean(axis=-1, keepdims=True)
    return np.where(proved.unreached[..., None], np.where(np.isfinite(around), around, 0.0), deviation)


def _with_careful(
    computation: Computation, proof: Proof, runs: dict[str, Component], alternative: int, amplified: float | None
) -> dict[str, Component]:
    """Where noisy runs have no number because 0 met an infinity, and the truth has one, let 0 be 0."""
    lost = {}
    for name, proved in proof.quantities.items():
        component = runs.get(name)
        if proved.unreached is None or proved.enclosure is None or component is None or not is_derivative(name):
            continue
        if component.shape[:-1] == proved.enclosure.high.shape:
            lost[name] = (proved.unreached & np.isfinite(proved.enclosure.high))[..., None] & np.isnan(component)
    if not any(elements.any() for elements in lost.values()):
        return runs
    try:
        noisy = CarefulNoisy(computation.dtype, computation.seed, amplified=amplified)
        careful = evaluate(computation, noisy, alternative=alternative)
    except SplitError:
        return runs
    found = dict(runs)
    for name, elements in lost.items():
        found[name] = np.where(elements, careful.quantities[name], runs[name])
    return found


def _run_singly(computation: Computation, amplified: float | None) -> dict[str, Component]:
    """Run noisy programs one after the other, where they cannot go side by side."""
    runs: list[Evaluation] = [
        evaluate(computation, Noisy(computation.dtype, computation.seed + number, 1, amplified))
        for number in range(RUNS)
    ]
    shapes = {name: component.shape for name, component in runs[0].quantities.items()}
    return {
        name: np.concatenate([run.quantities[name] for run in runs], axis=-1)
        for name, shape in shapes.items()
        if all(run.quantities[name].shape == shape for run in runs)
    }
