"""What `harness list` finds is kept beside the store, and found anew when something that decides it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness import listing
from harness.collect import kept as keeping
from harness.errors import SettingsError

if TYPE_CHECKING:
    from tests.conftest import Project

__all__: list[str] = []


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often cases are collected for the list, and forget what this process knows each time."""
    calls: list[int] = []
    find = listing._found

    def found(*asked: object) -> listing.Rows:
        calls.append(1)
        return find(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(listing, "_found", found)
    monkeypatch.setattr(keeping, "_known", {})
    return calls


def rows_of(project: Project, *patterns: str) -> listing.Rows:
    keeping._known.clear()
    return listing.listed([str(project.folder / "cases")], patterns, "cpu", (), project.folder / "store")


def test_what_was_found_is_kept(project: Project, counted: list[int]) -> None:
    """Beside a store that is there; without one, it is found each time."""
    first = rows_of(project)
    rows_of(project)
    assert 2 == len(counted)
    (project.folder / "store").mkdir()
    assert first == rows_of(project)
    assert first == rows_of(project)
    assert 3 == len(counted)


def test_a_changed_file_is_found_anew(project: Project, counted: list[int]) -> None:
    """So is one that is new, and another selection."""
    (project.folder / "store").mkdir()
    before = rows_of(project)
    added = "from harness import case, given\n\n\n@case(x=given([1.0]))\ndef added(xp, x):\n    return x\n"
    project.write("cases/sums/added.py", added)
    after = rows_of(project)
    assert {"sums/added"} == {row["case"] for row in after["cases"]} - {row["case"] for row in before["cases"]}
    assert ["sums/added"] == [row["case"] for row in rows_of(project, "sums/added")["cases"]]
    assert 3 == len(counted)


def test_what_is_wrong_is_said_each_time(project: Project, counted: list[int]) -> None:
    """An error is not kept."""
    (project.folder / "store").mkdir()
    for _ in range(2):
        with pytest.raises(SettingsError, match="No case matches 'typo'"):
            rows_of(project, "typo")
    assert 2 == len(counted)
