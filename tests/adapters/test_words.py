"""The adapters' tables of words against the vocabulary, and against the frameworks that are installed."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from harness.adapters.base import BUILT_IN, Adapter, load
from harness.adapters.numpy import NumpyAdapter
from harness.errors import AdapterError
from harness.operations.namespace import UnsupportedOperationError
from harness.operations.operation import PRIMITIVE, Elementwise, Operation
from harness.operations.table import OPERATIONS
from harness.operations.words import DEFINITION, SAME, Gap, at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.operations.words import Column

__all__: list[str] = []


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_table_has_known_rows_alone(name: str) -> None:
    """Each word of a table is a row's, and each entry of a known kind; a definition is one that the row has."""
    for word, entry in load(name).words.items():
        assert word in OPERATIONS
        assert entry in {SAME, DEFINITION} or isinstance(entry, (str, Gap)) or callable(entry), (word, entry)
        assert entry is not DEFINITION or callable(OPERATIONS[word].meaning), word


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_gap_says_why(name: str) -> None:
    """A declared gap has a reason and a link."""
    for entry in load(name).words.values():
        if isinstance(entry, Gap):
            assert entry.reason
            assert entry.link.startswith("https://")


def _unnamed(adapter: Adapter) -> list[str]:
    """Give the rows that neither the table nor the array namespace of an adapter has."""
    _, standard = adapter.base()
    return [name for name in OPERATIONS if name not in adapter.words and at(standard, name) is None]


def test_what_a_table_does_not_have_the_array_namespace_has(adapter: Adapter) -> None:
    """No built-in adapter runs a definition, or lacks a word, without saying so: the published table is the truth."""
    assert [] == _unnamed(adapter)


def test_numpy_has_what_its_table_does_not_have() -> None:
    """So it is with NumPy; of an adapter without a table, this names what it lacks."""
    assert [] == _unnamed(NumpyAdapter())
    assert {"special.erf", "nn.relu"} <= {*_unnamed(_Bare())}


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_every_word_resolves(adapter: Adapter, row: Operation) -> None:
    """Each word names something callable in its framework, or is a gap that says so."""
    if isinstance(adapter.words.get(row.name), Gap):
        with pytest.raises(UnsupportedOperationError, match=row.name):
            adapter.resolve(row)
    else:
        assert callable(adapter.resolve(row))


def test_the_namespace_holds_every_word(adapter: Adapter) -> None:
    """Each word without a gap can be reached through `xp`, dots included."""
    xp = adapter.namespace()
    for name in OPERATIONS:
        if not isinstance(adapter.words.get(name), Gap):
            assert callable(attrgetter(name)(xp)), name


class _Bare(NumpyAdapter):
    """NumPy with the words that a test gives it, and without the tape."""

    name: ClassVar[str] = "bare_numpy"
    words: ClassVar[Mapping[str, Column]] = {}

    def __init__(self, words: Mapping[str, Column] | None = None) -> None:
        super().__init__()
        self.words = words or {}  # type: ignore[misc]  # this instance's alone

    def of(self, name: str, meaning: Any = PRIMITIVE) -> Any:
        """Resolve a row of this name and meaning."""
        return Adapter.resolve(self, Operation(name, "anything", meaning))


def test_an_entry_is_followed() -> None:
    """A dotted path leads below the top module, a callable gets it first, and a definition runs in other words."""
    words: dict[str, Column] = {
        "exp": "linalg.norm",
        "log": lambda top, x: top.negative(x),
        "sin": DEFINITION,
        "cos": SAME,
    }
    bare = _Bare(words)
    assert np.linalg.norm is bare.of("exp")
    assert -2.0 == bare.of("log")(2.0)
    assert 6.0 == bare.of("sin", lambda xp, x: xp.add(x, xp.multiply(x, x)))(2.0)
    assert np.cos is bare.of("cos")


def test_a_word_without_an_entry_has_its_own_name() -> None:
    """In the array namespace, dots included; and only then does the row's definition run."""
    bare = _Bare()
    assert np.exp is bare.of("exp", lambda xp, x: x)
    assert np.linalg.det is bare.of("linalg.det")
    assert 5.0 == bare.of("special.nothing", lambda xp, x: xp.add(x, 1.0))(4.0)


@pytest.mark.parametrize("meaning", [PRIMITIVE, Elementwise("erf")])
def test_a_word_that_is_nowhere_is_a_gap(meaning: Any) -> None:
    """Not an error: the reason names the adapter, the word, and what to add."""
    expected = (
        "bare_numpy does not offer special.nothing: its array namespace has no 'special.nothing', the row has no "
        "definition in simpler operations, and .*test_words:_Bare has no word for it; add 'special.nothing' to its "
        "`words`, as a dotted name, a callable or a Gap"
    )
    with pytest.raises(UnsupportedOperationError, match=expected):
        _Bare().of("special.nothing", meaning)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("linalg.nothing", "'exp' is called 'linalg.nothing', but bare_numpy has nothing of that name"),
        (DEFINITION, "'exp' runs as its definition, but the row has none"),
    ],
)
def test_an_entry_that_is_wrong_is_an_error(entry: Column, message: str) -> None:
    """An entry that leads nowhere says whose it is and what to do."""
    with pytest.raises(AdapterError, match=re.escape(message)):
        _Bare({"exp": entry}).of("exp")


def test_same_where_there_is_nothing_of_that_name_is_an_error() -> None:
    """What the table says must be so."""
    with pytest.raises(AdapterError, match=r"is called 'special.nothing', but"):
        _Bare({"special.nothing": SAME}).of("special.nothing")
