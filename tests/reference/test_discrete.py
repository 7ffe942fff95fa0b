"""Integers and booleans where rounding decides: both sides are found, and nothing where it does not decide."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness import case, given
from harness.judge.agreement import judge
from harness.model import Array, Check, Observation, Outcome, Reference, Truth, Verdict
from harness.operations.formats import nearest
from harness.reference.discrete import Rounding, joined
from harness.reference.handler import Referee, refer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__: list[str] = []

SEED = 5


def _nearly_one(xp: Any, x: Any) -> Any:
    return xp.special.expit(x)


def both(function: Callable[..., Any], at: Any, dtype: str = "float32") -> tuple[np.ndarray[Any, Any], Any]:
    """Give the exact result of a function of one array, and its others."""

    @case(x=given([1.0]))
    def made(xp: Any, x: Any) -> Any:
        """A function."""
        return function(xp, x)

    proof, _, _ = refer(made, {}, {"x": np.asarray(at, dtype=dtype)}, dtype, (), SEED)
    proved = proof.quantities["value"]
    assert proved.exact is not None
    return proved.exact, proved.others


def verdict(function: Callable[..., Any], at: Any, answer: Any, dtype: str = "float32") -> Verdict | None:
    """Judge an integer answer."""
    exact, others = both(function, at, dtype)
    truth = Truth(exact=Array.of(exact), others=None if others is None else Array.of(others))
    reference = Reference(id="r", case="c", sample="s", dtype=dtype, kind="proved", quantities={"value": truth})
    check = Check("c", "s", "fake", "eager", dtype, "cpu", "value")
    value = Array.of(np.asarray(answer, dtype=exact.dtype))
    return judge(Observation(id="o", check=check, outcome=Outcome.COMPLETED, value=value), reference).verdict


@pytest.mark.parametrize(
    ("function", "at", "right", "wrong"),
    [
        (lambda xp, x: xp.argmax(_nearly_one(xp, x)), [20.0, 21.0, 3.0], [1, 0], [2]),
        (lambda xp, x: xp.argsort(_nearly_one(xp, x)), [20.0, 21.0, 3.0], [[2, 0, 1], [2, 1, 0]], [[0, 1, 2]]),
        (lambda xp, x: _nearly_one(xp, x) < 1, [20.0, 3.0], [[True, True], [False, True]], [[True, False]]),
        (lambda xp, x: x[0] * x[1] > 1, [1.0 + 2.0**-23, 1.0 - 2.0**-24], [True, False], []),
        (lambda xp, x: x * 0.1 * 10 == x, [3.0], [[True], [False]], []),
        (lambda xp, x: xp.astype(xp.floor(x / 0.1), xp.int64), [0.7, 0.65], [[6, 6], [7, 6]], [[6, 7], [5, 6]]),
    ],
)
def test_where_rounding_decides_both_are_right(
    function: Callable[..., Any], at: Any, right: list[Any], wrong: list[Any]
) -> None:
    """Saturated logits, a product beside 1 and a quotient beside a whole number: either side agrees, a third does not."""
    assert [Verdict.AGREES] * len(right) == [verdict(function, at, answer) for answer in right]
    assert [Verdict.DISAGREES] * len(wrong) == [verdict(function, at, answer) for answer in wrong]


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (lambda xp, x: xp.argmax(x), [20.0, 21.0, 21.0]),
        (lambda xp, x: xp.argsort(x), [3.0, 1.0, 1.0]),
        (lambda xp, x: xp.argsort(_nearly_one(xp, x)), [2.0, 1.0, 3.0]),
        (lambda xp, x: x > 1, [1.0, 1.0 + 2.0**-23]),
        (lambda xp, x: x + x == 2 * x, [0.5, 3.0]),
    ],
)
def test_where_rounding_does_not_decide_one_is_right(function: Callable[..., Any], at: Any) -> None:
    """Inputs are exact and so is what is made of them without rounding: nothing else is accepted."""
    assert both(function, at)[1] is None


def test_float64_is_not_made_coarser() -> None:
    """expit(20) is less than 1 in float64, and expit(40) may be 1."""
    assert both(lambda xp, x: _nearly_one(xp, x) < 1, [20.0], "float64")[1] is None
    assert [[False]] == both(lambda xp, x: _nearly_one(xp, x) < 1, [40.0], "float64")[1].tolist()
    assert both(lambda xp, x: xp.argmax(_nearly_one(xp, x)), [20.0, 21.0], "float64")[1] is None


def test_runs_that_split_over_a_branch_go_one_by_one() -> None:
    """Where rounding decides which branch is taken, the results of both are right."""

    def function(xp: Any, x: Any) -> Any:
        return xp.argmax(x) if _nearly_one(xp, x[0]) < 1 else xp.argmin(x)

    exact, others = both(function, [20.0, 21.0, 3.0])
    assert (1, [2]) == (int(exact), others.tolist())


def test_the_program_that_rounds_to_the_nearest_is_among_them() -> None:
    """Sixty-four roundings in a row that noise does not repeat: what IEEE 754 makes of them is right."""

    def function(xp: Any, x: Any) -> Any:
        found = x
        for _ in range(64):
            found = found * 1.1
        return found == expected

    expected = np.float32(0.7)
    for _ in range(64):
        expected = np.float32(expected * np.float32(1.1))
    assert [[True]] == both(function, [0.7])[1].tolist()


def test_programs_of_a_case_have_their_say() -> None:
    """What another program of the case gives where rounding decides is right too."""

    @case(x=given([3.0]))
    def made(xp: Any, x: Any) -> Any:
        """Whether x is x, which it is."""
        return x == xp.abs(x)

    arrays = {"x": np.array([3.0], dtype=np.float32)}
    assert refer(made, {}, arrays, "float32", (), SEED)[0].quantities["value"].others is None

    @made.program
    def _by_logarithms(xp: Any, x: Any) -> Any:
        return xp.abs(xp.exp(xp.log(x)) - x) < 1e-7

    others = refer(made, {}, arrays, "float32", (), SEED)[0].quantities["value"].others
    assert others is not None
    assert [[False]] == others.tolist()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_numbers_are_of_the_dtype(dtype: str) -> None:
    """Every result is a number of the dtype, within two units of the exact one, and not always the same."""
    rounding = Rounding(dtype, SEED)
    exact = np.array([[1.0 / 3.0], [1e-3], [7.7]])
    found = rounding.perturb(exact, 1.0, dtype)
    assert (nearest(found, dtype).astype(np.float64) == found).all()
    assert (np.ptp(found, axis=-1) > 0).all()
    assert (np.abs(found / exact - 1) <= 2.0 ** {"float16": -10, "bfloat16": -7, "float32": -23}[dtype]).all()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize("word", ["add", "subtract", "multiply", "divide"])
def test_what_needs_no_rounding_is_exact(dtype: str, word: str) -> None:
    """A sum, product or quotient that the dtype holds is what IEEE 754 says; one that it does not hold varies."""
    rounding = Rounding(dtype, SEED)
    found = getattr(rounding, word)(np.array([[3.0]]), np.array([[0.5]]), dtype)
    assert (found == {"add": 3.5, "subtract": 2.5, "multiply": 1.5, "divide": 6.0}[word]).all()
    # In float64 what varies is what rounding it twice makes of it, which may be nothing.
    inexact = getattr(rounding, word)(np.array([[1.75 / 3.0]]), np.array([[1.9 / 7.0]]), dtype)
    assert "float64" == dtype or np.ptp(inexact) > 0


def test_others_are_told_apart_element_by_element() -> None:
    """Each value that differs from the exact one is kept once; the exact one fills the rows; equal ones are left out."""
    exact = {"a": np.array([1, 5]), "b": np.array([True]), "c": np.array([0])}
    seen = {"a": [np.array([[3, 5], [2, 5], [3, 4], [1, 5]])], "b": [np.array([[True], [True]])]}
    found = joined(exact, seen)
    assert ["a"] == [*found]
    assert [[2, 4], [3, 5]] == found["a"].tolist()
    assert operator.eq(found["a"].dtype, exact["a"].dtype)


def test_a_worker_sends_the_others(tmp_path: Path) -> None:
    """The reply names the field `others` where rounding decides, and does not elsewhere."""
    path = tmp_path / "made.py"
    path.write_text(
        "from harness import case, given\n\n\n"
        "@case(x=given([1.0]))\ndef made(xp, x):\n"
        '    """Twice."""\n    return xp.special.expit(x) < 1, x < 1\n',
        encoding="utf-8",
    )
    header: dict[str, Any] = {
        "case": {"path": str(path), "name": "made", "area": "made"},
        "parameters": {},
        "names": ["x"],
    }
    header |= {"dtype": "float32", "differentiate": [], "seed": SEED, "kinds": ["value"]}
    ((reply, _),) = Referee().handle(header, [np.array([20.0], dtype=np.float32)])
    assert [("value:0", "exact"), ("value:0", "others"), ("value:1", "exact")] == reply["fields"]
