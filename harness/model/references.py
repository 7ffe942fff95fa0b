"""The truth, and how much rounding it allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from harness.model.arrays import Array
from harness.model.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Reference", "Truth"]


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """The truth and the budget of one quantity of one sample in one dtype.

    The exact result of element i lies in `high[i] + low[i] ± radius[i]`.

    Attributes:
        high: float64, the midpoint rounded to nearest.
        low: float64, what rounding left over.
        radius: float64, rounded up.
        sigma: float64, root mean square deviation of a good program of the dtype from the truth.
        inner_low: float64, lower end of the set of right answers where the function has no derivative there; equal
            to `high` elsewhere. None where no tie or kink was met.
        inner_high: Its upper end.
        outer_low: Lower end of the outer enclosure of that set.
        outer_high: Its upper end.
        limits: float64, of one more axis before its own: whole derivatives that are right, whose combinations are. NaN
            where one is not known. None where no elements depend on each other.
        groups: int64: elements with the same number above 0 must be of one combination; of complex results, with one
            more axis, of the two parts.
        towards: float64, of the shape of `limits`: directions in which no right derivative goes farther than the limit
            of the same row; 0 where none is known.
        signs: bool, true where a result that is exactly 0 must be -0. None where the sign of 0 does not matter.
        exact: int64 or bool, where the result is no floating-point number; the other arrays are then None.
        others: Of the dtype of `exact`, what its elements may be besides, because rounding decides: one more axis before
            its own, filled up with the exact results. None where nothing else is right.
    """

    high: Array | None = None
    low: Array | None = None
    radius: Array | None = None
    sigma: Array | None = None
    inner_low: Array | None = None
    inner_high: Array | None = None
    outer_low: Array | None = None
    outer_high: Array | None = None
    limits: Array | None = None
    groups: Array | None = None
    towards: Array | None = None
    signs: Array | None = None
    exact: Array | None = None
    others: Array | None = None


class Reference(Record, frozen=True, kw_only=True, tag="reference"):
    """The truth of a case, sample and dtype, with the rounding budget.

    Attributes:
        id: Fingerprint of everything that decides it.
        case: The case's id.
        sample: The sample's name.
        dtype: The dtype whose bits the inputs are and whose rounding is budgeted.
        kind: `proved`, `wide` (an enclosure stayed wider than 2⁻¹⁰ ulp), `quorum`, or `none` (and why, in `reason`).
        quantities: Quantity to truth.
        reason: What a reader should know: why it is wide, that runs overflowed or split over a branch.
        precision: Working precision in bits that was enough.
        seconds: What it cost.
        recorded: Unix time.
        schema: Version of this record.
    """

    case: str
    sample: str
    dtype: str
    kind: str
    quantities: dict[str, Truth] = {}
    reason: str | None = None
    precision: int = 0
    seconds: float = 0.0

    @property
    def says(self) -> tuple[Any, ...]:
        """What is proved; what that cost may differ."""
        return (self.kind, tuple(sorted(self.quantities.items(), key=lambda item: item[0])))

    def arrays(self) -> Iterator[Array]:
        """Yield the parts of every truth."""
        for truth in self.quantities.values():
            yield from (array for name in truth.__struct_fields__ if (array := getattr(truth, name)) is not None)

    def floats(self) -> Iterator[float]:
        """Yield times."""
        yield from (self.recorded, self.seconds)
