"""The budget: what stands beside a special, and sums in any order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.collect.directions import cotangent
from harness.reference.budgeting import budget
from harness.reference.evaluate import Computation
from harness.reference.proving import prove

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

SEED = 5


@pytest.mark.parametrize("special", [math.nan, math.inf, -math.inf])
def test_specials_beside_numbers_do_not_disturb_them(special: float) -> None:
    """Elements next to a NaN or an infinity keep their proof, and a budget that is finite."""
    arrays = {"a": np.array([0.5, special, 2.0], dtype=np.float32)}

    def function(xp: Any, x: Any) -> Any:
        return xp.exp(x) * x

    found = prove(Computation(function, arrays, "float32", ("a",), SEED))
    sigmas, _ = budget(Computation(function, arrays, "float32", ("a",), SEED), found)
    for quantity in ("value", "vjp:a"):
        assert np.isfinite(found.enclosures[quantity].high[[0, 2]]).all()
        assert (found.enclosures[quantity].radius[[0, 2]] < 2.0**-60).all()
        assert np.isfinite(sigmas[quantity][[0, 2]]).all()


# Sums: every order is legal.

ORDERS = ("in order", "in reverse", "in pairs")


def add_up(terms: Any, order: str) -> Any:
    """Add float32 terms along the first axis."""
    terms = terms[::-1] if order == "in reverse" else terms
    if order != "in pairs":
        return np.add.accumulate(terms, axis=0, dtype=np.float32)[-1]
    while len(terms) > 1:
        rest = terms[len(terms) // 2 * 2 :]
        terms = np.concatenate([terms[:-1:2] + terms[1::2], rest])
    return terms[0]


def largest_z(function: Callable[..., Any], arrays: dict[str, Any], quantity: str, observed: Any) -> float:
    """Return the largest z of what a program of float32 returned."""
    asked = Computation(function, arrays, "float32", tuple(arrays), SEED)
    proof = prove(asked)
    truth = proof.enclosures[quantity]
    sigma = np.maximum(budget(asked, proof)[0][quantity], np.spacing(np.abs(truth.high).astype(np.float32)) / 12**0.5)
    return float(np.max(np.abs(observed.astype(np.float64) - truth.high) / sigma))


def positive(*shape: int) -> Any:
    return np.random.default_rng(len(shape)).uniform(0.5, 1.5, shape).astype(np.float32)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("terms", [100, 1000])
def test_sums_of_one_sign_may_be_added_in_any_order(order: str, terms: int) -> None:
    """Positive terms added one after the other, backward or pairwise are a healthy sum; one that is lost is not."""
    x = positive(terms, 16)

    def function(xp: Any, a: Any) -> Any:
        return xp.sum(a, axis=0)

    healthy = add_up(x, order)
    assert largest_z(function, {"a": x}, "value", healthy) < 8
    assert largest_z(function, {"a": x}, "value", healthy - x[0]) > 8


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("inner", [128, 512])
def test_inner_products_of_one_sign_may_be_added_in_any_order(order: str, inner: int) -> None:
    """a @ b of numbers from 0.5 to 1.5 is healthy in every order; half the precision of its products is not."""
    a, b = positive(24, inner), positive(inner, 24)

    def function(xp: Any, a: Any, b: Any) -> Any:
        return xp.matmul(a, b)

    products = a.T[:, :, None] * b[:, None, :]
    assert largest_z(function, {"a": a, "b": b}, "value", add_up(products, order)) < 8
    short = (a.astype(np.float16).astype(np.float32).T[:, :, None] * b[:, None, :]) * np.float32(1 + 2.0**-12)
    assert largest_z(function, {"a": a, "b": b}, "value", add_up(short, order)) > 8


@pytest.mark.parametrize("order", ORDERS)
def test_convolutions_of_one_sign_may_be_added_in_any_order(order: str) -> None:
    """Windows of 16 x 3 x 3 positive numbers are 144 products, which may be added in any order."""
    x, kernel = positive(1, 16, 8, 8), positive(4, 16, 3, 3)
    windows = np.lib.stride_tricks.sliding_window_view(x[0], (3, 3), axis=(1, 2))
    products = np.stack([windows * weights[:, None, None] for weights in kernel])
    terms = products.transpose(1, 4, 5, 0, 2, 3).reshape(144, 4, 6, 6)

    def function(xp: Any, x: Any, k: Any) -> Any:
        return xp.nn.conv2d(x, k)

    assert largest_z(function, {"a": x, "b": kernel}, "value", add_up(terms, order)[None]) < 8


@pytest.mark.parametrize("order", ORDERS)
def test_a_gradient_over_a_batch_may_be_added_in_any_order(order: str) -> None:
    """The gradient of mean(relu(x W + b)) sums 256 rows of one sign where x is positive."""
    x, w, b = positive(256, 8), positive(8, 16) - np.float32(0.75), positive(16)
    weight = np.float32(cotangent(SEED, 0, ()))
    active = (x @ w + b > 0).astype(np.float32) * (weight / np.float32(256 * 16))
    gradient = add_up(x[:, :, None] * active[:, None, :], order)

    def function(xp: Any, x: Any, w: Any, b: Any) -> Any:
        return xp.mean(xp.nn.relu(xp.matmul(x, w) + b))

    assert largest_z(function, {"x": x, "w": w, "b": b}, "vjp:w", gradient) < 8


def test_prefixes_of_one_sign_may_be_added_in_order() -> None:
    """A cumulative sum of positive numbers is healthy when each prefix is the last one and a term."""
    x = positive(2000)
    observed = np.add.accumulate(x, dtype=np.float32)
    assert largest_z(lambda xp, a: xp.cumulative_sum(a), {"a": x}, "value", observed) < 8


def test_sums_of_both_signs_keep_their_budget() -> None:
    """Where terms cancel, √n √Σv² is more than any order loses, and σ is what it was: √(n/3) u beside terms of 1."""
    x = np.where(np.arange(256) % 2, -1.0, 1.0).astype(np.float32)
    asked = Computation(lambda xp, a: xp.sum(a), {"a": x}, "float32", (), SEED)
    sigma = float(budget(asked, prove(asked))[0]["value"])
    assert sigma == pytest.approx(256 * 2.0**-24 / 3**0.5, rel=0.4)


# float64: noise that is too large to be linear.


def largest_z64(function: Callable[..., Any], arrays: dict[str, Any], observed: Any) -> tuple[float, list[str]]:
    """Return the largest z of what a program of float64 returned, and what is said of the budget."""
    asked = Computation(function, arrays, "float64", (), SEED)
    proof = prove(asked)
    truth = proof.enclosures["value"]
    sigmas, notes = budget(asked, proof)
    sigma = np.maximum(sigmas["value"], np.spacing(np.abs(truth.high)) / 12**0.5)
    return float(np.max(np.abs(observed - truth.high) / sigma)), notes


_NOT_LINEAR = ["in value, the effect of rounding is not linear; the budget is that of noise little above it"]


def test_a_chaotic_map_in_float64() -> None:
    """60 steps of the logistic map at r = 3.9 magnify rounding a trillion times: the orbit in float64 is healthy."""

    def orbit(xp: Any, x: Any) -> Any:
        for _ in range(60):
            x = 3.9 * x * (1 - x)
        return x

    x = np.array(0.3)
    z, notes = largest_z64(orbit, {"a": x}, orbit(np, x))
    assert _NOT_LINEAR == notes
    assert z < 8
    assert largest_z64(orbit, {"a": x}, orbit(np, x + 1e-12))[0] > 8


def test_an_ill_conditioned_system_in_float64() -> None:
    """LAPACK's solution with the Hilbert matrix of 8 rows, whose condition is 10¹⁰, is healthy; one of float32 is not."""
    hilbert = np.array([[1 / (row + column + 1) for column in range(8)] for row in range(8)])
    right = np.ones(8)
    arrays = {"a": hilbert, "b": right}
    solution = np.linalg.solve(hilbert, right)
    z, notes = largest_z64(lambda xp, a, b: xp.linalg.solve(a, b), arrays, solution)
    assert _NOT_LINEAR == notes
    assert z < 8
    assert largest_z64(lambda xp, a, b: xp.linalg.solve(a, b), arrays, solution * (1 + 2.0**-9))[0] > 8


def _root(xp: Any, x: Any) -> Any:
    return xp.sqrt(1 - xp.cos(x))


def _logarithm(xp: Any, x: Any) -> Any:
    return xp.log(1 - xp.special.expit(x))


@pytest.mark.parametrize(
    ("function", "x", "healthy"),
    [(_root, 1e-6, math.sqrt(1 - math.cos(1e-6))), (_logarithm, 25.0, math.log(1 - 1 / (1 + math.exp(-25.0))))],
)
def test_a_cancellation_that_leaves_less_than_the_noise(function: Callable[..., Any], x: float, healthy: float) -> None:
    """√(1 - cos 10⁻⁶) and ln(1 - expit(25)) have a finite budget in float64: their double is wrong."""
    arrays = {"a": np.array(x)}
    z, notes = largest_z64(function, arrays, np.array(healthy))
    assert _NOT_LINEAR == notes
    assert z < 8
    assert largest_z64(function, arrays, np.array(2 * healthy))[0] > 8


def test_linear_noise_is_as_it_was() -> None:
    """Where the effect is linear, the budget is that of the large noise, and nothing is said."""
    x = np.linspace(0.5, 2.0, 16)
    asked = Computation(lambda xp, a: xp.exp(a) / xp.sum(xp.exp(a)), {"a": x}, "float64", ("a",), SEED)
    proof = prove(asked)
    sigmas, notes = budget(asked, proof)
    assert [] == notes
    assert (sigmas["value"] < 4 * 2.0**-53 * proof.enclosures["value"].high).all()
