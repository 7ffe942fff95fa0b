"""What TensorFlow calls the operations: `nn`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.nn.norms import by_channel, over_batch
from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.operations.words import Column

__all__ = ["WORDS"]


def _batch_norm(
    tf: Any, x: Any, scale: Any, shift: Any, mean: Any = None, variance: Any = None, /, *, epsilon: float = 1e-5
) -> Any:
    shape = by_channel(x)
    if mean is None:
        centre, spread = tf.nn.moments(x, over_batch(x), keepdims=True)
    else:
        centre, spread = tf.reshape(mean, shape), tf.reshape(variance, shape)
    return tf.nn.batch_normalization(x, centre, spread, tf.reshape(shift, shape), tf.reshape(scale, shape), epsilon)


def _normalize(tf: Any, x: Any, /, *, axis: int = -1, epsilon: float = 1e-12) -> Any:
    # TensorFlow's is the least square of the norm.
    return tf.math.l2_normalize(x, axis, epsilon * epsilon)


def _bce_with_logits(tf: Any, x: Any, target: Any, weight: Any = None, /, *, reduction: str = "mean") -> Any:
    if weight is None:
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=x)
    else:
        losses = tf.nn.weighted_cross_entropy_with_logits(target, x, weight)
    return _reduced(tf, losses, reduction)


def _reduced(tf: Any, losses: Any, reduction: str) -> Any:
    return {"mean": tf.reduce_mean, "sum": tf.reduce_sum, "none": tf.identity}[reduction](losses)


def _poisson_nll_loss(tf: Any, x: Any, target: Any, /, *, reduction: str = "mean") -> Any:
    return _reduced(tf, tf.nn.log_poisson_loss(target, x), reduction)


def _ctc_loss(
    tf: Any,
    logits: Any,
    /,
    *,
    labels: Sequence[Sequence[int]],
    frames: Sequence[int] | None = None,
    blank: int = 0,
    reduction: str = "mean",
) -> Any:
    counts = [len(one) for one in labels]
    lengths = [logits.shape[0]] * logits.shape[1] if frames is None else list(frames)
    padded = tf.constant([[*one, *(0,) * (max(counts) - len(one))] for one in labels])
    losses = tf.nn.ctc_loss(
        padded, logits, tf.constant(counts), tf.constant(lengths), logits_time_major=True, blank_index=blank
    )
    if reduction == "none":
        return losses
    if reduction == "sum":
        return tf.reduce_sum(losses)
    return tf.reduce_mean(losses / tf.constant([float(max(count, 1)) for count in counts], losses.dtype))


_DEFINED = (
    "nn.layer_norm",
    "nn.mish",
    "nn.celu",
    "nn.hardtanh",
    "nn.hardsigmoid",
    "nn.hardswish",
    "nn.tanhshrink",
    "nn.softshrink",
    "nn.hardshrink",
    "nn.threshold",
    "nn.glu",
    "nn.prelu",
    "nn.softmin",
    "nn.squareplus",
    "nn.sparse_plus",
    "nn.sparse_sigmoid",
    "nn.log1mexp",
    "nn.rms_norm",
    "nn.group_norm",
    "nn.instance_norm",
    "nn.standardize",
    "nn.local_response_norm",
    "nn.mse_loss",
    "nn.l1_loss",
    "nn.huber_loss",
    "nn.smooth_l1_loss",
    "nn.kl_div",
    "nn.binary_cross_entropy",
    "nn.soft_margin_loss",
    "nn.hinge_embedding_loss",
    "nn.margin_ranking_loss",
    "nn.gaussian_nll_loss",
    "nn.cosine_similarity",
    "nn.pairwise_distance",
    "nn.triplet_margin_loss",
    "nn.cross_entropy",
    "nn.nll_loss",
    "nn.multilabel_soft_margin_loss",
    "nn.cosine_embedding_loss",
    "nn.linear",
    "nn.bilinear",
    "nn.dropout",
    "nn.scaled_dot_product_attention",
    "nn.rnn_cell",
    "nn.lstm_cell",
    "nn.gru_cell",
    "nn.lstm",
    "nn.gru",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    "nn.relu": "nn.relu",
    "nn.leaky_relu": lambda tf, x, *, slope=0.01: tf.nn.leaky_relu(x, slope),
    "nn.elu": lambda tf, x, *, alpha=1.0: tf.where(x > 0, x, alpha * tf.nn.elu(x)),
    "nn.sigmoid": "nn.sigmoid",
    "nn.softplus": "nn.softplus",
    "nn.silu": "nn.silu",
    "nn.gelu": lambda tf, x: tf.nn.gelu(x, approximate=False),
    "nn.softmax": lambda tf, x, *, axis=-1: tf.nn.softmax(x, axis),
    "nn.log_softmax": lambda tf, x, *, axis=-1: tf.nn.log_softmax(x, axis),
    "nn.gelu_tanh": lambda tf, x: tf.nn.gelu(x, approximate=True),
    "nn.selu": "nn.selu",
    "nn.relu6": "nn.relu6",
    "nn.softsign": "nn.softsign",
    "nn.log_sigmoid": "math.log_sigmoid",
    "nn.crelu": lambda tf, x, *, axis=-1: tf.nn.crelu(x, axis),
    "nn.batch_norm": _batch_norm,
    "nn.normalize": _normalize,
    "nn.binary_cross_entropy_with_logits": _bce_with_logits,
    "nn.poisson_nll_loss": _poisson_nll_loss,
    "nn.l2_loss": "nn.l2_loss",
    "nn.sparse_softmax_cross_entropy": lambda tf, logits, labels: tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels, logits
    ),
    "nn.softmax_cross_entropy": lambda tf, logits, target: tf.nn.softmax_cross_entropy_with_logits(target, logits),
    "nn.ctc_loss": _ctc_loss,
    "nn.embedding": lambda tf, indices, table: tf.nn.embedding_lookup(table, indices),
    "nn.one_hot": lambda tf, labels, *, classes, dtype: tf.one_hot(labels, classes, dtype=dtype),
}
