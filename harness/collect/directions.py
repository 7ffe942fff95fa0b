"""What is made beside a sample: the directions of derivatives, a batch of it, and a twin to prepare a compiler with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from harness.collect.samples import derive_seed

if TYPE_CHECKING:
    import numpy as np

__all__ = ["BATCH", "batch", "cotangent", "tangent", "twin"]


def cotangent(seed: int, output: int, shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray[Any, Any]:
    """Draw a cotangent: random signs, magnitudes in [1/2, 3/2) on a grid of 2⁻⁷.

    Every entry has at most eight significant bits, so it is the same number in float64 and in bfloat16, and it is
    made from raw generator output by exact arithmetic, so it has the same bits under every version of NumPy.

    Args:
        seed: From `derive_seed`.
        output: Index of the case's output.
        shape: Shape of that output.
        dtype: Its dtype; that of a complex one is complex, with both parts drawn.

    Returns:
        A float64 or complex128 array of that shape.
    """
    import numpy as np

    if dtype.startswith("complex"):
        return cotangent(seed, output, shape) + 1j * cotangent(derive_seed(seed, "imaginary"), output, shape)
    count = math.prod(shape)
    raw = np.random.PCG64(derive_seed(seed, "cotangent", output)).random_raw(count)
    magnitude = 0.5 + (raw >> np.uint64(57)).astype(np.float64) / 128.0
    sign = 1.0 - 2.0 * (raw & np.uint64(1)).astype(np.float64)
    return np.asarray((sign * magnitude).reshape(shape))


def tangent(seed: int, name: str, shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray[Any, Any]:
    """Draw the direction along which an argument is moved: numbers like a cotangent's.

    Args:
        seed: From `derive_seed`.
        name: The argument's name.
        shape: Its shape.
        dtype: Its dtype.
    """
    return cotangent(derive_seed(seed, "tangent", name), 0, shape, dtype)


BATCH = 3
"""How many samples a batch of `vmap` holds."""


def batch(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Stack a sample with two rearrangements of it, along a new first axis: the same numbers, so the same domain."""
    import numpy as np

    flat = array.reshape(-1)
    return np.stack([array, flat[::-1].reshape(array.shape), np.roll(flat, 1).reshape(array.shape)])


def twin(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return other values of the same shape and dtype, to prepare a compiled computation with.

    Floating-point numbers are reversed and made larger by 1/16, so that no element stays what it was unless it is
    zero; integers and booleans are reversed.
    """
    import numpy as np

    reverse = array.reshape(-1)[::-1].reshape(array.shape)
    if array.dtype.kind in "iub":
        return np.ascontiguousarray(reverse)
    with np.errstate(over="ignore"):
        return np.asarray(reverse + reverse / array.dtype.type(16), dtype=array.dtype)
