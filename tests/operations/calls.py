"""Calls of every row of the vocabulary, with inputs inside its domain, that NumPy and the tape can both run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.operations.operation import Elementwise
from harness.operations.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CALLS", "Call"]

Call = tuple["Callable[..., Any]", list[Any]]
"""`function(xp, *arrays)` and its arrays; integers and booleans as they are, numbers as float64."""

_GENERATOR = np.random.Generator(np.random.PCG64(20))


def _numbers(*shape: int, low: float = -3.0, high: float = 3.0) -> Any:
    return _GENERATOR.uniform(low, high, shape)


def _whole(*shape: int, low: int = -6, high: int = 7) -> Any:
    return _GENERATOR.integers(low, high, shape).astype(float)


def _word(xp: Any, name: str) -> Any:
    found = xp
    for word in name.split("."):
        found = getattr(found, word)
    return found


def _unary(name: str) -> list[Call]:
    """Call a row of one argument at random points of its domain, as a matrix and as a 0-d array."""
    low, high = (min(max(end, -4.0), 4.0) for end in OPERATIONS[name].domain)
    inside = 0.02 * (high - low)
    points = _numbers(3, 5, low=low + inside, high=high - inside)
    return [(lambda xp, x: _word(xp, name)(x), [array]) for array in (points, points[0, 0])]


def _binary(name: str, a: Any, b: Any) -> list[Call]:
    """Call a row of two arguments, of one shape and broadcast."""
    return [(lambda xp, a, b: _word(xp, name)(a, b), list(pair)) for pair in ((a, b), (a, b[:1]), (a[0, 0], b))]


def _of(function: Callable[..., Any], *arrays: Any) -> list[Call]:
    return [(function, list(arrays))]


def _compared(name: str) -> list[Call]:
    return _binary(name, _whole(3, 4, low=-1, high=2), _whole(3, 4, low=-1, high=2))


def _logical(name: str) -> list[Call]:
    a, b = (_GENERATOR.integers(0, 2, (3, 4)).astype(bool) for _ in range(2))
    return _binary(name, a, b)


def _reduced(name: str, x: Any, **more: Any) -> list[Call]:
    return [
        (lambda xp, x: _word(xp, name)(x, **more), [x]),
        (lambda xp, x: _word(xp, name)(x, axis=0, **more), [x]),
        (lambda xp, x: _word(xp, name)(x, axis=(-1, 0), keepdims=True, **more), [x]),
    ]


def _placed(name: str) -> list[Call]:
    x = _whole(4, 5)
    return [
        (lambda xp, x: _word(xp, name)(x), [x]),
        (lambda xp, x: _word(xp, name)(x, axis=1), [x]),
        (lambda xp, x: _word(xp, name)(x, axis=-2, keepdims=True), [x]),
    ]


def _along(name: str) -> list[Call]:
    x = _numbers(3, 4)
    return [
        (lambda xp, x: _word(xp, name)(x), [x]),
        (lambda xp, x: _word(xp, name)(x, axis=0), [x]),
    ]


def _lost(name: str, *arrays: Any) -> list[Call]:
    """Call a loss with each reduction."""
    return [
        (lambda xp, *given, r=reduction: _word(xp, name)(*given, reduction=r), list(arrays))
        for reduction in ("mean", "sum", "none")
    ]


_ACTIVATIONS = """
gelu_tanh mish selu relu6 hardtanh hardsigmoid hardswish softsign log_sigmoid tanhshrink softshrink hardshrink squareplus
sparse_plus sparse_sigmoid log1mexp
"""
_A, _B = _whole(3, 4), _whole(3, 4)
_R, _S = _numbers(3, 4), _numbers(3, 4)
_P, _Q = _numbers(3, 4, low=0.2), _numbers(3, 4, low=0.2)
_SIGNS = 2 * _GENERATOR.integers(0, 2, (3, 4)) - 1
_LABELS = np.array([3, 0, 1])
_BITS, _PLACES = _GENERATOR.integers(-100, 100, (3, 4)), _GENERATOR.integers(0, 8, (3, 4))
_INDICES = np.array([2, 0, 0, -1])
_SCAN = _numbers(5)

_SQUARE = _numbers(4, 4)
_LOWER = np.tril(_numbers(4, 4, low=0.5))


def _positive(xp: Any, x: Any) -> Any:
    return xp.matmul(x, xp.matrix_transpose(x)) + xp.eye(4, dtype=x.dtype)


CALLS: dict[str, list[Call]] = {
    name: _unary(name) for name, row in OPERATIONS.items() if isinstance(row.meaning, Elementwise)
} | {
    "add": _binary("add", _R, _S),
    "subtract": _binary("subtract", _R, _S),
    "multiply": _binary("multiply", _R, _S),
    "divide": _binary("divide", _R, _P),
    "negative": _unary("negative"),
    "positive": _unary("positive"),
    "reciprocal": _unary("reciprocal"),
    "square": _unary("square"),
    "pow": [
        *_binary("pow", _P, _S),
        *[(lambda xp, x, e=exponent: xp.pow(x, e), [_P]) for exponent in (0, 1, 2, 3, -2, 0.5, 2.5)],
        *_of(lambda xp, x: xp.pow(x, 3), _A),
    ],
    "logaddexp": _binary("logaddexp", _R, _S),
    "atan2": _binary("atan2", _R, _S),
    "hypot": _binary("hypot", _R, _S),
    "maximum": _binary("maximum", _R, _S),
    "minimum": _binary("minimum", _R, _S),
    "abs": _unary("abs"),
    "clip": [
        *_of(lambda xp, x: xp.clip(x, -1.0, 1.5), _R),
        *_of(lambda xp, x: xp.clip(x, min=0.25), _R),
        *_of(lambda xp, x: xp.clip(x, max=0.25), _R),
    ],
    "sign": _of(lambda xp, x: xp.sign(x), _A),
    "where": _of(lambda xp, mask, a, b: xp.where(mask, a, b), _R > 0, _R, _S),
    "equal": _compared("equal"),
    "not_equal": _compared("not_equal"),
    "less": _compared("less"),
    "less_equal": _compared("less_equal"),
    "greater": _compared("greater"),
    "greater_equal": _compared("greater_equal"),
    "logical_and": _logical("logical_and"),
    "logical_or": _logical("logical_or"),
    "logical_xor": _logical("logical_xor"),
    "logical_not": _of(lambda xp, x: xp.logical_not(x), _R > 0),
    "sum": _reduced("sum", _R),
    "prod": _reduced("prod", _R),
    "mean": _reduced("mean", _R),
    "var": [*_reduced("var", _R), *_reduced("var", _R, correction=1.0)],
    "std": [*_reduced("std", _R), *_reduced("std", _R, correction=1.0)],
    "max": _reduced("max", _R),
    "min": _reduced("min", _R),
    "argmax": _placed("argmax"),
    "argmin": _placed("argmin"),
    "cumulative_sum": [
        *_of(lambda xp, x: xp.cumulative_sum(x, axis=1), _R),
        *_of(lambda xp, x: xp.cumulative_sum(x, axis=0, include_initial=True), _R),
        *_of(lambda xp, x: xp.cumulative_sum(x), _SCAN),
    ],
    "reshape": _of(lambda xp, x: xp.reshape(x, (2, -1)), _R),
    "permute_dims": _of(lambda xp, x: xp.permute_dims(x, (2, 0, 1)), _numbers(2, 3, 4)),
    "matrix_transpose": _of(lambda xp, x: xp.matrix_transpose(x), _numbers(2, 3, 4)),
    "moveaxis": _of(lambda xp, x: xp.moveaxis(x, (0, 2), (-1, 0)), _numbers(2, 3, 4)),
    "expand_dims": _of(lambda xp, x: xp.expand_dims(x, axis=-2), _R),
    "squeeze": _of(lambda xp, x: xp.squeeze(x, axis=(0, -1)), _numbers(1, 3, 1)),
    "broadcast_to": _of(lambda xp, x: xp.broadcast_to(x, (2, 3, 4)), _numbers(3, 1)),
    "concat": [
        *_of(lambda xp, a, b: xp.concat((a, b), axis=1), _R, _numbers(3, 2)),
        *_of(lambda xp, a, b: xp.concat((a, b), axis=None), _R, _SCAN),
    ],
    "stack": _of(lambda xp, a, b: xp.stack((a, b), axis=-1), _R, _S),
    "flip": [*_of(lambda xp, x: xp.flip(x), _R), *_of(lambda xp, x: xp.flip(x, axis=1), _R)],
    "roll": [
        *_of(lambda xp, x: xp.roll(x, 2), _R),
        *_of(lambda xp, x: xp.roll(x, (1, -1), axis=(0, 1)), _R),
    ],
    "take": [
        *_of(lambda xp, x, i: xp.take(x, i, axis=0), _R, _INDICES),
        *_of(lambda xp, x, i: xp.take(x, i, axis=-1), _R, _INDICES),
    ],
    "tril": _of(lambda xp, x: xp.tril(x, k=-1), _R),
    "triu": _of(lambda xp, x: xp.triu(x, k=1), _R),
    "astype": [
        *_of(lambda xp, x: xp.astype(x > 0, x.dtype), _R),
        *_of(lambda xp, x: xp.astype(x, xp.int64), _R),
        *_of(lambda xp, x: xp.astype(x, xp.bool), _A),
    ],
    "asarray": _of(lambda xp, x: x * xp.asarray([0.5, -2.0, 0.125, 3.0], dtype=x.dtype), _R),
    "zeros": _of(lambda xp, x: x + xp.zeros((3, 4), dtype=x.dtype), _R),
    "ones": _of(lambda xp, x: x * xp.ones((3, 1), dtype=x.dtype), _R),
    "full": _of(lambda xp, x: x * xp.full((4,), 0.1, dtype=x.dtype), _R),
    "zeros_like": _of(lambda xp, x: x + xp.zeros_like(x), _R),
    "ones_like": _of(lambda xp, x: x * xp.ones_like(x), _R),
    "full_like": _of(lambda xp, x: x * xp.full_like(x, 0.3), _R),
    "arange": [
        *_of(lambda xp, x: x * xp.arange(1, 9, 2, dtype=x.dtype), _R),
        *_of(lambda xp, x: xp.arange(x.shape[0]), _R),
    ],
    "linspace": _of(lambda xp, x: x * xp.linspace(-1.0, 2.0, 5, dtype=x.dtype), _SCAN),
    "eye": _of(lambda xp, x: xp.matmul(xp.eye(3, 4, k=1, dtype=x.dtype), x), _numbers(4, 2)),
    "matmul": [
        *_of(lambda xp, a, b: xp.matmul(a, b), _R, _numbers(4, 2)),
        *_of(lambda xp, a, b: xp.matmul(a, b), _numbers(2, 3, 4), _numbers(4, 2)),
        *_of(lambda xp, a, b: xp.matmul(a, b), _SCAN, _numbers(5)),
        *_of(lambda xp, a, b: xp.matmul(a, b), _R, _numbers(4)),
    ],
    "tensordot": [
        *_of(lambda xp, a, b: xp.tensordot(a, b, axes=1), _R, _numbers(4, 2)),
        *_of(lambda xp, a, b: xp.tensordot(a, b, axes=((0, 1), (1, 0))), _R, _numbers(4, 3, 2)),
    ],
    "vecdot": [
        *_of(lambda xp, a, b: xp.vecdot(a, b), _R, _S),
        *_of(lambda xp, a, b: xp.vecdot(a, b, axis=-2), _R, _S),
    ],
    "linalg.outer": _of(lambda xp, a, b: xp.linalg.outer(a, b), _SCAN, _numbers(3)),
    "linalg.trace": [
        *_of(lambda xp, x: xp.linalg.trace(x), _numbers(2, 3, 3)),
        *_of(lambda xp, x: xp.linalg.trace(x, offset=-1), _R),
    ],
    "linalg.vector_norm": [
        *_of(lambda xp, x: xp.linalg.vector_norm(x), _R),
        *[
            (lambda xp, x, o=order: xp.linalg.vector_norm(x, axis=1, keepdims=True, ord=o), [_R])
            for order in (1, 2, 3, math.inf, -math.inf)
        ],
    ],
    "special.logit": _unary("special.logit"),
    "special.logsumexp": _reduced("special.logsumexp", _R),
    "special.xlogy": _binary("special.xlogy", _R, _P),
    "nn.relu": _unary("nn.relu"),
    "nn.leaky_relu": _of(lambda xp, x: xp.nn.leaky_relu(x, slope=0.25), _R),
    "nn.elu": _of(lambda xp, x: xp.nn.elu(x, alpha=0.5), _R),
    "nn.silu": _unary("nn.silu"),
    "nn.gelu": _unary("nn.gelu"),
    "nn.softmax": _along("nn.softmax"),
    "nn.log_softmax": _along("nn.log_softmax"),
    "nn.layer_norm": _of(lambda xp, x, a, b: xp.nn.layer_norm(x, a, b), _R, _numbers(4), _numbers(4)),
    **{f"nn.{name}": _unary(f"nn.{name}") for name in _ACTIVATIONS.split()},
    "nn.celu": _of(lambda xp, x: xp.nn.celu(x, alpha=1.5), _R),
    "nn.threshold": _of(lambda xp, x: xp.nn.threshold(x, threshold=0.25, value=-2.0), _R),
    "nn.glu": [
        *_of(lambda xp, x: xp.nn.glu(x), _R),
        *_of(lambda xp, x: xp.nn.glu(x, axis=0), _numbers(4, 3)),
    ],
    "nn.prelu": [
        *_of(lambda xp, x, a: xp.nn.prelu(x, a), _R, _numbers(4)),
        *_of(lambda xp, x, a: xp.nn.prelu(x, a), _SCAN, _numbers(1)),
    ],
    "nn.softmin": _along("nn.softmin"),
    "nn.crelu": _of(lambda xp, x: xp.nn.crelu(x, axis=0), _R),
    "nn.rms_norm": _of(lambda xp, x, a: xp.nn.rms_norm(x, a), _R, _numbers(4)),
    "nn.batch_norm": [
        *_of(lambda xp, x, a, b: xp.nn.batch_norm(x, a, b), _R, _numbers(4), _numbers(4)),
        *_of(
            lambda xp, x, a, b: xp.nn.batch_norm(x, a, b, xp.zeros_like(a), xp.ones_like(a)),
            _numbers(2, 3, 4),
            _numbers(3),
            _numbers(3),
        ),
    ],
    "nn.group_norm": _of(
        lambda xp, x, a, b: xp.nn.group_norm(x, a, b, groups=2), _numbers(2, 4, 3), _numbers(4), _numbers(4)
    ),
    "nn.instance_norm": _of(
        lambda xp, x, a, b: xp.nn.instance_norm(x, a, b), _numbers(2, 3, 4), _numbers(3), _numbers(3)
    ),
    "nn.normalize": _along("nn.normalize"),
    "nn.standardize": _along("nn.standardize"),
    "nn.local_response_norm": [
        (lambda xp, x, n=size: xp.nn.local_response_norm(x, size=n, alpha=0.5), [_numbers(2, 4, 3)]) for size in (2, 3)
    ],
    **{f"nn.{name}": _lost(f"nn.{name}", _R, _S) for name in ("mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss")},
    "nn.poisson_nll_loss": _lost("nn.poisson_nll_loss", _R, _P),
    "nn.kl_div": _lost("nn.kl_div", _R, _P),
    "nn.binary_cross_entropy": _lost("nn.binary_cross_entropy", _P / 4, _Q / 4),
    "nn.binary_cross_entropy_with_logits": [
        *_lost("nn.binary_cross_entropy_with_logits", _R, _P / 4),
        *_lost("nn.binary_cross_entropy_with_logits", _R, _P / 4, _Q[0]),
    ],
    **{f"nn.{name}": _lost(f"nn.{name}", _R, _SIGNS) for name in ("soft_margin_loss", "hinge_embedding_loss")},
    "nn.margin_ranking_loss": _lost("nn.margin_ranking_loss", _R, _S, _SIGNS),
    "nn.gaussian_nll_loss": _lost("nn.gaussian_nll_loss", _R, _S, _P),
    "nn.cosine_similarity": _of(lambda xp, a, b: xp.nn.cosine_similarity(a, b), _R, _S),
    "nn.pairwise_distance": _of(lambda xp, a, b: xp.nn.pairwise_distance(a, b), _R, _S),
    "nn.triplet_margin_loss": _lost("nn.triplet_margin_loss", _R, _S, _P),
    "nn.l2_loss": _of(lambda xp, x: xp.nn.l2_loss(x), _R),
    "nn.cross_entropy": [
        *_lost("nn.cross_entropy", _R, _LABELS),
        *_lost("nn.cross_entropy", _R, _LABELS, _P[0]),
        *_of(lambda xp, x, i: xp.nn.cross_entropy(x, i, smoothing=0.25, ignored=3), _R, _LABELS),
    ],
    "nn.nll_loss": [*_lost("nn.nll_loss", _R, _LABELS), *_lost("nn.nll_loss", _R, _LABELS, _P[0])],
    "nn.sparse_softmax_cross_entropy": _of(lambda xp, x, i: xp.nn.sparse_softmax_cross_entropy(x, i), _R, _LABELS),
    "nn.softmax_cross_entropy": _of(lambda xp, x, y: xp.nn.softmax_cross_entropy(x, y), _R, _P),
    "nn.multilabel_soft_margin_loss": _of(
        lambda xp, x, i: xp.nn.multilabel_soft_margin_loss(x, xp.astype(i == 1, x.dtype)), _R, _SIGNS
    ),
    "nn.cosine_embedding_loss": _lost("nn.cosine_embedding_loss", _R, _S, _SIGNS[:, 0]),
    "nn.ctc_loss": [
        *_of(lambda xp, x: xp.nn.ctc_loss(x, labels=((1, 1), (2,)), frames=(4, 3)), _numbers(4, 2, 3)),
        *_of(lambda xp, x: xp.nn.ctc_loss(x, labels=((1, 0, 1),), blank=2, reduction="none"), _numbers(4, 1, 3)),
    ],
    "nn.conv1d": [
        *_of(lambda xp, x, w, a: xp.nn.conv1d(x, w, a), _numbers(2, 3, 5), _numbers(4, 3, 2), _numbers(4)),
        *_of(lambda xp, x, w: xp.nn.conv1d(x, w, stride=2, padding=1, groups=2), _numbers(2, 4, 5), _numbers(4, 2, 3)),
        *_of(lambda xp, x, w: xp.nn.conv1d(x, w, padding="same", dilation=2), _numbers(2, 3, 5), _numbers(4, 3, 2)),
        *_of(lambda xp, x, w: xp.nn.conv1d(x, w, padding="valid"), _numbers(2, 3, 5), _numbers(4, 3, 2)),
    ],
    "nn.conv2d": _of(
        lambda xp, x, w: xp.nn.conv2d(x, w, padding=(1, 0), stride=(1, 2)), _numbers(1, 2, 3, 4), _numbers(2, 2, 2, 2)
    ),
    "nn.conv3d": _of(lambda xp, x, w: xp.nn.conv3d(x, w), _numbers(1, 2, 2, 3, 2), _numbers(2, 2, 2, 2, 1)),
    "nn.conv_transpose1d": _of(
        lambda xp, x, w, a: xp.nn.conv_transpose1d(x, w, a, stride=2, padding=1),
        _numbers(2, 3, 4),
        _numbers(3, 2, 3),
        _numbers(2),
    ),
    "nn.conv_transpose2d": _of(
        lambda xp, x, w: xp.nn.conv_transpose2d(x, w, stride=(2, 1)), _numbers(1, 2, 3, 2), _numbers(2, 2, 2, 2)
    ),
    "nn.conv_transpose3d": _of(
        lambda xp, x, w: xp.nn.conv_transpose3d(x, w), _numbers(1, 2, 2, 1, 2), _numbers(2, 1, 2, 2, 2)
    ),
    **{
        f"nn.{kind}_pool{rank}d": [
            (lambda xp, x, n=f"{kind}_pool{rank}d": _word(xp.nn, n)(x, kernel=2), [image]),
            (lambda xp, x, n=f"{kind}_pool{rank}d": _word(xp.nn, n)(x, kernel=3, stride=1, padding=1), [image]),
        ]
        for kind in ("max", "avg")
        for rank, image in ((1, _numbers(2, 3, 5)), (2, _numbers(1, 2, 4, 4)), (3, _numbers(1, 2, 2, 3, 2)))
    },
    "nn.interpolate": [
        (lambda xp, x, m=method: xp.nn.interpolate(x, size=(3, 8), method=m), [_numbers(1, 2, 2, 4)])
        for method in ("nearest", "bilinear")
    ],
    "nn.grid_sample": [
        (lambda xp, x, p, a=corners: xp.nn.grid_sample(x, p, align_corners=a), [_numbers(2, 2, 3, 4), points])
        for corners, points in ((False, _numbers(2, 1, 3, 2, low=-1.5, high=1.5)), (True, _numbers(2, 2, 2, 2)))
    ],
    "nn.unfold": [
        *_of(lambda xp, x: xp.nn.unfold(x, kernel=2), _numbers(1, 2, 3, 4)),
        *_of(lambda xp, x: xp.nn.unfold(x, kernel=(2, 1), stride=2, padding=1, dilation=2), _numbers(2, 2, 3, 4)),
    ],
    "nn.pixel_shuffle": _of(lambda xp, x: xp.nn.pixel_shuffle(x, factor=2), _numbers(1, 4, 3, 2)),
    "nn.pixel_unshuffle": _of(lambda xp, x: xp.nn.pixel_unshuffle(x, factor=2), _numbers(1, 2, 2, 4)),
    "nn.linear": _of(lambda xp, x, w, a: xp.nn.linear(x, w, a), _R, _numbers(2, 4), _numbers(2)),
    "nn.bilinear": _of(lambda xp, a, b, w: xp.nn.bilinear(a, b, w), _R, _S, _numbers(2, 4, 4)),
    "nn.embedding": _of(lambda xp, x, i: xp.nn.embedding(i, x), _R, np.array([2, 0, 0])),
    "nn.one_hot": _of(lambda xp, x, i: xp.nn.one_hot(i, classes=4, dtype=x.dtype), _R, _LABELS),
    "nn.dropout": _of(lambda xp, x: xp.nn.dropout(x), _R),
    "nn.scaled_dot_product_attention": [
        (
            lambda xp, q, k, v, c=causal: xp.nn.scaled_dot_product_attention(q, k, v, causal=c),
            [_numbers(1, 2, 3, 4), _numbers(1, 2, 3, 4), _numbers(1, 2, 3, 4)],
        )
        for causal in (False, True)
    ],
    "nn.rnn_cell": _of(lambda xp, x, h, w, a: xp.nn.rnn_cell(x, h, w, w, a), _R, _S, _numbers(4, 4), _numbers(4)),
    "nn.lstm_cell": _of(lambda xp, x, w, a: xp.nn.lstm_cell(x, x, x, w, w, a)[0], _R, _numbers(16, 4), _numbers(16)),
    "nn.gru_cell": _of(lambda xp, x, h, w, a: xp.nn.gru_cell(x, h, w, w, a), _R, _S, _numbers(12, 4), _numbers(12)),
    "nn.lstm": [
        (
            lambda xp, x, w, u, a, b=both, m=moments: xp.nn.lstm(
                x[0, ...], x[1, ...], x[2, ...], (w, u, a, a, u, w, a, a), bidirectional=b
            )[m],
            [_numbers(3, 2, 3, 4), _numbers(16, 4), _numbers(16, 4), _numbers(16)],
        )
        for both, moments in ((False, 0), (True, 0), (False, 1), (True, 2))
    ],
    "nn.gru": [
        (
            lambda xp, x, w, u, a, b=both, m=moments: xp.nn.gru(
                x[0, ...], x[1, ...], (w, u, a, a, u, w, a, a), bidirectional=b
            )[m],
            [_numbers(2, 2, 3, 4), _numbers(12, 4), _numbers(12, 4), _numbers(12)],
        )
        for both, moments in ((False, 0), (True, 0), (False, 1))
    ],
    # Steps and bits.
    "floor": _unary("floor"),
    "ceil": _unary("ceil"),
    "trunc": _unary("trunc"),
    "round": [*_unary("round"), *_of(lambda xp, x: xp.round(x), _A / 2)],
    "floor_divide": [*_binary("floor_divide", _R, _P), *_of(lambda xp, a: xp.floor_divide(a, 3), _BITS)],
    "remainder": [*_binary("remainder", _R, _P), *_of(lambda xp, a: xp.remainder(a, 3), _BITS)],
    "copysign": _binary("copysign", _R, _S),
    "nextafter": _binary("nextafter", _A, _B),
    "ldexp": [*_binary("ldexp", _R, _A.astype(int)), *_of(lambda xp, x: xp.ldexp(x, xp.asarray(-2)), _R)],
    "signbit": _unary("signbit"),
    "isnan": _unary("isnan"),
    "isinf": _unary("isinf"),
    "isfinite": _unary("isfinite"),
    "bitwise_and": _binary("bitwise_and", _BITS, _PLACES),
    "bitwise_or": _binary("bitwise_or", _BITS, _PLACES),
    "bitwise_xor": _binary("bitwise_xor", _BITS, _PLACES),
    "bitwise_invert": _of(lambda xp, a: xp.bitwise_invert(a), _BITS),
    "bitwise_left_shift": _binary("bitwise_left_shift", _BITS, _PLACES),
    "bitwise_right_shift": _binary("bitwise_right_shift", _BITS, _PLACES),
    # Special functions that are not elementwise, and families of them.
    "special.gammainc": _of(lambda xp, x: xp.special.gammainc(2.5, x), _P),
    "special.gammaincc": _of(lambda xp, x: xp.special.gammaincc(2.5, x), _P),
    "special.betainc": _of(lambda xp, x: xp.special.betainc(2.5, 1.5, x), _P / 4),
    "special.zeta": _of(lambda xp, x: xp.special.zeta(3.0, x), _P),
    "special.polygamma": _of(lambda xp, x: xp.special.polygamma(2, x), _P),
    "special.expn": _of(lambda xp, x: xp.special.expn(2, x), _P),
    "special.hyp1f1": _of(lambda xp, x: xp.special.hyp1f1(1.5, 2.5, x), _R),
    "special.hyp2f1": _of(lambda xp, x: xp.special.hyp2f1(0.5, 1.5, 2.5, x), _R / 4),
    "special.entr": _unary("special.entr"),
    "special.xlog1py": _binary("special.xlog1py", _R, _P),
    "special.rel_entr": _binary("special.rel_entr", _P, _Q),
    "special.kl_div": _binary("special.kl_div", _P, _Q),
    "special.betaln": _binary("special.betaln", _P, _Q),
    "special.beta": _binary("special.beta", _P, _Q),
    "special.poch": _of(lambda xp, x: xp.special.poch(x, 2.5), _P),
    "special.multigammaln": _of(lambda xp, x: xp.special.multigammaln(x, 3), _P + 2),
    "special.boxcox": [(lambda xp, x, p=power: xp.special.boxcox(x, p), [_P]) for power in (0.5, 0, -1.5)],
    "special.boxcox1p": [(lambda xp, x, p=power: xp.special.boxcox1p(x, p), [_P]) for power in (0.5, 0, -1.5)],
    "repeat": [
        *_of(lambda xp, x: xp.repeat(x, 2, axis=1), _R),
        *_of(lambda xp, x: xp.repeat(x, 3), _R),
    ],
    "tile": _of(lambda xp, x: xp.tile(x, (2, 1, 3)), _R),
    "unstack": _of(lambda xp, x: xp.unstack(x, axis=1)[-1], _R),
    "take_along_axis": [
        *_of(lambda xp, x, i: xp.take_along_axis(x, i, axis=0), _R, np.array([[2, 0, 1, 1], [0, 0, 2, -1]])),
        *_of(lambda xp, x, i: xp.take_along_axis(x, i), _R, np.array([[3, 0, 0], [1, 1, 1], [-1, 2, 2]])),
    ],
    "broadcast_arrays": _of(lambda xp, a, b: xp.broadcast_arrays(a, b)[1], _R, _numbers(3, 1)),
    "meshgrid": [
        *_of(lambda xp, a, b: xp.meshgrid(a, b)[0], _SCAN, _numbers(3)),
        *_of(lambda xp, a, b: xp.meshgrid(a, b, indexing="ij")[1], _SCAN, _numbers(3)),
    ],
    "diff": [*_of(lambda xp, x: xp.diff(x), _R), *_of(lambda xp, x: xp.diff(x, axis=0, n=2), _R)],
    "searchsorted": [
        *_of(lambda xp, a, b: xp.searchsorted(a, b), np.arange(5.0), _A),
        *_of(lambda xp, a, b: xp.searchsorted(a, b, side="right"), np.arange(5.0), _A),
    ],
    "bincount": [
        *_of(lambda xp, i: xp.bincount(i, length=9), np.array([3, 0, 3, 8])),
        *_of(lambda xp, x, i: xp.bincount(i, x, length=4), _SCAN, np.array([3, 0, 3, 1, 0])),
    ],
    "histogram": _of(lambda xp, a, b: xp.histogram(a, b), _A, np.array([-6.0, -1.0, 0.0, 5.0])),
    "interp": _of(lambda xp, x, a, b: xp.interp(x, a, b), _R, np.array([-2.0, -0.5, 1.0, 2.5]), _numbers(4)),
    "pad": _of(lambda xp, x: xp.pad(x, ((1, 0), (2, 3)), value=0.5), _R),
    "rot90": [*_of(lambda xp, x: xp.rot90(x), _R), *_of(lambda xp, x: xp.rot90(x, 3, axes=(-1, 0)), _numbers(2, 3, 4))],
    "diag": _of(lambda xp, x: xp.diag(x), _SCAN),
    "trapezoid": [
        *_of(lambda xp, x: xp.trapezoid(x, dx=0.5), _R),
        *_of(lambda xp, x: xp.trapezoid(x, axis=0), _R),
    ],
    "scatter_add": [
        *_of(lambda xp, x, i, u: xp.scatter_add(x, i, u), _R, np.array([2, 0, 0, 2, 2]), _numbers(5, 4)),
        *_of(lambda xp, x, i, u: xp.scatter_add(x, i, u), _SCAN, np.array([4, 0, 4]), _numbers(3)),
    ],
    "scatter_max": _of(lambda xp, x, i, u: xp.scatter_max(x, i, u), _R, np.array([2, 0, 0, 2]), _numbers(4, 4)),
    "segment_sum": _of(lambda xp, x, i: xp.segment_sum(x, i, 4), _numbers(5, 3), np.array([2, 0, 0, 2, 3])),
    "sort": [
        *_of(lambda xp, x: xp.sort(x), _R),
        *_of(lambda xp, x: xp.sort(x, axis=0, descending=True), _R),
    ],
    "argsort": [
        *_of(lambda xp, x: xp.argsort(x), _A),
        *_of(lambda xp, x: xp.argsort(x, axis=0, descending=True), _R),
    ],
    "any": _reduced("any", _whole(3, 4, low=0, high=2)),
    "all": _reduced("all", _whole(3, 4, low=0, high=2)),
    "count_nonzero": _reduced("count_nonzero", _whole(3, 4, low=0, high=2)),
    "cumulative_prod": [
        *_of(lambda xp, x: xp.cumulative_prod(x, axis=1), _R),
        *_of(lambda xp, x: xp.cumulative_prod(x, axis=0, include_initial=True), _R),
    ],
    "top_k": [*_of(lambda xp, x: xp.top_k(x, 2)[0], _R), *_of(lambda xp, x: xp.top_k(x, 3)[1], _R)],
    "quantile": [
        *_of(lambda xp, x: xp.quantile(x, 0.3, axis=1), _R),
        *_of(lambda xp, x: xp.quantile(x, 0.75), _SCAN),
        *_of(lambda xp, x: xp.quantile(x, 1.0), _SCAN),
    ],
    "median": [*_of(lambda xp, x: xp.median(x, axis=0), _R), *_of(lambda xp, x: xp.median(x), _R)],
    "average": [
        *_of(lambda xp, x, w: xp.average(x, w), _R, _P),
        *_of(lambda xp, x, w: xp.average(x, w, axis=0), _R, _P),
    ],
    "cov": _of(lambda xp, x: xp.cov(x), _R),
    "corrcoef": _of(lambda xp, x: xp.corrcoef(x)[0, 1:], _R),
    "special.cumulative_logsumexp": [
        *_of(lambda xp, x: xp.special.cumulative_logsumexp(x), _R),
        *_of(lambda xp, x: xp.special.cumulative_logsumexp(x, axis=0), _R),
    ],
    "einsum": [
        *_of(lambda xp, a, b: xp.einsum("ij,kj->ik", a, b), _R, _S),
        *_of(lambda xp, a, b: xp.einsum("bij,bjk->bk", a, b), _numbers(2, 3, 4), _numbers(2, 4, 3)),
        *_of(lambda xp, x: xp.einsum("ij->ji", x), _R),
    ],
    "linalg.diagonal": [
        *_of(lambda xp, x: xp.linalg.diagonal(x), _numbers(2, 3, 4)),
        *_of(lambda xp, x: xp.linalg.diagonal(x, offset=-1), _R),
    ],
    "linalg.solve": [
        *_of(lambda xp, a, b: xp.linalg.solve(a, b), _SQUARE, _numbers(4)),
        *_of(lambda xp, a, b: xp.linalg.solve(a, b), _numbers(2, 3, 3), _numbers(2, 3, 2)),
    ],
    "linalg.inv": _of(lambda xp, x: xp.linalg.inv(x), _SQUARE),
    "linalg.det": _of(lambda xp, x: xp.linalg.det(x), _numbers(2, 3, 3)),
    "linalg.slogdet": [(lambda xp, x, n=number: xp.linalg.slogdet(x)[n], [_SQUARE]) for number in range(2)],
    "linalg.logdet": _of(lambda xp, x: xp.linalg.logdet(_positive(xp, x)), _SQUARE),
    "linalg.cholesky": _of(lambda xp, x: xp.linalg.cholesky(_positive(xp, x)), _SQUARE),
    "linalg.cholesky_solve": _of(lambda xp, a, b: xp.linalg.cholesky_solve(a, b), _LOWER, _numbers(4, 2)),
    "linalg.solve_triangular": [
        *_of(lambda xp, a, b: xp.linalg.solve_triangular(a, b), _LOWER.T, _numbers(4, 2)),
        *_of(lambda xp, a, b: xp.linalg.solve_triangular(a, b, lower=True), _LOWER, _numbers(4, 2)),
    ],
    "linalg.qr": [
        *_of(lambda xp, x: xp.abs(xp.linalg.qr(x)[0]), _SQUARE[:, :2]),
        *_of(lambda xp, x: xp.abs(xp.linalg.qr(x)[1]), _SQUARE),
    ],
    "linalg.eigh": [
        *_of(lambda xp, x: xp.linalg.eigh(x + xp.matrix_transpose(x))[0], _numbers(2, 3, 3)),
        *_of(lambda xp, x: xp.abs(xp.linalg.eigh(x + xp.matrix_transpose(x))[1]), _SQUARE),
    ],
    "linalg.eigvalsh": _of(lambda xp, x: xp.linalg.eigvalsh(x + xp.matrix_transpose(x)), _SQUARE),
    "linalg.svd": [
        (lambda xp, x, n=number: xp.abs(xp.linalg.svd(x, full_matrices=False)[n]), [x])
        for number in range(3)
        for x in (_SQUARE, _numbers(4, 2), _numbers(2, 3))
    ],
    "linalg.svdvals": _of(lambda xp, x: xp.linalg.svdvals(x), _SQUARE),
    "linalg.pinv": [*_of(lambda xp, x: xp.linalg.pinv(x), _R), *_of(lambda xp, x: xp.linalg.pinv(x), _SQUARE[:, :2])],
    "linalg.lstsq": _of(lambda xp, a, b: xp.linalg.lstsq(a, b), _SQUARE[:, :2], _numbers(4, 2)),
    "linalg.cond": _of(lambda xp, x: xp.linalg.cond(x), _SQUARE),
    "linalg.matrix_power": [
        (lambda xp, x, n=number: xp.linalg.matrix_power(x, n), [_SQUARE]) for number in (0, 1, 3, 4, -2)
    ],
    "linalg.matrix_norm": [
        (lambda xp, x, o=order: xp.linalg.matrix_norm(x, ord=o, keepdims=True), [_numbers(2, 3, 3)])
        for order in ("fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf)
    ],
    "linalg.cross": [
        *_of(lambda xp, a, b: xp.linalg.cross(a, b), _numbers(4, 3), _numbers(4, 3)),
        *_of(lambda xp, a, b: xp.linalg.cross(a, b, axis=0), _R, _S),
    ],
    "linalg.multi_dot": _of(lambda xp, a, b, c: xp.linalg.multi_dot([a, b, c]), _R, _SQUARE, _numbers(4, 2)),
    "linalg.vander": _of(lambda xp, x: xp.linalg.vander(x, 4), _SCAN),
    "linalg.expm": _of(lambda xp, x: xp.linalg.expm(x / 4), _SQUARE),
    "kron": _of(lambda xp, a, b: xp.kron(a, b), _R, _numbers(2, 3)),
    "fft.fft": [
        (lambda xp, x, p=part: getattr(xp, p)(xp.fft.fft(xp.multiply(x, 1 + 0.5j), axis=0)), [_numbers(n, 2)])
        for part in ("real", "imag")
        for n in (1, 3, 4, 6)
    ],
    "fft.ifft": [
        (lambda xp, x, p=part: getattr(xp, p)(xp.fft.ifft(xp.multiply(x, 1 + 0.5j))), [_R]) for part in ("real", "imag")
    ],
    "fft.fftn": _of(lambda xp, x: xp.imag(xp.fft.fftn(xp.multiply(x, 1 + 0.5j), axes=(0, 1))), _R),
    "fft.ifftn": _of(lambda xp, x: xp.imag(xp.fft.ifftn(xp.multiply(x, 1 + 0.5j), axes=(0, 1))), _R),
    "fft.rfft": [
        *_of(lambda xp, x: xp.real(xp.fft.rfft(x)), _R),
        *_of(lambda xp, x: xp.imag(xp.fft.rfft(x)), _SCAN),
    ],
    "fft.irfft": [
        *_of(lambda xp, x: xp.fft.irfft(xp.multiply(x, 1 + 0.5j)), _R),
        *_of(lambda xp, x: xp.fft.irfft(xp.multiply(x, 1 + 0.5j), n=7), _R),
    ],
    "fft.hfft": [
        *_of(lambda xp, x: xp.fft.hfft(xp.multiply(x, 1 + 0.5j)), _R),
        *_of(lambda xp, x: xp.fft.hfft(xp.multiply(x, 1 + 0.5j), n=7), _R),
    ],
    "fft.fftfreq": [
        *_of(lambda xp, x: x * xp.fft.fftfreq(5, dtype=x.dtype), _SCAN),
        *_of(lambda xp, x: x * xp.fft.fftfreq(4, d=0.1, dtype=x.dtype), _R),
    ],
    "fft.rfftfreq": _of(lambda xp, x: x * xp.fft.rfftfreq(7, d=0.5, dtype=x.dtype), _R),
    "fft.fftshift": [*_of(lambda xp, x: xp.fft.fftshift(x), _SCAN), *_of(lambda xp, x: xp.fft.fftshift(x, axes=0), _R)],
    "fft.ifftshift": [
        *_of(lambda xp, x: xp.fft.ifftshift(x), _SCAN),
        *_of(lambda xp, x: xp.fft.ifftshift(x, axes=0), _R),
    ],
    "control.cond": [
        *_of(lambda xp, x: xp.control.cond(xp.sum(x) > 0, lambda v: v * 2, lambda v: v * 3, x), _P),
        *_of(lambda xp, x: xp.control.cond(xp.sum(x) > 0, lambda v: v * 2, lambda v: v * 3, x), -_P),
    ],
    "control.while_loop": _of(lambda xp, x: xp.control.while_loop(lambda v: xp.sum(v) < 100, lambda v: v * 2, x), _P),
    "control.fori_loop": _of(lambda xp, x: xp.control.fori_loop(1, 4, lambda i, v: v * i + x, x), _P),
    "control.scan": _of(lambda xp, x: xp.control.scan(lambda s, v: (s + v * v, s), xp.sum(x) * 0, x)[1], _SCAN),
}
"""Row to calls of it: a new row that is not elementwise needs one."""
