"""Losses of numbers against targets. Samples hold no corner."""

from harness import case, given, integers, normal, uniform


@case(x=normal((3, 5)), target=normal((3, 5)))
def mse_loss(xp, x, target):
    """The mean of (x - target)²: two of any shape to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.mse_loss.html
    """
    return xp.nn.mse_loss(x, target)


@case(x=normal((3, 5)), target=normal((3, 5)))
def l1_loss(xp, x, target):
    """The sum of |x - target|: two of any shape to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.l1_loss.html
    """
    return xp.nn.l1_loss(x, target, reduction="sum")


@case(x=normal((3, 5)), target=normal((3, 5)))
def huber_loss(xp, x, target):
    """d²/2 where d = |x - target| ≤ 3/4, 3/4 (d - 3/8) elsewhere, and the mean: two of any shape to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.huber_loss.html
    """
    return xp.nn.huber_loss(x, target, delta=0.75)


@case(x=normal((3, 5)), target=normal((3, 5)))
def smooth_l1_loss(xp, x, target):
    """2d²/3 where d = |x - target| < 3/4, d - 3/8 elsewhere: two of any shape to the same.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.smooth_l1_loss.html
    """
    return xp.nn.smooth_l1_loss(x, target, beta=0.75, reduction="none")


@case(x=normal((3, 5)), target=uniform((3, 5), 0.0, 4.0))
def poisson_nll_loss(xp, x, target):
    """The mean of eˣ - target · x: two of any shape to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.poisson_nll_loss.html
    """
    return xp.nn.poisson_nll_loss(x, target)


@case(x=normal((3, 5)), target=normal((3, 5)), variance=uniform((3, 5), 0.25, 2.0))
def gaussian_nll_loss(xp, x, target, variance):
    """The mean of (ln v + (x - target)²/v)/2: three of any shape to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.gaussian_nll_loss.html
    """
    return xp.nn.gaussian_nll_loss(x, target, variance)


@case(x=normal((3, 5)))
def l2_loss(xp, x):
    """Σ x² / 2: any shape to a scalar.

    Source: https://www.tensorflow.org/api_docs/python/tf/nn/l2_loss
    """
    return xp.nn.l2_loss(x)


@case(a=normal((3, 5)), b=normal((3, 5)))
def cosine_similarity(xp, a, b):
    """a·b / (‖a‖ ‖b‖) of each row: (m, n), (m, n) to (m,).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cosine_similarity.html
    """
    return xp.nn.cosine_similarity(a, b, axis=1)


@case(a=normal((3, 5)), b=normal((3, 5)))
def pairwise_distance(xp, a, b):
    """‖a - b + ε‖ of each row: (m, n), (m, n) to (m,).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pairwise_distance.html
    """
    return xp.nn.pairwise_distance(a, b)


@case(anchor=normal((3, 5)), positive=normal((3, 5)), negative=normal((3, 5)))
def triplet_margin_loss(xp, anchor, positive, negative):
    """max(‖anchor - positive‖ - ‖anchor - negative‖ + 2, 0) of each row: three of (m, n) to (m,).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html
    """
    return xp.nn.triplet_margin_loss(anchor, positive, negative, margin=2.0, reduction="none")


triplet_margin_loss.sample(
    "close",
    anchor=given([[16.0, 24.0, 20.0]]),
    positive=given([[16.125, 24.25, 20.5]]),
    negative=given([[16.5, 23.75, 20.25]]),
)


@case(a=normal((3, 5)), b=normal((3, 5)), bits=integers((3,), 0, 2))
def cosine_embedding_loss(xp, a, b, bits):
    """1 - cos(a, b) for alike rows, max(cos(a, b) + 1/2, 0) for others, and the mean: (m, n), (m, n), (m,) to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html
    """
    return xp.nn.cosine_embedding_loss(a, b, 2 * bits - 1, margin=-0.5)


@case(x=normal((8,)), bits=integers((8,), 0, 2))
def soft_margin_loss(xp, x, bits):
    """The mean of ln(1 + e^(∓x)), with signs of bits: (n,), (n,) to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.soft_margin_loss.html
    """
    return xp.nn.soft_margin_loss(x, 2 * bits - 1)


@case(x=normal((8,)), bits=integers((8,), 0, 2))
def hinge_embedding_loss(xp, x, bits):
    """x for alike pairs, max(3/2 - x, 0) for others: (n,), (n,) to (n,).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.hinge_embedding_loss.html
    """
    return xp.nn.hinge_embedding_loss(x, 2 * bits - 1, margin=1.5, reduction="none")


@case(a=normal((8,)), b=normal((8,)), bits=integers((8,), 0, 2))
def margin_ranking_loss(xp, a, b, bits):
    """The mean of max(1/2 ∓ (a - b), 0), with signs of bits: three of (n,) to a scalar.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.margin_ranking_loss.html
    """
    return xp.nn.margin_ranking_loss(a, b, 2 * bits - 1, margin=0.5)
