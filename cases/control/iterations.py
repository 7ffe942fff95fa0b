"""Loops whose number of steps depends on values: in plain Python, as `name`, and through the framework's own words.

A graph that was traced holds the steps that were taken while it was traced. Every case has samples of one shape that
need different numbers of steps, so that a trace which kept that number gives the wrong values.
"""

from harness import case, given, uniform


@case(x=given([3.0, -10.0]))
def halved(xp, x):
    """x · 2⁻ᵏ with the smallest k that makes all entries at most 1 in size: (n,) to (n,). For [3, -10] k is 4.

    A `while` on a value. Expected: Python runs it; AutoGraph makes it tf.while_loop, whose gradient XLA refuses for want
    of a bound; torch.compile breaks its graph at the condition; jax.jit refuses it.
    Source: https://docs.pytorch.org/docs/stable/torch.compiler_faq.html
    """
    while xp.max(xp.abs(x)) > 1:
        x = x / 2
    return x


halved.sample("no_step", x=given([0.75, -0.5]))
halved.sample("many_steps", x=given([900.0, 1.0]))
halved.sample("longer", x=uniform((20,), 20.0, 30.0))


@case(x=given([3.0, -10.0]))
def halved_by_while_loop(xp, x):
    """The same through `xp.control.while_loop`, which has no bound on the number of steps.

    Expected: a gradient must keep the states of all steps. JAX has no reverse mode for an unknown number of them; XLA
    asks TensorFlow for a bound; PyTorch compiles the value, and runs the gradient eagerly unless
    torch._dynamo.config.capture_scalar_outputs is set, which it is not by default.
    Source: https://docs.jax.dev/en/latest/_autosummary/jax.lax.while_loop.html,
    https://www.tensorflow.org/xla/known_issues, https://docs.pytorch.org/docs/main/higher_order_ops/while_loop.html
    """
    return xp.control.while_loop(lambda x: xp.max(xp.abs(x)) > 1, lambda x: x / 2, x)


halved_by_while_loop.sample("no_step", x=given([0.75, -0.5]))
halved_by_while_loop.sample("many_steps", x=given([900.0, 1.0]))
halved_by_while_loop.sample("longer", x=uniform((20,), 20.0, 30.0))


@case(x=given([3.0, -10.0]), bound=10)
def halved_by_fori_loop(xp, x, *, bound):
    """The same in a loop of `bound` steps, the last of which change nothing: every framework differentiates it."""

    def step(index, x):
        return xp.where(xp.max(xp.abs(x)) > 1, x / 2, x)

    return xp.control.fori_loop(0, bound, step, x)


halved_by_fori_loop.sample("no_step", x=given([0.75, -0.5]))
halved_by_fori_loop.sample("many_steps", x=given([900.0, 1.0]))
halved_by_fori_loop.sample("longer", x=uniform((20,), 20.0, 30.0))


def _residual(xp, a, y):
    """The largest |y²/a - 1|."""
    return xp.max(xp.abs(y * y / a - 1))


@case(a=given([2.0, 9.0]))
def converged(xp, a):
    """√a by Heron's iteration y ← (y + a/y) / 2 from 1 + a/2, until |y²/a - 1| is at most 1/16: (n,) to (n,).

    A `while` until converged. The gradient is that of the steps that were taken. Expected: as for `halved`.
    """
    y = 1 + a / 2
    while _residual(xp, a, y) > 0.0625:
        y = (y + a / y) / 2
    return y


converged.sample("near", a=given([2.0, 1.5]))
converged.sample("far", a=given([2.0, 100.0]))
converged.sample("longer", a=uniform((15,), 1.0, 30.0))


@case(a=given([2.0, 9.0]))
def converged_by_while_loop(xp, a):
    """The same through `xp.control.while_loop`, which uses `a` from outside."""
    return xp.control.while_loop(lambda y: _residual(xp, a, y) > 0.0625, lambda y: (y + a / y) / 2, 1 + a / 2)


converged_by_while_loop.sample("near", a=given([2.0, 1.5]))
converged_by_while_loop.sample("far", a=given([2.0, 100.0]))
converged_by_while_loop.sample("longer", a=uniform((15,), 1.0, 30.0))


@case(a=given([2.0, 9.0]), bound=8)
def converged_by_fori_loop(xp, a, *, bound):
    """The same in a loop of `bound` steps, the last of which change nothing."""

    def step(index, y):
        return xp.where(_residual(xp, a, y) > 0.0625, (y + a / y) / 2, y)

    return xp.control.fori_loop(0, bound, step, 1 + a / 2)


converged_by_fori_loop.sample("near", a=given([2.0, 1.5]))
converged_by_fori_loop.sample("far", a=given([2.0, 100.0]))
converged_by_fori_loop.sample("longer", a=uniform((15,), 1.0, 30.0))


@case(x=given(5.0))
def linear_log2(xp, x):
    """e + m - 1 where x = m · 2ᵉ and 1 ≤ m ≤ 2: () to (). For 5 it is 2.25. The gradient is 2⁻ᵉ.

    A branch inside a loop, and an `or` of two values. Expected: as for `halved`, with a tf.cond in the tf.while_loop.
    Source: J. N. Mitchell, Computer multiplication and division using binary logarithms, IRE Trans. EC-11 (1962)
    """
    e = 0 * x
    while x > 2 or x < 1:
        if x > 2:
            x = x / 2
            e = e + 1
        else:
            x = 2 * x
            e = e - 1
    return e + x - 1


linear_log2.sample("up", x=given(0.1875))
linear_log2.sample("no_step", x=given(1.25))
linear_log2.sample("many_steps", x=given(200.0))


@case(x=given(5.0))
def linear_log2_by_while_loop(xp, x):
    """The same through `xp.control.cond` in `xp.control.while_loop`, with two arrays as the state."""

    def step(state):
        x, e = state
        return xp.control.cond(x > 2, lambda x, e: (x / 2, e + 1), lambda x, e: (2 * x, e - 1), x, e)

    m, e = xp.control.while_loop(lambda state: xp.logical_or(state[0] > 2, state[0] < 1), step, (x, 0 * x))
    return e + m - 1


linear_log2_by_while_loop.sample("up", x=given(0.1875))
linear_log2_by_while_loop.sample("no_step", x=given(1.25))
linear_log2_by_while_loop.sample("many_steps", x=given(200.0))


@case(x=given(5.0), bound=10)
def linear_log2_by_fori_loop(xp, x, *, bound):
    """The same through `xp.control.cond` in a loop of `bound` steps, the last of which change nothing.

    Expected: the gradient of one torch.cond inside another cannot be compiled, since what it hands through is both an
    input and an output.
    Source: https://github.com/pytorch/pytorch/issues/153832
    """

    def step(index, state):
        def lower(x, e):
            return xp.control.cond(x < 1, lambda x, e: (2 * x, e - 1), lambda x, e: (1 * x, 1 * e), x, e)

        return xp.control.cond(state[0] > 2, lambda x, e: (x / 2, e + 1), lower, *state)

    m, e = xp.control.fori_loop(0, bound, step, (x, 0 * x))
    return e + m - 1


linear_log2_by_fori_loop.sample("up", x=given(0.1875))
linear_log2_by_fori_loop.sample("no_step", x=given(1.25))
linear_log2_by_fori_loop.sample("many_steps", x=given(200.0))


@case(a=given([2.0, 9.0]), bound=8)
def early_exit(xp, a, *, bound):
    """√a as in `converged`, by a `for` over a fixed range that is left early: (n,) to (n,).

    Expected: tf.function refuses a `break` on a value in a loop that is Python's; torch.compile breaks the graph at
    each step; jax.jit refuses it.
    Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/control_flow.md
    """
    y = 1 + a / 2
    for _ in range(bound):
        if _residual(xp, a, y) <= 0.0625:
            break
        y = (y + a / y) / 2
    return y


early_exit.sample("near", a=given([2.0, 1.5]))
early_exit.sample("far", a=given([2.0, 100.0]))
early_exit.sample("longer", a=uniform((15,), 1.0, 30.0))


@case(a=given([2.0, 9.0]), bound=8)
def early_exit_by_while_loop(xp, a, *, bound):
    """The same through `xp.control.while_loop`, with the number of the step in the state."""

    def goes_on(state):
        y, count = state
        return xp.logical_and(count < bound, _residual(xp, a, y) > 0.0625)

    start = 1 + a / 2
    y, _ = xp.control.while_loop(
        goes_on, lambda state: ((state[0] + a / state[0]) / 2, state[1] + 1), (start, 0 * xp.max(a))
    )
    return y


early_exit_by_while_loop.sample("near", a=given([2.0, 1.5]))
early_exit_by_while_loop.sample("far", a=given([2.0, 100.0]))
early_exit_by_while_loop.sample("longer", a=uniform((15,), 1.0, 30.0))


@case(a=given([2.0, 9.0]), bound=8)
def early_exit_by_fori_loop(xp, a, *, bound):
    """The same in a loop that takes every step and keeps the state once it has converged."""

    def step(index, y):
        return xp.where(_residual(xp, a, y) > 0.0625, (y + a / y) / 2, y)

    return xp.control.fori_loop(0, bound, step, 1 + a / 2)


early_exit_by_fori_loop.sample("near", a=given([2.0, 1.5]))
early_exit_by_fori_loop.sample("far", a=given([2.0, 100.0]))
early_exit_by_fori_loop.sample("longer", a=uniform((15,), 1.0, 30.0))


@case(x=given(10.0))
def visited(xp, x):
    """x + x/2 + x/4 + … down to the last number above 1: () to (). For 10 it is 10 + 5 + 2.5 + 1.25.

    A side effect, appending to a list, in a loop whose length depends on a value. Expected: Python runs it; a graph
    runs the body's Python once, while it is traced, so tf.function cannot use what was appended.
    Source: https://www.tensorflow.org/guide/function#executing_python_side_effects
    """
    found = [0 * x]
    while x > 1:
        found.append(x)
        x = x / 2
    return xp.sum(xp.stack(found))


visited.sample("no_step", x=given(0.5))
visited.sample("many_steps", x=given(100.0))


@case(x=given(10.0))
def visited_by_while_loop(xp, x):
    """The same through `xp.control.while_loop`, with the sum in the state in place of the list."""
    return xp.control.while_loop(
        lambda state: state[0] > 1, lambda state: (state[0] / 2, state[1] + state[0]), (x, 0 * x)
    )[1]


visited_by_while_loop.sample("no_step", x=given(0.5))
visited_by_while_loop.sample("many_steps", x=given(100.0))
