"""An adapter's class held against the contract, before a worker is started with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.adapters.base import load
from harness.errors import AdapterError

if TYPE_CHECKING:
    from harness.adapters.base import Adapter

__all__ = ["declared"]


def declared(target: str) -> type[Adapter]:
    """Import an adapter's class, which says of itself what the contract asks for. Imports no framework.

    Args:
        target: The adapter, as `module:Class`.

    Raises:
        AdapterError: If there is no such adapter, or it lacks a part of the contract.
    """
    adapter = load(target)
    for attribute in ("name", "distributions", "modes", "dtypes"):
        if not getattr(adapter, attribute, None):
            raise AdapterError(
                f"The adapter {target!r} has no {attribute}: expected it as an attribute of the class, as "
                "harness.adapters.base.Adapter says."
            )
    return adapter
