"""Programs: what good libraries run, which is the same function as the meaning and may differ in its rounding alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.operations.table import OPERATIONS
from harness.reference.balls import Balls
from harness.reference.evaluate import Computation, evaluate
from tests.reference.runs import PRECISION, ByPrograms, integers, on_balls, on_floats, overlap, run

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

PROGRAMS = [name for name, row in OPERATIONS.items() if row.program is not None]
VARIED = [name for name, row in OPERATIONS.items() if row.program is not None or row.others]

Example = tuple["Callable[..., Any]", list[tuple[int, ...]]]


def _gram(xp: Any, x: Any) -> Any:
    return xp.matmul(x, xp.matrix_transpose(x))


EXAMPLES: dict[str, list[Example]] = {
    "tanh": [(lambda xp, x: xp.tanh(x), [(5,)])],
    "logaddexp": [
        (lambda xp, a, b: xp.logaddexp(a, b), [(5,), (5,)]),
        (lambda xp, a, b: xp.logaddexp(a, b), [(), (3,)]),
    ],
    "hypot": [(lambda xp, a, b: xp.hypot(a, b), [(5,), (5,)]), (lambda xp, a, b: xp.hypot(a, b), [(), (3,)])],
    "var": [
        (lambda xp, x: xp.var(x), [(4,)]),
        (lambda xp, x: xp.var(x, axis=0, correction=1.0), [(3, 2)]),
        (lambda xp, x: xp.var(x, axis=(0, -1), keepdims=True), [(2, 3, 2)]),
    ],
    "nn.elu": [(lambda xp, x: xp.nn.elu(x), [(6,)]), (lambda xp, x: xp.nn.elu(x, alpha=0.5), [(2, 3)])],
    "nn.softmax": [
        (lambda xp, x: xp.nn.softmax(x), [(2, 4)]),
        (lambda xp, x: xp.nn.softmax(x, axis=0), [(3, 2)]),
    ],
    "nn.log_softmax": [
        (lambda xp, x: xp.nn.log_softmax(x), [(2, 4)]),
        (lambda xp, x: xp.nn.log_softmax(x, axis=0), [(3, 2)]),
    ],
    "nn.selu": [(lambda xp, x: xp.nn.selu(x), [(6,)])],
    "nn.log_sigmoid": [(lambda xp, x: xp.nn.log_sigmoid(x), [(6,)])],
    "nn.mse_loss": [
        (lambda xp, x, y: xp.nn.mse_loss(x, y), [(2, 3), (2, 3)]),
        (lambda xp, x, y: xp.nn.mse_loss(x, y, reduction="none"), [(4,), (4,)]),
    ],
    "nn.smooth_l1_loss": [
        (lambda xp, x, y: xp.nn.smooth_l1_loss(x, y, beta=0.75), [(2, 3), (2, 3)]),
        (lambda xp, x, y: xp.nn.smooth_l1_loss(x, y, reduction="none"), [(4,), (4,)]),
    ],
    "nn.binary_cross_entropy_with_logits": [
        (lambda xp, x, y: xp.nn.binary_cross_entropy_with_logits(x, y), [(2, 3), (2, 3)]),
        (lambda xp, x, y, w: xp.nn.binary_cross_entropy_with_logits(x, y, w, reduction="sum"), [(2, 3), (2, 3), (3,)]),
    ],
    "nn.batch_norm": [
        (lambda xp, x, a, b: xp.nn.batch_norm(x, a, b), [(2, 3, 2), (3,), (3,)]),
        (lambda xp, x, a, b, m, v: xp.nn.batch_norm(x, a, b, m, v * v + 1), [(2, 3), (3,), (3,), (3,), (3,)]),
    ],
    "nn.interpolate": [
        (lambda xp, x: xp.nn.interpolate(x, size=(5, 2), method="bilinear"), [(1, 1, 2, 3)]),
        (lambda xp, x: xp.nn.interpolate(x, size=3), [(1, 1, 2, 2)]),
    ],
    "nn.standardize": [(lambda xp, x: xp.nn.standardize(x), [(2, 4)])],
    "nn.tanhshrink": [(lambda xp, x: xp.nn.tanhshrink(x), [(6,)])],
    "cumulative_prod": [
        (lambda xp, x: xp.cumulative_prod(x, axis=-1), [(2, 4)]),
        (lambda xp, x: xp.cumulative_prod(x, include_initial=True), [(3,)]),
    ],
    "linalg.lstsq": [(lambda xp, a, b: xp.linalg.lstsq(a, b), [(4, 2), (4, 3)])],
    "linalg.cholesky": [
        (lambda xp, x: xp.linalg.cholesky(_gram(xp, x)), [(3, 4)]),
        (lambda xp, x: xp.linalg.cholesky(_gram(xp, x)), [(2, 2, 3)]),
    ],
    "linalg.qr": [
        (lambda xp, x: xp.linalg.qr(x)[0], [(4, 2)]),
        (lambda xp, x: xp.linalg.qr(x)[1], [(3, 3)]),
    ],
    "quantile": [
        (lambda xp, x: xp.quantile(x, 0.25, axis=1), [(2, 3)]),
        (lambda xp, x: xp.quantile(x, 0.75), [(4,)]),
    ],
    "special.logsumexp": [
        (lambda xp, x: xp.special.logsumexp(x), [(4,)]),
        (lambda xp, x: xp.special.logsumexp(x, axis=1), [(2, 3)]),
        (lambda xp, x: xp.special.logsumexp(x, axis=(0, 1), keepdims=True), [(2, 3)]),
    ],
    # exp makes what is drawn positive.
    "special.rel_entr": [
        (lambda xp, p, q: xp.special.rel_entr(xp.exp(p), xp.exp(q)), [(5,), (5,)]),
        (lambda xp, p, q: xp.special.rel_entr(xp.exp(p), xp.exp(q)), [(), (3,)]),
    ],
}
"""Row to calls of it: a new program needs one."""


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("seed", range(4))
def test_a_program_is_the_same_function(name: str, seed: int) -> None:
    """A row's program, run on balls, encloses the same value and the same VJP as its meaning."""
    assert name in EXAMPLES, f"{name} has a program but no call in EXAMPLES of this file: add one"
    for function, shapes in EXAMPLES[name]:
        generator = np.random.Generator(np.random.PCG64(seed))
        arrays = [generator.standard_normal(shape) for shape in shapes]
        truth = on_balls(function, arrays)
        weight = integers(generator, truth.value.shape[:-1])
        truth = on_balls(function, arrays, cotangent=weight)
        program = run(function, ByPrograms("float64", PRECISION), arrays, cotangent=weight)
        assert overlap(truth.value, program.value)
        for expected, found in zip(truth.gradients, program.gradients, strict=True):
            assert overlap(expected, found)


@pytest.mark.parametrize("name", VARIED)
def test_a_program_has_the_same_derivatives_forward_and_of_second_order(name: str) -> None:
    """Each of a row's programs; what it detaches counts as a constant in the JVP, and moves in HVP and curvature."""
    generator = np.random.default_rng(5)
    for function, shapes in EXAMPLES[name]:
        arrays = {f"x{number}": generator.standard_normal(shape) for number, shape in enumerate(shapes)}
        kinds = ("value", "vjp", "jvp", "hvp", "curvature")
        inputs = tuple(arrays)
        truth = evaluate(Computation(function, arrays, "float64", inputs, 3, kinds), Balls("float64", PRECISION))
        for number in range(len(OPERATIONS[name].others) + 1):
            made = ByPrograms("float64", PRECISION)
            program = evaluate(Computation(function, arrays, made.dtype, inputs, 3, kinds), made, alternative=number)
            assert [*truth.quantities] == [*program.quantities]
            for quantity, expected in truth.quantities.items():
                assert overlap(expected, program.quantities[quantity]), (number, quantity)


def _moved(result: Any) -> Any:
    return tuple(part + 1 for part in result) if isinstance(result, tuple) else result + 1


@pytest.mark.parametrize("name", PROGRAMS)
def test_only_arithmetics_that_round_run_programs(name: str) -> None:
    """Balls run the meaning, plain floats the program: swapping the program changes floats alone."""
    function, shapes = EXAMPLES[name][0]
    arrays = [np.linspace(0.5, 1.5, int(np.prod(shape))).reshape(shape) for shape in shapes]
    row = OPERATIONS[name]
    assert row.program is not None
    before = on_balls(function, arrays).value, on_floats(function, arrays).value
    original = row.program
    try:
        object.__setattr__(row, "program", lambda *given, **more: _moved(original(*given, **more)))
        after = on_balls(function, arrays).value, on_floats(function, arrays).value
    finally:
        object.__setattr__(row, "program", original)
    assert overlap(before[0], after[0])
    assert np.array_equal(before[1] + 1, after[1])
