"""NumPy: eager values; gradients from the reference tape, run on plain arrays of the dtype.

NumPy has no derivatives of its own, so the reference's tape stands in. That is no independent differentiation: the rules
are those that the truth is made by, and only the arithmetic, in the dtype, is NumPy's. The case's function is the same for
values and gradients: each word of `xp` looks whether it was given tape variables or arrays.

NumPy has no bfloat16 either. With ml_dtypes it has the numbers and their functions, but to it a Python number beside
them is float64, and a sum of them stops growing at 256 times its terms. So values in bfloat16 come from the tape too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from harness.adapters.base import Adapter
from harness.errors import AdapterError
from harness.reference.numpy_words import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from harness.operations.operation import Operation
    from harness.operations.words import Column

__all__ = ["NumpyAdapter"]


class NumpyAdapter(Adapter):
    """NumPy in eager mode; gradients are taken on a tape, which is listened to as the adapter is."""

    name: ClassVar[str] = "numpy"
    title: ClassVar[str] = "NumPy"
    distributions: ClassVar[tuple[str, ...]] = ("numpy", "ml_dtypes|numpy")
    words: ClassVar[Mapping[str, Column]] = WORDS
    modes: ClassVar[tuple[str, ...]] = ("eager",)
    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128")
    differentiates_natives: ClassVar[bool] = False
    native_dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64", "float16", "complex64", "complex128")

    def __init__(self, device: str = "cpu") -> None:
        """Choose the device: there is only one."""
        if device != "cpu":
            raise AdapterError(f"NumPy computes on the CPU; got device {device!r}. Leave --device out for numpy.")
        import numpy as np

        from harness.adapters.numpy_derivatives import NumpyDerivatives

        np.seterr(all="ignore")
        self._np = np
        self._derivatives = NumpyDerivatives(lambda: self.listener)

    def base(self) -> tuple[Any, Any]:
        """Return NumPy, twice: its top module is a namespace of Array API standard names."""
        return self._np, self._np

    def array(self, value: np.ndarray[Any, Any]) -> Any:
        """Copy."""
        return value.copy()

    def numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """Return the array, a scalar included."""
        if not isinstance(array, (self._np.ndarray, self._np.generic)):
            raise TypeError(f"Expected a NumPy array, got {type(array).__name__}.")
        return self._np.asarray(array)

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        """Call the function as it is; in bfloat16, run it on the tape."""
        del mode
        return self._derivatives.value(function)

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Run the function on the tape and sweep backward."""
        del mode, path
        return self._derivatives.vjp(function, inputs)

    def jvp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Run the function on the tape with tangents."""
        del mode, path
        return self._derivatives.jvp(function, inputs)

    def hvp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Run the function on the tape with tangents, and sweep backward: reverse over forward."""
        del mode, path
        return self._derivatives.hvp(function, inputs)

    def jacobian(
        self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = ""
    ) -> Callable[..., Any]:
        """Sweep backward once for each element of the output."""
        del mode, path
        return self._derivatives.jacobian(function, inputs)

    def synchronize(self, result: Any) -> None:
        """Do nothing: NumPy has finished when it returns."""

    def bare(self, kind: str, dtype: str) -> Adapter:
        """Look for tape variables only where there can be some."""
        return self if kind != "value" or dtype == "bfloat16" else _Plain()

    def resolve(self, operation: Operation) -> Callable[..., Any]:
        """Find NumPy's function, and the tape's where a tape variable is among the arguments."""
        return self._derivatives.resolved(operation, super().resolve(operation))


class _Plain(NumpyAdapter):
    """NumPy alone: no word of `xp` looks whether it was given tape variables."""

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        """Return the function as it is."""
        del mode
        return function

    def resolve(self, operation: Operation) -> Callable[..., Any]:
        """Find NumPy's function."""
        return Adapter.resolve(self, operation)
