"""Every kind of wrong answer is caught through the whole line, each with its own verdict or outcome."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from click.testing import CliRunner

from harness.cli import main

if TYPE_CHECKING:
    from pathlib import Path

__all__: list[str] = []

# Square, so that a transpose keeps the shape; curved, so that every element's derivative is another.
CASES = '''
from harness import case, given, normal


@case(x=given([[0.5, 1.0], [2.0, -1.5]]))
def curve(xp, x):
    """exp(sin x), elementwise."""
    return xp.exp(xp.sin(x))


curve.sample("random", x=normal((3, 3)))
'''


class Fate(NamedTuple):
    """What must be said of one quantity: outcome, verdict, and a part of the reason."""

    outcome: str = "completed"
    verdict: str | None = "agrees"
    reason: str | None = None


FINE = Fate()


def _wrong(reason: str) -> Fate:
    return Fate("completed", "disagrees", reason)


NAN = _wrong("1 NaN where a finite result exists")
DTYPE = _wrong("dtype float64, expected float32")
RAISED = Fate("raised", None, "RuntimeError: the kernel is not there")
CRASHED = Fate("crashed", None, "the worker was killed by SIGSEGV")
HANGS = Fate("timed_out", None, "no reply within 6 s; raise the limit with --timeout")
FACTOR = _wrong("too large by a constant factor of 1 + 1.5")

FATES: dict[str, tuple[Fate, Fate]] = {
    "numpy": (FINE, FINE),
    "tests.fakes:Honest": (FINE, FINE),
    "tests.fakes:Wrong": (FINE, FINE),
    "tests.fakes:NaN": (NAN, NAN),
    "tests.fakes:WrongDtype": (DTYPE, DTYPE),
    "tests.fakes:WrongShape": (_wrong("shape (1, "), _wrong("shape (1, ")),
    "tests.fakes:IgnoresInput": (_wrong("the same number everywhere: the input is ignored"), FINE),
    "tests.fakes:NoGradient": (FINE, Fate("missing", None, "the framework returned no gradient for")),
    "tests.fakes:Transposed": (FINE, _wrong("looks like the transpose")),
    "tests.fakes:Detached": (FINE, _wrong("zero everywhere: detached, or never computed")),
    "tests.fakes:SignFlipped": (FINE, _wrong("looks like the right answer with the sign reversed")),
    "tests.fakes:IgnoresCotangent": (FINE, _wrong("elements are outside the rounding budget of float32")),
    "tests.fakes:PlantedValue": (FACTOR, FINE),
    "tests.fakes:PlantedGradient": (FINE, FACTOR),
    "tests.fakes:Raises": (RAISED, RAISED),
    "tests.fakes:Segfault": (CRASHED, CRASHED),
    "tests.fakes:Hang": (HANGS, HANGS),
    "tests.fakes:DiesAtStart": (
        Fate("missing", None, "3 workers ended before they were ready"),
        Fate("missing", None, "the driver is not loaded"),
    ),
    "tests.fakes:Noise": (FINE, FINE),
}
"""Backend or adapter to what must be said of its value and of its gradient."""


class Made(NamedTuple):
    """A run: exit status, output, and verdicts by backend's name."""

    status: int
    output: str
    verdicts: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Run every fake side by side with NumPy, once."""
    folder: Path = tmp_path_factory.mktemp("faults")
    (folder / "cases").mkdir()
    (folder / "cases" / "curves.py").write_text(CASES)
    words = ["run", str(folder / "cases"), "--store", str(folder / "store"), "--reports", str(folder / "reports")]
    words += ["--timeout", "6", "-m", "eager", "-b", "numpy"]
    for target in list(FATES)[1:]:
        words += ["--adapter", target, "-b", _name(target)]
    result = CliRunner().invoke(main, words)
    verdicts: dict[str, list[dict[str, Any]]] = {}
    for row in (folder / "reports" / "verdicts.jsonl").read_text().splitlines():
        verdict = json.loads(row)
        verdicts.setdefault(verdict["backend"], []).append(verdict)
    return Made(result.exit_code, result.output, verdicts)


def _name(target: str) -> str:
    from tests import fakes

    word = target.rpartition(":")[2]
    return word if word == "numpy" else str(getattr(fakes, word).name)


@pytest.mark.parametrize("target", FATES)
def test_each_fake_has_its_own_verdict_or_outcome(made: Made, target: str) -> None:
    """Nothing else is said of it, and the innocent beside it are untouched."""
    found = made.verdicts[_name(target)]
    assert 4 == len(found)
    for verdict in found:
        fate = FATES[target][verdict["quantity"] != "value"]
        assert (fate.outcome, fate.verdict) == (verdict["outcome"], verdict["verdict"]), verdict
        if fate.reason is None:
            assert verdict["reason"] is None
        else:
            assert fate.reason in verdict["reason"]


def test_a_planted_fault_is_found_by_z_where_a_tolerance_would_see_nothing(made: Made) -> None:
    """2⁻¹⁶ is less than a thousandth; z is far beyond K, and a healthy z far below."""
    planted = [verdict["z"] for verdict in made.verdicts["planted_value"] if verdict["quantity"] == "value"]
    healthy = [verdict["z"] for verdict in made.verdicts["numpy"]]
    assert min(planted) > 20 * max(healthy)


def test_what_a_hang_or_a_crash_leaves_is_no_verdict(made: Made) -> None:
    """A check without an answer has no z and no element."""
    for name in ("segfault", "hang", "raises", "dies_at_start"):
        for verdict in made.verdicts[name]:
            assert [None] * 5 == [verdict[key] for key in ("z", "error_ulps", "worst_index", "observed", "truth")]


def test_every_reference_is_proved(made: Made) -> None:
    """What backends do never reaches the truth."""
    assert {"proved"} == {verdict["reference"] for found in made.verdicts.values() for verdict in found}


def test_the_summary_names_every_fault_and_the_status_is_1(made: Made) -> None:
    """A reader of the terminal alone learns what is wrong where."""
    assert 1 == made.status
    for fates in FATES.values():
        for fate in fates:
            assert (fate.reason or "") in made.output
    assert "is not fine" not in made.output.splitlines()[-1]
