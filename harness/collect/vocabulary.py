"""Fingerprints of the vocabulary: of the rows that a case uses, and of what a framework calls them."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from harness.collect.closure import closure, digest, file_of, imported, is_below, makers, of_closure, read
from harness.collect.fingerprint import fingerprint, of_files
from harness.collect.kept import kept
from harness.collect.values import EVERYTHING, Description, describe, spoken_in
from harness.errors import HarnessError
from harness.operations.operators import BINARY, COMPARISONS, UNARY
from harness.operations.table import CONSTANTS, OPERATIONS
from harness.operations.words import DEFINITION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from harness.collect.case import Case
    from harness.operations.operation import Operation
    from harness.operations.words import Column

__all__ = [
    "OPERATORS",
    "named",
    "of_modules",
    "of_rows",
    "of_words",
    "reached",
    "rows_of",
    "spoken_by",
]

OPERATORS = tuple(sorted({*BINARY.values(), *COMPARISONS.values(), *UNARY.values()}))
"""The rows that Python's operators stand for: every case may use them."""

_ROOM = "harness.operations"
_TABLE = f"{_ROOM}.table"
_MACHINERY = tuple(f"{_ROOM}.{name}" for name in ("operation", "words", "namespace", "operators", "formats"))
"""What holds for every row; the other modules of the room count row by row."""

_SAID = frozenset({"summary", "source", "cost"})
"""Fields of a row that decide no value, proof or budget."""

_BUDGET = frozenset({"accuracy", "others", "domain"})
"""Fields of a row that decide a budget, and nothing that runs in another worker than the reference's."""

_SPEAKING = ("meaning", "program", "others", "derivative")
"""Fields whose functions take `xp` first."""


def named(words: Iterable[str]) -> set[str]:
    """Return the rows that dotted words name: a row by its name, a part of the vocabulary by its own."""
    found: set[str] = set()
    for word in words:
        if word == EVERYTHING:
            return set(OPERATIONS)
        parts = word.split(".")
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            if name in OPERATIONS:
                found.add(name)
                break
        else:
            found |= {name for name in OPERATIONS if name.startswith(f"{word}.")}
    return found


def rows_of(case: Case) -> tuple[str, ...]:
    """Return the rows that a case uses: its function, its programs, and what they call in its file.

    Every row, where the vocabulary is handed to something that cannot be followed.
    """
    words = _spoken_in(case.path, of_files(case.path))
    functions = [case.function, *case.programs] if case.portable else []
    found: set[str] = set()
    for function in functions:
        found |= named(words.get(getattr(function, "__name__", ""), (EVERYTHING,)))
    return tuple(sorted(found))


@cache
def _spoken_in(path: Path, content: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = kept(f"case:{content}:{makers()}", lambda: spoken_in(path.read_bytes()))
    return found


def of_rows(operations: Iterable[str], *, budgeted: bool = True) -> str:
    """Hash what rows mean: every field that decides a value, a proof or a budget, and the rows that these use.

    The rows of Python's operators, and the vocabulary's constants, are always among them.

    Args:
        operations: Names of rows.
        budgeted: Whether what decides a budget alone counts too; it does not where a tape only runs the rows.
    """
    return _of_rows(reached(operations), "whole" if budgeted else "run")


@cache
def _of_rows(used: tuple[str, ...], part: str) -> str:
    facts = _rows()
    return fingerprint(constants=CONSTANTS, rows={name: facts[name][part] for name in used})


def of_words(
    table: str, words: Callable[[], Mapping[str, Column]], operations: Iterable[str], places: tuple[str, ...] = ()
) -> str:
    """Hash what a framework calls rows.

    Where the framework has no function of its own, and runs the row's meaning, that counts, and so do the framework's
    words for the rows that the meaning uses.

    Args:
        table: Names the table of words among others; one that is asked for again is not read again.
        words: Gives the table: row to column. A row that is not in it has the standard's name.
        operations: Names of rows.
        places: Modules that the words are written in, beside those of the rows.
    """
    if table not in _tables:
        _tables[table] = kept(f"words:{table}:{digest(_TABLE, *places)}", lambda: _described_words(words()))
    return _of_words(table, tuple(sorted(operations)))


_tables: dict[str, dict[str, Any]] = {}


def _described_words(words: Mapping[str, Column]) -> dict[str, Any]:
    return {name: [describe(column).print, column is DEFINITION] for name, column in words.items()}


@cache
def _of_words(table: str, operations: tuple[str, ...]) -> str:
    facts, found = _rows(), _tables[table]
    defined = {name for name, (_, is_definition) in found.items() if is_definition}
    used = sorted(_followed(operations, lambda name: facts[name]["means"] if name in defined else ()))
    return fingerprint(
        words={name: found.get(name) for name in used},
        definitions={name: facts[name]["meaning"] for name in used if name in defined},
    )


def reached(operations: Iterable[str]) -> tuple[str, ...]:
    """Return rows with all that they use, and those of Python's operators."""
    return tuple(sorted(_operators().union(*(_reached(name) for name in operations))))


@cache
def _operators() -> frozenset[str]:
    return frozenset().union(*(_reached(name) for name in OPERATORS))


@cache
def _reached(name: str) -> frozenset[str]:
    return frozenset(_followed((name,), lambda one: _rows()[one]["uses"]))


def _followed(start: Iterable[str], further: Callable[[str], Iterable[str]]) -> set[str]:
    found: set[str] = set()
    pending = [*start]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += further(name)
    return found


@cache
def _rows() -> dict[str, dict[str, Any]]:
    """Return, of each row, the hashes of it all, of what runs of it and of its meaning, and the rows that it uses."""
    found: dict[str, dict[str, Any]] = kept(f"rows:{digest(_TABLE)}", _described)
    return found


def _described() -> dict[str, dict[str, Any]]:
    families = [value for _, _, value in _by_row()]
    found = {}
    for name, row in OPERATIONS.items():
        family = describe([one[name] for one in families if name in one])
        meaning = describe(row.meaning, ("", *_SPEAKING))
        whole, run = _described_row(row, _SAID), _described_row(row, _SAID | _BUDGET)
        found[name] = {
            "whole": fingerprint(row=whole.print, family=family.print),
            "run": fingerprint(row=run.print, family=family.print),
            "meaning": fingerprint(meaning=meaning.print, family=family.print),
            "uses": sorted(named(whole.words | family.words)),
            "means": sorted(named(meaning.words | family.words)),
        }
    return found


def _described_row(row: Operation, leaving_out: frozenset[str]) -> Description:
    found = Description()
    for field in dataclasses.fields(row):
        if field.name not in leaving_out:
            speaking = (*_SPEAKING, "") if field.name in _SPEAKING else _SPEAKING
            part = describe(getattr(row, field.name), speaking)
            found.text += [f"{field.name}=", *part.text]
            found.words |= part.words
    return found


@cache
def _by_row() -> tuple[tuple[str, str, Mapping[str, Any]], ...]:
    """Find what the room has beside its rows, row by row: `FAMILIES`."""
    return tuple(
        (module, name, value)
        for module in sorted(sys.modules)
        if is_below(module, (_ROOM,)) and module != _TABLE
        for name in getattr(sys.modules[module], "__all__", ())
        if _is_by_row(value := getattr(sys.modules[module], name))
    )


def _is_by_row(value: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and set(value) <= set(OPERATIONS)


@cache
def _row_modules() -> tuple[str, ...]:
    """Return the modules of the room that count row by row."""
    room = file_of(_ROOM)
    if room is None:
        raise HarnessError(f"{_ROOM} has no file: expected this package's sources beside {__file__}; install it again.")
    places = (path.relative_to(room.parent).with_suffix("").parts for path in room.parent.rglob("*.py"))
    names = (".".join((_ROOM, *words)) for words in places if words[-1] != "__init__")
    return tuple(sorted(name for name in names if name not in _MACHINERY))


@cache
def of_modules(*roots: str, leaving_out: tuple[str, ...] = ()) -> str:
    """Hash what is loaded with some modules: all that they import, row modules left out.

    What these modules take from a row module by name counts by what it means, unless it is a row, or stands for some.

    Args:
        *roots: Dotted names.
        leaving_out: Further modules and packages that do not count, such as a framework's words.
    """
    modules = closure(*roots, leaving_out=(*_row_modules(), *leaving_out))
    return fingerprint(modules=of_closure(modules), taken=_taken(modules)[0])


@cache
def spoken_by(*roots: str, leaving_out: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the rows that some modules, and what they import, use by themselves, whatever a case says."""
    modules = closure(*roots, leaving_out=(*_row_modules(), *leaving_out))
    paths = [path for name in modules if (path := file_of(name)) is not None]
    words = {word for path in paths for word in read(path).words}
    return tuple(sorted({name for name in named(words) if name in OPERATIONS} | set(_taken(modules)[1])))


@cache
def _taken(modules: tuple[str, ...]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Describe what modules import from row modules by name; one that is imported whole counts with all it loads."""
    rows = set(_row_modules())
    names: set[tuple[str, str]] = set()
    for module in modules:
        path = file_of(module)
        for base, name in imported(module, path) if path is not None else ():
            if base in rows:
                names.add((base, name))
    found, words = {}, set()
    for base, name in sorted(names):
        key = f"taken:{base}:{name}:{digest(_TABLE)}"
        text, used = kept(key, partial(_of_taken, base, name))
        found[f"{base}:{name}"] = text
        words |= set(used)
    return found, tuple(sorted(words))


def _of_taken(module: str, name: str) -> tuple[str, list[str]]:
    if not name or name == "*":
        return of_closure(closure(module)), []
    value = getattr(import_module(module), name)
    if _is_by_row(value) or name == "GROUPS":
        return "", []
    made = describe(value, _SPEAKING)
    return made.print, sorted(named(made.words))
