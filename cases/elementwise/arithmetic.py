"""Arithmetic, powers and roots, one element at a time."""

from harness import case, given, normal, uniform


@case(a=given([3.0, 1.5, -2.0]), b=given([1.0, 0.25, 4.0]), c=given([2.0, -0.5, 8.0]))
def difference_of_squares(xp, a, b, c):
    """(a + b)(a - b) / c = (a² - b²) / c, in the words of xp instead of operators.

    All have one shape, (n,). For a = 3, b = 1, c = 2 it is 4.
    """
    return xp.divide(xp.multiply(xp.add(a, b), xp.subtract(a, b)), c)


difference_of_squares.sample("matrix", a=normal((6, 5)), b=normal((6, 5)), c=uniform((6, 5), 0.5, 2.0))


@case(x=given([2.0, -0.5, 4.0]), y=given([3.0, 0.1, -1.0]))
def square_over(xp, x, y):
    """y² / x, as a reciprocal times a square.

    x and y have one shape, (n,). The gradient is (-y²/x², 2y/x); for x = 2, y = 3 the value is 4.5.
    """
    return xp.reciprocal(x) * xp.square(y)


square_over.sample("vector", x=uniform((33,), 0.25, 4.0), y=normal((33,)))


@case(x=given([0.5, 2.0, 9.0]), y=given([2.0, -1.5, 0.5]))
def power(xp, x, y):
    """x to the power y, for positive x.

    x and y have one shape. The gradient is (y xʸ⁻¹, xʸ ln x); 9 to the power 0.5 is 3.
    """
    return xp.pow(x, y)


power.sample("matrix", x=uniform((5, 6), 0.2, 5.0), y=uniform((5, 6), -2.0, 3.0))


@case(x=given([-2.0, -1.0, 0.5, 3.0]))
def cubic(xp, x):
    """x³ - 2x² + 3, with integer powers of numbers of either sign.

    x has any shape, the result the same; 3 gives 12. The gradient is 3x² - 4x.
    """
    return x**3 - 2 * x**2 + 3


cubic.sample("vector", x=normal((40,)))


@case(x=given([0.25, 2.0, 100.0]))
def square_root(xp, x):
    """√x for positive x; the gradient is 1 / (2√x).

    x has any shape. The root of 0.25 is 0.5 and its gradient there 1.
    """
    return xp.sqrt(x)


square_root.sample("wide_range", x=uniform((50,), 1e-6, 1e3))


@case(x=given([-4.0, 0.25, 9.0]))
def signed_root(xp, x):
    """sign(x) √|x|, odd in x; the gradient is 1 / (2√|x|).

    x has any shape and no zero. For [-4, 0.25, 9] it is [-2, 0.5, 3].
    """
    return xp.sign(x) * xp.sqrt(xp.abs(x))


signed_root.sample("matrix", x=normal((4, 9)))


@case(x=given([1.0, -2.0, 0.3]), y=given([0.5, 4.0, -1.0]))
def opposite_signs(xp, x, y):
    """-x · +y, with the unary words of xp. All its products are exact up to one rounding.

    x and y have one shape, (n,). For x = 1, y = 0.5 it is -0.5.
    """
    return xp.negative(x) * xp.positive(y)


opposite_signs.sample("vector", x=normal((21,)), y=normal((21,)))
