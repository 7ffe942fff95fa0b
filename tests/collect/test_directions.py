"""What is made beside a sample: cotangents, tangents, batches, twins."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.collect.directions import batch, cotangent, tangent, twin

__all__: list[str] = []

quick = settings(max_examples=50, deadline=None)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


def test_cotangents_have_not_changed() -> None:
    """A cotangent is made of raw generator output by exact arithmetic: these bits hold for every version of NumPy."""
    assert [1.1796875, 0.6015625, -1.4765625] == cotangent(0, 0, (3,)).tolist()


def test_cotangents_and_tangents_of_complex_arrays_have_both_parts() -> None:
    """The real part is the real array's own; the imaginary part is drawn like it."""
    found = cotangent(7, 0, (50,), "complex64")
    assert cotangent(7, 0, (50,)).tolist() == found.real.tolist()
    assert (np.abs(found.imag) >= 0.5).all()
    assert not np.array_equal(found.real, found.imag)
    assert "complex128" == tangent(7, "x", (2,), "complex128").dtype.name


@quick
@holds(seed=st.integers(0, 2**64 - 1), output=st.integers(0, 5), shape=shapes)
def test_cotangents_have_eight_bits(seed: int, output: int, shape: tuple[int, ...]) -> None:
    """Every entry is a multiple of 2⁻⁷ between 1/2 and 3/2 in size: the same in float64, float16 and bfloat16."""
    found = cotangent(seed, output, shape)
    assert shape == found.shape
    assert np.float64 == found.dtype
    assert ((np.abs(found) >= 0.5) & (np.abs(found) < 1.5)).all()
    assert np.array_equal(found * 128, np.rint(found * 128))
    assert np.array_equal(found, found.astype(np.float16).astype(np.float64))
    bits = found.astype(np.float32).view(np.uint32) if found.size else np.zeros(0, dtype=np.uint32)
    assert not (bits & 0xFFFF).any()


def test_cotangents_differ_by_output_and_have_both_signs() -> None:
    """Each output has its own cotangent; half of the entries are negative; they are not all alike."""
    first, second = cotangent(1, 0, (1000,)), cotangent(1, 1, (1000,))
    assert not np.array_equal(first, second)
    assert 400 < int((first < 0).sum()) < 600
    assert len(set(np.abs(first).tolist())) > 100


def test_tangents_differ_by_argument() -> None:
    """Each argument is moved in a direction of its own, with numbers like a cotangent's."""
    assert not np.array_equal(tangent(1, "x", (9,)), tangent(1, "y", (9,)))
    assert np.array_equal(tangent(1, "x", (9,)), tangent(1, "x", (9,)))
    assert ((np.abs(tangent(1, "x", (9,))) >= 0.5) & (np.abs(tangent(1, "x", (9,))) < 1.5)).all()


def test_a_batch_starts_with_the_sample() -> None:
    """A batch holds the sample and two rearrangements of it: the same numbers, in three orders."""
    found = batch(np.arange(6.0).reshape(2, 3))
    assert (3, 2, 3) == found.shape
    assert np.array_equal(np.arange(6.0).reshape(2, 3), found[0])
    assert all(np.array_equal(np.arange(6.0), np.sort(part.reshape(-1))) for part in found)
    assert (3,) == batch(np.array(2.0)).shape


@quick
@holds(values=hnp.arrays(np.float32, shapes, elements=st.floats(1, 2, width=32)))
def test_a_twin_has_other_values(values: Any) -> None:
    """What a trace is prepared with has the shape and dtype of the sample, and no sum or order of its own in common."""
    found = twin(values)
    assert (values.shape, values.dtype) == (found.shape, found.dtype)
    assert not values.size or values.sum() != found.sum()
    assert np.array_equal(np.array([3, 1, 2]), twin(np.array([2, 1, 3])))
