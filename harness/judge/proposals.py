"""Proposals for the ledger: what diverges and is not accepted, written as entries to which a person adds why."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from harness.judge.ledger import FILE, FORMER, show

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.collect.case import Case
    from harness.model import Judgement

__all__ = ["home", "propose"]


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
    for one in judgements:
        check = one.check
        if one.fine or not one.finding:
            continue
        key = (check.case, check.sample, check.backend, check.quantity, one.finding, one.version)
        kept = groups.setdefault(key, {"modes": {}, "dtypes": {}, "path": {}})
        for name, word in (("modes", check.mode), ("dtypes", check.dtype), ("path", check.path)):
            kept[name][word] = None
    rows = []
    for (case, sample, backend, quantity, finding, version), kept in groups.items():
        row: dict[str, Any] = {"case": case, "sample": sample, "backend": backend}
        release = re.match(r"\d+(?:\.\d+)*", version)
        row |= {"versions": f">={release[0]}"} if release else {}
        row |= {name: [*words] for name, words in kept.items() if name != "path" or [*words] != [""]}
        row |= {"quantity": quantity, "accepts": finding.split("+"), "reason": "", "link": ""}
        rows.append("\n".join(["[[accepted]]", *(f"{name} = {_toml(value)}" for name, value in row.items())]))
    return "\n\n".join(rows)


def _toml(value: str | list[str]) -> str:
    # A JSON string is a TOML string, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
