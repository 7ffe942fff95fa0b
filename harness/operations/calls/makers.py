"""Calls of what makes arrays from numbers."""

from __future__ import annotations

from typing import Any

from harness.operations.calls.specification import DTYPE, OMITTED, Choice, call, indices, numbers

__all__ = ["ENTRIES"]

_ANY = numbers("M", "N", kinds="fiucb")

ENTRIES: dict[str, Any] = {
    "astype": (
        call(numbers("M", "N"), form=lambda xp, x: xp.astype(x > 0, x.dtype)),
        call(
            numbers("M", "N", low=0.0, high=8.0, kinds="fiub"),
            dtype=Choice("int64", "bool", "int32", DTYPE),
            form=lambda xp, x, dtype: xp.astype(x, dtype),
        ),
    ),
    "asarray": call(Choice([0.5, -2.0, 0.125, 3.0], [[1, 2], [3, 4]], 2.0, [True, False]), dtype=DTYPE),
    "zeros ones": call(Choice((3, 4), (3, 1), (), 2, (0, 2)), dtype=DTYPE),
    "full": call(Choice((4,), (2, 3), ()), Choice(0.1, 1, 0), dtype=DTYPE),
    "zeros_like ones_like": call(_ANY, dtype=Choice(OMITTED, None, DTYPE, "int32", "bool")),
    "full_like": (
        call(numbers("M", "N"), Choice(0.3, -2.0)),
        call(_ANY, Choice(0, 1), dtype=Choice(OMITTED, None, DTYPE, "int32")),
    ),
    "arange": (
        call(Choice(1, -3, 4), Choice(9, 2), Choice(2, 1, 3), dtype=DTYPE),
        call(Choice(5, 0)),
        call(Choice(4.0, 0.5), -1.0, -0.5, dtype=DTYPE),
    ),
    "linspace": call(Choice(-1.0, 3.0), Choice(2.0, -5.0), Choice(5, 1, 2, 9), dtype=DTYPE),
    "eye": call(Choice(3, 2, 0), Choice(4, None, 1), k=Choice(1, 0, -2, 5), dtype=DTYPE),
    "fft.fftfreq fft.rfftfreq": call(Choice(5, 4, 7, 1), d=Choice(OMITTED, 0.1, 0.5), dtype=DTYPE),
    "nn.one_hot": call(indices("N", below=5, low=0), classes=Choice(4, 1, 5), dtype=DTYPE),
    "fft.fftshift fft.ifftshift": (
        call(numbers("N", kinds="fc")),
        call(numbers("M", "N", kinds="fc"), axes=Choice(OMITTED, None, 0, -1, (0, 1))),
    ),
    "control.cond": call(
        numbers("M", "N"),
        form=lambda xp, x: xp.control.cond(xp.sum(x) > 0, lambda v: v * 2, lambda v: v - 3, x),
    ),
    "control.while_loop": call(
        numbers("m", "n", low=1.0, high=4.0),
        form=lambda xp, x: xp.control.while_loop(lambda v: xp.sum(v) < 100, lambda v: v * 2, x),
    ),
    "control.fori_loop": call(
        numbers("M", "N"),
        Choice(1, -1, 0),
        Choice(4, 0),
        form=lambda xp, x, low, high: xp.control.fori_loop(
            low, high, lambda index, v: v * xp.astype(xp.asarray(index), x.dtype) + x, x
        ),
    ),
    "control.scan": call(
        numbers("n", "M", low=-2.0, high=2.0),
        form=lambda xp, x: xp.control.scan(lambda state, v: (state + v, state * v), x[0, ...] * 0, x),
    ),
}
"""Names of operations, with blanks between them, to a call of each, or to several."""
