"""Control flow on the tape: concrete values decide, run by run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.collect.registry import collect
from harness.collect.samples import draw
from harness.reference.arithmetic import SplitError
from harness.reference.balls import Balls
from harness.reference.evaluate import Computation, evaluate
from harness.reference.handler import refer
from harness.reference.stochastic import Noisy
from tests.reference.runs import on_floats, overlap

if TYPE_CHECKING:
    from harness.reference.arithmetic import Component

__all__: list[str] = []

CASES = {name: case for name, case in collect(["cases"]).items() if name.startswith("control/")}
PAIRS = [
    (name.rpartition("_by_")[0], name)
    for name in CASES
    if name.rpartition("_by_")[0] in CASES and name.rpartition("_by_")[2] in {"cond", "while_loop", "fori_loop", "scan"}
]
STATIC = {"control/horner", "control/newton_square_root", "control/rnn"}
"""Their way depends on shapes alone."""


def quantities(name: str, sample: str) -> dict[str, Component]:
    """Run a case's sample on balls; both cases of a pair get the same inputs."""
    case = CASES[name]
    made = case.samples[sample]
    run = evaluate(
        Computation(
            lambda xp, *arrays: case(xp, *arrays, **made.parameters),
            draw("one id for both", made, "float32"),
            "float32",
            made.differentiable,
            0,
        ),
        Balls("float32", 256),
    )
    return run.quantities


@pytest.mark.parametrize(("plain", "other"), PAIRS)
def test_both_ways_of_saying_it_are_one_function(plain: str, other: str) -> None:
    """On every sample of a pair, the enclosures of values and gradients meet."""
    assert list(CASES[plain].samples) == list(CASES[other].samples)
    for sample in CASES[plain].samples:
        expected, got = quantities(plain, sample), quantities(other, sample)
        assert list(expected) == list(got)
        for quantity, component in expected.items():
            assert overlap(component, got[quantity]), (sample, quantity)


@pytest.mark.parametrize("name", sorted({plain for plain, _ in PAIRS} - STATIC))
def test_a_pair_has_samples_of_one_shape(name: str) -> None:
    """A compiled function meets other values in the shapes it was traced with: a trace that kept a side is seen."""
    shapes = [
        tuple(array.shape for array in draw(name, sample, "float32").values())
        for sample in CASES[name].samples.values()
    ]
    assert len(shapes) > len(set(shapes))


def test_a_gradient_is_that_of_the_steps_that_were_taken() -> None:
    """Three halvings scale the gradient by 1/8."""
    run = on_floats(lambda xp, x: xp.control.while_loop(lambda v: v > 1, lambda v: v / 2, x), [5.0])
    assert (0.625, 0.125) == (run.value.item(), run.gradients[0].item())


def test_runs_that_part_at_a_branch_are_split() -> None:
    """Where noise decides which side is taken, the runs cannot go on together; the referee then takes them one by one."""

    def near(xp: Any, x: Any) -> Any:
        return xp.control.cond(xp.exp(xp.log(x)) > 2, lambda v: v * 1, lambda v: v * 3, x)

    with pytest.raises(SplitError):
        evaluate(Computation(near, {"x": np.array(2.0, dtype=np.float32)}, "float32", ("x",), 0), Noisy("float32", 0))


@pytest.mark.parametrize("name", CASES)
def test_no_sample_lies_at_a_branch(name: str) -> None:
    """The truth is proved, and rounding decides no branch: every budget is finite."""
    case = CASES[name]
    for sample in case.samples.values():
        arrays = draw(case.id, sample, "float32")
        proof, sigmas, notes = refer(case, sample.parameters, arrays, "float32", sample.differentiable, 0)
        assert ([], []) == (proof.problems, notes), sample.name
        assert all(np.isfinite(sigma).all() for sigma in sigmas.values()), sample.name
