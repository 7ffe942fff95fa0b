"""Sorted elements, middles, counts and truths."""

from harness import case, given, normal, uniform


@case(x=given([[3.0, 1.0, 2.0], [0.5, 4.0, -1.0]]))
def sorted_rows(xp, x):
    """Each row in ascending, and in descending order: (m, n) to twice (m, n). The gradient goes back to its places.

    For [3, 1, 2] they are [1, 2, 3] and [3, 2, 1].
    """
    return xp.sort(x), xp.sort(x, descending=True)


sorted_rows.sample("random", x=normal((3, 5)))


@case(x=given([[3.0, 1.0, 2.0], [0.5, 4.0, -1.0]]))
def sorted_columns_squared(xp, x):
    """Each column's squares in ascending order: (m, n) to (m, n). For 3 and 0.5 they are 0.25 and 9."""
    return xp.sort(x * x, axis=0)


sorted_columns_squared.sample("random", x=normal((3, 5)))


@case(x=given([[3.0, 1.0, 2.0], [0.5, 4.0, -1.0]]), derivatives=False)
def order_of_rows(xp, x):
    """The indices that sort each row: (m, n) to (m, n), integers. For [3, 1, 2] they are [1, 2, 0]."""
    return xp.argsort(x)


order_of_rows.sample("random", x=normal((3, 5)))


@case(x=given([[3.0, 1.0, 2.0], [0.5, 4.0, -1.0]]))
def two_largest(xp, x):
    """The two largest of each row: (m, n) to (m, 2). For [3, 1, 2] they are [3, 2]."""
    return xp.top_k(x, 2)[0]


two_largest.sample("random", x=normal((3, 5)))


@case(x=given([[3.0, 1.0, 2.0], [0.5, 4.0, -1.0]]), derivatives=False)
def places_of_two_largest(xp, x):
    """Where the two largest of each row stand: (m, n) to (m, 2), integers. For [3, 1, 2] they are [0, 2]."""
    return xp.top_k(x, 2)[1]


places_of_two_largest.sample("random", x=normal((3, 5)))


@case(x=given([[3.0, 1.0, 2.0], [0.5, 4.0, -1.0]]))
def middles(xp, x):
    """The median of each row and of each column, there a mean of two: (m, n) to (m,) and (n,).

    For these two rows they are 2 and 0.5.
    """
    return xp.median(x, axis=1), xp.median(x, axis=0)


middles.sample("random", x=normal((4, 5)))


@case(x=given([4.0, 1.0, 3.0, 2.0]), part=0.3)
def quantiles(xp, x, *, part):
    """The quantile of a vector, linear between two elements: (n,) to (). At 0.3 of 1 to 4 it is 1.9."""
    return xp.quantile(x, part)


quantiles.sample("random", x=normal((8,)))


@case(x=given([[1.0, 2.0], [3.0, 5.0]]), weights=given([[1.0, 3.0], [2.0, 2.0]]))
def weighted_average(xp, x, weights):
    """Σ w x / Σ w of each row: (m, n) and (m, n) to (m,). Here it is [1.75, 4]."""
    return xp.average(x, weights, axis=1)


weighted_average.sample("random", x=normal((3, 5)), weights=uniform((3, 5), 0.5, 2.0))


@case(x=given([[1.0, 2.0, 4.0], [0.0, 3.0, 1.0]]))
def covariances(xp, x):
    """Covariances of the rows, which are variables: (m, n) to (m, m). The diagonal holds variances: 7/3 and 7/3."""
    return xp.cov(x)


covariances.sample("random", x=normal((3, 5)))


@case(x=given([[1.0, 2.0, 4.0], [0.0, 3.0, 1.0]]))
def correlations(xp, x):
    """Correlation of the first row with the others: (m, n) to (m - 1,). Of these two it is 1/14."""
    return xp.corrcoef(x)[0, 1:]


correlations.sample("random", x=normal((3, 5)))


@case(x=given([[1.0, -2.0, 0.0], [3.0, 4.0, 5.0]]), derivatives=False)
def truths(xp, x):
    """Of each row: whether some element is negative, whether all are positive, and how many are not zero.

    (m, n) to three times (m,). Here: [true, false], [false, true], [2, 3].
    """
    return xp.any(x < 0, axis=1), xp.all(x > 0, axis=1), xp.count_nonzero(x, axis=1)


truths.sample("random", x=normal((3, 5)))


@case(x=given([2.0, 3.0, 0.5]))
def running_products(xp, x):
    """Products of all prefixes along the last axis: (…, n) to (…, n). For [2, 3, 0.5] they are [2, 6, 3]."""
    return xp.cumulative_prod(x, axis=-1)


running_products.sample("random", x=uniform((3, 5), 0.5, 2.0))


@case(x=given([0.0, 1.0, -1.0]))
def running_logsumexp(xp, x):
    """ln Σ eˣ of all prefixes along the last axis: (…, n) to (…, n). For [0, 1, -1] it is [0, 1.3133, 1.4076]."""
    return xp.special.cumulative_logsumexp(x, axis=-1)


running_logsumexp.sample("random", x=normal((3, 5)))
running_logsumexp.sample("far", x=normal((8,), mean=30.0))
