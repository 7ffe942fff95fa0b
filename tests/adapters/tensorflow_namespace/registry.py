"""Every operation that TensorFlow offers, and the calls that are drawn of it: a new row needs a line here.

Exact results are NumPy's, bit for bit. The others are judged by the project's own judge, against the proved truth of the
call and the rounding that the row allows; NumPy's result gives their shape and dtype.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.adapters.tensorflow_namespace import calls_of_arrays, calls_of_layers, calls_of_matrices, calls_of_sequences
from tests.adapters.tensorflow_namespace.exact import INTEGERS, REALS
from tests.adapters.tensorflow_namespace.signatures import (
    ANY,
    COMPLEX,
    DIVISORS,
    EIGHTHS,
    FLOATING,
    FLOATS,
    MAKEABLE,
    NUMBERS,
    POSITIVE,
    PRECISE,
    PROBABILITIES,
    QUARTERS,
    SMALL,
    SPECIALS,
    TRUTH,
    WIDE,
    WITH_SPECIALS,
    Call,
    Numbers,
    along,
    arrays,
    binary,
    made,
    matrices,
    of_matrices,
    of_vectors,
    over_axes,
    unary,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["PROPERTIES", "Property"]

KEPT = st.booleans()
SHAPES = npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)


@dataclass(frozen=True)
class Property:
    """How an operation is tested.

    Attributes:
        calls: What is drawn.
        exact: Whether the result is NumPy's, bit for bit.
        signed: Whether the sign of a zero counts: the standard says nothing of it where terms
            add up to 0, and of the larger of two zeros.
    """

    calls: SearchStrategy[Call]
    exact: bool
    signed: bool = True


def _exact(names: str, signature: Callable[[str], SearchStrategy[Call]]) -> dict[str, Property]:
    return {name: Property(signature(name), exact=True) for name in names.split()}


def _summed(names: str, signature: Callable[[str], SearchStrategy[Call]]) -> dict[str, Property]:
    return {name: Property(signature(name), exact=True, signed=False) for name in names.split()}


def _judged(
    names: str, signature: Callable[[str], SearchStrategy[Call]], *, signed: bool = False
) -> dict[str, Property]:
    return {name: Property(signature(name), exact=False, signed=signed) for name in names.split()}


def _below(prefix: str, names: str) -> str:
    return " ".join(f"{prefix}.{name}" for name in names.split())


PROPERTIES: dict[str, Property] = {
    # Element by element.
    **_exact("add subtract multiply", binary(NUMBERS, WITH_SPECIALS)),
    **_exact("divide", binary(WIDE, WITH_SPECIALS)),
    **_summed("maximum minimum", binary(REALS, WITH_SPECIALS)),
    **_exact("less less_equal greater greater_equal", binary(REALS, WITH_SPECIALS)),
    **_exact("equal not_equal", binary(NUMBERS, WITH_SPECIALS)),
    **_exact("floor_divide remainder", binary(REALS, QUARTERS, DIVISORS)),
    **_exact("copysign", binary(WIDE, WITH_SPECIALS)),
    **_exact("nextafter", binary(PRECISE, WITH_SPECIALS)),
    **_exact("ldexp", calls_of_sequences.ldexp),
    **_exact("logical_and logical_or logical_xor", binary(TRUTH, promotes=False)),
    **_exact("bitwise_and bitwise_or bitwise_xor", binary(INTEGERS, Numbers(-100, 100))),
    **_exact("bitwise_left_shift bitwise_right_shift", calls_of_arrays.shifted),
    **_exact("negative positive square abs sign", unary(REALS, Numbers(-4, 4), SPECIALS)),
    **_exact("floor ceil trunc round", unary(REALS, QUARTERS, SPECIALS)),
    **_exact("isnan isinf isfinite", unary(NUMBERS, SMALL, SPECIALS)),
    **_exact("signbit", unary(WIDE, SMALL, SPECIALS)),
    **_exact("logical_not", unary(TRUTH, SMALL)),
    **_exact("bitwise_invert", unary((*INTEGERS, "bool"), Numbers(-100, 100))),
    **_exact("real imag conj", unary(COMPLEX, SMALL, SPECIALS)),
    **_judged("reciprocal", unary(FLOATS, EIGHTHS, SPECIALS), signed=True),
    **_exact("where", calls_of_arrays.where),
    **_summed("clip", calls_of_arrays.clip),
    **_judged("angle", unary(COMPLEX, SMALL)),
    **_judged(
        "sqrt exp expm1 log log1p log2 log10 sin cos tan asin acos atan", unary(FLOATS, EIGHTHS, SPECIALS), signed=True
    ),
    **_judged("sinh cosh tanh asinh acosh atanh", unary(FLOATS, EIGHTHS, SPECIALS), signed=True),
    **_judged("logaddexp atan2 hypot", binary(WIDE, Numbers(step=0.5, specials=SPECIALS)), signed=True),
    **_judged("pow", binary(WIDE, Numbers(0.25, 4, 0.25), Numbers(step=0.5))),
    # Reductions, scans and order.
    **_summed("sum prod", over_axes(NUMBERS, SMALL, keepdims=KEPT)),
    **_summed("max min", over_axes(REALS, WITH_SPECIALS, min_side=1, keepdims=KEPT)),
    **_exact("any all count_nonzero", over_axes(ANY, Numbers(0, 1), keepdims=KEPT)),
    **_exact("argmax argmin", over_axes(REALS, min_side=1, several=False, keepdims=KEPT)),
    **_summed("cumulative_sum cumulative_prod", calls_of_arrays.scan),
    **_exact("sort argsort", along(("int8", "int16", "int32", "int64", *WIDE), descending=st.booleans())),
    **_exact("top_k", calls_of_arrays.top_k),
    **_exact("searchsorted", calls_of_arrays.searchsorted),
    **_summed("bincount", calls_of_sequences.bincount),
    **_exact("histogram", calls_of_sequences.histogram),
    **_judged("interp", calls_of_sequences.interp),
    **_judged("mean", over_axes(FLOATS, EIGHTHS, min_side=1, keepdims=KEPT)),
    **_judged("var std", over_axes(PRECISE, EIGHTHS, min_side=1, keepdims=KEPT)),
    **_judged("special.logsumexp", over_axes(PRECISE, EIGHTHS, min_side=1, keepdims=KEPT)),
    **_judged("special.cumulative_logsumexp", along(PRECISE, EIGHTHS, min_side=1)),
    **_judged("quantile median", calls_of_arrays.quantile),
    **_judged("average", calls_of_arrays.average),
    **_judged("cov corrcoef", calls_of_arrays.observations),
    # Shapes and places.
    **_exact("reshape", calls_of_arrays.reshape),
    **_exact("permute_dims", calls_of_arrays.permute),
    **_exact("matrix_transpose", lambda name: st.builds(Call, st.just(name), st.tuples(arrays(ANY, min_dims=2)))),
    **_exact("moveaxis", calls_of_arrays.moveaxis),
    **_exact("expand_dims", calls_of_arrays.expand),
    **_exact("squeeze", calls_of_arrays.squeeze),
    **_exact("broadcast_to", calls_of_arrays.broadcast_to),
    **_exact("broadcast_arrays", binary(ANY, promotes=False)),
    **_exact("concat stack", calls_of_arrays.joined),
    **_exact("unstack", along(ANY)),
    **_exact("flip", over_axes(ANY)),
    **_exact("roll", calls_of_arrays.roll),
    **_exact("repeat", calls_of_arrays.repeat),
    **_exact("tile", calls_of_arrays.tile),
    **_exact("take", calls_of_arrays.take),
    **_exact("take_along_axis", calls_of_arrays.take_along_axis),
    **_exact("tril triu", calls_of_arrays.triangle),
    **_exact("diff", along(NUMBERS, n=st.integers(0, 3))),
    **_exact("pad", calls_of_arrays.pad),
    **_exact("rot90", calls_of_arrays.rot90),
    **_exact("diag", lambda name: st.builds(Call, st.just(name), st.tuples(arrays(NUMBERS, min_dims=1, max_dims=1)))),
    **_summed("trapezoid", along(PRECISE, Numbers(step=2), dx=st.sampled_from([0.5, 1.0]))),
    **_summed("scatter_add scatter_max", calls_of_arrays.scattered),
    **_summed("segment_sum", calls_of_arrays.segments),
    **_exact("meshgrid", calls_of_arrays.meshgrid),
    # Arrays made from numbers.
    **_exact("astype", calls_of_arrays.astype),
    **_exact("asarray", calls_of_arrays.asarray),
    **_exact("zeros ones", made(first=st.tuples(SHAPES), dtype=st.none() | MAKEABLE)),
    **_exact("full", made(first=st.tuples(SHAPES, st.sampled_from([0, 1, 0.5])), dtype=st.none() | FLOATING)),
    **_exact("zeros_like ones_like full_like", calls_of_arrays.like),
    **_exact("arange", calls_of_arrays.arange),
    **_exact("linspace", calls_of_arrays.linspace),
    **_exact("eye", calls_of_arrays.eye),
    # Linear algebra: products of small whole numbers are exact.
    **_summed("matmul", of_vectors(NUMBERS, str(np.matmul.signature))),
    **_summed("vecdot", of_vectors(NUMBERS, "(n),(n)->()")),
    **_summed("linalg.outer", of_vectors(NUMBERS, "(n),(m)->(n,m)", batches=0)),
    **_summed("tensordot", calls_of_matrices.tensordot),
    **_summed("einsum", calls_of_matrices.einsum),
    **_summed("linalg.diagonal linalg.trace", calls_of_matrices.offset),
    **_summed("linalg.cross", calls_of_matrices.cross),
    **_summed("linalg.multi_dot", calls_of_matrices.multi_dot),
    **_summed("kron", calls_of_matrices.kron),
    **_exact(
        "linalg.vander",
        lambda name: st.builds(
            Call, st.just(name), st.tuples(arrays(PRECISE, min_dims=1, max_dims=1)), last=st.tuples(st.integers(1, 4))
        ),
    ),
    **_judged(
        "linalg.matrix_power", of_matrices(matrices(PRECISE), last=st.tuples(st.sampled_from([0, 1, 2, 3, -1, -2])))
    ),
    **_judged("linalg.vector_norm", calls_of_matrices.vector_norm),
    **_judged(
        "linalg.matrix_norm",
        of_matrices(
            matrices(PRECISE, square=False),
            keepdims=KEPT,
            ord=st.sampled_from([..., "fro", "nuc", 1, -1, 2, -2, float("inf"), float("-inf")]),
        ),
    ),
    **_judged(_below("linalg", "inv det slogdet cond svdvals"), of_matrices(matrices(PRECISE))),
    **_judged("linalg.expm", of_matrices(matrices(PRECISE).map(lambda x: x / np.asarray(16, x.dtype)))),
    **_judged("linalg.pinv", of_matrices(matrices(PRECISE, square=False))),
    **_judged("linalg.cholesky linalg.eigvalsh linalg.logdet", of_matrices(matrices(PRECISE, symmetric=True))),
    **_judged("linalg.eigh", of_matrices(matrices(PRECISE, symmetric=True, dense=True), signless=True)),
    **_judged("linalg.qr", of_matrices(matrices(PRECISE, square=False, wide=False, dense=True), signless=True)),
    **_judged(
        "linalg.svd", of_matrices(matrices(PRECISE, square=False, dense=True), signless=True, full_matrices=False)
    ),
    **_judged("linalg.solve", calls_of_matrices.solve),
    **_judged("linalg.solve_triangular", calls_of_matrices.triangular),
    **_judged("linalg.cholesky_solve", calls_of_matrices.cholesky_solve),
    **_judged("linalg.lstsq", calls_of_matrices.lstsq),
    # Fourier transforms.
    **_judged("fft.fft fft.ifft", calls_of_matrices.fft_along),
    **_judged("fft.fftn fft.ifftn", calls_of_matrices.fft_planes),
    **_judged(
        "fft.rfft", lambda name: st.builds(Call, st.just(name), st.tuples(arrays(PRECISE, min_dims=1, min_side=1)))
    ),
    **_judged("fft.irfft fft.hfft", calls_of_matrices.fft_back),
    **_judged(
        "fft.fftfreq fft.rfftfreq",
        made(first=st.tuples(st.integers(1, 9)), d=st.sampled_from([..., 0.5, 2.0]), dtype=FLOATING),
    ),
    **_exact("fft.fftshift fft.ifftshift", over_axes((*PRECISE, *COMPLEX), word_of_axis="axes", min_dims=1)),
    # Special functions.
    **_judged(
        _below("special", "erf erfc expit logit lgamma digamma exp2 log_expit ndtri erfinv erfcinv dawsn expi entr"),
        unary(PRECISE),
    ),
    **_judged(
        _below("special", "fresnel_sin fresnel_cos spence i0 i0e i1 i1e j0 j1 y0 y1 k0 k0e k1 k1e sinc"), unary(PRECISE)
    ),
    **_judged("special.xlogy special.xlog1py", binary(PRECISE, SMALL, POSITIVE, promotes=False)),
    **_judged(_below("special", "rel_entr kl_div beta betaln"), binary(PRECISE, POSITIVE, POSITIVE, promotes=False)),
    **_judged(_below("special", "gammainc gammaincc betainc zeta polygamma"), calls_of_arrays.family),
    **_judged(_below("special", "poch boxcox boxcox1p"), calls_of_arrays.powered),
    # Neural networks.
    **_summed("nn.relu nn.relu6 nn.hardtanh", unary(WIDE, Numbers(-8, 8))),
    **_exact("nn.hardshrink", unary(PRECISE, EIGHTHS, threshold=st.sampled_from([..., 1.0]))),
    **_exact("nn.threshold", unary(PRECISE, EIGHTHS, threshold=0.25, value=-2.0)),
    **_summed("nn.crelu", along(PRECISE)),
    **_judged("nn.leaky_relu", unary(PRECISE, EIGHTHS, slope=st.sampled_from([0.25, 0.5]))),
    **_judged("nn.elu nn.celu", unary(PRECISE, EIGHTHS, alpha=st.sampled_from([..., 0.5, 1.5]))),
    **_judged(
        _below(
            "nn", "sigmoid softplus silu mish selu hardsigmoid hardswish softsign log_sigmoid tanhshrink squareplus"
        ),
        unary(PRECISE, EIGHTHS),
    ),
    **_judged("nn.gelu nn.gelu_tanh", unary(("float32",), EIGHTHS)),
    **_judged(_below("nn", "softshrink sparse_plus sparse_sigmoid"), unary(PRECISE, EIGHTHS)),
    **_judged("nn.log1mexp", unary(PRECISE)),
    **_judged(_below("nn", "softmax log_softmax softmin standardize"), along(PRECISE, EIGHTHS, min_side=1)),
    **_judged("nn.normalize", along(PRECISE, POSITIVE, min_side=1)),
    **_judged("nn.glu", calls_of_layers.halved),
    **_judged("nn.prelu", calls_of_layers.prelu),
    **_judged("nn.layer_norm nn.rms_norm", calls_of_layers.last_normed),
    **_judged("nn.batch_norm nn.group_norm nn.instance_norm", calls_of_layers.normed),
    **_judged("nn.local_response_norm", calls_of_layers.local_response),
    **_judged(
        _below("nn", "mse_loss l1_loss huber_loss smooth_l1_loss poisson_nll_loss"), calls_of_layers.loss(EIGHTHS)
    ),
    **_judged("nn.kl_div", calls_of_layers.loss(POSITIVE)),
    **_judged("nn.binary_cross_entropy", calls_of_layers.loss(PROBABILITIES, left=PROBABILITIES)),
    **_judged("nn.binary_cross_entropy_with_logits", calls_of_layers.weighted),
    **_judged("nn.soft_margin_loss nn.hinge_embedding_loss", calls_of_layers.loss("signs")),
    **_judged("nn.margin_ranking_loss", calls_of_layers.loss(EIGHTHS, "signs")),
    **_judged("nn.gaussian_nll_loss", calls_of_layers.loss(EIGHTHS, POSITIVE)),
    **_judged("nn.triplet_margin_loss", calls_of_layers.loss(EIGHTHS, EIGHTHS, shaped=True)),
    **_judged("nn.softmax_cross_entropy", calls_of_layers.loss(POSITIVE, shaped=True, reduced=False)),
    **_judged("nn.l2_loss", unary(PRECISE, EIGHTHS)),
    **_judged("nn.multilabel_soft_margin_loss", calls_of_layers.labels_too),
    **_judged("nn.cosine_similarity nn.pairwise_distance", calls_of_layers.similar),
    **_judged("nn.cosine_embedding_loss", calls_of_layers.embedded),
    **_judged(_below("nn", "cross_entropy nll_loss sparse_softmax_cross_entropy"), calls_of_layers.labelled),
    **_summed("nn.conv1d nn.conv2d nn.conv3d", calls_of_layers.conv),
    **_summed("nn.conv_transpose1d nn.conv_transpose2d nn.conv_transpose3d", calls_of_layers.conv_transpose),
    **_summed(_below("nn", "max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d"), calls_of_layers.pool),
    **_exact("nn.unfold", calls_of_sequences.unfold),
    **_judged("nn.grid_sample", calls_of_sequences.grid_sample),
    **_judged("nn.interpolate", calls_of_layers.interpolate),
    **_exact("nn.pixel_shuffle nn.pixel_unshuffle", calls_of_layers.shuffle),
    **_summed("nn.linear nn.bilinear", calls_of_layers.linear),
    **_exact("nn.embedding", calls_of_layers.embedding),
    **_exact("nn.one_hot", calls_of_layers.one_hot),
    **_exact("nn.dropout", unary(PRECISE, EIGHTHS)),
    **_judged("nn.scaled_dot_product_attention", calls_of_layers.attention),
    **_judged("nn.rnn_cell nn.lstm_cell nn.gru_cell", calls_of_layers.cell),
    **_judged("nn.lstm nn.gru", calls_of_sequences.recurrent),
    **_judged("nn.ctc_loss", calls_of_sequences.ctc_loss),
    # Control flow.
    **_exact("control.cond", calls_of_layers.cond),
    **_exact("control.while_loop", calls_of_layers.repeated),
    **_exact("control.fori_loop", calls_of_layers.fori),
    **_exact("control.scan", calls_of_layers.scanned),
}
"""Operation to its property."""
