"""Rows of the normal distribution and of integrals of exponentials, below `xp.special`."""

from __future__ import annotations

import math
from typing import Any

from harness.operations.operation import Elementwise, Operation
from harness.operations.special.expansions import (
    SCIPY,
    by_slope,
    inverse,
    pi,
)

__all__ = ["ROWS"]

_POSITIVE = (0.0, math.inf)


def _half_root(x: Any) -> Any:
    """√½, as what x is."""
    return (type(x)(1) / 2).sqrt()


def _ndtr(x: Any) -> Any:
    return (-x * _half_root(x)).erfc() / 2


def _ndtr_series(s: Any) -> Any:
    return (-s * _half_root(s[0])).erfc() / 2


def _normal_density(xp: Any, x: Any) -> Any:
    return xp.exp(-(x * x) / 2) / xp.sqrt(2 * pi(xp, x))


def _ndtr_size(np: Any, x: Any, y: Any) -> Any:
    """For negative x it is erfc(-x/√2)/2: ndtr in PyTorch's BinaryOps and in jax/_src/scipy/special.py.

    The rounding of x/√2 moves erfc by u x², and the rounding of its square within erfc by u x²/2.
    """
    return np.where(x < 0, y * (1 + 0.75 * x * x), y)


def _log_ndtr(x: Any) -> Any:
    upper = (x * _half_root(x)).erfc() / 2
    return (-upper).log1p() if x > 0 else _ndtr(x).log()


def _log_ndtr_series(s: Any) -> Any:
    return (1 - (s * _half_root(s[0])).erfc() / 2).log() if s[0] > 0 else _ndtr_series(s).log()


def _log_ndtr_size(np: Any, x: Any, y: Any) -> Any:
    """JAX takes the logarithm of ndtr, up to 1: log_ndtr in jax/_src/scipy/special.py. Below, x²/2 is a term of it."""
    return 1 + np.abs(y) + np.where(x < 0, 0.75 * x * x, 0.0)


def _ndtri(p: Any) -> Any:
    root = type(p)(2).sqrt()
    return -root * (2 * p).erfcinv() if 2 * p < 1 else root * (2 * (1 - p)).erfcinv()


def _ndtri_slope(y: Any) -> Any:
    x = y[0]
    return (y * y / 2).exp() * (2 * type(x).pi()).sqrt()


def _erfinv_slope(y: Any) -> Any:
    return (y * y).exp() * (type(y[0]).pi().sqrt() / 2)


def _erfcinv_slope(y: Any) -> Any:
    return -_erfinv_slope(y)


def _erfcx(x: Any) -> Any:
    return (x * x).exp() * x.erfc()


def _erfcx_size(np: Any, x: Any, y: Any) -> Any:
    """For negative x it is 2 exp(x²) - erfcx(-x), and the rounding of x² moves the exponential: S. G. Johnson's Faddeeva.

    PyTorch took it (calc_erfcx in aten/src/ATen/native/Math.h).
    """
    return np.where(x < 0, y * (1 + x * x / 2), y)


def _dawsn(x: Any) -> Any:
    return (-x * x).exp() * x.erfi() * type(x).pi().sqrt() / 2


def _dawsn_series(s: Any) -> Any:
    return (-s * s).exp() * s.erfi() * (type(s[0]).pi().sqrt() / 2)


def _quarter_turn(xp: Any, x: Any) -> Any:
    return pi(xp, x) / 2 * (x * x)


def _expi_size(np: Any, x: Any, y: Any) -> Any:
    """Up to 2, ln x and a quotient are added to γ; Ei has a zero near 0.37, and they have not.

    ei.c of Cephes (https://netlib.org/cephes/doubldoc.html), and after it TensorFlow and _expint1 in
    jax/_src/scipy/special.py.
    """
    logarithm = np.log(np.where(x > 0, x, 1.0))
    return np.where(x < 2, np.abs(logarithm) + np.abs(y - logarithm), np.abs(y))


def _fresnel_size(np: Any, x: Any, y: Any) -> Any:
    """½ plus a sine and a cosine of πx²/2, which is rounded: fresnl.c of Cephes, which states the error beside 1."""
    return np.abs(y) + np.minimum(1.0, np.abs(x))


def _sici_size(np: Any, x: Any, y: Any) -> Any:
    """Cephes states an absolute error of both, a relative one where they are above 1 (sici.c)."""
    return np.maximum(np.abs(y), 1.0)


def _spence(x: Any) -> Any:
    if x == 0:
        return type(x).pi() ** 2 / 6
    if x < 0.5:
        # Near 1 a dilogarithm is none of a number that may be above 1: https://dlmf.nist.gov/25.12.6
        return type(x).pi() ** 2 / 6 - x.log() * (-x).log1p() - x.polylog(2)
    return (1 - x).polylog(2)


def _spence_size(np: Any, x: Any, y: Any) -> Any:
    """Cephes states 5.4e-16 for the root mean square of the relative error (spence.c): 4.9 u.

    Beyond 1.5 and below 0.5 a term of π²/6 or ½ ln² x is added to the polynomial.
    """
    return 4.2 * np.abs(y) + np.where(
        np.abs(x - 1) > 0.5, np.pi**2 / 6 + 0.5 * np.log(np.where(x == 0, 1.0, x)) ** 2, 0.0
    )


def _log_expit(x: Any) -> Any:
    return -(-x).exp().log1p() if x > 0 else x - x.exp().log1p()


def _log_expit_series(s: Any) -> Any:
    return -(1 + (-s).exp()).log() if s[0] > 0 else s - (1 + s.exp()).log()


def _exp2(x: Any) -> Any:
    return (x * x.const_log2()).exp()


def _exp2_series(s: Any) -> Any:
    return (s * s[0].const_log2()).exp()


def _exp2_size(np: Any, x: Any, y: Any) -> Any:
    """XLA has no exponential to base 2, and rounds x ln 2 before it takes that to base e: _exp2_lower in jax/_src/lax/lax.py."""
    return np.abs(y) * (1 + np.abs(x) * math.log(2))


def _gamma_size(np: Any, x: Any, y: Any) -> Any:
    """JAX takes the exponential of ln Γ(x): gamma in jax/_src/scipy/special.py. The terms of ln Γ are Lanczos's."""
    t = x + 6.5
    return np.abs(y) * (1 + (x - 0.5) * np.log(t) + t)


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    source = keywords.pop("source", SCIPY.format(name))
    return Operation(f"special.{name}", summary, meaning, source=source, **keywords)


ROWS = (
    _row(
        "exp2",
        "2ˣ",
        Elementwise(_exp2, _exp2_series, derivative=lambda xp, x, y: y * xp.log(x * 0.0 + 2.0), size=_exp2_size),
    ),
    _row(
        "log_expit",
        "-ln(1 + e⁻ˣ), the logarithm of the logistic function",
        Elementwise(_log_expit, _log_expit_series, derivative=lambda xp, x, y: xp.special.expit(-x)),
    ),
    _row(
        "ndtr",
        "Φ(x), the normal distribution",
        Elementwise(_ndtr, _ndtr_series, derivative=lambda xp, x, y: _normal_density(xp, x), size=_ndtr_size),
    ),
    _row(
        "log_ndtr",
        "ln Φ(x), accurate for small x",
        Elementwise(
            _log_ndtr,
            _log_ndtr_series,
            # exp(-x²/2 - y) / √2π: PyTorch's derivatives.yaml, and log_ndtr in jax/_src/scipy/special.py.
            derivative=lambda xp, x, y: xp.exp(-(x * x / 2 + y)) / xp.sqrt(2 * pi(xp, x)),
            size=_log_ndtr_size,
        ),
        domain=(-1e4, math.inf),
    ),
    _row(
        "ndtri",
        "Φ⁻¹(p), for p inside (0, 1)",
        Elementwise(
            _ndtri,
            inverse(_ndtri, _ndtri_slope),
            derivative=lambda xp, x, y: xp.sqrt(2 * pi(xp, x)) * xp.exp(y * y / 2),
        ),
        domain=(0.0, 1.0),
    ),
    _row(
        "erfinv",
        "the inverse of erf, for x inside (-1, 1)",
        Elementwise(
            "erfinv",
            inverse(lambda x: x.erfinv(), _erfinv_slope),
            derivative=lambda xp, x, y: xp.sqrt(pi(xp, x)) / 2 * xp.exp(y * y),
        ),
        domain=(-1.0, 1.0),
    ),
    _row(
        "erfcinv",
        "the inverse of erfc, for x inside (0, 2)",
        Elementwise(
            lambda x: x.erfcinv() if x < 1 else -(2 - x).erfcinv(),
            inverse(lambda x: x.erfcinv() if x < 1 else -(2 - x).erfcinv(), _erfcinv_slope),
            derivative=lambda xp, x, y: -(xp.sqrt(pi(xp, x)) / 2 * xp.exp(y * y)),
        ),
        domain=(0.0, 2.0),
    ),
    _row(
        "erfcx",
        "exp(x²) erfc(x)",
        Elementwise(
            _erfcx,
            lambda s: (s * s).exp() * s.erfc(),
            derivative=lambda xp, x, y: 2 * x * y - 2 / xp.sqrt(pi(xp, x)),
            size=_erfcx_size,
        ),
    ),
    _row(
        "dawsn",
        "Dawson's integral exp(-x²) ∫₀ˣ exp(t²) dt",
        Elementwise(_dawsn, _dawsn_series, derivative=lambda xp, x, y: 1 - 2 * x * y),
    ),
    _row(
        "expi",
        "Ei(x) = ∫_{-∞}ˣ eᵗ/t dt, for positive x",
        Elementwise("ei", derivative=lambda xp, x, y: xp.exp(x) / x, size=_expi_size),
        domain=_POSITIVE,
    ),
    _row(
        "exp1",
        "E₁(x) = ∫ₓ^∞ e⁻ᵗ/t dt, for positive x",
        Elementwise(
            lambda x: x.expint(1),
            by_slope(lambda x: x.expint(1), lambda s: -((-s).exp() / s)),
            derivative=lambda xp, x, y: -(xp.exp(-x) / x),
            # Cephes states 3.6e-16 for the root mean square of the relative error (expn.c): 3.2 u.
            size=lambda np, x, y: 2.8 * np.abs(y),
        ),
        domain=_POSITIVE,
    ),
    _row(
        "fresnel_sin",
        "S(x) = ∫₀ˣ sin(πt²/2) dt",
        Elementwise("fresnel_s", derivative=lambda xp, x, y: xp.sin(_quarter_turn(xp, x)), size=_fresnel_size),
        source=SCIPY.format("fresnel"),
    ),
    _row(
        "fresnel_cos",
        "C(x) = ∫₀ˣ cos(πt²/2) dt",
        Elementwise("fresnel_c", derivative=lambda xp, x, y: xp.cos(_quarter_turn(xp, x)), size=_fresnel_size),
        source=SCIPY.format("fresnel"),
    ),
    _row(
        "spence",
        "∫₁ˣ ln t / (1 - t) dt, for positive x",
        Elementwise(
            _spence,
            by_slope(_spence, lambda s: s.log() / (1 - s)),
            derivative=lambda xp, x, y: xp.log(x) / (1 - x),
            size=_spence_size,
        ),
        domain=_POSITIVE,
    ),
    _row(
        "sine_integral",
        "Si(x) = ∫₀ˣ sin t / t dt",
        Elementwise("si", derivative=lambda xp, x, y: xp.sin(x) / x, size=_sici_size),
        source=SCIPY.format("sici"),
    ),
    _row(
        "cosine_integral",
        "Ci(x) = -∫ₓ^∞ cos t / t dt, for positive x",
        Elementwise("ci", derivative=lambda xp, x, y: xp.cos(x) / x, size=_sici_size),
        domain=_POSITIVE,
        source=SCIPY.format("sici"),
    ),
    _row(
        "gamma",
        "Γ(x), for positive x",
        Elementwise("gamma", derivative=lambda xp, x, y: y * xp.special.digamma(x), size=_gamma_size),
        domain=_POSITIVE,
    ),
)
