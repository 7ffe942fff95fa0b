"""Subjects: what has one truth, and the witnesses that stand in where none can be proved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from harness.collect.fingerprint import fingerprint, of_files
from harness.collect.loaded import proving
from harness.collect.samples import derive_seed, draw
from harness.collect.values import of_value
from harness.collect.vocabulary import of_modules, rows_of
from harness.messages import Computation, Source
from harness.model import SCHEMA
from harness.operations.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from harness.collect.case import Case
    from harness.collect.samples import Sample

__all__ = ["AMPLIFICATION", "PROBES", "Probe", "Subject", "perturbed"]

Asked = TypeVar("Asked", bound=Computation)

PROBES = 8
"""How many perturbed runs each backend makes."""

AMPLIFICATION = {"float64": 2.0**20}
"""float64 cannot hold inputs that are perturbed by its own rounding: they are perturbed more, and the budget shrunk."""


def perturbed(arrays: Mapping[str, np.ndarray[Any, Any]], dtype: str, probe: int) -> dict[str, np.ndarray[Any, Any]]:
    """Widen inputs to float64 and, from the first probe on, perturb them by a rounding of the dtype.

    Args:
        arrays: Argument name to inputs, of the dtype.
        dtype: Whose rounding.
        probe: 0 for the inputs as they are; each other number perturbs them in its own way.
    """
    import numpy as np

    generator = np.random.Generator(np.random.PCG64(probe))
    unit = 2.0 ** -FORMATS[dtype].mantissa * AMPLIFICATION.get(dtype, 1.0)
    found = {}
    for name, array in arrays.items():
        if array.dtype.kind != "f":
            found[name] = array
            continue
        wide = array.astype(np.float64)
        noise = generator.uniform(-unit, unit, wide.shape) if probe else np.zeros(wide.shape)
        found[name] = wide * (1.0 + noise)
    return found


@dataclass(frozen=True, eq=False)
class Subject:
    """A case × sample × dtype: what has one truth.

    Attributes:
        case: The case.
        sample: The sample.
        dtype: Name of the dtype.
        seed: The sample's seed.
        kinds: Kinds of quantities that are asked for of it; the reference holds no others.
    """

    case: Case
    sample: Sample
    dtype: str
    seed: int
    kinds: tuple[str, ...] = ("value", "vjp")

    @property
    def place(self) -> tuple[str, str, str]:
        """Case id, sample, dtype."""
        return self.case.id, self.name, self.dtype

    @property
    def name(self) -> str:
        """The sample's name; with another seed than 0, `normal#7`."""
        return f"{self.sample.name}#{self.seed}" if self.seed else self.sample.name

    @property
    def cotangent_seed(self) -> int:
        """Seed of the cotangents, alike for every backend and dtype."""
        return derive_seed(self.case.id, self.sample.name, self.seed)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Everything that decides the inputs and the computation, the rows that it uses left out."""
        return {
            "schema": SCHEMA,
            "case": self.case.id,
            "source": of_files(self.case.path),
            "sample": self.sample.name,
            "arrays": [[name, repr(specification)] for name, specification in self.sample.arrays.items()],
            "parameters": {name: repr(value) for name, value in self.sample.parameters.items()},
            "dtype": self.dtype,
            "seed": self.seed,
            # Draws are NumPy's; another release may draw differently.
            "numpy": _version("numpy"),
            "drawing": of_modules("harness.collect.samples", "harness.collect.case"),
        }

    @cached_property
    def drawn(self) -> str:
        """Fingerprint of the inputs and the computation."""
        return fingerprint(**self.facts)

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """The rows that the case uses."""
        return rows_of(self.case)

    @cached_property
    def reference_id(self) -> str:
        """Fingerprint of the reference."""
        return fingerprint(drawn=self.drawn, kinds=self.kinds, reference=proving(self.rows))

    def inputs(self) -> dict[str, np.ndarray[Any, Any]]:
        """Draw the inputs: argument name to array."""
        return draw(self.case.id, self.sample, self.dtype, self.seed)

    def request(self, message: type[Asked], **more: Any) -> Asked:
        """Ask a worker about it.

        Args:
            message: What is asked: a kind of `Computation`.
            **more: What it says beyond the computation.
        """
        case = self.case
        return message(
            case=Source(path=str(case.path), name=case.name, area=case.area, digest=of_files(case.path)),
            parameters=dict(self.sample.parameters),
            names=tuple(self.sample.arrays),
            dtype=self.dtype,
            seed=self.cotangent_seed,
            kinds=tuple(self.kinds),
            **more,
        )


@dataclass(frozen=True, eq=False)
class Probe(Subject):
    """The same computation in float64, as a witness of a quorum.

    Attributes:
        number: 0 for the very inputs of the check; each other number perturbs them in its own way.
        rounded: The dtype whose bits the inputs are, and whose rounding perturbs them.
    """

    number: int = 0
    rounded: str = "float32"

    @property
    def name(self) -> str:
        """`normal~3:float32`."""
        return f"{super().name}~{self.number}:{self.rounded}"

    @cached_property
    def facts(self) -> dict[str, Any]:
        """Everything that decides the inputs and the computation."""
        return {**super().facts, "probe": [self.number, self.rounded], "quorum": of_value(perturbed)}

    def inputs(self) -> dict[str, np.ndarray[Any, Any]]:
        """Draw the inputs of the check, and widen and perturb them."""
        return perturbed(draw(self.case.id, self.sample, self.rounded, self.seed), self.rounded, self.number)


@cache
def _version(distribution: str) -> str:
    from importlib.metadata import version

    return version(distribution)
