"""Pooling and resampling, by the framework's own function, with channels as the second axis. Samples hold no tie."""

from harness import case, normal


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
