"""The terminal's summary of a timing run: the times themselves, how each backend and mode did, and what got slower."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from harness.report import numbers
from harness.report.escape import encodable, line, terminal
from harness.report.timing.rates import machine_in_words, part_of, rate_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.text import Text

    from harness.report.timing.model import Bar, Change, Times

__all__ = ["render"]

_GROUPS = 12  # computations that are shown with every backend; the files have the others
_LINES = 40  # of everything else


def render(times: Times, console: Console) -> None:
    """Print the summary.

    Args:
        times: What was timed.
        console: Where to print. Foreign text is never read as rich's markup.
    """
    screen = _Screen(console)
    if times.groups:
        screen.groups(times)
        screen.columns(times)
    screen.lines([(f"{name}: {reason}", "magenta") for name, reason in times.failures])
    screen.lines(
        [(f"{one.case} {one.quantity}, {one.label}: grows as elements^{one.words}", "dim") for one in times.growths],
        _GROUPS,
    )
    screen.lines([(f"{name}: no count of operations: {words}", "dim") for name, words in times.uncounted], _GROUPS)
    screen.lines([_change(one) for one in times.changes if one.bad or one.faster])
    counted = Counter(one.comparison.pace.value for one in times.changes)
    if counted:
        words = ", ".join(f"{number} {pace}" for pace, number in counted.most_common())
        reasons = list(dict.fromkeys(one.comparison.reason for one in times.changes if one.comparison.reason))
        why = f" ({'; '.join(reasons[:2])}{'; …' if len(reasons) > 2 else ''})" if reasons else ""
        screen.lines([(f"Against the baseline: {words}{why}", "")])
    screen.lines([(f"note: {note}", "yellow") for note in times.notes])
    screen.lines([(_evidence(times), "dim")])
    screen.lines([(f"{times.headline}.", "bold red" if any(one.bad for one in times.changes) else "bold")])


def _change(one: Change) -> tuple[str, str]:
    ratio, floor = (f"  {one.ratio}" if one.ratio else ""), (f", noise {one.floor}" if one.floor else "")
    return f"{one.name}: {one.words}{ratio}{floor}", "bold red" if one.bad else "green"


def _evidence(times: Times) -> str:
    few, many = times.processes
    counted = f"{many}" if few == many else f"{few} to {many}"
    machine = machine_in_words(times.series.machine)
    return f"Medians over {counted} fresh processes.{f' This machine {machine}.' if machine else ''}"


class _Screen:
    """A console that reads no foreign text as markup."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def text(self, words: str, style: str = "") -> Text:
        """Make text that shows foreign words as they are."""
        from rich.text import Text

        return Text(encodable(terminal(line(words)), self._console.encoding), style)

    def lines(self, found: Sequence[tuple[str, str]], most: int = _LINES) -> None:
        """Print lines with their styles; if there are many, count the rest."""
        for words, style in found[:most]:
            self._console.print(self.text(words, style), soft_wrap=True)
        if len(found) > most:
            self._console.print(self.text(f"… and {len(found) - most} more", "dim"))

    def groups(self, times: Times) -> None:
        """Print computations, each with a line for every backend and mode."""
        width = max(map(len, times.columns))
        for group in times.groups[:_GROUPS]:
            self.lines([(f"{group.case} {group.title}", "bold")])
            self.lines([(_bar(bar, width), "" if bar.pace else "green") for bar in group.bars])
        if len(times.groups) > _GROUPS:
            more = len(times.groups) - _GROUPS
            self.lines([(f"… and {more} more computations, which --html, --json and --csv hold", "dim")])
        self._console.print()

    def columns(self, times: Times) -> None:
        """Print how each backend and mode did over all computations."""
        from rich.table import Table

        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("backend", "version", "timed", "fastest", "× fastest", "first call", "import"):
            table.add_column(name, justify="left" if name in {"backend", "version"} else "right", overflow="fold")
        for column in times.totals:
            table.add_row(
                self.text(column.label),
                self.text(column.version),
                self.text(str(column.timed)),
                self.text(str(column.fastest)),
                self.text(numbers.significant(column.ratio)),
                self.text(numbers.duration(column.first)),
                self.text(column.imported),
            )
        self._console.print(table)
        self._console.print()


def _bar(bar: Bar, width: int) -> str:
    if bar.estimate is None:
        return f"  {bar.label:{width}}  {bar.side.outcome}"
    ratio, first = f"×{numbers.significant(bar.ratio)}", numbers.duration(bar.first)
    words = f"  {bar.label:{width}} {bar.time:>9} {bar.spread:8} {ratio:7} first {first:>8}  {bar.pace or 'fastest'}"
    part = part_of(bar.roof)
    return "  ".join(filter(None, (words, rate_of(bar.roof), f"roofline {part}" if part else "")))
