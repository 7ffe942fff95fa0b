"""Entries of the ledger: what each covers and accepts, and how it is written.

An entry is

    [[accepted]]
    case = "conventions/absolute"    # a shell pattern of ids; or
    operation = "abs"                # a word of xp that the case uses
    backend = "jax"                  # all others are optional: shell patterns, or lists of them
    versions = ">=0.4,<1"            # comparisons of releases: >=, <=, <, > and ==
    properties = {oneDNN = "on"}     # what must hold of the backend, as the report's section on backends has it
    accepts = "nan"                  # kinds of divergence, as in Judgement.finding
    z = {float32 = 31.5}             # how large z was when a person looked; also one number for every dtype
    reason = "…"
    link = "https://…"

An entry whose properties do not hold here, because the processor has other instructions for instance, is neither used nor
held against what happens. One that accepts a wrong number (`budget`) says how wrong: by `z`, beyond which a divergence has
grown and is not accepted, or by `value`. `harness run --update-ledger` writes the z that it saw.
"""

from __future__ import annotations

import fnmatch
import math
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet

from harness.errors import LedgerError, suggest
from harness.judge.agreement import THRESHOLD

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from harness.model import Judgement

__all__ = ["KINDS", "Entry", "describe", "kinds_of", "read", "satisfies"]

KINDS = ("nan", "infinite", "zero", "sign", "finite", "budget", "dtype", "shape", "raised", "missing")
"""Kinds of divergence, as `Judgement.finding` names them."""

_PATTERNS = ("case", "operation", "sample", "backend", "modes", "dtypes", "quantity", "path")
_KEYS = (*_PATTERNS, "versions", "properties", "accepts", "value", "z", "reason", "link")
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
        properties: Property of the backend to shell patterns, one of which must fit.
        bounds: dtype to the largest z that was seen; under `*` that of every other dtype.
        reason: Why it is accepted.
        link: Where to read more.
    """

    name: str
    patterns: Mapping[str, tuple[str, ...]]
    versions: SpecifierSet
    accepts: frozenset[str]
    value: str | None
    properties: Mapping[str, tuple[str, ...]]
    bounds: Mapping[str, float]
    reason: str
    link: str

    @property
    def bounded(self) -> bool:
        """Whether it says how wrong a number may be, or accepts none."""
        return bool(self.bounds) or self.value is not None or "budget" not in self.accepts

    def holds_for(self, properties: Mapping[str, str]) -> bool:
        """Whether what it needs of a backend is so."""
        return all(
            any(fnmatch.fnmatchcase(properties.get(name, ""), pattern) for pattern in patterns)
            for name, patterns in self.properties.items()
        )

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
        kinds = self.accepts & kinds_of(judgement)
        return kinds - {"budget"} if self._has_grown(judgement) else kinds

    def _has_grown(self, judgement: Judgement) -> bool:
        """Whether a number is more wrong than when a person looked, by more than rounding explains."""
        bound = self.bounds.get(judgement.check.dtype, self.bounds.get("*"))
        if not self.bounds or judgement.finite_z is None:  # integers and booleans are right or not
            return False
        # What was seen had been rounded, and what is seen now is: each by K at most.
        seen = judgement.finite_z
        return bound is None or not seen <= bound + THRESHOLD


def kinds_of(judgement: Judgement) -> frozenset[str]:
    """Return the kinds of divergence of a check."""
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


def read(texts: Mapping[str, str], *, strict: bool = False) -> list[Entry]:
    """Read ledgers.

    Args:
        texts: File to text.
        strict: Whether an entry that accepts any number whatever is refused. What older runs stored is read all the same.

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
    for entry in entries if strict else ():
        if not entry.bounded:
            raise LedgerError(
                f"{entry.name} accepts any number whatever: expected z, the largest that a person saw, or value. "
                f"`harness run --update-ledger` writes what it sees: {describe(entry)}"
            )
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
        _properties(name, row.get("properties", {})),
        _bounds(name, row.get("z", {})),
        row["reason"],
        row["link"],
    )


def _texts(name: str, key: str, value: Any) -> tuple[str, ...]:
    found = tuple(value) if isinstance(value, list) else (value,)
    if not found or not all(isinstance(text, str) for text in found):
        raise LedgerError(f"{name}: {key} = {value!r}: expected a string, or a list of strings.")
    return found


def _properties(name: str, table: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, dict):
        raise LedgerError(f"{name}: properties = {table!r}: expected a table, such as {{oneDNN = 'on'}}.")
    return {key: _texts(name, f"properties.{key}", value) for key, value in table.items()}


def _bounds(name: str, said: Any) -> dict[str, float]:
    table = said if isinstance(said, dict) else {"*": said}
    for dtype, bound in table.items():
        if isinstance(bound, bool) or not isinstance(bound, (int, float)) or not bound > 0:
            raise LedgerError(
                f"{name}: z = {said!r}: expected a positive number, or a table of them such as {{float32 = 31.5}}; "
                f"got {bound!r} for {dtype}."
            )
    return {dtype: float(bound) for dtype, bound in table.items()}


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


def describe(entry: Entry) -> str:
    """Say what an entry covers and accepts."""
    said = [f"{key} {'|'.join(patterns)}" for key, patterns in entry.patterns.items()]
    return f"{', '.join(said)}, accepts {'|'.join(sorted(entry.accepts))}"
