"""The budget: σ is what the theory of rounding says, and it knows range, repetition, branches and specials."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.operations.formats import FORMATS
from harness.operations.operation import Elementwise
from harness.operations.table import OPERATIONS
from harness.reference.balls import unit_roundoff
from harness.reference.budgeting import budget
from harness.reference.evaluate import Computation
from harness.reference.proving import prove
from harness.reference.stochastic import RUNS, Doubles, Noisy, amplification

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

SEED = 11
UNIFORM = math.sqrt((1 + 0.25**2) / 3)
"""Root mean square of a uniform error in ±1 and a shared one in ±¼: 0.595."""


def budget_of(
    function: Callable[..., Any], *values: Any, dtype: str = "float32", vjp: bool = False, seed: int = SEED
) -> tuple[dict[str, Any], list[str]]:
    arrays = {name: np.asarray(value, dtype=dtype) for name, value in zip("abc", values, strict=False)}
    wanted = tuple(arrays) if vjp else ()
    computation = Computation(function, arrays, dtype, wanted, seed)
    return budget(computation, prove(computation))


def sigma(function: Callable[..., Any], *values: Any, dtype: str = "float32") -> Any:
    sigmas, notes = budget_of(function, *values, dtype=dtype)
    assert [] == notes
    return sigmas["value"]


def typical(sigmas: Any, sizes: Any) -> float:
    """Give the root mean square of σ over the size of what was rounded, over many elements."""
    return float(np.sqrt(np.mean((sigmas / sizes) ** 2)))


def spread(count: int = 2000) -> Any:
    """Give distinct float32 numbers between 1 and 2."""
    return (1 + np.arange(1, count + 1) / (count + 1)).astype(np.float32)


def within(low: float, value: float, high: float) -> bool:
    return low < value < high


@pytest.mark.parametrize("word", ["add", "subtract", "multiply", "divide"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_operation_rounds_by_a_unit_roundoff(word: str, dtype: str) -> None:
    """σ of one correctly rounded operation is u times the result, times 0.595."""
    x, y = spread().astype(dtype), spread()[::-1].astype(dtype) * 3
    found = sigma(lambda xp, a, b: getattr(xp, word)(a, b), x, y, dtype=dtype)
    exact = getattr(np, word)(x.astype(np.float64), y.astype(np.float64))
    assert within(0.9, typical(found, exact) / (UNIFORM * unit_roundoff(dtype)), 1.1)


@pytest.mark.parametrize("name", ["exp", "sin", "tanh", "special.erf", "sqrt", "special.lgamma"])
def test_elementary_functions_round_by_their_rows_accuracy(name: str) -> None:
    """σ of an elementary function is k u times its size, k as its row says, also where Arb evaluates it."""
    row = OPERATIONS[name]
    assert isinstance(row.meaning, Elementwise)
    x = spread()

    def function(xp: Any, a: Any) -> Any:
        return getattr(xp.special if "." in name else xp, name.rpartition(".")[2])(a)

    value = prove(Computation(function, {"a": x}, "float32", (), SEED)).enclosures["value"].high
    size = value if row.meaning.size is None else row.meaning.size(np, x.astype(np.float64), value)
    found = sigma(function, x)
    assert within(0.9, typical(found, size) / (row.accuracy * UNIFORM * unit_roundoff("float32")), 1.1)


def in_order(count: int) -> float:
    """Return √(2² + … + n²): what n equal terms lose that are added one after the other, in units of u and a term."""
    return math.sqrt(sum(k * k for k in range(2, count + 1)))


@pytest.mark.parametrize("count", [2, 10, 1000])
def test_a_sum_of_equal_terms_rounds_by_their_number(count: int) -> None:
    """σ of a sum of n equal terms is that of adding them in order, u v √(2² + … + n²), times 0.595; of two, u n v."""
    found = np.array([sigma(lambda xp, a: xp.sum(a), np.full(count, 1 + step / 64)) for step in range(48)])
    sizes = in_order(count) * (1 + np.arange(48) / 64)
    assert within(0.9, typical(found, sizes) / (UNIFORM * unit_roundoff("float32")), 1.1)


def test_a_sum_that_cancels_keeps_the_error_of_its_terms() -> None:
    """The budget of a sum is relative to its terms, not to its result."""
    found = sigma(lambda xp, a: xp.sum(a), [1000.0, -1000.0])
    assert within(0.5, float(found) / (UNIFORM * unit_roundoff("float32") * 2 * 1000.0), 1.5)


def test_a_sum_of_one_term_is_exact() -> None:
    """Nothing is rounded where nothing is added."""
    assert not sigma(lambda xp, a: xp.sum(a, axis=1), np.full((3, 1), 0.1)).any()


def test_prefixes_and_products_round_like_sums() -> None:
    """The last prefix and an inner product with ones have the budget of the sum."""
    x = np.full((64, 10), 1.25)
    expected = UNIFORM * unit_roundoff("float32") * 1.25 * in_order(10)
    for function in (
        lambda xp, a: xp.cumulative_sum(a, axis=1)[:, -1],
        lambda xp, a: xp.matmul(a, xp.ones((10, 1), dtype=a.dtype)),
    ):
        assert within(0.5, typical(sigma(function, x), expected), 1.5)


@pytest.mark.parametrize(
    "function",
    [
        lambda xp, a: xp.sum(a),
        lambda xp, a: xp.sum(a * 1.0, axis=0),
        lambda xp, a: xp.cumulative_sum(a, axis=0)[-1],
        lambda xp, a: xp.sum(xp.take(a, xp.asarray([0, 1, 2, 0]), axis=0)),
        lambda xp, a: xp.matmul(a, xp.ones((3,), dtype=a.dtype)),
    ],
)
@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_squares_of_float64_neither_overflow_nor_vanish(function: Callable[..., Any], size: float) -> None:
    """The budget of a sum scales with its terms over the whole range of float64."""
    unit = sigma(function, [1.0, 2.0, 4.0], dtype="float64")
    found = sigma(function, np.array([1.0, 2.0, 4.0]) * size, dtype="float64")
    assert within(0.25, float(found / (unit * size)), 4.0)


def test_moving_elements_is_exact() -> None:
    """What only moves, selects or changes signs has no budget, nor have inputs."""

    def function(xp: Any, a: Any) -> Any:
        moved = xp.flip(xp.permute_dims(xp.abs(-a), (1, 0)), axis=0)
        return xp.maximum(xp.concat((moved, moved[:1, :]), axis=0), 0.0)

    assert not sigma(function, np.array([[0.1, -0.2], [0.3, 0.7]])).any()


@pytest.mark.parametrize(("number", "rounded"), [(0.1, True), (0.5, False), (1e-3, True), (2.0**-100, False)])
def test_constants_round_where_the_dtype_cannot_hold_them(number: float, rounded: bool) -> None:
    """A Python number, and one written in an array, is rounded once, by u, if float32 does not hold it."""
    expected = UNIFORM * unit_roundoff("float32") * number if rounded else 0.0
    for function in (
        lambda xp, a: xp.full((), number, dtype=a.dtype),
        lambda xp, a: xp.asarray([number], dtype=a.dtype)[0],
        lambda xp, a: xp.full_like(a, number)[0],
    ):
        found = float(sigma(function, [1.0]))
        assert within(0.5 * expected, found, 1.5 * expected) if rounded else found == 0
    assert not sigma(lambda xp, a: xp.full((), number, dtype=a.dtype), [1.0], dtype="float64").any()


def test_equal_results_are_perturbed_equally() -> None:
    """A kernel rounds equal numbers alike: equal elements of one call carry one error, different ones their own."""
    x = np.array([1.5, 1.25, 1.5, 1.25, 1.75], dtype=np.float64)
    noisy = Noisy("float32", SEED)
    found = noisy.multiply(noisy.lift(x, "float32"), noisy.lift(x, "float32"), "float32")
    assert (5, RUNS) == found.shape
    assert np.array_equal(found[0], found[2])
    assert np.array_equal(found[1], found[3])
    errors = (found - (x * x)[:, None]) / (x * x)[:, None]
    assert not np.array_equal(errors[0], errors[1])
    assert RUNS == len(set(errors[4].tolist()))


def test_another_call_has_other_errors() -> None:
    """The same product twice is perturbed in two ways: two roundings are independent."""
    noisy = Noisy("float32", SEED)
    x = noisy.lift(np.array([1.1]), "float64")
    assert not np.array_equal(noisy.multiply(x, x, "float32"), noisy.multiply(x, x, "float32"))


def test_a_sum_of_equal_elements_adds_equal_errors() -> None:
    """A thousand equal products have a thousand equal errors, and their sum a thousand times one and its own."""
    found = [sigma(lambda xp, a: xp.mean(xp.exp(a)), np.full(1000, 1 + step / 64)) for step in range(32)]
    alone = [float(np.exp(1 + step / 64)) for step in range(32)]
    # One error of exp, k = 2, and those of the sum, k = 1.
    expected = UNIFORM * unit_roundoff("float32") * math.sqrt(2**2 + (in_order(1000) / 1000) ** 2)
    assert within(0.85, typical(np.array(found), np.array(alone)) / expected, 1.15)


def test_elements_met_twice_add_up_with_a_rounding() -> None:
    """The gradient of an element that is taken n times is a sum of n terms, and has its budget."""

    def function(xp: Any, a: Any) -> Any:
        return xp.exp(xp.take(a, xp.asarray([0, 0, 0, 1]), axis=0))

    noisy = Noisy("float32", SEED)
    key = (np.array([0, 0, 0, 1]), slice(None))
    ones = np.ones((4, 1))
    found = noisy.scatter(ones, key, (2, 1), "float32")
    assert not np.array_equal(found[0], np.full(RUNS, 3.0))
    assert np.array_equal(found[1], np.ones(RUNS))
    once = noisy.scatter(ones[:2], (np.array([1, 0]), slice(None)), (2, 1), "float32")
    assert np.array_equal(np.ones((2, 1)), once)
    sigmas, _ = budget_of(function, [0.5, 0.5], vjp=True)
    assert sigmas["vjp:a"][0] > sigmas["vjp:a"][1]


def test_the_budget_of_float64_is_that_of_float32_scaled() -> None:
    """float64's noise is made 2²⁹ times as large, and its budget that much smaller: both agree in units of u."""
    x = spread(500)

    def function(xp: Any, a: Any) -> Any:
        return xp.sum(xp.exp(a) / (a + 1.5))

    single, double = (float(sigma(function, x, dtype=dtype)) for dtype in ("float32", "float64"))
    assert within(0.5, (double / unit_roundoff("float64")) / (single / unit_roundoff("float32")), 2.0)
    assert 2.0**29 == amplification("float64") == unit_roundoff("float32") / unit_roundoff("float64")
    assert 1.0 == amplification("float32")


def test_cancellation_is_carried() -> None:
    """(1 + x) - 1 keeps the absolute error of 1 + x."""
    found = sigma(lambda xp, a: (1 + a) - 1, spread() * 2.0**-12)
    assert within(0.9, typical(found, 1.0) / (UNIFORM * unit_roundoff("float32")), 1.1)


def test_overflow_for_certain_is_no_doubt() -> None:
    """Where the truth is beyond the dtype and every run overflows, σ is 0: an infinity must come out."""
    sigmas, notes = budget_of(lambda xp, a: xp.exp(a), [100.0, -3.0])
    assert [] == notes
    assert 0.0 == sigmas["value"][0]
    assert 0.0 < sigmas["value"][1] < 1e-7


def test_overflow_on_the_way_is_ill_conditioned() -> None:
    """Where runs overflow on the way to a finite truth, σ is infinite and the check is ill-conditioned, in words."""
    sigmas, notes = budget_of(lambda xp, a: (a * 3.0) / 3.0, [3e38])
    assert np.isinf(sigmas["value"]).all()
    assert ["ill-conditioned here: in value, some perturbed runs overflow and others do not"] == notes


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_what_leaves_the_range_is_infinite(dtype: str) -> None:
    """A result beyond the dtype's largest number is an infinity of its sign in every run."""
    noisy = Noisy(dtype, SEED)
    found = noisy.multiply(np.array([[2.0], [-2.0]]), np.array([FORMATS[dtype].largest]), dtype)
    assert (found[0] == math.inf).all()
    assert (found[1] == -math.inf).all()


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_subnormals_are_flushed_in_half_of_the_runs(dtype: str) -> None:
    """Below the smallest normal number some runs flush to zero and others do not; above it none does."""
    noisy = Noisy(dtype, SEED)
    smallest = 2.0 ** FORMATS[dtype].smallest_exponent
    found = noisy.multiply(np.array([[smallest]]), np.array([[0.5], [2.0]]), dtype)
    assert 0 < int((found[0] == 0).sum()) < RUNS
    assert (found[1] != 0).all()


def test_subnormals_of_float16_are_rounded_and_never_flushed() -> None:
    """Below 2⁻¹⁴ a float16 keeps its value to half the distance of subnormals, 2⁻²⁵."""
    found = Noisy("float16", SEED).multiply(np.array([[2.0**-14]]), np.array([[0.25]]), "float16")
    errors = np.abs(found - 2.0**-16)
    assert 2.0**-27 < errors.max() <= 2.0**-25 + 2.0**-26


def test_a_branch_that_rounding_decides_is_ill_conditioned() -> None:
    """Where runs take different branches, they are run one by one, and the check says ill-conditioned."""
    threshold = float(np.float32(0.1)) * 3.0 * (1 - 2.0**-30)
    sigmas, notes = budget_of(lambda xp, a: a * 2.0 if a * 3.0 > threshold else a * 5.0, np.float32(0.1), vjp=True)
    assert "ill-conditioned here: rounding decides which branch is taken" in notes
    assert sigmas["value"] > 0.05
    assert sigmas["vjp:a"] > 0.5


def test_where_branches_meet_both_slopes_are_right() -> None:
    """At the very threshold whichever run takes which branch costs the derivative nothing: both slopes are right."""
    threshold = float(np.float32(0.1)) * 3.0
    sigmas, notes = budget_of(lambda xp, a: a * 2.0 if a * 3.0 > threshold else a * 5.0, np.float32(0.1), vjp=True)
    assert "ill-conditioned here: rounding decides which branch is taken" in notes
    assert sigmas["vjp:a"] < 1e-6


def test_a_shape_that_rounding_decides_is_ill_conditioned() -> None:
    """Where runs return different shapes nothing can be demanded, and the check says so."""

    def function(xp: Any, a: Any) -> Any:
        return xp.stack([a, a]) if a * 3.0 > float(np.float32(0.1)) * 3.0 else xp.stack([a])

    sigmas, notes = budget_of(function, np.float32(0.1))
    assert "ill-conditioned here: rounding changes the shape of value" in notes
    assert np.isinf(sigmas["value"]).all()


def test_one_seed_gives_one_budget() -> None:
    """The same seed gives the same bits, another seed others of the same size."""
    first, again, other = (budget_of(lambda xp, a: xp.nn.softmax(a), spread(9), vjp=True, seed=s)[0] for s in (3, 3, 4))
    assert first.keys() == again.keys()
    for name, found in first.items():
        assert np.array_equal(found, again[name])
        assert not np.array_equal(found, other[name])


@pytest.mark.parametrize("special", [math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1e-45, 3.4e38])
@pytest.mark.parametrize("name", [name for name, row in OPERATIONS.items() if isinstance(row.meaning, Elementwise)])
def test_no_special_input_crashes_a_row(name: str, special: float) -> None:
    """NaN, infinities, zeros, subnormals and the largest number go through every elementwise row, with no exception."""
    row = OPERATIONS[name]
    for dtype in ("float32", "float64"):
        noisy = Noisy(dtype, SEED)
        with np.errstate(all="ignore"):
            lifted = noisy.lift(np.array([special, 1.5]), dtype)
            found = noisy.function(row, lifted, dtype)
            slopes = noisy.taylor(row, lifted, 2, dtype)
        assert (2, RUNS) == found.shape
        assert np.isfinite(found[1]).all() or not row.domain[0] < 1.5 < row.domain[1]
        assert 2 == len(slopes)


def test_doubles_have_what_numpy_lacks() -> None:
    """float64 without noise takes NumPy's function, or Arb's where NumPy has none, and Arb's derivatives."""
    doubles = Doubles("float64")
    x = np.array([[0.5], [2.0]])
    assert np.array_equal(np.exp(x), doubles.function(OPERATIONS["exp"], x, "float64"))
    assert [math.erf(0.5), math.erf(2.0)] == doubles.function(OPERATIONS["special.erf"], x, "float64")[:, 0].tolist()
    (slope,) = doubles.taylor(OPERATIONS["special.digamma"], np.array([[1.0]]), 1, "float64")
    assert math.pi**2 / 6 == slope[0, 0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_numbers_that_a_dtype_holds_are_lifted_exactly(dtype: str) -> None:
    """Zeros, powers of two, the largest number, infinities and NaN are of every dtype: one run, no noise."""
    numbers = np.array([0.0, -0.0, 0.5, -2.0, FORMATS[dtype].largest, math.inf, math.nan])
    lifted = Noisy(dtype, SEED).lift(numbers, dtype)
    assert (7, 1) == lifted.shape
    assert np.array_equal(numbers, lifted[:, 0], equal_nan=True)
    assert np.array_equal(np.signbit(numbers[:6]), np.signbit(lifted[:6, 0]))


def test_integers_too_large_for_the_dtype_are_rounded() -> None:
    """2²⁴ + 1 is no float32: turning it into one is a rounding, and 2²⁴ is exact."""
    noisy = Noisy("float32", SEED)
    assert (1,) == noisy.lift(np.array(2.0**24), "float32").shape
    assert (RUNS,) == noisy.lift(np.array(2.0**24 + 1), "float32").shape
