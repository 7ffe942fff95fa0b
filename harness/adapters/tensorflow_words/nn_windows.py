"""What TensorFlow calls the operations: those of `nn` that look through windows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from harness.operations.nn.pooling import both_sides
from harness.operations.nn.windows import Lengths, Padding, edges, lengths
from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.operations.words import Column

__all__ = ["WORDS"]


_FORMATS = ("NWC", "NHWC", "NDHWC")


def _channels_last(tf: Any, x: Any) -> Any:
    rank = len(x.shape)
    return tf.transpose(x, (0, *range(2, rank), 1))


def _channels_second(tf: Any, x: Any) -> Any:
    rank = len(x.shape)
    return tf.transpose(x, (0, rank - 1, *range(1, rank - 1)))


def _padded(tf: Any, x: Any, added: list[tuple[int, int]]) -> Any:
    return tf.pad(x, [(0, 0), (0, 0), *added]) if any(map(any, added)) else x


def _convolution(
    tf: Any,
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
    jumps, steps = lengths(stride, rank), lengths(dilation, rank)
    x = _padded(tf, x, edges(padding, kernel, steps))
    # Of groups, TensorFlow's CPU kernels have no gradient.
    parts = []
    for ones, filters in zip(tf.split(x, groups, axis=1), tf.split(weight, groups, axis=0), strict=True):
        turned = tf.transpose(filters, (*range(2, rank + 2), 1, 0))
        last = _channels_last(tf, ones)
        # Without the format's name, the gradient of tf.nn.conv3d fails in eager mode.
        parts.append(tf.nn.convolution(last, turned, list(jumps), "VALID", _FORMATS[rank - 1], list(steps)))
    found = _channels_second(tf, tf.concat(parts, axis=-1) if groups > 1 else parts[0])
    return found if shift is None else found + tf.reshape(shift, (1, -1, *(1,) * rank))


def _conv_transpose(
    tf: Any, x: Any, weight: Any, shift: Any = None, /, *, stride: Lengths = 1, padding: Lengths = 0
) -> Any:
    kernel = tuple(weight.shape[2:])
    rank = len(kernel)
    jumps, cut = lengths(stride, rank), lengths(padding, rank)
    sizes = [(size - 1) * jump + length for size, jump, length in zip(x.shape[2:], jumps, kernel, strict=True)]
    # TensorFlow wants the kernel's axes first, then the channels that go out, then those that come in.
    turned = tf.transpose(weight, (*range(2, rank + 2), 1, 0))
    whole = tf.nn.conv_transpose(
        _channels_last(tf, x), turned, [x.shape[0], *sizes, weight.shape[1]], list(jumps), "VALID"
    )
    inner = tuple(slice(less, size - less) for less, size in zip(cut, sizes, strict=True))
    found = _channels_second(tf, whole[(slice(None), *inner, slice(None))])
    return found if shift is None else found + tf.reshape(shift, (1, -1, *(1,) * rank))


def _pool(kind: str) -> Callable[..., Any]:
    def call(tf: Any, x: Any, /, *, kernel: Lengths, stride: Lengths | None = None, padding: Lengths = 0) -> Any:
        rank = len(x.shape) - 2
        size = lengths(kernel, rank)
        jumps = size if stride is None else lengths(stride, rank)
        fill = x.dtype.min if kind == "MAX" else 0.0
        wide = tf.pad(x, [(0, 0), (0, 0), *both_sides(padding, rank)], constant_values=fill) if padding else x
        last = tf.transpose(wide, (0, *range(2, rank + 2), 1))
        found = tf.nn.pool(last, size, kind, strides=jumps, padding="VALID")
        return tf.transpose(found, (0, rank + 1, *range(1, rank + 1)))

    return call


def _interpolate(tf: Any, x: Any, /, *, size: Lengths, method: str = "nearest") -> Any:
    last = tf.transpose(x, (0, 2, 3, 1))
    if method == "nearest":
        # The pixel below; tf.image.resize takes the pixel whose centre is nearest.
        found = tf.compat.v1.image.resize_nearest_neighbor(last, lengths(size, 2))
    else:
        found = tf.cast(tf.image.resize(last, lengths(size, 2), method), x.dtype)
    return tf.transpose(found, (0, 3, 1, 2))


def _unfold(
    tf: Any, x: Any, /, *, kernel: Lengths, stride: Lengths = 1, padding: Lengths = 0, dilation: Lengths = 1
) -> Any:
    size, jumps, steps = (lengths(one, 2) for one in (kernel, stride, dilation))
    last = tf.transpose(tf.pad(x, [(0, 0), (0, 0), *both_sides(padding, 2)]), (0, 2, 3, 1))
    seen = tf.image.extract_patches(last, (1, *size, 1), (1, *jumps, 1), (1, *steps, 1), "VALID")
    # TensorFlow counts the channels last.
    parts = tf.reshape(seen, (x.shape[0], -1, math.prod(size), x.shape[1]))
    return tf.reshape(tf.transpose(parts, (0, 3, 2, 1)), (x.shape[0], x.shape[1] * math.prod(size), -1))


def _shuffled(name: str) -> Callable[..., Any]:
    def call(tf: Any, x: Any, /, *, factor: int) -> Any:
        batch, channels, height, width = x.shape
        if factor == 1:
            return tf.identity(x)  # TensorFlow wants 2 or more
        if name == "depth_to_space":
            # TensorFlow counts the channels that come out last, PyTorch first.
            parts = tf.reshape(x, (batch, channels // factor**2, factor**2, height, width))
            last = tf.reshape(tf.transpose(parts, (0, 3, 4, 2, 1)), (batch, height, width, channels))
            return tf.transpose(tf.nn.depth_to_space(last, factor), (0, 3, 1, 2))
        low, wide = height // factor, width // factor
        found = tf.nn.space_to_depth(tf.transpose(x, (0, 2, 3, 1)), factor)
        parts = tf.reshape(found, (batch, low, wide, factor**2, channels))
        return tf.reshape(tf.transpose(parts, (0, 4, 3, 1, 2)), (batch, channels * factor**2, low, wide))

    return call


_DEFINED = ("nn.grid_sample",)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    "nn.interpolate": _interpolate,
    "nn.unfold": _unfold,
    "nn.pixel_shuffle": _shuffled("depth_to_space"),
    "nn.pixel_unshuffle": _shuffled("space_to_depth"),
    **{f"nn.conv{rank}d": _convolution for rank in (1, 2, 3)},
    **{f"nn.conv_transpose{rank}d": _conv_transpose for rank in (1, 2, 3)},
    **{f"nn.max_pool{rank}d": _pool("MAX") for rank in (1, 2, 3)},
    # tf.nn.pool leaves padding out of the mean, but it is padded before.
    **{f"nn.avg_pool{rank}d": _pool("AVG") for rank in (1, 2, 3)},
}
