"""How long something took."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from harness.model.manifests import BackendFacts
from harness.model.record import Record
from harness.model.words import Check, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Series", "Timing"]


class Timing(Record, frozen=True, kw_only=True, tag="timing"):
    """How long a backend took over one quantity of a case in one process, or how it failed.

    Attributes:
        id: Fingerprint of the check, the run and the process.
        check: What was timed. Its quantity is `value`, or `vjp`: the value with the gradients of all inputs.
        run: The run that it belongs to, which is the id of a `Series`.
        process: Number of the backend's process in the run, counted from 0; each is a replicate.
        computation: Fingerprint of the case's source and inputs: only times of one computation are compared.
        outcome: Whether it was completed.
        reason: Why not, in words; none when it was.
        calls: Seconds of one call in steady state, one number a batch.
        loops: Calls in a batch.
        first: Seconds of the first call: trace and compilation included, the import not.
        imported: Seconds that importing the framework and choosing the device took in this process.
        memory: Peak bytes above what the process held before the case was prepared: `host_first` (while it was compiled
            and called first) and `host` (in steady state), and above what the device held, where the framework says,
            `device_first` and `device`.
        elements: Elements of all inputs.
        moved: Bytes of all inputs and outputs: what any program must move at least.
        flops: Floating-point operations of a call, by the rows of the operations; none where one of them has no count,
            and for gradients.
        traffic: Bytes that a call moves if nothing is fused and nothing cached: the inputs and outputs of each
            operation. None for gradients.
        uncounted: The operations that have no count, or why nothing could be counted.
        versions: Distribution to version, in the worker's environment.
        environment: Settings that were made before the worker started.
        recorded: Unix time.
        schema: Version of this record.
    """

    check: Check
    run: str
    process: int
    computation: str = ""
    outcome: Outcome = Outcome.COMPLETED
    reason: str | None = None
    calls: tuple[float, ...] = ()
    loops: int = 0
    first: float | None = None
    imported: float | None = None
    memory: dict[str, int] = {}
    elements: int = 0
    moved: int = 0
    flops: float | None = None
    traffic: int | None = None
    uncounted: tuple[str, ...] = ()
    versions: dict[str, str] = {}
    environment: dict[str, str] = {}

    @property
    def seconds(self) -> float:
        """Seconds of one call in this process: in its least disturbed batch.

        Whatever else the machine does can make a batch slower and never faster, so the least says most about the
        program (Chen and Revels, Robust benchmarking in noisy environments, 2016, https://arxiv.org/abs/1608.04295).
        """
        return min(self.calls, default=math.nan)

    def floats(self) -> Iterator[float]:
        """Yield times."""
        yield from (self.recorded, *self.calls, self.first or 0.0, self.imported or 0.0)


class Series(Record, frozen=True, kw_only=True, tag="series"):
    """A timing run that ended, and the name it was saved under.

    Attributes:
        id: Of the run.
        name: What it was saved as; empty where it was not.
        backends: The backends that were timed.
        facts: What made it: machine, number of processes, budget, seed of the order.
        machine: What the machine itself can do, measured in the run, a second: `copy_bytes`, and for each dtype that
            NumPy multiplies matrices of, `float32_flops` and the like.
        recorded: Unix time.
        schema: Version of this record.
    """

    name: str = ""
    backends: tuple[BackendFacts, ...] = ()
    facts: dict[str, str] = {}
    machine: dict[str, float] = {}

    def floats(self) -> Iterator[float]:
        """Yield times and rates."""
        yield from (self.recorded, *self.machine.values())
