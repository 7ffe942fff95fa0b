"""What a source means: its syntax tree without docstrings, comments and formatting."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["canonical", "imports", "words"]


def canonical(node: ast.AST) -> str:
    """Write a tree down, without positions and docstrings: alike for every release of Python.

    A string that stands alone as a statement does nothing, and is a docstring or a comment.
    """
    written: list[str] = []
    _write(node, written)
    return "".join(written)


def _write(node: ast.AST, written: list[str]) -> None:
    written.append(node.__class__.__name__ + "(")
    for name in node._fields:
        value = getattr(node, name, None)
        # A field that is empty may be one that another release does not have.
        if value is None or value == [] or name in {"type_comment", "kind"}:
            continue
        if isinstance(value, ast.AST):
            written.append(name + "=")
            _write(value, written)
        elif isinstance(value, list):
            written.append(name + "=[")
            for part in value:
                if not isinstance(part, ast.AST):
                    written.append(f"{part!r},")
                elif not _is_idle(part):
                    _write(part, written)
            written.append("]")
        else:
            written.append(f"{name}={value!r}")
        written.append(",")
    if isinstance(node, ast.Constant) and node.value is None:
        written.append("None")
    written.append(")")


def _is_idle(node: ast.AST) -> bool:
    """Whether a statement is a string alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def imports(tree: ast.AST) -> list[tuple[int, str, str]]:
    """List what a source imports when it runs, at any depth: everything but what is for type checkers alone.

    Returns:
        `(level, module, name)`: the dots before the module, the module, and what is imported from it; no name for
        `import module`.
    """
    found: list[tuple[int, str, str]] = []
    for node in _running(tree):
        if isinstance(node, ast.Import):
            found += [(0, alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.level, node.module or "", alias.name) for alias in node.names]
    return found


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            pending += node.orelse
        else:
            pending += ast.iter_child_nodes(node)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
    return name == "TYPE_CHECKING"


def words(tree: ast.AST, names: Sequence[str] = ("xp",)) -> set[str]:
    """Find the dotted words that are read from a vocabulary: `special.erf` for `xp.special.erf`, `tape.xp.special.erf`.

    Args:
        tree: Where.
        names: What the vocabulary is called there.
    """
    found = set()
    nodes = [*ast.walk(tree)]
    longer = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if id(node) in longer:
            continue
        chain: list[str] = []
        current: ast.AST = node
        while isinstance(current, ast.Attribute) and current.attr not in names:
            chain.append(current.attr)
            current = current.value
        called = current.id if isinstance(current, ast.Name) else getattr(current, "attr", "")
        if chain and called in names:
            found.add(".".join(reversed(chain)))
    return found
