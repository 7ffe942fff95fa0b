"""Elementwise operations at the edges of the range: what IEEE 754 and the Array API's special cases demand.

Values only: derivatives at ∞ and NaN are nobody's promise. Each case has a sample of subnormal numbers beside that of
the usual edges, because some frameworks flush them to 0 and are right everywhere else.
Source: https://data-apis.org/array-api/2024.12/API_specification/elementwise_functions.html
"""

from harness import case, edges

USUAL = edges()
SUBNORMAL = edges("smallest", "-smallest", "subnormal", "-subnormal", usual=False)
UNSIGNED = edges(0.0, "normal", "-normal", 1.0, -1.0, "largest", "-largest", "inf", "-inf", "nan", usual=False)
"""Without -0, where the standard leaves its sign open."""

POSITIVE = edges(0.0, "normal", 1.0, 2.0, "largest", "inf", "nan", usual=False)
TINY = edges("smallest", "subnormal", usual=False)
TURNS = edges(1.5707963267948966, 3.141592653589793, 1e5, 1e15, "big", "-big")
SMALL = edges(0.5, "small", "-small")


@case(x=USUAL, derivatives=False)
def negative(xp, x):
    """-x: the sign of 0, ∞ too, is turned."""
    return -x


negative.sample("subnormals", x=SUBNORMAL)


@case(x=USUAL, derivatives=False)
def absolute(xp, x):
    """|x|: |-0| is 0."""
    return xp.abs(x)


absolute.sample("subnormals", x=SUBNORMAL)


@case(x=UNSIGNED, derivatives=False)
def sign(xp, x):
    """The sign of NaN is NaN."""
    return xp.sign(x)


sign.sample("subnormals", x=SUBNORMAL)


@case(x=USUAL, derivatives=False)
def square(xp, x):
    """x²: beyond the range it is ∞."""
    return xp.square(x)


square.sample("subnormals", x=SUBNORMAL)


@case(x=USUAL, derivatives=False)
def reciprocal(xp, x):
    """1/x: 1/-0 is -∞."""
    return xp.reciprocal(x)


reciprocal.sample("subnormals", x=SUBNORMAL)


@case(x=edges("big", "small"), derivatives=False)
def sqrt(xp, x):
    """√x: √-0 is -0, and below 0 it is NaN."""
    return xp.sqrt(x)


sqrt.sample("subnormals", x=SUBNORMAL)


@case(x=edges(88.0, 709.0, -103.0, -745.0), derivatives=False)
def exp(xp, x):
    """eˣ: e^-∞ is 0."""
    return xp.exp(x)


exp.sample("subnormals", x=SUBNORMAL)


@case(x=edges(88.0, 709.0, -103.0, "small", "-small"), derivatives=False)
def expm1(xp, x):
    """eˣ - 1: of -0 it is -0, of -∞ it is -1."""
    return xp.expm1(x)


expm1.sample("subnormals", x=SUBNORMAL)


@case(x=USUAL, derivatives=False)
def log(xp, x):
    """ln x: of ±0 it is -∞, below it is NaN."""
    return xp.log(x)


log.sample("subnormals", x=TINY)


@case(x=SMALL, derivatives=False)
def log1p(xp, x):
    """ln(1 + x): of -0 it is -0, of -1 it is -∞."""
    return xp.log1p(x)


log1p.sample("subnormals", x=SUBNORMAL)


@case(x=edges(1024.0, 0.125), derivatives=False)
def log2(xp, x):
    """log₂ x: of ±0 it is -∞."""
    return xp.log2(x)


log2.sample("subnormals", x=TINY)


@case(x=edges(1000.0), derivatives=False)
def log10(xp, x):
    """log₁₀ x: of ±0 it is -∞."""
    return xp.log10(x)


log10.sample("subnormals", x=TINY)


@case(x=TURNS, derivatives=False)
def sin(xp, x):
    """Sin x: of -0 it is -0, of ∞ it is NaN; of a large x it is no accident, but a number to the last bit."""
    return xp.sin(x)


sin.sample("subnormals", x=SUBNORMAL)


@case(x=TURNS, derivatives=False)
def cos(xp, x):
    """Cos x: of ∞ it is NaN."""
    return xp.cos(x)


cos.sample("subnormals", x=SUBNORMAL)


@case(x=TURNS, derivatives=False)
def tan(xp, x):
    """Tan x: of -0 it is -0, of ∞ it is NaN."""
    return xp.tan(x)


tan.sample("subnormals", x=SUBNORMAL)


@case(x=SMALL, derivatives=False)
def asin(xp, x):
    """Arcsin x: of -0 it is -0, beyond ±1 it is NaN."""
    return xp.asin(x)


asin.sample("subnormals", x=SUBNORMAL)


@case(x=SMALL, derivatives=False)
def acos(xp, x):
    """Arccos x: of 1 it is 0, beyond ±1 it is NaN."""
    return xp.acos(x)


acos.sample("subnormals", x=SUBNORMAL)


@case(x=SMALL, derivatives=False)
def atan(xp, x):
    """Arctan x: of -0 it is -0, of ±∞ it is ±π/2."""
    return xp.atan(x)


atan.sample("subnormals", x=SUBNORMAL)


@case(x=edges(88.0, 709.0), derivatives=False)
def sinh(xp, x):
    """Sinh x: of -0 it is -0."""
    return xp.sinh(x)


sinh.sample("subnormals", x=SUBNORMAL)


@case(x=edges(88.0, 709.0), derivatives=False)
def cosh(xp, x):
    """Cosh x: of ±∞ it is ∞."""
    return xp.cosh(x)


cosh.sample("subnormals", x=SUBNORMAL)


@case(x=edges(20.0, "small"), derivatives=False)
def tanh(xp, x):
    """Tanh x: of -0 it is -0, of ±∞ it is ±1."""
    return xp.tanh(x)


tanh.sample("subnormals", x=SUBNORMAL)


@case(x=edges("big", "small"), derivatives=False)
def asinh(xp, x):
    """Arsinh x: of -0 it is -0; the square of a large x must not overflow."""
    return xp.asinh(x)


asinh.sample("subnormals", x=SUBNORMAL)


@case(x=edges("big", 2.0), derivatives=False)
def acosh(xp, x):
    """Arcosh x: of 1 it is 0, below it is NaN; the square of a large x must not overflow."""
    return xp.acosh(x)


@case(x=edges("small"), derivatives=False)
def atanh(xp, x):
    """Artanh x: of -0 it is -0, of ±1 it is ±∞, beyond it is NaN."""
    return xp.atanh(x)


atanh.sample("subnormals", x=SUBNORMAL)


@case(a=USUAL, b=USUAL, derivatives=False)
def add(xp, a, b):
    """A + b, each with each: -0 + -0 is -0, ∞ - ∞ is NaN."""
    return a[:, None] + b[None, :]


add.sample("subnormals", a=SUBNORMAL, b=SUBNORMAL)


@case(a=USUAL, b=USUAL, derivatives=False)
def multiply(xp, a, b):
    """A b, each with each: 0 · ∞ is NaN."""
    return a[:, None] * b[None, :]


multiply.sample("subnormals", a=SUBNORMAL, b=edges(1.0, -1.0, "big", usual=False))


@case(a=USUAL, b=USUAL, derivatives=False)
def divide(xp, a, b):
    """a/b, each by each: 0/0 and ∞/∞ are NaN, 1/-0 is -∞."""
    return a[:, None] / b[None, :]


divide.sample("subnormals", a=SUBNORMAL, b=SUBNORMAL)


@case(a=edges(0.5, -2.0), b=edges(0.5, 2.0, 3.0, -3.0), derivatives=False)
def power(xp, a, b):
    """A to the power b, each with each: 1 to the power NaN is 1, and so is NaN to the power 0."""
    return xp.pow(a[:, None], b[None, :])


@case(y=USUAL, x=USUAL, derivatives=False)
def atan2(xp, y, x):
    """The angle of a point, y and x each with each: of -0 and -1 it is -π."""
    return xp.atan2(y[:, None], x[None, :])


@case(a=edges("big", "small"), b=edges("big", "small"), derivatives=False)
def hypot(xp, a, b):
    """√(a² + b²), each with each: beside ∞, NaN does not count."""
    return xp.hypot(a[:, None], b[None, :])


@case(a=USUAL, b=USUAL, derivatives=False)
def logaddexp(xp, a, b):
    """ln(eᵃ + eᵇ), each with each: of two -∞ it is -∞, of two ∞ it is ∞."""
    return xp.logaddexp(a[:, None], b[None, :])


@case(a=UNSIGNED, b=UNSIGNED, derivatives=False)
def maximum(xp, a, b):
    """The larger one, each with each: beside NaN it is NaN."""
    return xp.maximum(a[:, None], b[None, :])


@case(a=UNSIGNED, b=UNSIGNED, derivatives=False)
def minimum(xp, a, b):
    """The smaller one, each with each: beside NaN it is NaN."""
    return xp.minimum(a[:, None], b[None, :])


@case(x=UNSIGNED, low=-0.5, high=2.0, derivatives=False)
def clip(xp, x, *, low, high):
    """min(max(x, low), high): of NaN it is NaN."""
    return xp.clip(x, low, high)


@case(a=USUAL, b=USUAL, derivatives=False)
def less(xp, a, b):
    """A < b, each with each: -0 is not less than 0, and nothing is less than NaN."""
    return xp.less(a[:, None], b[None, :])


less.sample("subnormals", a=edges("smallest", "-smallest", 0.0, usual=False), b=SUBNORMAL)


@case(a=USUAL, b=USUAL, derivatives=False)
def equal(xp, a, b):
    """A = b, each with each: 0 is equal to -0, NaN is not even equal to itself."""
    return xp.equal(a[:, None], b[None, :])


equal.sample("subnormals", a=edges("smallest", "-smallest", 0.0, usual=False), b=SUBNORMAL)


@case(x=USUAL, derivatives=False)
def erf(xp, x):
    """The error function: of -0 it is -0, of ±∞ it is ±1."""
    return xp.special.erf(x)


@case(x=USUAL, derivatives=False)
def erfc(xp, x):
    """1 - erf x: of ∞ it is 0, of -∞ it is 2."""
    return xp.special.erfc(x)


@case(x=USUAL, derivatives=False)
def expit(xp, x):
    """1/(1 + e⁻ˣ): of ∞ it is 1, of -∞ it is 0."""
    return xp.special.expit(x)


@case(x=edges(0.0, "normal", 0.5, 1.0, "nan", usual=False), derivatives=False)
def logit(xp, x):
    """ln(x/(1 - x)): of 0 it is -∞, of 1 it is ∞."""
    return xp.special.logit(x)


@case(x=POSITIVE, derivatives=False)
def lgamma(xp, x):
    """Ln Γ(x): of 0 it is ∞, of 1 and 2 it is 0."""
    return xp.special.lgamma(x)


@case(x=edges("normal", 1.0, 2.0, "largest", "inf", "nan", usual=False), derivatives=False)
def digamma(xp, x):
    """Γ′(x)/Γ(x): of ∞ it is ∞."""
    return xp.special.digamma(x)


@case(a=edges(0.0, 1.0, "inf", "nan", usual=False), b=POSITIVE, derivatives=False)
def xlogy(xp, a, b):
    """A ln b, each with each: 0 where a is 0, unless b is NaN."""
    return xp.special.xlogy(a[:, None], b[None, :])


@case(x=UNSIGNED, derivatives=False)
def relu(xp, x):
    """max(x, 0): of NaN it is NaN."""
    return xp.nn.relu(x)


@case(x=USUAL, derivatives=False)
def softplus(xp, x):
    """ln(1 + eˣ): of ∞ it is ∞, of -∞ it is 0."""
    return xp.nn.softplus(x)


@case(x=edges(), derivatives=False)
def gelu(xp, x):
    """x/2 (1 + erf(x/√2)): of -∞ it is -∞ · 0, NaN, though its limit is 0."""
    return xp.nn.gelu(x)


@case(x=edges(), derivatives=False)
def silu(xp, x):
    """x/(1 + e⁻ˣ): of -∞ it is -∞ · 0, NaN, though its limit is 0."""
    return xp.nn.silu(x)
