"""Tests of larger samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness import edges, given, integers, normal, uniform
from harness.collect.growth import grown
from harness.collect.samples import Sample, draw

if TYPE_CHECKING:
    from harness.collect.samples import Specification

__all__: list[str] = []


def test_dimensions_grow_together_and_ones_stay() -> None:
    """What fitted together still does, and what broadcast still does."""
    arrays = {"x": normal((3, 4)), "y": uniform((4, 1), 0.0, 1.0), "n": integers((3,), 0, 2), "z": given([2.0])}
    sample = grown(Sample("random", arrays, {"scale": 2.0}), 5)
    assert sample is not None
    assert ("random*5", {"scale": 2.0}) == (sample.name, sample.parameters)
    drawn = draw("area/case", sample, "float32")
    assert {"x": (15, 20), "y": (20, 1), "n": (15,), "z": (1,)} == {name: one.shape for name, one in drawn.items()}
    assert drawn["n"].max() < 2


def test_a_factor_of_one_changes_nothing() -> None:
    """The sample is the sample."""
    sample = Sample("given", {"x": given([1.0, 2.0])})
    assert grown(sample, 1) is sample


@pytest.mark.parametrize(
    "arrays",
    [{"x": given([1.0, 2.0])}, {"x": normal((2,)), "y": edges(1.0, 2.0)}, {"x": normal(())}, {"x": normal((1,))}],
)
def test_what_is_written_down_does_not_grow(arrays: dict[str, Specification]) -> None:
    """Nor does what has no length."""
    assert grown(Sample("sample", arrays), 2) is None
