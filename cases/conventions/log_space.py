"""Logarithms and exponentials where it matters how they are said: near 0, at ties, and at -∞."""

from harness import case, given

FIRST = ("vjp", "jvp")


@case(x=given([0.0, -0.0, 1e-8, -1e-8, 1e-20]), derivatives=FIRST)
def log1p_near_zero(xp, x):
    """ln(1 + x) near 0 is x - x²/2, with derivative 1 - x."""
    return xp.log1p(x)


@case(x=given([0.0, -0.0, 1e-8, -1e-8, 1e-20]), derivatives=FIRST)
def expm1_near_zero(xp, x):
    """eˣ - 1 near 0 is x + x²/2, with derivative 1 + x."""
    return xp.expm1(x)


@case(x=given([1.0, 1.0, 0.0]), derivatives=FIRST)
def logsumexp(xp, x):
    """ln Σ eˣ: smooth at ties; an entry of -∞ counts for nothing, and its derivative is 0."""
    return xp.special.logsumexp(x)


logsumexp.sample("masked", x=given([1.0, float("-inf"), 0.5]))
logsumexp.sample("nothing", x=given([float("-inf"), float("-inf")]))


@case(x=given([1.0, float("-inf"), 0.5]), derivatives=FIRST)
def softmax(xp, x):
    """Softmax with an entry of -∞, which gets weight 0 and derivative 0. Of nothing but -∞ it is 0/0, NaN."""
    return xp.nn.softmax(x)


softmax.sample("nothing", x=given([float("-inf"), float("-inf")]))


@case(x=given([1.0, 2.0, 0.5]), keep=given([1, 0, 1]), derivatives=FIRST)
def masked_softmax(xp, x, keep):
    """Softmax of the entries that are kept, the others replaced by -∞: their weights and derivatives are 0."""
    return xp.nn.softmax(xp.where(keep == 1, x, float("-inf")))


masked_softmax.sample("nothing", keep=given([0, 0, 0]))


@case(x=given([1.0, 2.0, 0.5]), keep=given([1, 0, 1]), derivatives=FIRST)
def masked_log_softmax(xp, x, keep):
    """The logarithm of masked softmax, with 0 where nothing is kept: finite, and so are its derivatives."""
    logarithms = xp.nn.log_softmax(xp.where(keep == 1, x, float("-inf")))
    return xp.where(keep == 1, logarithms, 0.0)


@case(x=given([100.0, 1000.0, -1000.0]), derivatives=FIRST)
def saturated_sigmoid(xp, x):
    """1/(1 + e⁻ˣ) far out: 1 or 0, with derivatives that vanish."""
    return xp.nn.sigmoid(x)


@case(x=given([100.0, 1000.0, -1000.0]), derivatives=FIRST)
def saturated_softplus(xp, x):
    """ln(1 + eˣ) far out: x or 0, with derivatives 1 or 0."""
    return xp.nn.softplus(x)
