"""The vocabulary of what can be wrong: in what comes out, in what goes in, in which call, in one operation.

A fault stands around a prepared computation (`around`), or listens to the operations of the tape (`listener`). Everything
else about the adapter is right: it is NumPy's tape, whose special functions are Arb's, rounded.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.adapters.numpy import NumpyAdapter
from harness.adapters.numpy_derivatives import NumpyDerivatives
from harness.operations.namespace import Listener, UnsupportedOperationError
from harness.operations.operators import INDEXING
from harness.quantity import KINDS
from harness.reference.arithmetic import Dual, is_floating
from harness.reference.evaluate import outputs_of
from harness.reference.floats import Floats
from harness.reference.stochastic import through_arb
from harness.reference.tape import Tape
from harness.reference.variables import Variable
from tests.fakes import Complete

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from harness.operations.operation import Operation
    from harness.reference.arithmetic import Component

    Array = np.ndarray[Any, Any]
    Spoil = Callable[[Array], Any]
    Call = Callable[..., Any]

__all__ = [
    "Arguments",
    "Broadcast",
    "Calls",
    "Fault",
    "FirstOrder",
    "Given",
    "Input",
    "Instead",
    "Kernel",
    "Memory",
    "Out",
    "Result",
    "WrongAdapter",
]

EVERY = tuple(KINDS)
DERIVED = tuple(name for name, kind in KINDS.items() if kind.is_derivative)


class Fault:
    """Something wrong. This one is nothing."""

    def around(self, kind: str, mode: str, prepared: Call, adapter: WrongAdapter, making: Mapping[str, Any]) -> Call:
        """Stand around a prepared computation of a kind of quantity; `making` is what it was prepared with."""
        return prepared

    def listener(self) -> Listener | None:
        """Listen to every operation."""
        return None


def _mapped(spoil: Spoil, result: Any, first_only: bool = False) -> Any:
    if not isinstance(result, tuple):
        return spoil(np.asarray(result))
    return tuple(spoil(np.asarray(one)) if number == 0 or not first_only else one for number, one in enumerate(result))


@dataclass
class Out(Fault):
    """Spoils arrays on their way out.

    Attributes:
        spoil: What is done to each.
        kinds: Of which quantities.
        modes: In which modes; empty for all.
        call: In which call of a prepared computation, counted from 1; 0 for all, -1 for all but the first.
        first: Only the first of several arrays.
    """

    spoil: Spoil
    kinds: Sequence[str] = EVERY
    modes: Sequence[str] = ()
    call: int = 0
    first: bool = False

    def around(self, kind: str, mode: str, prepared: Call, adapter: WrongAdapter, making: Mapping[str, Any]) -> Call:
        """Spoil what comes out."""
        if kind not in self.kinds or (self.modes and mode not in self.modes):
            return prepared
        numbers = itertools.count(1)

        def call(*arguments: Any) -> Any:
            number, result = next(numbers), prepared(*arguments)
            here = self.call in {0, number} or (self.call == -1 and number > 1)
            return _mapped(self.spoil, result, self.first) if here else result

        return call


@dataclass
class Given(Fault):
    """Changes what a prepared computation is called with.

    Attributes:
        change: From all arguments to all arguments.
        kinds: Of which quantities.
    """

    change: Callable[..., tuple[Any, ...]]
    kinds: Sequence[str]

    def around(self, kind: str, mode: str, prepared: Call, adapter: WrongAdapter, making: Mapping[str, Any]) -> Call:
        """Change the arguments."""
        return prepared if kind not in self.kinds else lambda *arguments: prepared(*self.change(*arguments))


@dataclass
class Calls(Fault):
    """Replaces a prepared computation by another one.

    Attributes:
        make: `(prepared, adapter, making) -> call`.
        kinds: Of which quantities.
        modes: In which modes; empty for all.
    """

    make: Callable[[Call, WrongAdapter, Mapping[str, Any]], Call]
    kinds: Sequence[str] = EVERY
    modes: Sequence[str] = ()

    def around(self, kind: str, mode: str, prepared: Call, adapter: WrongAdapter, making: Mapping[str, Any]) -> Call:
        """Replace it."""
        here = kind in self.kinds and (not self.modes or mode in self.modes)
        return self.make(prepared, adapter, making) if here else prepared


@dataclass
class Memory(Fault):
    """Gives an earlier result.

    Attributes:
        which: `previous` for that of the call before, `shape` for the first one whose arrays had these shapes, `first`
            for the very first.
        kinds: Of which quantities.
        modes: In which modes; empty for all.
    """

    which: str
    kinds: Sequence[str] = EVERY
    modes: Sequence[str] = ()

    def around(self, kind: str, mode: str, prepared: Call, adapter: WrongAdapter, making: Mapping[str, Any]) -> Call:
        """Remember results."""
        if kind not in self.kinds or (self.modes and mode not in self.modes):
            return prepared
        kept: list[Any] = []
        by_shape: dict[Any, Any] = {}

        def call(*arguments: Any) -> Any:
            if self.which == "shape":
                shapes = repr([np.shape(one) for one in _flat(arguments)])
                if shapes not in by_shape:
                    by_shape[shapes] = prepared(*arguments)
                return by_shape[shapes]
            kept.append(prepared(*arguments))
            return kept[max(len(kept) - 2, 0) if self.which == "previous" else 0]

        return call


def _flat(arguments: Any) -> list[Any]:
    if isinstance(arguments, (tuple, list)):
        return [one for each in arguments for one in _flat(each)]
    return [arguments]


class _Hearing(Listener):
    """Does something at one operation, and leaves alone what happens inside of it."""

    def __init__(self, names: Sequence[str], do: Callable[..., Any]) -> None:
        self._names, self._do, self._inside = names, do, False

    def around(self, operation: Operation, call: Call, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Do it, if it is the operation's turn and a variable is among its arguments."""
        tape = _tape_of(arguments)
        if self._inside or operation is INDEXING or operation.name not in self._names or tape is None:
            return call(*arguments, **keywords)
        self._inside = True
        try:
            return self._do(tape, call, arguments, keywords)
        finally:
            self._inside = False


def _tape_of(arguments: Any) -> Any:
    return next((one.tape for one in _flat(arguments) if isinstance(one, Variable)), None)


class _AtOperation(Fault):
    """A fault in one operation."""

    operation: str

    def listener(self) -> Listener:
        """Listen for it."""
        return _Hearing(self.operation.split(), self.do)

    def do(self, tape: Any, call: Call, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Do what is wrong."""
        raise NotImplementedError


@dataclass
class Instead(_AtOperation):
    """Another definition, value and derivatives: `(xp, own, *arguments, **keywords)`, where `own` is the right call."""

    operation: str
    definition: Callable[..., Any]

    def do(self, tape: Any, call: Call, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call it."""
        return self.definition(tape.xp, call, *arguments, **keywords)


@dataclass
class Kernel(_AtOperation):
    """Another value, of plain arrays: `(*arrays, **keywords)`; the derivatives are those of the right one."""

    operation: str
    function: Callable[..., Any]

    def do(self, tape: Any, call: Call, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Put the value in."""
        result = call(*arguments, **keywords)
        plain = [one.dual.value[..., 0] if isinstance(one, Variable) else one for one in arguments]
        with np.errstate(all="ignore"):
            value = np.asarray(self.function(*plain, **keywords)).astype(result.dual.value.dtype)
        dual = result.dual
        wrong = Dual(tape.arithmetic, value.reshape(result.shape)[..., None], dual.tangent, dual.dtype)
        return (
            tape.record(wrong, [(result, lambda adjoint: adjoint)])
            if is_floating(result.dtype)
            else Variable(tape, wrong, None)
        )


@dataclass
class Result(_AtOperation):
    """One operation's result is spoiled: its value, its tangent, or the cotangent that comes back to it."""

    operation: str
    value: Spoil | None = None
    tangent: Spoil | None = None
    gradient: Spoil | None = None

    def do(self, tape: Any, call: Call, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Spoil it."""
        return _spoiled(call(*arguments, **keywords), self.value, self.tangent, self.gradient)


@dataclass
class Input(_AtOperation):
    """The gradient with respect to one argument of an operation is spoiled."""

    operation: str
    place: int
    gradient: Spoil

    def do(self, tape: Any, call: Call, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Spoil it."""
        changed = list(arguments)
        if isinstance(changed[self.place], Variable):
            changed[self.place] = _spoiled(changed[self.place], None, None, self.gradient)
        return call(*changed, **keywords)


@dataclass
class Arguments(_AtOperation):
    """The operation is called with other arguments or keywords: `(*arguments, **keywords) -> arguments, keywords`."""

    operation: str
    keywords: Mapping[str, Any] = field(default_factory=dict)
    order: Sequence[int] = ()

    def do(self, tape: Any, call: Call, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Change them."""
        chosen = tuple(arguments[place] for place in self.order) if self.order else arguments
        return call(*chosen, **{**keywords, **self.keywords})


@dataclass
class Broadcast(_AtOperation):
    """The sum that undoes a broadcast in the gradient is lost: `reduce(adjoint, axes)` stands in its place."""

    operation: str
    reduce: Callable[[Array, tuple[int, ...]], Array]

    def do(self, tape: Any, call: Call, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Broadcast by hand, with another way back."""
        shape = np.broadcast_shapes(
            *(np.shape(one) if not isinstance(one, Variable) else one.shape for one in arguments)
        )
        return call(*(self._broadcast(tape, one, shape) for one in arguments), **keywords)

    def _broadcast(self, tape: Any, one: Any, shape: tuple[int, ...]) -> Any:
        if not isinstance(one, Variable) or one.shape == shape or not is_floating(one.dtype):
            return one
        padded = (1,) * (len(shape) - one.ndim) + one.shape
        axes = tuple(place for place, size in enumerate(shape) if padded[place] != size)

        def out(part: Component) -> Component:
            return np.broadcast_to(part.reshape((*padded, part.shape[-1])), (*shape, part.shape[-1]))

        def back(part: Component) -> Component:
            return np.asarray(self.reduce(part, axes)).reshape((*one.shape, part.shape[-1])).astype(part.dtype)

        return tape.record(one.dual.map(out), [(one, lambda adjoint: adjoint.map(back))])


@dataclass
class FirstOrder(_AtOperation):
    """The gradient of an elementwise function does not move with its argument: second derivatives lose f″."""

    operation: str

    def do(self, tape: Any, call: Call, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Note the cotangent on its way in, and rebuild the product's tangent from it on its way out."""
        (x,) = arguments
        noted: list[Dual] = []

        def leave(adjoint: Dual) -> Dual:
            cotangent = noted[-1]
            if cotangent.tangent is None:
                return Dual(adjoint.arithmetic, adjoint.value, None, adjoint.dtype)
            with np.errstate(all="ignore"):
                slope = np.where(cotangent.value == 0, 0, adjoint.value / cotangent.value).astype(adjoint.value.dtype)
            return Dual(adjoint.arithmetic, adjoint.value, cotangent.tangent * slope, adjoint.dtype)

        def enter(adjoint: Dual) -> Dual:
            noted.append(adjoint)
            return adjoint

        result = call(tape.record(x.dual, [(x, leave)]), **keywords)
        return tape.record(result.dual, [(result, enter)])


def _spoiled(one: Any, value: Spoil | None, tangent: Spoil | None, gradient: Spoil | None) -> Any:
    if not isinstance(one, Variable) or not is_floating(one.dtype):
        return one
    dual, tape = one.dual, one.tape
    wrong = Dual(
        tape.arithmetic,
        dual.value if value is None else _on_component(value, dual.value),
        dual.tangent if tangent is None or dual.tangent is None else _on_component(tangent, dual.tangent),
        dual.dtype,
    )

    def back(adjoint: Dual) -> Dual:
        spoil = gradient
        return adjoint if spoil is None else adjoint.map(lambda part: _on_component(spoil, part))

    return tape.record(wrong, [(one, back)])


def _on_component(spoil: Spoil, part: Component) -> Component:
    found = [np.asarray(spoil(part[..., run])).astype(part.dtype) for run in range(part.shape[-1])]
    return np.stack(found, axis=-1)


class _Rounded(Floats):
    """Floats that round Arb's value where NumPy has no function, so that every operation can be made wrong."""

    def function(self, operation: Operation, a: Component, dtype: str) -> Component:
        """Take NumPy's, or else Arb's."""
        try:
            return super().function(operation, a, dtype)
        except UnsupportedOperationError:
            found = through_arb(lambda balls, x: balls.function(operation, x, dtype), a, dtype)
            return np.asarray(found, dtype=a.dtype)

    def taylor(self, operation: Operation, a: Component, order: int, dtype: str) -> list[Component]:
        """Take Arb's coefficients."""
        return [
            through_arb(lambda balls, x, place=place: balls.taylor(operation, x, order, dtype)[place], a, dtype).astype(
                a.dtype
            )
            for place in range(order)
        ]


class _Derivatives(NumpyDerivatives):
    """The tape, for values too, so that it hears operators."""

    def value(self, function: Call) -> Call:
        """Run the function on the tape."""

        def call(*arrays: Any) -> Any:
            inputs = [place for place, array in enumerate(arrays) if is_floating(array.dtype.name)]
            tape, given = self._tape(arrays, inputs)
            result = self._on(tape, function, given)
            found = tuple(np.array(one.dual.value[..., 0]) for one in outputs_of(tape, result).values())
            return found if isinstance(result, (tuple, list)) else found[0]

        return call

    def _on(self, tape: Any, function: Call, given: Sequence[Any]) -> Any:
        self._running = tape
        try:
            with np.errstate(all="ignore"):
                return function(*given)
        finally:
            self._running = None

    def _tape(self, arrays: Sequence[Any], inputs: Sequence[int], tangents: Sequence[Any] | None = None) -> Any:
        dtype = arrays[inputs[0]].dtype.name if inputs else "float32"
        tape = Tape(_Rounded(dtype), listener=self._listener())
        given: list[Any] = [tape.input(array) for array in arrays]
        for place, number in enumerate(inputs):
            direction = None if tangents is None else tangents[place][..., None]
            given[number] = tape.variable(arrays[number][..., None], direction, arrays[number].dtype.name)
        return tape, given


class WrongAdapter(Complete):
    """NumPy's tape with every quantity, and a fault in it.

    Attributes:
        fault: What is wrong.
    """

    name = "wrong"
    modes = ("eager", "compile")  # type: ignore[assignment]  # fewer than those of the fake
    paths = {}  # noqa: RUF012 - as the contract has it
    fault: Fault = Fault()

    def __init__(self, device: str = "cpu") -> None:
        super().__init__(device)
        self.listener = self.fault.listener()
        self._derivatives = _Derivatives(lambda: self.listener)
        self._making: dict[str, Any] = {}

    def vjp(self, function: Call, mode: str, inputs: Sequence[int], path: str = "") -> Call:
        self._making = {"function": function, "inputs": inputs}
        return super().vjp(function, mode, inputs, path)

    def hvp(self, function: Call, mode: str, inputs: Sequence[int], path: str = "") -> Call:
        self._making = {"function": function, "inputs": inputs}
        return super().hvp(function, mode, inputs, path)

    def vmap(self, function: Call, mode: str, path: str = "") -> Call:
        """Run the elements of a batch one by one."""
        value = NumpyAdapter.value(self, function, mode)

        def batched(*arrays: Any) -> Any:
            results = [value(*one) for one in zip(*arrays, strict=True)]
            if isinstance(results[0], tuple):
                return tuple(np.stack(parts) for parts in zip(*results, strict=True))
            return np.stack(results)

        return self._spoiled("vmap", mode, path, batched)

    def resolve(self, operation: Operation) -> Call:
        """Find the tape's word, where a tape is running; NumPy's elsewhere."""

        def call(*arguments: Any, **keywords: Any) -> Any:
            tape = _tape_of(arguments) or self._derivatives._running
            if tape is None:
                return NumpyAdapter.resolve(self, operation)(*arguments, **keywords)
            return tape.resolve(operation)(*arguments, **keywords)

        return call

    def _spoiled(self, kind: str, mode: str, path: str, prepared: Call) -> Call:
        return self.fault.around(kind, mode, prepared, self, dict(self._making))
