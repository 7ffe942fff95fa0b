"""Steps, bits and families on the tape: exact at ties and far out, constant to derivatives, and strict in what they take."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.operations.formats import FORMATS
from harness.reference.arithmetic import UndecidedError
from harness.reference.balls import Balls
from harness.reference.evaluate import Computation, evaluate
from harness.reference.floats import Floats
from harness.reference.stochastic import Noisy
from harness.reference.tape import Tape

__all__: list[str] = []

NUMBERS = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, -0.75, 3.0, 2.0**53 + 2, -1e300])


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round"])
def test_steps_on_balls_are_numpys(name: str) -> None:
    """At halves, at whole numbers and where every number is whole, balls give what NumPy gives, exactly."""
    run = evaluate(
        Computation(lambda xp, x: getattr(xp, name)(x), {"x": NUMBERS}, "float64", (), 3), Balls("float64", 128)
    )
    expected = getattr(np, name)(NUMBERS)
    assert expected.tolist() == [float(ball) for ball in run.quantities["value"][..., 0]]
    assert all(ball.rad() == 0 for ball in run.quantities["value"][..., 0])


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round"])
def test_steps_keep_what_is_no_number(name: str) -> None:
    """A NaN stays one, on balls and on floats, and so do infinities and the sign of zero on floats."""
    given = np.array([np.nan, np.inf, -np.inf, -0.25])
    run = evaluate(Computation(lambda xp, x: getattr(xp, name)(x), {"x": given}, "float64", (), 3), Floats("float64"))
    assert np.array_equal(getattr(np, name)(given), run.quantities["value"][..., 0], equal_nan=True)
    balls = evaluate(
        Computation(lambda xp, x: getattr(xp, name)(x), {"x": given[:1]}, "float64", (), 3), Balls("float64", 128)
    )
    assert balls.quantities["value"][0, 0].is_nan()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_neighbours_are_those_of_the_dtype(dtype: str) -> None:
    """The number after 1 is 1 + ε and the one before 1 - ε/2, of the dtype and on balls as on noisy floats."""
    epsilon = 2.0 ** (1 - FORMATS[dtype].mantissa)
    given = {"a": np.array([1.0, 1.0, 1.0]), "b": np.array([4.0, -4.0, 1.0])}
    computation = Computation(lambda xp, a, b: xp.nextafter(a, b), given, dtype, (), 3)
    for arithmetic in (Balls(dtype, 128), Noisy(dtype, 3)):
        value = evaluate(computation, arithmetic).quantities["value"]
        assert [1 + epsilon, 1 - epsilon / 2, 1.0] == [float(number) for number in value[..., 0]]


def test_what_is_rounded_has_no_one_neighbour() -> None:
    """A third is no number of any dtype, so the number after it is not known."""
    computation = Computation(lambda xp, a: xp.nextafter(a / 3, a), {"a": np.ones(1)}, "float32", (), 3)
    with pytest.raises((TypeError, UndecidedError)):
        evaluate(computation, Balls("float32", 128))


def test_a_step_has_no_slope_and_a_remainder_has_one() -> None:
    """The derivative of ⌊x⌋ is 0; that of the remainder is 1 by a and -⌊a/b⌋ by b."""
    tape = Tape(Balls("float64", 128))
    a, b = (tape.variable(tape.arithmetic.lift(np.asarray(number), "float64")) for number in (7.25, -2.0))
    one = tape.arithmetic.lift(np.ones(()), "")
    found = [dual.value[0] for dual in tape.gradients([tape.xp.floor(a), tape.xp.remainder(a, b)], [one, one], [a, b])]
    assert [1.0, 4.0] == [float(ball) for ball in found]


@pytest.mark.parametrize("name", ["bitwise_and", "bitwise_left_shift"])
def test_bits_of_floats_are_refused(name: str) -> None:
    """Only integers and booleans have bits."""
    tape = Tape(Balls("float64", 128))
    with pytest.raises(TypeError, match=rf"xp\.{name} expected integers or booleans, got float64"):
        getattr(tape.xp, name)(tape.constant(np.ones(2)), tape.constant(np.ones(2, dtype=np.int64)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((np.ones(2), np.ones(2)), "expected Python numbers before its last"), ((2.5, np.ones(2, int)), "floating-point")],
)
def test_a_family_takes_numbers_and_then_an_array(arguments: tuple[Any, ...], message: str) -> None:
    """Parameters of a family are Python numbers, and its variable is a floating-point array."""
    tape = Tape(Balls("float64", 128))
    with pytest.raises(TypeError, match=message):
        tape.xp.special.gammainc(*arguments)
