"""What JAX calls the operations: `special`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.operations.words import Gap

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]

_LACKS = Gap("jax.scipy.special does not have it", "https://docs.jax.dev/en/latest/jax.scipy.html")


_LACKING = (
    "special.erfcinv",
    "special.y0",
    "special.y1",
    "special.k0",
    "special.k0e",
    "special.k1",
    "special.k1e",
    "special.airy_ai",
    "special.spherical_bessel_j0",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_LACKING, _LACKS),
    "special.erf": "scipy.special.erf",
    "special.erfc": "scipy.special.erfc",
    "special.expit": "scipy.special.expit",
    "special.logit": "scipy.special.logit",
    "special.lgamma": "scipy.special.gammaln",
    "special.digamma": "scipy.special.digamma",
    "special.logsumexp": "scipy.special.logsumexp",
    "special.xlogy": "scipy.special.xlogy",
    "special.exp2": "numpy.exp2",
    "special.log_expit": "nn.log_sigmoid",
    "special.ndtr": "scipy.special.ndtr",
    "special.log_ndtr": "scipy.special.log_ndtr",
    "special.ndtri": "scipy.special.ndtri",
    "special.erfinv": "scipy.special.erfinv",
    "special.erfcx": "scipy.special.erfcx",
    "special.dawsn": "scipy.special.dawsn",
    "special.expi": "scipy.special.expi",
    "special.exp1": "scipy.special.exp1",
    "special.fresnel_sin": lambda jax, x: jax.scipy.special.fresnel(x)[0],
    "special.fresnel_cos": lambda jax, x: jax.scipy.special.fresnel(x)[1],
    "special.spence": "scipy.special.spence",
    "special.sine_integral": lambda jax, x: jax.scipy.special.sici(x)[0],
    "special.cosine_integral": lambda jax, x: jax.scipy.special.sici(x)[1],
    "special.gamma": "scipy.special.gamma",
    "special.i0": "scipy.special.i0",
    "special.i0e": "scipy.special.i0e",
    "special.i1": "scipy.special.i1",
    "special.i1e": "scipy.special.i1e",
    "special.j0": lambda jax, x: jax.scipy.special.bessel_jn(x, v=0)[0],
    "special.j1": lambda jax, x: jax.scipy.special.bessel_jn(x, v=1)[1],
    "special.sinc": "numpy.sinc",
    "special.gammainc": "scipy.special.gammainc",
    "special.gammaincc": "scipy.special.gammaincc",
    "special.betainc": "scipy.special.betainc",
    "special.zeta": "scipy.special.zeta",
    "special.polygamma": "scipy.special.polygamma",
    "special.expn": "scipy.special.expn",
    "special.hyp1f1": "scipy.special.hyp1f1",
    "special.hyp2f1": "scipy.special.hyp2f1",
    "special.entr": "scipy.special.entr",
    "special.xlog1py": "scipy.special.xlog1py",
    "special.rel_entr": "scipy.special.rel_entr",
    "special.kl_div": "scipy.special.kl_div",
    "special.betaln": "scipy.special.betaln",
    "special.beta": "scipy.special.beta",
    "special.poch": "scipy.special.poch",
    "special.multigammaln": "scipy.special.multigammaln",
    "special.boxcox": "scipy.special.boxcox",
    "special.boxcox1p": "scipy.special.boxcox1p",
    "special.cumulative_logsumexp": lambda jax, x, *, axis=-1: jax.lax.cumlogsumexp(x, axis % x.ndim),
}
