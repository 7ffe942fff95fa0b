"""Facts of floating-point formats, held against NumPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.operations.formats import FORMATS, ulp

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
