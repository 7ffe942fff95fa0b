"""Spectra of real signals, which are parts of complex numbers: no framework transforms half precision."""

from harness import case, complex_normal, given, normal


@case(z=given([1 + 0.5j, 2 - 1j, 0j, -1 + 2j]))
def spectrum(xp, z):
    """The transform's half, of real parts: (…, n) to (…, n/2 + 1). For [1, 2, 0, -1] it is [2, 1 - 3i, 0]."""
    return xp.fft.rfft(xp.real(z))


spectrum.sample("random", z=complex_normal((8,)))
spectrum.sample("odd", z=complex_normal((3, 5)))


@case(z=given([1 + 0.5j, 2 - 1j, 0j, -1 + 2j]))
def power_spectrum(xp, z):
    """|X|² of the transform's half, of real parts: (n,) to (n/2 + 1,). For [1, 2, 0, -1] it is [4, 10, 0]."""
    found = xp.fft.rfft(xp.real(z))
    return xp.real(found * xp.conj(found))


power_spectrum.sample("random", z=complex_normal((8,)))


@case(z=given([1 + 1j, 2 + 0.5j, 0j, -1 + 0j]))
def circular_convolution(xp, z):
    """Σⱼ xⱼ yₖ₋ⱼ of real and imaginary parts, the indices around the end, by the product of spectra: (n,) to (n,).

    For [1, 2, 0, -1] and [1, 0.5, 0, 0] it is [0.5, 2.5, 1, -1].
    """
    return xp.fft.irfft(xp.fft.rfft(xp.real(z)) * xp.fft.rfft(xp.imag(z)), n=z.shape[0])


circular_convolution.sample("random", z=complex_normal((8,)))


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
