"""Declaring cases: names, samples, natives and programs, and what is wrong with a declaration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness import case, given, integers, normal, uniform
from harness.collect.case import collecting
from harness.collect.samples import Given, Normal
from harness.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness import Case

__all__: list[str] = []

HERE = Path(__file__).name


def made() -> Case:
    @case(x=given([1.0, 2.0]), factor=2.0)
    def scaled(xp: Any, x: Any, *, factor: float, shift: float = 0.5) -> Any:
        """Factor times x, plus shift.

        A second paragraph.
        """
        return factor * x + shift

    return scaled


def test_a_case_knows_its_function() -> None:
    """Name, dedented docstring, source, file and line are the function's own, and it can be called."""
    found = made()
    assert "scaled" == found.name == found.id
    assert "Factor times x, plus shift.\n\nA second paragraph." == found.docstring
    assert "return factor * x + shift" in found.source
    assert HERE == found.path.name
    assert (
        "    @case(x=given([1.0, 2.0]), factor=2.0)"
        == Path(__file__).read_text(encoding="utf-8").splitlines()[found.line - 1]
    )
    assert [2.5, 4.5] == found(np, np.array([1.0, 2.0]), factor=2.0).tolist()


def test_an_id_is_area_and_name() -> None:
    """The id is the folder and the function's name."""
    found = made()
    found.area = "seeds/deep"
    assert "seeds/deep/scaled" == found.id


@pytest.mark.parametrize(
    ("specification", "name"),
    [
        (given([1.0]), "given"),
        (normal((2,)), "normal"),
        (uniform((2,)), "uniform"),
        (integers((2,), 0, 3), "integers"),
        (1.5, "given"),
    ],
)
def test_the_first_sample_is_named_after_its_kind(specification: Any, name: str) -> None:
    """The sample in @case takes the name of its first array's kind; a bare number is given."""

    @case(x=specification)
    def one(xp: Any, x: Any) -> Any:
        return x

    assert [name] == list(one.samples)
    assert name == one.samples[name].name


def test_a_case_without_arrays_has_one_sample() -> None:
    """A case of constants alone has a sample named empty."""

    @case(count=3)
    def made_of_nothing(xp: Any, *, count: int) -> Any:
        return xp.ones((count,))

    assert ["empty"] == list(made_of_nothing.samples)
    assert () == made_of_nothing.samples["empty"].differentiable


def test_samples_inherit_from_the_first() -> None:
    """What a sample does not give is the first one's; defaults of the signature are constants."""
    found = made().sample("larger", x=normal((3,))).sample("tripled", factor=3.0)
    assert ["given", "larger", "tripled"] == list(found.samples)
    assert Normal((3,)) == found.samples["larger"].arrays["x"]
    assert {"factor": 2.0, "shift": 0.5} == found.samples["larger"].parameters
    assert Given([1.0, 2.0]) == found.samples["tripled"].arrays["x"]
    assert {"factor": 3.0, "shift": 0.5} == found.samples["tripled"].parameters


def test_a_sample_named_twice_is_an_error() -> None:
    """Two samples of one name are refused, with file and line."""
    with pytest.raises(CaseError, match=rf"{HERE}:\d+: scaled has two samples named 'given'. Give each its own name"):
        made().sample("given", x=normal((2,)))


@pytest.mark.parametrize("name", ["", "a[b", "a]", "a/b", "a\nb", "a\0b"])
def test_a_sample_name_is_a_word(name: str) -> None:
    """Names that would break a check's id are refused."""
    with pytest.raises(CaseError, match="cannot name a sample: expected a word without brackets and slashes"):
        made().sample(name, x=normal((2,)))


def without_xp(x: Any) -> Any:
    return x


def nothing() -> Any:
    return None


def plain(xp: Any, x: Any) -> Any:
    return x


def scaling(xp: Any, x: Any, *, factor: float) -> Any:
    return x * factor


def starred(xp: Any, *arrays: Any) -> Any:
    return arrays


def open_ended(xp: Any, **more: Any) -> Any:
    return more


def positional(xp: Any, x: Any, /) -> Any:
    return x


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (without_xp, {"x": given([1.0])}, r"without_xp\(x\): expected xp as the first parameter"),
        (nothing, {}, r"nothing\(\): expected xp as the first parameter"),
        (plain, {}, r"plain has no value for parameter 'x': expected a specification such as normal\(\(3,\)\)"),
        (scaling, {"x": given([1.0])}, "scaling has no value for parameter 'factor': expected a constant in @case"),
        (plain, {"x": given([1.0]), "z": 2.0}, "plain has no parameter 'z': expected x"),
        (
            scaling,
            {"x": given([1.0]), "factor": 2.0, "factr": 3.0},
            "has no parameter 'factr': expected x, factor. Did you mean 'factor'?",
        ),
        (
            plain,
            {"x": [1.0, 2.0]},
            r"array 'x' got \[1\.0, 2\.0\]: expected given\(…\), normal\(…\), uniform\(…\) or int",
        ),
        (plain, {"x": "word"}, "array 'x' got 'word': expected given"),
        (
            scaling,
            {"x": given([1.0]), "factor": normal((2,))},
            r"'factor' is keyword-only, so it is a constant, but got Normal.*Move it before the \* to make it an array",
        ),
        (starred, {}, r"parameter \*arrays.* is not allowed: expected named arrays, then keyword-only constants"),
        (open_ended, {}, r"parameter \*\*more.* is not allowed"),
        (positional, {"x": given([1.0])}, "parameter x.* is not allowed"),
    ],
)
def test_arguments_and_signature_belong_together(
    function: Callable[..., Any], arguments: dict[str, Any], message: str
) -> None:
    """Whatever does not fit the signature is said with file, line, what was got and what was expected."""
    with pytest.raises(CaseError, match=rf"{HERE}:\d+: .*{message}"):
        case(**arguments)(function)


def test_a_later_sample_is_held_against_the_signature_too() -> None:
    """A sample with an unknown word is refused with the known ones."""
    with pytest.raises(CaseError, match="scaled has no parameter 'y': expected x, factor, shift"):
        made().sample("more", y=normal((2,)))


def test_only_functions_are_cases() -> None:
    """@case around a class or a case is refused."""
    with pytest.raises(CaseError, match=r"@case expected a function of \(xp, arrays…\), got <class"):
        case(x=given([1.0]))(type("NotAFunction", (), {}))
    with pytest.raises(CaseError, match=r"@case expected a function"):
        case(x=given([1.0]))(made())


def test_natives_take_the_same_arguments_without_xp() -> None:
    """A native implementation keeps the names and their order; it is returned as it was."""
    found = made()

    @found.native("torch")
    def in_torch(x: Any, *, factor: float, shift: float) -> Any:
        return x * factor + shift

    assert {"torch": in_torch} == found.natives
    assert 7.0 == in_torch(3.0, factor=2.0, shift=1.0)


@pytest.mark.parametrize(
    ("function", "got"),
    [
        (lambda x, factor: x, r"\(x, factor\)"),
        (lambda xp, x, factor, shift: x, r"\(xp, x, factor, shift\)"),
        (lambda y, factor, shift: y, r"\(y, factor, shift\)"),
        (lambda factor, x, shift: x, r"\(factor, x, shift\)"),
    ],
)
def test_a_native_with_another_signature_is_an_error(function: Callable[..., Any], got: str) -> None:
    """Missing, added, renamed or reordered arguments are shown beside those expected."""
    message = rf"{HERE}:\d+: the torch implementation of scaled takes {got}, expected \(x, factor, shift\)"
    with pytest.raises(CaseError, match=message):
        made().native("torch")(function)


def test_two_natives_for_one_framework_are_an_error() -> None:
    """A framework has one native implementation."""
    found = made()
    found.native("jax")(lambda x, factor, shift: x)
    with pytest.raises(CaseError, match="scaled has two native implementations for 'jax'"):
        found.native("jax")(lambda x, factor, shift: x)


def test_programs_have_the_signature_of_the_case() -> None:
    """A program is kept, in order; one with another signature is refused, and both are shown."""

    @case(x=given([1.0]))
    def doubled(xp: Any, x: Any) -> Any:
        return 2 * x

    def added(xp: Any, x: Any) -> Any:
        return x + x

    assert added is doubled.program(added)
    assert [added] == doubled.programs

    def other(xp: Any, y: Any) -> Any:
        return y + y

    with pytest.raises(CaseError, match=rf"{HERE}:\d+: the program other\(xp.*, y.*of doubled expected the case's own"):
        doubled.program(other)


def test_cases_are_gathered_inside_a_block_alone() -> None:
    """`collecting` gathers what is declared inside it, in order, nested blocks each their own."""
    made()
    with collecting() as outer:
        first = made()
        with collecting() as inner:
            second = made()
        third = made()
    made()
    assert [first, third] == outer
    assert [second] == inner


def test_two_cases_are_never_equal() -> None:
    """A case is itself: two of the same content are two, and can be keys of a dictionary."""
    first, second = made(), made()
    assert first != second
    assert 2 == len({first, second})
