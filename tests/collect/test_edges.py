"""Edges: numbers that depend on the dtype, and cases that say which derivatives are looked at."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness import case, edges, given
from harness.collect.plan import Wanted, tasks_of
from harness.collect.samples import Sample, draw
from harness.errors import CaseError
from harness.model import Backend
from harness.operations.formats import FORMATS
from harness.quantity import KINDS

if TYPE_CHECKING:
    from harness.collect.case import Case

__all__: list[str] = []

FLOATING = ["float16", "bfloat16", "float32", "float64"]


def drawn(dtype: str, *numbers: float | str, usual: bool = False) -> np.ndarray[Any, Any]:
    """Draw edges in a dtype."""
    return draw("c", Sample("edges", {"x": edges(*numbers, usual=usual)}), dtype)["x"]


@pytest.mark.parametrize("dtype", FLOATING)
def test_names_are_places_in_the_range(dtype: str) -> None:
    """Each name is a number of the dtype: half the smallest one is none, and twice the largest."""
    form = FORMATS[dtype]
    smallest, subnormal, normal, largest = (
        float(number) for number in drawn(dtype, "smallest", "subnormal", "normal", "largest")
    )
    assert 2.0 ** (form.smallest_exponent - form.mantissa + 1) == smallest
    assert subnormal + smallest == normal == 2.0**form.smallest_exponent
    assert form.largest == largest


@pytest.mark.parametrize("dtype", FLOATING)
def test_squares_of_big_and_small_leave_the_range(dtype: str) -> None:
    """The square of `big` is beyond the largest number, that of `small` below the smallest normal one."""
    big, small = (float(number) for number in drawn(dtype, "big", "small"))
    form = FORMATS[dtype]
    assert big > math.sqrt(form.largest)
    assert small < math.sqrt(2.0**form.smallest_exponent)
    assert big < form.largest
    assert small >= 2.0**form.smallest_exponent


def test_the_usual_edges_come_first() -> None:
    """±0, ±normal, ±1, ±largest, ±∞ and NaN, with their signs, then what is asked for."""
    found = drawn("float32", 2.5, "-big", usual=True)
    assert [0.0, -0.0] == list(found[:2])
    assert [False, True] == list(np.signbit(found[:2]))
    assert [math.inf, -math.inf] == list(found[8:10])
    assert math.isnan(found[10])
    assert 2.5 == found[11]
    assert found[12] < 0
    assert (13,) == found.shape == edges(2.5, "-big").dimensions


def test_an_unknown_edge_is_named() -> None:
    """With what is known, and what may have been meant."""
    with pytest.raises(CaseError, match=r"edges.'larges'.: expected a number, or one of .* Did you mean 'largest'"):
        edges("larges")
    with pytest.raises(CaseError, match="without the usual numbers"):
        edges(usual=False)


BACKEND = Backend(name="fake", target="tests.fakes:Honest", python="python", modes=("eager",), dtypes=("float32",))


def kinds_of(made: Case) -> set[str]:
    """Give the kinds of quantities that are planned of a case when all are asked for."""
    made.path = Path(__file__)
    chosen = {made.id: (made, tuple(made.samples))}
    tasks = tasks_of(chosen, [BACKEND], Wanted(quantities=tuple(KINDS)))
    return {quantity.kind for task in tasks for quantity in task.quantities}


@pytest.mark.parametrize(
    ("derivatives", "expected"),
    [
        (True, {*KINDS}),
        (False, {"value"}),
        (("vjp", "jvp"), {"value", "vjp", "jvp"}),
        (("vmap",), {"value", "vmap"}),
    ],
)
def test_a_case_says_which_derivatives_are_looked_at(derivatives: Any, expected: set[str]) -> None:
    """All of them, none, or some kinds; the value is always looked at."""

    @case(x=given([1.0]), derivatives=derivatives)
    def made(xp: Any, x: Any) -> Any:
        return x

    assert expected == kinds_of(made)


def test_an_unknown_kind_of_derivative_is_named() -> None:
    """With the case's file, what is known, and what may have been meant."""

    @case(x=given([1.0]), derivatives=("vpj",))
    def made(xp: Any, x: Any) -> Any:
        return x

    with pytest.raises(CaseError, match=r"test_edges.py.* made has derivatives=.* Did you mean 'vjp'"):
        kinds_of(made)
