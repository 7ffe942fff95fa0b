"""The ends of a dtype's range: results that overflow, intermediate results that must not, and what is flushed to 0."""

from harness import case, edges, given

FIRST = ("vjp", "jvp")


@case(x=given([100.0, 1000.0, -1000.0]), derivatives=FIRST)
def exponential(xp, x):
    """eˣ beyond the largest number is ∞, and so is its derivative; below the smallest one it is 0."""
    return xp.exp(x)


@case(
    a=edges("big", "big", "-big", usual=False),
    b=edges("big", "-big", 1.0, usual=False),
    derivatives=FIRST,
)
def hypotenuse_of_large(xp, a, b):
    """√(a² + b²) where a² overflows: the result does not, nor do its derivatives, so a good program scales."""
    return xp.hypot(a, b)


hypotenuse_of_large.sample(
    "tiny",
    a=edges("small", "small", "-small", usual=False),
    b=edges("small", "-small", 0.0, usual=False),
)


@case(a=given([1000.0, -1000.0, 0.0]), b=given([1000.0, 0.0, -1000.0]), derivatives=FIRST)
def logaddexp_of_large(xp, a, b):
    """ln(eᵃ + eᵇ) where eᵃ overflows: the result does not."""
    return xp.logaddexp(a, b)


@case(a=edges("normal", "-normal", usual=False), b=given([0.25, 0.5]), derivatives=FIRST)
def product_below_normal(xp, a, b):
    """ab below the smallest normal number: a subnormal number, or 0 where subnormals are flushed."""
    return a * b
