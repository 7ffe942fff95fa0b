"""The terminal's summary of a timing run: one row a computation, one column a backend and mode, and what got slower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report import numbers
from harness.report.escape import encodable, line, terminal
from harness.report.timing import machine_in_words

if TYPE_CHECKING:
    from rich.console import Console

    from harness.report.timing import Bar, Times

__all__ = ["render"]

_ROWS = 40
_CHANGES = 40


def render(times: Times, console: Console) -> None:
    """Print the summary.

    Args:
        times: What was timed.
        console: Where to print. Foreign text is never read as rich's markup.
    """
    from rich.table import Table
    from rich.text import Text

    def text(words: str, style: str = "") -> Text:
        return Text(encodable(terminal(line(words)), console.encoding), style)

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("computation", overflow="fold")
    for column in times.columns:
        table.add_column(text(column), justify="right", overflow="fold")
    for group in times.groups[:_ROWS]:
        cells = {bar.column: bar for bar in group.bars}
        table.add_row(
            text(f"{group.case} {group.title}"),
            *(text(_cell(cells.get(place)), _style(cells.get(place))) for place in range(len(times.columns))),
        )
    if times.groups:
        console.print(table)
    if len(times.groups) > _ROWS:
        console.print(text(f"… and {len(times.groups) - _ROWS} more computations: --html or --csv shows them", "dim"))
    for name, reason in times.failures[:_CHANGES]:
        console.print(text(f"{name}: {reason}", "magenta"))
    for change in times.changes[:_CHANGES]:
        style = "bold red" if change.bad else ""
        floor = f", noise {change.floor}" if change.floor else ""
        console.print(text(f"{change.name}: {change.words}  {change.ratio}{floor}", style))
    if len(times.changes) > _CHANGES:
        console.print(text(f"… and {len(times.changes) - _CHANGES} more comparisons", "dim"))
    for grown in times.growths[:_CHANGES]:
        words = f"{grown.case} {grown.quantity} {grown.label}: time grows as elements to the {grown.words}"
        console.print(text(words, "dim"))
    few, many = times.processes
    counted = f"{few}" if few == many else f"{few} to {many}"
    console.print(text(f"{times.headline}. Medians over {counted} processes; the machine {_machine(times)}.", "bold"))


def _machine(times: Times) -> str:
    return machine_in_words(times.series.machine) or "was not measured"


def _cell(bar: Bar | None) -> str:
    if bar is None:
        return ""
    if bar.estimate is None:
        return str(bar.side.outcome)
    return f"{bar.time} {bar.spread}" + (f" (first {numbers.duration(bar.first)})" if bar.first is not None else "")


def _style(bar: Bar | None) -> str:
    if bar is None or bar.estimate is None:
        return "dim"
    return "green" if bar.pace == "" else ""
