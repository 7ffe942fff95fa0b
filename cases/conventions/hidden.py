"""Branches that are not taken, and what they do to the gradient: 0 · NaN is NaN, though the branch is no part of it."""

from harness import case, given

FIRST = ("vjp", "jvp")


@case(x=given([-1.0, 4.0]), derivatives=FIRST)
def hidden_root(xp, x):
    """√x where x > 0, and 0 elsewhere: at -1 the function is constant, its derivative 0."""
    return xp.where(x > 0, xp.sqrt(x), 0.0)


@case(x=given([-1.0, 4.0]), derivatives=FIRST)
def hidden_root_remedied(xp, x):
    """√x where x > 0, and 0 elsewhere, with a second where inside: at -1 the derivative is 0."""
    return xp.where(x > 0, xp.sqrt(xp.where(x > 0, x, 1.0)), 0.0)


@case(x=given([-1.0, 0.0, 4.0]), derivatives=FIRST)
def hidden_logarithm(xp, x):
    """ln(x) where x > 1, and 0 elsewhere: the derivative at -1 and 0 is 0, though that of ln there is -1 and ∞."""
    return xp.where(x > 1, xp.log(x), 0.0)


@case(x=given([-1.0, 0.0, 4.0]), derivatives=FIRST)
def hidden_logarithm_remedied(xp, x):
    """ln(x) where x > 1, and 0 elsewhere, with a second where inside."""
    return xp.where(x > 1, xp.log(xp.where(x > 1, x, 1.0)), 0.0)


@case(x=given([0.0, 2.0]), derivatives=FIRST)
def hidden_quotient(xp, x):
    """sin(x)/x, and 1 at 0: smooth, with derivative 0 at 0, though the branch that is not taken is 0/0 there."""
    return xp.where(x == 0, 1.0, xp.sin(x) / x)


@case(x=given([0.0, 2.0]), derivatives=FIRST)
def hidden_quotient_remedied(xp, x):
    """sin(x)/x, and 1 at 0, with a second where inside."""
    safe = xp.where(x == 0, 1.0, x)
    return xp.where(x == 0, 1.0, xp.sin(safe) / safe)


@case(x=given([1000.0, -1000.0, 0.5]), derivatives=FIRST)
def hidden_overflow(xp, x):
    """ln(1 + eˣ), and x where x > 20: at 1000 the derivative is 1, though eˣ overflows in the branch not taken."""
    return xp.where(x > 20, x, xp.log(1 + xp.exp(x)))
