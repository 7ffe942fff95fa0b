"""Losses of probabilities and of classes."""

from harness import case, given, integers, normal, uniform


@case(x=uniform((3, 5), -4.0, -0.1), target=uniform((3, 5), 0.05, 1.0))
def kl_div(xp, x, target):
    """The sum of target · (ln target - x), of logarithms x: two of any shape to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html
    """
    return xp.nn.kl_div(x, target, reduction="sum")


@case(x=uniform((3, 5), 0.05, 0.95), target=uniform((3, 5), 0.0, 1.0))
def binary_cross_entropy(xp, x, target):
    """The mean of -(target ln x + (1 - target) ln(1 - x)): two of any shape to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy.html
    """
    return xp.nn.binary_cross_entropy(x, target)


@case(x=normal((3, 5), scale=2.0), target=uniform((3, 5), 0.0, 1.0))
def binary_cross_entropy_with_logits(xp, x, target):
    """-(target ln σ(x) + (1 - target) ln(1 - σ(x))): two of any shape to the same.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.binary_cross_entropy_with_logits.html
    """
    return xp.nn.binary_cross_entropy_with_logits(x, target, reduction="none")


@case(x=normal((3, 5), scale=2.0), target=uniform((3, 5), 0.0, 1.0), bits=given([1, 2, 1, 2, 4]))
def weighted_cross_entropy_with_logits(xp, x, target, bits):
    """The mean of -(w target ln σ(x) + (1 - target) ln(1 - σ(x))): (m, n), (m, n), (n,) to a scalar.

    PyTorch takes no derivative for the weights, which are therefore made of integers here.
    Source: https://www.tensorflow.org/api_docs/python/tf/nn/weighted_cross_entropy_with_logits
    """
    return xp.nn.binary_cross_entropy_with_logits(x, target, xp.astype(bits, x.dtype))


@case(logits=normal((4, 5), scale=2.0), labels=integers((4,), 0, 5))
def labelled_cross_entropy(xp, logits, labels):
    """The mean of -ln softmax(logits) at the label: (m, n), (m,) to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cross_entropy.html
    """
    return xp.nn.cross_entropy(logits, labels)


@case(logits=normal((4, 5), scale=2.0), labels=integers((4,), 0, 5))
def smoothed_cross_entropy(xp, logits, labels):
    """-Σ target · ln softmax(logits), of targets 0.92 at the label and 0.02 elsewhere: (m, n), (m,) to (m,).

    Source: https://arxiv.org/abs/1512.00567
    """
    return xp.nn.cross_entropy(logits, labels, smoothing=0.1, reduction="none")


@case(
    logits=normal((4, 5), scale=2.0),
    labels=given([1, -1, 4, 1]),
    bits=given([1, 2, 1, 2, 4]),
)
def weighed_cross_entropy(xp, logits, labels, bits):
    """The mean, weighted by classes, of what is not labelled -1, with smoothing: (m, n), (m,), (n,) to a scalar.

    PyTorch takes no derivative for the weights, which are therefore made of integers here.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
    """
    return xp.nn.cross_entropy(logits, labels, xp.astype(bits, logits.dtype), smoothing=0.2, ignored=-1)


@case(x=uniform((4, 5), -4.0, -0.1), labels=given([1, -1, 4, 1]), bits=given([1, 2, 1, 2, 4]))
def nll_loss(xp, x, labels, bits):
    """The mean, weighted by classes, of -x at the label, of what is not labelled -1: (m, n), (m,), (n,) to a scalar.

    PyTorch takes no derivative for the weights, which are therefore made of integers here.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.nll_loss.html
    """
    return xp.nn.nll_loss(x, labels, xp.astype(bits, x.dtype), ignored=-1)


@case(logits=normal((4, 5), scale=2.0), labels=integers((4,), 0, 5))
def sparse_softmax_cross_entropy(xp, logits, labels):
    """-ln softmax(logits) at the label, by the framework's own function: (m, n), (m,) to (m,).

    Source: https://www.tensorflow.org/api_docs/python/tf/nn/sparse_softmax_cross_entropy_with_logits
    """
    return xp.nn.sparse_softmax_cross_entropy(logits, labels)


@case(logits=normal((4, 5), scale=2.0), scores=normal((4, 5)))
def softmax_cross_entropy(xp, logits, scores):
    """-Σ target · ln softmax(logits), with the softmax of scores as target: (m, n), (m, n) to (m,).

    Source: https://www.tensorflow.org/api_docs/python/tf/nn/softmax_cross_entropy_with_logits
    """
    return xp.nn.softmax_cross_entropy(logits, xp.nn.softmax(scores))


@case(x=normal((3, 5), scale=2.0), bits=integers((3, 5), 0, 2))
def multilabel_soft_margin_loss(xp, x, bits):
    """The mean of the binary cross-entropies of n labels: (m, n), (m, n) to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_soft_margin_loss.html
    """
    return xp.nn.multilabel_soft_margin_loss(x, bits)


@case(logits=normal((4, 2, 4)), labels=((1, 2), (3,)), frames=(4, 3))
def ctc_loss(xp, logits, *, labels, frames):
    """The mean of -ln P(labels) by their counts, of 4 and 3 frames: (t, b, classes) to a scalar.

    Source: https://www.cs.toronto.edu/~graves/icml_2006.pdf
    """
    return xp.nn.ctc_loss(logits, labels=labels, frames=frames)


@case(logits=normal((4, 2, 3), scale=2.0), labels=((1, 1), (0,)))
def ctc_losses(xp, logits, *, labels):
    """-ln P(labels) of each sequence, where the last class is the blank: (t, b, classes) to (b,).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
    """
    return xp.nn.ctc_loss(logits, labels=labels, blank=2, reduction="none")
