"""The adapter contract. An adapter imports its framework inside `__init__`, never at module level.

Adding a framework is one file with one class, and one name in `BUILT_IN`; or, outside this project,
`--adapter package.module:Class`, or the entry-point group `harness.adapters`. Nothing else knows frameworks by name.
"""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from harness.errors import AdapterError
from harness.operations.namespace import Namespace, UnsupportedOperationError
from harness.operations.table import CONSTANTS, OPERATIONS
from harness.operations.words import DEFINITION, SAME, Gap, at, word_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from harness.operations.namespace import Listener
    from harness.operations.operation import Operation
    from harness.operations.words import Column

__all__ = ["BUILT_IN", "Adapter", "NotOfferedError", "load"]

BUILT_IN = {
    "numpy": "harness.adapters.numpy:NumpyAdapter",
    "torch": "harness.adapters.torch:TorchAdapter",
    "tensorflow": "harness.adapters.tensorflow:TensorflowAdapter",
    "jax": "harness.adapters.jax:JaxAdapter",
}


class NotOfferedError(Exception):
    """A framework, or its adapter, does not offer a quantity or a path to it. The outcome is `unsupported`."""

    def __init__(self, framework: str, quantity: str, path: str = "", reason: str = "") -> None:
        """Say who does not offer what."""
        by = f" by {path}" if path else ""
        super().__init__(f"{framework} does not offer {quantity}{by}{': ' if reason else ''}{reason}")


class Adapter(ABC):
    """What drives one framework.

    Attributes:
        name: The backend's name.
        title: The framework's name as it is written in prose; empty where that is `name`.
        distributions: The distributions that must be installed, the framework's own first; its version is the
            backend's. Of `("tensorflow", "tensorflow-cpu")`-like alternatives, write `"tensorflow|tensorflow-cpu"`.
        words: What the framework calls an operation, where that is not the name it has in the array namespace
            (`harness.operations.words`).
        modes: `eager` first, then its compilers.
        dtypes: Names of the dtypes it can compute in.
        slow_modes: Modes that are left to the full profile, unless they are asked for by name.
        paths: Kind of quantity to the names of the further ways there are to it; the usual one has no name here.
        differentiates_natives: Whether a native implementation has derivatives: false where the framework has none of
            its own.
        transposes: What the VJP of a complex function is. False: its adjoint, conj(J)ᵀ w, so that the gradient of a real
            function points uphill. True: its transpose, Jᵀ w. Observations are converted to the adjoint.
        native_dtypes: Names of the dtypes in which native implementations run, where those are fewer than `dtypes`.
        environment: Environment variables to set before the worker starts: threads, flags, determinism.
        listener: Who hears every operation that is called through this adapter's namespaces, from when it is set on;
            by default nobody, and the words are the framework's bare functions.
        derivatives: What has methods of the same names and arguments as those below from `value_and_vjp` on, in an adapter
            whose derivatives stand in a module of their own; what neither has is not offered.
    """

    name: ClassVar[str]
    title: ClassVar[str] = ""
    distributions: ClassVar[tuple[str, ...]]
    words: ClassVar[Mapping[str, Column]] = {}
    modes: ClassVar[tuple[str, ...]] = ("eager",)
    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64")
    slow_modes: ClassVar[tuple[str, ...]] = ()
    paths: ClassVar[dict[str, tuple[str, ...]]] = {}
    differentiates_natives: ClassVar[bool] = True
    transposes: ClassVar[bool] = False
    native_dtypes: ClassVar[tuple[str, ...]] = ()
    environment: ClassVar[dict[str, str]] = {}
    listener: Listener | None = None
    derivatives: Any = None

    @abstractmethod
    def __init__(self, device: str = "cpu") -> None:
        """Import the framework and choose the device, `cpu` or `gpu`."""

    @abstractmethod
    def array(self, value: np.ndarray[Any, Any]) -> Any:
        """Make the framework's array, with the same bits, on the device. bfloat16 is ml_dtypes' dtype, here and back."""

    @abstractmethod
    def numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """Bring an array back, with the same bits and dtype."""

    @abstractmethod
    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        """Prepare `function(*arrays)` in a mode. What comes back can be called many times, with other arrays.

        Returns:
            A callable of arrays that returns what the function returns: an array or a tuple of arrays.
        """

    @abstractmethod
    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Prepare the vector-Jacobian product of a function in a mode.

        Args:
            function: A function of arrays.
            mode: One of `modes`.
            inputs: Positions of the arrays with respect to which to differentiate.
            path: Which of the framework's ways to do so, one of `paths["vjp"]`; empty for the usual one.

        Returns:
            A callable `(arrays, cotangents) -> gradients`: `arrays` and `cotangents` are tuples of the framework's
            arrays, one cotangent for each output of the function that is a floating-point array (in order; the
            others take no part); `gradients` has one array for each of `inputs`, or None where the framework
            itself says that there is none.
        """

    def value_and_vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int]) -> Callable[..., Any]:
        """Prepare the value together with the vector-Jacobian product, as a training step has them. Only timed.

        Returns:
            A callable `(arrays, cotangents) -> (outputs, gradients)`. By default it is `vjp`, which computes the value
            on its way and does not give it.
        """
        prepare = getattr(self.derivatives, "value_and_vjp", self.vjp)
        prepared: Callable[..., Any] = prepare(function, mode, inputs)
        return prepared

    def jvp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Prepare the Jacobian-vector product, by forward mode.

        Returns:
            A callable `(arrays, tangents) -> tangents`: one tangent for each of `inputs` goes in, one for each output
            of the function that is a floating-point array comes out.
        """
        return self._derive("jvp", path, function, mode, inputs, path)

    def hvp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Prepare the derivative of the vector-Jacobian product along a tangent.

        Returns:
            A callable `(arrays, cotangents, tangents) -> products`, one product for each of `inputs`, or None where
            the framework itself says that there is none.
        """
        return self._derive("hvp", path, function, mode, inputs, path)

    def curvature(
        self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = ""
    ) -> Callable[..., Any]:
        """Prepare the second derivative along one tangent, by forward mode over forward mode.

        Returns:
            A callable `(arrays, tangents) -> seconds`, one array for each output of the function that is a
            floating-point array: d²/dε² f(x + εv) at ε = 0.
        """
        return self._derive("curvature", path, function, mode, inputs, path)

    def jacobian(
        self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = ""
    ) -> Callable[..., Any]:
        """Prepare the whole Jacobian of a function that returns one array.

        Returns:
            A callable of arrays that returns one array for each of `inputs`, of the output's shape followed by the
            input's.
        """
        return self._derive("jacobian", path, function, mode, inputs, path)

    def vmap(self, function: Callable[..., Any], mode: str, path: str = "") -> Callable[..., Any]:
        """Prepare the function for a batch: every array has one more axis, the first.

        Returns:
            A callable of arrays that returns what the function returns, with one more axis, the first.
        """
        return self._derive("vmap", path, function, mode, path)

    def _derive(self, kind: str, path: str, *arguments: Any) -> Callable[..., Any]:
        """Let `derivatives` prepare a kind of quantity.

        Raises:
            NotOfferedError: If nothing there does.
        """
        prepare = getattr(self.derivatives, kind, None)
        if prepare is None:
            raise NotOfferedError(self.name, kind, path)
        prepared: Callable[..., Any] = prepare(*arguments)
        return prepared

    def graph(self, prepared: Callable[..., Any]) -> dict[str, int]:
        """Say what the framework knows of a compiled computation, after it was called: `traces`, `graph_breaks`, …."""
        del prepared
        return {}

    def facts(self) -> dict[str, str]:
        """Say what the framework knows of its own settings: threads, the precision of matrix products, oneDNN, …."""
        return {}

    @abstractmethod
    def synchronize(self, result: Any) -> None:
        """Wait until the arrays in a result (an array, or nested tuples of them) are computed.

        A clock waits for the last result of a batch only, so this must also wait for what was asked for before it. A
        device works in the order in which it is asked, so that in most frameworks it does.
        """

    def bare(self, kind: str, dtype: str) -> Adapter:
        """Return an adapter to time with: without what is wrapped around the framework to observe it.

        Args:
            kind: What will be timed, `value` or `vjp`.
            dtype: In which dtype.
        """
        del kind, dtype
        return self

    def peak_memory(self) -> int | None:
        """Return the most bytes of the device's own memory since this was last called; None where nobody knows."""
        return None

    def held_memory(self) -> int | None:
        """Return the bytes of the device's own memory that are in use now; None where nobody knows."""
        return None

    @abstractmethod
    def base(self) -> tuple[Any, Any]:
        """Return the framework's top module, and its namespace of Array API standard names."""

    def namespace(self) -> Namespace:
        """Make `xp`: the vocabulary, resolved in this framework."""
        return Namespace(OPERATIONS, self.resolve, self.constants(), listener=self.listener)

    def constants(self) -> dict[str, Any]:
        """Return the words of `xp` that are no operations: Python's constants, and the framework's dtypes."""
        _, standard = self.base()
        names = ("float16", "bfloat16", "float32", "float64", "int32", "int64", "bool", "complex64", "complex128")
        return CONSTANTS | {name: getattr(standard, name) for name in names if hasattr(standard, name)}

    def resolve(self, operation: Operation) -> Callable[..., Any]:
        """Find the callable that stands for a row in this framework.

        A word of the table is what the table says. Any other is the function of that name in the array namespace, or
        else what the row's definition makes of simpler operations.

        Raises:
            UnsupportedOperationError: If the table declares a gap, or there is nothing of all this.
            AdapterError: If the table names something that the framework, or the row, does not have.
        """
        top, standard = self.base()
        owner = f"{type(self).__module__}:{type(self).__qualname__}"
        word = word_of(operation, self.words, standard, owner)
        if isinstance(word, Gap):
            raise UnsupportedOperationError(self.name, operation.name, word)
        if word is DEFINITION:
            definition: Any = operation.meaning
            if not callable(definition):
                raise AdapterError(
                    f"The words of {owner} say that {operation.name!r} runs as its definition, but the row has none. "
                    "Name the framework's function there, or declare a Gap with its reason."
                )
            xp = self.namespace()
            return lambda *arguments, **keywords: definition(xp, *arguments, **keywords)
        if callable(word):
            function = word
            return lambda *arguments, **keywords: function(top, *arguments, **keywords)
        below, path = (standard, operation.name) if word is SAME else (top, str(word))
        found = at(below, path)
        if found is None:
            raise AdapterError(
                f"The words of {owner} say that {operation.name!r} is called {path!r}, but {self.name} has nothing of "
                "that name. Correct the entry, or declare a Gap with its reason."
            )
        return found  # type: ignore[no-any-return]  # looked up by name


def load(name: str) -> type[Adapter]:
    """Import an adapter's class, by a built-in name or as `package.module:Class`. Imports no framework.

    Raises:
        AdapterError: If there is no such module or class, or it is no adapter.
    """
    target = BUILT_IN.get(name, name)
    module, colon, attribute = target.partition(":")
    if not colon:
        raise AdapterError(
            f"No adapter is named {name!r}: expected one of {', '.join(BUILT_IN)}, or package.module:Class."
        )
    try:
        found = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # importing an adapter runs its code, which may raise anything
        raise AdapterError(
            f"The adapter {target!r} cannot be loaded: {type(error).__name__}: {error}. Expected an importable package.module:Class; "
            "the current folder is on the path."
        ) from error
    if not (isinstance(found, type) and issubclass(found, Adapter)):
        raise AdapterError(f"{target!r} is {found!r}, expected a subclass of harness.adapters.base.Adapter.")
    return found
