"""Rows of dense layers, embeddings and attention, below `xp.nn`, in PyTorch's words."""

from __future__ import annotations

import math
from typing import Any

from harness.operations.costs import MOVING, PICKED
from harness.operations.operation import Operation

__all__ = ["ROWS"]

_FUNCTIONAL = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.{}.html"


def _linear(xp: Any, x: Any, weight: Any, shift: Any = None, /) -> Any:
    product = xp.matmul(x, xp.matrix_transpose(weight))
    return product if shift is None else product + shift


def _bilinear(xp: Any, a: Any, b: Any, weight: Any, shift: Any = None, /) -> Any:
    # (m, i), (m, j), (k, i, j): the products of each pair, then of all pairs with the weights.
    pairs = xp.reshape(a[:, :, None] * b[:, None, :], (a.shape[0], -1))
    product = xp.matmul(pairs, xp.matrix_transpose(xp.reshape(weight, (weight.shape[0], -1))))
    return product if shift is None else product + shift


def _dropout(xp: Any, x: Any, /, *, rate: float = 0.5) -> Any:
    del rate
    return xp.positive(x)


def _attention(
    xp: Any, query: Any, key: Any, value: Any, mask: Any = None, /, *, causal: bool = False, scale: float | None = None
) -> Any:
    scores = xp.matmul(query, xp.matrix_transpose(key))
    # The root of most lengths is no double.
    scores = scores / xp.sqrt(xp.full_like(scores, float(query.shape[-1]))) if scale is None else scores * scale
    if causal:
        seen = xp.tril(xp.ones((query.shape[-2], key.shape[-2]), dtype=query.dtype)) > 0
        mask = seen if mask is None else xp.logical_and(seen, mask)
    if mask is not None:
        scores = xp.where(mask, scores, xp.full_like(scores, -math.inf))
    return xp.matmul(xp.nn.softmax(scores, axis=-1), value)


def _one_hot(xp: Any, labels: Any, /, *, classes: int, dtype: Any) -> Any:
    return xp.astype(labels[..., None] == xp.arange(classes), dtype)


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    keywords.setdefault("source", _FUNCTIONAL.format(name))
    return Operation(f"nn.{name}", summary, meaning, **keywords)


ROWS = (
    _row("linear", "x Wᵀ + shift", _linear, accuracy=1),
    _row("bilinear", "Σ aᵢ wₖᵢⱼ bⱼ + shift", _bilinear, accuracy=1),
    _row(
        "embedding",
        "the rows of a table at indices",
        lambda xp, indices, table: xp.take(table, indices, axis=0),
        accuracy=0,
        cost=PICKED,
    ),
    _row("one_hot", "1 at the label, 0 elsewhere", _one_hot, accuracy=0, cost=MOVING),
    _row("dropout", "x itself, as after training", _dropout, accuracy=0),
    _row(
        "scaled_dot_product_attention",
        "softmax(Q Kᵀ scale) V, scale 1/√d unless given, of what the mask holds, and, where causal, of no later place",
        _attention,
    ),
)
