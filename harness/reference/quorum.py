"""When there is no proof: all backends in float64 are the reference, with their spread, and it says `quorum`.

A function that is not written in `xp` cannot be run on balls. Its native implementations are run in float64 at the
very inputs of the check, and once more at inputs that are perturbed as the check's dtype would round them. What the
backends agree on is the centre, how far they differ is the radius, and how far the perturbed runs lie from the centre
is the budget: a function cannot be expected to be less sensitive to its own rounding than to that of its inputs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.formats import FORMATS
from harness.model import Array, Reference, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PROBES", "perturbed", "quorum"]

PROBES = 8
"""How many perturbed runs each backend makes."""

_AMPLIFICATION = {"float64": 2.0**20}
"""float64 cannot hold inputs that are perturbed by its own rounding: they are perturbed more, and the budget shrunk."""


def perturbed(arrays: Mapping[str, np.ndarray[Any, Any]], dtype: str, probe: int) -> dict[str, np.ndarray[Any, Any]]:
    """Widen inputs to float64 and, from the first probe on, perturb them by a rounding of the dtype.

    Args:
        arrays: Argument name to inputs, of the dtype.
        dtype: Whose rounding.
        probe: 0 for the inputs as they are; each other number perturbs them in its own way.
    """
    generator = np.random.Generator(np.random.PCG64(probe))
    unit = 2.0 ** -FORMATS[dtype].mantissa * _AMPLIFICATION.get(dtype, 1.0)
    found = {}
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            found[name] = array
            continue
        wide = array.astype(np.float64)
        noise = generator.uniform(-unit, unit, wide.shape) if probe else np.zeros(wide.shape)
        found[name] = wide * (1.0 + noise)
    return found


def quorum(
    place: Mapping[str, str], dtype: str, exact: Sequence[Mapping[str, Array]], probes: Sequence[Mapping[str, Array]]
) -> Reference:
    """Make a reference of what backends returned in float64.

    Args:
        place: `id`, `case`, `sample` and `dtype` of the reference.
        dtype: The check's dtype.
        exact: One for each backend: quantity to what it returned at the inputs as they are.
        probes: One for each backend and perturbed run.
    """
    names = sorted(set().union(*exact)) if exact else []
    quantities, problems = {}, []
    for name in names:
        found = [one[name].numpy() for one in exact if name in one]
        shapes = {array.shape for array in found}
        if len(shapes) > 1:
            problems.append(f"backends disagree on the shape of {name}: {', '.join(map(str, sorted(shapes)))}")
            continue
        if found[0].dtype.kind != "f":
            if all((array == found[0]).all() for array in found):
                quantities[name] = Truth(exact=Array.of(found[0]))
            else:
                problems.append(f"backends disagree on {name}")
            continue
        quantities[name] = _truth(found, [one[name].numpy() for one in probes if name in one], dtype)
    if len(exact) == 1:
        problems.append("one backend alone is its own witness")
    kind = "quorum" if quantities else "none"
    reason = "; ".join(problems) or (None if quantities else "no backend completed it in float64")
    return Reference(
        id=place["id"],
        case=place["case"],
        sample=place["sample"],
        dtype=place["dtype"],
        kind=kind,
        quantities=quantities,
        reason=reason,
    )


def _truth(found: Sequence[np.ndarray[Any, Any]], probes: Sequence[np.ndarray[Any, Any]], dtype: str) -> Truth:
    stacked = np.stack(found)
    centre = np.median(stacked, axis=0)
    with np.errstate(all="ignore"):
        # The median: one witness that lies does not make room for itself.
        spread = np.median(np.abs(stacked - centre), axis=0)
        same = [array for array in probes if array.shape == centre.shape]
        deviations = np.stack([array - centre for array in same]) if same else np.full((1, *centre.shape), math.inf)
        sigma = np.sqrt(np.mean(deviations**2, axis=0)) / _AMPLIFICATION.get(dtype, 1.0)
    return Truth(
        high=Array.of(centre),
        low=Array.of(np.zeros(centre.shape)),
        # Of two witnesses that differ by more than rounding explains, nobody knows which is right: neither agrees.
        radius=Array.of(np.where(np.isnan(spread), 0.0, np.minimum(spread, sigma))),
        sigma=Array.of(np.where(np.isnan(sigma), np.inf, sigma)),
    )
