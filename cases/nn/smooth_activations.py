"""Activations without corners, and selu, whose corner no sample holds."""

from harness import case, given, normal, uniform


@case(x=normal((8,), scale=2.0))
def gelu_tanh(xp, x):
    """x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))): any shape to the same.

    Source: https://arxiv.org/abs/1606.08415
    """
    return xp.nn.gelu_tanh(x)


@case(x=normal((8,), scale=2.0))
def mish(xp, x):
    """x tanh(ln(1 + eˣ)): any shape to the same.

    Source: https://arxiv.org/abs/1908.08681
    """
    return xp.nn.mish(x)


mish.sample("tail", x=given([-3.0, -4.5, -6.0, -7.5]))


@case(x=normal((8,), scale=2.0))
def selu(xp, x):
    """1.0507 x where x > 0, 1.7581 (eˣ - 1) elsewhere: any shape to the same.

    Source: https://arxiv.org/abs/1706.02515
    """
    return xp.nn.selu(x)


@case(x=normal((8,), scale=2.0))
def celu(xp, x):
    """x where x > 0, α(exp(x/α) - 1) elsewhere, with α = 1.5: any shape to the same.

    Source: https://arxiv.org/abs/1704.07483
    """
    return xp.nn.celu(x, alpha=1.5)


@case(x=normal((8,), scale=2.0))
def softsign(xp, x):
    """x / (1 + |x|): any shape to the same.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html
    """
    return xp.nn.softsign(x)


@case(x=normal((8,), scale=3.0))
def log_sigmoid(xp, x):
    """-ln(1 + e⁻ˣ): any shape to the same.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.logsigmoid.html
    """
    return xp.nn.log_sigmoid(x)


@case(x=normal((8,)))
def tanhshrink(xp, x):
    """x - tanh x, which cancels near 0: any shape to the same.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html
    """
    return xp.nn.tanhshrink(x)


@case(x=normal((3, 6)))
def glu(xp, x):
    """a / (1 + e⁻ᵇ), of the halves a and b of each row: (m, 2n) to (m, n).

    Source: https://arxiv.org/abs/1612.08083
    """
    return xp.nn.glu(x, axis=-1)


@case(x=normal((3, 5)))
def softmin(xp, x):
    """e⁻ˣ / Σ e⁻ˣ over the first axis: (m, n) to (m, n).

    Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html
    """
    return xp.nn.softmin(x, axis=0)


@case(x=normal((8,), scale=2.0))
def squareplus(xp, x):
    """(x + √(x² + 4)) / 2: any shape to the same.

    Source: https://arxiv.org/abs/2112.11687
    """
    return xp.nn.squareplus(x, b=4.0)


@case(x=uniform((8,), 0.1, 4.0))
def log1mexp(xp, x):
    """ln(1 - e⁻ˣ), of positive x: any shape to the same.

    Source: https://docs.jax.dev/en/latest/_autosummary/jax.nn.log1mexp.html
    """
    return xp.nn.log1mexp(x)
