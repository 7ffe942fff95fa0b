"""Dtypes, promotion and kinds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.adapters.tensorflow_namespace.exact import REALS, arrays, assert_identical, promotable

__all__: list[str] = []

ALL = (*REALS, "complex64", "complex128", "bool")


@settings(max_examples=150, deadline=None)
@given(dtypes=promotable((*REALS, "complex64", "complex128")))
def test_dtypes_promote_by_the_standard_s_tables(xp: Any, dtypes: tuple[str, str]) -> None:
    """Within its tables the standard promotes as NumPy does, in either order, for dtypes as for arrays."""
    first, second = dtypes
    expected = np.result_type(first, second).name
    assert expected == xp.result_type(getattr(xp, first), getattr(xp, second)).name
    assert expected == xp.result_type(np.zeros(2, second), np.zeros(2, first)).name


@pytest.mark.parametrize(
    "dtypes",
    [("uint64", "int8"), ("int32", "float32"), ("bool", "int8"), ("bool", "float32"), ("float16", "bfloat16")],
)
def test_dtypes_that_the_standard_does_not_join_are_refused(xp: Any, dtypes: tuple[str, str]) -> None:
    """The message names both dtypes and the remedy."""
    with pytest.raises(TypeError, match=rf"{dtypes[0]} and {dtypes[1]}.*astype"):
        xp.result_type(*(getattr(xp, name) for name in dtypes))
    with pytest.raises(TypeError, match=r"add: .*astype"):
        xp.add(*(xp.zeros(2, dtype=name) for name in dtypes))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), x=arrays((*REALS, "complex64"), low=0))
def test_python_scalars_take_the_dtype_of_the_array(xp: Any, data: st.DataObject, x: Any) -> None:
    """An int, and for floating-point arrays a float, is weak on either side, as in NumPy."""
    scalar = data.draw(st.integers(4, 9) if x.dtype.kind in "iu" else st.integers(-4, 4) | st.sampled_from([0.5, -2.0]))
    assert_identical(np.multiply(x, scalar), xp.multiply(x, scalar))
    assert_identical(np.subtract(scalar, x), xp.subtract(scalar, x))


def test_a_complex_scalar_widens_real_arrays(xp: Any) -> None:
    """As in NumPy, the precision stays."""
    for dtype in ("float32", "float64"):
        assert_identical(np.add(np.ones(2, dtype), 1j), xp.add(np.ones(2, dtype), 1j))


@pytest.mark.parametrize(
    ("dtype", "scalar"), [("int32", 1.0), ("bool", 1), ("int32", 1j), ("bool", 0.0), ("int8", True)]
)
def test_a_scalar_of_a_wider_kind_is_refused(xp: Any, dtype: str, scalar: Any) -> None:
    """Floats never meet integer arrays, numbers never booleans, and booleans never numbers."""
    with pytest.raises(TypeError, match=f"multiply: the Python {type(scalar).__name__} .*{dtype}"):
        xp.multiply(xp.zeros(2, dtype=dtype), scalar)


def test_a_numpy_scalar_is_an_array_and_not_weak(xp: Any) -> None:
    """np.float64(1) has a dtype, so it widens float32."""
    assert xp.float64 == xp.result_type(xp.float32, np.float64(1))
    assert xp.float32 == xp.result_type(xp.float32, 1.0)


def test_scalars_alone_have_the_default_dtypes(xp: Any) -> None:
    """Without an array, numbers are int64, float64, complex128 and bool."""
    assert [xp.int64, xp.float64, xp.complex128, xp.bool] == [xp.result_type(one) for one in (1, 1.0, 1j, True)]


def test_scalars_are_rounded_once(xp: Any) -> None:
    """A Python float meets a float32 array as the float32 nearest to it."""
    assert_identical(np.float32(0.1) + np.zeros(1, np.float32), xp.add(xp.zeros(1, dtype=xp.float32), 0.1))


def test_nothing_has_no_dtype(xp: Any) -> None:
    """result_type() of nothing says that it expects something."""
    with pytest.raises(TypeError, match="at least one"):
        xp.result_type()


@pytest.mark.parametrize(
    "kind", ["bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric"]
)
@pytest.mark.parametrize("dtype", ALL)
def test_kinds_are_the_standard_s(xp: Any, dtype: str, kind: str) -> None:
    """Each kind holds the dtypes that NumPy's isdtype puts in it, alone or in a tuple."""
    expected = np.isdtype(np.dtype(dtype), kind)
    assert expected is xp.isdtype(getattr(xp, dtype), kind)
    assert expected is xp.isdtype(getattr(xp, dtype), (kind,))


def test_a_dtype_is_a_kind(xp: Any) -> None:
    """A dtype is of the kind of itself only, and an unknown kind is an error."""
    assert xp.isdtype(xp.float32, xp.float32)
    assert not xp.isdtype(xp.float32, xp.float64)
    with pytest.raises(ValueError, match=r"'float'.*expected one of bool"):
        xp.isdtype(xp.float32, "float")


@settings(max_examples=150, deadline=None)
@given(x=arrays((*REALS, "bool"), low=0), dtype=st.sampled_from(ALL))
def test_numbers_are_cast_as_numpy_casts_them(xp: Any, x: Any, dtype: str) -> None:
    """Small whole numbers keep their value in any dtype; what is not zero is true."""
    assert_identical(x.astype(dtype), xp.astype(xp.asarray(x), getattr(xp, dtype)))


def test_complex_numbers_are_not_cast_to_real_ones(xp: Any) -> None:
    """The standard forbids to drop the imaginary part silently."""
    with pytest.raises(TypeError, match=r"float32 of complex64.*real or imag"):
        xp.astype(xp.zeros(1, dtype=xp.complex64), xp.float32)


def test_constants_are_python_s(xp: Any) -> None:
    """Pi, e, inf, nan and newaxis are there."""
    assert (math.pi, math.e, math.inf, None) == (xp.pi, xp.e, xp.inf, xp.newaxis)
    assert math.isnan(xp.nan)
