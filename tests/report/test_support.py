"""The table of operations is what the rows say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.collect.registry import collect, standard_cases
from harness.operations.operation import Elementwise, Operation
from harness.operations.table import OPERATIONS
from harness.operations.words import DEFINITION, Gap
from harness.report.support import main, support

if TYPE_CHECKING:
    from pathlib import Path

    from harness.operations.words import Column

__all__: list[str] = []


def test_each_column_says_where_the_function_comes_from() -> None:
    """Own functions are named, definitions said to be such, and a gap has its reason and link below."""
    row = Operation(
        "special.half",
        "x / 2, |x| < 1",
        Elementwise(lambda x: x / 2, size=lambda np, x, y: x),
        accuracy=3,
    )
    words: dict[str, dict[str, Column]] = {
        "One": {"special.half": Gap("One halves nothing", "https://example.org/halves")},
        "Two": {"special.half": "special.half_of"},
        "Three": {"special.half": DEFINITION},
        "Four": {"special.half": lambda top, x: top.divide(x, 2)},
    }
    text = support([row, OPERATIONS["exp"]], [], words)
    assert "| operation | meaning | One | Two | Three | Four | cases |" in text
    assert "| `special.half` | x / 2, \\|x\\| < 1 | [1](#gaps) | `special.half_of` | defined | own |  |" in text
    assert "| `exp` | eˣ | standard | standard | standard | standard |  |" in text
    assert "1. One halves nothing <https://example.org/halves>" in text
    assert "- `special.half`: k = 3; relative to the size of its terms" in text


def test_every_operation_is_used_by_a_case() -> None:
    """No row of the vocabulary stands without a standard case."""
    used = {name for case in collect([standard_cases()]).values() for name in case.operations}
    assert {*OPERATIONS} == used & {*OPERATIONS}


def test_the_published_table_is_the_one_that_the_rows_give(tmp_path: Path) -> None:
    """reports/operations.md is current: run `python -m harness.report.support` after a row or a case was added."""
    main([str(tmp_path / "operations.md")])
    published = standard_cases().parent / "reports" / "operations.md"
    assert published.read_text(encoding="utf-8") == (tmp_path / "operations.md").read_text(encoding="utf-8")
