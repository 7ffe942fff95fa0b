"""One self-contained page: no request leaves it, nothing in it needs a script to be read."""

from __future__ import annotations

import base64
import hashlib
import itertools
import math
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from harness.judge.statistics import LEVEL, PROCESSES
from harness.judge.timing import SAME
from harness.report import dynamics, numbers
from harness.report.escape import entities, line, visible
from harness.report.naming import place
from harness.report.standing import MEANINGS, Standing
from harness.report.timing import rates
from harness.report.values import Element, Shown

if TYPE_CHECKING:
    from harness.report.model import Report, Row
    from harness.report.timing.model import Times

__all__ = ["render", "render_times"]

_OPEN = 60  # groups of problems shown at once; the rest is one click away
_PLACES = 8  # checks of a group, likewise
_TIMING = {"level": LEVEL, "processes": PROCESSES, "same": SAME}


def render(report: Report) -> str:
    """Write the report as one HTML file, dark or light as the reader's system is.

    The page's own script only filters; a content security policy lets no other script run.
    """
    style, script = _part("report.css"), _part("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = (
        _environment()
        .get_template("report.html.jinja")
        .render(
            report=report,
            areas=_areas(report.matrix),
            backends=_spans(report),
            problems=report.problems[:_OPEN],
            more_problems=report.problems[_OPEN:],
            places=_PLACES,
            standings=[standing for standing in Standing if standing in report.tally.counts],
            all_standings=list(Standing),
            meanings=MEANINGS,
            ways=dynamics.MEANINGS,
            explanation=dynamics.EXPLANATION,
            times=report.times,
            **_TIMING,
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            script_digest=digest,
        )
    )
    return entities(page)


def render_times(times: Times) -> str:
    """Write a timing run as one HTML file, dark or light as the reader's system is. It has no script."""
    style = _part("report.css")
    page = (
        _environment().get_template("times.html.jinja").render(times=times, style=Markup(style), **_TIMING)  # noqa: S704 - our own file
    )
    return entities(page)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        code=_code,
        count=numbers.count,
        duration=numbers.duration,
        intensity_of=rates.intensity_of,
        machine=rates.machine_in_words,
        part_of=rates.part_of,
        percent=rates.percent,
        rate_of=rates.rate_of,
        line=line,
        place=place,
        significant=numbers.significant,
        value=_value,
        z_bar=_z_bar,
    )
    return environment


@cache
def _part(name: str) -> str:
    return resources.files("harness.report").joinpath("templates", name).read_text(encoding="utf-8")


def _finalize(value: Any) -> Any:
    # Every text that the template writes passes here, so none can be forgotten.
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _areas(rows: tuple[Row, ...]) -> list[tuple[str, list[Row]]]:
    areas: dict[str, list[Row]] = {}
    for row in rows:
        areas.setdefault(row.area, []).append(row)
    return list(areas.items())


def _spans(report: Report) -> list[tuple[str, str, int]]:
    """Return each backend's name, versions and number of columns, for the matrix's upper header."""
    spans: list[tuple[str, str, int]] = []
    for column in report.columns:
        if spans and spans[-1][0] == column.backend:
            spans[-1] = (column.backend, spans[-1][1], spans[-1][2] + 1)
        else:
            spans.append((column.backend, ", ".join(column.versions), 1))
    return spans


def _z_bar(z: float | None, threshold: float | None) -> str:
    """Return how much of K a z fills, as a number from 0 to 1 for the style sheet."""
    if z is None or not threshold:
        return "0"
    return "1" if math.isnan(z) else f"{min(max(z / threshold, 0.0), 1.0):.2f}"


def _value(shown: Shown) -> Markup:
    parts = []
    for piece in shown.pieces:
        if isinstance(piece, Element):
            text, rest = piece.text[: piece.same], piece.text[piece.same :]
            differing = f"<u>{escape(visible(rest))}</u>" if rest else ""
            parts.append(f'<span title="{escape(line(piece.exact))}">{escape(visible(text))}{differing}</span>')
        else:
            parts.append(str(escape(visible(piece))))
    return Markup("".join(parts))  # noqa: S704 - every part has just been escaped


def _code(source: str) -> Markup:
    """Colour Python source. What is no Python is coloured as far as it reads like some."""
    from pygments.lexers.python import PythonLexer

    parts: list[str] = []
    tokens = PythonLexer(stripnl=False, ensurenl=False).get_tokens(visible(source))
    for colour, group in itertools.groupby(tokens, key=lambda token: _colour(token[0])):
        text = escape("".join(text for _, text in group))
        parts.append(f'<i class="{colour}">{text}</i>' if colour else str(text))
    return Markup("".join(parts))  # noqa: S704 - every part has just been escaped


def _colour(kind: Any) -> str:
    """Return the style sheet's class of a token; most have none, which keeps a page of a thousand cases small."""
    return next((colour for parent, colour in _colours().items() if kind in parent), "")


@cache
def _colours() -> dict[Any, str]:
    from pygments import token

    return {
        token.Comment: "c",
        token.String: "s",
        token.Number: "n",
        token.Keyword: "k",
        token.Operator.Word: "k",
        token.Name.Function: "f",
        token.Name.Decorator: "f",
    }
