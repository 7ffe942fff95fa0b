"""Clipping, choosing and comparing. Samples stay away from corners, except where the answer is unique."""

from harness import case, given, normal, uniform


@case(x=given([-3.0, -0.25, 0.4, 7.0]), low=-0.5, high=0.5)
def clipped(xp, x, *, low, high):
    """min(max(x, low), high); the gradient is 1 inside and 0 outside.

    x has any shape. For [-3, -0.25, 0.4, 7] it is [-0.5, -0.25, 0.4, 0.5].
    """
    return xp.clip(x, low, high)


clipped.sample("matrix", x=normal((6, 7)))


@case(x=given([1.0, -2.0, 3.0]), y=given([2.0, -1.0, 0.5]), z=given([0.5, 4.0, -1.0]))
def larger_times_smaller(xp, x, y, z):
    """max(x, y) · min(y, z): the gradient goes to the chosen one.

    All have one shape, (n,). For (1, 2, 0.5) it is 1.
    """
    return xp.maximum(x, y) * xp.minimum(y, z)


larger_times_smaller.sample("vector", x=normal((25,)), y=normal((25,)), z=normal((25,)))


@case(x=given([-3.0, 0.5, 0.9, 2.0]), delta=1.0)
def huber(xp, x, *, delta):
    """x²/2 within delta of 0, delta (|x| - delta/2) beyond; smooth once.

    x has any shape. For 2 and delta 1 it is 1.5 with gradient 1.
    Source: P. J. Huber, Robust Estimation of a Location Parameter, Ann. Math. Statist. 35 (1964).
    """
    size = xp.abs(x)
    return xp.where(size <= delta, 0.5 * x * x, delta * (size - 0.5 * delta))


huber.sample("vector", x=normal((60,), scale=2.0))


@case(a=given([1.0, 2.0, 3.0, -0.5]), b=given([2.0, 2.0, 1.0, -0.5]))
def orderings(xp, a, b):
    """The six comparisons of a and b: booleans, exact, without a gradient.

    a and b have one shape, (n,). (2, 2) is equal, at most and at least, and not different, less or greater.
    """
    return (
        xp.less(a, b),
        xp.less_equal(a, b),
        xp.greater(a, b),
        xp.greater_equal(a, b),
        xp.equal(a, b),
        xp.not_equal(a, b),
    )


orderings.sample("matrix", a=normal((3, 8)), b=normal((3, 8)))


@case(x=given([-1.5, -0.2, 0.3, 2.5]), y=given([1.0, -1.0, 0.5, 0.25]))
def masked(xp, x, y):
    """Square where both are positive, product where exactly one is, x/4 where x is beyond 1 or not above -1.

    x and y have one shape, (n,). Later rules win; elsewhere the result is y.
    """
    up, right = x > 0, y > 0
    far = xp.logical_or(x > 1, xp.logical_not(x > -1))
    chosen = xp.where(xp.logical_and(up, right), x * x, y)
    chosen = xp.where(xp.logical_xor(up, right), x * y, chosen)
    return xp.where(far, x / 4, chosen)


masked.sample("vector", x=normal((50,)), y=normal((50,)))


@case(x=given([-0.5, 0.25, 2.0]))
def smooth_step(xp, x):
    """3t² - 2t³ with t = x clipped to [0, 1]: 0 to the left, 1 to the right, and smooth in between.

    x has any shape. At 0.25 it is 0.15625.
    """
    t = xp.clip(x, 0.0, 1.0)
    return t * t * (3 - 2 * t)


smooth_step.sample("matrix", x=uniform((5, 8), -0.5, 1.5))
