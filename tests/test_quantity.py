"""Quantities are read and written in one place, and their kinds are one table."""

from __future__ import annotations

import pytest

from harness.adapters.base import Adapter
from harness.quantity import KINDS, Quantity, kind_names

__all__: list[str] = []


@pytest.mark.parametrize("text", ["value", "value:1", "vjp:x", "vjp@func", "hvp:x@forward_over_reverse"])
def test_what_is_written_is_read(text: str) -> None:
    """In full, without an argument, and by a path."""
    assert text == str(Quantity.parse(text))


def test_a_quantity_knows_its_parts() -> None:
    """The name leaves the path out; another kind keeps argument and path."""
    quantity = Quantity.parse("vjp:x@func")
    assert ("vjp", "x", "func", "vjp:x") == (quantity.kind, quantity.of, quantity.path, quantity.name)
    assert "jvp:x@func" == str(quantity.as_kind("jvp"))
    assert "vjp:x" == str(quantity.by(""))


@pytest.mark.parametrize(
    ("asked", "other", "expected"),
    [("vjp", "vjp:x", True), ("vjp:x", "vjp:x@func", True), ("vjp:y", "vjp:x", False), ("jvp", "vjp:x", False)],
)
def test_what_is_asked_for_includes_its_parts(asked: str, other: str, expected: bool) -> None:
    """A kind includes each of its quantities; of paths nothing is said."""
    assert expected is Quantity.parse(asked).includes(Quantity.parse(other))


def test_titles_are_words() -> None:
    """What has no argument, and what is no kind, is called by its name."""
    assert "gradient with respect to x" == Quantity("vjp", "x").title
    assert ("value", "value, output 1") == (Quantity("value").title, Quantity("value", "1").title)
    assert "twist:x" == Quantity("twist", "x").title


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_is_a_method_of_adapters(kind: object) -> None:
    """The table says by which method an adapter is asked."""
    assert callable(getattr(Adapter, KINDS[getattr(kind, "name", "")].name))
    assert getattr(kind, "name", "") in kind_names()
