"""Builds the report of a run or of a store, writes it, and shows how far a run is."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from harness.collect.closure import closure, of_closure
from harness.collect.fingerprint import fingerprint, of_files
from harness.report import model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rich.progress import TaskID

    from harness.judge.timing import Comparison, Side
    from harness.model import Judgement, Manifest, Series, Timing
    from harness.observe.store.segments import Contents
    from harness.report.timing import model as timing

__all__ = [
    "FILES",
    "build_report",
    "build_times",
    "is_current",
    "print_summary",
    "print_times",
    "progress",
    "remaining",
    "write",
    "write_one",
    "write_times",
]

FILES = {"html": "index.html", "markdown": "report.md", "json": "verdicts.jsonl", "junit": "junit.xml"}
"""Format to the name of its file in a report's folder."""

_STAMP = ".made-from"


def build_report(
    manifest: Manifest,
    contents: Contents,
    judgements: Sequence[Judgement],
    complaints: Sequence[str] = (),
    times: timing.Times | None = None,
) -> model.Report:
    """Shape what belongs to a run.

    Args:
        manifest: What belongs to it.
        contents: What the store holds.
        judgements: In the order of the manifest.
        complaints: What in the ledger is no longer true.
        times: The newest timing run of the store, where there is one.
    """
    observations = {}
    references = {}
    for check, observation, reference in manifest.checks:
        if observation in contents.observations:
            observations[check.id] = contents.observations[observation]
        if reference in contents.references:
            references[check.case, check.sample, check.dtype] = contents.references[reference]
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(manifest.recorded))
    made = model.build(
        judgements,
        observations,
        references,
        manifest.cases,
        manifest.backends,
        {**manifest.facts, "date": when},
        [*_notes(contents), *complaints],
        len(complaints),
    )
    return made if times is None else msgspec.structs.replace(made, times=times)


def _notes(contents: Contents) -> list[str]:
    notes = [
        f"{len(conflict.records)} records of one check say different things ({conflict.id}); the newest is shown"
        for conflict in contents.conflicts
    ]
    if contents.damaged:
        places = ", ".join(f"{line.file}:{line.number}" for line in contents.damaged[:5])
        notes.append(f"{len(contents.damaged)} damaged lines of the store were left out: {places}")
    if contents.torn:
        notes.append(f"{len(contents.torn)} segments end in a line that was cut short; it was left out")
    return notes


def write(report: model.Report, folder: Path, key: str) -> None:
    """Write every format to a folder, and what they were made from."""
    stamp = folder / _STAMP
    stamp.unlink(missing_ok=True)
    for name, file in FILES.items():
        write_one(report, name, folder / file)
    stamp.write_text(_stamp(key), encoding="ascii")


def is_current(folder: Path, key: str) -> bool:
    """Whether a folder holds the reports that `write` would write."""
    try:
        made = (folder / _STAMP).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return False
    return made == _stamp(key) and all((folder / file).is_file() for file in FILES.values())


def _stamp(key: str) -> str:
    folder = Path(__file__).parent / "templates"
    templates = of_files(*sorted(path for path in folder.rglob("*") if path.is_file()))
    return fingerprint(key=key, report=of_closure(closure("harness.report.publish")), templates=templates)


def write_one(report: model.Report, name: str, path: Path) -> None:
    """Write one format: `html`, `markdown`, `json` or `junit`. A reader never sees half a file."""
    from harness.report import html, jsonlines, junit, markdown

    renderers: dict[str, Callable[[], str]] = {
        "html": lambda: html.render(report),
        "markdown": lambda: markdown.render(report),
        "json": lambda: jsonlines.render(report.judgements),
        "junit": lambda: junit.render(report),
    }
    _write(renderers[name](), path)


def build_times(
    series: Series, sides: Mapping[str, Side], comparisons: Sequence[Comparison] = (), notes: Sequence[str] = ()
) -> timing.Times:
    """Shape a timing run.

    Args:
        series: The run.
        sides: Check's id to what was found.
        comparisons: With a baseline.
        notes: What else differs from the baseline.
    """
    from harness.report.timing import model as timing

    return timing.build(series, sides, comparisons, notes)


def write_times(
    times: timing.Times, timings: Sequence[Timing], sides: Mapping[str, Side], name: str, path: Path
) -> None:
    """Write a timing run as `html`, `markdown`, `json`, `csv` or `pyperf`."""
    from harness.report import html, markdown
    from harness.report.timing import exports as timing_exports

    compared = [one.comparison for one in times.changes]
    renderers: dict[str, Callable[[], str]] = {
        "html": lambda: html.render_times(times),
        "markdown": lambda: markdown.render_times(times),
        "json": lambda: timing_exports.json_lines(sides.values(), compared, times.series.machine),
        "csv": lambda: timing_exports.table(timings),
        "pyperf": lambda: timing_exports.pyperf(times.series, timings),
    }
    _write(renderers[name](), path)


def _write(text: str, path: Path) -> None:
    """Write a file; a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8", errors="backslashreplace")
    part.replace(path)


def print_times(times: timing.Times) -> None:
    """Print the summary of a timing run to the terminal."""
    from rich.console import Console

    from harness.report.timing import summary as timing_summary

    timing_summary.render(times, Console())


def print_summary(report: model.Report | Sequence[Judgement]) -> None:
    """Print the summary of a report, or of bare judgements, to the terminal."""
    from rich.console import Console

    from harness.report import summary

    summary.render(report, Console())


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show a progress bar on stderr, and nothing where there is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    bar = Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    stages: dict[str, TaskID] = {}

    def show(stage: str, done: int, total: int) -> None:
        if not console.is_interactive:  # rich would end its bar with an empty line all the same
            return
        if stage not in stages:
            stages[stage] = bar.add_task(stage, total=total)
            bar.start()
        bar.update(stages[stage], completed=done, total=total)

    try:
        yield show
    finally:
        if stages:
            bar.stop()


@contextlib.contextmanager
def remaining() -> Iterator[Callable[[float, float, str], None]]:
    """Show how long a timing run goes on, on stderr, and nothing where there is no terminal.

    The bar is in seconds: what was spent, of that and what is expected to be left. So it may go back, when something
    turns out to take longer than was thought.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from harness.report import numbers
    from harness.report.escape import line, terminal

    columns = (TextColumn("time"), BarColumn(), TimeElapsedColumn(), TextColumn("{task.fields[words]}", markup=False))
    console = Console(stderr=True)
    bar = Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
    tasks: list[TaskID] = []

    def show(spent: float, left: float, words: str) -> None:
        if not console.is_interactive:
            return
        if not tasks:
            tasks.append(bar.add_task("time", total=1.0, words=""))
            bar.start()
        shown = f"about {numbers.duration(round(left))} left · {terminal(line(words))}"
        bar.update(tasks[0], completed=spent, total=max(spent + left, 1e-9), words=shown)

    try:
        yield show
    finally:
        if tasks:
            bar.stop()
