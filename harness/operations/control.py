"""Rows of control flow, below `xp.control`, with the signatures of `jax.lax`.

Each means what Python's own statement does: that is what the reference runs, where every number is known. JAX and
TensorFlow have functions of their own, which put both branches, or the body of a loop, into one graph. PyTorch has
them too (torch.cond, and while_loop and scan in torch._higher_order_ops), for what `torch.compile` traces; run eagerly,
PyTorch's documentation says to write Python's statements, and torch.func refuses torch.cond. So its column is Python's
statement until a function is traced.

States, operands and elements are arrays or tuples of arrays. A step gives back what it was given: the same number of
arrays, of the same shapes and dtypes.
"""

from __future__ import annotations

from typing import Any

from harness.operations.costs import THROUGH
from harness.operations.operation import DEFINITION, Operation

__all__ = ["ROWS"]

_JAX = "https://docs.jax.dev/en/latest/_autosummary/jax.lax.{}.html"
_TENSORFLOW = "https://www.tensorflow.org/api_docs/python/tf/{}"
_TORCH = "https://docs.pytorch.org/docs/stable/higher_order_ops/{}.html"


def _cond(xp: Any, predicate: Any, true_function: Any, false_function: Any, /, *operands: Any) -> Any:
    del xp
    return true_function(*operands) if predicate else false_function(*operands)


def _while_loop(xp: Any, condition: Any, body: Any, initial: Any, /) -> Any:
    del xp
    state = initial
    while condition(state):
        state = body(state)
    return state


def _fori_loop(xp: Any, low: int, high: int, body: Any, initial: Any, /) -> Any:
    del xp
    state = initial
    for index in range(low, high):
        state = body(index, state)
    return state


def _scan(xp: Any, body: Any, initial: Any, xs: Any, /) -> Any:
    sequences, state, found = _parts(xs), initial, []
    for index in range(sequences[0].shape[0]):
        state, y = body(state, _like(xs, tuple([part[index, ...] for part in sequences])))
        found.append(y)
    columns = zip(*map(_parts, found), strict=True)
    return state, _like(found[0], tuple([xp.stack(column, axis=0) for column in columns]))


def _parts(state: Any) -> tuple[Any, ...]:
    """Give the arrays of a state: of one array, itself."""
    return tuple(state) if isinstance(state, (tuple, list)) else (state,)


def _like(state: Any, parts: tuple[Any, ...]) -> Any:
    """Put arrays back into the form of a state."""
    return parts if isinstance(state, (tuple, list)) else parts[0]


def _copy(state: Any) -> Any:
    return _like(state, tuple([part.clone() for part in _parts(state)]))


def _copying(function: Any) -> Any:
    """What comes out of a function of PyTorch's operators may not share memory with what went in."""
    return lambda *operands: _copy(function(*operands))


def _torch_cond(torch: Any, predicate: Any, true_function: Any, false_function: Any, /, *operands: Any) -> Any:
    if not torch.compiler.is_dynamo_compiling():
        return _cond(None, predicate, true_function, false_function, *operands)
    return torch.cond(predicate, _copying(true_function), _copying(false_function), operands)


def _torch_while_loop(torch: Any, condition: Any, body: Any, initial: Any, /) -> Any:
    if not torch.compiler.is_dynamo_compiling():
        return _while_loop(None, condition, body, initial)

    def step(*parts: Any) -> Any:
        return _parts(_copying(body)(_like(initial, parts)))

    loop = torch._higher_order_ops.while_loop  # noqa: SLF001 - where PyTorch's documentation imports it from
    return _like(initial, loop(lambda *parts: condition(_like(initial, parts)), step, _parts(initial)))


def _torch_scan(torch: Any, body: Any, initial: Any, xs: Any, /) -> Any:
    if not torch.compiler.is_dynamo_compiling():
        return _scan(torch, body, initial, xs)

    def step(state: Any, x: Any) -> Any:
        state, y = body(state, x)
        return _copy(state), _copy(y)

    return torch._higher_order_ops.scan(step, initial, xs)  # noqa: SLF001 - where PyTorch's documentation imports it from


def _tensorflow_cond(tf: Any, predicate: Any, true_function: Any, false_function: Any, /, *operands: Any) -> Any:
    chosen = tf.convert_to_tensor(predicate)
    return tf.cond(chosen, lambda: true_function(*operands), lambda: false_function(*operands))


def _tensorflow_while_loop(tf: Any, condition: Any, body: Any, initial: Any, /) -> Any:
    found = tf.while_loop(
        lambda *parts: condition(_like(initial, parts)),
        lambda *parts: _parts(body(_like(initial, parts))),
        _parts(initial),
    )
    return _like(initial, found)


def _tensorflow_fori_loop(tf: Any, low: int, high: int, body: Any, initial: Any, /) -> Any:
    _, *found = tf.while_loop(
        lambda index, *parts: index < high,
        lambda index, *parts: (index + 1, *_parts(body(index, _like(initial, parts)))),
        (tf.constant(low), *_parts(initial)),
        # XLA keeps what the gradient needs in a list of this length.
        maximum_iterations=max(high - low, 0),
    )
    return _like(initial, tuple(found))


def _tensorflow_scan(tf: Any, body: Any, initial: Any, xs: Any, /) -> Any:
    """Like tf.scan, which must be told dtype and shape of what is stacked: here the first step, unrolled, tells them."""
    sequences = _parts(xs)
    length, states = sequences[0].shape[0], len(_parts(initial))

    def element(index: Any) -> Any:
        return _like(xs, tuple([part[index, ...] for part in sequences]))

    state, y = body(initial, element(0))
    arrays = tuple(
        [tf.TensorArray(part.dtype, size=length, element_shape=part.shape).write(0, part) for part in _parts(y)]
    )

    def step(index: Any, *parts: Any) -> Any:
        state, y = body(_like(initial, parts[:states]), element(index))
        written = [array.write(index, part) for array, part in zip(parts[states:], _parts(y), strict=True)]
        return (index + 1, *_parts(state), *written)

    _, *found = tf.while_loop(
        lambda index, *parts: index < length,
        step,
        (tf.constant(1), *_parts(state), *arrays),
        maximum_iterations=length - 1,
    )
    stacked = [array.stack() for array in found[states:]]
    return _like(initial, tuple(found[:states])), _like(y, tuple(stacked))


ROWS = (
    Operation(
        "control.cond",
        "true_function(*operands) if the predicate, a boolean without axes, holds, or else false_function(*operands)",
        _cond,
        cost=THROUGH,
        numpy=DEFINITION,
        torch=_torch_cond,
        tensorflow=_tensorflow_cond,
        jax="lax.cond",
        source=f"{_JAX.format('cond')} {_TENSORFLOW.format('cond')} {_TORCH.format('cond')}",
    ),
    Operation(
        "control.while_loop",
        "state ← body(state) as long as condition(state), a boolean without axes, holds",
        _while_loop,
        cost=THROUGH,
        numpy=DEFINITION,
        torch=_torch_while_loop,
        tensorflow=_tensorflow_while_loop,
        jax="lax.while_loop",
        source=f"{_JAX.format('while_loop')} {_TENSORFLOW.format('while_loop')} {_TORCH.format('while_loop')}",
    ),
    Operation(
        "control.fori_loop",
        "state ← body(index, state) for index from low to below high, Python's integers; in a graph, index is an array",
        _fori_loop,
        cost=THROUGH,
        numpy=DEFINITION,
        torch=DEFINITION,
        tensorflow=_tensorflow_fori_loop,
        jax="lax.fori_loop",
        source=f"{_JAX.format('fori_loop')} {_TENSORFLOW.format('while_loop')}",
    ),
    Operation(
        "control.scan",
        "(state, y) ← body(state, x) for each x along the first axis of xs: the last state, and all y, stacked",
        _scan,
        cost=THROUGH,
        numpy=DEFINITION,
        torch=_torch_scan,
        tensorflow=_tensorflow_scan,
        jax="lax.scan",
        source=f"{_JAX.format('scan')} {_TENSORFLOW.format('scan')} {_TORCH.format('scan')}",
    ),
)
