"""Options as a click command takes them: made of the list in `options`, and of the list of formats."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.errors import SettingsError
from harness.options import OPTIONS
from harness.report.formats import STDOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.options import Option
    from harness.report.formats import Format

__all__ = ["files", "options", "select"]

select = click.argument("select", nargs=-1)
"""Cases, folders and files."""


class _Folder(click.Path):
    """A folder's path. `-`, which is stdout where a file is asked for, is none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "-":
            self.fail("- is stdout, and a folder is expected; one of that name is ./-", param, ctx)
        return super().convert(value, param, ctx)


def options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add options to a command, by name."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(names):
            function = _make(OPTIONS[name])(function)
        return function

    return decorate


def _make(option: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    names = [name for name in (option.short, option.flag) if name]
    if option.kind is bool:
        return click.option(*names, is_flag=True, help=option.help)
    default = (option.default,) if option.multiple and option.default is not None else option.default
    shown: dict[str, Any] = {} if default is None else {"default": default, "show_default": True}
    kind, repeated = _kind(option), option.multiple
    return click.option(*names, type=kind, multiple=repeated, metavar=option.metavar, help=option.help, **shown)


def _kind(option: Option) -> Any:
    if option.kind is Path:
        return _Folder(path_type=Path)
    if option.positive:
        return click.IntRange(min=1) if option.kind is int else click.FloatRange(min=0, min_open=True)
    return option.kind


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
