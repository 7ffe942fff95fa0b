"""`xp`: the vocabulary as a case sees it, made of rows and of one resolver a framework."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import UnknownOperationError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.operations.operation import Operation
    from harness.operations.words import Gap

__all__ = ["Namespace", "UnsupportedOperationError"]


class UnsupportedOperationError(Exception):
    """A framework has a declared gap where a case needs an operation. The outcome is `unsupported`."""

    def __init__(self, framework: str, operation: str, gap: Gap) -> None:
        """Say who lacks what, and why."""
        link = f" ({gap.link})" if gap.link else ""
        super().__init__(f"{framework} does not offer {operation}: {gap.reason}{link}")


class Namespace:
    """The words of `xp`, resolved when they are first used.

    Args:
        operations: Rows by name.
        resolve: Gives the callable that stands for a row in one framework.
        constants: Words that are no operations: `pi`, `float32`, `newaxis`, ….
        prefix: The sub-namespace, such as `special`; empty at the top.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        resolve: Callable[[Operation], Callable[..., Any]],
        constants: Mapping[str, Any],
        prefix: str = "",
    ) -> None:
        """Hold the rows; nothing is resolved yet."""
        self._operations = operations
        self._resolve = resolve
        self._constants = constants
        self._prefix = prefix

    def __getattr__(self, word: str) -> Any:
        """Find a constant, an operation or a sub-namespace, and keep it."""
        if word.startswith("__"):
            raise AttributeError(word)
        name = f"{self._prefix}{word}"
        found: Any
        if name in self._constants:
            found = self._constants[name]
        elif name in self._operations:
            found = self._resolve(self._operations[name])
        elif any(other.startswith(f"{name}.") for other in self._operations):
            found = Namespace(self._operations, self._resolve, self._constants, f"{name}.")
        else:
            known = [*self._operations, *self._constants]
            raise UnknownOperationError(f"xp.{name} is not a word of the vocabulary.{suggest(name, known)}")
        setattr(self, word, found)
        return found
