"""Rows of pooling and resampling, below `xp.nn`, with channels as the second axis, as in PyTorch."""

from __future__ import annotations

import math
from typing import Any

from harness.operations.nn.windows import Lengths, lengths, padded, windows
from harness.operations.operation import Operation

__all__ = ["ROWS", "both_sides", "pixel"]

_FUNCTIONAL = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.{}.html"


def both_sides(padding: Lengths, rank: int) -> list[tuple[int, int]]:
    """Return as much padding before as after along each axis."""
    return [(length, length) for length in lengths(padding, rank)]


def _seen(xp: Any, x: Any, kernel: Lengths, stride: Lengths | None, padding: Lengths, fill: float) -> Any:
    rank = len(x.shape) - 2
    size = lengths(kernel, rank)
    jumps = size if stride is None else lengths(stride, rank)
    return windows(xp, padded(xp, x, both_sides(padding, rank), fill), size, jumps, (1,) * rank)


def _max_pool(xp: Any, x: Any, /, *, kernel: Lengths, stride: Lengths | None = None, padding: Lengths = 0) -> Any:
    return xp.max(_seen(xp, x, kernel, stride, padding, -math.inf), axis=2)


def _avg_pool(xp: Any, x: Any, /, *, kernel: Lengths, stride: Lengths | None = None, padding: Lengths = 0) -> Any:
    return xp.mean(_seen(xp, x, kernel, stride, padding, 0.0), axis=2)


def _pools(rank: int) -> tuple[Operation, ...]:
    return (
        Operation(
            f"nn.max_pool{rank}d",
            f"the largest number of each window over {rank} axes",
            _max_pool,
            accuracy=0,
            source=_FUNCTIONAL.format(f"max_pool{rank}d"),
        ),
        Operation(
            f"nn.avg_pool{rank}d",
            f"the mean of each window over {rank} axes, padding counted",
            _avg_pool,
            accuracy=1,
            source=_FUNCTIONAL.format(f"avg_pool{rank}d"),
        ),
    )


def _along(xp: Any, x: Any, places: list[int], shares: Any, axis: int) -> Any:
    """Mix each number with its neighbour: x[i] (1 - s) + x[i + 1] s, the last with itself."""
    last = x.shape[axis] - 1
    share = xp.reshape(shares, (-1, *(1,) * (len(x.shape) - 1 - axis)))
    low = xp.take(x, xp.asarray(places), axis=axis)
    high = xp.take(x, xp.asarray([min(place + 1, last) for place in places]), axis=axis)
    return low * (1 - share) + high * share


def _exact_shares(xp: Any, x: Any, centres: list[int], whole: int) -> Any:
    """Return the parts of the way to the next pixel, rounded once."""
    return xp.asarray([float(centre % whole) for centre in centres], dtype=x.dtype) / whole


def _shares_of_places(xp: Any, x: Any, centres: list[int], whole: int) -> Any:
    """Return them as libraries compute them, from places in the dtype of x, which are as coarse as the image is long.

    area_pixel_compute_source_index in PyTorch's aten/src/ATen/native/UpSample.h, and compute_interpolation_weights in
    TensorFlow's core/kernels/image/resize_bilinear_op.cc.
    """
    places = xp.asarray([float(centre) for centre in centres], dtype=x.dtype) / whole + 0.5 - 0.5
    return places - xp.asarray([float(centre // whole) for centre in centres], dtype=x.dtype)


def _interpolate(xp: Any, x: Any, /, *, size: Lengths, method: str = "nearest", shares: Any = _exact_shares) -> Any:
    """Take centres of pixels at half integers, as align_corners=False does, or the pixel below for `nearest`."""
    rank = len(x.shape) - 2
    for axis, wanted in enumerate(lengths(size, rank), 2):
        given = x.shape[axis]
        if method == "nearest":
            x = xp.take(x, xp.asarray([number * given // wanted for number in range(wanted)]), axis=axis)
        else:
            # (i + 1/2) n / m - 1/2, in units of 1/2m: few of these are doubles.
            whole = 2 * wanted
            centres = [max((2 * number + 1) * given - wanted, 0) for number in range(wanted)]
            places = [centre // whole for centre in centres]
            x = _along(xp, x, places, shares(xp, x, centres, whole), axis)
    return x


def _interpolate_by_places(xp: Any, x: Any, /, *, size: Lengths, method: str = "nearest") -> Any:
    return _interpolate(xp, x, size=size, method=method, shares=_shares_of_places)


def _grid_sample(xp: Any, x: Any, grid: Any, /, *, align_corners: bool = False) -> Any:
    batch, channels, height, width = x.shape
    pixels = xp.reshape(x, (batch, channels, height * width))
    across, down = (pixel(grid[..., axis], x.shape[3 - axis], align_corners=align_corners) for axis in (0, 1))
    left, top = (xp.astype(xp.floor(place), xp.int64) for place in (across, down))
    right, below = across - xp.floor(across), down - xp.floor(down)
    found = 0.0
    for row, share_down in ((top, 1 - below), (top + 1, below)):
        for column, share_across in ((left, 1 - right), (left + 1, right)):
            near_row, near_column = xp.clip(row, 0, height - 1), xp.clip(column, 0, width - 1)
            inside = xp.logical_and(near_row == row, near_column == column)
            share = xp.where(inside, share_down * share_across, 0.0)
            places = xp.reshape(near_row * width + near_column, (batch, 1, -1))
            seen = xp.take_along_axis(pixels, xp.broadcast_to(places, (batch, channels, places.shape[2])), axis=2)
            found = found + seen * xp.reshape(share, (batch, 1, -1))
    return xp.reshape(found, (batch, channels, *grid.shape[1:3]))


def pixel(coordinate: Any, size: int, *, align_corners: bool) -> Any:
    """Count from the first pixel's centre: -1 and 1 are the outer pixels' centres, or else their outer edges."""
    return (coordinate + 1) / 2 * (size - 1) if align_corners else ((coordinate + 1) * size - 1) / 2


def _unfold(
    xp: Any, x: Any, /, *, kernel: Lengths, stride: Lengths = 1, padding: Lengths = 0, dilation: Lengths = 1
) -> Any:
    size, jumps, steps = (lengths(one, 2) for one in (kernel, stride, dilation))
    seen = windows(xp, padded(xp, x, both_sides(padding, 2)), size, jumps, steps)
    return xp.reshape(seen, (x.shape[0], x.shape[1] * math.prod(size), -1))


def _pixel_shuffle(xp: Any, x: Any, /, *, factor: int) -> Any:
    batch, channels, height, width = x.shape
    parts = xp.reshape(x, (batch, channels // factor**2, factor, factor, height, width))
    moved = xp.permute_dims(parts, (0, 1, 4, 2, 5, 3))
    return xp.reshape(moved, (batch, channels // factor**2, height * factor, width * factor))


def _pixel_unshuffle(xp: Any, x: Any, /, *, factor: int) -> Any:
    batch, channels, height, width = x.shape
    parts = xp.reshape(x, (batch, channels, height // factor, factor, width // factor, factor))
    moved = xp.permute_dims(parts, (0, 1, 3, 5, 2, 4))
    return xp.reshape(moved, (batch, channels * factor**2, height // factor, width // factor))


ROWS = (
    *(row for rank in (1, 2, 3) for row in _pools(rank)),
    Operation(
        "nn.interpolate",
        "x at another size, `nearest` for the pixel below or `bilinear` for a mixture of neighbours",
        _interpolate,
        others=(_interpolate_by_places,),
        accuracy=1,
        source=_FUNCTIONAL.format("interpolate"),
    ),
    Operation(
        "nn.grid_sample",
        "x at points (across, down) from -1 to 1, a mixture of neighbouring pixels, of which those outside are 0",
        _grid_sample,
        accuracy=1,
        source=_FUNCTIONAL.format("grid_sample"),
    ),
    Operation(
        "nn.unfold",
        "what each window over two axes sees, as columns: channel by channel, place by place",
        _unfold,
        accuracy=0,
        source=_FUNCTIONAL.format("unfold"),
    ),
    Operation(
        "nn.pixel_shuffle",
        "channels moved into pixels, factor by factor of them",
        _pixel_shuffle,
        accuracy=0,
        source=_FUNCTIONAL.format("pixel_shuffle"),
    ),
    Operation(
        "nn.pixel_unshuffle",
        "pixels moved into channels, factor by factor of them",
        _pixel_unshuffle,
        accuracy=0,
        source=_FUNCTIONAL.format("pixel_unshuffle"),
    ),
)
