"""What a framework calls an operation."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from harness.operations.operation import PRIMITIVE, Elementwise, Operation
from harness.operations.words import DEFINITION, SAME, Gap, at, merged, word_of

__all__: list[str] = []

TOP = SimpleNamespace(exp=abs, special=SimpleNamespace(erf=len))


def test_tables_are_put_together() -> None:
    """Every entry once."""
    assert {"exp": "exp", "log": DEFINITION} == merged({"exp": "exp"}, {}, {"log": DEFINITION})


def test_a_word_in_two_tables_is_refused() -> None:
    """The message names it."""
    with pytest.raises(ValueError, match="have the word 'exp', 'log'; remove one"):
        merged({"exp": "exp", "log": "log"}, {"log": DEFINITION, "exp": SAME})


def test_a_dotted_path_is_walked() -> None:
    """To what is there, or to nothing."""
    assert (abs, len) == (at(TOP, "exp"), at(TOP, "special.erf"))
    assert [None, None] == [at(TOP, "special.exp"), at(TOP, "nn.relu")]


def test_the_table_comes_before_the_namespace_and_the_namespace_before_the_definition() -> None:
    """And what is in none of them is a gap."""

    def word(name: str, meaning: object = PRIMITIVE, **table: object) -> object:
        return word_of(Operation(name, "", meaning), table, TOP, "somewhere:Mine")  # type: ignore[arg-type]

    assert "other" == word("exp", exp="other")
    assert SAME is word("exp", lambda xp, x: x)
    assert SAME is word("special.erf", Elementwise("erf"))
    assert DEFINITION is word("nn.relu", lambda xp, x: x)
    for meaning in (PRIMITIVE, Elementwise("erf")):
        gap = word("nothing", meaning)
        assert isinstance(gap, Gap)
        assert "somewhere:Mine has no word for it; add 'nothing' to its `words`" in gap.reason
