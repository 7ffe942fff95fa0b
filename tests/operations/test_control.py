"""Rows of control flow: Python's statements, in NumPy's words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adapters.numpy import NumpyAdapter
from harness.operations.control import ROWS
from harness.operations.words import DEFINITION
from harness.reference.numpy_words import WORDS

__all__: list[str] = []


@pytest.fixture(scope="module")
def xp() -> Any:
    """Give NumPy's vocabulary."""
    return NumpyAdapter().namespace()


def test_a_condition_runs_the_side_that_holds_and_no_other(xp: Any) -> None:
    """The other side's function is never called."""
    x = np.array([1.0, 2.0])
    refuse = pytest.fail
    assert [2.0, 4.0] == xp.control.cond(np.sum(x) > 0, lambda a: 2 * a, refuse, x).tolist()
    assert [3.0, 6.0] == xp.control.cond(np.sum(x) < 0, refuse, lambda a: 3 * a, x).tolist()


def test_a_condition_passes_all_operands_and_any_result_on(xp: Any) -> None:
    """No operand is as good as several, and a tuple comes back as a tuple."""
    assert (1, 2) == xp.control.cond(True, lambda: (1, 2), lambda: (3, 4))
    assert 7 == xp.control.cond(False, lambda a, b: a, lambda a, b: a + b, 3, 4)


def test_a_loop_may_take_no_step(xp: Any) -> None:
    """A condition that does not hold at first leaves the state as it was."""
    x = np.array(3.0)
    assert xp.control.while_loop(lambda v: v > 5, lambda v: v / 0, x) is x
    assert xp.control.fori_loop(4, 4, lambda i, v: v / 0, x) is x


def test_a_loop_s_state_may_be_a_tuple(xp: Any) -> None:
    """Condition and body get the state as it was given."""
    half, count = xp.control.while_loop(lambda s: s[0] > 1, lambda s: (s[0] / 2, s[1] + 1), (np.array(10.0), 0))
    assert (0.625, 4) == (half, count)


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_a_counted_loop_is_range(low: int, high: int) -> None:
    """The body sees the numbers of `range`, in their order."""
    xp = NumpyAdapter().namespace()
    assert [*range(low, high)] == xp.control.fori_loop(low, high, lambda index, seen: [*seen, index], [])


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=8))
def test_a_scan_of_sums_is_the_sum_of_prefixes(values: list[int]) -> None:
    """The last state is the last of what is stacked."""
    xp = NumpyAdapter().namespace()
    x = np.array(values, dtype=float)
    last, every = xp.control.scan(lambda s, v: (s + v, s + v), np.zeros(()), x)
    assert np.cumsum(x).tolist() == every.tolist()
    assert every[-1] == last


def test_a_scan_takes_and_gives_tuples(xp: Any) -> None:
    """States, elements and what is stacked may each be several arrays; the first axis is the one that is gone through."""
    a, b = np.arange(6.0).reshape(3, 2), np.array([10.0, 20.0, 30.0])

    def step(state: Any, element: Any) -> Any:
        total, count = state
        row, number = element
        return (total + row, count + 1), (row * number, total)

    (total, count), (scaled, before) = xp.control.scan(step, (np.zeros(2), 0), (a, b))
    assert ([6.0, 9.0], 3) == (total.tolist(), count)
    assert (a * b[:, None]).tolist() == scaled.tolist()
    assert [[0.0, 0.0], [0.0, 1.0], [2.0, 4.0]] == before.tolist()


def test_every_row_is_a_definition() -> None:
    """Each row's meaning is Python, so that the tape and NumPy run it as it stands."""
    assert {"control.cond", "control.while_loop", "control.fori_loop", "control.scan"} == {row.name for row in ROWS}
    for row in ROWS:
        assert callable(row.meaning), row.name
        assert DEFINITION is WORDS[row.name], row.name
        assert row.source.startswith("https://"), row.name
