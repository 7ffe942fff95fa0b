"""What a worker answers about a quantity: the array, or the outcome and the reason of what happened instead."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING, Any

from harness.adapters.base import NotOfferedError
from harness.messages import Answer
from harness.operations.namespace import UnsupportedOperationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from harness.quantity import Quantity

__all__ = ["RefusedError", "Reply", "completed", "describe", "failed", "same"]

_MESSAGE = 2_000  # characters of an exception's message that are kept
_EXHAUSTED = ("OutOfMemory", "ResourceExhausted", "RESOURCE_EXHAUSTED", "can't allocate memory", "not enough memory")
"""How frameworks say that memory ran out: torch.OutOfMemoryError and the CPU allocator of PyTorch,
tf.errors.ResourceExhaustedError, and the status code in jaxlib's XlaRuntimeError."""

Reply = tuple[Answer, list[Any]]
"""What is said of a quantity, and the arrays that go with it."""


class RefusedError(Exception):
    """What was asked for does not exist here: `unsupported`."""


def completed(
    quantity: Quantity, facts: dict[str, Any], first: np.ndarray[Any, Any], again: np.ndarray[Any, Any]
) -> Reply:
    """Answer with an array.

    Args:
        quantity: As it was asked for.
        facts: What else is known: `seconds`, `graph`, `stale`.
        first: What the first call gave.
        again: What the second call gave; it is the answer. Where their bits differ, both go out, the first one behind it.
    """
    steady = same([first], [again])
    return Answer(quantity=quantity, unsteady=not steady, **facts), [again] if steady else [again, first]


def failed(quantity: Quantity, outcome: str, reason: str, *, told: bool = False) -> Reply:
    """Answer without an array: how it ended, and why.

    Args:
        quantity: As it was asked for.
        outcome: An outcome's name.
        reason: In words.
        told: Whether the framework or the case itself left the result out, as it would do again.
    """
    return Answer(quantity=quantity, outcome=outcome, reason=reason, told=told), []


def describe(error: BaseException, path: str) -> tuple[str, str]:
    """Return the outcome and the reason of an exception; compilers wrap what a case raises, so look behind it."""
    behind: BaseException | None = error
    seen = set()
    while behind is not None and id(behind) not in seen:
        if isinstance(behind, (UnsupportedOperationError, NotOfferedError, RefusedError)):
            return "unsupported", str(behind)
        seen.add(id(behind))
        behind = behind.__cause__ or behind.__context__
    text = f"{type(error).__name__}: {error}"
    exhausted = isinstance(error, MemoryError) or any(word in text for word in _EXHAUSTED)
    places = [
        f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"
        for frame in traceback.extract_tb(error.__traceback__)
        if os.path.realpath(frame.filename) == os.path.realpath(path)
    ]
    return ("out_of_memory" if exhausted else "raised"), "\n".join([text[:_MESSAGE], *places])


def same(some: Sequence[np.ndarray[Any, Any] | None], others: Sequence[np.ndarray[Any, Any] | None]) -> bool:
    """Whether arrays are the same, bit for bit, and there are any."""
    return len(some) == len(others) > 0 and all(
        one is not None
        and other is not None
        and one.dtype == other.dtype
        and one.shape == other.shape
        and one.tobytes() == other.tobytes()
        for one, other in zip(some, others, strict=True)
    )
