"""What TensorFlow calls the operations: `special`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.words import DEFINITION, Gap

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]

_LACKS = Gap("neither tf.math nor tf.math.special has it", "https://www.tensorflow.org/api_docs/python/tf/math")


def _betaln(tf: Any, a: Any, b: Any) -> Any:
    if a.shape != b.shape:
        shape = tf.broadcast_static_shape(a.shape, b.shape)
        a, b = tf.broadcast_to(a, shape), tf.broadcast_to(b, shape)
    return tf.math.lbeta(tf.stack((a, b), axis=-1))


_DEFINED = (
    "special.logit",
    "special.entr",
    "special.rel_entr",
    "special.kl_div",
    "special.beta",
    "special.poch",
    "special.boxcox",
    "special.boxcox1p",
)
_LACKING = (
    "special.ndtr",
    "special.log_ndtr",
    "special.erfcx",
    "special.exp1",
    "special.sine_integral",
    "special.cosine_integral",
    "special.gamma",
    "special.airy_ai",
    "special.spherical_bessel_j0",
    "special.expn",
    "special.hyp1f1",
    "special.hyp2f1",
    "special.multigammaln",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    **dict.fromkeys(_LACKING, _LACKS),
    "special.erf": "math.erf",
    "special.erfc": "math.erfc",
    "special.expit": "math.sigmoid",
    "special.lgamma": "math.lgamma",
    "special.digamma": "math.digamma",
    "special.logsumexp": lambda tf, x, *, axis=None, keepdims=False: tf.reduce_logsumexp(x, axis, keepdims),
    "special.xlogy": "math.xlogy",
    "special.exp2": "experimental.numpy.exp2",
    "special.log_expit": "math.log_sigmoid",
    "special.ndtri": "math.ndtri",
    "special.erfinv": "math.erfinv",
    "special.erfcinv": "math.erfcinv",
    "special.dawsn": "math.special.dawsn",
    "special.expi": "math.special.expint",
    "special.fresnel_sin": "math.special.fresnel_sin",
    "special.fresnel_cos": "math.special.fresnel_cos",
    "special.spence": "math.special.spence",
    "special.i0": "math.bessel_i0",
    "special.i0e": "math.bessel_i0e",
    "special.i1": "math.bessel_i1",
    "special.i1e": "math.bessel_i1e",
    "special.j0": "math.special.bessel_j0",
    "special.j1": "math.special.bessel_j1",
    "special.y0": "math.special.bessel_y0",
    "special.y1": "math.special.bessel_y1",
    "special.k0": "math.special.bessel_k0",
    "special.k0e": "math.special.bessel_k0e",
    "special.k1": "math.special.bessel_k1",
    "special.k1e": "math.special.bessel_k1e",
    "special.sinc": "experimental.numpy.sinc",
    "special.gammainc": lambda tf, a, x: tf.math.igamma(tf.fill(x.shape, tf.cast(a, x.dtype)), x),
    "special.gammaincc": lambda tf, a, x: tf.math.igammac(tf.fill(x.shape, tf.cast(a, x.dtype)), x),
    "special.betainc": lambda tf, a, b, x: tf.math.betainc(
        tf.fill(x.shape, tf.cast(a, x.dtype)), tf.fill(x.shape, tf.cast(b, x.dtype)), x
    ),
    "special.zeta": lambda tf, s, q: tf.math.zeta(tf.fill(q.shape, tf.cast(s, q.dtype)), q),
    "special.polygamma": lambda tf, n, x: tf.math.polygamma(tf.fill(x.shape, tf.cast(n, x.dtype)), x),
    "special.xlog1py": "math.xlog1py",
    "special.betaln": _betaln,
    "special.cumulative_logsumexp": lambda tf, x, *, axis=-1: tf.math.cumulative_logsumexp(x, axis),
}
