"""The audit of second opinions says yes to what is inside its enclosure, and no to what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mpmath

from tests.audit import opinions

if TYPE_CHECKING:
    import pytest

__all__: list[str] = []


def test_a_good_operation_is_inside_everywhere() -> None:
    """Every number of mpmath's tanh, and of its derivatives, lies in the referee's enclosure or has no good number."""
    tally = opinions.audit("tanh", 24)
    assert [] == tally.outside
    assert all(count > 12 for count in tally.inside.values())


def test_a_wrong_number_is_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """An opinion that is 1e-25 off is outside, and the line says where."""
    wrong = opinions.OTHERS["reciprocal"][0], lambda x: (1 + mpmath.mpf(10) ** -25) / x
    monkeypatch.setitem(opinions.OTHERS, "reciprocal", wrong)
    tally = opinions.audit("reciprocal", 8)
    assert not any(tally.inside.values())
    assert "reciprocal value at" in tally.outside[0]


def test_points_lie_in_the_domain() -> None:
    """There are as many points as asked for, no two alike, all inside the domain."""
    for name in ("log", "asin", "special.logit", "acosh"):
        low, high = opinions._domain(name)
        found = opinions.points(name, 200)
        assert len(set(found)) == len(found) > 190
        assert all(low < x < high for x in found)
