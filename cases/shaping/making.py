"""Arrays made from nothing, in a computation with arrays that are given."""

from harness import case, given, normal


@case(x=given([1.0, 2.0, 4.0]))
def ramp(xp, x):
    """Σ i xᵢ with i = 0, 1, …, n - 1: (n,) to a scalar. The gradient is [0, 1, …, n - 1]; here the value is 10."""
    return xp.sum(xp.arange(x.shape[0], dtype=x.dtype) * x)


ramp.sample("random", x=normal((50,)))


@case(x=given([0.0, 0.25, 1.0, 2.25, 4.0]))
def trapezoid_rule(xp, x):
    """Moment ∫₀¹ t f(t) dt by the trapezoid rule on n even points: (n,) to a scalar. n - 1 is a power of 2."""
    t = xp.linspace(0.0, 1.0, x.shape[0], dtype=x.dtype)
    y = t * x
    return xp.sum(y[1:] + y[:-1]) / (2 * (x.shape[0] - 1))


trapezoid_rule.sample("random", x=normal((65,)))


@case(x=given([[1.0, 2.0], [3.0, 4.0]]), amount=0.5)
def shrunk_to_identity(xp, x, *, amount):
    """(1 - a) X + a I: (n, n) to (n, n). For [[1, 2], [3, 4]] and a = 0.5 it is [[1, 1], [1.5, 2.5]]."""
    return (1 - amount) * x + amount * xp.eye(x.shape[0], dtype=x.dtype)


shrunk_to_identity.sample("random", x=normal((9, 9)))


@case(x=given([1.0, 2.0, 3.0]))
def with_constants(xp, x):
    """A filled array over x, plus ones times x: (n,) to (n,), 0.75 / x + x.

    For 1 it is 1.75 and the gradient 0.25.
    """
    return xp.full((x.shape[0],), 0.75, dtype=x.dtype) / x + xp.ones((x.shape[0],), dtype=x.dtype) * x


with_constants.sample("random", x=normal((24,), mean=4.0))


@case(x=given([[1.0, -2.0], [3.0, 0.5]]))
def with_constants_like(xp, x):
    """x times 1.5 where it is positive, and 1 plus 0 elsewhere, each an array like x: (m, n) to (m, n).

    For [[1, -2], [3, 0.5]] it is [[1.5, 1], [4.5, 0.75]].
    """
    return xp.where(x > 0, x * xp.full_like(x, 1.5), xp.ones_like(x) + xp.zeros_like(x))


with_constants_like.sample("random", x=normal((8, 7)))


@case(x=given([1.0, 2.0, 4.0]))
def padded_with_zeros(xp, x):
    """Zeros on both sides: (n,) to (n + 3,). For [1, 2, 4] it is [0, 1, 2, 4, 0, 0]."""
    return xp.concat((xp.zeros((1,), dtype=x.dtype), x, xp.zeros((2,), dtype=x.dtype)), axis=0)


padded_with_zeros.sample("random", x=normal((15,)))


@case(x=given([1.0, 4.0, 9.0, 16.0, 25.0]))
def sharpened(xp, x):
    """Second difference with the kernel [-0.5, 2, -0.5], from a written array: (n,) to (n - 2,).

    For squares it is [3, 8, 15].
    """
    kernel = xp.asarray([-0.5, 2.0, -0.5], dtype=x.dtype)
    return kernel[0] * x[:-2] + kernel[1] * x[1:-1] + kernel[2] * x[2:]


sharpened.sample("random", x=normal((40,)))


@case(x=given([-1.0, 0.5, 2.0]))
def positive_part_by_mask(xp, x):
    """x times the truth of x > 0, as a number: (n,) to (n,). For [-1, 0.5, 2] it is [0, 0.5, 2]."""
    return x * xp.astype(x > 0, x.dtype)


positive_part_by_mask.sample("matrix", x=normal((6, 6)))
