"""The table of operations: what each framework calls its own, what runs as its definition, what is a gap and why.

It is generated from the rows and the adapters' words: `python -m harness.report.support` writes reports/operations.md.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from harness.adapters.base import BUILT_IN, load
from harness.collect.registry import collect, standard_cases
from harness.operations.operation import Elementwise
from harness.operations.table import OPERATIONS
from harness.operations.words import DEFINITION, SAME, Gap
from harness.report.escape import line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.collect.case import Case
    from harness.operations.operation import Operation
    from harness.operations.words import Column

__all__ = ["main", "support"]

_SHOWN = 2  # cases named in a row; the others are counted


def support(
    operations: Iterable[Operation], cases: Iterable[Case], frameworks: Mapping[str, Mapping[str, Column]]
) -> str:
    """Render the table.

    Args:
        operations: Rows of the vocabulary.
        cases: Cases that may use them.
        frameworks: Name of each framework, as it is written, to its words.

    Returns:
        Markdown.
    """
    rows = sorted(operations, key=lambda row: ("." in row.name, row.name))
    users: dict[str, list[str]] = defaultdict(list)
    count = 0
    for case in cases:
        count += 1
        for name in case.operations:
            users[name].append(case.id)
    gaps: dict[tuple[str, str], int] = {}
    lines = []
    for row in rows:
        columns = [_cell(row.name, words.get(row.name, SAME), gaps) for words in frameworks.values()]
        lines.append(f"| `{row.name}` | {_text(row.summary)} | {' | '.join(columns)} | {_users(users[row.name])} |")
    return "\n".join(
        [
            "# Operations",
            "",
            f"The {len(rows)} operations that `xp` offers, used by {count} cases. Generated from their rows by",
            "`python -m harness.report.support`.",
            "",
            "- *standard*: the framework's array namespace has it under the same name;",
            "- *own*: the framework's own functions, in the adapter's words;",
            "- *defined*: the framework has none of its own, and the row's definition runs in simpler operations;",
            "- a number: a gap, with its reason below.",
            "",
            f"| operation | meaning | {' | '.join(frameworks)} | cases |",
            f"|---|---|{'---|' * len(frameworks)}---|",
            *lines,
            "",
            "## Gaps",
            "",
            *(f"{number}. {_text(reason)}{f' <{link}>' if link else ''}" for (reason, link), number in gaps.items()),
            "",
            "## Accuracy",
            "",
            "Errors in units of the unit roundoff that a good implementation keeps, where they are not 2 (elementary",
            "functions) or 1 (correctly rounded arithmetic, and what is made of it), and what else a row says of them.",
            "",
            *(_accuracy(row) for row in rows if _has_accuracy(row)),
            "",
        ]
    )


def _cell(name: str, column: Column, gaps: dict[tuple[str, str], int]) -> str:
    if column is SAME:
        return "standard"
    if column is DEFINITION:
        return "defined"
    if isinstance(column, Gap):
        return f"[{gaps.setdefault((column.reason, column.link), len(gaps) + 1)}](#gaps)"
    if isinstance(column, str):
        return f"`{column}`" if column != name else "own"
    return "own"


def _users(ids: Sequence[str]) -> str:
    named = ", ".join(ids[:_SHOWN])
    return f"{named} and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else named


def _has_accuracy(row: Operation) -> bool:
    sized = isinstance(row.meaning, Elementwise) and row.meaning.size is not None
    return row.accuracy not in {0, 1, 2} or sized


def _accuracy(row: Operation) -> str:
    said = [f"k = {row.accuracy:g}"]
    if isinstance(row.meaning, Elementwise) and row.meaning.size is not None:
        words = " ".join((row.meaning.size.__doc__ or "relative to the size of its terms").split())
        said.append(_text(words))
    return f"- `{row.name}`: {'; '.join(said)}"


def _text(text: str) -> str:
    return line(text).replace("|", "\\|")


def main(arguments: Sequence[str]) -> None:
    """Write the table.

    Args:
        arguments: The file, by default reports/operations.md.
    """
    path = Path(arguments[0] if arguments else "reports/operations.md")
    adapters = [load(name) for name in BUILT_IN]
    frameworks = {adapter.title or adapter.name: adapter.words for adapter in adapters}
    text = support(OPERATIONS.values(), collect([standard_cases()]).values(), frameworks)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
