"""What a call of an operation costs: floating-point operations, and the arrays that are read and written.

A count belongs to a row, as a function of what the operation was given and gave. It is the textbook's, whatever a
library does: so two frameworks are held against the same work. The conventions:

- an element-by-element operation is one operation an element of the result, comparisons, selections, elementary and
  special functions included, as in XLA's own count (HandleElementwiseOp in
  https://github.com/openxla/xla/blob/main/xla/service/hlo_cost_analysis.cc);
- a reduction is one operation an element of what is reduced;
- a product of matrices is two operations, a multiplication and an addition, for each of its m n k products;
- elimination and factorisations are counted as in LAPACK Working Note 41, appendix C
  (https://www.netlib.org/lapack/lawnspdf/lawn41.pdf), complex ones as four times the real ones, which is the leading
  term of its 6 for a multiplication and 2 for an addition;
- what is iterated, eigenvalues and singular values, is counted as in Golub and Van Loan, Matrix Computations, 4th
  edition, 8.3 and 8.6;
- a Fourier transform of n complex numbers is 5 n log2 n operations, of n real ones half of that
  (https://www.fftw.org/speed/method.html);
- what moves elements is none, and what gives a view of its argument moves no bytes either;
- on integers and booleans alone there is none.

The bytes are those of a program in which nothing is fused and nothing stays in a cache: each operation reads each of
its arrays once, and writes its results once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

__all__ = [
    "INDEXED",
    "MOVING",
    "PICKED",
    "PICKING",
    "THROUGH",
    "UNCOUNTED",
    "VIEW",
    "Cost",
    "Like",
    "cholesky",
    "convolution",
    "determinant",
    "einsum",
    "elementwise",
    "elimination",
    "fourier",
    "inverse",
    "least_squares",
    "matmul",
    "multi_dot",
    "orthogonal",
    "pseudoinverse",
    "reduction",
    "scattering",
    "singular",
    "symmetric",
    "tensordot",
    "trace",
    "transposed_convolution",
    "triangular",
]

Flops = Callable[..., float | None]
"""`(result, *arguments, **keywords)`: how many; None where nobody can say for these arguments."""

Traffic = Callable[..., Iterable[Any]]
"""`(result, *arguments, **keywords)`: the arrays that are read and written, each once."""


@dataclass(frozen=True)
class Cost:
    """What a call costs.

    Attributes:
        flops: How many floating-point operations.
        traffic: What is read and written, where that is not every argument and every result.
        factor: Operations on real numbers that stand for one, where numbers are complex; none where nobody says.
        through: Whether the operation does nothing itself but calls what it is given: that is what counts.
    """

    flops: Flops
    traffic: Traffic | None = None
    factor: float | None = None
    through: bool = False


def _none(*_: Any, **__: Any) -> float:
    return 0.0


MOVING = Cost(_none, factor=0.0)
"""Elements are moved, or made, and not changed."""

VIEW = Cost(_none, lambda *_, **__: (), factor=0.0)
"""The result is the argument, seen in another way."""

PICKING = Cost(_none, lambda result, x, *others, **_: (result, Like(result), *others), factor=0.0)
"""Of the first argument, only what is in the result is read."""

PICKED = Cost(_none, lambda result, indices, _, **__: (result, Like(result), indices), factor=0.0)
"""The same where the indices come first."""


def _indexed(result: Any, x: Any, key: Any) -> tuple[Any, ...]:
    """Integers and slices give a view, arrays of indices a copy of what is picked."""
    parts = key if isinstance(key, tuple) else (key,)
    indices = [part for part in parts if isinstance(part, list) or hasattr(part, "shape")]
    return (result, Like(result), *indices) if indices else ()


INDEXED = Cost(_none, _indexed, factor=0.0)
"""Of an array that is indexed with a key."""

THROUGH = Cost(_none, through=True)
"""What the operation calls is what counts."""

UNCOUNTED = Cost(lambda *_, **__: None)
"""Nobody can say, or libraries do it in ways whose counts differ."""


@dataclass(frozen=True)
class Like:
    """As many numbers as an array has, in another place.

    Attributes:
        array: The array.
    """

    array: Any

    @property
    def dtype(self) -> Any:
        """Their dtype."""
        return self.array.dtype

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.array.size)


def elementwise(each: float = 1.0, factor: float | None = None) -> Cost:
    """So many operations an element of the result."""
    return Cost(lambda result, *_, **__: each * _size(result), factor=factor)


def reduction(each: float = 1.0, factor: float | None = None) -> Cost:
    """So many operations an element of the first argument."""
    return Cost(lambda _, x, *__, **___: each * _size(x), factor=factor)


def _scattered(_: Any, *arguments: Any, **__: Any) -> float:
    return float(_size(arguments[-1]))


def _size(array: Any) -> int:
    return math.prod(_shape(array))


def _shape(array: Any) -> tuple[int, ...]:
    return tuple(getattr(array, "shape", ()))  # a Python number has none


def _matmul(result: Any, a: Any, b: Any, /) -> float:
    del b
    return 2.0 * _size(result) * _shape(a)[-1]


def _tensordot(result: Any, a: Any, b: Any, /, *, axes: Any = 2) -> float:
    del b
    shape = _shape(a)
    summed = shape[len(shape) - axes :] if isinstance(axes, int) else [shape[axis] for axis in axes[0]]
    return 2.0 * _size(result) * math.prod(summed)


def _einsum(result: Any, subscripts: str, /, *arrays: Any) -> float | None:
    """Of three operands and more, the order in which they are multiplied decides."""
    names = subscripts.replace(" ", "").partition("->")[0].split(",")
    sizes = {
        letter: size
        for own, one in zip(names, arrays, strict=True)
        for letter, size in zip(own, one.shape, strict=True)
    }
    whole = float(math.prod(sizes.values()))
    if len(arrays) > 2:
        return None
    summed = whole > _size(result)
    return whole * (len(arrays) - 1 + summed)


def _diagonal(result: Any, x: Any, offset: int) -> int:
    *_, rows, columns = _shape(x)
    return _size(result) * max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)


trace = Cost(lambda result, x, /, *, offset=0: float(_diagonal(result, x, offset)), factor=2.0)


def _multi_dot(_: Any, arrays: Any, /) -> float | None:
    """Of three matrices and more, libraries choose the order in which they are multiplied."""
    return 2.0 * arrays[0].shape[-2] * arrays[1].shape[-1] * arrays[1].shape[-2] if len(arrays) == 2 else None


scattering = Cost(_scattered)
multi_dot = Cost(_multi_dot, factor=4.0)
matmul = Cost(_matmul, factor=4.0)
tensordot = Cost(_tensordot, factor=4.0)
einsum = Cost(_einsum, factor=4.0)


def _convolution(result: Any, x: Any, weight: Any, shift: Any = None, /, **_: Any) -> float:
    """The weight is (out, in / groups, *kernel): each number of the result is a sum of so many products."""
    del x
    return 2.0 * _size(result) * math.prod(_shape(weight)[1:]) + (0 if shift is None else _size(result))


def _transposed_convolution(result: Any, x: Any, weight: Any, shift: Any = None, /, **_: Any) -> float:
    """The weight is (in, out, *kernel): each number of x is multiplied with so many and added to the result."""
    return 2.0 * _size(x) * math.prod(_shape(weight)[1:]) + (0 if shift is None else _size(result))


convolution = Cost(_convolution)
transposed_convolution = Cost(_transposed_convolution)


def _matrices(x: Any) -> tuple[int, int, int]:
    """How many matrices there are, with their rows and columns."""
    *count, rows, columns = _shape(x)
    return math.prod(count), rows, columns


def _columns(b: Any) -> int:
    return 1 if len(b.shape) == 1 else int(b.shape[-1])


def _lu(n: int) -> float:
    """GETRF of n × n."""
    return 2 / 3 * n**3 - n**2 / 2 + 5 / 6 * n


def _elimination(result: Any, a: Any, b: Any, /) -> float:
    """GETRF and GETRS."""
    _, n, _ = _matrices(a)
    right = _columns(b)
    return _size(result) / (n * right) * (_lu(n) + right * (2 * n**2 - n))


def _inverse(_: Any, x: Any, /) -> float:
    """GETRF and GETRI."""
    count, n, _ = _matrices(x)
    return count * (_lu(n) + 4 / 3 * n**3 - n**2 + 5 / 3 * n)


def _determinant(_: Any, x: Any, /) -> float:
    """GETRF, and the product of the diagonal."""
    count, n, _ = _matrices(x)
    return count * (_lu(n) + n)


def _cholesky(_: Any, x: Any, /) -> float:
    """POTRF."""
    count, n, _ = _matrices(x)
    return count * (n**3 / 3 + n**2 / 2 + n / 6)


def _triangular(result: Any, a: Any, b: Any, /, **_: Any) -> float:
    """TRTRS."""
    del b
    return float(_size(result) * a.shape[-1])


def _geqrf(m: int, n: int) -> float:
    if m >= n:
        return 2 * m * n**2 - 2 / 3 * n**3 + m * n + n**2 + 14 / 3 * n
    return 2 * n * m**2 - 2 / 3 * m**3 + 3 * n * m - m**2 + 14 / 3 * m


def _orgqr(m: int, n: int, k: int) -> float:
    return 4 * m * n * k - 2 * (m + n) * k**2 + 4 / 3 * k**3 + 3 * n * k - m * k - k**2 - 4 / 3 * k


def _orthogonal(_: Any, x: Any, /) -> float:
    """GEQRF and ORGQR: R, and as many columns of Q as it has rows."""
    count, m, n = _matrices(x)
    few = min(m, n)
    return count * (_geqrf(m, n) + _orgqr(m, few, few))


def _least_squares(_: Any, a: Any, b: Any, /) -> float:
    """GELS, where there are no fewer rows than columns: GEQRF, ORMQR and TRTRS."""
    count, m, n = _matrices(a)
    right = _columns(b)
    return count * (_geqrf(m, n) + 4 * m * n * right - 2 * n**2 * right + 3 * n * right + n**2 * right)


def symmetric(*, vectors: bool) -> Cost:
    """Eigenvalues of symmetric matrices by the symmetric QR algorithm, and their vectors: algorithm 8.3.3."""
    each = 9.0 if vectors else 4 / 3
    return Cost(lambda _, x, /: _matrices(x)[0] * each * x.shape[-1] ** 3)


def singular(*, vectors: bool) -> Cost:
    """Singular values, and as many vectors, by R-bidiagonalisation: figure 8.6.1."""

    def flops(_: Any, x: Any, /, **__: Any) -> float:
        count, m, n = _matrices(x)
        large, small = max(m, n), min(m, n)
        return count * (_svd(m, n) if vectors else 2 * large * small**2 + 2 * small**3)

    return Cost(flops)


def _svd(m: int, n: int) -> float:
    return 6 * max(m, n) * min(m, n) ** 2 + 20 * min(m, n) ** 3


def _pseudoinverse(_: Any, x: Any, /) -> float:
    """The singular value decomposition, one side divided by the values, and the product of both."""
    count, m, n = _matrices(x)
    small = min(m, n)
    return count * (_svd(m, n) + n * small + 2 * m * n * small)


pseudoinverse = Cost(_pseudoinverse)
elimination = Cost(_elimination, factor=4.0)
inverse = Cost(_inverse, factor=4.0)
determinant = Cost(_determinant, factor=4.0)
cholesky = Cost(_cholesky, factor=4.0)
triangular = Cost(_triangular, factor=4.0)
orthogonal = Cost(_orthogonal, factor=4.0)
least_squares = Cost(_least_squares, factor=4.0)


def fourier(*, real: bool = False, several: bool = False) -> Cost:
    """Transforms along one axis, or several, by default all; of a real signal, its length is that of the real side."""

    def flops(result: Any, x: Any, /, *, axis: int = -1, axes: Any = None, n: int | None = None) -> float:
        if not real:
            along = (axis,) if not several else range(len(x.shape)) if axes is None else axes
            lengths = [x.shape[number] for number in along]
            return sum(5.0 * _size(x) * math.log2(max(length, 1)) for length in lengths)
        del n
        signal = x if x.dtype.kind == "f" else result
        return 2.5 * _size(signal) * math.log2(max(signal.shape[-1], 1))

    return Cost(flops, factor=1.0)
