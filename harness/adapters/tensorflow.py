"""TensorFlow: `GradientTape` on eager tensors, in graphs of `tf.function`, and in graphs that XLA compiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from harness.adapters.base import Adapter
from harness.adapters.tensorflow_namespace import TensorflowNamespace
from harness.errors import AdapterError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["TensorflowAdapter"]


class TensorflowAdapter(Adapter):
    """Drives TensorFlow."""

    name: ClassVar[str] = "tensorflow"
    distributions: ClassVar[tuple[str, ...]] = ("tensorflow|tensorflow-cpu",)
    modes: ClassVar[tuple[str, ...]] = ("eager", "function", "xla")
    environment: ClassVar[dict[str, str]] = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
        "OMP_NUM_THREADS": "1",
    }

    def __init__(self, device: str = "cpu") -> None:
        """Import the framework and choose the device, `cpu` or `gpu`."""
        import tensorflow as tf

        if device == "gpu" and not tf.config.list_physical_devices("GPU"):
            raise AdapterError(
                f"TensorFlow {tf.__version__} finds no GPU (tf.config.list_physical_devices('GPU') is empty). "
                "Install its CUDA build on a machine with a GPU, or use --device cpu."
            )
        if device == "cpu":
            tf.config.set_visible_devices([], "GPU")
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.experimental.enable_tensor_float_32_execution(False)
        self._tf = tf
        self._standard = TensorflowNamespace(tf)
        self._device = f"/{device.upper()}:0"

    def array(self, value: np.ndarray[Any, Any]) -> Any:
        """Make the framework's array, with the same bits, on the device."""
        with self._tf.device(self._device):
            return self._tf.constant(np.array(value, order="C", copy=True))

    def numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """Bring an array back, with the same bits and dtype."""
        return np.array(array.numpy(), order="C", copy=True)

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        """Prepare `function(*arrays)` in a mode."""
        return self._compiled(function, mode)

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Prepare the vector-Jacobian product: the tape is inside the compiled function."""
        tf = self._tf

        def product(arrays: tuple[Any, ...], cotangents: tuple[Any, ...]) -> tuple[Any, ...]:
            # The tape knows a tensor by its identity, so one that is passed twice must become two.
            leaves = [tf.identity(array) for array in arrays]
            sources = [leaves[position] for position in inputs]
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(sources)
                found = function(*leaves)
            outputs = [
                output
                for output in (found if isinstance(found, (tuple, list)) else (found,))
                if output.dtype.is_floating or output.dtype.is_complex
            ]
            gradients = tape.gradient(outputs, sources, output_gradients=list(cotangents))
            # The gradient of a gather is sparse (tf.IndexedSlices) until it is converted.
            return tuple(None if one is None else tf.convert_to_tensor(one) for one in gradients)

        return self._compiled(product, mode)

    def synchronize(self, result: Any) -> None:
        """Wait until the arrays in a result are computed."""
        self._tf.test.experimental.sync_devices()

    def base(self) -> tuple[Any, Any]:
        """Give `tensorflow`, and our namespace of the standard's names for it."""
        return self._tf, self._standard

    def _compiled(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        if mode == "eager":
            return function
        return self._tf.function(function, jit_compile=True if mode == "xla" else None)  # type: ignore[no-any-return]
