"""Samples: one concrete set of inputs of a case, drawn once, the same bits for every backend.

A specification (`given`, `normal`, `uniform`, `integers`) is data; values are drawn by `draw` from a seed that is
derived from the case's name, so that adding a case never changes the inputs of another. Long because each kind of
specification says itself how it is drawn.
"""

from __future__ import annotations

import cmath
import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.errors import CaseError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from harness.operations.formats import Format

__all__ = [
    "ComplexNormal",
    "Edges",
    "Given",
    "Integers",
    "Normal",
    "Sample",
    "Specification",
    "Uniform",
    "complex_normal",
    "derive_seed",
    "draw",
    "edges",
    "given",
    "integers",
    "normal",
    "uniform",
]


@dataclass(frozen=True)
class Specification:
    """How the values of one array argument are made."""

    @property
    def kind(self) -> str:
        """The word that names a sample made of such arrays: `given`, `normal`, …."""
        return type(self).__name__.lower()

    @property
    def differentiable(self) -> bool:
        """Whether derivatives with respect to the argument are asked for."""
        return True

    @property
    def complex(self) -> bool:
        """Whether it is complex, so that its case runs in complex dtypes, and in no others."""
        return False

    @property
    def dimensions(self) -> tuple[int, ...]:
        """Shape of the array."""
        return tuple(getattr(self, "shape", ()))

    def at(self, dtype: str) -> Specification:
        """Return what it is in a dtype; almost none depends on that."""
        del dtype
        return self

    def generate(self, generator: np.random.Generator) -> np.ndarray[Any, Any]:
        """Draw the values as float64 or int64, before they are rounded to the dtype of a check."""
        raise CaseError(f"{type(self).__name__} cannot be drawn; use given, normal, uniform or integers.")


@dataclass(frozen=True)
class Given(Specification):
    """Values written down in the case file."""

    values: Any

    @property
    def differentiable(self) -> bool:
        """Written integers and booleans are indices and masks: no derivative is asked for."""
        return not _holds_integers(self.values)

    @property
    def complex(self) -> bool:
        """Whether a complex number is among what is written."""
        return _holds_complex(self.values)

    @property
    def dimensions(self) -> tuple[int, ...]:
        """Shape of what is written."""
        return _check_rectangular(self.values)

    def generate(self, generator: np.random.Generator) -> np.ndarray[Any, Any]:
        """Return the values as they are written."""
        import numpy as np

        array = np.asarray(self.values)
        if array.dtype.kind == "f":
            return array.astype(np.float64)
        if array.dtype.kind in "iu":
            return array.astype(np.int64)
        return array


_EDGES = ("smallest", "subnormal", "normal", "small", "big", "largest", "inf", "nan")


def _edge(name: str, form: Format) -> float:
    exponent, subnormal = form.smallest_exponent, 2.0 ** (form.smallest_exponent + 1 - form.mantissa)
    sizes = {
        "smallest": subnormal,
        "subnormal": 2.0**exponent - subnormal,
        "normal": 2.0**exponent,
        "small": 2.0 ** (exponent * 3 // 4),
        "big": 2.0 ** (-exponent * 3 // 4),
        "largest": form.largest,
        "inf": math.inf,
        "nan": math.nan,
    }
    size = sizes[name.removeprefix("-")]
    return -size if name.startswith("-") else size


_USUAL = (0.0, "normal", 1.0, "largest", "inf")


@dataclass(frozen=True)
class Edges(Specification):
    """Numbers, some of which are named after their place in the range of the dtype."""

    numbers: tuple[float | str, ...]

    @property
    def dimensions(self) -> tuple[int, ...]:
        """One axis."""
        return (len(self.numbers),)

    def at(self, dtype: str) -> Given:
        """Return the numbers of a dtype."""
        from harness.operations.formats import FORMATS

        form = FORMATS[dtype]
        return Given(tuple(_edge(one, form) if isinstance(one, str) else one for one in self.numbers))


@dataclass(frozen=True)
class Normal(Specification):
    """Normally distributed values."""

    shape: tuple[int, ...]
    mean: float = 0.0
    scale: float = 1.0

    def generate(self, generator: np.random.Generator) -> np.ndarray[Any, Any]:
        """Draw `mean + scale * N(0, 1)`."""
        import numpy as np

        return np.asarray(self.mean + self.scale * generator.standard_normal(self.shape))


@dataclass(frozen=True)
class ComplexNormal(Specification):
    """Complex numbers whose parts are normally distributed."""

    shape: tuple[int, ...]
    mean: complex = 0j
    scale: float = 1.0

    @property
    def kind(self) -> str:
        """`normal`, as that of real numbers."""
        return "normal"

    @property
    def complex(self) -> bool:
        """They are."""
        return True

    def generate(self, generator: np.random.Generator) -> np.ndarray[Any, Any]:
        """Draw `mean + scale * (N(0, 1) + N(0, 1) i)`, as complex128."""
        import numpy as np

        real, imaginary = generator.standard_normal((2, *self.shape))
        return np.asarray(self.mean + self.scale * (real + 1j * imaginary))


@dataclass(frozen=True)
class Uniform(Specification):
    """Values uniform in `[low, high)`."""

    shape: tuple[int, ...]
    low: float = 0.0
    high: float = 1.0

    def generate(self, generator: np.random.Generator) -> np.ndarray[Any, Any]:
        """Draw from the interval."""
        import numpy as np

        return np.asarray(generator.uniform(self.low, self.high, self.shape))


@dataclass(frozen=True)
class Integers(Specification):
    """Integers in `[low, high)`."""

    shape: tuple[int, ...]
    low: int = 0
    high: int = 10

    @property
    def differentiable(self) -> bool:
        """Integers have no derivative."""
        return False

    def generate(self, generator: np.random.Generator) -> np.ndarray[Any, Any]:
        """Draw from the range, as int64."""
        import numpy as np

        return np.asarray(generator.integers(self.low, self.high, self.shape, dtype=np.int64))


def edges(*numbers: float | str, usual: bool = True) -> Edges:
    """Return numbers at the edges of whatever dtype a check has.

    Args:
        numbers: More numbers, such as the ends of a domain; or names of others, with or without a minus sign:
            `smallest` (the smallest subnormal number), `subnormal` (the largest one), `normal` (the smallest normal
            number), `small` and `big` (whose squares leave the range), `largest`, `inf`, `nan`.
        usual: Whether ±0, ±normal, ±1, ±largest, ±inf and NaN come before them. Subnormal numbers, which some
            frameworks flush to 0, are not among them: they want a sample of their own.
    """
    found: list[float | str] = []
    if usual:
        for number in _USUAL:
            found += [number, f"-{number}" if isinstance(number, str) else -number]
        found.append("nan")
    for number in numbers:
        if isinstance(number, str) and number.removeprefix("-") not in _EDGES:
            raise CaseError(
                f"edges({number!r}): expected a number, or one of {', '.join(_EDGES)}.{suggest(number, [*_EDGES])}"
            )
        found.append(number if isinstance(number, str) else float(number))
    if not found:
        raise CaseError("edges() without the usual numbers: expected numbers, or names of numbers.")
    return Edges(tuple(found))


def given(values: Any) -> Given:
    """Use these values: a number or nested sequences of numbers, any shape.

    Example:
        >>> given([2.0, 3.0]).differentiable, given([0, 2]).differentiable
        (True, False)
    """
    _check_rectangular(values)
    # An array becomes the numbers it holds, so that all of them are seen by whoever asks whether the sample changed.
    return Given(values.tolist() if getattr(values, "size", 0) else values)


def normal(shape: int | Sequence[int], *, mean: float = 0.0, scale: float = 1.0) -> Normal:
    """Draw normally distributed values of this shape.

    Args:
        shape: The array's shape; a bare integer is a vector's length.
        mean: Mean of the distribution.
        scale: Standard deviation, positive.
    """
    if not (math.isfinite(mean) and math.isfinite(scale) and scale > 0):
        raise CaseError(f"normal(mean={mean!r}, scale={scale!r}): expected a finite mean and a positive scale.")
    return Normal(_shape("normal", shape), float(mean), float(scale))


def complex_normal(shape: int | Sequence[int], *, mean: complex = 0j, scale: float = 1.0) -> ComplexNormal:
    """Draw complex numbers whose parts are normally distributed. A case that takes some runs in complex dtypes only.

    Args:
        shape: The array's shape; a bare integer is a vector's length.
        mean: Mean of the distribution.
        scale: Standard deviation of each part, positive.
    """
    if not (cmath.isfinite(mean) and math.isfinite(scale) and scale > 0):
        raise CaseError(f"complex_normal(mean={mean!r}, scale={scale!r}): expected a finite mean and a positive scale.")
    return ComplexNormal(_shape("complex_normal", shape), complex(mean), float(scale))


def uniform(shape: int | Sequence[int], low: float = 0.0, high: float = 1.0) -> Uniform:
    """Draw values uniform in `[low, high)`.

    Args:
        shape: The array's shape; a bare integer is a vector's length.
        low: Lower end, included.
        high: Upper end, excluded.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise CaseError(f"uniform(low={low!r}, high={high!r}): expected finite ends with low < high.")
    return Uniform(_shape("uniform", shape), float(low), float(high))


def integers(shape: int | Sequence[int], low: int, high: int) -> Integers:
    """Draw integers in `[low, high)`, as int64. No derivative is asked for.

    Args:
        shape: The array's shape; a bare integer is a vector's length.
        low: Lower end, included.
        high: Upper end, excluded.
    """
    if not (isinstance(low, int) and isinstance(high, int) and low < high):
        raise CaseError(f"integers(low={low!r}, high={high!r}): expected integers with low < high.")
    return Integers(_shape("integers", shape), low, high)


@dataclass(frozen=True)
class Sample:
    """One named set of inputs of a case.

    Attributes:
        name: The name in brackets of a check's id.
        arrays: Argument name to specification, in the order of the function's parameters.
        parameters: Keyword-only arguments: exact Python constants.
    """

    name: str
    arrays: Mapping[str, Specification]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many elements all arrays have together."""
        return sum(math.prod(specification.dimensions) for specification in self.arrays.values())

    @property
    def complex(self) -> bool:
        """Whether one of its arrays is complex: then the others have the dtype of its parts."""
        return any(specification.complex for specification in self.arrays.values())

    @property
    def differentiable(self) -> tuple[str, ...]:
        """Names of the array arguments with respect to which derivatives are asked for."""
        return tuple(name for name, specification in self.arrays.items() if specification.differentiable)


def derive_seed(*parts: Any) -> int:
    """Derive a 64-bit seed from names, the same on every machine and in every version of Python.

    Example:
        >>> derive_seed("seeds/affine_sum", "given", 0) == derive_seed("seeds/affine_sum", "given", 0)
        True
    """
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "little")


def draw(case_id: str, sample: Sample, dtype: str, seed: int = 0) -> dict[str, np.ndarray[Any, Any]]:
    """Draw the inputs of a sample, rounded once to the dtype of the check.

    Args:
        case_id: The case's id; the seed is derived from it.
        sample: What to draw.
        dtype: Name of a floating dtype, such as `float32`. Integers and booleans keep theirs. Numbers of bfloat16, which
            NumPy lacks, come as float32.
        seed: The run's seed; another seed gives other values everywhere.

    Returns:
        Argument name to array, in the order of the sample.
    """
    import numpy as np

    from harness.operations.formats import nearest, real_of

    arrays = {}
    for name, specification in sample.arrays.items():
        generator = np.random.Generator(np.random.PCG64(derive_seed(case_id, sample.name, name, seed)))
        array = specification.at(real_of(dtype)).generate(generator)
        if array.dtype.kind == "c":
            array = array.astype(dtype)
        arrays[name] = nearest(array, real_of(dtype)) if array.dtype.kind == "f" else array
    return arrays


def _shape(maker: str, shape: int | Sequence[int]) -> tuple[int, ...]:
    dimensions = tuple(shape) if isinstance(shape, (list, tuple)) else (shape,)
    if not all(isinstance(size, int) and size >= 0 for size in dimensions):
        raise CaseError(f"{maker}({shape!r}): expected a shape of non-negative integers, such as (3, 4).")
    return dimensions


def _holds_complex(values: Any) -> bool:
    if isinstance(values, (list, tuple)):
        return any(_holds_complex(value) for value in values)
    return isinstance(values, complex)


def _holds_integers(values: Any) -> bool:
    if isinstance(values, (list, tuple)):
        return bool(values) and all(_holds_integers(value) for value in values)
    return isinstance(values, int) or (hasattr(values, "dtype") and values.dtype.kind in "iub")


def _check_rectangular(values: Any) -> tuple[int, ...]:
    if not isinstance(values, (list, tuple)):
        if hasattr(values, "shape") or isinstance(values, (int, float, complex)):
            return tuple(getattr(values, "shape", ()))
        raise CaseError(f"given(…): expected numbers, got {values!r} of type {type(values).__name__}.")
    shapes = {_check_rectangular(value) for value in values}
    if len(shapes) > 1:
        raise CaseError(f"given({values!r}): expected rows of one length, got a ragged sequence.")
    return (len(values), *(shapes.pop() if shapes else ()))
