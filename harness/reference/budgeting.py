"""How far a good program may be from the truth: σ of every element, from perturbed runs of the case."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.formats import FORMATS, real_of
from harness.reference.arithmetic import Component, SplitError
from harness.reference.evaluate import Computation, Evaluation, evaluate
from harness.reference.stochastic import RUNS, Noisy, amplification

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
