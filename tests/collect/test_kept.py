"""What was worked out is kept, and a file that is not what it should be only costs time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harness.collect import kept as module
from harness.collect.kept import kept, kept_in

if TYPE_CHECKING:
    from pathlib import Path

__all__: list[str] = []


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with nothing known."""
    monkeypatch.setattr(module, "_known", {})


def _never() -> Any:
    raise AssertionError("this was known")


def test_a_value_is_made_once() -> None:
    """What is known under a key is not made again; another key is another value."""
    assert 1 == kept("a", lambda: 1)
    assert 1 == kept("a", _never)
    assert 2 == kept("b", lambda: 2)


def test_another_process_knows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one process made is known to the next one that looks into the same folder."""
    with kept_in(tmp_path):
        kept("a", lambda: ["x", {"y": 1}])
    monkeypatch.setattr(module, "_known", {})
    with kept_in(tmp_path):
        assert ["x", {"y": 1}] == kept("a", _never)


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", '{"a"', "\ud800"])
def test_a_damaged_file_is_written_anew(tmp_path: Path, content: str) -> None:
    """What cannot be read is made again."""
    (tmp_path / "sources.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with kept_in(tmp_path):
        assert 1 == kept("a", lambda: 1)
    assert '{"a":1}' == (tmp_path / "sources.json").read_text(encoding="utf-8")


def test_no_folder_is_made(tmp_path: Path) -> None:
    """A store that does not exist yet does not begin to for this."""
    with kept_in(tmp_path / "none"):
        kept("a", lambda: 1)
    assert not (tmp_path / "none").exists()


def test_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file does not grow without end."""
    monkeypatch.setattr(module, "_MOST", 2)
    with kept_in(tmp_path):
        for name in "abc":
            kept(name, lambda: 0)
    assert 2 == (tmp_path / "sources.json").read_text(encoding="utf-8").count(":0")
