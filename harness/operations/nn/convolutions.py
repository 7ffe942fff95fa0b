"""Rows of convolutions, below `xp.nn`, with channels as the second axis, as in PyTorch.

TensorFlow's CPU kernels want the channels last, and no padding but their own; JAX has one function for all of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from harness.operations import costs
from harness.operations.nn.windows import Lengths, Padding, edges, lengths, padded, windows
from harness.operations.operation import DEFINITION, Operation

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ROWS"]

_FORMATS = ("NWC", "NHWC", "NDHWC")
_FUNCTIONAL = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.{}.html"


def _shifted(xp: Any, x: Any, shift: Any) -> Any:
    return x if shift is None else x + xp.reshape(shift, (1, -1, *(1,) * (len(x.shape) - 2)))


def _convolution(
    xp: Any,
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
    seen = windows(xp, padded(xp, x, edges(padding, kernel, steps)), kernel, jumps, steps)
    batch, places = x.shape[0], tuple(seen.shape[3:])
    length = weight.shape[1] * math.prod(kernel)
    rows = xp.reshape(weight, (1, groups, weight.shape[0] // groups, length))
    columns = xp.reshape(seen, (batch, groups, length, math.prod(places)))
    product = xp.reshape(xp.matmul(rows, columns), (batch, weight.shape[0], *places))
    return _shifted(xp, product, shift)


def _torch_convolution(rank: int) -> Callable[..., Any]:
    def call(torch: Any, x: Any, weight: Any, shift: Any = None, /, **keywords: Any) -> Any:
        return getattr(torch.nn.functional, f"conv{rank}d")(x, weight, shift, **keywords)

    return call


def _channels_last(tf: Any, x: Any) -> Any:
    rank = len(x.shape)
    return tf.transpose(x, (0, *range(2, rank), 1))


def _channels_second(tf: Any, x: Any) -> Any:
    rank = len(x.shape)
    return tf.transpose(x, (0, rank - 1, *range(1, rank - 1)))


def _tensorflow_padded(tf: Any, x: Any, added: list[tuple[int, int]]) -> Any:
    return tf.pad(x, [(0, 0), (0, 0), *added]) if any(map(any, added)) else x


def _tensorflow_convolution(
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
    x = _tensorflow_padded(tf, x, edges(padding, kernel, steps))
    # Of groups, TensorFlow's CPU kernels have no gradient.
    parts = []
    for ones, filters in zip(tf.split(x, groups, axis=1), tf.split(weight, groups, axis=0), strict=True):
        turned = tf.transpose(filters, (*range(2, rank + 2), 1, 0))
        last = _channels_last(tf, ones)
        # Without the format's name, the gradient of tf.nn.conv3d fails in eager mode.
        parts.append(tf.nn.convolution(last, turned, list(jumps), "VALID", _FORMATS[rank - 1], list(steps)))
    found = _channels_second(tf, tf.concat(parts, axis=-1) if groups > 1 else parts[0])
    return found if shift is None else found + tf.reshape(shift, (1, -1, *(1,) * rank))


def _jax_convolution(
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


def _spread(xp: Any, x: Any, jumps: tuple[int, ...]) -> Any:
    """Put zeros between neighbours along the last axes."""
    rank = len(jumps)
    for place, jump in enumerate(jumps, len(x.shape) - rank):
        if jump > 1:
            size = x.shape[place]
            wide = xp.expand_dims(x, axis=place + 1)
            zeros = xp.zeros((*wide.shape[: place + 1], jump - 1, *wide.shape[place + 2 :]), dtype=x.dtype)
            joined = xp.concat((wide, zeros), axis=place + 1)
            flat = xp.reshape(joined, (*x.shape[:place], size * jump, *x.shape[place + 1 :]))
            x = flat[(*(slice(None),) * place, slice(0, (size - 1) * jump + 1), ...)]
    return x


def _conv_transpose(
    xp: Any, x: Any, weight: Any, shift: Any = None, /, *, stride: Lengths = 1, padding: Lengths = 0
) -> Any:
    kernel = tuple(weight.shape[2:])
    rank = len(kernel)
    jumps, cut = lengths(stride, rank), lengths(padding, rank)
    turned = xp.flip(xp.permute_dims(weight, (1, 0, *range(2, rank + 2))), axis=tuple(range(2, rank + 2)))
    added = tuple(size - 1 - less for size, less in zip(kernel, cut, strict=True))
    return _convolution(xp, _spread(xp, x, jumps), turned, shift, padding=added)


def _torch_conv_transpose(rank: int) -> Callable[..., Any]:
    def call(torch: Any, x: Any, weight: Any, shift: Any = None, /, **keywords: Any) -> Any:
        return getattr(torch.nn.functional, f"conv_transpose{rank}d")(x, weight, shift, **keywords)

    return call


def _tensorflow_conv_transpose(
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


def _jax_conv_transpose(
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


def _rows(rank: int) -> tuple[Operation, ...]:
    return (
        Operation(
            f"nn.conv{rank}d",
            f"the sum of products of a kernel with the windows of x, over {rank} axes, plus a shift for each channel",
            _convolution,
            accuracy=1,
            cost=costs.convolution,
            numpy=DEFINITION,
            torch=_torch_convolution(rank),
            tensorflow=_tensorflow_convolution,
            jax=_jax_convolution,
            source=_FUNCTIONAL.format(f"conv{rank}d"),
        ),
        Operation(
            f"nn.conv_transpose{rank}d",
            f"the transpose of a convolution over {rank} axes, plus a shift for each channel",
            _conv_transpose,
            accuracy=1,
            cost=costs.transposed_convolution,
            numpy=DEFINITION,
            torch=_torch_conv_transpose(rank),
            tensorflow=_tensorflow_conv_transpose,
            jax=_jax_conv_transpose,
            source=_FUNCTIONAL.format(f"conv_transpose{rank}d"),
        ),
    )


ROWS = tuple(row for rank in (1, 2, 3) for row in _rows(rank))
