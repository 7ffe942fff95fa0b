"""Spectra of real signals."""

from harness import case, given, normal


@case(x=given([1.0, 2.0, 0.0, -1.0]))
def spectrum(xp, x):
    """Real and imaginary part of the transform's half: (…, n) to twice (…, n/2 + 1).

    For [1, 2, 0, -1] they are [2, 1, 0] and [0, -3, 0].
    """
    found = xp.fft.rfft(x)
    return xp.real(found), xp.imag(found)


spectrum.sample("random", x=normal((8,)))
spectrum.sample("odd", x=normal((3, 5)))


@case(x=given([1.0, 2.0, 0.0, -1.0]))
def power_spectrum(xp, x):
    """|X|² of the transform's half: (n,) to (n/2 + 1,). For [1, 2, 0, -1] it is [4, 10, 0]."""
    found = xp.fft.rfft(x)
    return xp.real(found * xp.conj(found))


power_spectrum.sample("random", x=normal((8,)))


@case(x=given([1.0, 2.0, 0.0, -1.0]), y=given([1.0, 0.5, 0.0, 0.0]))
def circular_convolution(xp, x, y):
    """Σⱼ xⱼ yₖ₋ⱼ, the indices around the end, by the product of spectra: (n,) and (n,) to (n,). Here [0.5, 2.5, 1, -1]."""
    return xp.fft.irfft(xp.fft.rfft(x) * xp.fft.rfft(y), n=x.shape[0])


circular_convolution.sample("random", x=normal((8,)), y=normal((8,)))


@case(x=given([1.0, 2.0, 0.0, -1.0]))
def moments_of_frequencies(xp, x):
    """Σ x f² over the frequencies f = 0, ¼, -½, -¼ of four samples, and Σ x f over 0, ½, 1, of samples half apart.

    (n,) to two scalars. Here they are 1/16 and 1.
    """
    n = x.shape[0]
    whole = xp.fft.fftfreq(n, dtype=x.dtype)
    half = xp.fft.rfftfreq(n, d=0.5, dtype=x.dtype)
    return xp.sum(x * whole * whole), xp.sum(x[: n // 2 + 1] * half)


moments_of_frequencies.sample("random", x=normal((8,)))
