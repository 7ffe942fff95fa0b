"""Proposals for the ledger: what diverges and is not accepted, written as entries to which a person adds why."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from harness.judge.entries import read
from harness.judge.ledger import FILE, FORMER, seen_by, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.collect.case import Case
    from harness.model import BackendFacts, CaseFacts, Judgement

__all__ = ["bound", "home", "propose"]


_HEAD = "[[accepted]]\n"


def home(case: Case) -> str:
    """Return the file to which a proposal about a case belongs: the ledger of its own area, there or not yet."""
    folder = case.path.parent
    return show(folder / (FORMER if (folder / FORMER).is_file() else FILE))


def propose(judgements: Iterable[Judgement]) -> str:
    """Write entries for the divergences that are not accepted, with empty reasons: a person writes those.

    Returns:
        TOML to be added to a ledger; empty where there is nothing to propose.
    """
    groups: dict[tuple[str, ...], dict[str, dict[str, None]]] = {}
    seen: dict[tuple[str, ...], dict[str, float]] = {}
    for one in judgements:
        check = one.check
        if one.fine or not one.finding:
            continue
        key = (check.case, check.sample, check.backend, check.quantity, one.finding, one.version)
        kept = groups.setdefault(key, {"modes": {}, "dtypes": {}, "path": {}})
        if one.finite_z and "budget" in one.finding:
            worst = seen.setdefault(key, {})
            worst[check.dtype] = max(worst.get(check.dtype, 0.0), one.finite_z)
        for name, word in (("modes", check.mode), ("dtypes", check.dtype), ("path", check.path)):
            kept[name][word] = None
    rows = []
    for place, kept in groups.items():
        case, sample, backend, quantity, finding, version = place
        row: dict[str, Any] = {"case": case, "sample": sample, "backend": backend}
        release = re.match(r"\d+(?:\.\d+)*", version)
        row |= {"versions": f">={release[0]}"} if release else {}
        row |= {name: [*words] for name, words in kept.items() if name != "path" or [*words] != [""]}
        row |= {"quantity": quantity, "accepts": finding.split("+"), "reason": "", "link": ""}
        said = [f"{name} = {_toml(value)}" for name, value in row.items()]
        if place in seen:
            said.insert(-2, _bounds(seen[place]))
        rows.append("\n".join(["[[accepted]]", *said]))
    return "\n\n".join(rows)


def bound(
    texts: Mapping[str, str],
    judgements: Sequence[Judgement],
    cases: Iterable[CaseFacts],
    backends: Iterable[BackendFacts],
) -> dict[str, str]:
    """Write into entries that accept any number how wrong the numbers are that they accept now.

    Args:
        texts: File to the text of a ledger.
        judgements: What was judged, before or after the ledger was asked.
        cases: The cases, for their operations.
        backends: The backends, for their properties.

    Returns:
        File to its new text, where that differs. Comments and order stay.
    """
    seen = seen_by([entry for entry in read(texts) if not entry.bounded], judgements, cases, backends)
    changed = {}
    for file, text in texts.items():
        blocks = text.split(_HEAD)
        for number, block in enumerate(blocks[1:], 1):
            worst = seen.get(f"{file}: entry {number}")
            if worst:
                blocks[number] = re.sub(r"(?m)^reason = ", f"{_bounds(worst)}\nreason = ", block, count=1)
        if blocks != text.split(_HEAD):
            changed[file] = _HEAD.join(blocks)
    return changed


def _bounds(worst: Mapping[str, float]) -> str:
    """Write dtype to the largest z that was seen."""
    return f"z = {{{', '.join(f'{dtype} = {_round_up(z):g}' for dtype, z in sorted(worst.items()))}}}"


def _round_up(z: float) -> float:
    """Round to three digits, upward."""
    unit = 10.0 ** (math.floor(math.log10(z)) - 2)
    return math.ceil(z / unit) * unit


def _toml(value: str | list[str]) -> str:
    # A JSON string is a TOML string, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
