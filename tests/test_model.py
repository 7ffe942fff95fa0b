"""Records: what they say of themselves."""

from __future__ import annotations

import pytest

from harness.model import Check, Observation, Outcome

__all__: list[str] = []

CHECK = Check(
    case="area/one", sample="given", backend="torch", mode="eager", dtype="float32", device="cpu", quantity="vjp:x"
)


@pytest.mark.parametrize(
    ("outcome", "told", "final"),
    [
        (Outcome.COMPLETED, False, True),
        (Outcome.RAISED, False, True),
        (Outcome.MISSING, False, False),
        (Outcome.MISSING, True, True),
        (Outcome.TIMED_OUT, True, False),
        (Outcome.CRASHED, True, False),
    ],
)
def test_what_would_end_the_same_way_is_not_run_again(outcome: Outcome, told: bool, final: bool) -> None:  # noqa: FBT001 - a table
    """A result that the framework itself leaves out is final; one that no answer came for is not."""
    assert final is Observation(id="1", check=CHECK, outcome=outcome, told=told).final
