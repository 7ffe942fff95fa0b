"""The gamma function, and the distributions, sums and series that are made of it."""

from harness import case, given, uniform


@case(x=given([0.5, 2.5, 6.0]))
def gamma(xp, x):
    """Γ(x) for positive x: any shape to the same; the gradient is Γ(x) ψ(x). At 6 it is 5! = 120.

    Source: https://dlmf.nist.gov/5.2
    """
    return xp.special.gamma(x)


gamma.sample("matrix", x=uniform((3, 5), 0.5, 6.0))


@case(x=given([0.5, 2.0, 6.0]), shape=2.5)
def gamma_distribution(xp, x, *, shape):
    """P(a, x), the probability that a gamma variate of shape a is below x > 0: any shape to the same.

    For a = 2.5, at 2 it is 0.45058. The gradient is xᵃ⁻¹ e⁻ˣ / Γ(a).
    Source: https://dlmf.nist.gov/8.2
    """
    return xp.special.gammainc(shape, x)


gamma_distribution.sample("matrix", x=uniform((3, 5), 0.5, 6.0))


@case(x=given([0.5, 2.0, 6.0]), events=3)
def poisson_distribution(xp, x, *, events):
    """Q(n + 1, x), the probability of at most n events where x > 0 are expected: any shape to the same.

    For n = 3, at 2 it is 0.85712.
    Source: https://en.wikipedia.org/wiki/Poisson_distribution
    """
    return xp.special.gammaincc(events + 1.0, x)


poisson_distribution.sample("matrix", x=uniform((3, 5), 0.5, 6.0))


@case(x=given([0.25, 0.5, 0.875]), a=2.5, b=1.5)
def beta_distribution(xp, x, *, a, b):
    """I_x(a, b), the probability that a beta variate is below x, inside (0, 1): any shape to the same.

    Source: https://dlmf.nist.gov/8.17
    """
    return xp.special.betainc(a, b, x)


beta_distribution.sample("matrix", x=uniform((3, 5), 0.1, 0.9))


@case(q=given([0.5, 1.0, 4.0]), exponent=3.0)
def hurwitz_zeta(xp, q, *, exponent):
    """ζ(s, q) = Σ (q + n)⁻ˢ for positive q: any shape to the same; ζ(3, 1) is Apéry's 1.20206. The gradient is -s ζ(s + 1, q).

    Source: https://dlmf.nist.gov/25.11
    """
    return xp.special.zeta(exponent, q)


hurwitz_zeta.sample("matrix", q=uniform((3, 5), 0.5, 6.0))


@case(x=given([0.5, 1.0, 4.0]), order=1)
def trigamma(xp, x, *, order):
    """ψ⁽ⁿ⁾(x) for positive x: any shape to the same; for n = 1 at 1 it is π²/6. The gradient is ψ⁽ⁿ⁺¹⁾.

    Source: https://dlmf.nist.gov/5.15
    """
    return xp.special.polygamma(order, x)


trigamma.sample("matrix", x=uniform((3, 5), 0.5, 6.0))
trigamma.sample("tetragamma", x=uniform((3, 5), 0.5, 6.0), order=2)


@case(a=given([2.0, 0.5, 3.0]), b=given([3.0, 4.5, 1.5]))
def beta_function(xp, a, b):
    """B(a, b) = Γ(a) Γ(b) / Γ(a + b), and its logarithm, for positive a and b of one shape. B(2, 3) is 1/12.

    Source: https://dlmf.nist.gov/5.12
    """
    return xp.special.beta(a, b), xp.special.betaln(a, b)


beta_function.sample("matrix", a=uniform((3, 5), 0.5, 5.0), b=uniform((3, 5), 0.5, 5.0))


@case(x=given([2.5, 4.0, 7.0]))
def multivariate_gamma(xp, x):
    """ln Γ₃(x), for x > 1: any shape to the same; a normaliser of the Wishart distribution.

    Source: https://dlmf.nist.gov/35.3
    """
    return xp.special.multigammaln(x, 3)


multivariate_gamma.sample("matrix", x=uniform((3, 5), 2.5, 9.0))


@case(x=given([0.5, 2.0, 3.0]))
def rising_factorial(xp, x):
    """Γ(x + 2.5) / Γ(x) for positive x: any shape to the same. At 2 it is 11.632.

    Source: https://dlmf.nist.gov/5.2
    """
    return xp.special.poch(x, 2.5)


rising_factorial.sample("matrix", x=uniform((3, 5), 0.5, 5.0))


@case(x=given([0.5, 2.0, -1.0]))
def kummer(xp, x):
    """M(1.5, 2.5, x) = Σ (1.5)ₙ/(2.5)ₙ xⁿ/n!: any shape to the same; the gradient is 0.6 M(2.5, 3.5, x).

    Source: https://dlmf.nist.gov/13.2
    """
    return xp.special.hyp1f1(1.5, 2.5, x)


kummer.sample("matrix", x=uniform((3, 5), -2.0, 4.0))


@case(x=given([0.5, 0.25, -0.5]))
def gauss(xp, x):
    """F(0.5, 1.5; 2.75; x) for x inside (-1, 1): any shape to the same.

    Source: https://dlmf.nist.gov/15.2
    """
    return xp.special.hyp2f1(0.5, 1.5, 2.75, x)


gauss.sample("matrix", x=uniform((3, 5), -0.7, 0.7))
