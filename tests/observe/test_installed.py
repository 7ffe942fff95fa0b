"""Versions of what is installed."""

from __future__ import annotations

import importlib.metadata
import sys

import pytest

from harness.observe.installed import versions_of

__all__: list[str] = []


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Stand in for what is installed: NumPy, until a test adds more or takes it away."""
    versions = {"numpy": "2.4.6"}

    def version(name: str) -> str:
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(importlib.metadata, "version", version)
    return versions


def test_one_of_several_alternatives_is_enough(installed: dict[str, str]) -> None:
    """`tensorflow|tensorflow-cpu` is whichever is there; without both, the first is named."""
    alternatives = ("tensorflow|tensorflow-cpu", "numpy")
    assert ["tensorflow"] == versions_of(alternatives)[1]
    installed["tensorflow-cpu"] = "2.21.0"
    found, missing = versions_of(alternatives)
    assert [] == missing
    assert ["tensorflow-cpu", "numpy", "python"] == list(found)


def test_numpy_and_python_are_always_among_them(installed: dict[str, str]) -> None:
    """And NumPy is missing where it is, though nobody named it."""
    assert {"numpy": "2.4.6", "python": ".".join(map(str, sys.version_info[:3]))} == versions_of(())[0]
    installed.clear()
    assert ["numpy"] == versions_of(())[1]
