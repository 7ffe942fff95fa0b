"""Rows of special functions, below `xp.special`, named as in `scipy.special`."""

from __future__ import annotations

import math
from typing import Any

from harness.operations.operation import DEFINITION, Elementwise, Gap, Operation
from harness.operations.reductions import normalize_axes

__all__ = ["ROWS", "expit"]

_NUMPY_LACKS = Gap("NumPy holds no special functions; they are SciPy's", "https://docs.scipy.org/doc/scipy/reference/special.html")
_TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)
_SCIPY = "https://docs.scipy.org/doc/scipy/reference/generated/scipy.special.{}.html"

expit = Elementwise(
    lambda x: 1 / (1 + (-x).exp()),
    lambda s: 1 / (1 + (-s).exp()),
    derivative=lambda xp, x, y: y * (1 - y),
)
"""The logistic function; its derivative is customarily y(1 - y)."""


def _logsumexp(xp: Any, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    axes = normalize_axes(axis, len(x.shape))
    largest = xp.max(x, axis=axes, keepdims=True)
    total = xp.log(xp.sum(xp.exp(x - largest), axis=axes, keepdims=True)) + largest
    return total if keepdims else xp.squeeze(total, axis=axes)


def _torch_logsumexp(torch: Any, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return torch.logsumexp(x, normalize_axes(axis, len(x.shape)), keepdims)


def _xlogy(xp: Any, a: Any, b: Any) -> Any:
    safe = xp.where(a == 0, 1.0, b)
    return xp.where(a == 0, 0.0 * a, a * xp.log(safe))


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    return Operation(f"special.{name}", summary, meaning, source=_SCIPY.format(name), **keywords)


ROWS = (
    _row(
        "erf",
        "2/√π ∫₀ˣ exp(-t²) dt",
        Elementwise("erf", derivative=lambda xp, x, y: _TWO_OVER_SQRT_PI * xp.exp(-(x * x))),
        numpy=_NUMPY_LACKS,
        torch="special.erf",
        tensorflow="math.erf",
        jax="scipy.special.erf",
    ),
    _row(
        "erfc",
        "1 - erf x, accurate for large x",
        Elementwise("erfc", derivative=lambda xp, x, y: -_TWO_OVER_SQRT_PI * xp.exp(-(x * x))),
        numpy=_NUMPY_LACKS,
        torch="special.erfc",
        tensorflow="math.erfc",
        jax="scipy.special.erfc",
    ),
    _row(
        "expit",
        "1 / (1 + e⁻ˣ)",
        expit,
        numpy=lambda np, x: 1 / (1 + np.exp(-x)),
        torch="special.expit",
        tensorflow="math.sigmoid",
        jax="scipy.special.expit",
    ),
    # PyTorch (aten/src/ATen/native/cpu/UnaryOpsKernel.cpp, logit_kernel) and JAX (jax/_src/scipy/special.py, logit)
    # both evaluate this very formula, with the cancellation that it has near x = 1/2.
    _row(
        "logit",
        "ln(x / (1 - x))",
        lambda xp, x: xp.log(x / (1 - x)),
        domain=(0.0, 1.0),
        numpy=DEFINITION,
        torch="special.logit",
        tensorflow=DEFINITION,
        jax="scipy.special.logit",
    ),
    _row(
        "lgamma",
        "ln Γ(x), for positive x",
        Elementwise("lgamma"),
        domain=(0.0, math.inf),
        numpy=_NUMPY_LACKS,
        torch="special.gammaln",
        tensorflow="math.lgamma",
        jax="scipy.special.gammaln",
    ),
    _row(
        "logsumexp",
        "ln Σ eˣ, shifted by the largest entry",
        _logsumexp,
        numpy=DEFINITION,
        torch=_torch_logsumexp,
        tensorflow=lambda tf, x, *, axis=None, keepdims=False: tf.reduce_logsumexp(x, axis, keepdims),
        jax="scipy.special.logsumexp",
    ),
    _row(
        "xlogy",
        "a ln b, and 0 where a = 0",
        _xlogy,
        numpy=DEFINITION,
        torch="special.xlogy",
        tensorflow="math.xlogy",
        jax="scipy.special.xlogy",
    ),
)
