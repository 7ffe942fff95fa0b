"""A listener that is wrong on purpose: one operation's value, or its gradient, is multiplied by 1 + δ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.namespace import Listener
from harness.operations.operators import INDEXING
from harness.reference.arithmetic import Dual, is_floating
from harness.reference.variables import Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.operations.operation import Operation
    from harness.reference.arithmetic import Component

__all__ = ["Planted"]


class Planted(Listener):
    """Plants a fault in every call of one operation on a tape, inside definitions too.

    Args:
        operation: Whose. Operators count as the words they stand for; indexing computes nothing, and is left alone.
        part: `value` or `gradient`.
        delta: δ.

    Attributes:
        used: Every operation whose floating-point result passed by.
        effective: Whether the fault changed a single bit anywhere: zeros times 1 + δ are zeros, and a constant has no
            gradient. What changes nothing is no fault.
    """

    def __init__(self, operation: str = "", part: str = "value", delta: float = 0.0) -> None:
        self.operation = operation
        self.part = part
        self.delta = delta
        self.used: set[str] = set()
        self.effective = False

    def around(
        self, operation: Operation, call: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        """Multiply, if it is the operation's turn."""
        result = call(*arguments, **keywords)
        if operation is INDEXING or not isinstance(result, Variable) or not is_floating(result.dtype):
            return result
        self.used.add(operation.name)
        if operation.name != self.operation:
            return result
        dual, tape = result.dual, result.tape
        if self.part == "value":
            wrong = Dual(tape.arithmetic, self._scaled(dual.value), dual.tangent, dual.dtype)
            return tape.record(wrong, [(result, lambda adjoint: adjoint)])
        return tape.record(dual, [(result, lambda adjoint: adjoint.map(self._scaled))])

    def _scaled(self, part: Component) -> Component:
        wrong = np.asarray(part * part.dtype.type(1 + self.delta), dtype=part.dtype)
        self.effective |= bool((wrong != part).any())
        return wrong
