"""What an adapter's class says of itself, read from its source where that is possible.

Importing an adapter imports at least NumPy, and a careless one its framework; `harness list` must wait for neither,
and only a worker may import a framework. So the class attributes of the contract are read as literals, and the
module is imported only where they are none.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from dataclasses import dataclass, field
from typing import Any

from harness.adapters.base import Adapter, load
from harness.errors import AdapterError

__all__ = ["Declaration", "declaration"]


@dataclass(frozen=True)
class Declaration:
    """The class attributes of the adapter contract.

    Attributes:
        name: The adapter's name.
        distributions: What must be installed, the framework's own first; alternatives are separated by `|`.
        modes: `eager` first, then its compilers.
        dtypes: Names of the dtypes it can compute in.
        environment: Variables to set before its worker starts.
        slow_modes: Modes that only the full profile runs.
        paths: Kind of quantity to the further ways there are to it.
    """

    name: str
    distributions: tuple[str, ...]
    modes: tuple[str, ...]
    dtypes: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    slow_modes: tuple[str, ...] = ()
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)


def declaration(target: str) -> Declaration:
    """Give what an adapter declares.

    Args:
        target: The adapter, as `module:Class`.

    Raises:
        AdapterError: If there is no such adapter, or it lacks a part of the contract.
    """
    found = _read(target) or _imported(target)
    for attribute in ("name", "distributions", "modes", "dtypes"):
        if not found.get(attribute):
            raise AdapterError(
                f"The adapter {target!r} has no {attribute}: expected it as an attribute of the class, as "
                "harness.adapters.base.Adapter says."
            )
    return Declaration(
        str(found["name"]),
        tuple(found["distributions"]),
        tuple(found["modes"]),
        tuple(found["dtypes"]),
        dict(found["environment"] or {}),
        tuple(found["slow_modes"] or ()),
        {kind: tuple(names) for kind, names in (found["paths"] or {}).items()},
    )


def _names() -> tuple[str, ...]:
    return tuple(Declaration.__dataclass_fields__)


def _imported(target: str) -> dict[str, Any]:
    try:
        adapter = load(target)
    except AdapterError:
        raise
    except Exception as error:  # whatever the module does when it is imported, SyntaxError included
        raise AdapterError(
            f"The adapter {target!r} cannot be loaded: importing its module raised {type(error).__name__}: {error}. "
            "Correct the module; it should import its framework only inside the class."
        ) from error
    return {name: getattr(adapter, name, None) for name in _names()}


def _read(target: str) -> dict[str, Any] | None:
    """Read the attributes; none where they are not written down literally in the class, or it is imported already."""
    module, _, name = target.partition(":")
    if module in sys.modules:
        return None
    try:
        spec = importlib.util.find_spec(module)
        source = spec.loader.get_source(module) if spec and spec.loader else None  # type: ignore[attr-defined]
        tree = ast.parse(source or "")
    except (ImportError, AttributeError, ValueError, SyntaxError):
        return None  # importing it says better what is wrong
    inherited = {name: getattr(Adapter, name, None) for name in _names()}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name and _is_plain(node):
            try:
                return inherited | {word: ast.literal_eval(value) for word, value in _assigned(node)}
            except ValueError:
                return None
    return None


def _is_plain(node: ast.ClassDef) -> bool:
    """Whether `Adapter` is its only base, so that nothing is inherited from elsewhere, and nothing decorates it."""
    bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
    return bases == ["Adapter"] and not node.decorator_list and not node.keywords


def _assigned(node: ast.ClassDef) -> list[tuple[str, ast.expr]]:
    found = []
    for statement in node.body:
        targets: list[ast.expr] = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        value = getattr(statement, "value", None)
        found += [(one.id, value) for one in targets if isinstance(one, ast.Name) and one.id in _names() and value]
    return found
