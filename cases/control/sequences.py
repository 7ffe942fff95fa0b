"""Loops over a sequence: in plain Python, which a tracer unrolls, as `name`, and rolled up, as `name_by_scan`.

The number of steps is the length of an axis, which is known while a graph is made, so plain Python is traced by every
framework; the graph grows with the length, and each length needs another graph.
"""

from harness import case, given, normal, uniform


@case(
    inputs=normal((4, 3)),
    state=normal((5,)),
    w_in=normal((3, 5), scale=0.5),
    w_state=normal((5, 5), scale=0.4),
)
def rnn(xp, inputs, state, w_in, w_state):
    """h ← tanh(xₜ W + h U) over a sequence: (t, k), (h,), (k, h), (h, h) to all states, (t, h).

    A list that grows in a loop of known length: it is unrolled.
    """
    states = []
    for step in range(inputs.shape[0]):
        state = xp.tanh(xp.matmul(inputs[step, :], w_in) + xp.matmul(state, w_state))
        states.append(state)
    return xp.stack(states, axis=0)


@case(
    inputs=normal((4, 3)),
    state=normal((5,)),
    w_in=normal((3, 5), scale=0.5),
    w_state=normal((5, 5), scale=0.4),
)
def rnn_by_scan(xp, inputs, state, w_in, w_state):
    """The same through `xp.control.scan`, which uses the weights from outside.

    Expected: PyTorch's inductor turns a scan into a loop and refuses it, unless
    torch._dynamo.config.capture_scalar_outputs is set, which it is not by default.
    Source: https://github.com/pytorch/pytorch/blob/main/torch/_inductor/fx_passes/post_grad.py
    """

    def step(state, x):
        state = xp.tanh(xp.matmul(x, w_in) + xp.matmul(state, w_state))
        return state, state

    return xp.control.scan(step, state, inputs)[1]


for _case in (rnn, rnn_by_scan):
    _case.sample(
        "longer",
        inputs=normal((8, 4)),
        state=normal((6,)),
        w_in=normal((4, 6), scale=0.5),
        w_state=normal((6, 6), scale=0.4),
    )


@case(x=given([1.0, 4.0, -2.0]), keep=0.75)
def moving_average(xp, x, *, keep):
    """s ← keep · s + (1 - keep) · xₜ, from s = x₀: (t,) to all s, (t,). For [1, 4, -2] it is [1, 1.75, 0.8125]."""
    state, states = x[0], [x[0]]
    for step in range(1, x.shape[0]):
        state = keep * state + (1 - keep) * x[step]
        states.append(state)
    return xp.stack(states)


moving_average.sample("falling", x=given([3.0, 2.0, 0.5]))
moving_average.sample("longer", x=normal((9,)))


@case(x=given([1.0, 4.0, -2.0]), keep=0.75)
def moving_average_by_scan(xp, x, *, keep):
    """The same through `xp.control.scan`."""

    def step(state, value):
        state = keep * state + (1 - keep) * value
        return state, state

    return xp.control.scan(step, x[0], x)[1]


moving_average_by_scan.sample("falling", x=given([3.0, 2.0, 0.5]))
moving_average_by_scan.sample("longer", x=normal((9,)))


@case(x=given([2.0, -3.0, 0.5]))
def running_product(xp, x):
    """p ← p · xₜ, from p = 1: (t,) to all p, (t,), and the last one, (). With a zero among x the gradient is finite."""
    product, products = xp.ones_like(x[0]), []
    for step in range(x.shape[0]):
        product = product * x[step]
        products.append(product)
    return xp.stack(products), product


running_product.sample("a_zero", x=given([2.0, 0.0, 5.0]))
running_product.sample("longer", x=uniform((8,), 0.5, 1.5))


@case(x=given([2.0, -3.0, 0.5]))
def running_product_by_scan(xp, x):
    """The same through `xp.control.scan`."""

    def step(product, value):
        product = product * value
        return product, product

    last, products = xp.control.scan(step, xp.ones_like(x[0]), x)
    return products, last


running_product_by_scan.sample("a_zero", x=given([2.0, 0.0, 5.0]))
running_product_by_scan.sample("longer", x=uniform((8,), 0.5, 1.5))


@case(x=given([2.0, -3.0, 0.5, -1.0]))
def gated(xp, x):
    """s ← s · xₜ where xₜ is above 0, or else s - xₜ, from s = 1: (t,) to all s, (t,). For 2, -3 it is 2, 5.

    A branch on a value inside a loop of known length. Expected: one tf.cond a step; torch.compile breaks its graph
    at the first one and leaves the loop to Python; jax.jit refuses it.
    """
    state, states = xp.ones_like(x[0]), []
    for step in range(x.shape[0]):
        if x[step] > 0:  # noqa: SIM108 - a statement, not an expression, is what is looked at
            state = state * x[step]
        else:
            state = state - x[step]
        states.append(state)
    return xp.stack(states)


gated.sample("other_sides", x=given([-2.0, 3.0, -0.5, 1.0]))
gated.sample("longer", x=given([0.5, 2.0, -1.0, -3.0, 1.5, -2.0]))


@case(x=given([2.0, -3.0, 0.5, -1.0]))
def gated_by_scan(xp, x):
    """The same through `xp.control.cond` in `xp.control.scan`."""

    def step(state, value):
        state = xp.control.cond(
            value > 0, lambda state, value: state * value, lambda state, value: state - value, state, value
        )
        return state, state

    return xp.control.scan(step, xp.ones_like(x[0]), x)[1]


gated_by_scan.sample("other_sides", x=given([-2.0, 3.0, -0.5, 1.0]))
gated_by_scan.sample("longer", x=given([0.5, 2.0, -1.0, -3.0, 1.5, -2.0]))


@case(x=given([0.5, 3.0, 4.0]), threshold=2.0)
def first_above(xp, x, *, threshold):
    """The first entry above a threshold, or else 0: (t,) to (). For [0.5, 3, 4] and 2 it is 3, its gradient [0, 1, 0].

    A `return` out of a loop. Expected: tf.function refuses it in a loop that is Python's, which it unrolls.
    Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/control_flow.md
    """
    for step in range(x.shape[0]):
        if x[step] > threshold:
            return 1 * x[step]
    return 0 * x[0]


first_above.sample("at_once", x=given([8.0, 3.0, 0.25]))
first_above.sample("none", x=given([0.5, 1.0, -7.0]))
first_above.sample("longer", x=given([0.5, 1.0, -7.0, 0.0, 1.5, 6.0]))


@case(x=given([0.5, 3.0, 4.0]), threshold=2.0)
def first_above_by_scan(xp, x, *, threshold):
    """The same through `xp.control.scan`, which goes on to the end, with a number and a boolean as the state.

    Expected: PyTorch compiles its value, and fails at the gradient of a state that has a part without one.
    Source: https://github.com/pytorch/pytorch/blob/main/torch/_higher_order_ops/scan.py
    """

    def step(state, value):
        found, seen = state
        here = xp.logical_and(xp.logical_not(seen), value > threshold)
        found = xp.where(here, value, found)
        return (found, xp.logical_or(seen, here)), found

    return xp.control.scan(step, (0 * x[0], x[0] > xp.inf), x)[0][0]


first_above_by_scan.sample("at_once", x=given([8.0, 3.0, 0.25]))
first_above_by_scan.sample("none", x=given([0.5, 1.0, -7.0]))
first_above_by_scan.sample("longer", x=given([0.5, 1.0, -7.0, 0.0, 1.5, 6.0]))
