"""Calls of special functions of several arguments, and of layers and losses, (batch, channels, *axes)."""

from __future__ import annotations

from typing import Any

from harness.operations.calls.specification import (
    OMITTED,
    Array,
    Axis,
    Choice,
    call,
    indices,
    integers,
    numbers,
)

__all__ = ["ENTRIES"]

_X = numbers(...)
_POSITIVE = numbers(..., low=0.2)
_PART = numbers(..., low=0.0625, high=0.9375)
_REDUCTION = Choice("mean", "sum", "none")
_ALONG = Axis(default=False)


def _plane(low: float = -3.0, high: float = 3.0) -> Array:
    return numbers("m", "n", low=low, high=high)


def _signs(*shape: Any) -> Array:
    return integers(*shape, low=-1, high=1, kinds="i", without=(0.0,))


_A, _B, _P, _Q = _plane(), _plane(), _plane(0.2), _plane(0.0625, 0.9375)
_LABELS = indices("m", below="2n", low=0)
_LOGITS = numbers("m", "2n")
_WEIGHTS = Choice(OMITTED, numbers("2n", low=0.2))
_SHIFT = Choice(OMITTED, numbers("2k"))


def _image(rank: int, channels: Any = 2) -> Array:
    return numbers("k", channels, *[*(5, 4, 3)[:rank]])


def _of_rank(function: Any, name: str) -> dict[str, Any]:
    return {f"nn.{name}{rank}d": function(rank) for rank in (1, 2, 3)}


def _convolution(rank: int) -> Any:
    kernel = (2, 2, 1)[:rank]
    return (
        call(_image(rank), numbers("2k", 2, *kernel), _SHIFT, padding=Choice(OMITTED, 1, "valid", (1, 0, 2)[:rank])),
        call(
            _image(rank, 4), numbers(4, 2, *kernel), stride=Choice(2, (1, 2, 1)[:rank]), padding=Choice(1, 0), groups=2
        ),
        call(_image(rank), numbers("2k", 2, *kernel), padding=Choice("same", 1), dilation=Choice(2, 1)),
    )


def _transposed(rank: int) -> Any:
    return call(
        numbers("k", 2, *(3, 2, 2)[:rank]),
        numbers(2, "2k", *(3, 2, 2)[:rank]),
        _SHIFT,
        stride=Choice(2, 1, (2, 1, 1)[:rank]),
        padding=Choice(1, 0),
    )


def _pooled(rank: int) -> Any:
    # A mean of two, of four or of eight is exact.
    return (
        call(_image(rank), kernel=2, stride=Choice(OMITTED, None, 1, (1, 2, 1)[:rank]), padding=Choice(0, 1)),
        call(_image(rank), kernel=Choice(1, (2, 1, 1)[:rank])),
    )


def _recurrent(gates: int, states: int) -> Any:
    """Call a layer of one, one after another, one both ways, on three times."""
    name = {4: "lstm", 3: "gru"}[gates]

    def form(xp: Any, x: Any, *given: Any, bidirectional: bool = False) -> Any:
        return getattr(xp.nn, name)(x, *given[:states], given[states:], bidirectional=bidirectional)

    def weights(inward: Any) -> list[Any]:
        rows = f"{gates}h"
        return [numbers(rows, inward), numbers(rows, "h"), numbers(rows), numbers(rows)]

    def start(layers: int) -> list[Any]:
        return [numbers(layers, "k", "h")] * states

    x = numbers("n", "k", "m")
    return (
        call(x, *start(1), *weights("m"), form=form),
        call(x, *start(2), *weights("m"), *weights("h"), form=form),
        call(x, *start(2), *weights("m"), *weights("m"), form=form, bidirectional=True),
    )


def _cell(gates: int, states: int) -> Any:
    rows = f"{gates}h"
    return call(numbers("k", "m"), *[numbers("k", "h")] * states, numbers(rows, "m"), numbers(rows, "h"), numbers(rows))


def _aligned(xp: Any, x: Any, labels: Any, **named: Any) -> Any:
    """No two ways may be equally likely: which is the larger, no enclosure could decide."""
    apart = xp.sqrt(xp.arange(1, 1 + x.shape[0] * x.shape[1] * x.shape[2], dtype=x.dtype))
    return xp.nn.ctc_loss(x + xp.reshape(apart, x.shape), labels=labels, **named)


ENTRIES: dict[str, Any] = {
    "special.xlogy special.xlog1py": call(_X, _POSITIVE),
    "special.rel_entr special.kl_div special.beta special.betaln": call(_POSITIVE, _POSITIVE),
    "special.gammainc special.gammaincc": call(Choice(2.5, 0.5, 1.0), _POSITIVE),
    "special.betainc": call(Choice(2.5, 0.5), Choice(1.5, 1.0), _PART),
    "special.zeta": call(Choice(3.0, 1.5, 2.0), _POSITIVE),
    "special.polygamma": call(Choice(2, 1, 3), _POSITIVE),
    "special.expn": call(Choice(2, 1), _POSITIVE),
    "special.hyp1f1": call(1.5, 2.5, _X),
    "special.hyp2f1": call(0.5, 1.5, 2.5, numbers(..., low=-0.75, high=0.75)),
    "special.poch": call(_POSITIVE, Choice(2.5, 0.5, 1.0)),
    "special.multigammaln": call(numbers(..., low=2.25, high=5.0), 3),
    "special.boxcox special.boxcox1p": call(_POSITIVE, Choice(0.5, 0, -1.5)),
    # Activations.
    "nn.relu nn.relu6 nn.hardtanh": call(numbers(..., low=-8.0, high=8.0)),
    "nn.leaky_relu": call(_X, slope=Choice(0.25, 0.5)),
    "nn.elu nn.celu": call(_X, alpha=Choice(0.5, OMITTED, 1.5)),
    "nn.hardshrink": call(_X, threshold=Choice(OMITTED, 1.0)),
    "nn.threshold": call(_X, threshold=0.25, value=-2.0),
    "nn.glu": (call(numbers("m", "2n")), call(numbers("2n", "m"), axis=Choice(0, -2))),
    "nn.prelu": call(numbers("k", "n", "m"), Choice(numbers("n"), numbers(1))),
    "nn.crelu": call(_A, axis=Choice(OMITTED, 0)),
    "nn.softmax nn.log_softmax nn.softmin nn.standardize": call(numbers(..., "m", "n"), axis=Choice(OMITTED, 0, -2)),
    "nn.normalize": call(numbers(..., "n", low=0.125), axis=_ALONG),
    "nn.dropout": call(_X),
    # Norms.
    "nn.layer_norm": call(numbers(..., "n"), numbers("n"), numbers("n")),
    "nn.rms_norm": call(numbers(..., "n"), numbers("n")),
    "nn.batch_norm": (
        call(numbers("m", "n"), numbers("n"), numbers("n")),
        call(numbers("k", "n", "m"), *[numbers("n")] * 3, numbers("n", low=0.2)),
    ),
    "nn.group_norm": call(numbers("k", 4, "m"), numbers(4), numbers(4), groups=Choice(2, 1, 4)),
    "nn.instance_norm": call(numbers("k", "n", "2m"), numbers("n"), numbers("n")),
    "nn.local_response_norm": call(numbers("k", "m", "n"), size=Choice(2, 3, 1, 4), alpha=0.5),
    # Losses.
    "nn.mse_loss nn.l1_loss nn.huber_loss nn.smooth_l1_loss": call(_A, _B, reduction=_REDUCTION),
    "nn.poisson_nll_loss nn.kl_div": call(_A, _P, reduction=_REDUCTION),
    "nn.binary_cross_entropy": call(_Q, _Q, reduction=_REDUCTION),
    "nn.binary_cross_entropy_with_logits": (
        call(_A, _Q, reduction=_REDUCTION),
        call(_A, _Q, numbers("n", low=0.2), reduction=_REDUCTION),
    ),
    "nn.soft_margin_loss nn.hinge_embedding_loss": call(_A, _signs("m", "n"), reduction=_REDUCTION),
    "nn.margin_ranking_loss": call(_A, _B, _signs("m", "n"), reduction=_REDUCTION),
    "nn.gaussian_nll_loss": call(_A, _B, _P, reduction=_REDUCTION),
    "nn.triplet_margin_loss": call(_A, _B, _P, reduction=_REDUCTION),
    "nn.cosine_similarity": call(_plane(4.0, 9.0), _plane(4.0, 9.0), axis=Choice(OMITTED, 0, -1)),
    "nn.pairwise_distance": call(_plane(4.0, 9.0), _plane(-9.0, -4.0)),
    "nn.cosine_embedding_loss": call(_plane(4.0, 9.0), _plane(4.0, 9.0), _signs("m"), reduction=_REDUCTION),
    "nn.l2_loss": call(_X),
    "nn.cross_entropy": (
        call(_LOGITS, _LABELS, _WEIGHTS, reduction=_REDUCTION, smoothing=Choice(OMITTED, 0.25)),
        call(_LOGITS, _LABELS, ignored=3),
    ),
    "nn.nll_loss": call(_LOGITS, _LABELS, _WEIGHTS, reduction=_REDUCTION),
    "nn.sparse_softmax_cross_entropy": call(_LOGITS, _LABELS),
    "nn.softmax_cross_entropy": call(_A, _P),
    "nn.multilabel_soft_margin_loss": call(_A, numbers("m", "n", low=0.0, high=1.0, step=1.0), reduction=_REDUCTION),
    "nn.ctc_loss": (
        call(numbers(5, 2, 3), Choice(((1, 1), (2,)), ((1, 2), (2, 1))), form=_aligned, reduction=_REDUCTION),
        call(numbers(4, 1, 3), ((1, 0, 1),), form=_aligned, blank=2, reduction="none"),
    ),
    # Windows.
    **_of_rank(_convolution, "conv"),
    **_of_rank(_transposed, "conv_transpose"),
    **_of_rank(_pooled, "max_pool"),
    **_of_rank(_pooled, "avg_pool"),
    "nn.interpolate": call(
        numbers("k", "n", "2n", "m"), size=Choice((3, 8), 2, (4, 1), (7, 2)), method=Choice("nearest", "bilinear")
    ),
    "nn.grid_sample": call(
        numbers("k", 2, "n", "m"), numbers("k", 2, 3, 2, low=-1.3125, high=1.3125), align_corners=Choice(False, True)
    ),
    "nn.unfold": call(
        numbers("k", 2, 3, 4),
        kernel=Choice(2, (2, 1), 1),
        stride=Choice(1, 2, (1, 2)),
        padding=Choice(0, 1),
        dilation=Choice(1, 2),
    ),
    "nn.pixel_shuffle": call(numbers("k", "4n", "m", 2), factor=Choice(2, 1)),
    "nn.pixel_unshuffle": call(numbers("k", 2, "2n", "2m"), factor=Choice(2, 1)),
    # Layers.
    "nn.linear": (call(numbers(..., "n"), numbers("m", "n"), Choice(OMITTED, numbers("m"))),),
    "nn.bilinear": call(numbers("k", "n"), numbers("k", "m"), numbers(2, "n", "m"), Choice(OMITTED, numbers(2))),
    "nn.embedding": call(Choice(indices("K", below="n", low=0), indices(2, "K", below="n", low=0)), numbers("n", "m")),
    "nn.scaled_dot_product_attention": (
        call(numbers(2, "m", "k"), numbers(2, "n", "k"), numbers(2, "n", 2), scale=Choice(None, 0.5)),
        call(*[numbers("k", 2, "n", "m")] * 3, causal=Choice(True, False)),
    ),
    "nn.rnn_cell": _cell(1, 1),
    "nn.lstm_cell": _cell(4, 2),
    "nn.gru_cell": _cell(3, 1),
    "nn.lstm": _recurrent(4, 2),
    "nn.gru": _recurrent(3, 1),
}
"""Names of operations, with blanks between them, to a call of each, or to several."""
