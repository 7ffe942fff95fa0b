"""A report says in one sentence whether all is fine, and how much was checked."""

from __future__ import annotations

from harness.model import CaseFacts, Check, Judgement, Outcome, Verdict
from harness.report.build import build

__all__: list[str] = []


def judgement(case: str = "seeds/a", verdict: Verdict | None = Verdict.AGREES, **fields: str) -> Judgement:
    """Make a judgement of a plain check."""
    names = {"sample": "given", "backend": "torch", "mode": "eager", "dtype": "float32"}
    names |= {"device": "cpu", "quantity": "value"} | fields
    return Judgement(check=Check(case, **names), version="2.13.0", outcome=Outcome.COMPLETED, verdict=verdict)


def test_the_headline_counts_checks_and_cases() -> None:
    """One sentence answers whether all is fine."""
    fine, wrong = judgement(), judgement("seeds/b", Verdict.DISAGREES)

    assert build([], {}, {}, [], [], {}).headline == "Nothing was checked."
    assert build([fine], {}, {}, [], [], {}).headline == "The one check is fine."
    assert build([fine, fine], {}, {}, [], [], {}).headline == "All 2 checks are fine."
    assert build([fine, wrong], {}, {}, [], [], {}).headline == "1 of 2 checks is not fine, in 1 case."


def test_a_case_without_checks_is_not_counted_as_checked() -> None:
    """A case of which nothing was asked in this run is named among all, and not among those that were checked."""
    one, other = CaseFacts(id="seeds/a"), CaseFacts(id="complex/b")
    assert "1 case" == build([judgement()], {}, {}, [one], [], {}).scope
    expected = "1 of 2 cases (the others have no check in this run)"
    assert expected == build([judgement()], {}, {}, [one, other], [], {}).scope
