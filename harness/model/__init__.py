"""The records that pass between rooms, and how they are written down.

Every record can be written as one line of JSON. Arrays are raw bytes with the *name* of their dtype, their shape and
a SHA-256, so that bfloat16, NaN payloads and negative zeros survive bit for bit. A new kind of record is one module here
and one line that imports it.
"""

from harness.backend import Backend
from harness.model.arrays import Array
from harness.model.judgements import Judgement
from harness.model.manifests import BackendFacts, CaseFacts, Manifest
from harness.model.observations import Observation
from harness.model.record import SCHEMA, Record
from harness.model.references import Reference, Truth
from harness.model.timings import Series, Timing
from harness.model.words import Check, Outcome, Verdict

__all__ = [
    "RECORDS",
    "SCHEMA",
    "Array",
    "Backend",
    "BackendFacts",
    "CaseFacts",
    "Check",
    "Judgement",
    "Manifest",
    "Observation",
    "Outcome",
    "Record",
    "Reference",
    "Series",
    "Timing",
    "Truth",
    "Verdict",
]

RECORDS: tuple[type[Record], ...] = tuple(Record.__subclasses__())
"""Every kind of record that a store may hold: those that are imported here."""
