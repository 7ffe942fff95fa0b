"""The judge can say yes, no and both: every verdict, every kind of wrong answer, and the numbers beside them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.judge.agreement import THRESHOLD, judge
from harness.model import Array, Check, Judgement, Observation, Outcome, Reference, Truth, Verdict
from harness.operations.formats import FORMATS, ulp

__all__: list[str] = []

LARGEST = FORMATS["float32"].largest
MATRIX = np.array([[1.0, 2.0, -3.0], [4.0, 0.5, 6.0], [-7.0, 8.0, 0.25]])


def observation(numbers: Any, dtype: str = "float32", /, **more: Any) -> Observation:
    """Make an observation of an array; one that is an array already keeps its dtype."""
    array = numbers if isinstance(numbers, np.ndarray) else np.asarray(numbers, dtype=dtype)
    check = Check("made/case", "given", "torch", "eager", dtype, "cpu", "value")
    facts: dict[str, Any] = {
        "outcome": Outcome.COMPLETED,
        "value": Array.of(array),
        "versions": {"torch": "2.0"},
    } | more
    return Observation(id="o", check=check, **facts)


def reference(
    truth: Any,
    sigma: Any = 0.0,
    *,
    radius: Any = 0.0,
    inner: Any = None,
    kind: str = "proved",
    reason: str | None = None,
) -> Reference:
    """Make a reference of float64 numbers; `inner` is a pair of the lower and upper ends."""
    high = np.asarray(truth, dtype=np.float64)
    parts = {"high": high, "low": np.zeros(high.shape)}
    parts |= {"sigma": np.broadcast_to(sigma, high.shape), "radius": np.broadcast_to(radius, high.shape)}
    if inner is not None:
        parts |= {"inner_low": np.asarray(inner[0], float), "inner_high": np.asarray(inner[1], float)}
    found = Truth(**{name: Array.of(np.asarray(part, dtype=np.float64)) for name, part in parts.items()})
    return Reference(
        id="r", case="made/case", sample="given", dtype="float32", kind=kind, quantities={"value": found}, reason=reason
    )


def exact_reference(truth: Any) -> Reference:
    array = np.asarray(truth)
    found = {"value": Truth(exact=Array.of(array))}
    return Reference(id="r", case="made/case", sample="given", dtype="float32", kind="proved", quantities=found)


def judged(value: Any, truth: Any, sigma: Any = 0.0, **more: Any) -> Judgement:
    """Judge numbers, as float32."""
    return judge(observation(np.asarray(value, dtype=np.float32)), reference(truth, sigma, **more))


def agrees(found: Judgement) -> bool:
    return found.verdict is Verdict.AGREES


# Verdicts and outcomes.


def test_the_truth_agrees() -> None:
    """What is exactly right agrees, with z and error 0 and nothing to say."""
    found = judged(MATRIX, MATRIX)
    assert found.verdict is Verdict.AGREES
    assert (0.0, 0.0, None, "proved") == (found.z, found.error_ulps, found.reason, found.reference)
    assert ("2.0", Outcome.COMPLETED, True) == (found.version, found.outcome, found.fine)


def test_far_off_disagrees() -> None:
    """What is far off disagrees, and is not fine."""
    found = judged(MATRIX + 1, MATRIX)
    assert found.verdict is Verdict.DISAGREES
    assert not found.fine


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.COMPLETED])
def test_what_was_not_completed_has_no_verdict(outcome: Outcome) -> None:
    """Whatever the truth, an observation that was not completed keeps its outcome and reason, and has no verdict."""
    found = judge(observation([1.0], outcome=outcome, value=None, reason="why"), reference([1.0]))
    assert found.verdict is None
    assert (outcome, "why", outcome is Outcome.UNSUPPORTED) == (found.outcome, found.reason, found.fine)


def test_completed_without_a_value_disagrees() -> None:
    """An observation that says completed and holds nothing is no agreement."""
    found = judge(observation([1.0], value=None), reference([1.0]))
    assert found.verdict is Verdict.DISAGREES
    assert "it completed, but no array came back" == found.reason


def test_one_of_several_right_answers_is_a_convention() -> None:
    """In the set of right derivatives the verdict is `convention`, at its ends too; outside it is `disagrees`."""
    ends = ([0.0, 2.0], [1.0, 2.0])
    verdicts = {
        number: judged([number, 2.0], [0.5, 2.0], inner=ends).verdict
        for number in (0.0, 0.25, 1.0, 1.01, -0.01, math.nan)
    }
    assert [Verdict.CONVENTION] * 3 + [Verdict.DISAGREES] * 3 == list(verdicts.values())
    found = judged([0.25, 2.0], [0.5, 2.0], inner=ends)
    assert "1 of 2 elements have no derivative here" in str(found.reason)
    assert found.fine


def test_a_set_excuses_no_other_element() -> None:
    """Beside an element that has a set, the others are judged as ever."""
    found = judged([0.25, 2.5], [0.5, 2.0], inner=([0.0, 2.0], [1.0, 2.0]))
    assert found.verdict is Verdict.DISAGREES
    assert (1,) == found.worst_index


@pytest.mark.parametrize(
    ("got", "verdict", "said"),
    [
        ([0.5, 0.5, 3.0], Verdict.CONVENTION, "each is one of the right answers"),
        ([1.0, 0.0, 3.0], Verdict.CONVENTION, "each is one of the right answers"),
        ([1.0, 1.0, 3.0], Verdict.DISAGREES, "2 of 3 elements are outside"),
        ([0.0, 0.0, 3.0], Verdict.DISAGREES, "2 of 3 elements are outside"),
        ([0.5, 0.5, 4.0], Verdict.DISAGREES, "1 of 3 elements are outside"),
        ([1.0, math.nan, 3.0], Verdict.DISAGREES, "1 NaN"),
    ],
)
def test_elements_of_one_group_are_of_one_combination(got: list[float], verdict: Verdict, said: str) -> None:
    """With limits in the record a group is judged together; without them, as it was, each element has its interval."""
    asked = reference([0.5, 0.5, 3.0], inner=([0.0, 0.0, 3.0], [1.0, 1.0, 3.0]))
    limits = np.array([[1.0, 0.0, 3.0], [0.0, 1.0, 3.0]])
    truth = msgspec.structs.replace(
        asked.quantities["value"],
        limits=Array.of(limits),
        groups=Array.of(np.array([1, 1, 0])),
        towards=Array.of(np.zeros(limits.shape)),
    )
    found = judge(observation(got), msgspec.structs.replace(asked, quantities={"value": truth}))
    assert verdict is found.verdict
    assert said in str(found.reason)
    former = judge(observation(got), asked).verdict
    assert former is (Verdict.CONVENTION if got in ([1.0, 1.0, 3.0], [0.0, 0.0, 3.0]) else verdict)


def test_between_the_limits_and_what_is_excluded_is_unproved() -> None:
    """On a circle between two samples nobody proved it right, and nothing excludes it; beyond the circle it is wrong."""
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    asked = reference([0.0, 0.0], inner=([-1.0, -1.0], [1.0, 1.0]))
    limits = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    truth = msgspec.structs.replace(
        asked.quantities["value"],
        limits=Array.of(limits),
        groups=Array.of(np.array([1, 1])),
        towards=Array.of(limits),
    )
    joint = msgspec.structs.replace(asked, quantities={"value": truth})
    verdicts = {
        length: judge(observation([length * math.cos(0.3), length * math.sin(0.3)]), joint)
        for length in (0.9, 0.99, 1.1)
    }
    assert [Verdict.CONVENTION, Verdict.CONVENTION, Verdict.DISAGREES] == [found.verdict for found in verdicts.values()]
    assert ["unproved" in str(found.reason) for found in verdicts.values()] == [False, True, False]


def test_an_end_of_a_set_is_as_coarse_as_itself() -> None:
    """About 0 lies the set [-1, 1]; beside its end an ulp is that of 1, not of 0."""
    ends = ([-1.0], [1.0])
    assert judged([np.nextafter(np.float32(1.0), np.float32(2.0))], [0.0], inner=ends).verdict is Verdict.CONVENTION
    assert judged([1.0 + 1e-5], [0.0], inner=ends).verdict is Verdict.DISAGREES


def test_a_set_no_wider_than_rounding_is_none() -> None:
    """Ends that differ by less than the budget are one number: the verdict is `agrees`."""
    assert agrees(judged([1.0], [1.0], 1e-6, inner=([1.0 - 1e-8], [1.0 + 1e-8])))


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_verdict_has_no_truth(verdict: Verdict) -> None:
    """bool(verdict) raises, so that `if verdict:` cannot pass by accident."""
    with pytest.raises(TypeError, match="A Verdict has no truth value"):
        bool(verdict)


# Without a reference.


def test_without_a_reference_nothing_agrees() -> None:
    """No reference, one that failed, and one that lacks the quantity: all disagree, and say why."""
    nothing = judge(observation([1.0]), None)
    failed = judge(
        observation([1.0]), Reference(id="r", case="c", sample="s", dtype="d", kind="none", reason="it broke")
    )
    other = Reference(id="r", case="c", sample="s", dtype="d", kind="proved", quantities={"vjp:x": Truth()})
    lacking = judge(observation([1.0]), other)
    assert [Verdict.DISAGREES] * 3 == [found.verdict for found in (nothing, failed, lacking)]
    assert "there is no reference" == nothing.reason
    assert "there is no reference: it broke" == failed.reason
    assert "the reference knows vjp:x, but the backend returned value" == lacking.reason
    assert ["none", "none", "proved"] == [found.reference for found in (nothing, failed, lacking)]


def test_stored_bytes_that_rotted_disagree() -> None:
    """An array whose bytes do not belong to its digest is not judged by its numbers."""
    array = Array.of(np.array([1.0], dtype=np.float32))
    rotten = Array(array.dtype, array.shape, b"\0\0\0\0", array.sha256)
    found = judge(observation([1.0], value=rotten), reference([0.0]))
    assert found.verdict is Verdict.DISAGREES
    assert "the stored bytes do not match their SHA-256" == found.reason


def test_ill_conditioned_is_said_also_of_what_agrees() -> None:
    """A reference's reason stands beside a disagreement, and beside an agreement where it is ill-conditioned."""
    assert "ill-conditioned here: x" == judged([1.0], [1.0], reason="ill-conditioned here: x").reason
    assert judged([1.0], [1.0], kind="wide", reason="stays wide").reason is None
    found = judged([2.0], [1.0], kind="wide", reason="stays wide")
    assert str(found.reason).endswith("; stays wide")
    assert "wide" == found.reference


def test_a_stale_trace_is_named() -> None:
    """A wrong answer with the bits of the sample it was prepared with says so; a right one is right."""
    wrong = judge(observation([2.0], stale=True), reference([1.0]))
    right = judge(observation([1.0], stale=True), reference([1.0]))
    assert str(wrong.reason).startswith("stale trace")
    assert (Verdict.AGREES, None) == (right.verdict, right.reason)


# Shapes and dtypes first.


@pytest.mark.parametrize(
    ("value", "truth"),
    [
        (np.ones((1,)), np.ones(())),
        (np.ones(()), np.ones((1,))),
        (np.ones((2, 1)), np.ones((2,))),
        (np.ones((3, 2)), np.ones((2, 3))),
        (np.ones((0,)), np.ones((1,))),
        (np.ones((0, 2)), np.ones((2, 0))),
    ],
)
def test_another_shape_disagrees(value: Any, truth: Any) -> None:
    """Arrays are never broadcast against the truth: (1,) is not ()."""
    found = judged(value.astype(np.float32), truth)
    assert found.verdict is Verdict.DISAGREES
    assert f"shape {value.shape}, expected {truth.shape}" == found.reason
    assert (None, None) == (found.z, found.worst_index)


@pytest.mark.parametrize("dtype", ["float64", "float16", "int32", "int64", "bool", "complex64"])
def test_another_dtype_disagrees(dtype: str) -> None:
    """Right numbers in another dtype are wrong, and both dtypes are named."""
    found = judge(observation(np.ones(2, dtype=dtype)), reference([1.0, 1.0]))
    assert found.verdict is Verdict.DISAGREES
    assert f"dtype {dtype}, expected float32" == found.reason


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_nothing_agrees_with_nothing(shape: tuple[int, ...]) -> None:
    """An empty array of the right shape and dtype agrees."""
    found = judged(np.zeros(shape, dtype=np.float32), np.zeros(shape))
    assert (Verdict.AGREES, 0.0, 0.0) == (found.verdict, found.z, found.error_ulps)


# Wrong answers.

WRONG = {
    "transposed": (MATRIX.T, "looks like the transpose"),
    "negated": (-MATRIX, "looks like the right answer with the sign reversed"),
    "zero": (MATRIX * 0, "zero everywhere: detached, or never computed"),
    "constant": (np.full((3, 3), 2.0), "the same number everywhere: the input is ignored"),
    "scaled": (MATRIX * (1 + 2.0**-12), "too large by a constant factor of 1 + 0.000244"),
    "shrunk": (MATRIX * (1 - 2.0**-12), "too large by a constant factor of 1 - 0.000244"),
    "a NaN": (np.where(MATRIX == 4, np.nan, MATRIX), "1 NaN where a finite result exists"),
    "an infinity": (np.where(MATRIX == 4, np.inf, MATRIX), "1 infinities where a finite result exists"),
    "one element off": (
        np.where(MATRIX == 4, 5.0, MATRIX),
        "1 of 9 elements are outside the rounding budget of float32",
    ),
    "shifted": (np.roll(MATRIX, 1, axis=0), "9 of 9 elements are outside the rounding budget of float32"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("sigma", [0.0, 1e-7, 1e-5])
def test_wrong_answers_disagree(name: str, sigma: float) -> None:
    """Each kind of wrong answer disagrees under any sensible budget, and is said in words."""
    value, words = WRONG[name]
    found = judged(value, MATRIX, sigma)
    assert found.verdict is Verdict.DISAGREES
    assert str(found.reason).startswith(words)


@pytest.mark.parametrize("sigma", [0.0, 1.0, 1e30, math.inf, math.nan])
@pytest.mark.parametrize("truth", [0.0, 1.0, math.inf, 1e300])
def test_a_nan_is_never_within_anything(truth: float, sigma: float) -> None:
    """NaN disagrees with every number and infinity, whatever the budget, one that is itself infinite or NaN included."""
    found = judged([math.nan, 1.0], [truth, 1.0], [sigma, 0.0])
    assert found.verdict is Verdict.DISAGREES
    assert ((0,), "nan") == (found.worst_index, found.observed)


def test_a_nan_agrees_with_nan_alone() -> None:
    """Where IEEE 754 says NaN, NaN is right and every number wrong, also under an infinite budget."""
    assert agrees(judged([math.nan], [math.nan], radius=math.inf))
    for number in (0.0, 1.0, math.inf, -math.inf):
        assert not agrees(judged([number], [math.nan], radius=math.inf))


@pytest.mark.parametrize("sigma", [math.nan, -1.0])
def test_a_budget_that_is_no_number_lets_nothing_pass(sigma: float) -> None:
    """A NaN for σ excuses nothing, and a negative one no more than 0."""
    assert not agrees(judged([1.5], [1.0], sigma))


@pytest.mark.parametrize("radius", [math.nan, math.inf])
def test_an_enclosure_of_unknown_width_excuses_nothing(radius: float) -> None:
    """A radius that is infinite or NaN is not room to be wrong in."""
    assert not agrees(judged([1.5], [1.0], radius=radius))


# Range.


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_overflow_is_right_beyond_the_largest_number(sign: float) -> None:
    """Beyond the dtype an infinity of that sign is right; the other, a finite number, and a saturated one are wrong."""
    for truth in (1e39, 1e300, math.inf):
        assert agrees(judged([sign * math.inf], [sign * truth]))
        for wrong in (-sign * math.inf, sign * LARGEST, 0.0, sign * 1.0, math.nan):
            assert not agrees(judged([wrong], [sign * truth]))


def test_an_infinity_where_a_number_fits_is_wrong() -> None:
    """An infinity is wrong where the truth is well inside the dtype's range."""
    found = judged([math.inf], [1e38])
    assert found.verdict is Verdict.DISAGREES
    assert (math.inf, "inf") == (found.z, found.observed)


def test_at_the_edge_of_the_range_rounding_decides() -> None:
    """Within the budget of the largest number both an infinity and the largest number are right."""
    barely_in, barely_out = LARGEST * (1 - 2.0**-25), LARGEST * (1 + 2.0**-25)
    for truth in (barely_in, barely_out):
        assert agrees(judged([math.inf], [truth]))
        assert agrees(judged([LARGEST], [truth]))
        assert not agrees(judged([-math.inf], [truth]))
    assert not agrees(judged([LARGEST], [LARGEST * (1 + 2.0**-20)]))


def test_an_infinite_budget_demands_nothing_finite() -> None:
    """Where perturbed runs overflow or are undefined, every number and infinity passes, but no NaN."""
    assert agrees(judged([math.inf], [1.0], math.inf))
    assert agrees(judged([-5.0], [1.0], math.inf))
    assert not agrees(judged([math.nan], [1.0], math.inf))


def test_signed_zeros_are_equal() -> None:
    """-0.0 agrees with 0.0, both ways, with distance 0."""
    for value, truth in ((-0.0, 0.0), (0.0, -0.0)):
        found = judged([value], [truth])
        assert (Verdict.AGREES, 0.0, 0.0) == (found.verdict, found.z, found.error_ulps)


def test_subnormals_are_counted_in_their_own_ulps() -> None:
    """Below the smallest normal number an ulp is the smallest subnormal; a flush to zero is 2²³ of them."""
    smallest = 2.0**-149
    near = judged(np.array([3.0 * smallest], dtype=np.float32), [2.0 * smallest])
    assert (Verdict.AGREES, 1.0, math.sqrt(12)) == (near.verdict, near.error_ulps, near.z)
    flushed = judged([0.0], [2.0**-126])
    assert (Verdict.DISAGREES, 2.0**23) == (flushed.verdict, flushed.error_ulps)


def test_the_smallest_numbers_of_float64_are_judged_too() -> None:
    """A third of float64's smallest number is zero; one ulp there is still √12 and not infinitely far."""
    tiny = 5e-324
    one = judge(observation(np.array([2 * tiny]), "float64"), reference([tiny]))
    many = judge(observation(np.array([4 * tiny]), "float64"), reference([tiny]))
    assert (Verdict.AGREES, math.sqrt(12)) == (one.verdict, one.z)
    assert (Verdict.DISAGREES, 3.0) == (many.verdict, many.error_ulps)


# Numbers known by hand.


def test_z_is_the_distance_in_budgets() -> None:
    """z is distance over σ where σ is the larger, and distance over ulp/√12 where it is not."""
    by_sigma = judged([1.5], [1.0], 0.25)
    assert (2.0, 0.5 * 2.0**23) == (by_sigma.z, by_sigma.error_ulps)
    by_ulp = judged([1.0 + 2.0**-23], [1.0])
    assert (math.sqrt(12), 1.0) == (by_ulp.z, by_ulp.error_ulps)


def test_the_low_part_of_the_truth_counts() -> None:
    """The truth is high + low: what float64 cannot say in one number is not lost."""
    found = reference([1.0])
    truth = found.quantities["value"]
    low = Truth(
        high=truth.high, low=Array.of(np.array([2.0**-60])), radius=truth.radius, sigma=Array.of(np.array([2.0**-61]))
    )
    with_low = Reference(id="r", case="c", sample="s", dtype="float64", kind="proved", quantities={"value": low})
    judgement = judge(observation(np.array([1.0]), "float64"), with_low)
    assert 2.0**-60 / 2.0**-52 == judgement.error_ulps


def test_the_radius_is_taken_off_the_distance() -> None:
    """What the enclosure leaves open is in favour of the backend: only the rest is proven to be wrong."""
    found = judged([1.5], [1.0], 0.125, radius=0.25)
    assert 2.0 == found.z


def test_the_worst_element_is_named() -> None:
    """The worst element is the one with the largest z, not the largest distance, with its exact numbers."""
    found = judged([[1.0, 100.5], [3.0, 4.25]], [[1.0, 100.0], [3.0, 4.0]], [[1.0, 1.0], [1.0, 0.125]])
    assert ((1, 1), 2.0) == (found.worst_index, found.z)
    assert ("0x1.1000000000000p+2", "0x1.0000000000000p+2") == (found.observed, found.truth)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_the_worst_of_all_is_no_number(bad: float) -> None:
    """A NaN or an infinity is worse than any distance, wherever it stands."""
    found = judged([1e30, bad, 3.0], [1.0, 1.0, 1.0])
    assert ((1,), math.inf) == (found.worst_index, found.z)
    scalar = judged(np.float32(bad).reshape(()), 1.0)
    assert () == scalar.worst_index


# Integers and booleans.


def test_integers_and_booleans_are_equal_or_not() -> None:
    """Equal integers agree; one that differs is named; integers are no booleans and no floats."""
    truth = np.array([[1, 2], [3, 4]])
    assert agrees(judge(observation(truth), exact_reference(truth)))
    found = judge(observation(np.array([[1, 2], [5, 4]])), exact_reference(truth))
    assert (Verdict.DISAGREES, (1, 0), "5", "3") == (found.verdict, found.worst_index, found.observed, found.truth)
    assert "1 of 4 elements differ" == found.reason
    for wrong in (truth.astype(np.float32), truth.astype(bool)):
        found = judge(observation(wrong), exact_reference(truth))
        assert (Verdict.DISAGREES, f"dtype {wrong.dtype}, expected int64") == (found.verdict, found.reason)
    found = judge(observation(truth[:1]), exact_reference(truth))
    assert "shape (1, 2), expected (2, 2)" == found.reason


@pytest.mark.parametrize("dtype", ["int32", "int8", "uint64"])
def test_integers_of_another_width_are_of_another_dtype(dtype: str) -> None:
    """int32, int8 and uint64 are not int64; a wrong number is named besides, lest an accepted dtype excuse it."""
    found = judge(observation(np.array([1, 2], dtype=dtype)), exact_reference([1, 2]))
    assert (Verdict.DISAGREES, "dtype") == (found.verdict, found.finding)
    assert f"dtype {dtype}, expected int64" == found.reason
    found = judge(observation(np.array([1, 3], dtype=dtype)), exact_reference([1, 2]))
    assert (Verdict.DISAGREES, "budget+dtype", (1,)) == (found.verdict, found.finding, found.worst_index)


@pytest.mark.parametrize(
    ("got", "verdict", "reason"),
    [
        ([2, 0, 1], Verdict.AGREES, None),
        ([2, 1, 0], Verdict.AGREES, "rounding decides 2 of 3 elements"),
        ([1, 0, 2], Verdict.DISAGREES, "2 of 3 elements differ"),
    ],
)
def test_where_rounding_decides_either_integer_is_right(got: list[int], verdict: Verdict, reason: str | None) -> None:
    """An element may be what the exact result gives or one of its others, and nothing else."""
    truth = Truth(exact=Array.of(np.array([2, 0, 1])), others=Array.of(np.array([[2, 1, 0], [2, 0, 1]])))
    found = judge(
        observation(np.array(got)),
        Reference(id="r", case="c", sample="s", dtype="float32", kind="proved", quantities={"value": truth}),
    )
    assert (verdict, reason) == (found.verdict, found.reason)


def test_booleans_are_written_as_json_does() -> None:
    """A wrong boolean is shown as true or false."""
    found = judge(observation(np.array([True, True])), exact_reference([True, False]))
    assert ((1,), "true", "false") == (found.worst_index, found.observed, found.truth)
    assert agrees(judge(observation(np.zeros((0,), dtype=bool)), exact_reference(np.zeros((0,), dtype=bool))))


# The law.


@settings(max_examples=200, deadline=None)
@given(
    observed=st.floats(-(2.0**100), 2.0**100, width=32),
    distance=st.floats(-40.0, 40.0),
    sigma=st.sampled_from([0.0, 1e-20, 1e-9, 1e-3, 1.0, 1e6, 1e25]),
    count=st.integers(1, 4),
    place=st.integers(0, 3),
)
def test_within_k_budgets_agrees_and_beyond_disagrees(
    observed: float, distance: float, sigma: float, count: int, place: int
) -> None:
    """Agreement is distance ≤ K · max(σ, ulp/√12) in exact arithmetic, for one element among any others."""
    unit = max(sigma, float(ulp(np.array(observed), "float32")) / math.sqrt(12))
    truth = observed - distance * unit
    allowed = max(sigma, float(ulp(np.array(truth), "float32")) / math.sqrt(12))
    exactly = abs(Fraction(observed) - Fraction(truth)) / Fraction(allowed)
    # On the very threshold the judge's own rounding may decide.
    assume(abs(exactly - Fraction(THRESHOLD)) > Fraction(1, 2**40))
    values, truths, sigmas = np.ones(count), np.ones(count), np.zeros(count)
    values[place % count], truths[place % count], sigmas[place % count] = observed, truth, sigma
    found = judged(values, truths, sigmas)
    expected = Verdict.AGREES if exactly <= Fraction(THRESHOLD) else Verdict.DISAGREES
    assert found.verdict is expected
    assert found.z is not None
    assert abs(Fraction(found.z) - exactly) <= exactly / 2**40
    assert exactly == 0 or (place % count,) == found.worst_index


@settings(max_examples=60, deadline=None)
@given(dtype=st.sampled_from(["float16", "float32", "float64"]), data=st.data())
def test_neighbours_agree_and_what_is_further_does_not(dtype: str, data: st.DataObject) -> None:
    """With no budget but the dtype's own rounding, 2 ulps agree and 3 disagree, all over the range."""
    value = np.asarray(data.draw(hnp.from_dtype(np.dtype(dtype), allow_nan=False, allow_infinity=False)))
    spacing = float(ulp(np.abs(value.astype(np.float64)), dtype))
    assume(float(np.abs(value.astype(np.float64))) + 8 * spacing < FORMATS[dtype].largest)
    truth = float(value)
    # Away from a power of two, where the spacing changes.
    assume(float(ulp(np.array(abs(truth) + 4 * spacing), dtype)) == spacing)
    for steps in (0, 1, 2, 3, 4):
        moved = np.array(truth + math.copysign(steps * spacing, truth), dtype=dtype)
        found = judge(observation(moved, dtype), reference(truth))
        assert found.verdict is (Verdict.AGREES if steps <= 2 else Verdict.DISAGREES)
        assert float(steps) == found.error_ulps


# Complex numbers.


def complex_reference(truth: Any, sigma: Any) -> Reference:
    """Make a reference of complex128 numbers, whose parts have each their own budget."""
    high = np.asarray(truth, dtype=np.complex128)
    parts = {
        "high": high,
        "low": 0 * high,
        "radius": 0 * high,
        "sigma": np.broadcast_to(np.complex128(sigma), high.shape),
    }
    found = Truth(**{name: Array.of(np.asarray(part)) for name, part in parts.items()})
    return Reference(
        id="r", case="made/case", sample="given", dtype="complex64", kind="proved", quantities={"value": found}
    )


def test_each_part_of_a_complex_number_is_judged() -> None:
    """An imaginary part that is off by more than its own budget disagrees, however large the real part is."""
    truth = [1e6 + 1j, 2 + 3j]
    right = judge(observation(truth, "complex64"), complex_reference(truth, 1e-3 + 1e-6j))
    assert agrees(right)
    wrong = judge(observation([1e6 + 1j, 2 + 3.001j], "complex64"), complex_reference(truth, 1e-3 + 1e-6j))
    assert Verdict.DISAGREES is wrong.verdict
    assert (1,) == wrong.worst_index
    assert (3.0).hex() == wrong.truth


def test_a_complex_check_knows_which_results_are_real() -> None:
    """The truth says so: a real one asks for the dtype of the parts, a complex one for the complex dtype."""
    real = judge(observation(np.array([5.0], np.float32), "complex64"), reference([5.0]))
    assert agrees(real)
    for got, truth in (
        (np.array([5.0], np.float32), complex_reference([5.0], 0)),
        (np.array([5j], np.complex64), reference([5.0])),
    ):
        found = judge(observation(got, "complex64"), truth)
        assert Verdict.DISAGREES is found.verdict
        assert "dtype" == found.finding
