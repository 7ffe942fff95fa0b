"""Laws of losses and layers over sequences, and of sampling: what holds whatever the numbers are."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from harness.adapters.numpy import NumpyAdapter

__all__: list[str] = []

XP = NumpyAdapter().namespace()
CLOSE = 64 * np.finfo(np.float64).eps
"""Of a few dozen operations on numbers of about 1."""


def numbers(*shape: int) -> Any:
    return np.random.Generator(np.random.PCG64(len(shape))).normal(size=shape)


@pytest.mark.parametrize("blank", [0, 2])
def test_all_labels_together_are_certain(blank: int) -> None:
    """The chances of all sequences of labels that fit into the frames add up to 1."""
    logits, symbols = numbers(3, 1, 3), [label for label in range(3) if label != blank]
    total = 0.0
    for length in range(4):
        for labels in itertools.product(symbols, repeat=length):
            total += np.exp(-XP.nn.ctc_loss(logits, labels=(labels,), blank=blank, reduction="sum"))
    assert abs(1.0 - total) < CLOSE


def test_labels_that_do_not_fit_have_no_chance() -> None:
    """Two equal labels need a blank between them: in two frames the loss is infinite, in three it is not."""
    logits = numbers(3, 2, 3)
    found = XP.nn.ctc_loss(logits, labels=((1, 1), (1, 1)), frames=(2, 3), reduction="none")
    assert [True, False] == np.isinf(found).tolist()


def test_the_mean_is_by_the_counts_of_labels() -> None:
    """Each loss is divided by its count of labels, at least 1, before the mean is taken."""
    logits, labels = numbers(4, 2, 3), ((1, 2), ())
    each = XP.nn.ctc_loss(logits, labels=labels, reduction="none")
    assert each[0] / 4 + each[1] / 2 == XP.nn.ctc_loss(logits, labels=labels)


def weights(count: int, width: int, gates: int) -> tuple[Any, ...]:
    shapes = ((gates, width), (gates, 3), (gates,), (gates,))
    return tuple(numbers(*shape) * (1 + number) / 4 for number in range(count) for shape in shapes)


def test_layers_run_one_upon_the_other() -> None:
    """Two layers of LSTM are one, and another of its outputs; of GRU too."""
    x, state = numbers(4, 2, 3), numbers(2, 2, 3)
    parts = weights(2, 3, 12)
    below = XP.nn.lstm(x, state[:1], state[:1], parts[:4])
    above = XP.nn.lstm(below[0], state[1:], state[1:], parts[4:])
    both = XP.nn.lstm(x, state, state, parts)
    assert np.array_equal(above[0], both[0])
    assert np.array_equal(np.concatenate((below[2], above[2])), both[2])
    parts = weights(2, 3, 9)
    above = XP.nn.gru(XP.nn.gru(x, state[:1], parts[:4])[0], state[1:], parts[4:])
    assert np.array_equal(above[0], XP.nn.gru(x, state, parts)[0])


def test_the_way_back_is_the_way_there_of_the_sequence_turned_round() -> None:
    """A bidirectional layer gives, beside the forward outputs, those of the flipped sequence, flipped."""
    x, state, parts = numbers(4, 2, 5), numbers(2, 2, 3), weights(2, 5, 9)
    there = XP.nn.gru(x, state[:1], parts[:4])
    back = XP.nn.gru(x[::-1], state[1:], parts[4:])
    both = XP.nn.gru(x, state, parts, bidirectional=True)
    assert np.array_equal(np.concatenate((there[0], back[0][::-1]), axis=-1), both[0])
    assert np.array_equal(np.concatenate((there[1], back[1])), both[1])


@pytest.mark.parametrize("align_corners", [False, True])
def test_a_grid_of_all_pixels_gives_the_image(align_corners: bool) -> None:
    """Sampled at the centres of its pixels an image is itself; far outside it is 0."""
    x = numbers(1, 2, 5, 3)
    ends = [1.0 if align_corners else 1 - 1 / size for size in (5, 3)]
    down, across = (np.linspace(-end, end, size) for end, size in zip(ends, (5, 3), strict=True))
    grid = np.stack(np.broadcast_arrays(across[None, :], down[:, None]), axis=-1)[None]
    assert np.allclose(x, XP.nn.grid_sample(x, grid, align_corners=align_corners), rtol=0, atol=CLOSE)
    assert not XP.nn.grid_sample(x, grid + 9, align_corners=align_corners).any()
