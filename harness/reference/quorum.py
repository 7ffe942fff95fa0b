"""When there is no proof: all backends in float64 are the reference, with their spread, and it says `quorum`.

A function that is not written in `xp` cannot be run on balls. Its native implementations are run in float64 at the
very inputs of the check, and once more at inputs that are perturbed as the check's dtype would round them. What the
backends agree on is the centre, how far they differ is the radius, and how far the perturbed runs lie from the centre
is the budget: a function cannot be expected to be less sensitive to its own rounding than to that of its inputs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.collect.fingerprint import fingerprint
from harness.collect.subject import AMPLIFICATION, PROBES, Probe
from harness.collect.values import of_value
from harness.model import Array, Reference, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.collect.plan import Task
    from harness.collect.subject import Subject
    from harness.model import Observation

__all__ = ["Hearing", "hear", "quorum", "witnesses"]


def witnesses(tasks: Sequence[Task]) -> dict[Task, list[Task]]:
    """Where there is no proof, every backend is also run in float64, at the inputs and about them.

    Args:
        tasks: A plan's.

    Returns:
        One task of each subject and backend to what is run besides.
    """
    asked: dict[tuple[Subject, str], tuple[Task, list[Task]]] = {}
    for task in tasks:
        subject, place = task.subject, (task.subject, task.backend.name)
        if subject.case.portable or place in asked:
            continue
        probes = [
            Probe(subject.case, subject.sample, "float64", subject.seed, subject.kinds, number, subject.dtype)
            for number in range(PROBES + 1)
        ]
        asked[place] = task, [replace(task, subject=probe, mode="eager") for probe in probes]
    return dict(asked.values())


@dataclass(frozen=True)
class Hearing:
    """What the witnesses of one subject said.

    Attributes:
        subject: What they were asked about.
        runs: For each backend its runs, each quantity to what was returned.
        observations: Ids of all that they said.
    """

    subject: Subject
    runs: list[list[dict[str, Array]]] = field(default_factory=list)
    observations: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Fingerprint of the reference that they are."""
        return fingerprint(
            subject=self.subject.reference_id, witnesses=self.observations or None, quorum=of_value(quorum)
        )

    def reference(self) -> Reference:
        """Make the reference."""
        case, sample, dtype = self.subject.place
        return quorum({"id": self.id, "case": case, "sample": sample, "dtype": dtype}, dtype, self.runs)


def hear(tasks: Sequence[Task], observations: Mapping[str, Observation]) -> list[Hearing]:
    """Put together what the witnesses of a plan said.

    Args:
        tasks: A plan's.
        observations: By id, those of the witnesses among them.
    """
    hearings: dict[Subject, Hearing] = {}
    for task, asked in witnesses(tasks).items():
        hearing = hearings.setdefault(task.subject, Hearing(task.subject))
        runs = []
        for witness in asked:
            arrays: dict[str, Array] = {}
            for quantity in witness.quantities:
                said = observations.get(witness.id(quantity))
                if said is not None and said.value is not None:
                    arrays.setdefault(quantity.name, said.value)  # the usual path comes first
                    hearing.observations.append(said.id)
            runs.append(arrays)
        hearing.runs.append(runs)
    return [*hearings.values()]


def quorum(place: Mapping[str, str], dtype: str, witnesses: Sequence[Sequence[Mapping[str, Array]]]) -> Reference:
    """Make a reference of what backends returned in float64.

    Args:
        place: `id`, `case`, `sample` and `dtype` of the reference.
        dtype: The check's dtype.
        witnesses: For each backend its runs, first at the inputs as they are and then at perturbed ones; each run is
            quantity to what was returned.
    """
    names = sorted({name for runs in witnesses for name in runs[0]})
    quantities, problems = {}, []
    for name in names:
        said = [[run[name].numpy() for run in runs if name in run] for runs in witnesses if name in runs[0]]
        found = [runs[0] for runs in said]
        shapes = {array.shape for array in found}
        if len(shapes) > 1:
            problems.append(f"backends disagree on the shape of {name}: {', '.join(map(str, sorted(shapes)))}")
        elif found[0].dtype.kind == "f":
            quantities[name] = _truth(said, dtype)
        elif all((array == found[0]).all() for array in found):
            kinds = sorted({array.dtype.name for array in found})
            if len(kinds) > 1:
                problems.append(f"backends disagree on the dtype of {name}: {', '.join(kinds)}")
            # The one that holds them all.
            quantities[name] = Truth(exact=Array.of(found[0].astype(np.result_type(*found))))
        else:
            problems.append(f"backends disagree on {name}")
    if sum(1 for runs in witnesses if runs[0]) == 1:
        problems.append("one backend alone is its own witness")
    return Reference(
        id=place["id"],
        case=place["case"],
        sample=place["sample"],
        dtype=place["dtype"],
        kind="quorum" if quantities else "none",
        quantities=quantities,
        reason="; ".join(problems) or (None if quantities else "no backend completed it in float64"),
    )


def _truth(said: Sequence[Sequence[np.ndarray[Any, Any]]], dtype: str) -> Truth:
    stacked = np.stack([runs[0] for runs in said])
    centre = np.median(stacked, axis=0)
    # Each backend's perturbed runs are held against its own: one that lies does not widen the budget.
    deviations = [run - runs[0] for runs in said for run in runs[1:] if run.shape == centre.shape]
    with np.errstate(all="ignore"):
        # The median: one witness that lies does not make room for itself.
        spread = np.median(np.abs(stacked - centre), axis=0)
        deviation = np.stack(deviations) if deviations else np.full((1, *centre.shape), math.inf)
        sigma = np.sqrt(np.mean(deviation**2, axis=0)) / AMPLIFICATION.get(dtype, 1.0)
    return Truth(
        high=Array.of(centre),
        low=Array.of(np.zeros(centre.shape)),
        # Of two witnesses that differ by more than rounding explains, nobody knows which is right: neither agrees.
        radius=Array.of(np.where(np.isnan(spread), 0.0, np.minimum(spread, sigma))),
        sigma=Array.of(np.where(np.isnan(sigma), np.inf, sigma)),
    )
