"""The records that pass between rooms, and how they are written down.

Every record can be written as one line of JSON. Arrays are raw bytes with the *name* of their dtype, their shape and
a SHA-256, so that bfloat16, NaN payloads and negative zeros survive bit for bit.
"""

from __future__ import annotations

import enum
import hashlib
import math
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "SCHEMA",
    "Array",
    "BackendFacts",
    "CaseFacts",
    "Check",
    "Judgement",
    "Manifest",
    "Observation",
    "Outcome",
    "Reference",
    "Series",
    "Timing",
    "Truth",
    "Verdict",
]

SCHEMA = 1


class Outcome(enum.StrEnum):
    """Whether an observation was completed. Says nothing about right or wrong."""

    COMPLETED = "completed"
    UNSUPPORTED = "unsupported"
    RAISED = "raised"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    MISSING = "missing"

    @property
    def final(self) -> bool:
        """Whether the same check would end the same way again, so that it need not be run again."""
        return self in {Outcome.COMPLETED, Outcome.UNSUPPORTED, Outcome.RAISED}


class Verdict(enum.StrEnum):
    """What was judged of a completed observation. Has no truth value: say which verdict you ask for."""

    AGREES = "agrees"
    CONVENTION = "convention"
    ACCEPTED = "accepted"
    DISAGREES = "disagrees"

    def __bool__(self) -> bool:
        """Refuse: every verdict is a non-empty string, so `if verdict:` would always pass."""
        raise TypeError("A Verdict has no truth value. Compare it: verdict is Verdict.AGREES.")


class Check(msgspec.Struct, frozen=True, order=True):
    """case × sample × backend × mode × dtype × device × quantity.

    Attributes:
        case: The case's id.
        sample: The sample's name.
        backend: An adapter in an environment on a device: `torch`, `torch@2.14.1`.
        mode: `eager`, or one of the backend's compilers.
        dtype: Name of the dtype, such as `float32`.
        device: `cpu` or `gpu`.
        quantity: `value`, `vjp:x`, `jvp`, `hvp:x`, `curvature`, `jacobian:x`, `vmap`; `value:1`, where a case returns
            several arrays.
        implementation: `portable`, or `native` for the framework's own way to say the whole thing.
        path: Which of the framework's several ways to this quantity; empty for its usual one.
    """

    case: str
    sample: str
    backend: str
    mode: str
    dtype: str
    device: str
    quantity: str
    implementation: str = "portable"
    path: str = ""

    @property
    def asked(self) -> str:
        """The quantity with its path, as a worker is asked for it: `vjp:x@func`."""
        return f"{self.quantity}@{self.path}" if self.path else self.quantity

    @property
    def id(self) -> str:
        """The check's name, such as `seeds/affine_sum[given]/torch/eager/float32/cpu/vjp:x`."""
        native = "" if self.implementation == "portable" else f"@{self.implementation}"
        return f"{self.case}{native}[{self.sample}]/{self.backend}/{self.mode}/{self.dtype}/{self.device}/{self.asked}"


class Array(msgspec.Struct, frozen=True):
    """An array, bit for bit.

    Attributes:
        dtype: Name of the dtype: `float32`, `bfloat16`, `int64`, `bool`, ….
        shape: Its shape.
        data: Little-endian bytes in C order.
        sha256: Of `data`, in hexadecimal.
    """

    dtype: str
    shape: tuple[int, ...]
    data: bytes
    sha256: str

    @classmethod
    def of(cls, array: np.ndarray[Any, Any]) -> Array:
        """Write an array down."""
        import numpy as np

        contiguous = np.ascontiguousarray(array)
        if contiguous.dtype.byteorder == ">":
            contiguous = contiguous.astype(contiguous.dtype.newbyteorder("<"))
        data = contiguous.tobytes()
        return cls(array.dtype.name, tuple(array.shape), data, hashlib.sha256(data).hexdigest())

    @property
    def intact(self) -> bool:
        """Whether bytes, shape and digest belong together."""
        return hashlib.sha256(self.data).hexdigest() == self.sha256

    def numpy(self) -> np.ndarray[Any, Any]:
        """Read the array back, in its own dtype. bfloat16, which NumPy lacks, comes back as exact float32."""
        import numpy as np

        if self.dtype == "bfloat16":
            widened = np.frombuffer(self.data, dtype="<u2").astype(np.uint32) << np.uint32(16)
            return widened.view(np.float32).reshape(self.shape)
        return np.frombuffer(self.data, dtype=np.dtype(self.dtype).newbyteorder("<")).reshape(self.shape)


class Observation(msgspec.Struct, frozen=True, kw_only=True, tag="observation"):
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

    id: str
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
    recorded: float = 0.0
    run: str = ""
    schema: int = SCHEMA

    @property
    def final(self) -> bool:
        """Whether the same check would end the same way again, so that it need not be run again."""
        return self.outcome.final or (self.told and self.outcome is Outcome.MISSING)


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
        signs: bool, true where a result that is exactly 0 must be -0. None where the sign of 0 does not matter.
        exact: int64 or bool, where the result is no floating-point number; the other arrays are then None.
    """

    high: Array | None = None
    low: Array | None = None
    radius: Array | None = None
    sigma: Array | None = None
    inner_low: Array | None = None
    inner_high: Array | None = None
    outer_low: Array | None = None
    outer_high: Array | None = None
    signs: Array | None = None
    exact: Array | None = None


class Reference(msgspec.Struct, frozen=True, kw_only=True, tag="reference"):
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

    id: str
    case: str
    sample: str
    dtype: str
    kind: str
    quantities: dict[str, Truth] = {}
    reason: str | None = None
    precision: int = 0
    seconds: float = 0.0
    recorded: float = 0.0
    schema: int = SCHEMA


class CaseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a case without running it.

    Attributes:
        id: `area/name`.
        area: The folder it stands in.
        name: The function's name.
        docstring: Its docstring, dedented.
        source: Its source, as written.
        path: The file it stands in, as it should be shown.
        line: The line of its definition.
        operations: The words of `xp` it uses.
        samples: Name of each sample to one line that describes it.
        natives: Frameworks that have a native implementation.
    """

    id: str
    area: str = ""
    name: str = ""
    docstring: str = ""
    source: str = ""
    path: str = ""
    line: int = 0
    operations: tuple[str, ...] = ()
    samples: dict[str, str] = {}
    natives: tuple[str, ...] = ()


class BackendFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a backend.

    Attributes:
        name: The backend's name: `torch`, `torch@2.14.1`.
        version: Version of the framework.
        modes: The modes that were asked for, in the order in which they are shown.
        device: `cpu` or `gpu`.
        found: Whether it could be started.
        reason: Why not.
        environment: Settings that were made before it started.
        properties: What its workers found out about it: what it does with subnormals, the precision of matrix products.
    """

    name: str
    version: str = ""
    modes: tuple[str, ...] = ()
    device: str = "cpu"
    found: bool = True
    reason: str | None = None
    environment: dict[str, str] = {}
    properties: dict[str, str] = {}


class Manifest(msgspec.Struct, frozen=True, kw_only=True, tag="manifest"):
    """What belongs to a run, so that a store that holds many runs can be reported without running anything.

    Attributes:
        id: Fingerprint of what it says, the time left out: two runs in which nothing changed have one manifest.
        checks: Each check with the ids of its observation and of its reference, in the order of the plan.
        cases: The cases, as they were.
        backends: The backends, those that were not found included.
        facts: What made it: versions, machine, K, seed.
        ledgers: File to text of the ledgers of accepted divergences that stood beside the cases.
        whole: Whether nothing was left out that a ledger may speak of.
        chosen: `cases` or `samples`, where only some were chosen by name; empty where all were run.
        recorded: Unix time.
        schema: Version of this record.
    """

    id: str
    checks: tuple[tuple[Check, str, str], ...] = ()
    cases: tuple[CaseFacts, ...] = ()
    backends: tuple[BackendFacts, ...] = ()
    facts: dict[str, str] = {}
    ledgers: dict[str, str] = {}
    whole: bool = False
    chosen: str = ""
    recorded: float = 0.0
    schema: int = SCHEMA


class Timing(msgspec.Struct, frozen=True, kw_only=True, tag="timing"):
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

    id: str
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
    recorded: float = 0.0
    schema: int = SCHEMA

    @property
    def seconds(self) -> float:
        """Seconds of one call in this process: in its least disturbed batch.

        Whatever else the machine does can make a batch slower and never faster, so the least says most about the
        program (Chen and Revels, Robust benchmarking in noisy environments, 2016, https://arxiv.org/abs/1608.04295).
        """
        return min(self.calls, default=math.nan)


class Series(msgspec.Struct, frozen=True, kw_only=True, tag="series"):
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

    id: str
    name: str = ""
    backends: tuple[BackendFacts, ...] = ()
    facts: dict[str, str] = {}
    machine: dict[str, float] = {}
    recorded: float = 0.0
    schema: int = SCHEMA


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
        """Give the fields of one line of `--json`: a contract; fields are added, never renamed or removed."""
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
