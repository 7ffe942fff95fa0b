"""What PyTorch calls the operations: `special`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.reductions import normalize_axes
from harness.operations.words import DEFINITION, Gap

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]

_LACKS = Gap("torch.special does not have it", "https://docs.pytorch.org/docs/stable/special.html")


def _logsumexp(torch: Any, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return torch.logsumexp(x, normalize_axes(axis, len(x.shape)), keepdims)


_LACKING = (
    "special.erfcinv",
    "special.dawsn",
    "special.expi",
    "special.exp1",
    "special.fresnel_sin",
    "special.fresnel_cos",
    "special.spence",
    "special.sine_integral",
    "special.cosine_integral",
    "special.gamma",
    "special.betainc",
    "special.expn",
    "special.hyp1f1",
    "special.hyp2f1",
)
_DEFINED = (
    "special.rel_entr",
    "special.kl_div",
    "special.betaln",
    "special.beta",
    "special.poch",
    "special.boxcox",
    "special.boxcox1p",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_LACKING, _LACKS),
    **dict.fromkeys(_DEFINED, DEFINITION),
    "special.erf": "special.erf",
    "special.erfc": "special.erfc",
    "special.expit": "special.expit",
    "special.logit": "special.logit",
    "special.lgamma": "special.gammaln",
    "special.digamma": "special.digamma",
    "special.logsumexp": _logsumexp,
    "special.xlogy": "special.xlogy",
    "special.exp2": "special.exp2",
    "special.log_expit": "nn.functional.logsigmoid",
    "special.ndtr": "special.ndtr",
    "special.log_ndtr": "special.log_ndtr",
    "special.ndtri": "special.ndtri",
    "special.erfinv": "special.erfinv",
    "special.erfcx": "special.erfcx",
    "special.i0": "special.i0",
    "special.i0e": "special.i0e",
    "special.i1": "special.i1",
    "special.i1e": "special.i1e",
    "special.j0": "special.bessel_j0",
    "special.j1": "special.bessel_j1",
    "special.y0": "special.bessel_y0",
    "special.y1": "special.bessel_y1",
    "special.k0": "special.modified_bessel_k0",
    "special.k0e": "special.scaled_modified_bessel_k0",
    "special.k1": "special.modified_bessel_k1",
    "special.k1e": "special.scaled_modified_bessel_k1",
    "special.airy_ai": "special.airy_ai",
    "special.spherical_bessel_j0": "special.spherical_bessel_j0",
    "special.sinc": "special.sinc",
    "special.gammainc": lambda torch, a, x: torch.special.gammainc(torch.full_like(x, a), x),
    "special.gammaincc": lambda torch, a, x: torch.special.gammaincc(torch.full_like(x, a), x),
    "special.zeta": "special.zeta",
    "special.polygamma": "special.polygamma",
    "special.entr": "special.entr",
    "special.xlog1py": "special.xlog1py",
    "special.multigammaln": "special.multigammaln",
    "special.cumulative_logsumexp": lambda torch, x, *, axis=-1: torch.logcumsumexp(x, axis),
}
