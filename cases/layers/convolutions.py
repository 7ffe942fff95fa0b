"""Convolutions, by the framework's own function, with channels as the second axis."""

from harness import case, normal


@case(x=normal((2, 4, 6)), weight=normal((3, 4, 3)), shift=normal((3,)))
def conv1d(xp, x, weight, shift):
    """Σ w x over each window, plus a shift: (b, c, n), (d, c, k), (d,) to (b, d, n - k + 1).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html
    """
    return xp.nn.conv1d(x, weight, shift)


@case(x=normal((2, 4, 6)), weight=normal((4, 2, 3)))
def grouped_conv1d(xp, x, weight):
    """Two groups of channels, a stride of 2 and padding of 1: (2, 4, 6), (4, 2, 3) to (2, 4, 3).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html
    """
    return xp.nn.conv1d(x, weight, stride=2, padding=1, groups=2)


@case(x=normal((2, 3, 5, 4)), weight=normal((2, 3, 3, 2)), shift=normal((2,)))
def conv2d(xp, x, weight, shift):
    """Windows of 3 by 2 that move by 2 and 1, plus a shift: (2, 3, 5, 4), (2, 3, 3, 2), (2,) to (2, 2, 2, 3).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
    """
    return xp.nn.conv2d(x, weight, shift, stride=(2, 1))


@case(x=normal((2, 3, 5, 4)), weight=normal((2, 3, 3, 2)))
def dilated_conv2d(xp, x, weight):
    """Windows of every other number, padded to the same size: (2, 3, 5, 4), (2, 3, 3, 2) to (2, 2, 5, 4).

    Source: https://arxiv.org/abs/1511.07122
    """
    return xp.nn.conv2d(x, weight, padding="same", dilation=2)


@case(x=normal((2, 3, 5, 4)), weight=normal((3, 1, 3, 2)))
def depthwise_conv2d(xp, x, weight):
    """Each channel with a kernel of its own, padded by 1 and 0: (2, 3, 5, 4), (3, 1, 3, 2) to (2, 3, 5, 3).

    Source: https://arxiv.org/abs/1704.04861
    """
    return xp.nn.conv2d(x, weight, padding=(1, 0), groups=3)


@case(x=normal((1, 2, 3, 4, 3)), weight=normal((2, 2, 2, 2, 2)))
def conv3d(xp, x, weight):
    """Σ w x over each window of 2 by 2 by 2: (1, 2, 3, 4, 3), (2, 2, 2, 2, 2) to (1, 2, 2, 3, 2).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv3d.html
    """
    return xp.nn.conv3d(x, weight)


@case(x=normal((2, 4, 6)), weight=normal((4, 3, 3)), shift=normal((3,)))
def conv_transpose1d(xp, x, weight, shift):
    """The transpose of a convolution that moves by 2: (b, c, n), (c, d, 3), (d,) to (b, d, 2n - 1).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html
    """
    return xp.nn.conv_transpose1d(x, weight, shift, stride=2, padding=1)


@case(x=normal((2, 3, 3, 4)), weight=normal((3, 2, 3, 2)))
def conv_transpose2d(xp, x, weight):
    """The transpose of a convolution that moves by 2 and 1: (2, 3, 3, 4), (3, 2, 3, 2) to (2, 2, 7, 5).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html
    """
    return xp.nn.conv_transpose2d(x, weight, stride=(2, 1))


@case(x=normal((1, 2, 2, 3, 2)), weight=normal((2, 2, 2, 2, 2)))
def conv_transpose3d(xp, x, weight):
    """The transpose of a convolution over three axes: (1, 2, 2, 3, 2), (2, 2, 2, 2, 2) to (1, 2, 3, 4, 3).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose3d.html
    """
    return xp.nn.conv_transpose3d(x, weight)
