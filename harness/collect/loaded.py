"""Fingerprints of what runs: of what a worker loads for an observation or a reference, and of the rows that it uses."""

from __future__ import annotations

from functools import cache

from harness.collect.closure import closure, is_below
from harness.collect.fingerprint import fingerprint
from harness.collect.vocabulary import WORDS, columns, of_modules, of_rows, of_words, reached, spoken_by

__all__ = ["OBSERVER", "REFEREE", "WORKER", "observing", "proving"]

WORKER = "harness.observe.workers.worker"
"""What every worker's process runs."""

OBSERVER = "harness.observe.handlers.observer"
"""What observes in it."""

REFEREE = "harness.reference.referee"
"""What proves in it."""

_TAPE = ("harness.reference.tape",)


@cache
def observing(target: str, backend: str, implementation: str, rows: tuple[str, ...]) -> str:
    """Hash what decides an observation beside the case, its inputs, and the versions of distributions.

    That is what is loaded and, where the case is run in `xp`, the backend's words for the rows that it uses; where a
    tape runs it, also the rows.

    Args:
        target: The adapter, as `module:Class`.
        backend: The backend's name.
        implementation: `portable` or `native`; a native one is not written in rows.
        rows: The rows that the case uses.
    """
    module = target.partition(":")[0]
    # A framework's words count for the rows that the case uses.
    tables = tuple(f"harness.adapters.{name}_words" for name in WORDS)
    found = {"loaded": of_modules(WORKER, OBSERVER, module, leaving_out=tables)}
    if implementation == "native":
        return fingerprint(**found)
    own = (*rows, *spoken_by(module, leaving_out=tables))
    framework = backend.partition("@")[0]
    outside = not is_below(module, ("harness",)) or framework not in WORDS
    if outside or not set(_TAPE).isdisjoint(closure(module, leaving_out=tables)):
        found["rows"] = of_rows(own, budgeted=False)
        own = reached(own)
    # An adapter from outside may be one of these with something changed.
    for name in WORDS if outside else (framework,):
        found[f"words of {name}"] = _of_words(name, own)
    return fingerprint(**found)


@cache
def proving(rows: tuple[str, ...]) -> str:
    """Hash what decides a reference beside the case and its inputs.

    That is what is loaded, the rows, and NumPy's words for them, which the budget's runs use.

    Args:
        rows: The rows that the case uses.
    """
    own = (*rows, *spoken_by(REFEREE))
    return fingerprint(loaded=of_modules(WORKER, REFEREE), rows=of_rows(own), words=_of_words("numpy", reached(own)))


def _of_words(framework: str, rows: tuple[str, ...]) -> str:
    return of_words(framework, lambda: columns(framework), rows)
