"""TensorFlow's derivatives: `GradientTape` and `ForwardAccumulator`; tapes are always inside the compiled function."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.adapters.base import NotOfferedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Function = Callable[..., Any]

__all__ = ["TensorflowDerivatives"]


def _forget_traces() -> None:
    """Drop what forward mode has traced, so that a second derivative does not depend on what was computed before.

    A trace that was made where both operands of an operation are one tensor is used again where they are not:
    https://github.com/tensorflow/tensorflow/issues/127753. A computation of its own can still meet that.
    """
    from tensorflow.python.eager import forwardprop

    with suppress(AttributeError):  # the cache is no public word
        forwardprop._jvp_function_cache.clear()  # noqa: SLF001 - as above


class TensorflowDerivatives:
    """Prepares derivatives of functions.

    The methods are those of the adapter, which says what they take and return.

    Args:
        tf: The framework's top module.
        compiled: Compiles a function in a mode.
    """

    def __init__(self, tf: Any, compiled: Callable[[Function, str], Function]) -> None:
        """Hold the framework and its compiler."""
        self._tf = tf
        self._compiled = compiled

    def vjp(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Sweep backward: once for all inputs, once for each on a persistent tape, or inside another tape."""

        def product(arrays: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
            leaves, sources = self._leaves(arrays, inputs)
            weights = list(cotangents)
            with self._tape(sources, persistent=path == "persistent") as tape:
                outputs = self._floating(function(*leaves))
            if path == "persistent":
                return self._dense(tape.gradient(outputs, source, output_gradients=weights) for source in sources)
            return self._dense(tape.gradient(outputs, sources, output_gradients=weights))

        def nested(arrays: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
            leaves, sources = self._leaves(arrays, inputs)
            with self._tape(sources), self._tape(sources) as inner:
                outputs = self._floating(function(*leaves))
                return self._dense(inner.gradient(outputs, sources, output_gradients=list(cotangents)))

        if path not in {"", "persistent", "nested"}:
            raise NotOfferedError("tensorflow", "vjp", path)
        return self._compiled(nested if path == "nested" else product, mode)

    def value_and_vjp(self, function: Function, mode: str, inputs: Sequence[int]) -> Function:
        """Sweep backward on one tape, on the very tensors that are given."""

        def product(arrays: Sequence[Any], cotangents: Sequence[Any]) -> tuple[Any, ...]:
            sources = [arrays[position] for position in inputs]
            with self._tape(sources) as tape:
                outputs = self._floating(function(*arrays))
            return tuple(outputs), self._dense(tape.gradient(outputs, sources, output_gradients=list(cotangents)))

        return self._compiled(product, mode)

    def jvp(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Push forward: by `ForwardAccumulator`, or by differentiating a backward sweep."""
        tf = self._tf

        def product(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            leaves, sources = self._leaves(arrays, inputs)
            with tf.autodiff.ForwardAccumulator(sources, list(tangents)) as forward:
                outputs = self._floating(function(*leaves))
            return self._moved(forward, outputs)

        def twice(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            # The VJP is linear in its cotangent, so its derivative with respect to that is the JVP, whatever it is.
            leaves, sources = self._leaves(arrays, inputs)
            with self._tape([]) as outer:
                with self._tape(sources) as inner:
                    outputs = self._floating(function(*leaves))
                cotangents = [tf.ones_like(output) for output in outputs]
                outer.watch(cotangents)
                gradients = self._gradients(inner, outputs, sources, cotangents)
            return self._gradients(outer, gradients, cotangents, list(tangents))

        if path not in {"", "double_backward"}:
            raise NotOfferedError("tensorflow", "jvp", path)
        return self._compiled(twice if path else product, mode)

    def hvp(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Differentiate twice: by a tape inside a tape, or with one accumulator."""
        tf = self._tf

        def reverse(arrays: Sequence[Any], cotangents: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            leaves, sources = self._leaves(arrays, inputs)
            with self._tape(sources) as outer:
                with self._tape(sources) as inner:
                    outputs = self._floating(function(*leaves))
                gradients = self._gradients(inner, outputs, sources, list(cotangents))
            return self._gradients(outer, gradients, sources, list(tangents))

        def over_reverse(arrays: Sequence[Any], cotangents: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            leaves, sources = self._leaves(arrays, inputs)
            with tf.autodiff.ForwardAccumulator(sources, list(tangents)) as forward:
                with self._tape(sources) as tape:
                    outputs = self._floating(function(*leaves))
                gradients = self._gradients(tape, outputs, sources, list(cotangents))
            return self._moved(forward, gradients)

        def over_forward(arrays: Sequence[Any], cotangents: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            leaves, sources = self._leaves(arrays, inputs)
            with self._tape(sources) as tape:
                with tf.autodiff.ForwardAccumulator(sources, list(tangents)) as forward:
                    outputs = self._floating(function(*leaves))
                moved = self._moved(forward, outputs)
            return self._gradients(tape, moved, sources, list(cotangents))

        ways = {"": reverse, "forward_over_reverse": over_reverse, "reverse_over_forward": over_forward}
        if path not in ways:
            raise NotOfferedError("tensorflow", "hvp", path)
        return self._compiled(ways[path], mode)

    def curvature(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Push forward twice: an accumulator inside an accumulator."""
        tf = self._tf

        def twice(arrays: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
            _forget_traces()
            leaves, sources = self._leaves(arrays, inputs)
            directions = list(tangents)
            with tf.autodiff.ForwardAccumulator(sources, directions) as outer:
                with tf.autodiff.ForwardAccumulator(sources, directions) as inner:
                    outputs = self._floating(function(*leaves))
                moved = self._moved(inner, outputs)
            return self._moved(outer, moved)

        if path:
            raise NotOfferedError("tensorflow", "curvature", path)
        return self._compiled(twice, mode)

    def jacobian(self, function: Function, mode: str, inputs: Sequence[int], path: str) -> Function:
        """Return the whole Jacobian: vectorised by `pfor`, row by row, or column by column in forward mode."""
        tf = self._tf

        def rows(*arrays: Any) -> tuple[Any, ...]:
            leaves, sources = self._leaves(arrays, inputs)
            with self._tape(sources, persistent=True) as tape:
                (output,) = self._floating(function(*leaves))
            return tuple(
                tape.jacobian(
                    output,
                    sources,
                    unconnected_gradients=tf.UnconnectedGradients.ZERO,
                    experimental_use_pfor=path != "loop",
                )
            )

        def columns(*arrays: Any) -> tuple[Any, ...]:
            leaves, sources = self._leaves(arrays, inputs)
            return tuple(self._columns(function, leaves, source) for source in sources)

        if path not in {"", "loop", "forward"}:
            raise NotOfferedError("tensorflow", "jacobian", path)
        return self._compiled(columns if path == "forward" else rows, mode)

    def vmap(self, function: Function, mode: str, path: str) -> Function:
        """Run a batch in one go."""
        if path:
            raise NotOfferedError("tensorflow", "vmap", path)
        return self._compiled(lambda *arrays: self._tf.vectorized_map(lambda one: function(*one), arrays), mode)

    def _leaves(self, arrays: Sequence[Any], inputs: Sequence[int]) -> tuple[list[Any], list[Any]]:
        """Return tensors of their own, and those of the inputs asked for."""
        # A tape knows a tensor by its identity, so one that is passed twice must become two.
        leaves = [self._tf.identity(array) for array in arrays]
        return leaves, [leaves[position] for position in inputs]

    @contextmanager
    def _tape(self, sources: Sequence[Any], *, persistent: bool = False) -> Iterator[Any]:
        """Open a tape that watches these tensors."""
        with self._tf.GradientTape(persistent=persistent, watch_accessed_variables=False) as tape:
            tape.watch(list(sources))
            yield tape

    def _floating(self, found: Any) -> list[Any]:
        outputs = found if isinstance(found, (tuple, list)) else (found,)
        return [output for output in outputs if output.dtype.is_floating or output.dtype.is_complex]

    def _dense(self, gradients: Any) -> tuple[Any, ...]:
        # The gradient of a gather is sparse (tf.IndexedSlices) until it is converted.
        return tuple(None if one is None else self._tf.convert_to_tensor(one) for one in gradients)

    def _gradients(self, tape: Any, outputs: Any, sources: Any, cotangents: Any) -> tuple[Any, ...]:
        """Sweep backward; what does not depend on an input has the derivative zero."""
        zero = self._tf.UnconnectedGradients.ZERO
        found = tape.gradient(list(outputs), sources, output_gradients=cotangents, unconnected_gradients=zero)
        return self._dense(found)

    def _moved(self, forward: Any, outputs: Sequence[Any]) -> tuple[Any, ...]:
        return self._dense(forward.jvp(list(outputs), unconnected_gradients=self._tf.UnconnectedGradients.ZERO))

    def _columns(self, function: Function, leaves: Sequence[Any], source: Any) -> Any:
        tf = self._tf
        size = int(np.prod(source.shape))
        columns: list[Any] = []
        for number in range(size):
            unit = tf.reshape(tf.one_hot(number, size, dtype=source.dtype), source.shape)
            with tf.autodiff.ForwardAccumulator(source, unit) as forward:
                outputs = self._floating(function(*leaves))
            columns += self._moved(forward, outputs)
        if not columns:
            return tf.zeros([*self._floating(function(*leaves))[0].shape, *source.shape], source.dtype)
        return tf.reshape(tf.stack(columns, axis=-1), [*columns[0].shape, *source.shape])
