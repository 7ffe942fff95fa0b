"""Fingerprints: everything that decides a result, hashed, so that what is unchanged need not be done again."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["fingerprint", "of_files"]

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr)


def fingerprint(**facts: Any) -> str:
    """Hash facts: the same for equal facts, on every machine.

    Args:
        **facts: Anything that JSON can say; what it cannot say is written as Python would.

    Returns:
        32 hexadecimal digits.
    """
    return hashlib.sha256(_ENCODER.encode(facts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def of_files(*paths: Path) -> str:
    """Hash the contents of files, whatever they are called."""
    return _of_contents(*((path, status.st_mtime_ns, status.st_size) for path in paths for status in [path.stat()]))


@cache
def _of_contents(*files: tuple[Path, int, int]) -> str:
    """Hash files as they are at a time and in a size: each state is read once."""
    digest = hashlib.sha256()
    for path, _, _ in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]
