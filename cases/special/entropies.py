"""Entropies and divergences, and the power transforms of statistics."""

from harness import case, given, uniform


@case(p=given([0.5, 0.25, 0.25]))
def entropy_of_parts(xp, p):
    """-p ln p, part by part, for positive p: any shape to the same; the gradient is -(1 + ln p). Of 0.5 it is 0.34657.

    Source: https://en.wikipedia.org/wiki/Entropy_(information_theory)
    """
    return xp.special.entr(p)


entropy_of_parts.sample("matrix", p=uniform((3, 5), 0.05, 2.0))


@case(p=given([0.5, 0.25, 0.25]), q=given([0.25, 0.25, 0.5]))
def relative_entropy(xp, p, q):
    """Σ p ln(p/q) of two distributions, positive and of one shape: to a scalar. Here it is 0.1733.

    Source: https://en.wikipedia.org/wiki/Kullback–Leibler_divergence
    """
    return xp.sum(xp.special.rel_entr(p, q))


relative_entropy.sample("matrix", p=uniform((3, 5), 0.1, 1.0), q=uniform((3, 5), 0.1, 1.0))


@case(p=given([0.5, 2.0, 0.25]), q=given([0.25, 1.0, 0.5]))
def generalised_divergence(xp, p, q):
    """p ln(p/q) - p + q, part by part: positive p and q of one shape; never negative, and 0 where p = q.

    Source: https://docs.scipy.org/doc/scipy/reference/generated/scipy.special.kl_div.html
    """
    return xp.special.kl_div(p, q)


generalised_divergence.sample("matrix", p=uniform((3, 5), 0.1, 1.0), q=uniform((3, 5), 1.5, 3.0))


@case(a=given([0.5, 2.0, -1.0]), b=given([0.25, -0.5, 3.0]))
def a_times_log_of_one_plus_b(xp, a, b):
    """a ln(1 + b), for b above -1 and of the same shape. The gradient is (ln(1 + b), a / (1 + b))."""
    return xp.special.xlog1py(a, b)


a_times_log_of_one_plus_b.sample("matrix", a=uniform((3, 5), 0.5, 2.0), b=uniform((3, 5), -0.5, 3.0))


@case(x=given([0.5, 2.0, 9.0]), power=0.5)
def box_cox(xp, x, *, power):
    """(x^λ - 1)/λ for positive x, and ((1 + x)^λ - 1)/λ: two results of x's shape. For λ = ½, at 9 they are 4 and 4.3246.

    Source: https://en.wikipedia.org/wiki/Power_transform
    """
    return xp.special.boxcox(x, power), xp.special.boxcox1p(x, power)


box_cox.sample("matrix", x=uniform((3, 5), 0.5, 6.0))
