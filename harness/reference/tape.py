"""The tape: runs a case once on any kind of number, and sweeps backward for its derivatives.

One run gives the value and, where inputs carry tangents, the JVP; the reverse sweep gives the VJP, and the tangent
part of the sweep the HVP. Hand-written pullbacks exist only for linear maps, reductions, indexing and selections
(`primitives`); everything else is made of them, or takes its derivatives from the arithmetic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.errors import CaseError
from harness.operations.formats import complex_of
from harness.operations.namespace import Namespace, heard
from harness.operations.operation import PRIMITIVE, Elementwise
from harness.operations.operators import INDEXING
from harness.operations.table import CONSTANTS, OPERATIONS
from harness.reference.arithmetic import Dual, is_floating
from harness.reference.primitives import PRIMITIVES
from harness.reference.variables import Recorder, Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.operations.namespace import Listener
    from harness.operations.operation import Operation
    from harness.reference.arithmetic import Arithmetic

__all__ = ["Tape"]

_DTYPES = ("float16", "bfloat16", "float32", "float64", "int32", "int64", "bool", "complex64", "complex128")


class Tape(Recorder):
    """Records a run of the whole vocabulary.

    Args:
        arithmetic: The kind of number.
        tie: The weight of the first of equal branches, in [0, 1]: 1 takes the first, 0 the last, ½ splits evenly.
        listener: Who hears every operation, those of definitions, operators and indexing included.

    Attributes:
        moving: Whether what a program stops the gradient of still moves with the tangents: so for second derivatives,
            where the first derivative that a program states moves. Not so for JVPs, which are that first derivative.
        stopped: Whether any gradient was stopped.
        alternative: Which program of a row is run: 0 for the first, others by number; a row that has no such one runs
            its first.
        alternatives: The largest number that any row so far has a program for.
    """

    def __init__(self, arithmetic: Arithmetic, tie: float = 0.5, listener: Listener | None = None) -> None:
        """Start empty."""
        super().__init__(arithmetic, tie)
        self.moving = False
        self.stopped = False
        self.alternative = 0
        self.alternatives = 0
        words: dict[str, Any] = {name: name for name in _DTYPES}
        words |= {"stop_gradient": self._stop_gradient, "constant": self._still, "with_value": self._with_value}
        words |= {"root_of_unity": self._root_of_unity}
        words |= {"getitem": heard(listener, INDEXING, self.primitive("getitem"))}
        self.xp = Namespace(OPERATIONS, self.resolve, CONSTANTS | words, listener=listener)

    def primitive(self, name: str) -> Callable[..., Any]:
        """Find a primitive by name."""
        found = PRIMITIVES[name.rpartition(".")[2]]
        return lambda *arguments, **keywords: found(self, *arguments, **keywords)

    def resolve(self, operation: Operation) -> Callable[..., Any]:
        """Find a primitive, an elementwise function or a definition."""
        meaning = operation.meaning
        if meaning is PRIMITIVE:
            call = self.primitive(operation.name)
        elif isinstance(meaning, Elementwise):
            call = self._elementwise(operation)
            if not self.arithmetic.exact:
                call = self._plainly(self._program(operation, call), call)
        elif callable(meaning):
            definition: Callable[..., Any] = meaning
            if not self.arithmetic.exact:
                definition = self._program(operation, definition)

            def call(*arguments: Any, **keywords: Any) -> Any:
                lifted = (self._lift(argument) for argument in arguments)
                return definition(self.xp, *lifted, **keywords)

        else:
            raise CaseError(f"The row of {operation.name!r} has no meaning that the tape can run.")
        return call

    def _program(self, operation: Operation, definition: Callable[..., Any]) -> Callable[..., Any]:
        """Choose among the programs of a row."""
        self.alternatives = max(self.alternatives, len(operation.others))
        if 0 < self.alternative <= len(operation.others):
            return operation.others[self.alternative - 1]
        return operation.program or definition

    def _plainly(self, program: Callable[..., Any], own: Callable[..., Any]) -> Callable[..., Any]:
        """Run a program of an elementwise row, which may ask for the row's own value; that is no program again."""
        if program is own:
            return own

        def call(x: Any) -> Any:
            if not self.alternative:
                return own(x)
            held, self.alternative = self.alternative, 0
            try:
                return program(self.xp, self._lift(x))
            finally:
                self.alternative = held

        return call

    def _still(self, x: Any) -> Variable:
        """Forget where an array comes from, and that it moves."""
        dual = self.constant(x).dual
        return Variable(self, Dual(self.arithmetic, dual.value, None, dual.dtype), None)

    def _stop_gradient(self, x: Any) -> Variable:
        """Forget where an array comes from; of a tape that is moving, not that it moves."""
        dual = self.constant(x).dual
        self.stopped = True
        return Variable(
            self, Dual(self.arithmetic, dual.value, dual.tangent if self.moving else None, dual.dtype), None
        )

    def _with_value(self, value: Any, carrier: Any) -> Variable:
        """Take the value of one array and the derivative of another."""
        given, other = self.constant(value).dual, self.constant(carrier)
        tangent = given.tangent if self.moving and given.tangent is not None else other.dual.tangent
        dual = Dual(self.arithmetic, given.value, tangent, given.dtype)
        return self.record(dual, [(other, lambda adjoint: adjoint)])

    def _root_of_unity(self, powers: Any, length: int, dtype: str) -> Variable:
        """Make e^(2πi p/n) for whole numbers p."""
        dtype = complex_of(dtype)
        places = np.asarray(powers, dtype=np.int64)
        return Variable(self, Dual(self.arithmetic, self.arithmetic.roots(places, length, dtype), None, dtype), None)

    def _lift(self, argument: Any) -> Any:
        return self.constant(argument) if isinstance(argument, np.ndarray) else argument

    def _elementwise(self, operation: Operation) -> Callable[..., Any]:
        def call(x: Any) -> Variable:
            variable = self.constant(float(x) if isinstance(x, int) else x)
            if not is_floating(variable.dtype):
                raise TypeError(f"xp.{operation.name} expected floating-point numbers, got {variable.dtype}.")
            dual = variable.dual
            result = dual.apply(operation)
            return self.record(
                result, [(variable, lambda adjoint: adjoint * dual.derivative(operation, result).conjugate())]
            )

        return call
