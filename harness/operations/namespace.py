"""`xp`: the vocabulary as a case sees it, made of rows and of one resolver a framework; and who listens to its calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.errors import UnknownOperationError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.operations.operation import Operation
    from harness.operations.words import Gap

__all__ = ["Listener", "Namespace", "UnsupportedOperationError", "heard"]


class UnsupportedOperationError(Exception):
    """A framework has a declared gap where a case needs an operation. The outcome is `unsupported`."""

    def __init__(self, framework: str, operation: str, gap: Gap) -> None:
        """Say who lacks what, and why."""
        link = f" ({gap.link})" if gap.link else ""
        super().__init__(f"{framework} does not offer {operation}: {gap.reason}{link}")


class Listener:
    """Sees every operation of a run: the one hook, to count, to plant faults, to record, to look for who is to blame.

    Attributes:
        depth: How many operations are under way: 1 around one that the case itself calls, more inside its definition.
            What an operation does that only calls what it is given, such as a loop, is what the case itself calls.
    """

    depth = 0

    def around(
        self, operation: Operation, call: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Any:
        """Stand around one call, and give its result, or another one.

        Args:
            operation: The row.
            call: What stands for it; to be called with these arguments, others, or not at all.
            arguments: As the case gives them.
            keywords: The same.
        """
        del operation
        return call(*arguments, **keywords)


def heard(listener: Listener | None, operation: Operation, call: Callable[..., Any]) -> Callable[..., Any]:
    """Let a listener hear what stands for an operation; where there is none, that is the bare function itself."""
    if listener is None:
        return call
    if operation.cost is not None and operation.cost.through:
        call = _at_depth(listener, -1, call)

    def around(*arguments: Any, **keywords: Any) -> Any:
        return listener.around(operation, call, arguments, keywords)

    return _at_depth(listener, 1, around)


def _at_depth(listener: Listener, step: int, call: Callable[..., Any]) -> Callable[..., Any]:
    def moved(*arguments: Any, **keywords: Any) -> Any:
        listener.depth += step
        try:
            return call(*arguments, **keywords)
        finally:
            listener.depth -= step

    return moved


class Namespace:
    """The words of `xp`, resolved when they are first used.

    Args:
        operations: Rows by name.
        resolve: Gives the callable that stands for a row in one framework.
        constants: Words that are no operations: `pi`, `float32`, `newaxis`, ….
        prefix: The sub-namespace, such as `special`; empty at the top.
        listener: Who hears every call; where there is none, each word is what was resolved, bare.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        resolve: Callable[[Operation], Callable[..., Any]],
        constants: Mapping[str, Any],
        prefix: str = "",
        listener: Listener | None = None,
    ) -> None:
        """Hold the rows; nothing is resolved yet."""
        self._operations = operations
        self._resolve = resolve
        self._constants = constants
        self._prefix = prefix
        self._listener = listener

    def __getattr__(self, word: str) -> Any:
        """Find a constant, an operation or a sub-namespace, and keep it."""
        if word.startswith("__"):
            raise AttributeError(word)
        name = f"{self._prefix}{word}"
        found: Any
        if name in self._constants:
            found = self._constants[name]
        elif name in self._operations:
            row = self._operations[name]
            found = heard(self._listener, row, self._resolve(row))
        elif any(other.startswith(f"{name}.") for other in self._operations):
            found = Namespace(self._operations, self._resolve, self._constants, f"{name}.", self._listener)
        else:
            known = [*self._operations, *self._constants]
            raise UnknownOperationError(f"xp.{name} is not a word of the vocabulary.{suggest(name, known)}")
        setattr(self, word, found)
        return found
