"""Elements in another order or another shape. Values are exact; gradients undo the move."""

from harness import case, given, integers, normal


@case(x=given([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
def fold_and_turn(xp, x):
    """A vector of 6k elements as (k, 2, 3), its axes then in the order (2, 0, 1): (6k,) to (3, k, 2).

    For 1 to 6 it is [[[1, 4]], [[2, 5]], [[3, 6]]].
    """
    return xp.permute_dims(xp.reshape(x, (-1, 2, 3)), (2, 0, 1))


fold_and_turn.sample("random", x=normal((48,)))


@case(x=given([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
def transposed(xp, x):
    """The last two axes swapped: (…, m, n) to (…, n, m)."""
    return xp.matrix_transpose(x)


transposed.sample("batch", x=normal((4, 3, 5)))


@case(x=given([[[1.0, 2.0]], [[3.0, 4.0]]]))
def axis_to_the_end(xp, x):
    """The first of three axes moved to the end, and a new one before it: (l, m, n) to (m, n, 1, l)."""
    return xp.expand_dims(xp.moveaxis(x, 0, -1), axis=2)


axis_to_the_end.sample("random", x=normal((3, 4, 5)))


@case(x=given([[[1.0], [2.0], [3.0]]]), y=given([0.5, 2.0, -1.0]))
def squeezed(xp, x, y):
    """Axes of length 1 removed, then multiplied by a vector: (1, n, 1) and (n,) to (n,).

    For [1, 2, 3] and [0.5, 2, -1] it is [0.5, 4, -3].
    """
    return xp.squeeze(x, axis=(0, 2)) * y


squeezed.sample("random", x=normal((1, 23, 1)), y=normal((23,)))


@case(x=given([[1.0, 2.0], [3.0, 4.0]]), y=given([[5.0, 6.0]]))
def joined(xp, x, y):
    """Rows of two matrices, one below the other: (m, n) and (k, n) to (m + k, n)."""
    return xp.concat((x, y), axis=0)


joined.sample("random", x=normal((7, 5)), y=normal((4, 5)))


@case(x=given([1.0, 2.0, 3.0]), y=given([4.0, 5.0, 6.0]))
def stacked(xp, x, y):
    """Two vectors and their product as columns: (n,) and (n,) to (n, 3).

    For [1, 2, 3] and [4, 5, 6] the first row is [1, 4, 4].
    """
    return xp.stack((x, y, x * y), axis=1)


stacked.sample("random", x=normal((19,)), y=normal((19,)))


@case(x=given([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
def flipped(xp, x):
    """Each row reversed: (m, n) to (m, n). For [1, 2, 3] it is [3, 2, 1]."""
    return xp.flip(x, axis=1)


flipped.sample("random", x=normal((6, 9)))


@case(x=given([1.0, 2.0, 3.0, 4.0]))
def rolled(xp, x):
    """Elements shifted by 1 around the end: (n,) to (n,). For [1, 2, 3, 4] it is [4, 1, 2, 3]."""
    return xp.roll(x, 1, axis=0)


rolled.sample("random", x=normal((31,)))


@case(x=given([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), indices=given([2, 0, 2]))
def taken(xp, x, indices):
    """Rows at indices that repeat: (m, n) and (k,) to (k, n). The gradient of a repeated row is a sum.

    For indices [2, 0, 2] it is [[5, 6], [1, 2], [5, 6]].
    """
    return xp.take(x, indices, axis=0)


taken.sample("random", x=normal((10, 4)), indices=integers((25,), 0, 10))


@case(x=given([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]))
def triangles(xp, x):
    """Lower triangle below the diagonal, and upper triangle with it: (n, n) to twice (n, n). They add up to x."""
    return xp.tril(x, k=-1), xp.triu(x)


triangles.sample("batch", x=normal((3, 5, 5)))


@case(x=given([1.0, 4.0, 9.0, 16.0]))
def central_differences(xp, x):
    """(xᵢ₊₁ - xᵢ₋₁) / 2 by slices: (n,) to (n - 2,). For squares it is the odd number's half sum: [4, 6]."""
    return (x[2:] - x[:-2]) / 2


central_differences.sample("random", x=normal((60,)))


@case(x=given([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]))
def every_other_column(xp, x):
    """Even columns plus twice the odd ones, by slices with a step: (m, 2n) to (m, n). For [1, 2, 3, 4] it is [5, 11]."""
    return x[:, ::2] + 2 * x[:, 1::2]


every_other_column.sample("random", x=normal((5, 16)))
