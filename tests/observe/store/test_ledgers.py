"""Checks of several runs are judged by one set of ledgers, and a reader is told which."""

from __future__ import annotations

from harness.judge.ledger import FILE
from harness.model import CaseFacts, Manifest
from harness.observe.store.ledgers import judged_by, newest

__all__: list[str] = []


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


def test_the_runs_whose_ledgers_these_are_are_named() -> None:
    """The newest first, a few of the others, and that there was none."""
    day = 86400.0
    assert "the ledger of the run of 1970-01-02 00:00 UTC" == judged_by({"a": ""}, [day])["judged by"]
    assert "no ledger: the run of 1970-01-02 00:00 UTC had none" == judged_by({}, [day])["judged by"]
    expected = "the ledger of the run of 1970-01-03 00:00 UTC; areas that it left out, by that of the run of 1970-01-02 00:00 UTC"
    assert expected == judged_by({"a": ""}, [2 * day, day])["judged by"]
    assert judged_by({"a": ""}, [0.0] * 6)["judged by"].endswith(", those of 2 older runs")
