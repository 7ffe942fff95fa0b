"""How much of what the machine can do a computation reaches: a roofline.

A program of so many floating-point operations and so many bytes takes no less time than its operations at the machine's
rate, and than its bytes at the machine's bandwidth (Williams, Waterman and Patterson, CACM 52(4), 2009). The rate is
that of NumPy's product of matrices, the bandwidth that of a copy of arrays that fit no cache, both measured in the same
run. So more than the whole can be reached: by a framework whose product is faster than NumPy's, by arrays that stay in
a cache, and by a compiler that fuses operations and does not move what lies between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.judge.timing import Side

__all__ = ["Roofline", "roofline"]


@dataclass(frozen=True)
class Roofline:
    """What a computation reaches.

    Attributes:
        flops: Floating-point operations a second; none where they were not counted.
        bytes: Bytes a second, of a program in which nothing is fused; none where they were not counted.
        intensity: Operations a byte.
        fraction: Which part of min(rate, intensity × bandwidth) is reached; none where the machine's rate for the
            dtype, or its bandwidth, is not known, or a count is missing.
        bound: What bounds it: `compute` or `memory`; empty where the fraction is not known.
    """

    flops: float | None = None
    bytes: float | None = None
    intensity: float | None = None
    fraction: float | None = None
    bound: str = ""


def roofline(side: Side, machine: Mapping[str, float]) -> Roofline:
    """Hold the median of one side against the machine.

    Args:
        side: What was timed, with its counts.
        machine: As `Series.machine` has it. It is the host's: a device has no roofline.
    """
    if not side.seconds:
        return Roofline()
    seconds = float(np.median(side.seconds))
    flops, traffic = side.flops, side.traffic
    found = Roofline(
        flops=None if flops is None else flops / seconds,
        bytes=None if traffic is None else traffic / seconds,
        intensity=flops / traffic if flops is not None and traffic else None,
    )
    bandwidth, rate = machine.get("copy_bytes"), machine.get(f"{side.check.dtype}_flops")
    if side.check.device != "cpu" or flops is None or traffic is None or not bandwidth or not rate:
        return found
    computing, moving = flops / rate, traffic / bandwidth
    if not max(computing, moving):
        return found
    return Roofline(
        found.flops,
        found.bytes,
        found.intensity,
        fraction=max(computing, moving) / seconds,
        bound="compute" if computing > moving else "memory",
    )
