"""Python's operators, as a case writes them, and the words of `xp` that they stand for."""

from __future__ import annotations

__all__ = ["BINARY", "COMPARISONS", "UNARY"]

COMPARISONS = {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}
"""Name of the method, without underscores, to the word; these have no reflection of their own."""

BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "pow": "pow",
    "matmul": "matmul",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}
"""The same of those that have one: `radd`."""

UNARY = {"neg": "negative", "pos": "positive", "abs": "abs", "invert": "logical_not"}
"""The same of those of one operand."""
