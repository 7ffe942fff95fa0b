"""What pytest-benchmark itself says of runs that were timed before.

Its command `pytest-benchmark compare` prints tables and decides nothing; what decides is the option
`--benchmark-compare-fail=EXPR` of pytest, "Fail test if performance regresses according to given EXPR (eg: min:5% or
mean:0.001 for number of seconds)": https://pytest-benchmark.readthedocs.io/en/latest/usage.html#commandline-options. It
holds the run that pytest is making against one that it stored, `--benchmark-compare`. So pytest is run twice on tests
whose function takes, by a clock that `--benchmark-timer` names, as long as a batch of the audit's took: a batch is a
round. It stores the first run in its own format, `--benchmark-save`, and says which tests of the second one fail.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    Runs = Mapping[str, tuple[Sequence[float], Sequence[float]]]

__all__ = ["RULES", "regressions", "version"]

RULES = ("min", "mean")
"""Statistics that it may look at; each fails where it got slower by more than 5 %."""

_CLOCK = '''"""A clock that shows what it is told."""

shown = 0.0


def clock():
    """Give the time."""
    return shown
'''

_TESTS = '''"""Functions that take as long as batches took."""

import json
import os
from pathlib import Path

import pytest
import replayed_clock

RUNS = json.loads(Path(os.environ["REPLAYED"]).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", RUNS)
def test_replayed(benchmark, name):
    """Takes as long as each batch took, in turn."""
    batches = iter(RUNS[name])

    def call():
        # From zero each time, so that no digit is lost.
        replayed_clock.shown = next(batches)

    def start():
        replayed_clock.shown = 0.0

    benchmark.pedantic(call, setup=start, rounds=len(RUNS[name]))
'''

_FAILED = re.compile(
    r"test_replayed\[(?P<name>.+)\] \(.*\) - Field '(?P<field>\w+)' has failed PercentageRegressionCheck"
)

_KNOWN = {
    "same": ([1.0, 1.2], [1.0, 1.2]),
    "less": ([1.0, 1.2], [1.04, 1.248]),
    "more": ([1.0, 1.2], [1.06, 1.272]),
    "least": ([1.0, 2.0], [1.06, 1.9]),
    "faster": ([1.0, 1.2], [0.9, 1.08]),
}
_EXPECTED = {"min": {"more", "least"}, "mean": {"more"}}


def version() -> str:
    """Give pytest-benchmark's version.

    Raises:
        SystemExit: If it is not installed.
    """
    if importlib.util.find_spec("pytest_benchmark") is None:
        raise SystemExit(
            "Found no pytest-benchmark, which the table is published beside. Run `nox -s timing`, which installs it, or "
            "`pip install pytest-benchmark`."
        )
    from importlib.metadata import version

    return version("pytest-benchmark")


def regressions(folder: Path, runs: Runs) -> dict[str, set[str]]:
    """Let pytest-benchmark compare runs, and say which ones fail.

    Args:
        folder: Where it may write.
        runs: By name, seconds of the batches of an old process and of a new one.

    Returns:
        For each of `RULES` the names that fail by `--benchmark-compare-fail=RULE:5%`.

    Raises:
        SystemExit: If it is not installed, or does not find a slowdown that is there, or finds one that is not.
    """
    version()
    known = _compared(folder / "known", _KNOWN)
    if known != _EXPECTED:
        raise SystemExit(f"pytest-benchmark was expected to fail {_EXPECTED}, and failed {known}: correct this file.")
    return _compared(folder / "runs", runs)


def _compared(folder: Path, runs: Runs) -> dict[str, set[str]]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "replayed_clock.py").write_text(_CLOCK, encoding="utf-8")
    (folder / "test_replayed.py").write_text(_TESTS, encoding="utf-8")
    for stored in folder.glob("stored/**/*.json"):
        stored.unlink()
    for number, name in enumerate(("old", "new")):
        batches = {one: [*pair[number]] for one, pair in runs.items()}
        (folder / f"{name}.json").write_text(json.dumps(batches), encoding="utf-8")
    code, said = _pytest(folder, "old", "--benchmark-save=old")
    if code != 0:
        raise SystemExit(f"pytest-benchmark could not store a run:\n{said}")
    found: dict[str, set[str]] = {}
    for rule in RULES:
        code, said = _pytest(folder, "new", "--benchmark-compare=0001", f"--benchmark-compare-fail={rule}:5%")
        failed = [one for one in _FAILED.finditer(said) if one["field"] == rule]
        if (code == 0) != (not failed):
            raise SystemExit(f"pytest-benchmark ended with {code}, and named {len(failed)} failures:\n{said}")
        found[rule] = {one["name"] for one in failed}
    return found


def _pytest(folder: Path, run: str, *options: str) -> tuple[int, str]:
    """Run pytest with no other plugin than pytest-benchmark, and with none of this project's settings."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "pytest_benchmark.plugin", "-c", os.devnull]
    command += ["--rootdir", str(folder), "--benchmark-timer=replayed_clock.clock"]
    command += [f"--benchmark-storage={(folder / 'stored').as_uri()}", "--benchmark-quiet", *options]
    environment = os.environ | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH", "")))),
        "REPLAYED": str(folder / f"{run}.json"),
    }
    done = subprocess.run(
        [*command, "test_replayed.py"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr
