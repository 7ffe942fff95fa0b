"""Times for other programs: JSON lines, a table for pandas, and pyperf's format."""

from __future__ import annotations

import csv
import io
import json
import math
import time
from typing import TYPE_CHECKING, Any

from harness.judge.roofline import roofline
from harness.judge.statistics import estimate
from harness.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.judge.roofline import Roofline
    from harness.judge.timing import Comparison, Side
    from harness.model import Series, Timing
    from harness.report.timing.model import Times

__all__ = ["json_lines", "pyperf", "table"]

_COLUMNS = (
    "case", "sample", "backend", "version", "mode", "dtype", "device", "quantity", "implementation", "process", "batch",
    "seconds", "loops", "first", "imported", "elements", "moved", "host", "host_first", "device_memory", "run",
    "flops", "traffic", "uncounted", "device_first",
)  # fmt: skip


def json_lines(times: Times) -> str:
    """Write one line for each check: a contract; fields are added, never renamed or removed."""
    changes = {one.comparison.new.check.id: one.comparison for one in times.changes}
    machine = times.series.machine
    encoder = json.JSONEncoder(ensure_ascii=True, allow_nan=False)
    rows = (_row(one, changes.get(one.check.id), roofline(one, machine)) for one in times.sides)
    return "".join(f"{encoder.encode(row)}\n" for row in rows)


def _row(side: Side, change: Comparison | None, roof: Roofline) -> dict[str, Any]:
    check = side.check
    found = estimate(side.seconds) if side.seconds else None
    return {
        "schema": 1,
        "check": check.id,
        "case": check.case,
        "sample": check.sample,
        "backend": check.backend,
        "version": side.version,
        "mode": check.mode,
        "dtype": check.dtype,
        "device": check.device,
        "quantity": check.quantity,
        "implementation": check.implementation,
        "outcome": str(side.outcome),
        "reason": side.reason,
        "seconds": None if found is None else found.median,
        "low": None if found is None else found.low,
        "high": None if found is None else found.high,
        "processes": len(side.seconds),
        "first": estimate(side.first).median if side.first else None,
        "imported": estimate(side.imported).median if side.imported else None,
        "elements": side.elements,
        "moved": side.moved,
        "memory": dict(side.memory or {}),
        "verdict": None if change is None else str(change.pace),
        "ratio": None if change is None else _finite(change.ratio),
        "ratio_low": None if change is None else _finite(change.low),
        "ratio_high": None if change is None else _finite(change.high),
        "floor": None if change is None else _finite(change.floor),
        "flops": side.flops,
        "traffic": side.traffic,
        "uncounted": [*side.uncounted],
        "flops_per_second": roof.flops,
        "bytes_per_second": roof.bytes,
        "intensity": roof.intensity,
        "roofline": roof.fraction,
    }


def table(times: Times) -> str:
    """Write one row for each batch of each process, in CSV: `pandas.read_csv` and every spreadsheet read it."""
    file = io.StringIO()
    writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for one in times.timings:
        check = one.check
        shared = {
            "case": check.case,
            "sample": check.sample,
            "backend": check.backend,
            "version": next(iter(one.versions.values()), ""),
            "mode": check.mode,
            "dtype": check.dtype,
            "device": check.device,
            "quantity": check.quantity,
            "implementation": check.implementation,
            "process": one.process,
            "loops": one.loops,
            "first": one.first,
            "imported": one.imported,
            "elements": one.elements,
            "moved": one.moved,
            "flops": one.flops,
            "traffic": one.traffic,
            "uncounted": "; ".join(one.uncounted),
            "host": one.memory.get("host"),
            "host_first": one.memory.get("host_first"),
            "device_memory": one.memory.get("device"),
            "run": one.run,
            "device_first": one.memory.get("device_first"),
        }
        for number, seconds in enumerate(one.calls):
            writer.writerow({**shared, "batch": number, "seconds": repr(seconds)})
    # A lone surrogate, which a name may hold, has no bytes in UTF-8.
    return file.getvalue().encode("utf-8", "backslashreplace").decode("utf-8")


def pyperf(times: Times) -> str:
    """Write a benchmark suite that pyperf reads: a benchmark a check, a run a process, a value a batch.

    Source: https://pyperf.readthedocs.io/en/latest/api.html#benchmarksuite-class and the files that pyperf itself writes.
    """
    grouped: dict[str, list[Timing]] = {}
    for one in times.timings:
        if one.outcome is Outcome.COMPLETED and one.calls:
            grouped.setdefault(one.check.id, []).append(one)
    suite = {
        "version": "1.0",
        "metadata": {name: text for name, text in _metadata(times.series).items() if text},
        "benchmarks": [
            {"metadata": {"name": name, "unit": "second"}, "runs": [_run(one) for one in found]}
            for name, found in grouped.items()
        ],
    }
    return json.dumps(suite, ensure_ascii=True, allow_nan=False, indent=1) + "\n"


def _metadata(series: Series) -> Mapping[str, str]:
    facts = series.facts
    return {
        "cpu_model_name": facts.get("processor", ""),
        "platform": facts.get("system", ""),
        "harness_version": facts.get("harness", ""),
    }


def _run(one: Timing) -> dict[str, Any]:
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(one.recorded))
    metadata = {"date": f"{moment}.000000", "loops": one.loops, "python_version": one.versions.get("python", "")}
    return {
        "metadata": {name: value for name, value in metadata.items() if value},
        "warmups": [] if one.first is None else [[1, one.first]],
        "values": list(one.calls),
    }


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
