"""What JAX calls the operations: those of `nn` that look through windows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from harness.operations.nn.pooling import both_sides, pixel
from harness.operations.nn.windows import Lengths, Padding, edges, lengths
from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.operations.words import Column

__all__ = ["WORDS"]


def _convolution(
    jax: Any,
    x: Any,
    weight: Any,
    shift: Any = None,
    /,
    *,
    stride: Lengths = 1,
    padding: Padding = 0,
    dilation: Lengths = 1,
    groups: int = 1,
) -> Any:
    kernel = tuple(weight.shape[2:])
    rank = len(kernel)
    steps = lengths(dilation, rank)
    found = jax.lax.conv_general_dilated(
        x,
        weight,
        lengths(stride, rank),
        edges(padding, kernel, steps),
        rhs_dilation=steps,
        feature_group_count=groups,
    )
    return found if shift is None else found + shift.reshape((1, -1, *(1,) * rank))


def _conv_transpose(
    jax: Any, x: Any, weight: Any, shift: Any = None, /, *, stride: Lengths = 1, padding: Lengths = 0
) -> Any:
    kernel = tuple(weight.shape[2:])
    rank = len(kernel)
    cut = lengths(padding, rank)
    turned = jax.numpy.flip(jax.numpy.swapaxes(weight, 0, 1), tuple(range(2, rank + 2)))
    found = jax.lax.conv_general_dilated(
        x,
        turned,
        (1,) * rank,
        [(size - 1 - less, size - 1 - less) for size, less in zip(kernel, cut, strict=True)],
        lhs_dilation=lengths(stride, rank),
    )
    return found if shift is None else found + shift.reshape((1, -1, *(1,) * rank))


def _pool(kind: str) -> Callable[..., Any]:
    def call(jax: Any, x: Any, /, *, kernel: Lengths, stride: Lengths | None = None, padding: Lengths = 0) -> Any:
        rank = len(x.shape) - 2
        size = lengths(kernel, rank)
        jumps = size if stride is None else lengths(stride, rank)
        start, reduce = (-math.inf, jax.lax.max) if kind == "MAX" else (0.0, jax.lax.add)
        sides = [(0, 0), (0, 0), *both_sides(padding, rank)]
        found = jax.lax.reduce_window(x, start, reduce, (1, 1, *size), (1, 1, *jumps), sides)
        return found if kind == "MAX" else found / math.prod(size)

    return call


def _grid_sample(jax: Any, x: Any, grid: Any, /, *, align_corners: bool = False) -> Any:
    def sample(plane: Any, points: Any) -> Any:
        places = [pixel(points[..., axis], plane.shape[1 - axis], align_corners=align_corners) for axis in (1, 0)]
        return jax.scipy.ndimage.map_coordinates(plane, places, order=1, mode="constant", cval=0.0)

    return jax.vmap(jax.vmap(sample, (0, None)))(x, grid)


def _interpolate(jax: Any, x: Any, /, *, size: Lengths, method: str = "nearest") -> Any:
    return jax.image.resize(x, (*x.shape[:2], *lengths(size, len(x.shape) - 2)), method, antialias=False)


def _unfold(
    jax: Any, x: Any, /, *, kernel: Lengths, stride: Lengths = 1, padding: Lengths = 0, dilation: Lengths = 1
) -> Any:
    size, jumps, steps = (lengths(one, 2) for one in (kernel, stride, dilation))
    seen = jax.lax.conv_general_dilated_patches(x, size, jumps, both_sides(padding, 2), rhs_dilation=steps)
    return seen.reshape((*seen.shape[:2], -1))


_DEFINED = (
    "nn.pixel_shuffle",
    "nn.pixel_unshuffle",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    "nn.interpolate": _interpolate,
    "nn.grid_sample": _grid_sample,
    "nn.unfold": _unfold,
    **{f"nn.conv{rank}d": _convolution for rank in (1, 2, 3)},
    **{f"nn.conv_transpose{rank}d": _conv_transpose for rank in (1, 2, 3)},
    **{f"nn.max_pool{rank}d": _pool("MAX") for rank in (1, 2, 3)},
    **{f"nn.avg_pool{rank}d": _pool("AVG") for rank in (1, 2, 3)},
}
