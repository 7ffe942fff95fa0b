"""Rows of neural-network functions, below `xp.nn`, in the words that PyTorch, TensorFlow and JAX share."""

from __future__ import annotations

from typing import Any

from harness.operations.operation import Elementwise, Operation
from harness.operations.special.basic import expit

__all__ = ["ROWS"]

_FUNCTIONAL = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.{}.html"


def _softmax(xp: Any, x: Any, /, *, axis: int = -1) -> Any:
    weights = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return weights / xp.sum(weights, axis=axis, keepdims=True)


def _softmax_program(xp: Any, x: Any, /, *, axis: int = -1) -> Any:
    """The derivative is y (g - Σ g y), from the rounded result: softmax_backward_data in PyTorch, and alike in all."""
    value = xp.constant(_softmax(xp, x, axis=axis))
    # The result moves as its derivative says.
    y = xp.stop_gradient(xp.with_value(value, value * (x - xp.sum(value * x, axis=axis, keepdims=True))))
    return xp.with_value(y, y * (x - xp.sum(y * x, axis=axis, keepdims=True)))


def _log_softmax_program(xp: Any, x: Any, /, *, axis: int = -1) -> Any:
    """The derivative is g - exp(y) Σ g, from the rounded result: log_softmax_backward_data in PyTorch."""
    value = xp.constant(_log_softmax(xp, x, axis=axis))
    # The result moves as its derivative says.
    y = xp.stop_gradient(xp.with_value(value, x - xp.sum(xp.exp(value) * x, axis=axis, keepdims=True)))
    return xp.with_value(y, x - xp.sum(xp.exp(y) * x, axis=axis, keepdims=True))


def _log_softmax_by_parts(xp: Any, x: Any, /, *, axis: int = -1) -> Any:
    """The derivative goes through the logarithm, and the shift counts as a constant: log_softmax in jax/_src/nn/functions.py."""
    shifted = x - xp.constant(xp.max(x, axis=axis, keepdims=True))
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=axis, keepdims=True))


def _log_softmax(xp: Any, x: Any, /, *, axis: int = -1) -> Any:
    shifted = x - xp.max(x, axis=axis, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=axis, keepdims=True))


def _leaky_relu(xp: Any, x: Any, /, *, slope: float = 0.01) -> Any:
    return xp.maximum(x, 0.0) + slope * xp.minimum(x, 0.0)


def _elu(xp: Any, x: Any, /, *, alpha: float = 1.0) -> Any:
    # Not min(x, 0), which has a corner at 0 where elu, for α = 1, has none.
    return xp.where(x > 0, x, alpha * xp.expm1(xp.where(x > 0, 0.0, x)))


def _elu_program(xp: Any, x: Any, /, *, alpha: float = 1.0) -> Any:
    """TensorFlow computes exp(x) - 1, with its cancellation, and the derivative y + α from that result.

    https://www.tensorflow.org/api_docs/python/tf/nn/elu, and Elu and EluGrad in core/kernels/relu_op_functor.h.
    """
    below = xp.where(x > 0, 0.0, x)
    result = xp.stop_gradient(alpha * (xp.exp(below) - 1))
    return xp.where(x > 0, x, xp.with_value(result, (result + alpha) * below))


def _gelu(xp: Any, x: Any, /) -> Any:
    # No double is √2.
    return 0.5 * x * (1 + xp.special.erf(x / xp.sqrt(xp.full_like(x, 2.0))))


def _layer_norm(xp: Any, x: Any, scale: Any, shift: Any, /, *, epsilon: float = 1e-5) -> Any:
    mean = xp.mean(x, axis=-1, keepdims=True)
    variance = xp.var(x, axis=-1, keepdims=True)
    return (x - mean) / xp.sqrt(variance + epsilon) * scale + shift


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    return Operation(f"nn.{name}", summary, meaning, source=_FUNCTIONAL.format(name), **keywords)


ROWS = (
    _row("relu", "max(x, 0)", lambda xp, x: xp.maximum(x, 0.0), accuracy=0),
    _row("leaky_relu", "max(x, 0) + slope · min(x, 0)", _leaky_relu, accuracy=1),
    _row("elu", "x where x > 0, α(eˣ - 1) elsewhere", _elu, program=_elu_program),
    _row("sigmoid", "1 / (1 + e⁻ˣ)", expit),
    _row(
        "softplus",
        "ln(1 + eˣ)",
        Elementwise(
            lambda x: x + (-x).exp().log1p() if x > 0 else x.exp().log1p(),
            lambda s: s + ((-s).exp() + 1).log() if s[0] > 0 else (s.exp() + 1).log(),
            derivative=lambda xp, x, y: xp.special.expit(x),
        ),
    ),
    _row("silu", "x / (1 + e⁻ˣ)", lambda xp, x: x * xp.special.expit(x)),
    _row("gelu", "x/2 (1 + erf(x/√2)), the exact form", _gelu),
    _row("softmax", "eˣ / Σ eˣ along an axis, shifted by the largest entry", _softmax, program=_softmax_program),
    _row(
        "log_softmax",
        "x - ln Σ eˣ along an axis, shifted by the largest entry",
        _log_softmax,
        program=_log_softmax_program,
        others=(_log_softmax_by_parts,),
    ),
    _row("layer_norm", "(x - mean) / √(var + ε) · scale + shift, over the last axis", _layer_norm),
)
