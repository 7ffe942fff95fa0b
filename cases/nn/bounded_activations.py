"""Activations with flat parts. Samples hold no corner."""

from harness import case, normal, uniform


@case(x=normal((8,), scale=4.0))
def relu6(xp, x):
    """min(max(x, 0), 6): any shape to the same.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.relu6.html
    """
    return xp.nn.relu6(x)


@case(x=normal((8,)))
def hardtanh(xp, x):
    """min(max(x, -1), 1): any shape to the same.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh.html
    """
    return xp.nn.hardtanh(x)


@case(x=normal((8,), scale=3.0))
def hardsigmoid(xp, x):
    """min(max(x + 3, 0), 6) / 6: any shape to the same.

    Source: https://arxiv.org/abs/1905.02244
    """
    return xp.nn.hardsigmoid(x)


@case(x=normal((8,), scale=3.0))
def hardswish(xp, x):
    """x min(max(x + 3, 0), 6) / 6: any shape to the same.

    Source: https://arxiv.org/abs/1905.02244
    """
    return xp.nn.hardswish(x)


@case(x=normal((8,), scale=2.0))
def softshrink(xp, x):
    """x drawn by 0.75 towards 0, and 0 where |x| is less: any shape to the same.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html
    """
    return xp.nn.softshrink(x, threshold=0.75)


@case(x=normal((8,), scale=2.0))
def hardshrink(xp, x):
    """x where |x| > 0.75, 0 elsewhere: any shape to the same.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html
    """
    return xp.nn.hardshrink(x, threshold=0.75)


@case(x=normal((8,)))
def threshold(xp, x):
    """x where x > 0.25, -2 elsewhere: any shape to the same.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.threshold.html
    """
    return xp.nn.threshold(x, threshold=0.25, value=-2.0)


@case(x=normal((3, 5)), slope=uniform((5,), 0.0, 0.5))
def prelu(xp, x, slope):
    """max(x, 0) + slope · min(x, 0), with a slope for each channel: (m, n), (n,) to (m, n).

    Source: https://arxiv.org/abs/1502.01852
    """
    return xp.nn.prelu(x, slope)


@case(x=normal((8,), scale=2.0))
def sparse_plus(xp, x):
    """0 up to -1, (x + 1)²/4 up to 1, x beyond: any shape to the same.

    Source: https://docs.jax.dev/en/latest/_autosummary/jax.nn.sparse_plus.html
    """
    return xp.nn.sparse_plus(x)


@case(x=normal((8,), scale=2.0))
def sparse_sigmoid(xp, x):
    """0 up to -1, (x + 1)/2 up to 1, 1 beyond: any shape to the same. It is the derivative of sparse_plus.

    Source: https://docs.jax.dev/en/latest/_autosummary/jax.nn.sparse_sigmoid.html
    """
    return xp.nn.sparse_sigmoid(x)


@case(x=normal((3, 5)))
def crelu(xp, x):
    """max(x, 0) and max(-x, 0) side by side: (m, n) to (m, 2n).

    Source: https://arxiv.org/abs/1603.05201
    """
    return xp.nn.crelu(x, axis=-1)
