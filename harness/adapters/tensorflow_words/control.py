"""What TensorFlow calls the operations: `control`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.control import arrays_of, formed_like

if TYPE_CHECKING:
    from harness.operations.words import Column

__all__ = ["WORDS"]


def _cond(tf: Any, predicate: Any, true_function: Any, false_function: Any, /, *operands: Any) -> Any:
    chosen = tf.convert_to_tensor(predicate)
    return tf.cond(chosen, lambda: true_function(*operands), lambda: false_function(*operands))


def _while_loop(tf: Any, condition: Any, body: Any, initial: Any, /) -> Any:
    found = tf.while_loop(
        lambda *parts: condition(formed_like(initial, parts)),
        lambda *parts: arrays_of(body(formed_like(initial, parts))),
        arrays_of(initial),
    )
    return formed_like(initial, found)


def _fori_loop(tf: Any, low: int, high: int, body: Any, initial: Any, /) -> Any:
    _, *found = tf.while_loop(
        lambda index, *parts: index < high,
        lambda index, *parts: (index + 1, *arrays_of(body(index, formed_like(initial, parts)))),
        (tf.constant(low), *arrays_of(initial)),
        # XLA keeps what the gradient needs in a list of this length.
        maximum_iterations=max(high - low, 0),
    )
    return formed_like(initial, tuple(found))


def _scan(tf: Any, body: Any, initial: Any, xs: Any, /) -> Any:
    """Like tf.scan, which must be told dtype and shape of what is stacked: here the first step, unrolled, tells them."""
    sequences = arrays_of(xs)
    length, states = sequences[0].shape[0], len(arrays_of(initial))

    def element(index: Any) -> Any:
        return formed_like(xs, tuple([part[index, ...] for part in sequences]))

    state, y = body(initial, element(0))
    arrays = tuple(
        [tf.TensorArray(part.dtype, size=length, element_shape=part.shape).write(0, part) for part in arrays_of(y)]
    )

    def step(index: Any, *parts: Any) -> Any:
        state, y = body(formed_like(initial, parts[:states]), element(index))
        written = [array.write(index, part) for array, part in zip(parts[states:], arrays_of(y), strict=True)]
        return (index + 1, *arrays_of(state), *written)

    _, *found = tf.while_loop(
        lambda index, *parts: index < length,
        step,
        (tf.constant(1), *arrays_of(state), *arrays),
        maximum_iterations=length - 1,
    )
    stacked = [array.stack() for array in found[states:]]
    return formed_like(initial, tuple(found[:states])), formed_like(y, tuple(stacked))


WORDS: dict[str, Column] = {
    "control.cond": _cond,
    "control.while_loop": _while_loop,
    "control.fori_loop": _fori_loop,
    "control.scan": _scan,
}
