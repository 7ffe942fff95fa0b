"""Ledgers, judgements and folders of cases that the tests of the ledger are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.judge.entries import read
from harness.judge.ledger import settle
from harness.model import CaseFacts, Check, Judgement, Outcome, Verdict

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CASES", "ENTRY", "judged", "project", "settled", "toml"]

ENTRY = {
    "case": "area/*",
    "backend": "torch",
    "accepts": "nan",
    "reason": "why",
    "link": "https://example.org",
}
CASES = [CaseFacts(id="area/one", operations=("abs", "sum")), CaseFacts(id="other/two", operations=("exp",))]


def toml(*rows: dict[str, Any]) -> dict[str, str]:
    """Write a ledger."""

    def said(value: Any) -> str:
        return repr(list(value)) if isinstance(value, (list, tuple)) else repr(value)

    text = "\n".join(
        "\n".join(["[[accepted]]", *(f"{key} = {said(value)}" for key, value in row.items())]) for row in rows
    )
    return {"cases/ledger.toml": text}


def judged(finding: str | None = "nan", **facts: Any) -> Judgement:
    """Make a judgement: one that disagrees, unless it has no finding."""
    check = Check(
        **{
            "case": "area/one",
            "sample": "given",
            "backend": "torch",
            "mode": "eager",
            "dtype": "float32",
            "device": "cpu",
            "quantity": "vjp:x",
        }
        | {name: value for name, value in facts.items() if name in Check.__struct_fields__}
    )
    rest = {name: value for name, value in facts.items() if name not in Check.__struct_fields__}
    outcome = rest.pop("outcome", Outcome.COMPLETED)
    verdict = None if outcome is not Outcome.COMPLETED else Verdict.DISAGREES if finding else Verdict.AGREES
    return Judgement(
        check=check, finding=finding, **{"version": "2.13.0+cpu", "outcome": outcome, "verdict": verdict} | rest
    )


def settled(judgement: Judgement, *rows: dict[str, Any]) -> Judgement:
    """Hold one judgement against a ledger."""
    return settle([judgement], CASES, read(toml(*rows)))[0]


def project(folder: Path) -> Path:
    """Make a folder of cases with two areas."""
    for area in ("one", "two/deep"):
        (folder / "cases" / area).mkdir(parents=True)
        (folder / "cases" / area / "file.py").write_text(
            "from harness import case, given\n\n\n@case(x=given([1.0]))\ndef kept(xp, x):\n    return x\n",
            encoding="utf-8",
        )
    return folder / "cases"
