"""Exponentials and logarithms."""

from harness import case, given, normal, uniform


@case(x=given([0.5, -1.0, 3.0]), y=given([1e-3, -0.5, 2.0]))
def exponentials(xp, x, y):
    """Product eˣ (eʸ - 1), where expm1 keeps its accuracy near y = 0.

    x and y have one shape, (n,). The gradient is (eˣ (eʸ - 1), eˣ⁺ʸ).
    """
    return xp.exp(x) * xp.expm1(y)


exponentials.sample("vector", x=normal((40,)), y=normal((40,), scale=0.1))


@case(x=given([0.5, 3.0, 20.0]), y=given([1e-3, -0.5, 2.0]))
def logarithms(xp, x, y):
    """Product ln(x) ln(1 + y), where log1p keeps its accuracy near y = 0.

    x and y have one shape, (n,); x > 0, y > -1.
    """
    return xp.log(x) * xp.log1p(y)


logarithms.sample("vector", x=uniform((40,), 0.1, 10.0), y=uniform((40,), -0.4, 0.4))


@case(x=given([8.0, 0.3, 5.0]), y=given([1000.0, 0.2, 7.0]))
def logarithms_to_other_bases(xp, x, y):
    """Product log₂(x) log₁₀(y), for positive x and y.

    x and y have one shape, (n,). For x = 8, y = 1000 it is 9.
    """
    return xp.log2(x) * xp.log10(y)


logarithms_to_other_bases.sample("matrix", x=uniform((4, 8), 0.1, 10.0), y=uniform((4, 8), 0.1, 10.0))


@case(x=given([1.0, -3.0, 0.0]), y=given([2.0, 4.0, 0.5]))
def sum_in_log_space(xp, x, y):
    """ln(eˣ + eʸ), which cannot overflow; the gradient is softmax of (x, y).

    x and y have one shape, (n,). For x = 1, y = 2 it is 2.3133.
    """
    return xp.logaddexp(x, y)


sum_in_log_space.sample("vector", x=normal((40,)), y=normal((40,)))
sum_in_log_space.sample("large", x=normal((12,), mean=200.0), y=normal((12,), mean=200.0))
