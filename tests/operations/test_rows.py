"""Rows: complete, named as in the standard, and never twice."""

from __future__ import annotations

import inspect
import operator
import re
from typing import Any

import pytest

from harness.errors import UnknownOperationError
from harness.operations.namespace import Namespace, UnsupportedOperationError
from harness.operations.operation import PRIMITIVE, Operation
from harness.operations.reductions import count, normalize_axes
from harness.operations.table import CONSTANTS, GROUPS, OPERATIONS, _by_name
from harness.operations.words import Gap

__all__: list[str] = []

_WORDS = """
arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid ones ones_like tril triu zeros
zeros_like astype can_cast finfo iinfo isdtype result_type
abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_invert bitwise_or
bitwise_right_shift bitwise_xor ceil clip conj copysign cos cosh divide equal exp expm1 floor floor_divide greater
greater_equal hypot imag isfinite isinf isnan less less_equal log log1p log2 log10 logaddexp logical_and
logical_not logical_or logical_xor maximum minimum multiply negative nextafter not_equal positive pow real
reciprocal remainder round sign signbit sin sinh square sqrt subtract tan tanh trunc
take take_along_axis matmul matrix_transpose tensordot vecdot
broadcast_arrays broadcast_to concat expand_dims flip moveaxis permute_dims repeat reshape roll squeeze stack tile
unstack argmax argmin count_nonzero nonzero searchsorted where
unique_all unique_counts unique_inverse unique_values argsort sort
cumulative_prod cumulative_sum max mean min prod std sum var all any diff
linalg.cholesky linalg.cross linalg.det linalg.diagonal linalg.eigh linalg.eigvalsh linalg.inv linalg.matmul
linalg.matrix_norm linalg.matrix_power linalg.matrix_rank linalg.matrix_transpose linalg.outer linalg.pinv linalg.qr
linalg.slogdet linalg.solve linalg.svd linalg.svdvals linalg.tensordot linalg.trace linalg.vecdot linalg.vector_norm
fft.fft fft.ifft fft.fftn fft.ifftn fft.rfft fft.irfft fft.rfftn fft.irfftn fft.hfft fft.ihfft fft.fftfreq
fft.rfftfreq fft.fftshift fft.ifftshift
"""
STANDARD = frozenset(_WORDS.split())
"""Functions of the Array API standard 2024.12: https://data-apis.org/array-api/2024.12/API_specification/index.html"""

OWN = {"special", "nn", "control"}
"""Namespaces that the standard has not."""

SHARED = {"angle"}
"""What the standard has not, and NumPy, PyTorch, TensorFlow and JAX all have under one name."""

_FURTHER = """
einsum pad rot90 diag trapezoid scatter_add scatter_max segment_sum top_k quantile median average cov corrcoef
kron linalg.solve_triangular linalg.cholesky_solve linalg.logdet linalg.lstsq linalg.cond linalg.multi_dot linalg.vander
linalg.expm ldexp bincount histogram interp
"""
FURTHER = frozenset(_FURTHER.split())
"""What the standard has not, under the name it has in NumPy, or else in JAX."""

ROWS = [row for group in GROUPS for row in group]


def test_no_row_comes_twice() -> None:
    """All rows are in the table, each once."""
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))
    assert set(names) == set(OPERATIONS)


def test_a_second_row_of_a_name_is_refused() -> None:
    """Two rows of one name are an error that names it."""
    row = Operation("exp", "twice", PRIMITIVE)
    with pytest.raises(ValueError, match="two rows named 'exp'; remove one"):
        _by_name((row,), (row,))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_complete(row: Operation) -> None:
    """Every row has a summary of one sentence, a source or several, and a domain that is not empty."""
    assert row.summary
    assert row.summary == row.summary.strip()
    assert "\n" not in row.summary
    assert not row.summary.endswith(".")
    assert re.fullmatch(r"https://\S+( https://\S+)*", row.source), row.source
    assert row.domain[0] < row.domain[1]
    assert row.accuracy >= 0


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_names_are_the_standards(row: Operation) -> None:
    """Outside the project's own namespaces a row is spelled as in the standard, and points at its page there."""
    namespace = row.name.partition(".")[0] if "." in row.name else ""
    if namespace in OWN or row.name in SHARED | FURTHER:
        assert row.name not in STANDARD
        assert not row.source.startswith("https://data-apis.org")
    else:
        assert row.name in STANDARD
        assert (
            f"https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.{row.name}.html"
            == row.source
        )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_accuracy_beyond_the_usual_needs_a_source(row: Operation) -> None:
    """k is 0, 1 or 2; more would need a source, and no row claims it."""
    assert row.accuracy in {0, 1, 2}


@pytest.mark.parametrize("row", [row for row in ROWS if row.program is not None], ids=lambda row: row.name)
def test_a_program_has_the_signature_of_its_meaning(row: Operation) -> None:
    """A program can stand wherever the meaning does, and says in its docstring whose it is."""
    assert callable(row.meaning)
    assert row.program is not None
    for program in (row.program, *(one for one in row.others if one is not row.meaning)):
        assert str(inspect.signature(row.meaning)) == str(inspect.signature(program))
        assert program.__doc__


def test_constants_are_no_operations() -> None:
    """No constant has the name of a row."""
    assert set() == CONSTANTS.keys() & OPERATIONS.keys()


# Axes.


@pytest.mark.parametrize(
    ("axis", "ndim", "expected"),
    [(None, 3, (0, 1, 2)), (None, 0, ()), (1, 2, (1,)), (-1, 2, (1,)), ((1, -3), 3, (0, 1)), ((), 2, ())],
)
def test_axes_are_normalised(axis: Any, ndim: int, expected: tuple[int, ...]) -> None:
    """Axes come as sorted non-negative integers; None is all of them, and () none."""
    assert expected == normalize_axes(axis, ndim)


@pytest.mark.parametrize(("axis", "ndim"), [(2, 2), (-3, 2), ((0, 0), 2), ((0, -2), 2), (0, 0)])
def test_wrong_axes_are_refused(axis: Any, ndim: int) -> None:
    """Axes out of range or named twice are an error that says how many there are."""
    with pytest.raises(ValueError, match=rf"expected distinct axes of an array with {ndim} dimensions"):
        normalize_axes(axis, ndim)


def test_elements_of_a_reduction_are_counted() -> None:
    """How many elements each result is made of."""
    assert [24, 3, 8, 1] == [count((2, 3, 4), axis) for axis in (None, 1, (0, -1), ())]


# The vocabulary, as a case sees it.


def namespace(**constants: Any) -> tuple[Namespace, list[str]]:
    """Make a vocabulary that notes which rows are resolved."""
    asked: list[str] = []

    def resolve(operation: Operation) -> Any:
        asked.append(operation.name)
        return operation.name

    return Namespace(OPERATIONS, resolve, CONSTANTS | constants), asked


def test_words_are_resolved_once_and_when_used() -> None:
    """Nothing is resolved before it is asked for, and nothing twice, in a namespace below too."""
    xp, asked = namespace()
    assert [] == asked
    assert ["exp", "exp", "special.erf", "special.erf"] == [xp.exp, xp.exp, xp.special.erf, xp.special.erf]
    assert ["exp", "special.erf"] == asked
    assert xp.special is xp.special


def test_constants_stand_beside_operations() -> None:
    """Constants are given as they are."""
    xp, _ = namespace(float32="f4")
    assert (None, "f4", CONSTANTS["pi"]) == (xp.newaxis, xp.float32, xp.pi)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("expp", r"xp\.expp is not a word of the vocabulary\. Did you mean 'exp'"),
        ("special.erff", r"xp\.special\.erff is not a word of the vocabulary\. Did you mean 'special\.erf'"),
        ("zzzzzz", r"xp\.zzzzzz is not a word of the vocabulary\.$"),
    ],
)
def test_an_unknown_word_has_a_suggestion(word: str, message: str) -> None:
    """A word that is not there is an error with the nearest that are."""
    with pytest.raises(UnknownOperationError, match=message):
        operator.attrgetter(word)(namespace()[0])


def test_pythons_own_questions_are_no_words() -> None:
    """A dunder that Python asks for is an AttributeError, so that copying and hasattr work."""
    assert not hasattr(namespace()[0], "__array__")


def test_a_gap_is_said_with_reason_and_link() -> None:
    """What a framework does not offer is said with who, what, why and where."""
    error = UnsupportedOperationError("numpy", "special.erf", Gap("it is SciPy's", "https://scipy.org"))
    assert "numpy does not offer special.erf: it is SciPy's (https://scipy.org)" == str(error)
    assert "numpy does not offer special.erf: why" == str(UnsupportedOperationError("numpy", "special.erf", Gap("why")))
