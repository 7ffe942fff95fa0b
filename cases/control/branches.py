"""Branches: in plain Python, as `name`, and through the framework's own words, as `name_by_cond`.

A graph that was traced holds one side of a Python branch. Every case has samples of one shape on both sides, so that
a trace which kept the side that it saw gives the wrong values.
"""

from harness import case, given, normal


@case(x=given([3.0, -4.0]), limit=1.0)
def clipped(xp, x, *, limit):
    """x, scaled to a norm of `limit` if its norm is larger: (n,) to (n,). For [3, -4] and 1 it is [0.6, -0.8].

    An `if` on a value. Expected: Python runs it; AutoGraph makes it tf.cond; torch.compile breaks the graph at the
    branch; jax.jit refuses it.
    Source: R. Pascanu et al., On the difficulty of training recurrent neural networks, https://arxiv.org/abs/1211.5063
    """
    norm = xp.sqrt(xp.sum(x * x))
    if norm > limit:
        return x * (limit / norm)
    return x


clipped.sample("inside", x=given([0.25, 0.5]))
clipped.sample("on_an_axis", x=given([0.0, -8.0]))
clipped.sample("longer", x=normal((40,)))


@case(x=given([3.0, -4.0]), limit=1.0)
def clipped_by_cond(xp, x, *, limit):
    """The same through `xp.control.cond`: both sides are in one graph, and one is run."""
    norm = xp.sqrt(xp.sum(x * x))
    return xp.control.cond(norm > limit, lambda x: x * (limit / norm), lambda x: x, x)


clipped_by_cond.sample("inside", x=given([0.25, 0.5]))
clipped_by_cond.sample("on_an_axis", x=given([0.0, -8.0]))
clipped_by_cond.sample("longer", x=normal((40,)))


@case(x=given([2.0, 4.0]))
def compressed(xp, x):
    """With the mean m: 1 + ln m above 1, -1 - ln(-m) below -1, m between: (n,) to (). For [2, 4] it is 1 + ln 3.

    Three ways by `elif`. Expected: as for `clipped`, with one tf.cond inside another.
    """
    m = xp.mean(x)
    if m > 1:
        return 1 + xp.log(m)
    elif m < -1:  # noqa: RET505 - how AutoGraph reads an elif is what is looked at
        return -1 - xp.log(-m)
    else:
        return m


compressed.sample("below", x=given([-2.0, -5.0]))
compressed.sample("between", x=given([0.75, -0.25]))
compressed.sample("longer", x=normal((30,), mean=6.0))


@case(x=given([2.0, 4.0]))
def compressed_by_cond(xp, x):
    """The same through one `xp.control.cond` inside another."""

    def not_above(m):
        return xp.control.cond(m < -1, lambda m: -1 - xp.log(-m), lambda m: 1 * m, m)

    m = xp.mean(x)
    return xp.control.cond(m > 1, lambda m: 1 + xp.log(m), not_above, m)


compressed_by_cond.sample("below", x=given([-2.0, -5.0]))
compressed_by_cond.sample("between", x=given([0.75, -0.25]))
compressed_by_cond.sample("longer", x=normal((30,), mean=6.0))


@case(x=given(4.0))
def guarded_root(xp, x):
    """√x above 0, and 0 elsewhere: () to (). The gradient at 0 is 0, because the root is not taken there.

    A branch whose other side would fail: there the root is NaN, or its slope infinite. A `where` in place of the
    branch gives NaN as the gradient at 0 in every framework, since both of its sides are differentiated.
    Source: https://docs.jax.dev/en/latest/faq.html#gradients-contain-nan-where-using-where
    """
    if x > 0:
        return xp.sqrt(x)
    return 0 * x


guarded_root.sample("at_zero", x=given(0.0))
guarded_root.sample("below", x=given(-9.0))


@case(x=given(4.0))
def guarded_root_by_cond(xp, x):
    """The same through `xp.control.cond`, which differentiates the side that was run."""
    return xp.control.cond(x > 0, xp.sqrt, lambda x: 0 * x, x)


guarded_root_by_cond.sample("at_zero", x=given(0.0))
guarded_root_by_cond.sample("below", x=given(-9.0))


@case(x=given([0.5, 1.5]))
def checked(xp, x):
    """Weights x / Σx, or an error where Σx is not above 0: (n,) to (n,). For [0.5, 1.5] it is [0.25, 0.75].

    A branch whose other side raises an exception of Python. Expected: a tracer that looks at both sides meets the
    exception while it traces, although no sample would, so tf.function raises it; jax.jit refuses the branch.
    Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/autograph/g3doc/reference/limitations.md
    """
    total = xp.sum(x)
    if total <= 0:
        raise ValueError("the weights must have a sum above 0")
    return x / total


checked.sample("other", x=given([3.0, 1.0]))
checked.sample("longer", x=normal((12,), mean=4.0))


@case(x=given([[1.0, 2.0], [4.0, 8.0]]), centre=True)
def by_shape(xp, x, *, centre):
    """Rows less their mean for a matrix, entries less the first one for a vector: the shape stays.

    A branch on a shape and one on a constant of Python. Expected: both are known while a graph is made, so it holds
    one side, and another shape gets another graph, in every framework.
    """
    if not centre:
        return 2 * x
    if x.ndim == 2 and x.shape[1] > 1:
        return x - xp.mean(x, axis=1, keepdims=True)
    return x - x[0]


by_shape.sample("vector", x=given([1.0, 2.0, 4.0]))
by_shape.sample("one_column", x=given([[1.0], [2.0], [4.0]]))
by_shape.sample("constant", centre=False)
by_shape.sample("random", x=normal((5, 7)))
