"""What a reference worker does: proves the truth of a sample and computes its rounding budget. Needs no framework."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect.registry import load_case
from harness.errors import CaseChangedError
from harness.reference.budgeting import budget
from harness.reference.discrete import alternatives, joined
from harness.reference.evaluate import BASIC, Computation
from harness.reference.kinks import is_derivative
from harness.reference.proving import Proof, Proved, demand_same, prove, settle_signs
from harness.reference.specials import standard_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from harness.collect.case import Case

__all__ = ["Referee", "refer"]


def refer(
    case: Case,
    parameters: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray[Any, Any]],
    dtype: str,
    differentiate: tuple[str, ...],
    seed: int,
    kinds: Collection[str] = BASIC,
) -> tuple[Proof, dict[str, np.ndarray[Any, Any]], list[str]]:
    """Prove a sample, and compute what rounding accounts for: the most that any of the case's programs needs.

    Args:
        case: What is computed.
        parameters: Its constants.
        arrays: Argument name to inputs.
        dtype: Of the check.
        differentiate: Names of the arguments to give derivatives for.
        seed: Of the cotangents, tangents and perturbations.
        kinds: Kinds of quantities that are wanted.

    Returns:
        The proof, quantity to σ, and what a reader should know.

    Raises:
        CaseError: If a program of the case is another function than the case.
    """
    own, *others = [
        Computation(
            lambda xp, *given, function=function: function(xp, *given, **parameters),
            arrays,
            dtype,
            differentiate,
            seed,
            kinds,
        )
        for function in (case.function, *case.programs)
    ]
    proof = prove(own)
    if case.derivatives is False:
        # Such a case is about special values, and the sign of 0 is one.
        settle_signs(proof, standard_values(own.function, arrays))
    sigmas, notes = budget(own, proof)
    discrete = [alternatives(program, proof.exact) for program in (own, *others)]
    seen = {name: [found[name] for found in discrete if name in found] for name in proof.exact}
    for name, values in joined(proof.exact, seen).items():
        proof.quantities[name].others = values
    for other, program in zip(others, case.programs, strict=True):
        demand_same(proof, prove(other), case.id, program.__name__)
        more, further = budget(other, proof)
        sigmas = {name: np.maximum(sigma, more[name]) for name, sigma in sigmas.items()}
        notes += [note for note in further if note not in notes]
    return proof, sigmas, notes


def _pair_parts(parts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Write rows of two parts as complex numbers: so a truth says that it is complex."""
    return np.ascontiguousarray(parts, dtype=np.float64).view(np.complex128)[..., 0]


def _fields(proved: Proved, sigma: np.ndarray[Any, Any] | None) -> dict[str, np.ndarray[Any, Any]]:
    """Name the arrays of a quantity as `model.Truth` does."""
    enclosure, kink = proved.enclosure, proved.kink
    if enclosure is None or sigma is None:
        discrete = {"exact": proved.exact, "others": proved.others}
        return {field: array for field, array in discrete.items() if array is not None}
    parts = {"high": enclosure.high, "low": enclosure.low, "radius": enclosure.radius, "sigma": sigma}
    if kink is not None:
        parts |= {"inner_low": kink.inner.low, "inner_high": kink.inner.high}
        parts |= {"outer_low": kink.outer.low, "outer_high": kink.outer.high}
    if proved.joint is not None:
        parts |= {"limits": proved.joint.rows, "towards": proved.joint.towards}
    if proved.is_complex:
        parts = {field: _pair_parts(array) for field, array in parts.items()}
    if proved.joint is not None:
        parts["groups"] = proved.joint.groups
    return parts if proved.signs is None else {**parts, "signs": proved.signs}


class Referee:
    """Answers requests for references; the handler of a reference worker."""

    def hello(self) -> dict[str, Any]:
        """Say what does the proving."""
        from importlib.metadata import version

        return {"versions": {"python-flint": version("python-flint"), "numpy": version("numpy")}}

    def handle(
        self, header: dict[str, Any], arrays: Sequence[np.ndarray[Any, Any]]
    ) -> Iterator[tuple[dict[str, Any], list[np.ndarray[Any, Any]]]]:
        """Prove one sample in one dtype.

        Args:
            header: `case` (`path`, `name`, `area`, `digest`), `parameters`, `names`, `dtype`, `differentiate`, `seed`,
                `kinds`.
            arrays: The sample's inputs, in the order of `names`.

        Yields:
            One reply: `kind`, `reason`, `precision`, `seconds`, and `fields`, a list of quantity and field of
            `model.Truth`, one for each array that comes with it.
        """
        started = time.perf_counter()
        try:
            case = load_case(**header["case"])
        except CaseChangedError as error:
            yield {"kind": "none", "reason": str(error), "precision": 0, "seconds": 0.0, "fields": []}, []
            return
        inputs = dict(zip(header["names"], arrays, strict=True))
        differentiate = tuple(header["differentiate"]) if any(map(is_derivative, header["kinds"])) else ()
        proof, sigmas, notes = refer(
            case, header["parameters"], inputs, header["dtype"], differentiate, header["seed"], header["kinds"]
        )
        fields: list[tuple[str, str]] = []
        sent: list[np.ndarray[Any, Any]] = []
        for name in (*proof.enclosures, *proof.exact):
            for field, array in _fields(proof.quantities[name], sigmas.get(name)).items():
                fields.append((name, field))
                sent.append(array)
        yield (
            {
                "kind": "wide" if proof.problems else "proved",
                "reason": "; ".join([*proof.problems, *notes]) or None,
                "precision": proof.precision,
                "seconds": time.perf_counter() - started,
                "fields": fields,
            },
            sent,
        )
