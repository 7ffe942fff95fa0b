"""Facts of floating-point formats, held against NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.operations.formats import FORMATS, complex_of, holder, is_complex, nearest, next_after, real_of, ulp

__all__: list[str] = []

NUMPYS = ["float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", NUMPYS)
def test_formats_are_numpys(dtype: str) -> None:
    """Significant bits, smallest exponent and largest number are those that NumPy reports."""
    facts, form = np.finfo(dtype), FORMATS[dtype]
    assert (facts.nmant + 1, facts.minexp, float(facts.max)) == (form.mantissa, form.smallest_exponent, form.largest)


def test_bfloat16_has_the_range_of_float32() -> None:
    """bfloat16 is float32 with the lower 16 bits cut off."""
    form = FORMATS["bfloat16"]
    largest = np.array([0x7F7F0000], dtype=np.uint32).view(np.float32)[0]
    assert (8, -126, float(largest)) == (form.mantissa, form.smallest_exponent, form.largest)


@pytest.mark.parametrize("dtype", NUMPYS)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_ulp_is_numpys_spacing(dtype: str, data: st.DataObject) -> None:
    """At numbers of the dtype, the ulp is the distance to the next larger one in size."""
    number = data.draw(hnp.from_dtype(np.dtype(dtype), allow_nan=False, allow_infinity=False))
    assume(abs(float(number)) < FORMATS[dtype].largest)
    assert float(np.spacing(np.abs(number))) == float(ulp(number.astype(np.float64), dtype))


@pytest.mark.parametrize("dtype", FORMATS)
def test_ulp_ends_where_the_format_does(dtype: str) -> None:
    """Zero has the ulp of subnormals; infinities have the largest; NaN has none that would let anything pass."""
    form = FORMATS[dtype]
    smallest = 2.0 ** (form.smallest_exponent + 1 - form.mantissa)
    largest = float(ulp(np.array(form.largest), dtype))
    found = ulp(np.array([0.0, -0.0, np.inf, -np.inf]), dtype)
    assert [smallest, smallest, largest, largest] == found.tolist()


def _neighbours(number: float) -> tuple[float, float]:
    """Give the numbers of bfloat16 below and above a number, by its bits in float32."""
    down = np.array([number], dtype=np.float32).view(np.uint32) & np.uint32(0xFFFF0000)
    return float(down.view(np.float32)[0]), float((down + np.uint32(0x10000)).view(np.float32)[0])


@settings(max_examples=300, deadline=None)
@given(number=st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_nearest_is_the_nearer_neighbour_with_ties_to_even(number: float) -> None:
    """bfloat16's neighbours are found by cutting bits off; the nearer one is taken, of two alike the even one."""
    found = float(nearest(np.array([number]), "bfloat16")[0])
    low, high = _neighbours(number)
    below, above = abs(number - low), abs(high - number)
    if np.isfinite(high) and below != above:
        assert (low if below < above else high) == found
    elif np.isfinite(high):
        bits = int(np.array([found], dtype=np.float32).view(np.uint32)[0])
        assert found in {low, high}
        assert bits & 0x1FFFF == 0
    assert np.signbit(found) == np.signbit(number)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (float("inf"), float("inf")),
        (-float("inf"), -float("inf")),
        (float.fromhex("0x1.fe8p127"), float.fromhex("0x1.fep127")),
        (float.fromhex("0x1.ffp127"), float("inf")),
        (-(2.0**-134), 0.0),
        (1.5 * 2.0**-133, 2.0**-132),
        # Rounded to float32 first, it would become a tie, and the even neighbour 1.
        (1 + 2.0**-8 + 2.0**-40, 1 + 2.0**-7),
    ],
)
def test_nearest_at_the_ends_of_bfloat16(number: float, expected: float) -> None:
    """Half a unit beyond the largest is infinite, half the smallest is 0, and float64 is rounded once."""
    found = nearest(np.array([number]), "bfloat16")
    assert [expected] == found.tolist()
    assert np.signbit(number) == np.signbit(found[0])


@pytest.mark.parametrize("dtype", NUMPYS)
def test_nearest_is_numpys_own(dtype: str) -> None:
    """NumPy rounds to its own dtypes, and a NaN stays one in all."""
    numbers = np.array([1 / 3, -1e300, np.nan, 1e-30])
    with np.errstate(all="ignore"):
        expected = numbers.astype(dtype)
    assert expected.tobytes() == nearest(numbers, dtype).tobytes()
    assert np.isnan(nearest(numbers, "bfloat16")[2])


def test_dtypes_of_parts_and_of_holders() -> None:
    """complex64 is made of two float32; bfloat16 is held by float32."""
    assert ["float32", "float64", "float16"] == [real_of(name) for name in ("complex64", "complex128", "float16")]
    assert ["complex64", "complex128"] == [complex_of(name) for name in ("float32", "float64")]
    assert [True, False] == [is_complex(name) for name in ("complex64", "float32")]
    assert ["float32", "float64"] == [holder(name) for name in ("bfloat16", "float64")]


def test_next_after_of_bfloat16_walks_through_its_numbers() -> None:
    """Each bfloat16 number follows the one before, through powers of two, subnormal numbers and 0, up to infinity."""
    bits = np.arange(0x7F80 + 1, dtype=np.uint32) << 16
    upper = bits.view(np.float32)
    numbers = np.concatenate([-upper[:0:-1], upper])
    assert np.array_equal(numbers[1:], next_after(numbers[:-1], np.array(np.inf), "bfloat16"))
    assert np.array_equal(numbers[:-1], next_after(numbers[1:], np.array(-np.inf), "bfloat16"))
    assert np.isnan(next_after(np.array([np.nan, 1.0]), np.array([1.0, np.nan]), "bfloat16")).all()
