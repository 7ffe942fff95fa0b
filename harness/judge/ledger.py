"""The ledger: divergences that a person looked into and accepts, each with a reason. Strict both ways.

A divergence that is not in it stays `disagrees`. An entry fails whose divergence no longer happens for one of the
backends, modes, dtypes and quantities that it speaks of, and so does one that speaks of nothing. An entry is

    [[accepted]]
    case = "conventions/absolute"    # a shell pattern of ids; or
    operation = "abs"                # a word of xp that the case uses
    backend = "jax"                  # all others are optional: shell patterns, or lists of them
    accepts = "nan"                  # kinds of divergence, as in Judgement.finding
    reason = "…"
    link = "https://…"
"""

from __future__ import annotations

import fnmatch
import json
import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from harness.errors import LedgerError, suggest
from harness.model import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from harness.collect.case import Case
    from harness.model import CaseFacts, Judgement

__all__ = ["FILE", "KINDS", "Entry", "complaints", "home", "ledgers", "propose", "read", "settle"]

FILE = "ledger.toml"
"""The ledger's name. It stands beside the cases: in a case file's folder, or in one above it up to the collected one."""

KINDS = ("nan", "infinite", "zero", "sign", "finite", "budget", "dtype", "shape", "raised", "missing")
"""Kinds of divergence, as `Judgement.finding` names them."""

_PATTERNS = ("case", "operation", "sample", "backend", "modes", "dtypes", "quantity", "path")
_KEYS = (*_PATTERNS, "versions", "accepts", "value", "reason", "link")
_TELLING = (Outcome.COMPLETED, Outcome.RAISED, Outcome.UNSUPPORTED, Outcome.MISSING)
"""Outcomes that say whether a divergence still happens; a crash or a time-out does not."""

_SHOWN = 4  # places of a complaint

_PATTERN = re.compile(r"[*?\[]")
_COMPARISON = re.compile(r"(>=|<=|==|>|<)\s*(\d+(?:\.\d+)*)")


@dataclass(frozen=True)
class Entry:
    """One accepted divergence.

    Attributes:
        name: Where it stands, such as `cases/ledger.toml: entry 7`.
        patterns: Key to shell patterns, one of which must fit; what is not said fits everything.
        versions: Comparisons that the framework's version must satisfy: an operator and a release.
        accepts: Kinds of divergence.
        value: What the worst element must be; none if that does not matter.
        reason: Why it is accepted.
        link: Where to read more.
    """

    name: str
    patterns: Mapping[str, tuple[str, ...]]
    versions: tuple[tuple[str, tuple[int, ...]], ...]
    accepts: frozenset[str]
    value: str | None
    reason: str
    link: str

    def concerns_case(self, case: str, operations: Sequence[str]) -> bool:
        """Whether it is about a case, by its id and by the words of `xp` that it uses."""
        return self._fits("case", (case,)) and self._fits("operation", operations)

    def names_only(self, cases: Container[str]) -> bool:
        """Whether it names its cases, without a pattern, and each is one of these."""
        named = self.patterns.get("case", ("*",))
        return all(name in cases and not _PATTERN.search(name) for name in named)

    def concerns_backend(self, backend: str, version: str) -> bool:
        """Whether it is about a backend in a version."""
        return self._fits("backend", (backend, backend.partition("@")[0])) and satisfies(version, self.versions)

    def speaks_of(self, judgement: Judgement) -> bool:
        """Whether a check of a case that it is about, diverging or not, is one that it is about."""
        check = judgement.check
        # A sample that was drawn anew is the same sample: `vector#3` is of seed 3.
        sample = check.sample.partition("#")[0]
        facts = {"sample": sample, "modes": check.mode, "dtypes": check.dtype}
        facts |= {"quantity": check.quantity, "path": check.path}
        return all(self._fits(key, (fact,)) for key, fact in facts.items()) and self.concerns_backend(
            check.backend, judgement.version
        )

    def _fits(self, key: str, facts: Sequence[str]) -> bool:
        patterns = self.patterns.get(key)
        return patterns is None or any(fnmatch.fnmatchcase(fact, pattern) for fact in facts for pattern in patterns)

    def happens(self, judgement: Judgement) -> frozenset[str]:
        """Give the kinds of divergence of a check that the entry accepts."""
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


def satisfies(version: str, comparisons: Iterable[tuple[str, tuple[int, ...]]]) -> bool:
    """Whether a version's release satisfies all comparisons; what follows the release, such as `+cpu`, is left out."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    if found is None:
        return not tuple(comparisons)
    release = _release(found[0])
    for operator, bound in comparisons:
        length = max(len(release), len(bound))
        left, right = (part + (0,) * (length - len(part)) for part in (release, bound))
        fits = {">=": left >= right, "<=": left <= right, ">": left > right, "<": left < right, "==": left == right}
        if not fits[operator]:
            return False
    return True


def _release(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def ledgers(cases: Iterable[Case]) -> dict[str, str]:
    """Find the ledgers that stand beside some cases.

    Returns:
        File to text, in the order in which they were met.

    Raises:
        LedgerError: If one cannot be read.
    """
    found: dict[str, str] = {}
    seen = set()
    for case in cases:
        for folder in [*case.path.parents][: case.area.count("/") + 2]:
            if folder in seen:
                continue
            seen.add(folder)
            path = folder / FILE
            if path.is_file():
                try:
                    found[_shown(path)] = path.read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError) as error:
                    raise LedgerError(f"{path} cannot be read: {error}. Expected TOML in UTF-8.") from error
    return found


def _shown(path: Path) -> str:
    """Name a file as a user would: a report that says where it stands must not depend on where a checkout stands."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def home(cases: Iterable[Case]) -> str:
    """Give the file to which a proposal about some cases belongs: the ledger there is, or one in the topmost folder."""
    chosen = list(cases)
    return next(iter(ledgers(chosen)), None) or _shown(chosen[0].path.parents[chosen[0].area.count("/") + 1] / FILE)


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
        raise LedgerError(f"{name} speaks of nothing: expected a case, such as case = 'seeds/*', or an operation.")
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


def _comparisons(name: str, text: Any) -> tuple[tuple[str, tuple[int, ...]], ...]:
    found = []
    for part in text.split(",") if isinstance(text, str) and text.strip() else [text] if text else []:
        match = _COMPARISON.fullmatch(part.strip()) if isinstance(part, str) else None
        if match is None:
            raise LedgerError(
                f"{name}: versions = {text!r}: expected comparisons of releases, such as '>=2.19,<3'; "
                "the operators are >=, <=, <, > and ==."
            )
        found.append((match[1], _release(match[2])))
    return tuple(found)


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
                one for one in about[judgement.check.case] if one.speaks_of(judgement) and one.happens(judgement)
            ]
            if kinds == frozenset().union(*(one.happens(judgement) for one in fitting)):
                reason = "; ".join(dict.fromkeys(f"{one.reason} ({one.link})" for one in fitting))
                settled.append(msgspec.structs.replace(judgement, verdict=Verdict.ACCEPTED, reason=reason))
                continue
        settled.append(judgement)
    return settled


def _by_case(ids: Iterable[str], cases: Iterable[CaseFacts], entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    operations = {case.id: case.operations for case in cases}
    return {case: [one for one in entries if one.concerns_case(case, operations.get(case, ()))] for case in ids}


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
        whole: Whether the run left nothing out that the ledger may speak of. Only then an entry that speaks of none
            of the checks is wrong; one about a backend or a version that was not there is not.
        chosen: `cases` or `samples`, where only some were chosen by name. Of some cases only those entries are judged
            that name theirs, all of them chosen; of some samples, none.
    """
    by_case: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        by_case.setdefault(judgement.check.case, []).append(judgement)
    spoken_of: dict[str, list[Judgement]] = {entry.name: [] for entry in entries}
    for case, about in _by_case(by_case, cases, entries).items():
        for entry in about:
            spoken_of[entry.name] += [one for one in by_case[case] if entry.speaks_of(one)]
    backends = {(one.check.backend, one.version) for one in judgements}
    found = []
    for entry in entries:
        told = [one for one in spoken_of[entry.name] if one.outcome in _TELLING]
        if not spoken_of[entry.name]:
            if whole and any(entry.concerns_backend(*backend) for backend in backends):
                found.append(f"{entry.name} matches no check; remove it, or correct what it speaks of: {_text(entry)}")
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


def propose(judgements: Iterable[Judgement]) -> str:
    """Write entries for the divergences that are not accepted, with empty reasons: a person writes those.

    Returns:
        TOML to be added to a ledger; empty where there is nothing to propose.
    """
    groups: dict[tuple[str, ...], dict[str, dict[str, None]]] = {}
    for one in judgements:
        check = one.check
        if one.fine or not one.finding:
            continue
        key = (check.case, check.sample, check.backend, check.quantity, one.finding, one.version)
        kept = groups.setdefault(key, {"modes": {}, "dtypes": {}, "path": {}})
        for name, word in (("modes", check.mode), ("dtypes", check.dtype), ("path", check.path)):
            kept[name][word] = None
    rows = []
    for (case, sample, backend, quantity, finding, version), kept in groups.items():
        row: dict[str, Any] = {"case": case, "sample": sample, "backend": backend}
        release = re.match(r"\d+(?:\.\d+)*", version)
        row |= {"versions": f">={release[0]}"} if release else {}
        row |= {name: [*words] for name, words in kept.items() if name != "path" or [*words] != [""]}
        row |= {"quantity": quantity, "accepts": finding.split("+"), "reason": "", "link": ""}
        rows.append("\n".join(["[[accepted]]", *(f"{name} = {_toml(value)}" for name, value in row.items())]))
    return "\n\n".join(rows)


def _toml(value: str | list[str]) -> str:
    # A JSON string is a TOML string, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
