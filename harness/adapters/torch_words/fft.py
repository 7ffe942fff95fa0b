"""What PyTorch calls the operations: `fft`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


WORDS: dict[str, Column] = {
    "fft.fft": lambda torch, x, *, axis=-1: torch.fft.fft(x, dim=axis),
    "fft.ifft": lambda torch, x, *, axis=-1: torch.fft.ifft(x, dim=axis),
    "fft.fftn": lambda torch, x, *, axes=None: torch.fft.fftn(x, dim=axes),
    "fft.ifftn": lambda torch, x, *, axes=None: torch.fft.ifftn(x, dim=axes),
    "fft.rfft": "fft.rfft",
    "fft.irfft": "fft.irfft",
    "fft.hfft": "fft.hfft",
    "fft.fftfreq": lambda torch, n, *, d=1.0, dtype=None: torch.fft.fftfreq(n, d, dtype=dtype),
    "fft.rfftfreq": lambda torch, n, *, d=1.0, dtype=None: torch.fft.rfftfreq(n, d, dtype=dtype),
    "fft.fftshift": lambda torch, x, *, axes=None: torch.fft.fftshift(x, axes),
    "fft.ifftshift": lambda torch, x, *, axes=None: torch.fft.ifftshift(x, axes),
}
