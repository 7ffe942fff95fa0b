"""What a backend returned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.model.arrays import Array
from harness.model.record import Record
from harness.model.words import Check, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Observation"]


class Observation(Record, frozen=True, kw_only=True, tag="observation"):
    """What a backend returned for a check, bit for bit, or how it failed.

    Attributes:
        id: Fingerprint of everything that decides the result: case source, operations, inputs, versions, settings.
        check: What was asked.
        outcome: Whether it was completed.
        reason: Why not, in words; none when it was.
        value: What was returned.
        versions: Distribution to version, in the worker's environment.
        seconds: `first` (trace and compile included) and `again`, in seconds, of the call this quantity came from.
        graph: What the framework says of a compiled computation: `traces`, `graph_breaks`, operations of control flow.
        stale: Whether it returned, for other inputs, the very bits it returned for those it was prepared with.
        told: Whether the backend itself said that the result is missing: it would say so again.
        environment: Settings that were made before the worker started: threads, flags, denormal mode.
        recorded: Unix time.
        run: The run that made it.
        schema: Version of this record.
    """

    check: Check
    outcome: Outcome
    reason: str | None = None
    value: Array | None = None
    versions: dict[str, str] = {}
    seconds: dict[str, float] = {}
    graph: dict[str, int] = {}
    stale: bool = False
    told: bool = False
    environment: dict[str, str] = {}
    run: str = ""

    @property
    def final(self) -> bool:
        """Whether the same check would end the same way again, so that it need not be run again."""
        return self.outcome.final or (self.told and self.outcome is Outcome.MISSING)

    @property
    def says(self) -> tuple[Any, ...]:
        """The outcome, and the bits; how long it took, and in which run, may differ."""
        value = self.value
        return (self.outcome, None if value is None else (value.dtype, value.shape, value.sha256))

    def arrays(self) -> Iterator[Array]:
        """Yield the value."""
        if self.value is not None:
            yield self.value

    def floats(self) -> Iterator[float]:
        """Yield times."""
        yield self.recorded
        yield from self.seconds.values()
