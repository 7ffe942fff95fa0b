"""What a worker does to say what a case costs: it runs the case once on NumPy's arrays, and counts what is called.

The numbers are computed, since a loop or a branch may depend on them. An operation is counted where the case calls it:
a row's own count, or else the operations that its definition is made of; its bytes are those of its arguments and of
its results, whatever it is made of inside (`harness.operations.costs`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from harness import messages
from harness.adapters.numpy import NumpyAdapter
from harness.collect.registry import load_case
from harness.operations import costs
from harness.operations.namespace import Namespace, UnsupportedOperationError
from harness.operations.operation import Elementwise
from harness.operations.operators import BINARY, COMPARISONS, UNARY
from harness.operations.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.operations.costs import Cost
    from harness.operations.operation import Operation

__all__ = ["Counted", "Counter", "Counting"]

_ELEMENTWISE = costs.elementwise()
_NARROW = {"bfloat16": ("float32", 2)}
"""dtypes that NumPy lacks: what it computes in instead, and how many bytes a number really has."""


class _UncountableError(Exception):
    """A branch depends on numbers that were not computed."""


class Counter:
    """Counts what is called through its namespace.

    Args:
        dtype: The dtype of the computation, whose size its numbers have.

    Attributes:
        xp: The vocabulary.
        flops: Floating-point operations so far; NaN from the first operation on that has no count.
        traffic: Bytes so far.
        uncounted: The operations that have no count, as the case called them, in that order.
    """

    def __init__(self, dtype: str) -> None:
        """Start at nothing."""
        self._plain = NumpyAdapter().bare("value", "float32")
        self._narrow = _NARROW.get(dtype)
        self._sums = [0.0]
        self._inside = 0
        self._standing_in = ""
        self.traffic = 0
        self.uncounted: dict[str, None] = {}
        # The words that a definition has for its derivatives: here there are only values.
        words = {"stop_gradient": _same, "constant": _same, "with_value": _same}
        self.xp = Namespace(OPERATIONS, self._resolve, self._plain.constants() | words)

    @property
    def flops(self) -> float:
        """Floating-point operations so far."""
        return self._sums[0]

    def known(self) -> None:
        """Ask for numbers that must have been computed.

        Raises:
            _UncountableError: If something stood in for what NumPy lacks.
        """
        if self._standing_in:
            raise _UncountableError(self._standing_in)

    def pick(self, array: Counted, key: Any) -> Counted:
        """Index an array: a view for integers and slices, a copy of what is picked otherwise."""
        plain = _plain(key)
        result = np.asarray(array.array[plain])
        parts = plain if isinstance(plain, tuple) else (plain,)
        indices = [part for part in parts if isinstance(part, (list, np.ndarray))]
        cost = costs.PICKING if indices else costs.VIEW
        self._move(cost, result, (array.array, *indices), {})
        return Counted(self, result)

    def _resolve(self, operation: Operation) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            return self._call(operation, arguments, keywords)

        return call

    def _call(self, operation: Operation, arguments: Sequence[Any], keywords: dict[str, Any]) -> Any:
        cost, meaning = operation.cost, operation.meaning
        if cost is not None and cost.through and callable(meaning):
            return meaning(self.xp, *arguments, **keywords)
        plain = [_plain(one) for one in arguments]
        named = {name: _plain(one) for name, one in keywords.items()}
        if cost is None and isinstance(meaning, Elementwise):
            cost = _ELEMENTWISE
        if cost is None and callable(meaning):
            result, flops = self._defined(meaning, arguments, keywords)
        else:
            result = self._computed(operation, plain, named)
            flops = math.nan if cost is None else self._flops(cost, result, plain, named)
        if math.isnan(flops) and not self._inside:
            self.uncounted.setdefault(operation.name)
        self._sums[-1] += flops
        self._move(cost, result, plain, named)
        return self._counted(result)

    def _defined(
        self, meaning: Callable[..., Any], arguments: Sequence[Any], keywords: dict[str, Any]
    ) -> tuple[Any, float]:
        """Run a definition, and give its result and what the operations in it come to."""
        self._sums.append(0.0)
        self._inside += 1
        try:
            lifted = [self._counted(one) if isinstance(one, np.ndarray) else one for one in arguments]
            result = meaning(self.xp, *lifted, **keywords)
        finally:
            self._inside -= 1
            flops = self._sums.pop()
        return _plain(result), flops

    def _computed(self, operation: Operation, arguments: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """Compute what a row of a known cost gives, with NumPy's function, its definition, or by standing in."""
        try:
            return self._plain.resolve(operation)(*arguments, **keywords)
        except UnsupportedOperationError:
            meaning = operation.meaning
            if callable(meaning):
                return self._defined(meaning, [self._counted(one) for one in arguments], keywords)[0]
            # Of a function that NumPy lacks, only the shape of the result is needed, unless a branch depends on it.
            self._standing_in = operation.name
            return np.array(arguments[-1])

    def _flops(self, cost: Cost, result: Any, arguments: Sequence[Any], keywords: dict[str, Any]) -> float:
        kinds = {one.dtype.kind for one in _arrays((result, arguments, keywords))}
        if not kinds & set("fc"):
            return 0.0
        found = cost.flops(result, *arguments, **keywords)
        if "c" in kinds:
            found = None if found is None or cost.factor is None else cost.factor * found
        return math.nan if found is None else float(found)

    def _move(self, cost: Cost | None, result: Any, arguments: Sequence[Any], keywords: dict[str, Any]) -> None:
        if self._inside:
            return
        if cost is None or cost.traffic is None:
            moved: Any = (result, arguments, keywords)
        else:
            moved = list(cost.traffic(result, *arguments, **keywords))
        distinct = {_place(one): one for one in _arrays(moved)}
        self.traffic += sum(self._bytes(one) for one in distinct.values())

    def _bytes(self, array: Any) -> int:
        if self._narrow is not None and array.dtype.name == self._narrow[0]:
            return int(array.size) * self._narrow[1]
        return int(array.size) * int(array.dtype.itemsize)

    def _counted(self, value: Any) -> Any:
        if isinstance(value, (np.ndarray, np.generic)):
            return Counted(self, np.asarray(value))
        if isinstance(value, (list, tuple)) and any(isinstance(one, (np.ndarray, np.generic)) for one in value):
            return tuple(self._counted(one) for one in value)
        return value


class Counted:
    """An array whose operations are counted: operators, `shape`, `ndim`, `dtype`, indexing."""

    __slots__ = ("array", "counter")
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]  # == compares elements

    def __init__(self, counter: Counter, array: np.ndarray[Any, Any]) -> None:
        """Hold the numbers."""
        self.counter = counter
        self.array = array

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""
        return tuple(self.array.shape)

    @property
    def ndim(self) -> int:
        """Number of its axes."""
        return self.array.ndim

    @property
    def size(self) -> int:
        """Number of its elements."""
        return self.array.size

    @property
    def dtype(self) -> Any:
        """Its dtype."""
        return self.array.dtype

    def __bool__(self) -> bool:
        """Decide a branch."""
        self.counter.known()
        return bool(self.array)

    def __index__(self) -> int:
        """Use as an index."""
        self.counter.known()
        return int(self.array)

    def __len__(self) -> int:
        """Length of the first axis."""
        return len(self.array)

    def __iter__(self) -> Iterator[Counted]:
        """Go through the first axis."""
        return (self[number] for number in range(len(self)))

    def __getitem__(self, key: Any) -> Counted:
        """Index."""
        return self.counter.pick(self, key)


def _install(method: str, word: str, *, reflected: bool = False) -> None:
    def call(self: Counted, *others: Any) -> Any:
        operands = (*others, self) if reflected else (self, *others)
        return getattr(self.counter.xp, word)(*operands)

    call.__doc__ = OPERATIONS[word].summary
    setattr(Counted, f"__{method}__", call)


for _name, _word in (UNARY | BINARY | COMPARISONS).items():
    _install(_name, _word)
for _name, _word in BINARY.items():
    _install(f"r{_name}", _word, reflected=True)


class Counting:
    """The handler of a worker that counts."""

    def hello(self) -> dict[str, Any]:
        """Say nothing."""
        return {}

    def handle(self, header: dict[str, Any], arrays: list[np.ndarray[Any, Any]]) -> tuple[dict[str, Any], list[Any]]:
        """Count one case on one sample.

        Args:
            header: Of a `messages.Count`.
            arrays: The sample's arrays, in the dtype of the check; bfloat16 as float32.

        Returns:
            The header of a `messages.Counted`.
        """
        request = messages.Count.of(header)
        case = load_case(**request.case.header())
        counter = Counter(request.dtype)
        try:
            case.function(counter.xp, *(Counted(counter, one) for one in arrays), **request.parameters)
        except _UncountableError as error:
            return messages.Counted(uncounted=(str(error),)).header(), []
        unknown = math.isnan(counter.flops)
        flops = None if unknown else counter.flops
        found = messages.Counted(flops=flops, traffic=counter.traffic, uncounted=tuple(counter.uncounted))
        return found.header(), []


def _same(value: Any, carrier: Any = None) -> Any:
    del carrier
    return value


def _plain(value: Any) -> Any:
    """Take the arrays out of what a case passes."""
    if isinstance(value, Counted):
        return value.array
    if isinstance(value, (list, tuple)):
        return (
            type(value)([_plain(one) for one in value]) if type(value) in {list, tuple} else tuple(map(_plain, value))
        )
    return value


def _place(array: Any) -> Any:
    """Say what memory an array is in: a matrix and its transpose are read once."""
    return (array.ctypes.data, array.nbytes) if isinstance(array, np.ndarray) else id(array)


def _arrays(value: Any) -> Iterator[Any]:
    """Give the arrays in what was passed; Python's own numbers are part of the program."""
    if isinstance(value, dict):
        yield from _arrays([*value.values()])
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _arrays(one)
    elif isinstance(value, (np.ndarray, np.generic, costs.Like)):
        yield value
