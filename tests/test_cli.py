"""The command line: a contract that scripts depend on."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest

from harness import __version__
from harness.report.formats import FORMATS, of_reports
from tests.conftest import CHECKS, Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__: list[str] = []

FAKES = ("--adapter", "tests.fakes:NaN", "-b", "nan", "--adapter", "tests.fakes:SignFlipped", "-b", "sign_flipped")

# Word for word what architecture.md shows; fields are added at will, never renamed or removed.
GOLDEN = {
    "schema": 1,
    "check": "sums/affine_sum[given]/numpy/eager/float32/cpu/value",
    "case": "sums/affine_sum",
    "sample": "given",
    "backend": "numpy",
    "version": version("numpy"),
    "mode": "eager",
    "dtype": "float32",
    "device": "cpu",
    "quantity": "value",
    "outcome": "completed",
    "verdict": "agrees",
    "reference": "proved",
    "error_ulps": 0.0,
    "z": 0.0,
    "worst_index": [],
    "observed": "0x1.8000000000000p+3",
    "truth": "0x1.8000000000000p+3",
    "reason": None,
}


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _strict(text: str) -> dict[str, Any]:
    """Read JSON as every parser must be able to: without NaN and Infinity."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    found: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return found


def test_a_line_of_json_is_the_contract(whole: Project) -> None:
    """Names, order and values of the fields; what was added since comes besides."""
    rows = [_strict(row) for row in (whole.folder / "store/reports/verdicts.jsonl").read_text().splitlines()]
    assert CHECKS == len(rows)
    row = next(row for row in rows if row["check"] == GOLDEN["check"])
    assert GOLDEN == {name: row[name] for name in GOLDEN}
    for row in rows:
        assert list(GOLDEN) == [name for name in row if name in GOLDEN]
        assert {"implementation", "path", "seconds"} <= set(row) - set(GOLDEN)


def test_numbers_that_are_not_finite_are_strings(project: Project) -> None:
    """JSON is always valid JSON."""
    project.run(*FAKES, "-q", "value")
    rows = [_strict(row) for row in (project.folder / "store/reports/verdicts.jsonl").read_text().splitlines()]
    broken = [row for row in rows if row["backend"] == "nan"]
    assert {("nan", "inf", "inf")} == {(row["observed"], row["z"], row["error_ulps"]) for row in broken}
    for row in rows:
        assert isinstance(row["z"], str) or math.isfinite(row["z"])


def test_status_0_says_that_everything_agreed(project: Project) -> None:
    """The summary says so too, and where the report is."""
    result = project.run("sums/affine_sum")
    assert 0 == result.exit_code
    page = project.folder / "store/reports/index.html"
    assert result.output.endswith(f"All fine.\n4 checks were run, 0 recalled. Report: {page}\n")
    assert {"index.html", "report.md", "verdicts.jsonl", "junit.xml"} <= {path.name for path in page.parent.iterdir()}
    assert "" == result.stderr


def test_status_1_says_that_something_did_not(project: Project) -> None:
    """Again where nothing is run, and in a report."""
    assert 1 == project.run(*FAKES).exit_code
    assert 1 == project.run(*FAKES).exit_code
    report = project.harness("report", "--store", str(project.folder / "store"))
    assert 1 == report.exit_code
    assert "looks like the right answer with the sign reversed" in report.output


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["sums/afine_sum"], r"No case matches 'sums/afine_sum'. Did you mean 'sums/affine_sum'? `harness list`"),
        (
            ["sums/affine_sum[givne]"],
            "No case matches 'sums/affine_sum[givne]'. Did you mean 'sums/affine_sum[given]'",
        ),
        (["./nowhere"], "No folder or file './nowhere' in "),
        (["-b", "nump"], "No backend is named 'nump': expected numpy, torch, tensorflow, jax, or --adapter"),
        (["-b", "tensorflwo"], "Did you mean 'tensorflow'?"),
        (["-m", "egaer"], "-m 'egaer': the chosen backends offer eager. Did you mean 'eager'?"),
        (["-d", "float31"], "-d 'float31': the chosen backends offer float32, float64"),
        (["-q", "vpj"], "-q 'vpj': expected one of value, vjp, "),
        (["-q", "vjp:z"], "Nothing to run: no chosen case has one of the quantities vjp:z"),
        (["--profile", "quik"], "--profile 'quik': expected quick or full."),
        (["--device", "gpuu"], "--device 'gpuu': expected one of cpu, gpu. Did you mean 'gpu'"),
        (["--shard", "4/3"], "--shard '4/3': expected I/N with 1 <= I <= N, such as 2/4."),
        (["--shard", "third"], "--shard 'third': expected I/N"),
        (
            ["--adapter", "no.such:Thing"],
            "The adapter 'no.such:Thing' cannot be loaded: ModuleNotFoundError: No module named 'no'",
        ),
        (["--adapter", "tests.fakes"], "No adapter is named 'tests.fakes': expected one of numpy, torch"),
        (["--adapter", "tests.fakes:FAULTS"], "expected a subclass of harness.adapters.base.Adapter"),
        (["--adapter", "tests.fakes:Missing"], "The adapter 'tests.fakes:Missing' cannot be loaded"),
        (
            ["-b", "absent", "--adapter", "tests.fakes:Absent"],
            "backend 'absent': no-such-framework is not installed in ",
        ),
        (["--adapter", "tests.fakes:Absent", "-b", "numpy", "-b", "absent"], "pip install no-such-framework"),
    ],
)
def test_status_2_says_what_was_wrong(project: Project, words: list[str], expected: str) -> None:
    """In one line: what was got, what was expected, and what to do. Nothing is written."""
    result = project.run(*words)
    assert 2 == result.exit_code
    assert ["harness: "] == [row[:9] for row in result.stderr.splitlines()]
    assert expected in result.stderr
    assert "" == result.stdout
    assert not (project.folder / "store").exists()


def test_an_absent_backend_is_an_error_only_where_it_was_asked_for(project: Project) -> None:
    """An adapter that was named on the command line was asked for; a framework that is not installed was not."""
    words = ["run", str(project.folder / "cases"), "--store", str(project.folder / "store"), "--adapter"]
    result = project.harness(*words, "tests.fakes:Absent")
    assert (2, True) == (result.exit_code, "backend 'absent'" in result.stderr)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "--bakend", "numpy"], "No such option"),
        (["run", "--timeout", "0"], "0.0 is not in the range x>0"),
        (["run", "--timeout", "soon"], "'soon' is not a valid float"),
        (["run", "--memory", "0"], "0 is not in the range x>=1"),
        (["run", "--seed", "x"], "'x' is not a valid integer"),
        (["runn"], "No such command 'runn'"),
        (["merge"], "Missing argument 'STORES...'"),
    ],
)
def test_status_2_also_where_an_option_cannot_be_read(project: Project, words: list[str], expected: str) -> None:
    """Click says what it expected."""
    result = project.harness(*words)
    assert (2, True) == (result.exit_code, expected in result.stderr)


def test_two_adapters_of_one_name_are_refused(project: Project) -> None:
    """Their verdicts could not be told apart."""
    project.write("twins.py", "from tests.fakes import Wrong\n\nclass Twin(Wrong):\n    name = 'wrong'\n")
    process = project.start(*project.words("--adapter", "tests.fakes:Wrong", "--adapter", "twins:Twin"))
    _, errors = process.communicate()
    assert (2, True) == (process.returncode, "tests.fakes:Wrong is named 'wrong' too" in errors)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def broken(:\n", ":1: invalid syntax. Expected Python source."),
        ("import torch\n", ":1: a case file imports no framework, but this imports 'torch'."),
        ("1 / 0\n", ":1: ZeroDivisionError: division by zero. The case file cannot be run."),
        (
            "from harness import case, given\n\n@case(x=given(1.0))\ndef f(xp, x):\n    return xp.expp(x)\n",
            ":5: xp.expp is not a word of the vocabulary. Did you mean 'exp'",
        ),
        ("from harness import case, given\n\n@case(x=given(1.0))\ndef f(x):\n    return x\n", ":3: f(x): expected xp"),
        (
            "from harness import case, given\n\n@case(y=given(1.0))\ndef f(xp, x):\n    return x\n",
            ":3: f has no value for",
        ),
    ],
)
def test_a_broken_case_file_is_named_with_its_line(project: Project, text: str, expected: str) -> None:
    """Nothing runs until it is mended."""
    path = project.write("cases/sums/broken.py", text)
    for words in (project.words(), ["list", str(project.folder / "cases")]):
        result = project.harness(*words)
        assert 2 == result.exit_code
        assert f"harness: {path}{expected}" in result.stderr


def test_a_report_needs_a_run_and_a_merge_needs_stores(project: Project) -> None:
    """What is no store is not taken for an empty one."""
    nowhere = str(project.folder / "nowhere")
    report = project.harness("report", "--store", nowhere)
    assert (2, True) == (report.exit_code, "there is no run in it. Expected a store that" in report.stderr)
    merge = project.harness("merge", nowhere, "--store", str(project.folder / "merged"))
    assert (2, True) == (merge.exit_code, "is no store: expected a folder `segments`" in merge.stderr)
    assert not (project.folder / "merged").exists()


def test_a_conflict_is_told_by_a_merge(whole: Project, tmp_path: Path) -> None:
    """Records of one check that say different things are kept, and the status is 1."""
    shutil.copytree(whole.folder / "store", tmp_path / "other")
    for path in (tmp_path / "other/segments").iterdir():
        records = [json.loads(line[9:]) for line in path.read_bytes().splitlines()]
        for record in records:
            if record["type"] == "observation" and record["check"]["case"] == "sums/affine_sum":
                record |= {"outcome": "raised", "value": None}
        texts = [json.dumps(record).encode() for record in records]
        path.write_bytes(b"".join(b"%08x %b\n" % (zlib.crc32(text), text) for text in texts))
    stores = [str(whole.folder / "store"), str(tmp_path / "other")]
    result = whole.harness("merge", *stores, "--store", str(tmp_path / "merged"))
    assert (1, True) == (result.exit_code, "4 conflicts" in result.stdout)
    assert ["conflict: "] * 4 == [row[:10] for row in result.stderr.splitlines()]


def test_every_format_is_written_where_it_is_asked_for(whole: Project, tmp_path: Path) -> None:
    """The same files as the run wrote; folders are made."""
    files = {"html": "a/page.html", "markdown": "a/b/page.md", "json": "v.jsonl", "junit": "j.xml"}
    words = [word for name, file in files.items() for word in (f"--{name}", str(tmp_path / file))]
    assert 0 == whole.harness("report", "--store", str(whole.folder / "store"), *words).exit_code
    for name, file in {
        "html": "index.html",
        "markdown": "report.md",
        "json": "verdicts.jsonl",
        "junit": "junit.xml",
    }.items():
        assert (whole.folder / "store/reports" / file).read_text() == (tmp_path / files[name]).read_text()
    suite = ET.parse(tmp_path / "j.xml").getroot()
    assert CHECKS == sum(1 for _ in suite.iter("testcase"))
    assert "curves/wave" in (tmp_path / "a/page.html").read_text()
    assert (tmp_path / "a/b/page.md").read_text().startswith("# All 15 checks are fine.")


READERS: dict[str, Callable[[str], object]] = {
    "html": lambda text: text.index("<!DOCTYPE html>") == 0 and text.endswith("</html>"),
    "markdown": lambda text: text.startswith("# All 15 checks are fine."),
    "json": lambda text: CHECKS == len([_strict(row) for row in text.splitlines()]),
    "junit": lambda text: CHECKS == sum(1 for _ in ET.fromstring(text).iter("testcase")),
}
"""Format to what tells whether a text is that and nothing more; a format needs none."""


@pytest.mark.parametrize("form", [one.name for one in of_reports()])
def test_a_file_named_dash_is_stdout(
    whole: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """Every format: stdout holds the file alone, stderr the summary, and no file is made."""
    monkeypatch.chdir(tmp_path)
    result = whole.harness("report", "--store", str(whole.folder / "store"), f"--{form}", "-")
    assert 0 == result.exit_code, result.output
    assert (whole.folder / "store/reports" / FORMATS[form].file).read_text(encoding="utf-8") == result.stdout
    assert READERS.get(form, bool)(result.stdout)
    assert "15 checks: " in result.stderr
    assert [] == [*tmp_path.iterdir()]


def test_stdout_holds_one_file(whole: Project) -> None:
    """Two of them are refused."""
    result = whole.harness("report", "--store", str(whole.folder / "store"), "--json", "-", "--junit", "-")
    assert 2 == result.exit_code
    assert "--json - and --junit -: stdout holds one file." in result.stderr


@pytest.mark.parametrize("option", ["--store", "--reports"])
def test_a_folder_is_not_stdout(project: Project, option: str) -> None:
    """Where a folder is expected, a dash is refused; none of that name is made."""
    result = project.harness("run", str(project.folder / "cases"), "-b", "numpy", option, "-")
    assert (2, True) == (
        result.exit_code,
        "- is stdout, and a folder is expected; one of that name is ./-" in result.stderr,
    )


def test_in_an_empty_folder_the_standard_cases_are_found(empty: Path) -> None:
    """Listed and run, without a word of configuration; what is written goes to this folder."""
    project = Project(empty)
    listed = project.harness("list")
    assert 0 == listed.exit_code
    assert "seeds/softmax_temperature" in listed.output
    result = project.harness("run", "seeds/affine_sum[given]", "-b", "numpy")
    assert 0 == result.exit_code
    assert {".harness", "reports"} == {path.name for path in empty.iterdir()}
    assert (empty / "reports/latest/index.html").is_file()


def test_cases_of_the_current_folder_come_first(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the standard cases are not found; a folder, a file and a pattern can be named."""
    monkeypatch.chdir(project.folder)
    listed = project.harness("list")
    assert ["curves/wave", "curves/product", "sums/affine_sum", "sums/several"] == [
        row.split()[0] for row in listed.output.splitlines()[:4]
    ]
    assert "4 cases, 6 samples" in listed.output
    for words, count in (
        (["sums"], "2 cases, 3 samples"),
        (["*/wave"], "1 cases, 2 samples"),
        (["./cases/sums"], "2 cases, 3 samples"),
        (["cases/curves/smooth.py"], "2 cases, 3 samples"),
        (["sums/affine_sum[random]"], "1 cases, 1 samples"),
    ):
        assert count in project.harness("list", *words).output


def test_the_list_is_json_on_demand(project: Project) -> None:
    """A line for each backend, found or not, and one for each case."""
    words = ["list", str(project.folder / "cases"), "--json", "--adapter", "tests.fakes:Absent"]
    rows = [_strict(row) for row in project.harness(*words).output.splitlines()]
    backends = {row["backend"]: row for row in rows if "backend" in row}
    cases = {row["case"]: row for row in rows if "case" in row}
    assert (True, version("numpy"), ["eager"], None) == tuple(
        backends["numpy"][name] for name in ("found", "version", "modes", "reason")
    )
    assert (False, "") == (backends["absent"]["found"], backends["absent"]["version"])
    assert "no-such-framework is not installed" in backends["absent"]["reason"]
    assert ["exp", "sin"] == cases["curves/wave"]["operations"]
    assert (["given", "random"], True) == (cases["curves/wave"]["samples"], cases["curves/wave"]["supported"]["numpy"])


def test_the_list_imports_no_numpy_no_msgspec_and_no_framework(project: Project) -> None:
    """It answers in the time that Python takes to start."""
    heavy = {"numpy", "msgspec", "flint", "jinja2", "rich", "psutil", "torch", "tensorflow", "jax", "tests"}
    program = (
        "import sys\nfrom harness.cli import main\n"
        "try:\n    main(['list'])\nexcept SystemExit as end:\n    assert not end.code\n"
        f"print('LOADED', *sorted({heavy!r} & set(sys.modules)))\n"
    )
    process = project.start("-c", program, driver=())
    output, errors = process.communicate()
    assert (0, "") == (process.returncode, errors)
    assert "LOADED" == output.splitlines()[-1].strip()
    assert "4 cases, 6 samples" in output


def test_python_m_harness_is_the_command(project: Project) -> None:
    """It calls itself harness."""
    for words, expected in ((["--version"], f"harness, version {__version__}"), (["run", "-h"], "Usage: harness run")):
        process = project.start(*words)
        output, _ = process.communicate()
        assert (0, True) == (process.returncode, output.startswith(expected))
    command = shutil.which("harness", path=str(sys.prefix) + "/bin")
    if command is not None:  # where the package is installed
        done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
        assert f"harness, version {__version__}\n" == done.stdout


def test_settings_are_the_options_defaults(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """In pyproject.toml of the current folder, for every command; the command line wins."""
    monkeypatch.chdir(project.folder)
    project.write(
        "pyproject.toml",
        '[tool.harness]\nbackend = ["numpy"]\nquantity = "value"\nstore = "kept"\nreports = "told"\nseed = [0, 5]\n',
    )
    assert 0 == project.harness("run", "sums/affine_sum").exit_code
    rows = [_strict(row) for row in (project.folder / "told/verdicts.jsonl").read_text().splitlines()]
    assert {("numpy", "value")} == {(row["backend"], row["quantity"]) for row in rows}
    assert {"given", "random", "given#5", "random#5"} == {row["sample"] for row in rows}
    assert 0 == project.harness("report").exit_code
    said = project.harness("run", "sums/affine_sum", "--seed", "0", "-q", "vjp", "--reports", "elsewhere")
    assert (0, True) == (said.exit_code, "2 checks were run, 0 recalled." in said.output)
    assert 0 == project.harness("merge", "kept", "--store", "merged").exit_code
    assert "[default: told]" in project.harness("run", "--help").output


def test_wrong_settings_are_told_by_every_command(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the key that was meant."""
    monkeypatch.chdir(project.folder)
    project.write("pyproject.toml", '[tool.harness]\nbackends = ["numpy"]\n')
    for words in (["run"], ["list"], ["report"], ["merge", "store"]):
        result = project.harness(*words)
        assert 2 == result.exit_code
        assert "harness: pyproject.toml: [tool.harness] has an unknown key 'backends'" in result.stderr
        assert "Did you mean 'backend'?" in result.stderr
