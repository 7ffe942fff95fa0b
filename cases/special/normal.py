"""The normal distribution: its integral, the inverse, logarithms and ratios, and the error functions behind them."""

from harness import case, given, uniform


@case(x=given([-1.5, 0.25, 2.0]))
def normal_integral(xp, x):
    """Φ(x) by the framework's own function: any shape to the same. At 2 it is 0.97725, with gradient e⁻²/√(2π).

    Source: https://dlmf.nist.gov/7.18
    """
    return xp.special.ndtr(x)


normal_integral.sample("matrix", x=uniform((3, 5), -3.0, 3.0))
normal_integral.sample("tail", x=given([-3.0, -4.0, -5.0]))


@case(x=given([-4.0, -0.5, 1.0]), label=given([1.0, -1.0, 1.0]))
def probit_loss(xp, x, label):
    """-Σ ln Φ(label · x) for labels 1 and -1: two arrays of one shape to a scalar. Here it is 10.706.

    Source: https://en.wikipedia.org/wiki/Probit_model
    """
    return -xp.sum(xp.special.log_ndtr(label * x))


probit_loss.sample("matrix", x=uniform((3, 5), -3.0, 3.0), label=uniform((3, 5), 0.5, 1.5))


@case(p=given([0.05, 0.25, 0.975]))
def normal_quantile(xp, p):
    """Φ⁻¹(p) for p inside (0, 1): any shape to the same. At 0.975 it is 1.96.

    Source: https://en.wikipedia.org/wiki/Normal_distribution#Quantile_function
    """
    return xp.special.ndtri(p)


normal_quantile.sample("matrix", p=uniform((3, 5), 0.05, 0.95))
normal_quantile.sample("shoulders", p=uniform((64,), 0.13, 0.16))


@case(x=given([-0.5, 0.25, 0.9]))
def inverse_error_function(xp, x):
    """The inverse of erf, for x inside (-1, 1): any shape to the same. At 0.25 it is 0.22531.

    Source: https://dlmf.nist.gov/7.17
    """
    return xp.special.erfinv(x)


inverse_error_function.sample("matrix", x=uniform((3, 5), 0.1, 0.9))


@case(x=given([0.1, 0.75, 1.5]))
def inverse_complementary_error_function(xp, x):
    """The inverse of erfc, for x inside (0, 2): any shape to the same. At 0.1 it is 1.1631.

    Source: https://dlmf.nist.gov/7.17
    """
    return xp.special.erfcinv(x)


inverse_complementary_error_function.sample("matrix", x=uniform((3, 5), 0.1, 0.9))


@case(x=given([0.5, 2.0, 10.0]))
def mills_ratio(xp, x):
    """(1 - Φ(x)) / φ(x) = √(π/2) erfcx(x/√2): any shape to the same, about 1/x for large x. At 2 it is 0.42137.

    Source: https://en.wikipedia.org/wiki/Mills_ratio
    """
    return (0.5 * xp.pi) ** 0.5 * xp.special.erfcx(x * 0.5**0.5)


mills_ratio.sample("matrix", x=uniform((3, 5), -1.5, 6.0))


@case(x=given([0.5, -1.0, 3.0]))
def dawson(xp, x):
    """exp(-x²) ∫₀ˣ exp(t²) dt: any shape to the same; its gradient is 1 - 2xy. At 0.5 it is 0.42444.

    Source: https://dlmf.nist.gov/7.2
    """
    return xp.special.dawsn(x)


dawson.sample("matrix", x=uniform((3, 5), 0.5, 6.0))


@case(x=given([0.5, -2.0, 3.25]))
def octaves(xp, x):
    """2ˣ: any shape to the same; the gradient is 2ˣ ln 2. At -2 it is 0.25."""
    return xp.special.exp2(x)


octaves.sample("matrix", x=uniform((3, 5), -4.0, 4.0))


@case(x=given([0.5, -2.0, 4.0]), label=given([1.0, 0.0, 0.5]))
def logistic_loss(xp, x, label):
    """-Σ (label ln σ(x) + (1 - label) ln σ(-x)), cross entropy from logits: two arrays of one shape to a scalar.

    Source: https://en.wikipedia.org/wiki/Cross-entropy
    """
    return -xp.sum(label * xp.special.log_expit(x) + (1 - label) * xp.special.log_expit(-x))


logistic_loss.sample("matrix", x=uniform((3, 5), -4.0, 4.0), label=uniform((3, 5), 0.0, 1.0))
