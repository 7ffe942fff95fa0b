"""What PyTorch calls the operations: `nn`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.nn.class_losses import IGNORED
from harness.operations.nn.recurrent import KINDS
from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.operations.words import Column

__all__ = ["WORDS"]


def _fused(name: str) -> Callable[..., Any]:
    """Name PyTorch's own loss; what is no number of the first array's dtype is cast to it, as signs are."""

    def call(torch: Any, first: Any, *others: Any, **keywords: Any) -> Any:
        return getattr(torch.nn.functional, name)(first, *(one.to(first.dtype) for one in others), **keywords)

    return call


def _layer_norm(torch: Any, x: Any, scale: Any, shift: Any, /, *, epsilon: float = 1e-5) -> Any:
    return torch.nn.functional.layer_norm(x, (x.shape[-1],), scale, shift, epsilon)


def _rms_norm(torch: Any, x: Any, scale: Any, /, *, epsilon: float = 1e-6) -> Any:
    return torch.nn.functional.rms_norm(x, (x.shape[-1],), scale, epsilon)


def _batch_norm(
    torch: Any, x: Any, scale: Any, shift: Any, mean: Any = None, variance: Any = None, /, *, epsilon: float = 1e-5
) -> Any:
    return torch.nn.functional.batch_norm(x, mean, variance, scale, shift, mean is None, 0.0, epsilon)


def _group_norm(torch: Any, x: Any, scale: Any, shift: Any, /, *, groups: int, epsilon: float = 1e-5) -> Any:
    return torch.nn.functional.group_norm(x, groups, scale, shift, epsilon)


def _instance_norm(torch: Any, x: Any, scale: Any, shift: Any, /, *, epsilon: float = 1e-5) -> Any:
    return torch.nn.functional.instance_norm(x, weight=scale, bias=shift, eps=epsilon)


def _normalize(torch: Any, x: Any, /, *, axis: int = -1, epsilon: float = 1e-12) -> Any:
    return torch.nn.functional.normalize(x, 2.0, axis, epsilon)


def _local_response_norm(
    torch: Any, x: Any, /, *, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    return torch.nn.functional.local_response_norm(x, size, alpha, beta, k)


def _bce_with_logits(torch: Any, x: Any, target: Any, weight: Any = None, /, *, reduction: str = "mean") -> Any:
    return torch.nn.functional.binary_cross_entropy_with_logits(x, target, reduction=reduction, pos_weight=weight)


def _gaussian_nll_loss(
    torch: Any, x: Any, target: Any, variance: Any, /, *, epsilon: float = 1e-6, reduction: str = "mean"
) -> Any:
    return torch.nn.functional.gaussian_nll_loss(x, target, variance, eps=epsilon, reduction=reduction)


def _cosine_similarity(torch: Any, a: Any, b: Any, /, *, axis: int = 1, epsilon: float = 1e-8) -> Any:
    return torch.nn.functional.cosine_similarity(a, b, axis, epsilon)


def _cross_entropy(
    torch: Any,
    logits: Any,
    labels: Any,
    weights: Any = None,
    /,
    *,
    smoothing: float = 0.0,
    ignored: int = IGNORED,
    reduction: str = "mean",
) -> Any:
    return torch.nn.functional.cross_entropy(
        logits, labels, weights, ignore_index=ignored, reduction=reduction, label_smoothing=smoothing
    )


def _nll_loss(
    torch: Any,
    logarithms: Any,
    labels: Any,
    weights: Any = None,
    /,
    *,
    ignored: int = IGNORED,
    reduction: str = "mean",
) -> Any:
    return torch.nn.functional.nll_loss(logarithms, labels, weights, ignore_index=ignored, reduction=reduction)


def _ctc_loss(
    torch: Any,
    logits: Any,
    /,
    *,
    labels: Sequence[Sequence[int]],
    frames: Sequence[int] | None = None,
    blank: int = 0,
    reduction: str = "mean",
) -> Any:
    lengths = [logits.shape[0]] * logits.shape[1] if frames is None else list(frames)
    targets = [label for one in labels for label in one]
    # As tuples, torch.func cannot differentiate the mean.
    counted = [torch.tensor(whole) for whole in (targets, lengths, [len(one) for one in labels])]
    return torch.nn.functional.ctc_loss(torch.log_softmax(logits, 2), *counted, blank, reduction)


def _attention(
    torch: Any,
    query: Any,
    key: Any,
    value: Any,
    mask: Any = None,
    /,
    *,
    causal: bool = False,
    scale: float | None = None,
) -> Any:
    return torch.nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=mask, is_causal=causal, scale=scale
    )


def _lstm(
    torch: Any, x: Any, state: Any, memory: Any, weights: Sequence[Any], /, *, bidirectional: bool = False
) -> Any:
    layers = len(weights) // KINDS // (1 + bidirectional)
    return torch.lstm(x, (state, memory), list(weights), True, layers, 0.0, False, bidirectional, False)


def _gru(torch: Any, x: Any, state: Any, weights: Sequence[Any], /, *, bidirectional: bool = False) -> Any:
    layers = len(weights) // KINDS // (1 + bidirectional)
    return torch.gru(x, state, list(weights), True, layers, 0.0, False, bidirectional, False)


_DEFINED = (
    "nn.squareplus",
    "nn.sparse_plus",
    "nn.sparse_sigmoid",
    "nn.log1mexp",
    "nn.crelu",
    "nn.standardize",
    "nn.l2_loss",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    "nn.relu": "nn.functional.relu",
    "nn.leaky_relu": lambda torch, x, *, slope=0.01: torch.nn.functional.leaky_relu(x, slope),
    "nn.elu": lambda torch, x, *, alpha=1.0: torch.nn.functional.elu(x, alpha),
    "nn.sigmoid": "sigmoid",
    "nn.softplus": "nn.functional.softplus",
    "nn.silu": "nn.functional.silu",
    "nn.gelu": "nn.functional.gelu",
    "nn.softmax": lambda torch, x, *, axis=-1: torch.softmax(x, axis),
    "nn.log_softmax": lambda torch, x, *, axis=-1: torch.log_softmax(x, axis),
    "nn.layer_norm": _layer_norm,
    "nn.gelu_tanh": lambda torch, x: torch.nn.functional.gelu(x, approximate="tanh"),
    "nn.mish": "nn.functional.mish",
    "nn.selu": "nn.functional.selu",
    "nn.celu": lambda torch, x, *, alpha=1.0: torch.nn.functional.celu(x, alpha),
    "nn.relu6": "nn.functional.relu6",
    "nn.hardtanh": "nn.functional.hardtanh",
    "nn.hardsigmoid": "nn.functional.hardsigmoid",
    "nn.hardswish": "nn.functional.hardswish",
    "nn.softsign": "nn.functional.softsign",
    "nn.log_sigmoid": "nn.functional.logsigmoid",
    "nn.tanhshrink": "nn.functional.tanhshrink",
    "nn.softshrink": lambda torch, x, *, threshold=0.5: torch.nn.functional.softshrink(x, threshold),
    "nn.hardshrink": lambda torch, x, *, threshold=0.5: torch.nn.functional.hardshrink(x, threshold),
    "nn.threshold": lambda torch, x, *, threshold, value: torch.nn.functional.threshold(x, threshold, value),
    "nn.glu": lambda torch, x, *, axis=-1: torch.nn.functional.glu(x, axis),
    "nn.prelu": "nn.functional.prelu",
    "nn.softmin": lambda torch, x, *, axis=-1: torch.nn.functional.softmin(x, axis),
    "nn.rms_norm": _rms_norm,
    "nn.batch_norm": _batch_norm,
    "nn.group_norm": _group_norm,
    "nn.instance_norm": _instance_norm,
    "nn.normalize": _normalize,
    "nn.local_response_norm": _local_response_norm,
    "nn.mse_loss": _fused("mse_loss"),
    "nn.l1_loss": _fused("l1_loss"),
    "nn.huber_loss": _fused("huber_loss"),
    "nn.smooth_l1_loss": _fused("smooth_l1_loss"),
    "nn.kl_div": _fused("kl_div"),
    "nn.binary_cross_entropy": _fused("binary_cross_entropy"),
    "nn.binary_cross_entropy_with_logits": _bce_with_logits,
    "nn.soft_margin_loss": _fused("soft_margin_loss"),
    "nn.hinge_embedding_loss": _fused("hinge_embedding_loss"),
    "nn.margin_ranking_loss": _fused("margin_ranking_loss"),
    "nn.poisson_nll_loss": _fused("poisson_nll_loss"),
    "nn.gaussian_nll_loss": _gaussian_nll_loss,
    "nn.cosine_similarity": _cosine_similarity,
    "nn.pairwise_distance": lambda torch, a, b, *, epsilon=1e-6: torch.nn.functional.pairwise_distance(
        a, b, 2.0, epsilon
    ),
    "nn.triplet_margin_loss": _fused("triplet_margin_loss"),
    "nn.cross_entropy": _cross_entropy,
    "nn.nll_loss": _nll_loss,
    "nn.sparse_softmax_cross_entropy": lambda torch, logits, labels: torch.nn.functional.cross_entropy(
        logits, labels, reduction="none"
    ),
    "nn.softmax_cross_entropy": lambda torch, logits, target: torch.nn.functional.cross_entropy(
        logits, target, reduction="none"
    ),
    "nn.multilabel_soft_margin_loss": _fused("multilabel_soft_margin_loss"),
    "nn.cosine_embedding_loss": _fused("cosine_embedding_loss"),
    "nn.ctc_loss": _ctc_loss,
    "nn.linear": "nn.functional.linear",
    "nn.bilinear": "nn.functional.bilinear",
    "nn.embedding": "nn.functional.embedding",
    "nn.one_hot": lambda torch, labels, *, classes, dtype: torch.nn.functional.one_hot(labels, classes).to(dtype),
    "nn.dropout": lambda torch, x, *, rate=0.5: torch.nn.functional.dropout(x, rate, training=False),
    "nn.scaled_dot_product_attention": _attention,
    "nn.rnn_cell": lambda torch, x, state, inward, onward, shift: torch.rnn_tanh_cell(
        x, state, inward, onward, shift, torch.zeros_like(shift)
    ),
    "nn.lstm_cell": lambda torch, x, state, memory, inward, onward, shift: torch.lstm_cell(
        x, (state, memory), inward, onward, shift, torch.zeros_like(shift)
    ),
    "nn.gru_cell": lambda torch, x, state, inward, onward, shift: torch.gru_cell(
        x, state, inward, onward, shift, torch.zeros_like(shift)
    ),
    "nn.lstm": _lstm,
    "nn.gru": _gru,
}
