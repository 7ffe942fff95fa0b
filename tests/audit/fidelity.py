"""Whether the harness measures what a bare loop does: twelve operations, three frameworks, pairs of batches.

What a comparison of two loops needs so that nothing but the loops differs, each of which once made a difference here:

- The statement. `f(x)` drops its result at once, so that the next call writes into the same memory; a loop that keeps
  it until the next one comes, `y = f(x)`, as the harness's does and as a user's does who wants the result, writes into
  two arrays in turn. For 100,000 float32 numbers that is 0.8 MB against 1.2 MB, which a core's 1 MB of cache holds or
  does not: PyTorch's multiplication took 10 to 25 % longer in the harness's loop than in `Timer("f(x)")`, and as long
  as in `Timer("y = f(x)")`.
- The call. Until this was found, the harness's loop unpacked its arguments, `f(*arguments)`, which costs Python 25 ns
  more than `f(x)`: 3.4 % of NumPy's shortest case. It was the harness's fault and is mended in `harness.observe.timing.clock`.
- The wait. `timeit` knows of no device. Another call after its loop, waited for and counted in, is not the loop's own
  last result being waited for: JAX differed by 4 %, either way. Now `timeit`'s own timer waits for the result.
- The timer. A `Timer` compiles its statement, and what that does to the caches is in the calls that follow: a new one
  for each batch made PyTorch's shortest cases 2 to 3 % slower in the bare loop. Now each array has one, made before.
- The start. `torch.utils.benchmark.Timer` calls at least twice before it measures, which wakes threads and caches up
  and which shows where a batch has few calls. Now every batch, of either loop, comes after two calls that do not count.
- The number of calls. If a neighbour disturbs the calibration, a batch may be a single call: that is calibrated thrice.
- The moment. A batch of one is followed at once by a batch of the other, on the same arrays, and each comes first as
  often as the other. Batches are short, so that a neighbour disturbs few pairs. A pair gives one ratio; their median has
  a bootstrap interval over pairs. A drift of the machine is in both of a pair, and a disturbance of one of them moves a
  median of hundreds little.

Nothing is left out.
"""

from __future__ import annotations

import gc
import itertools
import json
import statistics
import time
import timeit
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect.registry import load_case
from harness.messages import Source, Time
from harness.observe.environment import find_backends, worker_environment
from harness.observe.timing.clock import Clock, batch, calibrate
from harness.observe.workers.supervisor import Reply, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path


__all__ = ["FRAMEWORKS", "MODES", "OPERATIONS", "Fidelity", "measure", "table"]

FRAMEWORKS = ("numpy", "jax", "torch")
MODES = {"numpy": "eager", "jax": "jit", "torch": "eager"}

OPERATIONS = (
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

_AIM = 0.03
_FEWEST = 30  # pairs
_BATCH_SECONDS = 0.0005  # short, so that both of a pair fall into one of the slices that a scheduler gives out
_DRAWS = 2_000
_UNCOUNTED = 2  # calls before each batch


class Fidelity(Clock):
    """The handler of a worker that times by the harness and by a bare loop, in turn."""

    def handle(self, header: dict[str, Any], arrays: list[np.ndarray[Any, Any]]) -> Iterator[Any]:
        """Give seconds a call by the `harness`, by the `bare` loop, and for a call that does `nothing`."""
        if header.get("nothing"):
            yield {"nothing": self._nothing()}, []
            return
        request = Time.of(header["request"])
        self._undress("value", request.dtype)
        make, sets, _ = self._call("value", load_case(**request.case.header()), request, arrays)
        prepared, synchronize, now = make(), self._adapter.synchronize, self._now
        synchronize(prepared(*sets[0]))
        turns = itertools.cycle(sets)

        def run(count: int) -> int:
            return batch(prepared, next(turns), count, synchronize, now)

        loops = max(calibrate(run, self._target) for _ in range(3))
        bare = self._bare(prepared, synchronize)
        for given in sets:
            bare(given[0], 1)
        ours: list[float] = []
        theirs: list[float] = []
        end = time.monotonic() + header["seconds"]
        gc.disable()
        for number in range(header["pairs"]):
            if number >= _FEWEST and number % 2 == 0 and time.monotonic() > end:
                break
            given = next(turns)
            for mine in (True, False) if number % 2 else (False, True):
                for _ in range(_UNCOUNTED):
                    synchronize(prepared(*given))
                if mine:
                    ours.append(batch(prepared, given, loops, synchronize, now) / loops / 1e9)
                else:
                    theirs.append(bare(given[0], loops) / loops)
        gc.enable()
        yield {"harness": ours, "bare": theirs, "loops": loops}, []

    def _bare(self, prepared: Callable[..., Any], synchronize: Callable[[Any], None]) -> Callable[[Any, int], float]:
        """Give a loop that takes the argument and how many times, and says how many seconds that took."""
        words: dict[str, Any] = {"f": prepared, "y": None}
        if self._adapter.name == "torch":
            import torch
            from torch.utils.benchmark import Timer

            timers: dict[int, Timer] = {}

            def by_torch(x: Any, loops: int) -> float:
                if id(x) not in timers:
                    names = {"f": prepared, "x": x}
                    timers[id(x)] = Timer("y = f(x)", globals=names, num_threads=torch.get_num_threads())
                return float(timers[id(x)].timeit(loops).median) * loops

            return by_torch

        def waiting() -> float:
            if words["y"] is not None:
                synchronize(words["y"])
            return time.perf_counter()

        # Only where there is something to wait for must the timer see the result.
        plain = (
            timeit.Timer("y = f(x)", globals=words)
            if self._adapter.name == "numpy"
            else timeit.Timer("y = f(x)", "global y", timer=waiting, globals=words)
        )

        def by_timeit(x: Any, loops: int) -> float:
            words.update(x=x, y=None)
            seconds = plain.timeit(loops)
            words["y"] = None
            return seconds

        return by_timeit

    def _nothing(self) -> list[float]:
        return [batch(bool, (1,), 100_000, lambda _: None, self._now) / 100_000 / 1e9 for _ in range(20)]


def measure(
    file: Path, kept: Path, frameworks: Sequence[str], operations: int, pairs: int, seconds: float, *, again: bool
) -> None:
    """Time each operation on each framework, in one process of the framework for all of them.

    Args:
        file: Where the cases are written.
        kept: Where what was found is kept, after each operation.
        frameworks: Which.
        operations: Only the first so many.
        pairs: Of batches, at most.
        seconds: For the pairs of one operation; at least 30 are made.
        again: Whether to forget what was kept.
    """
    found: dict[str, Any] = {} if again or not kept.exists() else json.loads(kept.read_text(encoding="utf-8"))
    file.parent.mkdir(parents=True, exist_ok=True)
    cases = [
        f'@case(x=normal({shape}))\ndef {name}(xp, x):\n    """{formula}."""\n    return {formula}\n'
        for name, shape, formula in OPERATIONS
    ]
    file.write_text("from harness import case, normal\n\n\n" + "\n\n".join(cases), encoding="utf-8")
    generator = np.random.default_rng(0)
    for backend in find_backends(list(frameworks)):
        options = {"adapter": backend.target, "batch_seconds": _BATCH_SECONDS}
        environment = worker_environment(backend)
        with Worker(backend.python, "tests.audit.fidelity:Fidelity", options, environment, timeout=600.0) as worker:
            if f"{backend.name} nothing" not in found:
                found[f"{backend.name} nothing"] = _only(worker, {"nothing": True}, [])["nothing"]
            for name, shape, _ in OPERATIONS[:operations]:
                sizes = tuple(map(int, shape.strip("(),").replace("_", "").split(",")))
                array = generator.standard_normal(sizes).astype(np.float32)
                request = Time(
                    case=Source(path=str(file.resolve()), name=name, area="operations"),
                    mode=MODES.get(backend.name, "eager"),
                )
                header = {"request": request.header(), "pairs": pairs, "seconds": seconds}
                if f"{backend.name} {name}" not in found:
                    found[f"{backend.name} {name}"] = _only(worker, header, [array])
                    part = kept.with_suffix(".part")
                    part.write_text(json.dumps(found), encoding="utf-8")
                    part.replace(kept)


def _only(worker: Worker, header: dict[str, Any], arrays: list[Any]) -> dict[str, Any]:
    *replies, end = worker.call(header, arrays)
    if not replies or not isinstance(replies[0], Reply):
        raise SystemExit(f"{header}: {end}")
    return replies[0].header


def table(kept: Path) -> list[str]:
    """Write the section of the report; nothing where nothing was measured."""
    if not kept.exists():
        return []
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    lines = [
        "",
        "## Fidelity",
        "",
        (
            "The harness over a bare loop in the same process: `timeit` for NumPy and JAX, "
            "`torch.utils.benchmark.Timer` for PyTorch. A batch of one follows a batch of the other, on the same arrays, "
            "each first as often as the other. Medians of both, and the median of the ratios of pairs with its 95 % "
            "bootstrap interval over pairs, from which drifts of the machine fall out. The aim is within 3 %, and under "
            "200 ns a call. Nothing is left out; `tests/audit/fidelity.py` says what the two loops must have in common."
        ),
        "",
        "| framework | operation | bare loop | harness | ratio | interval | pairs | difference a call |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    ratios, certain = [], 0
    for name, one in found.items():
        framework, _, operation = name.partition(" ")
        if operation == "nothing":
            continue
        ours, theirs = np.asarray(one["harness"]), np.asarray(one["bare"])
        ratio, low, high = _ratio(ours / theirs)
        ratios.append(ratio)
        certain += abs(low - 1) <= _AIM and abs(high - 1) <= _AIM
        lines.append(
            f"| {framework} | {operation} | {np.median(theirs) * 1e6:,.3f} µs | {np.median(ours) * 1e6:,.3f} µs "
            f"| {ratio:.4f} | {low:.4f} to {high:.4f} | {len(ours)} "
            f"| {np.median(ours - theirs) * 1e9:+,.0f} ns |"
        )
    empty = {name.split()[0]: statistics.median(one) for name, one in found.items() if name.endswith(" nothing")}
    words = ", ".join(f"{seconds * 1e9:.0f} ns in {name}'s process" for name, seconds in empty.items())
    within = sum(abs(ratio - 1) <= _AIM for ratio in ratios)
    lines += [
        "",
        (
            f"{within} of {len(ratios)} are within 3 %, {certain} with their whole interval; the farthest from 1 is "
            f"{max((abs(ratio - 1) for ratio in ratios), default=0.0):.2%} away. A call that does nothing takes {words}, "
            "all included."
        ),
    ]
    return lines


def _ratio(ratios: np.ndarray[Any, Any]) -> tuple[float, float, float]:
    """Give the median, and its interval."""
    generator = np.random.default_rng(0)
    drawn = np.median(ratios[generator.integers(len(ratios), size=(_DRAWS, len(ratios)))], axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(np.median(ratios)), float(low), float(high)
