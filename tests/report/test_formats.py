"""One list says what reports are rendered in; commands and files are made from it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from harness import arguments
from harness.cli import main
from harness.model import Series
from harness.report import formats, publish
from harness.report.formats import FORMATS, Format, of_reports, of_times
from harness.report.timing.build import build
from tests.report.catalogue import made_up

if TYPE_CHECKING:
    from pathlib import Path

__all__: list[str] = []


def test_every_format_renders() -> None:
    """The functions that the list names exist, and give text."""
    report = made_up(1).report()
    for one in of_reports():
        assert one.render_report(report), one.name
    for one in of_times():
        assert isinstance(one.render_times(build(Series(id="none"), {})), str), one.name
    assert {*FORMATS.values()} == {*of_reports(), *of_times()}


def test_files_do_not_overwrite_each_other() -> None:
    """Names of formats and of files are distinct."""
    assert len(FORMATS) == len({one.file for one in FORMATS.values()})


@pytest.mark.parametrize(
    ("command", "expected"), [("report", of_reports()), ("time", of_times()), ("compare", of_times())]
)
def test_a_command_has_an_option_for_each_format(command: str, expected: list[Format]) -> None:
    """In the order of the list, and for nothing else."""
    names = [one.name for one in main.commands[command].params if one.name in FORMATS]
    assert [one.name for one in expected] == names


def test_a_new_format_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is added to the list is an option, a file that is asked for, and a file of a run's folder."""
    module = importlib.import_module("harness.report.jsonlines")
    monkeypatch.setattr(module, "shout", lambda report: f"{report.headline}!", raising=False)
    monkeypatch.setitem(FORMATS, "shout", Format("shout", "shout", ".txt", "Shout.", "jsonlines:shout"))
    report = made_up(1).report()

    publish.write(report, tmp_path, "key")
    assert f"{report.headline}!" == (tmp_path / "shout.txt").read_text(encoding="utf-8")

    command = arguments.files(formats.of_reports())(lambda files: publish.present(report, files))
    command(**{one.name: None for one in of_reports()} | {"shout": tmp_path / "asked.txt"})
    assert f"{report.headline}!" == (tmp_path / "asked.txt").read_text(encoding="utf-8")
