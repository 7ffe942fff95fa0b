"""Builds the report of a run or of a store, writes it, and shows how far a run is."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from harness.collect.closure import closure, of_closure
from harness.collect.fingerprint import fingerprint, of_files
from harness.report import build
from harness.report.facts import date
from harness.report.formats import FORMATS, STDOUT, of_reports
from harness.report.model import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rich.progress import TaskID

    from harness.judge.timing import Comparison, Side
    from harness.model import Judgement, Manifest, Series, Timing
    from harness.observe.store.segments import Contents
    from harness.report.timing.model import Times

__all__ = [
    "build_report",
    "build_times",
    "is_current",
    "present",
    "print_summary",
    "print_times",
    "progress",
    "remaining",
    "write",
]

_STAMP = ".made-from"


def build_report(
    manifest: Manifest,
    contents: Contents,
    judgements: Sequence[Judgement],
    complaints: Sequence[str] = (),
    times: Times | None = None,
) -> Report:
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
    made = build.build(
        judgements,
        observations,
        references,
        manifest.cases,
        manifest.backends,
        {**manifest.facts, "date": date(manifest.recorded)},
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


def write(report: Report, folder: Path, key: str) -> None:
    """Write every format to a folder, and what they were made from."""
    stamp = folder / _STAMP
    stamp.unlink(missing_ok=True)
    for one in of_reports():
        _write(one.render_report(report), folder / one.file)
    stamp.write_text(_stamp(key), encoding="ascii")


def is_current(folder: Path, key: str) -> bool:
    """Whether a folder holds the reports that `write` would write."""
    try:
        made = (folder / _STAMP).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return False
    return made == _stamp(key) and all((folder / one.file).is_file() for one in of_reports())


def _stamp(key: str) -> str:
    folder = Path(__file__).parent / "templates"
    templates = of_files(*sorted(path for path in folder.rglob("*") if path.is_file()))
    return fingerprint(key=key, report=of_closure(closure("harness.report.publish")), templates=templates)


def build_times(
    series: Series,
    sides: Mapping[str, Side],
    comparisons: Sequence[Comparison] = (),
    notes: Sequence[str] = (),
    timings: Sequence[Timing] = (),
) -> Times:
    """Shape a timing run.

    Args:
        series: The run.
        sides: Check's id to what was found.
        comparisons: With a baseline.
        notes: What else differs from the baseline.
        timings: Every process, for the formats that other programs read.
    """
    from harness.report.timing import build as timing

    return timing.build(series, sides, comparisons, notes, timings)


def present(made: Report | Times, files: Mapping[str, Path]) -> None:
    """Write the files that were asked for, and print the summary: to stderr, where one of the files is stdout.

    Args:
        made: A report, or a timing run.
        files: Name of a format to a file; `-` is stdout.
    """
    for name, path in files.items():
        form = FORMATS[name]
        text = form.render_report(made) if isinstance(made, Report) else form.render_times(made)
        if path == STDOUT:
            sys.stdout.flush()
            sys.stdout.buffer.write(_encode(text))
            sys.stdout.buffer.flush()
        else:
            _write(text, path)
    stderr = STDOUT in files.values()
    if isinstance(made, Report):
        print_summary(made, stderr=stderr)
    else:
        print_times(made, stderr=stderr)


def _write(text: str, path: Path) -> None:
    """Write a file; a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(_encode(text))
    part.replace(path)


def _encode(text: str) -> bytes:
    # A lone surrogate, which a name may hold, has no bytes in UTF-8.
    return text.encode("utf-8", "backslashreplace")


def print_times(times: Times, *, stderr: bool = False) -> None:
    """Print the summary of a timing run to the terminal."""
    from rich.console import Console

    from harness.report.timing import summary as timing_summary

    timing_summary.render(times, Console(stderr=stderr))


def print_summary(
    report: Report | Sequence[Judgement], complaints: Sequence[str] = (), *, stderr: bool = False
) -> None:
    """Print the summary of a report, or of bare judgements and what is to be said of the ledger, to the terminal."""
    from rich.console import Console

    from harness.report import summary

    summary.render(report, Console(stderr=stderr), notes=complaints)


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
