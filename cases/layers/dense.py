"""Dense layers, embeddings, attention and recurrent cells, by the framework's own function where it has one."""

from harness import case, given, integers, normal


@case(x=normal((3, 5)), weight=normal((4, 5)), shift=normal((4,)))
def linear(xp, x, weight, shift):
    """x Wᵀ + shift: (m, k), (n, k), (n,) to (m, n).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
    """
    return xp.nn.linear(x, weight, shift)


@case(a=normal((3, 4)), b=normal((3, 5)), weight=normal((2, 4, 5)), shift=normal((2,)))
def bilinear(xp, a, b, weight, shift):
    """Σ aᵢ wₖᵢⱼ bⱼ + shift: (m, p), (m, q), (k, p, q), (k,) to (m, k).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.bilinear.html
    """
    return xp.nn.bilinear(a, b, weight, shift)


@case(indices=given([2, 0, 2, 5]), table=normal((6, 3)))
def embedding(xp, indices, table):
    """The rows of a table: (k,), (m, n) to (k, n). A row that is used twice gathers both gradients.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
    """
    return xp.nn.embedding(indices, table)


@case(labels=integers((4,), 0, 5), scores=normal((4, 5)))
def one_hot(xp, labels, scores):
    """The score at the label, by a product with 1 there and 0 elsewhere: (m,), (m, n) to (m,).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
    """
    return xp.sum(xp.nn.one_hot(labels, classes=5, dtype=scores.dtype) * scores, axis=1)


@case(x=normal((3, 5)))
def dropout(xp, x):
    """x itself, as after training: any shape to the same.

    Source: https://jmlr.org/papers/v15/srivastava14a.html
    """
    return xp.nn.dropout(x, rate=0.25)


@case(query=normal((1, 2, 4, 3)), key=normal((1, 2, 5, 3)), value=normal((1, 2, 5, 3)))
def scaled_dot_product_attention(xp, query, key, value):
    """softmax(Q Kᵀ / √d) V of two heads: (b, h, m, d), (b, h, n, d), (b, h, n, d) to (b, h, m, d).

    Source: https://arxiv.org/abs/1706.03762
    """
    return xp.nn.scaled_dot_product_attention(query, key, value)


@case(
    query=normal((1, 2, 4, 3)),
    key=normal((1, 2, 4, 3)),
    value=normal((1, 2, 4, 3)),
)
def attention_to_the_past(xp, query, key, value):
    """The same, of no later place, and with half the scores: three of (b, h, n, d) to (b, h, n, d).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
    """
    return xp.nn.scaled_dot_product_attention(query, key, value, causal=True, scale=0.5)


@case(
    query=normal((1, 2, 4, 3)),
    key=normal((1, 2, 5, 3)),
    value=normal((1, 2, 5, 3)),
    bits=given([[1, 0, 1, 1, 0], [1, 1, 1, 1, 1], [0, 0, 1, 0, 0], [0, 1, 1, 0, 1]]),
)
def masked_attention(xp, query, key, value, bits):
    """The same, of the places that a mask holds: (b, h, m, d), twice (b, h, n, d), (m, n) to (b, h, m, d).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
    """
    return xp.nn.scaled_dot_product_attention(query, key, value, (bits == 1)[None, None, :, :])


@case(
    x=normal((3, 4)),
    state=normal((3, 5)),
    inward=normal((5, 4), scale=0.5),
    onward=normal((5, 5), scale=0.5),
    shift=normal((5,)),
)
def rnn_cell(xp, x, state, inward, onward, shift):
    """tanh(W x + shift + U h): (b, n), (b, m), (m, n), (m, m), (m,) to (b, m).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
    """
    return xp.nn.rnn_cell(x, state, inward, onward, shift)


@case(
    x=normal((3, 4)),
    state=normal((3, 2)),
    memory=normal((3, 2)),
    inward=normal((8, 4), scale=0.5),
    onward=normal((8, 2), scale=0.5),
    shift=normal((8,)),
)
def lstm_cell(xp, x, state, memory, inward, onward, shift):
    """The next state and memory: (b, n), twice (b, m), (4m, n), (4m, m), (4m,) to twice (b, m).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
    """
    following, kept = xp.nn.lstm_cell(x, state, memory, inward, onward, shift)
    return following, kept


@case(
    x=normal((3, 4)),
    state=normal((3, 2)),
    inward=normal((6, 4), scale=0.5),
    onward=normal((6, 2), scale=0.5),
    shift=normal((6,)),
)
def gru_cell(xp, x, state, inward, onward, shift):
    """The next state: (b, n), (b, m), (3m, n), (3m, m), (3m,) to (b, m).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
    """
    return xp.nn.gru_cell(x, state, inward, onward, shift)
