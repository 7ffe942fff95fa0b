"""A proposal names what diverges, tightly, and waits for a person who says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.collect.registry import collect
from harness.errors import LedgerError
from harness.judge.entries import read
from harness.judge.ledger import FILE, FORMER, complaints, settle
from harness.judge.proposals import home, propose
from harness.model import Outcome, Verdict
from tests.judge.entries import CASES, ENTRY, judged, project, settled

if TYPE_CHECKING:
    from pathlib import Path

__all__: list[str] = []


def test_a_proposal_is_a_ledger_without_reasons() -> None:
    """It names every divergence once, tightly, and is refused until a person has written why."""
    found = [
        judged(),
        judged(mode="aot"),
        judged("budget+nan", quantity="value", dtype="float64", path="func"),
        judged(None),
        judged(None, outcome=Outcome.CRASHED),
        settled(judged(), ENTRY),
    ]
    text = propose(found)
    assert 2 == text.count("[[accepted]]")
    with pytest.raises(LedgerError, match="entry 1 has no reason: a person writes it"):
        read({"a.toml": text})
    written = read({"a.toml": text.replace('reason = ""', 'reason = "x"').replace('link = ""', 'link = "y"')})
    assert [Verdict.ACCEPTED] * 3 == [one.verdict for one in settle(found[:3], CASES, written)]
    assert [] == complaints(found[:3], CASES, written, whole=True)


def test_there_may_be_nothing_to_propose() -> None:
    """What agrees, is accepted or crashed proposes nothing."""
    assert "" == propose([judged(None), settled(judged(), ENTRY), judged(None, outcome=Outcome.CRASHED)])


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=20))
def test_proposals_can_be_read_whatever_names_hold(name: str) -> None:
    """Quotes, line ends and control characters come back as they were."""
    text = propose([judged(case="area/" + name, sample=name)])
    entry = read({"a.toml": text.replace('reason = ""', 'reason = "x"').replace('link = ""', 'link = "y"')})[0]
    assert (("area/" + name,), (name,)) == (entry.patterns["case"], entry.patterns["sample"])


def test_a_proposal_belongs_to_the_ledger_of_its_area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not there is one; under its former name as long as it has that."""
    cases = project(tmp_path)
    monkeypatch.chdir(tmp_path)
    (cases / FILE).write_text("# top", encoding="utf-8")
    one, two = collect([]).values()
    assert [f"cases/one/{FILE}", f"cases/two/deep/{FILE}"] == [home(one), home(two)]
    (cases / "one" / FORMER).write_text("# old", encoding="utf-8")
    assert f"cases/one/{FORMER}" == home(one)
