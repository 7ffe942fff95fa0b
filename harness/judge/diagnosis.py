"""Says in words what is wrong with an array, so that a reader need not compare numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["classify", "explain"]

_CONSTANT_FACTOR_SPREAD = 0.05


def explain(
    observed: NDArray[Any], truth: NDArray[Any], allowed: NDArray[Any], z: NDArray[Any], dtype: str, threshold: float
) -> str:
    """Explain a disagreement.

    Args:
        observed: float64, what came back.
        truth: float64, of the same shape.
        allowed: float64, what one unit of z is.
        z: float64, the distances in units of the budget.
        dtype: Name of the check's dtype.
        threshold: K.

    Returns:
        One sentence, with what it looks like first and the numbers after it.
    """
    wrong = ~(z <= threshold)
    count = int(wrong.sum())
    numbers = f"{count} of {z.size} elements are outside the rounding budget of {dtype}"
    return "; ".join([*_looks_like(observed, truth, threshold * allowed, wrong), numbers])


def classify(observed: NDArray[Any], truth: NDArray[Any], budget: NDArray[Any], wrong: NDArray[Any]) -> str:
    """Name the kinds of divergence among the wrong elements, as `model.Judgement.finding` lists them.

    Args:
        observed: float64, what came back.
        truth: float64, of the same shape.
        budget: float64, the largest distance that agrees.
        wrong: bool, the elements that do not agree.
    """
    with np.errstate(all="ignore"):
        opposite = (observed == -truth) | (np.abs(observed + truth) <= budget)
    kinds = np.select(
        [
            np.isnan(observed),
            opposite & ((truth != 0) | (observed == 0)),
            np.isinf(observed),
            observed == 0,
            ~np.isfinite(truth),
        ],
        ["nan", "sign", "infinite", "zero", "finite"],
        "budget",
    )
    return "+".join(sorted(set(kinds[wrong].tolist())))


def _looks_like(observed: NDArray[Any], truth: NDArray[Any], budget: NDArray[Any], wrong: NDArray[Any]) -> list[str]:
    nans = np.isnan(observed) & ~np.isnan(truth)
    if nans.any():
        return [f"{int(nans.sum())} NaN where a finite result exists"]
    infinite = np.isinf(observed) & np.isfinite(truth)
    if infinite.any():
        return [f"{int(infinite.sum())} infinities where a finite result exists"]
    found = []
    if not observed.any():
        found.append("zero everywhere: detached, or never computed")
    elif observed.size > 1 and (observed == observed.flat[0]).all() and (truth != truth.flat[0]).any():
        found.append("the same number everywhere: the input is ignored")
    elif (
        observed.ndim > 1
        and observed.shape[-1] == observed.shape[-2]
        and _like(observed, np.swapaxes(truth, -1, -2), budget)
    ):
        found.append("looks like the transpose")
    elif _like(observed, -truth, budget):
        found.append("looks like the right answer with the sign reversed")
    else:
        found += _constant_factor(observed, truth, wrong)
    return found


def _like(observed: NDArray[Any], candidate: NDArray[Any], budget: NDArray[Any]) -> bool:
    """Whether another array would have been within the budget, the largest element's for all."""
    with np.errstate(all="ignore"):
        largest = np.max(budget, where=np.isfinite(budget), initial=0.0)
        return bool((np.abs(observed - candidate) <= largest).all() and candidate.any())


def _constant_factor(observed: NDArray[Any], truth: NDArray[Any], wrong: NDArray[Any]) -> list[str]:
    usable = wrong & (truth != 0) & np.isfinite(observed) & np.isfinite(truth)
    # One wrong element among many has a factor, but it is not that of the array.
    if not usable.any() or (usable.sum() == 1 and usable.size > 1):
        return []
    excess = observed[usable] / truth[usable] - 1.0
    middle = float(np.median(excess))
    if middle != 0 and float(np.max(np.abs(excess - middle))) <= _CONSTANT_FACTOR_SPREAD * abs(middle):
        return [f"too large by a constant factor of 1 {'+' if middle > 0 else '-'} {abs(middle):.3g}"]
    return []
