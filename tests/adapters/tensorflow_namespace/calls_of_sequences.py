"""Calls that are drawn of what counts, of windows that are sampled, and of layers and losses over sequences."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.adapters.tensorflow_namespace.signatures import EIGHTHS, PRECISE, SMALL, Call, Numbers, arrays

__all__ = ["bincount", "ctc_loss", "grid_sample", "histogram", "interp", "ldexp", "recurrent", "unfold"]


@st.composite
def ldexp(draw: st.DrawFn, name: str) -> Call:
    """Draw numbers and exponents, whole numbers, which broadcast."""
    shapes = draw(npst.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)).input_shapes
    exponents = npst.arrays(np.int32, shapes[1], elements=st.integers(-9, 9))
    return Call(name, (draw(arrays(PRECISE, shapes[0], EIGHTHS)), draw(exponents)))


@st.composite
def bincount(draw: st.DrawFn, name: str) -> Call:
    """Draw whole numbers below the length, with weights or without."""
    length = draw(st.integers(1, 5))
    counted = draw(npst.arrays(np.int64, st.integers(0, 6), elements=st.integers(0, length - 1)))
    weights = (draw(arrays(PRECISE, counted.shape, SMALL)),) if draw(st.booleans()) else ()
    return Call(name, (counted, *weights), keywords={"length": length})


@st.composite
def histogram(draw: st.DrawFn, name: str) -> Call:
    """Draw numbers, some of them on an edge."""
    x = draw(arrays(PRECISE, min_dims=0, max_dims=2))
    edges = np.sort(draw(npst.arrays(x.dtype, st.integers(2, 5), elements=st.sampled_from(range(-3, 4)), unique=True)))
    return Call(name, (x, edges))


@st.composite
def interp(draw: st.DrawFn, name: str) -> Call:
    """Draw points that ascend, and places, some of which lie outside."""
    x = draw(arrays(PRECISE, min_dims=0, max_dims=2, numbers=EIGHTHS))
    points = np.sort(draw(npst.arrays(x.dtype, st.integers(2, 5), elements=st.sampled_from(range(-3, 4)), unique=True)))
    return Call(name, (x, points, draw(arrays((x.dtype.name,), points.shape, EIGHTHS))))


@st.composite
def unfold(draw: st.DrawFn, name: str) -> Call:
    """Draw windows that fit."""
    x = draw(arrays(PRECISE, (draw(st.integers(1, 2)), 2, draw(st.integers(3, 4)), draw(st.integers(3, 4))), SMALL))
    keywords = {"kernel": draw(st.sampled_from([1, 2, (2, 1)])), "stride": draw(st.sampled_from([1, 2, (1, 2)]))}
    keywords |= {"padding": draw(st.integers(0, 1)), "dilation": draw(st.integers(1, 2))}
    return Call(name, (x,), keywords=keywords)


@st.composite
def grid_sample(draw: st.DrawFn, name: str) -> Call:
    """Draw an image and places in it, some of which lie outside."""
    dtype, batch = draw(st.sampled_from(PRECISE)), draw(st.integers(1, 2))
    x = draw(arrays((dtype,), (batch, 2, draw(st.integers(2, 3)), draw(st.integers(2, 3))), SMALL))
    places = draw(arrays((dtype,), (batch, draw(st.integers(1, 2)), 2, 2), Numbers(-1.3125, 1.3125, 0.125)))
    return Call(name, (x, places), keywords={"align_corners": draw(st.booleans())})


@st.composite
def recurrent(draw: st.DrawFn, name: str) -> Call:
    """Draw a sequence, states and weights of one or two layers, one way or both."""
    gates, states = {"nn.lstm": (4, 2), "nn.gru": (3, 1)}[name]
    times, batch, inward, size, layers, ways = (draw(st.integers(1, 2)) for _ in range(6))
    dtype = draw(st.sampled_from(PRECISE))
    shapes: list[tuple[int, ...]] = [(times, batch, inward), *[(layers * ways, batch, size)] * states]
    for layer in range(layers):
        width = inward if layer == 0 else ways * size
        shapes += [(gates * size, width), (gates * size, size), (gates * size,), (gates * size,)] * ways
    given = [draw(arrays((dtype,), shape, EIGHTHS)) for shape in shapes]
    first = 1 + states

    return Call(
        name,
        tuple(given),
        function=lambda xp, *all_of_them: getattr(xp.nn, name.removeprefix("nn."))(
            *all_of_them[:first], all_of_them[first:], bidirectional=ways == 2
        ),
    )


@st.composite
def ctc_loss(draw: st.DrawFn, name: str) -> Call:
    """Draw logits of five frames, and labels that fit into them, of which one may come twice."""
    batch = draw(st.integers(1, 2))
    # The gradient that tf.nn.ctc_loss makes beside the value is float32, and so float64 raises.
    logits = draw(arrays(("float32",), (5, batch, 3), EIGHTHS))
    # No two ways may be equally likely: which is the larger, no enclosure could decide.
    logits += np.sqrt(np.arange(1, 1 + logits.size, dtype="float32")).reshape(logits.shape)
    labels = tuple(tuple(draw(st.lists(st.integers(1, 2), min_size=1, max_size=2))) for _ in range(batch))
    return Call(
        name, (logits,), keywords={"labels": labels, "reduction": draw(st.sampled_from(["mean", "sum", "none"]))}
    )
