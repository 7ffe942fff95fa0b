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


def budget(computation: Computation, proof: Proof) -> tuple[dict[str, np.ndarray[Any, Any]], list[str]]:
    """Compute σ, the root mean square deviation of a good program from the truth, for every element.

    Args:
        computation: What is run.
        proof: The truth of it.

    Returns:
        Quantity to float64 array, and what a reader should know: that runs overflowed or split over a branch.
    """
    sigmas, notes, others = _budget_of(computation, proof, 0)
    for alternative in range(1, others + 1):
        more, further, _ = _budget_of(computation, proof, alternative)
        notes += [note for note in further if note not in notes]
        # A program that leaves the range where another does not makes no room for everything.
        sigmas = {
            name: np.where(np.isinf(more[name]), sigma, np.fmax(sigma, more[name])) for name, sigma in sigmas.items()
        }
    return sigmas, notes


def _budget_of(
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
            runs, others = _run_singly(computation), 0
        runs = _with_careful(computation, proof, runs, alternative)
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
            sigma = np.hypot.reduce(deviation, axis=-1) / math.sqrt(component.shape[-1]) / amplification(dtype)
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
        deviation = np.where(high > low, np.nan_to_num(beyond, nan=0.0), deviation)
    if proved.unreached is None:
        return deviation
    around = component - component.mean(axis=-1, keepdims=True)
    return np.where(proved.unreached[..., None], np.where(np.isfinite(around), around, 0.0), deviation)


def _with_careful(
    computation: Computation, proof: Proof, runs: dict[str, Component], alternative: int
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
        careful = evaluate(computation, CarefulNoisy(computation.dtype, computation.seed), alternative=alternative)
    except SplitError:
        return runs
    found = dict(runs)
    for name, elements in lost.items():
        found[name] = np.where(elements, careful.quantities[name], runs[name])
    return found


def _run_singly(computation: Computation) -> dict[str, Component]:
    """Run noisy programs one after the other, where they cannot go side by side."""
    runs: list[Evaluation] = [
        evaluate(computation, Noisy(computation.dtype, computation.seed + number, runs=1)) for number in range(RUNS)
    ]
    shapes = {name: component.shape for name, component in runs[0].quantities.items()}
    return {
        name: np.concatenate([run.quantities[name] for run in runs], axis=-1)
        for name, shape in shapes.items()
        if all(run.quantities[name].shape == shape for run in runs)
    }
