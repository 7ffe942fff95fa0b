"""Derivatives of NumPy's computations, and values in bfloat16: the reference's tape, run on plain arrays of the dtype."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.reference.arithmetic import Dual, is_floating
from harness.reference.evaluate import outputs_of, tangent_of
from harness.reference.floats import Floats
from harness.reference.tape import Tape
from harness.reference.variables import Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.operations.namespace import Listener
    from harness.operations.operation import Operation
    from harness.reference.variables import Recorder

__all__ = ["NumpyDerivatives"]


class NumpyDerivatives:
    """Runs functions of `xp` on tapes.

    Args:
        listener: Gives who hears every operation of the tapes; none where nobody does.
    """

    def __init__(self, listener: Callable[[], Listener | None]) -> None:
        """Start with no tape running."""
        self._listener = listener
        self._running: Recorder | None = None

    def value(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Call the function as it is; in bfloat16, run it on the tape."""

        def call(*arrays: Any) -> Any:
            inputs = [place for place, array in enumerate(arrays) if array.dtype.name == "bfloat16"]
            if not inputs:
                return function(*arrays)
            tape, given = self._tape(arrays, inputs)
            result = self._on(tape, function, given)
            found = tuple(_plain(output.dual.value) for output in outputs_of(tape, result).values())
            return found if isinstance(result, (tuple, list)) else found[0]

        return call

    def vjp(self, function: Callable[..., Any], inputs: Sequence[int]) -> Callable[..., Any]:
        """Run the function on the tape and sweep backward."""

        def product(arrays: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
            tape, outputs, sources = self._run(function, arrays, inputs)
            return tuple(_plain(dual.value) for dual in _swept(tape, outputs, cotangents, sources))

        return product

    def jvp(self, function: Callable[..., Any], inputs: Sequence[int]) -> Callable[..., Any]:
        """Run the function on the tape with tangents."""

        def product(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            _, outputs, _ = self._run(function, arrays, inputs, tangents)
            return tuple(_plain(tangent_of(output.dual)) for output in outputs)

        return product

    def hvp(self, function: Callable[..., Any], inputs: Sequence[int]) -> Callable[..., Any]:
        """Run the function on the tape with tangents, and sweep backward: reverse over forward."""

        def product(arrays: Sequence[Any], cotangents: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            tape, outputs, sources = self._run(function, arrays, inputs, tangents, moving=True)
            return tuple(_plain(tangent_of(dual)) for dual in _swept(tape, outputs, cotangents, sources))

        return product

    def jacobian(self, function: Callable[..., Any], inputs: Sequence[int]) -> Callable[..., Any]:
        """Sweep backward once for each element of the output."""

        def whole(*arrays: Any) -> tuple[Any, ...]:
            tape, (output,), sources = self._run(function, arrays, inputs)
            basis = np.eye(output.size, dtype=output.dtype).reshape((output.size, *output.shape))
            rows = [_swept(tape, [output], [one], sources) for one in basis]
            return tuple(
                np.stack([_plain(row[number].value) for row in rows]).reshape((*output.shape, *source.shape))
                for number, source in enumerate(sources)
            )

        return whole

    def resolved(self, operation: Operation, plain: Callable[..., Any]) -> Callable[..., Any]:
        """Make of NumPy's function for a word one that takes the tape's where a tape variable is among the arguments."""

        def call(*arguments: Any, **keywords: Any) -> Any:
            tape = _tape_of(arguments) or self._running
            if tape is None:
                return plain(*arguments, **keywords)
            # Bare: who listens to the adapter has heard the call already, and hears on the tape what it is made of.
            return tape.resolve(operation)(*arguments, **keywords)

        return call

    def _run(
        self,
        function: Callable[..., Any],
        arrays: Sequence[Any],
        inputs: Sequence[int],
        tangents: Sequence[Any] | None = None,
        *,
        moving: bool = False,
    ) -> tuple[Tape, list[Variable], list[Variable]]:
        """Run a function on a tape of its own, and give its floating-point outputs and the inputs asked for."""
        tape, given = self._tape(arrays, inputs, tangents)
        tape.moving = moving
        outputs = outputs_of(tape, self._on(tape, function, given)).values()
        return tape, [one for one in outputs if is_floating(one.dtype)], [given[number] for number in inputs]

    def _on(self, tape: Tape, function: Callable[..., Any], given: Sequence[Any]) -> Any:
        """Call a function; in bfloat16, what it makes of nothing (`xp.eye`) is made on the tape as well."""
        self._running = tape if tape.arithmetic.dtype == "bfloat16" else None
        try:
            return function(*given)
        finally:
            self._running = None

    def _tape(
        self, arrays: Sequence[Any], inputs: Sequence[int], tangents: Sequence[Any] | None = None
    ) -> tuple[Tape, list[Any]]:
        """Put the inputs asked for on a tape of their own, with tangents, and leave the others as they are."""
        tape = Tape(Floats(arrays[inputs[0]].dtype.name), listener=self._listener())
        given = list(arrays)
        for place, number in enumerate(inputs):
            direction = None if tangents is None else tangents[place][..., None]
            given[number] = tape.variable(arrays[number][..., None], direction, arrays[number].dtype.name)
        return tape, given


def _swept(
    tape: Tape, outputs: Sequence[Variable], cotangents: Sequence[Any], sources: Sequence[Variable]
) -> list[Dual]:
    return tape.gradients(outputs, [cotangent[..., None] for cotangent in cotangents], sources)


def _plain(component: Any) -> Any:
    return np.array(component[..., 0])


def _tape_of(arguments: Sequence[Any]) -> Recorder | None:
    for argument in arguments:
        if isinstance(argument, Variable):
            return argument.tape
        if isinstance(argument, (list, tuple)):
            found = _tape_of(argument)
            if found is not None:
                return found
    return None
