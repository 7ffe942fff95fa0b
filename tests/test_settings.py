"""Settings in pyproject.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import pytest

from harness.cli import main
from harness.errors import SettingsError
from harness.settings import read

if TYPE_CHECKING:
    from pathlib import Path

__all__: list[str] = []

PARAMETERS = [
    click.Argument(["select"], nargs=-1),
    click.Option(["-b", "--backend"], multiple=True),
    click.Option(["--seed"], multiple=True, type=int),
    click.Option(["--timeout"], type=click.FloatRange(min=0, min_open=True)),
    click.Option(["--no-cache"], is_flag=True),
]


def _read(folder: Path, text: str) -> dict[str, Any]:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return read(folder, PARAMETERS)


def test_without_a_file_or_a_table_there_are_no_settings(tmp_path: Path) -> None:
    """A project need not say anything."""
    assert {} == read(tmp_path, PARAMETERS)
    assert {} == _read(tmp_path, "[project]\nname = 'x'\n")
    assert {} == _read(tmp_path, "[tool.ruff]\nline-length = 120\n")


def test_keys_are_the_options_names_and_values_are_theirs(tmp_path: Path) -> None:
    """One value stands for a list of one; whole numbers are numbers."""
    text = "[tool.harness]\nbackend = 'numpy'\nseed = [1, 2]\ntimeout = 30\nno-cache = true\n"
    assert {"backend": ("numpy",), "seed": (1, 2), "timeout": 30.0, "no_cache": True} == _read(tmp_path, text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("backends = ['numpy']", "an unknown key 'backends': expected one of backend, seed.*Did you mean 'backend'"),
        ("select = ['seeds']", "an unknown key 'select'"),
        ("timeout = '1 minute'", "timeout = '1 minute': .*not a valid float range. Expected a number"),
        ("timeout = 0", "timeout = 0: 0.0 is not in the range x>0"),
        ("timeout = true", "timeout = True: expected a number"),
        ("timeout = [1]", r"timeout = \[1\]: expected a number"),
        ("seed = ['one']", "seed = 'one': .*Expected an integer, or a list"),
        ("no-cache = 'yes'", "no-cache = 'yes': expected true or false"),
        ("backend = [['numpy']]", r"backend = \['numpy'\]: expected a string, or a list"),
    ],
)
def test_what_no_option_takes_is_refused(tmp_path: Path, line: str, expected: str) -> None:
    """The message names the file, the key, what was got and what was expected."""
    with pytest.raises(SettingsError, match=rf"pyproject.toml: \[tool.harness\] (has )?{expected}"):
        _read(tmp_path, f"[tool.harness]\n{line}\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[tool.harness\n", "Expected TOML"),
        ("tool = 3\n", "Expected TOML, with settings in the table"),
        ("[tool]\nharness = 3\n", r"tool.harness = 3: expected a table, \[tool.harness\]"),
    ],
)
def test_a_file_that_says_nothing_readable_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    """The file is named."""
    with pytest.raises(SettingsError, match=f"pyproject.toml.*{expected}"):
        _read(tmp_path, text)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """TOML is UTF-8."""
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"pyproject\.toml cannot be read"):
        read(tmp_path, PARAMETERS)


def test_every_option_of_a_run_can_be_set(tmp_path: Path) -> None:
    """With the value that it has by default."""
    options = [option for option in main.commands["run"].params if isinstance(option, click.Option)]
    values = {"memory": "1024", "timeout": "60", "seed": "[0]"}
    names = {max(option.opts, key=len).removeprefix("--"): option for option in options}
    text = "\n".join(
        f"{name} = {'false' if option.is_flag else values.get(name, repr('x'))}" for name, option in names.items()
    )
    (tmp_path / "pyproject.toml").write_text(f"[tool.harness]\n{text}\n")
    assert {option.name for option in options} == set(read(tmp_path, options))
