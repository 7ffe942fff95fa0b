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

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_HOMES = {
    "Case": "harness.collect.case",
    "case": "harness.collect.case",
    "HarnessError": "harness.errors",
    **dict.fromkeys(("complex_normal", "edges", "given", "integers", "normal", "uniform"), "harness.collect.samples"),
}
"""Where each name is defined. It is imported when it is first asked for: the command line needs none of them to start."""


def __getattr__(name: str) -> Any:
    """Import a name from where it is defined, and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found
