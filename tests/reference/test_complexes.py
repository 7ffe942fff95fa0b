"""Complex numbers on the tape: values against NumPy, and derivatives that are adjoints of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.collect.directions import cotangent, tangent
from harness.reference.balls import Balls
from harness.reference.budgeting import budget
from harness.reference.evaluate import Computation, evaluate
from harness.reference.floats import Floats
from harness.reference.proving import prove

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

SEED = 11
KINDS = ("value", "vjp", "jvp", "hvp")
A = np.array([1 + 2j, -0.5 + 1j, 2 - 0.25j])
B = np.array([3 - 1j, 2j, 0.5 + 0.5j])
X = np.array([2.0, -3.0, 0.5])
M = np.array([[1 + 1j, 2, 0.5j], [0, -1j, 3 - 1j]])

Function = "Callable[..., Any]"

FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any], list[Any]]] = {
    "add": (lambda xp, a, b: a + b, lambda a, b: a + b, [A, B]),
    "subtract": (lambda xp, a, b: 2j - a - b, lambda a, b: 2j - a - b, [A, B]),
    "multiply": (lambda xp, a, b: a * b, lambda a, b: a * b, [A, B]),
    "divide": (lambda xp, a, b: a / b, lambda a, b: a / b, [A, B]),
    "power": (lambda xp, a: a**3 + a**-1, lambda a: a**3 + a**-1.0, [A]),
    "exp": (lambda xp, a: xp.exp(a), np.exp, [A]),
    "log": (lambda xp, a: xp.log(a), np.log, [A]),
    "sqrt": (lambda xp, a: xp.sqrt(a), np.sqrt, [A]),
    "abs": (lambda xp, a: xp.abs(a), np.abs, [A]),
    "angle": (lambda xp, a: xp.angle(a), np.angle, [A]),
    "real": (lambda xp, a: xp.real(a) * xp.real(a), lambda a: a.real**2, [A]),
    "imag": (lambda xp, a: xp.imag(a) * xp.real(a), lambda a: a.imag * a.real, [A]),
    "conj": (lambda xp, a, b: xp.conj(a) * b, lambda a, b: np.conj(a) * b, [A, B]),
    "sum": (lambda xp, a, b: xp.sum(a) * xp.mean(b), lambda a, b: np.sum(a) * np.mean(b), [A, B]),
    "cumulative_sum": (lambda xp, a: xp.cumulative_sum(a), np.cumsum, [A]),
    "matmul": (lambda xp, m, b: m @ b, lambda m, b: m @ b, [M, B]),
    "mixed": (lambda xp, a, x: a * x + x, lambda a, x: a * x + x, [A, X]),
    "moved": (lambda xp, m: xp.reshape(m, (-1,))[1:3] * m[0, 0], lambda m: m.reshape(-1)[1:3] * m[0, 0], [M]),
    "where": (lambda xp, a, x: xp.where(x > 0, a, x), lambda a, x: np.where(x > 0, a, x), [A, X]),
}


def _inputs(arrays: list[Any]) -> dict[str, Any]:
    return {f"x{number}": array for number, array in enumerate(arrays)}


def _inner(a: Any, b: Any) -> float:
    """Give Re Σ conj(a) b, the real inner product."""
    return float(np.sum(np.real(np.conj(a) * b)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_enclosures_hold_what_numpy_computes(name: str) -> None:
    """A complex value is a row of its two parts; NumPy's own result lies within the budget of its dtype."""
    function, own, arrays = FUNCTIONS[name]
    proof = prove(Computation(function, _inputs(arrays), "complex128", (), SEED))
    sigmas, notes = budget(Computation(function, _inputs(arrays), "complex128", (), SEED), proof)
    expected = np.asarray(own(*arrays))
    assert (expected.dtype.kind == "c") == (proof.quantities["value"].is_complex)
    if expected.dtype.kind == "c":
        expected = np.stack([expected.real, expected.imag], axis=-1)
    found = proof.enclosures["value"]
    assert expected.shape == found.high.shape
    allowed = np.maximum(sigmas["value"], np.spacing(np.abs(expected)))
    assert (np.abs(expected - found.high) <= 8 * allowed).all()
    assert [] == notes == proof.problems


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("made", [Floats, lambda dtype: Balls(dtype, 100)], ids=["floats", "balls"])
def test_the_vjp_is_the_adjoint_of_the_jvp(name: str, made: Callable[[str], Any]) -> None:
    """Re⟨w, J v⟩ = Re⟨Jᴴ w, v⟩: the reverse sweep is the adjoint of the tangents, for every function of complex numbers."""
    function, own, arrays = FUNCTIONS[name]
    inputs = _inputs(arrays)
    run = evaluate(Computation(function, inputs, "complex128", tuple(inputs), SEED, KINDS), made("complex128"))

    def joined(quantity: str) -> Any:
        component = run.quantities[quantity][..., 0]
        numbers = np.asarray(np.frompyfunc(float, 1, 1)(component), dtype=np.float64)
        return numbers[..., 0] + 1j * numbers[..., 1] if run.dtypes[quantity].startswith("complex") else numbers

    output = np.asarray(own(*arrays))
    weight = cotangent(SEED, 0, output.shape, output.dtype.name)
    forward = _inner(weight, joined("jvp"))
    directions = {key: tangent(SEED, key, array.shape, array.dtype.name) for key, array in inputs.items()}
    backward = sum(_inner(joined(f"vjp:{key}"), direction) for key, direction in directions.items())
    scale = sum(np.sum(np.abs(joined(f"vjp:{key}")) * np.abs(direction)) for key, direction in directions.items())
    assert abs(forward - backward) <= 2.0**-44 * float(scale)
    for key, array in inputs.items():
        assert run.dtypes[f"vjp:{key}"] == run.dtypes[f"hvp:{key}"] == array.dtype.name


def test_the_gradient_of_a_real_function_points_uphill() -> None:
    """|z|² has the gradient 2z, not its conjugate, times the cotangent."""
    run = evaluate(
        Computation(lambda xp, z: xp.real(xp.conj(z) * z), {"z": A}, "complex128", ("z",), SEED), Floats("complex128")
    )
    weight = cotangent(SEED, 0, A.shape)
    expected = 2 * weight * A
    assert expected.real.tolist() == run.quantities["vjp:z"][..., 0, 0].tolist()
    assert expected.imag.tolist() == run.quantities["vjp:z"][..., 1, 0].tolist()


def test_every_number_of_the_disc_is_a_gradient_of_the_size_at_zero() -> None:
    """The hull of the limits of z / |z| reaches from below -0.9 to above 0.9 times the cotangent in both parts."""
    proof = prove(Computation(lambda xp, z: xp.abs(z), {"z": np.array([0j, 3 + 4j])}, "complex128", ("z",), SEED))
    low, high = proof.kinks["vjp:z"].inner
    weight = abs(cotangent(SEED, 0, (2,)))
    assert (low[0] < -0.9 * weight[0]).all()
    assert (high[0] > 0.9 * weight[0]).all()
    assert low[1].tolist() == high[1].tolist()


def test_a_budget_accounts_for_both_parts() -> None:
    """Of a product the error is relative to the whole number; of a sum, to each part."""
    arrays = {"a": np.array([1.5 + 2.0**-20 * 1j], np.complex64), "b": np.array([1.25 + 0j], np.complex64)}
    proof = prove(Computation(lambda xp, a, b: (a * b, a + b), arrays, "complex64", (), SEED))
    sigmas, _ = budget(Computation(lambda xp, a, b: (a * b, a + b), arrays, "complex64", (), SEED), proof)
    product, total = sigmas["value:0"][0], sigmas["value:1"][0]
    assert product[1] > 2.0**-26
    assert total[1] < 2.0**-40


def test_what_takes_no_complex_numbers_says_so() -> None:
    """A complex number has no order, and loses its imaginary part only where that is asked for."""
    from harness.reference.tape import Tape

    tape = Tape(Floats("complex128"))
    z = tape.input(A)
    with pytest.raises(TypeError, match=r"take xp.real or xp.imag of it first"):
        tape.xp.astype(z, "float64")
    with pytest.raises(TypeError, match="expected complex numbers, got float64"):
        tape.xp.imag(tape.input(X))
    assert X.tolist() == tape.xp.real(tape.input(X)).dual.value[..., 0].tolist()
