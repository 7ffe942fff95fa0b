"""Finds cases: in the folders that are given, in `cases/` of the current folder, or in what packages offer."""

from __future__ import annotations

import ast
import fnmatch
import hashlib
import importlib.util
import linecache
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from harness.collect.case import Case, collecting
from harness.collect.kept import kept
from harness.errors import CaseChangedError, CaseError, HarnessError, SettingsError, UnknownOperationError, suggest
from harness.operations.table import CONSTANTS, OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["collect", "load_case", "load_file", "select", "standard_cases"]

_FORBIDDEN = {"torch", "tensorflow", "jax", "keras", "flax", "cupy", "mlx", "paddle"}
_DTYPES = {"float16", "bfloat16", "float32", "float64", "int32", "int64", "bool", "complex64", "complex128"}
_NAMESPACES = {name.partition(".")[0] for name in OPERATIONS if "." in name}


def standard_cases() -> Path:
    """Return the folder of the standard cases: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_cases"
    return inside if inside.is_dir() else package.parent / "cases"


def collect(folders: Sequence[str | Path] = ()) -> dict[str, Case]:
    """Load every case below some folders or files.

    Args:
        folders: Where to look. By default `cases/` of the current folder; without one, the standard cases and what
            packages offer through the entry-point group `harness.cases`.

    Returns:
        Cases by id, in the order of files and lines.

    Raises:
        CaseError: If a file or a case is wrong, or two cases have one id.
        SettingsError: If a folder does not exist.
    """
    found: dict[str, Case] = {}
    for root, prefix in _roots(folders):
        files = [root] if root.is_file() else sorted(root.rglob("*.py"))
        top = root.parent if root.is_file() else root
        for file in files:
            relative = file.parent.relative_to(top)
            area = "/".join(part for part in (prefix, relative.as_posix()) if part not in {"", "."})
            for made in load_file(file, area or top.resolve().name):
                if made.id in found:
                    other = found[made.id]
                    raise CaseError(
                        f"{made.path}:{made.line}: there is already a case {made.id!r} at {other.path}:{other.line}. "
                        "A case's id is its folder and its function's name: rename one of them."
                    )
                found[made.id] = made
    return found


def _roots(folders: Sequence[str | Path]) -> Iterable[tuple[Path, str]]:
    if folders:
        for folder in folders:
            path = Path(folder)
            if not path.exists():
                raise SettingsError(f"No folder or file {str(folder)!r} in {Path.cwd()}: expected one with case files.")
            yield path, ""
        return
    if Path("cases").is_dir():
        yield Path("cases"), ""
        return
    yield standard_cases(), ""
    from importlib.metadata import entry_points

    for entry in entry_points(group="harness.cases"):
        try:
            spec = importlib.util.find_spec(entry.module)
        except ModuleNotFoundError:
            spec = None
        if spec is None or not spec.submodule_search_locations:
            raise CaseError(
                f"The entry point {entry.name} = {entry.value!r} of group harness.cases names no package: expected "
                "a package whose folder holds case files."
            )
        yield Path(next(iter(spec.submodule_search_locations))), entry.name


def select(cases: dict[str, Case], patterns: Sequence[str]) -> dict[str, tuple[Case, tuple[str, ...]]]:
    """Choose cases and samples.

    Args:
        cases: By id.
        patterns: Ids (`seeds/affine_sum`), areas (`seeds`), ids with a sample (`seeds/affine_sum[given]`), or
            shell patterns (`*/softmax*`). None chooses everything.

    Returns:
        Id to the case and the names of its chosen samples.

    Raises:
        SettingsError: If a pattern matches nothing.
    """
    if not patterns:
        return {name: (made, tuple(made.samples)) for name, made in cases.items()}
    chosen: dict[str, set[str]] = {}
    for pattern in patterns:
        base, bracket, rest = pattern.partition("[")
        sample = rest.removesuffix("]") if bracket else "*"
        base = base.rstrip("/")
        matched = False
        for name, made in cases.items():
            if not (name == base or name.startswith(f"{base}/") or fnmatch.fnmatchcase(name, base)):
                continue
            samples = {word for word in made.samples if fnmatch.fnmatchcase(word, sample)}
            matched |= bool(samples)
            if samples:
                chosen.setdefault(name, set()).update(samples)
        if not matched:
            known = [*cases, *{made.area for made in cases.values()}]
            if base in cases:
                known = [f"{base}[{word}]" for word in cases[base].samples]
            raise SettingsError(
                f"No case matches {pattern!r}.{suggest(pattern, known) or f' There are {len(cases)} cases:'} "
                "`harness list` names them all."
                if cases
                else f"No case matches {pattern!r}: no file that was looked into has a case. Expected one with @case in "
                "cases/, or in the folder that was named."
            )
    return {
        name: (made, tuple(word for word in made.samples if word in chosen[name]))
        for name, made in cases.items()
        if name in chosen
    }


@cache
def _loaded(path: Path, digest: str, area: str) -> dict[str, Case]:
    del digest
    return {made.name: made for made in load_file(path, area)}


def load_case(path: str, name: str, area: str, digest: str = "") -> Case:
    """Load one case in a worker; a file is read once as long as it does not change.

    Args:
        path: The file.
        name: The function's name.
        area: The case's area.
        digest: `fingerprint.of_files` of the file as it was planned; empty where that does not matter.

    Raises:
        CaseChangedError: If the file is not what was planned.
        CaseError: If it cannot be loaded.
    """
    file = Path(path)
    try:
        found_digest = hashlib.sha256(hashlib.sha256(file.read_bytes()).digest()).hexdigest()[:32]
    except OSError as error:
        raise CaseChangedError(f"{path} can no longer be read: {error.strerror}.") from error
    if digest not in {"", found_digest}:
        raise CaseChangedError(f"{path} has changed since the run was planned. Run the same command again.")
    found = _loaded(file, found_digest, area)
    if name not in found:
        raise CaseError(f"{path} no longer holds a case {name!r}.")
    return found[name]


def load_file(path: Path, area: str) -> list[Case]:
    """Load the cases of one file.

    Raises:
        CaseError: If it cannot be read or run, imports a framework at module level, or a case in it is wrong. The
            message names file and line.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CaseError(f"{path} cannot be read: {error}. Expected Python source in UTF-8.") from error
    # What is wrong is said each time; what is right is known as long as neither the source nor the vocabulary changes.
    key = hashlib.sha256("\0".join((source, *OPERATIONS, *CONSTANTS)).encode("utf-8", "surrogatepass")).hexdigest()
    facts = kept(f"case file:{key}", lambda: _examine(path, source))
    words, outputs = facts["words"], facts["outputs"]
    digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    name = f"_harness_cases_{digest}_{path.stem}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    # Tracebacks and reports show what was run, whatever has become of the file.
    linecache.cache[str(path)] = (len(source), None, source.splitlines(keepends=True), str(path))
    with collecting() as found:
        try:
            # Not through the import system: its bytecode cache takes an edit of the same length in the same second
            # for no edit, and would leave __pycache__ in the folders of cases.
            exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102 - cases are code, and run as such
        except HarnessError:
            raise
        except (Exception, SystemExit) as error:
            line = _line_in(path, error)
            raise CaseError(f"{path}:{line}: {type(error).__name__}: {error}. The case file cannot be run.") from error
    for made in found:
        made.area = area
        made.path = path.resolve()
        made.operations = tuple(words.get(made.name, ()))
        made.outputs = outputs.get(made.name)
    names = [made.name for made in found]
    for number, made in enumerate(found):
        if made.name in names[:number]:
            other = found[names.index(made.name)]
            raise CaseError(
                f"{path}:{made.line}: there is already a case {made.name!r} at line {other.line}. Rename one of them."
            )
    return found


def _examine(path: Path, source: str) -> dict[str, Any]:
    """Find the words and the outputs of a file's functions, as JSON can say them."""
    try:
        tree = ast.parse(source, str(path))
    except SyntaxError as error:
        raise CaseError(f"{path}:{error.lineno}: {error.msg}. Expected Python source.") from error
    except ValueError as error:
        raise CaseError(f"{path} cannot be read: {error}. Expected Python source in UTF-8.") from error
    _refuse_frameworks(path, tree)
    return {
        "words": {name: list(found) for name, found in _words(path, tree).items()},
        "outputs": _outputs(path, tree),
    }


def _line_in(path: Path, error: BaseException) -> int:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(path):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _refuse_frameworks(path: Path, tree: ast.Module) -> None:
    """A framework may be imported in the body of a native implementation only."""
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name.partition(".")[0] in _FORBIDDEN:
                raise CaseError(
                    f"{path}:{getattr(node, 'lineno', 0)}: a case file imports no framework, but this imports {name!r}. "
                    "Use xp; or move the import into the body of a native implementation."
                )
        pending.extend(ast.iter_child_nodes(node))


def _words(path: Path, tree: ast.Module) -> dict[str, tuple[str, ...]]:
    """Find the words of `xp` that each function uses, those of functions it calls included.

    Raises:
        UnknownOperationError: If one of them does not exist.
    """
    direct: dict[str, set[str]] = {}
    calls: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef) or not _takes_xp(node):
            continue
        used = direct.setdefault(node.name, set())
        called = calls.setdefault(node.name, set())
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute):
                word = _dotted(part)
                if word is not None and word not in _NAMESPACES:
                    _check_word(path, part.lineno, word)
                    if word in OPERATIONS:
                        used.add(word)
            elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
                called.add(part.func.id)
    complete: dict[str, tuple[str, ...]] = {}
    for name in direct:
        seen, pending = {name}, [name]
        while pending:
            for callee in calls[pending.pop()] & direct.keys() - seen:
                seen.add(callee)
                pending.append(callee)
        complete[name] = tuple(sorted(set().union(*(direct[callee] for callee in seen))))
    return complete


def _outputs(path: Path, tree: ast.Module) -> dict[str, int]:
    """Find the functions whose `return` writes a tuple out, and how long it is."""
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        # A function that is not decorated is no case, and may return what it likes.
        if isinstance(node, ast.FunctionDef) and node.decorator_list and _takes_xp(node):
            returned = _returned(node)
            lengths = {len(value.elts) if isinstance(value, ast.Tuple) else None for value in returned}
            if len(lengths - {None}) > 1 or (None in lengths and len(lengths) > 1):
                raise CaseError(
                    f"{path}:{node.lineno}: {node.name} returns sometimes one array and sometimes several, or tuples "
                    "of different lengths. Every return must give the same number of arrays."
                )
            length = next(iter(lengths), None)
            if length is not None:
                found[node.name] = length
    return found


def _takes_xp(node: ast.FunctionDef) -> bool:
    return bool(node.args.args) and node.args.args[0].arg == "xp"


def _returned(function: ast.FunctionDef) -> list[ast.expr | None]:
    """Find what a function returns; what functions inside it return is not its own."""
    found: list[ast.expr | None] = []
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Return):
            found.append(node.value)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))
    return found


def _dotted(node: ast.Attribute) -> str | None:
    """Return `special.erf` for `xp.special.erf`, the longest chain only, and None for what does not start at `xp`."""
    words: list[str] = []
    current: ast.expr = node
    while isinstance(current, ast.Attribute):
        words.append(current.attr)
        current = current.value
    if not (isinstance(current, ast.Name) and current.id == "xp"):
        return None
    words.reverse()
    return ".".join(words[:2]) if words[0] in _NAMESPACES else words[0]


def _check_word(path: Path, line: int, word: str) -> None:
    if word in OPERATIONS or word in CONSTANTS or word in _DTYPES:
        return
    known = [*OPERATIONS, *CONSTANTS, *_DTYPES]
    hint = suggest(word, known) or suggest(word.rpartition(".")[2], known)
    raise UnknownOperationError(
        f"{path}:{line}: xp.{word} is not a word of the vocabulary.{hint} "
        "All words stand in harness/operations; a new one is one row there."
    )
