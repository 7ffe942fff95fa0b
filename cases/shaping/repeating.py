"""Elements repeated, split, paired and padded. Values are exact; gradients add up what was repeated."""

from harness import case, given, integers, normal


@case(x=given([[1.0, 2.0], [3.0, 4.0]]), times=2)
def repeated(xp, x, *, times):
    """Each column several times over: (m, n) to (m, kn). For [1, 2], twice, it is [1, 1, 2, 2]."""
    return xp.repeat(x, times, axis=1)


repeated.sample("random", x=normal((3, 5)))


@case(x=given([1.0, 2.0, 3.0]))
def tiled(xp, x):
    """A vector as two rows, each of it twice over: (n,) to (2, 2n). For [1, 2, 3] both are [1, 2, 3, 1, 2, 3]."""
    return xp.tile(x, (2, 2))


tiled.sample("random", x=normal((8,)))


@case(x=given([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
def columns_apart(xp, x):
    """The first column times the last one, of columns taken apart: (m, n) to (m,). Here it is [3, 24]."""
    columns = xp.unstack(x, axis=1)
    return columns[0] * columns[-1]


columns_apart.sample("random", x=normal((3, 5)))


@case(x=given([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), indices=given([[2, 0, 2], [1, 1, 1]]))
def picked_in_each_row(xp, x, indices):
    """Elements at indices of each row's own, which repeat: (m, n) and (m, k) to (m, k).

    For [1, 2, 3] and [2, 0, 2] it is [3, 1, 3]; the gradient of an element is the sum over its copies.
    """
    return xp.take_along_axis(x, indices, axis=1)


picked_in_each_row.sample("random", x=normal((3, 5)), indices=integers((3, 5), 0, 5))


@case(x=given([1.0, 2.0]), y=given([[3.0], [4.0], [5.0]]))
def brought_to_one_shape(xp, x, y):
    """A row and a column to the matrix shape they share: (n,) and (m, 1) to twice (m, n)."""
    first, second = xp.broadcast_arrays(x, y)
    return first, second


brought_to_one_shape.sample("random", x=normal((5,)), y=normal((3, 1)))


@case(x=given([1.0, 2.0, 3.0]), y=given([0.5, -1.0]))
def grid(xp, x, y):
    """The product of both coordinates on a grid: (n,) and (m,) to (m, n). For [1, 2, 3] and 0.5 it is [0.5, 1, 1.5]."""
    columns, rows = xp.meshgrid(x, y)
    return columns * rows


grid.sample("random", x=normal((5,)), y=normal((3,)))


@case(x=given([[1.0, 2.0], [3.0, 4.0]]), value=0.25)
def padded(xp, x, *, value):
    """One row of a constant above, and two columns of it on the right: (m, n) to (m + 1, n + 2)."""
    return xp.pad(x, ((1, 0), (0, 2)), value=value)


padded.sample("random", x=normal((3, 5)))


@case(x=given([[1.0, 2.0], [3.0, 4.0]]))
def quarter_turn(xp, x):
    """A matrix turned by a right angle: (m, n) to (n, m). For [[1, 2], [3, 4]] it is [[2, 4], [1, 3]]."""
    return xp.rot90(x)


quarter_turn.sample("random", x=normal((3, 5)))


@case(x=given([1.0, 2.0, 3.0]))
def diagonal_matrix(xp, x):
    """The matrix with x on its diagonal: (n,) to (n, n)."""
    return xp.diag(x)


diagonal_matrix.sample("random", x=normal((5,)))


@case(x=given([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
def two_diagonals(xp, x):
    """The main diagonal and the one above it: (…, m, n) to twice (…, k). Here they are [1, 5] and [2, 6]."""
    return xp.linalg.diagonal(x), xp.linalg.diagonal(x, offset=1)


two_diagonals.sample("batch", x=normal((2, 3, 4)))
