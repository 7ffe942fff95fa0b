"""The terminal's summary: how each backend and mode did, and everything that is not fine with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report import numbers
from harness.report.escape import encodable, line, terminal
from harness.report.model import Report, columns, command, place, together, worst
from harness.report.standing import Standing, Tally, tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console, OverflowMethod
    from rich.table import Table
    from rich.text import Text

    from harness.model import Judgement
    from harness.report.model import Column

__all__ = ["render"]

_STYLES = {
    Standing.AGREES: "green",
    Standing.CONVENTION: "cyan",
    Standing.ACCEPTED: "cyan",
    Standing.UNSUPPORTED: "dim",
    Standing.DISAGREES: "bold red",
}
_BROKEN = "magenta"
_JUDGED = (Standing.AGREES, Standing.CONVENTION, Standing.ACCEPTED, Standing.DISAGREES)
_PLACES = 6  # checks of a group; the others are counted
_ROOMY = 110  # columns that a table with words in its heading needs
_WIDEST = 24  # of a name in the table; a longer one is cut


def render(
    what: Report | Iterable[Judgement], console: Console, *, limit: int | None = 50, notes: Sequence[str] = ()
) -> None:
    """Print the summary of a report, or of bare judgements.

    Args:
        what: A report, or what was judged.
        console: Where to print. Foreign text is never read as rich's markup.
        limit: How many groups of problems to print; the others are counted, and said to be left out.
        notes: What in the ledger is no longer true, where that does not stand in the report.
    """
    if isinstance(what, Report):
        shown, total, notes = what.columns, what.tally, (*what.notes, *notes)
        fine = what.fine
        groups: Sequence[tuple[Judgement, ...]] = [tuple([one.judgement for one in lines]) for lines in what.problems]
    else:
        judgements = list(what)
        shown, total = columns(judgements), tally(judgements)
        fine = not total.bad and not notes
        groups = [group for group in together(judgements) if not Standing.of(group[0]).fine]
    screen = _Screen(console)
    if total.total:
        screen.table(shown, total)
    for group in groups[:limit]:
        screen.problem(group)
    if limit is not None and len(groups) > limit:
        screen.write(("", f"… and {len(groups) - limit:,} more like these; harness report --html FILE shows them all."))
    for note in notes:
        screen.write(("bold", "note "), ("", note))
    screen.conclusion(total, fine=fine)


class _Screen:
    """A console that foreign text cannot act on."""

    def __init__(self, console: Console) -> None:
        from rich.text import Text

        self._console = console
        self._text = Text
        self._ascii = not console.encoding.lower().startswith("utf")
        # What does not fit ends in an ellipsis, which ASCII lacks.
        self._overflow: OverflowMethod = "crop" if self._ascii else "ellipsis"

    def safe(self, text: str) -> str:
        """Spell whatever a terminal or a log would obey, or its encoding lacks."""
        return encodable(terminal(line(text)), self._console.encoding)

    def sign(self, standing: Standing) -> str:
        return standing.ascii if self._ascii else standing.sign

    def write(self, *parts: tuple[str, str]) -> None:
        """Print one line of styled parts, unbroken: a command must stay one line to be copied."""
        text = self._text()
        for style, part in parts:
            text.append(self.safe(part), style)
        self._console.print(text, soft_wrap=True, highlight=False)

    def table(self, shown: Sequence[Column], total: Tally) -> None:
        """Print how each backend and mode did."""
        table = self._frame()
        names = [self._names(column) for column in shown]
        for position, heading in enumerate(("backend", "mode", "version")):
            longest = max(len(heading), *(len(row[position]) for row in names))
            table.add_column(heading, no_wrap=True, overflow=self._overflow, min_width=min(longest, _WIDEST))
        judged = [standing for standing in _JUDGED if standing is Standing.AGREES or standing in total.counts]
        for standing in judged:
            # The last line of the summary says what the signs mean.
            words = f" {standing.words}" if self._console.width >= _ROOMY else ""
            title = self._text(f"{self.sign(standing)}{words}", style=_style(standing))
            table.add_column(title, justify="right", no_wrap=True, overflow=self._overflow)
        others = [standing for standing in total.counts if standing not in _JUDGED]
        if others:
            table.add_column("others", overflow="fold")
        table.add_column("largest z", justify="right", no_wrap=True, overflow=self._overflow)
        for column, row in zip(shown, names, strict=True):
            cells = [self._count(standing, column.tally.counts.get(standing, 0)) for standing in judged]
            if others:
                cells.append(self._others(column.tally))
            table.add_row(*map(self._text, row), *cells, self._text(numbers.significant(column.tally.z)))
        self._console.print(table, highlight=False)

    def problem(self, group: Sequence[Judgement]) -> None:
        """Print checks of one case that are not fine for one reason."""
        first = group[0]
        standing = Standing.of(first)
        size = "" if len(group) == 1 else f"  {numbers.count(len(group), 'check')}"
        self.write(
            (_style(standing), f"{self.sign(standing)} {standing.words} "), ("bold", first.check.case), ("", size)
        )
        # A bar begins every line: white space alone would leave `::error::` at what a log takes for a line's start.
        bar = ("dim", "| " if self._ascii else "│ ")
        for row in terminal(first.reason or "").splitlines():
            self.write(bar, ("", row))
        for one in group[:_PLACES]:
            where = place(one.check)
            size = "" if one.z is None else f"  z {numbers.significant(one.z)}"
            element = worst(one)
            shown = f"{where}{f'  {element}' if element else ''}{size}"
            self.write(bar, ("", shown.replace(" · ", " ") if self._ascii else shown))
        if len(group) > _PLACES:
            self.write(bar, ("", f"and {numbers.count(len(group) - _PLACES, 'more check')}"))
        self.write(bar, ("dim", f"$ {command(first.check)}"))

    def conclusion(self, total: Tally, *, fine: bool) -> None:
        """Print how everything stands, in one line."""
        if not total.total:
            self.write(("bold", "Nothing was checked."))
            return
        parts = [("bold", f"{numbers.count(total.total, 'check')}: ")]
        for position, (standing, number) in enumerate(total.counts.items()):
            separator = ", " if position else ""
            parts.append((_style(standing), f"{separator}{self.sign(standing)} {number:,} {standing.words}"))
        self.write(*parts, ("bold", ". All fine." if fine else "."))

    def _frame(self) -> Table:
        from rich import box
        from rich.table import Table

        return Table(box=box.ASCII2 if self._ascii else box.SIMPLE_HEAD, pad_edge=False, header_style="bold")

    def _names(self, column: Column) -> list[str]:
        mode = column.mode if column.device == "cpu" else f"{column.mode} {column.device}"
        return [self.safe(name) for name in (column.backend, mode, ", ".join(column.versions))]

    def _count(self, standing: Standing, number: int) -> Text:
        if number:
            return self._text(f"{number:,}", style=_style(standing))
        return self._text("." if self._ascii else "·", style="dim")

    def _others(self, counted: Tally) -> Text:
        text = self._text()
        for standing, number in counted.counts.items():
            if standing not in _JUDGED:
                text.append(f"{', ' if text else ''}{number:,} {standing.words}", _style(standing))
        return text


def _style(standing: Standing) -> str:
    return _STYLES.get(standing, _BROKEN)
