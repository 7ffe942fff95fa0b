"""What PyTorch calls the operations: those of `nn` that look through windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.operations.nn.windows import Lengths
    from harness.operations.words import Column

__all__ = ["WORDS"]


def _convolution(rank: int) -> Callable[..., Any]:
    def call(torch: Any, x: Any, weight: Any, shift: Any = None, /, **keywords: Any) -> Any:
        return getattr(torch.nn.functional, f"conv{rank}d")(x, weight, shift, **keywords)

    return call


def _conv_transpose(rank: int) -> Callable[..., Any]:
    def call(torch: Any, x: Any, weight: Any, shift: Any = None, /, **keywords: Any) -> Any:
        return getattr(torch.nn.functional, f"conv_transpose{rank}d")(x, weight, shift, **keywords)

    return call


def _pool(name: str, rank: int) -> Callable[..., Any]:
    def call(torch: Any, x: Any, /, *, kernel: Lengths, stride: Lengths | None = None, padding: Lengths = 0) -> Any:
        return getattr(torch.nn.functional, f"{name}{rank}d")(x, kernel, stride, padding)

    return call


def _grid_sample(torch: Any, x: Any, grid: Any, /, *, align_corners: bool = False) -> Any:
    return torch.nn.functional.grid_sample(x, grid, align_corners=align_corners)


def _interpolate(torch: Any, x: Any, /, *, size: Lengths, method: str = "nearest") -> Any:
    mode = "linear" if method == "bilinear" and len(x.shape) == 3 else method
    return torch.nn.functional.interpolate(x, size, mode=mode)


def _unfold(
    torch: Any, x: Any, /, *, kernel: Lengths, stride: Lengths = 1, padding: Lengths = 0, dilation: Lengths = 1
) -> Any:
    return torch.nn.functional.unfold(x, kernel, dilation, padding, stride)


WORDS: dict[str, Column] = {
    "nn.interpolate": _interpolate,
    "nn.grid_sample": _grid_sample,
    "nn.unfold": _unfold,
    "nn.pixel_shuffle": lambda torch, x, *, factor: torch.nn.functional.pixel_shuffle(x, factor),
    "nn.pixel_unshuffle": lambda torch, x, *, factor: torch.nn.functional.pixel_unshuffle(x, factor),
    **{f"nn.conv{rank}d": _convolution(rank) for rank in (1, 2, 3)},
    **{f"nn.conv_transpose{rank}d": _conv_transpose(rank) for rank in (1, 2, 3)},
    **{f"nn.max_pool{rank}d": _pool("max_pool", rank) for rank in (1, 2, 3)},
    **{f"nn.avg_pool{rank}d": _pool("avg_pool", rank) for rank in (1, 2, 3)},
}
