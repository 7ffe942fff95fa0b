"""Python loops of a fixed number of steps, which a compiler unrolls; `name_by_fori_loop` rolls them up."""

from harness import case, given, normal, uniform


@case(x=given([0.5, -1.0, 2.0]), coefficients=given([1.0, -2.0, 0.5, 3.0]))
def horner(xp, x, coefficients):
    """c₀ + c₁ x + c₂ x² + …, by Horner's scheme: (n,) and (k,) to (n,). For 2 it is 23."""
    total = xp.zeros_like(x)
    for index in range(coefficients.shape[0] - 1, -1, -1):
        total = total * x + coefficients[index]
    return total


horner.sample("random", x=uniform((20,), -1.0, 1.0), coefficients=normal((9,)))


@case(x=given([0.5, -1.0, 2.0]), coefficients=given([1.0, -2.0, 0.5, 3.0]))
def horner_by_fori_loop(xp, x, coefficients):
    """The same through `xp.control.fori_loop`: the index that picks the coefficient is an array in a graph."""
    last = coefficients.shape[0] - 1
    return xp.control.fori_loop(
        0, last + 1, lambda index, total: total * x + coefficients[last - index], xp.zeros_like(x)
    )


horner_by_fori_loop.sample("random", x=uniform((20,), -1.0, 1.0), coefficients=normal((9,)))


@case(a=given([2.0, 9.0, 0.5]), steps=5)
def newton_square_root(xp, a, *, steps):
    """√a by Heron's iteration y ← (y + a/y) / 2 from y = 1 + a/2: any shape to the same, a > 0.

    The gradient passes through every step and nears 1 / (2√a).
    """
    y = 1 + a / 2
    for _ in range(steps):
        y = (y + a / y) / 2
    return y


newton_square_root.sample("vector", a=uniform((25,), 0.5, 8.0))


@case(a=given([2.0, 9.0, 0.5]), steps=5)
def newton_square_root_by_fori_loop(xp, a, *, steps):
    """The same through `xp.control.fori_loop`, which rolls up what Python's loop unrolls."""
    return xp.control.fori_loop(0, steps, lambda _, y: (y + a / y) / 2, 1 + a / 2)


newton_square_root_by_fori_loop.sample("vector", a=uniform((25,), 0.5, 8.0))


@case(mean_anomaly=given([0.5, 1.5, 3.0]), eccentricity=given([0.1, 0.4, 0.7]), steps=4)
def kepler(xp, mean_anomaly, eccentricity, *, steps):
    """Eccentric anomaly E with E - e sin E = M by Newton's iteration from E = M + e sin M: two (n,) to (n,).

    Source: https://en.wikipedia.org/wiki/Kepler%27s_equation
    """
    e_anomaly = mean_anomaly + eccentricity * xp.sin(mean_anomaly)
    for _ in range(steps):
        excess = e_anomaly - eccentricity * xp.sin(e_anomaly) - mean_anomaly
        e_anomaly = e_anomaly - excess / (1 - eccentricity * xp.cos(e_anomaly))
    return e_anomaly


kepler.sample("random", mean_anomaly=uniform((16,), 0.2, 3.0), eccentricity=uniform((16,), 0.05, 0.6))


@case(x=given([0.1, 0.4]), rate=3.2, steps=5)
def logistic_map(xp, x, *, rate, steps):
    """A few steps of x ← r x (1 - x): any shape to the same. Each step can double an error, and the budget must know it.

    Source: R. M. May, Simple mathematical models with very complicated dynamics, Nature 261 (1976).
    """
    for _ in range(steps):
        x = rate * x * (1 - x)
    return x


logistic_map.sample("random", x=uniform((30,), 0.1, 0.9))


@case(x=given([0.3, -0.5, 1.0]), terms=8)
def exponential_series(xp, x, *, terms):
    """Σ xᵏ / k! for k below 8, with a running term: any shape to the same. Near eˣ for small x."""
    term = xp.ones_like(x)
    total = xp.ones_like(x)
    for k in range(1, terms):
        term = term * x / k
        total = total + term
    return total


exponential_series.sample("vector", x=normal((25,)))


@case(
    x=normal((3, 4)),
    hidden=normal((3, 5)),
    cell=normal((3, 5)),
    w=normal((9, 20), scale=0.3),
    bias=normal((20,), scale=0.1),
)
def lstm_cell(xp, x, hidden, cell, w, bias):
    """One step of an LSTM: gates from [x, h] W + b; (m, k), (m, h), (m, h), (k + h, 4h), (4h,) to two (m, h).

    Source: https://pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
    """
    size = hidden.shape[1]
    gates = xp.concat((x, hidden), axis=1) @ w + bias
    keep = xp.nn.sigmoid(gates[:, size : 2 * size])
    admit = xp.nn.sigmoid(gates[:, :size])
    candidate = xp.tanh(gates[:, 2 * size : 3 * size])
    show = xp.nn.sigmoid(gates[:, 3 * size :])
    cell = keep * cell + admit * candidate
    return show * xp.tanh(cell), cell


lstm_cell.sample(
    "wider",
    x=normal((4, 6)),
    hidden=normal((4, 8)),
    cell=normal((4, 8)),
    w=normal((14, 32), scale=0.25),
    bias=normal((32,), scale=0.1),
)


@case(x=given([1.0, -2.0]), target=given([0.5, 0.25]), steps=3, rate=0.1)
def adam_steps(xp, x, target, *, steps, rate):
    """A few steps of Adam on f(x) = Σ (x - target)², written without mutation: two (n,) to (n,).

    β₁ = 0.9, β₂ = 0.999; no entry starts at its target, so that no root is taken of 0.
    Source: https://arxiv.org/abs/1412.6980
    """
    first, second = xp.zeros_like(x), xp.zeros_like(x)
    for step in range(1, steps + 1):
        gradient = 2 * (x - target)
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient * gradient
        direction = (first / (1 - 0.9**step)) / (xp.sqrt(second / (1 - 0.999**step)) + 1e-8)
        x = x - rate * direction
    return x


adam_steps.sample("random", x=normal((12,), mean=2.0, scale=0.5), target=normal((12,), mean=-1.0, scale=0.3))


@case(cost=uniform((3, 4), 0.0, 1.0), steps=3)
def sinkhorn(xp, cost, *, steps):
    """Transport plan between uniform weights after a few rounds of scaling in log space: (m, n) to (m, n).

    Source: https://arxiv.org/abs/1306.0895
    """
    kernel = -cost / 0.5
    rows = xp.zeros_like(cost[:, :1])
    columns = xp.zeros_like(cost[:1, :])
    for _ in range(steps):
        rows = -xp.special.logsumexp(kernel + columns, axis=1, keepdims=True)
        columns = -xp.special.logsumexp(kernel + rows, axis=0, keepdims=True)
    return xp.exp(kernel + rows + columns)


sinkhorn.sample("larger", cost=uniform((8, 9), 0.0, 1.0))
