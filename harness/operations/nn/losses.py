"""Rows of losses, below `xp.nn`, in PyTorch's words.

Each takes `reduction`, which is `mean`, `sum` or `none`. What says which class is right (`labels`), or which of two
(`signs`, 1 or -1), is an array of integers.
"""

from __future__ import annotations

from typing import Any

from harness.operations.operation import Operation

__all__ = ["ROWS", "reduced", "row"]

_FUNCTIONAL = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.{}.html"


def reduced(xp: Any, losses: Any, reduction: str) -> Any:
    """Return the mean of losses, their sum, or themselves."""
    return {"mean": xp.mean, "sum": xp.sum, "none": lambda kept: kept}[reduction](losses)


def row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    """Make a row of a loss that PyTorch has a function for."""
    keywords.setdefault("source", _FUNCTIONAL.format(name))
    return Operation(f"nn.{name}", summary, meaning, **keywords)


def _mse_loss(xp: Any, x: Any, target: Any, /, *, reduction: str = "mean") -> Any:
    difference = x - target
    return reduced(xp, difference * difference, reduction)


def _mse_loss_by_shares(xp: Any, x: Any, target: Any, /, *, reduction: str = "mean") -> Any:
    """The derivative 2(x - target) moves by shares that are rounded apart: mse_loss_backward in PyTorch's derivatives.yaml.

    https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml
    """
    difference = x - target
    count = difference.size if reduction == "mean" else 1
    slope = xp.stop_gradient(xp.with_value(xp.constant(2 * difference / count), 2 * x / count - 2 * target / count))
    by_slope = slope * difference
    total = by_slope if reduction == "none" else xp.sum(by_slope)
    return xp.with_value(xp.stop_gradient(_mse_loss(xp, x, target, reduction=reduction)), total)


def _l1_loss(xp: Any, x: Any, target: Any, /, *, reduction: str = "mean") -> Any:
    return reduced(xp, xp.abs(x - target), reduction)


def _huber_loss(xp: Any, x: Any, target: Any, /, *, delta: float = 1.0, reduction: str = "mean") -> Any:
    difference = x - target
    size = xp.abs(difference)
    losses = xp.where(size <= delta, difference * difference / 2, delta * (size - delta / 2))
    return reduced(xp, losses, reduction)


def _smooth_l1_loss(xp: Any, x: Any, target: Any, /, *, beta: float = 1.0, reduction: str = "mean") -> Any:
    difference = x - target
    size = xp.abs(difference)
    losses = xp.where(size < beta, difference * difference / 2 / beta, size - beta / 2)
    return reduced(xp, losses, reduction)


def _smooth_l1_loss_by_shares(xp: Any, x: Any, target: Any, /, *, beta: float = 1.0, reduction: str = "mean") -> Any:
    """Both arguments' shares are rounded apart, in the derivative and where it moves.

    smooth_l1_loss and smooth_l1_loss_backward in PyTorch's derivatives.yaml:
    https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml
    """
    difference = x - target
    inside = xp.abs(difference) < beta
    value = xp.where(inside, difference / beta, xp.sign(difference))
    slope = xp.stop_gradient(
        xp.with_value(xp.constant(value), xp.where(inside, x / beta - target / beta, xp.zeros_like(difference)))
    )
    losses = reduced(xp, slope * x - slope * target, reduction)
    return xp.with_value(xp.stop_gradient(_smooth_l1_loss(xp, x, target, beta=beta, reduction=reduction)), losses)


def _kl_div(xp: Any, logarithms: Any, target: Any, /, *, reduction: str = "mean") -> Any:
    return reduced(xp, xp.special.xlogy(target, target) - target * logarithms, reduction)


def _binary_cross_entropy(xp: Any, x: Any, target: Any, /, *, reduction: str = "mean") -> Any:
    one, other = xp.maximum(xp.log(x), -100.0), xp.maximum(xp.log1p(-x), -100.0)
    return reduced(xp, (target - 1) * other - target * one, reduction)


def _bce_with_logits(xp: Any, x: Any, target: Any, weight: Any = None, /, *, reduction: str = "mean") -> Any:
    losses = xp.nn.softplus(-x)
    if weight is not None:
        losses = ((weight - 1) * target + 1) * losses
    return reduced(xp, (1 - target) * x + losses, reduction)


def _bce_by_logarithms(xp: Any, x: Any, target: Any, weight: Any = None, /, *, reduction: str = "mean") -> Any:
    """Both logarithms for themselves, which the derivative by the target subtracts.

    binary_cross_entropy_with_logits in PyTorch's derivatives.yaml:
    https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml
    """
    own, other = xp.nn.softplus(-x), xp.nn.softplus(x)
    if weight is not None:
        own = weight * own
    return reduced(xp, target * own + (1 - target) * other, reduction)


def _bce_by_sigmoid(xp: Any, x: Any, target: Any, weight: Any = None, /, *, reduction: str = "mean") -> Any:
    """The derivative by x is σ(x) less the target, which cancels: binary_cross_entropy_with_logits in derivatives.yaml.

    With a weight w of the targets t it is (w t + 1 - t) σ(x) - w t.
    https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml
    """
    positive = target if weight is None else weight * target
    slope = xp.stop_gradient((positive + 1 - target) * xp.special.expit(x) - positive)
    still = xp.stop_gradient(x)
    rest = positive * xp.nn.softplus(-still) + (1 - target) * xp.nn.softplus(still)
    return reduced(xp, xp.with_value(xp.stop_gradient(rest), slope * x + rest), reduction)


def _bce_by_relu(xp: Any, x: Any, target: Any, weight: Any = None, /, *, reduction: str = "mean") -> Any:
    """max(x, 0) - x t + ln(1 + exp(-|x|)), whose first terms cancel: tf.nn.sigmoid_cross_entropy_with_logits.

    https://www.tensorflow.org/api_docs/python/tf/nn/sigmoid_cross_entropy_with_logits
    """
    if weight is not None:
        return _bce_with_logits(xp, x, target, weight, reduction=reduction)
    above = x > 0
    size = xp.where(above, x, -x)
    losses = xp.where(above, x, 0.0) - x * target + xp.log1p(xp.exp(-size))
    return reduced(xp, losses, reduction)


def _soft_margin_loss(xp: Any, x: Any, signs: Any, /, *, reduction: str = "mean") -> Any:
    return reduced(xp, xp.nn.softplus(-xp.astype(signs, x.dtype) * x), reduction)


def _hinge_embedding_loss(xp: Any, x: Any, signs: Any, /, *, margin: float = 1.0, reduction: str = "mean") -> Any:
    return reduced(xp, xp.where(signs == 1, x, xp.maximum(margin - x, 0.0)), reduction)


def _margin_ranking_loss(
    xp: Any, a: Any, b: Any, signs: Any, /, *, margin: float = 0.0, reduction: str = "mean"
) -> Any:
    return reduced(xp, xp.maximum(-xp.astype(signs, a.dtype) * (a - b) + margin, 0.0), reduction)


def _poisson_nll_loss(xp: Any, x: Any, target: Any, /, *, reduction: str = "mean") -> Any:
    return reduced(xp, xp.exp(x) - target * x, reduction)


def _gaussian_nll_loss(
    xp: Any, x: Any, target: Any, variance: Any, /, *, epsilon: float = 1e-6, reduction: str = "mean"
) -> Any:
    spread, difference = xp.maximum(variance, epsilon), x - target
    return reduced(xp, (xp.log(spread) + difference * difference / spread) / 2, reduction)


def _norm(xp: Any, x: Any, axis: int) -> Any:
    return xp.sqrt(xp.sum(x * x, axis=axis))


def _cosine_similarity(xp: Any, a: Any, b: Any, /, *, axis: int = 1, epsilon: float = 1e-8) -> Any:
    sizes = [xp.maximum(_norm(xp, one, axis), epsilon) for one in (a, b)]
    return xp.sum(a * b, axis=axis) / (sizes[0] * sizes[1])


def _pairwise_distance(xp: Any, a: Any, b: Any, /, *, epsilon: float = 1e-6) -> Any:
    return _norm(xp, a - b + epsilon, -1)


def _triplet_margin_loss(
    xp: Any, anchor: Any, positive: Any, negative: Any, /, *, margin: float = 1.0, reduction: str = "mean"
) -> Any:
    near, far = xp.nn.pairwise_distance(anchor, positive), xp.nn.pairwise_distance(anchor, negative)
    return reduced(xp, xp.maximum(near - far + margin, 0.0), reduction)


def _l2_loss(xp: Any, x: Any, /) -> Any:
    return xp.sum(x * x) / 2


ROWS = (
    row("mse_loss", "(x - target)²", _mse_loss, program=_mse_loss_by_shares, others=(_mse_loss,)),
    row("l1_loss", "|x - target|", _l1_loss),
    row("huber_loss", "d²/2 where d = |x - target| is at most δ, δ(d - δ/2) elsewhere", _huber_loss),
    row(
        "smooth_l1_loss",
        "d²/(2β) where d = |x - target| is less than β, d - β/2 elsewhere",
        _smooth_l1_loss,
        program=_smooth_l1_loss_by_shares,
        others=(_smooth_l1_loss,),
    ),
    row("kl_div", "target · (ln target - x), of logarithms x of probabilities", _kl_div),
    row(
        "binary_cross_entropy",
        "-(target ln x + (1 - target) ln(1 - x)), with logarithms of at least -100",
        _binary_cross_entropy,
        domain=(0.0, 1.0),
    ),
    row(
        "binary_cross_entropy_with_logits",
        "-(w target ln σ(x) + (1 - target) ln(1 - σ(x))), with σ(x) = 1/(1 + e⁻ˣ) and a weight w of 1 or given",
        _bce_with_logits,
        program=_bce_by_logarithms,
        others=(_bce_with_logits, _bce_by_sigmoid, _bce_by_relu),
    ),
    row("soft_margin_loss", "ln(1 + exp(-sign x))", _soft_margin_loss),
    row("hinge_embedding_loss", "x where the sign is 1, max(margin - x, 0) where it is -1", _hinge_embedding_loss),
    row("margin_ranking_loss", "max(margin - sign (a - b), 0)", _margin_ranking_loss),
    row("poisson_nll_loss", "eˣ - target · x", _poisson_nll_loss),
    row("gaussian_nll_loss", "(ln v + (x - target)²/v)/2, with v = max(variance, ε)", _gaussian_nll_loss),
    row("cosine_similarity", "a·b / (max(‖a‖, ε) max(‖b‖, ε)) along an axis", _cosine_similarity),
    row("pairwise_distance", "‖a - b + ε‖ along the last axis", _pairwise_distance),
    row(
        "triplet_margin_loss",
        "max(‖anchor - positive‖ - ‖anchor - negative‖ + margin, 0), along the last axis",
        _triplet_margin_loss,
    ),
    row("l2_loss", "Σ x² / 2", _l2_loss, source="https://www.tensorflow.org/api_docs/python/tf/nn/l2_loss"),
)
