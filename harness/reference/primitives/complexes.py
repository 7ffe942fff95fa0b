"""Complex numbers: their parts and their conjugates. Pullbacks are adjoints for the real inner product Re(conj(a) b)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.formats import is_complex

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.variables import Recorder, Variable

__all__ = ["PRIMITIVES"]


def _real(tape: Recorder, x: Any, /) -> Variable:
    variable = tape.constant(x)
    if not is_complex(variable.dtype):
        return variable
    return tape.record(variable.dual.real(), [(variable, lambda g: g.complex())])


def _imag(tape: Recorder, x: Any, /) -> Variable:
    variable = tape.constant(x)
    if not is_complex(variable.dtype):
        raise TypeError(f"xp.imag expected complex numbers, got {variable.dtype}.")
    return tape.record(variable.dual.imaginary(), [(variable, lambda g: g.complex(turned=True))])


def _conj(tape: Recorder, x: Any, /) -> Variable:
    variable = tape.constant(x)
    return tape.record(variable.dual.conjugate(), [(variable, lambda g: g.conjugate())])


PRIMITIVES: dict[str, Callable[..., Any]] = {"real": _real, "imag": _imag, "conj": _conj}
"""By the name they have in `xp`."""
