"""Rows and words are hashed by what they mean to the cases that use them."""

from __future__ import annotations

import pytest

from harness.adapters.torch import TorchAdapter
from harness.collect import vocabulary
from harness.collect.registry import collect, standard_cases
from harness.collect.values import EVERYTHING
from harness.collect.vocabulary import (
    OPERATORS,
    named,
    of_modules,
    of_rows,
    of_words,
    reached,
    rows_of,
    spoken_by,
)
from harness.operations.table import OPERATIONS
from harness.operations.words import DEFINITION, SAME, Gap

__all__: list[str] = []

TORCH = {name: TorchAdapter.words.get(name, SAME) for name in OPERATIONS}


def test_every_row_can_be_described() -> None:
    """No row hands its vocabulary to what is not known, and none is hashed with a whole module for want of better."""
    facts = vocabulary._rows()
    assert set(OPERATIONS) == set(facts)
    assert [] == [name for name, one in facts.items() if set(OPERATIONS) == set(one["uses"])]
    assert len(OPERATIONS) == len({one["whole"] for one in facts.values()})


def test_every_standard_case_can_be_followed() -> None:
    """The rows of a case are those that the registry finds and, where it has programs, theirs; never all of them."""
    for case in collect([standard_cases()]).values():
        found = set(rows_of(case))
        if case.portable:
            assert set(case.operations) <= found
            assert found != set(OPERATIONS)
        else:
            assert set() == found


def test_rows_that_rows_use() -> None:
    """A row uses what its meaning, programs and derivative read; operators' rows are always used."""
    assert set(OPERATORS) <= set(reached(()))
    assert {"special.betaln", "special.lgamma", "exp"} <= set(reached(["special.beta"]))
    assert "log1p" in reached(["logaddexp"])
    assert "tan" not in reached(["logaddexp"])
    assert {"exp", "log", "special.lgamma"} <= set(reached(["special.gammainc"]))


def test_names_of_words() -> None:
    """A word is the row of the longest name; a part of the vocabulary is all its rows; a constant is none."""
    assert {"exp", "nn.relu"} == named(["exp", "nn.relu.__name__", "pi", "float32"])
    assert {name for name in OPERATIONS if name.startswith("fft.")} == named(["fft"])
    assert set(OPERATIONS) == named([EVERYTHING])


def test_order_and_repetition_do_not_matter() -> None:
    """The same rows have one hash, and others another."""
    assert of_rows(["tan", "erf"[:0] or "sin"]) == of_rows(["sin", "tan", "sin"])
    assert of_rows(["tan"]) != of_rows(["sin"])
    assert of_rows(["tan"]) != of_rows(["tan"], budgeted=False)


@pytest.mark.parametrize(
    "column",
    [
        SAME,
        "tan",
        "other.tan",
        Gap("none"),
        Gap("none", "https://example.org"),
        lambda torch, x: torch.tan(x),
        DEFINITION,
    ],
)
def test_words_are_told_apart(column: object) -> None:
    """Another marker, name, gap or function is another word; of a row that is not used it does not matter."""
    tables = {"reference": TORCH, "changed": {**TORCH, "tan": column}}
    prints = {}
    for name, table in tables.items():
        for row in ("tan", "sin"):
            key = f"{name} of test_words_are_told_apart {column!r}"
            prints[name, row] = of_words(key, lambda table=table: table, [row])  # type: ignore[misc]
    assert (column is SAME) == (prints["reference", "tan"] == prints["changed", "tan"])
    assert prints["reference", "sin"] == prints["changed", "sin"]


def test_a_definition_brings_the_words_that_it_uses() -> None:
    """Where a framework runs a row's meaning, its words for the rows of the meaning count; where it does not, not."""
    changed = {**TORCH, "log1p": "other.log1p"}
    for row, differs in (("special.boxcox1p", True), ("logaddexp", False)):
        before = of_words("torch", lambda: TORCH, [row])
        assert differs == (before != of_words("torch with another log1p", lambda: changed, [row]))


def test_row_modules_count_by_what_is_taken_from_them() -> None:
    """Of a row module only the functions that a module takes count, and the rows that it uses by itself are known."""
    found, _ = vocabulary._taken(("harness.reference.primitives.sums", "harness.reference.primitives.families"))
    assert {"harness.operations.reductions:normalize_axes", "harness.operations.special.families:FAMILIES"} == set(
        found
    )
    assert "" == found["harness.operations.special.families:FAMILIES"]  # each member counts with its row
    assert of_modules("harness.reference.tape") != of_modules("harness.reference.balls")
    assert {"squeeze", "floor_divide"} <= set(spoken_by("harness.reference.tape"))
