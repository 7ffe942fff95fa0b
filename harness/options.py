"""The options of the commands, written once: what each takes, what it says, and the plan that they come to."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.errors import SettingsError
from harness.report.formats import STDOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.pipeline import Options
    from harness.report.formats import Format

__all__ = ["duration", "fields", "files", "folders_and_patterns", "options", "planned"]

_SEVERAL = {
    "backend": "backends",
    "adapter": "adapters",
    "mode": "modes",
    "dtype": "dtypes",
    "quantity": "quantities",
    "seed": "seeds",
}
"""Options that may be said again, to the fields of a plan that hold all that was said."""


class _Folder(click.Path):
    """A folder's path. `-`, which is stdout where a file is asked for, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "-":
            self.fail("- is stdout, and a folder is expected; one of that name is ./-", param, ctx)
        return super().convert(value, param, ctx)


_FOLDER = _Folder(path_type=Path)
_SECONDS = click.FloatRange(min=0, min_open=True)
_MEMORY = click.IntRange(min=1)

_OPTIONS: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "select": click.argument("select", nargs=-1),
    "backend": click.option("-b", "--backend", multiple=True, help="Backend; again for more. All that are installed."),
    "mode": click.option("-m", "--mode", multiple=True, help="eager, or a compiler of the backend. All."),
    "dtype": click.option(
        "-d", "--dtype", multiple=True, help="float32, float64, bfloat16, float16, complex64, … The profile's."
    ),
    "device": click.option("--device", default="cpu", show_default=True, help="cpu or gpu."),
    "quantity": click.option(
        "-q", "--quantity", multiple=True, help="value, vjp, jvp, hvp, …, or one in full: vjp:x. The profile's."
    ),
    "profile": click.option(
        "--profile",
        default="quick",
        show_default=True,
        help="quick: values and gradients in float32. full: every dtype, quantity and path to it.",
    ),
    "store": click.option("--store", default=".harness", show_default=True, type=_FOLDER, help="The store's folder."),
    "shard": click.option("--shard", default="1/1", show_default=True, metavar="I/N", help="Only part I of N."),
    "timeout": click.option(
        "--timeout", default=120.0, show_default=True, type=_SECONDS, help="Seconds one answer may take."
    ),
    "memory": click.option("--memory", type=_MEMORY, metavar="MIB", help="Resident memory a worker may use. No limit."),
    "adapter": click.option("--adapter", multiple=True, metavar="M:C", help="An adapter: package.module:Class."),
    "no_cache": click.option("--no-cache", is_flag=True, help="Run what is unchanged again."),
    "seed": click.option(
        "--seed", default=(0,), show_default=True, type=int, multiple=True, help="Seed of samples; again for more."
    ),
    "reports": click.option(
        "--reports",
        default="reports/latest",
        show_default=True,
        type=_FOLDER,
        help="The folder reports are written to.",
    ),
    "json": click.option("--json", "as_json", is_flag=True, help="One line of JSON each."),
}


def options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add options to a command, by name."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names):
            function = _OPTIONS[name](function)
        return function

    return decorate


def files(formats: Sequence[Format]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add an option for each format to a command, which is given what was said as one argument, `files`.

    Args:
        formats: What the command renders.

    Returns:
        A decorator; it stands next to the function. The command raises a SettingsError if two files are to be stdout.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def command(**said: Any) -> Any:
            named = {form.name: said.pop(form.name) for form in formats}
            asked = {name: path for name, path in named.items() if path is not None}
            to_stdout = [f"--{name} -" for name, path in asked.items() if path == STDOUT]
            if len(to_stdout) > 1:
                raise SettingsError(f"{' and '.join(to_stdout)}: stdout holds one file. Name a file for the others.")
            return function(files=asked, **said)

        kind = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
        for form in reversed(formats):
            command = click.option(f"--{form.name}", type=kind, metavar="F", help=form.help)(command)
        return command

    return decorate


def planned(select: Sequence[str] = (), shard: str = "1/1", **said: Any) -> Options:
    """Make a plan of what was said.

    Args:
        select: Cases, folders and files.
        shard: Which part of how many, as `I/N`.
        said: The other options, by name.

    Raises:
        SettingsError: If the shard is none.
    """
    from harness.pipeline import Options

    folders, patterns = folders_and_patterns(select)
    return Options(select=patterns, folders=folders, shard=_shard(shard), **fields(said))


def fields(said: dict[str, Any]) -> dict[str, Any]:
    """Name options as the fields of a plan."""
    found = {_SEVERAL.get(name, name): value for name, value in said.items() if name != "no_cache"}
    if "no_cache" in said:
        found["cache"] = not said["no_cache"]
    return found


def folders_and_patterns(select: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell folders and files from patterns: what is written like a path is one."""
    folders = tuple(word for word in select if word.endswith(".py") or word.startswith((".", "/")) or _is_folder(word))
    return folders, tuple(word for word in select if word not in folders)


def _is_folder(word: str) -> bool:
    path = Path(word)
    return path.is_dir() and any(path.rglob("*.py"))


def _shard(text: str) -> tuple[int, int]:
    part, slash, parts = text.partition("/")
    if not (slash and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise SettingsError(f"--shard {text!r}: expected I/N with 1 <= I <= N, such as 2/4.")
    return int(part), int(parts)


def duration(text: str) -> float:
    """Read a time such as `90`, `90s`, `5m` or `1.5h`, in seconds.

    Raises:
        SettingsError: If it is none.
    """
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "s")
    try:
        seconds = float(number) * units[unit]
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise SettingsError(f"--budget {text!r}: expected a positive number of s, m or h, such as 90s, 5m or 1h.")
    return seconds
