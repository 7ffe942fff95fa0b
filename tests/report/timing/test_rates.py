"""Rates in words."""

from __future__ import annotations

from harness.judge.roofline import Roofline
from harness.judge.timing import Side
from harness.model import Check
from harness.report.timing.rates import intensity_of, list_uncounted, machine_in_words, part_of, rate_of

__all__: list[str] = []


def test_rates_have_units() -> None:
    """Operations and bytes a second, in thousands; what was not counted is not mentioned."""
    roof = Roofline(2.5e10, 1.25e9, 20.0, 0.253, "compute")
    assert "25 GFLOP/s, 1.25 GB/s" == rate_of(roof)
    assert ("20", "25 % (compute)") == (intensity_of(roof), part_of(roof))
    assert "999 kB/s" == rate_of(Roofline(bytes=999e3))
    assert "0 FLOP/s, 12 B/s" == rate_of(Roofline(0.0, 12.0))
    assert ("", "", "") == (rate_of(Roofline()), intensity_of(Roofline()), part_of(Roofline()))


def test_the_machine_is_told_dtype_by_dtype() -> None:
    """Those that were measured, and nothing where nothing was."""
    assert "copies 10 GB/s and multiplies float64 matrices at 50 GFLOP/s, complex64 at 1.2 TFLOP/s" == machine_in_words(
        {"copy_bytes": 1e10, "complex64_flops": 1.2e12, "float64_flops": 5e10}
    )
    assert "" == machine_in_words({})


def test_what_lacks_a_count_is_listed_once_a_case() -> None:
    """With the operations of all its samples."""

    def side(case: str, *words: str) -> Side:
        return Side(Check(case, "given", "torch", "eager", "float32", "cpu", "value"), uncounted=words)

    found = list_uncounted([side("a/b", "sort"), side("a/c"), side("a/b", "sort", "linalg.expm")])
    assert (("a/b", "sort, linalg.expm"),) == found
