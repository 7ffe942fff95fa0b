"""What a case author and a test author import. Imports no framework, and neither NumPy nor msgspec.

Example:
    >>> from harness import case, given
    >>> @case(x=given([2.0, 3.0]))
    ... def affine_sum(xp, x):
    ...     '''Sum of y = 2x + 1. Its gradient is 2 for every element.'''
    ...     return xp.sum(2 * x + 1)
    >>> sorted(affine_sum.samples)
    ['given']
"""

from harness.collect.case import Case, case
from harness.collect.samples import complex_normal, edges, given, integers, normal, uniform
from harness.errors import HarnessError

__all__ = [
    "Case",
    "HarnessError",
    "__version__",
    "case",
    "complex_normal",
    "edges",
    "given",
    "integers",
    "normal",
    "uniform",
]

__version__ = "0.1.0"
