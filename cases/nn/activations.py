"""Activations of neural networks. Samples hold no zero, where some of them have a corner."""

from harness import case, given, normal, uniform


@case(x=given([-1.5, 0.25, 3.0]))
def relu(xp, x):
    """max(x, 0): any shape to the same. For [-1.5, 0.25, 3] it is [0, 0.25, 3]."""
    return xp.nn.relu(x)


relu.sample("matrix", x=normal((6, 9)))


@case(x=given([-1.5, 0.25, 3.0]), slope=0.1)
def leaky_relu(xp, x, *, slope):
    """x where it is positive, slope · x elsewhere: any shape to the same.

    TensorFlow keeps the slope as a float32 attribute, also for float64, where 0.1 is then wrong by 1.5e-9. For
    [-1.5, 0.25, 3] it is [-0.15, 0.25, 3].
    Source: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LeakyRelu
    """
    return xp.nn.leaky_relu(x, slope=slope)


leaky_relu.sample("matrix", x=normal((6, 9)))


@case(x=given([-1.5, 0.25, 3.0]))
def elu(xp, x):
    """x where it is positive, eˣ - 1 elsewhere: any shape to the same.

    Source: https://arxiv.org/abs/1511.07289
    """
    return xp.nn.elu(x)


elu.sample("matrix", x=normal((6, 9)))


@case(x=given([-1.5, 0.0, 3.0]))
def sigmoid(xp, x):
    """1 / (1 + e⁻ˣ): any shape to the same. At 0 it is 0.5 with gradient 0.25."""
    return xp.nn.sigmoid(x)


sigmoid.sample("vector", x=normal((40,)))
sigmoid.sample("saturated", x=uniform((12,), 4.0, 9.0))


@case(x=given([-1.5, 0.0, 3.0]))
def softplus(xp, x):
    """ln(1 + eˣ): any shape to the same. At 0 it is ln 2; the gradient is the logistic function."""
    return xp.nn.softplus(x)


softplus.sample("vector", x=normal((40,), scale=3.0))
# Between the bend and where it is x to every digit.
softplus.sample("bending", x=uniform((20,), 4.0, 16.0))


@case(x=given([-1.5, 0.5, 3.0]))
def gelu(xp, x):
    """x Φ(x), with the normal distribution exact: any shape to the same. At 0.5 it is 0.3457.

    Source: https://arxiv.org/abs/1606.08415
    """
    return xp.nn.gelu(x)


gelu.sample("vector", x=normal((40,)))


@case(x=given([-1.5, 0.5, 3.0]))
def silu(xp, x):
    """x / (1 + e⁻ˣ): any shape to the same. At 0.5 it is 0.3112.

    Source: https://arxiv.org/abs/1710.05941
    """
    return xp.nn.silu(x)


silu.sample("vector", x=normal((40,), scale=2.0))
