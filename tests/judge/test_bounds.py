"""An entry of the ledger says how wrong a number may be, and which properties of a backend it needs."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import LedgerError
from harness.judge.agreement import THRESHOLD
from harness.judge.entries import read
from harness.judge.ledger import complaints, settle
from harness.judge.proposals import bound, propose
from harness.model import BackendFacts, Judgement, Verdict
from tests.judge.entries import CASES, ENTRY, judged

__all__: list[str] = []

NUMBER = {**ENTRY, "accepts": "budget"}


def ledger(more: str, row: dict[str, Any] = NUMBER) -> dict[str, str]:
    """Write a ledger of one entry, with lines that are no strings."""
    lines = [f"{key} = {value!r}" for key, value in row.items()]
    return {
        "cases/ledger.toml": "\n".join(["# Why.", "[[accepted]]", *lines[:-2], *filter(None, [more]), *lines[-2:]])
        + "\n"
    }


def verdict(judgement: Judgement, texts: dict[str, str], **properties: str) -> Verdict | None:
    """Hold one judgement against a ledger, on a backend of these properties."""
    backend = BackendFacts(name="torch", properties=properties)
    return settle([judgement], CASES, read(texts), [backend])[0].verdict


def number(z: float, **facts: Any) -> Judgement:
    """Judge a number that is wrong by so much."""
    return judged("budget", z=z, finite_z=z, **facts)


@pytest.mark.parametrize(
    ("more", "z", "expected"),
    [
        ("", 1e9, Verdict.ACCEPTED),
        ("z = 100", 100.0, Verdict.ACCEPTED),
        ("z = 100", 100.0 + THRESHOLD, Verdict.ACCEPTED),
        ("z = 100", 100.5 + THRESHOLD, Verdict.DISAGREES),
        ("z = 100", float("nan"), Verdict.DISAGREES),
        ("z = {float32 = 100}", 100.0, Verdict.ACCEPTED),
        ("z = {float32 = 100}", 200.0, Verdict.DISAGREES),
        ("z = {float64 = 100}", 10.0, Verdict.DISAGREES),
        ('z = {float64 = 100, "*" = 20}', 20.0, Verdict.ACCEPTED),
    ],
)
def test_a_divergence_that_has_grown_is_not_accepted(more: str, z: float, expected: Verdict) -> None:
    """What rounding adds to the z that was seen, K at most, is no growth; a dtype without a bound is not covered."""
    assert expected is verdict(number(z), ledger(more))


def test_numbers_are_bounded_where_others_are_nan() -> None:
    """An infinite z of a NaN says nothing about the numbers beside it."""
    mixed = {**ENTRY, "accepts": "x"}
    text = {"cases/ledger.toml": ledger("z = 100", mixed)["cases/ledger.toml"].replace("'x'", '["budget", "nan"]')}
    assert Verdict.ACCEPTED is verdict(judged("budget+nan", z=float("inf"), finite_z=50.0), text)
    assert Verdict.DISAGREES is verdict(judged("budget+nan", z=float("inf"), finite_z=500.0), text)


def test_integers_have_no_bound() -> None:
    """An integer or a boolean is right or not: z says nothing of it."""
    assert Verdict.ACCEPTED is verdict(judged("budget"), ledger("z = 100"))


def test_growth_is_complained_of() -> None:
    """The entry no longer happens as it says."""
    entries = read(ledger("z = 100"))
    assert [] == complaints([number(90.0)], CASES, entries, whole=False)
    (said,) = complaints([number(900.0)], CASES, entries, whole=False)
    assert "entry 1 no longer happens on torch eager float32 vjp:x" in said


@pytest.mark.parametrize("more", ["z = -1", "z = 'a'", "z = {float32 = true}", "z = {float32 = 0}"])
def test_a_bound_is_a_positive_number(more: str) -> None:
    """Anything else is said to be wrong, and where."""
    with pytest.raises(LedgerError, match=r"cases/ledger.toml: entry 1: z = .*: expected a positive number"):
        read(ledger(more))


def test_a_blank_cheque_is_refused_where_it_would_be_used() -> None:
    """What a run is planned with must be bounded; what an older run stored can still be read."""
    assert 1 == len(read(ledger("")))
    with pytest.raises(LedgerError, match=r"entry 1 accepts any number whatever: expected z.*--update-ledger"):
        read(ledger(""), strict=True)
    for more in ("z = 3", "value = '0.5'"):
        assert 1 == len(read(ledger(more), strict=True))
    assert 1 == len(read(ledger("", ENTRY), strict=True))


# What the backend must be.


def test_an_entry_that_needs_another_backend_is_neither_used_nor_failed() -> None:
    """Where its properties do not hold, it accepts nothing, and nobody complains that it does not happen."""
    texts = ledger('properties = {oneDNN = "on", processor = ["AVX512", "AMX*"]}', ENTRY)
    here = {"oneDNN": "on", "processor": "AVX512"}
    assert Verdict.ACCEPTED is verdict(judged(), texts, **here)
    for other in ({"oneDNN": "off", "processor": "AVX512"}, {"oneDNN": "on", "processor": "AVX2"}, {}):
        assert Verdict.DISAGREES is verdict(judged(), texts, **other)
        backends = [BackendFacts(name="torch", properties=other)]
        assert [] == complaints([judged(None)], CASES, read(texts), whole=True, backends=backends)
    backends = [BackendFacts(name="torch", properties={"oneDNN": "on"}, environment={"processor": "AMX-TILE"})]
    (said,) = complaints([judged(None)], CASES, read(texts), whole=True, backends=backends)
    assert "no longer happens" in said


def test_properties_are_a_table_of_patterns() -> None:
    """Anything else is said to be wrong."""
    for more in ("properties = 3", "properties = {oneDNN = 1}"):
        with pytest.raises(LedgerError, match=r"entry 1: properties"):
            read(ledger(more))


# What is written.


def test_bounds_are_written_into_entries_that_have_none() -> None:
    """The largest z of each dtype, rounded up; comments stay, and what has a bound is left alone."""
    seen = [number(31.234), number(7.5), number(2.0e6, dtype="float64"), number(1e9, case="other/two")]
    (text,) = bound(ledger(""), seen, CASES, ()).values()
    assert "z = {float32 = 31.3, float64 = 2e+06}\nreason = 'why'" in text
    assert text.startswith("# Why.\n[[accepted]]")
    (entry,) = read({"a.toml": text}, strict=True)
    assert {"float32": 31.3, "float64": 2e6} == dict(entry.bounds)
    assert {} == bound({"a.toml": text}, seen, CASES, ())
    assert {} == bound(ledger(""), [judged(None)], CASES, ())


def test_a_proposal_has_a_bound() -> None:
    """What is proposed is no blank cheque."""
    text = propose([number(31.234), number(12.0, dtype="float64")])
    assert "z = {float32 = 31.3, float64 = 12}" in text
    assert "z = " not in propose([judged()])
