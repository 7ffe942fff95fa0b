"""Rows of discrete Fourier transforms, below `xp.fft`, without a norm: Σ x e^(-2πi jk/n), and 1/n of that backward."""

from __future__ import annotations

from typing import Any

from harness.operations import costs
from harness.operations.operation import Operation
from harness.operations.reductions import normalize_axes

__all__ = ["ROWS"]

Axes = int | tuple[int, ...] | None

_STANDARD = "https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.{}.html"


def _transformed(xp: Any, z: Any, sign: int) -> Any:
    """Halve an even length, as Cooley and Tukey do, and multiply by the matrix of an odd one."""
    length = z.shape[-1]
    if length == 1:
        return z
    if length % 2:
        powers = [[sign * row * column for column in range(length)] for row in range(length)]
        return xp.matmul(xp.expand_dims(z, axis=-2), xp.root_of_unity(powers, length, z.dtype))[..., 0, :]
    even, odd = (_transformed(xp, z[..., start::2], sign) for start in (0, 1))
    turned = odd * xp.root_of_unity([sign * place for place in range(length // 2)], length, z.dtype)
    return xp.concat((even + turned, even - turned), axis=-1)


def _along(xp: Any, x: Any, axis: int, sign: int) -> Any:
    found = xp.moveaxis(_transformed(xp, xp.moveaxis(x, axis, -1), sign), -1, axis)
    return found if sign < 0 else found / x.shape[axis]


def _fft(xp: Any, x: Any, /, *, axis: int = -1) -> Any:
    return _along(xp, x, axis, -1)


def _ifft(xp: Any, x: Any, /, *, axis: int = -1) -> Any:
    return _along(xp, x, axis, 1)


def _fftn(xp: Any, x: Any, /, *, axes: tuple[int, ...] | None = None) -> Any:
    for axis in range(len(x.shape)) if axes is None else axes:
        x = _along(xp, x, axis, -1)
    return x


def _ifftn(xp: Any, x: Any, /, *, axes: tuple[int, ...] | None = None) -> Any:
    for axis in range(len(x.shape)) if axes is None else axes:
        x = _along(xp, x, axis, 1)
    return x


def _rfft(xp: Any, x: Any, /) -> Any:
    return _along(xp, xp.multiply(x, 1 + 0j), -1, -1)[..., : x.shape[-1] // 2 + 1]


def _completed(xp: Any, x: Any, n: int) -> Any:
    """The whole spectrum of which a real signal's is the half: the imaginary parts of real places are not read."""
    first, last = xp.real(x[..., :1]), x[..., 1 : (n + 1) // 2]
    middle = (xp.multiply(xp.real(x[..., n // 2 : n // 2 + 1]), 1 + 0j),) if n % 2 == 0 else ()
    return xp.concat((xp.multiply(first, 1 + 0j), last, *middle, xp.flip(xp.conj(last), axis=-1)), axis=-1)


def _irfft(xp: Any, x: Any, /, *, n: int | None = None) -> Any:
    return xp.real(_along(xp, _completed(xp, x, 2 * (x.shape[-1] - 1) if n is None else n), -1, 1))


def _hfft(xp: Any, x: Any, /, *, n: int | None = None) -> Any:
    return xp.real(_along(xp, _completed(xp, x, 2 * (x.shape[-1] - 1) if n is None else n), -1, -1))


def _fftfreq(xp: Any, n: int, /, *, d: float = 1.0, dtype: Any = None) -> Any:
    places = [place if place < (n + 1) // 2 else place - n for place in range(n)]
    return xp.asarray([float(place) for place in places], dtype=dtype) / (n * d)


def _rfftfreq(xp: Any, n: int, /, *, d: float = 1.0, dtype: Any = None) -> Any:
    return xp.asarray([float(place) for place in range(n // 2 + 1)], dtype=dtype) / (n * d)


def _fftshift(xp: Any, x: Any, /, *, axes: Axes = None) -> Any:
    several = normalize_axes(axes, len(x.shape))
    return xp.roll(x, tuple(x.shape[axis] // 2 for axis in several), axis=several)


def _ifftshift(xp: Any, x: Any, /, *, axes: Axes = None) -> Any:
    several = normalize_axes(axes, len(x.shape))
    return xp.roll(x, tuple(-(x.shape[axis] // 2) for axis in several), axis=several)


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    name = f"fft.{name}"
    keywords.setdefault("accuracy", 1)
    return Operation(name, summary, meaning, source=_STANDARD.format(name), **keywords)


ROWS = (
    _row("fft", "Σⱼ xⱼ e^(-2πi jk/n) along an axis of complex numbers", _fft, cost=costs.fourier()),
    _row("ifft", "1/n Σₖ xₖ e^(2πi jk/n) along an axis of complex numbers", _ifft, cost=costs.fourier()),
    _row(
        "fftn", "the transforms along several axes, or all, of complex numbers", _fftn, cost=costs.fourier(several=True)
    ),
    _row(
        "ifftn",
        "the transforms backward along several axes, or all, of complex numbers",
        _ifftn,
        cost=costs.fourier(several=True),
    ),
    _row(
        "rfft",
        "the transform of real numbers along the last axis, without what its symmetry repeats",
        _rfft,
        cost=costs.fourier(real=True),
    ),
    _row(
        "irfft",
        "the n real numbers along the last axis of which it is the transform",
        _irfft,
        cost=costs.fourier(real=True),
    ),
    _row(
        "hfft",
        "the transform, which is real, of what has a real signal's symmetry",
        _hfft,
        cost=costs.fourier(real=True),
    ),
    _row("fftfreq", "the frequencies 0, 1, …, -2, -1 over n d", _fftfreq),
    _row("rfftfreq", "the frequencies 0, 1, …, n/2 over n d", _rfftfreq),
    _row(
        "fftshift",
        "frequencies along axes, or all of them, in ascending order: the second half first",
        _fftshift,
        cost=costs.MOVING,
        accuracy=0,
    ),
    _row("ifftshift", "the same backward", _ifftshift, cost=costs.MOVING, accuracy=0),
)
