"""Rows of special functions, below `xp.special`, named as in `scipy.special`."""

from __future__ import annotations

import math
from typing import Any

from harness.operations.costs import elementwise
from harness.operations.operation import Elementwise, Operation
from harness.operations.reductions import normalize_axes
from harness.operations.special.expansions import SCIPY
from harness.operations.special.families import FAMILIES

__all__ = ["ROWS", "expit"]

_TWO_OVER_SQRT_PI = 2 / math.sqrt(math.pi)


def _logistic(x: Any) -> Any:
    return x.exp() / (1 + x.exp()) if x < 0 else 1 / (1 + (-x).exp())


def _logistic_series(s: Any) -> Any:
    return s.exp() / (1 + s.exp()) if s[0] < 0 else 1 / (1 + (-s).exp())


expit = Elementwise(
    _logistic,
    _logistic_series,
    derivative=lambda xp, x, y: y * (1 - y),
)
"""The logistic function; its derivative is customarily y(1 - y)."""


def _logsumexp(xp: Any, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    axes = normalize_axes(axis, len(x.shape))
    largest = xp.max(x, axis=axes, keepdims=True)
    # Nothing can be shifted by an infinity: ln Σ e^-∞ is -∞.
    shift = xp.where(xp.abs(largest) == math.inf, 0.0, largest)
    total = xp.log(xp.sum(xp.exp(x - shift), axis=axes, keepdims=True)) + shift
    return total if keepdims else xp.squeeze(total, axis=axes)


def _logsumexp_program(xp: Any, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The derivative is exp(x - y), from the rounded result: logsumexp_backward in PyTorch's FunctionsManual.cpp."""
    axes = normalize_axes(axis, len(x.shape))
    value = xp.constant(_logsumexp(xp, x, axis=axes, keepdims=True))
    # The result moves as its derivative says.
    result = xp.stop_gradient(xp.with_value(value, xp.sum(xp.exp(x - value), axis=axes, keepdims=True)))
    total = xp.with_value(result, xp.sum(xp.exp(x - result), axis=axes, keepdims=True))
    return total if keepdims else xp.squeeze(total, axis=axes)


def _logsumexp_by_parts(xp: Any, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The derivative goes through the logarithm, and the shift counts as a constant: logsumexp in jax/_src/ops/special.py."""
    axes = normalize_axes(axis, len(x.shape))
    largest = xp.constant(xp.max(x, axis=axes, keepdims=True))
    total = xp.log(xp.sum(xp.exp(x - largest), axis=axes, keepdims=True)) + largest
    return total if keepdims else xp.squeeze(total, axis=axes)


def _lanczos_size(np: Any, x: Any, y: Any) -> Any:
    """ln Γ(z + 1) is summed from (z + 1/2) ln t and t = z + 7.5; it has zeros at 1 and 2, and they do not."""
    z = np.where(x < 0.5, -x, x - 1)
    t = z + 7.5
    return np.abs((z + 0.5) * np.log(t)) + t + np.abs(y)


def _erfc_size(np: Any, x: Any, y: Any) -> Any:
    """For large x it is exp(-x²) times a quotient, in Cephes (ndtr.c) and in XLA (ErfcImpl in math.cc).

    The rounding of x² moves the exponential by u x², which is k u (x²/2) with k = 2.
    """
    return np.where(x > 0, y * (1 + x * x / 2), y)


def _digamma_size(np: Any, x: Any, y: Any) -> Any:
    """ψ(z + 1) is summed from ln t, a quotient of about that size, and g/t; it has a zero near 1.46."""
    t = np.where(x < 0.5, -x, x - 1) + 7.5
    return 2 * np.log(t) + np.abs(y)


def _digamma_series(s: Any) -> Any:
    """Arb has no series for ψ, but one for ln Γ, whose derivative it is; s is x + ε."""
    return type(s)([s[0], 1], s.prec + 1).lgamma().derivative()


def _xlogy(xp: Any, a: Any, b: Any) -> Any:
    # Where b < 0 there is no logarithm, and 0 times it is 0 all the same; where b > 0 the derivative at a = 0 is ln b,
    # and where b is 0 it is -∞.
    nothing = xp.logical_and(a == 0, b < 0)
    product = a * xp.log(xp.where(nothing, 1.0, b))
    return xp.where(xp.logical_and(a == 0, b == 0), xp.with_value(a * 0.0, product), product)


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    return Operation(f"special.{name}", summary, meaning, source=SCIPY.format(name), **keywords)


ROWS = (
    _row(
        "erf",
        "2/√π ∫₀ˣ exp(-t²) dt",
        Elementwise("erf", derivative=lambda xp, x, y: _TWO_OVER_SQRT_PI * xp.exp(-(x * x))),
    ),
    _row(
        "erfc",
        "1 - erf x, accurate for large x",
        Elementwise("erfc", derivative=lambda xp, x, y: -_TWO_OVER_SQRT_PI * xp.exp(-(x * x)), size=_erfc_size),
    ),
    _row("expit", "1 / (1 + e⁻ˣ)", expit),
    # PyTorch (aten/src/ATen/native/cpu/UnaryOpsKernel.cpp, logit_kernel) and JAX (jax/_src/scipy/special.py, logit)
    # both evaluate this very formula, with the cancellation that it has near x = 1/2.
    _row("logit", "ln(x / (1 - x))", lambda xp, x: xp.log(x / (1 - x)), domain=(0.0, 1.0)),
    # XLA evaluates both by Lanczos's approximation: Lgamma and Digamma in
    # https://github.com/openxla/xla/blob/main/xla/hlo/builder/lib/math.cc
    _row(
        "lgamma",
        "ln Γ(x), for positive x",
        Elementwise("lgamma", derivative=lambda xp, x, y: xp.special.digamma(x), size=_lanczos_size),
        domain=(0.0, math.inf),
        accuracy=1,
    ),
    _row(
        "digamma",
        "ψ(x) = Γ′(x) / Γ(x), for positive x",
        # ψ′ is polygamma's: PyTorch's derivatives.yaml, and polygamma in jax/_src/lax/special.py.
        Elementwise(
            "digamma",
            _digamma_series,
            derivative=lambda xp, x, y: x.apply(FAMILIES["special.polygamma"](1)),
            size=_digamma_size,
        ),
        domain=(0.0, math.inf),
        accuracy=1,
    ),
    _row(
        "logsumexp",
        "ln Σ eˣ, shifted by the largest entry",
        _logsumexp,
        program=_logsumexp_program,
        others=(_logsumexp_by_parts,),
    ),
    _row("xlogy", "a ln b, and 0 where a = 0", _xlogy, cost=elementwise(2)),
)
