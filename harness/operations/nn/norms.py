"""Rows of normalising layers, below `xp.nn`; channels are the second axis, as in PyTorch."""

from __future__ import annotations

from typing import Any

from harness.operations.operation import Operation

__all__ = ["ROWS", "by_channel", "over_batch"]

_FUNCTIONAL = "https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.{}.html"


def _rms_norm(xp: Any, x: Any, scale: Any, /, *, epsilon: float = 1e-6) -> Any:
    return x / xp.sqrt(xp.mean(x * x, axis=-1, keepdims=True) + epsilon) * scale


def by_channel(x: Any) -> tuple[int, ...]:
    """Return the shape in which numbers for each channel stand beside x."""
    return (1, -1, *(1,) * (len(x.shape) - 2))


def over_batch(x: Any) -> tuple[int, ...]:
    """Return every axis but the channels'."""
    return (0, *range(2, len(x.shape)))


def _batch_norm(
    xp: Any, x: Any, scale: Any, shift: Any, mean: Any = None, variance: Any = None, /, *, epsilon: float = 1e-5
) -> Any:
    centre, spread = _statistics(xp, x, mean, variance)
    shape = by_channel(x)
    return (x - centre) / xp.sqrt(spread + epsilon) * xp.reshape(scale, shape) + xp.reshape(shift, shape)


def _batch_norm_by_channel(
    xp: Any, x: Any, scale: Any, shift: Any, mean: Any = None, variance: Any = None, /, *, epsilon: float = 1e-5
) -> Any:
    """One product and one sum for each number, which cancel where x is near the mean: tf.nn.batch_normalization.

    https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/ops/nn_impl.py
    """
    centre, spread = _statistics(xp, x, mean, variance)
    shape = by_channel(x)
    slope = xp.reshape(scale, shape) / xp.sqrt(spread + epsilon)
    return x * slope + (xp.reshape(shift, shape) - centre * slope)


def _statistics(xp: Any, x: Any, mean: Any, variance: Any) -> tuple[Any, Any]:
    if mean is None:
        return xp.mean(x, axis=over_batch(x), keepdims=True), xp.var(x, axis=over_batch(x), keepdims=True)
    return xp.reshape(mean, by_channel(x)), xp.reshape(variance, by_channel(x))


def _group_norm(xp: Any, x: Any, scale: Any, shift: Any, /, *, groups: int, epsilon: float = 1e-5) -> Any:
    grouped = xp.reshape(x, (x.shape[0], groups, -1))
    centred = grouped - xp.mean(grouped, axis=-1, keepdims=True)
    normal = xp.reshape(centred / xp.sqrt(xp.var(grouped, axis=-1, keepdims=True) + epsilon), x.shape)
    return normal * xp.reshape(scale, by_channel(x)) + xp.reshape(shift, by_channel(x))


def _instance_norm(xp: Any, x: Any, scale: Any, shift: Any, /, *, epsilon: float = 1e-5) -> Any:
    return xp.nn.group_norm(x, scale, shift, groups=x.shape[1], epsilon=epsilon)


def _normalize(xp: Any, x: Any, /, *, axis: int = -1, epsilon: float = 1e-12) -> Any:
    return x / xp.maximum(xp.sqrt(xp.sum(x * x, axis=axis, keepdims=True)), epsilon)


def _standardize(xp: Any, x: Any, /, *, axis: int = -1, epsilon: float = 1e-5) -> Any:
    mean = xp.mean(x, axis=axis, keepdims=True)
    return (x - mean) / xp.sqrt(xp.var(x, axis=axis, keepdims=True) + epsilon)


def _standardize_by_squares(xp: Any, x: Any, /, *, axis: int = -1, epsilon: float = 1e-5) -> Any:
    """The variance is the mean of the squares less the square of the mean: standardize in jax/_src/nn/functions.py.

    https://github.com/jax-ml/jax/blob/main/jax/_src/nn/functions.py
    """
    mean = xp.mean(x, axis=axis, keepdims=True)
    variance = xp.mean(x * x, axis=axis, keepdims=True) - mean * mean
    return (x - mean) / xp.sqrt(variance + epsilon)


def _local_response_norm(
    xp: Any, x: Any, /, *, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Any:
    before, after = size // 2, (size - 1) // 2
    squares, rest = x * x, x.shape[2:]
    zeros = [xp.zeros((x.shape[0], length, *rest), dtype=x.dtype) for length in (before, after)]
    padded = xp.concat((zeros[0], squares, zeros[1]), axis=1)
    total = padded[:, : x.shape[1], ...]
    for offset in range(1, size):
        total = total + padded[:, offset : offset + x.shape[1], ...]
    return x / xp.pow(k + alpha * total / size, beta)


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    keywords.setdefault("source", _FUNCTIONAL.format(name))
    return Operation(f"nn.{name}", summary, meaning, **keywords)


ROWS = (
    _row("rms_norm", "x / √(mean(x²) + ε) · scale, over the last axis", _rms_norm),
    _row(
        "batch_norm",
        "(x - mean) / √(variance + ε) · scale + shift for each channel, with the batch's mean and variance or given ones",
        _batch_norm,
        others=(_batch_norm_by_channel,),
    ),
    _row(
        "group_norm",
        "(x - mean) / √(var + ε) over each group of channels of an example, times scale, plus shift, for each channel",
        _group_norm,
    ),
    _row(
        "instance_norm",
        "(x - mean) / √(var + ε) over each channel of an example, times scale, plus shift, for each channel",
        _instance_norm,
    ),
    _row("normalize", "x / max(‖x‖, ε), with the 2-norm along an axis", _normalize),
    _row(
        "standardize",
        "(x - mean) / √(var + ε) along an axis",
        _standardize,
        program=_standardize_by_squares,
        others=(_standardize,),
        source="https://docs.jax.dev/en/latest/_autosummary/jax.nn.standardize.html",
    ),
    _row(
        "local_response_norm",
        "x / (k + α mean(x²))^β, with the mean over a window of neighbouring channels, of size `size`, zeros beside it",
        _local_response_norm,
    ),
)
