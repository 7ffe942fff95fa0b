"""Trigonometric functions and their inverses."""

from harness import case, given, normal, uniform


@case(x=given([0.5, 1.0, -2.0]), y=given([0.25, -1.0, 3.0]))
def sine_times_cosine(xp, x, y):
    """Product sin(x) cos(y); the gradient is (cos x cos y, -sin x sin y).

    x and y have one shape, (n,).
    """
    return xp.sin(x) * xp.cos(y)


sine_times_cosine.sample("matrix", x=normal((6, 6), scale=3.0), y=normal((6, 6), scale=3.0))


@case(x=given([0.5, -1.0, 1.25]))
def tangent(xp, x):
    """tan(x); the gradient is 1 + tan²(x).

    x has any shape and lies inside (-π/2, π/2).
    """
    return xp.tan(x)


tangent.sample("vector", x=uniform((40,), -1.3, 1.3))


@case(x=given([0.5, -0.75]), y=given([-0.25, 0.5]), z=given([1.0, -3.0]))
def inverse_trigonometric(xp, x, y, z):
    """Product arcsin(x) arccos(y) arctan(z), for x and y inside (-1, 1).

    All have one shape, (n,). With y = 0.5 the middle factor is π/3, with z = 1 the last is π/4.
    """
    return xp.asin(x) * xp.acos(y) * xp.atan(z)


inverse_trigonometric.sample(
    "vector", x=uniform((30,), -0.9, 0.9), y=uniform((30,), -0.9, 0.9), z=normal((30,), scale=2.0)
)


@case(x=given([3.0, -1.0, 0.5]), y=given([4.0, 2.0, -0.5]))
def polar_coordinates(xp, x, y):
    """Length √(x² + y²) and angle atan2(y, x) of points of the plane, away from the origin and the negative x axis.

    x and y have one shape; two results of that shape. (3, 4) has length 5 and angle 0.9273.
    Source: https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.atan2.html
    """
    return xp.hypot(x, y), xp.atan2(y, x)


polar_coordinates.sample("grid", x=uniform((5, 7), -2.0, 2.0), y=uniform((5, 7), 0.5, 2.0))


@case(t=given([0.0, 0.25, 0.5]), frequency=2.0)
def damped_wave(xp, t, *, frequency):
    """e⁻ᵗ sin(2π f t), a decaying oscillation.

    t has any shape. At t = 0 the value is 0 and the gradient 2πf.
    """
    return xp.exp(-t) * xp.sin(2 * xp.pi * frequency * t)


damped_wave.sample("vector", t=uniform((64,), 0.05, 2.0))
