"""The project's own judge for tests: a call's proved truth and budget, and the judgement of what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.judge.agreement import judge
from harness.model import Array, Check, Observation, Outcome, Reference, Truth
from harness.reference.budgeting import budget
from harness.reference.evaluate import Computation
from harness.reference.proving import prove, settle_signs
from harness.reference.specials import standard_values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.model import Judgement

__all__ = ["SEED", "judged", "reference_of"]

SEED = 3
_SPECIAL = "have no real value; IEEE 754 says"


def reference_of(
    function: Callable[..., Any],
    arrays: Mapping[str, Any],
    dtype: str,
    inputs: tuple[str, ...],
    *,
    signed: bool = False,
) -> Reference:
    """Prove a call and compute its budget.

    Args:
        function: `function(xp, *arrays)`.
        arrays: Argument name to array.
        dtype: Whose rounding counts.
        inputs: Names of the arrays to give derivatives for.
        signed: Whether the sign of a zero counts, in the arrays and in the result, as `@case(derivatives=False)` has it.
    """
    computation = Computation(function, arrays, dtype, inputs, SEED)
    proof = prove(computation)
    if signed:
        settle_signs(proof, standard_values(function, arrays))
    sigmas, _ = budget(computation, proof)
    quantities = {}
    for name, proved in proof.quantities.items():
        if proved.enclosure is None:
            assert proved.exact is not None
            quantities[name] = Truth(exact=Array.of(proved.exact))
            continue
        here = proved.enclosure
        parts = {"high": here.high, "low": here.low, "radius": here.radius, "sigma": sigmas[name]}
        arrays_of = {field: Array.of(_whole(part) if proved.is_complex else part) for field, part in parts.items()}
        signs = None if proved.signs is None else Array.of(proved.signs)
        quantities[name] = Truth(**arrays_of, signs=signs)
    # Where an infinity or NaN went in, or comes out, IEEE 754 says what is right; everything else is proved.
    assert [] == [problem for problem in proof.problems if _SPECIAL not in problem]
    return Reference(id="r", case="c", sample="s", dtype=dtype, kind="proved", quantities=quantities)


def judged(reference: Reference, quantity: str, value: Any) -> Judgement:
    """Judge one result."""
    check = Check("c", "s", "numpy", "eager", reference.dtype, "cpu", quantity)
    observation = Observation(id="o", check=check, outcome=Outcome.COMPLETED, value=Array.of(np.asarray(value)))
    return judge(observation, reference)


def _whole(parts: Any) -> Any:
    """Write rows of two parts as complex numbers: so a truth says that it is complex."""
    return np.ascontiguousarray(parts, dtype=np.float64).view(np.complex128)[..., 0]
