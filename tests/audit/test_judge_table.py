"""The table of adapters that are wrong on purpose says what it must: who is caught, who is silent, and who did nothing."""

from __future__ import annotations

import dataclasses

import msgspec
import numpy as np
import pytest

from harness.model import Array, Check, Observation, Outcome
from tests.audit import blind, wrong_adapters
from tests.audit.judge_table import Bench, render
from tests.audit.wrong_adapters import WAYS, adapter

__all__: list[str] = []

SMALL = {
    "values by 1 + 2⁻¹⁰": ("elementwise/exponentials[given]",),
    "lost broadcast sum": ("broadcasting/outer_sum[given]",),
    "no second order in exp": ("elementwise/exponentials[given]",),
    "first call wrong": ("reductions/row_sums[given]",),
    "tanh gelu": ("nn/gelu[given]",),
    "biased variance": ("reductions/sample_variance[given]",),
}
"""Ways of every kind of fault, each on one small sample."""


@pytest.fixture(scope="module")
def bench() -> Bench:
    """Collect the cases once."""
    return Bench()


@pytest.mark.parametrize("name", SMALL)
def test_a_way_to_be_wrong_is_caught(bench: Bench, name: str) -> None:
    """A wrong adapter disagrees somewhere, after the ledger has said what it accepts."""
    found = bench.run(dataclasses.replace(WAYS[name], cases=SMALL[name], dtypes=("float32",)))
    assert "caught" == found.fate
    assert f"| {name} |" in render([found], bench)


def test_what_changes_nothing_has_no_effect(bench: Bench) -> None:
    """A fault in an operation that no case uses is no fault, and the table says so."""
    way = dataclasses.replace(WAYS["tanh gelu"], cases=("reductions/row_sums[given]",), dtypes=("float32",))
    found = bench.run(way)
    assert "no effect" == found.fate
    assert "## No effect" in render([found], bench)


def test_there_are_a_hundred_ways_and_more() -> None:
    """There are at least 100 ways, no two of one name, and each makes an adapter that can be asked for by name."""
    assert len(WAYS) >= 100
    assert WAYS["tanh gelu"].fault is adapter([*WAYS].index("tanh gelu")).fault
    assert "way_3" == wrong_adapters.way_3.name
    with pytest.raises(AttributeError):
        wrong_adapters.way_1000  # noqa: B018 - asking for it is what raises


def test_no_two_ways_share_a_name() -> None:
    """A name says which way."""
    groups = [value for name, value in vars(wrong_adapters).items() if name.isupper() and name.startswith("_")]
    listed = [one for group in groups for one in group if isinstance(one, wrong_adapters.Way)]
    assert len(listed) == len(WAYS)


def _observation(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]], dtype: str = "") -> Observation:
    check = Check("a/b", "given", "torch", "eager", "float32", "cpu", "value")
    value = Array.of(array)
    if dtype:
        value = msgspec.structs.replace(value, dtype=dtype)
    return Observation(id="", check=check, outcome=Outcome.COMPLETED, value=value)


def test_doubling_doubles_and_says_where_it_cannot() -> None:
    """Each element is doubled, bfloat16 too; zeros, infinities, NaN and booleans are what they were."""
    twice = blind.doubled(_observation(np.asarray([0.0, 1.5, -3.0])))
    assert twice is not None
    assert twice.value is not None
    assert [0.0, 3.0, -6.0] == twice.value.numpy().tolist()
    assert blind.doubled(_observation(np.asarray([0.0, np.inf, np.nan], dtype=np.float32))) is None
    assert blind.doubled(_observation(np.asarray([True, False]))) is None
    half = blind.doubled(_observation(np.asarray([0x3F80, 0xC000], dtype=np.uint16), "bfloat16"))
    assert half is not None
    assert half.value is not None
    assert ("bfloat16", [2.0, -4.0]) == (half.value.dtype, half.value.numpy().tolist())
