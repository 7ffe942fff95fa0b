"""An adapter outside the project: HIPS autograd, which differentiates NumPy's own functions.

Run it from the folder that holds `examples/`, by naming it::

    harness run seeds elementwise --adapter examples.autograd_adapter:AutogradAdapter -b autograd

It says only what autograd calls otherwise than the Array API standard does. Every other word is the function of that
name in `autograd.numpy`, or else runs as its definition in simpler operations; what is neither, such as `special.erf`,
is a gap that the report names. Source: https://github.com/HIPS/autograd.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from harness.adapters.base import Adapter
from harness.errors import AdapterError
from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from harness.operations.words import Column

__all__ = ["AutogradAdapter"]

_OLD_NAMES = dict(
    [
        *(("acos", "arccos"), ("acosh", "arccosh"), ("asin", "arcsin"), ("asinh", "arcsinh"), ("atan", "arctan")),
        *(("atan2", "arctan2"), ("atanh", "arctanh"), ("concat", "concatenate"), ("permute_dims", "transpose")),
        ("pow", "power"),
    ]
)
"""autograd wraps NumPy name by name, and knows derivatives by the names from before the standard."""

_DEFINED = (
    *(
        "average",
        "clip",
        "corrcoef",
        "cov",
        "cumulative_prod",
        "hypot",
        "prod",
        "std",
        "take_along_axis",
        "var",
        "vecdot",
    ),
    *("linalg.lstsq", "linalg.multi_dot", "linalg.outer", "linalg.trace", "linalg.vector_norm"),
)
"""What autograd has no derivative of, or not with the standard's arguments."""


def _sort(autograd: Any, x: Any, /, *, axis: int = -1, descending: bool = False) -> Any:
    found = autograd.numpy.sort(x, axis)
    return autograd.numpy.flip(found, axis) if descending else found


class AutogradAdapter(Adapter):
    """Drives autograd."""

    name: ClassVar[str] = "autograd"
    distributions: ClassVar[tuple[str, ...]] = ("autograd",)
    words: ClassVar[Mapping[str, Column]] = {
        **{word: f"numpy.{name}" for word, name in _OLD_NAMES.items()},
        "astype": lambda _, x, dtype: x.astype(dtype),
        "cumulative_sum": lambda autograd, x, *, axis=None: autograd.numpy.cumsum(x, axis),
        "matrix_transpose": lambda autograd, x: autograd.numpy.swapaxes(x, -1, -2),
        "take": lambda _, x, indices, *, axis: x[(slice(None),) * (axis % x.ndim) + (indices,)],
        "sort": _sort,
        "argsort": lambda autograd, x, *, axis=-1, descending=False: autograd.numpy.argsort(
            -x if descending else x, axis
        ),
        **dict.fromkeys(_DEFINED, DEFINITION),
    }

    def __init__(self, device: str = "cpu") -> None:
        """Import autograd; it computes on the CPU alone."""
        if device != "cpu":
            raise AdapterError(f"autograd computes on the CPU; got device {device!r}. Leave --device out for it.")
        import autograd
        import autograd.builtins
        import autograd.numpy

        self._autograd = autograd
        self._np = autograd.numpy

    def base(self) -> tuple[Any, Any]:
        """Give `autograd`, and its NumPy."""
        return self._autograd, self._np

    def array(self, value: np.ndarray[Any, Any]) -> Any:
        """Copy: autograd's arrays are NumPy's."""
        return value.copy()

    def numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """Give the array, a scalar included."""
        found: np.ndarray[Any, Any] = self._np.asarray(array)
        return found

    def synchronize(self, result: Any) -> None:
        """Do nothing: NumPy has finished when it returns."""

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        """Call the function as it is."""
        del mode
        return function

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Trace, and sweep backward."""
        del mode, path

        def product(arrays: Sequence[Any], cotangents: Sequence[Any]) -> Any:
            sweep, _ = self._autograd.make_vjp(self._of(function, arrays, inputs))(self._given(arrays, inputs))
            return sweep(tuple(cotangents))

        return product

    def jvp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Trace forward, with tangents."""
        del mode, path

        def product(arrays: Sequence[Any], tangents: Sequence[Any]) -> Any:
            push = self._autograd.make_jvp(self._of(function, arrays, inputs))(self._given(arrays, inputs))
            return push(tuple(tangents))[1]

        return product

    def hvp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Sweep backward through the backward sweep: the second derivatives are symmetric."""
        del mode, path

        def product(arrays: Sequence[Any], cotangents: Sequence[Any], tangents: Sequence[Any]) -> Any:
            def gradients(given: Any) -> Any:
                return self._autograd.make_vjp(self._of(function, arrays, inputs))(given)[0](tuple(cotangents))

            return self._autograd.make_vjp(gradients)(self._given(arrays, inputs))[0](tuple(tangents))

        return product

    def _given(self, arrays: Sequence[Any], inputs: Sequence[int]) -> tuple[Any, ...]:
        return tuple(arrays[number] for number in inputs)

    def _of(self, function: Callable[..., Any], arrays: Sequence[Any], inputs: Sequence[int]) -> Callable[..., Any]:
        """Make a function of a tuple of the inputs, which gives the tuple of its floating-point outputs."""

        def call(given: Any) -> Any:
            filled = list(arrays)
            for place, number in enumerate(inputs):
                filled[number] = given[place]
            result = function(*filled)
            outputs = result if isinstance(result, (tuple, list)) else (result,)
            kept = [output for output in outputs if self._np.result_type(output).kind not in "iub"]
            return self._autograd.builtins.tuple(kept)

        return call
