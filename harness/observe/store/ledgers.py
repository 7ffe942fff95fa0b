"""The ledgers of several runs put together, and by which of them the checks are judged, in words."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.model import Manifest

__all__ = ["date", "judged_by", "newest"]

_NAMED = 3  # runs whose ledgers are named; the others are counted


def newest(manifests: Iterable[Manifest]) -> tuple[dict[str, str], tuple[float, ...]]:
    """Put the ledgers of several runs together: of each area those of the newest run that chose cases of it.

    A run holds the ledgers beside the cases that it chose, so that the newest run alone may lack those of other areas.

    Args:
        manifests: The runs, the newest first.

    Returns:
        File to text, and when the runs took place whose ledgers these are, the newest first.
    """
    texts: dict[str, str] = {}
    moments: list[float] = []
    seen: set[str] = set()
    for manifest in manifests:
        areas = {case.area for case in manifest.cases}
        if seen and areas <= seen:
            continue
        # An older run's file beside cases that a newer run chose is no longer there, or is another one now.
        added = {
            file: text
            for file, text in manifest.ledgers.items()
            if file not in texts and not any(Path(file).parent.match(area) for area in seen if area)
        }
        if added or not moments:
            moments.append(manifest.recorded)
        texts |= added
        seen |= areas
    return texts, tuple(moments)


def judged_by(ledgers: Mapping[str, str], moments: Sequence[float]) -> dict[str, str]:
    """Return by which ledgers the checks of several runs are judged: all of them by the same.

    Args:
        ledgers: File to text.
        moments: When the runs took place whose ledgers these are, the newest first.
    """
    runs = [f"the run of {date(moment)}" for moment in moments]
    if not ledgers:
        return {"judged by": f"no ledger: {runs[0]} had none"}
    others = [f"that of {run}" for run in runs[1:]]
    if len(others) > _NAMED:
        others[_NAMED:] = [f"those of {len(others) - _NAMED} older runs"]
    rest = f"; areas that it left out, by {', '.join(others)}" if others else ""
    return {"judged by": f"the ledger of {runs[0]}{rest}"}


def date(moment: float) -> str:
    """Write seconds since 1970 as a date.

    Example:
        >>> date(1772000000.0)
        '2026-02-25 06:13 UTC'
    """
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))
