"""Arrays of different shapes in one expression. Gradients must be summed back to each argument's own shape."""

from harness import case, given, normal, uniform


@case(x=given([1.0, 2.0, 3.0]), y=given([10.0, 20.0]))
def outer_sum(xp, x, y):
    """xᵢ + yⱼ: (m,) and (n,) to (m, n). The gradients sum the cotangent over rows and over columns.

    For [1, 2, 3] and [10, 20] it is [[11, 21], [12, 22], [13, 23]].
    """
    return xp.expand_dims(x, axis=1) + y[None, :]


outer_sum.sample("random", x=normal((20,)), y=normal((30,)))


@case(x=given([[1.0, 2.0], [3.0, 4.0]]), scale=given([2.0, 0.5]), shift=given([[1.0], [-1.0]]))
def scale_and_shift(xp, x, scale, shift):
    """x · scale + shift with scale along columns and shift along rows: (m, n), (n,), (m, 1) to (m, n).

    For [[1, 2], [3, 4]] it is [[3, 2], [5, 1]].
    """
    return xp.multiply(x, scale) + shift


scale_and_shift.sample("random", x=normal((12, 9)), scale=normal((9,)), shift=normal((12, 1)))


@case(factor=given(2.0), x=given([[1.0, 2.0], [3.0, 4.0]]))
def scalar_times_matrix(xp, factor, x):
    """A scalar array times a matrix, then sin: () and (m, n) to (m, n). The scalar's gradient sums over everything."""
    return xp.sin(factor * x)


scalar_times_matrix.sample("random", factor=normal(()), x=normal((7, 8)))


@case(x=given([1.0, 2.0, 3.0]), y=given([[0.5, 1.0, 2.0], [4.0, 8.0, 16.0]]))
def repeated_rows(xp, x, y):
    """A vector repeated as rows, explicitly, divided by a matrix: (n,) and (m, n) to (m, n).

    For the first row it is [2, 2, 1.5].
    """
    return xp.broadcast_to(x, (y.shape[0], x.shape[0])) / y


repeated_rows.sample("random", x=normal((11,)), y=uniform((6, 11), 0.5, 2.0))


@case(x=given([[0.0, 0.0], [3.0, 4.0]]), y=given([[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]]))
def pairwise_distances(xp, x, y):
    """Distances between two sets of points: (m, d) and (n, d) to (m, n). No two points coincide.

    From (3, 4) to (3, 1) it is 3.
    """
    difference = x[:, None, :] - y[None, :, :]
    return xp.sqrt(xp.sum(difference * difference, axis=-1))


pairwise_distances.sample("random", x=normal((9, 3)), y=normal((12, 3), mean=1.0))


@case(x=given([[1.0], [2.0]]), y=given([[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]]))
def three_axes(xp, x, y):
    """x y + x with (m, 1) against (l, 1, n): the result is (l, m, n), and each gradient is summed over its new axes."""
    return x * y + x


three_axes.sample("random", x=normal((5, 1)), y=normal((4, 1, 6)))
