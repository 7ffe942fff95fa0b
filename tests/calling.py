"""The catalogue's calls, as tests make them: always the same numbers."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

from harness.collect import usage
from harness.collect.registry import collect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.collect.case import Case
    from harness.operations.calls.specification import Made

__all__ = ["calls_for", "parts_of", "word"]


@functools.cache
def _cases() -> Iterable[Case]:
    return tuple(collect(["cases"]).values())


def calls_for(name: str) -> list[Made]:
    """Give calls of an operation; the standard cases are looked at only where nothing else says how."""
    return usage.calls_for(name, _cases())


def parts_of(result: Any) -> tuple[Any, ...]:
    """Give what came back as a flat tuple of arrays."""
    if not isinstance(result, (tuple, list)):
        return (result,)
    return tuple(part for one in result for part in parts_of(one))


def word(xp: Any, name: str) -> Any:
    """Find an operation in a namespace."""
    return operator.attrgetter(name)(xp)
