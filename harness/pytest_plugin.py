"""The pytest plugin: `pytest --harness cases/` collects one item for each check of the case files it finds.

Everything that was selected is observed in one run before the first item, side by side and from the store where nothing
changed; each item then reports its own judgement. Nothing beyond pytest and the standard library is imported as long as
`--harness` is not given.
"""

from __future__ import annotations

import ast
import dataclasses
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.collect.case import Case
    from harness.collect.plan import Task
    from harness.model import Backend, Check
    from harness.pipeline import Options, Plan
    from harness.quantity import Quantity
    from harness.report.model import Line, Report

__all__ = ["CaseFile", "CheckItem", "pytest_addoption", "pytest_configure"]

_SEVERAL = {
    "backend": (str, "Backend; again for more. All that are installed."),
    "mode": (str, "eager, or a compiler of the backend; again for more. All."),
    "dtype": (str, "float32, float64; again for more. The profile's."),
    "quantity": (str, "value, vjp, or one in full: vjp:x; again for more. All."),
    "adapter": (str, "An adapter, package.module:Class; again for more."),
    "seed": (int, "Seed of samples; again for more. 0."),
}
_ONE = {
    "device": (str, "cpu or gpu. cpu."),
    "profile": (str, "quick: float32. full: every dtype. quick."),
    "store": (Path, "The store's folder. .harness beside pytest's configuration."),
    "timeout": (float, "Seconds one answer may take. 120."),
    "memory": (int, "Resident memory a worker may use, in MiB. No limit."),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of `harness run`; where one is not given, `[tool.harness]` in pyproject.toml decides."""
    group = parser.getgroup("harness", "framework-harness")
    group.addoption("--harness", action="store_true", help="Collect one item for each check of the case files found.")
    for name, (kind, text) in _SEVERAL.items():
        group.addoption(f"--harness-{name}", action="append", type=kind, default=None, help=text)
    for name, (kind, text) in _ONE.items():
        group.addoption(f"--harness-{name}", type=kind, default=None, help=text)
    group.addoption("--harness-no-cache", action="store_true", default=None, help="Run what is unchanged again.")


def pytest_configure(config: pytest.Config) -> None:
    """Do the rest only where checks are asked for."""
    if config.getoption("--harness"):
        config.pluginmanager.register(_Checks(config), "harness-checks")


class _NotFineError(Exception):
    """What a failing item raises."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.reason)
        self.line = line


class _Checks:
    """One session's checks: planned file by file, observed together, judged one by one."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._options: Options | None = None
        self._plan: Plan | None = None
        self._report: Report | None = None
        self._lines: dict[str, Line] = {}
        self._cases: dict[str, Case] = {}
        self._complaints: list[str] = []

    def pytest_sessionstart(self) -> None:
        """Find the backends, and refuse wrong options before anything is collected."""
        from harness import pipeline
        from harness.errors import HarnessError, NothingToRunError

        try:
            self._options = _options(self._config)
            pipeline.plan(self._options, {})
        except NothingToRunError:
            pass  # there are no cases yet
        except HarnessError as error:
            raise pytest.UsageError(f"harness: {error}") from error

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> CaseFile | None:
        """Collect the files in which cases are declared."""
        if not _declares_cases(file_path):
            return None
        return CaseFile.from_parent(parent, path=file_path, checks=self)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
        """Keep pytest from importing a case file as a test module because it was named on the command line."""
        patterns = self._config.getini("python_files")
        if not _declares_cases(module_path) or any(module_path.match(pattern) for pattern in patterns):
            return None
        return _NoTests.from_parent(parent, path=module_path)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Observe and judge everything that is left after deselection, before the first item runs."""
        option = self._config.option
        if option.collectonly or (session.testsfailed and not option.continue_on_collection_errors):
            return
        items = [item for item in session.items if isinstance(item, CheckItem)]
        if items:
            self._observe(items)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what a reader should know of the store and of the ledger."""
        for note in self._report.notes if self._report is not None else ():
            terminalreporter.write_line(f"harness: {note}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail where the ledger of accepted divergences is no longer true."""
        if self._complaints and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def plan(self, path: Path) -> Iterator[Task]:
        """Load a file and plan its checks."""
        from harness import pipeline
        from harness.collect import registry
        from harness.errors import CaseError, NothingToRunError

        folder = self._folder(path)
        area = path.parent.relative_to(folder).as_posix()
        loaded = registry.load_file(path, folder.name if area == "." else area)
        for case in loaded:
            if case.id in self._cases:
                other = self._cases[case.id]
                raise CaseError(
                    f"{case.path}:{case.line}: there is already a case {case.id!r} at {other.path}:{other.line}. "
                    "A case's id is its folder and its function's name: rename one of them."
                )
            self._cases[case.id] = case
        try:
            plan = pipeline.plan(self.options, {case.id: (case, tuple(case.samples)) for case in loaded})
        except NothingToRunError:
            return
        # The backends of every file are the same; what is planned is put together.
        before = self._plan
        self._plan = (
            plan
            if before is None
            else dataclasses.replace(
                plan, tasks=(*before.tasks, *plan.tasks), ledgers={**before.ledgers, **plan.ledgers}
            )
        )
        yield from plan.tasks

    def line(self, item: CheckItem) -> Line:
        """Give what a report says of an item's check."""
        return self._lines[item.check.id]

    def explain(self, item: CheckItem, line: Line) -> str:
        """Say what `harness report` would, and how to see more."""
        from harness.report.escape import terminal

        case = self._cases[item.check.case]
        source = next((row for row in case.source.splitlines() if row.lstrip().startswith("def ")), case.name)
        table = next(
            table
            for section in (self._report.cases if self._report is not None else ())
            for sample in section.samples
            for table in sample.tables
            if line in table.lines
        )
        rows = [
            f"{_path(case.path)}:{case.line}: {source.strip()}",
            f"{line.standing.sign} {line.standing.words}: {line.reason or 'no reason is known'}",
            f"got    {line.shown.text}" if line.shown is not None else "",
            f"truth  {table.truth.text}" if table.truth is not None else "",
            f"worst  {line.worst}" if line.worst else "",
            f"z {line.z}, {line.ulps} ulp, reference {line.judgement.reference}" if line.z else "",
            f"See more: {self._command(case, line)}",
        ]
        return terminal("\n".join(row for row in rows if row))

    @property
    def options(self) -> Options:
        """What was asked for."""
        assert self._options is not None, "the session has started"
        return self._options

    def _observe(self, items: list[CheckItem]) -> None:
        from harness import pipeline
        from harness.errors import HarnessError
        from harness.report import publish

        planned = self._plan
        assert planned is not None, "there are items"
        wanted: dict[Task, set[Quantity]] = {}
        for item in items:
            wanted.setdefault(item.task, set()).add(item.quantity)
        tasks = tuple(
            dataclasses.replace(task, quantities=tuple(word for word in task.quantities if word in wanted[task]))
            for task in planned.tasks
            if task in wanted
        )
        samples: dict[str, dict[str, None]] = {}
        for task in tasks:
            samples.setdefault(task.subject.case.id, {})[task.subject.sample.name] = None
        chosen = {name: (self._cases[name], tuple(names)) for name, names in samples.items()}
        try:
            with publish.progress() as show:
                done = pipeline.run(dataclasses.replace(planned, tasks=tasks, chosen=chosen), show)
        except HarnessError as error:
            raise pytest.UsageError(f"harness: {error}") from error
        assert done.manifest is not None, "it was judged"
        # An entry may speak of what was deselected.
        if len(items) == sum(len(task.quantities) for task in planned.tasks):
            self._complaints = list(done.complaints)
        self._report = publish.build_report(done.manifest, done.contents, done.judgements, self._complaints)
        self._lines = {
            line.judgement.check.id: line
            for case in self._report.cases
            for sample in case.samples
            for table in sample.tables
            for line in table.lines
        }

    def _folder(self, path: Path) -> Path:
        """Give the folder that a file's area is counted from: `cases`, or else the one that was named.

        So that an item has the same name whether its folder, its file or everything was asked for.
        """
        named = [folder for folder in path.parents if folder.name == "cases" and folder.is_relative_to(self._root)]
        if named:
            return named[-1]
        start = self._config.invocation_params.dir
        given = [(start / argument.partition("::")[0]).resolve() for argument in self._config.args]
        holding = [folder for folder in given if folder.is_dir() and path.is_relative_to(folder)]
        return max(holding, key=lambda folder: len(folder.parts), default=path.parent)

    @property
    def _root(self) -> Path:
        return self._config.rootpath

    def _command(self, case: Case, line: Line) -> str:
        """Add to the report's command what pytest was told and `harness run` would not know."""
        words = [line.command]
        folder = self._folder(case.path)
        if folder != Path("cases").resolve():
            words[0] = words[0].replace("harness run ", f"harness run {shlex.quote(_path(folder))} ", 1)
        backend = next(one for one in self._backends if one.name == line.judgement.check.backend)
        if backend.target in self.options.adapters:
            words += ["--adapter", shlex.quote(backend.target)]
        words += [f"--seed {seed}" for seed in self.options.seeds if seed]
        return " ".join(words)

    @property
    def _backends(self) -> tuple[Backend, ...]:
        return () if self._plan is None else self._plan.backends


class CaseFile(pytest.File):
    """A file in which cases are declared.

    Args:
        checks: The session's checks.
        **rest: What pytest says of a file.
    """

    def __init__(self, *, checks: _Checks, **rest: Any) -> None:
        super().__init__(**rest)
        self.checks = checks

    def collect(self) -> Iterator[CheckItem]:
        """Give one item for each check."""
        from harness.errors import HarnessError

        try:
            tasks = list(self.checks.plan(self.path))
        except HarnessError as error:
            raise self.CollectError(str(error)) from error
        for task in tasks:
            for quantity in task.quantities:
                name = task.check(quantity).id
                yield CheckItem.from_parent(self, name=name, checks=self.checks, task=task, quantity=quantity)


class CheckItem(pytest.Item):
    """One check.

    Args:
        checks: The session's checks.
        task: What it comes from.
        quantity: What is looked at.
        **rest: What pytest says of an item.
    """

    def __init__(self, *, checks: _Checks, task: Task, quantity: Quantity, **rest: Any) -> None:
        super().__init__(**rest)
        self.checks, self.task, self.quantity = checks, task, quantity
        self.check: Check = task.check(quantity)
        self.extra_keyword_matches |= {self.check.backend, self.check.mode, self.check.dtype, self.check.quantity}

    def runtest(self) -> None:
        """Report the judgement: a declared gap is a skip, what is not fine a failure."""
        from harness.report.standing import Standing

        line = self.checks.line(self)
        judgement = line.judgement
        facts = (("standing", str(line.standing)), ("z", judgement.z), ("reference", judgement.reference))
        self.user_properties += [fact for fact in facts if fact[1] is not None]
        if line.standing is Standing.UNSUPPORTED:
            pytest.skip(line.reason)
        if not line.standing.fine:
            raise _NotFineError(line)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *arguments: Any, **keywords: Any) -> Any:
        """Print what is known of the check in place of a traceback."""
        if isinstance(excinfo.value, _NotFineError):
            return self.checks.explain(self, excinfo.value.line)
        return super().repr_failure(excinfo, *arguments, **keywords)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Give the case's file and line, counted from 0."""
        case = self.task.subject.case
        return self.path, case.line - 1, self.name


class _NoTests(pytest.Module):
    """A case file, seen as a test module: it holds no tests, and is not imported."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        return []


def _options(config: pytest.Config) -> Options:
    """Put together what the command line and pyproject.toml say."""
    from harness.cli import main
    from harness.options import fields
    from harness.pipeline import Options
    from harness.settings import read

    said = read(config.rootpath, main.commands["run"].params)
    for name in (*_SEVERAL, *_ONE, "no_cache"):
        given = config.getoption(f"harness_{name}")
        if given is not None:
            said[name] = tuple(given) if name in _SEVERAL else given
    plan = fields(said)
    plan["store"] = config.rootpath / plan.get("store", ".harness")
    plan["folders"] = (str(config.rootpath),)  # some cases, not all of them: the ledger may speak of others
    plan["index"] = False  # a failing item shows arrays, which only the segments hold
    known = {field.name for field in dataclasses.fields(Options)}
    return Options(**{name: value for name, value in plan.items() if name in known - {"shard"}})


def _declares_cases(path: Path) -> bool:
    """Whether a function at the file's top level is decorated with harness's `case`. Runs nothing."""
    if path.suffix != ".py":
        return False
    try:
        source = path.read_text(encoding="utf-8")
        if "harness" not in source:
            return False
        tree = ast.parse(source)
    except (OSError, UnicodeDecodeError):
        return False
    except SyntaxError:
        return "@case" in source  # let it be collected, so that the error is shown
    names = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module in {"harness", "harness.collect.case"}:
            names |= {alias.asname or alias.name for alias in node.names if alias.name == "case"}
        elif isinstance(node, ast.Import):
            names |= {f"{alias.asname or alias.name}.case" for alias in node.names if alias.name == "harness"}
    return any(
        isinstance(decorator, ast.Call) and ast.unparse(decorator.func) in names
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
    )


def _path(path: Path) -> str:
    """Write a path as short as it can be typed."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
