"""Norms at 0, and other square roots of 0: cones have a set of gradients at their tip, √x has none at 0."""

from harness import case, given

FIRST = ("vjp", "jvp")


@case(x=given([0.0, 0.0, 0.0]), derivatives=FIRST)
def euclidean_norm(xp, x):
    """√Σx² at 0, said with its parts: the set is the unit ball; 0 · ∞, which is what the chain rule says, is no part."""
    return xp.sqrt(xp.sum(x * x))


@case(x=given([0.0, 0.0, 0.0]), derivatives=FIRST)
def vector_norm(xp, x):
    """√Σx² at 0, by the framework's own norm: the set is the unit ball."""
    return xp.linalg.vector_norm(x)


@case(x=given([0.0, 0.0, 0.0]), derivatives=FIRST)
def guarded_norm(xp, x):
    """√Σx² with the remedy: the root of 0 is not taken, not even in the branch that does not count."""
    square = xp.sum(x * x)
    return xp.where(square == 0, 0.0, xp.sqrt(xp.where(square == 0, 1.0, square)))


@case(a=given([0.0]), b=given([0.0]), derivatives=FIRST)
def hypotenuse(xp, a, b):
    """√(a² + b²) at (0, 0): the set is the unit disc."""
    return xp.hypot(a, b)


hypotenuse.sample("axes", a=given([0.0, 3.0, 0.0]), b=given([2.0, 0.0, -2.0]))


@case(x=given([2.0, 2.0, 2.0]), derivatives=FIRST)
def deviation_of_equals(xp, x):
    """The standard deviation of equal entries is 0; it is a norm of x - mean, so the set is a ball and bounded."""
    return xp.std(x)


@case(x=given([2.0, 2.0, 2.0]), derivatives=FIRST)
def variance_of_equals(xp, x):
    """The variance of equal entries is 0 and smooth: its gradient is 0."""
    return xp.var(x)


@case(x=given([0.0, 4.0]), derivatives=FIRST)
def square_root(xp, x):
    """√x at 0: the derivative grows without limit, and IEEE 754 says 1/(2·0) = ∞."""
    return xp.sqrt(x)


@case(x=given([0.0, 4.0, -4.0]), derivatives=FIRST)
def root_of_absolute(xp, x):
    """√|x| at 0: the derivative is ∞ from the right and -∞ from the left; no finite one exists."""
    return xp.sqrt(xp.abs(x))


@case(x=given([0.0, 2.0]), derivatives=FIRST)
def root_of_square(xp, x):
    """√(x²) is |x|: the set at 0 is [-1, 1]."""
    return xp.sqrt(x * x)


@case(y=given([0.0, 0.0, 1.0, -1.0]), x=given([1.0, -1.0, 0.0, 0.0]), derivatives=FIRST)
def angle_on_axes(xp, y, x):
    """atan2(y, x) on the axes: smooth but on the negative one, where it jumps by 2π and the gradient does not."""
    return xp.atan2(y, x)


@case(y=given([0.0]), x=given([0.0]), derivatives=FIRST)
def angle_of_nothing(xp, y, x):
    """atan2(0, 0) is 0 by IEEE 754; the angle has no limit there, so no derivative, and x/(x² + y²) says 0/0."""
    return xp.atan2(y, x)
