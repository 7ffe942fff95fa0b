"""The vector instructions of this machine's processor: kernels are chosen by them, and round otherwise with each."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

__all__ = ["LEVELS", "instructions", "lower"]

LEVELS = ("SSE4_2", "AVX", "AVX2", "AVX512")
"""From the narrowest to the widest, under the names that frameworks share."""

_FLAGS = {"SSE4_2": {"sse4_2"}, "AVX": {"avx"}, "AVX2": {"avx2", "fma"}, "AVX512": {"avx512f", "avx512bw", "avx512vl"}}
"""Linux's names of what each level needs (arch/x86/include/asm/cpufeatures.h)."""


@cache
def instructions() -> str:
    """Return the widest of `LEVELS` that the processor has; the machine's architecture where nobody says."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # only Linux has it
        return platform.machine()
    return _widest(text) or platform.machine()


def _widest(cpuinfo: str) -> str:
    line = next((row for row in cpuinfo.splitlines() if row.startswith("flags")), "")
    flags = {*line.partition(":")[2].split()}
    return next((level for level in reversed(LEVELS) if _FLAGS[level] <= flags), "")


def lower(one: str, limit: str) -> str:
    """Return the narrower of the machine's instructions and a limit that a setting puts; what is no level is none.

    Example:
        >>> lower("AVX512", "AVX2"), lower("AVX2", "AVX512"), lower("AVX2", ""), lower("arm64", "AVX2")
        ('AVX2', 'AVX2', 'AVX2', 'arm64')
    """
    return min(one, limit, key=LEVELS.index) if {one, limit} <= {*LEVELS} else one
