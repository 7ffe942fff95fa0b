"""What the frameworks' documentation promises about NaN: that it does not come, neither as a value nor as a derivative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.adapters.base import Adapter

__all__: list[str] = []

_TORCH = "https://docs.pytorch.org/docs/stable/generated/torch.{}.html"
_SPECIAL = "https://docs.pytorch.org/docs/stable/special.html#torch.special.{}"
_TENSORFLOW = "https://www.tensorflow.org/api_docs/python/tf/{}"
_JAX = "https://docs.jax.dev/en/latest/_autosummary/jax.{}.html"
_NAN, _INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Promise:
    """One sentence of a documentation.

    Attributes:
        framework: Whose.
        link: Where it stands.
        words: What it says, in short.
        function: Of the framework and an array.
        x: Where NaN is near.
        value: What must come.
        gradient: The derivative of the sum of what comes; none where the sentence speaks of values and the derivative is NaN.
    """

    framework: str
    link: str
    words: str
    function: Callable[[Any, Any], Any]
    x: list[float]
    value: list[float]
    gradient: list[float] | None


PROMISES = (
    Promise(
        "torch",
        _SPECIAL.format("xlogy"),
        "0 if input = 0.0 and other != NaN",
        lambda torch, x: torch.special.xlogy(torch.zeros_like(x), x),
        [0.0, _INF, 1.0],
        [0.0, 0.0, 0.0],
        None,  # it is self / other, 0/0 at 0: xlogy in tools/autograd/derivatives.yaml
    ),
    Promise(
        "torch",
        _SPECIAL.format("xlog1py"),
        "0 if input = 0.0 and other != NaN",
        lambda torch, x: torch.special.xlog1py(torch.zeros_like(x), x),
        [-1.0, _INF, 1.0],
        [0.0, 0.0, 0.0],
        None,  # it is self / (other + 1), 0/0 at -1: xlog1py in tools/autograd/derivatives.yaml
    ),
    Promise(
        "torch",
        _SPECIAL.format("entr"),
        "-x ln(x) for x > 0, 0 for x = 0",
        lambda torch, x: torch.special.entr(x),
        [0.0, 1.0],
        [0.0, 0.0],
        [_INF, -1.0],
    ),
    Promise(
        "torch",
        _TORCH.format("nn.BCELoss"),
        "we can always have a finite loss value and a linear backward method",
        lambda torch, x: torch.nn.functional.binary_cross_entropy(x, torch.zeros_like(x), reduction="none"),
        [0.0, 1.0],
        [0.0, 100.0],
        # (x - y) / max(x (1 - x), 1e-12f): binary_cross_entropy_backward in aten/src/ATen/native/Loss.cpp
        [0.0, 1 / float(np.float32(1e-12))],
    ),
    Promise(
        "torch",
        _TORCH.format("nansum"),
        "treating Not a Numbers (NaNs) as zero",
        lambda torch, x: torch.nansum(x, 0),
        [_NAN, 2.0],
        [2.0],
        [0.0, 1.0],
    ),
    Promise(
        "torch",
        _TORCH.format("nan_to_num"),
        "NaNs are replaced with zero",
        lambda torch, x: torch.nan_to_num(x),
        [_NAN, 2.0],
        [0.0, 2.0],
        [0.0, 1.0],
    ),
    Promise(
        "tensorflow",
        _TENSORFLOW.format("math/xlogy"),
        "Returns 0 if x == 0, and x * log(y) otherwise",
        lambda tf, x: tf.math.xlogy(tf.zeros_like(x), x),
        [0.0, _INF, 1.0],
        [0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0],
    ),
    Promise(
        "tensorflow",
        _TENSORFLOW.format("math/xlog1py"),
        "Returns 0 if x == 0, and x * log1p(y) otherwise",
        lambda tf, x: tf.math.xlog1py(tf.zeros_like(x), x),
        [-1.0, _INF, 1.0],
        [0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0],
    ),
    Promise(
        "tensorflow",
        _TENSORFLOW.format("math/xdivy"),
        "Returns 0 if x == 0, and x / y otherwise",
        lambda tf, x: tf.math.xdivy(tf.zeros_like(x), x),
        [0.0, 2.0],
        [0.0, 0.0],
        [0.0, 0.0],
    ),
    Promise(
        "tensorflow",
        _TENSORFLOW.format("math/divide_no_nan"),
        "a safe divide which returns 0 if y (denominator) is zero",
        lambda tf, x: tf.math.divide_no_nan(tf.ones_like(x), x),
        [0.0, 2.0],
        [0.0, 0.5],
        [0.0, -0.25],
    ),
    Promise(
        "tensorflow",
        _TENSORFLOW.format("math/multiply_no_nan"),
        "returns 0 if the y is zero, even if x is NaN or infinite",
        lambda tf, x: tf.math.multiply_no_nan(x, tf.zeros_like(x)),
        [_NAN, _INF, 2.0],
        [0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0],
    ),
    Promise(
        "tensorflow",
        _TENSORFLOW.format("math/reciprocal_no_nan"),
        "Performs a safe reciprocal operation, element wise",
        lambda tf, x: tf.math.reciprocal_no_nan(x),
        [0.0, 2.0],
        [0.0, 0.5],
        [0.0, -0.25],
    ),
    Promise(
        "tensorflow",
        _TENSORFLOW.format("where"),
        "use an inner tf.where to ensure the function has no asymptote",
        lambda tf, x: tf.where(x == 0, 0.0, 1 / tf.where(x == 0, 1.0, x)),
        [0.0, 2.0],
        [0.0, 0.5],
        [0.0, -0.25],
    ),
    Promise(
        "jax",
        _JAX.format("scipy.special.xlogy"),
        "Compute x*log(y), returning 0 for x=0",
        lambda jax, x: jax.scipy.special.xlogy(jax.numpy.zeros_like(x), x),
        [0.0, 1.0],
        [0.0, 0.0],
        None,  # it is x / y, or x / (1 + y), also where both are 0: _xlogy_jvp and _xlog1py_jvp in jax/_src/scipy/special.py
    ),
    Promise(
        "jax",
        _JAX.format("scipy.special.xlog1py"),
        "Compute x*log(1 + y), returning 0 for x=0",
        lambda jax, x: jax.scipy.special.xlog1py(jax.numpy.zeros_like(x), x),
        [-1.0, 1.0],
        [0.0, 0.0],
        None,  # it is x / y, or x / (1 + y), also where both are 0: _xlogy_jvp and _xlog1py_jvp in jax/_src/scipy/special.py
    ),
    Promise(
        "jax",
        _JAX.format("numpy.nansum"),
        "the sum of the array elements along a given axis, ignoring NaNs",
        lambda jax, x: jax.numpy.nansum(x),
        [_NAN, 2.0],
        [2.0],
        [0.0, 1.0],
    ),
    Promise(
        "jax",
        _JAX.format("numpy.nan_to_num"),
        "Replace NaN and infinite entries in an array",
        lambda jax, x: jax.numpy.nan_to_num(x),
        [_NAN, 2.0],
        [0.0, 2.0],
        [0.0, 1.0],
    ),
    Promise(
        "jax",
        _JAX.format("nn.softmax"),
        "where: Elements to include in the softmax",
        lambda jax, x: jax.nn.softmax(x, where=x > -_INF),
        [-_INF, 1.0, 1.0],
        [0.0, 0.5, 0.5],
        [0.0, 0.0, 0.0],
    ),
    Promise(
        "jax",
        "https://docs.jax.dev/en/latest/faq.html#gradients-contain-nan-where-using-where",
        "the double-where trick ensures that the gradient is not NaN",
        lambda jax, x: jax.numpy.where(x > 0, jax.numpy.log(jax.numpy.where(x > 0, x, 1.0)), 0.0),
        [0.0, 2.0],
        [0.0, float(np.log(2.0))],
        [0.0, 0.5],
    ),
)


def _name(promise: Promise) -> str:
    return f"{promise.framework}:{promise.link.rpartition('/')[2]}"


@pytest.mark.parametrize("promise", PROMISES, ids=_name)
def test_what_is_promised_about_nan_is_kept(adapters: dict[str, Adapter], promise: Promise) -> None:
    """Values and gradients are what the sentence says, and no NaN where it speaks of them."""
    if promise.framework not in adapters:
        pytest.skip(f"{promise.framework} is not installed")
    adapter = adapters[promise.framework]
    framework, _ = adapter.base()
    x = np.array(promise.x)

    def function(x: Any) -> Any:
        return promise.function(framework, x)

    value = adapter.numpy(adapter.value(function, "eager")(adapter.array(x)))
    cotangent = adapter.array(np.ones(value.shape))
    (gradient,) = adapter.vjp(function, "eager", [0], "")((adapter.array(x),), (cotangent,))
    assert promise.value == np.atleast_1d(value).tolist()
    if promise.gradient is None:
        assert np.isnan(adapter.numpy(gradient)).any()
    else:
        assert promise.gradient == adapter.numpy(gradient).tolist()
