"""Adapters for the tests of this folder, made once, in one process.

A run gives each framework a process of its own. Here PyTorch comes first: importing TensorFlow before it has crashed.
"""

from __future__ import annotations

import importlib.util
import os
import warnings
from typing import TYPE_CHECKING

import pytest

from harness.adapters.base import load

if TYPE_CHECKING:
    from harness.adapters.base import Adapter

__all__: list[str] = []

IN_ORDER = ("torch", "tensorflow", "jax")


@pytest.fixture(scope="session")
def adapters() -> dict[str, Adapter]:
    """Make an adapter of each framework that is installed."""
    found = {}
    for name in IN_ORDER:
        if importlib.util.find_spec(name) is None:
            continue
        kind = load(name)
        for variable, value in kind.environment.items():
            os.environ.setdefault(variable, value)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a framework warns of while it is imported is not ours
            found[name] = kind()
    return found


@pytest.fixture(scope="session", params=IN_ORDER)
def adapter(request: pytest.FixtureRequest, adapters: dict[str, Adapter]) -> Adapter:
    """Give the adapters one by one."""
    return _present(adapters, request.param)


@pytest.fixture(scope="session")
def torch_adapter(adapters: dict[str, Adapter]) -> Adapter:
    """Give PyTorch's adapter."""
    return _present(adapters, "torch")


@pytest.fixture(scope="session")
def tensorflow_adapter(adapters: dict[str, Adapter]) -> Adapter:
    """Give TensorFlow's adapter."""
    return _present(adapters, "tensorflow")


@pytest.fixture(scope="session")
def jax_adapter(adapters: dict[str, Adapter]) -> Adapter:
    """Give JAX's adapter."""
    return _present(adapters, "jax")


def _present(adapters: dict[str, Adapter], name: str) -> Adapter:
    if name not in adapters:
        pytest.skip(f"{name} is not installed")
    return adapters[name]
