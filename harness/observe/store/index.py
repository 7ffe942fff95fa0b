"""An index of a store: what the last run came to, so that a run in which nothing changed need not read the segments.

The segments are the truth. The index is made anew whenever it is missing, damaged, or older than a segment.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import msgspec

from harness.model import Judgement  # noqa: TC001 - msgspec reads the annotation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Remembered", "recall", "remember"]

_FILE = "index.msgpack"


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to.

    Attributes:
        key: Fingerprint of the plan and of the judge.
        segments: Name, size and time of every segment that was read.
        judgements: In the order of the plan.
        complaints: What in the ledgers was no longer true.
    """

    key: str
    segments: tuple[tuple[str, int, int], ...]
    judgements: tuple[Judgement, ...]
    complaints: tuple[str, ...] = ()


_decoder = msgspec.msgpack.Decoder(Remembered)


def remember(folder: Path, key: str, judgements: Sequence[Judgement], complaints: Sequence[str] = ()) -> None:
    """Write the index; where that fails, the next run reads the segments."""
    made = Remembered(key=key, segments=_segments(folder), judgements=tuple(judgements), complaints=tuple(complaints))
    part = folder / f".{_FILE}.{os.getpid()}"
    with contextlib.suppress(OSError):
        part.write_bytes(msgspec.msgpack.encode(made))
        part.replace(folder / _FILE)


def recall(folder: Path, key: str) -> Remembered | None:
    """Read the index; None where it says nothing about this plan and these segments."""
    try:
        found = _decoder.decode((folder / _FILE).read_bytes())
    except (OSError, msgspec.DecodeError, ValueError):
        return None
    return found if found.key == key and found.segments == _segments(folder) else None


def _segments(folder: Path) -> tuple[tuple[str, int, int], ...]:
    found = ((path.name, path.stat()) for path in (folder / "segments").glob("*.jsonl"))
    return tuple(sorted((name, status.st_size, status.st_mtime_ns) for name, status in found))
