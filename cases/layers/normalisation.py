"""Normalising layers, by the framework's own function where it has one."""

from harness import case, given, normal, uniform


@case(x=normal((4, 8)), scale=uniform((8,), 0.5, 1.5))
def rms_norm(xp, x, scale):
    """x / √(mean(x²) + ε) · scale over the last axis: (m, n), (n,) to (m, n).

    Source: https://arxiv.org/abs/1910.07467
    """
    return xp.nn.rms_norm(x, scale, epsilon=1e-6)


@case(x=normal((2, 4, 5)), scale=uniform((4,), 0.5, 1.5), shift=normal((4,)))
def batch_norm(xp, x, scale, shift):
    """(x - mean) / √(var + ε) · scale + shift of each channel, over the batch: (b, c, n), (c,), (c,) to (b, c, n).

    Source: https://arxiv.org/abs/1502.03167
    """
    return xp.nn.batch_norm(x, scale, shift)


@case(
    x=normal((2, 4, 5)),
    scale=uniform((4,), 0.5, 1.5),
    shift=normal((4,)),
    mean=given([0, 1, -1, 2]),
    variance=given([1, 2, 1, 3]),
)
def batch_norm_at_rest(xp, x, scale, shift, mean, variance):
    """(x - mean) / √(variance + ε) · scale + shift of each channel, with a mean and a variance that were collected.

    (b, c, n) and four of (c,) to (b, c, n). PyTorch takes no derivative for what was collected, which is therefore
    made of integers here.
    Source: https://arxiv.org/abs/1502.03167
    """
    return xp.nn.batch_norm(x, scale, shift, xp.astype(mean, x.dtype), xp.astype(variance, x.dtype))


@case(x=normal((2, 4, 5)), scale=uniform((4,), 0.5, 1.5), shift=normal((4,)))
def group_norm(xp, x, scale, shift):
    """(x - mean) / √(var + ε) · scale + shift of each half of the channels: (b, c, n), (c,), (c,) to (b, c, n).

    Source: https://arxiv.org/abs/1803.08494
    """
    return xp.nn.group_norm(x, scale, shift, groups=2)


@case(x=normal((2, 4, 5)), scale=uniform((4,), 0.5, 1.5), shift=normal((4,)))
def instance_norm(xp, x, scale, shift):
    """(x - mean) / √(var + ε) · scale + shift of each channel of each example: (b, c, n), (c,), (c,) to (b, c, n).

    Source: https://arxiv.org/abs/1607.08022
    """
    return xp.nn.instance_norm(x, scale, shift)


@case(x=normal((3, 5)))
def normalize(xp, x):
    """x / ‖x‖ over the last axis: (m, n) to (m, n).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.normalize.html
    """
    return xp.nn.normalize(x, axis=-1)


@case(x=normal((3, 5), mean=2.0))
def standardize(xp, x):
    """(x - mean) / √(var + ε) over the last axis: (m, n) to (m, n).

    JAX computes the variance as the mean of the squares less the square of the mean, which cancels.
    Source: https://docs.jax.dev/en/latest/_autosummary/jax.nn.standardize.html
    """
    return xp.nn.standardize(x, axis=-1)


@case(x=normal((2, 4, 5)))
def local_response_norm(xp, x):
    """x / (1 + mean(x²)/2)^(3/4), with the mean over three neighbouring channels: (b, c, n) to (b, c, n).

    Source: https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks
    """
    return xp.nn.local_response_norm(x, size=3, alpha=0.5)
