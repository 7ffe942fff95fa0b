"""The ledger is strict both ways: what is not in it fails, and so does what it says that is not true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.collect.registry import collect
from harness.errors import LedgerError
from harness.judge.entries import KINDS, read, satisfies
from harness.judge.ledger import FILE, FORMER, complaints, ledgers, newest, settle
from harness.model import CaseFacts, Judgement, Manifest, Outcome, Verdict
from tests.conftest import ROOT
from tests.judge.entries import CASES, ENTRY, judged, project, settled, toml

if TYPE_CHECKING:
    from pathlib import Path

__all__: list[str] = []


def complained(judgements: list[Judgement], *rows: dict[str, Any], whole: bool = False, chosen: str = "") -> list[str]:
    """Say what is no longer true."""
    return complaints(judgements, CASES, read(toml(*rows)), whole=whole, chosen=chosen)


# What is accepted.


def test_a_divergence_in_the_ledger_is_accepted() -> None:
    """It keeps its finding, is fine, and carries the entry's reason and link."""
    found = settled(judged(), ENTRY)
    assert (Verdict.ACCEPTED, "nan", True) == (found.verdict, found.finding, found.fine)
    assert "why (https://example.org)" == found.reason


def test_a_divergence_that_is_not_in_the_ledger_stays() -> None:
    """Without an entry it disagrees still."""
    found = settled(judged())
    assert (Verdict.DISAGREES, False) == (found.verdict, found.fine)


@pytest.mark.parametrize(
    "more",
    [
        {"case": "other/*"},
        {"operation": "exp"},
        {"sample": "normal"},
        {"backend": "jax"},
        {"modes": ["aot", "compile"]},
        {"dtypes": "float64"},
        {"quantity": "value"},
        {"path": "func"},
        {"versions": "<2.13"},
        {"versions": ">=2.14,<3"},
        {"accepts": "infinite"},
        {"value": "1.0"},
    ],
)
def test_every_key_narrows(more: dict[str, Any]) -> None:
    """An entry that covers something else accepts nothing."""
    assert settled(judged(observed="nan"), ENTRY | more).verdict is Verdict.DISAGREES


@pytest.mark.parametrize(
    "more",
    [
        {"case": ["nothing", "area/o*"]},
        {"operation": "abs"},
        {"sample": "g*"},
        {"backend": ["jax", "torch"]},
        {"modes": ["eager"]},
        {"dtypes": ["float32", "float64"]},
        {"quantity": "vjp:*"},
        {"path": ""},
        {"versions": "==2.13"},
        {"versions": ">=2.13, <2.14"},
        {"accepts": ["nan", "zero"]},
        {"value": "nan"},
    ],
)
def test_every_key_fits_by_pattern(more: dict[str, Any]) -> None:
    """Each key is a shell pattern, or a list of them."""
    assert settled(judged(observed="nan"), ENTRY | more).verdict is Verdict.ACCEPTED


def test_a_backend_in_an_environment_is_that_backend() -> None:
    """`torch` is about `torch@2.14` too; `torch@2.14` is about no other."""
    assert settled(judged(backend="torch@2.14"), ENTRY).verdict is Verdict.ACCEPTED
    assert settled(judged(), ENTRY | {"backend": "torch@2.14"}).verdict is Verdict.DISAGREES


def test_every_kind_of_divergence_must_be_accepted() -> None:
    """A NaN that is accepted excuses no wrong number beside it; two entries may accept one each."""
    both = judged("budget+nan")
    assert settled(both, ENTRY).verdict is Verdict.DISAGREES
    assert settled(both, ENTRY | {"accepts": ["nan", "budget"]}).verdict is Verdict.ACCEPTED
    found = settled(both, ENTRY, ENTRY | {"accepts": "budget", "reason": "because"})
    assert "why (https://example.org); because (https://example.org)" == found.reason


@pytest.mark.parametrize(
    ("accepted", "observed", "fits"),
    [
        ("0.5", "0x1.0p-1", True),
        ("0x1p-1", "0x1.0p-1", True),
        ("nan", "nan", True),
        ("-inf", "-inf", True),
        ("0.5", "0x1.8p-1", False),
        ("0.5", None, False),
        ("nan", "0x0.0p+0", False),
        ("inf", "-inf", False),
    ],
)
def test_a_definite_value_may_be_accepted(accepted: str, observed: str | None, *, fits: bool) -> None:
    """Decimal or hexadecimal; any other value disagrees."""
    found = settled(judged("budget", observed=observed), ENTRY | {"accepts": "budget", "value": accepted})
    assert fits is (found.verdict is Verdict.ACCEPTED)


def test_an_error_may_be_accepted() -> None:
    """What raised keeps its outcome, and is fine; a crash has no finding, and never is."""
    found = settled(judged("raised", outcome=Outcome.RAISED), ENTRY | {"accepts": "raised"})
    assert (Outcome.RAISED, Verdict.ACCEPTED, True) == (found.outcome, found.verdict, found.fine)
    crashed = settled(judged(None, outcome=Outcome.CRASHED), ENTRY | {"accepts": [*KINDS]})
    assert (None, False) == (crashed.verdict, crashed.fine)


def test_what_agrees_is_left_alone() -> None:
    """The ledger turns nothing but divergences."""
    fine = judged(None)
    assert fine is settled(fine, ENTRY)


def test_settling_twice_is_settling_once() -> None:
    """What was accepted is not judged again."""
    entries = read(toml(ENTRY))
    once = settle([judged(), judged(None)], CASES, entries)
    assert once == settle(once, CASES, entries)


# What is no longer true.


def test_an_entry_that_happens_is_true() -> None:
    """Nothing is said of it, before and after it was settled."""
    assert [] == complained([judged()], ENTRY)
    assert [] == complained([settled(judged(), ENTRY)], ENTRY, whole=True)


def test_an_entry_that_no_longer_happens_fails() -> None:
    """Where its checks agree now, or diverge in another way, the entry is named."""
    for now in (judged(None), judged("budget"), judged("raised", outcome=Outcome.RAISED)):
        (said,) = complained([now], ENTRY)
        assert said.startswith("cases/ledger.toml: entry 1 no longer happens on torch eager float32 vjp:x;")


def test_an_entry_about_more_than_was_chosen_is_not_judged() -> None:
    """What did not happen in the chosen cases may happen in the others, or in other samples."""
    named, wide, two = ENTRY | {"case": judged().check.case}, ENTRY | {"case": "area/*"}, ["area/typo"]
    assert 1 == len(complained([judged(None)], named, chosen="cases"))
    assert [] == complained([judged(None)], wide, chosen="cases")
    assert [] == complained([judged(None)], named | {"case": [judged().check.case, *two]}, chosen="cases")
    assert [] == complained([judged(None)], named, chosen="samples")
    assert 1 == len(complained([judged(None)], wide))


@pytest.mark.parametrize("key", ["backend", "mode", "dtype", "quantity", "path"])
def test_an_entry_must_happen_everywhere_that_it_covers(key: str) -> None:
    """One that is true of one backend, mode, dtype, quantity or path only is to be narrowed."""
    other = {"backend": "jax", "mode": "aot", "dtype": "float64", "quantity": "jvp", "path": "func"}
    wide = ENTRY | {"backend": ["torch", "jax"]}
    (said,) = complained([judged(), judged(None, **{key: other[key]})], wide)
    assert other[key] in said
    assert [] == complained([judged(), judged(**{key: other[key]})], wide)


def test_other_cases_and_samples_need_not_diverge() -> None:
    """An entry about many cases is true where some of them diverge."""
    assert [] == complained([judged(), judged(None, sample="normal"), judged(None, case="area/three")], ENTRY)


def test_an_entry_covers_a_sample_in_every_seed() -> None:
    """`vector#3` is the sample `vector`, drawn from seed 3."""
    entry = ENTRY | {"sample": "vector"}
    assert Verdict.ACCEPTED is settled(judged(sample="vector#3"), entry).verdict
    assert Verdict.DISAGREES is settled(judged(sample="vectors"), entry).verdict


def test_a_crash_says_nothing_of_an_entry() -> None:
    """Whether a divergence still happens is not known where the worker died."""
    assert [] == complained([judged(None, outcome=Outcome.CRASHED)], ENTRY, whole=True)


def test_an_entry_that_matches_nothing_fails_in_a_whole_run() -> None:
    """A part of a run says nothing of it; a whole one does, of a backend that was there in that version."""
    lost = ENTRY | {"case": "area/typo"}
    assert [] == complained([judged()], lost)
    (said,) = complained([judged()], ENTRY, lost, whole=True)
    assert said.startswith("cases/ledger.toml: entry 2 matches no check")
    assert [] == complained([judged()], lost | {"backend": "jax"}, whole=True)
    assert [] == complained([judged()], lost | {"versions": "<2"}, whole=True)


# Reading.


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"acepts": "nan"}, "entry 1: unknown key 'acepts'.* Did you mean 'accepts'"),
        ({"accepts": "nam"}, "entry 1: accepts = 'nam': expected one of nan, .* Did you mean 'nan'"),
        ({"accepts": []}, r"entry 1: accepts = \[\]: expected a string"),
        ({"accepts": 1}, "entry 1: accepts = 1: expected a string"),
        ({"reason": ""}, "entry 1 has no reason: a person writes it"),
        ({"reason": "  "}, "entry 1 has no reason: a person writes it"),
        ({"link": ""}, "entry 1 has no link"),
        ({"versions": "~=2.0"}, "entry 1: versions = '~=2.0': expected comparisons"),
        ({"versions": ">=2.0rc1"}, "entry 1: versions = '>=2.0rc1'"),
        ({"versions": ">=2.0,"}, "entry 1: versions = '>=2.0,'"),
        ({"versions": 2}, "entry 1: versions = 2"),
        ({"value": 0.5}, "entry 1: value = 0.5: expected a number as a string"),
        ({"value": "half"}, "entry 1: value = 'half'"),
        ({"modes": [1]}, r"entry 1: modes = \[1\]"),
    ],
)
def test_a_wrong_entry_is_named(more: dict[str, Any], message: str) -> None:
    """The message says the file, the entry, what was got and what was expected."""
    with pytest.raises(LedgerError, match=f"cases/ledger.toml: {message}"):
        read(toml(ENTRY | more))


@pytest.mark.parametrize("key", ["case", "accepts", "reason", "link"])
def test_what_an_entry_must_say(key: str) -> None:
    """A case or an operation, what is accepted, why, and where to read more."""
    with pytest.raises(LedgerError, match="entry 2"):
        read(toml(ENTRY, {name: value for name, value in ENTRY.items() if name != key}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[accepted]", "expected TOML|Expected TOML"),
        ("[[acepted]]\n", "unknown key 'acepted'.* Did you mean 'accepted'"),
        ("accepted = 1", "accepted = 1: expected one"),
        ("accepted = [1]", r"accepted = \[1\]: expected one"),
    ],
)
def test_a_wrong_file_is_named(text: str, message: str) -> None:
    """What is no ledger is an error that names the file."""
    with pytest.raises(LedgerError, match=f"a.toml: .*({message})"):
        read({"a.toml": text})


def test_an_empty_ledger_accepts_nothing() -> None:
    """No entry is no error."""
    assert [] == read({"a.toml": ""})


@pytest.mark.parametrize(
    ("version", "text", "fits"),
    [
        ("2.13.0+cpu", ">=2.13", True),
        ("2.13", ">=2.13.0", True),
        ("2.9.1", "<2.10", True),
        ("2.10.0rc1", "==2.10", True),
        ("3.0", ">=2,<3", False),
        ("2.13", ">2.13", False),
        ("2.13", "<=2.13", True),
        ("", ">=1", False),
        ("", "", True),
    ],
)
def test_versions_are_compared_by_their_numbers(version: str, text: str, *, fits: bool) -> None:
    """As numbers and not as text, missing ones as 0, whatever follows the release left out."""
    entry = read(toml(ENTRY | {"versions": text}))[0]
    assert fits is satisfies(version, entry.versions)


@given(st.lists(st.integers(0, 99), min_size=1, max_size=4), st.lists(st.integers(0, 99), min_size=1, max_size=4))
def test_versions_are_ordered(one: list[int], two: list[int]) -> None:
    """Of any two releases exactly one of <, == and > holds, and >= and <= say the same."""
    version, bound = (".".join(map(str, part)) for part in (one, two))
    entries = {
        operator: read(toml(ENTRY | {"versions": f"{operator}{bound}"}))[0].versions
        for operator in ("<", "==", ">", "<=", ">=")
    }
    holds = {operator: satisfies(version, comparisons) for operator, comparisons in entries.items()}
    assert 1 == sum(holds[operator] for operator in ("<", "==", ">"))
    assert holds["<="] is not holds[">"]
    assert holds[">="] is not holds["<"]


def test_the_ledger_stands_beside_the_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the collected folder, or in one of its areas; each file is read once, and named from here."""
    cases = project(tmp_path)
    (cases / FILE).write_text("# top", encoding="utf-8")
    (cases / "two" / FILE).write_text("# area", encoding="utf-8")
    (tmp_path / FILE).write_text("# outside", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = ledgers(collect([]).values())
    assert {f"cases/{FILE}": "# top", f"cases/two/{FILE}": "# area"} == found


def test_a_ledger_of_the_former_name_is_read_with_a_warning(tmp_path: Path) -> None:
    """For one release; the warning says how to go on."""
    cases = project(tmp_path)
    (cases / FORMER).write_text("# old", encoding="utf-8")
    with pytest.warns(FutureWarning, match=rf"{FORMER}: a ledger is called {FILE} now\. Rename it"):
        assert {str(cases / FORMER): "# old"} == ledgers(collect([cases]).values())


def test_a_ledger_of_both_names_is_refused(tmp_path: Path) -> None:
    """None of the two is silently left out."""
    cases = project(tmp_path)
    for name in (FILE, FORMER):
        (cases / name).write_text("", encoding="utf-8")
    with pytest.raises(LedgerError, match=f"holds {FILE} and {FORMER}, its former name: expected one"):
        ledgers(collect([cases]).values())


def run_of(recorded: float, areas: str, **ledgers: str) -> Manifest:
    """Make a run of one case an area."""
    cases = tuple(CaseFacts(id=f"{area}/case", area=area) for area in areas.split())
    texts = {f"cases/{name}/{FILE}" if name != "top" else f"cases/{FILE}": text for name, text in ledgers.items()}
    return Manifest(id=str(recorded), checks=(), cases=cases, backends=(), ledgers=texts, recorded=recorded)


def test_ledgers_of_several_runs_are_those_of_the_newest() -> None:
    """And of areas that it left out, those of the newest run that did not."""
    new, old = run_of(2.0, "one", top="new", one="new"), run_of(1.0, "one two", top="old", one="old", two="old")
    expected = {f"cases/{FILE}": "new", f"cases/one/{FILE}": "new", f"cases/two/{FILE}": "old"}
    assert (expected, (2.0, 1.0)) == newest([new, old])
    assert (dict(new.ledgers), (2.0,)) == newest([new, run_of(1.0, "one", top="old", one="old")])


def test_a_ledger_that_was_removed_stays_removed() -> None:
    """A newer run that chose cases of the area and found no ledger there has the last word."""
    new, old = run_of(2.0, "one", top="new"), run_of(1.0, "one two", top="old", one="old")
    assert ({f"cases/{FILE}": "new"}, (2.0,)) == newest([new, old])


def test_a_ledger_that_is_no_text_is_named(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are an error, not an empty ledger."""
    cases = project(tmp_path)
    (cases / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(LedgerError, match=f"{FILE} cannot be read"):
        ledgers(collect([cases]).values())


def test_the_standard_ledger_is_one() -> None:
    """Each of its entries is whole, links to something public, and no two are the same."""
    entries = read(ledgers(collect([ROOT / "cases"]).values()))
    assert len(entries) > 250
    assert all(re.match(r"https://\S+$", entry.link) for entry in entries)
    said = [(tuple(entry.patterns.items()), entry.accepts, entry.versions) for entry in entries]
    assert len(said) == len(set(said))
    assert all(len(entry.reason) > 20 for entry in entries)
