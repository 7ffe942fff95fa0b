"""Adapters that are wrong on purpose, each in one way that somebody's program was wrong in, or could be.

Each line names a way, says what is wrong, and on which cases it is looked for. `python -m tests.audit.judge_table` runs all
of them. The module is as long as the list is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.audit.faults import (
    Arguments,
    Broadcast,
    Calls,
    Fault,
    FirstOrder,
    Given,
    Input,
    Instead,
    Kernel,
    Memory,
    Out,
    Result,
    WrongAdapter,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Array = np.ndarray[Any, Any]

__all__ = ["KINDS", "WAYS", "Way", "adapter"]

KINDS = ("value", "vjp", "jvp", "hvp", "jacobian", "vmap")
"""Kinds of quantities that are looked at, unless a way says otherwise; curvature costs a sweep for each element."""


@dataclass(frozen=True)
class Way:
    """One way to be wrong.

    Attributes:
        name: Its name; spaces in it are underscores in the adapter's.
        what: What is wrong, in words.
        fault: What makes it so.
        cases: Where it is looked for: patterns of cases, with a sample in brackets or with all.
        dtypes: In which dtypes.
        modes: In which modes.
        kinds: Kinds of quantities.
        note: Why nothing sees it, where nothing does.
    """

    name: str
    what: str
    fault: Fault
    cases: tuple[str, ...]
    dtypes: tuple[str, ...] = ("float32", "float64")
    modes: tuple[str, ...] = ("eager",)
    kinds: tuple[str, ...] = KINDS
    note: str = ""


def _floats(spoil: Callable[[Array], Any], *only: str) -> Callable[[Array], Any]:
    """Spoil floating-point arrays alone, or those of some dtypes."""

    def spoilt(array: Array) -> Any:
        floating = array.dtype.kind in "fc" or array.dtype.name == "bfloat16"
        if not floating or (only and array.dtype.name not in only):
            return array
        with np.errstate(all="ignore"):
            return np.asarray(spoil(array)).astype(array.dtype)

    return spoilt


def _times(factor: float, *only: str) -> Callable[[Array], Any]:
    return _floats(lambda array: array * array.dtype.type(factor), *only)


def _through(dtype: str) -> Callable[[Array], Any]:
    def narrow(array: Array) -> Any:
        if dtype == "bfloat16":
            import ml_dtypes

            return array.astype(ml_dtypes.bfloat16)
        return array.astype(dtype)

    return _floats(narrow)


def _bits(count: int) -> Callable[[Array], Any]:
    """Round to some bits of mantissa, the leading one included."""

    def rounded(array: Array) -> Any:
        mantissa, exponent = np.frexp(array)
        return np.ldexp(np.round(mantissa * 2.0**count) / 2.0**count, exponent)

    return _floats(rounded)


def _truncated(count: int) -> Callable[[Array], Any]:
    """Cut to some bits of mantissa, towards 0."""

    def cut(array: Array) -> Any:
        mantissa, exponent = np.frexp(array)
        return np.ldexp(np.trunc(mantissa * 2.0**count) / 2.0**count, exponent)

    return _floats(cut)


def _some(places: Callable[[int], slice], factor: float) -> Callable[[Array], Any]:
    """Multiply the elements at some places."""

    def spoilt(array: Array) -> Any:
        made = np.array(array)
        made.reshape(-1)[places(made.size)] *= made.dtype.type(factor)
        return made

    return _floats(spoilt)


def _last(factor: float = 1 + 2.0**-10) -> Callable[[Array], Any]:
    return _some(lambda size: slice(max(size - 1, 0), size), factor)


def _lanes(width: int) -> Callable[[Array], Any]:
    return _some(lambda size: slice(width - 1, None, width), 1 + 2.0**-10)


def _remainder(width: int) -> Callable[[Array], Any]:
    """Spoil what is left over behind whole vectors."""
    return _some(lambda size: slice(size - size % width, None), 1 + 2.0**-10)


def _replace(where: Callable[[Array], Any], by: Any) -> Callable[[Array], Any]:
    return _floats(lambda array: np.where(where(array), by(array) if callable(by) else by, array))


def _one(value: float) -> Callable[[Array], Any]:
    def spoilt(array: Array) -> Any:
        made = np.array(array)
        if made.size:
            made.reshape(-1)[made.size // 2] = value
        return made

    return _floats(spoilt)


def _integers(change: Callable[[Array], Any]) -> Callable[[Array], Any]:
    return lambda array: change(array) if array.dtype.kind in "iu" else array


def _booleans(change: Callable[[Array], Any]) -> Callable[[Array], Any]:
    return lambda array: change(array) if array.dtype.kind == "b" else array


def _complex(change: Callable[[Array], Any]) -> Callable[[Array], Any]:
    return lambda array: change(array).astype(array.dtype) if array.dtype.kind == "c" else array


def _turned(array: Array) -> Any:
    return np.swapaxes(array, -1, -2) if array.ndim > 1 and array.shape[-1] == array.shape[-2] else array


def _ones(arrays: Any, cotangents: Any, *more: Any) -> tuple[Any, ...]:
    return (arrays, tuple(map(np.ones_like, cotangents)), *more)


def _swapped(prepared: Any, adapter: Any, making: Any) -> Any:
    def call(*arguments: Any) -> Any:
        result = prepared(*arguments)
        return tuple(reversed(result)) if len({one.shape for one in result}) == 1 else result

    return call


def _only_first(prepared: Any, adapter: Any, making: Any) -> Any:
    def call(*arguments: Any) -> Any:
        first, *more = prepared(*arguments)
        return (first, *map(np.zeros_like, more))

    return call


def _gradient_for_product(prepared: Any, adapter: Any, making: Any) -> Any:
    gradient = adapter._derivatives.vjp(making["function"], making["inputs"])
    return lambda arrays, cotangents, tangents: gradient(arrays, cotangents)


def _gauss_newton(prepared: Any, adapter: Any, making: Any) -> Any:
    """Jᵀ(J v) in place of the derivative of Jᵀw along v."""
    derivatives, function, inputs = adapter._derivatives, making["function"], making["inputs"]
    back, forth = derivatives.vjp(function, inputs), derivatives.jvp(function, inputs)
    return lambda arrays, cotangents, tangents: back(arrays, forth(arrays, tangents))


def _difference(prepared: Any, adapter: Any, making: Any) -> Any:
    """A finite difference of gradients in place of the derivative."""
    derivatives = adapter._derivatives
    gradient = derivatives.vjp(making["function"], making["inputs"])

    def call(arrays: Any, cotangents: Any, tangents: Any) -> Any:
        step = float(np.sqrt(np.finfo(tangents[0].dtype).eps))
        ends = []
        for sign in (1, -1):
            moved = list(arrays)
            for place, tangent in zip(making["inputs"], tangents, strict=True):
                moved[place] = arrays[place] + (sign * step * tangent).astype(tangent.dtype)
            ends.append(gradient(tuple(moved), cotangents))
        return tuple(((a - b) / (2 * step)).astype(a.dtype) for a, b in zip(*ends, strict=True))

    return call


def _halves(array: Array, axes: tuple[int, ...]) -> Any:
    return np.sum(array, axis=axes, keepdims=True) / array.dtype.type(2)


def _summed_short(array: Array, axes: tuple[int, ...]) -> Any:
    return np.sum(array.astype(np.float16), axis=axes, keepdims=True, dtype=np.float16)


def _accumulated(dtype: str) -> Callable[..., Any]:
    """Sum one by one in a narrower dtype."""

    def total(x: Array, *, axis: Any = None, keepdims: bool = False) -> Any:
        axes = tuple(range(x.ndim)) if axis is None else tuple(np.atleast_1d(axis) % x.ndim)
        moved = np.moveaxis(x, axes, range(len(axes))).reshape(
            (-1, *(n for k, n in enumerate(x.shape) if k not in axes))
        )
        found = np.zeros(moved.shape[1:], dtype)
        for term in moved:
            found = (found + term.astype(dtype)).astype(dtype)
        return np.expand_dims(found, axes) if keepdims else found

    return total


def _less_last(x: Array, *, axis: Any = None, keepdims: bool = False) -> Any:
    """Sum all but the last term."""
    axes = tuple(range(x.ndim)) if axis is None else tuple(np.atleast_1d(axis) % x.ndim)
    kept = np.take(x, range(x.shape[axes[-1]] - 1), axis=axes[-1])
    return np.sum(kept, axis=axes, keepdims=keepdims)


def _product_by(cut: Callable[[Array], Any]) -> Callable[..., Any]:
    return lambda a, b: np.matmul(cut(a), cut(b))


def _without_last(a: Array, b: Array) -> Any:
    return np.matmul(a[..., :-1], b[..., :-1, :]) if b.ndim > 1 else np.matmul(a[..., :-1], b[:-1])


def _var_in_one_pass(
    xp: Any, own: Any, x: Any, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False
) -> Any:
    count = x.size if axis is None else x.shape[axis]
    mean = xp.mean(x, axis=axis, keepdims=keepdims)
    return (xp.mean(x * x, axis=axis, keepdims=keepdims) - mean * mean) * (count / (count - correction))


def _layer_norm(xp: Any, x: Any, scale: Any, shift: Any, epsilon: float, place: str) -> Any:
    mean = xp.mean(x, axis=-1, keepdims=True)
    variance = xp.var(x, axis=-1, keepdims=True)
    if place == "outside":
        return (x - mean) / (xp.sqrt(variance) + epsilon) * scale + shift
    if place == "numerator":
        return (x - mean + epsilon) / xp.sqrt(variance) * scale + shift
    if place == "uncentred":
        return x / xp.sqrt(variance + epsilon) * scale + shift
    if place == "scaled later":
        return ((x - mean) / xp.sqrt(variance + epsilon) + shift) * scale
    return (x - mean) / xp.sqrt(variance) * scale + shift


def _normed(place: str) -> Callable[..., Any]:
    return lambda xp, own, x, scale, shift, *, epsilon=1e-5: _layer_norm(xp, x, scale, shift, epsilon, place)


def _softmax(xp: Any, own: Any, x: Any, *, axis: int = -1) -> Any:
    weights = xp.exp(x)
    return weights / xp.sum(weights, axis=axis, keepdims=True)


def _log_softmax(xp: Any, own: Any, x: Any, *, axis: int = -1) -> Any:
    return x - xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=True))


def _log_of_softmax(xp: Any, own: Any, x: Any, *, axis: int = -1) -> Any:
    return xp.log(xp.nn.softmax(x, axis=axis))


def _logsumexp(xp: Any, own: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    return xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=keepdims))


def _softmax_shift_counts(xp: Any, own: Any, x: Any, *, axis: int = -1) -> Any:
    """The shift's derivative is lost in the sum alone."""
    weights = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return weights / xp.stop_gradient(xp.sum(weights, axis=axis, keepdims=True))


def _erf(x: Array) -> Any:
    """Abramowitz and Stegun 7.1.26: absolute error 1.5e-7."""
    wide = np.abs(x).astype(np.float64)
    t = 1 / (1 + 0.3275911 * wide)
    polynomial = ((((1.061405429 * t - 1.453152027) * t) + 1.421413741) * t - 0.284496736) * t + 0.254829592
    return np.sign(x) * (1 - polynomial * t * np.exp(-wide * wide))


def _lgamma(x: Array) -> Any:
    """Stirling's series with two terms."""
    wide = x.astype(np.float64)
    return (wide - 0.5) * np.log(wide) - wide + 0.5 * math.log(2 * math.pi) + 1 / (12 * wide)


def _max_of_all(xp: Any, own: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """Every element that ties gets the whole gradient."""
    top = own(x, axis=axis, keepdims=True)
    each = xp.stop_gradient(xp.astype(x == top, x.dtype))
    shares = xp.sum(each * (x - xp.stop_gradient(x)), axis=axis, keepdims=keepdims)
    return xp.stop_gradient(own(x, axis=axis, keepdims=keepdims)) + shares


def _max_of_none(xp: Any, own: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """No element that ties gets any."""
    top = own(x, axis=axis, keepdims=True)
    each = xp.astype(x == top, x.dtype)
    alone = xp.astype(xp.sum(each, axis=axis, keepdims=True) == 1, x.dtype)
    shares = xp.sum(xp.stop_gradient(each * alone) * (x - xp.stop_gradient(x)), axis=axis, keepdims=keepdims)
    return xp.stop_gradient(own(x, axis=axis, keepdims=keepdims)) + shares


def _prod_by_division(xp: Any, own: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    """The gradient is the product over the element."""
    value = xp.stop_gradient(own(x, axis=axis, keepdims=True))
    shares = xp.sum(value / xp.stop_gradient(x) * (x - xp.stop_gradient(x)), axis=axis, keepdims=keepdims)
    return xp.stop_gradient(own(x, axis=axis, keepdims=keepdims)) + shares


def _shifted_pool(xp: Any, own: Any, x: Any, *, kernel: Any, stride: Any = None, padding: Any = 0) -> Any:
    """Windows start one element late along the last axis."""
    return own(xp.roll(x, -1, axis=-1), kernel=kernel, stride=stride, padding=padding)


def _exclusive(xp: Any, own: Any, x: Any, *, axis: Any = None) -> Any:
    return own(x, axis=axis) - x


def _half_away(x: Array) -> Any:
    return np.trunc(x + np.copysign(0.5, x))


def _overwritten(x: Array, places: Array, updates: Array) -> Any:
    made = np.array(x)
    made[places] = x[places] + updates
    return made


def _handful(*more: str) -> tuple[str, ...]:
    return ("elementwise/exponentials", "linear/matrix_product", "reductions/row_sums", "nn/mlp_loss", *more)


_EVERYWHERE = _handful("nn/softmax", "reductions/sample_variance")
_CURVED = ("elementwise/exponentials", "elementwise/damped_wave", "nn/softmax", "linear/quadratic_form")
_EDGES = ("edges/exp", "edges/log", "edges/sqrt", "edges/reciprocal", "edges/divide")
_TIES = ("conventions/largest", "conventions/smallest")
_INDICES = ("reductions/places_of_extremes", "reductions/order_of_rows", "reductions/places_of_two_largest")
_COMPLEX = ("complex/product", "complex/exponential", "complex/quotient")
_COMPILED = ("eager", "compile")

_PRECISION = (
    Way("results in bfloat16", "every result is rounded to bfloat16", Out(_through("bfloat16")), _EVERYWHERE),
    Way("results in float16", "every result is rounded to float16", Out(_through("float16")), _EVERYWHERE),
    Way("results in 12 bits", "every result is rounded to 12 bits", Out(_bits(12)), _EVERYWHERE),
    Way("results in 16 bits", "every result is rounded to 16 bits", Out(_bits(16)), _EVERYWHERE),
    Way("results in 18 bits", "every result is rounded to 18 bits", Out(_bits(18)), _EVERYWHERE, ("float32",)),
    Way("results in 20 bits", "every result is rounded to 20 bits", Out(_bits(20)), _EVERYWHERE),
    Way("results cut to 20 bits", "every result is cut to 20 bits, towards 0", Out(_truncated(20)), _EVERYWHERE),
    Way("float64 through float32", "float64 results pass through float32", Out(_through("float32")), _EVERYWHERE, ("float64",)),
    Way("gradients in bfloat16", "gradients alone are rounded to bfloat16", Out(_through("bfloat16"), ("vjp",)), _EVERYWHERE),
    Way("float64 results in 45 bits", "float64 results are rounded to 45 bits", Out(_bits(45)), _EVERYWHERE, ("float64",)),
    Way("products of bfloat16", "factors of matrix products are rounded to bfloat16", Kernel("matmul", _product_by(_through("bfloat16"))), ("linear/matrix_product", "linear/batched_product")),
    Way("products of TF32", "factors of matrix products are rounded to 11 bits", Kernel("matmul", _product_by(_bits(11))), ("linear/matrix_product", "nn/mlp_loss")),
    Way("products of three bfloat16", "factors of matrix products are rounded to 16 bits", Kernel("matmul", _product_by(_bits(16))), ("linear/matrix_product",)),
    Way("exponents in float16", "exp takes its argument in float16", Kernel("exp", lambda x: np.exp(x.astype(np.float16))), ("elementwise/exponentials", "elementwise/damped_wave")),
    Way("sines in float32", "sin is computed in float32, also in float64", Kernel("sin", lambda x: np.sin(x.astype(np.float32))), ("elementwise/sine_times_cosine", "elementwise/damped_wave"), ("float64",)),
    Way("π in six digits", "sin reduces its argument by π of six digits", Kernel("sin", lambda x: np.sin(x * (1 + 1e-6))), ("elementwise/sine_times_cosine",)),
    Way("quick reciprocal", "division by a reciprocal of 12 bits", Kernel("divide", lambda a, b: a * _bits(12)(np.asarray(1 / np.asarray(b, dtype=np.result_type(a, b)))).astype(np.result_type(a, b))), ("elementwise/square_over", "complex/quotient", "nn/softmax"), ("float32", "float64")),
    Way("quick inverse root", "sqrt with an error of 2⁻¹²", Kernel("sqrt", lambda x: np.sqrt(x) * (1 + 2.0**-12)), ("elementwise/square_root", "reductions/euclidean_norms", "nn/layer_norm")),
)  # fmt: skip

_SUMS = (
    Way("sums in bfloat16", "sums accumulate one by one in bfloat16", Kernel("sum", lambda x, **k: _bits(8)(np.asarray(_accumulated("float32")(_bits(8)(x), **k)))), ("reductions/row_sums", "reductions/column_means", "nn/softmax")),
    Way("sums in float16", "sums accumulate one by one in float16", Kernel("sum", _accumulated("float16")), ("reductions/row_sums", "reductions/column_means", "nn/softmax")),
    Way("float64 sums in float32", "float64 sums accumulate in float32", Kernel("sum", _accumulated("float32")), ("reductions/row_sums", "reductions/weighted_mean"), ("float64",)),
    Way("last term dropped", "a sum lacks its last term", Kernel("sum", _less_last), ("reductions/row_sums", "reductions/sum_over_two_axes", "reductions/weighted_mean")),
    Way("last product dropped", "an inner product lacks its last term", Kernel("matmul", _without_last), ("linear/matrix_product", "linear/matrix_times_vector")),
    Way("mean by n - 1", "a mean divides by n - 1", Instead("mean", lambda xp, own, x, *, axis=None, keepdims=False: own(x, axis=axis, keepdims=keepdims) * ((n := x.size if axis is None else x.shape[axis]) / max(n - 1, 1))), ("reductions/column_means", "reductions/centred")),
    Way("sum over the first axis", "a sum over the last axis goes over the first", Arguments("sum", {"axis": 0}), ("reductions/row_sums", "losses/soft_margin_loss")),
    Way("running sums lag", "running sums leave out the element itself", Instead("cumulative_sum", _exclusive), ("reductions/running_totals",)),
    Way("running sums in float16", "running sums are kept in float16", Kernel("cumulative_sum", lambda x, *, axis=None: np.cumsum(x.astype(np.float16), axis=axis, dtype=np.float16)), ("reductions/running_totals",)),
    Way("biased variance", "the correction of the variance is ignored", Arguments("var", {"correction": 0}), ("reductions/sample_variance",)),
    Way("unbiased variance", "the variance divides by n - 1 where n was asked for", Arguments("var", {"correction": 1}), ("nn/layer_norm_far_from_zero", "nn/batch_norm")),
    Way("variance in one pass", "E x² - (E x)²", Instead("var", _var_in_one_pass), ("reductions/sample_variance[offset]", "nn/layer_norm_far_from_zero")),
    Way("deviation is the variance", "the root is left out of std", Instead("std", lambda xp, own, x, **k: xp.var(x, **k)), ("reductions/population_deviation", "reductions/standardised")),
    Way("deviation with ε", "std adds 1e-5 to the variance", Instead("std", lambda xp, own, x, **k: xp.sqrt(xp.var(x, **k) + 1e-5)), ("reductions/population_deviation", "reductions/standardised")),
    Way("products by division", "the gradient of a product is the product over the element", Instead("prod", _prod_by_division), ("reductions/products", "conventions/product")),
    Way("shallow logsumexp", "logsumexp without its shift", Instead("special.logsumexp", _logsumexp), ("reductions/logsumexp_of_rows", "conventions/logsumexp")),
    Way("upper middle", "the median of two middles is the upper one", Kernel("median", lambda x, *, axis=None: np.take(np.sort(x, axis=axis), x.shape[axis] // 2, axis=axis)), ("reductions/middles",)),
    Way("nearest quantile", "quantiles are not interpolated", Kernel("quantile", lambda x, q, **k: np.quantile(x, q, method="nearest")), ("reductions/quantiles",)),
    Way("norm without its root", "the 2-norm is squared", Instead("linalg.vector_norm", lambda xp, own, x, **k: own(x, **k) * own(x, **k)), ("reductions/euclidean_norms", "conventions/vector_norm")),
)  # fmt: skip

_GRADIENTS = (
    Way("cotangent of ones", "the gradient of the sum, whatever the cotangent", Given(_ones, ("vjp", "hvp")), _EVERYWHERE),
    Way("no cotangent in products", "HVPs are of the sum, whatever the cotangent", Given(_ones, ("hvp",)), _CURVED),
    Way("tangent of ones", "the derivative along ones, whatever the tangent", Given(lambda arrays, tangents: (arrays, tuple(map(np.ones_like, tangents))), ("jvp",)), _EVERYWHERE),
    Way("one tangent alone", "tangents of all inputs but the first are dropped", Given(lambda arrays, tangents: (arrays, (tangents[0], *map(np.zeros_like, tangents[1:]))), ("jvp",)), ("linear/matrix_product", "nn/layer_norm", "elementwise/square_over")),
    Way("turned cotangent", "the cotangent is read in reverse order", Given(lambda arrays, cotangents, *more: (arrays, tuple(np.flip(one) for one in cotangents), *more), ("vjp",)), _EVERYWHERE),
    Way("cotangent in float16", "the cotangent is rounded to float16", Given(lambda arrays, cotangents, *more: (arrays, tuple(_through("float16")(one) for one in cotangents), *more), ("vjp",)), _EVERYWHERE, note="cotangents have eight bits (harness/collect/directions.py), so that rounding one to bfloat16 or float16 changes nothing"),
    Way("cotangent in 4 bits", "the cotangent is rounded to 4 bits", Given(lambda arrays, cotangents, *more: (arrays, tuple(_bits(4)(one) for one in cotangents), *more), ("vjp",)), _EVERYWHERE),
    Way("lost broadcast sum", "the gradient of a broadcast operand is its first slice", Broadcast("add", lambda g, axes: np.take(g, [0], axis=axes[0]) if len(axes) == 1 else g[tuple(slice(0, 1) if k in axes else slice(None) for k in range(g.ndim))]), ("broadcasting/outer_sum", "broadcasting/scale_and_shift", "nn/layer_norm")),
    Way("lost broadcast sum in products", "the same, in products", Broadcast("multiply", lambda g, axes: g[tuple(slice(0, 1) if k in axes else slice(None) for k in range(g.ndim))]), ("broadcasting/scalar_times_matrix", "broadcasting/scale_and_shift", "nn/rms_norm")),
    Way("broadcast mean", "the gradient of a broadcast operand is a mean", Broadcast("add", lambda g, axes: np.mean(g, axis=axes, keepdims=True)), ("broadcasting/outer_sum", "broadcasting/scale_and_shift")),
    Way("half a broadcast sum", "the gradient of a broadcast operand is half of what it must be", Broadcast("multiply", _halves), ("broadcasting/scalar_times_matrix", "broadcasting/scale_and_shift")),
    Way("broadcast sum in float16", "the sum that undoes a broadcast is kept in float16", Broadcast("add", _summed_short), ("broadcasting/outer_sum", "broadcasting/scale_and_shift", "nn/mlp_loss")),
    Way("transposed gradients", "gradients of square matrices are transposed", Out(_turned, ("vjp",)), ("linear/matrix_product", "linear/inverse", "linear/quadratic_form")),
    Way("transposed second factor", "the gradient of the second factor of a product is transposed", Input("matmul", 1, _turned), ("linear/matrix_product", "linear/chain")),
    Way("swapped gradients", "gradients of two inputs of one shape change places", Calls(_swapped, ("vjp",)), ("linear/matrix_product", "elementwise/square_over", "elementwise/polar_coordinates")),
    Way("detached", "gradients are 0", Out(_times(0.0), ("vjp",)), _EVERYWHERE),
    Way("detached inside", "the gradient stops at tanh", Result("tanh", gradient=_times(0.0)), ("elementwise/hyperbolic_tangent", "control/lstm_cell")),
    Way("descends", "gradients have the wrong sign", Out(_times(-1.0), ("vjp",)), _EVERYWHERE),
    Way("quotient's sign", "the gradient of the divisor has the wrong sign", Input("divide", 1, _times(-1.0)), ("elementwise/square_over", "nn/softmax", "reductions/weighted_mean")),
    Way("gradient of the first input alone", "gradients of further inputs are 0", Calls(_only_first, ("vjp",)), ("linear/matrix_product", "nn/layer_norm", "elementwise/square_over")),
    Way("gradients doubled", "gradients are twice as large", Out(_times(2.0), ("vjp",)), _EVERYWHERE),
    Way("gradients by 1 + 2⁻¹⁰", "gradients are a thousandth too large", Out(_times(1 + 2.0**-10), ("vjp",)), _EVERYWHERE),
    Way("gradients by 1 + 2⁻¹⁴", "gradients are 6e-5 too large", Out(_times(1 + 2.0**-14), ("vjp",)), _EVERYWHERE),
    Way("clipped gradients", "gradients are clipped to [-1, 1]", Out(_floats(lambda array: np.clip(array, -1, 1)), ("vjp",)), _EVERYWHERE),
    Way("NaN scrubbed", "gradients that are NaN or infinite become 0", Out(_replace(lambda array: ~np.isfinite(array), 0.0), ("vjp", "jvp")), ("conventions/square_root", "conventions/hidden_root", "conventions/hidden_quotient")),
    Way("gradient of sum is of mean", "the gradient of a sum divides by the count", Result("sum", gradient=_times(0.25)), ("reductions/row_sums", "nn/softmax")),
    Way("gradients of rows are clipped", "the gradient of what is looked up is clipped to [-1/2, 1/2]", Input("take", 0, _floats(lambda g: np.clip(g, -0.5, 0.5))), ("layers/embedding", "shaping/*")),
    Way("all of a tie", "(1, 1, 0) at a tie", Instead("max", _max_of_all), _TIES, kinds=("value", "vjp", "jvp")),
    Way("none of a tie", "(0, 0, 0) at a tie", Instead("max", _max_of_none), _TIES, kinds=("value", "vjp", "jvp")),
    Way("relu's slope is 2 at 0", "a slope outside the set at a corner", Instead("nn.relu", lambda xp, own, x: xp.where(x == 0, 2 * x, own(x))), ("conventions/relu", "conventions/sum_of_relus"), kinds=("value", "vjp", "jvp")),
    Way("NaN at a corner", "|x| has no slope at 0", Instead("abs", lambda xp, own, x: xp.sqrt(x * x)), ("conventions/absolute",), kinds=("value", "vjp", "jvp")),
    Way("slope of a norm at 0", "the gradient of the 2-norm at 0 is all ones", Instead("linalg.vector_norm", lambda xp, own, x, **k: xp.stop_gradient(own(x, **k)) + xp.sum(x - xp.stop_gradient(x), **k)), ("conventions/vector_norm", "conventions/euclidean_norm"), kinds=("value", "vjp", "jvp")),
    Way("exponent's gradient lost", "pow has no gradient with respect to its exponent", Input("pow", 1, _times(0.0)), ("elementwise/power", "conventions/power")),
    Way("angle's gradients swapped", "the gradient of atan2 with respect to a has the wrong sign", Input("atan2", 0, _times(-1.0)), ("elementwise/polar_coordinates", "conventions/angle_on_axes")),
    Way("where leaks", "the branch that is not taken gets a gradient too", Instead("where", lambda xp, own, c, a, b: own(c, a, b) + 2.0**-10 * (a - xp.stop_gradient(a)) if hasattr(a, "dual") and a.ndim else own(c, a, b)), ("elementwise/huber", "elementwise/masked", "conventions/absolute_by_where")),
    Way("sort's gradient unsorted", "the gradient of sort is not brought back in order", Calls(lambda prepared, adapter, making: lambda arrays, cotangents: tuple(np.sort(one, axis=-1) for one in prepared(arrays, cotangents)), ("vjp",)), ("reductions/sorted_rows", "reductions/two_largest")),
    Way("triangle's gradient", "the gradient of a lower triangle is whole", Input("tril", 0, _floats(lambda g: g + np.triu(np.full_like(g, 2.0**-10), 1))), ("shaping/triangles", "linear/cholesky_by_hand")),
    Way("inverse's gradient", "the gradient of an inverse lacks its transposes", Input("linalg.inv", 0, _turned), ("linear/inverse",)),
    Way("determinant's gradient", "the gradient of a determinant is of its logarithm", Instead("linalg.det", lambda xp, own, x: xp.stop_gradient(own(x)) + (value := own(x)) / xp.stop_gradient(value) - 1), ("linear/determinant", "linear/cramer")),
)  # fmt: skip

_SECOND = (
    Way("JVP by 1 + 2⁻¹⁰", "JVPs are a thousandth too large", Out(_times(1 + 2.0**-10), ("jvp",)), _EVERYWHERE),
    Way("JVP's sign", "JVPs have the wrong sign", Out(_times(-1.0), ("jvp",)), _CURVED),
    Way("JVP is the value", "forward mode gives the value for the tangent", Calls(lambda prepared, adapter, making: lambda arrays, tangents: tuple(one * 0 + 1 for one in prepared(arrays, tangents)), ("jvp",)), _CURVED),
    Way("tangent of exp", "forward mode of exp is a thousandth too large", Result("exp", tangent=_times(1 + 2.0**-10)), ("elementwise/exponentials", "nn/mlp_loss", "elementwise/damped_wave")),
    Way("tangent of a product", "forward mode of products has half of it", Result("multiply", tangent=_times(0.5)), ("elementwise/difference_of_squares", "elementwise/damped_wave")),
    Way("HVP by 1 + 2⁻¹⁰", "HVPs are a thousandth too large", Out(_times(1 + 2.0**-10), ("hvp",)), _CURVED),
    Way("HVP is 0", "HVPs are 0", Out(_times(0.0), ("hvp",)), _CURVED),
    Way("HVP is the gradient", "the gradient stands for the HVP", Calls(_gradient_for_product, ("hvp",)), _CURVED),
    Way("Gauss-Newton", "Jᵀ(J v) stands for the HVP", Calls(_gauss_newton, ("hvp",)), ("elementwise/exponentials", "elementwise/damped_wave", "linear/quadratic_form")),
    Way("HVP by differences", "HVPs are finite differences of gradients", Calls(_difference, ("hvp",)), _CURVED),
    Way("no second order in exp", "the gradient of exp does not move", FirstOrder("exp"), ("elementwise/exponentials", "elementwise/damped_wave", "nn/softmax")),
    Way("no second order in sin", "the gradient of sin does not move", FirstOrder("sin"), ("elementwise/sine_times_cosine", "elementwise/damped_wave")),
    Way("no second order in tanh", "the gradient of tanh does not move", FirstOrder("tanh"), ("elementwise/hyperbolic_tangent", "nn/mlp_loss")),
    Way("no second order in expit", "the gradient of the logistic function does not move", FirstOrder("nn.sigmoid"), ("nn/sigmoid",)),
    Way("curvature by 1 + 2⁻¹⁰", "forward over forward is a thousandth too large", Out(_times(1 + 2.0**-10), ("curvature",)), ("elementwise/exponentials[given]", "elementwise/damped_wave[given]", "nn/softmax[given]"), kinds=("curvature",)),
    Way("curvature's half", "forward over forward gives the Taylor coefficient", Out(_times(0.5), ("curvature",)), ("elementwise/exponentials[given]", "elementwise/damped_wave[given]"), kinds=("curvature",)),
    Way("Jacobian's rows", "the rows of Jacobians are in reverse order", Out(_floats(lambda array: array[::-1]), ("jacobian",)), ("reductions/row_sums", "nn/softmax", "linear/matrix_times_vector")),
    Way("Jacobian transposed", "Jacobians are transposed", Out(_turned, ("jacobian",)), ("nn/softmax", "linear/system", "elementwise/cubic")),
    Way("Jacobian's diagonal", "Jacobians lack everything beside the diagonal", Out(_floats(lambda array: array * np.eye(array.size, dtype=array.dtype)[: array.shape[0], : array.shape[-1]] if array.ndim == 2 else array), ("jacobian",)), ("linear/system", "linear/matrix_times_vector", "conventions/softmax_of_ties")),
    Way("first of a batch", "vmap gives the first element's result for all", Out(_floats(lambda array: np.broadcast_to(array[:1], array.shape)), ("vmap",)), _EVERYWHERE),
    Way("batch in reverse", "vmap gives the batch in reverse order", Out(_floats(lambda array: array[::-1]), ("vmap",)), _EVERYWHERE),
    Way("batch by 1 + 2⁻¹⁰", "vmap's results are a thousandth too large", Out(_times(1 + 2.0**-10), ("vmap",)), _EVERYWHERE),
    Way("batch mixes", "vmap's last element is the one before it", Out(_floats(lambda array: np.concatenate([array[:-1], array[-2:-1]]) if len(array) > 1 else array), ("vmap",)), _EVERYWHERE),
)  # fmt: skip

_CALLS = (
    Way("first call wrong", "the first call is a thousandth off, the second right", Out(_times(1 + 2.0**-10), call=1), _EVERYWHERE),
    Way("second call wrong", "the first call is right, later ones are a thousandth off", Out(_times(1 + 2.0**-10), call=-1), _EVERYWHERE),
    Way("last call wrong", "only the third call is a thousandth off", Out(_times(1 + 2.0**-10), call=3), ("elementwise/exponentials[given]", "linear/matrix_product[given]", "nn/softmax[given]")),
    Way("first gradient wrong", "the first gradient is a thousandth off", Out(_times(1 + 2.0**-10), ("vjp",), call=1), _EVERYWHERE),
    Way("first call NaN", "the first call gives a NaN, as memory that nobody cleared does", Out(_one(math.nan), call=1), _EVERYWHERE),
    Way("previous result", "each call gives the result of the one before", Memory("previous"), _EVERYWHERE),
    Way("previous gradient", "each call gives the gradient of the one before", Memory("previous", ("vjp",)), _EVERYWHERE),
    Way("first result for ever", "each call gives the result of the first", Memory("first"), ("elementwise/exponentials", "nn/softmax", "reductions/row_sums")),
    Way("cached by shape", "a result is kept for all arrays of one shape", Memory("shape"), ("elementwise/exponentials", "nn/softmax", "layers/normalize"), note="in eager mode both calls that are judged have the same inputs; what the call between them returns, for other values of the same shapes, is not looked at, and samples of one case have other shapes. A compiled mode is prepared with other values, and there it is caught: the ways called stale"),
    Way("stale value", "compiled, what it was traced with is baked into the value", Memory("first", ("value",), ("compile",)), _EVERYWHERE, modes=_COMPILED, kinds=("value", "vjp")),
    Way("stale gradient", "the same, in the gradient", Memory("first", ("vjp",), ("compile",)), _EVERYWHERE, modes=_COMPILED, kinds=("value", "vjp")),
    Way("stale HVP", "the same, in the HVP", Memory("first", ("hvp",), ("compile",)), _CURVED, modes=_COMPILED, kinds=("value", "hvp")),
    Way("compiled value", "compiled, values are a thousandth too large", Out(_times(1 + 2.0**-10), ("value",), ("compile",)), _EVERYWHERE, modes=_COMPILED, kinds=("value", "vjp")),
    Way("compiled gradient", "compiled, gradients are a thousandth too large", Out(_times(1 + 2.0**-10), ("vjp",), ("compile",)), _EVERYWHERE, modes=_COMPILED, kinds=("value", "vjp")),
    Way("compiled in bfloat16", "compiled, results are rounded to bfloat16", Out(_through("bfloat16"), modes=("compile",)), _EVERYWHERE, modes=_COMPILED, kinds=("value", "vjp")),
    Way("eager alone", "compiled right, eager gradients wrong", Out(_times(1 + 2.0**-10), ("vjp",), ("eager",)), _EVERYWHERE, modes=_COMPILED, kinds=("value", "vjp")),
    Way("float64 alone", "float64 alone is 2⁻³⁰ off", Out(_times(1 + 2.0**-30, "float64")), _EVERYWHERE),
    Way("float32 alone", "float32 alone is 2⁻¹⁴ off", Out(_times(1 + 2.0**-14, "float32")), _EVERYWHERE),
    Way("float16 alone", "float16 alone is 2⁻⁴ off", Out(_times(1 + 2.0**-4, "float16")), _EVERYWHERE, ("float32", "float16"), kinds=("value", "vjp")),
    Way("bfloat16 alone", "bfloat16 alone is 2⁻² off", Out(_times(1.25, "bfloat16")), ("elementwise/exponentials", "linear/matrix_product", "reductions/row_sums"), ("float32", "bfloat16"), kinds=("value", "vjp")),
    Way("float16 overflows", "float16 exp overflows from 10 on", Kernel("exp", lambda x: np.where(x > 10, np.inf, np.exp(x))), ("edges/exp", "elementwise/exponentials"), ("float16", "float32"), kinds=("value", "vjp")),
)  # fmt: skip

_PLACES = (
    Way("values doubled", "values are twice as large", Out(_times(2.0), ("value",)), _EVERYWHERE),
    Way("values by 1 + 2⁻¹⁰", "values are a thousandth too large", Out(_times(1 + 2.0**-10), ("value",)), _EVERYWHERE),
    Way("values by 1 + 2⁻¹⁶", "values are 1.5e-5 too large", Out(_times(1 + 2.0**-16), ("value",)), _EVERYWHERE),
    Way("values by 1 + 2⁻¹⁹", "values are 2e-6 too large: 16 ulp", Out(_times(1 + 2.0**-19), ("value",)), _EVERYWHERE, ("float32",)),
    Way("values offset", "1e-5 is added to values", Out(_floats(lambda array: array + array.dtype.type(1e-5)), ("value",)), _EVERYWHERE),
    Way("values negated", "values have the wrong sign", Out(_times(-1.0), ("value",)), _EVERYWHERE),
    Way("last element", "the last element is a thousandth off", Out(_last()), _EVERYWHERE),
    Way("last lane of 4", "each fourth element is a thousandth off", Out(_lanes(4)), _EVERYWHERE),
    Way("last lane of 8", "each eighth element is a thousandth off", Out(_lanes(8)), _EVERYWHERE),
    Way("rest of vectors of 8", "what is left over behind vectors of 8 is a thousandth off", Out(_remainder(8)), _EVERYWHERE),
    Way("last lane of exp", "each fourth element of exp is 2⁻¹⁴ off", Result("exp", value=_some(lambda size: slice(3, None, 4), 1 + 2.0**-14)), ("elementwise/exponentials", "nn/softmax")),
    Way("one element in a thousand", "one element in a thousand is a thousandth off", Out(_some(lambda size: slice(499, None, 1000), 1 + 2.0**-10)), ("linear/matrix_product", "reductions/row_sums", "nn/softmax")),
    Way("one gradient in a thousand", "one element of a gradient in a thousand is 0", Out(_some(lambda size: slice(499, None, 1000), 0.0), ("vjp",)), ("linear/matrix_product", "reductions/row_sums", "nn/softmax")),
    Way("one NaN", "one element is NaN", Out(_one(math.nan)), _EVERYWHERE),
    Way("one infinity", "one element is infinite", Out(_one(math.inf)), _EVERYWHERE),
    Way("one zero", "one element is 0", Out(_one(0.0)), _EVERYWHERE),
    Way("reverse order", "elements come in reverse order", Out(_floats(np.flip)), _EVERYWHERE),
    Way("rolled", "elements are one place further", Out(_floats(lambda array: np.roll(array, 1))), _EVERYWHERE),
    Way("transposed values", "square matrices are transposed", Out(_turned, ("value",)), ("linear/matrix_product", "linear/inverse", "linear/cholesky_factor")),
    Way("one more axis", "results have one more axis", Out(lambda array: array[np.newaxis]), _EVERYWHERE),
    Way("flattened", "results are flattened", Out(lambda array: array.reshape(-1)), ("linear/matrix_product", "nn/softmax", "nn/mlp_loss")),
    Way("wide results", "results are float64 where float32 was computed", Out(lambda array: array.astype(np.float64) if array.dtype.kind == "f" else array), _EVERYWHERE, ("float32",)),
    Way("narrow results", "results are float32 where float64 was computed", Out(lambda array: array.astype(np.float32) if array.dtype.kind == "f" else array), _EVERYWHERE, ("float64",)),
    Way("indices in int32", "indices are int32 where they are int64", Out(_integers(lambda array: array.astype(np.int32))), _INDICES),
    Way("indices in int8", "indices are int8", Out(_integers(lambda array: array.astype(np.int8))), _INDICES),
    Way("indices unsigned", "indices are uint64", Out(_integers(lambda array: array.astype(np.uint64))), _INDICES),
    Way("indices as floats", "indices are floating-point numbers", Out(_integers(lambda array: array.astype(np.float32)), ("value",)), _INDICES, kinds=("value",)),
    Way("indices from 1", "indices count from 1", Out(_integers(lambda array: array + 1)), _INDICES),
    Way("truth as numbers", "booleans are int8", Out(_booleans(lambda array: array.astype(np.int8))), ("elementwise/kinds_of_numbers", "elementwise/orderings", "reductions/truths")),
    Way("untruth", "booleans are negated", Out(_booleans(np.logical_not)), ("elementwise/kinds_of_numbers", "edges/less", "reductions/truths")),
    Way("argmin for argmax", "argmax is of the smallest", Kernel("argmax", lambda x, *, axis=None: np.argmin(x, axis=axis)), ("reductions/places_of_extremes",)),
    Way("descends for ascends", "sort ignores `descending`", Arguments("sort", {"descending": False}), ("reductions/sorted_rows",)),
    Way("argsort along the first axis", "argsort takes the first axis", Arguments("argsort", {"axis": 0}), ("reductions/order_of_rows",)),
)  # fmt: skip

_SPECIALS = (
    Way("-0 for 0", "0 has the wrong sign", Out(_replace(lambda array: array == 0, lambda array: -array)), ("edges/negative", "edges/sqrt", "edges/multiply", "edges/sin")),
    Way("0 for -0", "-0 is 0", Out(_replace(lambda array: array == 0, 0.0)), ("edges/negative", "edges/sqrt", "edges/multiply", "edges/sin")),
    Way("NaN for infinity", "what is infinite is NaN", Out(_replace(np.isinf, math.nan)), _EDGES),
    Way("largest for infinity", "what is infinite is the largest number", Out(_floats(lambda array: np.clip(array, -np.finfo(array.dtype).max, np.finfo(array.dtype).max))), _EDGES),
    Way("infinity's sign", "-∞ is ∞", Out(_replace(np.isinf, math.inf)), ("edges/log", "edges/divide", "edges/reciprocal")),
    Way("0 for NaN", "what is NaN is 0", Out(_replace(np.isnan, 0.0)), _EDGES),
    Way("infinity for NaN", "what is NaN is infinite", Out(_replace(np.isnan, math.inf)), _EDGES),
    Way("0 for subnormals", "subnormal numbers are flushed to 0", Out(_floats(lambda array: np.where(np.abs(array) < np.finfo(array.dtype).tiny, array * 0, array))), ("edges/negative[subnormals]", "edges/absolute[subnormals]", "edges/multiply[subnormals]", "conventions/product_below_normal")),
    Way("maximum ignores NaN", "maximum gives the number beside a NaN", Kernel("maximum", np.fmax), ("edges/maximum",)),
    Way("clip loses NaN", "clip makes NaN its lower end", Kernel("clip", lambda x, lo=None, hi=None, **k: np.where(np.isnan(x), 0.0, np.clip(x, lo, hi))), ("edges/clip",)),
    Way("0⁰ is NaN", "pow(0, 0) and pow(1, NaN) are NaN", Kernel("pow", lambda a, b: np.exp(np.asarray(b) * np.log(a))), ("edges/power", "conventions/power")),
    Way("sign of 0 is 1", "sign(0) is 1", Kernel("sign", lambda x: np.where(np.signbit(x), -1.0, 1.0)), ("edges/sign", "conventions/sign")),
    Way("equal NaN", "NaN equals NaN", Kernel("equal", lambda a, b: np.equal(a, b) | (np.isnan(a) & np.isnan(b))), ("edges/equal",)),
    Way("at most for less", "less is less or equal", Kernel("less", np.less_equal), ("edges/less", "elementwise/orderings")),
    Way("half away from zero", "round(2.5) is 3", Kernel("round", _half_away), ("elementwise/roundings",)),
    Way("floor truncates", "floor(-0.5) is 0", Kernel("floor", np.trunc), ("elementwise/roundings", "elementwise/sawtooth")),
    Way("C's remainder", "the remainder has the dividend's sign", Kernel("remainder", np.fmod), ("elementwise/modulo",)),
    Way("quotient truncates", "floor_divide truncates", Kernel("floor_divide", lambda a, b: np.trunc(a / b)), ("elementwise/whole_quotient",)),
    Way("copysign of a", "copysign gives the first argument", Kernel("copysign", lambda a, b: a), ("elementwise/borrowed_sign",)),
)  # fmt: skip

_FUNCTIONS = (
    Way("exp by 2⁻¹⁴", "exp is 6e-5 too large", Result("exp", value=_times(1 + 2.0**-14)), ("elementwise/exponentials", "elementwise/damped_wave", "nn/softmax")),
    Way("exp's gradient by 2⁻¹⁴", "the gradient of exp is 6e-5 too large", Result("exp", gradient=_times(1 + 2.0**-14)), ("elementwise/exponentials", "elementwise/damped_wave")),
    Way("log(1 + x)", "log1p without care", Instead("log1p", lambda xp, own, x: xp.log(1 + x)), ("elementwise/logarithms", "conventions/log1p_near_zero", "edges/log1p")),
    Way("eˣ - 1", "expm1 without care", Instead("expm1", lambda xp, own, x: xp.exp(x) - 1), ("conventions/expm1_near_zero", "edges/expm1", "elementwise/exponentials")),
    Way("eˣ/(1 + eˣ)", "the logistic function overflows", Instead("special.expit nn.sigmoid", lambda xp, own, x: xp.exp(x) / (1 + xp.exp(x))), ("edges/expit", "nn/sigmoid", "conventions/saturated_sigmoid")),
    Way("ln(1 + eˣ)", "softplus overflows", Instead("nn.softplus", lambda xp, own, x: xp.log(1 + xp.exp(x))), ("edges/softplus", "nn/softplus", "conventions/saturated_softplus")),
    Way("softplus with a threshold", "softplus is x from 5 on", Instead("nn.softplus", lambda xp, own, x: xp.where(x > 5, x, own(x))), ("nn/softplus", "edges/softplus", "conventions/saturated_softplus", "nn/mish"), note="no sample has a point between 4.3 and where eˣ saturates"),
    Way("softmax without its shift", "softmax overflows", Instead("nn.softmax", _softmax), ("nn/softmax[large]", "nn/softmax[given]")),
    Way("softmax over the first axis", "softmax takes the first axis", Arguments("nn.softmax", {"axis": 0}), ("nn/softmax",)),
    Way("softmax's sum is constant", "the gradient of softmax lacks its sum", Instead("nn.softmax", _softmax_shift_counts), ("nn/softmax", "nn/attention")),
    Way("log-softmax without its shift", "log-softmax overflows", Instead("nn.log_softmax", _log_softmax), ("nn/log_softmax_of_columns", "conventions/masked_log_softmax", "nn/cross_entropy", "losses/labelled_cross_entropy"), note="no case takes log_softmax or a cross entropy of logits near 100, as nn/softmax[large] takes softmax of them"),
    Way("logarithm of softmax", "log-softmax is the logarithm of softmax", Instead("nn.log_softmax", _log_of_softmax), ("nn/log_softmax_of_columns", "nn/cross_entropy", "conventions/masked_log_softmax")),
    Way("tanh gelu", "gelu is its tanh form", Instead("nn.gelu", lambda xp, own, x: xp.nn.gelu_tanh(x)), ("nn/gelu", "edges/gelu")),
    Way("sigmoid gelu", "gelu is x σ(1.702 x)", Instead("nn.gelu", lambda xp, own, x: x * xp.special.expit(1.702 * x)), ("nn/gelu",)),
    Way("exact gelu for tanh", "the tanh form is the exact one", Instead("nn.gelu_tanh", lambda xp, own, x: xp.nn.gelu(x)), ("nn/gelu_tanh",)),
    Way("erf to 1.5e-7", "erf by Abramowitz and Stegun 7.1.26", Kernel("special.erf", _erf), ("edges/erf", "special/*", "nn/gelu")),
    Way("erfc by 1 - erf", "erfc cancels", Instead("special.erfc", lambda xp, own, x: 1 - xp.special.erf(x)), ("edges/erfc", "special/*")),
    Way("two terms of Stirling", "lgamma by two terms of its series", Kernel("special.lgamma", _lgamma), ("edges/lgamma", "special/*")),
    Way("digamma is a logarithm", "the gradient of lgamma is ln x - 1/2x", Instead("special.lgamma", lambda xp, own, x: xp.stop_gradient(own(x)) + (x - xp.stop_gradient(x)) * xp.stop_gradient(xp.log(x) - 0.5 / x)), ("special/*",)),
    Way("sinh by exp", "sinh is (eˣ - e⁻ˣ)/2", Instead("sinh", lambda xp, own, x: (xp.exp(x) - xp.exp(-x)) / 2), ("edges/sinh", "elementwise/hyperbolic_product")),
    Way("tanh by exp", "tanh is (e²ˣ - 1)/(e²ˣ + 1)", Instead("tanh", lambda xp, own, x: (xp.exp(2 * x) - 1) / (xp.exp(2 * x) + 1)), ("edges/tanh", "elementwise/hyperbolic_tangent")),
    Way("atanh by log", "atanh is ln((1 + x)/(1 - x))/2", Instead("atanh", lambda xp, own, x: xp.log((1 + x) / (1 - x)) / 2), ("edges/atanh", "elementwise/inverse_hyperbolic")),
    Way("hypot overflows", "hypot is √(a² + b²)", Kernel("hypot", lambda a, b: np.sqrt(a * a + b * b)), ("edges/hypot", "conventions/hypotenuse_of_large")),
    Way("logaddexp overflows", "logaddexp is ln(eᵃ + eᵇ)", Kernel("logaddexp", lambda a, b: np.log(np.exp(a) + np.exp(b))), ("edges/logaddexp", "elementwise/sum_in_log_space", "conventions/logaddexp_of_large")),
    Way("atan2 swapped", "atan2 takes its arguments in the other order", Arguments("atan2", order=(1, 0)), ("elementwise/polar_coordinates", "edges/atan2")),
    Way("atan of a quotient", "atan2 is atan(a/b)", Kernel("atan2", lambda a, b: np.arctan(a / b)), ("elementwise/polar_coordinates", "edges/atan2")),
    Way("0 ln 0 is NaN", "xlogy is x ln y", Kernel("special.xlogy", lambda x, y: x * np.log(y)), ("edges/xlogy", "conventions/x_log_y")),
    Way("log2 by log", "log2 is ln x · 1.4427", Kernel("log2", lambda x: np.log(x) * np.asarray(x).dtype.type(1.4427)), ("edges/log2", "elementwise/logarithms_to_other_bases")),
    Way("leaky slope", "leaky_relu ignores its slope", Arguments("nn.leaky_relu", {"slope": 0.01}), ("nn/leaky_relu", "conventions/leaky_relu")),
    Way("α of elu", "elu ignores its alpha", Instead("nn.elu", lambda xp, own, x, **k: xp.where(x > 0, x, 2 * xp.expm1(x))), ("nn/elu", "conventions/elu")),
    Way("Keras's hardsigmoid", "the slope of hardsigmoid is 0.2", Instead("nn.hardsigmoid", lambda xp, own, x: xp.clip(0.2 * x + 0.5, 0.0, 1.0)), ("nn/hardsigmoid",)),
    Way("relu6 without 6", "relu6 has no upper end", Instead("nn.relu6", lambda xp, own, x: xp.maximum(x, 0.0)), ("nn/relu6", "edges/relu", "nn/hardswish")),
    Way("selu in four digits", "the constants of selu have four digits", Instead("nn.selu", lambda xp, own, x: 1.0507 * xp.where(x > 0, x, 1.6733 * xp.expm1(x))), ("nn/selu",)),
)  # fmt: skip

_LAYERS = (
    Way("ε beside the root", "layer norm adds ε to the deviation", Instead("nn.layer_norm", _normed("outside")), ("nn/layer_norm",)),
    Way("no ε", "layer norm has no ε", Instead("nn.layer_norm", _normed("")), ("nn/layer_norm",)),
    Way("ε above", "layer norm adds ε to the numerator", Instead("nn.layer_norm", _normed("numerator")), ("nn/layer_norm",)),
    Way("another ε", "layer norm's ε is 1e-6", Arguments("nn.layer_norm", {"epsilon": 1e-6}), ("nn/layer_norm",)),
    Way("layer norm uncentred", "layer norm does not subtract the mean", Instead("nn.layer_norm", _normed("uncentred")), ("nn/layer_norm",)),
    Way("layer norm scales the shift", "layer norm scales after it shifts", Instead("nn.layer_norm", _normed("scaled later")), ("nn/layer_norm",)),
    Way("rms of the deviation", "rms_norm subtracts the mean", Instead("nn.rms_norm", lambda xp, own, x, scale, **k: own(x - xp.mean(x, axis=-1, keepdims=True), scale, **k)), ("layers/rms_norm",)),
    Way("groups of all", "group_norm has one group", Arguments("nn.group_norm", {"groups": 1}), ("layers/group_norm",)),
    Way("ε of batch_norm", "batch_norm's ε is 1e-3", Arguments("nn.batch_norm", {"epsilon": 1e-3}), ("layers/batch_norm",)),
    Way("conv without padding", "a convolution drops its last window's padding", Instead("nn.conv2d", lambda xp, own, x, w, *more, **k: own(xp.roll(x, 1, axis=-1), w, *more, **k)), ("layers/conv2d", "layers/dilated_conv2d", "layers/depthwise_conv2d")),
    Way("flipped kernel", "a convolution turns its kernel around", Instead("nn.conv1d", lambda xp, own, x, w, *more, **k: own(x, xp.flip(w, axis=2), *more, **k)), ("layers/conv1d", "layers/grouped_conv1d")),
    Way("flipped kernel by gradient", "a convolution's gradient does not turn its kernel around", Input("nn.conv2d", 1, _floats(lambda g: np.flip(g, axis=(2, 3)))), ("layers/conv2d", "layers/depthwise_conv2d")),
    Way("dilation ignored", "a convolution ignores its dilation", Arguments("nn.conv2d", {"dilation": 1}), ("layers/dilated_conv2d",)),
    Way("groups mixed", "channels of groups are interleaved", Instead("nn.conv1d", lambda xp, own, x, w, *more, **k: own(xp.flip(x, axis=1), w, *more, **k)), ("layers/grouped_conv1d",)),
    Way("padding not counted", "average pooling leaves the padding out of the count", Instead("nn.avg_pool1d", lambda xp, own, x, **k: own(x, **k) / own(xp.ones_like(x), **k)), ("layers/avg_pool1d",)),
    Way("pooling off by one", "average pooling starts one element late", Instead("nn.avg_pool2d nn.avg_pool1d", _shifted_pool), ("layers/avg_pool1d", "layers/avg_pool2d")),
    Way("max pooling pads with 0", "max pooling pads with 0", Instead("nn.max_pool2d", lambda xp, own, x, **k: xp.maximum(own(x, **k), 0.0)), ("layers/max_pool2d",)),
    Way("pooling's gradient to all", "max pooling's gradient goes to the mean of windows", Result("nn.max_pool1d", gradient=_times(0.5)), ("layers/max_pool1d",)),
    Way("unscaled attention", "attention does not divide by √d", Instead("nn.scaled_dot_product_attention", lambda xp, own, q, *more, **k: own(q * math.sqrt(q.shape[-1]), *more, **k)), ("layers/scaled_dot_product_attention", "layers/masked_attention")),
    Way("attention sees the future", "attention ignores that it is causal", Arguments("nn.scaled_dot_product_attention", {"causal": False}), ("layers/attention_to_the_past",)),
    Way("squared loss sums", "mse_loss sums", Arguments("nn.mse_loss", {"reduction": "sum"}), ("losses/mse_loss",)),
    Way("huber's δ", "huber_loss ignores its delta", Arguments("nn.huber_loss", {"delta": 0.5}), ("losses/huber_loss",)),
    Way("clamped logarithms", "binary cross entropy adds 1e-7", Instead("nn.binary_cross_entropy", lambda xp, own, x, target, **k: own(xp.clip(x + 1e-7, 0.0, 1.0), target, **k)), ("losses/binary_cross_entropy",), ("float64",)),
    Way("logits twice", "cross entropy takes softmax of probabilities", Instead("nn.cross_entropy", lambda xp, own, x, *more, **k: own(xp.nn.softmax(x, axis=-1), *more, **k)), ("losses/labelled_cross_entropy", "losses/smoothed_cross_entropy")),
    Way("bias left out", "a linear layer leaves out its shift", Instead("nn.linear", lambda xp, own, x, w, *shift: own(x, w)), ("layers/linear",)),
)  # fmt: skip

_ALGEBRA = (
    Way("product transposed", "a matrix product takes its second factor transposed", Instead("matmul", lambda xp, own, a, b: own(a, xp.matrix_transpose(b)) if b.ndim > 1 and b.shape[-1] == b.shape[-2] else own(a, b)), ("linear/matrix_product", "linear/chain")),
    Way("products commute", "a matrix product takes its factors in the other order", Instead("matmul", lambda xp, own, a, b: own(b, a) if a.shape == b.shape and a.ndim > 1 and a.shape[-1] == a.shape[-2] else own(a, b)), ("linear/matrix_product", "linear/chain")),
    Way("solves by an inverse of float32", "a system is solved in float32", Kernel("linalg.solve", lambda a, b: np.linalg.solve(a.astype(np.float32), b.astype(np.float32))), ("linear/system", "linear/systems"), ("float64",)),
    Way("solves the transposed system", "a system is solved with the transposed matrix", Instead("linalg.solve", lambda xp, own, a, b: own(xp.matrix_transpose(a), b)), ("linear/system",)),
    Way("determinant's sign", "determinants are positive", Kernel("linalg.det", lambda x: np.abs(np.linalg.det(x))), ("linear/determinant", "linear/cramer")),
    Way("upper factor", "the Cholesky factor is the upper one", Instead("linalg.cholesky", lambda xp, own, x, **k: xp.matrix_transpose(own(x, **k))), ("linear/cholesky_factor", "linear/solved_by_cholesky")),
    Way("eigenvalues descend", "eigenvalues come in descending order", Instead("linalg.eigvalsh", lambda xp, own, x: xp.flip(own(x), axis=-1)), ("linear/eigenvalues",)),
    Way("singular values squared", "singular values are squared", Instead("linalg.svdvals", lambda xp, own, x: own(x) * own(x)), ("linear/singular_values",)),
    Way("triangle off by one", "tril takes one diagonal more", Arguments("tril", {"k": 1}), ("shaping/triangles",)),
    Way("trace off by one", "the trace is of the next diagonal", Arguments("linalg.trace", {"offset": 1}), ("linear/traces",)),
    Way("unscaled transform back", "ifft lacks 1/n", Instead("fft.ifft", lambda xp, own, x, **k: own(x, **k) * (x.shape[-1] if hasattr(x, "shape") else 1)), ("fft/transform_backward", "fft/circular_convolution"), ("complex64", "complex128", "float32")),
    Way("transform turns the other way", "fft takes e^(+2πi/n)", Kernel("fft.fft", lambda x, **k: np.conj(np.fft.fft(np.conj(x), **k))), ("fft/transform",), ("complex64", "complex128")),
    Way("products without conjugates", "gradients of complex products lack a conjugate", Out(_complex(np.conj), ("vjp",)), _COMPLEX, ("complex64", "complex128")),
    Way("real gradients", "gradients of complex numbers lose their imaginary part", Out(_complex(lambda array: array.real + 0j), ("vjp",)), _COMPLEX, ("complex64", "complex128")),
    Way("imaginary part by 1 + 2⁻¹⁰", "the imaginary part is a thousandth too large", Out(_complex(lambda array: array.real + 1j * array.imag * (1 + 2.0**-10))), _COMPLEX, ("complex64", "complex128")),
    Way("complex in half", "complex128 passes through complex64", Out(_complex(lambda array: array.astype(np.complex64))), _COMPLEX, ("complex128",)),
    Way("size by sum", "|z| is |Re z| + |Im z|", Kernel("abs", lambda z: np.abs(z.real) + np.abs(z.imag)), ("complex/size",), ("complex64", "complex128")),
)  # fmt: skip

_MOVING = (
    Way("flip left out", "flip does nothing", Instead("flip", lambda xp, own, x, **k: x), ("shaping/*",)),
    Way("rolls the other way", "roll moves the other way", Instead("roll", lambda xp, own, x, shift, **k: own(x, -shift if isinstance(shift, int) else tuple(-one for one in shift), **k)), ("shaping/*", "physics/heat_step")),
    Way("concat in reverse", "concat takes its parts in reverse order", Instead("concat", lambda xp, own, parts, **k: own(tuple(parts)[::-1], **k)), ("shaping/*",)),
    Way("stack along the first axis", "stack ignores its axis", Arguments("stack", {"axis": 0}), ("shaping/*",)),
    Way("repeat tiles", "repeat tiles", Kernel("repeat", lambda x, n, **k: np.roll(np.repeat(x, n, **k), 1)), ("shaping/*",)),
    Way("take off by one", "take counts from 1", Instead("take", lambda xp, own, x, indices, **k: own(xp.roll(x, -1, axis=k.get("axis") or 0), indices, **k)), ("shaping/*", "nn/bag_of_words")),
    Way("scatter_add overwrites", "scatter_add keeps the last of several", Kernel("scatter_add", _overwritten), ("shaping/added_at_indices",)),
    Way("segments in float16", "segment_sum rounds to float16", Result("segment_sum", value=_through("float16")), ("shaping/sums_of_segments",)),
    Way("where turned around", "where takes the other branch", Arguments("where", order=(0, 2, 1)), ("elementwise/huber", "elementwise/masked")),
    Way("clip's ends swapped", "clip takes its ends in the other order", Instead("clip", lambda xp, own, x, low=None, high=None, **k: xp.maximum(xp.minimum(x, low), high) if low is not None and high is not None else own(x, low, high, **k)), ("elementwise/clipped", "edges/clip")),
    Way("outer product transposed", "outer gives the transposed product", Arguments("linalg.outer", order=(1, 0)), ("linear/outer_product",)),
    Way("constant in float32", "a constant of the case is rounded to float32, in float64", Kernel("multiply", lambda a, b: np.multiply(np.asarray(np.float32(a)) if np.ndim(a) == 0 else a, np.asarray(np.float32(b)) if np.ndim(b) == 0 else b)), ("control/adam_steps", "physics/planck_spectrum", "nn/leaky_relu", "finance/present_value"), ("float64",)),
)  # fmt: skip


WAYS = {
    way.name: way
    for way in (
        *_PRECISION,
        *_SUMS,
        *_GRADIENTS,
        *_SECOND,
        *_CALLS,
        *_PLACES,
        *_SPECIALS,
        *_FUNCTIONS,
        *_LAYERS,
        *_ALGEBRA,
        *_MOVING,
    )
}
"""Every way by name."""


def adapter(number: int) -> type[WrongAdapter]:
    """Make the adapter that is wrong in the way of this number."""
    way = [*WAYS.values()][number]
    return type(f"way_{number}", (WrongAdapter,), {"__doc__": way.what, "fault": way.fault, "name": f"way_{number}"})


class Healthy(WrongAdapter):
    """The same adapter without a fault."""

    name = "healthy"


def __getattr__(name: str) -> type[WrongAdapter]:
    """Give an adapter by name, as `--adapter tests.audit.wrong_adapters:way_17` asks for it."""
    word, _, number = name.partition("_")
    if word != "way" or not number.isdigit() or int(number) >= len(WAYS):
        raise AttributeError(name)
    return adapter(int(number))
