"""Rows of further activations, below `xp.nn`, in PyTorch's words, or JAX's or TensorFlow's where only they have one."""

from __future__ import annotations

import math
from typing import Any

from harness.operations.operation import Operation
from harness.operations.reductions import normalize_axes

__all__ = ["ROWS"]

_FUNCTIONAL = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.{}.html"
_JAX = "https://docs.jax.dev/en/latest/_autosummary/jax.nn.{}.html"
# https://arxiv.org/abs/1706.02515, as all three frameworks write them.
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


def _root_two_over_pi(xp: Any, x: Any) -> Any:
    # No double is π.
    return xp.sqrt(0.5 / xp.atan(xp.full_like(x, 1.0)))


def _gelu_tanh(xp: Any, x: Any, /) -> Any:
    return 0.5 * x * (1 + xp.tanh(_root_two_over_pi(xp, x) * (x + 0.044715 * (x * x * x))))


def _selu(xp: Any, x: Any, /) -> Any:
    return _SELU_SCALE * xp.where(x > 0, x, _SELU_ALPHA * xp.expm1(xp.where(x > 0, 0.0, x)))


def _selu_program(xp: Any, x: Any, /) -> Any:
    """TensorFlow computes exp(x) - 1, with its cancellation, and the derivative y + scale · α from that result.

    Selu and SeluGrad in core/kernels/relu_op_functor.h:
    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/kernels/relu_op_functor.h
    """
    below = xp.where(x > 0, 0.0, x)
    size = _SELU_SCALE * xp.full_like(x, _SELU_ALPHA)
    result = xp.stop_gradient(size * (xp.exp(below) - 1))
    return xp.where(x > 0, _SELU_SCALE * x, xp.with_value(result, (result + size) * below))


def _celu(xp: Any, x: Any, /, *, alpha: float = 1.0) -> Any:
    return xp.where(x > 0, x, alpha * xp.expm1(xp.where(x > 0, xp.zeros_like(x), x) / alpha))


def _log_sigmoid(xp: Any, x: Any, /) -> Any:
    return -xp.nn.softplus(-x)


def _log_sigmoid_by_product(xp: Any, x: Any, /) -> Any:
    """The derivative moves as z (z - 1), z = sigmoid(x): log_sigmoid_double_backward in PyTorch's FunctionsManual.cpp.

    https://github.com/pytorch/pytorch/blob/main/torch/csrc/autograd/FunctionsManual.cpp
    """
    rising = xp.constant(xp.special.expit(x))
    slope = xp.stop_gradient(xp.with_value(xp.constant(xp.special.expit(-x)), (rising - 1) * rising * x))
    return xp.with_value(xp.stop_gradient(_log_sigmoid(xp, x)), slope * x)


def _tanhshrink(xp: Any, x: Any, /) -> Any:
    return x - xp.tanh(x)


def _tanhshrink_by_factors(xp: Any, x: Any, /) -> Any:
    """The derivative of tanh is (1 + y)(1 - y), and y moves in both: tanh_p in jax/_src/lax/lax.py."""
    value = xp.constant(xp.tanh(x))
    y = xp.stop_gradient(xp.with_value(value, (1 + value) * (1 - value) * x))
    return x - xp.with_value(y, (1 + y) * (1 - y) * x)


def _softshrink(xp: Any, x: Any, /, *, threshold: float = 0.5) -> Any:
    return xp.maximum(x - threshold, 0.0) + xp.minimum(x + threshold, 0.0)


def _halves(x: Any, axis: int) -> tuple[Any, Any]:
    (place,) = normalize_axes(axis, len(x.shape))
    half = x.shape[place] // 2
    before = (slice(None),) * place
    return x[(*before, slice(0, half), ...)], x[(*before, slice(half, 2 * half), ...)]


def _glu(xp: Any, x: Any, /, *, axis: int = -1) -> Any:
    kept, gate = _halves(x, axis)
    return kept * xp.nn.sigmoid(gate)


def _prelu(xp: Any, x: Any, slope: Any, /) -> Any:
    # One slope for each channel, and channels are the second axis.
    shape = (-1,) if len(x.shape) < 2 else (-1, *(1,) * (len(x.shape) - 2))
    return xp.maximum(x, 0.0) + xp.reshape(slope, shape) * xp.minimum(x, 0.0)


def _sparse_plus(xp: Any, x: Any, /) -> Any:
    return xp.where(x <= -1, xp.zeros_like(x), xp.where(x >= 1, x, (x + 1) * (x + 1) / 4))


def _log1mexp(xp: Any, x: Any, /) -> Any:
    # Each branch is given numbers that it can bear, where it is not taken too.
    near = x < math.log(2)
    small, large = xp.where(near, x, xp.full_like(x, 0.5)), xp.where(near, xp.ones_like(x), x)
    return xp.where(near, xp.log(-xp.expm1(-small)), xp.log1p(-xp.exp(-large)))


def _crelu(xp: Any, x: Any, /, *, axis: int = -1) -> Any:
    return xp.concat((xp.maximum(x, 0.0), xp.maximum(-x, 0.0)), axis=axis)


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    keywords.setdefault("source", _FUNCTIONAL.format(name))
    return Operation(f"nn.{name}", summary, meaning, **keywords)


ROWS = (
    _row(
        "gelu_tanh",
        "x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))), the approximate form of gelu",
        _gelu_tanh,
        source=_FUNCTIONAL.format("gelu"),
    ),
    _row("mish", "x tanh(ln(1 + eˣ))", lambda xp, x: x * xp.tanh(xp.nn.softplus(x))),
    _row(
        "selu",
        "scale · x where x > 0, scale · α(eˣ - 1) elsewhere, with constants for which the variance stays",
        _selu,
        program=_selu_program,
    ),
    _row("celu", "x where x > 0, α(exp(x/α) - 1) elsewhere", _celu),
    _row("relu6", "min(max(x, 0), 6)", lambda xp, x: xp.minimum(xp.maximum(x, 0.0), 6.0), accuracy=0),
    _row("hardtanh", "min(max(x, -1), 1)", lambda xp, x: xp.minimum(xp.maximum(x, -1.0), 1.0), accuracy=0),
    _row("hardsigmoid", "min(max(x + 3, 0), 6) / 6", lambda xp, x: xp.nn.relu6(x + 3) / 6),
    _row("hardswish", "x min(max(x + 3, 0), 6) / 6", lambda xp, x: x * xp.nn.relu6(x + 3) / 6),
    _row("softsign", "x / (1 + |x|)", lambda xp, x: x / (1 + xp.abs(x))),
    _row(
        "log_sigmoid",
        "-ln(1 + e⁻ˣ)",
        _log_sigmoid,
        program=_log_sigmoid_by_product,
        others=(_log_sigmoid,),
        source=_FUNCTIONAL.format("logsigmoid"),
    ),
    _row("tanhshrink", "x - tanh x", _tanhshrink, program=_tanhshrink_by_factors, others=(_tanhshrink,)),
    _row("softshrink", "x drawn by the threshold towards 0, and 0 where it is no larger", _softshrink, accuracy=1),
    _row(
        "hardshrink",
        "x where |x| exceeds the threshold, 0 elsewhere",
        lambda xp, x, /, *, threshold=0.5: xp.where(xp.abs(x) > threshold, x, xp.zeros_like(x)),
        accuracy=0,
    ),
    _row(
        "threshold",
        "x where it exceeds the threshold, the value elsewhere",
        lambda xp, x, /, *, threshold, value: xp.where(x > threshold, x, xp.full_like(x, value)),
        accuracy=0,
    ),
    _row("glu", "a / (1 + e⁻ᵇ), of the halves a and b along an axis", _glu),
    _row(
        "prelu",
        "max(x, 0) + slope · min(x, 0), with one slope for each channel, the second axis, or one for all",
        _prelu,
        accuracy=1,
    ),
    _row("softmin", "e⁻ˣ / Σ e⁻ˣ along an axis", lambda xp, x, /, *, axis=-1: xp.nn.softmax(-x, axis=axis)),
    _row(
        "squareplus",
        "(x + √(x² + b)) / 2",
        lambda xp, x, /, *, b=4.0: (x + xp.sqrt(x * x + b)) / 2,
        source=_JAX.format("squareplus"),
    ),
    _row("sparse_plus", "0 up to -1, (x + 1)²/4 up to 1, x beyond", _sparse_plus, source=_JAX.format("sparse_plus")),
    _row(
        "sparse_sigmoid",
        "0 up to -1, (x + 1)/2 up to 1, 1 beyond",
        lambda xp, x: xp.clip(x + 1, 0.0, 2.0) / 2,
        accuracy=1,
        source=_JAX.format("sparse_sigmoid"),
    ),
    _row(
        "log1mexp",
        "ln(1 - e⁻ˣ), accurate for small and for large x",
        _log1mexp,
        domain=(0.0, math.inf),
        source=_JAX.format("log1mexp"),
    ),
    _row(
        "crelu",
        "max(x, 0) and max(-x, 0), joined along an axis",
        _crelu,
        accuracy=0,
        source="https://www.tensorflow.org/api_docs/python/tf/nn/crelu",
    ),
)
