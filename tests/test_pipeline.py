"""Whole runs: killed and resumed, side by side, on broken stores, in shards, and with cases that never end."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import resource
import signal
import subprocess
import time
import uuid
import zlib
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from harness import pipeline
from harness.collect.directions import cotangent
from harness.collect.samples import derive_seed
from harness.model import Outcome, Verdict
from harness.observe.store.segments import Store
from tests.conftest import CHECKS, ROOT, Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__: list[str] = []

KILLS = int(os.environ.get("HARNESS_KILLS", "6"))
"""Points at which a run is killed. The contract asks for 200: `HARNESS_KILLS=200 pytest tests/test_pipeline.py -k kill`."""

MARK = "HARNESS_TEST_RUN"
SLOW = ("-b", "numpy", "-b", "slow", "--adapter", "tests.fakes:Slow")

# Says which records are safe as soon as the store has said so.
DRIVER = """
import sys
from harness.observe.store.segments import Store

append = Store.append

def acknowledged(self, records):
    append(self, records)
    for record in records if isinstance(records, (list, tuple)) else [records]:
        print("SAFE", type(record).__name__, record.id, flush=True)

Store.append = acknowledged
from harness.cli import main
main(sys.argv[1:])
"""


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def _lines(store: Path) -> Iterator[dict[str, Any]]:
    """Give every whole line of a store's segments."""
    for path in sorted((store / "segments").glob("*.jsonl")):
        for line in path.read_bytes().split(b"\n"):
            if line[:9] == b"%08x " % zlib.crc32(line[9:]):
                yield json.loads(line[9:])


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Run the small project once on NumPy and a slow fake, from start to end."""
    from tests.conftest import _made

    made = _made(tmp_path_factory.mktemp("uninterrupted"))
    result = made.run(*SLOW)
    assert 0 == result.exit_code, result.output
    assert 2 * CHECKS == len(made.verdicts())
    return made


@pytest.mark.parametrize("point", range(KILLS))
def test_a_killed_run_resumes(uninterrupted: Project, point: int) -> None:
    """Nothing acknowledged is lost, nothing is run twice, the verdicts are the uninterrupted run's, no process stays."""
    chance = random.Random(f"kill {point}")
    store, mark = f"killed-{point}", uuid.uuid4().hex
    words = uninterrupted.words(*SLOW, store=store)
    process = uninterrupted.start(*words, driver=("-c", DRIVER), env={MARK: mark})
    assert process.stdout is not None
    references = 6
    safe: list[str] = []
    # 0 is before the first answer, and the last is the manifest: then it is rendering.
    for _ in range(chance.randrange(2 * CHECKS + references + 2)):
        line = process.stdout.readline()
        if not line.startswith("SAFE"):
            break
        safe.append(line)
    time.sleep(chance.uniform(0.0, 0.6 if not safe else 0.04))
    process.send_signal(signal.SIGKILL)
    more, _ = process.communicate()
    safe += [line for line in more.splitlines(keepends=True) if line.startswith("SAFE") and line.endswith("\n")]
    deadline = time.monotonic() + 2.0
    while (left := _marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [] == left

    folder = uninterrupted.folder / store
    kept = Counter((record["type"], record["id"]) for record in _lines(folder))
    assert {(line.split()[1].lower(), line.split()[2]) for line in safe} <= set(kept)
    done = sum(1 for kind, _ in kept if kind == "observation")

    result = uninterrupted.run(*SLOW, store=store)
    assert 0 == result.exit_code, result.output
    assert f"{2 * CHECKS - done} checks were run, {done} recalled." in result.output
    lines = Counter((record["type"], record["id"]) for record in _lines(folder))
    assert {1} == set(lines.values())
    assert {"observation": 2 * CHECKS, "reference": references, "manifest": 1} == Counter(kind for kind, _ in lines)
    assert uninterrupted.timeless() == uninterrupted.timeless(store)
    assert [] == _marked(mark)


def test_what_is_unchanged_is_not_run_again(project: Project) -> None:
    """Until a case's file changes, and then only that file's cases; `--no-cache` runs everything."""
    first = project.run()
    again = project.run()
    assert f"{CHECKS} checks were run, 0 recalled." in first.output
    assert f"0 checks were run, {CHECKS} recalled." in again.output
    forced = project.run("--no-cache")
    assert f"{CHECKS} checks were run, 0 recalled." in forced.output
    source = (project.folder / "cases/sums/plain.py").read_text()
    project.write("cases/sums/plain.py", source.replace("2 * x + 1", "2 * x + 3"))
    changed = project.run()
    assert "8 checks were run, 7 recalled." in changed.output
    value = next(row for row in project.verdicts() if row["check"].startswith("sums/affine_sum[given]/numpy/eager"))
    assert (16.0).hex() == value["observed"]


def test_what_was_not_final_is_run_again(project: Project) -> None:
    """A crash may have had its reason outside; an exception would come again."""
    words = ("-b", "segfault", "-b", "raises", "--adapter", "tests.fakes:Segfault", "--adapter", "tests.fakes:Raises")
    less = ("-m", "eager", "-q", "value")
    assert 1 == project.run(*words, *less).exit_code
    again = project.run(*words, *less)
    assert "7 checks were run, 7 recalled." in again.output
    assert {"crashed", "raised"} == {row["outcome"] for row in project.verdicts()}


def test_two_runs_and_reports_share_a_store(project: Project, whole: Project) -> None:
    """Each writes a segment of its own; a reader sees whole lines only."""
    runs = [project.start(*project.words("--reports", str(project.folder / name))) for name in ("one", "two")]
    statuses = set()
    while any(run.poll() is None for run in runs):
        result = project.harness("report", "--store", str(project.folder / "store"))
        assert "damaged" not in result.output
        statuses.add(result.exit_code)
        time.sleep(0.05)
    for run in runs:
        _, errors = run.communicate()
        assert (0, "") == (run.returncode, errors)
    assert statuses <= {0, 2}  # 2 as long as no run has ended: then there is nothing to report
    contents = Store(project.folder / "store").read()
    assert ((), (), ()) == (contents.conflicts, contents.damaged, contents.torn)
    assert 1 == len(contents.manifests)
    project.harness("report", "--store", str(project.folder / "store"), "--json", str(project.folder / "v.jsonl"))
    rows = [json.loads(row) for row in (project.folder / "v.jsonl").read_text().splitlines()]
    assert whole.timeless() == [{key: row[key] for key in row if key != "seconds"} for row in rows]


def test_a_full_disk_ends_the_run_and_nothing_is_lost(project: Project, whole: Project) -> None:
    """The message says what to do; the same command, given space, goes on where it stopped."""
    words = project.words()
    process = project.start(
        *words, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, resource.RLIM_INFINITY))
    )
    _, errors = process.communicate(timeout=60)
    assert 2 == process.returncode
    assert "could not be written: File too large. Everything that was stored before is kept." in errors
    assert "Traceback" not in errors
    contents = Store(project.folder / "store").read()
    kept = len(contents.observations)
    assert 0 < kept + len(contents.references) < CHECKS + 6
    result = project.run()
    assert (0, True) == (result.exit_code, f"{CHECKS - kept} checks were run, {kept} recalled." in result.output)
    assert whole.timeless() == project.timeless()


def test_damage_is_told_and_mended(project: Project, whole: Project) -> None:
    """Lines that cannot be trusted are left out, named in the notes, and what they said is observed again."""
    project.run()
    chance = random.Random("damage")
    (path,) = [path for path in (project.folder / "store/segments").iterdir() if b'"observation"' in path.read_bytes()]
    lines = path.read_bytes().split(b"\n")
    hit = [place for place, line in enumerate(lines) if b'"type":"observation"' in line][1::4]
    for place in hit:
        line = bytearray(lines[place])
        line[chance.randrange(len(line))] ^= 1 << chance.randrange(7)
        lines[place] = bytes(line)
    path.write_bytes(b"\n".join(lines))
    result = project.run()
    assert f"{len(hit)} damaged lines of the store were left out: {path.name}:" in " ".join(result.output.split())
    assert 0 == result.exit_code
    assert f"{len(hit)} checks were run, {CHECKS - len(hit)} recalled." in result.output
    assert whole.timeless() == project.timeless()


def test_shards_add_up_to_the_whole(project: Project, whole: Project) -> None:
    """Each case is in one shard; merged in any order and reported, they say what the whole run says."""
    for part in (1, 2, 3):
        result = project.run("--shard", f"{part}/3", store=f"shard-{part}")
        assert 0 == result.exit_code, result.output
    counts = [len(project.verdicts(f"shard-{part}")) for part in (1, 2, 3)]
    assert (CHECKS, True) == (sum(counts), max(counts) < CHECKS)
    stores = [str(project.folder / f"shard-{part}") for part in (3, 1, 2)]
    for _ in range(2):  # merging again changes nothing
        merged = project.harness("merge", *stores, "--store", str(project.folder / "merged"))
        assert (0, True) == (merged.exit_code, f" {CHECKS} observations, 6 references, 0 conflicts" in merged.output)
    path = project.folder / "merged.jsonl"
    assert 0 == project.harness("report", "--store", str(project.folder / "merged"), "--json", str(path)).exit_code
    rows = [json.loads(row) for row in path.read_text().splitlines()]
    told = {row["check"]: {key: row[key] for key in row if key != "seconds"} for row in rows}
    assert {row["check"]: row for row in whole.timeless()} == told
    assert CHECKS == len(rows)


def test_a_report_says_what_the_run_said(whole: Project, tmp_path: Path) -> None:
    """From the store alone, in a process that may not start a worker: bit for bit, timings too."""
    path = tmp_path / "again.jsonl"
    assert 0 == whole.harness("report", "--store", str(whole.folder / "store"), "--json", str(path)).exit_code
    assert (whole.folder / "store/reports/verdicts.jsonl").read_bytes() == path.read_bytes()


def test_clocks_may_jump(project: Project) -> None:
    """Records from the future are recalled, and what is run after them is newer all the same."""
    project.run()
    for path in (project.folder / "store/segments").iterdir():
        records = [line[9:] for line in path.read_bytes().splitlines()]
        moved = [json.dumps(json.loads(text) | {"recorded": 4e9}).encode() for text in records]
        path.write_bytes(b"".join(b"%08x %b\n" % (zlib.crc32(text), text) for text in moved))
    assert f"0 checks were run, {CHECKS} recalled." in project.run().output
    source = (project.folder / "cases/sums/plain.py").read_text()
    project.write("cases/sums/plain.py", source.replace("2 * x + 1", "2 * x + 3"))
    assert "8 checks were run, 7 recalled." in project.run().output
    path = project.folder / "reported.jsonl"
    project.harness("report", "--store", str(project.folder / "store"), "--json", str(path))
    told = {row["check"]: row for row in map(json.loads, path.read_text().splitlines())}
    assert {row["check"]: row for row in project.verdicts()} == told


ENDLESS = '''
from harness import case, given


@case(x=given([1.0, 2.0]))
def hangs_in_the_reference(xp, x):
    """2x, unless it is a variable of the tape."""
    while hasattr(x, "tape"):
        pass
    return 2 * x


@case(x=given([1.0, 2.0]))
def raises_in_the_reference(xp, x):
    """2x, unless it is a variable of the tape."""
    if hasattr(x, "tape"):
        raise ValueError("not on a tape")
    return 2 * x


@case(x=given([1.0, 2.0]))
def hangs_in_numpy(xp, x):
    """2x, but in NumPy's own words it never ends."""
    return 2 * x


@hangs_in_numpy.native("numpy")
def _(x):
    while True:
        pass


@case(x=given([1.0, 2.0]))
def innocent(xp, x):
    """2x."""
    return 2 * x
'''


def test_a_case_that_never_ends_costs_its_own_checks_only(project: Project) -> None:
    """Where the reference hangs or raises there is no truth; where one backend hangs, the others are judged."""
    project.write("cases/zz/endless.py", ENDLESS)
    result = project.run(
        "-b", "numpy", "-b", "honest", "--adapter", "tests.fakes:Honest", "-m", "eager", "--timeout", "4"
    )
    assert 1 == result.exit_code
    found = {(row["case"], row["backend"], row["implementation"], row["quantity"]): row for row in project.verdicts()}

    def told(case: str, backend: str, quantity: str, implementation: str = "portable") -> tuple[Any, ...]:
        row = found[f"zz/{case}", backend, implementation, quantity]
        return row["outcome"], row["verdict"], row["reference"], row["reason"]

    for quantity in ("value", "vjp:x"):
        outcome, verdict, reference, reason = told("hangs_in_the_reference", "honest", quantity)
        assert ("completed", "disagrees", "none") == (outcome, verdict, reference)
        assert "there is no reference: timed_out: no reply within 4 s" in reason
        outcome, verdict, reference, reason = told("raises_in_the_reference", "honest", quantity)
        assert ("completed", "disagrees", "none") == (outcome, verdict, reference)
        assert "there is no reference: raised: ValueError: not on a tape" in reason
        for backend in ("numpy", "honest"):
            assert ("completed", "agrees", "proved", None) == told("innocent", backend, quantity)
            assert ("completed", "agrees", "proved", None) == told("hangs_in_numpy", backend, quantity)
    # NumPy's gradients are taken on a tape of their own.
    assert "timed_out" == told("hangs_in_the_reference", "numpy", "vjp:x")[0]
    assert "raised" == told("raises_in_the_reference", "numpy", "vjp:x")[0]
    outcome, verdict, _, reason = told("hangs_in_numpy", "numpy", "value", "native")
    assert ("timed_out", None, True) == (outcome, verdict, "no reply within 4 s" in reason)
    others = [row for row in project.verdicts() if not row["case"].startswith("zz/")]
    assert (2 * CHECKS, {"agrees"}) == (len(others), {row["verdict"] for row in others})


def _installed() -> tuple[str, ...]:
    found = []
    for name, distributions in {
        "numpy": ("numpy",),
        "torch": ("torch",),
        "tensorflow": ("tensorflow", "tensorflow-cpu"),
        "jax": ("jax",),
    }.items():
        for distribution in distributions:
            try:
                version(distribution)
            except PackageNotFoundError:
                continue
            found.append(name)
            break
    return tuple(found)


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> pipeline.Verdicts:
    """Run the two computations the project started from on every framework that is installed."""
    store = tmp_path_factory.mktemp("seeds")
    options = pipeline.Options(select=("seeds",), folders=(str(ROOT / "cases"),), backends=_installed(), store=store)
    return pipeline.execute(options)


def test_the_seeds_agree_everywhere(seeds: pipeline.Verdicts) -> None:
    """On every backend that is installed and in every mode but slow ones, against a proof each time."""
    wrong = [one for one in seeds.judgements if not one.fine]
    assert [] == wrong
    assert set(_installed()) == {one.check.backend for one in seeds.judgements}
    ran = {(backend.name, mode) for backend in seeds.plan.backends for mode in {*backend.modes} - {*backend.slow_modes}}
    completed = [one for one in seeds.judgements if one.outcome is Outcome.COMPLETED]
    assert ran == {(one.check.backend, one.check.mode) for one in completed}
    assert {("proved", Verdict.AGREES)} == {(one.reference, one.verdict) for one in completed}
    gaps = {one.check.backend for one in seeds.judgements if one.outcome is Outcome.UNSUPPORTED}
    assert gaps <= {"numpy"}  # its native implementations have no derivatives


def test_the_seeds_are_what_is_known(seeds: pipeline.Verdicts) -> None:
    """affine_sum([2, 3]) = 12 and its gradient is 2 for every element; softmax of [1, 2, 3] / 0.6 is in its docstring."""
    assert seeds.manifest is not None
    weight = float(cotangent(derive_seed("seeds/affine_sum", "given", 0), 0, ()))
    looked_at = Counter[str]()
    for check, observation, reference in seeds.manifest.checks:
        found = seeds.contents.observations[observation]
        truth = seeds.contents.references[reference].quantities[check.quantity]
        assert truth.high is not None
        if check.sample != "given" or found.value is None:
            continue
        looked_at[check.case] += 1
        if check.case == "seeds/affine_sum":
            expected = [2 * weight] * 2 if check.quantity == "vjp:x" else 12.0
            assert expected == found.value.numpy().tolist()
            assert expected == truth.high.numpy().tolist()
        elif check.quantity == "value":
            assert ["0.0291", "0.1542", "0.8166"] == [f"{float(part):.4f}" for part in found.value.numpy()]
            assert ["0.0291", "0.1542", "0.8166"] == [f"{float(part):.4f}" for part in truth.high.numpy()]
    assert {"seeds/affine_sum", "seeds/softmax_temperature"} == set(looked_at)


def test_a_plan_can_be_thinned_out(project: Project) -> None:
    """What is left of the tasks is what is observed and judged."""
    options = pipeline.Options(
        folders=(str(project.folder / "cases"),), backends=("numpy",), store=project.folder / "store"
    )
    planned = pipeline.plan(options)
    assert not (project.folder / "store").exists()
    stages: list[tuple[str, int, int]] = []
    thin = dataclasses.replace(planned, tasks=planned.tasks[:1])
    done = pipeline.run(thin, lambda *stage: stages.append(stage))
    assert ["curves/wave[given]/numpy/eager/float32/cpu/value", "curves/wave[given]/numpy/eager/float32/cpu/vjp:x"] == [
        one.check.id for one in done.judgements
    ]
    assert [("observe", 1, 2), ("observe", 2, 2)] == stages


def test_an_interrupted_run_leaves_no_process(project: Project) -> None:
    """Ctrl-C ends the workers, too, and the status is not a verdict's."""
    mark = uuid.uuid4().hex
    project.write("cases/zz/endless.py", ENDLESS)
    process = project.start(*project.words("--timeout", "60"), env={MARK: mark}, start_new_session=True)
    store = project.folder / "store/segments"
    deadline = time.monotonic() + 60
    while not (store.is_dir() and any(path.stat().st_size for path in store.iterdir())):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode not in {0, 2}
    assert [] == _marked(mark)
