"""One run of a case on a tape: the same for balls, noisy floats and plain floats."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.collect.samples import cotangent
from harness.errors import CaseError
from harness.reference.arithmetic import Arithmetic, Component, is_floating
from harness.reference.tape import Tape, Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

__all__ = ["Evaluation", "evaluate", "outputs_of"]


@dataclass
class Evaluation:
    """What one run gave.

    Attributes:
        quantities: Quantity to component; integers and booleans where the dtype says so.
        dtypes: Quantity to the name of its dtype.
        ties: How many ties were met.
    """

    quantities: dict[str, Component] = field(default_factory=dict)
    dtypes: dict[str, str] = field(default_factory=dict)
    ties: int = 0


def outputs_of(tape: Tape, result: Any) -> dict[str, Variable]:
    """Name what a case returned: `value`, or `value:0`, `value:1`, … for a tuple."""
    if isinstance(result, (tuple, list)):
        return {f"value:{number}": tape.constant(part) for number, part in enumerate(result)}
    if result is None:
        raise CaseError("The case returned None: expected an array or a tuple of arrays. Is a return missing?")
    return {"value": tape.constant(result)}


def evaluate(
    function: Callable[..., Any],
    arithmetic: Arithmetic,
    arrays: Mapping[str, np.ndarray[Any, Any]],
    differentiate: tuple[str, ...],
    seed: int,
    *,
    tie: float = 0.5,
    tape_class: type[Tape] = Tape,
) -> Evaluation:
    """Run a case forward and backward.

    Args:
        function: `function(xp, *arrays)`.
        arithmetic: The kind of number.
        arrays: Argument name to exact numbers.
        differentiate: Names of the arguments to give a VJP for.
        seed: Of the cotangents.
        tie: Weight of the first of equal branches.
        tape_class: A tape that does something to every operation's result, for planted faults.

    Returns:
        `value`s, and `vjp:NAME` for each argument of `differentiate`.
    """
    tape = tape_class(arithmetic, tie)
    variables = {name: tape.input(array) for name, array in arrays.items()}
    outputs = outputs_of(tape, function(tape.xp, *variables.values()))
    found = Evaluation()
    for name, output in outputs.items():
        found.quantities[name] = output.dual.value
        found.dtypes[name] = output.dtype
    floating = [output for output in outputs.values() if is_floating(output.dtype)]
    if differentiate and floating:
        cotangents = [
            arithmetic.lift(cotangent(seed, number, output.shape), output.dtype)
            for number, output in enumerate(outputs.values())
            if is_floating(output.dtype)
        ]
        inputs = [variables[name] for name in differentiate]
        for name, gradient in zip(differentiate, tape.gradients(floating, cotangents, inputs), strict=True):
            found.quantities[f"vjp:{name}"] = gradient.value
            found.dtypes[f"vjp:{name}"] = gradient.dtype
    found.ties = tape.ties
    return found
