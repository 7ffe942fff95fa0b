"""Sums, means and products over axes."""

from harness import case, given, normal, uniform


@case(x=given([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
def row_sums(xp, x):
    """Sum over the last axis: (m, n) to (m,). The gradient repeats the cotangent along each row.

    For [[1, 2, 3], [4, 5, 6]] it is [6, 15].
    """
    return xp.sum(x, axis=-1)


row_sums.sample("tall", x=normal((50, 4)))
row_sums.sample("wide", x=normal((3, 300)))


@case(x=given([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
def column_means(xp, x):
    """Mean over the first axis: (m, n) to (n,).

    For [[1, 2, 3], [4, 5, 6]] it is [2.5, 3.5, 4.5]; the gradient is the cotangent divided by m.
    """
    return xp.mean(x, axis=0)


column_means.sample("tall", x=normal((100, 5)))


@case(x=given([[1.0, 2.0], [3.0, 5.0]]))
def centred(xp, x):
    """x minus the mean of its row, which keeps its axis: (m, n) to (m, n). Every row sums to 0.

    For [[1, 2], [3, 5]] it is [[-0.5, 0.5], [-1, 1]].
    """
    return x - xp.mean(x, axis=1, keepdims=True)


centred.sample("offset", x=normal((6, 20), mean=10.0))


@case(x=given([[2.0, 3.0, 4.0], [2.0, 0.0, 3.0]]))
def products(xp, x):
    """Product over the last axis: (m, n) to (m,). A gradient that divides by x fails where an entry is 0.

    For [[2, 3, 4], [2, 0, 3]] it is [24, 0] and the Jacobian's rows are [12, 8, 6] and [0, 6, 0].
    """
    return xp.prod(x, axis=-1)


products.sample("near_one", x=uniform((7, 12), 0.5, 1.5))


@case(x=given([1.0, 2.0, 4.0]), weights=given([1.0, 1.0, 2.0]))
def weighted_mean(xp, x, weights):
    """Σ w x / Σ w over all elements, for positive weights.

    x and weights have one shape; the result is a scalar. Here it is 2.75.
    """
    return xp.sum(weights * x) / xp.sum(weights)


weighted_mean.sample("matrix", x=normal((6, 11)), weights=uniform((6, 11), 0.5, 2.0))


@case(x=given([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
def running_totals(xp, x):
    """Sums of all prefixes down the first axis: (m, n) to (m, n).

    For [[1, 2], [3, 4], [5, 6]] it is [[1, 2], [4, 6], [9, 12]]; the gradient sums the cotangents from the end.
    """
    return xp.cumulative_sum(x, axis=0)


running_totals.sample("long", x=normal((128, 3)))


@case(x=given([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]))
def sum_over_two_axes(xp, x):
    """Sum over the first and last of three axes, kept as axes of length 1: (l, m, n) to (1, m, 1).

    For the numbers 1 to 8 in order it is [[[14], [22]]].
    """
    return xp.sum(x, axis=(0, 2), keepdims=True)


sum_over_two_axes.sample("random", x=normal((4, 5, 6)))
