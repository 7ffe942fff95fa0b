"""Prices, returns and risks."""

from harness import case, given, normal, uniform


@case(
    spot=given([100.0, 90.0, 120.0]),
    strike=given([100.0, 100.0, 95.0]),
    volatility=given([0.2, 0.3, 0.25]),
    rate=0.05,
    maturity=1.0,
)
def black_scholes(xp, spot, strike, volatility, *, rate, maturity):
    """Price of a European call: three (n,) to (n,). At the money, with 20 % and a year, it is 10.4506.

    Its gradient in the spot is Φ(d₁).
    Source: F. Black and M. Scholes, The Pricing of Options and Corporate Liabilities, J. Polit. Econ. 81 (1973).
    """
    spread = volatility * maturity**0.5
    d1 = (xp.log(spot / strike) + (rate + 0.5 * volatility * volatility) * maturity) / spread
    d2 = d1 - spread
    discounted = strike * xp.exp(xp.full((), -rate * maturity, dtype=spot.dtype))
    return 0.5 * spot * xp.special.erfc(-d1 / 2**0.5) - 0.5 * discounted * xp.special.erfc(-d2 / 2**0.5)


black_scholes.sample(
    "random",
    spot=uniform((20,), 80.0, 120.0),
    strike=uniform((20,), 80.0, 120.0),
    volatility=uniform((20,), 0.15, 0.5),
)


@case(flows=given([-100.0, 60.0, 60.0]), rate=given(0.1))
def present_value(xp, flows, rate):
    """Σ cₜ / (1 + r)ᵗ: (n,) and () to a scalar. Here it is 4.1322; the gradient in r is the duration's negative."""
    periods = xp.arange(flows.shape[0], dtype=flows.dtype)
    return xp.sum(flows * xp.exp(-periods * xp.log1p(rate)))


present_value.sample("random", flows=normal((24,), scale=10.0), rate=uniform((), 0.01, 0.1))


@case(weights=given([0.5, 0.3, 0.2]), returns=given([[0.01, 0.02, -0.01], [0.03, -0.02, 0.0], [0.0, 0.01, 0.02]]))
def portfolio_risk(xp, weights, returns):
    """Standard deviation of a portfolio's returns: (n,) and (t, n) to a scalar."""
    return xp.std(xp.matmul(returns, weights), correction=1)


portfolio_risk.sample("random", weights=uniform((6,), 0.05, 0.3), returns=normal((40, 6), scale=0.02))


@case(prices=given([100.0, 110.0, 99.0, 120.0]))
def log_returns(xp, prices):
    """ln(pₜ / pₜ₋₁): (n,) to (n - 1,). They sum to ln(pₙ / p₁) = 0.1823."""
    return xp.log(prices[1:] / prices[:-1])


log_returns.sample("random", prices=uniform((40,), 50.0, 150.0))


@case(returns=given([0.01, -0.02, 0.03, 0.015]))
def compound_path(xp, returns):
    """Wealth after each period, e^(Σ ln(1 + r)): (n,) to (n,). It ends at Π (1 + r) = 1.0349."""
    return xp.exp(xp.cumulative_sum(xp.log1p(returns), axis=0))


compound_path.sample("random", returns=normal((60,), scale=0.02))
