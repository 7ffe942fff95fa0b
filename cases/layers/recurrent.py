"""Layers of recurrent cells over a sequence, by the framework's own function where it has one.

A layer has the arrays W, U, the shift beside W x and that beside U h, here stacked by layer or by direction.
"""

from harness import case, normal


def _weights(inward, onward, shifts):
    return tuple(
        part
        for number in range(2)
        for part in (inward[number, ...], onward[number, ...], shifts[number, 0, ...], shifts[number, 1, ...])
    )


@case(
    x=normal((3, 2, 3)),
    state=normal((2, 2, 3)),
    memory=normal((2, 2, 3)),
    inward=normal((2, 12, 3), scale=0.5),
    onward=normal((2, 12, 3), scale=0.5),
    shifts=normal((2, 2, 12), scale=0.5),
)
def lstm(xp, x, state, memory, inward, onward, shifts):
    """Two layers of LSTM: (t, b, m), states and memories (2, b, m) and weights to (t, b, m), and twice (2, b, m).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
    """
    outputs, states, memories = xp.nn.lstm(x, state, memory, _weights(inward, onward, shifts))
    return outputs, states, memories


@case(
    x=normal((2, 2, 4)),
    state=normal((2, 2, 3)),
    memory=normal((2, 2, 3)),
    inward=normal((2, 12, 4), scale=0.5),
    onward=normal((2, 12, 3), scale=0.5),
    shifts=normal((2, 2, 12), scale=0.5),
)
def bidirectional_lstm(xp, x, state, memory, inward, onward, shifts):
    """One layer forward and one backward: (t, b, n), twice (2, b, m) and weights to (t, b, 2m).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
    """
    return xp.nn.lstm(x, state, memory, _weights(inward, onward, shifts), bidirectional=True)[0]


@case(
    x=normal((3, 2, 3)),
    state=normal((2, 2, 3)),
    inward=normal((2, 9, 3), scale=0.5),
    onward=normal((2, 9, 3), scale=0.5),
    shifts=normal((2, 2, 9), scale=0.5),
)
def gru(xp, x, state, inward, onward, shifts):
    """Two layers of GRU: (t, b, m), states (2, b, m) and weights to (t, b, m) and (2, b, m).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
    """
    outputs, states = xp.nn.gru(x, state, _weights(inward, onward, shifts))
    return outputs, states
