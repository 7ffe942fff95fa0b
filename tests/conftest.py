"""A small project in a folder of its own, and ways to run the harness in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

__all__ = ["ROOT", "Project", "project", "whole"]

# A shell that starts tests in the background has them ignore interrupts, and so would every program they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# `pytest --hypothesis-profile=thorough`, after a change of what is drawn: every test asks for 20 times as many examples.
settings.register_profile("thorough", max_examples=2000, deadline=None)

ROOT = Path(__file__).resolve().parent.parent

CASES = {
    "curves/smooth.py": '''
from harness import case, given, normal


@case(x=given([0.5, -1.25, 2.0]))
def wave(xp, x):
    """exp(sin x), elementwise."""
    return xp.exp(xp.sin(x))


wave.sample("random", x=normal((3, 4)))


@case(x=given([1.0, 2.0]), y=normal((2,)), scale=3.0)
def product(xp, x, y, *, scale):
    """The sum of scale x y."""
    return xp.sum(scale * x * y)
''',
    "sums/plain.py": '''
from harness import case, given, normal


@case(x=given([2.0, 3.0]))
def affine_sum(xp, x):
    """Sum of y = 2x + 1."""
    return xp.sum(2 * x + 1)


affine_sum.sample("random", x=normal((17,)))


@case(x=normal((4,)), y=normal((4,)))
def several(xp, x, y):
    """Two arrays."""
    return x + y, x * y
''',
}
"""Four cases with six samples; each backend has 9 values and 8 gradients to give."""

CHECKS = 15
"""Checks of one backend in one mode."""


@dataclass(frozen=True)
class Project:
    """A folder with cases.

    Attributes:
        folder: Where it is.
    """

    folder: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file below the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def words(self, *words: str, store: str = "store") -> list[str]:
        """Give a `harness run` of the folder's cases on NumPy, unless the words say otherwise."""
        backend = [] if "-b" in words else ["-b", "numpy"]
        places = ["--store", str(self.folder / store), "--reports", str(self.folder / store / "reports")]
        return ["run", str(self.folder / "cases"), *places, *backend, *words]

    def run(self, *words: str, store: str = "store") -> Result:
        """Run the harness in this process."""
        return self.harness(*self.words(*words, store=store))

    def harness(self, *words: str) -> Result:
        """Give a command line to the harness, in this process."""
        from harness.cli import main

        result = CliRunner().invoke(main, list(words), prog_name="harness")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def start(self, *words: str, driver: tuple[str, ...] = ("-m", "harness"), **more: Any) -> subprocess.Popen[str]:
        """Start the harness in a process of its own."""
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        return subprocess.Popen(
            [sys.executable, *driver, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, **more.pop("env", {})},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **more,
        )

    def verdicts(self, store: str = "store") -> list[dict[str, Any]]:
        """Give the verdicts that the last run wrote, as a reader of the JSON lines gets them."""
        text = (self.folder / store / "reports" / "verdicts.jsonl").read_text(encoding="utf-8")
        return [json.loads(row) for row in text.splitlines()]

    def timeless(self, store: str = "store") -> list[dict[str, Any]]:
        """Give the verdicts without the timings, which differ in every run."""
        return [
            {name: value for name, value in row.items() if name not in {"seconds", "judged_by"}}
            for row in self.verdicts(store)
        ]


def _made(folder: Path) -> Project:
    made = Project(folder)
    for name, text in CASES.items():
        made.write(f"cases/{name}", text)
    return made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make a project with four small cases."""
    return _made(tmp_path)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Run such a project once on NumPy, uninterrupted. Its files are for reading only."""
    made = _made(tmp_path_factory.mktemp("whole"))
    result = made.run()
    assert 0 == result.exit_code, result.output
    return made
