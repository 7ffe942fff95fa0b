"""TensorFlow: `GradientTape` on eager tensors, in graphs of `tf.function`, and in graphs that XLA compiles."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

from harness.adapters.base import Adapter
from harness.adapters.tensorflow_words import WORDS
from harness.errors import AdapterError
from harness.processor import instructions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from harness.operations.words import Column

__all__ = ["TensorflowAdapter"]

_CONTROL = ("If", "StatelessIf", "While", "StatelessWhile", "Case", "StatelessCase")


class TensorflowAdapter(Adapter):
    """Drives TensorFlow."""

    name: ClassVar[str] = "tensorflow"
    title: ClassVar[str] = "TensorFlow"
    distributions: ClassVar[tuple[str, ...]] = ("tensorflow|tensorflow-cpu",)
    words: ClassVar[Mapping[str, Column]] = WORDS
    modes: ClassVar[tuple[str, ...]] = ("eager", "function", "xla")
    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128")
    paths: ClassVar[dict[str, tuple[str, ...]]] = {
        "vjp": ("persistent", "nested"),
        "jvp": ("double_backward",),
        "hvp": ("forward_over_reverse", "reverse_over_forward"),
        "jacobian": ("loop", "forward"),
    }
    # The adjoint: gradient functions multiply with conjugates, math_ops.conj in
    # https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/ops/math_grad.py
    transposes: ClassVar[bool] = False
    environment: ClassVar[dict[str, str]] = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
        "OMP_NUM_THREADS": "1",
    }

    def __init__(self, device: str = "cpu") -> None:
        """Import the framework and choose the device, `cpu` or `gpu`."""
        import numpy as np
        import tensorflow as tf

        from harness.adapters.tensorflow_derivatives import TensorflowDerivatives
        from harness.adapters.tensorflow_namespace import TensorflowNamespace

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
        tf.random.set_seed(0)
        self._tf = tf
        self._np = np
        self.derivatives = TensorflowDerivatives(tf, self._compiled)
        self._standard = TensorflowNamespace(tf)
        self._facts: WeakKeyDictionary[Callable[..., Any], dict[str, int]] = WeakKeyDictionary()
        self._device = f"/{device.upper()}:0"

    def array(self, value: np.ndarray[Any, Any]) -> Any:
        """Make the framework's array, with the same bits, on the device."""
        with self._tf.device(self._device):
            return self._tf.constant(self._np.array(value, order="C", copy=True))

    def numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """Bring an array back, with the same bits and dtype."""
        return self._np.array(array.numpy(), order="C", copy=True)

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        """Prepare `function(*arrays)` in a mode."""
        return self._compiled(function, mode)

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Prepare the vector-Jacobian product: the tape is inside the compiled function."""
        found: Callable[..., Any] = self.derivatives.vjp(function, mode, inputs, path)
        return found

    def graph(self, prepared: Callable[..., Any]) -> dict[str, int]:
        """Say how often a computation was traced, and how many operations of control flow its largest graph has."""
        function: Any = prepared
        traces = function.experimental_get_tracing_count()
        if self._facts.get(prepared, {}).get("traces") != traces:
            facts = Counter(traces=traces)
            for concrete in function._list_all_concrete_functions():  # noqa: SLF001 - there is no public word
                definition = concrete.graph.as_graph_def()
                bodies = [definition.node, *(one.node_def for one in definition.library.function)]
                facts |= Counter(node.op for body in bodies for node in body if node.op in _CONTROL)
            self._facts[prepared] = dict(facts)
        return self._facts[prepared]

    def facts(self) -> dict[str, str]:
        """Say how TensorFlow is set."""
        config = self._tf.config
        return {
            "threads": str(config.threading.get_intra_op_parallelism_threads()),
            "TF32": "on" if config.experimental.tensor_float_32_execution_enabled() else "off",
            "oneDNN": "on" if _has_onednn() else "off",
            "instructions": instructions(),
            "XLA flags": os.environ.get("XLA_FLAGS", ""),
            "seed": "0",
        }

    def synchronize(self, result: Any) -> None:
        """Wait until the arrays in a result are computed."""
        self._tf.test.experimental.sync_devices()

    def bare(self, kind: str, dtype: str) -> Adapter:
        """Return this one: nothing is wrapped around TensorFlow."""
        return self

    def peak_memory(self) -> int | None:
        """Return the most bytes of the GPU that TensorFlow's allocator had given out."""
        if self._device == "/CPU:0":
            return None
        experimental = self._tf.config.experimental
        peak = int(experimental.get_memory_info("GPU:0")["peak"])
        experimental.reset_memory_stats("GPU:0")
        return peak

    def held_memory(self) -> int | None:
        """Return the bytes of the GPU that TensorFlow's allocator has given out."""
        if self._device == "/CPU:0":
            return None
        return int(self._tf.config.experimental.get_memory_info("GPU:0")["current"])

    def base(self) -> tuple[Any, Any]:
        """Return `tensorflow`, and our namespace of the standard's names for it."""
        return self._tf, self._standard

    def _compiled(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        if mode == "eager":
            return function
        return self._tf.function(function, jit_compile=True if mode == "xla" else None)  # type: ignore[no-any-return]


def _has_onednn() -> bool:
    """Whether kernels of oneDNN are used: by default only on processors with AVX512_VNNI and their like.

    https://github.com/tensorflow/tensorflow/releases/tag/v2.9.0. Only TensorFlow's private module knows what it decided;
    where that is not there, the setting says it.
    """
    try:
        from tensorflow.python.util import _pywrap_util_port

        return bool(_pywrap_util_port.IsMklEnabled())
    except (ImportError, AttributeError):
        return os.environ.get("TF_ENABLE_ONEDNN_OPTS") == "1"
