"""Whether the harness's times can be believed. Writes reports/timing.md.

Three parts, each of which can be run alone, is kept in a folder, and goes on where it stopped:

- `fidelity`: twelve operations from 1 µs to 100 ms, by the harness and by a bare loop in the same process: `timeit` for
  NumPy and JAX, `torch.utils.benchmark.Timer` for PyTorch (`tests/audit/fidelity.py`). And what the measured region
  costs a call that does nothing.
- `noise`: many fresh processes of the same cases. They are compared with themselves (A/A), and with themselves made 5 %
  and 10 % slower, by the harness's judge, by one process against one, and by pytest-benchmark itself, which is given
  the same runs (`tests/audit/replayed.py`).
- `cost`: a quick look at 30 cases on three frameworks.

`nox -s timing`, on a quiet machine; or `python -m tests.audit.timing`, where pytest-benchmark is installed.
`python -m tests.audit.timing fidelity --operations 2 --seconds 1` tries a part quickly. `render` writes the report of
what there is.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness import pipeline, timing
from harness.judge import timing as judge
from harness.observe.store.segments import Store
from harness.observe.timing.rounds import Effort, Rounds, Timed
from tests.audit import fidelity, replayed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.judge.timing import Side

__all__ = ["main"]

_TRIALS = 200
_SLOWDOWNS = (1.0, 1.05, 1.10)


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for, and write the report.

    Returns:
        0.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="fidelity, noise, cost, render. All.")
    parser.add_argument("--folder", type=Path, default=Path(".harness/audit-timing"), help="where parts are kept")
    parser.add_argument("--output", type=Path, default=Path("reports/timing.md"))
    parser.add_argument(
        "--operations", type=int, default=len(fidelity.OPERATIONS), help="fidelity: only the first so many"
    )
    parser.add_argument("--frameworks", default=",".join(fidelity.FRAMEWORKS), help="fidelity: which")
    parser.add_argument("--pairs", type=int, default=1500, help="fidelity: pairs of batches, at most")
    parser.add_argument("--seconds", type=float, default=8.0, help="fidelity: for the pairs of one operation")
    parser.add_argument("--processes", type=int, default=60, help="noise: fresh processes of each backend")
    parser.add_argument("--cases", type=int, default=10, help="noise: so many cases")
    parser.add_argument("--backend", default="numpy,jax", help="noise: which backends")
    parser.add_argument("--look", type=int, default=30, help="cost: so many cases")
    parser.add_argument("--again", action="store_true", help="forget what was kept of these parts")
    asked = parser.parse_args(arguments)
    asked.folder = asked.folder.resolve()  # pytest-benchmark is told where it is as a URI
    every: dict[str, Callable[[argparse.Namespace], None]] = {"fidelity": _fidelity, "noise": _noise, "cost": _cost}
    unknown = sorted({*asked.parts} - {*every, "render"})
    if unknown:
        parser.error(f"{', '.join(unknown)}: expected some of {', '.join([*every, 'render'])}")
    asked.folder.mkdir(parents=True, exist_ok=True)
    for part in asked.parts or every:
        if part in every:
            every[part](asked)
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(_render(asked), encoding="utf-8")
    return 0


def _read(asked: argparse.Namespace, name: str) -> dict[str, Any]:
    path = asked.folder / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _keep(asked: argparse.Namespace, name: str, what: dict[str, Any]) -> None:
    path = asked.folder / f"{name}.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(what, indent=1), encoding="utf-8")
    part.replace(path)


def _fidelity(asked: argparse.Namespace) -> None:
    """Time each operation on each framework, in one process of the framework for all of them."""
    fidelity.measure(
        asked.folder / "operations" / "twelve.py",
        asked.folder / "fidelity.json",
        asked.frameworks.split(","),
        asked.operations,
        asked.pairs,
        asked.seconds,
        again=asked.again,
    )


def _noise(asked: argparse.Namespace) -> None:
    """Gather processes, five at a time, until there are as many as were asked for."""
    folder = asked.folder / "noise"
    if asked.again:
        shutil.rmtree(folder, ignore_errors=True)
    names = tuple(asked.backend.split(","))
    modes = tuple({fidelity.MODES.get(name, "eager") for name in names})
    plan = pipeline.Options(backends=names, modes=modes, quantities=("value",))
    run = pipeline.plan(plan)
    chosen: dict[str, None] = {}
    for task in run.tasks:
        chosen.setdefault(task.subject.case.id)
    step = max(1, len(chosen) // asked.cases)
    few = {*[*chosen][::step][: asked.cases]}
    tasks = [
        one
        for one in run.tasks
        if one.subject.case.id in few
        and one.implementation == "portable"
        and one.mode == fidelity.MODES.get(one.backend.name, "eager")
    ]
    first = {name: next(one.subject.name for one in tasks if one.subject.case.id == name) for name in few}
    tasks = [one for one in tasks if one.subject.name == first[one.subject.case.id]]
    backends = {backend.name: backend for backend in run.backends}
    present = Store(folder).read().timings
    done = len({(one.run, one.process) for one in present.values()}) // max(len(backends), 1)
    while done < asked.processes:
        count = min(5, asked.processes - done)
        with Store(folder) as store:
            rounds = Rounds(
                [Timed(task, ("value",)) for task in tasks],
                backends,
                store,
                Effort(count, seed=done),
                f"{time.time_ns():x}",
                judge.width,
            )
            rounds.measure()
        done += count


def _cost(asked: argparse.Namespace) -> None:
    """Look quickly at so many cases on three frameworks, and see how long that takes."""
    frameworks = ("torch", "tensorflow", "jax")
    plan = pipeline.Options(backends=frameworks, store=asked.folder / "cost")
    ids = list(dict.fromkeys(task.subject.case.id for task in pipeline.plan(plan).tasks))
    step = max(1, len(ids) // asked.look)
    select = tuple(ids[::step][: asked.look])
    start = time.monotonic()
    options = timing.Options(
        plan=pipeline.Options(select=select, backends=frameworks, store=asked.folder / "cost"),
        first=True,
        processes=timing.QUICK.processes,
        batches=timing.QUICK.batches,
        batch_seconds=timing.QUICK.batch_seconds,
    )
    measured = timing.execute(options)
    seconds = time.monotonic() - start
    sides = measured.sides.values()
    timed = sum(1 for one in sides if one.seconds)
    _keep(asked, "cost", {"cases": len(select), "checks": len(sides), "timed": timed, "seconds": seconds})


def _render(asked: argparse.Namespace) -> str:
    parts = [
        "# Whether times can be believed",
        "",
        (
            f"Made by `python -m tests.audit.timing` on {platform.system()} {platform.machine()}, Python "
            f"{platform.python_version()}, NumPy {np.__version__}."
        ),
        *fidelity.table(asked.folder / "fidelity.json"),
        *_noise_table(asked.folder),
    ]
    cost = _read(asked, "cost")
    if cost:
        parts += [
            "",
            "## Cost",
            "",
            (
                f"A quick look (`harness time --quick`) at {cost['cases']} cases on PyTorch, TensorFlow and JAX, in all "
                f"their usual modes, value and value with gradient, {cost['timed']} of {cost['checks']} checks timed: "
                f"{cost['seconds']:.0f} s. The aim is under 180 s."
            ),
        ]
    return "\n".join(parts) + "\n"


def _noise_table(folder: Path) -> list[str]:
    timings = Store(folder / "noise").read().timings
    if not timings:
        return []
    pooled: dict[str, list[Any]] = {}
    for one in timings.values():
        if one.calls:
            pooled.setdefault(one.check.id, []).append(one)
    size = timing.DEFAULT_PROCESSES
    usable = {name: found for name, found in pooled.items() if len(found) >= 2 * size}
    few = min((len(found) for found in pooled.values()), default=0)
    if not usable:
        return ["", "## Noise", "", f"There are {few} processes of each check; {2 * size} are needed at least."]
    spread = statistics.median(statistics.pstdev(math.log(one.seconds) for one in found) for found in usable.values())
    lines = [
        "",
        "## Noise",
        "",
        (
            f"{len(usable)} checks, at least {few} fresh processes each, of which two sets of {size} (the default) are "
            f"drawn without overlap, {_TRIALS} times over. Processes differ by {spread:.1%} (standard deviation "
            "of logarithms, median over checks). A slowdown is planted by making one side's times longer. How often "
            "each judge says that the new side is faster or slower:"
        ),
        "",
        (
            "| planted | harness, each alone | harness, all together | one process against one | pytest-benchmark, one "
            "against one, min:5% | mean:5% | pytest-benchmark, all against all, min:5% | mean:5% |"
        ),
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for slowdown, rates in _rates([*usable.values()], size, folder / "replayed").items():
        words = "none (A/A)" if slowdown == 1 else f"{slowdown - 1:.0%}"
        lines.append(f"| {words} | {' | '.join(f'{rate:.1%}' for rate in rates)} |")
    lines += [
        "",
        (
            "The aims: at most 5 % of A/A, at least 90 % of 5 %, all of 10 %. One process against one is the test of Mann "
            f"and Whitney at 5 % over batches. pytest-benchmark {replayed.version()} itself compared the first process of "
            "each side, as it is used, and all processes of each side, as if they had been one, a batch a round. It "
            "failed what `--benchmark-compare-fail=min:5%` and `mean:5%` say: it looks for what got slower alone, and "
            "so finds a difference of A/A half as often as what looks both ways."
        ),
    ]
    return lines


def _rates(pools: Sequence[Sequence[Any]], size: int, folder: Path) -> dict[float, list[float]]:
    """Say how often a difference is found: only a slower one counts, where one was planted."""
    rates: dict[float, list[float]] = {}
    runs: dict[str, tuple[list[float], list[float]]] = {}
    for slowdown in _SLOWDOWNS:
        generator = np.random.default_rng(20260101)
        comparisons, single = [], 0
        for trial in range(_TRIALS):
            pool = pools[trial % len(pools)]
            order = generator.permutation(len(pool))
            old = [pool[place] for place in order[:size]]
            new = [pool[place] for place in order[size : 2 * size]]
            comparisons.append(judge.compare(_side(old, 1.0), _side(new, slowdown), seed=trial))
            first, second = [*old[0].calls], [slowdown * seconds for seconds in new[0].calls]
            if judge.p_value(first, second) <= judge.LEVEL:
                single += slowdown == 1 or statistics.median(second) > statistics.median(first)
            runs[f"{slowdown}-one-{trial}"] = (first, second)
            runs[f"{slowdown}-all-{trial}"] = (
                [seconds for one in old for seconds in one.calls],
                [slowdown * seconds for one in new for seconds in one.calls],
            )
        wanted = {judge.Pace.SLOWER} if slowdown > 1 else {judge.Pace.SLOWER, judge.Pace.FASTER}
        alone = sum(1 for one in comparisons if judge.settle([one])[0].pace in wanted)
        together = sum(1 for one in judge.settle(comparisons) if one.pace in wanted)
        rates[slowdown] = [count / _TRIALS for count in (alone, together, single)]
    found = replayed.regressions(folder, runs)
    for slowdown, row in rates.items():
        for which in ("one", "all"):
            counts = [sum(one.startswith(f"{slowdown}-{which}-") for one in found[rule]) for rule in replayed.RULES]
            row += [count / _TRIALS for count in counts]
    return rates


def _side(timings: Sequence[Any], slowdown: float) -> Side:
    check = timings[0].check
    return judge.Side(check, tuple(slowdown * one.seconds for one in timings))


if __name__ == "__main__":
    sys.exit(main())
