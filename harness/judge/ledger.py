"""The ledger: divergences that a person examined and accepts, each with a reason. Strict both ways.

A divergence that is not in it stays `disagrees`. An entry fails whose divergence no longer happens for one of the
backends, modes, dtypes and quantities that it covers, and so does one that covers nothing. An entry is

    [[accepted]]
    case = "conventions/absolute"    # a shell pattern of ids; or
    operation = "abs"                # a word of xp that the case uses
    backend = "jax"                  # all others are optional: shell patterns, or lists of them
    versions = ">=0.4,<1"            # comparisons of releases: >=, <=, <, > and ==
    accepts = "nan"                  # kinds of divergence, as in Judgement.finding
    reason = "…"
    link = "https://…"
"""

from __future__ import annotations

import fnmatch
import math
import re
import tomllib
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet

from harness.errors import LedgerError, suggest
from harness.model import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from harness.collect.case import Case
    from harness.model import CaseFacts, Judgement

__all__ = ["FILE", "FORMER", "KINDS", "Entry", "complaints", "ledgers", "read", "satisfies", "settle", "show"]

FILE = "ledger.toml"
"""The ledger's name. It stands beside the cases: in a case file's folder, or in one above it up to the collected one."""

FORMER = "conventions.toml"
"""What it was called before. Still read, with a warning, in this release alone."""

KINDS = ("nan", "infinite", "zero", "sign", "finite", "budget", "dtype", "shape", "raised", "missing")
"""Kinds of divergence, as `Judgement.finding` names them."""

_PATTERNS = ("case", "operation", "sample", "backend", "modes", "dtypes", "quantity", "path")
_KEYS = (*_PATTERNS, "versions", "accepts", "value", "reason", "link")
_TELLING = (Outcome.COMPLETED, Outcome.RAISED, Outcome.UNSUPPORTED, Outcome.MISSING)
"""Outcomes that say whether a divergence still happens; a crash or a time-out does not."""

_SHOWN = 4  # places of a complaint

_PATTERN = re.compile(r"[*?\[]")
_OPERATORS = (">=", "<=", "<", ">", "==")


@dataclass(frozen=True)
class Entry:
    """One accepted divergence.

    Attributes:
        name: Where it stands, such as `cases/ledger.toml: entry 7`.
        patterns: Key to shell patterns, one of which must fit; what is not said fits everything.
        versions: What the release of the framework must satisfy.
        accepts: Kinds of divergence.
        value: What the worst element must be; none if that does not matter.
        reason: Why it is accepted.
        link: Where to read more.
    """

    name: str
    patterns: Mapping[str, tuple[str, ...]]
    versions: SpecifierSet
    accepts: frozenset[str]
    value: str | None
    reason: str
    link: str

    def covers_case(self, case: str, operations: Sequence[str]) -> bool:
        """Whether it covers a case, by its id and by the words of `xp` that it uses."""
        return self._fits("case", (case,)) and self._fits("operation", operations)

    def names_only(self, cases: Container[str]) -> bool:
        """Whether it names its cases, without a pattern, and each is one of these."""
        named = self.patterns.get("case", ("*",))
        return all(name in cases and not _PATTERN.search(name) for name in named)

    def covers_backend(self, backend: str, version: str) -> bool:
        """Whether it covers a backend in a version."""
        return self._fits("backend", (backend, backend.partition("@")[0])) and satisfies(version, self.versions)

    def covers(self, judgement: Judgement) -> bool:
        """Whether it covers a check, diverging or not, of a case that it covers."""
        check = judgement.check
        # A sample that was drawn anew is the same sample: `vector#3` is of seed 3.
        sample = check.sample.partition("#")[0]
        facts = {"sample": sample, "modes": check.mode, "dtypes": check.dtype}
        facts |= {"quantity": check.quantity, "path": check.path}
        return all(self._fits(key, (fact,)) for key, fact in facts.items()) and self.covers_backend(
            check.backend, judgement.version
        )

    def _fits(self, key: str, facts: Sequence[str]) -> bool:
        patterns = self.patterns.get(key)
        return patterns is None or any(fnmatch.fnmatchcase(fact, pattern) for fact in facts for pattern in patterns)

    def happens(self, judgement: Judgement) -> frozenset[str]:
        """Return the kinds of divergence of a check that the entry accepts."""
        if self.value is not None and not _same(self.value, judgement.observed):
            return frozenset()
        return self.accepts & _kinds(judgement)


def _kinds(judgement: Judgement) -> frozenset[str]:
    return frozenset(judgement.finding.split("+")) if judgement.finding else frozenset()


def _same(one: str, two: str | None) -> bool:
    if two is None:
        return False
    numbers = [_number(text) for text in (one, two)]
    return numbers[0] == numbers[1] or all(number is not None and math.isnan(number) for number in numbers)


def _number(text: str) -> float | None:
    try:
        return float.fromhex(text) if "x" in text else float(text)
    except ValueError:
        return None


def satisfies(version: str, comparisons: SpecifierSet) -> bool:
    """Whether a version's release satisfies all comparisons; what follows the release, such as `+cpu`, is left out."""
    release = re.match(r"\d+(?:\.\d+)*", version)
    return not comparisons if release is None else comparisons.contains(release[0])


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


def read(texts: Mapping[str, str]) -> list[Entry]:
    """Read ledgers.

    Args:
        texts: File to text.

    Raises:
        LedgerError: If one is not TOML, or an entry is wrong. The message names the file and the entry.
    """
    entries: list[Entry] = []
    for file, text in texts.items():
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise LedgerError(f"{file}: {error}. Expected TOML, with one [[accepted]] for each entry.") from error
        for key in table:
            if key != "accepted":
                raise LedgerError(f"{file}: unknown key {key!r}: expected [[accepted]].{suggest(key, ['accepted'])}")
        rows = table.get("accepted", [])
        if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
            raise LedgerError(f"{file}: accepted = {rows!r}: expected one [[accepted]] for each entry.")
        entries += [_entry(f"{file}: entry {number}", row) for number, row in enumerate(rows, 1)]
    return entries


def _entry(name: str, row: dict[str, Any]) -> Entry:
    for key in row:
        if key not in _KEYS:
            raise LedgerError(f"{name}: unknown key {key!r}: expected {', '.join(_KEYS)}.{suggest(key, _KEYS)}")
    patterns = {key: _texts(name, key, row[key]) for key in _PATTERNS if key in row}
    if not {"case", "operation"} & patterns.keys():
        raise LedgerError(f"{name} covers nothing: expected a case, such as case = 'seeds/*', or an operation.")
    if "accepts" not in row:
        raise LedgerError(f"{name} does not say what it accepts: expected accepts = one of {', '.join(KINDS)}.")
    accepts = _texts(name, "accepts", row["accepts"])
    for kind in accepts:
        if kind not in KINDS:
            raise LedgerError(f"{name}: accepts = {kind!r}: expected one of {', '.join(KINDS)}.{suggest(kind, KINDS)}")
    for key in ("reason", "link"):
        if not (isinstance(row.get(key, ""), str) and row.get(key, "").strip()):
            hint = "a person writes it" if key == "reason" else "where the framework's source or documentation says so"
            raise LedgerError(f"{name} has no {key}: {hint}.")
    value = row.get("value")
    if value is not None and (not isinstance(value, str) or _number(value) is None):
        raise LedgerError(f"{name}: value = {value!r}: expected a number as a string, such as '0.5' or '0x1p-1'.")
    return Entry(
        name,
        patterns,
        _comparisons(name, row.get("versions", "")),
        frozenset(accepts),
        value,
        row["reason"],
        row["link"],
    )


def _texts(name: str, key: str, value: Any) -> tuple[str, ...]:
    found = tuple(value) if isinstance(value, list) else (value,)
    if not found or not all(isinstance(text, str) for text in found):
        raise LedgerError(f"{name}: {key} = {value!r}: expected a string, or a list of strings.")
    return found


def _comparisons(name: str, text: Any) -> SpecifierSet:
    said = text.split(",") if isinstance(text, str) and text.strip() else []
    try:
        comparisons = [Specifier(part) for part in said]
    except InvalidSpecifier:
        comparisons = []
    # Releases alone: `~=`, `==2.*` and `>=2.0rc1` say something else than they seem to of a nightly build.
    plain = [one for one in comparisons if one.operator in _OPERATORS and re.fullmatch(r"[\d.]+", one.version)]
    if text and len(plain) != max(len(said), 1):
        raise LedgerError(
            f"{name}: versions = {text!r}: expected comparisons of releases, such as '>=2.19,<3'; "
            f"the operators are {', '.join(_OPERATORS[:-1])} and {_OPERATORS[-1]}."
        )
    return SpecifierSet(",".join(map(str, plain)))


def settle(judgements: Sequence[Judgement], cases: Iterable[CaseFacts], entries: Sequence[Entry]) -> list[Judgement]:
    """Turn the divergences that are in the ledger into `accepted`, with the entry's reason.

    A check is accepted where entries accept every kind of divergence that it has.
    """
    about = _by_case({judgement.check.case for judgement in judgements}, cases, entries)
    settled = []
    for judgement in judgements:
        kinds = _kinds(judgement)
        if kinds and not judgement.fine:
            fitting = [
                entry for entry in about[judgement.check.case] if entry.covers(judgement) and entry.happens(judgement)
            ]
            if kinds == frozenset().union(*(entry.happens(judgement) for entry in fitting)):
                reason = "; ".join(dict.fromkeys(f"{entry.reason} ({entry.link})" for entry in fitting))
                settled.append(msgspec.structs.replace(judgement, verdict=Verdict.ACCEPTED, reason=reason))
                continue
        settled.append(judgement)
    return settled


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
    """
    by_case: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        by_case.setdefault(judgement.check.case, []).append(judgement)
    covered: dict[str, list[Judgement]] = {entry.name: [] for entry in entries}
    for case, about in _by_case(by_case, cases, entries).items():
        for entry in about:
            covered[entry.name] += [one for one in by_case[case] if entry.covers(one)]
    backends = {(one.check.backend, one.version) for one in judgements}
    found = []
    for entry in entries:
        told = [one for one in covered[entry.name] if one.outcome in _TELLING]
        if not covered[entry.name]:
            if whole and any(entry.covers_backend(*backend) for backend in backends):
                found.append(f"{entry.name} matches no check; remove it, or correct what it covers: {_text(entry)}")
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
                f"narrow it, or remove it: {_text(entry)}"
            )
    return found


def _text(entry: Entry) -> str:
    said = [f"{key} {'|'.join(patterns)}" for key, patterns in entry.patterns.items()]
    return f"{', '.join(said)}, accepts {'|'.join(sorted(entry.accepts))}"
