"""Powers where the base or the exponent is 0, and where the base is negative."""

from harness import case, given

FIRST = ("vjp", "jvp")


@case(a=given([0.0, 0.0, 0.0]), b=given([1.0, 2.0, 3.0]), derivatives=FIRST)
def power(xp, a, b):
    """a to the power b, both arrays.

    At a = 0 the derivative along a is b aᵇ⁻¹: 1 for b = 1, and 0 for b > 1; along b it is 0, for 0ᵇ is 0 for b > 0.
    """
    return xp.pow(a, b)


power.sample("exponent_zero", a=given([2.0, 0.5, 3.0]), b=given([0.0, 0.0, 0.0]))
power.sample("both_zero", a=given([0.0]), b=given([0.0]))
power.sample("root_of_zero", a=given([0.0]), b=given([0.5]))
power.sample("negative_base", a=given([-2.0, -3.0]), b=given([2.0, 3.0]))


@case(x=given([0.0, 2.0, -3.0]), exponent=0, derivatives=FIRST)
def power_of_constant(xp, x, *, exponent):
    """X to a constant power: x⁰ is 1 everywhere, with derivative 0 also at 0; x¹ and x² are smooth."""
    return x**exponent


power_of_constant.sample("one", exponent=1)
power_of_constant.sample("two", exponent=2)
power_of_constant.sample("three", exponent=3)
power_of_constant.sample("half", x=given([0.0, 4.0]), exponent=0.5)
power_of_constant.sample("three_halves", x=given([0.0, 4.0]), exponent=1.5)


@case(x=given([1.0, 2.0]), derivatives=FIRST)
def zero_to_power(xp, x):
    """0ˣ is 0 for x > 0, with derivative 0, though 0ˣ ln 0 is 0 · ∞."""
    return xp.pow(xp.zeros_like(x), x)


@case(a=given([0.0, 0.0, 2.0]), b=given([1.0, 3.0, 0.5]), derivatives=FIRST)
def x_log_y(xp, a, b):
    """a ln b, and 0 where a = 0: its derivative along a is ln b, along b it is a/b."""
    return xp.special.xlogy(a, b)


x_log_y.sample("both_zero", a=given([0.0]), b=given([0.0]))


@case(p=given([0.5, 0.5, 0.0]), derivatives=FIRST)
def entropy(xp, p):
    """-Σ p ln p, with 0 ln 0 = 0: the derivative at p = 0 grows without limit, -ln 0 - 1 = ∞."""
    return -xp.sum(xp.special.xlogy(p, p))
