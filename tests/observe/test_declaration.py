"""Tests of reading what an adapter declares, without importing it."""

from __future__ import annotations

import importlib
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from harness.adapters.base import BUILT_IN, Adapter
from harness.errors import AdapterError
from harness.observe.declaration import Declaration, declaration

__all__: list[str] = []

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a file that can be imported, under a name that no other test has."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / f"adapter_{uuid.uuid4().hex}.py"


def _write(module: Path, body: str, base: str = "Adapter") -> str:
    head = "from typing import ClassVar\nfrom harness.adapters.base import Adapter\n"
    module.write_text(f"{head}{body.partition('---')[2]}\nclass Mine({base}):\n{body.partition('---')[0]}")
    importlib.invalidate_caches()
    return f"{module.stem}:Mine"


def test_literals_are_read_and_nothing_is_imported(module: Path) -> None:
    """With and without annotations; what is not said is inherited from the contract."""
    body = "    name: ClassVar[str] = 'mine'\n    distributions = ('mine|mine-cpu',)\n    environment = {'A': '1'}\n"
    target = _write(module, f"{body}---raise RuntimeError('imported')")
    assert Declaration("mine", ("mine|mine-cpu",), Adapter.modes, Adapter.dtypes, {"A": "1"}) == declaration(target)
    assert module.stem not in sys.modules


@pytest.mark.parametrize(
    ("body", "base"),
    [
        ("    name = 'mi' + 'ne'\n    distributions = ('mine',)\n", "Adapter"),
        ("    name = 'mine'\n---class Base(Adapter):\n    distributions = ('mine',)\n", "Base"),
    ],
)
def test_what_is_no_literal_or_is_inherited_is_imported(module: Path, body: str, base: str) -> None:
    """The answer is the same."""
    target = _write(module, body, base)
    assert Declaration("mine", ("mine",), Adapter.modes, Adapter.dtypes) == declaration(target)
    assert module.stem in sys.modules


@pytest.mark.parametrize("body", ["    name = ''\n    distributions = ('a',)\n", "    name = 'a'\n    modes = ()\n"])
def test_a_part_of_the_contract_that_is_missing_is_an_error(module: Path, body: str) -> None:
    """The message names the adapter and the attribute."""
    with pytest.raises(AdapterError, match=r":Mine' has no (name|distributions|modes)"):
        declaration(_write(module, body))


def test_a_module_that_cannot_be_imported_is_an_error(module: Path) -> None:
    """Whatever goes wrong in it, and where a class or a module is not there."""
    module.write_text("class Mine(Adapter:\n")
    with pytest.raises(AdapterError, match="cannot be loaded: SyntaxError"):
        declaration(f"{module.stem}:Mine")
    module.write_text("1 / 0\n")
    importlib.invalidate_caches()
    with pytest.raises(AdapterError, match="ZeroDivisionError"):
        declaration(f"{module.stem}:Mine")
    with pytest.raises(AdapterError, match="cannot be loaded"):
        declaration("tests.fakes:Nobody")
    with pytest.raises(AdapterError, match="cannot be loaded"):
        declaration("nowhere.at_all:Adapter")


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_read_of_a_built_in_adapter_is_what_it_says_when_it_is_imported(name: str) -> None:
    """In a process of its own, so that it is not imported yet; and there it need not be."""
    script = (
        "import sys\n"
        "from harness.adapters.base import load\n"
        "from harness.observe.declaration import Declaration, declaration\n"
        f"read = declaration({BUILT_IN[name]!r})\n"
        "assert 'numpy' not in sys.modules\n"
        f"adapter = load({name!r})\n"
        "said = [adapter.name, adapter.distributions, adapter.modes, adapter.dtypes, adapter.environment]\n"
        "said += [adapter.slow_modes, adapter.paths]\n"
        "assert read == Declaration(*said), (read, said)\n"
        "print('same')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, text=True)
    assert "same" == done.stdout.strip()
