"""Corners: points without a derivative, where each framework chooses one of the right answers, or none.

Where a function is Lipschitz, what is right is Clarke's subdifferential: the convex hull of all limits of gradients at
points nearby (F. H. Clarke, Optimization and Nonsmooth Analysis, 1983).
"""

from harness import case, given

FIRST = ("vjp", "jvp")


@case(x=given([0.0, -0.0, 1.0, -2.0]), derivatives=FIRST)
def absolute(xp, x):
    """|x| at 0: the set is [-1, 1]."""
    return xp.abs(x)


@case(x=given([0.0, 1.0, -2.0]), derivatives=FIRST)
def absolute_by_maximum(xp, x):
    """max(x, -x) is |x|: the set at 0 is [-1, 1]."""
    return xp.maximum(x, -x)


@case(x=given([0.0, 1.0, -2.0]), derivatives=FIRST)
def absolute_by_where(xp, x):
    """X where x > 0 and -x elsewhere is |x|: the set at 0 is [-1, 1]."""
    return xp.where(x > 0, x, -x)


@case(x=given([0.0, -0.0, 1.0, -2.0]), derivatives=FIRST)
def relu(xp, x):
    """max(x, 0) by the framework's own relu: the set at 0 is [0, 1]."""
    return xp.nn.relu(x)


@case(x=given([0.0, -0.0, 1.0, -2.0]), derivatives=FIRST)
def relu_by_maximum(xp, x):
    """max(x, 0) by maximum: the set at 0 is [0, 1], the same as relu's."""
    return xp.maximum(x, 0.0)


@case(x=given([0.0, 0.0, 1.0, -2.0]), derivatives=FIRST)
def sum_of_relus(xp, x):
    """Σ max(xᵢ, 0) at two zeros, which are two ties: each has [0, 1] of its own."""
    return xp.sum(xp.nn.relu(x))


@case(x=given([0.0, 1.0, -2.0]), derivatives=FIRST)
def identity_by_relus(xp, x):
    """max(x, 0) - max(-x, 0) is x: the derivative is 1, also at 0.

    The two corners are one tie met twice. A program that takes relu'(0) = 0 says 0, which is no subgradient of x.
    Source: S. M. Kakade, J. D. Lee, Provably Correct Automatic Subdifferentiation for Qualified Programs, 2018.
    """
    return xp.nn.relu(x) - xp.nn.relu(-x)


@case(x=given([0.0, 2.0]), derivatives=FIRST)
def identity_by_where(xp, x):
    """0 where x = 0 and x elsewhere is x: the derivative is 1, also at 0, where the branch that is taken has 0."""
    return xp.where(x == 0, 0.0, x)


@case(x=given([0.0, 1.0, -2.0]), slope=0.25, derivatives=FIRST)
def leaky_relu(xp, x, *, slope):
    """max(x, 0) + slope · min(x, 0): the set at 0 is [slope, 1]."""
    return xp.nn.leaky_relu(x, slope=slope)


@case(x=given([0.0, 1.0, -2.0]), alpha=1.0, derivatives=FIRST)
def elu(xp, x, *, alpha):
    """X above 0 and α(eˣ - 1) below: for α = 1 the derivative at 0 is 1, for α = 1/2 the set is [1/2, 1]."""
    return xp.nn.elu(x, alpha=alpha)


elu.sample("half", alpha=0.5)


@case(x=given([0.0, -0.0]), derivatives=FIRST)
def softplus(xp, x):
    """ln(1 + eˣ) is smooth: its derivative at 0 is 1/2."""
    return xp.nn.softplus(x)


@case(x=given([0.0, -0.0, 3.0, -2.0]), derivatives=FIRST)
def sign(xp, x):
    """The sign of 0 is 0; the derivative is 0 wherever there is one, and so is its limit at the jump."""
    return xp.sign(x)


@case(x=given([3.0, 1.0, 3.0, 2.0]), derivatives=FIRST)
def largest(xp, x):
    """The largest of several, two of which tie: the derivatives of the two are any split of 1."""
    return xp.max(x)


largest.sample("rows", x=given([[1.0, 1.0, 1.0], [0.0, 2.0, 2.0]]))


@case(x=given([1.0, 3.0, 1.0, 2.0]), derivatives=FIRST)
def smallest(xp, x):
    """The smallest of several, two of which tie: the derivatives of the two are any split of 1."""
    return xp.min(x)


@case(x=given([1.0, 2.0, 0.0]), y=given([1.0, 1.0, -0.0]), derivatives=FIRST)
def larger(xp, x, y):
    """max(x, y) at ties, also of 0 and -0: the derivatives are any split of 1."""
    return xp.maximum(x, y)


@case(x=given([1.0, 2.0, 0.0]), y=given([1.0, 1.0, -0.0]), derivatives=FIRST)
def smaller(xp, x, y):
    """min(x, y) at ties, also of 0 and -0: the derivatives are any split of 1."""
    return xp.minimum(x, y)


@case(x=given([-1.0, 0.5, 1.0, 2.0]), low=-1.0, high=1.0, derivatives=FIRST)
def clipped(xp, x, *, low, high):
    """min(max(x, low), high) at both bounds: the set there is [0, 1]."""
    return xp.clip(x, low, high)


@case(x=given([1.0, 1.0, 0.0]), derivatives=FIRST)
def softmax_of_ties(xp, x):
    """Softmax, shifted by a largest entry that is tied: smooth, so the gradient is unique whatever max does there."""
    weights = xp.exp(x - xp.max(x))
    return weights / xp.sum(weights)


@case(a=given([1.0, -2.0]), b=given([1.0, -2.0]), derivatives=FIRST)
def logaddexp_of_equals(xp, a, b):
    """ln(eᵃ + eᵇ) at a = b: smooth, with both derivatives 1/2, though max(a, b) and |a - b| have corners there."""
    return xp.logaddexp(a, b)


@case(
    x=given([[[[1.0, 2.0, 4.0, 8.0, 16.0], [3.0, 1.0, 0.0, 2.0, 5.0], [7.0, 4.0, 2.0, 1.0, 3.0]]]]),
    grid=given([[[[0.0, 0.0], [-0.5, 0.25]], [[1.0, 0.5], [-1.0, -1.0]]]]),
    derivatives=FIRST,
)
def grid_sample_on_pixels(xp, x, grid):
    """A mixture of the pixels around points, some of which lie on one: (b, c, 3, 5), (b, m, n, 2) to (b, c, m, n).

    By the place its derivative is the difference to the pixel before, or to the pixel after; at the edge, to the zeros
    outside.
    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html
    """
    return xp.nn.grid_sample(x, grid, align_corners=True)
