"""Layers, losses and small networks."""

from harness import case, given, integers, normal


@case(
    logits=given([[2.0, 1.0, 0.0], [0.5, 0.25, -1.0]]),
    labels=given([0, 2]),
    classes=given([0, 1, 2]),
)
def cross_entropy(xp, logits, labels, classes):
    """Mean of -ln softmax(logits) at the label: (m, n), (m,), (n,) to a scalar; classes are 0, 1, …, n - 1.

    The gradient is (softmax - one-hot) / m.
    """
    chosen = xp.where(labels[:, None] == classes[None, :], xp.nn.log_softmax(logits, axis=-1), 0.0)
    return -xp.sum(chosen) / logits.shape[0]


cross_entropy.sample(
    "random", logits=normal((12, 5), scale=2.0), labels=integers((12,), 0, 5), classes=given([0, 1, 2, 3, 4])
)


@case(x=normal((5, 4)), w1=normal((4, 6), scale=0.5), b1=normal((6,)), w2=normal((6, 3), scale=0.5), y=normal((5, 3)))
def mlp_loss(xp, x, w1, b1, w2, y):
    """Mean squared error of tanh(x W₁ + b₁) W₂ against y: (m, k), (k, h), (h,), (h, n), (m, n) to a scalar."""
    hidden = xp.tanh(x @ w1 + b1)
    return xp.mean(xp.square(hidden @ w2 - y))


mlp_loss.sample(
    "larger",
    x=normal((16, 24)),
    w1=normal((24, 32), scale=0.2),
    b1=normal((32,), scale=0.1),
    w2=normal((32, 4), scale=0.2),
    y=normal((16, 4)),
)


@case(x=normal((4, 6)), w1=normal((6, 8), scale=0.4), w2=normal((8, 6), scale=0.4))
def residual_block(xp, x, w1, w2):
    """x + gelu(x W₁) W₂: (m, n), (n, h), (h, n) to (m, n)."""
    return x + xp.nn.gelu(x @ w1) @ w2


residual_block.sample("wider", x=normal((8, 16)), w1=normal((16, 32), scale=0.25), w2=normal((32, 16), scale=0.2))


@case(query=normal((4, 3)), key=normal((5, 3)), value=normal((5, 2)))
def attention(xp, query, key, value):
    """softmax(Q Kᵀ / √d) V: (m, d), (n, d), (n, v) to (m, v).

    Source: https://arxiv.org/abs/1706.03762
    """
    scores = query @ xp.matrix_transpose(key) / query.shape[1] ** 0.5
    return xp.nn.softmax(scores, axis=-1) @ value


attention.sample("larger", query=normal((12, 8)), key=normal((16, 8)), value=normal((16, 8)))


@case(query=normal((5, 4)), key=normal((5, 4)), value=normal((5, 3)))
def causal_attention(xp, query, key, value):
    """Attention in which no position sees a later one: (n, d), (n, d), (n, v) to (n, v).

    The first row of the result is the first row of the values.
    """
    scores = query @ xp.matrix_transpose(key) / query.shape[1] ** 0.5
    seen = xp.tril(xp.ones((query.shape[0], query.shape[0]), dtype=query.dtype)) > 0
    weights = xp.where(seen, xp.exp(scores - xp.max(scores, axis=-1, keepdims=True)), 0.0)
    return weights @ value / xp.sum(weights, axis=-1, keepdims=True)


causal_attention.sample("longer", query=normal((12, 6)), key=normal((12, 6)), value=normal((12, 6)))


@case(x=given([1.0, 2.0, 4.0, 8.0, 16.0]), kernel=given([0.5, -1.0, 0.25]))
def convolution(xp, x, kernel):
    """Σⱼ kⱼ xᵢ₊ⱼ, without padding: (n,) and (k,) to (n - k + 1,). For these it is [-0.5, -1, -2]."""
    length = x.shape[0] - kernel.shape[0] + 1
    total = kernel[0] * x[:length]
    for offset in range(1, kernel.shape[0]):
        total = total + kernel[offset] * x[offset : offset + length]
    return total


convolution.sample("longer", x=normal((64,)), kernel=normal((7,)))


@case(table=given([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), words=given([0, 2, 2, 1]))
def bag_of_words(xp, table, words):
    """Mean of the table's rows at the words, then tanh: (m, n) and (k,) to (n,). Rows used twice gather gradients."""
    return xp.tanh(xp.mean(xp.take(table, words, axis=0), axis=0))


bag_of_words.sample("random", table=normal((12, 8)), words=integers((20,), 0, 12))


@case(x=normal((4, 8)), w=normal((8, 6), scale=0.3), gate=normal((8, 6), scale=0.3))
def gated_unit(xp, x, w, gate):
    """(x W) silu(x G), element by element: (m, n), (n, h), (n, h) to (m, h).

    Source: https://arxiv.org/abs/2002.05202
    """
    return (x @ w) * xp.nn.silu(x @ gate)


gated_unit.sample("wider", x=normal((6, 20)), w=normal((20, 24), scale=0.2), gate=normal((20, 24), scale=0.2))
