"""Rows that work element by element.

Elementary functions are Arb's own; their derivatives, for the budget and the NumPy tape, are the formulas that
frameworks use. PyTorch's stand in tools/autograd/derivatives.yaml
(https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml), TensorFlow's in
python/ops/math_grad.py (https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/ops/math_grad.py),
JAX's in jax/_src/lax/lax.py (https://github.com/jax-ml/jax/blob/main/jax/_src/lax/lax.py).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from harness.operations import complexes
from harness.operations.costs import MOVING, elementwise
from harness.operations.operation import PRIMITIVE, Elementwise, Operation

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ROWS"]

_STANDARD = "https://data-apis.org/array-api/2024.12/API_specification/generated/array_api.{}.html"
_UNIT = (-1.0, 1.0)
_POSITIVE = (0.0, math.inf)


def _standard(name: str, summary: str, meaning: Any, **keywords: Any) -> Operation:
    if meaning is PRIMITIVE:
        keywords.setdefault("cost", elementwise())
    return Operation(name, summary, meaning, source=_STANDARD.format(name), **keywords)


def _comparison(name: str, summary: str) -> Operation:
    return _standard(name, summary, PRIMITIVE)


def _odd(series: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make an odd function of a series for positive numbers, so that nothing overflows or cancels at negative ones."""
    return lambda s: -series(-s) if s[0] < 0 else series(s)


def _tanh_series(s: Any) -> Any:
    decayed = (-2 * s).exp()
    return (1 - decayed) / (1 + decayed)


def _tanh_by_sigmoids(xp: Any, x: Any) -> Any:
    """The derivative is 4 σ(2x) σ(-2x), whose own derivative cancels near 0: tanh_p in jax/_src/lax/lax.py."""
    slope = xp.stop_gradient(4 * xp.special.expit(2 * x) * xp.special.expit(-2 * x))
    return xp.with_value(xp.stop_gradient(xp.tanh(x)), slope * x)


def _logaddexp(xp: Any, a: Any, b: Any) -> Any:
    return xp.maximum(a, b) + xp.log1p(xp.exp(-xp.abs(a - b)))


def _logaddexp_program(xp: Any, a: Any, b: Any) -> Any:
    """The derivative is exp(a - y), from the rounded result, as in jax/_src/lax/other.py; y moves as it says."""
    value = xp.constant(_logaddexp(xp, a, b))
    result = xp.stop_gradient(xp.with_value(value, xp.exp(a - value) + xp.exp(b - value)))
    return xp.with_value(result, xp.exp(a - result) + xp.exp(b - result))


def _logaddexp_by_sigmoid(xp: Any, a: Any, b: Any) -> Any:
    """The derivative is sigmoid(a - b), as in adapters/tensorflow_namespace, which TensorFlow itself lacks."""
    return _by_shares(xp, a, b, xp.special.expit(a - b), xp.special.expit(b - a))


def _logaddexp_by_sigmoid_twice(xp: Any, a: Any, b: Any) -> Any:
    """The same, differentiated backward twice: along a, the share of a moves with a and the share of b moves with b."""
    of_a = xp.special.expit(a - xp.constant(b))
    of_b = xp.special.expit(b - xp.constant(a))
    moving_a = xp.stop_gradient(xp.with_value(xp.constant(of_a), of_a - of_b))
    moving_b = xp.stop_gradient(xp.with_value(xp.constant(of_b), of_b - of_a))
    return xp.with_value(xp.stop_gradient(_logaddexp(xp, a, b)), moving_a * a + moving_b * b)


def _logaddexp_by_quotient(xp: Any, a: Any, b: Any) -> Any:
    """The derivative is 1 / (1 + exp(b - a)): logaddexp in PyTorch's derivatives.yaml."""
    return _by_shares(xp, a, b, 1 / (1 + xp.exp(b - a)), 1 / (1 + xp.exp(a - b)))


def _by_shares(xp: Any, a: Any, b: Any, first: Any, second: Any) -> Any:
    """Each share moves as 1 minus the other does, for reverse mode over reverse mode makes second derivatives of both."""
    of_a = xp.stop_gradient(xp.with_value(xp.constant(first), -second))
    of_b = xp.stop_gradient(xp.with_value(xp.constant(second), -first))
    return xp.with_value(xp.stop_gradient(_logaddexp(xp, a, b)), of_a * a + of_b * b)


def _abs(xp: Any, x: Any) -> Any:
    return complexes.size(xp, x) if "complex" in str(getattr(x, "dtype", "")) else xp.maximum(x, -x)


def _hypot(xp: Any, a: Any, b: Any) -> Any:
    return xp.sqrt(a * a + b * b)


def _hypot_program(xp: Any, a: Any, b: Any) -> Any:
    """Scaled by the larger one, so that no square leaves the range: C's standard library, and jax.numpy.hypot.

    https://github.com/jax-ml/jax/blob/main/jax/_src/numpy/ufuncs.py. The scale counts as a constant in the derivative.
    """
    larger = xp.stop_gradient(xp.maximum(xp.abs(a), xp.abs(b)))
    scale = xp.where(larger == 0, 1.0, larger)
    return scale * xp.sqrt((a / scale) * (a / scale) + (b / scale) * (b / scale))


def _clip(xp: Any, x: Any, /, min: Any = None, max: Any = None) -> Any:  # noqa: A002 - the standard's names
    raised = x if min is None else xp.maximum(x, min)
    return raised if max is None else xp.minimum(raised, max)


ROWS = (
    # Arithmetic: correctly rounded by IEEE 754, so k = 1.
    _standard("add", "a + b", PRIMITIVE, accuracy=1, cost=elementwise(factor=2)),
    _standard("subtract", "a - b", PRIMITIVE, accuracy=1, cost=elementwise(factor=2)),
    _standard("multiply", "a * b", PRIMITIVE, accuracy=1, cost=elementwise(factor=6)),
    _standard("divide", "a / b", PRIMITIVE, accuracy=1, domain=_POSITIVE, cost=elementwise(factor=11)),
    _standard("negative", "-x, exact", PRIMITIVE, accuracy=0, cost=elementwise(factor=2)),
    _standard("positive", "+x, exact", PRIMITIVE, accuracy=0, cost=MOVING),
    _standard("reciprocal", "1 / x", lambda xp, x: 1 / x, accuracy=1, domain=_POSITIVE),
    _standard("square", "x²", lambda xp, x: x * x, accuracy=1),
    _standard(
        "sqrt",
        "√x",
        Elementwise("sqrt", derivative=lambda xp, x, y: 0.5 / y),
        accuracy=1,
        domain=_POSITIVE,
    ),
    _standard("pow", "a to the power b", PRIMITIVE, domain=_POSITIVE),
    # Exponentials and logarithms.
    _standard("exp", "eˣ", Elementwise("exp", derivative=lambda xp, x, y: y)),
    _standard(
        "expm1",
        "eˣ - 1, accurate near 0",
        Elementwise("expm1", lambda s: s.exp() - 1, derivative=lambda xp, x, y: y + 1),
    ),
    _standard("log", "ln x", Elementwise("log", derivative=lambda xp, x, y: 1 / x), domain=_POSITIVE),
    _standard(
        "log1p",
        "ln(1 + x), accurate near 0",
        Elementwise("log1p", lambda s: (1 + s).log(), derivative=lambda xp, x, y: 1 / (x + 1)),
        domain=(-1.0, math.inf),
    ),
    _standard(
        "log2",
        "log₂ x",
        Elementwise(
            lambda x: x.log() / x.const_log2(),
            lambda s: s.log() / s[0].const_log2(),
            derivative=lambda xp, x, y: 1 / (x * math.log(2)),
        ),
        domain=_POSITIVE,
    ),
    _standard(
        "log10",
        "log₁₀ x",
        Elementwise(
            lambda x: x.log() / x.const_log10(),
            lambda s: s.log() / s[0].const_log10(),
            derivative=lambda xp, x, y: 1 / (x * math.log(10)),
        ),
        domain=_POSITIVE,
    ),
    _standard(
        "logaddexp",
        "ln(eᵃ + eᵇ)",
        _logaddexp,
        program=_logaddexp_program,
        others=(_logaddexp_by_sigmoid, _logaddexp_by_sigmoid_twice, _logaddexp_by_quotient),
    ),
    # Trigonometric and hyperbolic functions, and their inverses.
    _standard("sin", "sin x", Elementwise("sin", derivative=lambda xp, x, y: xp.cos(x))),
    _standard("cos", "cos x", Elementwise("cos", derivative=lambda xp, x, y: -xp.sin(x))),
    _standard("tan", "tan x", Elementwise("tan", derivative=lambda xp, x, y: 1 + y * y)),
    _standard(
        "asin", "arcsin x", Elementwise("asin", derivative=lambda xp, x, y: 1 / xp.sqrt(1 - x * x)), domain=_UNIT
    ),
    _standard(
        "acos", "arccos x", Elementwise("acos", derivative=lambda xp, x, y: -1 / xp.sqrt(1 - x * x)), domain=_UNIT
    ),
    _standard("atan", "arctan x", Elementwise("atan", derivative=lambda xp, x, y: 1 / (1 + x * x))),
    _standard("atan2", "the angle of the point (b, a)", PRIMITIVE),
    _standard(
        "sinh",
        "(eˣ - e⁻ˣ) / 2",
        Elementwise("sinh", lambda s: (s.exp() - (-s).exp()) / 2, derivative=lambda xp, x, y: xp.cosh(x)),
    ),
    _standard(
        "cosh",
        "(eˣ + e⁻ˣ) / 2",
        Elementwise("cosh", lambda s: (s.exp() + (-s).exp()) / 2, derivative=lambda xp, x, y: xp.sinh(x)),
    ),
    _standard(
        "tanh",
        "tanh x; its derivative is customarily 1 - y²",
        Elementwise("tanh", _odd(_tanh_series), derivative=lambda xp, x, y: 1 - y * y),
        others=(_tanh_by_sigmoids,),
    ),
    _standard(
        "asinh",
        "arsinh x",
        Elementwise(
            "asinh", _odd(lambda s: (s + (s * s + 1).sqrt()).log()), derivative=lambda xp, x, y: 1 / xp.sqrt(x * x + 1)
        ),
    ),
    _standard(
        "acosh",
        "arcosh x",
        Elementwise(
            "acosh", lambda s: (s + (s * s - 1).sqrt()).log(), derivative=lambda xp, x, y: 1 / xp.sqrt(x * x - 1)
        ),
        domain=(1.0, math.inf),
    ),
    _standard(
        "atanh",
        "artanh x",
        Elementwise("atanh", lambda s: ((1 + s) / (1 - s)).log() / 2, derivative=lambda xp, x, y: 1 / (1 - x * x)),
        domain=_UNIT,
    ),
    _standard("hypot", "√(a² + b²)", _hypot, program=_hypot_program),
    # Kinks: maximum and minimum are the tape's; everything with a corner is made of them.
    _standard("maximum", "the larger of a and b", PRIMITIVE, accuracy=0),
    _standard("minimum", "the smaller of a and b", PRIMITIVE, accuracy=0),
    _standard(
        "abs",
        "|x| = max(x, -x), exact; of complex numbers their size √(x² + y²)",
        _abs,
        accuracy=0,
        cost=elementwise(factor=4),
    ),
    _standard("clip", "min(max(x, min), max), exact", _clip, accuracy=0),
    _standard("sign", "-1, 0 or 1; NaN of NaN", PRIMITIVE, accuracy=0),
    _standard("where", "a where the condition holds, b elsewhere", PRIMITIVE, accuracy=0),
    # Comparisons and logic: exact, without a derivative.
    _comparison("equal", "a == b"),
    _comparison("not_equal", "a != b"),
    _comparison("less", "a < b"),
    _comparison("less_equal", "a <= b"),
    _comparison("greater", "a > b"),
    _comparison("greater_equal", "a >= b"),
    _comparison("logical_and", "both hold"),
    _comparison("logical_or", "at least one holds"),
    _comparison("logical_xor", "exactly one holds"),
    _comparison("logical_not", "it does not hold"),
)
