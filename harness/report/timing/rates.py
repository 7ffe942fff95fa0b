"""Rates in words: what a computation reaches a second, what the machine can do, and how much of that is reached."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from harness.report import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.judge.roofline import Roofline
    from harness.judge.timing import Side

__all__ = ["intensity_of", "list_uncounted", "machine_in_words", "part_of", "percent", "rate_of"]

_STEPS = (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3), ("", 1.0))
_DTYPES = ("float32", "float64", "complex64", "complex128")


def percent(part: float) -> str:
    """Write a fraction in percent, with two digits at most.

    Example:
        >>> percent(0.0213), percent(0.214), percent(0.00004)
        ('2.1 %', '21 %', '0.0 %')
    """
    if not math.isfinite(part):
        return "unknown"
    return f"{100 * part:.1f} %" if abs(part) < 0.1 else f"{100 * part:.0f} %"


def machine_in_words(machine: Mapping[str, float]) -> str:
    """Say what the machine can do.

    Example:
        >>> machine_in_words({"copy_bytes": 2e10, "float32_flops": 1.2e11, "float64_flops": 6e10})
        'copies 20 GB/s and multiplies float32 matrices at 120 GFLOP/s, float64 at 60 GFLOP/s'
    """
    parts = []
    if "copy_bytes" in machine:
        parts.append(f"copies {_rate(machine['copy_bytes'], 'B')}")
    rates = [
        f"{dtype}{{}} at {_rate(machine[f'{dtype}_flops'], 'FLOP')}" for dtype in _DTYPES if f"{dtype}_flops" in machine
    ]
    if rates:
        words = ", ".join(one.format("" if number else " matrices") for number, one in enumerate(rates))
        parts.append(f"multiplies {words}")
    return " and ".join(parts)


def rate_of(roof: Roofline) -> str:
    """Say how many operations and bytes a second are reached; empty where they were not counted."""
    flops = "" if roof.flops is None else _rate(roof.flops, "FLOP")
    traffic = "" if roof.bytes is None else _rate(roof.bytes, "B")
    return ", ".join(filter(None, (flops, traffic)))


def intensity_of(roof: Roofline) -> str:
    """Return the operations a byte."""
    return numbers.significant(roof.intensity)


def part_of(roof: Roofline) -> str:
    """Say which part of the roofline is reached, and what bounds it: `31 % (memory)`."""
    return "" if roof.fraction is None else f"{percent(roof.fraction)} ({roof.bound})"


def list_uncounted(sides: Sequence[Side]) -> tuple[tuple[str, str], ...]:
    """List the cases that have no count of operations, and what lacks one."""
    found: dict[str, dict[str, None]] = {}
    for side in sides:
        if side.uncounted:
            found.setdefault(side.check.case, {}).update(dict.fromkeys(side.uncounted))
    return tuple((case, ", ".join(words)) for case, words in found.items())


def _rate(number: float, unit: str) -> str:
    prefix, step = next((one for one in _STEPS if number >= one[1]), _STEPS[-1])
    return f"{numbers.significant(number / step)} {prefix}{unit}/s"
