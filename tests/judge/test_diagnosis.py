"""A disagreement is said in words: what it looks like first, then how many elements are wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.judge.diagnosis import explain

__all__: list[str] = []

K = 8.0
SQUARE = np.array([[1.0, 2.0], [-3.0, 4.0]])


def said(observed: Any, truth: Any, allowed: Any = 1e-7) -> str:
    """Explain an observation whose distances are taken as they are."""
    observed, truth = np.asarray(observed, dtype=float), np.asarray(truth, dtype=float)
    budget = np.broadcast_to(np.asarray(allowed, dtype=float), truth.shape)
    with np.errstate(all="ignore"):
        z = np.abs(observed - truth) / budget
    return explain(observed, truth, budget, z, "float32", K)


NUMBERS = "elements are outside the rounding budget of float32"


@pytest.mark.parametrize(
    ("observed", "truth", "expected"),
    [
        ([np.nan, 2.0, np.nan], [1.0, 2.0, 3.0], f"2 NaN where a finite result exists; 2 of 3 {NUMBERS}"),
        ([np.inf, -np.inf, 3.0], [1.0, 2.0, 3.0], f"2 infinities where a finite result exists; 2 of 3 {NUMBERS}"),
        ([0.0, 0.0], [1.0, 2.0], f"zero everywhere: detached, or never computed; 2 of 2 {NUMBERS}"),
        (0.0, 2.0, f"zero everywhere: detached, or never computed; 1 of 1 {NUMBERS}"),
        ([5.0, 5.0, 5.0], [1.0, 5.0, 9.0], f"the same number everywhere: the input is ignored; 2 of 3 {NUMBERS}"),
        (SQUARE.T, SQUARE, f"looks like the transpose; 2 of 4 {NUMBERS}"),
        (
            np.stack([SQUARE.T, 2 * SQUARE.T]),
            np.stack([SQUARE, 2 * SQUARE]),
            f"looks like the transpose; 4 of 8 {NUMBERS}",
        ),
        (-SQUARE, SQUARE, f"looks like the right answer with the sign reversed; 4 of 4 {NUMBERS}"),
        (SQUARE * 1.5, SQUARE, f"too large by a constant factor of 1 + 0.5; 4 of 4 {NUMBERS}"),
        (SQUARE * 0.75, SQUARE, f"too large by a constant factor of 1 - 0.25; 4 of 4 {NUMBERS}"),
        (3.0, 2.0, f"too large by a constant factor of 1 + 0.5; 1 of 1 {NUMBERS}"),
        ([1.0, 2.5, 3.0], [1.0, 2.0, 3.0], f"1 of 3 {NUMBERS}"),
        ([1.5, 2.1, 7.0], [1.0, 2.0, 3.0], f"3 of 3 {NUMBERS}"),
        ([3.0, 1.0], [0.0, 0.0], f"2 of 2 {NUMBERS}"),
    ],
)
def test_what_it_looks_like(observed: Any, truth: Any, expected: str) -> None:
    """Each planted shape of fault is named; one wrong element among many has no name but its number."""
    assert expected == said(observed, truth)


def test_rounding_does_not_hide_what_it_looks_like() -> None:
    """A fault is recognised through the rounding that comes with it."""
    noise = 1 + np.array([[1.0, -1.0], [1.0, 0.0]]) * 2.0**-24
    assert said(SQUARE.T * noise, SQUARE).startswith("looks like the transpose")
    assert said(-SQUARE * noise, SQUARE).startswith("looks like the right answer with the sign reversed")
    assert said(SQUARE * (1 + 2.0**-12) * noise, SQUARE, 1e-6).startswith(
        "too large by a constant factor of 1 + 0.000244"
    )


def test_a_right_answer_that_is_constant_is_not_called_so() -> None:
    """Where the truth is the same number everywhere, a wrong constant is a factor, not an ignored input."""
    assert said([3.0, 3.0], [2.0, 2.0]).startswith("too large by a constant factor of 1 + 0.5")


def test_a_symmetric_matrix_is_not_its_transpose() -> None:
    """A symmetric truth is never explained by a transpose."""
    symmetric = SQUARE + SQUARE.T
    assert not said(symmetric * 2, symmetric).startswith("looks like the transpose")


def test_an_infinite_budget_makes_nothing_look_alike() -> None:
    """One element without limits does not make every array look like the transpose."""
    allowed = np.full((2, 2), 1e-7)
    allowed[0, 0] = np.inf
    assert f"2 of 4 {NUMBERS}" == said([[5.0, 2.0], [9.0, 8.0]], SQUARE, allowed)
