"""Planted faults: what K catches, beside what the usual tolerances catch. Writes reports/planted_faults.md.

Samples of complex numbers are left out, and so are cases about kinks and special values.

A site is an operation's value or its gradient in one case. There, every result is multiplied by 1 + δ: the NumPy tape,
in float32, is wrong on purpose, in one operation. The judge sees what comes out, and so do `torch.testing.assert_close`
with its defaults and `numpy.testing.assert_allclose(rtol=1e-3)`, which are given the healthy result of the same program
to compare with.

Run with `nox -s audit`, or `python -m tests.audit.planted`.
"""

from __future__ import annotations

import argparse
import platform
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect import registry
from harness.collect.plan import Subject
from harness.collect.samples import draw
from harness.judge.agreement import THRESHOLD, judge
from harness.model import Array, Check, Observation, Outcome, Reference, Truth, Verdict
from harness.operations.namespace import UnsupportedOperationError
from harness.reference.evaluate import Computation, evaluate
from harness.reference.floats import Floats
from harness.reference.handler import refer
from tests.planting import Planted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from harness.collect.case import Case
    from harness.collect.samples import Sample
    from harness.operations.operation import Operation
    from harness.reference.arithmetic import Component

__all__ = ["main"]

DTYPE = "float32"
EXPONENTS = (-8, -9, -10, -11, -12, -13, -14, -15, -16, -17, -18, -19, -20, -21, -22)
PARTS = ("value", "gradient")

_SPECIAL = {"conventions", "edges"}
"""Areas about kinks and special values, where healthy programs differ, NumPy's too, and the ledger says so."""


class _Complete(Floats):
    """Floats that round Arb's value where NumPy has no function, so that every operation can be audited."""

    def function(self, operation: Operation, a: Component, dtype: str) -> Component:
        try:
            return super().function(operation, a, dtype)
        except UnsupportedOperationError:
            from harness.reference.stochastic import through_arb

            return np.asarray(
                through_arb(lambda balls, x: balls.function(operation, x, dtype), a, dtype), dtype=a.dtype
            )

    def taylor(self, operation: Operation, a: Component, order: int, dtype: str) -> list[Component]:
        from harness.reference.stochastic import through_arb

        return [
            through_arb(lambda balls, x, place=place: balls.taylor(operation, x, order, dtype)[place], a, dtype).astype(
                a.dtype
            )
            for place in range(order)
        ]


@dataclass(frozen=True)
class _Site:
    case: str
    operation: str
    part: str


class _Bench:
    """One sample: its reference, its healthy result, and what each comparison says of a faulty one."""

    def __init__(self, case: Case, sample: Sample) -> None:
        self.subject = Subject(case, sample, DTYPE, 0)
        self.arrays = draw(case.id, sample, DTYPE, 0)
        self.function: Callable[..., Any] = lambda xp, *given: case(xp, *given, **sample.parameters)
        wanted, seed = sample.differentiable, self.subject.cotangent_seed
        proof, sigmas, _ = refer(case, sample.parameters, self.arrays, DTYPE, wanted, seed)
        truths = {
            name: Truth(
                high=Array.of(found.high),
                low=Array.of(found.low),
                radius=Array.of(found.radius),
                sigma=Array.of(sigmas[name]),
            )
            for name, found in proof.enclosures.items()
        }
        kind = "wide" if proof.problems else "proved"
        self.reference = Reference(id="", case=case.id, sample=sample.name, dtype=DTYPE, kind=kind, quantities=truths)
        nothing = Planted()
        self.healthy = self.run(nothing)
        self.operations = sorted(nothing.used)

    def run(self, fault: Planted) -> dict[str, np.ndarray[Any, Any]]:
        """Run the program on the tape, in float32, with a fault in it."""
        sample = self.subject.sample
        with np.errstate(all="ignore"):
            found = evaluate(
                Computation(self.function, self.arrays, DTYPE, sample.differentiable, self.subject.cotangent_seed),
                _Complete(DTYPE),
                listener=fault,
            )
        return {name: part[..., 0] for name, part in found.quantities.items() if name in self.reference.quantities}

    def harness(self, result: Mapping[str, np.ndarray[Any, Any]]) -> bool:
        """Whether the judge says no to any quantity."""
        return any(self._judged(name, array) is not Verdict.AGREES for name, array in result.items())

    def _judged(self, quantity: str, array: np.ndarray[Any, Any]) -> Verdict | None:
        check = Check("audit", "audit", "numpy", "eager", DTYPE, "cpu", quantity)
        observation = Observation(id="", check=check, outcome=Outcome.COMPLETED, value=Array.of(array))
        return judge(observation, self.reference).verdict

    def torch(self, result: Mapping[str, np.ndarray[Any, Any]]) -> bool:
        """Whether `torch.testing.assert_close` says no to any quantity."""
        import torch

        def differs(name: str, array: np.ndarray[Any, Any]) -> bool:
            try:
                torch.testing.assert_close(torch.from_numpy(array.copy()), torch.from_numpy(self.healthy[name].copy()))
            except AssertionError:
                return True
            return False

        return any(differs(name, array) for name, array in result.items())

    def numpy(self, result: Mapping[str, np.ndarray[Any, Any]]) -> bool:
        """Whether `numpy.testing.assert_allclose` says no to any quantity."""

        def differs(name: str, array: np.ndarray[Any, Any]) -> bool:
            try:
                np.testing.assert_allclose(array, self.healthy[name], rtol=1e-3)
            except AssertionError:
                return True
            return False

        return any(differs(name, array) for name, array in result.items())


TOOLS = ("harness", "torch", "numpy")


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant every fault, and write the table of what was caught.

    Returns:
        0 if the bars of the project hold: every operation at 2⁻¹⁶, and 90 % of them at 2⁻¹⁸.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("reports/planted_faults.md"))
    parser.add_argument("select", nargs="*")
    asked = parser.parse_args(arguments)
    caught: dict[tuple[str, int], set[_Site]] = defaultdict(set)
    sites: set[_Site] = set()
    healthy, alarms = 0, []
    for case, samples in registry.select(registry.collect(), asked.select).values():
        if not case.portable or case.area in _SPECIAL:
            continue
        for name in samples:
            if case.samples[name].complex:  # the tape's floats are real here
                continue
            bench = _Bench(case, case.samples[name])
            healthy += 1
            if bench.harness(bench.healthy):
                alarms.append(f"{case.id}[{name}]")
            for operation in bench.operations:
                for part in PARTS:
                    site = _Site(case.id, operation, part)
                    largest = Planted(operation, part, 2.0 ** EXPONENTS[0])
                    bench.run(largest)
                    if not largest.effective:
                        continue
                    sites.add(site)
                    for exponent in EXPONENTS:
                        # What a larger sample of the same case has caught already needs no second proof.
                        waiting = [tool for tool in TOOLS if site not in caught[tool, exponent]]
                        if not waiting:
                            continue
                        faulty = bench.run(Planted(operation, part, 2.0**exponent))
                        for tool in waiting:
                            if getattr(bench, tool)(faulty):
                                caught[tool, exponent].add(site)
    text, met = _render(sites, caught, healthy, alarms)
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(text, encoding="utf-8")
    return 0 if met else 1


def _render(
    sites: set[_Site], caught: Mapping[tuple[str, int], set[_Site]], healthy: int, alarms: Sequence[str]
) -> tuple[str, bool]:
    operations = {(site.operation, site.part) for site in sites}

    def of_operations(tool: str, exponent: int) -> set[tuple[str, str]]:
        return {(site.operation, site.part) for site in caught[tool, exponent]}

    lines = [
        "# Planted faults",
        "",
        (
            f"K = {THRESHOLD:g}, {DTYPE}. Made by `python -m tests.audit.planted` with NumPy {np.__version__}, "
            f"Python {platform.python_version()}."
        ),
        "",
        (
            f"{len(operations)} faults (an operation's value, or its gradient, times 1 + δ) at {len(sites)} sites (a fault in "
            f"one case). Healthy, the same program was judged on {healthy} samples: {len(alarms)} false alarms."
        ),
        "",
        (
            "The other two tools compare with the healthy result of the very same program, bit for bit the best partner "
            "there can be; between two frameworks they would also have to tolerate all the rounding that differs."
        ),
        "",
        "Part of the faults that are caught in at least one case, by operation:",
        "",
        "| δ | harness | `torch.testing.assert_close`, defaults | `numpy.testing.assert_allclose(rtol=1e-3)` |",
        "|---|---:|---:|---:|",
    ]
    for exponent in EXPONENTS:
        cells = [_part(len(of_operations(tool, exponent)), len(operations)) for tool in TOOLS]
        lines.append(f"| 2^{exponent} | {' | '.join(cells)} |")
    lines += [
        "",
        (
            "Part of the sites at which it is caught, on any sample of the case. A factor on the largest entry inside a softmax, or on anything else "
            "that cancels, is seen by nobody there:"
        ),
        "",
        "| δ | harness | `torch.testing.assert_close`, defaults | `numpy.testing.assert_allclose(rtol=1e-3)` |",
        "|---|---:|---:|---:|",
    ]
    for exponent in EXPONENTS:
        cells = [_part(len(caught[tool, exponent]), len(sites)) for tool in TOOLS]
        lines.append(f"| 2^{exponent} | {' | '.join(cells)} |")
    missed = {exponent: sorted(operations - of_operations("harness", exponent)) for exponent in (-16, -18)}
    for exponent, names in missed.items():
        said = ", ".join(f"{operation} ({part})" for operation, part in names) or "none"
        lines += ["", f"Not caught in any case at 2^{exponent}: {said}."]
    met = not missed[-16] and len(missed[-18]) <= 0.1 * len(operations) and not alarms
    if alarms:
        lines += ["", "False alarms: " + ", ".join(alarms) + "."]
    return "\n".join([*lines, ""]), met


def _part(count: int, total: int) -> str:
    return f"{count} of {total} ({100 * count / total:.0f} %)"


if __name__ == "__main__":
    raise SystemExit(main())
