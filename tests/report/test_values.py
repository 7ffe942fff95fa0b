"""Arrays are set in a line beside the truth, and one that cannot be read says so."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from harness.model import Array, Truth
from harness.report.values import FEW, FULL, show, show_truth


def test_a_small_array_is_shown_whole_with_its_brackets() -> None:
    """Rows of a matrix are told apart."""
    shown = show(Array.of(np.array([[1.0, 0.1], [2.0, -0.0]], dtype=np.float32)))

    assert shown.text == "[[1.0, 0.1], [2.0, -0.0]]"
    assert shown.size == "2×2"


def test_a_number_has_no_brackets() -> None:
    """A scalar reads as itself."""
    assert show(Array.of(np.array(12.0))).text == "12.0"


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_an_empty_array_is_shown_empty(shape: tuple[int, ...]) -> None:
    """Nothing in it is invented."""
    assert show(Array.of(np.zeros(shape))).text == "[]"


def test_a_large_array_shows_its_first_and_last_elements() -> None:
    """The rest is left to the full value."""
    shown = show(Array.of(np.arange(40.0).reshape(8, 5)), full=True)

    assert shown.text == "[0.0, 1.0, 2.0, 3.0, …, 39.0]"
    assert shown.full.splitlines()[-1] == "35.0, 36.0, 37.0, 38.0, 39.0"


def test_a_huge_array_says_how_much_is_left_out() -> None:
    """What is not shown is counted."""
    shown = show(Array.of(np.zeros(FULL + 1000)), full=True)

    assert shown.full.endswith("… and 1,000 more elements; the store holds them all")


def test_elements_hold_their_exact_bits() -> None:
    """A decimal is for reading, hexadecimal is what was returned."""
    assert ["0x1.99999ap-4", "nan"] == [
        element.exact for element in show(Array.of(np.array([0.1, np.nan], dtype=np.float32))).elements
    ]


def test_elements_say_how_far_they_read_like_the_truth() -> None:
    """The digits that differ are the ones to look at."""
    truth = show_truth(Truth(high=Array.of(np.array([0.25, 1.0, 2.0]))), "float32")
    shown = show(Array.of(np.array([0.25, 1.0000001, -2.0], dtype=np.float32)), truth)

    assert [4, 3, 0] == [element.same for element in shown.elements]
    assert [True, False, False] == [element.equal for element in shown.elements]


def test_an_array_of_another_shape_is_not_compared() -> None:
    """Elements at different places say nothing about each other."""
    truth = show_truth(Truth(high=Array.of(np.array([1.0, 2.0]))), "float32")

    assert all(element.equal for element in show(Array.of(np.array([[3.0, 4.0]])), truth).elements)


def test_the_truth_is_rounded_to_the_dtype() -> None:
    """A correctly rounded result reads exactly like it."""
    third = Truth(high=Array.of(np.array([1 / 3])))

    assert show_truth(third, "float32").text == "[0.33333334]"
    assert show_truth(third, "bfloat16").text == "[0.334]"
    assert show_truth(third, "float64").text == "[0.3333333333333333]"


def test_a_set_of_right_answers_is_shown_as_a_set() -> None:
    """Elsewhere the truth stays a number, and what lies beside a set is not marked as different."""
    ends = [Array.of(np.array(values)) for values in ([1.0, 0.0], [1.0, 0.0], [1.0, 1.0])]
    truth = show_truth(Truth(high=ends[0], inner_low=ends[1], inner_high=ends[2]), "float32")

    assert truth.text == "[1.0, 0.0..1.0]"
    assert show(Array.of(np.array([1.0, 0.5], dtype=np.float32)), truth).elements[1].equal


def test_an_exact_truth_is_shown_exactly() -> None:
    """Integers and booleans have no rounding."""
    assert show_truth(Truth(exact=Array.of(np.array([True, False]))), "float32").text == "[true, false]"
    assert show_truth(Truth(exact=Array.of(np.array(2**53 + 1))), "float32").text == "9007199254740993"


def test_a_truth_of_many_elements_has_a_full_value() -> None:
    """The line holds a few, a click holds them all."""
    assert len(show_truth(Truth(high=Array.of(np.zeros(FEW + 1))), "float32").full.split(", ")) == FEW + 1


def test_no_truth_says_so() -> None:
    """An empty record is not shown as a number."""
    assert show_truth(Truth(), "float32").text == "no truth"


@pytest.mark.parametrize(
    "changes", [{"sha256": "0" * 64}, {"shape": (5,)}, {"dtype": "float8_e4m3fn"}, {"data": b"123"}]
)
def test_an_array_that_cannot_be_read_says_so(changes: dict[str, object]) -> None:
    """A damaged digest, a wrong shape, an unknown dtype, lost bytes."""
    array = Array.of(np.array([1.0, 2.0]))

    assert show(msgspec.structs.replace(array, **changes)).text.startswith("unreadable: ")
