"""What is loaded with a module is computed from sources, and hashed by what it means."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from harness.collect.closure import closure, file_of, of_closure, read

if TYPE_CHECKING:
    from pathlib import Path

__all__: list[str] = []


def written(folder: Path, **sources: str) -> None:
    """Write modules: `a__b` is `a/b.py`, `a__PACKAGE` is `a/__init__.py`."""
    for name, source in sources.items():
        path = folder.joinpath(*[{"PACKAGE": "__init__"}.get(word, word) for word in name.split("__")]).with_suffix(
            ".py"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that modules are found in."""
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    file_of.cache_clear()
    closure.cache_clear()
    return tmp_path


def test_packages_are_loaded_with_their_modules() -> None:
    """A module brings the packages that it is in, and what it imports within functions."""
    found = closure("harness.reference.tape")
    assert {"harness", "harness.reference", "harness.reference.primitives.sums", "harness.operations.table"} <= set(
        found
    )
    assert not {"harness.cli", "harness.report", "harness.adapters", "harness.reference.balls"} & set(found)


def test_what_is_left_out_is_not_followed() -> None:
    """Neither a module that is left out, nor what only it imports, is in the closure."""
    found = closure("harness.reference.tape", leaving_out=("harness.operations.table", "harness.reference.primitives"))
    assert "harness.operations.namespace" in found
    assert not {
        "harness.operations.table",
        "harness.operations.elementwise",
        "harness.reference.primitives.sums",
    } & set(found)


def test_an_adapter_s_own_modules_are_followed(folder: Path) -> None:
    """Of an adapter from outside, modules beside it and of its package are loaded too, relative imports included."""
    written(
        folder,
        own__PACKAGE="",
        own__adapter="from . import words\nfrom .deep.further import x\nimport numpy\nimport json\n",
        own__words="import beside\n",
        own__deep__PACKAGE="",
        own__deep__further="from .. import last\nx = 1\n",
        own__last="",
        own__never="",
        beside="",
    )
    expected = {"own", "own.adapter", "own.words", "own.deep", "own.deep.further", "own.last", "beside"}
    assert expected == {name for name in closure("own.adapter") if not name.startswith("harness")}


def test_a_package_without_a_file_of_its_own_is_followed(folder: Path) -> None:
    """An adapter may stand in a folder without `__init__`."""
    written(folder, plain__adapter="import plain.words\n", plain__words="import harness.errors\n")
    assert {"plain.adapter", "plain.words", "harness.errors"} <= set(closure("plain.adapter"))


def test_circles_and_what_does_not_exist(folder: Path) -> None:
    """Modules may import each other, and what is not there is not loaded; a root is named all the same."""
    written(folder, one="import two\nimport nowhere_at_all\n", two="import one\n")
    assert ("one", "two") == closure("one")
    assert ("nowhere_at_all",) == closure("nowhere_at_all")


def test_files_are_hashed_by_what_they_mean(folder: Path) -> None:
    """A comment changes no hash, a statement does, and both within one process."""
    written(folder, module="a = 1\n")
    first = of_closure(["module"])
    written(folder, module="a = 1  # one\n")
    assert first == of_closure(["module"])
    written(folder, module="a = 23\n")
    assert first != of_closure(["module"])


def test_what_cannot_be_parsed_is_hashed_by_its_bytes(folder: Path) -> None:
    """A module with a syntax error has a hash, which every byte of it decides."""
    path = folder / "broken.py"
    found = []
    for content in (b"a = (\n", b"a = ( \n", b"\xff\xfe", b"a = 1\0"):
        path.write_bytes(content)
        found.append(read(path).meaning)
    assert 4 == len(set(found))
    assert () == read(path).imports


def test_names_of_this_package_count_and_an_adapter_s_do_not(folder: Path) -> None:
    """An adapter is what its source says, whatever its module is called."""
    written(folder, first="a = 1\n", second="a = 1\n", third="a = 2\n")
    assert of_closure(["first"]) == of_closure(["second"])
    assert of_closure(["first"]) != of_closure(["third"])
    assert of_closure(["harness.observe"]) != of_closure(["harness.judge"])


def test_nothing_is_imported(folder: Path) -> None:
    """Sources are read, not run."""
    written(folder, dangerous="raise SystemExit\n", careless="import dangerous\n")
    assert ("careless", "dangerous") == closure("careless")
    assert "dangerous" not in sys.modules
