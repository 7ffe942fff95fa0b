"""Fingerprints: everything that decides a result, hashed, so that what is unchanged need not be done again."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["fingerprint", "of_files", "of_package"]

_PACKAGE = Path(__file__).resolve().parent.parent


def fingerprint(**facts: Any) -> str:
    """Hash facts: the same for equal facts, on every machine.

    Args:
        **facts: Anything that JSON can say; what it cannot say is written as Python would.

    Returns:
        32 hexadecimal digits.
    """
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


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


@cache
def of_package(*places: str) -> str:
    """Hash source files of this package.

    Args:
        *places: Folders or files below `harness/`, such as `operations` or `collect/samples.py`.
    """
    return of_files(*sorted(_files(places)))


def _files(places: Iterable[str]) -> Iterable[Path]:
    for place in places:
        path = _PACKAGE / place
        if path.is_dir():
            yield from (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
        else:
            yield path
