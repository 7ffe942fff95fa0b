"""What NumPy calls the operations.

Beside the reference, and not beside NumPy's adapter, since the reference runs on NumPy itself: a budget's runs and the
tape on plain numbers take NumPy's functions of a row. The adapter takes its words from here. No NumPy is imported: what
is called gets it as its first argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.linalg.decompositions import exponential
from harness.operations.words import DEFINITION, Gap

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]

_LACKS = Gap(
    "NumPy holds no special functions; they are SciPy's", "https://docs.scipy.org/doc/scipy/reference/special.html"
)


def _scatter(name: str) -> Any:
    def scatter(np: Any, x: Any, indices: Any, updates: Any, /) -> Any:
        found = x.copy()
        getattr(np, name).at(found, indices, updates)
        return found

    return scatter


def _bincount(np: Any, numbers: Any, weights: Any = None, /, *, length: int) -> Any:
    found = np.bincount(numbers, weights, minlength=length)
    return found if weights is None else found.astype(weights.dtype)


def _sort(np: Any, x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    found = np.sort(x, axis=axis, stable=stable)
    return np.flip(found, axis) if descending else found


def _argsort(np: Any, x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    return np.argsort(-x if descending else x, axis=axis, stable=stable)


def _xlogy(np: Any, a: Any, b: Any) -> Any:
    nothing = np.logical_and(a == 0, ~np.isnan(b))
    return np.where(nothing, a * 0, a * np.log(np.where(nothing, 1, b)))


def _xlog1py(np: Any, a: Any, b: Any) -> Any:
    nothing = np.logical_and(a == 0, ~np.isnan(b))
    return np.where(nothing, a * 0, a * np.log1p(np.where(nothing, 0, b)))


_DEFINED = (
    "segment_sum",
    "top_k",
    "linalg.solve_triangular",
    "linalg.cholesky_solve",
    "linalg.logdet",
    "special.logit",
    "special.logsumexp",
    "special.entr",
    "special.rel_entr",
    "special.kl_div",
    "special.boxcox",
    "special.boxcox1p",
    "nn.relu",
    "nn.leaky_relu",
    "nn.elu",
    "nn.silu",
    "nn.gelu",
    "nn.softmax",
    "nn.log_softmax",
    "nn.layer_norm",
    "nn.gelu_tanh",
    "nn.mish",
    "nn.selu",
    "nn.celu",
    "nn.relu6",
    "nn.hardtanh",
    "nn.hardsigmoid",
    "nn.hardswish",
    "nn.softsign",
    "nn.log_sigmoid",
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
    "nn.crelu",
    "nn.rms_norm",
    "nn.batch_norm",
    "nn.group_norm",
    "nn.instance_norm",
    "nn.normalize",
    "nn.standardize",
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
    "nn.one_hot",
    "nn.dropout",
    "nn.scaled_dot_product_attention",
    "nn.rnn_cell",
    "nn.lstm_cell",
    "nn.gru_cell",
    "nn.lstm",
    "nn.gru",
    *(f"nn.conv{rank}d" for rank in (1, 2, 3)),
    *(f"nn.conv_transpose{rank}d" for rank in (1, 2, 3)),
    *(f"nn.max_pool{rank}d" for rank in (1, 2, 3)),
    *(f"nn.avg_pool{rank}d" for rank in (1, 2, 3)),
    "nn.interpolate",
    "nn.grid_sample",
    "nn.unfold",
    "nn.pixel_shuffle",
    "nn.pixel_unshuffle",
    "control.cond",
    "control.while_loop",
    "control.fori_loop",
    "control.scan",
)
_LACKING = (
    "special.erf",
    "special.erfc",
    "special.lgamma",
    "special.digamma",
    "special.ndtr",
    "special.log_ndtr",
    "special.ndtri",
    "special.erfinv",
    "special.erfcinv",
    "special.erfcx",
    "special.dawsn",
    "special.expi",
    "special.exp1",
    "special.fresnel_sin",
    "special.fresnel_cos",
    "special.spence",
    "special.sine_integral",
    "special.cosine_integral",
    "special.gamma",
    "special.i0",
    "special.i0e",
    "special.i1",
    "special.i1e",
    "special.j0",
    "special.j1",
    "special.y0",
    "special.y1",
    "special.k0",
    "special.k0e",
    "special.k1",
    "special.k1e",
    "special.airy_ai",
    "special.spherical_bessel_j0",
    "special.gammainc",
    "special.gammaincc",
    "special.betainc",
    "special.zeta",
    "special.polygamma",
    "special.expn",
    "special.hyp1f1",
    "special.hyp2f1",
    "special.betaln",
    "special.beta",
    "special.poch",
    "special.multigammaln",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    **dict.fromkeys(_LACKING, _LACKS),
    "angle": "angle",
    "pad": lambda np, x, widths, *, value=0.0: np.pad(x, widths, constant_values=value),
    "scatter_add": _scatter("add"),
    "scatter_max": _scatter("maximum"),
    "bincount": _bincount,
    "histogram": lambda np, x, edges: np.histogram(x, edges)[0],
    "interp": lambda np, x, points, values: np.interp(x, points, values).astype(x.dtype),
    "sort": _sort,
    "argsort": _argsort,
    "average": lambda np, x, weights, *, axis=None: np.average(x, axis, weights),
    "cov": lambda np, x: np.cov(x, dtype=x.dtype),
    "corrcoef": lambda np, x: np.corrcoef(x, dtype=x.dtype),
    "einsum": "einsum",
    "linalg.diagonal": "linalg.diagonal",
    "linalg.outer": "linalg.outer",
    "linalg.trace": "linalg.trace",
    "linalg.vector_norm": "linalg.vector_norm",
    "linalg.solve": "linalg.solve",
    "linalg.inv": "linalg.inv",
    "linalg.det": "linalg.det",
    "linalg.slogdet": lambda np, x: tuple(np.linalg.slogdet(x)),
    "linalg.cholesky": "linalg.cholesky",
    "linalg.qr": "linalg.qr",
    "linalg.eigh": "linalg.eigh",
    "linalg.eigvalsh": "linalg.eigvalsh",
    "linalg.svd": "linalg.svd",
    "linalg.svdvals": "linalg.svdvals",
    "linalg.pinv": "linalg.pinv",
    "linalg.matrix_power": "linalg.matrix_power",
    "linalg.matrix_norm": "linalg.matrix_norm",
    "linalg.cross": "linalg.cross",
    "linalg.lstsq": lambda np, a, b: np.linalg.lstsq(a, b)[0],
    "linalg.vander": lambda np, x, n: np.vander(x, n, increasing=True).astype(x.dtype),
    "linalg.expm": exponential,
    "special.expit": lambda np, x: 1 / (1 + np.exp(-x)),
    "special.xlogy": _xlogy,
    "special.exp2": "exp2",
    "special.log_expit": lambda np, x: -np.logaddexp(np.zeros((), x.dtype), -x),
    # NumPy knows no bfloat16, and multiplies it by π in float32.
    "special.sinc": lambda np, x: np.sinc(x).astype(x.dtype),
    "special.xlog1py": _xlog1py,
    "special.cumulative_logsumexp": lambda np, x, *, axis=-1: np.logaddexp.accumulate(x, axis),
    "nn.sigmoid": lambda np, x: 1 / (1 + np.exp(-x)),
    "nn.softplus": lambda np, x: np.logaddexp(x, np.zeros((), x.dtype)),
    "fft.fftfreq": lambda np, n, *, d=1.0, dtype=None: np.fft.fftfreq(n, d).astype(dtype),
    "fft.rfftfreq": lambda np, n, *, d=1.0, dtype=None: np.fft.rfftfreq(n, d).astype(dtype),
}
