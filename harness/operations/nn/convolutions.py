"""Rows of convolutions, below `xp.nn`, with channels as the second axis, as in PyTorch.

TensorFlow's CPU kernels want the channels last, and no padding but their own; JAX has one function for all of them.
"""

from __future__ import annotations

import math
from typing import Any

from harness.operations import costs
from harness.operations.nn.windows import Lengths, Padding, edges, lengths, padded, windows
from harness.operations.operation import Operation

__all__ = ["ROWS"]

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


def _rows(rank: int) -> tuple[Operation, ...]:
    return (
        Operation(
            f"nn.conv{rank}d",
            f"the sum of products of a kernel with the windows of x, over {rank} axes, plus a shift for each channel",
            _convolution,
            accuracy=1,
            cost=costs.convolution,
            source=_FUNCTIONAL.format(f"conv{rank}d"),
        ),
        Operation(
            f"nn.conv_transpose{rank}d",
            f"the transpose of a convolution over {rank} axes, plus a shift for each channel",
            _conv_transpose,
            accuracy=1,
            cost=costs.transposed_convolution,
            source=_FUNCTIONAL.format(f"conv_transpose{rank}d"),
        ),
    )


ROWS = tuple(row for rank in (1, 2, 3) for row in _rows(rank))
