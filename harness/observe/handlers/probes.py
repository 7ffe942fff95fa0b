"""Properties of a backend, found by looking: what it does with subnormals, with Python numbers and with a·b + c.

They are no errors, and explain much of what differs between backends. Each mode is asked once, with one small
computation for all dtypes together, so that a compiler compiles once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.formats import FORMATS, holder

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.adapters.base import Adapter

__all__ = ["probe"]

_QUESTIONS = 4


def probe(adapter: Adapter, mode: str) -> dict[str, str]:
    """Find a backend's properties in a mode.

    Args:
        adapter: The backend.
        mode: One of its modes.

    Returns:
        Names to words: `eager: subnormal inputs` to `float32 flushed; float16 kept`, and so on; in eager mode also
        what `Adapter.facts` says, and the dtypes that `xp` makes numbers of. What cannot be asked says why.
    """
    found = _properties(adapter, mode)
    if mode == adapter.modes[0]:
        found |= _defaults(adapter) | adapter.facts()
    return found


def _properties(adapter: Adapter, mode: str) -> dict[str, str]:
    answers: dict[str, dict[str, bool]] = {}
    try:
        known = [dtype for dtype in adapter.dtypes if dtype in FORMATS and _can_be_made(adapter, dtype)]
        results = adapter.value(_ask(known), mode)(*(adapter.array(_asked(dtype)) for dtype in known))
        for number, dtype in enumerate(known):
            parts = results[_QUESTIONS * number : _QUESTIONS * (number + 1)]
            for name, answer in _understood(dtype, [float(adapter.numpy(part)) for part in parts]).items():
                answers.setdefault(name, {})[dtype] = answer
    except Exception as error:  # whatever a framework raises; a property is no check
        return {f"{mode}: properties": f"not found, {type(error).__name__}: {str(error)[:200]}"}
    return {f"{mode}: {name}": _said(said, *_WORDS[name]) for name, said in answers.items()}


_WORDS = {
    "subnormal inputs": ("flushed", "kept"),
    "subnormal results": ("flushed", "kept"),
    "Python numbers": ("rounded to the dtype first", "used as they are"),
    "a·b + c": ("rounded once", "rounded twice"),
}


def _ask(dtypes: list[str]) -> Any:
    """Make a function of one array for each dtype; scalars are baked in, as they are in a case."""

    def asked(*arrays: Any) -> tuple[Any, ...]:
        found: list[Any] = []
        for dtype, x in zip(dtypes, arrays, strict=True):
            form = FORMATS[dtype]
            grow = 2.0 ** (form.mantissa + 2)
            found += [x[0] * grow, x[1] * 0.5, x[2] * (1 + 0.99 * 2.0**-form.mantissa), x[3] * x[3] - x[4]]
        return tuple(found)

    return asked


def _asked(dtype: str) -> np.ndarray[Any, Any]:
    """Return a subnormal, the smallest normal number, the largest below 2, a factor, and its rounded square."""
    form = FORMATS[dtype]
    unit = 2.0**-form.mantissa
    # The square of 1 + 2⁻ᵉ is 1 + 2¹⁻ᵉ + 2⁻²ᵉ, whose last part is at most half a unit in the last place: it is lost.
    part = 2.0 ** -((form.mantissa + 1) // 2)
    numbers = [2.0 ** (form.smallest_exponent - 1), 2.0**form.smallest_exponent, 2 - 2 * unit, 1 + part, 1 + 2 * part]
    made = np.array(numbers, dtype=holder(dtype))
    return made if dtype == holder(dtype) else _brain(made)


def _brain(numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    from ml_dtypes import bfloat16

    return numbers.astype(bfloat16)


def _can_be_made(adapter: Adapter, dtype: str) -> bool:
    try:
        return bool(adapter.numpy(adapter.array(_asked(dtype))).dtype.name == dtype)
    except ImportError:  # ml_dtypes, without which there is no bfloat16
        return False


def _understood(dtype: str, results: list[float]) -> dict[str, bool]:
    grown, halved, scaled, rest = results
    below_two = 2 - 2 * 2.0 ** -FORMATS[dtype].mantissa
    found = {"subnormal inputs": grown == 0, "subnormal results": halved == 0, "a·b + c": rest != 0}
    # A Python number is float64 itself.
    return found if dtype == "float64" else found | {"Python numbers": scaled == below_two}


def _said(answers: dict[str, bool], yes: str, no: str) -> str:
    """Say what holds, of which dtypes where they differ."""
    if len(set(answers.values())) == 1:
        return yes if next(iter(answers.values())) else no
    groups = [
        (word, [dtype for dtype, answer in answers.items() if answer is held])
        for word, held in ((yes, True), (no, False))
    ]
    return "; ".join(f"{', '.join(dtypes)} {word}" for word, dtypes in groups)


def _defaults(adapter: Adapter) -> dict[str, str]:
    xp = adapter.namespace()
    found = {}
    makers: dict[str, Callable[[], Any]] = {
        "default integers": lambda: xp.arange(2),
        "default numbers": lambda: xp.asarray(1.5),
        "float64": lambda: adapter.array(np.array(1.5)),
    }
    for name, make in makers.items():
        try:
            found[name] = adapter.numpy(make()).dtype.name
        except Exception as error:  # whatever a framework raises; a property is no check
            found[name] = f"not found, {type(error).__name__}"
    found["64 bits"] = "enabled" if found.pop("float64") == "float64" else "disabled"
    return found
