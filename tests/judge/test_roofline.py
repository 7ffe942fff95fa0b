"""How much of what the machine can do is reached."""

from __future__ import annotations

from typing import Any

import pytest

from harness.judge.roofline import Roofline, roofline
from harness.judge.timing import Side
from harness.model import Check

__all__: list[str] = []

MACHINE = {"copy_bytes": 1e10, "float32_flops": 1e11, "float64_flops": 5e10}


def _side(dtype: str = "float32", device: str = "cpu", **facts: Any) -> Side:
    check = Check("area/name", "given", "torch", "eager", dtype, device, "value")
    return Side(check, (0.9, 1.0, 5.0), **facts)


@pytest.mark.parametrize(
    ("fraction", "bound", "intensity", "dtype", "flops", "traffic"),
    [
        (0.25, "compute", 25.0, "float32", 2.5e10, 10**9),
        (0.5, "compute", 25.0, "float64", 2.5e10, 10**9),
        (0.1, "memory", 1.0, "float32", 1e9, 10**9),
        (0.1, "memory", 0.0, "float32", 0.0, 10**9),
        (2.0, "memory", 0.5, "float32", 1e10, 2 * 10**10),
    ],
)
def test_the_fraction_is_of_the_lower_roof(
    fraction: float, bound: str, intensity: float, dtype: str, flops: float, traffic: int
) -> None:
    """Of min(rate, intensity × bandwidth), at the median; what only moves bytes is held against the bandwidth alone."""
    found = roofline(_side(dtype, flops=flops, traffic=traffic), MACHINE)
    assert (flops, float(traffic), intensity, bound) == (found.flops, found.bytes, found.intensity, found.bound)
    assert found.fraction == pytest.approx(fraction)
    if flops:
        roof = min(MACHINE[f"{dtype}_flops"], intensity * MACHINE["copy_bytes"])
        assert found.fraction == pytest.approx(flops / roof)


@pytest.mark.parametrize(
    ("side", "machine"),
    [
        (_side(flops=1e9, traffic=10**9), {}),
        (_side(flops=1e9, traffic=10**9), {"copy_bytes": 1e10}),
        (_side("bfloat16", flops=1e9, traffic=10**9), MACHINE),
        (_side(device="gpu", flops=1e9, traffic=10**9), MACHINE),
        (_side(traffic=10**9, uncounted=("sort",)), MACHINE),
        (_side(flops=0.0, traffic=0), MACHINE),
        (_side(), MACHINE),
    ],
)
def test_where_something_is_unknown_there_is_no_fraction(side: Side, machine: dict[str, float]) -> None:
    """No rate of the dtype, no count, another device than the machine's own, or nothing to do."""
    found = roofline(side, machine)
    assert (None, "") == (found.fraction, found.bound)
    assert side.flops == found.flops  # the median is a second


def test_what_was_not_timed_reaches_nothing() -> None:
    """Counts alone are no rates."""
    check = Check("area/name", "given", "torch", "eager", "float32", "cpu", "value")
    assert Roofline() == roofline(Side(check, flops=1.0, traffic=1), MACHINE)
