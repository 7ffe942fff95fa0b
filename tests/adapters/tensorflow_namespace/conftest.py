"""The namespace, and how its results are held against NumPy's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.adapters.base import Adapter

__all__: list[str] = []


@pytest.fixture(scope="session")
def xp(tensorflow_adapter: Adapter) -> Any:
    """Give the namespace of standard names."""
    return tensorflow_adapter.base()[1]


@pytest.fixture(scope="session")
def tf(tensorflow_adapter: Adapter) -> Any:
    """Give the module `tensorflow`."""
    return tensorflow_adapter.base()[0]
