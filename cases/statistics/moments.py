"""Moments of samples."""

from harness import case, given, normal


@case(x=given([[1.0, 2.0], [3.0, 1.0], [5.0, 6.0]]))
def covariance(xp, x):
    """Sample covariance of columns: (m, n) to (n, n). Here it is [[4, 4], [4, 7]]."""
    centred = x - xp.mean(x, axis=0, keepdims=True)
    return xp.matrix_transpose(centred) @ centred / (x.shape[0] - 1)


covariance.sample("random", x=normal((40, 6)))


@case(x=given([1.0, 2.0, 4.0]), y=given([2.0, 1.0, 7.0]))
def correlation(xp, x, y):
    """Pearson's correlation of two samples: (n,) and (n,) to a scalar within [-1, 1]."""
    a, b = x - xp.mean(x), y - xp.mean(y)
    return xp.vecdot(a, b) / (xp.linalg.vector_norm(a) * xp.linalg.vector_norm(b))


correlation.sample("random", x=normal((50,)), y=normal((50,)))


@case(x=given([1.0, 2.0, 4.0, 9.0]))
def skewness(xp, x):
    """mean((x - μ)³) / mean((x - μ)²)^1.5: (n,) to a scalar; 0 for a symmetric sample."""
    a = x - xp.mean(x)
    return xp.mean(a**3) / xp.pow(xp.mean(a * a), 1.5)


skewness.sample("random", x=normal((60,)))


@case(x=given([1.0, 3.0, 2.0, 5.0, 4.0]), lag=2)
def autocovariance(xp, x, *, lag):
    """Mean product of deviations a lag apart: (n,) to a scalar."""
    a = x - xp.mean(x)
    return xp.sum(a[lag:] * a[:-lag]) / x.shape[0]


autocovariance.sample("random", x=normal((80,)))


@case(x=given([[1.0, 2.0], [0.5, -1.0]]), y=given([[0.0, 1.0], [2.0, 2.0], [-1.0, 0.5]]))
def kernel_mean(xp, x, y):
    """Mean of the Gaussian kernel exp(-|xᵢ - yⱼ|²/2) over all pairs: (m, d) and (n, d) to a scalar.

    Source: A. Gretton et al., A Kernel Two-Sample Test, JMLR 13 (2012).
    """
    squares = xp.sum(xp.square(x[:, None, :] - y[None, :, :]), axis=-1)
    return xp.mean(xp.exp(-0.5 * squares))


kernel_mean.sample("random", x=normal((10, 3)), y=normal((14, 3)))
