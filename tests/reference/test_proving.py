"""The truth: precision that doubles until it is enough, ties that become sets, and what is no number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from flint import arb

from harness.collect.directions import cotangent
from harness.reference.enclosures import Enclosure
from harness.reference.evaluate import Computation
from harness.reference.proving import Proof, prove

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

SEED = 5


def proof_of(function: Callable[..., Any], *values: Any, dtype: str = "float64", vjp: bool = True) -> Proof:
    """Prove `function(xp, a, b, …)`; arrays of numbers are of the dtype."""
    arrays = {}
    for name, value in zip("abcdef", values, strict=False):
        array = np.asarray(value)
        arrays[name] = array.astype(dtype) if array.dtype.kind == "f" else array
    floating = tuple(name for name, array in arrays.items() if array.dtype.kind == "f")
    return prove(Computation(function, arrays, dtype, floating if vjp else (), SEED))


def truth(proof: Proof, quantity: str = "value") -> Any:
    """Return the midpoints, rounded to float64."""
    return proof.enclosures[quantity].high.tolist()


def ends(proof: Proof, quantity: str, weight: float) -> tuple[float, float]:
    """Return the ends of the set of right derivatives of one element, for a cotangent of 1."""
    low, high = (float(end.reshape(-1)[0]) / weight for end in proof.kinks[quantity].inner)
    return min(low, high), max(low, high)


def weights(shape: tuple[int, ...]) -> Any:
    return cotangent(SEED, 0, shape)


def test_an_easy_case_is_proved_at_the_first_precision() -> None:
    """2x + 1 summed is exact: 128 bits are enough, and its gradient is 2 times the cotangent."""
    found = proof_of(lambda xp, x: xp.sum(2 * x + 1), [2.0, 3.0])
    assert ([], 128) == (found.problems, found.precision)
    assert 12.0 == truth(found)
    assert [2 * float(weights(()))] * 2 == truth(found, "vjp:a")


@pytest.mark.parametrize(("large", "precision"), [(1e15, 128), (1e30, 256), (1e100, 512), (1e250, 1024)])
def test_precision_doubles_until_cancellation_is_resolved(large: float, precision: int) -> None:
    """(x + L) - L is x, proved, with as many bits as the cancellation needs."""
    found = proof_of(lambda xp, x: (x + large) - large, [0.1])
    assert ([], precision) == (found.problems, found.precision)
    assert [0.1] == truth(found)


def test_a_quotient_by_what_only_seems_to_be_zero() -> None:
    """1 / ((x + 1e30) - 1e30) has no value at 128 bits, and its own at 256: undefined is believed last."""
    found = proof_of(lambda xp, x: 1 / ((x + 1e30) - 1e30), [2.0**-40])
    assert ([], 256) == (found.problems, found.precision)
    assert [2.0**40] == truth(found)


def test_a_comparison_is_decided_with_more_bits() -> None:
    """A branch that 128 bits cannot decide is decided by 256."""
    found = proof_of(lambda xp, x: xp.where((x + 1e30) - 1e30 > 0, x, -x), [2.0**-40])
    assert ([], 256) == (found.problems, found.precision)
    assert [2.0**-40] == truth(found)


def test_what_no_precision_decides_is_no_proof() -> None:
    """exp(log x) == x overlaps at every precision: the reference says how many comparisons it could not decide."""
    found = proof_of(lambda xp, x: xp.where(xp.exp(xp.log(x)) == x, x, 0.0), [2.0])
    assert 4096 == found.precision
    assert ["1 comparisons could not be decided at 4096 bits"] == found.problems


def test_what_stays_wide_is_no_proof() -> None:
    """A cancellation beyond 4096 bits is reported as wide, not passed off as a proof."""

    def function(xp: Any, x: Any) -> Any:
        large = x * 1.0
        for _ in range(14):
            large = large * 1e300
        return (x / 3.0 + large) - large

    found = proof_of(function, [1.0], vjp=False)
    assert ["the enclosure of value stays wide at 4096 bits"] == found.problems


# Ties and kinks.


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda xp, x: xp.nn.relu(x), (0.0, 1.0)),
        (lambda xp, x: xp.maximum(x, 0.0), (0.0, 1.0)),
        (lambda xp, x: xp.minimum(0.0, x), (0.0, 1.0)),
        (lambda xp, x: xp.abs(x), (-1.0, 1.0)),
        (lambda xp, x: xp.nn.leaky_relu(x, slope=0.25), (0.25, 1.0)),
        (lambda xp, x: xp.clip(x, 0.0, 1.0), (0.0, 1.0)),
        (lambda xp, x: xp.clip(x, -1.0, 0.0), (0.0, 1.0)),
    ],
)
def test_a_corner_has_a_set_of_derivatives(function: Callable[..., Any], expected: tuple[float, float]) -> None:
    """At a corner the right derivatives are those between the slopes on both sides, and the value is proved."""
    found = proof_of(function, 0.0)
    assert [] == found.problems
    assert expected == ends(found, "vjp:a", float(weights(())))
    assert "value" not in found.kinks


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (lambda xp, x: xp.maximum(x, 0.0) + xp.minimum(x, 0.0), 1.0),
        (lambda xp, x: xp.maximum(x, x), 1.0),
        (lambda xp, x: xp.abs(x) * x, 0.0),
        (lambda xp, x: xp.nn.elu(x), 1.0),
        (lambda xp, x: xp.logaddexp(x, -x), 0.0),
        (lambda xp, x: xp.nn.softplus(x) - xp.logaddexp(x, 0.0), 0.0),
    ],
)
def test_a_tie_is_no_corner_where_the_derivative_is_unique(function: Callable[..., Any], slope: float) -> None:
    """Where every consistent choice gives one derivative, it is the truth, proved, and no set."""
    found = proof_of(function, 0.0)
    assert ([], {}) == (found.problems, found.kinks)
    assert slope == abs(truth(found, "vjp:a") / float(weights(())))


def test_the_largest_of_equals_has_a_set() -> None:
    """The gradient of max at a tie of two is any split of the cotangent; where there is no tie it is unique."""
    found = proof_of(lambda xp, x: xp.max(x), [1.0, 3.0, 3.0])
    weight = float(weights(()))
    low, high = (end / weight for end in found.kinks["vjp:a"].inner)
    assert [[0.0, 0.0], [0.0, 1.0], [0.0, 1.0]] == [sorted(pair) for pair in zip(low, high, strict=True)]
    assert 3.0 == truth(found)


def test_softmax_with_a_tied_maximum_is_proved() -> None:
    """The gradient of softmax is unique although the shift by the maximum meets a tie: proved, not a set."""

    def softmax(xp: Any, x: Any) -> Any:
        shifted = xp.exp(x - xp.max(x))
        return shifted / xp.sum(shifted)

    weight = weights((3,))
    p = np.exp(np.array([2.0, 2.0, -1.0]) - 2)
    p /= p.sum()
    for function in (softmax, lambda xp, x: xp.nn.softmax(x)):
        found = proof_of(function, [2.0, 2.0, -1.0])
        assert [] == found.problems
        assert not any((high - low > 2.0**-50).any() for low, high in (kink.inner for kink in found.kinks.values()))
        expected = p * (weight - np.sum(weight * p))
        assert np.abs(expected - np.array(truth(found, "vjp:a"))).max() < 2.0**-50


@pytest.mark.parametrize("word", ["argmax", "argmin"])
def test_the_place_of_a_tie_is_the_first(word: str) -> None:
    """argmax and argmin of equal elements give the first of them, exactly."""
    found = proof_of(lambda xp, x: (getattr(xp, word)(x), xp.max(x)), [[5.0, 7.0, 5.0, 7.0]])
    assert {"argmax": 1, "argmin": 0}[word] == found.exact["value:0"]
    assert np.int64 == found.exact["value:0"].dtype


def test_a_product_with_zeros_has_its_gradient() -> None:
    """The gradient of prod needs no division: with one zero only that entry's derivative is not zero."""
    found = proof_of(lambda xp, x: xp.prod(x), [2.0, 0.0, 3.0])
    assert ([], {}) == (found.problems, found.kinks)
    assert [0.0, 6.0 * float(weights(())), 0.0] == truth(found, "vjp:a")


def test_xlogy_at_zero() -> None:
    """a ln b is 0 at a = 0 with derivatives ln b and 0; at a = b = 0 and for a = 0 > b its value is 0 still."""
    found = proof_of(lambda xp, a, b: xp.special.xlogy(a, b), [0.0, 0.0, 0.0], [2.0, 0.0, -1.0])
    assert [0.0, 0.0, 0.0] == truth(found)
    assert ["1 elements of vjp:a have no real value"] == [text.partition(";")[0] for text in found.problems]
    assert math.isinf(truth(found, "vjp:a")[1])  # ln 0
    slope = arb(float(found.enclosures["vjp:a"].high[0])) + arb(0, 2.0**-52)
    assert slope.overlaps(arb(2).log() * float(weights((3,))[0]))
    assert 0.0 == truth(found, "vjp:b")[0]


def test_what_a_mask_hides_is_hidden() -> None:
    """A NaN in the branch that is not taken, in a triangle that is cut or off a trace's diagonal, is not seen."""
    nan = math.nan
    matrix = [[1.0, nan], [nan, 2.0]]
    found = proof_of(lambda xp, x: xp.where(xp.asarray([True, False]), x, 0.0), [1.0, nan])
    assert [1.0, 0.0] == truth(found)
    assert 0.0 == truth(found, "vjp:a")[1]
    assert [] == proof_of(lambda xp, x: xp.linalg.trace(x), matrix).problems
    assert 3.0 == truth(proof_of(lambda xp, x: xp.linalg.trace(x), matrix))
    lower = proof_of(lambda xp, x: xp.tril(x), [[1.0, nan], [3.0, 2.0]])
    assert [[1.0, 0.0], [3.0, 2.0]] == truth(lower)
    assert 0.0 == truth(lower, "vjp:a")[0][1]


# What is no real number.


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (lambda xp, x: xp.log(x), 0.0, -math.inf),
        (lambda xp, x: xp.log(x), -1.0, math.nan),
        (lambda xp, x: xp.sqrt(x), -1.0, math.nan),
        (lambda xp, x: 1 / x, 0.0, math.inf),
        (lambda xp, x: xp.exp(x), math.inf, math.inf),
        (lambda xp, x: xp.exp(x), -math.inf, 0.0),
        (lambda xp, x: x - x, math.inf, math.nan),
        (lambda xp, x: xp.sign(x), math.nan, math.nan),
        (lambda xp, x: xp.maximum(x, 1.0), math.nan, math.nan),
        (lambda xp, x: xp.maximum(1.0, x), math.nan, math.nan),
        (lambda xp, x: xp.minimum(x, 1.0), math.nan, math.nan),
        (lambda xp, x: xp.nn.relu(x), math.nan, math.nan),
        (lambda xp, x: xp.clip(x, -1.0, 1.0), math.nan, math.nan),
        (lambda xp, x: xp.max(xp.stack([x, x * 0 + 1])), math.nan, math.nan),
        (lambda xp, x: xp.special.erf(x), math.nan, math.nan),
        (lambda xp, x: xp.special.digamma(x), math.nan, math.nan),
        (lambda xp, x: xp.sum(xp.stack([x, x * 0 + 1])), math.nan, math.nan),
        (lambda xp, x: xp.pow(x, 0.5), -1.0, math.nan),
    ],
)
def test_what_is_no_real_number_follows_ieee(function: Callable[..., Any], x: float, expected: float) -> None:
    """Where there is no real value, NumPy's float64 says which special must come out, and it is no proof of a number."""
    for dtype in ("float32", "float64"):
        found = proof_of(function, x, dtype=dtype)
        assert str(expected) == str(truth(found))
        if not math.isfinite(expected):
            assert any("have no real value; IEEE 754 says" in problem for problem in found.problems)


def test_integers_and_booleans_are_exact() -> None:
    """Comparisons, counts and places are exact arrays, beside enclosures of what is not."""
    found = proof_of(lambda xp, x: (x > 1, xp.sum(x > 1), x * 2), [0.5, 1.5, 2.5])
    assert [False, True, True] == found.exact["value:0"].tolist()
    assert 2 == found.exact["value:1"]
    assert ["value:2", "vjp:a"] == list(found.enclosures)


def test_empty_arrays_are_proved() -> None:
    """A case of nothing has an empty truth, and a sum of 0."""
    found = proof_of(lambda xp, x: (x * 2, xp.sum(x)), np.zeros((0, 3)))
    assert [] == found.problems
    assert (0, 3) == found.enclosures["value:0"].high.shape == found.enclosures["vjp:a"].high.shape
    assert 0.0 == truth(found, "value:1")


def test_enclosures_are_narrow_in_the_dtype() -> None:
    """Every radius of a proof is below 2⁻¹⁰ ulp of the check's dtype."""
    for dtype in ("float32", "float64"):
        found = proof_of(lambda xp, x: xp.exp(x) / 3.0, [1.0, 2.0, -40.0], dtype=dtype)
        assert all(enclosure.narrow(dtype).all() for enclosure in found.enclosures.values())
        assert isinstance(found.enclosures["value"], Enclosure)
