"""Runs of a function on balls and on floats, for tests: value, tangent, VJP and HVP as components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, ctx

from harness.reference.arithmetic import is_floating
from harness.reference.balls import Balls
from harness.reference.enclosures import enclosure
from harness.reference.evaluate import outputs_of
from harness.reference.floats import Floats
from harness.reference.tape import Tape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.reference.arithmetic import Arithmetic, Component

__all__ = [
    "ByPrograms",
    "Run",
    "contraction",
    "exact",
    "integers",
    "middles",
    "on_balls",
    "on_floats",
    "overlap",
    "run",
]

PRECISION = 128


class ByPrograms(Balls):
    """Balls that take the rows' programs and customary derivatives, as arithmetics that round do."""

    exact = False


@dataclass
class Run:
    """What one run of a function gave.

    Attributes:
        value: The first output.
        tangent: Its tangent; zeros where none was carried.
        gradients: One VJP for each array of numbers.
        seconds: The tangents of those: HVPs.
    """

    value: Component
    tangent: Component
    gradients: list[Component]
    seconds: list[Component]


def run(
    function: Callable[..., Any],
    arithmetic: Arithmetic,
    arrays: Sequence[Any],
    tangents: Sequence[Any] | None = None,
    cotangent: Any = None,
    tie: float = 0.5,
) -> Run:
    """Run `function(xp, *arrays)` forward and backward.

    Args:
        function: The function; its first output is looked at.
        arithmetic: The kind of number.
        arrays: Inputs; integers and booleans have no derivative.
        tangents: One for each input.
        cotangent: Of the first output's shape; by default ones.
        tie: Weight of the first of equal branches.
    """
    tape = Tape(arithmetic, tie)
    given = [np.asarray(array) for array in arrays]
    variables = []
    for number, array in enumerate(given):
        if array.dtype.kind != "f":
            variables.append(tape.constant(array))
            continue
        tangent = None if tangents is None else arithmetic.lift(np.asarray(tangents[number]), arithmetic.dtype)
        variables.append(tape.variable(arithmetic.lift(array, arithmetic.dtype), tangent))
    output = next(iter(outputs_of(tape, function(tape.xp, *variables)).values()))
    dual = output.dual
    if not is_floating(output.dtype):
        return Run(dual.value, dual.value * 0, [], [])
    tangent = arithmetic.zeros(dual.value.shape, output.dtype) if dual.tangent is None else dual.tangent
    weight = arithmetic.lift(np.ones(output.shape) if cotangent is None else np.asarray(cotangent), output.dtype)
    numbers = [variable for variable in variables if is_floating(variable.dtype)]
    found = tape.gradients([output], [weight], numbers)
    seconds = [
        arithmetic.zeros(part.value.shape, part.dtype) if part.tangent is None else part.tangent for part in found
    ]
    return Run(dual.value, tangent, [part.value for part in found], seconds)


def on_balls(function: Callable[..., Any], arrays: Sequence[Any], **keywords: Any) -> Run:
    """Run on balls of 128 bits; what cannot be decided there is taken for equal."""
    return run(function, Balls("float64", PRECISION, last=True), arrays, **keywords)


def on_floats(function: Callable[..., Any], arrays: Sequence[Any], **keywords: Any) -> Run:
    """Run on plain float64."""
    return run(function, Floats("float64"), arrays, **keywords)


def contraction(a: Component, b: Any) -> Any:
    """Give Σ ab as one ball."""
    ctx.prec = PRECISION
    other = np.asarray(b, dtype=np.float64).reshape(-1)
    return sum((left * arb(float(right)) for left, right in zip(a.reshape(-1), other, strict=True)), arb(0))


def overlap(a: Component, b: Component) -> bool:
    """Whether two components have one shape and overlap in every element."""
    return a.shape == b.shape and all(
        left.overlaps(right) for left, right in zip(a.reshape(-1), b.reshape(-1), strict=True)
    )


def exact(component: Component) -> bool:
    """Whether every ball is a single number."""
    return all(ball.rad() == 0 for ball in component.reshape(-1))


def middles(component: Component) -> np.ndarray[Any, Any]:
    """Give the midpoints as float64."""
    return enclosure(component).high


def integers(generator: np.random.Generator, shape: tuple[int, ...], low: int = -9, high: int = 10) -> Any:
    """Draw float64 numbers that are integers: sums and products of a few of them are exact."""
    return generator.integers(low, high, shape).astype(np.float64)
