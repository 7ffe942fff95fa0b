"""PyTorch: autograd, and the graphs of `torch.compile`."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from harness.adapters.base import Adapter
from harness.adapters.torch_derivatives import TorchDerivatives
from harness.adapters.torch_graphs import Counted, Meter
from harness.adapters.torch_keys import Keys
from harness.adapters.torch_words import WORDS
from harness.errors import AdapterError
from harness.operations.namespace import UnsupportedOperationError
from harness.operations.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from harness.operations.namespace import Namespace
    from harness.operations.words import Column

__all__ = ["TorchAdapter"]

_COMPILERS = {"aot": "aot_eager", "compile": "inductor"}
_RESET = 64  # compiled functions


class TorchAdapter(Adapter):
    """Drives PyTorch."""

    name: ClassVar[str] = "torch"
    title: ClassVar[str] = "PyTorch"
    distributions: ClassVar[tuple[str, ...]] = ("torch", "array-api-compat")
    words: ClassVar[Mapping[str, Column]] = WORDS
    modes: ClassVar[tuple[str, ...]] = ("eager", "aot", "compile")
    slow_modes: ClassVar[tuple[str, ...]] = ("compile",)
    dtypes: ClassVar[tuple[str, ...]] = ("float32", "float64", "float16", "bfloat16", "complex64", "complex128")
    paths: ClassVar[dict[str, tuple[str, ...]]] = {
        "vjp": ("backward", "create_graph", "func"),
        "jvp": ("dual", "double_backward"),
        "hvp": ("func", "forward_over_reverse", "reverse_over_forward"),
        "curvature": ("jacfwd",),
        "jacobian": ("forward",),
    }
    # The adjoint: "the gradient computed is the Conjugate Wirtinger derivative"
    # (https://docs.pytorch.org/docs/stable/notes/autograd.html#autograd-for-complex-numbers).
    transposes: ClassVar[bool] = False
    environment: ClassVar[dict[str, str]] = {
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        # Graphs that other processes compiled, and under whatever circumstances, must not be taken from the disk.
        "TORCHINDUCTOR_FX_GRAPH_CACHE": "0",
        "TORCHINDUCTOR_AUTOGRAD_CACHE": "0",
    }

    def __init__(self, device: str = "cpu") -> None:
        """Import the framework and choose the device, `cpu` or `gpu`."""
        import array_api_compat.torch
        import numpy as np
        import torch
        import torch._dynamo

        if device == "gpu" and not torch.cuda.is_available():
            raise AdapterError(
                f"PyTorch {torch.__version__} finds no GPU (torch.cuda.is_available() is false). "
                "Install its CUDA build on a machine with a GPU, or use --device cpu."
            )
        self._torch = torch
        self._np = np
        self.derivatives = TorchDerivatives(torch, self._compiled)
        self._count = 0
        self._bare = False
        self._meter = Meter(torch)
        self._keys = Keys(torch)
        self._words: Namespace | None = None
        self._standard = array_api_compat.torch
        self._device = torch.device("cuda" if device == "gpu" else "cpu")
        torch.set_num_threads(1)
        torch.manual_seed(0)
        torch.set_flush_denormal(False)
        torch.set_float32_matmul_precision("highest")
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.benchmark = False
        torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
        torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
        if device == "gpu":
            # What a case makes of nothing must lie where its inputs are.
            torch.set_default_device(self._device)
        settings = torch._dynamo.config  # noqa: SLF001 - where PyTorch documents its settings
        # Past the limit of 8 a function would silently run eagerly. Compiled code is kept by the code object, which
        # all functions of one factory share, so they would soon be past it.
        settings.recompile_limit = settings.accumulated_recompile_limit = 1 << 20
        settings.fail_on_recompile_limit_hit = True
        # With it, compiling jvp(jvp(f)) fails or not by what was compiled before: 0-dimensional results are mixed up.
        settings.fake_tensor_cache_enabled = False

    def array(self, value: np.ndarray[Any, Any]) -> Any:
        """Make the framework's array, with the same bits, on the device."""
        self._keys.restore()
        copy = self._np.array(value, order="C", copy=True)
        if copy.dtype.name == "bfloat16":
            # PyTorch does not know NumPy's bfloat16, only its bits.
            return self._torch.from_numpy(copy.view(self._np.int16)).view(self._torch.bfloat16).to(self._device)
        return self._torch.from_numpy(copy).to(self._device)

    def numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """Bring an array back, with the same bits and dtype."""
        # What has no memory of its own is written out: numpy(force=True) reads a view of such zeros beyond its end.
        array = array.detach().cpu().clone()
        if array.dtype == self._torch.bfloat16:
            from ml_dtypes import bfloat16

            return self._np.array(array.view(self._torch.int16).numpy(force=True), order="C", copy=True).view(bfloat16)
        # What is forced: lazy conjugates and negatives are resolved.
        return self._np.array(array.numpy(force=True), order="C", copy=True)

    def value(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        """Prepare `function(*arrays)` in a mode."""
        return self._compiled(function, mode)

    def vjp(self, function: Callable[..., Any], mode: str, inputs: Sequence[int], path: str = "") -> Callable[..., Any]:
        """Prepare the vector-Jacobian product: AOTAutograd compiles the backward of a compiled function."""
        found: Callable[..., Any] = self.derivatives.vjp(function, mode, inputs, path)
        return found

    def graph(self, prepared: Callable[..., Any]) -> dict[str, int]:
        """Say how many graphs a compiled computation became, how often they broke and were compiled again."""
        # What is prepared is the compiled function, or a function around it.
        around = [cell.cell_contents for cell in getattr(prepared, "__closure__", None) or ()]
        return next((one.facts() for one in (prepared, *around) if isinstance(one, Counted)), {})

    def namespace(self) -> Namespace:
        """Make `xp`, with every word found: to find one while a branch is traced would be a side effect of the branch."""
        if self._words is None:
            self._words = super().namespace()
            for name in OPERATIONS:
                with suppress(UnsupportedOperationError, AdapterError):  # raised where the word is used
                    attrgetter(name)(self._words)
        return self._words

    def facts(self) -> dict[str, str]:
        """Say how PyTorch is set."""
        backends = self._torch.backends
        return {
            "threads": str(self._torch.get_num_threads()),
            "float32 matrix products": self._torch.get_float32_matmul_precision(),
            "TF32": "on" if backends.cuda.matmul.allow_tf32 or backends.cudnn.allow_tf32 else "off",
            "oneDNN": "on" if backends.mkldnn.is_available() and backends.mkldnn.enabled else "off",
            "instructions": backends.cpu.get_cpu_capability(),
            "seed": str(self._torch.initial_seed()),
        }

    def synchronize(self, result: Any) -> None:
        """Wait until the arrays in a result are computed."""
        if self._device.type == "cuda":
            self._torch.cuda.synchronize()

    def bare(self, kind: str, dtype: str) -> Adapter:
        """Count no graphs, and look after no dispatch keys, in what is compiled."""
        made = copy(self)
        made._bare = True  # noqa: SLF001 - one of this class
        made.derivatives = TorchDerivatives(self._torch, made._compiled)  # noqa: SLF001 - as above
        return made

    def peak_memory(self) -> int | None:
        """Return the most bytes that the allocator of the GPU had given out."""
        if self._device.type != "cuda":
            return None
        peak = int(self._torch.cuda.max_memory_allocated())
        self._torch.cuda.reset_peak_memory_stats()
        return peak

    def held_memory(self) -> int | None:
        """Return the bytes that the allocator of the GPU has given out."""
        return int(self._torch.cuda.memory_allocated()) if self._device.type == "cuda" else None

    def base(self) -> tuple[Any, Any]:
        """Return `torch`, and array-api-compat's namespace for it."""
        return self._torch, self._standard

    def _compiled(self, function: Callable[..., Any], mode: str) -> Callable[..., Any]:
        if mode == "eager":
            return function
        if self._count % _RESET == 0:
            # What was compiled is kept until it is reset. What is called again after that is compiled again.
            self._torch._dynamo.reset()  # noqa: SLF001 - the documented way
            self._meter.forget()
        self._count += 1

        def own(*arrays: Any) -> Any:
            return function(*arrays)

        # Compiled code is kept by the code object, and each call looks through all of it: give each function its own.
        own.__code__ = own.__code__.replace(co_name=f"{mode}_{self._count}")
        compiled = self._torch.compile(own, backend=_COMPILERS[mode], fullgraph=False, dynamic=False)
        return compiled if self._bare else Counted(self._keys.watched(compiled), self._meter)
