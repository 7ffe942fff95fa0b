"""Matrices on balls and on noisy numbers, roots of unity, and sorting, held against known results and mpmath."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb

from harness.reference.arithmetic import UndecidedError
from harness.reference.balls import Balls
from harness.reference.floats import Floats, matmul_runs
from harness.reference.stochastic import Noisy
from tests.reference.runs import middles, on_balls, on_floats

__all__: list[str] = []

PRECISION = 128


def test_eigenvalues_are_enclosed_in_order() -> None:
    """[[2, 1], [1, 2]] has the eigenvalues 1 and 3, each within a ball that is narrow."""
    balls = Balls("float64", PRECISION)
    values, vectors = balls.eigh(balls.lift(np.array([[2.0, 1.0], [1.0, 2.0]]), "float64"), "float64")
    for expected, ball in zip((1, 3), values[:, 0], strict=True):
        assert ball.contains(arb(expected))
        assert ball.rad() < 2.0**-100
    half = (arb(1) / 2).sqrt()
    assert all(abs(ball).overlaps(half) for ball in vectors[..., 0].reshape(-1))


def test_the_largest_entry_of_an_eigenvector_is_positive() -> None:
    """Balls, noisy numbers and floats choose one sign alike."""
    matrix = np.array([[2.0, 1.0, 0.0], [1.0, -3.0, 0.5], [0.0, 0.5, 1.0]])
    found = []
    for arithmetic in (Balls("float64", PRECISION), Noisy("float64", 1), Floats("float64")):
        _, vectors = arithmetic.eigh(arithmetic.lift(matrix, "float64"), "float64")
        found.append(np.sign(np.asarray(vectors[..., 0], dtype=float)))
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_equal_eigenvalues_ask_for_more_precision_and_then_have_none() -> None:
    """The identity's eigenvectors are not unique: undecided, and at the last precision no enclosure."""
    with pytest.raises(UndecidedError):
        Balls("float64", PRECISION).eigh(Balls("float64", PRECISION).lift(np.eye(2), "float64"), "float64")
    last = Balls("float64", PRECISION, last=True)
    values, vectors = last.eigh(last.lift(np.eye(2), "float64"), "float64")
    assert not any(ball.is_finite() for ball in (*values.reshape(-1), *vectors.reshape(-1)))
    assert 1 == last.undecided


def test_elimination_finds_its_pivots() -> None:
    """A zero in the corner is no obstacle, and each exchange of rows turns the sign of the determinant."""
    matrix = np.array([[0.0, 2.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 4.0]])
    assert -8.0 == float(middles(on_balls(lambda xp, x: xp.linalg.det(x), [matrix]).value))
    assert -8.0 == float(on_floats(lambda xp, x: xp.linalg.det(x), [matrix]).value[0])


@pytest.mark.parametrize("scale", [0.1, 1.0, 5.0])
def test_exponentials_agree_with_mpmath(scale: float) -> None:
    """The enclosure of e^A contains mpmath's, and the floats' own program is near it."""
    matrix = scale * np.array([[0.5, -1.0], [2.0, 0.25]])
    with mpmath.workprec(300):
        expected = mpmath.expm(mpmath.matrix(matrix.tolist()))
    ball: Any = on_balls(lambda xp, x: xp.linalg.expm(x), [matrix]).value[..., 0]
    plain = on_floats(lambda xp, x: xp.linalg.expm(x), [matrix]).value[..., 0]
    for place in np.ndindex(2, 2):
        number = expected[place[0], place[1]]
        assert ball[place].overlaps(arb(mpmath.nstr(number, 60), 1e-30))
        assert abs(plain[place] - float(number)) <= 2.0**-44 * max(abs(plain).max(), 1.0)


def test_roots_of_unity_are_enclosed_and_quarters_exact() -> None:
    """e^(2πi p/n) on balls contains mpmath's, and of n = 4 every root is one of 1, i, -1, -i."""
    balls, powers = Balls("float64", PRECISION), np.arange(-3, 9)
    for power, root in zip(powers, balls.roots(powers, 6, "complex128")[:, 0], strict=True):
        with mpmath.workprec(300):
            angle = 2 * mpmath.pi * int(power) / 6
            parts = [mpmath.nstr(part, 60) for part in (mpmath.cos(angle), mpmath.sin(angle))]
        assert root.real.overlaps(arb(parts[0], 1e-50))
        assert root.imag.overlaps(arb(parts[1], 1e-50))
    floats = Floats("float64").roots(powers, 4, "complex128")[:, 0]
    assert np.array_equal([1j, -1, -1j, 1] * 3, floats)


def test_numbers_that_may_be_in_either_order_ask_for_more_precision() -> None:
    """Balls that overlap cannot be sorted before the last precision; then they count as equal."""
    row = np.array([[arb(1, 0.5)], [arb(1.25, 0.5)], [arb(0)]], dtype=object)
    with pytest.raises(UndecidedError):
        Balls("float64", PRECISION).ranked(row, 0)
    places, ties = Balls("float64", PRECISION, last=True).ranked(row, 0)
    assert [2, 0, 1] == places[:, 0].tolist()
    assert ties


def test_equal_numbers_keep_their_order() -> None:
    """Sorting is stable on balls and on floats, and says that there are ties."""
    row = np.array([1.0, 0.0, 1.0, 0.0])
    for arithmetic in (Balls("float64", PRECISION), Floats("float64")):
        places, ties = arithmetic.ranked(arithmetic.lift(row, "float64"), 0)
        assert [1, 3, 0, 2] == places[:, 0].tolist()
        assert ties


def test_a_batch_times_one_matrix_has_its_runs_apart() -> None:
    """The axis of runs never meets an axis of the batch, whatever their lengths."""
    generator = np.random.Generator(np.random.PCG64(3))
    a, b = generator.integers(-4, 5, (2, 1, 3, 32)), generator.integers(-4, 5, (3, 3, 32))
    found = matmul_runs(a.astype(float), b.astype(float))
    for run in range(32):
        assert np.array_equal(a[..., run] @ b[..., run], found[..., run])


def test_the_budget_of_a_decomposition_is_in_units_of_the_matrix() -> None:
    """A small eigenvalue beside a large one is uncertain by u times the large one, as LAPACK's is."""
    noisy = Noisy("float32", 5)
    values, _ = noisy.eigh(noisy.lift(np.diag([2.0**-10, 1024.0]) + 1.0 - np.eye(2), "float32"), "float32")
    spread = float(np.std(values[0]))
    assert 0.01 * 1024.0 * 2.0**-24 < spread < 4 * 1024.0 * 2.0**-24
    assert math.isfinite(spread)


def test_factors_multiply_to_their_matrix() -> None:
    """The enclosures of U S Vᵀ, Q R and V λ Vᵀ contain the matrix, and those of UᵀU the identity, at every precision."""
    x = np.random.default_rng(3).standard_normal((4, 3))

    def left_over(xp: Any, x: Any) -> Any:
        u, s, vh = xp.linalg.svd(x, full_matrices=False)
        q, r = xp.linalg.qr(x)
        square = xp.matmul(xp.matrix_transpose(x), x)
        values, vectors = xp.linalg.eigh(square)
        turned = xp.matrix_transpose(vectors)
        return xp.concat(
            (
                xp.matmul(u * s, vh) - x,
                xp.matmul(q, r) - x,
                xp.matmul(vectors * values, turned) - square,
                xp.matmul(xp.matrix_transpose(u), u) - xp.eye(3),
                xp.matmul(vh, xp.matrix_transpose(vh)) - xp.eye(3),
                xp.matmul(xp.linalg.pinv(x), x) - xp.eye(3),
                xp.matmul(xp.linalg.inv(square), square) - xp.eye(3),
            )
        )

    found: Any = on_balls(left_over, [x]).value
    assert all(ball.contains(0) for ball in found.flat)
    assert all(ball.rad() < 2.0**-80 for ball in found.flat)
