"""The operations' table against the frameworks that are installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.operations.namespace import UnsupportedOperationError
from harness.operations.operation import Gap, Operation
from harness.operations.table import OPERATIONS

if TYPE_CHECKING:
    from harness.adapters.base import Adapter

__all__: list[str] = []


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_every_column_resolves(adapter: Adapter, row: Operation) -> None:
    """Each column names something callable in its framework, or is a gap that says so."""
    if isinstance(row.column(adapter.name), Gap):
        with pytest.raises(UnsupportedOperationError, match=row.name):
            adapter.resolve(row)
    else:
        assert callable(adapter.resolve(row))


def test_the_namespace_holds_every_word(adapter: Adapter) -> None:
    """Each word without a gap can be reached through `xp`, dots included."""
    xp = adapter.namespace()
    for row in OPERATIONS.values():
        if isinstance(row.column(adapter.name), Gap):
            continue
        found = xp
        for word in row.name.split("."):
            found = getattr(found, word)
        assert callable(found), row.name
