"""Rounding to whole numbers, remainders, signs, kinds of numbers, and bits. Samples stay away from jumps."""

from harness import case, given, integers, uniform


@case(x=given([-2.5, -0.75, 0.5, 1.5, 2.5, 3.25]), derivatives=False)
def roundings(xp, x):
    """⌊x⌋, ⌈x⌉, x without its fraction, and the nearest whole number, of two the even one: four results of x's shape.

    2.5 gives 2, 3, 2 and 2; -0.75 gives -1, -0, -0 and -1.
    Source: https://data-apis.org/array-api/2024.12/API_specification/elementwise_functions.html
    """
    return xp.floor(x), xp.ceil(x), xp.trunc(x), xp.round(x)


roundings.sample("matrix", x=uniform((3, 5), -9.0, 9.0))


@case(x=given([-1.25, 0.4, 2.75]))
def sawtooth(xp, x):
    """(x - ⌊x⌋) (⌈x⌉ - x): any shape to the same; periodic, 0 at whole numbers. At 0.4 it is 0.24.

    The roundings have no slope, so the gradient is ⌈x⌉ + ⌊x⌋ - 2x.
    """
    return (x - xp.floor(x)) * (xp.ceil(x) - x)


sawtooth.sample("matrix", x=uniform((3, 5), 1.1, 1.9))


@case(x=given([-1.25, 0.375, 2.75]), step=0.5)
def quantised(xp, x, *, step):
    """x² plus the error of x as a multiple of a step, x - step · round(x / step): any shape to the same.

    Of -1.25 and 0.375 the halves are rounded to the even multiple. The gradient is 2x + 1.
    Source: https://arxiv.org/abs/1806.08342
    """
    return x * x + (x - step * xp.round(x / step))


quantised.sample("matrix", x=uniform((3, 5), 0.6, 0.7))


@case(x=given([-1.25, 0.5, 2.75]))
def by_its_fraction(xp, x):
    """x without its fraction, times the fraction: any shape to the same. 2.75 gives 1.5; the gradient is trunc(x)."""
    whole = xp.trunc(x)
    return whole * (x - whole)


by_its_fraction.sample("matrix", x=uniform((3, 5), -2.9, -2.1))


@case(a=given([5.0, -5.0, 7.25]), b=given([3.0, 3.0, -2.0]))
def modulo(xp, a, b):
    """a - b ⌊a/b⌋, which has the sign of b, times b: a and b have one shape. 5 and 3 give 6, -5 and 3 give 3.

    The gradient is (b, r - b ⌊a/b⌋) with the remainder r.
    Source: https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.remainder.html
    """
    return xp.remainder(a, b) * b


modulo.sample("matrix", a=uniform((3, 5), 2.25, 2.75), b=uniform((3, 5), 0.85, 1.1))


@case(a=given([5.0, -5.0, 7.25]), b=given([3.0, 3.0, -2.0]))
def whole_quotient(xp, a, b):
    """⌊a/b⌋ · a: a and b have one shape. 5 and 3 give 5, -5 and 3 give 10. The gradient is (⌊a/b⌋, 0)."""
    return xp.floor_divide(a, b) * a


whole_quotient.sample("matrix", a=uniform((3, 5), 2.25, 2.75), b=uniform((3, 5), 0.85, 1.1))


@case(a=given([1.5, -2.0, 0.25]), b=given([-3.0, 1.0, 0.5]))
def borrowed_sign(xp, a, b):
    """|a| with the sign of b, times b: a and b have one shape, no zeros. 1.5 and -3 give 4.5."""
    return xp.copysign(a, b) * b


borrowed_sign.sample("matrix", a=uniform((3, 5), -2.0, -0.5), b=uniform((3, 5), 0.5, 2.0))


@case(a=given([1.0, 1.0, -2.0, 0.75, 6.0]), b=given([2.0, 0.0, -3.0, 0.75, -6.0]), derivatives=False)
def distance_to_the_next(xp, a, b):
    """The number after a towards b, less a: a and b have one shape. In float32, 1 and 2 give 2⁻²³, 1 and 0 -2⁻²⁴.

    TensorFlow takes 1 for its derivative by a (_NextAfterGrad in math_grad.py), PyTorch and JAX have none.
    Source: https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.nextafter.html
    """
    return xp.nextafter(a, b) - a


distance_to_the_next.sample("matrix", a=uniform((3, 5), -4.0, 4.0), b=uniform((3, 5), -4.0, 4.0))


@case(x=given([1.5, -0.75, 3.0]), exponents=given([2, -3, 0]), derivatives=("vjp",))
def scaled_by_powers_of_two(xp, x, exponents):
    """x · 2ⁿ, times x: x and n have one shape. 1.5 and 2 give 9. The gradient is 2ⁿ⁺¹ x.

    Forward mode is left out: in PyTorch's compiled code it ends the process.
    Source: https://github.com/pytorch/pytorch/issues/197086
    Source: https://numpy.org/doc/stable/reference/generated/numpy.ldexp.html
    """
    return xp.ldexp(x, exponents) * x


scaled_by_powers_of_two.sample("matrix", x=uniform((3, 5), -2.0, 2.0), exponents=integers((3, 5), -6, 7))


@case(x=given([-1.5, 0.0, float("inf"), float("-inf"), float("nan"), 2.0]), derivatives=False)
def kinds_of_numbers(xp, x):
    """Whether each is NaN, infinite, finite, and negative (of numbers): booleans of x's shape.

    Source: https://data-apis.org/array-api/2024.12/API_specification/elementwise_functions.html
    """
    return xp.isnan(x), xp.isinf(x), xp.isfinite(x), xp.signbit(xp.where(xp.isnan(x), 1.0, x))


kinds_of_numbers.sample("matrix", x=uniform((3, 5), -2.0, 2.0))


@case(a=integers((3, 5), -100, 100), b=integers((3, 5), -100, 100), derivatives=False)
def bits(xp, a, b):
    """The bits that both have, that one has at least, that one alone has, and that a has not: integers of one shape.

    a ^ b is (a | b) - (a & b), and ~a is -a - 1.
    """
    return xp.bitwise_and(a, b), xp.bitwise_or(a, b), xp.bitwise_xor(a, b), xp.bitwise_invert(a)


bits.sample("given", a=given([12, -7]), b=given([10, 5]))


@case(a=integers((3, 5), -100, 100), places=integers((3, 5), 0, 8), derivatives=False)
def shifts(xp, a, places):
    """a times 2ⁿ and ⌊a / 2ⁿ⌋, by moving its bits n places: integers of one shape."""
    return xp.bitwise_left_shift(a, places), xp.bitwise_right_shift(a, places)


shifts.sample("given", a=given([-7, 12]), places=given([1, 2]))
