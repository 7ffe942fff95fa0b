"""Plain bugs that the harness found, each shown by a few lines in that framework alone. Writes reports/findings.md.

Run with `python -m tests.audit.findings`. Each script is run in a process of its own, and what it printed is what the
report says: a bug that is gone shows as a script that prints the truth.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["FINDINGS", "Finding", "main"]

_TIMEOUT = 600  # seconds a script may take, the import of its framework included


@dataclass(frozen=True)
class Finding:
    """A bug.

    Attributes:
        title: What is wrong, in one sentence.
        distributions: Whose bug it is: alternatives, the first of which that is installed is named with its version.
        script: A few lines that show it.
        truth: What the script should print, and why.
        link: Where it was reported, or where the source is that does it.
    """

    title: str
    distributions: tuple[str, ...]
    script: str
    truth: str
    link: str


_TENSORFLOW = ("tensorflow", "tensorflow-cpu")
_JAX = ("jaxlib",)
_TORCH = ("torch",)

FINDINGS = (
    Finding(
        "Reverse over forward mode of torch.linalg.solve, det and slogdet is wrong",
        _TORCH,
        """
        import torch
        from torch.func import grad, jvp

        a, v = (torch.tensor(rows, dtype=torch.float64) for rows in ([[2, 1], [1, 3]], [[1, -1], [2, 0.5]]))
        print(grad(lambda a: jvp(torch.linalg.det, (a,), (v,))[1])(a).tolist())
        print(jvp(grad(torch.linalg.det), (a,), (v,))[1].tolist())
        """,
        "The second line twice. The saved factors LU, of which the JVP is made, count as constants.",
        "https://github.com/pytorch/pytorch/issues/192540",
    ),
    Finding(
        "Compiled with XLA, the second derivatives of tf.linalg.svd and eigh are NaN in float32",
        _TENSORFLOW,
        """
        import tensorflow as tf


        def second(x, v):
            with tf.GradientTape() as outer:
                outer.watch(x)
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    values, vectors = tf.linalg.eigh(x)
                    y = tf.reduce_sum(vectors * tf.sin(values) @ tf.transpose(vectors) * v)
                slope = tf.reduce_sum(inner.gradient(y, x) * v)
            return outer.gradient(slope, x)


        x, v = tf.constant([[2.0, 1.0], [1.0, 4.0]]), tf.constant([[1.0, -1.0], [-1.0, 2.0]])
        print(second(x, v).numpy().tolist())
        print(tf.function(second, jit_compile=True)(x, v).numpy().tolist())
        """,
        "The first line twice. 0 / (0² + 1e-20) on the diagonal has the derivative 0 · 1e40, which leaves float32.",
        "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/ops/linalg_grad.py",
    ),
    Finding(
        "Reverse over forward mode of torch.nn.functional.layer_norm is wrong, and so is that of batch_norm",
        _TORCH,
        """
        import torch
        from torch.func import grad, jvp

        x, v, w = (torch.tensor(row, dtype=torch.float64) for row in ([1, 2, 4], [1, -1, 2], [1, 3, -2]))
        f = lambda x: (torch.nn.functional.layer_norm(x, (3,)) * w).sum()
        print(grad(lambda x: jvp(f, (x,), (v,))[1])(x).tolist())
        print(jvp(grad(f), (x,), (v,))[1].tolist())
        """,
        "The second line twice. The saved mean and deviation, of which the JVP is made, count as constants.",
        "https://github.com/pytorch/pytorch/issues/175754",
    ),
    Finding(
        "torch.special.bessel_j0 is wrong by 6e-8 in float64, and j1, y0 and y1 like it",
        _TORCH,
        """
        import torch

        print(torch.special.bessel_j0(torch.tensor(6.0, dtype=torch.float64)).item())
        """,
        "0.150645257250997. Cephes's p1evl implies a leading coefficient of 1, which was left out beyond 5.",
        "https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/Math.h",
    ),
    Finding(
        "torch.special.airy_ai is wrong by 3e-6 in float64 below -2.09",
        _TORCH,
        """
        import torch

        print(torch.special.airy_ai(torch.tensor(-2.1, dtype=torch.float64)).item())
        """,
        "0.16348451299929268. Cephes's p1evl implies a leading coefficient of 1, which the denominators AFD and AGD lack here.",
        "https://github.com/pytorch/pytorch/pull/78902",
    ),
    Finding(
        "torch.special.ndtr cancels below 0, and is 0 from -8.3 on",
        _TORCH,
        """
        import torch

        print(torch.special.ndtr(torch.tensor([-5.0, -9.0], dtype=torch.float64)).tolist())
        """,
        "2.866515718791939e-07 and 1.1285884059538408e-19. It is (1 + erf(x/√2))/2, not erfc(-x/√2)/2.",
        "https://github.com/pytorch/pytorch/issues/192295",
    ),
    Finding(
        "Forward mode gives the derivative 0 of functions that PyTorch declares non_differentiable",
        _TORCH,
        """
        import torch

        x = torch.tensor(1.0)
        print(torch.func.jvp(torch.special.bessel_j0, (x,), (x,))[1].item())
        """,
        "-0.44005, or an error such as backward() raises.",
        "https://github.com/pytorch/pytorch/blob/main/tools/autograd/derivatives.yaml",
    ),
    Finding(
        "tf.vectorized_map of tf.pad pads with 0, whatever the constant is",
        _TENSORFLOW,
        """
        import tensorflow as tf

        rows = tf.zeros((2, 1))
        print(tf.vectorized_map(lambda row: tf.pad(row, [(1, 0)], constant_values=7.0), rows).numpy().tolist())
        """,
        "[[7.0, 0.0], [7.0, 0.0]]. _convert_pad_v2 leaves the constant out.",
        "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/ops/parallel_for/pfor.py",
    ),
    Finding(
        "A second derivative by torch.func.jacfwd that is 0 is brought to NumPy from beyond its memory",
        _TORCH,
        """
        import torch
        from torch.func import jacfwd

        x = torch.arange(6.0).reshape(2, 3)
        zeros = jacfwd(jacfwd(lambda t: torch.diagonal(x + t * x)))(torch.zeros(()))
        print(zeros._is_zerotensor(), zeros.clone().numpy().tolist())
        # With diagonal(x + t * x, 1), a segmentation fault.
        print(not zeros.numpy(force=True).any())
        """,
        "True [0.0, 0.0], then True. numpy(force=True) makes zeros of the view's shape and keeps the view's strides.",
        "https://github.com/pytorch/pytorch/pull/164487",
    ),
    Finding(
        "A Jacobian-vector product by tf.autodiff.ForwardAccumulator is NaN where the other side's derivative overflows",
        _TENSORFLOW,
        """
        import tensorflow as tf

        x = tf.constant([0.05, 0.07], tf.float16)
        with tf.autodiff.ForwardAccumulator(x, tf.ones_like(x)) as forward:
            y = x / tf.constant(0.001, tf.float16)
        print(forward.jvp(y).numpy().tolist())
        """,
        "[999.5, 999.5]. The derivative by the constant, -x/y², overflows, and is multiplied by the tangent 0.",
        "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/ops/math_grad.py",
    ),
    Finding(
        "Reverse mode over the derivative of jax.numpy.linalg.svd loses all digits where singular values are large",
        _JAX,
        """
        import jax
        import jax.numpy as jnp


        def shrunk(x):
            u, s, vh = jnp.linalg.svd(x, full_matrices=False)
            return (u * jnp.log1p(s)) @ vh


        def slope(x):
            return jax.vjp(shrunk, x)[1](w)[0]


        x, w, v = (jnp.array(rows) for rows in ([[30.0, 0], [40, 50]], [[1.0, 2], [3, -1]], [[0.5, 1], [-1, 2]]))
        print([f"{number:.2g}" for number in jax.jvp(slope, (x,), (v,))[1].ravel()])
        print([f"{number:.2g}" for number in jax.vjp(slope, x)[1](v)[0].ravel()])
        """,
        "The first line twice. 1/((sᵢ + sⱼ)(sᵢ - sⱼ)) gets a 1 on the diagonal, whose share cancels after it was rounded.",
        "https://github.com/jax-ml/jax/blob/main/jax/_src/lax/linalg.py",
    ),
    Finding(
        "The gradient of jax.scipy.special.spence is NaN from 1 to 2",
        _JAX,
        """
        import jax

        print(jax.grad(jax.scipy.special.spence)(1.5))
        """,
        "ln x / (1 - x) = -0.810930. The branch that is not taken has a NaN, and 0 times NaN is NaN.",
        "https://github.com/jax-ml/jax/blob/main/jax/_src/scipy/special.py",
    ),
    Finding(
        "jax.scipy.special.bessel_jn is NaN in float32 with its defaults",
        _JAX,
        """
        import jax

        print(jax.scipy.special.bessel_jn(jax.numpy.array([0.1, 1.0]), v=0))
        """,
        "0.997502 and 0.765198. Its recurrence of 50 steps overflows.",
        "https://github.com/jax-ml/jax/blob/main/jax/_src/scipy/special.py",
    ),
    Finding(
        "The second derivative of jax.scipy.special.fresnel is 0 at odd whole numbers",
        _JAX,
        """
        import jax

        print(jax.grad(jax.grad(lambda x: jax.scipy.special.fresnel(x)[1]))(1.0))
        """,
        "-π sin(π/2) = -3.14159.",
        "https://github.com/jax-ml/jax/blob/main/jax/_src/scipy/special.py",
    ),
    Finding(
        "The Hessian of tf.nn.softmax_cross_entropy_with_logits has no mixed part of labels and logits",
        _TENSORFLOW,
        """
        import tensorflow as tf

        logits, labels = tf.constant([[1.0, 2.0]]), tf.constant([[0.25, 0.75]])
        with tf.GradientTape() as outer:
            outer.watch(labels)
            with tf.GradientTape() as inner:
                inner.watch(logits)
                loss = tf.nn.softmax_cross_entropy_with_logits(labels, logits)
            slope = inner.gradient(loss, logits)[0, 0]
        print(outer.gradient(slope, labels))
        """,
        "[[-0.73106, 0.26894]], the derivative of softmax(logits) Σ labels - labels.",
        "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/ops/nn_grad.py",
    ),
    Finding(
        "A second derivative by two forward accumulators depends on what was differentiated before",
        _TENSORFLOW,
        """
        import tensorflow as tf


        def second(f, x, y):
            with tf.autodiff.ForwardAccumulator([x, y], [tf.constant(2.0), tf.constant(7.0)]) as outer:
                with tf.autodiff.ForwardAccumulator([x, y], [tf.constant(2.0), tf.constant(7.0)]) as inner:
                    result = f(x, y)
                moved = inner.jvp(result)
            return float(outer.jvp(moved))


        x, y = tf.constant(3.0), tf.constant(5.0)
        print(second(lambda x, y: x * x, x, y))
        print(second(lambda x, y: x * y, x, y))
        """,
        "8 and 28, which is 2 · 2 · 7; without the first line before it, the second does print 28.",
        "https://github.com/tensorflow/tensorflow/issues/127753",
    ),
    Finding(
        "tf.nn.gelu is wrong by 4e-9 in float64, because its constant passes through float32",
        _TENSORFLOW,
        """
        import math, tensorflow as tf

        print(float(tf.nn.gelu(tf.constant(1.0, tf.float64), approximate=False)))
        print((1 + math.erf(math.sqrt(0.5))) / 2)
        """,
        "Both lines are x/2 (1 + erf(x/√2)) at x = 1, and should be equal to the last digit or two.",
        "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/ops/nn_ops.py",
    ),
    Finding(
        "tf.cast(0.1, tf.float64) is the float32 number nearest to 0.1",
        _TENSORFLOW,
        """
        import tensorflow as tf

        print(float(tf.cast(0.1, tf.float64)), float(tf.constant(0.1, tf.float64)))
        """,
        "0.1 twice. A Python number becomes float32 before it is cast; `tf.constant` with a dtype does not do that.",
        "https://www.tensorflow.org/api_docs/python/tf/cast",
    ),
    Finding(
        "tf.math.erf is NaN in float64 for large finite arguments and for infinities",
        _TENSORFLOW,
        """
        import tensorflow as tf

        print(tf.math.erf(tf.constant([1.34e154, 1.35e154, float("inf")], tf.float64)).numpy())
        """,
        "1 three times: erf x is 1 to the last digit from x = 6 on.",
        "https://github.com/tensorflow/tensorflow/issues/124773",
    ),
    Finding(
        "Compiled with XLA, tf.maximum drops a NaN in its second argument, and tf.reduce_max drops it too",
        _TENSORFLOW,
        """
        import tensorflow as tf

        nan, one = tf.constant([float("nan")]), tf.constant([1.0])
        print(tf.maximum(one, nan).numpy(), tf.function(tf.maximum, jit_compile=True)(one, nan).numpy())
        print(tf.function(tf.reduce_max, jit_compile=True)(tf.concat([one, nan, one], 0)).numpy())
        """,
        "NaN three times, as the Array API standard says and as eager TensorFlow does.",
        "https://github.com/tensorflow/tensorflow/issues/116992",
    ),
    Finding(
        "The gradient of tf.math.cumprod is wrong where an entry is 0",
        _TENSORFLOW,
        """
        import tensorflow as tf

        x = tf.constant([2.0, 0.0, 3.0])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.math.cumprod(x))
        print(tape.gradient(y, x).numpy())
        """,
        "[1, 8, 0]: the sum is x₀ + x₀x₁ + x₀x₁x₂, a polynomial.",
        "https://github.com/tensorflow/tensorflow/issues/119430",
    ),
    Finding(
        "tf.experimental.numpy.logaddexp has the derivatives 1 and 0 where its arguments are equal",
        _TENSORFLOW,
        """
        import tensorflow as tf

        a, b = tf.constant(1.0), tf.constant(1.0)
        with tf.GradientTape() as tape:
            tape.watch([a, b])
            y = tf.experimental.numpy.logaddexp(a, b)
        print([float(one) for one in tape.gradient(y, [a, b])])
        """,
        "1/2 each: ln(eᵃ + eᵇ) is smooth. It is written with a maximum and |a - b|, whose corners should cancel.",
        "https://github.com/tensorflow/tensorflow/blob/master/tensorflow/python/ops/numpy_ops/np_math_ops.py",
    ),
    Finding(
        "torch.polygamma(1, x) is wrong by 5e-10 in float64",
        _TORCH,
        """
        import torch

        x = torch.tensor([1.1340380073374219], dtype=torch.float64)
        print(float(torch.polygamma(1, x)))
        """,
        "1.3724542868559611, by mpmath with 200 bits; a relative error of 4.9e-10 is two million units in the last place.",
        "https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/Math.h",
    ),
    Finding(
        "The vectorised gelu of ∞ is NaN in float32, the scalar one is ∞",
        _TORCH,
        """
        import torch

        inf = float("inf")
        print(torch.nn.functional.gelu(torch.tensor([inf])), torch.nn.functional.gelu(torch.tensor([inf] * 8)))
        """,
        "∞ nine times.",
        "https://github.com/pytorch/pytorch/issues/185770",
    ),
    Finding(
        "torch.erf in bfloat16 is 0 below 6e-8 and wrong by 5 % at 1e-6",
        _TORCH,
        """
        import torch

        x = torch.tensor([1e-8, 1e-6, 1e-4])
        print(torch.erf(x.bfloat16()).float().numpy(), torch.erf(x).numpy())
        """,
        "The second row, within 0.4 %. It is computed as 1 minus a number close to 1, in float32.",
        "https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/cpu/vec/vec512/vec512_bfloat16.h",
    ),
    Finding(
        "float64 log1p on XLA's CPU backend is off by more than 100 units in the last place",
        _JAX,
        """
        import math, jax

        jax.config.update("jax_enable_x64", True)
        x = -0.41412204189130647
        found, truth = float(jax.numpy.log1p(x)), math.log1p(x)
        print(found, truth, abs(found - truth) / math.ulp(truth))
        """,
        "The last number is the error in units in the last place. Elsewhere the same function is good to one or two.",
        "https://github.com/jax-ml/jax/issues/39707",
    ),
    Finding(
        "float64 atanh on XLA's CPU backend is off by more than 80 units in the last place",
        _JAX,
        """
        import math, jax

        jax.config.update("jax_enable_x64", True)
        x = 0.41398333522446107
        found, truth = float(jax.numpy.arctanh(x)), math.atanh(x)
        print(found, truth, abs(found - truth) / math.ulp(truth))
        """,
        "The last number is the error in units in the last place. It is made of log1p, and inherits its error.",
        "https://github.com/openxla/xla/issues/46765",
    ),
    Finding(
        "XLA divides by a broadcast array by multiplying with its reciprocal: ∞/largest is NaN, largest/largest 0",
        _JAX,
        """
        import jax, numpy as np

        largest = np.finfo(np.float32).max
        a = jax.numpy.asarray([np.inf, largest, 1.0], "float32")
        print(jax.jit(lambda a, b: a[:, None] / b[None, :])(a, a[1:]))
        """,
        "[[∞, ∞], [1, largest], [1/largest, 1]]. 1/largest is subnormal, XLA flushes it to 0, and ∞ · 0 is NaN.",
        "https://github.com/tensorflow/tensorflow/issues/24061",
    ),
    Finding(
        "XLA rewrites (x/y)/y to x/(y y), which leaves the range",
        _JAX,
        """
        import jax

        print(jax.jit(lambda x, y: (x / y) / y)(jax.numpy.float32(1e30), jax.numpy.float32(1e30)))
        """,
        "1e-30. y² is beyond float32, and the quotient becomes 0.",
        "https://github.com/openxla/xla/blob/main/xla/hlo/transforms/simplifiers/algebraic_simplifier.cc",
    ),
    Finding(
        "The derivative of a quotient is 0 in JAX where y⁻² underflows",
        ("jax",),
        """
        import jax

        print(jax.grad(lambda y: 1e30 / y)(jax.numpy.float32(1e25)))
        """,
        "-1e-20, a normal number: -x/y² is taken as -x · y⁻², and y⁻² = 1e-50 is 0 in float32.",
        "https://github.com/jax-ml/jax/blob/main/jax/_src/lax/lax.py",
    ),
    Finding(
        "The gradient of jax.numpy.hypot is wrong far out and NaN close to 0, where its value is right",
        ("jax",),
        """
        import jax

        hypot, number = jax.numpy.hypot, jax.numpy.float32
        for size in (1.0, 1e30, 1e-30):
            print(size, hypot(number(size), number(size)), jax.grad(hypot)(number(size), number(size)))
        """,
        "The gradient is √½ = 0.7071 in all three lines. hypot is made of a quotient, whose derivative underflows as above.",
        "https://github.com/jax-ml/jax/blob/main/jax/_src/numpy/ufuncs.py",
    ),
    Finding(
        "float32 sinh and cosh on XLA lose 20 units in the last place as x grows",
        _JAX,
        """
        import math, jax, numpy as np

        x = np.float32(88.0)
        found, truth = float(jax.numpy.sinh(x)), math.sinh(x)
        print(found, truth, abs(found - truth) / float(np.spacing(np.float32(truth))))
        """,
        "The last number is the error in units in the last place. e^(x + ln ½) has the rounding of x + ln ½ in it.",
        "https://github.com/openxla/xla/blob/main/xla/hlo/builder/lib/math.cc",
    ),
    Finding(
        "FLINT's arcsine of a NaN of radius 0 is -π/2: an oracle can be wrong",
        ("python-flint",),
        """
        from flint import arb

        print(arb(float("nan")).asin(), arb("nan").asin())
        """,
        "NaN twice. The reference makes its own NaN of infinite radius, and its arcsine is NaN.",
        "https://github.com/flintlib/flint",
    ),
)


def main(arguments: list[str] | None = None) -> int:
    """Run every script and write what they printed.

    Returns:
        0 if every script ran.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("reports/findings.md"))
    chosen = parser.parse_args(arguments)
    sections, failed = [], False
    for finding in FINDINGS:
        ran, printed = _run(finding.script)
        failed |= not ran
        sections.append(_section(finding, printed))
    head = (
        "# Findings\n\n"
        "Plain bugs in frameworks that the harness met, each shown by a script in that framework alone. Divergences that "
        "are choices stand in the ledgers, `ledger.toml` beside the cases.\n\n"
        f"Made by `python -m tests.audit.findings` with Python {platform.python_version()} on "
        f"{platform.system()} {platform.machine()}, CPU only.\n"
    )
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text("\n".join([head, *sections]), encoding="utf-8")
    return 1 if failed else 0


def _run(script: str) -> tuple[bool, str]:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)],
        env=environment,
        text=True,
        capture_output=True,
        timeout=_TIMEOUT,
        check=False,
    )
    if done.returncode:
        return False, done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit status {done.returncode}"
    return True, done.stdout.rstrip()


def _section(finding: Finding, printed: str) -> str:
    script = textwrap.dedent(finding.script).strip()
    return (
        f"## {finding.title}\n\n{_versions(finding.distributions)}. {finding.link}\n\n"
        f"```python\n{script}\n```\n\nprints\n\n```text\n{printed}\n```\n\nand should print: {finding.truth}\n"
    )


def _versions(distributions: tuple[str, ...]) -> str:
    for name in distributions:
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    return f"{distributions[0]} is not installed"


if __name__ == "__main__":
    raise SystemExit(main())
