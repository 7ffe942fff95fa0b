"""What the judge says of adapters that are wrong on purpose. Writes reports/judge.md.

Each way of `tests.audit.wrong_adapters` is run in this process on standard cases, against the real references, and judged and
settled by the real ledgers as if it were PyTorch. A check counts where the fault changed a bit of what the same adapter
gives without it. A way is caught where one of its checks `disagrees` after that; `accepted` where the ledger took back
all that disagreed; `silent` where nothing did.

Beside it stands what `torch.testing.assert_close` and `numpy.testing.assert_allclose` say with their defaults of the first
call's result, beside the healthy result of the very same program: no partner could be better.

Run with `python -m tests.audit.judge_table [NAME ...]`.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect.plan import Wanted, tasks_of
from harness.collect.registry import collect, select
from harness.judge import ledger
from harness.judge.agreement import THRESHOLD, judge
from harness.judge.entries import read
from harness.messages import Answer, Prove
from harness.model import Array, Backend, Observation, Outcome, Reference, Truth
from harness.observe.handlers.observer import Observer
from harness.reference.handler import Referee
from harness.report.facts import case_facts
from tests.audit import blind
from tests.audit.wrong_adapters import WAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.collect.case import Case
    from harness.collect.plan import Subject, Task
    from harness.model import Judgement
    from tests.audit.wrong_adapters import Way

__all__ = ["Bench", "Found", "main", "render"]

_HERE = "tests.audit.wrong_adapters"
TOOLS = ("torch", "numpy")


@dataclass
class Found:
    """What was said of one way.

    Attributes:
        way: The way.
        caught: Checks that disagree, settled.
        accepted: Checks that disagreed, and that the ledger accepts.
        silent: Checks that changed, and are fine all the same.
        unlike: Changed checks that are not fine without the fault either, and say nothing.
        seen: Tool to how many of the changed checks it says no to.
    """

    way: Way
    caught: list[Judgement] = field(default_factory=list)
    accepted: list[Judgement] = field(default_factory=list)
    silent: list[Judgement] = field(default_factory=list)
    unlike: list[Judgement] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOOLS, 0))

    @property
    def changed(self) -> int:
        """How many checks the fault changed, and that were fine without it."""
        return len(self.caught) + len(self.accepted) + len(self.silent)

    @property
    def fate(self) -> str:
        """`caught`, `accepted`, `silent`, or `no effect`."""
        if self.caught:
            return "caught"
        if self.accepted:
            return "accepted"
        return "silent" if self.silent else "no effect"


class Bench:
    """Cases, their references, what the adapter without a fault gives, and the ledgers."""

    def __init__(self) -> None:
        self._cases: dict[str, Case] = collect()
        self._references: dict[str, Reference] = {}
        self._healthy: dict[tuple[Any, ...], dict[str, Observation]] = {}
        self._observer = Observer(f"{_HERE}:Healthy")
        self._entries = read(ledger.ledgers(self._cases.values()))
        self._facts = [case_facts(case, [*case.samples]) for case in self._cases.values()]
        self.alarms: dict[str, Judgement] = {}
        self.checks = 0

    def run(self, way: Way) -> Found:
        """Run one way on its cases."""
        found = Found(way)
        observer = Observer(f"{_HERE}:way_{[*WAYS].index(way.name)}")
        for task in self._tasks(way):
            healthy = self._right(task)
            wrong = {one.check.asked: one for one in _observations(observer, task)}
            changed = [name for name, one in wrong.items() if name in healthy and _differ(healthy[name], one)]
            if changed:
                self._tell(found, task, [healthy[name] for name in changed], [wrong[name] for name in changed])
        return found

    def _tell(self, found: Found, task: Task, healthy: Sequence[Observation], wrong: Sequence[Observation]) -> None:
        reference = self._reference(task.subject)
        before = self._settled([judge(one, reference) for one in healthy])
        bare = [judge(one, reference) for one in wrong]
        after = self._settled(bare)
        for right, faulty, was, first, judgement in zip(healthy, wrong, before, bare, after, strict=True):
            if not (was.fine and was.outcome is Outcome.COMPLETED) and not judgement.fine:
                found.unlike.append(judgement)
                continue
            for tool in TOOLS:
                found.seen[tool] += _says_no(tool, right, faulty)
            if not judgement.fine:
                found.caught.append(judgement)
            elif not first.fine:
                found.accepted.append(judgement)
            else:
                found.silent.append(judgement)

    def _settled(self, judgements: Sequence[Judgement]) -> list[Judgement]:
        return ledger.settle(judgements, self._facts, self._entries)

    def _tasks(self, way: Way) -> Iterator[Task]:
        number = [*WAYS].index(way.name)
        backend = Backend(
            name="torch",
            target=f"{_HERE}:way_{number}",
            python=sys.executable,
            modes=("eager", "compile"),
            dtypes=("float32", "float64", "float16", "bfloat16", "complex64", "complex128"),
            versions={"torch": _version()},
        )
        chosen = select(self._cases, self._patterns(way))
        wanted = Wanted(modes=way.modes, dtypes=way.dtypes, quantities=way.kinds)
        tasks = [task for task in tasks_of(chosen, [backend], wanted) if task.implementation == "portable"]
        # As the run itself does: what is prepared once is called with all samples, if they come one after the other.
        yield from sorted(tasks, key=lambda task: (task.subject.case.id, task.subject.dtype, task.mode))

    def _patterns(self, way: Way) -> list[str]:
        """Of a pattern that fits a whole area, take the cases that write the operation out."""
        words = set(getattr(way.fault, "operation", "").split())
        found: list[str] = []
        for pattern in way.cases:
            if not pattern.endswith("*"):
                found.append(pattern)
                continue
            area = pattern.partition("/")[0]
            found += [one.id for one in self._cases.values() if one.area == area and words & set(one.operations)]
        return found

    def _right(self, task: Task) -> dict[str, Observation]:
        key = (*task.subject.place, task.mode, task.quantities)
        if key not in self._healthy:
            self._healthy[key] = {one.check.asked: one for one in _observations(self._observer, task)}
            reference = self._reference(task.subject)
            for one in self._settled([judge(each, reference) for each in self._healthy[key].values()]):
                self.checks += one.outcome is Outcome.COMPLETED
                if not one.fine:
                    self.alarms[one.check.id] = one
        return self._healthy[key]

    def _reference(self, subject: Subject) -> Reference:
        key = subject.reference_id
        if key not in self._references:
            self._references[key] = _proved(subject)
        return self._references[key]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("torch")
    except PackageNotFoundError:
        return "2.13.0"


def _observations(observer: Observer, task: Task) -> Iterator[Observation]:
    inputs = list(task.subject.inputs().values())
    with np.errstate(all="ignore"):
        for header, arrays in observer.handle(task.request().header(), inputs):
            if "quantity" not in header:
                continue
            answer = Answer.of(header)
            yield Observation(
                id="",
                check=task.check(answer.quantity),
                outcome=Outcome(answer.outcome),
                reason=answer.reason,
                value=Array.of(arrays[0]) if arrays else None,
                first=Array.of(arrays[1]) if len(arrays) > 1 else None,
                stale=answer.stale,
                versions=dict(task.backend.versions),
            )


def _proved(subject: Subject) -> Reference:
    request = subject.request(Prove, differentiate=tuple(subject.sample.differentiable))
    ((answer, arrays),) = Referee().handle(request.header(), list(subject.inputs().values()))
    fields: dict[str, dict[str, Array]] = defaultdict(dict)
    for (quantity, name), array in zip(answer["fields"], arrays, strict=True):
        fields[quantity][name] = Array.of(array)
    case, sample, dtype = subject.place
    return Reference(
        id=subject.reference_id,
        case=case,
        sample=sample,
        dtype=dtype,
        kind=answer["kind"],
        reason=answer["reason"],
        quantities={quantity: Truth(**parts) for quantity, parts in fields.items()},
    )


def _differ(one: Observation, other: Observation) -> bool:
    """Whether a fault changed anything."""
    return one.says != other.says


def _says_no(tool: str, healthy: Observation, wrong: Observation) -> bool:
    """Whether a tool says no to the first call's result, beside the healthy one."""
    if wrong.outcome is not Outcome.COMPLETED:
        return True
    expected, got = (one.first or one.value for one in (healthy, wrong))
    assert expected is not None
    assert got is not None
    a, b = got.numpy().copy(), expected.numpy().copy()
    try:
        if tool == "numpy":
            np.testing.assert_allclose(a, b)
        else:
            import torch

            torch.testing.assert_close(torch.from_numpy(a), torch.from_numpy(b), equal_nan=True)
    except AssertionError:
        return True
    return False


def render(found: Sequence[Found], bench: Bench) -> str:
    """Write the table as Markdown."""
    fates = {fate: [one for one in found if one.fate == fate] for fate in ("caught", "accepted", "silent", "no effect")}
    seen = {tool: sum(1 for one in found if one.seen[tool]) for tool in TOOLS}
    lines = [
        "# What the judge says of adapters that are wrong on purpose",
        "",
        (
            "Made by `python -m tests.audit.judge_table`. Each of "
            f"{len(found)} adapters is wrong in one way, and run on a handful of standard cases, in float32 and one "
            f"other dtype unless it says otherwise, judged with K = {THRESHOLD:g}, and settled by the ledgers as if it "
            f"were PyTorch {_version()}. "
            + ", ".join(f"**{len(ways)} {fate}**" for fate, ways in fates.items())
            + f". Without a fault, the same adapter was judged on {bench.checks} checks: {len(bench.alarms)} are not fine, "
            "and say nothing of a fault."
        ),
        "",
        (
            "`changed` counts the checks of which the fault changed a bit; `caught`, `accepted` and `silent` say what "
            "became of them. A check is silent where the change is no larger than rounding is there. The worst check "
            "is the one with the largest finite z, or one with none. `assert_close` and `assert_allclose` are "
            "PyTorch's and NumPy's, with their defaults, and compare the first call with the healthy result of the "
            "very same program, bit for bit; between two frameworks NumPy's 1e-7 says no to every float32 result. "
            f"They see {seen['torch']} and {seen['numpy']} of the ways in some check."
        ),
        "",
        "| way | what is wrong | changed | caught | accepted | silent | caught by | z | `assert_close` | `assert_allclose` |",
        "|---|---|---:|---:|---:|---:|---|---:|---:|---:|",
    ]
    lines += map(_line, found)
    lines += ["", *_findings(fates)]
    if bench.alarms:
        cases = dict.fromkeys(f"`{one.check.case}`" for one in bench.alarms.values())
        lines += [
            "## Not fine without a fault",
            "",
            (
                "The adapter runs the rows' definitions on a tape, also where NumPy itself has a function that knows its "
                f"infinities. So {len(bench.alarms)} checks are not fine without a fault: of {', '.join(cases)}."
            ),
            "",
        ]
    return "\n".join(lines)


def _line(found: Found) -> str:
    one = _worst(found.caught or found.accepted or found.silent)
    counts = f"{found.changed} | {len(found.caught)} | {len(found.accepted)} | {len(found.silent)}"
    where, size = ("", "") if one is None else (_place(one), "" if one.z is None else _number(one.z))
    said = " | ".join(str(found.seen[tool]) for tool in TOOLS)
    prefix = "" if found.fate == "caught" else f"**{found.fate}** "
    return f"| {found.way.name} | {_short(found.way.what)} | {counts} | {prefix}{where} | {size} | {said} |"


def _findings(fates: Mapping[str, Sequence[Found]]) -> list[str]:
    titles = {
        "silent": "Silent: nothing said no",
        "accepted": "Accepted: the ledger took back all that disagreed",
        "no effect": "No effect: the fault changed nothing on these cases",
    }
    lines: list[str] = []
    for fate, title in titles.items():
        if not fates[fate]:
            continue
        lines += [f"## {title}", ""]
        for found in fates[fate]:
            one = _worst(found.accepted or found.silent)
            where = "" if one is None else f" {_place(one)}, {one.verdict}, z {_number(one.z)}"
            why = "" if one is None or not one.reason else f": {_short(one.reason)}"
            note = f" Because {found.way.note}." if found.way.note else ""
            lines.append(f"- **{found.way.name}** ({found.way.what}).{where}{why}{note}")
        lines.append("")
    return [*lines, *_cheques(fates["caught"])]


def _cheques(caught: Sequence[Found]) -> list[str]:
    """Say what the ledger accepted of faults that were caught elsewhere, by the reasons of its entries."""
    by_reason: dict[str, list[tuple[str, Judgement]]] = defaultdict(list)
    for found in caught:
        for one in found.accepted:
            by_reason[_short(one.reason)].append((found.way.name, one))
    if not by_reason:
        return []
    lines = [
        "## Accepted by the ledger, and caught elsewhere",
        "",
        "An entry that accepts a fault has no bound, or one that is too wide.",
        "",
        "| checks | ways | largest z | where that is | way | the entry's reason |",
        "|---:|---:|---:|---|---|---|",
    ]
    for reason, accepted in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        ways = dict.fromkeys(name for name, _ in accepted)
        worst = _worst(one for _, one in accepted)
        assert worst is not None
        name = next(name for name, one in accepted if one is worst)
        counts = f"{len(accepted)} | {len(ways)} | {_number(worst.z)}"
        lines.append(f"| {counts} | {_place(worst)} | {name} | {reason} |")
    return [*lines, ""]


def _place(one: Judgement) -> str:
    check = one.check
    return f"`{check.case}[{check.sample}]` {check.quantity} {check.dtype}" + (
        "" if check.mode == "eager" else f" {check.mode}"
    )


def _worst(judgements: Iterable[Judgement]) -> Judgement | None:
    def size(one: Judgement) -> float:
        return -1.0 if one.z is None or not math.isfinite(one.z) else one.z

    return max(judgements, key=size, default=None)


def _number(z: float | None) -> str:
    if z is None:
        return "none"
    return f"{z:.3g}" if math.isfinite(z) else ("∞" if z > 0 else "NaN")


def _short(text: str | None) -> str:
    return re.sub(r"\s+", " ", (text or "").replace("|", "\\|"))[:220]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every way, and write the table.

    Returns:
        0 if every way is caught.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("reports/judge.md"))
    parser.add_argument("--store", type=Path, help="a store, whose checks are doubled as well")
    parser.add_argument("names", nargs="*", help="ways; by default all")
    asked = parser.parse_args(arguments)
    for name in asked.names:
        if name not in WAYS:
            raise SystemExit(f"{name!r} is no way; expected some of {', '.join(WAYS)}.")
    bench, found = Bench(), []
    for name in asked.names or WAYS:
        start = time.perf_counter()
        found.append(bench.run(WAYS[name]))
        one = found[-1]
        worst = _worst(one.caught or one.accepted or one.silent)
        sys.stderr.write(
            f"{one.fate:9} {name}: {len(one.caught)}/{len(one.accepted)}/{len(one.silent)} of {one.changed}, {len(one.unlike)} unlike"
            f" {'' if worst is None else _place(worst)} ({time.perf_counter() - start:.1f} s)\n"
        )
    text = render(found, bench)
    if asked.store is not None:
        text += "\n" + blind.of_store(asked.store)
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(text, encoding="utf-8")
    return 0 if all(one.fate == "caught" for one in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
