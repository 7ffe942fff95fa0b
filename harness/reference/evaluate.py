"""One run of a case on a tape: the same for balls, noisy floats and plain floats."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect.directions import BATCH, batch, cotangent, tangent
from harness.errors import CaseError
from harness.operations.formats import is_complex
from harness.quantity import KINDS, Quantity
from harness.reference.arithmetic import Arithmetic, Component, Dual, is_floating
from harness.reference.tape import Tape

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from harness.operations.namespace import Listener
    from harness.reference.variables import Variable

__all__ = ["BASIC", "Computation", "Evaluation", "evaluate", "outputs_of", "tangent_of"]

BASIC = ("value", "vjp")
"""The kinds of quantities that one run forward and one sweep backward give."""

_MOVING = frozenset(kind.name for kind in KINDS.values() if kind.moves)
_SECOND = frozenset(kind.name for kind in KINDS.values() if kind.order == 2)


@dataclass(frozen=True, eq=False)
class Computation:
    """What is evaluated, and what is checked.

    Attributes:
        function: `function(xp, *arrays)`.
        arrays: Argument name to exact numbers.
        dtype: Of the check: whose rounding and whose ulp count.
        differentiate: Names of the arguments to give derivatives for.
        seed: Of the cotangents and tangents.
        kinds: Kinds of quantities that are wanted.
    """

    function: Callable[..., Any]
    arrays: Mapping[str, np.ndarray[Any, Any]]
    dtype: str
    differentiate: tuple[str, ...] = ()
    seed: int = 0
    kinds: Collection[str] = BASIC


@dataclass
class Evaluation:
    """What one run gave.

    Attributes:
        quantities: Quantity to component; integers and booleans where the dtype says so.
        dtypes: Quantity to the name of its dtype; a component of complex numbers has one more axis, of their parts.
        ties: How many ties were met.
        alternatives: How many further programs rows have that were used.
    """

    quantities: dict[str, Component] = field(default_factory=dict)
    dtypes: dict[str, str] = field(default_factory=dict)
    ties: int = 0
    alternatives: int = 0

    def add(self, name: str, component: Component, dtype: str) -> None:
        """Keep a quantity."""
        self.quantities[name] = component
        self.dtypes[name] = dtype


def outputs_of(tape: Tape, result: Any) -> dict[str, Variable]:
    """Name what a case returned: `value`, or `value:0`, `value:1`, … for a tuple."""
    if isinstance(result, (tuple, list)):
        return {Quantity("value", str(number)).name: tape.constant(part) for number, part in enumerate(result)}
    if result is None:
        raise CaseError("The case returned None: expected an array or a tuple of arrays. Is a return missing?")
    return {"value": tape.constant(result)}


def evaluate(
    computation: Computation,
    arithmetic: Arithmetic,
    *,
    tie: float = 0.5,
    listener: Listener | None = None,
    alternative: int = 0,
) -> Evaluation:
    """Run a case forward and backward.

    Args:
        computation: What is evaluated. Its dtype is the arithmetic's affair.
        arithmetic: The kind of number.
        tie: Weight of the first of equal branches.
        listener: Who hears every operation of the run: to plant faults, to count, to record.
        alternative: Which of the rows' programs are run.

    Returns:
        The quantities of these kinds: `value`, `vjp:NAME`, `jvp`, `hvp:NAME`, `curvature`, `jacobian:NAME`, `vmap`.
    """
    tape = Tape(arithmetic, tie, listener)
    tape.alternative = alternative
    found = _run(tape, computation)
    if tape.stopped and not _SECOND.isdisjoint(computation.kinds):
        again = Tape(arithmetic, tie, listener)
        again.moving, again.alternative = True, alternative
        second = _run(again, replace(computation, kinds=_SECOND))
        for name in second.quantities:
            if Quantity.parse(name).kind in _SECOND:
                found.add(name, second.quantities[name], second.dtypes[name])
    if "vmap" in computation.kinds:
        _batched(found, computation, arithmetic, tie, listener)
    return found


def _run(tape: Tape, computation: Computation) -> Evaluation:
    arithmetic, differentiate, kinds = tape.arithmetic, computation.differentiate, computation.kinds
    moving = bool(differentiate) and not _MOVING.isdisjoint(kinds)
    variables = {}
    for name, array in computation.arrays.items():
        if moving and name in differentiate:
            dtype = tape.dtype_of(array)
            direction = arithmetic.lift(tangent(computation.seed, name, array.shape, dtype), dtype)
            variables[name] = tape.variable(arithmetic.lift(array, dtype), direction, dtype)
        else:
            variables[name] = tape.input(array)
    outputs = outputs_of(tape, computation.function(tape.xp, *variables.values()))
    found = Evaluation()
    for name, output in outputs.items():
        found.add(name, output.dual.value, output.dtype)
    if differentiate and any(is_floating(output.dtype) for output in outputs.values()):
        inputs = {name: variables[name] for name in differentiate}
        _derivatives(found, tape, outputs, inputs, computation.seed, kinds)
    found.ties, found.alternatives = tape.ties, tape.alternatives
    for name, dtype in found.dtypes.items():
        if is_complex(dtype):
            # A complex number is a row of its two parts.
            found.quantities[name] = np.stack(arithmetic.parts(found.quantities[name]), axis=-2)
    return found


def _derivatives(
    found: Evaluation,
    tape: Tape,
    outputs: Mapping[str, Variable],
    inputs: Mapping[str, Variable],
    seed: int,
    kinds: Collection[str],
) -> None:
    arithmetic = tape.arithmetic
    floating = {name: output for name, output in outputs.items() if is_floating(output.dtype)}
    cotangents = [
        arithmetic.lift(cotangent(seed, number, output.shape, output.dtype), output.dtype)
        for number, output in enumerate(outputs.values())
        if is_floating(output.dtype)
    ]
    gradients = tape.gradients([*floating.values()], cotangents, [*inputs.values()])
    dtype = arithmetic.dtype
    curvature = Dual(arithmetic, arithmetic.zeros((1,), dtype), None, dtype)
    for (name, variable), gradient in zip(inputs.items(), gradients, strict=True):
        found.add(Quantity("vjp", name).name, gradient.value, gradient.dtype)
        if variable.dual.tangent is not None:
            product = tangent_of(gradient)
            found.add(Quantity("hvp", name).name, product, gradient.dtype)
            if is_complex(gradient.dtype):
                continue
            moved = arithmetic.multiply(product, variable.dual.tangent, dtype)
            total = arithmetic.total(moved, tuple(range(moved.ndim - 1)), dtype)
            curvature += Dual(arithmetic, total.reshape((total.shape[-1],)), None, dtype)
    if not _MOVING.isdisjoint(kinds):
        found.add("curvature", curvature.value, dtype)
        for name, output in floating.items():
            found.add(Quantity.parse(name).as_kind("jvp").name, tangent_of(output.dual), output.dtype)
    if "jacobian" in kinds and [*outputs] == ["value"]:
        _jacobians(found, tape, outputs["value"], inputs)


def tangent_of(dual: Dual) -> Component:
    """Return a tangent, written out where it is zero."""
    if dual.tangent is None:
        return dual.arithmetic.zeros((*dual.shape, 1), dual.dtype)
    return np.broadcast_to(dual.tangent, (*dual.shape, dual.tangent.shape[-1]))


def _jacobians(found: Evaluation, tape: Tape, output: Variable, inputs: Mapping[str, Variable]) -> None:
    """Sweep once for each element of the output."""
    largest = KINDS["jacobian"].largest
    if largest is not None and output.size > largest:
        return
    rows: dict[str, list[Component]] = {name: [] for name in inputs}
    for number in range(output.size):
        unit = np.zeros(output.size)
        unit[number] = 1.0
        basis = tape.arithmetic.lift(unit.reshape(output.shape), output.dtype)
        for name, row in zip(inputs, tape.gradients([output], [basis], [*inputs.values()]), strict=True):
            rows[name].append(row.value)
    for name, variable in inputs.items():
        runs = max((row.shape[-1] for row in rows[name]), default=1)
        shape = (*output.shape, *variable.shape, runs)
        stacked = [np.broadcast_to(row, (*row.shape[:-1], runs)) for row in rows[name]]
        empty = tape.arithmetic.zeros(shape, variable.dtype)
        found.add(
            Quantity("jacobian", name).name, np.stack(stacked).reshape(shape) if stacked else empty, variable.dtype
        )


def _batched(
    found: Evaluation, computation: Computation, arithmetic: Arithmetic, tie: float, listener: Listener | None
) -> None:
    """Run the elements of a batch one by one, and stack what they give."""
    batches = {name: batch(array) for name, array in computation.arrays.items()}
    singles = []
    for number in range(BATCH):
        arrays = {name: stacked[number] for name, stacked in batches.items()}
        single = replace(computation, arrays=arrays, differentiate=(), kinds=BASIC)
        singles.append(evaluate(single, arithmetic, tie=tie, listener=listener))
    found.ties += sum(single.ties for single in singles)
    for name, dtype in singles[0].dtypes.items():
        parts = [single.quantities[name] for single in singles]
        runs = max(part.shape[-1] for part in parts)
        if len({part.shape[:-1] for part in parts}) == 1:
            stacked = np.stack([np.broadcast_to(part, (*part.shape[:-1], runs)) for part in parts])
            found.add(Quantity.parse(name).as_kind("vmap").name, stacked, dtype)
