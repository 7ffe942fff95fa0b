"""The largest z of healthy frameworks: every case, every backend and mode, many seeds. Writes reports/calibration.md.

Run with `nox -s calibrate`, or `python -m tests.audit.calibrate --seeds 20`.
"""

from __future__ import annotations

import argparse
import math
import platform
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from harness import pipeline
from harness.judge.agreement import THRESHOLD
from harness.model import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.model import Judgement

__all__ = ["main"]

_EDGES = (1, 2, 3, 4, 5, 6, 7, 8)


def main(arguments: list[str] | None = None) -> int:
    """Run the catalogue once with many seeds and write what came out.

    Returns:
        0 if nothing healthy was called wrong.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--dtype", action="append", default=None)
    parser.add_argument("--store", type=Path, default=None)
    parser.add_argument("--output", type=Path, default=Path("reports/calibration.md"))
    parser.add_argument("select", nargs="*")
    asked = parser.parse_args(arguments)
    dtypes = tuple(asked.dtype or ("float32", "float64"))
    seeds = tuple(range(asked.seeds))
    with tempfile.TemporaryDirectory() as folder:
        store = asked.store or Path(folder)
        options = pipeline.Options(select=tuple(asked.select), dtypes=dtypes, seeds=seeds, store=store)
        run = pipeline.execute(options, _show)
    judged = [one for one in run.judgements if one.outcome is Outcome.COMPLETED]
    alarms = [one for one in run.judgements if not one.fine]
    text = _render(judged, alarms, run, seeds, dtypes)
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(text, encoding="utf-8")
    return 1 if alarms else 0


def _show(stage: str, done: int, total: int) -> None:
    if done % 2000 == 0 or done == total:
        sys.stderr.write(f"{stage}: {done} of {total}\n")


def _render(
    judged: list[Judgement],
    alarms: list[Judgement],
    run: pipeline.Verdicts,
    seeds: tuple[int, ...],
    dtypes: tuple[str, ...],
) -> str:
    versions = ", ".join(f"{backend.name} {backend.version}" for backend in run.plan.backends)
    kinds = Counter(one.reference for one in judged)
    lines = [
        "# Calibration of K",
        "",
        (
            f"K = {THRESHOLD:g}. Made by `python -m tests.audit.calibrate --seeds {len(seeds)}` on "
            f"{platform.system()} {platform.machine()} with {versions}, Python {platform.python_version()}."
        ),
        "",
        (
            f"{len({one.check.case for one in judged})} cases, {len(seeds)} seeds, {' and '.join(dtypes)}: {len(judged):,} checks of healthy "
            f"frameworks were judged ({', '.join(f'{count:,} {kind}' for kind, count in kinds.items())}); "
            f"{len(alarms)} were called wrong."
        ),
        "",
        "How many checks have a largest z of at least …:",
        "",
        "| backend | mode | checks | " + " | ".join(f"≥ {edge}" for edge in _EDGES) + " | largest |",
        "|---|---|---:|" + "---:|" * (len(_EDGES) + 1),
    ]
    places: dict[tuple[str, str], list[float]] = {}
    for one in judged:
        if one.z is not None:
            places.setdefault((one.check.backend, one.check.mode), []).append(one.z)
    for (backend, mode), found in places.items():
        lines.append(f"| {backend} | {mode} | {_row(found)} |")
    lines.append(f"| all | all | {_row([z for found in places.values() for z in found])} |")
    lines += ["", "The largest, one a case:", "", "| z | check |", "|---:|---|"]
    best: dict[str, Judgement] = {}
    for one in judged:
        held = best.get(one.check.case)
        if one.z is not None and (held is None or _size(one) > _size(held)):
            best[one.check.case] = one
    ranked = sorted(best.values(), key=_size, reverse=True)
    lines += [f"| {one.z:.2f} | `{one.check.id}` |" for one in ranked[:20]]
    if alarms:
        lines += ["", "Called wrong:", ""]
        lines += [
            f"- `{one.check.id}`: {one.outcome}, {'no verdict' if one.verdict is None else one.verdict}, {one.reason}"
            for one in alarms[:200]
        ]
    return "\n".join([*lines, ""])


def _size(one: Judgement) -> float:
    return math.inf if one.z is None or math.isnan(one.z) or one.verdict is Verdict.DISAGREES else one.z


def _row(found: Iterable[float]) -> str:
    sizes = list(found)
    counts = [sum(1 for z in sizes if not z < edge) for edge in _EDGES]
    return " | ".join([f"{len(sizes):,}", *(f"{count:,}" for count in counts), f"{max(sizes, default=0.0):.2f}"])


if __name__ == "__main__":
    raise SystemExit(main())
