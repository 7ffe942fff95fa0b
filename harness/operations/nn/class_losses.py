"""Rows of losses of classes, below `xp.nn`: logits, or their logarithms of softmax, of shape (m, n), labels of shape (m,)."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

from harness.operations.nn.losses import reduced, row

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["IGNORED", "ROWS"]

IGNORED = -100
_EPSILON = 1e-12  # of cosine_embedding_loss: https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/Loss.cpp


def _one_hot(xp: Any, labels: Any, classes: int, dtype: Any) -> Any:
    return xp.astype(labels[:, None] == xp.arange(classes)[None, :], dtype)


def _weighed(
    xp: Any, logarithms: Any, labels: Any, weights: Any, smoothing: float, ignored: int, reduction: str
) -> Any:
    """Return -Σ target · logarithm · weight; the mean is weighted by the labels' own weights."""
    classes = logarithms.shape[1]
    chosen = _one_hot(xp, labels, classes, logarithms.dtype)
    kept = xp.astype(labels != ignored, logarithms.dtype)
    if weights is not None:
        kept = kept * xp.sum(chosen * weights[None, :], axis=1)
    target = chosen if smoothing == 0 else (1 - smoothing) * chosen + smoothing / classes
    if smoothing != 0:
        target = target * xp.astype(labels != ignored, logarithms.dtype)[:, None]
    if weights is not None:
        target = target * weights[None, :]
    losses = -xp.sum(target * logarithms, axis=1)
    return xp.sum(losses) / xp.sum(kept) if reduction == "mean" else reduced(xp, losses, reduction)


def _cross_entropy(
    xp: Any,
    logits: Any,
    labels: Any,
    weights: Any = None,
    /,
    *,
    smoothing: float = 0.0,
    ignored: int = IGNORED,
    reduction: str = "mean",
) -> Any:
    logarithms = xp.nn.log_softmax(logits, axis=1)
    return _weighed(xp, logarithms, labels, weights, smoothing, ignored, reduction)


def _nll_loss(
    xp: Any,
    logarithms: Any,
    labels: Any,
    weights: Any = None,
    /,
    *,
    ignored: int = IGNORED,
    reduction: str = "mean",
) -> Any:
    return _weighed(xp, logarithms, labels, weights, 0.0, ignored, reduction)


def _sparse_cross_entropy(xp: Any, logits: Any, labels: Any, /) -> Any:
    return xp.nn.cross_entropy(logits, labels, reduction="none")


def _soft_cross_entropy(xp: Any, logits: Any, target: Any, /) -> Any:
    return -xp.sum(target * xp.nn.log_softmax(logits, axis=-1), axis=-1)


def _multilabel_soft_margin_loss(xp: Any, x: Any, target: Any, /, *, reduction: str = "mean") -> Any:
    kinds = xp.astype(target, x.dtype)
    return reduced(xp, xp.mean((1 - kinds) * x + xp.nn.softplus(-x), axis=1), reduction)


def _cosine_embedding_loss(
    xp: Any, a: Any, b: Any, signs: Any, /, *, margin: float = 0.0, reduction: str = "mean"
) -> Any:
    squares = [xp.sum(one * one, axis=1) + _EPSILON for one in (a, b)]
    cosine = xp.sum(a * b, axis=1) / xp.sqrt(squares[0] * squares[1])
    return reduced(xp, xp.where(signs == 1, 1 - cosine, xp.maximum(cosine - margin, 0.0)), reduction)


def _ctc_loss(
    xp: Any,
    logits: Any,
    /,
    *,
    labels: Sequence[Sequence[int]],
    frames: Sequence[int] | None = None,
    blank: int = 0,
    reduction: str = "mean",
) -> Any:
    length, batch, _ = logits.shape
    logarithms = xp.nn.log_softmax(logits, axis=2)
    lengths = (length,) * batch if frames is None else frames
    losses = xp.stack(
        [-_log_alignments(xp, logarithms[: lengths[n], n, :], labels[n], blank) for n in range(batch)], axis=0
    )
    if reduction == "mean":
        losses = losses / xp.asarray([float(max(len(one), 1)) for one in labels], dtype=losses.dtype)
    return reduced(xp, losses, reduction)


def _log_alignments(xp: Any, logarithms: Any, labels: Sequence[int], blank: int) -> Any:
    """Sum the probabilities of all ways to spread labels over frames, by the forward variables of A. Graves et al.

    Between labels, before and after them, there may be blanks, and between equal ones there must. Of the states, only
    those are held that can be reached.

    Source: https://www.cs.toronto.edu/~graves/icml_2006.pdf, section 4.1
    """
    path = [blank, *(one for label in labels for one in (label, blank))]
    reached = {place: logarithms[0, path[place]] for place in range(min(2, len(path)))}
    for frame in range(1, logarithms.shape[0]):
        before, reached = reached, {}
        for place, label in enumerate(path):
            skips = place > 1 and label not in {blank, path[place - 2]}
            sources = [before[place - step] for step in range(3 if skips else 2) if place - step in before]
            if sources:
                reached[place] = _log_sum(xp, sources) + logarithms[frame, label]
    ends = [reached[place] for place in (len(path) - 1, len(path) - 2) if place in reached]
    return _log_sum(xp, ends) if ends else xp.full_like(logarithms[0, 0], -math.inf)


def _log_sum(xp: Any, logarithms: list[Any]) -> Any:
    return functools.reduce(xp.logaddexp, logarithms)


ROWS = (
    row(
        "cross_entropy",
        "-ln softmax(logits) at the label, times its weight; smoothing mixes the label with all classes evenly",
        _cross_entropy,
    ),
    row("nll_loss", "-x at the label, times its weight, of logarithms x of probabilities", _nll_loss),
    row(
        "sparse_softmax_cross_entropy",
        "-ln softmax(logits) at the label, for each row",
        _sparse_cross_entropy,
        source="https://www.tensorflow.org/api_docs/python/tf/nn/sparse_softmax_cross_entropy_with_logits",
    ),
    row(
        "softmax_cross_entropy",
        "-Σ target · ln softmax(logits), for each row",
        _soft_cross_entropy,
        source="https://www.tensorflow.org/api_docs/python/tf/nn/softmax_cross_entropy_with_logits",
    ),
    row(
        "multilabel_soft_margin_loss",
        "the mean over classes of -(target ln σ(x) + (1 - target) ln(1 - σ(x))), with targets 0 and 1",
        _multilabel_soft_margin_loss,
    ),
    row(
        "cosine_embedding_loss",
        "1 - cos(a, b) where the sign is 1, max(cos(a, b) - margin, 0) where it is -1, with 1e-12 added to squared norms",
        _cosine_embedding_loss,
    ),
    row(
        "ctc_loss",
        "-ln of the chance that classes drawn frame by frame by softmax(logits) are the labels, blanks and repeats dropped",
        _ctc_loss,
        source="https://www.cs.toronto.edu/~graves/icml_2006.pdf "
        "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html",
    ),
)
