"""What a framework calls an operation: the kinds of entries of an adapter's table of words.

The table is the adapter's own (`harness.adapters.base.Adapter.words`); a row of the vocabulary knows meaning and accuracy
alone. An entry is one of

- a dotted path below the framework's top module: `"special.erf"` is `torch.special.erf`;
- a callable that takes the framework's top module first: `lambda torch, x: torch.special.erf(x)`;
- `DEFINITION`: the framework has no function of its own for it; the row's meaning, in simpler operations, is run;
- `Gap(reason, link)`: it cannot be had there, and the check is `unsupported` with this reason;
- `SAME`: the framework's array namespace has it under the same name.

What has no entry is looked up in the array namespace, then run as its definition, and is a gap where there is neither:
a table holds only what a framework calls differently.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.operations.operation import Operation

__all__ = ["DEFINITION", "SAME", "Column", "Gap", "at", "merged", "word_of"]


class _Marker(enum.Enum):
    SAME = "same name in the adapter's array namespace"
    DEFINITION = "the row's meaning, in simpler operations"


SAME = _Marker.SAME
DEFINITION = _Marker.DEFINITION


@dataclass(frozen=True)
class Gap:
    """A declared gap: the framework does not offer the operation."""

    reason: str
    link: str = ""


Column = _Marker | Gap | str | Callable[..., Any]
"""An entry of a table."""


def merged(*tables: Mapping[str, Column]) -> dict[str, Column]:
    """Put tables together.

    Raises:
        ValueError: If two of them have one word.
    """
    whole: dict[str, Column] = {}
    for table in tables:
        twice = sorted(whole.keys() & table.keys())
        if twice:
            raise ValueError(f"Two tables of one framework have the word {', '.join(map(repr, twice))}; remove one.")
        whole |= table
    return whole


def at(top: Any, path: str) -> Any | None:
    """Walk a dotted path below a module or a namespace; None where there is nothing of that name."""
    for part in path.split("."):
        top = getattr(top, part, None)
        if top is None:
            return None
    return top


def word_of(operation: Operation, words: Mapping[str, Column], standard: Any, owner: str) -> Column:
    """Say what a framework calls a row.

    Args:
        operation: The row.
        words: The framework's table.
        standard: Its namespace of Array API standard names.
        owner: Whose table it is, for the reason of a gap: `package.module:Class`.

    Returns:
        What the table says; of a row that it does not have, `SAME` where the namespace has a function of that name,
        `DEFINITION` where the row has one, and else a gap that says what to add.
    """
    if operation.name in words:
        return words[operation.name]
    if at(standard, operation.name) is not None:
        return SAME
    if callable(operation.meaning):
        return DEFINITION
    return Gap(
        f"its array namespace has no {operation.name!r}, the row has no definition in simpler operations, and {owner} "
        f"has no word for it; add {operation.name!r} to its `words`, as a dotted name, a callable or a Gap"
    )
