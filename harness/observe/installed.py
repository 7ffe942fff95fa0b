"""Versions of what is installed, looked up in the metadata of distributions: nothing is imported for it."""

from __future__ import annotations

import importlib.metadata
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["versions_of"]


def versions_of(distributions: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Look up versions.

    Args:
        distributions: Names; of alternatives, written `a|b`, the first that is installed counts.

    Returns:
        Name to version, those of NumPy and of Python among them; and the names of what is not installed, of
        alternatives the first.
    """
    found, missing = {}, []
    for alternatives in distributions:
        for name in alternatives.split("|"):
            try:
                found[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                continue
            break
        else:
            missing.append(alternatives.partition("|")[0])
    if "numpy" not in found:
        try:
            found["numpy"] = importlib.metadata.version("numpy")
        except importlib.metadata.PackageNotFoundError:
            missing.append("numpy")
    return {**found, "python": ".".join(map(str, sys.version_info[:3]))}, missing
