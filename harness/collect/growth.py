"""Larger samples, for times that grow with the size of a problem."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from harness.collect.samples import ComplexNormal, Integers, Normal, Uniform

if TYPE_CHECKING:
    from harness.collect.samples import Sample, Specification

__all__ = ["grown"]

_DRAWN = (Normal, ComplexNormal, Uniform, Integers)


def grown(sample: Sample, factor: int) -> Sample | None:
    """Make every dimension of a sample so many times as long, but for those of length 1, which broadcast.

    Dimensions that were equal stay equal, so that products and sums still fit. What stands in the case as a constant
    does not grow, and integers keep their bounds.

    Args:
        sample: A sample.
        factor: At least 1.

    Returns:
        A sample named after both, `normal*8`; the sample itself for 1; None where an array that is written down would
        have to grow, or nothing has a length.

    Example:
        >>> from harness.collect.samples import Sample, normal
        >>> grown(Sample("random", {"x": normal((3, 1))}), 4)
        Sample(name='random*4', arrays={'x': Normal(shape=(12, 1), mean=0.0, scale=1.0)}, parameters={})
    """
    if factor == 1:
        return sample
    arrays: dict[str, Specification] = {}
    for name, one in sample.arrays.items():
        if all(length == 1 for length in one.dimensions):
            arrays[name] = one
        elif isinstance(one, _DRAWN):
            arrays[name] = dataclasses.replace(one, shape=tuple(n if n == 1 else n * factor for n in one.shape))
        else:
            return None
    if all(arrays[name] is one for name, one in sample.arrays.items()):
        return None
    return dataclasses.replace(sample, name=f"{sample.name}*{factor}", arrays=arrays)
