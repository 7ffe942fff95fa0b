"""What a value means: a function by its syntax tree and by everything of this package that it refers to.

Long because each kind of value that a row can hold is described here, and nowhere else.
"""

from __future__ import annotations

import ast
import dataclasses
import enum
import functools
import sys
import types
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.collect import meaning
from harness.collect.closure import closure, digest, of_closure
from harness.collect.fingerprint import fingerprint
from harness.collect.kept import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

__all__ = ["EVERYTHING", "Description", "describe", "of_value", "spoken", "spoken_in"]

EVERYTHING = "*"
"""Stands for every word of a vocabulary: it was handed to something that cannot be followed."""

_PACKAGE = __name__.partition(".")[0]
_SCALARS = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))
_VOCABULARY = "xp"


@dataclasses.dataclass
class Description:
    """What a value means.

    Attributes:
        text: Written down: alike for what means the same.
        words: The dotted words of a vocabulary that it reads, or a part of one, or `EVERYTHING`.
    """

    text: list[str] = dataclasses.field(default_factory=list)
    words: set[str] = dataclasses.field(default_factory=set)

    @property
    def print(self) -> str:
        """Its hash."""
        return fingerprint(means="".join(self.text))


def of_value(value: Any) -> str:
    """Hash what a value means; of a function or a class at the top of a module of this package it is kept."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    if isinstance(module, str) and _is_own(module) and getattr(sys.modules.get(module), name, None) is value:
        found: str = kept(f"value:{module}:{name}:{digest(module)}", lambda: describe(value).print)
        return found
    return describe(value).print


def describe(value: Any, speaking: tuple[str, ...] = ()) -> Description:
    """Say what a value means.

    Functions and classes of this package are written down as their syntax trees, and what these refer to by a name of
    the module's is described too: constants, other functions, those of other modules. What is another distribution's
    is named.

    Args:
        value: Numbers, texts, containers, dataclasses, functions, classes, modules.
        speaking: Where functions in the value take a vocabulary as their first argument, its fields, of dataclasses,
            that hold them; a bare function does where this holds the empty name.
    """
    made = Description()
    _Writer(made, speaking).write(value, speaks="" in speaking)
    return made


def spoken(node: ast.AST, first: str, functions: Callable[[ast.expr], Any]) -> set[str]:
    """Find the words that a function reads from its vocabulary.

    Args:
        node: The function's tree.
        first: What the vocabulary is called there; in functions inside it, it may also be `xp`.
        functions: Gives the function that an expression names, or the names of its parameters; None where that is not
            known.

    Returns:
        Dotted words, such as `special.erf`; `EVERYTHING` where the vocabulary is handed to something unknown.
    """
    names = tuple(dict.fromkeys((first, _VOCABULARY)))
    found = meaning.words(node, names)
    parts = [*ast.walk(node)]
    given = {part.arg for part in parts if isinstance(part, ast.arg)}
    followed: set[int] = set()
    for part in parts:
        if isinstance(part, ast.Attribute):
            followed.add(id(part.value))
        elif isinstance(part, ast.Call):
            parameters = _parameters(part.func, given, functions)
            followed |= {
                id(argument) for argument, name in zip(part.args, parameters, strict=False) if name == _VOCABULARY
            }
    loose = (part for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load))
    if any(part.id in names and id(part) not in followed for part in loose):
        found.add(EVERYTHING)
    return found


def spoken_in(source: bytes) -> dict[str, list[str]]:
    """Find the words that each function of a file reads from `xp`, those of the functions that it names included.

    Returns:
        Name of what stands at the top of the file to dotted words, `EVERYTHING` among them where `xp` is handed to
        something from elsewhere.
    """
    places: dict[str, list[ast.stmt]] = {}
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            places.setdefault(node.name, []).append(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in (part for one in targets for part in ast.walk(one) if isinstance(part, ast.Name)):
                places.setdefault(target.id, []).append(node)
    direct: dict[str, set[str]] = {}
    for name, nodes in places.items():
        heard = [spoken(node, _VOCABULARY, lambda called: _first(called, places)) for node in nodes]
        direct[name] = set().union(*heard)
    found = {}
    for name in places:
        seen, pending = {name}, [name]
        while pending:
            read = {base.partition(".")[0] for node in places[pending.pop()] for base, _ in _references(node)}
            further = (read & places.keys()) - seen
            seen |= further
            pending += further
        found[name] = sorted(set().union(*(direct[one] for one in seen)))
    return found


def _first(called: ast.expr, places: Mapping[str, Sequence[ast.stmt]]) -> Any:
    """Return something with the parameters of a function of the same file."""
    nodes = places.get(called.id, ()) if isinstance(called, ast.Name) else ()
    names = [_arguments(node) for node in nodes if isinstance(node, ast.FunctionDef)]
    names += [
        _arguments(node.value) for node in nodes if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda)
    ]
    return names[0] if len(names) == 1 else None


def _parameters(called: ast.expr, given: set[str], functions: Callable[[ast.expr], Any]) -> tuple[str, ...]:
    """Return the names of the parameters of what is called.

    A function that was handed over, or that another one makes, was described where it was named or is made, and takes
    the vocabulary first.
    """
    made = isinstance(called, ast.Call) and functions(called.func) is not None
    if made or (isinstance(called, ast.Name) and called.id in given):
        return (_VOCABULARY,)
    found = functions(called)
    if isinstance(found, tuple):
        return found
    code = getattr(found, "__code__", None)
    return code.co_varnames[: code.co_argcount] if code is not None else ()


class _Writer:
    """Writes one description; what was written already is named by its number."""

    def __init__(self, made: Description, speaking: Iterable[str]) -> None:
        self._made = made
        self._speaking = frozenset(speaking)
        self._seen: dict[tuple[int, bool], int] = {}
        self._held: list[Any] = []  # so that no identity is given away twice

    def write(self, value: Any, *, speaks: bool = False) -> None:
        text = self._made.text
        if isinstance(value, enum.Enum):
            text.append(f"{type(value).__qualname__}.{value.name};")
            return
        if isinstance(value, _SCALARS):
            text.append(f"{value!r};")
            return
        key = id(value), speaks
        if key in self._seen:
            text.append(f"#{self._seen[key]};")
            return
        self._seen[key] = len(self._seen)
        self._held.append(value)
        if isinstance(value, (tuple, list)):
            self._each("tuple" if isinstance(value, tuple) else "list", value, speaks=speaks)
        elif isinstance(value, (set, frozenset)):
            self._each("set", sorted(value, key=repr), speaks=speaks)
        elif isinstance(value, (dict, types.MappingProxyType)):
            self._each("dict", (part for pair in value.items() for part in pair), speaks=speaks)
        elif isinstance(value, types.FunctionType):
            self._function(value, speaks=speaks)
        elif isinstance(value, type):
            self._class(value)
        elif isinstance(value, types.ModuleType):
            self._module(value)
        elif isinstance(value, functools.partial):
            self._each("partial", (value.func, value.args, value.keywords), speaks=speaks)
        elif isinstance(value, types.MethodType):
            self._each("method", (value.__func__, value.__self__))
        elif hasattr(value, "__wrapped__"):
            self._each(type(value).__qualname__, (value.__wrapped__,), speaks=speaks)
        else:
            self._object(value)

    def _each(self, kind: str, values: Iterable[Any], *, speaks: bool = False) -> None:
        self._made.text.append(f"{kind}(")
        for value in values:
            self.write(value, speaks=speaks)
        self._made.text.append(")")

    def _object(self, value: Any) -> None:
        kind = type(value)
        if dataclasses.is_dataclass(kind):
            self._made.text.append("dataclass(")
            self.write(kind)
            for field in dataclasses.fields(kind):
                self._made.text.append(f"{field.name}=")
                self.write(getattr(value, field.name), speaks=field.name in self._speaking)
            self._made.text.append(")")
        elif isinstance(name := getattr(value, "__qualname__", getattr(value, "__name__", None)), str):
            self._made.text.append(f"{getattr(value, '__module__', '')}.{name};")  # a built-in function, a ufunc
        elif " at 0x" not in (shown := repr(value)):
            self._made.text.append(f"{kind.__module__}.{kind.__qualname__}:{shown};")
        else:
            self._each("object", (kind, sorted(getattr(value, "__dict__", {}).items())))

    def _module(self, module: types.ModuleType) -> None:
        """A module as a value may be used in any way: it counts with all that it imports."""
        self._made.text.append(f"module {module.__name__};")
        if _is_own(module.__name__):
            self._made.text.append(of_closure(closure(module.__name__)))
            self._made.words.add(EVERYTHING)

    def _class(self, kind: type) -> None:
        self._made.text.append(f"class {kind.__module__}.{kind.__qualname__};")
        if not _is_own(kind.__module__):
            return
        node = _classes(kind.__module__).get(kind.__qualname__)
        if node is None:
            self._made.text.append(of_closure(closure(kind.__module__)))
            return
        self._made.text.append(_canonical(node))
        self._names(node, vars(sys.modules[kind.__module__]), None)

    def _function(self, function: types.FunctionType, *, speaks: bool) -> None:
        text, code = self._made.text, function.__code__
        if not _is_own(function.__module__ or ""):
            text.append(f"function {function.__module__}.{function.__qualname__};")
            return
        text.append("function(")
        nodes = _nodes(code)
        if not nodes:  # made by exec, or its file has changed: what was loaded is not what stands there
            text.append(of_closure(closure(function.__module__)))
            self._made.words.add(EVERYTHING)
        cells = {
            name: cell.cell_contents
            for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True)
            if _is_filled(cell)
        }
        spaces = {**function.__globals__, **cells}
        first = code.co_varnames[0] if speaks and code.co_argcount else _VOCABULARY
        for node in nodes:
            text.append(_canonical(node))
            # Functions made in one place differ in what they hold, which may be what is called.
            key = (code, first, tuple(map(id, cells.values())))
            if key not in _SPOKEN:
                _SPOKEN[key] = (spoken(node, first, lambda expression: _found(expression, spaces)), cells)
            self._made.words |= _SPOKEN[key][0]
            self._names(node, function.__globals__, {name for one in _codes(code) for name in one.co_names})
        for name in sorted(cells):
            text.append(f"{name}:")
            self.write(cells[name], speaks=speaks)
        self.write(function.__defaults__)
        self.write(function.__kwdefaults__)
        text.append(")")

    def _names(self, node: ast.AST, space: Mapping[str, Any], among: set[str] | None) -> None:
        """Describe what a tree refers to by names of its module; of a module of this package, the parts it uses."""
        for name, key in sorted(_references(node)):
            base, *rest = name.split(".")
            if base not in space or (among is not None and base not in among):
                continue
            value = space[base]
            while isinstance(value, types.ModuleType) and rest and _is_own(value.__name__):
                value = getattr(value, rest.pop(0), None)
            if key and not rest and isinstance(value, dict) and key in value:
                value = value[key]
            self._made.text.append(f"{name}[{key}]:")
            self.write(value)
        for _, module, name in _imports(node):
            if _is_own(module):
                self._made.text.append(f"{module}.{name}:{of_closure(closure(module))}")


# Helpers are met again and again; the cells are held so that no identity is given away twice.
_SPOKEN: dict[tuple[types.CodeType, str, tuple[int, ...]], tuple[set[str], dict[str, Any]]] = {}
_canonical = cache(meaning.canonical)
_imports = cache(meaning.imports)


@cache
def _references(node: ast.AST) -> set[tuple[str, str]]:
    """Return the names that a tree reads, and the text they are indexed with, if any; annotations are not run.

    A name is dotted as far as attributes of it are read.
    """
    found: set[tuple[str, str]] = set()
    pending = [node]
    while pending:
        current = pending.pop()
        key = _key(current)
        chain: list[str] = []
        inner = current.value if key and isinstance(current, ast.Subscript) else current
        while isinstance(inner, ast.Attribute):
            chain.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            found.add((".".join([inner.id, *reversed(chain)]), key))
            continue
        for name, value in ast.iter_fields(current):
            if name not in {"annotation", "returns"}:
                parts = value if isinstance(value, list) else [value]
                pending += [one for one in parts if isinstance(one, ast.AST)]
    return found


def _key(node: ast.AST) -> str:
    """Return the text that something is indexed with."""
    index = node.slice if isinstance(node, ast.Subscript) else None
    return index.value if isinstance(index, ast.Constant) and isinstance(index.value, str) else ""


def _found(expression: ast.expr, space: Mapping[str, Any]) -> Any:
    """Return what an expression names, where that is a name or an attribute of one."""
    if isinstance(expression, ast.Name):
        return space.get(expression.id)
    if isinstance(expression, ast.Attribute):
        value = _found(expression.value, space)
        return getattr(value, expression.attr, None) if isinstance(value, types.ModuleType) else None
    return None


def _is_own(module: str) -> bool:
    return module.partition(".")[0] == _PACKAGE


def _is_filled(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


@cache
def _functions(path: Path) -> dict[tuple[int, str], list[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]]:
    found: dict[tuple[int, str], list[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]] = {}
    for node in ast.walk(_tree(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            line = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            found.setdefault((line, node.name), []).append(node)
        elif isinstance(node, ast.Lambda):
            found.setdefault((node.lineno, "<lambda>"), []).append(node)
    return found


def _nodes(code: types.CodeType) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda]:
    """Find the tree of a function: of lambdas on one line the one that spans its code, and all where none is sure."""
    path = Path(code.co_filename)
    if not path.is_file():
        return []
    found = [
        node for node in _functions(path).get((code.co_firstlineno, code.co_name), []) if _arguments(node) == _own(code)
    ]
    if len(found) < 2:
        return found
    places = [
        ((first, start), (last, end))
        for first, last, start, end in code.co_positions()
        if None not in (first, last, start, end) and end
    ]
    spanning = [
        node
        for node in found
        if all((node.lineno, node.col_offset) <= low and high <= _end(node) for low, high in places)
    ]
    smallest = sorted(spanning, key=lambda node: (_end(node), (-node.lineno, -node.col_offset)))[:1]
    return smallest or found


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> tuple[str, ...]:
    given = node.args
    return tuple(one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs))


def _own(code: types.CodeType) -> tuple[str, ...]:
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def _end(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    path = getattr(sys.modules.get(module), "__file__", None)
    found: dict[str, ast.ClassDef] = {}
    pending: list[tuple[str, ast.AST]] = [("", _tree(Path(path)))] if path else []
    while pending:
        prefix, node = pending.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                found[f"{prefix}{child.name}"] = child
                pending.append((f"{prefix}{child.name}.", child))
            elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                pending.append((f"{prefix}{child.name}.<locals>.", child))
            else:
                pending.append((prefix, child))
    return found
