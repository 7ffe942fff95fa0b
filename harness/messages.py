"""What passes between the host and its workers: every request and every answer, described once.

A message travels as the header of a frame (`harness.observe.workers.protocol`), with arrays beside it. Host and handlers
alike write it with `header` and read it with `of`. Workers need the standard library alone for this.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

from harness.quantity import Quantity

__all__ = [
    "Abilities",
    "Answer",
    "Answered",
    "Computation",
    "Count",
    "Counted",
    "Measure",
    "Observe",
    "Properties",
    "Prove",
    "Proven",
    "Source",
    "Time",
    "Timed",
]


@dataclass(frozen=True, kw_only=True)
class Message:
    """A request or an answer.

    Fields hold what JSON can say, tuples and complex numbers included; a `Quantity` is written as its text, and a message
    in a field as an object.
    """

    quantities_in: ClassVar[tuple[str, ...]] = ()
    """Fields that hold a quantity, or a tuple of them."""

    def header(self) -> dict[str, Any]:
        """Write the message down."""
        return {each.name: _written(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def of(cls, header: dict[str, Any]) -> Self:
        """Read a message.

        Raises:
            TypeError: If the header lacks a field, or has one that the message does not know.
        """
        values = dict(header)
        for name in cls.quantities_in:
            if name in values:
                values[name] = _quantities(values[name])
        return cls(**values)


def _written(value: Any) -> Any:
    if isinstance(value, Quantity):
        return str(value)
    if isinstance(value, Message):
        return value.header()
    if isinstance(value, tuple):
        return tuple(map(_written, value))
    return value


def _quantities(value: Any) -> Any:
    return Quantity.parse(value) if isinstance(value, str) else tuple(map(_quantities, value))


@dataclass(frozen=True, kw_only=True)
class Source(Message):
    """Where a case is written.

    Attributes:
        path: The file.
        name: The function's name.
        area: The case's area.
        digest: `fingerprint.of_files` of the file as it was planned; empty where that does not matter.
    """

    path: str
    name: str
    area: str
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class Computation(Message):
    """One case on one sample in one dtype. The sample's arrays come with it, in the dtype; bfloat16 as float32.

    Attributes:
        case: Where it is written.
        parameters: Its constants.
        names: Of the arrays, in their order.
        dtype: Name of the dtype.
        seed: Of cotangents and tangents.
        kinds: Kinds of quantities that are asked for of the sample.
    """

    case: Source
    parameters: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    dtype: str = "float32"
    seed: int = 0
    kinds: tuple[str, ...] = ("value", "vjp")

    @classmethod
    def of(cls, header: dict[str, Any]) -> Self:
        """Read a request."""
        case = header["case"]
        return super().of(header | {"case": case if isinstance(case, Source) else Source.of(case)})


@dataclass(frozen=True, kw_only=True)
class Count(Computation):
    """Asks what a call of the computation costs."""


@dataclass(frozen=True, kw_only=True)
class Prove(Computation):
    """Asks for the truth of a computation and its rounding budget.

    Attributes:
        differentiate: Names of the arguments to give derivatives for.
    """

    differentiate: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Observe(Computation):
    """Asks a backend for quantities of a computation.

    Attributes:
        implementation: `portable` or `native`.
        mode: One of the backend's modes.
        quantities: What is asked for.
    """

    quantities_in: ClassVar[tuple[str, ...]] = ("quantities",)

    implementation: str = "portable"
    mode: str = "eager"
    quantities: tuple[Quantity, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Time(Observe):
    """Asks a backend how long quantities take: `value`, and `vjp`, which is the value with all gradients.

    Attributes:
        inputs: Names of the arrays with respect to which `vjp` differentiates.
    """

    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Measure(Message):
    """Asks what the machine itself can do.

    Attributes:
        dtypes: By name; those whose products NumPy does not compute fast have no rate.
    """

    dtypes: tuple[str, ...] = ("float32",)


@dataclass(frozen=True, kw_only=True)
class Answered(Message):
    """How it ended for one quantity.

    Attributes:
        quantity: As it was asked for.
        outcome: An outcome's name.
        reason: Why it was not completed, in words.
    """

    quantities_in: ClassVar[tuple[str, ...]] = ("quantity",)

    quantity: Quantity
    outcome: str = "completed"
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Answer(Answered):
    """What a backend says of one quantity; one array comes with it where it was completed.

    Attributes:
        seconds: `first` and `again`, of the two calls.
        graph: What the framework says of a compiled computation.
        stale: Whether it returned, for other inputs, the very bits it returned for those it was prepared with.
        unsteady: Whether the two calls gave different bits.
        told: Whether the framework or the case itself left the result out, as it would do again.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    graph: dict[str, int] = field(default_factory=dict)
    stale: bool = False
    unsteady: bool = False
    told: bool = False


@dataclass(frozen=True, kw_only=True)
class Properties(Message):
    """What a backend's worker found out about the backend, besides its answers.

    Attributes:
        properties: Names to words.
    """

    properties: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Proven(Message):
    """A truth with its budget.

    Attributes:
        kind: `proved`, `wide`, or `none`.
        reason: What a reader should know.
        precision: Bits that were enough.
        seconds: What it cost.
        fields: Of each array that comes with it: the quantity's name, and the field of `model.Truth`.
    """

    kind: str
    reason: str | None = None
    precision: int = 0
    seconds: float = 0.0
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Timed(Answered):
    """What a clock says of one quantity; the fields are those of `model.Timing`.

    Attributes:
        imported: Seconds that importing the framework took.
        calls: Seconds of one call, one number a batch.
        loops: Calls in a batch.
        first: Seconds of the first call.
        memory: Peak bytes above what was held before.
        elements: Elements of all inputs.
        moved: Bytes of all inputs and outputs.
    """

    imported: float | None = None
    calls: tuple[float, ...] = ()
    loops: int = 0
    first: float | None = None
    memory: dict[str, int] = field(default_factory=dict)
    elements: int = 0
    moved: int = 0


@dataclass(frozen=True, kw_only=True)
class Counted(Message):
    """What a call of a computation costs.

    Attributes:
        flops: Floating-point operations; none where one of the operations has no count.
        traffic: Bytes, if nothing is fused and nothing cached; none where the case could not be followed.
        uncounted: The operations that have no count, or why nothing could be counted.
    """

    flops: float | None = None
    traffic: int | None = None
    uncounted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Abilities(Message):
    """What the machine itself can do, a second.

    Attributes:
        rates: `copy_bytes`, and `float32_flops` and the like.
    """

    rates: dict[str, float]
