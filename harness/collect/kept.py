"""What was worked out about sources, kept in a file, so that a run in which nothing changed need not parse them again.

A key says everything that decides its value, so that nothing here can be out of date; a file that is missing or
damaged only costs time.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["kept", "kept_in"]

_MOST = 2_000
"""Entries of a file; the oldest ones go first."""

_known: dict[str, Any] = {}
_blocks: list[set[str]] = []
"""What was asked for in each `kept_in` that is open, the innermost last."""


def kept(key: str, make: Callable[[], Any]) -> Any:
    """Return what is known under a key, or make it.

    Args:
        key: Says everything that decides the value.
        make: Makes it: of what JSON can say.
    """
    if key not in _known:
        _known[key] = make()
    if _blocks:
        _blocks[-1].add(key)
    return _known[key]


@contextlib.contextmanager
def kept_in(folder: Path, name: str = "sources.json") -> Iterator[None]:
    """Know what a folder's file knows, and leave there what was made; where that fails, it is made again next time.

    Args:
        folder: Such as the store's; one that does not exist is not made for this.
        name: The file's name.
    """
    path = folder / name
    found = _read(path)
    for key, value in found.items():
        _known.setdefault(key, value)
    _blocks.append(set())
    try:
        yield
    finally:
        asked = _blocks.pop()
    if not asked <= found.keys() and folder.is_dir():
        entries = [*(found | {key: _known[key] for key in asked}).items()]
        part = folder / f".{name}.{os.getpid()}"
        with contextlib.suppress(OSError):
            part.write_text(json.dumps(dict(entries[-_MOST:]), separators=(",", ":")), encoding="utf-8")
            part.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
