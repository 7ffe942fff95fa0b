"""The two computations the project started from, each also in every framework's own words."""

from harness import case, given, normal


@case(x=given([2.0, 3.0]))
def affine_sum(xp, x):
    """Sum of y = 2x + 1. Its gradient is 2 for every element.

    x has any shape, the result is a scalar. For x = [2, 3] it is 12 and the gradient is [2, 2].
    """
    return xp.sum(2 * x + 1)


affine_sum.sample("scalar", x=given(0.75))
affine_sum.sample("vector", x=normal((17,)))
affine_sum.sample("matrix", x=normal((5, 7)))
affine_sum.sample("wide", x=normal((8, 1000)))


@affine_sum.native("numpy")
def affine_sum_numpy(x):
    """Say it with NumPy's method."""
    return (2 * x + 1).sum()


@affine_sum.native("torch")
def affine_sum_torch(x):
    """Say it with PyTorch's method."""
    return (2 * x + 1).sum()


@affine_sum.native("tensorflow")
def affine_sum_tensorflow(x):
    """Say it with tf.reduce_sum."""
    import tensorflow as tf

    return tf.reduce_sum(2 * x + 1)


@affine_sum.native("jax")
def affine_sum_jax(x):
    """Say it with jax.numpy."""
    import jax.numpy as jnp

    return jnp.sum(2 * x + 1)


@case(x=given([1.0, 2.0, 3.0]), temperature=0.6)
def softmax_temperature(xp, x, *, temperature):
    """Softmax of x / temperature, shifted by its largest entry so that exp cannot overflow.

    x has any shape; the result has the same, is positive and sums to 1. For x = [1, 2, 3] and temperature 0.6 it is
    about [0.0291, 0.1542, 0.8166].
    """
    scaled = x / temperature
    weights = xp.exp(scaled - xp.max(scaled))
    return weights / xp.sum(weights)


softmax_temperature.sample("vector", x=normal((17,)))
softmax_temperature.sample("matrix", x=normal((5, 7)))
softmax_temperature.sample("sharp", x=normal((17,)), temperature=0.25)
softmax_temperature.sample("wide", x=normal((8, 1000)))


@softmax_temperature.program
def softmax_temperature_fused(xp, x, *, temperature):
    """Say it with the fused softmax, as the native implementations do; it has a gradient of its own, y (g - Σ g y)."""
    return xp.reshape(xp.nn.softmax(xp.reshape(x, (-1,)) / temperature), x.shape)


@softmax_temperature.native("numpy")
def softmax_temperature_numpy(x, *, temperature):
    """Say it with NumPy, which has no softmax."""
    import numpy as np

    scaled = x / temperature
    weights = np.exp(scaled - scaled.max())
    return weights / weights.sum()


@softmax_temperature.native("torch")
def softmax_temperature_torch(x, *, temperature):
    """Say it with PyTorch's fused softmax."""
    import torch

    return torch.softmax(x.reshape(-1) / temperature, dim=0).reshape(x.shape)


@softmax_temperature.native("tensorflow")
def softmax_temperature_tensorflow(x, *, temperature):
    """Say it with TensorFlow's fused softmax."""
    import tensorflow as tf

    return tf.reshape(tf.nn.softmax(tf.reshape(x, (-1,)) / temperature), x.shape)


@softmax_temperature.native("jax")
def softmax_temperature_jax(x, *, temperature):
    """Say it with jax.nn.softmax, which takes all axes for none."""
    import jax

    return jax.nn.softmax(x / temperature, axis=None)
