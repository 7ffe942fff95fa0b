"""JAX: operations one by one, and the graphs of `jax.jit`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar

from harness.adapters.base import Adapter
from harness.adapters.jax_derivatives import JaxDerivatives
from harness.adapters.jax_words import WORDS
from harness.errors import AdapterError
from harness.processor import instructions, lower

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from harness.operations.words import Column

__all__ = ["JaxAdapter"]

_RESET = 256  # prepared computations


class JaxAdapter(Adapter):
    """Drives JAX, with 64-bit dtypes enabled."""

    name: ClassVar[str] = "jax"
    title: ClassVar[str] = "JAX"
    distributions: ClassVar[tuple[str, ...]] = ("jax", "jaxlib")
    words: ClassVar[Mapping[str, Column]] = WORDS
    modes: ClassVar[tuple[str, ...]] = ("eager", "jit")
    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128")
    paths: ClassVar[dict[str, tuple[str, ...]]] = {
        "vjp": ("grad", "linearize"),
        "jvp": ("linearize",),
        "hvp": ("reverse_over_reverse", "reverse_over_forward"),
        "curvature": ("jacfwd", "jet"),
        "jacobian": ("forward",),
    }
    # jax.vjp multiplies with the Jacobian's transpose: the gradient of a real function comes out conjugated, as
    # https://docs.jax.dev/en/latest/notebooks/autodiff_cookbook.html#complex-numbers-and-differentiation says.
    transposes: ClassVar[bool] = True
    environment: ClassVar[dict[str, str]] = {
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
        # The flag above no longer holds XLA's products of matrices to one thread: DefaultThreadPoolSize in
        # https://github.com/openxla/xla/blob/main/xla/pjrt/utils.cc reads this.
        "PJRT_NPROC": "1",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "OMP_NUM_THREADS": "1",
    }

    def __init__(self, device: str = "cpu") -> None:
        """Import the framework and choose the device, `cpu` or `gpu`."""
        import jax
        import numpy as np

        jax.config.update("jax_enable_x64", True)
        jax.config.update("jax_default_matmul_precision", "highest")
        if device == "cpu":
            # A GPU that is there must not even be opened.
            jax.config.update("jax_platforms", "cpu")
        try:
            self._device = jax.devices(device)[0]
        except RuntimeError as error:
            raise AdapterError(
                f"JAX {jax.__version__} finds no {device}: {error}. "
                "Install its CUDA build on a machine with a GPU, or use --device cpu."
            ) from error
        jax.config.update("jax_default_device", self._device)
        self._jax = jax
        self._np = np
        self._count = 0
        self._peak = 0
        self.derivatives = JaxDerivatives(jax, self._compiled)

    def array(self, value: np.ndarray[Any, Any]) -> Any:
        """Make the framework's array, with the same bits, on the device."""
        # On a CPU the array may live in NumPy's memory, so it gets memory of its own.
        return self._jax.device_put(self._np.array(value, order="C", copy=True), self._device)

    def numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """Bring an array back, with the same bits and dtype."""
        return self._np.array(array, order="C", copy=True)

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        """Prepare `function(*arrays)` in a mode."""
        return self._compiled(function, mode)

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Prepare the vector-Jacobian product: forward and backward are compiled together."""
        found: Callable[..., Any] = self.derivatives.vjp(function, mode, inputs, path)
        return found

    def graph(self, prepared: Callable[..., Any]) -> dict[str, int]:
        """Say how many graphs a compiled computation has: one for each combination of shapes that came."""
        return {"traces": prepared._cache_size()}  # type: ignore[attr-defined]  # noqa: SLF001 - jax.jit has no public word

    def facts(self) -> dict[str, str]:
        """Say how JAX is set. It has no global seed: its random numbers take a key."""
        return {
            "matrix products": str(self._jax.config.jax_default_matmul_precision),
            "64 bits": "enabled" if self._jax.config.jax_enable_x64 else "disabled",
            "instructions": lower(instructions(), _limit(os.environ.get("XLA_FLAGS", ""))),
            "XLA flags": os.environ.get("XLA_FLAGS", ""),
        }

    def synchronize(self, result: Any) -> None:
        """Wait until the arrays in a result are computed."""
        self._jax.block_until_ready(result)

    def bare(self, kind: str, dtype: str) -> Adapter:
        """Return this one: nothing is wrapped around JAX."""
        return self

    def peak_memory(self) -> int | None:
        """Return the most bytes of the device that were in use, where that is more than ever before in the process.

        JAX counts from the start of the process: of what stays below, nobody knows.
        """
        peak = (self._device.memory_stats() or {}).get("peak_bytes_in_use", 0)
        before, self._peak = self._peak, max(peak, self._peak)
        return int(peak) if peak > before else None

    def held_memory(self) -> int | None:
        """Return the bytes of the device that are in use."""
        return (self._device.memory_stats() or {}).get("bytes_in_use")

    def base(self) -> tuple[Any, Any]:
        """Return `jax`, and `jax.numpy`, which follows the standard."""
        return self._jax, self._jax.numpy

    def _compiled(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        self._count += 1
        if self._count % _RESET == 0:
            # In eager mode too, each operation is compiled for each shape, and kept: gigabytes after some thousand cases.
            self._jax.clear_caches()
        return function if mode == "eager" else self._jax.jit(function)


def _limit(flags: str) -> str:
    """Read which instructions XLA is limited to (`xla_cpu_max_isa` in xla/xla.proto); empty where it is not."""
    given = [flag.partition("=")[2] for flag in flags.split() if flag.startswith("--xla_cpu_max_isa=")]
    return given[-1].upper() if given else ""
