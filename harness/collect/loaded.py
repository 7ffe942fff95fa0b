"""Fingerprints of what runs: of what a worker loads for an observation or a reference, and of the rows that it uses."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING, Any

from harness.collect.closure import closure, is_below
from harness.collect.fingerprint import fingerprint
from harness.collect.vocabulary import of_modules, of_rows, of_words, reached, spoken_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.operations.words import Column

__all__ = ["OBSERVER", "REFEREE", "WORKER", "observing", "proving"]

WORKER = "harness.observe.workers.worker"
"""What every worker's process runs."""

OBSERVER = "harness.observe.handlers.observer"
"""What observes in it."""

REFEREE = "harness.reference.handler"
"""What proves in it."""

_NUMPY_WORDS = "harness.reference.numpy_words"
"""What NumPy calls rows, which the reference asks too."""

_TAPE = ("harness.reference.tape",)


@cache
def observing(target: str, implementation: str, rows: tuple[str, ...]) -> str:
    """Hash what decides an observation beside the case, its inputs, and the versions of distributions.

    That is what is loaded and, where the case is run in `xp`, the adapter's words for the rows that it uses; where a
    tape runs it, also the rows.

    Args:
        target: The adapter, as `module:Class`.
        implementation: `portable` or `native`; a native one is not written in rows.
        rows: The rows that the case uses.
    """
    module = target.partition(":")[0]
    # A framework's words count for the rows that the case uses.
    tables = (f"{module}_words", _NUMPY_WORDS)
    found = {"loaded": of_modules(WORKER, OBSERVER, module, leaving_out=tables)}
    if implementation == "native":
        return fingerprint(**found)
    own = (*rows, *spoken_by(module, leaving_out=tables))
    outside = not is_below(module, ("harness",))
    if outside or not set(_TAPE).isdisjoint(closure(module, leaving_out=tables)):
        found["rows"] = of_rows(own, budgeted=False)
        own = reached(own)
    return fingerprint(**found, words=_of_words(target, own))


@cache
def proving(rows: tuple[str, ...]) -> str:
    """Hash what decides a reference beside the case and its inputs.

    That is what is loaded, the rows, and NumPy's words for them, which the budget's runs use.

    Args:
        rows: The rows that the case uses.
    """
    own = (*rows, *spoken_by(REFEREE, leaving_out=(_NUMPY_WORDS,)))
    return fingerprint(
        loaded=of_modules(WORKER, REFEREE, leaving_out=(_NUMPY_WORDS,)),
        rows=of_rows(own),
        words=_of_words(f"{_NUMPY_WORDS}:WORDS", reached(own)),
    )


def _of_words(table: str, rows: tuple[str, ...]) -> str:
    """Hash the words for rows in a table, or of an adapter that has one; either as `module:name`."""
    module, _, name = table.partition(":")

    def words() -> Mapping[str, Column]:
        # By its name: which adapter it is, a backend says, and this room knows none.
        found: Any = getattr(importlib.import_module(module), name)
        table: Mapping[str, Column] = getattr(found, "words", {}) if isinstance(found, type) else found
        return table

    return of_words(table, words, rows, places=tuple(sorted(closure(module))))
