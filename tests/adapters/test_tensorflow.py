"""TensorFlow's adapter."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.adapters.tensorflow_namespace import TensorflowNamespace

if TYPE_CHECKING:
    from harness.adapters.base import Adapter

__all__: list[str] = []


@pytest.mark.parametrize("mode", ["function", "xla"])
def test_other_values_are_not_traced_again(tensorflow_adapter: Adapter, mode: str) -> None:
    """A second evaluation at other values of the same shape and dtype uses the graph that is there."""
    value: Any = tensorflow_adapter.value(lambda x: x * x, mode)
    product: Any = tensorflow_adapter.vjp(lambda x: x * x, mode, [0])
    for number in (2.0, 3.0):
        x = tensorflow_adapter.array(np.array(number))
        value(x)
        product((x,), (x,))
    assert (1, 1) == (value.experimental_get_tracing_count(), product.experimental_get_tracing_count())


def test_autograph_rewrites_a_branch_on_a_value(tensorflow_adapter: Adapter) -> None:
    """In a graph, a Python `if` on a tensor takes the side that each value calls for."""

    def branching(x: Any) -> Any:
        if x > 0:  # noqa: SIM108 - a statement is what AutoGraph rewrites
            y = x * 3
        else:
            y = -x
        return y

    value = tensorflow_adapter.value(branching, "function")
    product = tensorflow_adapter.vjp(branching, "function", [0])
    one = tensorflow_adapter.array(np.array(1.0))
    for number, expected in ((2.0, (6.0, 3.0)), (-2.0, (2.0, -1.0))):
        x = tensorflow_adapter.array(np.array(number))
        got = float(tensorflow_adapter.numpy(value(x))), float(tensorflow_adapter.numpy(product((x,), (one,))[0]))
        assert expected == got


def test_the_namespace_is_hidden_from_autograph(tensorflow_adapter: Adapter) -> None:
    """The code of a case is rewritten by AutoGraph; the namespace's functions, like TensorFlow's own, are not."""
    import tensorflow as tf

    files = {}

    class Probing(TensorflowNamespace):
        def square(self, x: Any, /) -> Any:
            files["namespace"] = inspect.currentframe().f_code.co_filename  # type: ignore[union-attr]
            return super().square(x)

    standard = Probing(tf)

    def case(x: Any) -> Any:
        files["case"] = inspect.currentframe().f_code.co_filename  # type: ignore[union-attr]
        return standard.square(x)

    tensorflow_adapter.value(case, "function")(tensorflow_adapter.array(np.array(2.0)))
    assert files["namespace"] == __file__
    assert files["case"] != __file__


def test_one_thread(tensorflow_adapter: Adapter) -> None:
    """Kernels and graphs run on one thread, and TF32 is off."""
    import tensorflow as tf

    assert tf.config.threading.get_intra_op_parallelism_threads() == 1
    assert tf.config.threading.get_inter_op_parallelism_threads() == 1
    assert not tf.config.experimental.tensor_float_32_execution_enabled()


def test_a_second_derivative_does_not_depend_on_the_sample_before(tensorflow_adapter: Adapter) -> None:
    """What forward mode traced for one sample, of other shapes too, is not used for the next."""

    def f(xp: Any, x: Any, y: Any) -> Any:
        return xp.sum(x * y)

    adapter = tensorflow_adapter
    _, xp = adapter.base()
    prepared = adapter.curvature(lambda x, y: f(xp, x, y), "eager", [0, 1])
    one = adapter.array(np.array([3.0]))
    prepared((one, one), (one, one))
    two, five = adapter.array(np.array([2.0])), adapter.array(np.array([5.0]))
    (second,) = prepared((two, five), (adapter.array(np.array([1.0])), adapter.array(np.array([7.0]))))
    assert float(adapter.numpy(second)) == 14.0
