"""Tests of holding an adapter's class against the contract."""

from __future__ import annotations

import importlib
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from harness.adapters.base import BUILT_IN, Adapter
from harness.errors import AdapterError
from harness.observe.declaration import declared

__all__: list[str] = []

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a file that can be imported, under a name that no other test has."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / f"adapter_{uuid.uuid4().hex}.py"


def _write(module: Path, body: str) -> str:
    module.write_text(f"from harness.adapters.base import Adapter\n\n\nclass Mine(Adapter):\n{body}")
    importlib.invalidate_caches()
    return f"{module.stem}:Mine"


def test_what_is_not_said_is_the_contracts(module: Path) -> None:
    """The class is what says it, however it came to it."""
    adapter = declared(_write(module, "    name = 'mi' + 'ne'\n    distributions = ('mine|mine-cpu',)\n"))
    assert ("mine", ("mine|mine-cpu",)) == (adapter.name, adapter.distributions)
    assert (Adapter.modes, Adapter.dtypes, {}, {}) == (
        adapter.modes,
        adapter.dtypes,
        adapter.words,
        adapter.environment,
    )


@pytest.mark.parametrize("body", ["    name = ''\n    distributions = ('a',)\n", "    name = 'a'\n    modes = ()\n"])
def test_a_part_of_the_contract_that_is_missing_is_an_error(module: Path, body: str) -> None:
    """The message names the adapter and the attribute."""
    with pytest.raises(AdapterError, match=r":Mine' has no (name|distributions|modes)"):
        declared(_write(module, body))


def test_a_module_that_cannot_be_imported_is_an_error(module: Path) -> None:
    """Whatever goes wrong in it, and where a class or a module is not there."""
    module.write_text("class Mine(Adapter:\n")
    with pytest.raises(AdapterError, match="cannot be loaded: SyntaxError"):
        declared(f"{module.stem}:Mine")
    module.write_text("1 / 0\n")
    importlib.invalidate_caches()
    with pytest.raises(AdapterError, match="ZeroDivisionError"):
        declared(f"{module.stem}:Mine")
    with pytest.raises(AdapterError, match="cannot be loaded"):
        declared("tests.fakes:Nobody")
    with pytest.raises(AdapterError, match="cannot be loaded"):
        declared("nowhere.at_all:Adapter")


@pytest.mark.parametrize("name", BUILT_IN)
def test_importing_a_built_in_adapter_imports_neither_its_framework_nor_numpy(name: str) -> None:
    """They are imported where an adapter is made, so that `harness list` need not wait for them."""
    script = (
        "import sys\n"
        "from harness.observe.declaration import declared\n"
        f"assert {name!r} == declared({BUILT_IN[name]!r}).name\n"
        "print({'numpy', 'torch', 'tensorflow', 'jax', 'array_api_compat'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, text=True)
    assert "set()" == done.stdout.strip()
