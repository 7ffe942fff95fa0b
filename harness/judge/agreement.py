"""Agreement: an observation against the truth, within the budget.

Everything here asks for proven agreement. What cannot be shown to agree, disagrees: a NaN is never within anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.judge.diagnosis import classify, explain
from harness.model import Array, Judgement, Observation, Outcome, Reference, Truth, Verdict
from harness.operations.formats import FORMATS, complex_of, is_complex, real_of, ulp
from harness.reference.hulls import Joint

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["THRESHOLD", "judge"]

THRESHOLD = 8.0
"""K: z up to here agrees. One constant for every operation, dtype and framework.

Fixed by calibration on the healthy catalogue (`nox -s calibrate`, published in reports/calibration.md): with it no check of
a healthy framework is called wrong. A check there has a z of K or more only where it is a convention, or where the ledger
accepts its divergence with a reason; such a z may be of any size. Which planted faults it catches, and which it does not,
stands in reports/planted_faults.md. It is never raised to make a framework pass.
"""


_FINDINGS = {Outcome.RAISED: "raised", Outcome.MISSING: "missing"}
"""Outcomes that are divergences, not accidents."""


def judge(observation: Observation, reference: Reference | None) -> Judgement:
    """Judge one observation.

    Args:
        observation: What a backend returned, or how it failed.
        reference: The truth of its sample in its dtype; None where there is none.

    Returns:
        A judgement. Its verdict is None exactly where there is nothing to judge: the observation was not completed.
    """
    check = observation.check
    facts: dict[str, Any] = {
        "check": check,
        "version": next(iter(observation.versions.values()), ""),
        "outcome": observation.outcome,
        "reference": "none" if reference is None else reference.kind,
        "seconds": observation.seconds,
    }
    if observation.outcome is not Outcome.COMPLETED:
        return Judgement(**facts, reason=observation.reason, finding=_FINDINGS.get(observation.outcome))
    if observation.value is None:
        reason = "it completed, but no array came back"
        return Judgement(**facts, verdict=Verdict.DISAGREES, reason=reason, finding="missing")
    if not observation.value.intact:
        return Judgement(**facts, verdict=Verdict.DISAGREES, reason="the stored bytes do not match their SHA-256")
    truth = None if reference is None else reference.quantities.get(check.quantity)
    if reference is None or truth is None:
        reason = "there is no reference" if reference is None else _no_truth(reference, check.quantity)
        return Judgement(**facts, verdict=Verdict.DISAGREES, reason=reason)
    found = _both(observation.value, observation.first, truth, check.dtype)
    if observation.stale and found["verdict"] is Verdict.DISAGREES and _says_something(observation.value.numpy()):
        trace = "stale trace: the very bits that it returned for the inputs it was prepared with"
        found["reason"] = f"{trace}; {found['reason']}"
    if reference.reason is not None and (found["reason"] is not None or "ill-conditioned" in reference.reason):
        found["reason"] = "; ".join(part for part in (found["reason"], reference.reason) if part)
    return Judgement(**facts, **found)


def _both(again: Array, first: Array | None, truth: Truth, dtype: str) -> dict[str, Any]:
    """Judge two calls, of which the worse one counts: what is right only now and then is not right."""
    late = _compared(again, truth, dtype)
    if first is None:
        return late
    early = _compared(first, truth, dtype)
    wrong = [found["verdict"] is Verdict.DISAGREES for found in (early, late)]
    if wrong == [True, False]:
        return early | {"reason": f"the first of two calls is wrong, the second is not: {early['reason']}"}
    if wrong == [False, True]:
        return late | {"reason": f"the second of two calls is wrong, the first is not: {late['reason']}"}
    return early if late["verdict"] is Verdict.AGREES else late


def _compared(value: Array, truth: Truth, dtype: str) -> dict[str, Any]:
    """Hold one call's result against the truth."""
    return _exact(value, truth) if truth.exact is not None else _floating(value, truth, dtype)


def _says_something(array: NDArray[Any]) -> bool:
    """Whether equal bits for other inputs mean anything: nothing but zeros or NaN comes of many inputs."""
    return bool(((array != 0) & (array == array)).any())  # noqa: PLR0124 - a NaN is not equal to itself


def _no_truth(reference: Reference, quantity: str) -> str:
    if reference.kind == "none":
        return f"there is no reference: {reference.reason}"
    known = ", ".join(reference.quantities)
    return f"the reference knows {known}, but the backend returned {quantity}"


def _disagrees(reason: str, finding: str) -> dict[str, Any]:
    return {"verdict": Verdict.DISAGREES, "reason": reason, "finding": finding}


def _exact(value: Array, truth: Truth) -> dict[str, Any]:
    """Integers and booleans are equal or not: to the exact result, or to what rounding makes of it, element by element.

    Their dtype is compared as that of every result: int32 is not int64.
    """
    assert truth.exact is not None
    expected, got = truth.exact.numpy(), value.numpy()
    same = expected.dtype == got.dtype
    dtypes = f"dtype {value.dtype}, expected {truth.exact.dtype}"
    if not same and not {expected.dtype.kind, got.dtype.kind} <= {"i", "u"}:
        return _disagrees(dtypes, "dtype")
    if expected.shape != got.shape:
        return _disagrees(f"shape {got.shape}, expected {expected.shape}", "shape")
    differ = expected != got
    decided = np.zeros(expected.shape, dtype=bool)
    if truth.others is not None:
        decided = differ & (truth.others.numpy() == got).any(axis=0)
    wrong = np.argwhere(differ & ~decided)
    if len(wrong):
        index = tuple(int(place) for place in wrong[0])
        reason = f"{len(wrong)} of {expected.size} elements differ"
        return {
            "verdict": Verdict.DISAGREES,
            "worst_index": index,
            "observed": str(got[index]).lower(),
            "truth": str(expected[index]).lower(),
            "reason": reason if same else f"{dtypes}; {reason}",
            # A dtype that is accepted excuses no number.
            "finding": "budget" if same else "budget+dtype",
        }
    if not same:
        return _disagrees(dtypes, "dtype")
    count = int(decided.sum())
    return {
        "verdict": Verdict.AGREES,
        "reason": f"rounding decides {count} of {expected.size} elements" if count else None,
    }


def _floating(got: Array, truth: Truth, dtype: str) -> dict[str, Any]:
    assert truth.high is not None
    assert truth.low is not None
    assert truth.radius is not None
    assert truth.sigma is not None
    high, low, radius, sigma = (part.numpy() for part in (truth.high, truth.low, truth.radius, truth.sigma))
    expected = complex_of(real_of(dtype)) if is_complex(truth.high.dtype) else real_of(dtype)
    if tuple(got.shape) != high.shape:
        return _disagrees(f"shape {tuple(got.shape)}, expected {high.shape}", "shape")
    if got.dtype != expected:
        return _disagrees(f"dtype {got.dtype}, expected {expected}", "dtype")
    # Of complex numbers, each part is judged.
    high, low, radius, sigma = map(_parts, (high, low, radius, sigma))
    observed = _parts(got.numpy())
    spacing = ulp(_largest(truth, high), dtype)
    allowed = np.maximum(sigma, spacing / math.sqrt(12))
    with np.errstate(all="ignore"):
        distance = np.maximum(np.abs((observed - high) - low) - np.where(np.isfinite(radius), radius, 0.0), 0.0)
        sets = _Sets.of(truth, observed, allowed)
        distance = np.where(sets.spread, sets.distance, distance)
        # distance / allowed, but a third of float64's smallest number is none, so that ulps are counted first.
        ratio = np.minimum(distance / np.maximum(sigma, 0.0), distance / spacing * math.sqrt(12))
        z = np.where(distance == 0, 0.0, ratio)
        z = np.where(sets.spread, z, _specials(z, observed, high, allowed, FORMATS[real_of(dtype)].largest))
        if truth.signs is not None:
            # Only what is exactly 0 by the standard: what underflows may keep either sign.
            zero = (observed == 0) & (high == 0) & (low == 0) & (radius == 0)
            z = np.where(zero & (np.signbit(observed) != truth.signs.numpy()), np.inf, z)
        errors = np.where(z == 0, 0.0, distance / spacing)
    if not z.size:
        return {"verdict": Verdict.AGREES, "reason": None, "z": 0.0, "error_ulps": 0.0}
    # A NaN in z is worse than any number.
    flat = int(np.argmax(np.where(np.isnan(z), np.inf, z)))
    worst = tuple(int(place) for place in np.unravel_index(flat, z.shape))
    found: dict[str, Any] = {
        "z": float(z[worst]),
        "finite_z": float(np.max(z, where=np.isfinite(z), initial=0.0)),
        "error_ulps": float(np.max(np.where(np.isnan(errors), np.inf, errors))),
        "worst_index": worst[: len(got.shape)],
        "observed": _hexadecimal(observed[worst]),
        "truth": _hexadecimal(high[worst]),
        "reason": None,
    }
    agreed = z <= THRESHOLD
    if agreed.all():
        return found | sets.agreement()
    return found | {
        "verdict": Verdict.DISAGREES,
        "reason": explain(observed, high, allowed, z, dtype, THRESHOLD),
        "finding": classify(observed, high, THRESHOLD * allowed, ~agreed),
    }


@dataclass(frozen=True)
class _Sets:
    """Where the truth is a set, and how far what was observed is from it.

    Attributes:
        spread: Where it is one, and wider than rounding.
        distance: To the inner set, or to the outer one where that is why it is accepted; NaN for a NaN.
        unproved: Where it lies outside the inner set and inside the outer one.
    """

    spread: NDArray[Any]
    distance: NDArray[Any]
    unproved: NDArray[Any]

    @classmethod
    def of(cls, truth: Truth, observed: NDArray[Any], allowed: NDArray[Any]) -> _Sets:
        if truth.inner_low is None or truth.inner_high is None:
            nowhere = np.zeros(observed.shape, dtype=bool)
            return cls(nowhere, np.zeros(observed.shape), nowhere)
        low, high = _parts(truth.inner_low.numpy()), _parts(truth.inner_high.numpy())
        spread = high - low > allowed
        inner = outer = _beyond(observed, low, high)
        if truth.outer_low is not None and truth.outer_high is not None:
            outer = _beyond(observed, _parts(truth.outer_low.numpy()), _parts(truth.outer_high.numpy()))
        room = THRESHOLD * allowed
        if truth.limits is not None and truth.groups is not None and truth.towards is not None:
            joint = Joint(_parts(truth.limits.numpy()), truth.groups.numpy(), _parts(truth.towards.numpy()))
            narrowed = joint.within(spread)
            if narrowed is not None:
                seen, away, excluded = narrowed.residuals(observed, room)
                # What lies outside jointly is as far from the set as from the nearest combination.
                inner = np.where(seen, np.maximum(inner, away), inner)
                outer = np.where(seen & excluded, np.maximum(inner, outer), outer)
        proved = inner <= room
        return cls(spread, np.where(proved, inner, outer), spread & ~proved & (outer <= room))

    def agreement(self) -> dict[str, Any]:
        """Return the verdict where every element is in its set, or is what it must be."""
        if not self.spread.any():
            return {"verdict": Verdict.AGREES}
        count, beyond = int(self.spread.sum()), int(self.unproved.sum())
        reason = f"{count} of {self.spread.size} elements have no derivative here; each is one of the right answers"
        if beyond:
            reason = (
                f"{count} of {self.spread.size} elements have no derivative here; {beyond} of them lie outside the "
                "limits that were found nearby and inside an outer bound: unproved"
            )
        return {"verdict": Verdict.CONVENTION, "reason": reason}


def _largest(truth: Truth, high: NDArray[Any]) -> NDArray[Any]:
    """Return the largest size of the right results: that of the truth, or of an end of its set."""
    size = np.abs(high)
    for end in (truth.inner_low, truth.inner_high):
        if end is not None:
            ends = np.abs(_parts(end.numpy()))
            size = np.where(np.isfinite(ends), np.fmax(size, ends), size)
    return np.asarray(size)


def _parts(array: NDArray[Any]) -> NDArray[Any]:
    """Return real numbers as float64, complex ones as rows of their two parts."""
    if array.dtype.kind != "c":
        return array.astype(np.float64)
    return np.stack([array.real, array.imag], axis=-1).astype(np.float64)


def _beyond(observed: NDArray[Any], low: NDArray[Any], high: NDArray[Any]) -> NDArray[Any]:
    """Return the distance to an interval, whose ends may be infinite. A NaN is in none."""
    outside = np.fmax(np.fmax(low - observed, observed - high), 0.0)
    return np.where(np.isnan(observed), np.nan, outside)


def _specials(
    z: NDArray[Any], observed: NDArray[Any], high: NDArray[Any], allowed: NDArray[Any], largest: float
) -> NDArray[Any]:
    """Return 0 where an infinity or NaN is what must come out, and infinity where it must not."""
    overflown = np.abs(high) > largest
    # Rounding may carry a number that is barely finite beyond the largest one; one that came back from there is
    # judged by its distance, as every finite number is.
    near = np.abs(high) + THRESHOLD * allowed > largest
    infinite = np.isinf(observed) & (np.sign(observed) == np.sign(high))
    z = np.where(np.isinf(observed) | np.isnan(observed), np.inf, z)
    z = np.where(infinite & (overflown | near), 0.0, z)
    z = np.where(np.isnan(high), np.where(np.isnan(observed), 0.0, np.inf), z)
    # Where the perturbed runs themselves overflow or are undefined, nothing finite can be demanded.
    return np.where(np.isinf(allowed) & ~np.isnan(observed), 0.0, z)


def _hexadecimal(number: float) -> str:
    number = float(number)
    if math.isnan(number):
        return "nan"
    if math.isinf(number):
        return "inf" if number > 0 else "-inf"
    return number.hex()
