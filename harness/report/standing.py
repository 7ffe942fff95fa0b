"""Where a check stands: its verdict, or the outcome that left it without one. One word, one sign, one order."""

from __future__ import annotations

import enum
import math
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from harness.model import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.model import Judgement

__all__ = ["MEANINGS", "Standing", "Tally", "largest", "tally"]


class Standing(enum.StrEnum):
    """A verdict or an outcome, from the one most in need of a reader to the one least.

    A declared gap comes last: beside checks that were made, it says nothing about them, and is counted.
    """

    DISAGREES = "disagrees"
    CRASHED = "crashed"
    OUT_OF_MEMORY = "out_of_memory"
    TIMED_OUT = "timed_out"
    RAISED = "raised"
    MISSING = "missing"
    UNJUDGED = "unjudged"
    ACCEPTED = "accepted"
    CONVENTION = "convention"
    AGREES = "agrees"
    UNSUPPORTED = "unsupported"

    @classmethod
    def of(cls, judgement: Judgement) -> Standing:
        """Return a judgement's standing. A completed observation without a verdict is `unjudged`, never fine."""
        if judgement.outcome is not Outcome.COMPLETED and judgement.verdict is not Verdict.ACCEPTED:
            return cls(str(judgement.outcome))
        return cls.UNJUDGED if judgement.verdict is None else cls(str(judgement.verdict))

    @property
    def sign(self) -> str:
        """A sign that tells it apart without colour."""
        return _SIGNS[self][0]

    @property
    def ascii(self) -> str:
        """The sign for terminals that have nothing but ASCII."""
        return _SIGNS[self][1]

    @property
    def words(self) -> str:
        """The word as it is read: `out of memory`."""
        return self.value.replace("_", " ")

    @property
    def rank(self) -> int:
        """Its place in the order; the smallest is shown first."""
        return _RANKS[self]

    @property
    def fine(self) -> bool:
        """Whether the exit status may stay 0."""
        return self in _FINE


_SIGNS = {
    Standing.DISAGREES: ("✗", "x"),
    Standing.CRASHED: ("†", "#"),
    Standing.OUT_OF_MEMORY: ("▲", "^"),
    Standing.TIMED_OUT: ("◔", "@"),
    Standing.RAISED: ("!", "!"),
    Standing.MISSING: ("∅", "0"),
    Standing.UNJUDGED: ("?", "?"),
    Standing.UNSUPPORTED: ("–", "-"),
    Standing.ACCEPTED: ("≈", "="),
    Standing.CONVENTION: ("~", "~"),
    Standing.AGREES: ("✓", "+"),
}
_RANKS = {standing: rank for rank, standing in enumerate(Standing)}
_KNOWN = frozenset({Standing.CONVENTION, Standing.ACCEPTED})
_FINE = frozenset({Standing.AGREES, Standing.CONVENTION, Standing.ACCEPTED, Standing.UNSUPPORTED})

MEANINGS = {
    Standing.AGREES: "within what rounding accounts for",
    Standing.CONVENTION: "there is no derivative here; the value is one of the right ones, and others chose another",
    Standing.ACCEPTED: "differs, and the ledger says why that is accepted",
    Standing.DISAGREES: "rounding does not account for it: the result is wrong",
    Standing.UNSUPPORTED: "a declared gap: the framework does not offer it",
    Standing.RAISED: "the framework raised an error",
    Standing.CRASHED: "the process died",
    Standing.TIMED_OUT: "no result within the time limit",
    Standing.OUT_OF_MEMORY: "stopped at the memory limit",
    Standing.MISSING: "planned, but never observed",
    Standing.UNJUDGED: "observed, but there was no reference to judge it by",
}


class Tally(msgspec.Struct, frozen=True):
    """How a group of checks stands.

    Attributes:
        counts: Standing to number of checks, the worst first, none at zero.
        z: The largest z, none where nothing has one. What is accepted or a convention counts only where nothing else
            has one: its distance says nothing of rounding.
        total: Number of checks.
    """

    counts: dict[Standing, int]
    z: float | None
    total: int

    @property
    def worst(self) -> Standing:
        """The standing most in need of a reader. An empty group is `missing`."""
        return next(iter(self.counts), Standing.MISSING)

    @property
    def bad(self) -> int:
        """Number of checks that are not fine."""
        return sum(number for standing, number in self.counts.items() if not standing.fine)

    @property
    def text(self) -> str:
        """In words: `2 disagrees, 16 agrees`."""
        return ", ".join(f"{number:,} {standing.words}" for standing, number in self.counts.items())


def tally(judgements: Iterable[Judgement]) -> Tally:
    """Count how checks stand."""
    found: Counter[Standing] = Counter()
    sizes: list[float | None] = []
    known: list[float | None] = []
    for judgement in judgements:
        standing = Standing.of(judgement)
        found[standing] += 1
        (known if standing in _KNOWN else sizes).append(judgement.z)
    size = largest(sizes)
    return Tally(
        {standing: found[standing] for standing in Standing if found[standing]},
        largest(known) if size is None else size,
        found.total(),
    )


def largest(sizes: Iterable[float | None]) -> float | None:
    """Return the largest number; a NaN is larger than any."""
    present = [size for size in sizes if size is not None]
    return max(present, key=lambda size: (math.isnan(size), size), default=None)
