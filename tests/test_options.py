"""What can be said is written once: the command and the pytest plugin are made of it."""

from __future__ import annotations

from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any

import click
import pytest

from harness import pytest_plugin
from harness.cli import main
from harness.errors import SettingsError
from harness.options import OF_RUN, OPTIONS, duration, fields, make_plan
from harness.pipeline import Options

__all__: list[str] = []


class _Group:
    """Holds what a plugin adds, as pytest's group of options does."""

    def __init__(self) -> None:
        self.added: dict[str, dict[str, Any]] = {}

    def addoption(self, name: str, **said: Any) -> None:
        self.added[name] = said


class _Parser:
    def __init__(self) -> None:
        self.group = _Group()

    def getgroup(self, name: str, description: str) -> _Group:
        return self.group


@pytest.mark.parametrize("name", OF_RUN)
def test_the_command_has_each_option(name: str) -> None:
    """With its text, its default, its letter, and as often as it may be said."""
    option = OPTIONS[name]
    (made,) = [one for one in main.commands["run"].params if one.name == name]
    assert isinstance(made, click.Option)
    assert (option.help, option.multiple) == (made.help, made.multiple)
    assert [one for one in (option.short, option.flag) if one] == made.opts
    if option.default is not None and not option.multiple:
        assert option.default == made.default


def test_the_plugin_has_the_options_of_the_command() -> None:
    """All but those that pytest has a way of its own for, each with the command's text."""
    parser = _Parser()
    pytest_plugin.pytest_addoption(parser)  # type: ignore[arg-type]
    added = parser.group.added
    expected = [f"--harness-{OPTIONS[name].flag[2:]}" for name in OF_RUN if name not in {"shard", "reports"}]
    assert ["--harness", *expected] == list(added)
    for name in expected:
        option = OPTIONS[name.removeprefix("--harness-").replace("-", "_")]
        assert added[name]["help"].startswith(option.help)
        assert added[name]["default"] is None
        action = "store_true" if option.kind is bool else "append" if option.multiple else "store"
        assert action == added[name]["action"]
    assert "Seconds one answer may take. 120." == added["--harness-timeout"]["help"]
    assert "The store's folder. .harness beside pytest's configuration." == added["--harness-store"]["help"]


def test_every_option_of_a_run_is_a_field_of_its_plan() -> None:
    """Under the field's name; the folder of reports and the shard are put in otherwise."""
    known = {field.name for field in fields_of(Options)}
    said = fields(dict.fromkeys(OF_RUN, ()))
    assert {"backends", "cache", "dtypes"} <= said.keys()
    assert {"reports"} == said.keys() - known
    assert Options(backends=("numpy",), store=Path("s"), cache=False, shard=(2, 4)) == make_plan(
        backend=("numpy",), store=Path("s"), no_cache=True, shard="2/4"
    )


@pytest.mark.parametrize("text", ["", "0", "-1s", "inf", "5d", "nan"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    """Zero, negative, endless, and what has another unit."""
    with pytest.raises(SettingsError, match="expected a positive number of s, m or h"):
        duration(text)
    assert (90.0, 90.0, 300.0, 5400.0) == tuple(map(duration, ("90", "90s", "5m", "1.5h")))
