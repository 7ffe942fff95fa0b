"""What a worker does to say what a case costs: it runs the case once on NumPy's arrays, and counts what is called.

The numbers are computed, since a loop or a branch may depend on them. An operation is counted where the case calls it:
a row's own count, or else the operations that its definition is made of; its bytes are those of its arguments and of
its results, whatever it is made of inside (`harness.operations.costs`).
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from harness import messages
from harness.adapters.numpy import NumpyAdapter
from harness.collect.registry import load_case
from harness.operations import costs
from harness.operations.namespace import Listener, Namespace, UnsupportedOperationError, heard
from harness.operations.operation import Elementwise
from harness.operations.operators import INDEXING, Operand
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


class Counter(Listener):
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
        self._standing_in = ""
        self.traffic = 0
        self.uncounted: dict[str, None] = {}
        # The words that a definition has for its derivatives: here there are only values.
        words = {"stop_gradient": _same, "constant": _same, "with_value": _same}
        words |= {"getitem": heard(self, INDEXING, self._pick)}
        self.xp = Namespace(OPERATIONS, self._resolve, self._plain.constants() | words, listener=self)

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

    def around(
        self, operation: Operation, call: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        """Count a call: by its row, or by what it called while it ran."""
        cost = operation.cost
        if cost is not None and cost.through:
            return call(*arguments, **keywords)
        self._sums.append(0.0)
        try:
            result = call(*arguments, **keywords)
        finally:
            flops = self._sums.pop()
        plain, given, named = _plain(result), _plain(arguments), {name: _plain(one) for name, one in keywords.items()}
        if not _is_defined(operation):
            cost = _ELEMENTWISE if cost is None and isinstance(operation.meaning, Elementwise) else cost
            flops = math.nan if cost is None else self._flops(cost, plain, given, named)
        if math.isnan(flops) and self.depth == 1:
            self.uncounted.setdefault(operation.name)
        self._sums[-1] += flops
        if self.depth == 1:
            self._move(cost, plain, given, named)
        return result

    def _resolve(self, operation: Operation) -> Callable[..., Any]:
        """Find what computes an operation: its definition, where that is what counts, or else NumPy's function."""
        meaning = operation.meaning
        through = operation.cost is not None and operation.cost.through
        if callable(meaning) and (through or _is_defined(operation)):
            return functools.partial(self._defined, meaning)
        return functools.partial(self._computed, operation)

    def _defined(self, meaning: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        lifted = [self._counted(one) if isinstance(one, np.ndarray) else one for one in arguments]
        return self._counted(meaning(self.xp, *lifted, **keywords))

    def _computed(self, operation: Operation, *arguments: Any, **keywords: Any) -> Any:
        """Compute what a row of a known cost gives, with NumPy's function, its definition, or by standing in."""
        plain, named = _plain(arguments), {name: _plain(one) for name, one in keywords.items()}
        try:
            return self._counted(self._plain.resolve(operation)(*plain, **named))
        except UnsupportedOperationError:
            if callable(operation.meaning):
                return self._defined(operation.meaning, *arguments, **keywords)
            # Of a function that NumPy lacks, only the shape of the result is needed, unless a branch depends on it.
            self._standing_in = operation.name
            return self._counted(np.array(plain[-1]))

    def _pick(self, x: Counted, key: Any) -> Counted:
        return Counted(self, np.asarray(x.array[_plain(key)]))

    def _flops(self, cost: Cost, result: Any, arguments: Sequence[Any], keywords: dict[str, Any]) -> float:
        kinds = {one.dtype.kind for one in _arrays((result, arguments, keywords))}
        if not kinds & set("fc"):
            return 0.0
        found = cost.flops(result, *arguments, **keywords)
        if "c" in kinds:
            found = None if found is None or cost.factor is None else cost.factor * found
        return math.nan if found is None else float(found)

    def _move(self, cost: Cost | None, result: Any, arguments: Sequence[Any], keywords: dict[str, Any]) -> None:
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


class Counted(Operand):
    """An array whose operations are counted: operators, `shape`, `ndim`, `dtype`, indexing."""

    __slots__ = ("array", "counter")

    def __init__(self, counter: Counter, array: np.ndarray[Any, Any]) -> None:
        """Hold the numbers."""
        self.counter = counter
        self.array = array

    @property
    def xp(self) -> Any:
        """The counter's vocabulary."""
        return self.counter.xp

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


def _is_defined(operation: Operation) -> bool:
    """Whether a row has no count of its own, but a definition whose operations have."""
    return operation.cost is None and not isinstance(operation.meaning, Elementwise) and callable(operation.meaning)


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
    """Return the arrays in what was passed; Python's own numbers are part of the program."""
    if isinstance(value, dict):
        yield from _arrays([*value.values()])
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _arrays(one)
    elif isinstance(value, (np.ndarray, np.generic, costs.Like)):
        yield value
