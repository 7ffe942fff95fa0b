"""Hyperbolic functions and their inverses."""

from harness import case, given, normal, uniform


@case(x=given([0.5, -1.0, 2.0]), y=given([0.25, 1.5, -2.0]))
def hyperbolic_product(xp, x, y):
    """Product sinh(x) cosh(y); the gradient is (cosh x cosh y, sinh x sinh y).

    x and y have one shape, (n,).
    """
    return xp.sinh(x) * xp.cosh(y)


hyperbolic_product.sample("matrix", x=normal((5, 6)), y=normal((5, 6)))


@case(x=given([0.25, -1.0, 3.0]))
def hyperbolic_tangent(xp, x):
    """tanh(x); the gradient is 1 - tanh²(x).

    x has any shape.
    """
    return xp.tanh(x)


hyperbolic_tangent.sample("vector", x=normal((48,)))
hyperbolic_tangent.sample("saturated", x=uniform((16,), 3.0, 6.0))


@case(x=given([0.5, -2.0]), y=given([1.5, 4.0]), z=given([0.25, -0.8]))
def inverse_hyperbolic(xp, x, y, z):
    """Product arsinh(x) arcosh(y) artanh(z), for y > 1 and z inside (-1, 1).

    All have one shape, (n,).
    """
    return xp.asinh(x) * xp.acosh(y) * xp.atanh(z)


inverse_hyperbolic.sample(
    "vector", x=normal((30,), scale=2.0), y=uniform((30,), 1.25, 5.0), z=uniform((30,), -0.9, 0.9)
)
