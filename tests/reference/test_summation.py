"""What a program loses that adds in order."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.reference.summation import in_order, products_in_order

__all__: list[str] = []


def test_partial_sums() -> None:
    """The partial sums of 1, 2, -3 are 1, which is exact, 3 and 0: their root is 3; of several axes, row after row."""
    assert 3.0 == pytest.approx(float(in_order(np.array([1.0, 2.0, -3.0]), (0,))[0]))
    terms = np.array([[[1.0], [2.0]], [[-3.0], [4.0]]])
    assert (1, 1, 1) == in_order(terms, (0, 1)).shape
    assert math.sqrt(9 + 0 + 16) == pytest.approx(float(in_order(terms, (0, 1))[0, 0, 0]))
    assert np.array([3.0, 6.0]) == pytest.approx(in_order(np.array([[1.0, 2.0], [2.0, 4.0]]), (0,))[0])


def test_numbers_whose_squares_overflow_or_vanish() -> None:
    """Sizes scale with the terms, and what is infinite stays so."""
    for scale in (1e-300, 1e300):
        assert 2 * scale == pytest.approx(float(in_order(np.array([scale, scale]), (0,))[0]))
    assert np.isinf(in_order(np.array([math.inf, 1.0]), (0,))).all()


def test_partial_sums_of_inner_products() -> None:
    """Σ|s|² of (1, 2) · (3, 4) is 3² + 11², for complex numbers too."""
    a, b = np.array([[[1.0], [2.0]]]), np.array([[[3.0]], [[4.0]]])
    assert 130.0 == products_in_order(a, b)[0, 0, 0]
    assert 130.0 == products_in_order(a * 1j, b)[0, 0, 0]
