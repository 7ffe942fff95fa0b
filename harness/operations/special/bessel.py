"""Rows of Bessel, Airy and sine-cardinal functions, below `xp.special`.

PyTorch, TensorFlow (through Eigen) and XLA took their polynomials from Cephes (https://netlib.org/cephes/doubldoc.html),
which states relative errors for the modified functions and absolute ones for J and Y, in whose zeros nothing else is
possible. TensorFlow's derivatives stand in python/ops/math_grad.py, PyTorch's in tools/autograd/derivatives.yaml.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from harness.operations.operation import Elementwise, Operation
from harness.operations.special.expansions import (
    SCIPY,
    cylinder,
    pi,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ROWS"]

_POSITIVE = (0.0, math.inf)
_TORCH = "https://docs.pytorch.org/docs/stable/special.html"


_Y0 = (
    (
        1.55924367855235737965e4,
        -1.46639295903971606143e7,
        5.43526477051876500413e9,
        -9.82136065717911466409e11,
        8.75906394395366999549e13,
        -3.46628303384729719441e15,
        4.42733268572569800351e16,
        -1.84950800436986690637e16,
    ),
    (
        1.0,
        1.04128353664259848412e3,
        6.26107330137134956842e5,
        2.68919633393814121987e8,
        8.64002487103935000337e10,
        2.02979612750105546709e13,
        3.17157752842975028269e15,
        2.50596256172653059228e17,
    ),
)
_Y1 = (
    (
        1.26320474790178026440e9,
        -6.47355876379160291031e11,
        1.14509511541823727583e14,
        -8.12770255501325109621e15,
        2.02439475713594898196e17,
        -7.78877196265950026825e17,
    ),
    (
        1.0,
        5.94301592346128195359e2,
        2.35564092943068577943e5,
        7.34811944459721705660e7,
        1.87601316108706159478e10,
        3.88231277496238566008e12,
        6.20557727146953693363e14,
        6.87141087355300489866e16,
        3.97270608116560655612e18,
    ),
)
"""Numerator and denominator, in x² up to x = 5, of j0.c and j1.c of Cephes, and of bessel_y0_forward and
bessel_y1_forward in PyTorch's aten/src/ATen/native/Math.h."""


def _absolute(np: Any, x: Any, y: Any) -> Any:
    """The error that Cephes states of J is absolute, and of Y where it is below 1."""
    return np.maximum(np.abs(y), 1.0)


def _second_kind(
    numerator: tuple[float, ...], denominator: tuple[float, ...], order: int
) -> Callable[[Any, Any, Any], Any]:
    """Up to 5 a quotient is added whose numerator alternates: the error is relative to its terms, sign left out."""

    def size(np: Any, x: Any, y: Any) -> Any:
        square = np.minimum(x, 5.0) ** 2
        terms = np.polyval(np.abs(numerator), square) / np.polyval(denominator, square) * np.minimum(x, 5.0) ** order
        return np.maximum(np.abs(y), 1.0) + np.where(x <= 5, terms, 0.0)

    return size


def _airy_size(np: Any, x: Any, y: Any) -> Any:
    """Cephes states 2.7e-16, 2.4 u, for the root mean square of the absolute error from -10 to 0 (airy.c).

    Farther out it grows like |x|^{3/2}, its header says.

    Up to 2.09 it takes the difference of two series, each about exp(⅔ x^{3/2}) / 3; beyond, exp(-⅔ x^{3/2}) magnifies the
    error of its exponent.
    """
    power = np.abs(x) ** 1.5
    series = np.exp(np.minimum(power, 3.1) * 2 / 3) / 3
    above = np.where(x < 2.09, series, np.abs(y) * (1 + power))
    return np.where(x < 0, np.maximum(power / 10, 2.1), above)


def _first_kind(np: Any, x: Any, y: Any) -> Any:
    """Cephes states 1.6e-7 for the root mean square of the relative error in single precision (i1f.c): 2.7 u."""
    return 2.3 * np.abs(y)


def _exponential(np: Any, x: Any, y: Any) -> Any:
    """A product with exp(±x), in Cephes (i0.c) and in JAX (i0 in jax/_src/scipy/special.py): one more function."""
    return 2 * np.abs(y)


def _macdonald(order: int, *, scaled: bool) -> Callable[[Any, Any, Any], Any]:
    """Up to 2, K₀ is a series less ln(x/2) I₀, K₁ one plus ln(x/2) I₁; beyond, a series times e⁻ˣ: k0.c and k1.c of Cephes.

    The error is relative to both terms. Up to 2, eˣ K takes one product with eˣ more, and beyond it one less. Up to 2,
    x/2 I₀(x) stands for I₁(x), which is a little less: https://dlmf.nist.gov/10.25
    """

    def size(np: Any, x: Any, y: Any) -> Any:
        near = np.minimum(x, 2.0)
        scale = np.exp(near) if scaled else 1.0
        term = scale * np.log(near / 2) * np.i0(near) * (near / 2) ** order * (1.0 if order else -1.0)
        terms = np.abs(term) + np.abs(y - term) + (np.abs(y) if scaled else 0.0)
        return np.where(x <= 2, terms, np.abs(y) * (1 if scaled else 2))

    return size


def _i(x: Any, n: int) -> Any:
    return x.bessel_i(n)


def _j(x: Any, n: int) -> Any:
    return x.bessel_j(n)


def _k(x: Any, n: int) -> Any:
    return x.bessel_k(n)


def _y(x: Any, n: int) -> Any:
    return x.bessel_y(n)


def _series_i(n: int) -> Callable[[Any], Any]:
    return cylinder(n, _i, 1, 1)


def _series_k(n: int) -> Callable[[Any], Any]:
    return cylinder(n, _k, -1, -1)


def _scaled(series: Callable[[Any], Any], sign: int) -> Callable[[Any], Any]:
    """Multiply with exp(±x), for positive x."""
    return lambda s: (sign * s).exp() * series(s)


def _decaying(n: int) -> Callable[[Any], Any]:
    """e^{-|x|} Iₙ(x): left of 0 a reflection, even or odd as n is."""

    def value(x: Any) -> Any:
        if x < 0:
            return (-x).bessel_i(n, scaled=True) * (-1) ** n
        return x.bessel_i(n, scaled=True)

    return value


def _decaying_series(n: int) -> Callable[[Any], Any]:
    """Its series; at 0, where it has a corner, or its derivative for n = 1, with what is alike on both sides."""

    def series(s: Any) -> Any:
        x = s[0]
        if x < 0:
            return s.exp() * _series_i(n)(s)
        expanded = (-s).exp() * _series_i(n)(s)
        if x > 0:
            return expanded
        nothing = type(x)("nan")
        return type(s)([expanded[k] if k == 0 or (k - n) % 2 == 0 else nothing for k in range(s.prec)], s.prec)

    return series


def _side(x: Any) -> Any:
    """1 for positive x, -1 for negative x, exactly."""
    return _with_sign(x, type(x)(x.arithmetic, x.arithmetic.scalar(1.0, x.dtype), None, x.dtype))


def _with_sign(x: Any, y: Any) -> Any:
    """Return y, with its sign changed where x is negative, exactly."""
    import numpy as np

    below = np.asarray(np.less(x.value, 0), dtype=bool)
    return y.map(lambda part: np.where(below, -part, part))


def _sinc_size(np: Any, x: Any, y: Any) -> Any:
    """All libraries round πx before they take its sine: sinc in numpy/lib/_function_base_impl.py, and alike elsewhere."""
    return np.abs(y) + np.abs(np.cos(np.pi * x))


def _sinc_series(s: Any) -> Any:
    return _quotient(lambda t: t.sin_pi(), s) / type(s[0]).pi()


def _spherical_series(s: Any) -> Any:
    return _quotient(lambda t: t.sin(), s)


def _quotient(function: Callable[[Any], Any], s: Any) -> Any:
    """f(s) / s, with one term more, which the division by a series that begins with 0 loses."""
    longer = type(s)([s[0], 1], s.prec + 1)
    return type(s)([*(function(longer) / longer)], s.prec)


def _row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    return Operation(f"special.{name}", summary, meaning, source=SCIPY.format(name), **keywords)


def _torch_row(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    return Operation(f"special.{name}", summary, meaning, source=_TORCH, **keywords)


ROWS = (
    _row(
        "i0",
        "I₀(x), the modified Bessel function of the first kind",
        Elementwise(
            lambda x: x.bessel_i(0), _series_i(0), derivative=lambda xp, x, y: xp.special.i1(x), size=_exponential
        ),
    ),
    _row(
        "i0e",
        "e^{-|x|} I₀(x), for positive x",
        Elementwise(
            _decaying(0),
            _decaying_series(0),
            derivative=lambda xp, x, y: xp.special.i1e(x) - _with_sign(x, y),
        ),
        domain=_POSITIVE,
    ),
    _row(
        "i1",
        "I₁(x), the modified Bessel function of the first kind",
        Elementwise(
            lambda x: x.bessel_i(1),
            _series_i(1),
            derivative=lambda xp, x, y: xp.special.i0(x) - y / x,
            size=_first_kind,
        ),
    ),
    _row(
        "i1e",
        "e^{-|x|} I₁(x), for positive x",
        Elementwise(
            _decaying(1),
            _decaying_series(1),
            derivative=lambda xp, x, y: xp.special.i0e(x) - y * (_side(x) + 1 / x),
            size=_first_kind,
        ),
        domain=_POSITIVE,
    ),
    _row(
        "j0",
        "J₀(x), the Bessel function of the first kind",
        Elementwise(
            lambda x: x.bessel_j(0),
            cylinder(0, _j, -1, 1),
            derivative=lambda xp, x, y: -xp.special.j1(x),
            size=_absolute,
        ),
    ),
    _row(
        "j1",
        "J₁(x), the Bessel function of the first kind",
        Elementwise(
            lambda x: x.bessel_j(1),
            cylinder(1, _j, -1, 1),
            derivative=lambda xp, x, y: xp.special.j0(x) - y / x,
            size=_absolute,
        ),
    ),
    _row(
        "y0",
        "Y₀(x), the Bessel function of the second kind, for positive x",
        Elementwise(
            lambda x: x.bessel_y(0),
            cylinder(0, _y, -1, 1),
            derivative=lambda xp, x, y: -xp.special.y1(x),
            size=_second_kind(*_Y0, 0),
        ),
        domain=_POSITIVE,
    ),
    _row(
        "y1",
        "Y₁(x), the Bessel function of the second kind, for positive x",
        Elementwise(
            lambda x: x.bessel_y(1),
            cylinder(1, _y, -1, 1),
            derivative=lambda xp, x, y: xp.special.y0(x) - y / x,
            size=_second_kind(*_Y1, 1),
        ),
        domain=_POSITIVE,
    ),
    _row(
        "k0",
        "K₀(x), the modified Bessel function of the second kind, for positive x",
        Elementwise(
            lambda x: x.bessel_k(0),
            _series_k(0),
            derivative=lambda xp, x, y: -xp.special.k1(x),
            size=_macdonald(0, scaled=False),
        ),
        domain=_POSITIVE,
    ),
    _row(
        "k0e",
        "eˣ K₀(x), for positive x",
        Elementwise(
            lambda x: x.bessel_k(0, scaled=True),
            _scaled(_series_k(0), 1),
            derivative=lambda xp, x, y: y - xp.special.k1e(x),
            size=_macdonald(0, scaled=True),
        ),
        domain=_POSITIVE,
    ),
    _row(
        "k1",
        "K₁(x), the modified Bessel function of the second kind, for positive x",
        Elementwise(
            lambda x: x.bessel_k(1),
            _series_k(1),
            derivative=lambda xp, x, y: -xp.special.k0(x) - y / x,
            size=_macdonald(1, scaled=False),
        ),
        domain=_POSITIVE,
    ),
    _row(
        "k1e",
        "eˣ K₁(x), for positive x",
        Elementwise(
            lambda x: x.bessel_k(1, scaled=True),
            _scaled(_series_k(1), 1),
            derivative=lambda xp, x, y: y * (1 - 1 / x) - xp.special.k0e(x),
            size=_macdonald(1, scaled=True),
        ),
        domain=_POSITIVE,
    ),
    _torch_row(
        "airy_ai",
        "Ai(x), Airy's function",
        Elementwise("airy_ai", size=_airy_size),
        domain=(-100.0, 100.0),
    ),
    _torch_row(
        "spherical_bessel_j0",
        "sin x / x",
        Elementwise(
            lambda x: x.sinc(),
            _spherical_series,
            derivative=lambda xp, x, y: (xp.cos(x) - y) / x,
        ),
    ),
    _row(
        "sinc",
        "sin(πx) / (πx), and 1 at 0",
        Elementwise(
            lambda x: x.sinc_pi(),
            _sinc_series,
            derivative=lambda xp, x, y: (xp.cos(pi(xp, x) * x) - y) / x,
            size=_sinc_size,
        ),
    ),
)
