"""What JAX calls the operations: `fft`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


WORDS: dict[str, Column] = {
    "fft.fft": "numpy.fft.fft",
    "fft.ifft": "numpy.fft.ifft",
    "fft.fftn": "numpy.fft.fftn",
    "fft.ifftn": "numpy.fft.ifftn",
    "fft.rfft": "numpy.fft.rfft",
    "fft.irfft": "numpy.fft.irfft",
    "fft.hfft": "numpy.fft.hfft",
    "fft.fftfreq": lambda jax, n, *, d=1.0, dtype=None: jax.numpy.fft.fftfreq(n, d, dtype=dtype),
    "fft.rfftfreq": lambda jax, n, *, d=1.0, dtype=None: jax.numpy.fft.rfftfreq(n, d, dtype=dtype),
    "fft.fftshift": "numpy.fft.fftshift",
    "fft.ifftshift": "numpy.fft.ifftshift",
}
