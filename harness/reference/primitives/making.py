"""Making arrays, which have no derivative unless they are made of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.reference.arithmetic import is_floating
from harness.reference.primitives.promotion import cast
from harness.reference.variables import Variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.reference.variables import Recorder

__all__ = ["PRIMITIVES"]


def _name(dtype: Any) -> str:
    """Return a dtype's name; the NumPy adapter hands over NumPy's own dtypes."""
    return dtype if isinstance(dtype, str) else np.dtype(dtype).name


def _astype(tape: Recorder, x: Any, dtype: Any, /, *, copy: bool = True) -> Variable:
    del copy
    return cast(tape, tape.constant(x), _name(dtype))


def _asarray(tape: Recorder, value: Any, /, *, dtype: Any = None) -> Variable:
    if dtype is None:
        return tape.constant(value)
    return cast(tape, tape.constant(value, _name(dtype)), _name(dtype))


def _made(maker: Callable[..., np.ndarray[Any, Any]]) -> Callable[..., Variable]:
    """Make an array whose entries are small exact numbers."""

    def primitive(tape: Recorder, *arguments: Any, dtype: Any = None, **keywords: Any) -> Variable:
        return tape.constant(maker(*arguments, **keywords), _name(dtype or tape.arithmetic.dtype))

    return primitive


def _full(tape: Recorder, shape: Any, fill: Any, /, *, dtype: Any = None) -> Variable:
    """Without a dtype, integers and booleans keep their kind, as the standard says."""
    made = tape.constant(fill) if dtype is None else cast(tape, tape.constant(fill, _name(dtype)), _name(dtype))
    dimensions = (shape,) if isinstance(shape, int) else tuple(shape)
    return tape.xp.broadcast_to(made, dimensions)  # type: ignore[no-any-return]  # looked up by name


def _like(fill: float | None) -> Callable[..., Variable]:
    def primitive(tape: Recorder, x: Any, value: Any = fill, /, *, dtype: Any = None) -> Variable:
        variable = tape.constant(x)
        return _full(tape, variable.shape, value, dtype=_name(dtype or variable.dtype))

    return primitive


def _arange(tape: Recorder, start: Any, stop: Any = None, step: Any = 1, /, *, dtype: Any = None) -> Variable:
    first, end = (0, start) if stop is None else (start, stop)
    values = np.arange(first, end, step)
    kind = _name(dtype or ("int64" if values.dtype.kind == "i" else tape.arithmetic.dtype))
    return tape.constant(values, kind)


def _linspace(tape: Recorder, start: Any, stop: Any, /, num: int, *, dtype: Any = None) -> Variable:
    """Space evenly: start + (stop - start) i / (n - 1), exactly, and rounded as the arithmetic rounds."""
    kind = _name(dtype or tape.arithmetic.dtype)
    if not is_floating(kind):
        raise TypeError(f"linspace expected a floating-point dtype, got {kind}.")
    ends = [end if isinstance(end, Variable) else float(end) for end in (start, stop)]
    first, last, places = (tape.constant(value, kind) for value in (*ends, np.arange(num, dtype=np.float64)))
    xp = tape.xp
    fractions = xp.divide(places, float(max(num - 1, 1)))
    return xp.add(first, xp.multiply(xp.subtract(last, first), fractions))  # type: ignore[no-any-return]


PRIMITIVES: dict[str, Callable[..., Any]] = {
    "astype": _astype,
    "asarray": _asarray,
    "zeros": _made(np.zeros),
    "ones": _made(np.ones),
    "eye": _made(np.eye),
    "full": _full,
    "zeros_like": _like(0.0),
    "ones_like": _like(1.0),
    "full_like": _like(None),
    "arange": _arange,
    "linspace": _linspace,
}
"""By the name they have in `xp`."""
