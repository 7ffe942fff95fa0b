"""What is loaded: the modules that a module imports, those that these import, and so on.

Imports are read from the sources, at any depth of a file, so that what a process really loads is among them; they are
not followed into other distributions, whose versions stand in a fingerprint by themselves.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.machinery
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from harness.collect import meaning
from harness.collect.fingerprint import fingerprint
from harness.collect.kept import kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Source", "closure", "digest", "file_of", "imported", "is_below", "makers", "of_closure", "read"]

_PACKAGE = Path(__file__).resolve().parent.parent
_NAME = _PACKAGE.name
_INSTALLED = frozenset({"site-packages", "dist-packages"})
# What is kept was made by these.
_MAKERS = ("fingerprint", "kept", "meaning", "closure", "values", "vocabulary")


class Source(NamedTuple):
    """What a module's file says.

    Attributes:
        meaning: Hash of what it means; of its bytes, where it cannot be parsed.
        imports: `(level, module, name)`, as `meaning.imports` gives them.
        words: The dotted words that it reads from a vocabulary called `xp`.
    """

    meaning: str
    imports: tuple[tuple[int, str, str], ...]
    words: tuple[str, ...]


def read(path: Path) -> Source:
    """Say what a module's file says, each state of it once."""
    status = path.stat()
    return _read(path, status.st_mtime_ns, status.st_size)


@cache
def _read(path: Path, changed: int, size: int) -> Source:
    del changed, size
    content = path.read_bytes()
    key = f"{makers()}:{hashlib.sha256(content).hexdigest()}"
    found, imports, words = kept(key, lambda: _parsed(content))
    return Source(found, tuple((level, module, name) for level, module, name in imports), tuple(words))


def _parsed(content: bytes) -> tuple[str, list[tuple[int, str, str]], list[str]]:
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):
        return hashlib.sha256(content).hexdigest()[:32], [], []
    return fingerprint(means=meaning.canonical(tree)), meaning.imports(tree), sorted(meaning.words(tree))


@cache
def makers() -> str:
    """Hash what works out what is kept, and the Python whose grammar it reads."""
    contents = [(_PACKAGE / "collect" / f"{name}.py").read_bytes() for name in _MAKERS]
    return fingerprint(makers=[hashlib.sha256(one).hexdigest() for one in contents], python=sys.version_info[:2])


@cache
def digest(*roots: str) -> str:
    """Hash all that is loaded with some modules, comments too, and what reads it: what is kept of it has this key."""
    paths = {name: file_of(name) for name in closure(*roots)}
    found = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items() if path is not None}
    return fingerprint(files=found, makers=makers())


@cache
def file_of(module: str) -> Path | None:
    """Find the file of a module, of this package or of an adapter's from outside. Imports nothing.

    Returns:
        None where there is no such module, or it is not written in Python.
    """
    top, *rest = module.split(".")
    if top == _NAME:
        return _below(_PACKAGE, rest)
    spec = _spec(top)
    if spec is None:
        return None
    if not rest:
        return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None
    folders = spec.submodule_search_locations or ()
    return next((found for folder in folders if (found := _below(Path(folder), rest))), None)


def _spec(top: str) -> importlib.machinery.ModuleSpec | None:
    return importlib.machinery.PathFinder.find_spec(top, [*sys.path, str(Path.cwd())])


def _below(folder: Path, words: Iterable[str]) -> Path | None:
    path = folder.joinpath(*words)
    found = (path / "__init__.py", path.with_name(f"{path.name}.py"))
    return next((one for one in found if one.is_file()), None)


@cache
def closure(*roots: str, leaving_out: tuple[str, ...] = ()) -> tuple[str, ...]:
    """List the modules that are loaded with some.

    Of an adapter from outside, the modules that stand beside it or in its package are followed too.

    Args:
        *roots: Dotted names of modules.
        leaving_out: Modules, or packages with all that is in them, that are neither listed nor followed. A package's
            own `__init__` is followed where a module of it is.

    Returns:
        Dotted names, sorted; a root is among them also where it has no file.
    """
    homes = [home for root in roots for home in _home(root)]
    found: set[str] = set()
    pending = [*roots]
    while pending:
        name = pending.pop()
        if name in found or is_below(name, leaving_out):
            continue
        path = file_of(name)
        if path is None and name not in roots:
            continue
        found.add(name)
        parent = name.rpartition(".")[0]
        if parent:
            pending.append(parent)
        if path is not None:
            pending += [one for one, _ in imported(name, path) if _is_own(one, homes)]
    return tuple(sorted(found))


def is_below(name: str, places: Iterable[str]) -> bool:
    """Whether a module is one of some, or in one of some packages."""
    return any(name.startswith(place) and name[len(place) : len(place) + 1] in {"", "."} for place in places)


def imported(module: str, path: Path) -> Iterator[tuple[str, str]]:
    """Return what a module imports, as `(module, name)`: a name that is a module is also given as one."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for level, named, name in read(path).imports:
        base = named
        if level:
            above = package.split(".")[: len(package.split(".")) - level + 1]
            base = ".".join([*above, *([named] if named else [])])
        yield base, name
        if name and name != "*":
            yield f"{base}.{name}", ""


def _home(root: str) -> list[Path]:
    """Return where an adapter from outside stands: its folder or, where it was installed, its own package or file."""
    top = root.partition(".")[0]
    spec = None if top == _NAME else _spec(top)
    if spec is None:
        return []
    packages = [Path(folder) for folder in spec.submodule_search_locations or ()]
    places = packages or ([Path(spec.origin)] if spec.origin else [])
    installed = {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib", "stdlib", "platstdlib")}
    return [one if one.parent.resolve() in installed else one.parent for one in places]


def _is_own(module: str, homes: Sequence[Path]) -> bool:
    top = module.partition(".")[0]
    if top == _NAME or not homes or top in sys.stdlib_module_names:
        return top == _NAME
    path = file_of(module)
    return path is not None and any(
        path == home or (home in path.parents and _INSTALLED.isdisjoint(path.relative_to(home).parts)) for home in homes
    )


def of_closure(modules: Iterable[str]) -> str:
    """Hash what modules mean: of this package by their names, of an adapter's from outside whatever they are called.

    A module that has no file is its name.
    """
    paths = {name: file_of(name) for name in modules}
    found = {name: read(path).meaning if path is not None else "" for name, path in paths.items()}
    own = {name: text for name, text in found.items() if name.partition(".")[0] == _NAME}
    return fingerprint(own=own, outside=sorted(text or name for name, text in found.items() if name not in own))
