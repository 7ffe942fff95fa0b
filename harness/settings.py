"""Settings: `[tool.harness]` in the current folder's pyproject.toml gives the options of `harness run` their defaults.

A key is an option's name without its dashes, and its value what the option takes: `backend = ["torch", "jax"]`,
`timeout = 30`, `no-cache = true`. What is said on the command line wins.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import click

from harness.errors import SettingsError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["read"]


def read(folder: Path, parameters: Iterable[click.Parameter]) -> dict[str, Any]:
    """Read the settings of a folder.

    Args:
        folder: Where pyproject.toml stands. Without one, or without the table, there are no settings.
        parameters: The command's, of which each option may be set.

    Returns:
        Value by parameter's name, converted as the option itself would.

    Raises:
        SettingsError: If the file is not TOML, a key names no option, or a value is nothing that the option takes.
    """
    path = folder / "pyproject.toml"
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}. Mend the file, or run in another folder.") from error
    try:
        table = tomllib.loads(text).get("tool", {}).get("harness", {})
    except (tomllib.TOMLDecodeError, AttributeError) as error:
        raise SettingsError(f"{path}: {error}. Expected TOML, with settings in the table [tool.harness].") from error
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: tool.harness = {table!r}: expected a table, [tool.harness].")
    options = {_key(option): option for option in parameters if isinstance(option, click.Option)}
    settings = {}
    for key, value in table.items():
        if key not in options:
            known = list(options)
            raise SettingsError(
                f"{path}: [tool.harness] has an unknown key {key!r}: expected one of {', '.join(known)}."
                f"{suggest(key, known)}"
            )
        option = options[key]
        assert option.name is not None, "click names every option"
        settings[option.name] = _value(path, key, value, option)
    return settings


def _key(option: click.Option) -> str:
    return max(option.opts, key=len).removeprefix("--")


def _value(path: Path, key: str, value: Any, option: click.Option) -> Any:
    if option.multiple:
        return tuple(_one(path, key, part, option) for part in (value if isinstance(value, list) else [value]))
    return _one(path, key, value, option)


def _one(path: Path, key: str, value: Any, option: click.Option) -> Any:
    place = f"{path}: [tool.harness] {key} = {value!r}"
    if isinstance(value, bool) is not option.is_flag:
        raise SettingsError(f"{place}: expected {'true or false' if option.is_flag else _expected(option)}.")
    if isinstance(value, (list, dict)):
        raise SettingsError(f"{place}: expected {_expected(option)}.")
    try:
        return option.type.convert(value, option, None)
    except click.BadParameter as error:
        raise SettingsError(f"{place}: {error.message.rstrip('.')}. Expected {_expected(option)}.") from error


def _expected(option: click.Option) -> str:
    # A range's name is `integer range`.
    number = {"integer": "an integer", "float": "a number"}.get(option.type.name.partition(" ")[0], "a string")
    return f"{number}, or a list" if option.multiple else number
