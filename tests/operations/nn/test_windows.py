"""Windows of convolutions and poolings: what they see, and what is added beside it."""

from __future__ import annotations

import numpy as np
import pytest

from harness.adapters.numpy import NumpyAdapter
from harness.operations.nn.windows import edges, lengths, padded, windows

__all__: list[str] = []

XP = NumpyAdapter().namespace()


def test_one_length_stands_for_all_axes() -> None:
    """A number is repeated, a tuple is kept."""
    assert (2, 2, 2) == lengths(2, 3)
    assert (1, 2) == lengths((1, 2), 2)


@pytest.mark.parametrize(
    ("padding", "expected"),
    [
        ("valid", [(0, 0), (0, 0)]),
        ("same", [(1, 1), (1, 2)]),
        (1, [(1, 1), (1, 1)]),
        ((0, 2), [(0, 0), (2, 2)]),
    ],
)
def test_edges_by_word_and_by_length(padding: str | int | tuple[int, ...], expected: list[tuple[int, int]]) -> None:
    """`same` adds what keeps the size, the odd one behind; lengths are added on both sides."""
    assert expected == edges(padding, (3, 4), (1, 1))


@pytest.mark.parametrize("padding", ["full", (1,)])
def test_other_edges_are_refused(padding: str | tuple[int, ...]) -> None:
    """Another word, or a length too few, is an error that names it."""
    with pytest.raises(ValueError, match="expected 'valid', 'same', a length or one for each axis"):
        edges(padding, (3, 4), (1, 1))


def test_padding_is_filled() -> None:
    """Numbers are added before and behind the last axes alone."""
    x = np.array([[[1.0, 2.0]]])
    assert [[[7.0, 1.0, 2.0]]] == padded(XP, x, [(1, 0)], 7.0).tolist()
    assert padded(XP, x, [(0, 0)]) is x


def test_windows_move_and_are_dilated() -> None:
    """Each place of the kernel sees every stride-th number from its own offset on."""
    x = np.arange(7.0).reshape(1, 1, 7)
    assert [[[[0.0, 3.0], [2.0, 5.0]]]] == windows(XP, x, (2,), (3,), (2,)).tolist()
