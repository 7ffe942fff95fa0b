"""The namespace inside graphs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.adapters.tensorflow_namespace import TensorflowNamespace
from tests.adapters.tensorflow_namespace.exact import assert_identical

__all__: list[str] = []

X = np.array([[3.0, -1.0, 2.0], [0.5, 4.0, -2.0]], np.float32)
INDICES = np.array([[2, -3], [1, 0]])

# Functions whose results are exact at X, so that a graph must give the same numbers as eager TensorFlow.
EXACT = {
    "abs": lambda xp, x: xp.abs(x),
    "add": lambda xp, x: xp.add(x, 1),
    "subtract": lambda xp, x: xp.subtract(1.0, x),
    "multiply": lambda xp, x: xp.multiply(x, x),
    "divide": lambda xp, x: xp.divide(x, 4),
    "floor_divide": lambda xp, x: xp.floor_divide(x, 2.0),
    "remainder": lambda xp, x: xp.remainder(x, 2.0),
    "negative": lambda xp, x: xp.negative(x),
    "positive": lambda xp, x: xp.positive(x),
    "square": lambda xp, x: xp.square(x),
    "sign": lambda xp, x: xp.sign(x),
    "maximum": lambda xp, x: xp.maximum(x, 0.0),
    "minimum": lambda xp, x: xp.minimum(0, x),
    "clip": lambda xp, x: xp.clip(x, -1.0, 2.0),
    "ceil": lambda xp, x: xp.ceil(x),
    "floor": lambda xp, x: xp.floor(x),
    "round": lambda xp, x: xp.round(x),
    "trunc": lambda xp, x: xp.trunc(x),
    "signbit": lambda xp, x: xp.signbit(x),
    "copysign": lambda xp, x: xp.copysign(1.0, x),
    "nextafter": lambda xp, x: xp.nextafter(x, 9.0),
    "bitwise_and": lambda xp, x: xp.bitwise_and(xp.astype(x, xp.int32), 3),
    "bitwise_invert": lambda xp, x: xp.bitwise_invert(xp.astype(x, xp.int32)),
    "bitwise_left_shift": lambda xp, x: xp.bitwise_left_shift(xp.astype(x, xp.int32), 2),
    "equal": lambda xp, x: xp.equal(x, 2.0),
    "less": lambda xp, x: xp.less(x, 2),
    "logical_xor": lambda xp, x: xp.logical_xor(x > 0, x < 1),
    "isfinite": lambda xp, x: xp.isfinite(x),
    "where": lambda xp, x: xp.where(x > 0, x, 0.0),
    "sum": lambda xp, x: xp.sum(x, axis=0),
    "prod": lambda xp, x: xp.prod(x, axis=(0, -1), keepdims=True),
    "mean": lambda xp, x: xp.mean(x, axis=0),
    "max": lambda xp, x: xp.max(x, axis=-1),
    "min": lambda xp, x: xp.min(x),
    "all": lambda xp, x: xp.all(x, axis=1),
    "any": lambda xp, x: xp.any(x > 3, axis=0),
    "count_nonzero": lambda xp, x: xp.count_nonzero(x, axis=()),
    "cumulative_sum": lambda xp, x: xp.cumulative_sum(x, axis=1, include_initial=True),
    "cumulative_prod": lambda xp, x: xp.cumulative_prod(x, axis=0),
    "argmax": lambda xp, x: xp.argmax(x, axis=1, keepdims=True),
    "argmin": lambda xp, x: xp.argmin(x),
    "sort": lambda xp, x: xp.sort(x, axis=0, descending=True),
    "argsort": lambda xp, x: xp.argsort(x),
    "searchsorted": lambda xp, x: xp.searchsorted(xp.asarray([0.0, 2.0], dtype=xp.float32), x, side="right"),
    "reshape": lambda xp, x: xp.reshape(x, (3, -1)),
    "permute_dims": lambda xp, x: xp.permute_dims(x, (1, 0)),
    "moveaxis": lambda xp, x: xp.moveaxis(x, 0, -1),
    "matrix_transpose": lambda xp, x: xp.matrix_transpose(x),
    "squeeze": lambda xp, x: xp.squeeze(xp.expand_dims(x, axis=1), axis=1),
    "broadcast_arrays": lambda xp, x: xp.broadcast_arrays(x, xp.zeros(1))[1],
    "concat": lambda xp, x: xp.concat((x, x), axis=1),
    "stack": lambda xp, x: xp.stack((x, 2 * x), axis=-1),
    "unstack": lambda xp, x: xp.unstack(x, axis=1)[2],
    "flip": lambda xp, x: xp.flip(x),
    "roll": lambda xp, x: xp.roll(x, (1, 2), axis=(0, 1)),
    "tile": lambda xp, x: xp.tile(x, (2, 1, 2)),
    "repeat": lambda xp, x: xp.repeat(x, 2, axis=1),
    "tril": lambda xp, x: xp.tril(x, k=-1),
    "triu": lambda xp, x: xp.triu(x, k=1),
    "take": lambda xp, x: xp.take(x, np.array([2, -1]), axis=1),
    "take_along_axis": lambda xp, x: xp.take_along_axis(x, INDICES, axis=1),
    "diff": lambda xp, x: xp.diff(x, axis=1, n=2),
    "matmul": lambda xp, x: xp.matmul(x, xp.matrix_transpose(x)),
    "tensordot": lambda xp, x: xp.tensordot(x, x, axes=2),
    "vecdot": lambda xp, x: xp.vecdot(x, x[0]),
    "outer": lambda xp, x: xp.linalg.outer(x[0], x[1]),
    "trace": lambda xp, x: xp.linalg.trace(x, offset=1),
    "vector_norm": lambda xp, x: xp.linalg.vector_norm(x, axis=(0, 1), ord=1, keepdims=True),
    "zeros_like": lambda xp, x: xp.zeros_like(x),
    "full_like": lambda xp, x: xp.full_like(x, 2),
    "arange": lambda xp, x: xp.arange(0, 3, 0.5),
    "linspace": lambda xp, x: xp.linspace(0.0, 1.0, 5),
    "eye": lambda xp, x: xp.eye(2, 3, k=1),
    "meshgrid": lambda xp, x: xp.meshgrid(x[0], x[1])[1],
}


@pytest.mark.parametrize("name", EXACT)
def test_graphs_give_the_same_numbers(xp: Any, tf: Any, name: str) -> None:
    """In a graph and under XLA, exact functions give what they give eagerly, shape and dtype included."""
    eager = EXACT[name](xp, tf.constant(X)).numpy()
    for compiled in (None, True):
        graph = tf.function(lambda x: EXACT[name](xp, x), jit_compile=compiled, autograph=False)
        assert_identical(eager + 0 if eager.dtype.kind == "f" else eager, _plus_zero(graph(tf.constant(X))))


def test_a_shape_that_is_not_known_is_refused(xp: Any, tf: Any) -> None:
    """Where a function needs the lengths, the message says that they must be static."""
    graph = tf.function(lambda x: xp.tile(x, (2,)), input_signature=[tf.TensorSpec([None], tf.float32)])
    with pytest.raises(ValueError, match="expected a static shape"):
        graph(tf.zeros(3))


@pytest.mark.parametrize("mode", [None, True])
def test_custom_derivatives_work_in_graphs(xp: Any, tf: Any, mode: bool | None) -> None:
    """The derivatives of hypot, logaddexp and remainder, at a point where they are exact."""

    def product(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = xp.hypot(x, 0.0) + xp.logaddexp(x, x) + xp.remainder(x, 4.0)
        return tape.gradient(y, x)

    graph = tf.function(product, jit_compile=mode)
    assert_identical(np.array([3, 1], np.float32), graph(tf.constant([1.0, -1.0])))


def test_importing_the_namespace_imports_no_tensorflow() -> None:
    """The namespace is made of the module it is given."""
    assert "tensorflow" not in {name.partition(".")[0] for name in _imports()}


def _imports() -> list[str]:
    import ast
    import inspect
    import sys
    from pathlib import Path

    folder = Path(inspect.getfile(sys.modules[TensorflowNamespace.__module__])).parent
    found: list[str] = []
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found.append(str(node.module))
    return found


def _plus_zero(got: Any) -> Any:
    """Drop the sign of zeros, which XLA does not keep everywhere."""
    numbers = got.numpy()
    return numbers + 0 if numbers.dtype.kind == "f" else numbers
