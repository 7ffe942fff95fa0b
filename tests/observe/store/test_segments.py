"""Tests of the store: what was acknowledged is never lost, and what is damaged is never believed."""

from __future__ import annotations

import errno
import itertools
import json
import math
import os
import random
import shutil
import subprocess
import sys
import time
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import StoreError
from harness.model import (
    SCHEMA,
    Array,
    BackendFacts,
    CaseFacts,
    Check,
    Manifest,
    Observation,
    Outcome,
    Record,
    Reference,
    Series,
    Timing,
    Truth,
)
from harness.observe.store import lines
from harness.observe.store import segments as module
from harness.observe.store.merging import merge
from harness.observe.store.segments import Contents, Line, Store

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__: list[str] = []

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"


def _check(name: str = "affine_sum") -> Check:
    return Check(f"seeds/{name}", "given", "torch", "eager", "float32", "cpu", "value")


def _observation(
    number: int = 0, value: float | None = 1.0, outcome: Outcome = Outcome.COMPLETED, recorded: float = 0.0, **more: Any
) -> Observation:
    array = None if value is None else Array.of(np.array([value, number]))
    return Observation(
        id=f"{number:064x}", check=_check(), outcome=outcome, value=array, recorded=recorded, **more
    )  # fmt: skip


def _reference(number: int = 0, kind: str = "proved", **more: Any) -> Reference:
    truth = Truth(high=Array.of(np.array([1.0])), low=Array.of(np.array([0.0])), exact=None)
    return Reference(
        id=f"{number:064x}", case="seeds/a", sample="given", dtype="float32", kind=kind, quantities={"value": truth}, **more
    )  # fmt: skip


def _stored(folder: Path, records: Sequence[Record]) -> Contents:
    with Store(folder) as store:
        store.append(records)
    return Store(folder).read()


def _segment(folder: Path) -> Path:
    (segment,) = (folder / "segments").iterdir()
    return segment


def _lines(folder: Path) -> list[bytes]:
    return sorted(line for path in (folder / "segments").iterdir() for line in path.read_bytes().splitlines())


def test_records_of_every_kind_survive(tmp_path: Path) -> None:
    """An observation, a reference and a manifest with one id come back equal, each among its own kind."""
    observation = _observation(1, versions={"torch": "2.13.0"}, seconds={"first": 0.1}, environment={"A": "1"}, run="r")
    manifest = Manifest(id=observation.id, checks=((_check(), "1", "2"),), facts={"seed": "0"}, recorded=0.1)
    contents = _stored(tmp_path, [observation, _reference(1), manifest])
    assert {observation.id: observation} == contents.observations
    assert {observation.id: _reference(1)} == contents.references
    assert {observation.id: manifest} == contents.manifests
    assert ((), (), ()) == (contents.conflicts, contents.damaged, contents.torn)


def test_a_store_that_is_not_there_is_empty(tmp_path: Path) -> None:
    """Nothing is made by reading, nor by appending nothing."""
    assert Contents() == Store(tmp_path / "store").read()
    Store(tmp_path / "store").append([])
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "bits",
    [0x8000000000000000, 1, 0x7FF0000000000000, 0x7FF8000000000001, 0x7FF4DEADBEEF0000, 0xFFFFFFFFFFFFFFFF],
)
def test_values_survive_bit_for_bit(tmp_path: Path, bits: int) -> None:
    """Negative zero, subnormals, infinities and NaN payloads are the same bits after a read."""
    value = Array.of(np.array([bits], np.uint64).view(np.float64))
    record = msgspec.structs.replace(_observation(), value=value)
    (read,) = _stored(tmp_path, [record]).observations.values()
    assert read.value is not None
    assert [bits] == read.value.numpy().view(np.uint64).tolist()


@pytest.mark.parametrize(
    "dtype", ["bool", "int64", "uint8", "float16", "bfloat16", "float32", "complex64", "complex128"]
)
def test_arrays_of_every_dtype_survive(tmp_path: Path, dtype: str) -> None:
    """The name of the dtype, the shape and the bytes are kept; bfloat16 needs no library for it."""
    template = Array.of(np.zeros((2, 0, 3) if dtype == "uint8" else (2, 3), "u2" if dtype == "bfloat16" else dtype))
    record = msgspec.structs.replace(_observation(), value=msgspec.structs.replace(template, dtype=dtype))
    assert record == next(iter(_stored(tmp_path, [record]).observations.values()))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_lacks_survive(tmp_path: Path, number: float) -> None:
    """Every line is valid JSON all the same."""
    observation = _observation(seconds={"first": number}, recorded=1.5)
    reference = _reference(seconds=number)
    contents = _stored(tmp_path, [reference, observation])
    assert repr(reference) == repr(next(iter(contents.references.values())))
    assert repr(observation) == repr(next(iter(contents.observations.values())))
    for line in _lines(tmp_path):
        json.loads(line[9:], parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))


@pytest.mark.parametrize(
    "text",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "x" * 300,
        "CON",
        "a\0b",
        "\ud800 lone",
        "\u2028",
        "\x1b[31m",
        "line\nline",
        '"|',
    ],
)
def test_no_text_becomes_a_path_or_breaks_a_line(tmp_path: Path, text: str) -> None:
    """Whatever a name or a reason holds, it comes back, and only the segment is in the folder."""
    record = _observation(outcome=Outcome.RAISED, value=None, reason=text)
    record = msgspec.structs.replace(record, id=text, run=text, check=_check(text))
    contents = _stored(tmp_path / "store", [record])
    assert {text: record} == contents.observations
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [_segment(tmp_path / "store")] == files
    assert 1 == len(_lines(tmp_path / "store"))


def test_each_line_is_a_crc_and_a_record_of_this_schema(tmp_path: Path) -> None:
    """The format: eight hexadecimal digits, a space, JSON with a type and a schema, a newline."""
    _stored(tmp_path, [_observation(1), _reference(2)])
    for line in _segment(tmp_path).read_bytes().splitlines(keepends=True):
        assert line.endswith(b"\n")
        assert int(line[:8], 16) == zlib.crc32(line[9:-1])
        assert SCHEMA == json.loads(line[9:])["schema"]


def test_a_list_is_one_write_and_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is acknowledged before the sync."""
    calls: list[str] = []
    write, sync = os.write, module._sync

    def note_write(descriptor: int, data: bytes) -> int:
        calls.append("write")
        return write(descriptor, data)

    def note_sync(descriptor: int) -> None:
        calls.append("sync")
        sync(descriptor)

    monkeypatch.setattr(os, "write", note_write)
    monkeypatch.setattr(module, "_sync", note_sync)
    _stored(tmp_path, [_observation(number) for number in range(100)])
    assert ["write", "sync"] == calls


def test_writers_have_segments_of_their_own(tmp_path: Path) -> None:
    """Two writers at the same moment never share a file."""
    with Store(tmp_path) as one, Store(tmp_path) as other:
        for number in range(10):
            (one if number % 2 else other).append(_observation(number))
        assert 10 == len(Store(tmp_path).read().observations)
    assert 2 == len(list((tmp_path / "segments").iterdir()))


def test_the_latest_record_wins_whatever_the_order(tmp_path: Path) -> None:
    """Also among records of one time, and in every order of lines and segments."""
    records = [
        _observation(0, recorded=recorded, run=run) for recorded, run in [(1, "a"), (3, "b"), (3, "c"), (2, "d")]
    ]
    chosen = set()
    for index, order in enumerate(itertools.permutations(records)):
        contents = _stored(tmp_path / str(index), order)
        assert () == contents.conflicts
        chosen.add(contents.observations[records[0].id].run)
    assert {"c"} == chosen


def test_lines_that_contradict_each_other_are_reported_and_kept(tmp_path: Path) -> None:
    """One record for each thing that was said, the latest last, and it is the one that is used."""
    old, same, new = (
        _observation(0, 1.0),
        _observation(0, 1.0, recorded=1.0, run="x"),
        _observation(0, 2.0, recorded=2.0),
    )
    contents = _stored(tmp_path, [new, same, old])
    (conflict,) = contents.conflicts
    assert (old.id, (same, new)) == (conflict.id, conflict.records)
    assert new == contents.observations[old.id]


@pytest.mark.parametrize("recorded", [0.0, 5.0, 10.0])
def test_values_that_differ_only_in_a_sign_of_zero_contradict_each_other(tmp_path: Path, recorded: float) -> None:
    """Bits are compared, not numbers; and references are compared like observations."""
    contents = _stored(tmp_path, [_observation(0, 0.0, recorded=5.0), _observation(0, -0.0, recorded=recorded)])
    assert 1 == len(contents.conflicts)
    contents = _stored(tmp_path / "b", [_reference(0, recorded=5.0), _reference(0, "wide", recorded=recorded)])
    assert 1 == len(contents.conflicts)
    assert () == _stored(tmp_path / "c", [_reference(0, seconds=1.0), _reference(0, precision=2)]).conflicts


@pytest.mark.parametrize("outcome", [Outcome.CRASHED, Outcome.TIMED_OUT, Outcome.OUT_OF_MEMORY, Outcome.MISSING])
def test_a_final_observation_supersedes_one_that_is_not(tmp_path: Path, outcome: Outcome) -> None:
    """That is no conflict; nor are two that both are not final."""
    crash = [_observation(0, None, outcome, recorded=1.0), _observation(0, None, Outcome.CRASHED, recorded=1.5)]
    final = _observation(0, recorded=2.0)
    contents = _stored(tmp_path, [final, *crash])
    assert () == contents.conflicts
    assert final == contents.observations[final.id]
    contents = _stored(tmp_path / "b", crash)
    assert () == contents.conflicts
    assert crash[-1] == contents.observations[final.id]


def test_a_clock_that_jumps_back_hides_no_final_observation(tmp_path: Path) -> None:
    """A final one is used whatever the times say; the pair is reported."""
    crash, final = _observation(0, None, Outcome.CRASHED, recorded=1e9), _observation(0, recorded=1.0)
    contents = _stored(tmp_path, [crash, final])
    assert final == contents.observations[final.id]
    assert [(final, crash)] == [conflict.records for conflict in contents.conflicts]


def test_a_clock_at_the_end_of_time_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a segment's name nor the order depends on a sane clock."""
    for index, moment in enumerate([0.0, 4e9, -1.0, 1.0]):
        monkeypatch.setattr(time, "gmtime", lambda moment=moment: time.struct_time((1970, 1, 1, 0, 0, 0, 0, 1, 0)))
        _stored(tmp_path, [_observation(index, recorded=math.nan if index == 0 else moment)])
    assert 4 == len(Store(tmp_path).read().observations)


def test_a_segment_cut_at_every_byte_loses_only_its_tail(tmp_path: Path) -> None:
    """Every whole line is read, and a cut line is counted and left out."""
    records = [_observation(number) for number in range(3)]
    _stored(tmp_path, records)
    path = _segment(tmp_path)
    data = path.read_bytes()
    ends = [index + 1 for index, byte in enumerate(data) if byte == ord("\n")]
    for length in range(len(data) + 1):
        path.write_bytes(data[:length])
        contents = Store(tmp_path).read()
        whole = sum(end - 1 <= length for end in ends)  # a line without its newline is whole
        assert {record.id: record for record in records[:whole]} == contents.observations
        torn = length not in {0, *ends, *(end - 1 for end in ends)}
        assert ((Line(path.name, whole + 1),) if torn else ()) == contents.torn
        assert () == contents.damaged


def test_a_thousand_flipped_bytes_never_give_a_wrong_record(tmp_path: Path) -> None:
    """Every line that no byte was changed in is read; every other is left out and counted."""
    records = {record.id: record for record in (_observation(number, number / 7) for number in range(2000))}
    _stored(tmp_path, list(records.values()))
    path = _segment(tmp_path)
    original = path.read_bytes()
    data = bytearray(original)
    generator = random.Random(1)
    for place in generator.sample(range(len(data)), 1000):
        data[place] = generator.choice([byte for byte in range(256) if byte != data[place]])
    path.write_bytes(data)
    contents = Store(tmp_path).read()
    assert all(records[name] == record for name, record in contents.observations.items())
    untouched, position = set(), 0
    for (name, _), line in zip(records.items(), original.splitlines(keepends=True), strict=True):
        before = position == 0 or data[position - 1] == original[position - 1]
        if before and data[position : position + len(line)] == line:
            untouched.add(name)
        position += len(line)
    assert untouched <= set(contents.observations)
    assert len(contents.damaged) >= len(records) - len(contents.observations) - 1000
    assert len(contents.observations) + len(contents.damaged) + len(contents.torn) <= len(data.split(b"\n"))
    assert contents.damaged


def test_an_array_that_is_not_what_its_digest_says_is_damage(tmp_path: Path) -> None:
    """Even where the CRC of the line is right; in an observation and deep in a reference."""
    good = Array.of(np.array([1.0]))
    bad = msgspec.structs.replace(good, data=np.array([2.0]).tobytes())
    observation = msgspec.structs.replace(_observation(), value=bad)
    reference = msgspec.structs.replace(_reference(), quantities={"value": Truth(high=good, outer_low=bad)})
    contents = _stored(tmp_path, [observation, _observation(1), reference])
    name = _segment(tmp_path).name
    assert (Line(name, 1), Line(name, 3)) == contents.damaged
    assert [_observation(1)] == list(contents.observations.values())
    assert {} == contents.references


@pytest.mark.parametrize(
    "text", [b"{}", b"[]", b"null", b'{"type":"observation"}', b'{"type":"x","schema":1}', b"\xff", b"9" * 5000]
)
def test_a_line_that_is_no_record_is_damage(tmp_path: Path, text: bytes) -> None:
    """A right CRC does not make a record."""
    (tmp_path / "segments").mkdir()
    (tmp_path / "segments" / "a.jsonl").write_bytes(b"%08x %b\n" % (zlib.crc32(text), text))
    assert Contents(damaged=(Line("a.jsonl", 1),)) == Store(tmp_path).read()


class _Disk:
    """A disk with so many bytes left, which writes what fits before it fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, left: int) -> None:
        self.left, self._write = left, os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, descriptor: int, data: bytes) -> int:
        if not self.left:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self._write(descriptor, data[: min(self.left, 100)])
        self.left -= written
        return written


@pytest.mark.parametrize("left", [0, 1, 99, 100, 250])
def test_a_full_disk_is_an_error_and_what_was_acknowledged_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    """The message says so and what to do; what was half written is cut off; there is room again, and it goes on."""
    with Store(tmp_path) as store:
        store.append([_observation(0), _observation(1)])
        disk = _Disk(monkeypatch, left)
        with pytest.raises(StoreError, match=r"No space left on device.*Free some space .* --store"):
            store.append(_observation(2))
        assert Contents({Observation: {r.id: r for r in (_observation(0), _observation(1))}}) == Store(tmp_path).read()
        disk.left = 1 << 20
        store.append(_observation(3))
    contents = Store(tmp_path).read()
    assert {_observation(number).id for number in (0, 1, 3)} == set(contents.observations)
    assert ((), ()) == (contents.damaged, contents.torn)


def _fill(folder: Path, acknowledged: dict[str, Observation]) -> None:
    with Store(folder) as store:
        for number in range(100_000):
            store.append(_observation(number))
            acknowledged[_observation(number).id] = _observation(number)


def test_a_really_full_disk_is_an_error_and_what_was_acknowledged_stays(tmp_path: Path) -> None:
    """The same on a small file system in memory, where one may be mounted."""
    mount = shutil.which("mount")
    made = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=256k", "none", tmp_path], check=False)
    if not made or made.returncode:
        pytest.skip("no file system may be mounted here; the test before this one fakes it")
    try:
        acknowledged: dict[str, Observation] = {}
        with pytest.raises(StoreError, match="No space left on device"):
            _fill(tmp_path, acknowledged)
        assert Contents({Observation: acknowledged}) == Store(tmp_path).read()
        assert acknowledged
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_failed_sync_acknowledges_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is cut off again, and the next one goes to another segment: the first one's pages may be lost."""

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with Store(tmp_path) as store:
        with monkeypatch.context() as patch:
            patch.setattr(module, "_sync", fail)
            with pytest.raises(StoreError, match="Input/output error"):
                store.append(_observation(0))
        store.append(_observation(1))
    assert [_observation(1)] == list(Store(tmp_path).read().observations.values())
    assert 2 == len(list((tmp_path / "segments").iterdir()))


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """A file stands where the store should be."""
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreError, match="could not be written"):
        Store(tmp_path / "store").append(_observation())


def test_a_segment_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """It is named; it is not taken for an empty one."""
    (tmp_path / "segments" / "a.jsonl").mkdir(parents=True)
    with pytest.raises(StoreError, match=r"a\.jsonl cannot be read"):
        Store(tmp_path).read()


_WRITER = """
import sys
from pathlib import Path
from tests.observe.store.test_segments import _observation
from harness.observe.store.segments import Store
store = Store(Path(sys.argv[1]))
number = int(sys.argv[2])
while True:
    several = [_observation(number + extra, run="x" * (number % 5000)) for extra in range(3)]
    store.append(several if number % 2 else several[:1])
    number += len(several if number % 2 else several[:1])
    print(number, flush=True)
"""


def _start_writer(folder: Path, first: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _WRITER, str(folder), str(first)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)


def test_writers_killed_at_random_points_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Two writers and a reader on one store, each writer killed at random: no line is lost, doubled or wrong."""
    generator = random.Random(2)
    expected: set[str] = set()
    for trial in range(8):
        starts = [trial * 1_000_000, trial * 1_000_000 + 500_000]
        writers = [_start_writer(tmp_path, start) for start in starts]
        for writer in writers:
            assert writer.stdout is not None
            writer.stdout.readline()
        stop = time.monotonic() + generator.uniform(0.0, 0.15)
        while time.monotonic() < stop:
            assert () == Store(tmp_path).read().damaged
        for start, writer in zip(starts, writers, strict=True):
            writer.kill()
            output = writer.communicate()[0].split(b"\n")
            acknowledged = int(output[-2]) if len(output) > 1 else start + 1
            expected |= {f"{number:064x}" for number in range(start, acknowledged)}
    contents = Store(tmp_path).read()
    assert expected <= set(contents.observations)
    assert ((), ()) == (contents.damaged, contents.conflicts)
    assert all(record.value == _observation(int(name, 16)).value for name, record in contents.observations.items())
    assert len(_lines(tmp_path)) - len(contents.torn) == len(contents.observations)


def _made(folder: Path, numbers: Sequence[tuple[int, float, float]]) -> Path:
    _stored(folder, [_observation(number, value, recorded=recorded) for number, value, recorded in numbers])
    (folder / "segments").mkdir(parents=True, exist_ok=True)
    return folder


_STORES = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([1.0, 2.0]), st.sampled_from([1.0, 2.0])), max_size=5)


@given(_STORES, _STORES, _STORES)
@settings(max_examples=25, deadline=None)
def test_merge_is_commutative_idempotent_and_associative(
    tmp_path_factory: pytest.TempPathFactory, one: Any, two: Any, three: Any
) -> None:
    """As to the set of lines, and so as to the contents."""
    folder = tmp_path_factory.mktemp("merge")
    a, b, c = (_made(folder / name, numbers) for name, numbers in zip("abc", (one, two, three), strict=True))
    everything = merge([a, b, c], folder / "abc")
    assert everything == merge([c, a, b, a], folder / "cab")
    merge([a, b], folder / "ab")
    merge([b, c], folder / "bc")
    assert everything == merge([folder / "ab", c], folder / "ab_c")
    assert everything == merge([a, folder / "bc"], folder / "a_bc")
    before = _lines(folder / "abc")
    assert everything == merge([a, folder / "abc"], folder / "abc")
    assert (
        before == _lines(folder / "abc") == _lines(folder / "cab") == _lines(folder / "ab_c") == _lines(folder / "a_bc")
    )
    assert set(before) == {line for store in (a, b, c) for line in _lines(store)}
    assert everything == Store(folder / "abc").read()


def test_merge_reports_what_is_damaged_in_its_sources_and_takes_the_rest(tmp_path: Path) -> None:
    """Damaged and torn lines do not enter the target."""
    source = _made(tmp_path / "a", [(0, 1.0, 0.0), (1, 1.0, 0.0), (2, 1.0, 0.0)])
    path = _segment(source)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1].replace(b"completed", b"Completed") + lines[2][:-9])
    merged = merge([source], tmp_path / "b")
    assert ((Line(path.name, 2),), (Line(path.name, 3),)) == (merged.damaged, merged.torn)
    assert replace(merged, damaged=(), torn=()) == Store(tmp_path / "b").read()
    assert [_observation(0)] == list(merged.observations.values())
    assert [lines[0].rstrip()] == _lines(tmp_path / "b")


def test_merging_what_is_no_store_is_an_error_and_writes_nothing(tmp_path: Path) -> None:
    """The folder is named."""
    source = _made(tmp_path / "a", [(0, 1.0, 0.0)])
    with pytest.raises(StoreError, match=r"typo is no store"):
        merge([source, tmp_path / "typo"], tmp_path / "b")
    assert not (tmp_path / "b").exists()


def _raw(folder: Path, **changes: Any) -> Path:
    plain = msgspec.to_builtins(_observation(7)) | changes
    text = json.dumps(plain).encode()
    (folder / "segments").mkdir(parents=True)
    (folder / "segments" / "raw.jsonl").write_bytes(b"%08x %b\n" % (zlib.crc32(text), text))
    return folder


@pytest.mark.parametrize("changes", [{}, {"outcome": "teleported"}, {"check": {"renamed": 1}, "novel": [1]}])
def test_records_of_a_newer_schema_are_refused_with_the_remedy(tmp_path: Path, changes: dict[str, Any]) -> None:
    """Whether or not this version could make sense of them; neither read nor merge guesses."""
    folder = _raw(tmp_path / "a", schema=SCHEMA + 1, **changes)
    message = rf"raw\.jsonl:1 .*schema {SCHEMA + 1}, this one reads up to {SCHEMA}.*pip install --upgrade"
    with pytest.raises(StoreError, match=message):
        Store(folder).read()
    with pytest.raises(StoreError, match=message):
        merge([folder], tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_records_of_an_older_schema_are_upgraded_step_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the table, one schema at a time; new records stand beside old ones."""
    folder = _raw(tmp_path, status="completed")
    path = folder / "segments" / "raw.jsonl"
    plain = json.loads(path.read_bytes()[9:])
    plain["result"] = plain.pop("outcome")
    text = json.dumps(plain).encode()
    path.write_bytes(b"%08x %b\n" % (zlib.crc32(text), text))
    monkeypatch.setattr(lines, "SCHEMA", SCHEMA + 2)
    monkeypatch.setitem(lines.UPGRADES, SCHEMA, lambda old: {**old, "outcome": old["result"], "schema": SCHEMA + 1})
    monkeypatch.setitem(lines.UPGRADES, SCHEMA + 1, lambda old: {**old, "run": "upgraded", "schema": SCHEMA + 2})
    expected = msgspec.structs.replace(_observation(7), run="upgraded", schema=SCHEMA + 2)
    assert [expected] == list(Store(folder).read().observations.values())
    merged = merge([folder], tmp_path / "merged")
    assert [expected] == list(merged.observations.values())
    assert _lines(folder) == _lines(tmp_path / "merged")


def test_every_past_schema_has_an_upgrade_and_a_golden_file() -> None:
    """Raising SCHEMA without both fails here."""
    assert set(range(1, SCHEMA)) == set(lines.UPGRADES)
    assert {f"schema-{number}.jsonl" for number in range(1, SCHEMA + 1)} == {path.name for path in GOLDEN.iterdir()}


def test_golden_records_of_schema_1_are_read(tmp_path: Path) -> None:
    """What the first version wrote means the same for ever."""
    (tmp_path / "segments").mkdir()
    shutil.copy(GOLDEN / "schema-1.jsonl", tmp_path / "segments")
    contents = Store(tmp_path).read()
    assert ((), (), ()) == (contents.damaged, contents.torn, contents.conflicts)
    assert golden_records() == [
        *contents.observations.values(), *contents.references.values(), *contents.manifests.values(),
        *contents.timings.values(), *contents.series.values(),
    ]  # fmt: skip


def golden_records() -> list[Record]:
    """Give the records of the golden file, in the order a read gives them."""
    bits = np.array([0x80000000, 1, 0x7FC12345, 0x3F800000], np.uint32).view(np.float32)
    check = Check("seeds/softmax_temperature", "given", "torch", "aot", "float32", "cpu", "vjp:x", "native")
    completed = Observation(
        id="0" * 64,
        check=check,
        outcome=Outcome.COMPLETED,
        value=Array.of(bits),
        versions={"torch": "2.13.0", "numpy": "2.4.6"},
        seconds={"first": 0.125, "again": 0.1},
        environment={"OMP_NUM_THREADS": "1"},
        recorded=1767225600.5,
        run="golden",
    )
    raised = Observation(id="1" * 64, check=check, outcome=Outcome.RAISED, reason="ValueError: \u2028\0\u00d7 \ud800")
    low = Array.of(np.array([0.0, 5e-324]))
    truth = Truth(high=Array.of(np.array([1.0, -0.0])), low=low, radius=low, sigma=low, inner_low=low, outer_high=low)
    reference = Reference(
        id="2" * 64,
        case="seeds/softmax_temperature",
        sample="given",
        dtype="float32",
        kind="proved",
        quantities={"value": truth, "vjp:x": Truth(exact=Array.of(np.array([1, -(2**63)], np.int64)))},
        reason="a tie was met",
        precision=128,
        seconds=0.25,
        recorded=1767225600.25,
    )
    manifest = Manifest(
        id="3" * 64,
        checks=((check, "0" * 64, "2" * 64), (check, "1" * 64, "2" * 64)),
        cases=(
            CaseFacts(
                id="seeds/softmax_temperature",
                area="seeds",
                name="softmax_temperature",
                docstring="Softmax of x / temperature.",
                source="def softmax_temperature(xp, x, *, temperature):\n    ...\n",
                path="cases/seeds/softmax.py",
                line=8,
                operations=("exp", "max", "sum"),
                samples={"given": "x = [1, 2, 3]"},
                natives=("torch",),
            ),
        ),
        backends=(BackendFacts(name="torch", version="2.13.0", modes=("eager", "aot"), environment={"A": "1"}),),
        facts={"seed": "0", "threshold": "8"},
        recorded=1767225600.75,
    )
    timing = Timing(
        id="4" * 64,
        check=msgspec.structs.replace(check, quantity="vjp"),
        run="5" * 64,
        process=3,
        computation="6" * 64,
        calls=(1.25e-06, 1.5e-06),
        loops=8000,
        first=0.125,
        imported=2.5,
        memory={"host": 65536, "host_first": 1048576, "device": 0},
        elements=3,
        moved=48,
        versions={"torch": "2.13.0"},
        environment={"OMP_NUM_THREADS": "1"},
        recorded=1767225600.5,
    )
    series = Series(
        id="5" * 64,
        name="main",
        backends=(BackendFacts(name="torch", version="2.13.0", modes=("eager", "aot")),),
        facts={"processes": "15"},
        machine={"copy_bytes": 3.5e10, "float32_flops": 1.25e11},
        recorded=1767225601.0,
    )
    return [completed, raised, reference, manifest, timing, series]
