"""Special functions."""

from harness import case, given, normal, uniform


@case(x=given([0.5, -1.0, 1.5]))
def error_function(xp, x):
    """erf(x) = 2/√π ∫₀ˣ exp(-t²) dt: any shape to the same; odd. At 0.5 it is 0.5205.

    Source: https://dlmf.nist.gov/7.2
    """
    return xp.special.erf(x)


error_function.sample("vector", x=normal((40,)))


@case(x=given([0.5, -1.0, 3.0]))
def complementary_error_function(xp, x):
    """erfc(x) = 1 - erf(x), small and accurate for large x: any shape to the same. At 3 it is 2.209e-5.

    Source: https://dlmf.nist.gov/7.2
    """
    return xp.special.erfc(x)


complementary_error_function.sample("tail", x=uniform((30,), 0.5, 4.0))


@case(x=given([0.0, 2.0, -3.0]))
def logistic(xp, x):
    """1 / (1 + e⁻ˣ): any shape to the same. At 0 it is 0.5 with gradient 0.25."""
    return xp.special.expit(x)


logistic.sample("matrix", x=normal((5, 8), scale=2.0))


@case(p=given([0.25, 0.5, 0.9]))
def log_odds(xp, p):
    """ln(p / (1 - p)) for p inside (0, 1): any shape to the same; the inverse of the logistic function.

    At 0.5 it is 0 with gradient 4.
    """
    return xp.special.logit(p)


log_odds.sample("vector", p=uniform((40,), 0.05, 0.95))


@case(x=given([0.5, 3.5, 10.0]))
def log_gamma(xp, x):
    """ln Γ(x) for positive x: any shape to the same. At 0.5 it is ln √π = 0.5724, at 10 it is ln 9!.

    Source: https://dlmf.nist.gov/5.2
    """
    return xp.special.lgamma(x)


log_gamma.sample("vector", x=uniform((30,), 3.0, 20.0))


@case(a=given([2.0, 0.5]), b=given([3.0, 4.5]))
def log_beta(xp, a, b):
    """ln B(a, b) = ln Γ(a) + ln Γ(b) - ln Γ(a + b), for positive a and b of one shape. B(2, 3) is 1/12.

    Source: https://dlmf.nist.gov/5.12
    """
    return xp.special.lgamma(a) + xp.special.lgamma(b) - xp.special.lgamma(a + b)


log_beta.sample("vector", a=uniform((20,), 0.5, 5.0), b=uniform((20,), 0.5, 5.0))


@case(p=given([0.5, 0.25, 0.25]))
def entropy(xp, p):
    """-Σ p ln p of a distribution: (n,) to a scalar. Here it is 1.5 ln 2 = 1.0397."""
    return -xp.sum(xp.special.xlogy(p, p))


entropy.sample("unnormalised", p=uniform((25,), 0.05, 0.9))


@case(a=given([0.5, 2.0, -1.0]), b=given([3.0, 0.25, 1.5]))
def a_times_log_b(xp, a, b):
    """a ln(b), for positive b of the same shape. The gradient is (ln b, a / b)."""
    return xp.special.xlogy(a, b)


a_times_log_b.sample("matrix", a=normal((4, 7)), b=uniform((4, 7), 0.2, 4.0))


@case(x=given([-1.0, 0.0, 2.0]))
def normal_distribution(xp, x):
    """Φ(x) = (1 + erf(x/√2)) / 2: any shape to the same. At 0 it is 0.5 with gradient 1/√(2π).

    Source: https://dlmf.nist.gov/7.1
    """
    return 0.5 * (1 + xp.special.erf(x / 2**0.5))


normal_distribution.sample("vector", x=normal((30,)))
