"""Elements put, and added, where indices say; and neighbours."""

from harness import case, given, integers, normal, uniform


@case(x=given([10.0, 20.0, 30.0]), indices=given([2, 0, 2]), updates=given([1.0, 2.0, 4.0]))
def added_at_indices(xp, x, indices, updates):
    """x with updates added where indices, which repeat, say: (n,), (k,), (k,) to (n,). Here it is [12, 20, 35]."""
    return xp.scatter_add(x, indices, updates)


added_at_indices.sample("rows", x=normal((4, 3)), indices=integers((8,), 0, 4), updates=normal((8, 3)))


@case(x=given([10.0, 20.0, 30.0]), indices=given([2, 0, 2]), updates=given([31.0, 2.0, 35.0]))
def largest_at_indices(xp, x, indices, updates):
    """The largest of x and the updates at each place: (n,), (k,), (k,) to (n,). Here it is [10, 20, 35]."""
    return xp.scatter_max(x, indices, updates)


largest_at_indices.sample(
    "repeated",
    x=given([-1.0, -1.0, -1.0, -1.0]),
    indices=given([0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3]),
    updates=normal((21,)),
)
largest_at_indices.sample("random", x=normal((4,)), indices=integers((8,), 0, 4), updates=normal((8,)))


@case(x=given([1.0, 2.0, 4.0, 8.0]), segments=given([0, 2, 0, 2]), count=3)
def sums_of_segments(xp, x, segments, *, count):
    """Sums of the elements of each segment: (n,) and (n,) to (count,). Here they are [5, 0, 10]."""
    return xp.segment_sum(x, segments, count)


sums_of_segments.sample("rows", x=normal((8, 3)), segments=integers((8,), 0, 3))


@case(x=given([1.0, 4.0, 9.0, 16.0]))
def differences(xp, x):
    """First and second differences along the last axis: (…, n) to (…, n - 1) and (…, n - 2).

    For squares they are [3, 5, 7] and [2, 2].
    """
    return xp.diff(x), xp.diff(x, n=2)


differences.sample("random", x=normal((3, 5)))


@case(y=given([0.0, 1.0, 4.0]), step=0.5)
def trapezoids(xp, y, *, step):
    """The trapezoid rule along the last axis: (…, n) to (…). For [0, 1, 4], half a unit apart, it is 1.5."""
    return xp.trapezoid(y, dx=step)


trapezoids.sample("random", y=normal((3, 5)))


@case(edges=given([0.0, 1.0, 2.0]), x=given([0.5, 1.0, 3.0]), derivatives=False)
def bins(xp, edges, x):
    """How many sorted edges are below x, and how many not above: (n,) and (m,) to twice (m,).

    For [0, 1, 2] and [0.5, 1, 3] they are [1, 1, 3] and [1, 2, 3].
    """
    return xp.searchsorted(edges, x), xp.searchsorted(edges, x, side="right")


bins.sample("random", edges=given([-1.0, -0.5, 0.0, 0.75, 1.5]), x=normal((8,)))


@case(numbers=given([3, 0, 3, 1]))
def counts_of_numbers(xp, numbers):
    """How often each of 0 to 4 comes: (n,) to (5,). Here it is [1, 1, 0, 2, 0].

    Source: https://numpy.org/doc/stable/reference/generated/numpy.bincount.html
    """
    return xp.bincount(numbers, length=5)


counts_of_numbers.sample("random", numbers=integers((20,), 0, 5))


@case(numbers=given([3, 0, 3, 1]), weights=given([0.5, 2.0, -1.0, 4.0]))
def weights_of_numbers(xp, numbers, weights):
    """The sum of the weights of each of 0 to 4: (n,) and (n,) to (5,). Here it is [2, 4, 0, -0.5, 0].

    Source: https://numpy.org/doc/stable/reference/generated/numpy.bincount.html
    """
    return xp.bincount(numbers, weights, length=5)


weights_of_numbers.sample("random", numbers=integers((20,), 0, 5), weights=normal((20,)))


@case(x=given([0.5, 1.0, 3.0, -1.0, 2.0]), edges=given([0.0, 1.0, 2.0]), derivatives=False)
def histogram(xp, x, edges):
    """How many of x lie in each bin: any shape and (n,) to (n - 1,). Here it is [1, 2]: 1 lies in the upper bin, 2 too.

    Source: https://numpy.org/doc/stable/reference/generated/numpy.histogram.html
    """
    return xp.histogram(x, edges)


histogram.sample("random", x=normal((40,)), edges=given([-1.0, -0.5, 0.0, 0.75, 1.5]))


@case(
    x=given([0.5, 1.75, 2.5, -1.0]),
    points=given([0.0, 1.0, 2.0]),
    values=given([1.0, 3.0, -1.0]),
    derivatives=("vjp", "jvp", "hvp"),
)
def between_points(xp, x, points, values):
    """What is linear between points has at x: any shape, (n,) and (n,) to x's shape. Here it is [2, 0, -1, 1].

    No batch is made: its samples are rearranged, and points have to ascend.
    Source: https://numpy.org/doc/stable/reference/generated/numpy.interp.html
    """
    return xp.interp(x, points, values)


between_points.sample("matrix", x=uniform((3, 4), -1.0, 3.0), points=given([-0.5, 0.25, 1.0, 2.5]), values=normal((4,)))
