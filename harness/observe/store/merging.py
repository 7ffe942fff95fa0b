"""Stores put together, and the runs of one store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import StoreError
from harness.model import BackendFacts, CaseFacts, Check, Manifest
from harness.observe.store.lines import framed
from harness.observe.store.segments import Contents, Store, contents_of, read_segments

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["latest", "merge"]


def merge(sources: Iterable[Path], target: Path) -> Contents:
    """Add the lines of stores to a store: the union, in any order and any number of times.

    Args:
        sources: The stores' folders. They are only read.
        target: The store's folder; it may be new, and may be one of `sources`.

    Returns:
        What the target then holds, with the damaged and torn lines of the sources.

    Raises:
        StoreError: If a source is no store, or holds records of a newer version of this package. Nothing is written
            then.
    """
    folders = list(sources)
    for folder in folders:
        if not (folder / "segments").is_dir():
            raise StoreError(f"{folder} is no store: expected a folder `segments` in it, as `harness run` makes it.")
    others = [folder for folder in dict.fromkeys(folder.resolve() for folder in folders) if folder != target.resolve()]
    read = [segment for folder in others for segment in read_segments(folder)]
    present = read_segments(target)
    known = {text for segment in present for text, _ in segment.records}
    new = {text for segment in read for text, _ in segment.records} - known
    (target / "segments").mkdir(parents=True, exist_ok=True)  # a store, even if there is nothing to put into it
    with Store(target) as store:
        store.write(b"".join(framed(text) for text in sorted(new)))
    return contents_of([*present, *read])


def latest(contents: Contents) -> Manifest | None:
    """Put the runs of a store together: of each check the newest, and of each sample only what has the newest truth.

    Returns:
        One manifest, or None where the store holds no run. Its ledgers are those of the newest run: every check is judged
        by them, whichever run observed it.
    """
    newest_first = sorted(contents.manifests.values(), key=lambda one: (-one.recorded, one.id))
    if not newest_first:
        return None
    checks: dict[str, tuple[Check, str, str]] = {}
    truths: dict[tuple[str, str, str], str] = {}
    cases: dict[str, CaseFacts] = {}
    backends: dict[str, BackendFacts] = {}
    for manifest in newest_first:
        for row in manifest.checks:
            check, _, reference = row
            if truths.setdefault((check.case, check.sample, check.dtype), reference) == reference:
                checks.setdefault(check.id, row)
        for case in manifest.cases:
            cases.setdefault(case.id, case)
        for backend in manifest.backends:
            if backend.name not in backends or (backend.found and not backends[backend.name].found):
                backends[backend.name] = backend
    return Manifest(
        id="+".join(manifest.id for manifest in newest_first),
        checks=tuple(checks.values()),
        cases=tuple(cases.values()),
        backends=tuple(backends.values()),
        facts=newest_first[0].facts,
        ledgers=newest_first[0].ledgers,
        whole=newest_first[0].whole,
        chosen=newest_first[0].chosen,
        recorded=newest_first[0].recorded,
    )
