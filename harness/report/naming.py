"""One check in words: what it is called, how it is run again, and what its worst element says."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from harness.report import numbers

if TYPE_CHECKING:
    from harness.model import Check, Judgement

__all__ = ["command", "label", "place", "worst"]


def command(check: Check) -> str:
    """Return a command that runs a check and its nearest neighbours again."""
    words = ["harness", "run", check.case, "-b", check.backend, "-m", check.mode, "-d", check.dtype]
    if check.device != "cpu":
        words += ["--device", check.device]
    return shlex.join([*words, "-q", check.asked])


def label(check: Check) -> str:
    """Name what ran a check: backend and mode; device and implementation only where they are not the usual ones."""
    words = [check.backend, check.mode]
    words += [word for word, usual in ((check.device, "cpu"), (check.implementation, "portable")) if word != usual]
    return " · ".join(words)


def place(check: Check) -> str:
    """Name a check within its case: `[given] torch · eager · float32 · value`."""
    return f"[{check.sample}] {label(check)} · {check.dtype} · {check.asked}"


def worst(judgement: Judgement) -> str:
    """Return the worst element in words, `at [2]: got 0.1, truth 0.2`; empty where there is none."""
    if judgement.observed is None and judgement.truth is None:
        return ""
    dtype = judgement.check.dtype
    index = f"at [{', '.join(map(str, judgement.worst_index))}]: " if judgement.worst_index else ""
    got, truth = numbers.to_decimal(judgement.observed, dtype), numbers.to_decimal(judgement.truth, dtype)
    return f"{index}got {got or 'nothing'}, truth {truth or 'unknown'}"
