"""Discrete Fourier transforms of complex numbers."""

from harness import case, complex_normal, given


@case(z=given([1 + 0j, 2 - 1j, 0 - 1j, -1 + 2j]))
def transform(xp, z):
    """Σⱼ zⱼ e^(-2πi jk/n) along the last axis: (…, n) to (…, n).

    For [1, 2 - i, -i, -1 + 2i] it is [2, -2 - 2i, -2i, 4 + 4i].
    """
    return xp.fft.fft(z)


transform.sample("random", z=complex_normal((8,)))
transform.sample("odd", z=complex_normal((3, 5)))


@case(z=given([2 + 0j, -2 - 2j, 0 - 2j, 4 + 4j]))
def transform_backward(xp, z):
    """1/n Σₖ zₖ e^(2πi jk/n) along the last axis: (…, n) to (…, n). Here it is [1, 2 - i, -i, -1 + 2i]."""
    return xp.fft.ifft(z)


transform_backward.sample("random", z=complex_normal((8,)))
transform_backward.sample("odd", z=complex_normal((3, 5)))


@case(z=given([[1 + 0j, 2 - 1j], [0 - 1j, -1 + 2j]]))
def transform_of_planes(xp, z):
    """The transform along the last two axes, there and, of its square, back: (…, m, n) to (…, m, n), a convolution."""
    spectrum = xp.fft.fftn(z, axes=(-2, -1))
    return xp.fft.ifftn(spectrum * spectrum, axes=(-2, -1))


transform_of_planes.sample("random", z=complex_normal((4, 4)))


@case(z=given([1 + 0j, 2 - 1j, 0 - 1j]))
def real_signal(xp, z):
    """The 4 real numbers whose transform's half z is: (3,) to (4,). Imaginary parts of the ends are not read."""
    return xp.fft.irfft(z, n=4)


real_signal.sample("random", z=complex_normal((3,)))


@case(z=given([1 + 0j, 2 - 1j, 0 - 1j]))
def real_spectrum(xp, z):
    """The transform, which is real, of 4 numbers of which z is the half: (3,) to (4,)."""
    return xp.fft.hfft(z, n=4)


real_spectrum.sample("random", z=complex_normal((3,)))


@case(z=given([1 + 0j, 2 - 1j, 0 - 1j, -1 + 2j, 3 + 0j]))
def centred_spectrum(xp, z):
    """Frequencies in ascending order, and back by another way: (n,) to twice (n,). The first of 5 goes to place 2."""
    return xp.fft.fftshift(z), xp.fft.ifftshift(z)


centred_spectrum.sample("random", z=complex_normal((8,)))
