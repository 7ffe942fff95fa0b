"""Sums of exponentials that must not overflow."""

from harness import case, given, normal


@case(x=given([1.0, 2.0, 3.0]))
def stable_logsumexp(xp, x):
    """ln Σ eˣ, shifted by hand by the largest entry: any shape to a scalar. The gradient is softmax(x).

    For [1, 2, 3] it is 3.4076.
    """
    largest = xp.max(x)
    return largest + xp.log(xp.sum(xp.exp(x - largest)))


stable_logsumexp.sample("large", x=given([1000.0, 1000.5, 999.0]))
stable_logsumexp.sample("matrix", x=normal((6, 20)))


@case(x=given([[1.0, 2.0, 3.0], [0.0, 0.5, -1.0]]))
def logsumexp_of_rows(xp, x):
    """ln Σ eˣ over the last axis, by the framework's own function: (m, n) to (m,)."""
    return xp.special.logsumexp(x, axis=-1)


logsumexp_of_rows.sample("large", x=normal((4, 6), mean=500.0))
logsumexp_of_rows.sample("random", x=normal((7, 40)))


@case(x=given([0.5, -1.0, 2.0]), sharpness=4.0)
def smooth_maximum(xp, x, *, sharpness):
    """ln(mean(e^(kx))) / k, which nears max(x) as k grows: (n,) to a scalar. The gradient is softmax(kx)."""
    count = x.shape[0]
    return (xp.special.logsumexp(sharpness * x) - xp.log(xp.full((), float(count), dtype=x.dtype))) / sharpness


smooth_maximum.sample("random", x=normal((30,)))
