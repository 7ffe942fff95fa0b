"""Numbers read well, and read back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report import numbers


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, ""),
        (0.0, "0"),
        (3.7, "3.7"),
        (999.6, "1,000"),
        (18709.0, "18,700"),
        (0.00123456, "0.00123"),
        (1.2345e-9, "1.23e-9"),
        (-2.5e12, "-2.5e12"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_sizes_have_three_significant_digits(number: float | None, text: str) -> None:
    """Thousands are grouped, and only very large and very small sizes have an exponent."""
    assert text == numbers.significant(number)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_a_size_reads_back_as_its_three_digits(number: float) -> None:
    """Whatever the form, the number is the one that three digits make."""
    assert float(f"{number:.3g}") == float(numbers.significant(number).replace(",", ""))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (3.2e-8, "32 ns"),
        (9.6e-5, "96 µs"),
        (0.0009996, "1 ms"),
        (0.2504, "250 ms"),
        (14.02, "14 s"),
        (125.4, "2 min 5 s"),
        (7500.0, "2 h 5 min"),
        (math.inf, "inf"),
    ],
)
def test_times_have_units(seconds: float | None, text: str) -> None:
    """The unit leaves between one and three digits before the point."""
    assert text == numbers.duration(seconds)


@pytest.mark.parametrize(("dtype", "width"), [("float16", 16), ("float32", 32), ("float64", 64)])
def test_texts_read_back_as_the_same_bits(dtype: str, width: int) -> None:
    """Shortest is never too short."""

    @given(st.lists(st.floats(width=width), max_size=5))  # type: ignore[arg-type]
    def check(values: list[float]) -> None:
        array = np.array(values, dtype=dtype)
        again = np.array([float(text) for text in numbers.texts(array, dtype)], dtype=dtype)
        exactly = np.array([float.fromhex(text) for text in numbers.exact(array)], dtype=dtype)

        assert not np.isnan(array).any() or np.isnan(again).any()
        assert array[~np.isnan(array)].tobytes() == again[~np.isnan(array)].tobytes()
        assert array[~np.isnan(array)].tobytes() == exactly[~np.isnan(array)].tobytes()

    check()


@given(st.integers(min_value=0, max_value=0xFFFF))
def test_bfloat16_texts_read_back_as_the_same_bits(bits: int) -> None:
    """Every one of the 65,536 values has a text that rounds to it and to no neighbour."""
    value = np.array([bits << 16], dtype=np.uint32).view(np.float32)
    text = numbers.texts(value, "bfloat16")[0]
    if np.isnan(value[0]):
        assert text == "nan"
        return
    again = int(np.float32(float(text)).view(np.uint32))

    assert bits == (again + 0x7FFF + ((again >> 16) & 1)) >> 16


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([True, False]), ["true", "false"]),
        (np.array([-3, 2**62]), ["-3", "4611686018427387904"]),
        (np.array([1 + 2j, -0.5 - 1j], dtype=np.complex64), ["1.0+2.0j", "-0.5-1.0j"]),
        (np.array([0.1], dtype=np.float32), ["0.1"]),
    ],
)
def test_every_kind_of_element_has_a_text(values: np.ndarray[Any, Any], expected: list[str]) -> None:
    """Booleans, integers, complex and real numbers."""
    assert expected == numbers.texts(values, values.dtype.name)


def test_truth_beyond_the_range_of_a_dtype_is_not_rounded_away() -> None:
    """A finite truth never reads inf, nor a truth that is not zero 0.0."""
    assert ["1e+300", "0.0", "1e-300", "inf"] == numbers.decimals([1e300, 0.0, 1e-300, math.inf], "float32")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ""),
        ("0x1.99999ap-4", "0.1"),
        ("-0x1p+1", "-2.0"),
        ("nan", "nan"),
        ("true", "true"),
        ("17", "17"),
        ("0xnonsense", "0xnonsense"),
        ("0x1p+99999", "0x1p+99999"),
    ],
)
def test_exact_numbers_are_written_in_decimal(text: str | None, expected: str) -> None:
    """What is no hexadecimal float comes back as it is."""
    assert expected == numbers.to_decimal(text, "float32")
