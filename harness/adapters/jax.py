"""JAX: operations one by one, and the graphs of `jax.jit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from harness.adapters.base import Adapter
from harness.errors import AdapterError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["JaxAdapter"]


class JaxAdapter(Adapter):
    """Drives JAX, with 64-bit dtypes enabled."""

    name: ClassVar[str] = "jax"
    distributions: ClassVar[tuple[str, ...]] = ("jax", "jaxlib")
    modes: ClassVar[tuple[str, ...]] = ("eager", "jit")
    environment: ClassVar[dict[str, str]] = {
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "OMP_NUM_THREADS": "1",
    }

    def __init__(self, device: str = "cpu") -> None:
        """Import the framework and choose the device, `cpu` or `gpu`."""
        import jax

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

    def array(self, value: np.ndarray[Any, Any]) -> Any:
        """Make the framework's array, with the same bits, on the device."""
        # On a CPU the array may live in NumPy's memory, so it gets memory of its own.
        return self._jax.device_put(np.array(value, order="C", copy=True), self._device)

    def numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """Bring an array back, with the same bits and dtype."""
        return np.array(array, order="C", copy=True)

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        """Prepare `function(*arrays)` in a mode."""
        return self._compiled(function, mode)

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Prepare the vector-Jacobian product: forward and backward are compiled together."""
        jnp = self._jax.numpy

        def product(arrays: tuple[Any, ...], cotangents: tuple[Any, ...]) -> tuple[Any, ...]:
            def outputs(*sources: Any) -> tuple[Any, ...]:
                replaced = dict(zip(inputs, sources, strict=True))
                found = function(*(replaced.get(position, array) for position, array in enumerate(arrays)))
                return tuple(
                    output
                    for output in (found if isinstance(found, (tuple, list)) else (found,))
                    if jnp.issubdtype(jnp.result_type(output), jnp.inexact)
                )

            _, pullback = self._jax.vjp(outputs, *(arrays[position] for position in inputs))
            return tuple(pullback(tuple(cotangents)))

        return self._compiled(product, mode)

    def synchronize(self, result: Any) -> None:
        """Wait until the arrays in a result are computed."""
        self._jax.block_until_ready(result)

    def base(self) -> tuple[Any, Any]:
        """Give `jax`, and `jax.numpy`, which follows the standard."""
        return self._jax, self._jax.numpy

    def _compiled(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        return function if mode == "eager" else self._jax.jit(function)
