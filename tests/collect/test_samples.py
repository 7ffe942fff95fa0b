"""Samples: drawn once, from names, the same bits everywhere; and what cannot be drawn."""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given as holds
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness import complex_normal, given, integers, normal, uniform
from harness.collect.directions import cotangent
from harness.collect.samples import Given, Sample, Specification, derive_seed, draw
from harness.errors import CaseError

__all__: list[str] = []

quick = settings(max_examples=50, deadline=None)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


def sample(name: str = "normal", **arrays: Any) -> Sample:
    return Sample(name, arrays)


def digest(arrays: dict[str, Any]) -> str:
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays.values())).hexdigest()[:16]


# Drawing.


def test_the_same_names_draw_the_same_bits() -> None:
    """Case, sample, argument and seed decide the values; nothing else does."""
    one = sample(x=normal((3, 2)), i=integers((4,), 0, 9))
    first, again = (draw("area/case", one, "float64", 3) for _ in range(2))
    assert digest(first) == digest(again)
    assert ["x", "i"] == list(first)


@pytest.mark.parametrize(
    ("case_id", "name", "argument", "seed"),
    [
        ("area/other", "normal", "x", 0),
        ("area/case", "other", "x", 0),
        ("area/case", "normal", "y", 0),
        ("area/case", "normal", "x", 1),
    ],
)
def test_another_name_draws_other_values(case_id: str, name: str, argument: str, seed: int) -> None:
    """Another case, sample, argument or seed draws other values."""
    first = draw("area/case", sample(x=normal((3,))), "float64")
    other = draw(case_id, Sample(name, {argument: normal((3,))}), "float64", seed)
    assert digest(first) != digest(other)


def test_adding_an_argument_never_changes_another() -> None:
    """Each argument has a stream of its own, so that neighbours and their shapes do not matter."""
    alone = draw("area/case", sample(x=normal((3,))), "float64")["x"]
    among = draw("area/case", sample(a=normal((9, 9)), x=normal((3,)), b=uniform((2,))), "float64")["x"]
    assert np.array_equal(alone, among)


def test_draws_are_the_same_in_another_process() -> None:
    """No hash of Python's that changes from process to process takes part."""
    program = (
        "from harness import normal\nfrom harness.collect.directions import cotangent\n"
        "from harness.collect.samples import Sample, draw\n"
        "x = draw('area/case', Sample('s', {'x': normal((5,))}), 'float32')['x']\n"
        "print(x.tobytes().hex(), cotangent(7, 1, (3,)).tobytes().hex())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }
    x = draw("area/case", Sample("s", {"x": normal((5,))}), "float32")["x"]
    assert {f"{x.tobytes().hex()} {cotangent(7, 1, (3,)).tobytes().hex()}\n"} == found


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_values_are_rounded_once_to_the_dtype(dtype: str) -> None:
    """A dtype's values are the float64 ones, rounded; integers and booleans keep theirs."""
    one = sample(x=normal((20,)), i=integers((5,), -3, 3), mask=given([True, False]), k=given([1, 2]))
    wide, narrow = draw("a/b", one, "float64"), draw("a/b", one, dtype)
    assert np.array_equal(wide["x"].astype(dtype), narrow["x"])
    assert [dtype, "int64", "bool", "int64"] == [array.dtype.name for array in narrow.values()]


def test_bfloat16_comes_as_float32_with_eight_bits() -> None:
    """Its numbers are those of float64, rounded once, and need no more than the upper half of a float32."""
    one = sample(x=normal((200,)), i=integers((5,), -3, 3))
    wide, narrow = draw("a/b", one, "float64"), draw("a/b", one, "bfloat16")
    assert ["float32", "int64"] == [array.dtype.name for array in narrow.values()]
    assert not (narrow["x"].view(np.uint32) & 0xFFFF).any()
    assert (np.abs(narrow["x"] - wide["x"]) <= 2.0**-8 * np.abs(wide["x"])).all()


def test_complex_samples_have_complex_arrays_and_real_ones_of_their_parts() -> None:
    """In complex64, a complex argument is complex64 and a real one float32; so is a written complex number."""
    one = sample(z=complex_normal((200,), mean=1 + 2j, scale=0.1), x=normal((3,)), w=given([1j, 2.0]), i=given([1]))
    assert one.complex
    assert ("z", "x", "w") == one.differentiable
    drawn = draw("a/b", one, "complex64")
    assert ["complex64", "float32", "complex64", "int64"] == [array.dtype.name for array in drawn.values()]
    assert [1j, 2.0] == drawn["w"].tolist()
    spread = drawn["z"] - (1 + 2j)
    assert 0.05 < float(np.std(spread.real)) < 0.15
    assert 0.05 < float(np.std(spread.imag)) < 0.15
    assert not sample(x=normal((3,))).complex


@pytest.mark.parametrize("wrong", [{"scale": 0.0}, {"mean": complex("nan")}, {"scale": math.inf}])
def test_wrong_complex_distributions_are_refused(wrong: dict[str, Any]) -> None:
    """A scale is positive, and both are finite."""
    with pytest.raises(CaseError, match="expected a finite mean and a positive scale"):
        complex_normal((3,), **wrong)


@quick
@holds(shape=shapes, low=st.integers(-5, 4), width=st.integers(1, 5))
def test_draws_keep_shape_and_range(shape: tuple[int, ...], low: int, width: int) -> None:
    """Every maker keeps its shape, 0-d and empty ones included, and its range."""
    drawn = draw(
        "a/b",
        sample(u=uniform(shape, low, low + width), i=integers(shape, low, low + width), n=normal(shape)),
        "float64",
    )
    assert [shape] * 3 == [array.shape for array in drawn.values()]
    for name in ("u", "i"):
        assert ((drawn[name] >= low) & (drawn[name] < low + width)).all()
    assert np.isfinite(drawn["n"]).all()


def test_normal_has_its_mean_and_scale() -> None:
    """The same draw, shifted and scaled."""
    standard = draw("a/b", sample(x=normal((50,))), "float64")["x"]
    moved = draw("a/b", sample(x=normal((50,), mean=3.0, scale=0.5)), "float64")["x"]
    assert np.array_equal(3.0 + 0.5 * standard, moved)


# Specifications.


@pytest.mark.parametrize(
    ("specification", "kind", "differentiable"),
    [
        (given([2.0, 3.0]), "given", True),
        (given(2.0), "given", True),
        (given([]), "given", True),
        (given([[1, 2], [3, 4]]), "given", False),
        (given([True, False]), "given", False),
        (given([1, 2.5]), "given", True),
        (given(3), "given", False),
        (given(np.array([1.0])), "given", True),
        (given(np.array([1, 2])), "given", False),
        (given(np.array([True])), "given", False),
        (given(np.zeros((0,), dtype=np.int64)), "given", False),
        (given(np.int64(3)), "given", False),
        (normal(3), "normal", True),
        (uniform((2, 2), -1.0, 1.0), "uniform", True),
        (integers((2,), 0, 5), "integers", False),
    ],
)
def test_written_integers_have_no_derivative(specification: Specification, kind: str, differentiable: bool) -> None:
    """Indices and masks, also in arrays, are not differentiated; one float among integers makes all of them floats."""
    assert (kind, differentiable) == (specification.kind, specification.differentiable)
    array = draw("a/b", sample(x=specification), "float32")["x"]
    assert differentiable == (array.dtype.kind == "f")


def test_arrays_are_written_down_in_full() -> None:
    """A given array becomes the numbers it holds: a change in the middle of a long one is seen by its repr."""
    one, two = np.arange(3000.0), np.arange(3000.0)
    two[1500] = 7.0
    assert repr(given(one)) != repr(given(two))
    assert Given(one.tolist()) == given(one)
    assert np.array_equal(one, draw("a/b", sample(x=given(one)), "float64")["x"])


@pytest.mark.parametrize("values", [np.zeros((0, 3)), np.zeros((2, 0)), [[], []], [np.array([1.0, 2.0]), [3.0, 4.0]]])
def test_given_keeps_the_shape(values: Any) -> None:
    """Empty arrays and rows that are arrays keep their shape."""
    assert np.asarray(values).shape == draw("a/b", sample(x=given(values)), "float64")["x"].shape


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: given([[1.0, 2.0], [3.0]]), r"expected rows of one length, got a ragged sequence"),
        (lambda: given([[1.0], 2.0]), "ragged"),
        (lambda: given([np.zeros(2), np.zeros(3)]), "ragged"),
        (lambda: given("abc"), r"given\(…\): expected numbers, got 'abc' of type str"),
        (lambda: given([1.0, None]), "expected numbers, got None of type NoneType"),
        (lambda: given({1.0, 2.0}), "of type set"),
        (lambda: normal((2, -1)), r"normal\(\(2, -1\)\): expected a shape of non-negative integers, such as \(3, 4\)"),
        (lambda: normal(2.5), r"normal\(2\.5\): expected a shape"),  # type: ignore[arg-type]
        (lambda: uniform("34"), r"uniform\('34'\): expected a shape"),  # type: ignore[arg-type]
        (
            lambda: normal((2,), scale=0.0),
            r"normal\(mean=0\.0, scale=0\.0\): expected a finite mean and a positive scale",
        ),
        (lambda: normal((2,), mean=math.nan), "expected a finite mean"),
        (lambda: normal((2,), scale=math.inf), "expected a finite mean and a positive scale"),
        (lambda: uniform((2,), 1.0, 1.0), r"uniform\(low=1\.0, high=1\.0\): expected finite ends with low < high"),
        (lambda: uniform((2,), 0.0, math.inf), "expected finite ends"),
        (lambda: uniform((2,), math.nan, 1.0), "expected finite ends"),
        (lambda: integers((2,), 3, 3), r"integers\(low=3, high=3\): expected integers with low < high"),
        (lambda: integers((2,), 0.5, 2), r"integers\(low=0\.5, high=2\): expected integers"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Any, message: str) -> None:
    """A maker says what it got and what it expected, when the case file is read and not when it is run."""
    with pytest.raises(CaseError, match=message):
        make()


def test_a_bare_specification_cannot_be_drawn() -> None:
    """The base class names those that can."""
    with pytest.raises(CaseError, match="Specification cannot be drawn; use given, normal, uniform or integers"):
        Specification().generate(np.random.Generator(np.random.PCG64(0)))


def test_seeds_have_not_changed() -> None:
    """A seed is a hash of names: the same in every version of Python."""
    assert 6440158901286859588 == derive_seed("seeds/affine_sum", "given", 0)


def test_seeds_tell_names_apart() -> None:
    """Parts are kept apart: ("ab", "c") is not ("a", "bc"), and a lone surrogate can be hashed."""
    assert derive_seed("ab", "c") != derive_seed("a", "bc")
    assert 0 <= derive_seed("\ud800") < 2**64
