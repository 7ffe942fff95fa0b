"""The tape: runs a case once on any kind of number, and sweeps backward for its derivatives.

One run gives the value and, where inputs carry tangents, the JVP; the reverse sweep gives the VJP, and the tangent
part of the sweep the HVP. Hand-written pullbacks exist only for linear maps, reductions, indexing and selections
(`primitives`); everything else is made of them, or takes its derivatives from the arithmetic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.errors import CaseError
from harness.operations.formats import complex_of
from harness.operations.namespace import Namespace
from harness.operations.operation import PRIMITIVE, Elementwise
from harness.operations.operators import BINARY, COMPARISONS
from harness.operations.table import CONSTANTS, OPERATIONS
from harness.reference.arithmetic import Dual, SplitError, is_floating

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.operations.operation import Operation
    from harness.reference.arithmetic import Arithmetic, Component

__all__ = ["Pullback", "Tape", "Variable", "unbroadcast"]

Pullback = "Callable[[Dual], Dual]"

_DTYPES = ("float16", "bfloat16", "float32", "float64", "int32", "int64", "bool", "complex64", "complex128")


class Variable:
    """An array on the tape, as a case sees it: operators, `shape`, `ndim`, `dtype`, indexing."""

    __slots__ = ("dual", "index", "tape")
    __array_ufunc__ = None

    def __init__(self, tape: Tape, dual: Dual, index: int | None) -> None:
        """Hold the numbers and the place on the tape; None for a constant."""
        self.tape = tape
        self.dual = dual
        self.index = index

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
        """Give integers or booleans on which all runs agree.

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

    def __getitem__(self, key: Any) -> Variable:
        """Index with integers, slices, `...`, None and integer arrays."""
        return self.tape.primitive("getitem")(self, key)  # type: ignore[no-any-return]  # looked up by name

    if TYPE_CHECKING:  # `_install` makes these, below.
        __hash__: None  # type: ignore[assignment]  # == compares elements

        def __add__(self, other: Any) -> Variable: ...
        def __radd__(self, other: Any) -> Variable: ...
        def __sub__(self, other: Any) -> Variable: ...
        def __rsub__(self, other: Any) -> Variable: ...
        def __mul__(self, other: Any) -> Variable: ...
        def __rmul__(self, other: Any) -> Variable: ...
        def __truediv__(self, other: Any) -> Variable: ...
        def __rtruediv__(self, other: Any) -> Variable: ...
        def __pow__(self, other: Any) -> Variable: ...
        def __rpow__(self, other: Any) -> Variable: ...
        def __matmul__(self, other: Any) -> Variable: ...
        def __rmatmul__(self, other: Any) -> Variable: ...
        def __and__(self, other: Any) -> Variable: ...
        def __rand__(self, other: Any) -> Variable: ...
        def __or__(self, other: Any) -> Variable: ...
        def __ror__(self, other: Any) -> Variable: ...
        def __xor__(self, other: Any) -> Variable: ...
        def __rxor__(self, other: Any) -> Variable: ...
        def __lt__(self, other: Any) -> Variable: ...
        def __le__(self, other: Any) -> Variable: ...
        def __gt__(self, other: Any) -> Variable: ...
        def __ge__(self, other: Any) -> Variable: ...
        def __eq__(self, other: object) -> Variable: ...  # type: ignore[override]
        def __ne__(self, other: object) -> Variable: ...  # type: ignore[override]

    def _call(self, name: str, *arguments: Any) -> Any:
        return getattr(self.tape.xp, name)(*arguments)

    def __neg__(self) -> Variable:
        """-x."""
        return self._call("negative", self)  # type: ignore[no-any-return]

    def __pos__(self) -> Variable:
        """+x."""
        return self

    def __abs__(self) -> Variable:
        """|x|."""
        return self._call("abs", self)  # type: ignore[no-any-return]

    def __invert__(self) -> Variable:
        """Logical not."""
        return self._call("logical_not", self)  # type: ignore[no-any-return]


def _install(name: str, word: str) -> None:
    """Give `Variable` a binary operator and, where there is one, its reflection."""

    def forward(self: Variable, other: Any) -> Any:
        return getattr(self.tape.xp, word)(self, other)

    def reflected(self: Variable, other: Any) -> Any:
        return getattr(self.tape.xp, word)(other, self)

    forward.__doc__ = reflected.__doc__ = OPERATIONS[word].summary
    setattr(Variable, f"__{name}__", forward)
    if name in BINARY:
        setattr(Variable, f"__r{name}__", reflected)


for _name, _word in (BINARY | COMPARISONS).items():
    _install(_name, _word)
Variable.__hash__ = None  # type: ignore[assignment]  # == compares elements


class Tape:
    """Records a run.

    Args:
        arithmetic: The kind of number.
        tie: The weight of the first of equal branches, in [0, 1]: 1 takes the first, 0 the last, ½ splits evenly.

    Attributes:
        arithmetic: The kind of number.
        tie: As given.
        ties: How many ties were met.
        moving: Whether what a program stops the gradient of still moves with the tangents: so for second derivatives,
            where the first derivative that a program states moves. Not so for JVPs, which are that first derivative.
        stopped: Whether any gradient was stopped.
        alternative: Which program of a row is run: 0 for the first, others by number; a row that has no such one runs
            its first.
        alternatives: The largest number that any row so far has a program for.
        xp: The vocabulary, on this tape.
    """

    def __init__(self, arithmetic: Arithmetic, tie: float = 0.5) -> None:
        """Start empty."""
        self.moving = False
        self.stopped = False
        self.alternative = 0
        self.alternatives = 0
        self.arithmetic = arithmetic
        self.tie = tie
        self.ties = 0
        self._parents: list[list[tuple[int, Callable[[Dual], Dual]]]] = []
        words: dict[str, Any] = {name: name for name in _DTYPES}
        words |= {"stop_gradient": self._stop_gradient, "constant": self._still, "with_value": self._with_value}
        words |= {"root_of_unity": self._root_of_unity}
        self.xp = Namespace(OPERATIONS, self._resolve, CONSTANTS | words)

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

    def primitive(self, name: str) -> Callable[..., Any]:
        """Find a primitive by name."""
        from harness.reference.primitives import PRIMITIVES

        found = PRIMITIVES[name.rpartition(".")[2]]
        return lambda *arguments, **keywords: found(self, *arguments, **keywords)

    def finish(self, operation: Operation, result: Any) -> Any:
        """See every operation's result before the case does. Faults are planted here, by a subclass."""
        del operation
        return result

    def _resolve(self, operation: Operation) -> Callable[..., Any]:
        meaning = operation.meaning
        if meaning is PRIMITIVE:
            call = self.primitive(operation.name)
        elif isinstance(meaning, Elementwise):
            call = self._elementwise(operation)
            if not self.arithmetic.exact:
                call = self._plainly(self._program(operation, call), call)
        elif callable(meaning):
            definition: Callable[..., Any] = meaning
            if not self.arithmetic.exact:
                definition = self._program(operation, definition)

            def call(*arguments: Any, **keywords: Any) -> Any:
                lifted = (self._lift(argument) for argument in arguments)
                return definition(self.xp, *lifted, **keywords)

        else:
            raise CaseError(f"The row of {operation.name!r} has no meaning that the tape can run.")
        return lambda *arguments, **keywords: self.finish(operation, call(*arguments, **keywords))

    def _program(self, operation: Operation, definition: Callable[..., Any]) -> Callable[..., Any]:
        """Choose among the programs of a row."""
        self.alternatives = max(self.alternatives, len(operation.others))
        if 0 < self.alternative <= len(operation.others):
            return operation.others[self.alternative - 1]
        return operation.program or definition

    def _plainly(self, program: Callable[..., Any], own: Callable[..., Any]) -> Callable[..., Any]:
        """Run a program of an elementwise row, which may ask for the row's own value; that is no program again."""
        if program is own:
            return own

        def call(x: Any) -> Any:
            if not self.alternative:
                return own(x)
            held, self.alternative = self.alternative, 0
            try:
                return program(self.xp, self._lift(x))
            finally:
                self.alternative = held

        return call

    def _still(self, x: Any) -> Variable:
        """Forget where an array comes from, and that it moves."""
        dual = self.constant(x).dual
        return Variable(self, Dual(self.arithmetic, dual.value, None, dual.dtype), None)

    def _stop_gradient(self, x: Any) -> Variable:
        """Forget where an array comes from; of a tape that is moving, not that it moves."""
        dual = self.constant(x).dual
        self.stopped = True
        return Variable(
            self, Dual(self.arithmetic, dual.value, dual.tangent if self.moving else None, dual.dtype), None
        )

    def _with_value(self, value: Any, carrier: Any) -> Variable:
        """Take the value of one array and the derivative of another."""
        given, other = self.constant(value).dual, self.constant(carrier)
        tangent = given.tangent if self.moving and given.tangent is not None else other.dual.tangent
        dual = Dual(self.arithmetic, given.value, tangent, given.dtype)
        return self.record(dual, [(other, lambda adjoint: adjoint)])

    def _root_of_unity(self, powers: Any, length: int, dtype: str) -> Variable:
        """Make e^(2πi p/n) for whole numbers p."""
        dtype = complex_of(dtype)
        places = np.asarray(powers, dtype=np.int64)
        return Variable(self, Dual(self.arithmetic, self.arithmetic.roots(places, length, dtype), None, dtype), None)

    def _lift(self, argument: Any) -> Any:
        return self.constant(argument) if isinstance(argument, np.ndarray) else argument

    def _elementwise(self, operation: Operation) -> Callable[..., Any]:
        def call(x: Any) -> Variable:
            variable = self.constant(float(x) if isinstance(x, int) else x)
            if not is_floating(variable.dtype):
                raise TypeError(f"xp.{operation.name} expected floating-point numbers, got {variable.dtype}.")
            dual = variable.dual
            result = dual.apply(operation)
            return self.record(
                result, [(variable, lambda adjoint: adjoint * dual.derivative(operation, result).conjugate())]
            )

        return call


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
