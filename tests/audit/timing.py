"""Whether the harness's times can be believed. Writes reports/timing.md.

Three parts, each of which can be run alone, is kept in a folder, and goes on where it stopped:

- `fidelity`: twelve operations from 1 µs to 100 ms, by the harness and by a bare loop in the same process: `timeit` for
  NumPy and JAX, `torch.utils.benchmark.Timer` for PyTorch. And what the measured region costs a call that does nothing.
- `noise`: many fresh processes of the same cases. They are compared with themselves (A/A), and with themselves made 5 %
  and 10 % slower, by the harness's judge, by one process against one, and by the rule of pytest-benchmark's
  `--benchmark-compare-fail=mean:5%`.
- `cost`: a quick look at 30 cases on three frameworks.

`python -m tests.audit.timing`, on a quiet machine. `python -m tests.audit.timing fidelity --operations 2 --batches 3`
tries a part quickly. `render` writes the report of what there is.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import math
import platform
import statistics
import sys
import time
import timeit
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness import pipeline, timing
from harness.collect.registry import load_case
from harness.judge import timing as judge
from harness.observe.clock import Clock, batch, calibrate
from harness.observe.environment import find_backends, settings, worker_environment
from harness.observe.rounds import Effort, Rounds, Timed
from harness.observe.store import Store
from harness.observe.supervisor import Reply, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.judge.timing import Side
    from harness.observe.answers import Answer

__all__ = ["Fidelity", "main"]

_FRAMEWORKS = ("numpy", "jax", "torch")
_MODES = {"numpy": "eager", "jax": "jit", "torch": "eager"}

_OPERATIONS = (
    ("chain", "(4,)", "xp.exp(x + x) * x + x"),
    ("exp", "(2_048,)", "xp.exp(x)"),
    ("sum", "(10_000,)", "xp.sum(x)"),
    ("multiply", "(100_000,)", "x * x"),
    ("matmul_128", "(128, 128)", "xp.matmul(x, x)"),
    ("tanh", "(100_000,)", "xp.tanh(x)"),
    ("softmax", "(100_000,)", "xp.exp(x - xp.max(x)) / xp.sum(xp.exp(x - xp.max(x)))"),
    ("matmul_512", "(512, 512)", "xp.matmul(x, x)"),
    ("sin", "(1_000_000,)", "xp.sin(x)"),
    ("exp_large", "(3_000_000,)", "xp.exp(x)"),
    ("matmul_1024", "(1024, 1024)", "xp.matmul(x, x)"),
    ("matmul_1792", "(1792, 1792)", "xp.matmul(x, x)"),
)
"""Name, shape and formula, from about 1 µs to about 100 ms."""

_TRIALS = 200
_SLOWDOWNS = (1.0, 1.05, 1.10)


class Fidelity(Clock):
    """The handler of a worker that times by the harness and by a bare loop, in turn."""

    def handle(self, header: dict[str, Any], arrays: list[np.ndarray[Any, Any]]) -> Iterator[Answer]:
        """Give seconds a call by the `harness`, by the `bare` loop, and for a call that does `nothing`."""
        if header.get("nothing"):
            yield {"nothing": self._nothing()}, []
            return
        self._undress("value", header["dtype"])
        make, sets, _ = self._call("value", load_case(**header["case"]), header, arrays)
        prepared, synchronize = make(), self._adapter.synchronize
        synchronize(prepared(*sets[0]))
        turns = itertools.cycle(sets)
        loops = calibrate(lambda count: batch(prepared, next(turns), count, synchronize, self._now), self._target)
        run = self._bare(prepared, synchronize)
        ours, theirs = [], []
        gc.disable()
        for number in range(2 * header["batches"]):
            given = next(turns)
            # Each comes first as often as the other, so that a drift of the machine is in both.
            for mine in (True, False) if number % 2 else (False, True):
                if mine:
                    ours.append(batch(prepared, given, loops, synchronize, self._now) / loops / 1e9)
                else:
                    theirs.append(run(given, loops) / loops)
        gc.enable()
        yield {"harness": ours, "bare": theirs, "loops": loops}, []

    def _bare(
        self, prepared: Callable[..., Any], synchronize: Callable[[Any], None]
    ) -> Callable[[tuple[Any, ...], int], float]:
        """Give a loop that takes the arguments and how many times, and says how many seconds that took."""
        words: dict[str, Any] = {"f": prepared}
        if self._adapter.name == "torch":
            import torch
            from torch.utils.benchmark import Timer

            def by_torch(given: tuple[Any, ...], loops: int) -> float:
                timer = Timer("f(x)", globals={**words, "x": given[0]}, num_threads=torch.get_num_threads())
                return float(timer.timeit(loops).median) * loops

            return by_torch
        # `timeit` knows of no device: a result that is not there yet is waited for after its loop, as by hand.
        plain = timeit.Timer("y = f(x)", globals=words)

        def by_timeit(given: tuple[Any, ...], loops: int) -> float:
            words["x"] = given[0]
            if self._adapter.name == "numpy":
                return plain.timeit(loops)
            start = time.perf_counter()
            plain.timeit(loops)
            synchronize(prepared(*given))
            whole = time.perf_counter() - start
            return whole * loops / (loops + 1)

        return by_timeit

    def _nothing(self) -> list[float]:
        return [batch(bool, (1,), 100_000, lambda _: None, self._now) / 100_000 / 1e9 for _ in range(20)]


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for, and write the report.

    Returns:
        0.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help="fidelity, noise, cost, render. All.")
    parser.add_argument("--folder", type=Path, default=Path(".harness/audit-timing"), help="where parts are kept")
    parser.add_argument("--output", type=Path, default=Path("reports/timing.md"))
    parser.add_argument("--operations", type=int, default=len(_OPERATIONS), help="fidelity: only the first so many")
    parser.add_argument("--frameworks", default=",".join(_FRAMEWORKS), help="fidelity: which")
    parser.add_argument("--batches", type=int, default=15, help="fidelity: pairs of batches, times two")
    parser.add_argument("--processes", type=int, default=60, help="noise: fresh processes of each backend")
    parser.add_argument("--cases", type=int, default=10, help="noise: so many cases")
    parser.add_argument("--backend", default="numpy,jax", help="noise: which backends")
    parser.add_argument("--look", type=int, default=30, help="cost: so many cases")
    parser.add_argument("--again", action="store_true", help="forget what was kept of these parts")
    asked = parser.parse_args(arguments)
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
    found = {} if asked.again else _read(asked, "fidelity")
    file = asked.folder / "operations" / "twelve.py"
    file.parent.mkdir(exist_ok=True)
    cases = [
        f'@case(x=normal({shape}))\ndef {name}(xp, x):\n    """{formula}."""\n    return {formula}\n'
        for name, shape, formula in _OPERATIONS
    ]
    file.write_text("from harness import case, normal\n\n\n" + "\n\n".join(cases), encoding="utf-8")
    generator = np.random.default_rng(0)
    for backend in find_backends(asked.frameworks.split(",")):
        options = {"adapter": backend.target}
        environment = worker_environment(backend)
        with Worker(backend.python, "tests.audit.timing:Fidelity", options, environment, timeout=600.0) as worker:
            if f"{backend.name} nothing" not in found:
                found[f"{backend.name} nothing"] = _only(worker, {"nothing": True}, [])["nothing"]
            for name, shape, _ in _OPERATIONS[: asked.operations]:
                if f"{backend.name} {name}" in found:
                    continue
                array = generator.standard_normal(
                    tuple(map(int, shape.strip("(),").replace("_", "").split(",")))
                ).astype(np.float32)
                header = {
                    "case": {"path": str(file.resolve()), "name": name, "area": "operations"},
                    "implementation": "portable",
                    "parameters": {},
                    "mode": _MODES.get(backend.name, "eager"),
                    "dtype": "float32",
                    "batches": asked.batches,
                }
                found[f"{backend.name} {name}"] = _only(worker, header, [array])
                _keep(asked, "fidelity", found)
    _keep(asked, "fidelity", found)


def _only(worker: Worker, header: dict[str, Any], arrays: list[Any]) -> dict[str, Any]:
    *replies, end = worker.call(header, arrays)
    if not replies or not isinstance(replies[0], Reply):
        raise SystemExit(f"{header}: {end}")
    return replies[0].header


def _noise(asked: argparse.Namespace) -> None:
    """Gather processes, five at a time, until there are as many as were asked for."""
    folder = asked.folder / "noise"
    names = tuple(asked.backend.split(","))
    modes = tuple({_MODES.get(name, "eager") for name in names})
    plan = pipeline.Options(backends=names, modes=modes, quantities=("value",))
    run = pipeline.prepare(plan)
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
        and one.mode == _MODES.get(one.backend.name, "eager")
    ]
    first = {name: next(one.subject.name for one in tasks if one.subject.case.id == name) for name in few}
    tasks = [one for one in tasks if one.subject.name == first[one.subject.case.id]]
    backends = {backend.name: backend for backend in run.backends}
    present = Store(folder).read().timings
    done = 0 if asked.again else len({(one.run, one.process) for one in present.values()}) // max(len(backends), 1)
    while done < asked.processes:
        count = min(5, asked.processes - done)
        with Store(folder) as store:
            rounds = Rounds(
                [Timed(task, ("value",)) for task in tasks],
                backends,
                {name: settings(backend) for name, backend in backends.items()},
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
    ids = list(dict.fromkeys(task.subject.case.id for task in pipeline.prepare(plan).tasks))
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
        *_fidelity_table(_read(asked, "fidelity")),
        *_noise_table(asked.folder / "noise"),
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


def _fidelity_table(found: dict[str, Any]) -> list[str]:
    if not found:
        return []
    lines = [
        "",
        "## Fidelity",
        "",
        (
            "The harness over a bare loop in the same process, batch by batch in turn: medians, and the median of the "
            "ratios of neighbours, from which drifts of the machine fall out. The aim is within 3 %, and under 200 ns a "
            "call."
        ),
        "",
        "| framework | operation | bare loop | harness | ratio | difference a call |",
        "|---|---|---:|---:|---:|---:|",
    ]
    worst = 0.0
    for name, one in found.items():
        framework, _, operation = name.partition(" ")
        if operation == "nothing":
            continue
        ours, theirs = statistics.median(one["harness"]), statistics.median(one["bare"])
        ratio = statistics.median(mine / other for mine, other in zip(one["harness"], one["bare"], strict=True))
        worst = max(worst, abs(math.log(ratio)))
        lines.append(
            f"| {framework} | {operation} | {theirs * 1e6:,.3f} µs | {ours * 1e6:,.3f} µs | {ratio:.4f} "
            f"| {(ours - theirs) * 1e9:+,.0f} ns |"
        )
    empty = {name.split()[0]: statistics.median(one) for name, one in found.items() if name.endswith(" nothing")}
    words = ", ".join(f"{seconds * 1e9:.0f} ns in {name}'s process" for name, seconds in empty.items())
    lines += [
        "",
        f"The farthest from 1 is {math.expm1(worst):.2%}. A call that does nothing takes {words}, all included.",
    ]
    return lines


def _noise_table(folder: Path) -> list[str]:
    timings = Store(folder).read().timings
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
        "| planted | harness, each alone | harness, all together | one process against one | mean:5% of pytest-benchmark |",
        "|---|---:|---:|---:|---:|",
    ]
    for slowdown in _SLOWDOWNS:
        rates = _rates([*usable.values()], size, slowdown)
        words = "none (A/A)" if slowdown == 1 else f"{slowdown - 1:.0%}"
        lines.append(f"| {words} | {' | '.join(f'{rate:.1%}' for rate in rates)} |")
    lines += [
        "",
        (
            "The aims: at most 5 % of A/A, at least 90 % of 5 %, all of 10 %. One process against one is the test of Mann "
            "and Whitney at 5 % over batches; the last rule fails where the mean got slower by more than 5 %."
        ),
    ]
    return lines


def _rates(pools: Sequence[Sequence[Any]], size: int, slowdown: float) -> list[float]:
    """Say how often a difference is found: only a slower one counts, where one was planted."""
    generator = np.random.default_rng(20260101)
    comparisons, single, means = [], 0, 0
    for trial in range(_TRIALS):
        pool = pools[trial % len(pools)]
        order = generator.permutation(len(pool))
        old = [pool[place] for place in order[:size]]
        new = [pool[place] for place in order[size : 2 * size]]
        comparisons.append(judge.compare(_side(old, 1.0), _side(new, slowdown), seed=trial))
        first, second = old[0].calls, [slowdown * seconds for seconds in new[0].calls]
        if judge.p_value(first, second) <= judge.LEVEL:
            single += slowdown == 1 or statistics.median(second) > statistics.median(first)
        means += statistics.fmean(second) > 1.05 * statistics.fmean(first)
    wanted = {judge.Pace.SLOWER} if slowdown > 1 else {judge.Pace.SLOWER, judge.Pace.FASTER}
    alone = sum(1 for one in comparisons if judge.settle([one])[0].pace in wanted)
    together = sum(1 for one in judge.settle(comparisons) if one.pace in wanted)
    return [count / _TRIALS for count in (alone, together, single, means)]


def _side(timings: Sequence[Any], slowdown: float) -> Side:
    check = timings[0].check
    return judge.Side(check, tuple(slowdown * one.seconds for one in timings))


if __name__ == "__main__":
    sys.exit(main())
