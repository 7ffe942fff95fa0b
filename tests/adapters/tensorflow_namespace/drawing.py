"""The catalogue's calls, drawn in the dtypes that TensorFlow has kernels for, and what is asked of its results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from harness.operations.calls import calls_of
from tests.adapters.tensorflow_namespace.exact import INTEGERS, promotes
from tests.drawing import Drawn

if TYPE_CHECKING:
    from harness.operations.calls.specification import Made

__all__ = ["IDENTICAL", "SAID", "SIGNED", "SUMMED", "drawn", "promoted"]


def _names(*words: str) -> frozenset[str]:
    return frozenset(" ".join(words).split())


_QUARTERS = _names("floor ceil trunc round floor_divide remainder")
_MAKERS = _names("astype asarray zeros ones zeros_like ones_like full_like eye")

IDENTICAL = (
    _QUARTERS
    | _MAKERS
    | _names(
        "add subtract multiply divide less less_equal greater greater_equal equal not_equal copysign nextafter ldexp",
        "logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor bitwise_invert",
        "bitwise_left_shift bitwise_right_shift negative positive square abs sign isnan isinf isfinite signbit real imag",
        "conj where any all count_nonzero argmax argmin sort argsort top_k searchsorted histogram reshape permute_dims",
        "matrix_transpose moveaxis expand_dims squeeze broadcast_to broadcast_arrays concat stack unstack flip roll repeat",
        "tile take take_along_axis tril triu diff pad rot90 diag meshgrid full arange linspace linalg.vander fft.fftshift",
        "fft.ifftshift nn.hardshrink nn.threshold nn.unfold nn.pixel_shuffle nn.pixel_unshuffle nn.embedding nn.one_hot",
        "nn.dropout control.cond control.while_loop control.fori_loop control.scan",
    )
)
"""The result is NumPy's, bit for bit."""

SUMMED = _names(
    "maximum minimum clip sum prod max min cumulative_sum cumulative_prod bincount trapezoid scatter_add scatter_max",
    "segment_sum matmul vecdot linalg.outer tensordot einsum linalg.diagonal linalg.trace linalg.cross",
    "linalg.multi_dot kron nn.relu nn.relu6 nn.hardtanh nn.crelu nn.conv1d nn.conv2d nn.conv3d nn.conv_transpose1d",
    "nn.conv_transpose2d nn.conv_transpose3d nn.max_pool1d nn.max_pool2d nn.max_pool3d nn.avg_pool1d nn.avg_pool2d",
    "nn.avg_pool3d nn.linear nn.bilinear",
)
"""The same but for the sign of a zero: the standard says nothing of it where terms add up to 0, and of the larger of two
zeros. Everything else lies within the rounding that the row allows."""

_LINES = _names(
    "reciprocal sqrt exp expm1 log log1p log2 log10 sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh"
)

SIGNED = _LINES | _names("logaddexp atan2 hypot")
"""Of these, the sign of a zero counts also where the judge decides; those of one argument are called everywhere."""

_BRAIN = _LINES | _names("mean")
_HALF = _BRAIN | _names(
    "add subtract multiply divide less less_equal greater greater_equal equal not_equal copysign negative positive",
    "square abs sign isnan isinf isfinite signbit where any all count_nonzero argmax argmin sort argsort top_k reshape",
    "permute_dims matrix_transpose moveaxis expand_dims squeeze broadcast_to broadcast_arrays concat stack unstack flip",
    "roll repeat tile take take_along_axis tril triu diff pad rot90 diag meshgrid maximum minimum clip sum prod max min",
    "cumulative_sum cumulative_prod matmul vecdot linalg.outer tensordot linalg.diagonal linalg.trace floor ceil trunc",
    "round floor_divide remainder logaddexp atan2 hypot pow nn.relu nn.relu6 nn.hardtanh nn.pixel_shuffle",
    "nn.pixel_unshuffle nn.embedding searchsorted",
)
"""float16 too, and the first few also bfloat16."""

_SINGLE = _names("nn.gelu nn.gelu_tanh nn.ctc_loss nn.interpolate nn.max_pool3d nn.avg_pool3d")
"""TensorFlow has float32 alone, or computes parts in it:
https://www.tensorflow.org/api_docs/python/tf/raw_ops/MaxPool3D https://www.tensorflow.org/api_docs/python/tf/image/resize
"""

_PROMOTES = _names(
    "add subtract multiply divide less less_equal greater greater_equal equal not_equal maximum minimum floor_divide",
    "remainder copysign nextafter where logaddexp atan2 hypot pow concat stack searchsorted matmul vecdot linalg.outer",
    "tensordot linalg.cross linalg.solve",
)
"""Their arrays may have different dtypes."""

SAID = IDENTICAL | SUMMED | SIGNED | _BRAIN | _HALF | _SINGLE | _PROMOTES


class _Drawn(Drawn):
    """Draws dtypes too: those that TensorFlow has kernels for."""

    def __init__(self, draw: st.DrawFn, name: str) -> None:
        exact = name in IDENTICAL | SUMMED
        super().__init__(draw, 0.25 if name in _QUARTERS else 1.0 if exact else 0.125, special=True)
        self._name = name
        self._dtypes: dict[str, str] = {}
        floats = ["float32"] if name in _SINGLE else ["float32", "float64"]
        self._floats = [*floats, *(["float16"] if name in _HALF else []), *(["bfloat16"] if name in _BRAIN else [])]

    def domain(self, name: str) -> tuple[float, float]:
        """Everywhere, where NaN is the answer outside."""
        return (-4.0, 4.0) if name in _LINES else super().domain(name)

    def dtype(self, kinds: str) -> str:
        of_kind = {"f": self._floats, "c": ["complex64", "complex128"], "b": ["bool"]}
        of_kind |= {kind: [one for one in INTEGERS if np.dtype(one).kind == kind] for kind in "iu"}
        if kinds not in self._dtypes:
            self._dtypes[kinds] = self.draw(st.sampled_from([one for kind in kinds for one in of_kind[kind]]))
        elif self._name in _PROMOTES and self._dtypes[kinds] != "bfloat16":
            others = [one for kind in kinds for one in of_kind[kind] if one != "bfloat16"]
            return self.draw(st.sampled_from([one for one in others if promotes(self._dtypes[kinds], one)]))
        return self._dtypes[kinds]


@st.composite
def drawn(draw: st.DrawFn, name: str) -> Made:
    """Draw a call of an operation."""
    call = draw(st.sampled_from(calls_of(name)))
    made = call.made(name, _Drawn(draw, name))
    makeable = ["float16", "int32", "int64", "bool", "complex64", "complex128"] if name in _MAKERS else []
    return made.with_arrays(made.arrays, draw(st.sampled_from(["float32", "float64", *makeable])))


def promoted(call: Made) -> Made:
    """Convert all arrays of numbers to the dtype that they promote to."""
    kinds = [array.dtype for array in call.arrays if array.dtype.kind in "fcV"]
    if len(set(kinds)) < 2:
        return call
    dtype = np.result_type(*kinds)
    return call.with_arrays([array.astype(dtype) if array.dtype.kind in "fcV" else array for array in call.arrays])
