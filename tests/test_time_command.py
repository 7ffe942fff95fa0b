"""`harness time` and `harness compare`, from the command line to the files that they write."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest

from harness import timing
from harness.errors import SettingsError
from harness.judge.timing import Pace
from harness.model import BackendFacts, Check, Outcome, Series, Timing
from harness.observe.store.segments import Store
from harness.report import html, markdown, publish
from harness.report.formats import of_times
from harness.report.timing import exports as timing_exports
from harness.report.timing.build import build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from harness.report.timing.model import Times
    from tests.conftest import Project

__all__: list[str] = []

NASTY = "evil/</script><b>|`::error::[red]\x1b[31m\u202e"
"""A name that every renderer must make harmless."""


def _check(case: str = "area/case", mode: str = "eager", **more: Any) -> Check:
    usual = {"sample": "given", "backend": "torch", "dtype": "float32", "device": "cpu", "quantity": "value"}
    return Check(case=case, mode=mode, **{**usual, **more})


def _plant(
    store: Path, name: str, slowdowns: dict[Check, float | None], processes: int = 15, seed: int = 0, **more: Any
) -> str:
    """Write a run whose processes are 1 % apart. A check with no slowdown raised."""
    generator = np.random.default_rng(seed)
    run = f"{name}-{seed}"
    records: list[Any] = []
    for check, slowdown in slowdowns.items():
        for process in range(processes):
            seconds = 1e-5 * (slowdown or 0) * float(np.exp(generator.normal(0, 0.01)))
            outcome = Outcome.RAISED if slowdown is None else Outcome.COMPLETED
            facts: dict[str, Any] = {
                "calls": () if slowdown is None else (seconds, seconds),
                "loops": 1000,
                "first": 0.25,
                "imported": 1.5,
                "memory": {"host": 1 << 20, "host_first": 1 << 21},
                "elements": 4,
                "moved": 32,
                "versions": {"torch": "2.13.0", "python": "3.12.1"},
                "reason": "ValueError: no" if slowdown is None else None,
                "recorded": 1.0 + process,
                **more,
            }
            identity = f"{run}-{check.id}-{process}"
            records.append(Timing(id=identity, check=check, run=run, process=process, outcome=outcome, **facts))
    backend = BackendFacts(name="torch", version="2.13.0", modes=("eager", "aot"))
    machine = {"copy_bytes": 1e10, "float32_flops": 5e10}
    facts = {"processor": "a chip", "processes": str(processes)}
    records.append(Series(id=run, name=name, backends=(backend,), machine=machine, facts=facts, recorded=float(seed)))
    with Store(store / timing.FOLDER) as opened:
        opened.append(records)
    return run


def _compare(project: Project, *words: str) -> Result:
    return project.harness("compare", *words, "--store", str(project.folder / "store"))


FAST, SLOW, GONE = _check("area/fast"), _check("area/slow"), _check("area/gone", mode="aot")


def test_what_got_slower_is_named_and_fails(project: Project) -> None:
    """Exit status 1, with the check, the ratio and its interval; what stayed the same does not hide it."""
    _plant(project.folder / "store", "old", {FAST: 1.0, SLOW: 1.0})
    _plant(project.folder / "store", "new", {FAST: 1.0, SLOW: 1.1}, seed=1)
    result = _compare(project, "old", "new")
    assert 1 == result.exit_code, result.output
    assert re.search(r"area/slow\[given\]/torch/eager/float32/cpu/value: slower  ×1\.\d{3} \(", result.output)
    assert "area/fast[given]/torch/eager/float32/cpu/value" not in result.output
    assert "1 check got slower beyond noise" in result.output


def test_what_got_faster_does_not_fail(project: Project) -> None:
    """The other way round is no regression."""
    _plant(project.folder / "store", "old", {FAST: 1.1})
    _plant(project.folder / "store", "new", {FAST: 1.0}, seed=1)
    result = _compare(project, "old", "new")
    assert 0 == result.exit_code, result.output
    assert "cpu/value: faster" in result.output


def test_what_no_longer_runs_fails(project: Project) -> None:
    """A case that raises must not pass for one that is not slower."""
    _plant(project.folder / "store", "old", {GONE: 1.0})
    _plant(project.folder / "store", "new", {GONE: None}, seed=1)
    result = _compare(project, "old", "new")
    assert 1 == result.exit_code, result.output
    assert "no longer runs: raised" in result.output


def test_too_few_processes_pass_and_say_so(project: Project) -> None:
    """A look gives figures; it can fail nothing, and does not claim that all is well."""
    _plant(project.folder / "store", "old", {SLOW: 1.0}, processes=9)
    _plant(project.folder / "store", "new", {SLOW: 2.0}, processes=9, seed=1)
    result = _compare(project, "old", "new")
    assert 0 == result.exit_code, result.output
    assert "1 cannot tell (9 processes a side, and a verdict needs 10)" in result.output
    assert "1 comparison cannot tell" in result.output


def test_another_machine_is_no_secret(project: Project) -> None:
    """What else differs between two runs is said beside their verdicts."""
    store = project.folder / "store"
    _plant(store, "old", {FAST: 1.0})
    _plant(store, "new", {FAST: 1.0}, seed=1)
    first, second = timing.find("old", store), timing.find("new", store)
    assert [] == timing.notes(first, second)
    backend = BackendFacts(name="torch", environment={"OMP_NUM_THREADS": "2"})
    moved = msgspec.structs.replace(second.series, facts={"processor": "another chip"}, backends=(backend,))
    said = timing.notes(first, timing.Measured(moved, second.timings))
    assert [
        "the runs come from different machines: processor a chip, now another chip",
        "torch: OMP_NUM_THREADS was unset, now 2",
    ] == said
    times = build(moved, second.sides, timing.against(first, second), said)
    for made in (html.render_times(times), markdown.render_times(times)):
        assert "now another chip" in made


def test_the_newest_run_of_a_name_is_meant(project: Project) -> None:
    """Saving again under a name replaces what it stands for; what was stored stays."""
    store = project.folder / "store"
    _plant(store, "main", {FAST: 3.0}, seed=1)
    newest = _plant(store, "main", {FAST: 1.0}, seed=2)
    assert newest == timing.find("main", store).series.id
    assert "main-1" == timing.find("main-1", store).series.id


def test_another_store_can_be_compared_with(project: Project) -> None:
    """By its folder, or that of its timings; the newest run in it is meant."""
    _plant(project.folder / "elsewhere", "a", {FAST: 1.0})
    _plant(project.folder / "store", "new", {FAST: 1.0}, seed=1)
    for folder in ("elsewhere", "elsewhere/timings"):
        result = _compare(project, str(project.folder / folder), "new")
        assert 0 == result.exit_code, result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("neww", "new"), r"No timing run is saved as 'neww' in .*: expected new or old\. .* Did you mean 'new'"),
        (("other", "new"), r"old|expected new or old"),
        (("old", "new"), r"no check in common: expected two runs of the same cases.*Time the same selection in both"),
    ],
)
def test_wrong_usage_says_what_to_do(project: Project, words: tuple[str, str], message: str) -> None:
    """Exit status 2, and nothing is compared."""
    _plant(project.folder / "store", "old", {FAST: 1.0})
    _plant(project.folder / "store", "new", {SLOW: 1.0}, seed=1)
    result = _compare(project, *words)
    assert 2 == result.exit_code, result.output
    assert re.search(message, result.output, re.DOTALL)


def test_a_folder_without_timings_is_wrong_usage(project: Project) -> None:
    """It says what was expected there."""
    result = _compare(project, str(project.folder), "new")
    assert 2 == result.exit_code
    assert "there is no timing run in it. Expected a store that `harness time` has written" in result.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--budget", "soon"), "--budget 'soon': expected a positive number of s, m or h, such as 90s, 5m or 1h"),
        (("--budget", "-1s"), "expected a positive number"),
        (("--against", "nothing"), "No timing run is saved as 'nothing'"),
        (("-q", "hvp"), "-q 'hvp': expected value, or vjp for the value with all gradients"),
    ],
)
def test_a_wrong_option_is_told_before_anything_runs(project: Project, words: tuple[str, ...], message: str) -> None:
    """Exit status 2, and no process was started."""
    cases = str(project.folder / "cases")
    result = project.harness("time", cases, "-b", "numpy", "--store", str(project.folder / "store"), *words)
    assert 2 == result.exit_code, result.output
    assert message in result.output
    assert not (project.folder / "store").exists()


def test_a_timing_run_writes_everything(project: Project) -> None:
    """From cases to every format, on NumPy, in fresh processes; and it can be compared with and reported."""
    folder, store = project.folder / "out", str(project.folder / "store")
    files = {name: folder / f"times.{name}" for name in ("html", "markdown", "json", "csv", "pyperf")}
    words = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    cases = str(project.folder / "cases" / "sums")
    result = project.harness("time", cases, "-b", "numpy", "--store", store, "--quick", "--save", "first", *words)
    assert 0 == result.exit_code, result.output
    assert "sums/affine_sum [given] float32 · value with gradient" in result.output
    rows = [json.loads(row) for row in files["json"].read_text().splitlines()]
    assert {"given"} == {row["sample"] for row in rows if row["case"] == "sums/affine_sum"}
    assert 4 == len(rows)
    assert {2} == {row["processes"] for row in rows}
    assert all(0 < row["low"] <= row["seconds"] <= row["high"] for row in rows)
    assert 64 == len(list(csv.DictReader(io.StringIO(files["csv"].read_text()))))
    assert 4 == len(json.loads(files["pyperf"].read_text())["benchmarks"])
    assert "<svg" in files["html"].read_text()
    assert "| `numpy · eager` |" in files["markdown"].read_text()
    again = project.harness(
        "time", cases, "-b", "numpy", "-q", "value", "--store", store, "--quick", "--against", "first"
    )
    assert 0 == again.exit_code, again.output
    assert "2 comparisons cannot tell" in again.output
    ran = project.run()
    assert 0 == ran.exit_code, ran.output
    page = project.folder / "report.html"
    reported = project.harness("report", "--store", store, "--html", str(page))
    assert 0 == reported.exit_code, reported.output
    assert 'id="timing"' in page.read_text()


READERS: dict[str, Callable[[str], object]] = {
    "html": lambda text: text.index("<!DOCTYPE html>") == 0 and text.endswith("</html>"),
    "markdown": lambda text: text.startswith("## Timing: ") and "Environment of the timing" in text,
    "json": lambda text: [json.loads(row)["check"] for row in text.splitlines()] == [FAST.id],
    "csv": lambda text: [row["case"] for row in csv.DictReader(io.StringIO(text))] == [FAST.case] * 30,
    "pyperf": lambda text: len(json.loads(text)["benchmarks"]) == 1,
}
"""Format to what tells whether a text is that and nothing more."""


@pytest.mark.parametrize("command", ["time", "compare"])
@pytest.mark.parametrize("form", [one.name for one in of_times()])
def test_a_file_named_dash_is_stdout(
    project: Project, monkeypatch: pytest.MonkeyPatch, command: str, form: str
) -> None:
    """Every format of both commands: stdout holds the file alone, stderr the summary, and no file is made."""
    monkeypatch.chdir(project.folder)
    for seed, name in enumerate(("old", "new")):
        _plant(project.folder / "store", name, {FAST: 1.0}, seed=seed)
    measured = _measured(project.folder / "store", "new")
    monkeypatch.setattr(timing, "execute", lambda options, show: measured)
    words = ["old", "new", "--store", "store"] if command == "compare" else ["-b", "numpy"]
    result = project.harness(command, *words, f"--{form}", "-")
    assert 0 == result.exit_code, result.output
    assert READERS[form](result.stdout)
    assert "area/fast" in result.stderr
    assert ["cases", "store"] == sorted(path.name for path in project.folder.iterdir())


def test_stdout_holds_one_file(project: Project) -> None:
    """Two of them are refused before anything is timed."""
    result = project.harness("time", "-b", "numpy", "--html", "-", "--csv", "-")
    assert 2 == result.exit_code
    assert "--html - and --csv -: stdout holds one file. Name a file for the others." in result.stderr


def test_merged_stores_have_each_others_timings(project: Project) -> None:
    """Also where nothing but times was stored."""
    first, second = (_plant(project.folder / name, name, {FAST: 1.0}) for name in ("one", "two"))
    stores = [str(project.folder / name) for name in ("one", "two")]
    result = project.harness("merge", *stores, "--store", str(project.folder / "both"))
    assert 0 == result.exit_code, result.output
    assert "30 timings" in result.output
    for name, run in (("one", first), ("two", second)):
        assert run == timing.find(name, project.folder / "both").series.id
    assert 2 == project.harness("merge", str(project.folder), "--store", str(project.folder / "no")).exit_code


def _measured(store: Path, name: str) -> timing.Measured:
    return timing.find(name, store)


def _times(measured: timing.Measured) -> Times:
    return build(measured.series, measured.sides, timings=measured.timings)


def test_a_line_of_json_is_a_contract(tmp_path: Path) -> None:
    """Names and order of the fields; others are added at the end."""
    _plant(tmp_path, "run", {FAST: 1.0})
    (line,) = timing_exports.json_lines(_times(_measured(tmp_path, "run"))).splitlines()
    row = json.loads(line)
    assert [
        "schema", "check", "case", "sample", "backend", "version", "mode", "dtype", "device", "quantity",
        "implementation", "outcome", "reason", "seconds", "low", "high", "processes", "first", "imported", "elements",
        "moved", "memory", "verdict", "ratio", "ratio_low", "ratio_high", "floor",
        "flops", "traffic", "uncounted", "flops_per_second", "bytes_per_second", "intensity", "roofline",
    ] == list(row)  # fmt: skip
    assert (FAST.id, 15, 0.25, None) == (row["check"], row["processes"], row["first"], row["verdict"])


def test_counts_are_in_every_file(tmp_path: Path) -> None:
    """Rates and the part of the roofline in JSON, HTML and Markdown; counts in CSV; and what lacks a count, and why."""
    _plant(tmp_path, "run", {FAST: 1.0}, flops=2e5, traffic=10**4)
    _plant(tmp_path, "other", {SLOW: 1.0}, seed=1, traffic=10**4, uncounted=("sort",))
    measured, other = _measured(tmp_path, "run"), _measured(tmp_path, "other")
    row = json.loads(timing_exports.json_lines(_times(measured)))
    assert (2e5, 10**4, [], 20.0) == (row["flops"], row["traffic"], row["uncounted"], row["intensity"])
    assert row["flops_per_second"] == pytest.approx(2e10, rel=0.01)
    assert row["roofline"] == pytest.approx(0.4, rel=0.01)
    times = build(measured.series, measured.sides)
    for page in (html.render_times(times), markdown.render_times(times)):
        assert "GFLOP/s, 1 GB/s" in page
        assert "40 % (compute)" in page
        assert "Without a count" not in page
    times = build(other.series, other.sides)
    for page in (html.render_times(times), markdown.render_times(times)):
        assert "Without a count of operations" in page
        assert "(compute)" not in page
    first = next(csv.DictReader(io.StringIO(timing_exports.table(_times(other)))))
    assert ("", "10000", "sort") == (first["flops"], first["traffic"], first["uncounted"])


def test_pyperf_reads_what_is_written(tmp_path: Path) -> None:
    """A suite of benchmarks with names and units, a run a process, with loops and the first call as its warm-up."""
    _plant(tmp_path, "run", {FAST: 1.0, GONE: None}, processes=2)
    measured = _measured(tmp_path, "run")
    suite = json.loads(timing_exports.pyperf(_times(measured)))
    assert ("1.0", {"cpu_model_name": "a chip"}) == (suite["version"], suite["metadata"])
    (benchmark,) = suite["benchmarks"]
    assert {"name": FAST.id, "unit": "second"} == benchmark["metadata"]
    assert [2, 2] == [len(run["values"]) for run in benchmark["runs"]]
    assert [[1, 0.25]] == benchmark["runs"][0]["warmups"]
    assert 1000 == benchmark["runs"][0]["metadata"]["loops"]


def test_every_renderer_makes_names_harmless(tmp_path: Path) -> None:
    """Markup, escapes, table borders and workflow commands in a name or a reason stay text."""
    _plant(tmp_path, "old", {_check(NASTY): 1.0, _check(f"{NASTY}2"): None}, reason=NASTY)
    _plant(tmp_path, "new", {_check(NASTY): 1.2, _check(f"{NASTY}2"): None}, reason=NASTY, uncounted=(NASTY,), seed=1)
    new = _measured(tmp_path, "new")
    times = build(new.series, new.sides, timing.against(_measured(tmp_path, "old"), new))
    page = html.render_times(times)
    assert "<b>" not in page
    assert "</script>" not in page
    text = markdown.render_times(times)
    for made in (page, text):
        assert "\x1b" not in made
        assert "\u202e" not in made
        assert not re.search(r"^\s*::error::", made, re.MULTILINE)
    widths = {row.count("|") for row in text.splitlines() if row.startswith("| ") and "area" not in row}
    assert widths <= {3, 5, 8, 14}


def test_the_page_says_what_each_bar_is(tmp_path: Path) -> None:
    """Bars, intervals, the verdict against the fastest, the noise floor, the first call, memory and bandwidth."""
    _plant(tmp_path, "run", {_check(): 1.0, _check(mode="aot"): 2.0, GONE: None})
    measured = _measured(tmp_path, "run")
    times = build(measured.series, measured.sides)
    assert ("torch · eager", "torch · aot") == times.columns
    group = next(one for one in times.groups if one.case == "area/case")
    fastest, slower = group.bars
    assert ("", "slower") == (fastest.pace, slower.pace)
    assert slower.ratio is not None
    assert 1.9 < slower.ratio < 2.1
    assert "1 MiB, 2 MiB in the first call" == slower.memory
    assert slower.reached is not None
    assert 0.9 < slower.reached / (32 / 2e-5 / 1e10) < 1.1
    page = html.render_times(times)
    for words in ("slower", "±", "250 ms", "1 MiB, 2 MiB in the first call", "10 GB/s", "ValueError: no"):
        assert words in page
    assert (2, 1) == (times.totals[0].timed + times.totals[1].timed, times.totals[0].fastest)


def test_growth_is_shown_where_there_are_sizes(tmp_path: Path) -> None:
    """Three samples of growing size have an exponent for each backend."""
    for number, size in enumerate((10, 100, 1000)):
        _plant(tmp_path / str(size), "run", {_check(sample=f"s{size}"): float(size)}, elements=size, seed=number)
    timings = [one for size in (10, 100, 1000) for one in _measured(tmp_path / str(size), "run").timings]
    measured = timing.Measured(Series(id="all"), timings)
    (grown,) = build(measured.series, measured.sides).growths
    assert 0.99 < grown.growth.exponent < 1.01
    assert "area/case" == grown.case


def test_the_progress_says_what_is_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is a terminal; foreign names are no markup in it."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TTY_INTERACTIVE", "1")
    monkeypatch.setenv("COLUMNS", "200")
    with publish.remaining() as show:
        show(10.0, 50.4, "torch 3: area/[red]case\x1b[31m")
    shown = capsys.readouterr().err
    assert "about 50 s left" in shown
    assert "area/[red]case\\x1b" in shown


def test_an_empty_run_has_a_report(tmp_path: Path) -> None:
    """Nothing was timed, and the page says so."""
    times = build(Series(id="none"), {})
    assert "0 computations timed" in html.render_times(times)
    assert "0 computations timed" in markdown.render_times(times)


def test_finding_nothing_is_an_error(tmp_path: Path) -> None:
    """And nothing is newest in a store that is not there."""
    assert timing.newest(tmp_path / "nothing") is None
    with pytest.raises(SettingsError, match="a saved run, of which there is none"):
        timing.find("main", tmp_path)


def test_a_gate_fails_for_what_is_slower_or_broken(tmp_path: Path) -> None:
    """And for nothing else."""
    _plant(tmp_path, "old", {FAST: 1.0, SLOW: 1.0, GONE: 1.0})
    _plant(tmp_path, "new", {FAST: 0.5, SLOW: 2.0, GONE: None}, seed=1)
    found = timing.against(_measured(tmp_path, "old"), _measured(tmp_path, "new"))
    assert [Pace.FASTER, Pace.CANNOT_TELL, Pace.SLOWER] == [one.pace for one in found]
    assert ["area/gone", "area/slow"] == [one.new.check.case for one in timing.slower(found)]


def test_growth_with_size_is_timed(project: Project) -> None:
    """Random samples grow, with an exponent; written ones are left out; and alone they are wrong usage."""
    store, cases = str(project.folder / "store"), str(project.folder / "cases" / "sums")
    words = ["-b", "numpy", "-q", "value", "--store", store, "--processes", "1"]
    grow = ["--grow", "1", "--grow", "4", "--grow", "16"]
    result = project.harness("time", cases, *words, *grow)
    assert 0 == result.exit_code, result.output
    assert "[random*16] float32 · value" in result.output
    assert "grows as elements^" in result.output
    assert "[given*4]" not in result.output
    refused = project.harness("time", cases, "sums/affine_sum[given]", *words, "--grow", "2")
    assert 2 == refused.exit_code, refused.output
    assert "only random ones grow" in refused.output
