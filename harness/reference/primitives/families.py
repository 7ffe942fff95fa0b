"""Families of functions: each choice of its constant parameters is a function of one real variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.special.families import FAMILIES
from harness.reference.arithmetic import is_floating

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.variables import Recorder, Variable

__all__ = ["PRIMITIVES"]


def _member(name: str) -> Callable[..., Variable]:
    """Make a primitive of constant parameters and, last, the variable."""

    def primitive(tape: Recorder, *arguments: Any) -> Variable:
        *parameters, x = arguments
        if not all(isinstance(parameter, (int, float)) for parameter in parameters):
            raise TypeError(f"xp.{name} expected Python numbers before its last argument, got {parameters!r}.")
        variable = tape.constant(x)
        if not is_floating(variable.dtype):
            raise TypeError(f"xp.{name} expected floating-point numbers, got {variable.dtype}.")
        row = FAMILIES[name](*parameters)
        result = variable.dual.apply(row)
        return tape.record(result, [(variable, lambda g: g * variable.dual.derivative(row, result))])

    return primitive


PRIMITIVES: dict[str, Callable[..., Any]] = {name.rpartition(".")[2]: _member(name) for name in FAMILIES}
"""By the name they have in `xp`, without a prefix."""
