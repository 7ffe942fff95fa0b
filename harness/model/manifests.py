"""What belongs to a run."""

from __future__ import annotations

import msgspec

from harness.model.record import Record
from harness.model.words import Check

__all__ = ["BackendFacts", "CaseFacts", "Manifest"]


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


class Manifest(Record, frozen=True, kw_only=True, tag="manifest"):
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

    checks: tuple[tuple[Check, str, str], ...] = ()
    cases: tuple[CaseFacts, ...] = ()
    backends: tuple[BackendFacts, ...] = ()
    facts: dict[str, str] = {}
    ledgers: dict[str, str] = {}
    whole: bool = False
    chosen: str = ""
