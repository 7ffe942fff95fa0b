"""What was judged."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from harness.model.record import SCHEMA
from harness.model.words import Check, Outcome, Verdict

__all__ = ["Judgement"]


class Judgement(msgspec.Struct, frozen=True, kw_only=True, tag="judgement"):
    """An observation, judged against a reference.

    Attributes:
        check: What was judged.
        version: Version of the framework.
        outcome: Whether the observation was completed.
        verdict: What was judged of it; none where it was not completed, unless the ledger accepts that.
        reference: The reference's kind.
        error_ulps: Largest distance from the truth, in units in the last place of the check's dtype.
        z: Largest distance from the truth, in units of what rounding accounts for.
        finite_z: The largest z that is finite: how wrong numbers are, where others are NaN or infinite besides.
        worst_index: Index of the element with the largest z.
        observed: That element, exactly: a hexadecimal float, `nan`, `inf`, an integer, `true`.
        truth: The truth there, rounded to float64, written the same way.
        reason: Why it is not `agrees`, in words.
        finding: What kinds of divergence there are, sorted and joined by `+`; none where there is none. `nan`,
            `infinite`: where a finite result exists, or another special. `finite`: where none does. `zero`: where the
            result is not 0. `sign`: the right size with the wrong sign. `budget`: any other number outside the rounding
            budget. `dtype`, `shape`: of the array. `raised`, `missing`: there is no array. The ledger accepts them.
        seconds: Copied from the observation.
        schema: Version of this record.
    """

    check: Check
    version: str
    outcome: Outcome
    verdict: Verdict | None = None
    reference: str = "none"
    error_ulps: float | None = None
    z: float | None = None
    finite_z: float | None = None
    worst_index: tuple[int, ...] | None = None
    observed: str | None = None
    truth: str | None = None
    reason: str | None = None
    finding: str | None = None
    seconds: dict[str, float] = {}
    schema: int = SCHEMA

    @property
    def fine(self) -> bool:
        """Whether the exit status may stay 0: it agreed, is a convention or accepted, or is a declared gap."""
        if self.outcome is not Outcome.COMPLETED:
            return self.outcome is Outcome.UNSUPPORTED or self.verdict is Verdict.ACCEPTED
        return self.verdict in {Verdict.AGREES, Verdict.CONVENTION, Verdict.ACCEPTED}

    def row(self) -> dict[str, Any]:
        """Return the fields of one line of `--json`: a contract; fields are added, never renamed or removed."""
        check = self.check
        return {
            "schema": self.schema,
            "check": check.id,
            "case": check.case,
            "sample": check.sample,
            "backend": check.backend,
            "version": self.version,
            "mode": check.mode,
            "dtype": check.dtype,
            "device": check.device,
            "quantity": check.quantity,
            "path": check.path or None,
            "implementation": check.implementation,
            "outcome": str(self.outcome),
            "verdict": None if self.verdict is None else str(self.verdict),
            "reference": self.reference,
            "error_ulps": _finite(self.error_ulps),
            "z": _finite(self.z),
            "worst_index": None if self.worst_index is None else list(self.worst_index),
            "observed": self.observed,
            "truth": self.truth,
            "reason": self.reason,
            "finding": self.finding,
            "seconds": {name: _finite(value) for name, value in self.seconds.items()},
        }


def _finite(number: float | None) -> float | str | None:
    if number is None or math.isfinite(number):
        return number
    return "nan" if math.isnan(number) else ("inf" if number > 0 else "-inf")
