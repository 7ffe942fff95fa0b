"""Tests of finding backends, and of the environment that their workers get."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.base import BUILT_IN
from harness.errors import AdapterError, SettingsError
from harness.model import Backend
from harness.observe import environment
from harness.observe.environment import FAIR, find_backends, settings_of, worker_environment
from harness.observe.workers.worker import FOLDERS
from tests import fakes

__all__: list[str] = []

ROOT = Path(__file__).resolve().parents[2]
HONEST = "tests.fakes:Honest"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Stand in for what is installed: NumPy, until a test adds more."""
    versions = {"numpy": "2.4.6"}

    def version(name: str) -> str:
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(importlib.metadata, "version", version)
    return versions


def test_without_names_every_built_in_backend_is_given_found_or_not(installed: dict[str, str]) -> None:
    """One that is not installed says what is missing, where, and what to do."""
    found = {backend.name: backend for backend in find_backends(None)}
    assert list(BUILT_IN) == list(found)[: len(BUILT_IN)]
    assert found["numpy"].found
    assert not found["torch"].found
    assert sys.executable in found["torch"].reason
    assert found["torch"].reason.startswith("torch ")
    assert found["torch"].reason.endswith("pip install 'framework-harness[torch]'")
    assert "" == found["torch"].version


def test_a_backend_has_the_adapters_modes_dtypes_and_versions(installed: dict[str, str]) -> None:
    """Versions are those of its distributions, the first one its own, and of Python."""
    (backend,) = find_backends(["honest"], [HONEST])
    assert ("honest", HONEST, sys.executable, "cpu") == (backend.name, backend.target, backend.python, backend.device)
    assert (("eager", "jit"), ("float32", "float64")) == (backend.modes, backend.dtypes)
    python = ".".join(map(str, sys.version_info[:3]))
    assert {"numpy": "2.4.6", "python": python} == backend.versions
    assert "2.4.6" == backend.version


def test_an_unknown_name_is_an_error_with_a_suggestion() -> None:
    """What was got, what is known, and what was probably meant."""
    with pytest.raises(SettingsError, match=r"No backend is named 'tensorflo': expected numpy, .*mean 'tensorflow'"):
        find_backends(["tensorflo"])


def test_an_unknown_device_is_an_error() -> None:
    """There are two."""
    with pytest.raises(SettingsError, match="expected one of cpu, gpu"):
        find_backends(None, (), "tpu")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nowhere.at_all:Adapter", "cannot be loaded"),
        ("tests.fakes:Nobody", "cannot be loaded"),
        ("tests.fakes:Handler", "expected a subclass"),
        ("tests.fakes", "package.module:Class"),
    ],
)
def test_an_adapter_that_cannot_be_loaded_is_an_error(target: str, message: str) -> None:
    """The message names the target."""
    with pytest.raises(AdapterError, match=message):
        find_backends(None, [target])


def test_an_adapter_without_a_name_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The contract is held against the class before a worker is started."""
    monkeypatch.setattr(fakes.Honest, "name", "")
    with pytest.raises(AdapterError, match="has no name"):
        find_backends(None, [HONEST])


def test_a_given_adapter_stands_in_place_of_a_built_in_one_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one's own, or one that plants faults, can be tried; two given ones of one name are an error."""
    monkeypatch.setattr(fakes.Honest, "name", "torch")
    (backend,) = find_backends(["torch"], [HONEST])
    assert HONEST == backend.target
    monkeypatch.setattr(fakes.Segfault, "name", "torch")
    with pytest.raises(SettingsError, match="Give each adapter its own name"):
        find_backends(["torch"], [HONEST, "tests.fakes:Segfault"])


def _offer(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    entry = importlib.metadata.EntryPoint(name, value, environment.GROUP)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: [entry])


def test_other_distributions_offer_adapters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through an entry point; a broken one is not found, and breaks nothing."""
    _offer(monkeypatch, "honest", HONEST)
    assert "honest" in [backend.name for backend in find_backends(None) if backend.found]
    _offer(monkeypatch, "broken", "nowhere.at_all:Adapter")
    (backend,) = find_backends(["broken"])
    assert not backend.found
    assert "cannot be loaded" in backend.reason
    _offer(monkeypatch, "torch", HONEST)
    with pytest.raises(SettingsError, match="has the name of another adapter"):
        find_backends(None)


def _backend(**more: Any) -> Backend:
    return Backend(name="honest", target=HONEST, python=sys.executable, **more)


def test_the_environment_is_fair_whatever_the_user_has_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread each, a fixed hash seed; the adapter's own settings over it; the rest as it was."""
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    monkeypatch.setenv("SOMETHING_ELSE", "kept")
    made = worker_environment(_backend(environment={"XLA_FLAGS": "--flag", "MKL_NUM_THREADS": "2"}))
    assert {**FAIR, "MKL_NUM_THREADS": "2"} == {name: made[name] for name in FAIR}
    assert "kept" == made["SOMETHING_ELSE"]
    assert "--flag" == made["XLA_FLAGS"]
    assert "64" == os.environ["OMP_NUM_THREADS"]


def test_settings_hold_what_decides_the_bits_and_nothing_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The same from every folder; what is left to the user is recorded where it is set."""
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    backend = _backend(environment={"XLA_FLAGS": "--flag"})
    before = settings_of(backend)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOMETHING_ELSE", "ignored")
    assert before == settings_of(backend)
    assert HONEST == before["adapter"]
    assert "--flag" == before["XLA_FLAGS"]
    assert FAIR.items() <= before.items()
    assert str(ROOT) not in json.dumps(before)
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    assert {**before, "TF_ENABLE_ONEDNN_OPTS": "0"} == settings_of(backend)


def test_the_current_folder_is_importable_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An adapter there is found; a numpy.py there is not."""
    (tmp_path / "mine.py").write_text("name = 'mine'")
    (tmp_path / "json.py").write_text("raise RuntimeError('shadowed')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", "/somewhere"]))
    made = worker_environment(_backend())
    assert str(tmp_path) == made[FOLDERS].split(os.pathsep)[-1]
    assert str(tmp_path) not in made["PYTHONPATH"].split(os.pathsep)
    assert ["/somewhere", str(ROOT)] == made["PYTHONPATH"].split(os.pathsep)
    assert made == worker_environment(_backend())


def test_packages_of_another_environment_never_stand_before_the_workers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed in site-packages, the harness does not put that folder on the path."""
    monkeypatch.setattr(environment, "__file__", "/env/lib/site-packages/harness/observe/environment.py")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert "PYTHONPATH" not in worker_environment(_backend())


def test_finding_backends_imports_no_framework_and_no_numpy() -> None:
    """A whole process of its own shows it; `harness list` waits for this."""
    script = (
        "import sys\n"
        "from harness.observe.environment import find_backends\n"
        "backends = find_backends(None)\n"
        "[backend.settings for backend in backends]\n"
        "heavy = {'numpy', 'torch', 'tensorflow', 'jax', 'msgspec', 'psutil'} & set(sys.modules)\n"
        "print(len(backends), sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True, text=True)
    count, _, heavy = done.stdout.strip().partition(" ")
    assert len(BUILT_IN) <= int(count)
    assert "[]" == heavy
