"""What holds for the adapter of every framework."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from harness.adapters.base import load
from harness.errors import AdapterError

if TYPE_CHECKING:
    from harness.adapters.base import Adapter

__all__: list[str] = []

Array = np.ndarray[Any, Any]
DTYPES = ("float16", "float32", "float64", "complex64", "complex128", "int32", "int64", "bool")


def assert_same_bits(expected: Array, got: Array) -> None:
    """Hold dtype, shape and bits against each other."""
    assert expected.dtype == got.dtype
    assert expected.shape == got.shape
    assert expected.tobytes() == got.tobytes()


def affine_sum(x: Any) -> Any:
    """Sum 2x + 1 by hand, in operators that every framework has."""
    y = 2 * x + 1
    return y[0] + y[1]


def several(x: Any, indices: Any, y: Any) -> tuple[Any, ...]:
    """Give a float, an integer and a float array."""
    return x * y, indices + 1, y[0] * y[1]


@st.composite
def arrays(draw: st.DrawFn) -> Array:
    """Draw any bits in any dtype and shape, in C order, transposed or reversed."""
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    shape = draw(npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    size = int(np.prod(shape)) * dtype.itemsize
    raw = draw(st.binary(min_size=size, max_size=size))
    made = np.frombuffer(bytes(byte & 1 for byte in raw) if dtype.kind == "b" else raw, dtype=dtype).reshape(shape)
    return made if made.ndim == 0 else (made, made.T, made[::-1])[draw(st.integers(0, 2))]


@settings(max_examples=200, deadline=None)
@given(value=arrays())
def test_arrays_come_back_with_the_same_bits(adapter: Adapter, value: Array) -> None:
    """Any bits, NaN payloads and subnormals included, survive both directions in any shape and order."""
    assert_same_bits(np.ascontiguousarray(value).reshape(value.shape), adapter.numpy(adapter.array(value)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_special_bits_survive(adapter: Adapter, dtype: str) -> None:
    """-0.0, the smallest subnormal, a signalling NaN and a NaN with a payload and a sign keep their bits."""
    word = np.dtype(f"uint{8 * np.dtype(dtype).itemsize}")
    top = 1 << (8 * word.itemsize - 1)
    quiet = int(np.asarray(np.nan, dtype).view(word))
    payloads = [top, 1, top | 1, (quiet ^ (quiet & -quiet)) | 5, top | quiet | 77]
    value = np.array(payloads, dtype=word).view(dtype)
    assert_same_bits(value, adapter.numpy(adapter.array(value)))


def test_bfloat16_survives(adapter: Adapter) -> None:
    """All 65536 bit patterns of bfloat16 survive both directions."""
    bfloat16 = pytest.importorskip("ml_dtypes").bfloat16
    value = np.arange(1 << 16, dtype=np.uint16).view(bfloat16)
    assert_same_bits(value, adapter.numpy(adapter.array(value)))


@pytest.mark.parametrize("size", [1, 10_000])
def test_memory_is_not_shared(adapter: Adapter, size: int) -> None:
    """Neither the caller's array nor the one that comes back shares memory with the framework's."""
    value = np.arange(size, dtype=np.float64)
    array = adapter.array(value)
    value[0] = 7
    back = adapter.numpy(array)
    assert back[0] == 0
    back[0] = 8
    assert adapter.numpy(array)[0] == 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_mode_gives_the_known_value_and_gradient(adapter: Adapter, dtype: str) -> None:
    """Sum of 2x + 1 at [2, 3] is 12 and its gradient is [2, 2], in the input's dtype, in every mode."""
    x = adapter.array(np.array([2, 3], dtype))
    one = adapter.array(np.array(1, dtype))
    for mode in adapter.modes:
        assert_same_bits(np.array(12, dtype), adapter.numpy(adapter.value(affine_sum, mode)(x)))
        (gradient,) = adapter.vjp(affine_sum, mode, [0])((x,), (one,))
        assert_same_bits(np.array([2, 2], dtype), adapter.numpy(gradient))


def test_every_mode_evaluates_at_other_values(adapter: Adapter) -> None:
    """What was prepared at one point gives the right value and gradient at another."""
    for mode in adapter.modes:
        value = adapter.value(lambda x: x * x, mode)
        product = adapter.vjp(lambda x: x * x, mode, [0])
        for number in (3.0, -5.0):
            x = adapter.array(np.array([number, 1.0]))
            assert_same_bits(np.array([number * number, 1.0]), adapter.numpy(value(x)))
            (gradient,) = product((x,), (adapter.array(np.array([2.0, 1.0])),))
            assert_same_bits(np.array([4 * number, 2.0]), adapter.numpy(gradient))


def test_every_mode_evaluates_at_other_shapes_and_dtypes(adapter: Adapter) -> None:
    """What was prepared at one shape and dtype also takes others."""
    for mode in adapter.modes:
        value = adapter.value(lambda x: x * x, mode)
        for sample in (np.array([3.0]), np.array([[3.0, 4.0]]), np.array([3.0], np.float32)):
            assert_same_bits(sample * sample, adapter.numpy(value(adapter.array(sample))))


def test_integer_outputs_take_no_cotangent(adapter: Adapter) -> None:
    """Of a tuple, each floating-point output takes a cotangent in order, and integers pass through."""
    x, y = np.array([2.0, 3.0]), np.array([5.0, 7.0])
    samples = tuple(map(adapter.array, (x, np.array([0, 1]), y)))
    cotangents = tuple(map(adapter.array, (np.array([1.0, 2.0]), np.array(10.0))))
    for mode in adapter.modes:
        values = [adapter.numpy(output) for output in adapter.value(several, mode)(*samples)]
        for expected, got in zip((x * y, np.array([1, 2]), np.array(35.0)), values, strict=True):
            assert_same_bits(expected, got)
        gradients = adapter.vjp(several, mode, [0, 2])(samples, cotangents)
        expected_gradients = (np.array([5.0, 14.0]), np.array([72.0, 56.0]))
        for expected, gradient in zip(expected_gradients, gradients, strict=True):
            assert_same_bits(expected, adapter.numpy(gradient))


def test_inputs_are_differentiated_in_the_order_asked_for(adapter: Adapter) -> None:
    """Gradients come in the order of `inputs`, which need not be ascending."""
    samples = (adapter.array(np.array(2.0)), adapter.array(np.array(3.0)))
    for mode in adapter.modes:
        product = adapter.vjp(lambda x, y: x * y, mode, [1, 0])
        gradients = product(samples, (adapter.array(np.array(1.0)),))
        assert [2.0, 3.0] == [float(adapter.numpy(gradient)) for gradient in gradients]


def test_one_array_passed_twice_has_two_gradients(adapter: Adapter) -> None:
    """The gradient of x · y² at x = y = 3, passed as one array, is 9 and 18."""
    x = adapter.array(np.array(3.0))
    for mode in adapter.modes:
        gradients = adapter.vjp(lambda x, y: x * y * y, mode, [0, 1])((x, x), (adapter.array(np.array(1.0)),))
        assert [9.0, 18.0] == [float(adapter.numpy(gradient)) for gradient in gradients]


def test_calls_leave_no_gradient_behind(adapter: Adapter) -> None:
    """A second call of the same product gives the same gradient, not twice as much."""
    x, one = adapter.array(np.array(3.0)), adapter.array(np.array(1.0))
    for mode in adapter.modes:
        product = adapter.vjp(lambda x: x * x, mode, [0])
        assert [6.0, 6.0] == [float(adapter.numpy(product((x,), (one,))[0])) for _ in range(2)]


def test_an_unconnected_input_is_told_as_the_framework_tells_it(adapter: Adapter) -> None:
    """PyTorch and TensorFlow say that there is no gradient; JAX says that it is zero."""
    samples = (adapter.array(np.array([2.0, 3.0])), adapter.array(np.array([5.0, 7.0])))
    for mode in adapter.modes:
        product = adapter.vjp(lambda x, y: x * x, mode, [0, 1])
        used, unused = product(samples, (adapter.array(np.array([1.0, 1.0])),))
        assert_same_bits(np.array([4.0, 6.0]), adapter.numpy(used))
        if adapter.name == "jax":
            assert_same_bits(np.array([0.0, 0.0]), adapter.numpy(unused))
        else:
            assert unused is None


def test_the_gradient_of_repeated_indices_is_dense_and_summed(adapter: Adapter) -> None:
    """Elements taken twice get the sum of both cotangents, in an array of the input's shape."""
    xp = adapter.namespace()
    samples = (adapter.array(np.array([1.0, 2.0, 3.0])), adapter.array(np.array([2, 0, 2])))
    for mode in adapter.modes:
        product = adapter.vjp(lambda x, indices: xp.take(x, indices, axis=0), mode, [0])
        (gradient,) = product(samples, (adapter.array(np.array([1.0, 2.0, 4.0])),))
        assert_same_bits(np.array([2.0, 0.0, 5.0]), adapter.numpy(gradient))


def test_results_can_be_waited_for(adapter: Adapter) -> None:
    """Synchronising takes an array, or nested tuples of arrays, and changes nothing."""
    x = adapter.array(np.array([2.0, 3.0]))
    adapter.synchronize(x)
    adapter.synchronize((x, (x * 2, (x,))))
    assert_same_bits(np.array([2.0, 3.0]), adapter.numpy(x))


def test_a_missing_gpu_is_an_error_that_says_what_to_do(adapter: Adapter) -> None:
    """Asking for a GPU where the framework finds none names the framework and the remedy."""
    try:
        type(adapter)("gpu")
    except AdapterError as error:
        assert "--device cpu" in str(error)  # noqa: PT017 - a GPU may be there
    else:
        pytest.skip("a GPU is there")


@pytest.mark.gpu
def test_every_mode_works_on_a_gpu(adapter: Adapter) -> None:
    """On a GPU, value and gradient are the known ones in every mode."""
    try:
        other = type(adapter)("gpu")
    except AdapterError as error:
        pytest.skip(str(error))
    x, one = other.array(np.array([2.0, 3.0])), other.array(np.array(1.0))
    for mode in other.modes:
        assert_same_bits(np.array(12.0), other.numpy(other.value(affine_sum, mode)(x)))
        assert_same_bits(np.array([2.0, 2.0]), other.numpy(other.vjp(affine_sum, mode, [0])((x,), (one,))[0]))


@pytest.mark.parametrize("name", ["torch", "tensorflow", "jax"])
def test_loading_an_adapter_imports_no_framework(name: str) -> None:
    """The class is found without importing its framework, nor another adapter's module."""
    program = (
        "import sys; from harness.adapters.base import load; "
        f"print(load({name!r}).name); "
        "print(sorted({'torch', 'tensorflow', 'jax', 'array_api_compat', 'msgspec'} & sys.modules.keys())); "
        "print(sum(f'harness.adapters.{one}' in sys.modules for one in ('torch', 'tensorflow', 'jax', 'numpy')))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert [name, "[]", "1"] == shown.stdout.splitlines()


def test_adapters_are_symmetrical() -> None:
    """All adapters have the same methods in the same order, but for how one finds the words of `xp`."""
    words = {"namespace", "constants", "resolve"}
    first, *others = (
        [
            word
            for word, what in vars(load(name)).items()
            if callable(what) and not word.startswith("__") and word not in words
        ]
        for name in ("torch", "tensorflow", "jax")
    )
    assert [first, first] == others


def test_value_and_vjp_gives_what_value_and_vjp_give(adapter: Adapter) -> None:
    """What is timed as the value with gradients computes both, in every mode."""
    given_arrays = [np.array([2.0, 3.0], np.float32), np.array([7], np.int32), np.array([0.5, 4.0], np.float32)]
    weights = tuple(adapter.array(one) for one in (np.array([1.0, 2.0], np.float32), np.array(3.0, np.float32)))
    modes = [mode for mode in adapter.modes if mode not in adapter.slow_modes]
    for mode in modes:
        made = tuple(adapter.array(one) for one in given_arrays)
        outputs, gradients = adapter.value_and_vjp(several, mode, [0, 2])(made, weights)
        assert [[1.0, 12.0], 2.0] == [adapter.numpy(one).tolist() for one in outputs]
        assert [[0.5, 8.0], [14.0, 7.5]] == [adapter.numpy(one).tolist() for one in gradients]


def test_a_host_has_no_device_memory_to_speak_of(adapter: Adapter) -> None:
    """On a CPU no framework counts it."""
    assert adapter.peak_memory() is None
    assert adapter.held_memory() is None


def test_a_bare_adapter_computes_the_same(adapter: Adapter) -> None:
    """In every mode, and it leaves the adapter it came from as it was."""
    before = dict(vars(adapter))
    bare = adapter.bare("vjp", "float32")
    for mode in (mode for mode in adapter.modes if mode not in adapter.slow_modes):
        made = (bare.array(np.array([2.0, 3.0], np.float32)),)
        assert 12.0 == bare.numpy(bare.value(affine_sum, mode)(*made)).item()
        weights = (bare.array(np.array(1.0, np.float32)),)
        _, (gradient,) = bare.value_and_vjp(affine_sum, mode, [0])(made, weights)
        assert [2.0, 2.0] == bare.numpy(gradient).tolist()
    assert adapter.name == bare.name
    if bare is not adapter:
        assert before == vars(adapter)
