"""Products with zeros: the derivative is the product of all others, which no division by an entry gives."""

from harness import case, given

FIRST = ("vjp", "jvp")


@case(x=given([0.0, 2.0, 3.0]), derivatives=FIRST)
def product(xp, x):
    """Πx with one 0: the derivative is 6 there, and 0 elsewhere. With two, it is 0 everywhere."""
    return xp.prod(x)


product.sample("two_zeros", x=given([0.0, 2.0, 0.0]))
product.sample("rows", x=given([[0.0, 2.0, 3.0], [0.0, 0.0, 5.0], [1.0, 2.0, 3.0]]))


@case(x=given([0.0, 2.0, 3.0]), derivatives=FIRST)
def product_by_logarithms(xp, x):
    """exp(Σ ln x) is Πx where x > 0; at 0 the value is right, exp(-∞) = 0, and the derivative is 0 · ∞."""
    return xp.exp(xp.sum(xp.log(x)))
