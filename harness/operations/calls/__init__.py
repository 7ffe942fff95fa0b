"""Calls of every operation, once for all: for tests, sweeps, examples, and whoever must call everything.

An operation that has no entry here gets its calls from its row: an elementwise function, or a definition whose
arguments are arrays, is called inside its domain. What neither has is called by the standard case that uses it
(`harness.collect.usage`).
"""

from __future__ import annotations

import inspect
import zlib
from typing import TYPE_CHECKING, Any

from harness.operations.calls import elements, layers, makers, matrices
from harness.operations.calls.seeded import Seeded
from harness.operations.calls.specification import Array, Call, call
from harness.operations.operation import Elementwise
from harness.operations.table import OPERATIONS

if TYPE_CHECKING:
    from harness.operations.calls.specification import Made
    from harness.operations.operation import Operation

__all__ = ["ENTRIES", "calls_of", "examples"]


def _by_name(*tables: dict[str, Any]) -> dict[str, tuple[Call, ...]]:
    found: dict[str, tuple[Call, ...]] = {}
    for names, written in ((names, written) for table in tables for names, written in table.items()):
        for name in names.split():
            if name in found:
                raise ValueError(f"The catalogue has two entries of {name!r}; remove one.")
            found[name] = (written,) if isinstance(written, Call) else tuple(written)
    return found


ENTRIES = _by_name(elements.ENTRIES, makers.ENTRIES, matrices.ENTRIES, layers.ENTRIES)
"""Operation to its calls, where its row does not say enough; and `getitem`, which is indexing."""


def calls_of(name: str, row: Operation | None = None) -> tuple[Call, ...]:
    """Return the calls of an operation.

    Args:
        name: The operation.
        row: Its row, where it is not in the table.

    Returns:
        Its entry's, or else its row's; nothing where neither says how to call it.
    """
    if name in ENTRIES:
        return ENTRIES[name]
    row = OPERATIONS[name] if row is None else row
    if isinstance(row.meaning, Elementwise):
        # What happens at infinities and NaN the standard says of its own functions alone.
        return (call(Array((...,), special="." not in name)),)
    if not callable(row.meaning):
        return ()
    given = [*inspect.signature(row.meaning).parameters.values()][1:]
    needed = [one for one in given if one.default is one.empty]
    if not needed or any(one.kind not in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD} for one in needed):
        return ()
    return (call(*[Array((...,)) for _ in needed]),)


def examples(name: str) -> list[Made]:
    """Make calls with numbers, always the same ones, so many that each choice is shown.

    Args:
        name: The operation.
    """
    seed = zlib.crc32(name.encode())
    return [one.made(name, Seeded(seed, turn)) for one in calls_of(name) for turn in range(one.rounds)]
