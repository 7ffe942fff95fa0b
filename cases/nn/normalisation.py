"""Softmax and normalising layers."""

from harness import case, given, normal, uniform


@case(x=given([[1.0, 2.0, 3.0], [0.5, -0.5, 0.0]]))
def softmax(xp, x):
    """eˣ / Σ eˣ over the last axis, by the framework's own function: (m, n) to (m, n). Every row sums to 1."""
    return xp.nn.softmax(x, axis=-1)


softmax.sample("wide", x=normal((3, 200)))
softmax.sample("large", x=normal((4, 10), mean=300.0, scale=3.0))


@case(x=given([[1.0, 2.0, 3.0], [0.5, -0.5, 0.0]]))
def log_softmax_of_columns(xp, x):
    """x - ln Σ eˣ over the first axis, by the framework's own function: (m, n) to (m, n)."""
    return xp.nn.log_softmax(x, axis=0)


log_softmax_of_columns.sample("tall", x=normal((30, 4), scale=2.0))
# Without a shift by the largest entry, these overflow in float32.
log_softmax_of_columns.sample("large", x=uniform((6, 3), 90.0, 110.0))


@case(
    x=given([[1.0, 2.0, 4.0], [0.0, -1.0, 5.0]]),
    scale=given([1.0, 2.0, 0.5]),
    shift=given([0.0, 1.0, -1.0]),
)
def layer_norm(xp, x, scale, shift):
    """(x - mean) / √(var + ε) · scale + shift over the last axis: (m, n), (n,), (n,) to (m, n).

    Source: https://arxiv.org/abs/1607.06450
    """
    return xp.nn.layer_norm(x, scale, shift, epsilon=1e-5)


layer_norm.sample("random", x=normal((8, 32)), scale=uniform((32,), 0.5, 1.5), shift=normal((32,)))


@case(x=normal((4, 16), mean=100.0))
def layer_norm_far_from_zero(xp, x):
    """(x - mean) / √(var + ε) over the last axis, by hand, of numbers around 100: (m, n) to (m, n).

    Cancellation costs digits in every framework, and the budget must know it.
    """
    mean = xp.mean(x, axis=-1, keepdims=True)
    return (x - mean) / xp.sqrt(xp.var(x, axis=-1, keepdims=True) + 1e-5)


layer_norm_far_from_zero.sample("wide", x=normal((3, 200), mean=100.0))


@case(
    x=given([[1.0, 2.0], [3.0, 5.0], [-1.0, 0.5]]),
    scale=given([1.0, 0.5]),
    shift=given([0.25, -1.0]),
)
def batch_norm(xp, x, scale, shift):
    """Each feature over the batch: (x - mean) / √(var + ε) · scale + shift; (m, n), (n,), (n,) to (m, n).

    Source: https://arxiv.org/abs/1502.03167
    """
    return (x - xp.mean(x, axis=0)) / xp.sqrt(xp.var(x, axis=0) + 1e-5) * scale + shift


batch_norm.sample("random", x=normal((24, 7)), scale=uniform((7,), 0.5, 1.5), shift=normal((7,)))


@case(x=given([[3.0, 4.0], [1.0, -1.0]]), scale=given([1.0, 2.0]))
def rms_norm(xp, x, scale):
    """x / √(mean(x²) + ε) · scale over the last axis: (m, n), (n,) to (m, n).

    Source: https://arxiv.org/abs/1910.07467
    """
    return x / xp.sqrt(xp.mean(xp.square(x), axis=-1, keepdims=True) + 1e-6) * scale


rms_norm.sample("random", x=normal((6, 30)), scale=uniform((30,), 0.5, 1.5))
