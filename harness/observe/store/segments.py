"""The store: append-only segments of JSON lines are the truth.

Each line is the CRC-32 of a record, a space, and the record in JSON. Each writer has a segment of its own and has
synced a line to the disk before it says so. A reader takes every line whose CRC and array digests are right, and
counts the others. Nothing is ever overwritten; a merge is the union of lines.
"""

from __future__ import annotations

import contextlib
import math
import os
import secrets
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

from harness.errors import StoreError
from harness.model import Manifest, Observation, Record, Reference, Series, Timing
from harness.observe.store.lines import decode, encode, framed, unframed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Conflict", "Contents", "Line", "Segment", "Store", "contents_of", "read_segments"]

_Kind = TypeVar("_Kind", bound=Record)
_sync = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True, order=True)
class Line:
    """Where something was found: a segment's name and a line, counted from 1."""

    file: str
    number: int


@dataclass(frozen=True)
class Conflict:
    """Records with one id that do not say the same. None of them is dropped.

    Attributes:
        id: Their id.
        records: One for each thing that was said, the latest last.
    """

    id: str
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Contents:
    """What a store holds, in an order that does not depend on the order of its lines.

    Attributes:
        records: Kind to id to the record that stands: a final one where there is one, the latest of those. Timings and
            series stand in a store of their own, the folder `timings` in a run's.
        conflicts: Ids whose records differ in what was observed or proved. Timings, times and runs do not
            count, and an observation that was not final and then was is superseded, not contradicted.
        damaged: Lines that cannot be trusted; they are left out.
        torn: Segments whose last line was cut short, by a kill or because it is being written; it is left out.
        properties: Backend's name to what its workers found out about it in this run. No line says it: manifests do.
    """

    records: Mapping[type[Record], Mapping[str, Any]] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    damaged: tuple[Line, ...] = ()
    torn: tuple[Line, ...] = ()
    properties: Mapping[str, dict[str, str]] = field(default_factory=dict)

    def of(self, kind: type[_Kind]) -> Mapping[str, _Kind]:
        """Return the records of a kind, by id."""
        return self.records.get(kind, {})

    @property
    def observations(self) -> Mapping[str, Observation]:
        """By id: a final one where there is one, the latest of those."""
        return self.of(Observation)

    @property
    def references(self) -> Mapping[str, Reference]:
        """By id, the latest."""
        return self.of(Reference)

    @property
    def manifests(self) -> Mapping[str, Manifest]:
        """By id, the latest."""
        return self.of(Manifest)

    @property
    def timings(self) -> Mapping[str, Timing]:
        """By id."""
        return self.of(Timing)

    @property
    def series(self) -> Mapping[str, Series]:
        """By id, the latest."""
        return self.of(Series)

    def adding(self, records: Iterable[Record], properties: Mapping[str, dict[str, str]] | None = None) -> Contents:
        """Return what a store holds to which these records were added."""
        added: dict[type[Record], dict[str, Any]] = {}
        for record in records:
            added.setdefault(type(record), {})[record.id] = record
        kinds = [*dict.fromkeys([*self.records, *added])]
        return replace(
            self,
            records={kind: {**self.of(kind), **added.get(kind, {})} for kind in kinds},
            properties={**self.properties, **(properties or {})},
        )


class Store:
    """A folder of segments.

    Args:
        folder: The store's folder; it is made when the first record is appended.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._segment: int | None = None
        self._path: Path | None = None

    def append(self, records: Record | Sequence[Record]) -> None:
        """Write records to this writer's segment. When it returns, they are on the disk.

        Several records are one write and one sync: cheaper, and acknowledged together.

        Raises:
            StoreError: If the disk is full or fails. What was acknowledged before stays readable.
        """
        several = [records] if isinstance(records, Record) else records
        self.write(b"".join(framed(encode(record)) for record in several))

    def read(self) -> Contents:
        """Read every segment. A segment that another process is writing to may be read at any time.

        Raises:
            StoreError: If a segment cannot be read, or holds records of a newer version of this package.
        """
        return contents_of(read_segments(self.folder))

    def close(self) -> None:
        """Close this writer's segment. The next append opens another."""
        if self._segment is not None:
            os.close(self._segment)
            self._segment = self._path = None

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def write(self, data: bytes) -> None:
        """Write lines as they are, and sync them.

        Raises:
            StoreError: If the disk is full or fails.
        """
        if not data:
            return
        start = None
        try:
            segment = self._open()
            start = os.fstat(segment).st_size
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(segment, rest) :]
            _sync(segment)
        except OSError as error:
            self._abandon(start)
            raise StoreError(
                f"{self.folder}: {len(data)} bytes could not be written: {error.strerror or error}. Everything that "
                "was stored before is kept. Free some space or choose another folder with --store, and run the same "
                "command again: it goes on where this one stopped."
            ) from error

    def _abandon(self, start: int | None) -> None:
        """Cut off what was half written, and never write to that segment again: its pages may be lost."""
        if self._segment is not None:
            if start is not None:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._segment, start)
            with contextlib.suppress(OSError):
                self.close()

    def _open(self) -> int:
        if self._segment is None:
            folder = self.folder / "segments"
            folder.mkdir(parents=True, exist_ok=True)
            moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
            self._path = folder / f"{moment}-{os.getpid()}-{secrets.token_hex(8)}.jsonl"
            self._segment = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o666)
            for parent in (
                folder,
                self.folder,
                self.folder.parent,
            ):  # so that a power cut does not take the file's name away
                _sync_folder(parent)
        return self._segment


@dataclass
class Segment:
    """What was read of one.

    Attributes:
        records: The JSON and the record of each good line.
        damaged: Lines that cannot be trusted.
        torn: The last line, where it was cut short.
    """

    records: list[tuple[bytes, Record]] = field(default_factory=list)
    damaged: list[Line] = field(default_factory=list)
    torn: list[Line] = field(default_factory=list)


def read_segments(folder: Path) -> list[Segment]:
    """Read every segment of a store.

    Raises:
        StoreError: If one cannot be read, or holds records of a newer version of this package.
    """
    return [_read(path) for path in sorted((folder / "segments").glob("*.jsonl"))]


def _read(path: Path) -> Segment:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}. Mend its permissions or move it away.") from error
    segment = Segment()
    lines = data.split(b"\n")
    last = len(lines)
    for number, line in enumerate(lines, 1):
        text = unframed(line)
        if text is not None and (record := decode(text, path, number)) is not None:
            segment.records.append((text, record))
        elif number < last:
            segment.damaged.append(Line(path.name, number))
        elif line:
            segment.torn.append(Line(path.name, number))
    return segment


def contents_of(segments: Sequence[Segment]) -> Contents:
    """Choose, of all records with one id, the one that stands, and say where they contradict each other."""
    by_key: dict[tuple[str, str], dict[bytes, Record]] = {}
    for segment in segments:
        for text, record in segment.records:
            by_key.setdefault((type(record).__name__, record.id), {})[text] = record
    records: dict[type[Record], dict[str, Record]] = {}
    conflicts = []
    for kind, key in sorted(by_key):
        lines = by_key[kind, key]
        oldest_first = (
            [record for _, record in sorted(lines.items(), key=_age)] if len(lines) > 1 else [*lines.values()]
        )
        chosen = next((record for record in reversed(oldest_first) if record.final), oldest_first[-1])
        records.setdefault(type(chosen), {})[key] = chosen
        if len(differing := _differing(oldest_first)) > 1:
            conflicts.append(Conflict(key, differing))
    return Contents(
        records,
        tuple(conflicts),
        tuple(sorted({line for segment in segments for line in segment.damaged})),
        tuple(sorted({line for segment in segments for line in segment.torn})),
    )


def _age(line: tuple[bytes, Record]) -> tuple[float, bytes]:
    """Sort by time; equal times by what they say."""
    text, record = line
    return (record.recorded if math.isfinite(record.recorded) else 0.0, text)


def _differing(oldest_first: Sequence[Record]) -> tuple[Record, ...]:
    """Return one record for each thing that was said, without what was superseded.

    Clocks jump, so a final observation is never superseded by one that is not, whatever their times; the pair is
    reported.
    """
    finals = [index for index, record in enumerate(oldest_first) if record.final]
    if not finals:
        return ()
    said: dict[Any, Record] = {}
    for index, record in enumerate(oldest_first):
        if record.final or index > finals[-1]:
            what = record.says
            said.pop(what, None)
            said[what] = record
    return tuple(said.values())


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot sync a folder; the file itself is synced
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
