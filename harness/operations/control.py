"""Rows of control flow, below `xp.control`, with the signatures of `jax.lax`.

Each means what Python's own statement does: that is what the reference runs, where every number is known. Frameworks have functions of
their own for it, which put both branches, or the body of a loop, into one graph.

States, operands and elements are arrays or tuples of arrays. A step gives back what it was given: the same number of
arrays, of the same shapes and dtypes.
"""

from __future__ import annotations

from typing import Any

from harness.operations.costs import THROUGH
from harness.operations.operation import Operation

__all__ = ["ROWS", "arrays_of", "cond", "formed_like", "scan", "while_loop"]

_JAX = "https://docs.jax.dev/en/latest/_autosummary/jax.lax.{}.html"
_TENSORFLOW = "https://www.tensorflow.org/api_docs/python/tf/{}"
_TORCH = "https://docs.pytorch.org/docs/stable/higher_order_ops/{}.html"


def cond(xp: Any, predicate: Any, true_function: Any, false_function: Any, /, *operands: Any) -> Any:
    """Write Python's conditional."""
    del xp
    return true_function(*operands) if predicate else false_function(*operands)


def while_loop(xp: Any, condition: Any, body: Any, initial: Any, /) -> Any:
    """Write Python's loop."""
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


def scan(xp: Any, body: Any, initial: Any, xs: Any, /) -> Any:
    """Write Python's loop over the elements along the first axis, and stack what comes out."""
    sequences, state, found = arrays_of(xs), initial, []
    for index in range(sequences[0].shape[0]):
        state, y = body(state, formed_like(xs, tuple([part[index, ...] for part in sequences])))
        found.append(y)
    columns = zip(*map(arrays_of, found), strict=True)
    return state, formed_like(found[0], tuple([xp.stack(column, axis=0) for column in columns]))


def arrays_of(state: Any) -> tuple[Any, ...]:
    """Return the arrays of a state: of one array, itself."""
    return tuple(state) if isinstance(state, (tuple, list)) else (state,)


def formed_like(state: Any, parts: tuple[Any, ...]) -> Any:
    """Put arrays back into the form of a state."""
    return parts if isinstance(state, (tuple, list)) else parts[0]


ROWS = (
    Operation(
        "control.cond",
        "true_function(*operands) if the predicate, a boolean without axes, holds, or else false_function(*operands)",
        cond,
        cost=THROUGH,
        source=f"{_JAX.format('cond')} {_TENSORFLOW.format('cond')} {_TORCH.format('cond')}",
    ),
    Operation(
        "control.while_loop",
        "state ← body(state) as long as condition(state), a boolean without axes, holds",
        while_loop,
        cost=THROUGH,
        source=f"{_JAX.format('while_loop')} {_TENSORFLOW.format('while_loop')} {_TORCH.format('while_loop')}",
    ),
    Operation(
        "control.fori_loop",
        "state ← body(index, state) for index from low to below high, Python's integers; in a graph, index is an array",
        _fori_loop,
        cost=THROUGH,
        source=f"{_JAX.format('fori_loop')} {_TENSORFLOW.format('while_loop')}",
    ),
    Operation(
        "control.scan",
        "(state, y) ← body(state, x) for each x along the first axis of xs: the last state, and all y, stacked",
        scan,
        cost=THROUGH,
        source=f"{_JAX.format('scan')} {_TENSORFLOW.format('scan')} {_TORCH.format('scan')}",
    ),
)
