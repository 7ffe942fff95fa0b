"""Values where Arb knows none: signed zeros, infinities and NaN, as IEEE 754 and the Array API's tables have them.

They are computed by NumPy in float64, whole operations at a time, and not by the parts that an operation means:
hypot(∞, NaN) is ∞ by the standard, though √(∞² + NaN²) is none. NumPy follows the tables of C's Annex F, which the
Array API standard took over (https://data-apis.org/array-api/2024.12/API_specification/elementwise_functions.html).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect.directions import BATCH, batch
from harness.operations.namespace import Namespace
from harness.operations.operation import Elementwise
from harness.operations.table import CONSTANTS, OPERATIONS
from harness.operations.words import DEFINITION, Gap
from harness.reference.floats import numpy_function, numpy_word
from harness.reference.stochastic import Doubles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.operations.operation import Operation

__all__ = ["standard_values"]

_DTYPES = ("float16", "float32", "float64", "int32", "int64", "bool", "complex64", "complex128")


def _lgamma(x: float) -> float:
    try:
        return math.lgamma(x)
    except (OverflowError, ValueError):  # C says ∞, at 0 and far out
        return math.inf


_ANNEX_F: dict[str, Callable[[float], float]] = {
    "special.erf": math.erf,
    "special.erfc": math.erfc,
    "special.lgamma": _lgamma,
}
"""What C has and NumPy has not."""


def standard_values(
    function: Callable[..., Any], arrays: Mapping[str, np.ndarray[Any, Any]]
) -> dict[str, np.ndarray[Any, Any]]:
    """Evaluate a case in float64.

    Args:
        function: `function(xp, *arrays)`.
        arrays: Argument name to inputs.

    Returns:
        `value`s, and `vmap`s of the batch, by quantity; nothing where NumPy cannot run the case.
    """
    wide = {name: array.astype(np.float64) if array.dtype.kind == "f" else array for name, array in arrays.items()}
    xp = Namespace(OPERATIONS, _resolve, CONSTANTS | {name: getattr(np, name) for name in _DTYPES})
    batches = {name: batch(array) for name, array in wide.items()}
    try:
        with np.errstate(all="ignore"):
            found = _name("value", function(xp, *wide.values()))
            singles = [
                _name("vmap", function(xp, *(stacked[number] for stacked in batches.values())))
                for number in range(BATCH)
            ]
    except Exception:  # a case may use what NumPy has not; then the tape's own numbers must do
        return {}
    for name in singles[0]:
        parts = [single[name] for single in singles if name in single]
        if len(parts) == BATCH and len({part.shape for part in parts}) == 1:
            found[name] = np.stack(parts)
    return found


def _name(kind: str, result: Any) -> dict[str, np.ndarray[Any, Any]]:
    if isinstance(result, (tuple, list)):
        return {f"{kind}:{number}": np.asarray(part) for number, part in enumerate(result)}
    return {kind: np.asarray(result)}


def _resolve(operation: Operation) -> Callable[..., Any]:
    """Find NumPy's function, and Arb's where NumPy has none."""
    meaning = operation.meaning
    if operation.name in _ANNEX_F:
        return np.vectorize(_ANNEX_F[operation.name], otypes=[np.float64])
    word = numpy_word(operation)
    if isinstance(word, Gap) and isinstance(meaning, Elementwise):
        return lambda x: _through_arb(operation, x)
    if word is DEFINITION and callable(meaning):
        definition: Callable[..., Any] = meaning
        xp = Namespace(OPERATIONS, _resolve, CONSTANTS)
        return lambda *arguments, **keywords: definition(xp, *arguments, **keywords)
    return numpy_function(operation)


def _through_arb(operation: Operation, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Let Arb evaluate; at ∞, where it knows nothing of ψ, the limit is ∞."""
    found = Doubles("float64").function(operation, np.asarray(x, dtype=np.float64), "float64")
    return np.where(np.isposinf(x) & (operation.name == "special.digamma"), np.inf, found)
