"""The formats that reports are written in: the one list that commands take their options from.

A new format is a module with a function that takes the model and gives text, and a line here.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.report.model import Report
    from harness.report.timing.model import Times

__all__ = ["FORMATS", "STDOUT", "Format", "of_reports", "of_times"]

STDOUT = Path("-")
"""What a file is called that is not one: the command's output."""


@dataclass(frozen=True)
class Format:
    """A format, and what is rendered in it. Modules are imported when they are needed.

    Attributes:
        name: Of the option: `--html`.
        stem: Of the file's name in a folder of reports.
        suffix: Of the file's name.
        help: What the option says.
        report: Function below `harness.report` that renders a `Report`, as `module:function`; empty where none does.
        times: The same for `Times`.
    """

    name: str
    stem: str
    suffix: str
    help: str
    report: str = ""
    times: str = ""

    @property
    def file(self) -> str:
        """Name of the file in a folder of reports."""
        return f"{self.stem}{self.suffix}"

    def render_report(self, report: Report) -> str:
        """Render a run's report."""
        return _function(self.report)(report)

    def render_times(self, times: Times) -> str:
        """Render a timing run."""
        return _function(self.times)(times)


FORMATS = {
    one.name: one
    for one in (
        Format("html", "index", ".html", "Write one HTML file.", "html:render", "html:render_times"),
        Format("markdown", "report", ".md", "Write Markdown.", "markdown:render", "markdown:render_times"),
        Format(
            "json", "verdicts", ".jsonl", "Write one check a line.", "jsonlines:render", "timing.exports:json_lines"
        ),
        Format("junit", "junit", ".xml", "Write JUnit XML.", "junit:render"),
        Format("csv", "times", ".csv", "Write one row a batch, for pandas.", times="timing.exports:table"),
        Format("pyperf", "pyperf", ".json", "Write a suite that pyperf reads.", times="timing.exports:pyperf"),
    )
}
"""Name to format, in the order of the options."""


def of_reports() -> list[Format]:
    """List what a run's report is rendered in."""
    return [one for one in FORMATS.values() if one.report]


def of_times() -> list[Format]:
    """List what a timing run is rendered in."""
    return [one for one in FORMATS.values() if one.times]


def _function(name: str) -> Callable[..., str]:
    module, _, function = name.partition(":")
    found: Callable[..., str] = getattr(importlib.import_module(f"harness.report.{module}"), function)
    return found
