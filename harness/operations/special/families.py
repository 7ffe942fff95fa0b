"""Families of special functions, below `xp.special`: each choice of constant parameters is a function of one variable.

The parameters are Python numbers, and come first, as in `scipy.special`. There are no derivatives with respect to them:
of the regularised gamma function PyTorch has none, and of zeta and of the beta function nobody has all.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from harness.operations.costs import elementwise
from harness.operations.operation import PRIMITIVE, Elementwise, Operation
from harness.operations.special.expansions import SCIPY

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FAMILIES", "ROWS"]

_POSITIVE = (0.0, math.inf)


def _closed(value: Callable[[int, Any], Any]) -> Callable[[Any], Any]:
    """Make a series of the derivatives `value(order, x)`."""
    return lambda s: type(s)([value(k, s[0]) / math.factorial(k) for k in range(s.prec)], s.prec)


def _member(name: str, meaning: Elementwise, **keywords: Any) -> Operation:
    return Operation(name, name, meaning, source=SCIPY.format(name.rpartition(".")[2]), **keywords)


def _gamma_slope(a: float) -> Callable[[Any, Any, Any], Any]:
    """exp((a - 1) ln x - x - ln Γ(a)): igamma in PyTorch's derivatives.yaml, _IgammaGrad in TensorFlow's math_grad.py.

    JAX has it in igamma_gradx of jax/_src/lax/special.py.
    """
    return lambda xp, x, y: xp.exp(xp.log(x) * (a - 1) - x - xp.special.lgamma(x * 0.0 + a))


def _gammainc_size(a: float) -> Callable[[Any, Any, Any], Any]:
    """The factor xᵃ e⁻ˣ / Γ(a) is made as an exponential of a ln x - x - ln Γ(a), in Cephes (igam.c) and XLA alike.

    An error of u in each of these terms is one of u times the term in the result, whichever of P and 1 - P is summed.
    """

    def size(np: Any, x: Any, y: Any) -> Any:
        terms = 1 + a * np.abs(np.log(x)) + x + abs(math.lgamma(a))
        factor = np.exp(a * np.log(x) - x - math.lgamma(a))
        return np.abs(y) + np.minimum(factor, 1.0) * terms

    return size


def _gammainc(a: float) -> Operation:
    return _member(
        "special.gammainc",
        Elementwise(
            lambda x: x.gamma_lower(a, 1),
            lambda s: type(s).gamma_lower(a, s, 1),
            derivative=_gamma_slope(a),
            size=_gammainc_size(a),
        ),
    )


def _gammaincc(a: float) -> Operation:
    return _member(
        "special.gammaincc",
        Elementwise(
            lambda x: x.gamma_upper(a, 1),
            lambda s: type(s).gamma_upper(a, s, 1),
            derivative=lambda xp, x, y: -_gamma_slope(a)(xp, x, y),
            size=_gammainc_size(a),
        ),
    )


def _betainc(a: float, b: float) -> Operation:
    def slope(xp: Any, x: Any, y: Any) -> Any:
        del y
        both, one, other = (xp.special.lgamma(x * 0.0 + number) for number in (a + b, a, b))
        return xp.exp(xp.log1p(-x) * (b - 1) + xp.log(x) * (a - 1) + both - one - other)

    def size(np: Any, x: Any, y: Any) -> Any:
        """The factor xᵃ (1 - x)ᵇ / B(a, b) is an exponential of these terms: betainc in TensorFlow, Eigen and XLA."""
        logs = [a * np.log(x), b * np.log1p(-x), math.lgamma(a + b), math.lgamma(a), math.lgamma(b)]
        return np.abs(y) * (1 + sum(np.abs(term) for term in logs))

    return _member(
        "special.betainc",
        Elementwise(
            lambda x: x.beta_lower(a, b, 1), lambda s: type(s).beta_lower(a, b, s, 1), derivative=slope, size=size
        ),
    )


def _zeta(s: float) -> Operation:
    def value(k: int, q: Any) -> Any:
        rising = math.prod(type(q)(s) + number for number in range(k))
        return (-1) ** k * rising * type(q)(s + k).zeta(q)

    return _member(
        "special.zeta",
        Elementwise(lambda q: value(0, q), _closed(value), derivative=lambda xp, x, y: x.apply(_zeta(s + 1)) * -s),
    )


def _polygamma(n: int) -> Operation:
    def value(k: int, x: Any) -> Any:
        order = n + k
        if order == 0:
            return x.digamma()
        return (-1) ** (order + 1) * math.factorial(order) * type(x)(order + 1).zeta(x)

    def size(np: Any, x: Any, y: Any) -> Any:
        """XLA makes it of exp(ln Γ(n + 1)) and ζ(n + 1, x): Polygamma in xla/hlo/builder/lib/math.cc.

        ln Γ is Lanczos's sum, as in `special`, and what is an error of u in its terms is one of u times them here.
        """
        del x
        t = n + 7.5
        return np.abs(y) * (1 + ((n + 0.5) * math.log(t) + t) / 2)

    return _member(
        "special.polygamma",
        Elementwise(
            lambda x: value(0, x),
            _closed(value),
            derivative=lambda xp, x, y: x.apply(_polygamma(n + 1)),
            size=size,
        ),
    )


def _expn(n: int) -> Operation:
    def value(k: int, x: Any) -> Any:
        """E_n' is -E_{n-1}; E_0 is e⁻ˣ/x, and Arb knows those of negative order too."""
        return (-1) ** k * x.expint(n - k)

    def slope(xp: Any, x: Any, y: Any) -> Any:
        del y
        return -x.apply(_expn(n - 1)) if n > 0 else -(xp.exp(-x) / x) * (1 + 1 / x)

    def size(np: Any, x: Any, y: Any) -> Any:
        """Cephes states 3.6e-16 for the root mean square of the relative error (expn.c): 3.2 u.

        Up to 1 it sums the power series, as _expn1 in jax/_src/scipy/special.py does. The terms cancel: they are
        1/(n - 1), and xⁿ⁻¹ ln x with a factor.
        """
        series = 1 / max(abs(n - 1), 1) + x ** max(n - 1, 0) * (1 + np.abs(np.log(x)))
        return 2.8 * np.abs(y) + np.where(x <= 1, series, 0.0)

    return _member("special.expn", Elementwise(lambda x: value(0, x), _closed(value), derivative=slope, size=size))


def _hyp1f1(a: float, b: float) -> Operation:
    def value(k: int, x: Any) -> Any:
        ratio = math.prod((type(x)(a) + j) / (type(x)(b) + j) for j in range(k))
        return ratio * x.hypgeom_1f1(type(x)(a) + k, type(x)(b) + k)

    return _member(
        "special.hyp1f1",
        Elementwise(
            lambda x: value(0, x), _closed(value), derivative=lambda xp, x, y: x.apply(_hyp1f1(a + 1, b + 1)) * a / b
        ),
    )


def _hyp2f1(a: float, b: float, c: float) -> Operation:
    def value(k: int, x: Any) -> Any:
        ratio = math.prod((type(x)(a) + j) * (type(x)(b) + j) / (type(x)(c) + j) for j in range(k))
        return ratio * x.hypgeom_2f1(type(x)(a) + k, type(x)(b) + k, type(x)(c) + k)

    def slope(xp: Any, x: Any, y: Any) -> Any:
        del xp, y
        return x.apply(_hyp2f1(a + 1, b + 1, c + 1)) * a * b / c

    return _member("special.hyp2f1", Elementwise(lambda x: value(0, x), _closed(value), derivative=slope))


FAMILIES: dict[str, Callable[..., Operation]] = {
    "special.gammainc": _gammainc,
    "special.gammaincc": _gammaincc,
    "special.betainc": _betainc,
    "special.zeta": _zeta,
    "special.polygamma": _polygamma,
    "special.expn": _expn,
    "special.hyp1f1": _hyp1f1,
    "special.hyp2f1": _hyp2f1,
}
"""Row to what makes one function of its parameters."""


def _row(name: str, summary: str, **keywords: Any) -> Operation:
    source, cost = SCIPY.format(name), elementwise()
    return Operation(f"special.{name}", summary, PRIMITIVE, cost=cost, source=source, **keywords)


ROWS = (
    _row("gammainc", "P(a, x) = ∫₀ˣ tᵃ⁻¹ e⁻ᵗ dt / Γ(a), for constant a and positive x", domain=_POSITIVE),
    _row("gammaincc", "Q(a, x) = 1 - P(a, x), for constant a and positive x", domain=_POSITIVE),
    _row("betainc", "I_x(a, b) = ∫₀ˣ tᵃ⁻¹ (1 - t)ᵇ⁻¹ dt / B(a, b), for constant a and b", domain=(0.0, 1.0)),
    _row("zeta", "Hurwitz's ζ(s, q) = Σ (q + n)⁻ˢ, for constant s > 1 and positive q", domain=_POSITIVE),
    _row("polygamma", "ψ⁽ⁿ⁾(x), the n-th derivative of digamma, for positive x", domain=_POSITIVE),
    _row("expn", "E_n(x) = ∫₁^∞ e⁻ˣᵗ t⁻ⁿ dt, for positive x", domain=_POSITIVE),
    _row("hyp1f1", "Kummer's M(a, b, x) = Σ (a)ₙ/(b)ₙ xⁿ/n!, for constant a and b"),
    _row("hyp2f1", "Gauss's F(a, b; c; x) = Σ (a)ₙ(b)ₙ/(c)ₙ xⁿ/n!, for constant a, b and c", domain=(-1.0, 1.0)),
)
