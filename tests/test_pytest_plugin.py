"""`pytest --harness` in projects of its own, each in a process of its own."""

from __future__ import annotations

import importlib.metadata
import json
import os
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.observe.store.segments import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., pytest.RunResult]

__all__: list[str] = []

pytest_plugins = ["pytester"]

ROOT = Path(__file__).resolve().parent.parent
# Where the package is installed, its entry point has loaded the plugin already.
INSTALLED = any(entry.name == "harness" for entry in importlib.metadata.entry_points(group="pytest11"))
LOADED = () if INSTALLED else ("-p", "harness.pytest_plugin")
STEADY = ("-p", "no:randomly", "-p", "no:cacheprovider")
FAKES = [
    *("--harness-backend", "numpy", "--harness-backend", "transposed", "--harness-backend", "raises"),
    *("--harness-adapter", "tests.fakes:Transposed", "--harness-adapter", "tests.fakes:Raises"),
]

CURVES = '''
from harness import case, given, normal

@case(x=given([[0.5, 1.0], [2.0, -1.5]]))
def curve(xp, x):
    """exp(sin x), elementwise."""
    return xp.exp(xp.sin(x))

curve.sample("random", x=normal((3, 3)))
'''
GAPS = '''
import harness

@harness.case(x=harness.given([0.5]))
def error_function(xp, x):
    """erf x, which NumPy lacks."""
    return xp.special.erf(x)
'''


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CI is set, pytest prints longer summaries; these tests read the usual ones."""
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Make a project with cases and a test of its own; give what runs pytest in it."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])))
    for name, text in {
        "cases/area/curves.py": CURVES,
        "cases/gaps.py": GAPS,
        "tests/test_own.py": "def test_own(): pass",
    }.items():
        file = pytester.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def runs(*words: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(*LOADED, *STEADY, *words)

    return runs


def _observed(folder: Path) -> set[str]:
    return {one.check.id for one in Store(folder / ".harness").read().observations.values()}


def _names(*quantities: str, case: str = "area/curve[given]", backend: str = "numpy") -> set[str]:
    return {f"{case}/{backend}/eager/float32/cpu/{quantity}" for quantity in quantities}


def test_each_check_is_an_item_that_reports_its_own_judgement(run: Run, pytester: pytest.Pytester) -> None:
    """Agreement passes, a gap is a skip with its reason, the rest fails, and the project's own tests run beside."""
    result = run("--harness", "cases", "tests", *FAKES, "-rs", "--junitxml", "junit.xml")
    # Of curve, numpy agrees 4 times, transposed in its 2 values, raises never; of erf, each of the 3 lacks both.
    assert {"passed": 4 + 2 + 1, "failed": 2 + 4, "skipped": 6} == result.parseoutcomes()
    assert 1 == result.ret
    result.stdout.fnmatch_lines(["SKIPPED*numpy does not offer special.erf: *"])
    suite = ET.parse(pytester.path / "junit.xml").getroot()
    standings = [one.get("value") for one in suite.iter("property") if one.get("name") == "standing"]
    assert {"agrees": 6, "disagrees": 2, "raised": 4, "unsupported": 6} == {
        word: standings.count(word) for word in set(standings)
    }


def test_a_failing_item_prints_what_the_report_would_and_how_to_see_more(run: Run) -> None:
    """The case's line, both arrays, the worst element, z, ulps, the reason, and a command."""
    result = run("--harness", "cases", *FAKES, "-k", "given and area and not numpy")
    result.stdout.fnmatch_lines_random(
        [
            "*area/curve[[]given]/transposed/eager/float32/cpu/vjp:x*",
            "cases/area/curves.py:4: def curve(xp, x):",
            "* disagrees: looks like the transpose; 2 of 4 elements are outside the rounding budget of float32",
            "got    [[][[]*, *], [[]*, *[]]]",
            "truth  [[][[]*, *], [[]*, *[]]]",
            "worst  at [[]*, *]: got *, truth *",
            "z *, * ulp, reference proved",
            "See more: harness run area/curve -b transposed -m eager -d float32 -q vjp:x --adapter tests.fakes:Transposed",
            "* raised: RuntimeError: the kernel is not there*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_the_command_that_shows_more_is_right(run: Run, pytester: pytest.Pytester) -> None:
    """It says the same, from the store that the items filled: cases outside `cases` are named by their folder."""
    (pytester.path / "cases").rename(pytester.path / "my sums")
    result = run("--harness", "my sums", *FAKES, "-k", "given and transposed and vjp and area", "--harness-seed", "3")
    (row,) = [row for row in result.outlines if row.startswith("See more: ")]
    words = row.removeprefix("See more: harness ")
    shown = pytester.run("bash", "-c", f"{_python()} -m harness {words}")
    assert 1 == shown.ret
    shown.stdout.fnmatch_lines(
        ["*disagrees area/curve*", "*looks like the transpose*", "* checks were run, * recalled*"]
    )
    assert _names("vjp:x", case="area/curve[given#3]", backend="transposed") <= _observed(pytester.path)


def _python() -> str:
    import shlex
    import sys

    return shlex.quote(sys.executable)


@pytest.mark.parametrize("order", [(), ("-p", "randomly")])
def test_only_what_is_selected_is_observed(run: Run, pytester: pytest.Pytester, order: tuple[str, ...]) -> None:
    """Deselected checks cost nothing, in whatever order the items come."""
    if order and not _is_installed("pytest-randomly"):
        pytest.skip("pytest-randomly is not installed")
    result = pytester.runpytest_subprocess(
        *LOADED,
        *((order and ("-p", "no:cacheprovider")) or STEADY),
        "--harness",
        *FAKES,
        "-k",
        "curve and numpy and value",
    )
    result.assert_outcomes(passed=2, deselected=17)
    samples = ("area/curve[given]", "area/curve[random]")
    assert {name for case in samples for name in _names("value", case=case)} == _observed(pytester.path)


def _is_installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def test_collecting_runs_nothing(run: Run, pytester: pytest.Pytester) -> None:
    """`--collect-only` lists the checks by their ids and makes no store."""
    result = run("--harness", "cases", "--harness-backend", "numpy", "--collect-only", "-q")
    listed = {row.partition("::")[2] for row in result.outlines if row.startswith("cases/")}
    expected = {*_names("value", "vjp:x"), *_names("value", "vjp:x", case="area/curve[random]")}
    assert expected | _names("value", "vjp:x", case="cases/error_function[given]") == listed
    assert not (pytester.path / ".harness").exists()


def test_an_item_can_be_named_and_what_is_unchanged_is_recalled(run: Run, pytester: pytest.Pytester) -> None:
    """By its node id, which is the same whatever was collected; a case file is not imported as a test module."""
    node = f"cases/area/curves.py::{_names('value').pop()}"
    backend = ("--harness-backend", "numpy")
    run("--harness", node, *backend).assert_outcomes(passed=1)
    segments = sorted((pytester.path / ".harness" / "segments").iterdir())
    run("--harness", node, *backend).assert_outcomes(passed=1)
    assert segments == sorted((pytester.path / ".harness" / "segments").iterdir())
    run("--harness", node, *backend, "--harness-no-cache").assert_outcomes(passed=1)
    assert len(segments) < len(list((pytester.path / ".harness" / "segments").iterdir()))
    assert _names("value") == _observed(pytester.path)


def test_settings_are_honoured(run: Run, pytester: pytest.Pytester) -> None:
    """`[tool.harness]` gives the options their defaults, and what is said on the command line wins."""
    settings = 'backend = "numpy"\nquantity = ["value"]\ndtype = ["float64"]\nstore = "kept"\nreports = "elsewhere"\n'
    (pytester.path / "pyproject.toml").write_text(f"[tool.harness]\n{settings}")
    run("--harness", "cases/area", "--harness-dtype", "float32").assert_outcomes(passed=2)
    held = Store(pytester.path / "kept").read().observations.values()
    assert {("numpy", "float32", "value")} == {(one.check.backend, one.check.dtype, one.check.quantity) for one in held}


@pytest.mark.parametrize(
    ("words", "settings", "expected"),
    [
        (("--harness-backend", "nump"), "", "*No backend is named 'nump'*Did you mean 'numpy'?"),
        (("--harness-mode", "egaer"), "", "*-m 'egaer': *Did you mean 'eager'?"),
        (("--harness-dtype", "float31"), "", "*-d 'float31': *Did you mean 'float32'*"),
        (("--harness-quantity", "vpj"), "", "*-q 'vpj': *Did you mean 'vjp'*?"),
        (("--harness-profile", "quik"), "", "*--profile 'quik': expected quick or full*"),
        (("--harness-device", "tpu"), "", "*--device 'tpu': expected one of cpu, gpu*"),
        (("--harness-adapter", "no.such:One"), "", "*The adapter 'no.such:One' cannot be loaded*"),
        ((), "backends = ['numpy']", "*pyproject.toml: *unknown key 'backends'*Did you mean 'backend'?"),
    ],
)
def test_wrong_options_are_usage_errors(
    run: Run, pytester: pytest.Pytester, words: tuple[str, ...], settings: str, expected: str
) -> None:
    """Nothing is collected, and one line says what was got, what was expected, and what to do."""
    (pytester.path / "pyproject.toml").write_text(f"[tool.harness]\n{settings}\n")
    result = run("--harness", "cases", *words)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([f"ERROR: harness: {expected}"])


LEDGER = """
[[accepted]]
case = "area/curve"
backend = "%s"
quantity = "vjp:x"
accepts = "sign"
reason = "It is wrong on purpose."
link = "https://example.org"
"""


@pytest.mark.parametrize(("backend", "status"), [("sign_flipped", 0), ("numpy", 1)])
def test_the_ledger_is_kept(run: Run, pytester: pytest.Pytester, backend: str, status: int) -> None:
    """What a person accepted passes; an entry that is no longer true fails the session, unless items were deselected."""
    (pytester.path / "cases" / "ledger.toml").write_text(LEDGER % backend)
    words = ("--harness", "cases/area", "--harness-adapter", "tests.fakes:SignFlipped", "--harness-backend", backend)
    result = run(*words)
    result.assert_outcomes(passed=4)
    assert status == result.ret
    assert bool(status) == any("ledger.toml: entry 1 no longer happens" in row for row in result.outlines)
    assert 0 == run(*words, "-k", "value or given").ret


def test_a_broken_case_file_is_an_error_of_its_own(run: Run, pytester: pytest.Pytester) -> None:
    """It names file and line, and the other files are collected all the same."""
    for name, text in {
        "cases/one.py": CURVES.replace("xp.sin", "xp.sinn"),
        "cases/two.py": CURVES + "\ndef broken(:\n    '''@case'''\n",
        "cases/area/three.py": CURVES,
    }.items():
        (pytester.path / name).write_text(text)
    words = ("--harness", "cases", "--harness-backend", "numpy", "--continue-on-collection-errors")
    result = run(*words, "-k", "area/curve")
    result.assert_outcomes(passed=4, errors=3, deselected=2)
    result.stdout.fnmatch_lines_random(
        [
            "*one.py:7: xp.sinn is not a word of the vocabulary. Did you mean *'sinh'*",
            "*two.py:11: invalid syntax*",
            "*there is already a case 'area/curve' at *: rename one of them.",
        ]
    )


def test_a_store_that_cannot_be_written_is_said(run: Run, pytester: pytest.Pytester) -> None:
    """In one line, without a traceback."""
    (pytester.path / "taken").write_text("a file stands where the store should be")
    result = run("--harness", "cases", "--harness-backend", "numpy", "--harness-store", "taken")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["ERROR: harness: */taken: *could not be written*--store*"])


def test_pytest_is_not_slowed_down_without_the_option(run: Run, pytester: pytest.Pytester) -> None:
    """Nothing is imported but the plugin itself and the standard library, and no case file is collected."""
    heavy = ["numpy", "msgspec", "click", "rich", "jinja2", "psutil", "flint", "torch", "tensorflow", "jax"]
    (pytester.path / "tests" / "test_own.py").write_text(
        f"import json, sys\n\ndef test_own():\n    print('LOADED', json.dumps([m for m in {heavy!r} if m in sys.modules]))\n"
        "    assert 'harness.pytest_plugin' in sys.modules\n"
    )
    result = run("-s", "-p", "no:hypothesispytest", "-p", "no:cov", "-p", "no:pytest_cov")
    result.assert_outcomes(passed=1)
    (row,) = [row for row in result.outlines if "LOADED" in row]
    assert [] == json.loads(row.partition("LOADED ")[2].partition("]")[0] + "]")
