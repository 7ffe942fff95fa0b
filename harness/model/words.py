"""The words of a check: where it is run, what is checked, how it ended, and what was judged of it."""

from __future__ import annotations

import enum

import msgspec

from harness.quantity import Quantity

__all__ = ["Check", "Outcome", "Verdict"]


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
    def what(self) -> Quantity:
        """The quantity with its path."""
        return Quantity.parse(self.quantity).by(self.path)

    @property
    def asked(self) -> str:
        """The quantity with its path, as it is written: `vjp:x@func`."""
        return f"{self.quantity}@{self.path}" if self.path else self.quantity

    @property
    def id(self) -> str:
        """The check's name, such as `seeds/affine_sum[given]/torch/eager/float32/cpu/vjp:x`."""
        native = "" if self.implementation == "portable" else f"@{self.implementation}"
        return f"{self.case}{native}[{self.sample}]/{self.backend}/{self.mode}/{self.dtype}/{self.device}/{self.asked}"
