"""What JAX calls the operations: `nn`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


def _attention(
    jax: Any,
    query: Any,
    key: Any,
    value: Any,
    mask: Any = None,
    /,
    *,
    causal: bool = False,
    scale: float | None = None,
) -> Any:
    # JAX wants (batch, length, heads, size), PyTorch (batch, heads, length, size).
    swapped = [jax.numpy.swapaxes(one, 1, 2) for one in (query, key, value)]
    found = jax.nn.dot_product_attention(*swapped, mask=mask, scale=scale, is_causal=causal)
    return jax.numpy.swapaxes(found, 1, 2)


_DEFINED = (
    "nn.layer_norm",
    "nn.tanhshrink",
    "nn.softshrink",
    "nn.hardshrink",
    "nn.threshold",
    "nn.prelu",
    "nn.softmin",
    "nn.crelu",
    "nn.rms_norm",
    "nn.batch_norm",
    "nn.group_norm",
    "nn.instance_norm",
    "nn.normalize",
    "nn.local_response_norm",
    "nn.mse_loss",
    "nn.l1_loss",
    "nn.huber_loss",
    "nn.smooth_l1_loss",
    "nn.kl_div",
    "nn.binary_cross_entropy",
    "nn.binary_cross_entropy_with_logits",
    "nn.soft_margin_loss",
    "nn.hinge_embedding_loss",
    "nn.margin_ranking_loss",
    "nn.poisson_nll_loss",
    "nn.gaussian_nll_loss",
    "nn.cosine_similarity",
    "nn.pairwise_distance",
    "nn.triplet_margin_loss",
    "nn.l2_loss",
    "nn.cross_entropy",
    "nn.nll_loss",
    "nn.sparse_softmax_cross_entropy",
    "nn.softmax_cross_entropy",
    "nn.multilabel_soft_margin_loss",
    "nn.cosine_embedding_loss",
    "nn.ctc_loss",
    "nn.linear",
    "nn.bilinear",
    "nn.embedding",
    "nn.dropout",
    "nn.rnn_cell",
    "nn.lstm_cell",
    "nn.gru_cell",
    "nn.lstm",
    "nn.gru",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    "nn.relu": "nn.relu",
    "nn.leaky_relu": lambda jax, x, *, slope=0.01: jax.nn.leaky_relu(x, slope),
    "nn.elu": lambda jax, x, *, alpha=1.0: jax.nn.elu(x, alpha),
    "nn.sigmoid": "nn.sigmoid",
    "nn.softplus": "nn.softplus",
    "nn.silu": "nn.silu",
    "nn.gelu": lambda jax, x: jax.nn.gelu(x, approximate=False),
    "nn.softmax": lambda jax, x, *, axis=-1: jax.nn.softmax(x, axis),
    "nn.log_softmax": lambda jax, x, *, axis=-1: jax.nn.log_softmax(x, axis),
    "nn.gelu_tanh": lambda jax, x: jax.nn.gelu(x, approximate=True),
    "nn.mish": "nn.mish",
    "nn.selu": "nn.selu",
    "nn.celu": lambda jax, x, *, alpha=1.0: jax.nn.celu(x, alpha),
    "nn.relu6": "nn.relu6",
    "nn.hardtanh": "nn.hard_tanh",
    "nn.hardsigmoid": "nn.hard_sigmoid",
    "nn.hardswish": "nn.hard_swish",
    "nn.softsign": "nn.soft_sign",
    "nn.log_sigmoid": "nn.log_sigmoid",
    "nn.glu": lambda jax, x, *, axis=-1: jax.nn.glu(x, axis),
    "nn.squareplus": lambda jax, x, *, b=4.0: jax.nn.squareplus(x, b),
    "nn.sparse_plus": "nn.sparse_plus",
    "nn.sparse_sigmoid": "nn.sparse_sigmoid",
    "nn.log1mexp": "nn.log1mexp",
    "nn.standardize": lambda jax, x, *, axis=-1, epsilon=1e-5: jax.nn.standardize(x, axis, epsilon=epsilon),
    "nn.one_hot": lambda jax, labels, *, classes, dtype: jax.nn.one_hot(labels, classes, dtype=dtype),
    "nn.scaled_dot_product_attention": _attention,
}
