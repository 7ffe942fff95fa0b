"""Every operation of the vocabulary, as TensorFlow offers it, against NumPy."""

from __future__ import annotations

import contextlib
from string import ascii_letters
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.adapters.numpy import NumpyAdapter
from harness.adapters.tensorflow_words import WORDS
from harness.model import Verdict
from harness.operations.namespace import UnsupportedOperationError
from harness.operations.table import OPERATIONS
from harness.operations.words import Gap
from tests.adapters.tensorflow_namespace.drawing import IDENTICAL, SAID, SIGNED, SUMMED, drawn, promoted
from tests.adapters.tensorflow_namespace.exact import assert_identical
from tests.calling import parts_of, word
from tests.operations.judging import judged, reference_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.adapters.base import Adapter
    from harness.operations.calls.specification import Made

__all__: list[str] = []

GAPS = [name for name in OPERATIONS if isinstance(WORDS.get(name), Gap)]
OFFERED = [name for name in OPERATIONS if name not in GAPS]
EXACT = [name for name in OFFERED if name in IDENTICAL | SUMMED]
JUDGED = [name for name in OFFERED if name not in EXACT]

# Shares of what the profile asks for: `--hypothesis-profile=thorough` asks for more.
FEW, MORE = settings().max_examples // 10, settings().max_examples // 5


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """NumPy's warnings about what the adapter silences, for these tests alone."""
    with np.errstate(all="ignore"):
        yield


def offered(adapter: Adapter, call: Made) -> tuple[Any, ...]:
    """Give what TensorFlow makes of a call, as NumPy arrays."""
    found = call(adapter.namespace(), *map(adapter.array, call.arrays))
    return tuple(adapter.numpy(part) for part in parts_of(found))


def expected_of(call: Made) -> tuple[Any, ...]:
    """Give what NumPy makes of a call; nothing where neither it nor the row's definition can be run on it."""
    try:
        found = call(NumpyAdapter().namespace(), *call.arrays)
    except UnsupportedOperationError:
        return ()
    return tuple(np.asarray(part) for part in parts_of(found))


def test_what_is_said_of_operations_is_said_of_rows() -> None:
    """Each name that drawing.py says something of is a row's that TensorFlow offers: all others need no line."""
    assert set() == SAID - set(OFFERED)


@pytest.mark.parametrize("name", GAPS)
def test_a_gap_says_so(tensorflow_adapter: Adapter, name: str) -> None:
    """What TensorFlow has not is unsupported, with the reason, and never computed otherwise."""
    with pytest.raises(UnsupportedOperationError, match=f"tensorflow does not offer {name}: "):
        word(tensorflow_adapter.namespace(), name)


@pytest.mark.parametrize("name", EXACT)
@settings(max_examples=MORE, deadline=None)
@given(data=st.data())
def test_exact_results_are_numpy_s(tensorflow_adapter: Adapter, name: str, data: st.DataObject) -> None:
    """Numbers, shapes and dtypes are NumPy's, bit for bit, but for the sign of what cancels to 0."""
    call = data.draw(drawn(name))
    for expected, got in zip(expected_of(call), offered(tensorflow_adapter, call), strict=True):
        floating = expected.dtype.kind in "fc" and name in SUMMED
        assert_identical(*((one + 0 for one in (expected, got)) if floating else (expected, got)))


@pytest.mark.parametrize("name", JUDGED)
@settings(max_examples=FEW, deadline=None)
@given(data=st.data())
def test_other_results_agree_with_the_proof(tensorflow_adapter: Adapter, name: str, data: st.DataObject) -> None:
    """Shapes and dtypes are NumPy's; numbers lie within the rounding that the row allows, by the judge of every run."""
    call = data.draw(drawn(name))
    got = offered(tensorflow_adapter, call)
    floating = [array.dtype for array in promoted(call).arrays if array.dtype.kind in "fcV"]
    dtype = floating[0].name if floating else got[0].dtype.name
    expected = () if dtype == "bfloat16" else expected_of(call)
    if expected:
        assert [one.shape for one in expected] == [one.shape for one in got]
        assert [one.dtype for one in expected] == [one.dtype for one in got]
    arrays = dict(zip(ascii_letters, promoted(call).arrays, strict=False))
    reference = reference_of(call, arrays, dtype, (), signed=name in SIGNED)
    assert len(reference.quantities) == len(got)
    for (quantity, _), one in zip(reference.quantities.items(), got, strict=True):
        found = judged(reference, quantity, one)
        assert found.verdict is Verdict.AGREES, found.reason


# What random calls have found, each kept as it was.


@pytest.mark.parametrize(
    ("call", "arrays", "expected"),
    [
        (
            lambda xp, a, b: xp.linalg.outer(a, b),
            [np.array([1, 2], "int8"), np.array([3], "int16")],
            np.array([[3], [6]], "int16"),
        ),
        (
            lambda xp, a, b: xp.linalg.cross(a, b),
            [np.array([1, 0, 0], "float32"), np.eye(3)],
            [[0, 0, 0], [0, 0, 1], [0, -1, 0]],
        ),
        (lambda xp, x: xp.linalg.diagonal(x, offset=1), [np.ones((2, 1))], np.ones((0,))),
        (lambda xp, x: xp.linalg.diagonal(x, offset=-3), [np.ones((4, 2, 1))], np.ones((4, 0))),
        (lambda xp, x: xp.linalg.trace(x, offset=2), [np.ones((2, 2))], 0.0),
        (lambda xp, x: xp.linalg.trace(x), [np.array([[100, 0], [0, 100]], "int8")], 200),
        (lambda xp, x: xp.linalg.vector_norm(x, ord=-np.inf), [np.array([3, -2], "float64")], 2.0),
        (lambda xp, x: xp.linalg.vector_norm(x, axis=(0, 1), ord=1), [np.ones((2, 2))], 4.0),
        (
            lambda xp, x: xp.linalg.vector_norm(x, keepdims=True),
            [np.array([[3, 4]], "float64")],
            np.array([[5]], "float64"),
        ),
        (lambda xp, x: xp.linalg.matrix_norm(x, ord=-1), [np.array([[1, 2], [3, -4]], "float64")], 4.0),
        (lambda xp, x: xp.linalg.matrix_norm(x, ord=-np.inf), [np.array([[1, 2], [3, -4]], "float64")], 3.0),
        (
            lambda xp, x: xp.linalg.matrix_norm(x, ord=-2, keepdims=True),
            [np.diag([2.0, 4.0])],
            np.array([[2]], "float64"),
        ),
        (
            lambda xp, a, b: xp.linalg.solve(a, b),
            [np.diag([2.0, 4.0])[None], np.array([2, 4], "float64")],
            np.ones((1, 2)),
        ),
        (
            lambda xp, a, b: xp.linalg.solve(a, b),
            [np.diag([2.0, 4.0]), np.array([[[2], [4]]], "float64")],
            np.ones((1, 2, 1)),
        ),
        (
            lambda xp, a, b: xp.linalg.solve(a, b),
            [np.array([[2]], "float32"), np.array([2], "float64")],
            np.array([1], "float64"),
        ),
        (lambda xp, x: xp.fft.fftn(x, axes=(0,)), [np.array([[1, 2]], "complex128")], np.array([[1, 2]], "complex128")),
        (lambda xp, x: xp.fft.ifftn(x), [np.array([2, 2], "complex64")], np.array([2, 0], "complex64")),
        (lambda xp, x: xp.fft.fftshift(x), [np.array([[1], [2]], "float32")], np.array([[2], [1]], "float32")),
        (lambda xp, x: xp.fft.ifftshift(x), [np.array([[1, 2, 3]], "float32")], np.array([[2, 3, 1]], "float32")),
        (lambda xp, x: xp.abs(xp.linalg.svd(x)[0]), [np.array([[2], [0]], "float32")], np.eye(2)),
        (
            lambda xp, a, b: xp.special.betaln(a, b),
            [np.float64(1), np.array([1, 1], "float64")],
            np.array([0, 0], "float64"),
        ),
        (lambda xp, x: xp.nn.interpolate(x, size=3), [np.array([[[[1, 2]]]], "float64")], [[[[1, 1, 2]] * 3]]),
        (lambda xp, x: xp.nn.pixel_shuffle(x, factor=1), [np.ones((1, 1, 2, 2))], np.ones((1, 1, 2, 2))),
        (lambda xp, x: xp.nn.pixel_unshuffle(x, factor=1), [np.ones((1, 1, 2, 2))], np.ones((1, 1, 2, 2))),
    ],
)
def test_what_was_found_is_mended(tensorflow_adapter: Adapter, call: Any, arrays: list[Any], expected: Any) -> None:
    """Each of these once raised, or gave another shape or other numbers; the expected ones are NumPy's as well."""
    given = [np.asarray(array) for array in arrays]
    got = tensorflow_adapter.numpy(call(tensorflow_adapter.namespace(), *map(tensorflow_adapter.array, given)))
    assert_identical(np.asarray(expected, got.dtype) + 0, got + 0)
    with contextlib.suppress(UnsupportedOperationError):  # NumPy has no special functions
        assert_identical(np.asarray(call(NumpyAdapter().namespace(), *given)) + 0, got + 0)


# What the standard forbids.

_F, _I, _V, _Z = np.ones((2, 2)), np.ones((2, 2), np.int64), np.ones(3), np.ones((2, 2), np.complex128)
_MIXED = "add subtract multiply maximum minimum equal less floor_divide remainder pow logaddexp atan2 hypot copysign"
_MIXED_TOO = "matmul vecdot kron linalg.outer linalg.cross linalg.solve"
_WITH_AXIS = (
    "sum prod mean var std max min any all count_nonzero argmax argmin cumulative_sum cumulative_prod sort argsort flip "
    "unstack squeeze diff median trapezoid special.logsumexp special.cumulative_logsumexp linalg.vector_norm nn.softmax "
    "nn.log_softmax nn.softmin nn.standardize nn.normalize nn.glu nn.crelu"
)
_SQUARE = "inv det slogdet logdet cholesky eigh eigvalsh expm"
_MATRIX = f"{_SQUARE} qr svd svdvals pinv cond matrix_norm trace diagonal"
_FORBIDDEN: dict[str, tuple[Any, list[Any]]] = {
    **{f"{name} of kinds": (lambda xp, a, b, n=name: word(xp, n)(a, b), [_F, _I]) for name in _MIXED.split()},
    **{f"{name} of kinds": (lambda xp, a, b, n=name: word(xp, n)(a, b), [_F, _I]) for name in _MIXED_TOO.split()},
    **{f"{name} of no axis": (lambda xp, x, n=name: word(xp, n)(x, axis=2), [_F]) for name in _WITH_AXIS.split()},
    **{f"{name} of no axis -3": (lambda xp, x, n=name: word(xp, n)(x, axis=-3), [_F]) for name in _WITH_AXIS.split()},
    **{f"{name} of a vector": (lambda xp, x, n=name: word(xp.linalg, n)(x), [_V]) for name in _MATRIX.split()},
    **{f"{name} of no square": (lambda xp, x, n=name: word(xp.linalg, n)(x), [_F[:1]]) for name in _SQUARE.split()},
    "where of kinds": (lambda xp, a, b: xp.where(a > 0, a, b), [_F, _I]),
    "concat of kinds": (lambda xp, a, b: xp.concat((a, b)), [_F, _I]),
    "stack of kinds": (lambda xp, a, b: xp.stack((a, b)), [_F, _I]),
    "concat of shapes": (lambda xp, a, b: xp.concat((a, b)), [_F, np.ones((2, 3))]),
    "stack of shapes": (lambda xp, a, b: xp.stack((a, b)), [_F, _V]),
    "sum of one axis twice": (lambda xp, x: xp.sum(x, axis=(0, -2)), [_F]),
    "fftn of one axis twice": (lambda xp, x: xp.fft.fftn(x, axes=(0, 0)), [_Z]),
    "fft of no axis": (lambda xp, x: xp.fft.fft(x, axis=2), [_Z]),
    "fftn of no axis": (lambda xp, x: xp.fft.fftn(x, axes=(0, 2)), [_Z]),
    "fftshift of no axis": (lambda xp, x: xp.fft.fftshift(x, axes=2), [_F]),
    "rfft of complex numbers": (lambda xp, x: xp.fft.rfft(x), [_Z]),
    "fft of integers": (lambda xp, x: xp.fft.fft(x), [_I]),
    "matrix_power of a vector": (lambda xp, x: xp.linalg.matrix_power(x, 2), [_V]),
    "matrix_power of no square": (lambda xp, x: xp.linalg.matrix_power(x, 1), [_F[:1]]),
    "solve of no square": (lambda xp, a, b: xp.linalg.solve(a, b), [_F[:1], _V[:1]]),
    "solve of lengths": (lambda xp, a, b: xp.linalg.solve(a, b), [_F, _V]),
    "cross of four numbers": (lambda xp, x: xp.linalg.cross(x, x), [np.ones((2, 4))]),
    "cross along no common axis": (lambda xp, a, b: xp.linalg.cross(a, b, axis=0), [np.ones((3, 3)), _V]),
    "matmul of lengths": (lambda xp, a, b: xp.matmul(a, b), [_F, _V]),
    "tensordot of lengths": (lambda xp, a, b: xp.tensordot(a, b, axes=1), [_F, _V]),
    "add of lengths": (lambda xp, a, b: xp.add(a, b), [_F, _V]),
    "broadcast_to a smaller shape": (lambda xp, x: xp.broadcast_to(x, (2,)), [_F]),
    "broadcast_arrays of lengths": (lambda xp, a, b: xp.broadcast_arrays(a, b), [_F, _V]),
    "reshape to more elements": (lambda xp, x: xp.reshape(x, (5,)), [_F]),
    "reshape with two unknowns": (lambda xp, x: xp.reshape(x, (-1, -1)), [_F]),
    "permute_dims by one axis twice": (lambda xp, x: xp.permute_dims(x, (0, 0)), [_F]),
    "expand_dims of no axis": (lambda xp, x: xp.expand_dims(x, axis=4), [_F]),
    "take beyond the end": (lambda xp, x: xp.take(x, [2], axis=0), [_F]),
    "take before the beginning": (lambda xp, x: xp.take(x, [-3], axis=0), [_F]),
    "sort of a number": (lambda xp, x: xp.sort(x), [np.float64(1)]),
    "argmax of nothing": (lambda xp, x: xp.argmax(x), [np.ones(0)]),
    "logic of numbers": (lambda xp, x: xp.logical_and(x, x), [_F]),
    "bits of floats": (lambda xp, x: xp.bitwise_and(x, x), [_F]),
    "order of complex numbers": (lambda xp, x: xp.less(x, x), [_Z]),
    "a cast that drops a part": (lambda xp, x: xp.astype(x, xp.float32), [_Z]),
}


@pytest.mark.parametrize("name", _FORBIDDEN)
def test_what_the_standard_forbids_is_refused(tensorflow_adapter: Adapter, tf: Any, name: str) -> None:
    """Kinds do not mix, axes exist and are named once, matrices are matrices: nothing is made of anything else."""
    function, arrays = _FORBIDDEN[name]
    refused = (TypeError, ValueError, IndexError, tf.errors.InvalidArgumentError)
    with pytest.raises(refused):
        function(tensorflow_adapter.namespace(), *map(tensorflow_adapter.array, arrays))


# What TensorFlow itself does otherwise, which is not for this project to hide: the ledger has the cases of a run.

_RELU_OP = "https://www.tensorflow.org/api_docs/python/tf/raw_ops/LeakyRelu"
_NN_OPS = "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/ops/nn_ops.py"
_RESIZE = "https://www.tensorflow.org/api_docs/python/tf/image/resize"


@pytest.mark.parametrize(
    ("function", "x", "link"),
    [
        # The slope is a float32 attribute.
        pytest.param(lambda xp, x: xp.nn.leaky_relu(x, slope=0.1), [-1.0], _RELU_OP, id="leaky_relu"),
        # The constants pass through float32.
        pytest.param(lambda xp, x: xp.nn.gelu(x), [1.0], _NN_OPS, id="gelu"),
        pytest.param(lambda xp, x: xp.nn.gelu_tanh(x), [1.0], _NN_OPS, id="gelu_tanh"),
        # Documented: all methods but the nearest neighbour give float32.
        pytest.param(
            lambda xp, x: xp.nn.interpolate(x, size=3, method="bilinear"), [[[[0.1, 0.2]]]], _RESIZE, id="interpolate"
        ),
    ],
)
def test_tensorflow_computes_some_functions_in_float32(
    tensorflow_adapter: Adapter, function: Any, x: Any, link: str
) -> None:
    """In float64 these are wrong from the eighth digit on, and the judge says so; in float32 they agree."""
    for dtype, verdict in (("float64", Verdict.DISAGREES), ("float32", Verdict.AGREES)):
        array = np.array(x, dtype)
        got = tensorflow_adapter.numpy(function(tensorflow_adapter.namespace(), tensorflow_adapter.array(array)))
        assert judged(reference_of(function, {"x": array}, dtype, ()), "value", got).verdict is verdict, link


def test_tensorflow_pools_with_no_stride_beyond_the_window(tensorflow_adapter: Adapter) -> None:
    """It refuses, since its kernels differ there: pool in nn_ops.py, link above."""
    x = tensorflow_adapter.array(np.ones((1, 1, 4, 4), np.float32))
    with pytest.raises(ValueError, match=r"strides.*window_shape"):
        tensorflow_adapter.namespace().nn.max_pool2d(x, kernel=1, stride=2)
