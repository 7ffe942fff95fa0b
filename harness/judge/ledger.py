"""The ledger: divergences that a person examined and accepts, each with a reason. Strict both ways.

A divergence that is not in it stays `disagrees`. An entry fails whose divergence no longer happens for one of the
backends, modes, dtypes and quantities that it covers, and so does one that covers nothing. How an entry is written stands
in `harness.judge.entries`.
"""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from harness.errors import LedgerError
from harness.judge.entries import describe, kinds_of
from harness.model import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.collect.case import Case
    from harness.judge.entries import Entry
    from harness.model import BackendFacts, CaseFacts, Judgement, Manifest

__all__ = ["FILE", "FORMER", "complaints", "ledgers", "newest", "seen_by", "settle", "show"]

FILE = "ledger.toml"
"""The ledger's name. It stands beside the cases: in a case file's folder, or in one above it up to the collected one."""

FORMER = "conventions.toml"
"""What it was called before. Still read, with a warning, in this release alone."""

_TELLING = (Outcome.COMPLETED, Outcome.RAISED, Outcome.UNSUPPORTED, Outcome.MISSING)
"""Outcomes that say whether a divergence still happens; a crash or a time-out does not."""

_SHOWN = 4  # places of a complaint


def ledgers(cases: Iterable[Case]) -> dict[str, str]:
    """Find the ledgers that stand beside some cases. Warns of one that has its former name.

    Returns:
        File to text, in the order in which they were met.

    Raises:
        LedgerError: If one cannot be read, or stands there under both names.
    """
    found: dict[str, str] = {}
    seen = set()
    for case in cases:
        for folder in [*case.path.parents][: case.area.count("/") + 2]:
            if folder in seen:
                continue
            seen.add(folder)
            path = _beside(folder)
            if path is not None:
                try:
                    found[show(path)] = path.read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError) as error:
                    raise LedgerError(f"{path} cannot be read: {error}. Expected TOML in UTF-8.") from error
    return found


def _beside(folder: Path) -> Path | None:
    path, former = folder / FILE, folder / FORMER
    if not former.is_file():
        return path if path.is_file() else None
    if path.is_file():
        raise LedgerError(
            f"{folder} holds {FILE} and {FORMER}, its former name: expected one. Move the entries of {FORMER} into "
            f"{FILE}, and remove it."
        )
    warnings.warn(
        f"{show(former)}: a ledger is called {FILE} now. Rename it; the next release does not read it.",
        FutureWarning,
        stacklevel=3,
    )
    return former


def show(path: Path) -> str:
    """Name a file as a user would: a report that says where it stands must not depend on where a checkout stands."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def newest(manifests: Iterable[Manifest]) -> tuple[dict[str, str], tuple[float, ...]]:
    """Put the ledgers of several runs together: of each area those of the newest run that chose cases of it.

    A run holds the ledgers beside the cases that it chose, so that the newest run alone may lack those of other areas.

    Args:
        manifests: The runs, the newest first.

    Returns:
        File to text, and when the runs took place whose ledgers these are, the newest first.
    """
    texts: dict[str, str] = {}
    moments: list[float] = []
    seen: set[str] = set()
    for manifest in manifests:
        areas = {case.area for case in manifest.cases}
        if seen and areas <= seen:
            continue
        # An older run's file beside cases that a newer run chose is no longer there, or is another one now.
        added = {
            file: text
            for file, text in manifest.ledgers.items()
            if file not in texts and not any(Path(file).parent.match(area) for area in seen if area)
        }
        if added or not moments:
            moments.append(manifest.recorded)
        texts |= added
        seen |= areas
    return texts, tuple(moments)


def settle(
    judgements: Sequence[Judgement],
    cases: Iterable[CaseFacts],
    entries: Sequence[Entry],
    backends: Iterable[BackendFacts] = (),
) -> list[Judgement]:
    """Turn the divergences that are in the ledger into `accepted`, with the entry's reason.

    A check is accepted where entries accept every kind of divergence that it has.
    """
    about = _by_case({judgement.check.case for judgement in judgements}, cases, entries)
    properties = _properties_by_name(backends)
    settled = []
    for judgement in judgements:
        kinds = kinds_of(judgement)
        if kinds and not judgement.fine:
            fitting = [
                entry
                for entry in about[judgement.check.case]
                if entry.covers(judgement)
                and entry.holds_for(properties.get(judgement.check.backend, {}))
                and entry.happens(judgement)
            ]
            if kinds == frozenset().union(*(entry.happens(judgement) for entry in fitting)):
                reason = "; ".join(dict.fromkeys(f"{entry.reason} ({entry.link})" for entry in fitting))
                settled.append(msgspec.structs.replace(judgement, verdict=Verdict.ACCEPTED, reason=reason))
                continue
        settled.append(judgement)
    return settled


def _properties_by_name(backends: Iterable[BackendFacts]) -> dict[str, dict[str, str]]:
    """Return what is known of each backend: its versions and settings, the processor's among them, and what it says."""
    return {backend.name: backend.environment | backend.properties for backend in backends}


def _by_case(ids: Iterable[str], cases: Iterable[CaseFacts], entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    operations = {case.id: case.operations for case in cases}
    return {case: [one for one in entries if one.covers_case(case, operations.get(case, ()))] for case in ids}


def complaints(
    judgements: Sequence[Judgement],
    cases: Iterable[CaseFacts],
    entries: Sequence[Entry],
    *,
    whole: bool,
    chosen: str = "",
    backends: Iterable[BackendFacts] = (),
) -> list[str]:
    """Say which entries are no longer true.

    Args:
        judgements: What was judged, accepted or not.
        cases: The cases, for their operations.
        entries: The ledger.
        whole: Whether the run left nothing out that the ledger may cover. Only then an entry that covers none of the
            checks is wrong; one about a backend or a version that was not there is not.
        chosen: `cases` or `samples`, where only some were chosen by name. Of some cases only those entries are judged
            that name theirs, all of them chosen; of some samples, none.
        backends: For their properties: an entry that needs another processor is not held against this one.
    """
    properties = _properties_by_name(backends)
    by_case: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        by_case.setdefault(judgement.check.case, []).append(judgement)
    covered: dict[str, list[Judgement]] = {entry.name: [] for entry in entries}
    for case, about in _by_case(by_case, cases, entries).items():
        for entry in about:
            covered[entry.name] += [
                one
                for one in by_case[case]
                if entry.covers(one) and entry.holds_for(properties.get(one.check.backend, {}))
            ]
    ran = {(one.check.backend, one.version) for one in judgements}
    found = []
    for entry in entries:
        told = [one for one in covered[entry.name] if one.outcome in _TELLING]
        if not covered[entry.name]:
            able = [place for place in ran if entry.holds_for(properties.get(place[0], {}))]
            if whole and any(entry.covers_backend(*place) for place in able):
                found.append(f"{entry.name} matches no check; remove it, or correct what it covers: {describe(entry)}")
            continue
        if chosen == "samples" or (chosen and not entry.names_only(by_case)):
            continue
        groups: dict[tuple[str, ...], bool] = {}
        for one in told:
            check = one.check
            place = (check.backend, check.mode, check.dtype, check.asked)
            groups[place] = groups.get(place, False) or bool(entry.happens(one))
        gone = [" ".join(place) for place, happens in groups.items() if not happens]
        if gone:
            found.append(
                f"{entry.name} no longer happens on {', '.join(gone[:_SHOWN])}{', …' if len(gone) > _SHOWN else ''}; "
                f"narrow it, or remove it: {describe(entry)}"
            )
    return found


def seen_by(
    entries: Sequence[Entry],
    judgements: Iterable[Judgement],
    cases: Iterable[CaseFacts],
    backends: Iterable[BackendFacts],
) -> dict[str, dict[str, float]]:
    """Look how wrong the numbers are that entries accept.

    Returns:
        Entry's name to dtype to the largest z.
    """
    properties = _properties_by_name(backends)
    by_case: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        by_case.setdefault(judgement.check.case, []).append(judgement)
    seen: dict[str, dict[str, float]] = {}
    for case, about in _by_case(by_case, cases, entries).items():
        for entry, judgement in itertools.product(about, by_case[case]):
            holds = entry.covers(judgement) and entry.holds_for(properties.get(judgement.check.backend, {}))
            if holds and "budget" in entry.happens(judgement) and judgement.finite_z:
                worst = seen.setdefault(entry.name, {})
                dtype = judgement.check.dtype
                worst[dtype] = max(worst.get(dtype, 0.0), judgement.finite_z)
    return seen
