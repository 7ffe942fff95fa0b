"""An adapter that is no part of the project runs the standard cases: what it lacks is a gap, and never an error of ours."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from harness import pipeline
from harness.adapters.base import load
from harness.model import Outcome, Verdict
from harness.operations.table import OPERATIONS

if TYPE_CHECKING:
    from harness.model import Judgement

__all__: list[str] = []

pytestmark = pytest.mark.skipif(find_spec("autograd") is None, reason="autograd is not installed")

ADAPTER = "examples.autograd_adapter:AutogradAdapter"
WELL_KNOWN = (
    *("elementwise/difference_of_squares", "elementwise/square_root", "elementwise/exponentials"),
    *("elementwise/hyperbolic_tangent", "elementwise/inverse_hyperbolic", "elementwise/smooth_step"),
    *("linear/chain", "linear/outer_product", "linear/gram_schmidt"),
    *("reductions/stable_logsumexp", "reductions/sample_variance", "reductions/row_sums"),
)


@pytest.fixture(scope="module")
def judgements(tmp_path_factory: pytest.TempPathFactory) -> list[Judgement]:
    """Run three areas on autograd, in its values and its derivatives."""
    options = pipeline.Options(
        select=("elementwise", "linear", "reductions"),
        backends=("autograd",),
        adapters=(ADAPTER,),
        store=tmp_path_factory.mktemp("autograd") / "store",
    )
    return list(pipeline.execute(options).judgements)


def test_what_it_lacks_is_a_declared_gap(judgements: list[Judgement]) -> None:
    """Everything is completed, a gap that says so, or raised by autograd itself; nothing is missing, nothing our error."""
    assert len(judgements) > 500
    others = [one for one in judgements if one.outcome is not Outcome.COMPLETED]
    assert {Outcome.UNSUPPORTED, Outcome.RAISED} == {one.outcome for one in others}
    reasons = {Outcome.UNSUPPORTED: set[str](), Outcome.RAISED: set[str]()}
    for one in others:
        reasons[one.outcome].add((one.reason or "").partition("\n")[0])
    nothing = "there is nothing to differentiate: the case returns no floating-point array"
    (gap,) = reasons[Outcome.UNSUPPORTED] - {nothing}
    assert gap.startswith("autograd does not offer linalg.expm: its array namespace has no 'linalg.expm'")
    assert f"and {ADAPTER} has no word for it; add 'linalg.expm' to its `words`" in gap
    assert [] == [reason for reason in reasons[Outcome.RAISED] if not reason.startswith("NotImplementedError: ")]


def test_what_it_computes_is_right(judgements: list[Judgement]) -> None:
    """Every value and derivative that autograd gives agrees, the well-known ones without exception."""
    assert {Verdict.AGREES} == {one.verdict for one in judgements if one.outcome is Outcome.COMPLETED}
    found = [one for one in judgements if one.check.case in WELL_KNOWN]
    assert set(WELL_KNOWN) == {one.check.case for one in found}
    assert [] == [one for one in found if one.verdict is not Verdict.AGREES]


def test_its_words_are_few() -> None:
    """It says only what autograd calls differently, and of known rows alone."""
    words = load(ADAPTER).words
    assert set() == words.keys() - OPERATIONS.keys()
    assert len(words) < len(OPERATIONS) / 8
