"""Arrays as a case sees them while it is run, and what records where they come from, so that adjoints can be swept back.

What runs the words of the vocabulary, the tape, and what it does by itself, the primitives, are both made of this.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.formats import complex_of
from harness.operations.operators import Operand
from harness.reference.arithmetic import Dual, SplitError, is_floating

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.operations.namespace import Namespace
    from harness.operations.operation import Operation
    from harness.reference.arithmetic import Arithmetic, Component

__all__ = ["Recorder", "Variable", "unbroadcast"]


class Variable(Operand):
    """An array on the tape, as a case sees it: operators, `shape`, `ndim`, `dtype`, indexing."""

    __slots__ = ("dual", "index", "tape")

    def __init__(self, tape: Recorder, dual: Dual, index: int | None) -> None:
        """Hold the numbers and the place on the tape; None for a constant."""
        self.tape = tape
        self.dual = dual
        self.index = index

    @property
    def xp(self) -> Any:
        """The tape's vocabulary."""
        return self.tape.xp

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return self.dual.shape

    @property
    def ndim(self) -> int:
        """Number of its axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of its elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def dtype(self) -> str:
        """Name of the dtype it stands for."""
        return self.dual.dtype

    def unanimous(self) -> np.ndarray[Any, Any]:
        """Return integers or booleans on which all runs agree.

        Raises:
            SplitError: If they do not.
        """
        value = self.dual.value
        if is_floating(self.dtype):
            raise TypeError(f"Expected integers or booleans, got {self.dtype}.")
        if value.shape[-1] > 1 and (value != value[..., :1]).any():
            raise SplitError
        return np.asarray(value[..., 0])

    def __bool__(self) -> bool:
        """Decide a branch, if every run decides it alike."""
        if self.size != 1:
            raise ValueError(f"The truth of an array of shape {self.shape} is ambiguous; use xp.where.")
        variable = self if not is_floating(self.dtype) else self.tape.xp.not_equal(self, 0)
        return bool(variable.unanimous().reshape(()))

    def __index__(self) -> int:
        """Use as an index."""
        return int(self.unanimous().reshape(()))

    def __len__(self) -> int:
        """Length of the first axis."""
        if not self.shape:
            raise TypeError("len() of an array without axes")
        return self.shape[0]

    def __iter__(self) -> Iterator[Variable]:
        """Go through the first axis."""
        return (self[number] for number in range(len(self)))


class Recorder(ABC):
    """What variables stand on.

    Attributes:
        arithmetic: The kind of number.
        tie: The weight of the first of equal branches, in [0, 1]: 1 takes the first, 0 the last, ½ splits evenly.
        ties: How many ties were met.
        xp: The vocabulary, on these variables.
    """

    xp: Namespace

    def __init__(self, arithmetic: Arithmetic, tie: float = 0.5) -> None:
        """Start empty."""
        self.arithmetic = arithmetic
        self.tie = tie
        self.ties = 0
        self._parents: list[list[tuple[int, Callable[[Dual], Dual]]]] = []

    @abstractmethod
    def resolve(self, operation: Operation) -> Callable[..., Any]:
        """Find what stands for a row on these variables, bare: nobody who listens hears that call.

        Raises:
            CaseError: If the row has no meaning that can be run.
        """

    def variable(self, value: Component, tangent: Component | None = None, dtype: str | None = None) -> Variable:
        """Put an input on the tape, with a tangent where directional derivatives are wanted."""
        return self.record(Dual(self.arithmetic, value, tangent, dtype or self.arithmetic.dtype), [], tracked=True)

    def input(self, array: np.ndarray[Any, Any]) -> Variable:
        """Put an array of exact numbers on the tape; integers and booleans become constants."""
        if array.dtype.kind in "iub":
            return self.constant(array)
        dtype = self.dtype_of(array)
        return self.variable(self.arithmetic.lift(array, dtype), dtype=dtype)

    def dtype_of(self, array: np.ndarray[Any, Any]) -> str:
        """Name the dtype that an input's exact numbers stand for: the arithmetic's, or the complex one beside it."""
        kind = type(array.flat[0]).__name__ if array.dtype == object and array.size else array.dtype.name
        return complex_of(self.arithmetic.dtype) if kind.startswith(("complex", "acb")) else self.arithmetic.dtype

    def constant(self, value: Any, dtype: str | None = None) -> Variable:
        """Lift numbers to an array that has no derivative."""
        if isinstance(value, Variable):
            return value
        if isinstance(value, (int, float, complex)) and not isinstance(value, (bool, np.generic)):
            kind = dtype or (self.arithmetic.dtype if isinstance(value, (float, complex)) else "int64")
            kind = complex_of(kind) if isinstance(value, complex) else kind
            if is_floating(kind):
                return Variable(self, Dual(self.arithmetic, self.arithmetic.scalar(value, kind), None, kind), None)
        if isinstance(value, (list, tuple)) and any(isinstance(part, Variable) for part in value):
            return self.xp.stack([self.constant(part, dtype) for part in value])  # type: ignore[no-any-return]
        array = np.asarray(value)
        kind = dtype or ("bool" if array.dtype.kind == "b" else "int64" if array.dtype.kind in "iu" else "")
        kind = kind or (array.dtype.name if isinstance(value, np.ndarray | np.generic) else self.arithmetic.dtype)
        if not is_floating(kind):
            return Variable(self, Dual(self.arithmetic, array.astype(kind)[..., None], None, kind), None)
        return Variable(self, Dual(self.arithmetic, self.arithmetic.lift(array, kind), None, kind), None)

    def record(
        self, dual: Dual, parents: Sequence[tuple[Variable, Callable[[Dual], Dual]]], *, tracked: bool = False
    ) -> Variable:
        """Put a result on the tape.

        Args:
            dual: The numbers.
            parents: Each array it was made of, with the map from the result's adjoint to that array's share.
            tracked: Put it there even if no parent is on the tape.
        """
        kept = [(parent.index, pullback) for parent, pullback in parents if parent.index is not None]
        if not (kept or tracked):
            return Variable(self, dual, None)
        self._parents.append(kept)
        return Variable(self, dual, len(self._parents) - 1)

    def gradients(
        self, outputs: Sequence[Variable], cotangents: Sequence[Component], inputs: Sequence[Variable]
    ) -> list[Dual]:
        """Sweep backward.

        Args:
            outputs: Results on the tape.
            cotangents: One component for each of them, of its shape.
            inputs: What to differentiate with respect to.

        Returns:
            For each input the VJP as its value, and, where tangents were carried, the HVP as its tangent. An input
            that no output depends on gets zeros.
        """
        adjoints: dict[int, Dual] = {}

        def accumulate(index: int, share: Dual) -> None:
            adjoints[index] = share if index not in adjoints else adjoints[index] + share

        for output, cotangent in zip(outputs, cotangents, strict=True):
            if output.index is not None:
                accumulate(output.index, Dual(self.arithmetic, cotangent, None, output.dtype))
        wanted = {variable.index for variable in inputs}
        self.arithmetic.sweeping = True
        for index in range(len(self._parents) - 1, -1, -1):
            adjoint = adjoints.get(index) if index in wanted else adjoints.pop(index, None)
            if adjoint is not None:
                for parent, pullback in self._parents[index]:
                    accumulate(parent, pullback(adjoint))
        self.arithmetic.sweeping = False
        found = []
        for variable in inputs:
            zeros = Dual(
                self.arithmetic, self.arithmetic.zeros((*variable.shape, 1), variable.dtype), None, variable.dtype
            )
            found.append(zeros if variable.index is None else adjoints.get(variable.index, zeros))
        return found


def unbroadcast(adjoint: Dual, shape: tuple[int, ...]) -> Dual:
    """Sum an adjoint over the axes along which an array of this shape was broadcast."""
    extra = len(adjoint.shape) - len(shape)
    axes = tuple(range(extra)) + tuple(
        extra + number for number, size in enumerate(shape) if size == 1 and adjoint.shape[extra + number] != 1
    )
    if not axes:
        return adjoint
    arithmetic, dtype = adjoint.arithmetic, adjoint.dtype
    summed = Dual(
        arithmetic,
        arithmetic.total(adjoint.value, axes, dtype),
        None if adjoint.tangent is None else arithmetic.total(adjoint.tangent, axes, dtype),
        dtype,
    )
    return summed.map(lambda part: part.reshape((*shape, part.shape[-1])))
