"""The store: append-only segments of JSON lines are the truth.

Each line is the CRC-32 of a record, a space, and the record in JSON. Each writer has a segment of its own and has
synced a line to the disk before it says so. A reader takes every line whose CRC and array digests are right, and
counts the others. Nothing is ever overwritten; a merge is the union of lines.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
import time
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import msgspec

from harness.errors import StoreError
from harness.model import SCHEMA, Array, Manifest, Observation, Reference, Series, Timing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

__all__ = ["UPGRADES", "Conflict", "Contents", "Line", "Record", "Store", "merge"]

Record = Observation | Reference | Manifest | Timing | Series

UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""Schema to the function that turns a record's JSON of that schema into the next schema's."""

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)
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
        observations: By id: a final one where there is one, the latest of those.
        references: By id, the latest.
        manifests: By id, the latest.
        timings: By id. Timings stand in a store of their own, the folder `timings` in a run's.
        series: By id, the latest.
        conflicts: Ids whose records differ in what was observed or proved. Timings, times and runs do not
            count, and an observation that was not final and then was is superseded, not contradicted.
        damaged: Lines that cannot be trusted; they are left out.
        torn: Segments whose last line was cut short, by a kill or because it is being written; it is left out.
    """

    observations: dict[str, Observation] = field(default_factory=dict)
    references: dict[str, Reference] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)
    timings: dict[str, Timing] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    conflicts: tuple[Conflict, ...] = ()
    damaged: tuple[Line, ...] = ()
    torn: tuple[Line, ...] = ()


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
        self._write(b"".join(_line(_text(record)) for record in several))

    def read(self) -> Contents:
        """Read every segment. A segment that another process is writing to may be read at any time.

        Raises:
            StoreError: If a segment cannot be read, or holds records of a newer version of this package.
        """
        return _contents([_read(path) for path in _segments(self.folder)])

    def close(self) -> None:
        """Close this writer's segment. The next append opens another."""
        if self._segment is not None:
            os.close(self._segment)
            self._segment = self._path = None

    def __enter__(self) -> Self:
        """Give the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _write(self, data: bytes) -> None:
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
    read = [_read(path) for folder in others for path in _segments(folder)]
    present = [_read(path) for path in _segments(target)]
    known = {text for segment in present for text, _ in segment.records}
    new = {text for segment in read for text, _ in segment.records} - known
    (target / "segments").mkdir(parents=True, exist_ok=True)  # a store, even if there is nothing to put into it
    with Store(target) as store:
        store._write(b"".join(_line(text) for text in sorted(new)))  # noqa: SLF001 - lines go over as they are
    return _contents([*present, *read])


@dataclass
class _Segment:
    """What was read of one: the JSON and the record of each good line."""

    records: list[tuple[bytes, Record]] = field(default_factory=list)
    damaged: list[Line] = field(default_factory=list)
    torn: list[Line] = field(default_factory=list)


def _segments(folder: Path) -> list[Path]:
    return sorted((folder / "segments").glob("*.jsonl"))


def _read(path: Path) -> _Segment:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}. Mend its permissions or move it away.") from error
    segment = _Segment()
    lines = data.split(b"\n")
    last = len(lines)
    for number, line in enumerate(lines, 1):
        text = line[9:]
        if line[:9] == b"%08x " % zlib.crc32(text) and (record := _record(text, path, number)) is not None:
            segment.records.append((text, record))
        elif number < last:
            segment.damaged.append(Line(path.name, number))
        elif line:
            segment.torn.append(Line(path.name, number))
    return segment


def _record(text: bytes, path: Path, number: int) -> Record | None:
    """Decode a line whose CRC is right; none if it is no record, or its arrays are not what their digests say."""
    record: Record | None
    try:
        record = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        record = None
    if record is None or record.schema != SCHEMA:
        record = _upgraded(text, path, number)
    if record is None or not all(array.intact for array in _arrays(record)):
        return None
    return record


def _upgraded(text: bytes, path: Path, number: int) -> Record | None:
    """Decode what is older, or was written the long way round."""
    try:
        plain = json.loads(text)
        schema = plain["schema"]
        if not isinstance(schema, int):
            return None
        if schema > SCHEMA:
            raise StoreError(
                f"{path}:{number} was written by a newer framework-harness: it has schema {schema}, this one reads up "
                f"to {SCHEMA}. Use the version that wrote it: pip install --upgrade framework-harness."
            )
        for older in range(schema, SCHEMA):
            plain = UPGRADES[older](plain)
        converted: Record = msgspec.convert(plain, Record, strict=False)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return converted


def _arrays(record: Record) -> Iterator[Array]:
    if isinstance(record, Observation):
        if record.value is not None:
            yield record.value
    elif isinstance(record, Reference):
        for truth in record.quantities.values():
            yield from (array for name in truth.__struct_fields__ if (array := getattr(truth, name)) is not None)


def _contents(segments: Sequence[_Segment]) -> Contents:
    by_key: dict[tuple[str, str], dict[bytes, Record]] = {}
    for segment in segments:
        for text, record in segment.records:
            by_key.setdefault((type(record).__name__, record.id), {})[text] = record
    observations, references, manifests, conflicts = {}, {}, {}, []
    timings, series = {}, {}
    for kind, key in sorted(by_key):
        lines = by_key[kind, key]
        oldest_first = (
            [record for _, record in sorted(lines.items(), key=_age)] if len(lines) > 1 else [*lines.values()]
        )
        chosen = next((record for record in reversed(oldest_first) if _final(record)), oldest_first[-1])
        if isinstance(chosen, Observation):
            observations[key] = chosen
        elif isinstance(chosen, Reference):
            references[key] = chosen
        elif isinstance(chosen, Timing):
            timings[key] = chosen
        elif isinstance(chosen, Series):
            series[key] = chosen
        else:
            manifests[key] = chosen
        if len(differing := _differing(oldest_first)) > 1:
            conflicts.append(Conflict(key, differing))
    return Contents(
        observations,
        references,
        manifests,
        timings,
        series,
        tuple(conflicts),
        tuple(sorted({line for segment in segments for line in segment.damaged})),
        tuple(sorted({line for segment in segments for line in segment.torn})),
    )


def _age(line: tuple[bytes, Record]) -> tuple[float, bytes]:
    """Sort by time; equal times by what they say."""
    text, record = line
    return (record.recorded if math.isfinite(record.recorded) else 0.0, text)


def _final(record: Record) -> bool:
    return not isinstance(record, Observation) or record.final


def _differing(oldest_first: Sequence[Record]) -> tuple[Record, ...]:
    """Give one record for each thing that was said, without what was superseded.

    Clocks jump, so a final observation is never superseded by one that is not, whatever their times; the pair is
    reported.
    """
    finals = [index for index, record in enumerate(oldest_first) if _final(record)]
    if not finals:
        return ()
    said: dict[Any, Record] = {}
    for index, record in enumerate(oldest_first):
        if _final(record) or index > finals[-1]:
            what = _said(record)
            said.pop(what, None)
            said[what] = record
    return tuple(said.values())


def _said(record: Record) -> tuple[Any, ...]:
    """Give what must be the same in two records with one id."""
    if isinstance(record, Observation):
        value = record.value
        return (record.outcome, None if value is None else (value.dtype, value.shape, value.sha256))
    if isinstance(record, Reference):
        return (record.kind, tuple(sorted(record.quantities.items(), key=lambda item: item[0])))
    return ()  # a manifest's id is the fingerprint of all it says; a timing and a run have ids of their own


def _line(text: bytes) -> bytes:
    return b"%08x %b\n" % (zlib.crc32(text), text)


def _text(record: Record) -> bytes:
    if all(map(math.isfinite, _floats(record))):
        with contextlib.suppress(UnicodeEncodeError):  # lone surrogates, which UTF-8 has no bytes for
            return _encoder.encode(record)
    return json.dumps(_spelled(msgspec.to_builtins(record))).encode("ascii")


def _floats(record: Record) -> Iterator[float]:
    """Give every number that msgspec would write as null if it were not finite."""
    yield record.recorded
    if isinstance(record, Reference):
        yield record.seconds
    elif isinstance(record, Observation):
        yield from record.seconds.values()
    elif isinstance(record, Timing):
        yield from (*record.calls, record.first or 0.0, record.imported or 0.0)
    elif isinstance(record, Series):
        yield from record.machine.values()


def _spelled(value: Any) -> Any:
    """Spell numbers that JSON lacks: `"nan"`, `"inf"`, `"-inf"`."""
    if isinstance(value, dict):
        return {name: _spelled(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_spelled(item) for item in value]
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some file systems cannot sync a folder; the file itself is synced
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
