"""Pooling and resampling, by the framework's own function, with channels as the second axis. Samples hold no tie."""

from harness import case, given, integers, normal, uniform


@case(x=normal((2, 3, 6)))
def max_pool1d(xp, x):
    """The largest of windows of 3 that move by 2: (b, c, 6) to (b, c, 2).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
    """
    return xp.nn.max_pool1d(x, kernel=3, stride=2)


@case(x=normal((2, 3, 4, 6)))
def max_pool2d(xp, x):
    """The largest of windows of 2 by 3, padded by 1: (2, 3, 4, 6) to (2, 3, 3, 2).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
    """
    return xp.nn.max_pool2d(x, kernel=(2, 3), padding=1)


@case(x=normal((2, 2, 4, 4, 6)))
def max_pool3d(xp, x):
    """The largest of windows of 2 by 2 by 3, padded by 1, that move by 2, 2 and 3: (2, 2, 4, 4, 6) to (2, 2, 3, 3, 2).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.max_pool3d.html
    """
    return xp.nn.max_pool3d(x, kernel=(2, 2, 3), padding=1)


@case(x=normal((2, 3, 6)))
def avg_pool1d(xp, x):
    """The mean of windows of 3 that move by 2, padded by 1 with zeros that count: (b, c, 6) to (b, c, 3).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool1d.html
    """
    return xp.nn.avg_pool1d(x, kernel=3, stride=2, padding=1)


@case(x=normal((2, 3, 4, 6)))
def avg_pool2d(xp, x):
    """The mean of windows of 2 by 3: (2, 3, 4, 6) to (2, 3, 2, 2).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
    """
    return xp.nn.avg_pool2d(x, kernel=(2, 3))


@case(x=normal((2, 2, 4, 4, 6)))
def avg_pool3d(xp, x):
    """The mean of windows of 2 by 2 by 3 that move by 1, padded by 1 with zeros that count: to (2, 2, 5, 5, 6).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool3d.html
    """
    return xp.nn.avg_pool3d(x, kernel=(2, 2, 3), stride=1, padding=1)


@case(x=normal((2, 3, 4, 6)))
def interpolate_bilinear(xp, x):
    """A mixture of neighbouring pixels at twice the size: (2, 3, 4, 6) to (2, 3, 8, 12).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
    """
    return xp.nn.interpolate(x, size=(8, 12), method="bilinear")


@case(x=normal((2, 3, 4, 6)))
def interpolate_nearest(xp, x):
    """Each pixel twice along both axes: (2, 3, 4, 6) to (2, 3, 8, 12).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
    """
    return xp.nn.interpolate(x, size=(8, 12), method="nearest")


@case(x=normal((2, 2, 3, 4)), cells=integers((2, 2, 3, 2), -1, 3), shares=uniform((2, 2, 3, 2), 0.2, 0.8))
def grid_sample(xp, x, cells, shares):
    """A mixture of the pixels around each point: (b, c, 3, 4), twice (b, m, n, 2) to (b, c, m, n).

    Points lie a share of a pixel behind a cell, so never on a pixel; a few lie between one at the edge and the zeros
    outside.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
    """
    sizes = xp.asarray([4.0, 3.0], dtype=x.dtype)
    return xp.nn.grid_sample(x, (2 * (xp.astype(cells, x.dtype) + shares) + 1) / sizes - 1)


@case(x=normal((1, 2, 3, 5)), grid=given([[[[-0.75, 0.25], [0.875, -0.375]], [[0.125, 1.25], [-1.125, 0.5]]]]))
def grid_sample_from_corner_to_corner(xp, x, grid):
    """The same, where -1 and 1 are the centres of the outer pixels: (b, c, 3, 5), (b, m, n, 2) to (b, c, m, n).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
    """
    return xp.nn.grid_sample(x, grid, align_corners=True)


@case(x=normal((2, 3, 4, 5)))
def unfold(xp, x):
    """Windows of 2 by 3, padded by 1, their pixels 2 apart: (b, c, 4, 5) to (b, 6c, 12).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.unfold.html
    """
    return xp.nn.unfold(x, kernel=(2, 3), padding=1, dilation=2)


@case(x=normal((2, 4, 3, 2)))
def pixel_shuffle(xp, x):
    """Four channels to two by two pixels: (b, 4, m, n) to (b, 1, 2m, 2n).

    Source: https://arxiv.org/abs/1609.05158
    """
    return xp.nn.pixel_shuffle(x, factor=2)


@case(x=normal((2, 3, 4, 6)))
def pixel_unshuffle(xp, x):
    """Two by two pixels to four channels: (b, c, 2m, 2n) to (b, 4c, m, n).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html
    """
    return xp.nn.pixel_unshuffle(x, factor=2)
