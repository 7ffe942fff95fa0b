"""Log likelihoods and divergences."""

from harness import case, given, integers, normal, uniform


@case(x=given([0.5, -1.0, 2.0]), mean=given(0.25), log_scale=given(-0.5))
def gaussian_log_likelihood(xp, x, mean, log_scale):
    """Σ ln N(x; μ, e^s): (n,), (), () to a scalar: -Σ ((x - μ) e⁻ˢ)²/2 - n s - n ln(2π)/2."""
    z = (x - mean) * xp.exp(-log_scale)
    half_log_two_pi = 0.9189385332046727
    return xp.sum(-0.5 * z * z - log_scale - half_log_two_pi)


gaussian_log_likelihood.sample("random", x=normal((60,)), mean=normal(()), log_scale=normal((), scale=0.3))


@case(x=given([[1.0, 0.5], [-1.0, 2.0], [0.25, -0.5]]), weights=given([0.5, -1.0]), labels=given([1.0, 0.0, 1.0]))
def logistic_regression(xp, x, weights, labels):
    """Mean of ln(1 + eˢ) - y s with s = X w: (m, n), (n,), (m,) to a scalar. The gradient in w is Xᵀ(σ(s) - y)/m."""
    scores = xp.matmul(x, weights)
    return xp.mean(xp.nn.softplus(scores) - labels * scores)


logistic_regression.sample("random", x=normal((30, 5)), weights=normal((5,)), labels=uniform((30,), 0.0, 1.0))


@case(x=given([0.5, -1.0, 3.0]), freedom=given(4.0))
def student_log_density(xp, x, freedom):
    """ln of Student's t density with ν degrees of freedom: (n,) and () to (n,). At its centre it is highest.

    Source: https://en.wikipedia.org/wiki/Student%27s_t-distribution
    """
    log_gammas = xp.special.lgamma((freedom + 1) / 2) - xp.special.lgamma(freedom / 2)
    return log_gammas - 0.5 * xp.log(freedom * xp.pi) - (freedom + 1) / 2 * xp.log1p(x * x / freedom)


student_log_density.sample("random", x=normal((25,)), freedom=uniform((), 3.0, 9.0))


@case(log_rate=given([0.5, -1.0, 2.0]), counts=given([2.0, 0.0, 9.0]))
def poisson_loss(xp, log_rate, counts):
    """Mean of λ - k ln λ + ln k! with λ = e^(log rate): (n,) and (n,) to a scalar. The gradient in ln λ is (λ - k)/n."""
    return xp.mean(xp.exp(log_rate) - counts * log_rate + xp.special.lgamma(counts + 1))


poisson_loss.sample("random", log_rate=normal((30,), scale=0.5), counts=uniform((30,), 0.5, 8.0))


@case(mean=given([0.5, -1.0]), log_variance=given([0.25, -0.5]))
def kl_to_standard_normal(xp, mean, log_variance):
    """KL(N(μ, e^v) ‖ N(0, 1)) = Σ (e^v + μ² - 1 - v)/2: (n,) and (n,) to a scalar.

    Source: https://arxiv.org/abs/1312.6114, appendix B
    """
    return 0.5 * xp.sum(xp.expm1(log_variance) - log_variance + xp.square(mean))


kl_to_standard_normal.sample("random", mean=normal((40,)), log_variance=normal((40,), scale=0.7))


@case(p=given([0.5, 0.3, 0.2]), concentration=given([2.0, 1.5, 3.0]))
def dirichlet_log_density(xp, p, concentration):
    """ln Γ(Σα) - Σ ln Γ(α) + Σ (α - 1) ln p: (n,) and (n,) to a scalar.

    Source: https://en.wikipedia.org/wiki/Dirichlet_distribution
    """
    normaliser = xp.special.lgamma(xp.sum(concentration)) - xp.sum(xp.special.lgamma(concentration))
    return normaliser + xp.sum(xp.special.xlogy(concentration - 1, p))


dirichlet_log_density.sample("random", p=uniform((8,), 0.05, 0.3), concentration=uniform((8,), 1.2, 4.0))


@case(x=given([0.5, -1.0, 3.0]), means=given([-1.0, 2.0]), log_weights=given([-0.5, -1.0]))
def mixture_log_likelihood(xp, x, means, log_weights):
    """Σᵢ ln Σⱼ e^(wⱼ) N(xᵢ; μⱼ, 1): (n,), (k,), (k,) to a scalar, in log space throughout."""
    z = x[:, None] - means[None, :]
    return xp.sum(xp.special.logsumexp(log_weights - 0.5 * z * z, axis=1))


mixture_log_likelihood.sample("random", x=normal((40,), scale=2.0), means=normal((5,)), log_weights=normal((5,)))


@case(scores=given([0.5, -1.0, 2.0, 0.25]), wins=given([0, 2]), losses=given([1, 3]))
def paired_comparisons(xp, scores, wins, losses):
    """-Σ ln σ(sᵢ - sⱼ) over pairs where i beat j: (n,), (k,), (k,) to a scalar.

    Source: R. A. Bradley and M. E. Terry, Rank analysis of incomplete block designs, Biometrika 39 (1952).
    """
    margins = xp.take(scores, wins, axis=0) - xp.take(scores, losses, axis=0)
    return xp.sum(xp.nn.softplus(-margins))


paired_comparisons.sample("random", scores=normal((9,)), wins=integers((30,), 0, 5), losses=integers((30,), 5, 9))
