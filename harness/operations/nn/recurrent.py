"""Rows of recurrent cells, and of layers of them over a sequence, below `xp.nn`, in PyTorch's words.

TensorFlow's layers are Keras's, which hold their weights as state; JAX's `jax.experimental.rnn` is for GPUs alone. Both
run the definition, a loop over the sequence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.operations.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["KINDS", "ROWS"]

_MODULE = "https://docs.pytorch.org/docs/stable/generated/torch.nn.{}.html"
KINDS = 4
"""Of arrays that one direction of one layer has: W, U, the shift beside W x, and that beside U h."""


def _rnn_cell(xp: Any, x: Any, state: Any, inward: Any, onward: Any, shift: Any, /) -> Any:
    return xp.tanh(xp.nn.linear(x, inward, shift) + xp.nn.linear(state, onward))


def _parts(x: Any, count: int) -> list[Any]:
    size = x.shape[-1] // count
    return [x[..., number * size : (number + 1) * size] for number in range(count)]


def _lstm_step(xp: Any, inward: Any, onward: Any, state: Any, memory: Any) -> Any:
    del state
    into, forget, new, out = _parts(inward + onward, 4)
    kept = xp.nn.sigmoid(forget) * memory + xp.nn.sigmoid(into) * xp.tanh(new)
    return xp.nn.sigmoid(out) * xp.tanh(kept), kept


def _lstm_cell(xp: Any, x: Any, state: Any, memory: Any, inward: Any, onward: Any, shift: Any, /) -> Any:
    return _lstm_step(xp, xp.nn.linear(x, inward, shift), xp.nn.linear(state, onward), state, memory)


def _gru_step(xp: Any, inward: Any, onward: Any, state: Any) -> Any:
    reset, update, new = _parts(inward, 3)
    reset_too, update_too, old = _parts(onward, 3)
    fresh = xp.tanh(new + xp.nn.sigmoid(reset + reset_too) * old)
    share = xp.nn.sigmoid(update + update_too)
    return ((1 - share) * fresh + share * state,)


def _gru_cell(xp: Any, x: Any, state: Any, inward: Any, onward: Any, shift: Any, /) -> Any:
    return _gru_step(xp, xp.nn.linear(x, inward, shift), xp.nn.linear(state, onward), state)[0]


def _layers(xp: Any, x: Any, starts: Sequence[Any], weights: Sequence[Any], ways: int, step: Callable[..., Any]) -> Any:
    """Run layer after layer, each forward and, for two ways, backward: the last one's outputs, and all last states."""
    ends = []
    for number in range(0, len(weights) // KINDS, ways):
        found = []
        for way in range(ways):
            inward, onward, *shifts = weights[KINDS * (number + way) : KINDS * (number + way + 1)]
            products, states = xp.nn.linear(x, inward, shifts[0]), [start[number + way, ...] for start in starts]
            outputs = []
            for time in range(x.shape[0]) if way == 0 else reversed(range(x.shape[0])):
                states = step(xp, products[time, ...], xp.nn.linear(states[0], onward, shifts[1]), *states)
                outputs.append(states[0])
            found.append(xp.stack(outputs if way == 0 else outputs[::-1], axis=0))
            ends.append(states)
        x = xp.concat(found, axis=-1) if ways > 1 else found[0]
    return (x, *(xp.stack(last, axis=0) for last in zip(*ends, strict=True)))


def _lstm(xp: Any, x: Any, state: Any, memory: Any, weights: Sequence[Any], /, *, bidirectional: bool = False) -> Any:
    return _layers(xp, x, (state, memory), weights, 1 + bidirectional, _lstm_step)


def _gru(xp: Any, x: Any, state: Any, weights: Sequence[Any], /, *, bidirectional: bool = False) -> Any:
    return _layers(xp, x, (state,), weights, 1 + bidirectional, _gru_step)


def _row(name: str, summary: str, meaning: Any, module: str) -> Operation:
    return Operation(f"nn.{name}", summary, meaning, source=_MODULE.format(module))


ROWS = (
    _row("rnn_cell", "tanh(W x + shift + U h)", _rnn_cell, module="RNNCell"),
    _row(
        "lstm_cell",
        "h = σ(o) tanh(c′) and c′ = σ(f) c + σ(i) tanh(g), with i, f, g, o = W x + shift + U h",
        _lstm_cell,
        module="LSTMCell",
    ),
    _row(
        "gru_cell",
        "(1 - σ(z)) tanh(n + σ(r) m) + σ(z) h, with r, z, n = W x + shift, and U h added to r and z, and as m",
        _gru_cell,
        module="GRUCell",
    ),
    _row(
        "lstm",
        "lstm_cell along the first axis of x, layer upon layer, forward or both ways: outputs, last states, last memories",
        _lstm,
        module="LSTM",
    ),
    _row(
        "gru",
        "gru_cell along the first axis of x, layer upon layer, forward or both ways: outputs, last states",
        _gru,
        module="GRU",
    ),
)
