"""What can compute on a device is found by starting it there."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING, Any

import pytest

from harness.model import Backend
from harness.observe.devices import refusals
from harness.observe.environment import find_backends
from tests.fakes import Honest

if TYPE_CHECKING:
    from tests.conftest import Project

__all__: list[str] = []


class Portable(Honest):
    """Computes on any device."""

    def __init__(self, device: str = "cpu") -> None:
        super().__init__()
        self.device = device


class Restless(Honest):
    """Dies where it is made."""

    def __init__(self, device: str = "cpu") -> None:
        raise RuntimeError(f"no {device} today")


def _backend(target: str, device: str = "gpu") -> Backend:
    return Backend(name=target, target=target, python=sys.executable, device=device)


def test_a_refusal_is_the_adapter_s_own_words() -> None:
    """NumPy computes on the CPU; an adapter that can be made is not among the refusals; one that dies says how."""
    targets = ("harness.adapters.numpy:NumpyAdapter", f"{__name__}:Portable", f"{__name__}:Restless")
    found = refusals([_backend(target) for target in targets])
    assert {targets[0], targets[2]} == set(found)
    assert "NumPy computes on the CPU; got device 'gpu'. Leave --device out for numpy." == found[targets[0]]
    assert "RuntimeError: no gpu today" in found[targets[2]]


def test_on_the_cpu_all_can_compute() -> None:
    """Nothing is refused there."""
    assert {} == refusals([_backend("harness.adapters.numpy:NumpyAdapter", "cpu")])


def test_where_nothing_computes_on_a_gpu_the_command_says_so(project: Project) -> None:
    """Exit status 2, with the device, the backend and what to do."""
    result = project.run("--device", "gpu")
    assert 2 == result.exit_code
    assert "--device gpu: backend 'numpy': NumPy computes on the CPU" in result.output
    assert "Leave --device out for numpy" in result.output


@pytest.mark.parametrize("name", ["torch", "tensorflow", "jax"])
def test_a_framework_without_a_gpu_says_what_to_install(project: Project, name: str) -> None:
    """Exit status 2 and the framework's name, where it finds no GPU."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    if not refusals([one for one in find_backends([name], device="gpu") if one.found]):
        pytest.skip(f"{name} finds a GPU")
    result = project.run("-b", name, "--device", "gpu")
    assert 2 == result.exit_code
    assert f"--device gpu: backend '{name}'" in result.output
    assert "finds no" in result.output
    assert "or use --device cpu" in result.output


@pytest.mark.gpu
@pytest.mark.parametrize("name", ["torch", "tensorflow", "jax"])
def test_a_case_runs_on_a_gpu_unchanged(project: Project, name: str) -> None:
    """Every check of it agrees there."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    refused = refusals([one for one in find_backends([name], device="gpu") if one.found])
    if refused:
        pytest.skip(refused[name])
    result = project.run("-b", name, "--device", "gpu")
    assert 0 == result.exit_code, result.output
    devices: set[Any] = {row["device"] for row in project.verdicts()}
    assert {"gpu"} == devices
