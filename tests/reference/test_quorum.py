"""A quorum stands in where there is no proof, and says so."""

from __future__ import annotations

import numpy as np
import pytest

from harness.collect.subject import PROBES, perturbed
from harness.judge.agreement import judge
from harness.model import Array, Check, Observation, Outcome, Reference, Verdict
from harness.reference.quorum import quorum

X = np.array([0.5, -1.25, 3.0], dtype=np.float32)


def _witness(factor: float = 1.0, dtype: str = "float32") -> list[dict[str, Array]]:
    """Give the runs of a backend that cubes its input, times a factor."""
    runs = [perturbed({"x": X.astype(dtype)}, dtype, number)["x"] for number in range(PROBES + 1)]
    return [{"value": Array.of(run**3 * factor)} for run in runs]


def _made(*witnesses: list[dict[str, Array]], dtype: str = "float32") -> Reference:
    return quorum({"id": "q", "case": "q/cubic", "sample": "given", "dtype": dtype}, dtype, witnesses)


def _verdict(reference: Reference, value: np.ndarray) -> Verdict | None:
    check = Check("q/cubic", "given", "torch", "eager", reference.dtype, "cpu", "value", "native")
    observation = Observation(id="o", check=check, outcome=Outcome.COMPLETED, value=Array.of(value))
    judged = judge(observation, reference)
    assert judged.reference == reference.kind
    return judged.verdict


def test_agreement_is_called_quorum() -> None:
    """What all backends say is the reference, and is never called proved."""
    reference = _made(_witness(), _witness(), _witness())

    assert reference.kind == "quorum"
    assert _verdict(reference, X**3) is Verdict.AGREES


def test_a_lying_witness_is_outvoted() -> None:
    """One backend of three that is wrong neither moves the centre nor widens the budget for itself."""
    reference = _made(_witness(), _witness(1.001), _witness())

    assert _verdict(reference, X**3) is Verdict.AGREES
    assert _verdict(reference, X**3 * np.float32(1.001)) is Verdict.DISAGREES


def test_two_that_differ_are_both_in_doubt() -> None:
    """Of two witnesses that differ by more than rounding, neither agrees with the reference."""
    reference = _made(_witness(), _witness(1.001))

    assert _verdict(reference, X**3) is Verdict.DISAGREES
    assert _verdict(reference, X**3 * np.float32(1.001)) is Verdict.DISAGREES


def test_a_witness_alone_is_named() -> None:
    """A reference that rests on one backend says so."""
    assert _made(_witness()).reason == "one backend alone is its own witness"


def test_no_witness_is_no_reference() -> None:
    """Where no backend completed the computation in float64, there is no reference."""
    reference = _made([{}], [{}])

    assert (reference.kind, reference.reason) == ("none", "no backend completed it in float64")


def test_shapes_must_agree() -> None:
    """Backends that return different shapes give no truth for that quantity."""
    reference = _made(_witness(), [{"value": Array.of(np.zeros((3, 1)))}])

    assert reference.kind == "none"
    assert reference.reason == "backends disagree on the shape of value: (3,), (3, 1)"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_probe_zero_is_the_input(dtype: str) -> None:
    """Probe 0 has the very inputs of the check, and the others differ from it and from each other."""
    arrays = {"x": X.astype(dtype), "index": np.array([1, 2])}
    probes = [perturbed(arrays, dtype, number) for number in range(PROBES + 1)]

    np.testing.assert_array_equal(probes[0]["x"], X.astype(np.float64))
    assert len(probes) == len({probe["x"].tobytes() for probe in probes})
    assert all((probe["index"] == arrays["index"]).all() for probe in probes)


def test_float64_is_judged_as_finely() -> None:
    """In float64 a relative error of 2⁻⁴⁶ is outside the budget, and rounding is inside."""
    reference = _made(_witness(dtype="float64"), _witness(dtype="float64"), dtype="float64")
    exact = X.astype(np.float64) ** 3

    assert _verdict(reference, exact) is Verdict.AGREES
    assert _verdict(reference, exact * (1 + 2.0**-46)) is Verdict.DISAGREES


def test_integers_of_several_widths_are_of_the_widest() -> None:
    """Where backends return int32 and int64 the reference is int64, whoever comes first, and says that they differ."""
    narrow, wide = ([{"value": Array.of(np.array([1, 2], dtype=dtype))}] for dtype in ("int32", "int64"))
    for reference in (_made(narrow, wide), _made(wide, narrow)):
        assert reference.reason == "backends disagree on the dtype of value: int32, int64"
        assert _verdict(reference, np.array([1, 2])) is Verdict.AGREES
        assert _verdict(reference, np.array([1, 2], dtype=np.int32)) is Verdict.DISAGREES
    assert _made(wide, wide).reason is None
