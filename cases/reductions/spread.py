"""Variance, deviation, extremes, and where they stand."""

from harness import case, given, normal


@case(x=given([[1.0, 2.0, 4.0], [0.0, 10.0, 5.0]]))
def sample_variance(xp, x):
    """Σ (x - mean)² / (n - 1) over the last axis: (m, n) to (m,).

    For [1, 2, 4] it is 7/3, for [0, 10, 5] it is 25.
    """
    return xp.var(x, axis=-1, correction=1)


sample_variance.sample("random", x=normal((5, 40)))
sample_variance.sample("offset", x=normal((3, 64), mean=30.0))


@case(x=given([[1.0, 2.0, 4.0], [0.0, 10.0, 5.0]]))
def population_deviation(xp, x):
    """√(Σ (x - mean)² / n) over the first axis: (m, n) to (n,). Its entries differ, so it has a gradient.

    For the columns of [[1, 2, 4], [0, 10, 5]] it is [0.5, 4, 0.5].
    """
    return xp.std(x, axis=0)


population_deviation.sample("random", x=normal((30, 6)))


@case(x=given([[1.0, 5.0, -2.0], [0.5, 0.25, 4.0]]))
def span(xp, x):
    """Largest minus smallest element of each row: (m, n) to (m,). The gradient is ±1 at the two, 0 elsewhere.

    For [1, 5, -2] it is 7.
    """
    return xp.max(x, axis=1) - xp.min(x, axis=1)


span.sample("random", x=normal((9, 25)))


@case(x=given([[1.0, 5.0, -2.0], [0.5, 0.25, 4.0]]))
def places_of_extremes(xp, x):
    """Index of the largest and of the smallest element of each row: (m, n) to twice (m,). Integers, exact.

    For [[1, 5, -2], [0.5, 0.25, 4]] they are [1, 2] and [2, 1].
    """
    return xp.argmax(x, axis=1), xp.argmin(x, axis=1)


places_of_extremes.sample("random", x=normal((12, 30)))


@case(x=given([[3.0, 4.0], [-5.0, 12.0]]))
def euclidean_norms(xp, x):
    """√(Σ x²) over the last axis: (m, n) to (m,). The gradient is x over its norm.

    For [3, 4] it is 5, for [-5, 12] it is 13.
    """
    return xp.linalg.vector_norm(x, axis=-1)


euclidean_norms.sample("random", x=normal((8, 33)))


@case(x=given([3.0, -4.0, 1.0]))
def norms_of_other_orders(xp, x):
    """Sum of sizes, cube norm (Σ |x|³)^(1/3) and largest size of a vector: (n,) to three scalars.

    For [3, -4, 1] they are 8, 92^(1/3) = 4.5144 and 4.
    """
    return (
        xp.linalg.vector_norm(x, ord=1),
        xp.linalg.vector_norm(x, ord=3),
        xp.linalg.vector_norm(x, ord=xp.inf),
    )


norms_of_other_orders.sample("random", x=normal((45,)))


@case(x=given([[1.0, 2.0, 4.0], [8.0, -1.0, 0.5]]))
def standardised(xp, x):
    """(x - mean) / deviation over all elements: any shape to the same. Its mean is 0 and its variance 1."""
    return (x - xp.mean(x)) / xp.std(x)


standardised.sample("random", x=normal((6, 30), mean=2.0, scale=3.0))
