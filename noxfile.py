"""The project's jobs. Each makes its own environment with pip, from constraints.txt, and reuses it the next time."""

from __future__ import annotations

import hashlib
import re
import shlex
import shutil
from pathlib import Path

import nox

__all__: list[str] = []

nox.options.sessions = ["validate"]
nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"

HERE = Path(__file__).parent
FRAMEWORKS = ("numpy", "torch", "tensorflow", "jax")
# The report session shows the stores of all `backend` sessions together.
STORES = HERE / ".harness"


@nox.session
def validate(session: nox.Session) -> None:
    """Run the standard cases through every framework and write reports/latest/: the main job."""
    _install(session, "-e", ".[all]")
    session.run("harness", "run", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests. Arguments go to pytest: `nox -s tests -- tests/judge -x`, or `-- --cov` for branch coverage."""
    _install(session, "-e", ".[all,test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
@nox.parametrize("framework", FRAMEWORKS, ids=FRAMEWORKS)
def backend(session: nox.Session, framework: str) -> None:
    """Run the standard cases through one framework, in an environment that holds no other."""
    _install(session, "-e", "." if framework == "numpy" else f".[{framework}]")
    session.run("harness", "run", "--backend", framework, "--store", str(STORES / framework), *session.posargs)


@nox.session
def report(session: nox.Session) -> None:
    """Merge the stores of the backend sessions and render one report, with no framework installed."""
    _install(session, "-e", ".")
    stores = [STORES / framework for framework in FRAMEWORKS if (STORES / framework).is_dir()]
    if not stores:
        session.error(f"Found no store below {STORES}, expected {', '.join(FRAMEWORKS)}. Run `nox -s backend` first.")
    merged = STORES / "merged"
    session.run("harness", "merge", *map(str, stores), "--store", str(merged))
    latest = HERE / "reports" / "latest"
    latest.mkdir(parents=True, exist_ok=True)
    session.run(
        "harness",
        "report",
        "--store",
        str(merged),
        *("--html", str(latest / "report.html")),
        *("--markdown", str(latest / "report.md")),
        *("--json", str(latest / "verdicts.jsonl")),
        *("--junit", str(latest / "junit.xml")),
        *session.posargs,
    )


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format and spelling."""
    _install(session, "codespell", "ruff", "validate-pyproject")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("codespell")
    session.run("validate-pyproject", "pyproject.toml")


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types. No framework is needed."""
    _install(session, "-e", ".[test]", "mypy")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Run the examples in docstrings, and hold README.md's commands against this file and the command line."""
    _install(session, "-e", ".[test]")
    session.run(
        "python", "-m", "pytest", "--doctest-modules", "--import-mode=importlib", "-p", "no:randomly", "harness"
    )
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    unknown = sorted(set(re.findall(r"nox -s (\w+)", readme)) - globals().keys())
    if unknown:
        session.error(f"README.md names sessions that noxfile.py lacks: {', '.join(unknown)}. Correct one of them.")
    for command in sorted(set(re.findall(r"^harness (\w+)", readme, flags=re.MULTILINE))):
        session.run("harness", command, "--help", silent=True)


@nox.session
def minimums(session: nox.Session) -> None:
    """Run what needs no framework with the lowest versions that pyproject.toml allows."""
    _install(session, "-e", ".[test]", constraints="constraints-minimums.txt")
    rooms = ("collect", "operations", "reference", "judge", "report")
    folders = [f"tests/{room}" for room in rooms if (HERE / "tests" / room).is_dir()]
    session.run("harness", "list", silent=True)
    session.run("python", "-m", "pytest", *(session.posargs or folders))


@nox.session
def benchmark(session: nox.Session) -> None:
    """Time `harness list` and a run in which nothing changed, whole process, with hyperfine."""
    if shutil.which("hyperfine") is None:
        session.error("hyperfine was not found on PATH. Install it with the system's package manager, then run again.")
    _install(session, "-e", ".[all]")
    command = Path(session.bin) / "harness"
    session.run("harness", "run", "--profile", "quick")
    session.run(
        "hyperfine",
        *("--warmup", "1"),
        *("--export-markdown", str(HERE / "reports" / "benchmark.md")),
        shlex.join([str(command), "list"]),
        shlex.join([str(command), "run", "--profile", "quick"]),
        external=True,
    )


@nox.session
def audit(session: nox.Session) -> None:
    """Plant faults in every operation and write reports/planted_faults.md: what is caught, and by whom."""
    _install(session, "-e", ".[all,test]")
    session.run("python", "-m", "tests.audit.planted", *session.posargs)


@nox.session
def calibrate(session: nox.Session) -> None:
    """Calibrate the threshold K on the healthy catalogue and write reports/calibration.md."""
    _install(session, "-e", ".[all,test]")
    session.run("python", "-m", "tests.audit.calibrate", *session.posargs)


@nox.session
def timing(session: nox.Session) -> None:
    """Hold the harness's times against bare loops and against themselves, and write reports/timing.md."""
    _install(session, "-e", ".[all,test]", "pytest-benchmark==5.3.1")
    session.run("python", "-m", "tests.audit.timing", *session.posargs)


def _install(session: nox.Session, *requirements: str, constraints: str = "constraints.txt") -> None:
    """Install with pip, unless the environment was already made from the same files: pip alone would take seconds."""
    made_from = [
        *requirements,
        *(HERE.joinpath(name).read_text(encoding="utf-8") for name in ("pyproject.toml", constraints)),
    ]
    digest = hashlib.sha256("\0".join(made_from).encode()).hexdigest()
    stamp = Path(session.virtualenv.location) / "made-from.sha256"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return
    session.install(*requirements, "-c", constraints)
    stamp.write_text(digest, encoding="utf-8")
