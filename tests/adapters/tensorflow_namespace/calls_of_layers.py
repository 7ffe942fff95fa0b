"""Calls that are drawn of losses, norms, windows and cells, (batch, channels, *axes), and of control flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.adapters.tensorflow_namespace.signatures import (
    EIGHTHS,
    FLOATING,
    POSITIVE,
    PRECISE,
    PROBABILITIES,
    SMALL,
    WIDE,
    Call,
    Numbers,
    arrays,
)

if TYPE_CHECKING:
    from tests.adapters.tensorflow_namespace.signatures import Array

__all__ = [
    "attention",
    "cell",
    "cond",
    "conv",
    "conv_transpose",
    "embedded",
    "embedding",
    "fori",
    "halved",
    "interpolate",
    "labelled",
    "labels_too",
    "last_normed",
    "linear",
    "local_response",
    "loss",
    "normed",
    "one_hot",
    "pool",
    "prelu",
    "repeated",
    "scanned",
    "shuffle",
    "similar",
    "weighted",
]

REDUCTION = st.sampled_from(["mean", "sum", "none"])


def _image(draw: st.DrawFn, rank: int, channels: int = 2, low: int = 1, dtypes: Any = PRECISE) -> Array:
    axes = tuple(draw(st.integers(low, 5 - rank + low)) for _ in range(rank))
    return draw(arrays(dtypes, (draw(st.integers(1, 2)), channels, *axes), SMALL))


@st.composite
def conv(draw: st.DrawFn, name: str) -> Call:
    """Draw windows; TensorFlow takes either a stride or a dilation."""
    rank, groups = int(name[-2]), draw(st.integers(1, 2))
    x = _image(draw, rank, 2 * groups, 3)
    kernel = tuple(draw(st.integers(1, 2)) for _ in range(rank))
    weight = draw(arrays((x.dtype.name,), (2 * groups, 2, *kernel), SMALL))
    shift = (draw(arrays((x.dtype.name,), (2 * groups,), SMALL)),) if draw(st.booleans()) else ()
    padding = draw(st.sampled_from([0, 1, "valid", "same", (1, 0, 2)[:rank]]))
    dilation = draw(st.integers(1, 2))
    # TensorFlow takes either a stride or a dilation: https://www.tensorflow.org/api_docs/python/tf/nn/convolution
    stride = draw(st.sampled_from([1, 2, (1, 2, 1)[:rank]])) if padding != "same" and dilation == 1 else 1
    keywords = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return Call(name, (x, weight, *shift), keywords=keywords)


@st.composite
def conv_transpose(draw: st.DrawFn, name: str) -> Call:
    """Draw windows, strides and what is cut off."""
    rank = int(name[-2])
    x = _image(draw, rank, 2, 2)
    kernel = tuple(draw(st.integers(2, 3)) for _ in range(rank))
    weight = draw(arrays((x.dtype.name,), (2, draw(st.integers(1, 2)), *kernel), SMALL))
    shift = (draw(arrays((x.dtype.name,), (weight.shape[1],), SMALL)),) if draw(st.booleans()) else ()
    keywords = {"stride": draw(st.sampled_from([1, 2, (2, 1, 1)[:rank]])), "padding": draw(st.integers(0, 1))}
    return Call(name, (x, weight, *shift), keywords=keywords)


@st.composite
def pool(draw: st.DrawFn, name: str) -> Call:
    """Draw windows of a power of two, whose mean is exact."""
    rank = int(name[-2])
    # TensorFlow's pools over three axes know no float64: https://www.tensorflow.org/api_docs/python/tf/raw_ops/MaxPool3D
    x = _image(draw, rank, 2, 3, PRECISE if rank < 3 else ("float32",))
    kernel = draw(st.sampled_from([1, 2, (2, 1, 1)[:rank]]))
    # TensorFlow refuses a stride beyond the window.
    stride = draw(st.sampled_from([None, 1, *([2, (1, 2, 1)[:rank]] if kernel == 2 else [])]))
    padding = draw(st.integers(0, 1)) if kernel == 2 else 0
    return Call(name, (x,), keywords={"kernel": kernel, "stride": stride, "padding": padding})


@st.composite
def interpolate(draw: st.DrawFn, name: str) -> Call:
    """Draw a size, larger or smaller."""
    method = draw(st.sampled_from(["nearest", "bilinear"]))
    # tf.image.resize gives float32, whatever it is given, but by the nearest neighbour.
    x = _image(draw, 2, dtypes=PRECISE if method == "nearest" else ("float32",))
    size = draw(st.sampled_from([2, (3, 5), (4, 1), (7, 2)]))
    return Call(name, (x,), keywords={"size": size, "method": method})


@st.composite
def shuffle(draw: st.DrawFn, name: str) -> Call:
    """Draw an image whose channels, or sides, are multiples of the factor."""
    factor, sides = draw(st.integers(1, 3)), [draw(st.integers(1, 2)) for _ in range(4)]
    if name == "nn.pixel_shuffle":
        shape = (sides[0], sides[1] * factor**2, *sides[2:])
    else:
        shape = (*sides[:2], sides[2] * factor, sides[3] * factor)
    return Call(name, (draw(arrays(("int32", *WIDE), shape)),), keywords={"factor": factor})


@st.composite
def normed(draw: st.DrawFn, name: str) -> Call:
    """Draw an image with numbers for each channel; given statistics too for `batch_norm`."""
    x = draw(
        arrays(
            PRECISE,
            (2, 4, *draw(npst.array_shapes(min_dims=0 if name == "nn.batch_norm" else 1, max_dims=2, max_side=3))),
            EIGHTHS,
        )
    )
    numbers = [draw(arrays((x.dtype.name,), (4,), EIGHTHS)) for _ in range(2)]
    if name == "nn.batch_norm" and draw(st.booleans()):
        numbers += [draw(arrays((x.dtype.name,), (4,), one)) for one in (EIGHTHS, POSITIVE)]
    return Call(
        name, (x, *numbers), keywords={"groups": draw(st.sampled_from([1, 2, 4]))} if name == "nn.group_norm" else {}
    )


@st.composite
def last_normed(draw: st.DrawFn, name: str) -> Call:
    """Draw an array with numbers for its last axis."""
    x = draw(arrays(PRECISE, min_dims=1, max_dims=3, min_side=1, numbers=EIGHTHS))
    count = 2 if name == "nn.layer_norm" else 1
    return Call(name, (x, *(draw(arrays((x.dtype.name,), x.shape[-1:], EIGHTHS)) for _ in range(count))))


@st.composite
def local_response(draw: st.DrawFn, name: str) -> Call:
    """Draw the size of the window of channels."""
    x = draw(arrays(PRECISE, min_dims=2, max_dims=4, min_side=1, numbers=EIGHTHS))
    return Call(name, (x,), keywords={"size": draw(st.integers(1, 4)), "alpha": 0.5})


def loss(*others: Numbers | str, left: Numbers = EIGHTHS, shaped: bool = False, reduced: bool = True) -> Any:
    """Call a loss of arrays of one shape; `signs` stands for integers -1 and 1."""

    @st.composite
    def of(draw: st.DrawFn, name: str) -> Call:
        dims = (2, 2) if shaped else (1, 3)
        x = draw(arrays(PRECISE, min_dims=dims[0], max_dims=dims[1], min_side=1, numbers=left))
        more = [
            draw(arrays((x.dtype.name,), x.shape, one))
            if isinstance(one, Numbers)
            else 2 * draw(arrays(("int64",), x.shape[:1] if shaped else x.shape, Numbers(0, 1))) - 1
            for one in others
        ]
        return Call(name, (x, *more), keywords={"reduction": draw(REDUCTION)} if reduced else {})

    return of


@st.composite
def labelled(draw: st.DrawFn, name: str) -> Call:
    """Draw logits and labels, weights for the classes or none."""
    x = draw(arrays(PRECISE, (draw(st.integers(1, 4)), draw(st.integers(2, 4))), EIGHTHS))
    labels = draw(npst.arrays(np.int64, x.shape[0], elements=st.integers(0, x.shape[1] - 1)))
    if name == "nn.sparse_softmax_cross_entropy":
        return Call(name, (x, labels))
    weights = (draw(arrays((x.dtype.name,), x.shape[1:], POSITIVE)),) if draw(st.booleans()) else ()
    keywords: dict[str, Any] = {"reduction": draw(REDUCTION)}
    if name == "nn.cross_entropy":
        keywords["smoothing"] = draw(st.sampled_from([0.0, 0.25]))
    return Call(name, (x, labels, *weights), keywords=keywords)


@st.composite
def similar(draw: st.DrawFn, name: str) -> Call:
    """Draw vectors of which none is near 0."""
    a, b = (x + np.asarray(8, x.dtype) for x in draw(loss(EIGHTHS, shaped=True, reduced=False)(name)).arrays)
    if name == "nn.pairwise_distance":
        return Call(name, (a, b - np.asarray(16, b.dtype)))
    return Call(name, (a, b), keywords={"axis": draw(st.sampled_from([0, 1, -1]))})


@st.composite
def embedded(draw: st.DrawFn, name: str) -> Call:
    """Draw vectors of which none is near 0, and signs."""
    a, b, signs = draw(loss(EIGHTHS, "signs", shaped=True)(name)).arrays
    return Call(
        name, (a + np.asarray(8, a.dtype), b + np.asarray(8, b.dtype), signs), keywords={"reduction": draw(REDUCTION)}
    )


@st.composite
def weighted(draw: st.DrawFn, name: str) -> Call:
    """Draw logits and probabilities, with a weight or without."""
    call = draw(loss(PROBABILITIES)(name))
    x, target = call.arrays
    weight = (draw(arrays((x.dtype.name,), x.shape[-1:], POSITIVE)),) if draw(st.booleans()) else ()
    return Call(name, (x, target, *weight), keywords=call.keywords)


@st.composite
def labels_too(draw: st.DrawFn, name: str) -> Call:
    """Draw logits, and labels that are 0 or 1."""
    x = draw(arrays(PRECISE, min_dims=2, max_dims=2, min_side=1, numbers=EIGHTHS))
    return Call(
        name, (x, draw(arrays((x.dtype.name,), x.shape, Numbers(0, 1)))), keywords={"reduction": draw(REDUCTION)}
    )


@st.composite
def linear(draw: st.DrawFn, name: str) -> Call:
    """Draw weights, with a shift or without."""
    inward, outward, batch = (draw(st.integers(1, 3)) for _ in range(3))
    dtype = draw(st.sampled_from(PRECISE))
    if name == "nn.linear":
        lead = draw(npst.array_shapes(min_dims=0, max_dims=2, max_side=3))
        shapes: list[tuple[int, ...]] = [(*lead, inward), (outward, inward)]
    else:
        shapes = [(batch, inward), (batch, 2), (outward, inward, 2)]
    shift = [(outward,)] if draw(st.booleans()) else []
    return Call(name, tuple(draw(arrays((dtype,), shape, SMALL)) for shape in (*shapes, *shift)))


@st.composite
def embedding(draw: st.DrawFn, name: str) -> Call:
    """Draw a table and indices of its rows."""
    table = draw(arrays(WIDE, min_dims=1, max_dims=3, min_side=1))
    shape = draw(npst.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    return Call(name, (draw(npst.arrays(np.int64, shape, elements=st.integers(0, table.shape[0] - 1))), table))


@st.composite
def one_hot(draw: st.DrawFn, name: str) -> Call:
    """Draw labels, of which some may be beyond the classes."""
    labels, classes = draw(arrays(("int32", "int64"), max_dims=3, numbers=Numbers(0, 4))), draw(st.integers(1, 5))
    return Call(name, (labels,), keywords={"classes": classes, "dtype": draw(FLOATING)})


@st.composite
def attention(draw: st.DrawFn, name: str) -> Call:
    """Draw queries, keys and values."""
    lead = draw(npst.array_shapes(min_dims=0, max_dims=2, max_side=2))
    if len(lead) == 1:
        lead = (*lead, 1)
    length, other, size, dtype = *(draw(st.integers(1, 3)) for _ in range(3)), draw(st.sampled_from(PRECISE))
    query, key, value = (
        draw(arrays((dtype,), (*lead, *tail), EIGHTHS)) for tail in ((length, size), (other, size), (other, 2))
    )
    keywords = {"causal": draw(st.booleans()), "scale": draw(st.none() | st.just(0.5))}
    return Call(name, (query, key, value), keywords=keywords)


@st.composite
def cell(draw: st.DrawFn, name: str) -> Call:
    """Draw what goes in, a state and the weights of the gates."""
    gates = {"nn.rnn_cell": 1, "nn.lstm_cell": 4, "nn.gru_cell": 3}[name]
    batch, inward, size, dtype = *(draw(st.integers(1, 3)) for _ in range(3)), draw(st.sampled_from(PRECISE))
    shapes: list[tuple[int, ...]] = [
        (batch, inward),
        (batch, size),
        *([(batch, size)] if name == "nn.lstm_cell" else []),
    ]
    shapes += [(gates * size, inward), (gates * size, size), (gates * size,)]
    return Call(name, tuple(draw(arrays((dtype,), shape, EIGHTHS)) for shape in shapes))


@st.composite
def halved(draw: st.DrawFn, name: str) -> Call:
    """Draw an array with an even axis."""
    x = draw(arrays(PRECISE, min_dims=1, max_dims=3, min_side=1, numbers=EIGHTHS))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    return Call(name, (np.concat((x, x[::-1]), axis=axis),), keywords={"axis": axis})


@st.composite
def prelu(draw: st.DrawFn, name: str) -> Call:
    """Draw slopes, one for all channels or one for each."""
    x = draw(arrays(PRECISE, (2, 3, *draw(npst.array_shapes(min_dims=0, max_dims=2, max_side=2))), EIGHTHS))
    return Call(name, (x, draw(arrays((x.dtype.name,), (draw(st.sampled_from([1, 3])),), EIGHTHS))))


@st.composite
def cond(draw: st.DrawFn, name: str) -> Call:
    """Draw an array whose sum decides."""
    x = draw(arrays(PRECISE))
    return Call(name, (x,), function=lambda xp, x: xp.control.cond(xp.sum(x) > 0, lambda v: v * 2, lambda v: v - 3, x))


@st.composite
def repeated(draw: st.DrawFn, name: str) -> Call:
    """Draw an array that is doubled until its sum is large."""
    x = draw(arrays(PRECISE, numbers=Numbers(1, 4), min_side=1))
    return Call(name, (x,), function=lambda xp, x: xp.control.while_loop(lambda v: xp.sum(v) < 50, lambda v: v * 2, x))


@st.composite
def fori(draw: st.DrawFn, name: str) -> Call:
    """Draw the ends of a loop, which may be empty."""
    low, high = draw(st.integers(-1, 1)), draw(st.integers(-1, 3))
    return Call(
        name,
        (draw(arrays(PRECISE)),),
        function=lambda xp, x: xp.control.fori_loop(
            low, high, lambda index, v: xp.astype(xp.asarray(index), x.dtype) + 2 * v, x
        ),
    )


@st.composite
def scanned(draw: st.DrawFn, name: str) -> Call:
    """Draw a sequence of arrays."""
    x = draw(arrays(PRECISE, numbers=SMALL, min_dims=1, max_dims=3, min_side=1))
    return Call(
        name, (x,), function=lambda xp, x: xp.control.scan(lambda state, v: (state + v, state * v), x[0, ...] * 0, x)
    )
