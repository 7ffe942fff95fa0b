"""Every hand-written pullback, held against the tangents, which are written apart from it; and values against NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from flint import arb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.adapters.numpy import NumpyAdapter
from harness.operations.calls import calls_of
from harness.operations.operation import PRIMITIVE
from harness.operations.table import OPERATIONS
from harness.reference.primitives import PRIMITIVES
from tests.drawing import Drawn
from tests.reference.runs import contraction, exact, integers, middles, on_balls, on_floats, overlap

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = tuple[Callable[..., Any], list[Any]]

__all__: list[str] = []

WITHOUT_DERIVATIVE = {
    *("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"),
    *("logical_and", "logical_or", "logical_xor", "logical_not", "sign", "argmax", "argmin", "argsort"),
    *("floor", "ceil", "trunc", "round", "floor_divide", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_invert"),
    *("bitwise_left_shift", "bitwise_right_shift", "nextafter"),
    # These make arrays.
    *("zeros", "ones", "full", "zeros_like", "ones_like", "full_like", "arange", "eye", "asarray", "linspace"),
    # test_complexes.py has those of complex numbers.
    *("real", "imag", "conj"),
    # test_tape.py shows that a cast carries derivatives.
    "astype",
}

LINEAR = [
    "add",
    "subtract",
    "negative",
    "positive",
    "where",
    "sum",
    "cumulative_sum",
    "getitem",
    "take",
    "reshape",
    "permute_dims",
    "matrix_transpose",
    "moveaxis",
    "expand_dims",
    "squeeze",
    "broadcast_to",
    "concat",
    "stack",
    "flip",
    "roll",
    "tril",
    "triu",
    "linalg.trace",
    "linalg.diagonal",
    "diff",
    "rot90",
    "diag",
    "tile",
    "repeat",
    "take_along_axis",
]
"""Linear maps of floating-point arrays."""

EXACT = [*LINEAR, *["maximum", "minimum", "max", "min", "abs", "clip", "sort", "multiply", "square", "prod", "matmul", "tensordot", "vecdot", "linalg.outer", "kron"]]  # fmt: skip
"""Everything that is exact on small integers; selections come with ties."""

ROUNDED = [
    "divide",
    "mean",
    "var",
    "linalg.vector_norm",
    "pow",
    "atan2",
    "remainder",
    "linalg.solve",
    "linalg.det",
    "linalg.eigh",
    "linalg.expm",
    "linalg.inv",
]
"""What is not."""

ENCLOSED = [
    f"special.{name}" for name in ["gammainc", "gammaincc", "betainc", "zeta", "polygamma", "expn", "hyp1f1", "hyp2f1"]
]
"""What only Arb evaluates: NumPy has none of them."""


@st.composite
def drawn(draw: st.DrawFn, name: str) -> Call:
    """Draw a call of the catalogue, on small whole numbers; as `function(xp, *arrays)`, of one result of several."""
    found = draw(st.sampled_from(calls_of(name))).made(name, Drawn(draw, 0.125 if name in ENCLOSED else 1.0))
    place = draw(st.integers(0, 1)) if name == "linalg.eigh" else None
    return (lambda xp, *arrays: found(xp, *arrays) if place is None else found(xp, *arrays)[place]), [*found.arrays]


few = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def directions(arrays: list[Any], seed: int) -> list[Any]:
    generator = np.random.Generator(np.random.PCG64(seed))
    return [integers(generator, np.shape(array)) for array in arrays]


def cotangent_for(function: Any, arrays: list[Any], seed: int) -> Any:
    shape = on_balls(function, arrays).value.shape[:-1]
    return integers(np.random.Generator(np.random.PCG64(seed + 1)), shape)


def check_adjoint(call: Call, seed: int) -> None:
    """Check ⟨J v, w⟩ = ⟨v, Jᵀ w⟩."""
    function, arrays = call
    tangents, weight = directions(arrays, seed), cotangent_for(function, arrays, seed)
    forward = on_balls(function, arrays, tangents=tangents)
    backward = on_balls(function, arrays, cotangent=weight)
    floating = [tangent for tangent, array in zip(tangents, arrays, strict=True) if array.dtype.kind == "f"]
    pushed = contraction(forward.tangent, weight)
    pulled = sum((contraction(g, v) for g, v in zip(backward.gradients, floating, strict=True)), arb(0))
    assert pushed.is_finite()
    assert pushed.overlaps(pulled), f"⟨J v, w⟩ is {pushed}, ⟨v, Jᵀ w⟩ is {pulled}"
    for gradient, array in zip(backward.gradients, [a for a in arrays if a.dtype.kind == "f"], strict=True):
        assert (*array.shape, 1) == gradient.shape


def test_every_differentiable_primitive_is_tested() -> None:
    """Each primitive with a derivative is called at random in this file."""
    tested = {name.rpartition(".")[2] for name in (*EXACT, *ROUNDED, *ENCLOSED)}
    assert set() == set(PRIMITIVES) - tested - WITHOUT_DERIVATIVE


def test_rows_and_primitives_belong_together() -> None:
    """Every row that names a primitive has one of its last word, and every primitive but indexing is a row."""
    rows = {name.rpartition(".")[2] for name, row in OPERATIONS.items() if row.meaning is PRIMITIVE}
    assert rows == set(PRIMITIVES) - {"getitem"}


@pytest.mark.parametrize("name", [*EXACT, *ROUNDED, *ENCLOSED])
@few
@given(data=st.data(), seed=st.integers(0, 999))
def test_pullbacks_are_transposes_of_tangents(name: str, data: st.DataObject, seed: int) -> None:
    """⟨J v, w⟩ = ⟨v, Jᵀ w⟩: the reverse sweep is the transpose of the forward tangents, in every shape and on every axis."""
    check_adjoint(data.draw(drawn(name)), seed)


@pytest.mark.parametrize("name", LINEAR)
@few
@given(data=st.data(), seed=st.integers(0, 999))
def test_the_tangent_of_a_linear_map_is_the_map_of_the_tangent(name: str, data: st.DataObject, seed: int) -> None:
    """A linear map does to a tangent what it does to a value, so that both sides of the transpose are right."""
    function, arrays = data.draw(drawn(name))
    tangents = directions(arrays, seed)
    moved = [v if array.dtype.kind == "f" else array for v, array in zip(tangents, arrays, strict=True)]
    expected = middles(on_balls(function, moved).value)
    tangent = on_balls(function, arrays, tangents=tangents).tangent
    assert exact(tangent)
    assert np.array_equal(expected, middles(tangent))


@pytest.mark.parametrize("name", EXACT)
@few
@given(data=st.data())
def test_values_on_integers_are_numpys(name: str, data: st.DataObject) -> None:
    """On small integers, balls and float64 both give exactly what NumPy's function of that name gives."""
    function, arrays = data.draw(drawn(name))
    expected = np.asarray(function(NumpyAdapter().namespace(), *arrays))
    balls, floats = on_balls(function, arrays).value, on_floats(function, arrays).value
    assert (*expected.shape, 1) == balls.shape == floats.shape
    assert exact(balls)
    assert np.array_equal(expected, middles(balls))
    assert np.float64 == floats.dtype
    assert np.array_equal(expected, floats[..., 0])


@pytest.mark.parametrize("name", [*EXACT, *ROUNDED])
@few
@given(data=st.data(), seed=st.integers(0, 999))
def test_floats_sweep_as_balls_do(name: str, data: st.DataObject, seed: int) -> None:
    """NumPy's gradients have the shape, dtype and, on small integers, the very numbers of the proved ones."""
    function, arrays = data.draw(drawn(name))
    weight = cotangent_for(function, arrays, seed)
    proved, plain = on_balls(function, arrays, cotangent=weight), on_floats(function, arrays, cotangent=weight)
    for ball, number in zip(proved.gradients, plain.gradients, strict=True):
        assert ball.shape == number.shape
        assert np.float64 == number.dtype
        if name in EXACT:
            assert np.array_equal(middles(ball), number[..., 0])


@few
@given(data=st.data(), seed=st.integers(0, 999))
def test_both_sides_of_a_tie_sum_to_the_cotangent(data: st.DataObject, seed: int) -> None:
    """max(a, b) + min(a, b) is a + b, so its gradient is the cotangent for each, whatever is taken at ties."""
    shape = data.draw(st.sampled_from([(), (3,), (2, 1)]))
    generator = np.random.Generator(np.random.PCG64(seed))
    arrays = [integers(generator, shape, 0, 2) for _ in range(2)]
    weight = integers(generator, shape)
    for tie in (0.0, 0.25, 0.5, 1.0):
        found = on_balls(lambda xp, a, b: xp.maximum(a, b) + xp.minimum(a, b), arrays, cotangent=weight, tie=tie)
        for gradient in found.gradients:
            assert np.array_equal(weight, middles(gradient))


@few
@given(seed=st.integers(0, 999))
def test_the_reverse_of_the_forward_is_the_second_derivative(seed: int) -> None:
    """The tangent of the sweep of xᵀ A x is (A + Aᵀ) v, exactly."""
    generator = np.random.Generator(np.random.PCG64(seed))
    matrix, x, v = integers(generator, (3, 3)), integers(generator, (3,)), integers(generator, (3,))
    found = on_balls(lambda xp, x, a: x @ (a @ x), [x, matrix], tangents=[v, np.zeros((3, 3))])
    assert exact(found.seconds[0])
    assert np.array_equal((matrix + matrix.T) @ v, middles(found.seconds[0]))


def _softmax_hessian(x: Any, v: Any) -> Any:
    """Give (diag(p) - p pᵀ) v on balls, p = softmax(x): the Hessian of logsumexp."""
    weights = [arb(float(number)).exp() for number in x]
    p = [weight / sum(weights, arb(0)) for weight in weights]
    mean = sum((a * float(b) for a, b in zip(p, v, strict=True)), arb(0))
    return np.array([[a * (float(b) - mean)] for a, b in zip(p, v, strict=True)])


SECOND: dict[str, tuple[Callable[..., Any], Callable[[Any], Any]]] = {
    "x eˣ": (lambda xp, x: xp.sum(x * xp.exp(x)), lambda x: (x + 2) * x.exp()),
    "x⁴": (lambda xp, x: xp.sum(x**4), lambda x: 12 * x * x),
    "x^2.5": (lambda xp, x: xp.sum(x**2.5), lambda x: x.sqrt() * 15 / 4),
    "1/x": (lambda xp, x: xp.sum(1 / x), lambda x: 2 / (x * x * x)),
    "tanh x": (lambda xp, x: xp.sum(xp.tanh(x)), lambda x: -2 * x.tanh() * (1 - x.tanh() ** 2)),
    "ln Γ(x)": (lambda xp, x: xp.sum(xp.special.lgamma(x)), lambda x: arb(2).zeta(x)),
    "max(x², x³)": (lambda xp, x: xp.sum(xp.maximum(x * x, x * x * x)), lambda x: 6 * x if x > 1 else arb(2)),
    "where(x > 1, √x, x²)": (
        lambda xp, x: xp.sum(xp.where(x > 1, xp.sqrt(x), x * x)),
        lambda x: -1 / (4 * x * x.sqrt()) if x > 1 else arb(2),
    ),
}
"""Sums of functions of one variable, with the second derivative."""


@pytest.mark.parametrize("name", SECOND)
@few
@given(x=st.floats(0.125, 8.0).filter(lambda x: x != 1), v=st.integers(-4, 4))
def test_the_tangent_of_the_sweep_is_the_hvp(name: str, x: float, v: int) -> None:
    """The ε-part of the reverse sweep encloses f″(x) v, by a known formula."""
    function, second = SECOND[name]
    found = on_balls(function, [np.array([x])], tangents=[np.array([float(v)])]).seconds[0]
    assert overlap(np.array([[second(arb(x)) * v]]), found)


@few
@given(seed=st.integers(0, 999))
def test_the_hvp_of_logsumexp_is_the_covariance_of_softmax(seed: int) -> None:
    """Also where the tangent runs through max, exp, sum and log, the sweep's tangent encloses the known Hessian."""
    generator = np.random.Generator(np.random.PCG64(seed))
    x, v = generator.permutation(7)[:4].astype(float), integers(generator, (4,))
    found = on_balls(lambda xp, x: xp.special.logsumexp(x), [x], tangents=[v])
    assert overlap(_softmax_hessian(x, v), found.seconds[0])
