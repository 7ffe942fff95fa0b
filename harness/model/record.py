"""What every record of a store has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.model.arrays import Array

__all__ = ["SCHEMA", "Record"]

SCHEMA = 1
"""Version of the records that are written."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a store.

    Attributes:
        id: Records with one id say one thing; the latest final one stands.
        recorded: Unix time.
        schema: Version of the record.
    """

    id: str
    recorded: float = 0.0
    schema: int = SCHEMA

    @property
    def final(self) -> bool:
        """Whether it would be the same if it were made again, so that it need not be."""
        return True

    @property
    def says(self) -> tuple[Any, ...]:
        """What must be the same in two records with one id; by default nothing: the id is the fingerprint of the rest."""
        return ()

    def arrays(self) -> Iterator[Array]:
        """Yield its arrays, whose digests are checked when it is read."""
        yield from ()

    def floats(self) -> Iterator[float]:
        """Yield every number that JSON may have no word for, because it may not be finite."""
        yield self.recorded
