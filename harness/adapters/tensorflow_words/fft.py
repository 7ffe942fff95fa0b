"""What TensorFlow calls the operations: `fft`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.reductions import normalize_axes
from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


def _along(name: str) -> Any:
    def transform(tf: Any, x: Any, /, *, axis: int = -1) -> Any:
        if axis in (-1, len(x.shape) - 1):
            return getattr(tf.signal, name)(x)
        order = list(range(len(x.shape)))
        order[axis], order[-1] = order[-1], order[axis]
        return tf.transpose(getattr(tf.signal, name)(tf.transpose(x, order)), order)

    return transform


def _planes(name: str) -> Any:
    """The transforms of the last two axes are TensorFlow's own; along any others they are made one by one."""
    single = _along(name)

    def transform(tf: Any, x: Any, /, *, axes: tuple[int, ...] | None = None) -> Any:
        several = normalize_axes(axes, len(x.shape))
        if len(several) > 1 and several == (len(x.shape) - 2, len(x.shape) - 1):
            return getattr(tf.signal, f"{name}2d")(x)
        for axis in several:
            x = single(tf, x, axis=axis)
        return x

    return transform


def _hfft(tf: Any, x: Any, /, *, n: int | None = None) -> Any:
    length = 2 * (x.shape[-1] - 1) if n is None else n
    return length * tf.signal.irfft(tf.math.conj(x), [length])


_DEFINED = (
    "fft.fftfreq",
    "fft.rfftfreq",
)

WORDS: dict[str, Column] = {
    **dict.fromkeys(_DEFINED, DEFINITION),
    "fft.fft": _along("fft"),
    "fft.ifft": _along("ifft"),
    "fft.fftn": _planes("fft"),
    "fft.ifftn": _planes("ifft"),
    "fft.rfft": "signal.rfft",
    "fft.irfft": lambda tf, x, *, n=None: tf.signal.irfft(x, None if n is None else [n]),
    "fft.hfft": _hfft,
    "fft.fftshift": lambda tf, x, *, axes=None: tf.signal.fftshift(x, axes),
    "fft.ifftshift": lambda tf, x, *, axes=None: tf.signal.ifftshift(x, axes),
}
