"""Counts of operations, held against naive programs that run on numbers which count themselves."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.operations import costs
from harness.operations.costs import Cost
from harness.operations.operation import PRIMITIVE
from harness.operations.table import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

SIZES = range(1, 7)


class Tallied:
    """A number that counts what is done with it."""

    done = 0

    def _did(self, other: Any = None) -> Tallied:
        del other
        Tallied.done += 1
        return self

    __add__ = __sub__ = __mul__ = __truediv__ = __rtruediv__ = _did


def matrix(rows: int, columns: int) -> list[list[Tallied]]:
    """Give a matrix of them."""
    return [[Tallied() for _ in range(columns)] for _ in range(rows)]


def product(n: int) -> None:
    """Multiply matrices (n, n + 1) and (n + 1, n + 2), as three loops."""
    a, b, c = matrix(n, n + 1), matrix(n + 1, n + 2), matrix(n, n + 2)
    for i, j, k in itertools.product(range(n), range(n + 2), range(n + 1)):
        c[i][j] = c[i][j] + a[i][k] * b[k][j]


def eliminated(n: int) -> list[list[Tallied]]:
    """Factorise, with the reciprocal of each pivot, as GETRF does."""
    a = matrix(n, n)
    for k in range(n):
        reciprocal = 1 / a[k][k]
        for i in range(k + 1, n):
            a[i][k] = a[i][k] * reciprocal
            for j in range(k + 1, n):
                a[i][j] = a[i][j] - a[i][k] * a[k][j]
    return a


def determined(n: int) -> None:
    """Factorise, and multiply the diagonal and the sign of the order."""
    a = eliminated(n)
    sign = Tallied()
    for k in range(n):
        sign = sign * a[k][k]


def substituted(n: int, *, unit: bool = False) -> None:
    """Solve a triangular system for one right side."""
    a, b = matrix(n, n), [Tallied() for _ in range(n)]
    for i in range(n):
        for j in range(i):
            b[i] = b[i] - a[i][j] * b[j]
        if not unit:
            b[i] = b[i] / a[i][i]


def solved(n: int) -> None:
    """Factorise, and substitute for three right sides."""
    eliminated(n)
    for _ in range(3):
        substituted(n, unit=True)
        substituted(n)


def factorised(n: int) -> None:
    """Cholesky's factor, column by column."""
    a = matrix(n, n)
    for j in range(n):
        for i in range(j, n):
            for k in range(j):
                a[i][j] = a[i][j] - a[i][k] * a[j][k]
            a[i][j] = a[i][j] / a[j][j]  # the square root, of the first


def convolved(n: int) -> None:
    """Two examples of four channels in two groups, six channels out, n + 2 places, a kernel of 3; and a shift."""
    for _ in range(2 * 6 * n):
        total = Tallied()
        for _ in range(2 * 3):
            total = total + Tallied() * Tallied()
        total = total + Tallied()


def scattered(n: int) -> None:
    """The transpose: each of n numbers of two examples and four channels meets six channels and a kernel of 3."""
    for _ in range(2 * 4 * n * 6 * 3):
        Tallied() + Tallied() * Tallied()


Naive = tuple[Cost, "Callable[[int], Any]", "Callable[[int], tuple[Any, ...]]"]

ONE = np.ones
NAIVE: dict[str, Naive] = {
    "matmul": (costs.matmul, product, lambda n: (ONE((n, n + 2)), ONE((n, n + 1)), ONE((n + 1, n + 2)))),
    "determinant": (costs.determinant, determined, lambda n: (ONE(()), ONE((n, n)))),
    "solve": (costs.elimination, solved, lambda n: (ONE((n, 3)), ONE((n, n)), ONE((n, 3)))),
    "triangular": (costs.triangular, substituted, lambda n: (ONE((n, 1)), ONE((n, n)), ONE((n, 1)))),
    "cholesky": (costs.cholesky, factorised, lambda n: (ONE((n, n)), ONE((n, n)))),
    "convolution": (
        costs.convolution,
        convolved,
        lambda n: (ONE((2, 6, n)), ONE((2, 4, n + 2)), ONE((6, 2, 3)), ONE(6)),
    ),
    "transposed": (
        costs.transposed_convolution,
        scattered,
        lambda n: (ONE((2, 6, n + 2)), ONE((2, 4, n)), ONE((4, 6, 3))),
    ),
}


def disagreements(naive: dict[str, Naive]) -> list[str]:
    """Name what counts otherwise than its naive program does."""
    found = []
    for name, (cost, program, arrays) in naive.items():
        for n in SIZES:
            Tallied.done = 0
            program(n)
            counted = cost.flops(*arrays(n))
            if counted is None or not math.isclose(Tallied.done, counted, rel_tol=1e-12):
                found.append(f"{name} {n}: {Tallied.done}, counted {counted}")
    return found


def test_a_count_is_what_a_naive_program_does() -> None:
    """Every multiplication, addition, division and root of the textbook's program, and no more, at every size."""
    assert [] == disagreements(NAIVE)


@pytest.mark.parametrize("name", NAIVE)
def test_a_wrong_count_is_caught(name: str) -> None:
    """One operation too many is seen at every size."""
    cost, program, arrays = NAIVE[name]
    planted = Cost(lambda *given, **named: (cost.flops(*given, **named) or 0) + 1)
    assert len(SIZES) == len(disagreements({name: (planted, program, arrays)}))


@pytest.mark.parametrize(
    ("expected", "cost", "given", "named"),
    [
        (12.0, costs.elementwise(2), (ONE((2, 3)), ONE(3), ONE((2, 1))), {}),
        (6.0, costs.reduction(), (ONE(3), ONE((2, 3))), {"axis": 0}),
        (0.0, costs.MOVING, (ONE(6), ONE((2, 3))), {}),
        (None, costs.UNCOUNTED, (ONE(6), ONE((2, 3))), {}),
        (4.0, costs.scattering, (ONE((3, 2)), ONE((3, 2)), np.array([0, 1]), ONE((2, 2))), {}),
        (240.0, costs.tensordot, (ONE((2, 5)), ONE((2, 3, 4)), ONE((3, 4, 5))), {"axes": 2}),
        (240.0, costs.tensordot, (ONE((2, 5)), ONE((2, 3, 4)), ONE((4, 3, 5))), {"axes": ([1, 2], [1, 0])}),
        (48.0, costs.einsum, (ONE((2, 4)), "ij,jk->ik", ONE((2, 3)), ONE((3, 4))), {}),
        (12.0, costs.einsum, (ONE((3, 4)), "i,j->ij", ONE(3), ONE(4)), {}),
        (6.0, costs.einsum, (ONE(()), "ij->", ONE((2, 3))), {}),
        (0.0, costs.einsum, (ONE((3, 2)), "ij->ji", ONE((2, 3))), {}),
        (None, costs.einsum, (ONE(()), "i,ij,j->", ONE(2), ONE((2, 3)), ONE(3)), {}),
        (48.0, costs.multi_dot, (ONE((2, 4)), [ONE((2, 3)), ONE((3, 4))]), {}),
        (None, costs.multi_dot, (ONE((2, 2)), [ONE((2, 3)), ONE((3, 4)), ONE((4, 2))]), {}),
        (10.0, costs.trace, (ONE(5), ONE((5, 2, 3))), {}),
        (1.0, costs.trace, (ONE(()), ONE((2, 3))), {"offset": -1}),
        (5 * 24 * 3 + 5 * 24 * math.log2(3), costs.fourier(several=True), (ONE((8, 3)), ONE((8, 3))), {"axes": (0, 1)}),
        (5 * 24 * 3 + 5 * 24 * math.log2(3), costs.fourier(several=True), (ONE((8, 3)), ONE((8, 3))), {}),
        (5 * 24 * math.log2(3), costs.fourier(), (ONE((8, 3)), ONE((8, 3))), {}),
        (2.5 * 8 * 3, costs.fourier(real=True), (ONE(5), ONE(8)), {}),
        (2.5 * 8 * 3, costs.fourier(real=True), (ONE(8), ONE(5, complex)), {"n": 8}),
        # The note counts for GETRI of 3 × 3, multiplications and additions apart, 25 and 7; GETRF is 16.
        (25.0 + 7.0 + 16.0, costs.inverse, (ONE((3, 3)), ONE((3, 3))), {}),
        (9.0 * 20**3, costs.symmetric(vectors=True), (ONE((20, 20)), ONE((20, 20))), {}),
        (4 / 3 * 20**3, costs.symmetric(vectors=False), (ONE(20), ONE((20, 20))), {}),
        (6 * 5 * 9 + 20 * 27.0, costs.singular(vectors=True), (ONE((5, 3)), ONE((5, 3))), {}),
        (6 * 5 * 9 + 20 * 27.0, costs.singular(vectors=True), (ONE((3, 5)), ONE((3, 5))), {}),
        (2 * 5 * 9 + 2 * 27.0, costs.singular(vectors=False), (ONE(3), ONE((3, 5))), {}),
    ],
)  # fmt: skip
def test_a_count_follows_from_shapes(expected: float | None, cost: Cost, given: Any, named: dict[str, Any]) -> None:
    """Of the result and of the arguments, as each convention says; none where nobody can say."""
    found = cost.flops(*given, **named)
    assert found is None if expected is None else math.isclose(expected, found or 0.0)


def test_reflections_are_counted_as_the_working_note_does() -> None:
    """GEQRF and ORGQR of 4 × 3, and of 3 × 4: the note's multiplications and additions, written apart as it has them."""

    def geqrf(m: int, n: int) -> float:
        if m > n:
            multiplied = n * (n * (0.5 - n / 3 + m) + m + 23 / 6)
            added = n * (n * (0.5 - n / 3 + m) + 5 / 6)
        else:
            multiplied = m * (m * (-0.5 - m / 3 + n) + 2 * n + 23 / 6)
            added = m * (m * (-0.5 - m / 3 + n) + n + 5 / 6)
        return multiplied + added

    def orgqr(m: int, n: int, k: int) -> float:
        multiplied = k * (2 * m * n + 2 * n - 5 / 3 + k * (2 / 3 * k - (m + n) - 1))
        added = k * (2 * m * n + n - m + 1 / 3 + k * (2 / 3 * k - (m + n)))
        return multiplied + added

    for m, n in ((4, 3), (3, 4), (3, 3)):
        few = min(m, n)
        expected = geqrf(m, n) + orgqr(m, few, few)
        assert math.isclose(expected, costs.orthogonal.flops(None, ONE((m, n))) or 0.0)
    multiplied, added = 2 * 3 * (2 * 4 - 3 + 2), 2 * 3 * (2 * 4 - 3 + 1)
    expected = geqrf(4, 3) + multiplied + added + 2 * 3**2
    assert math.isclose(expected, costs.least_squares.flops(ONE((3, 2)), ONE((4, 3)), ONE((4, 2))) or 0.0)


def test_a_row_needs_no_count_of_its_own() -> None:
    """Only a primitive that states none is unknown: a sort, whose comparisons depend on the numbers."""
    unknown = {name for name, row in OPERATIONS.items() if row.meaning is PRIMITIVE and row.cost is None}
    assert unknown >= {"argsort", "linalg.expm", "sort"}
    assert not unknown & {"add", "matmul", "sum", "reshape", "where", "floor", "real", "special.gammainc"}
    assert OPERATIONS["nn.linear"].cost is None
