"""What a program loses that adds in order: each addition rounds relative to the sum so far.

N. J. Higham, "The accuracy of floating point summation", 1993, equation 2.5. Of n terms of one sign that is √(n/3) times
√n √Σv², which is more than pairwise addition loses; both are healthy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from harness.reference.arithmetic import Component

__all__ = ["in_order", "products_in_order"]


def in_order(a: Component, axes: tuple[int, ...]) -> Component:
    """Return √Σs² of the partial sums s after the first, which nothing is added to and nothing rounds, in units of u.

    Args:
        a: Terms.
        axes: Non-negative axes that are added up, and kept with length 1.
    """
    front = np.moveaxis(a, axes, range(len(axes)))
    terms = front.reshape((-1, *front.shape[len(axes) :]))
    largest = np.max(np.abs(terms), axis=0, keepdims=True, initial=0.0)
    scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    with np.errstate(all="ignore"):
        sums = np.cumsum(terms / scale, axis=0)[1:]
        return np.expand_dims(scale[0] * np.sqrt(np.sum(sums * sums, axis=0)), axes)


def products_in_order(a: Component, b: Component) -> Component:
    """Return Σ|s|² of the partial sums s of inner products, from the first run alone.

    Args:
        a: Matrices in the two axes before the last.
        b: The same.
    """
    a, b = a[..., :1], b[..., :1]
    sums = np.zeros((1,), np.result_type(a, b))
    squares = np.zeros((1,))
    with np.errstate(all="ignore"):
        for place in range(a.shape[-2]):
            sums = sums + a[..., :, place, None, :] * b[..., None, place, :, :]
            squares = squares + np.abs(sums) ** 2
    return squares
