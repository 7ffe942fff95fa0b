"""One direction of flow between rooms, and frameworks in workers alone."""

from __future__ import annotations

import ast
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import harness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__: list[str] = []

ROOT = Path(harness.__file__).resolve().parent.parent

# A module may import from its own room and from rooms above it in this list, wherever in the file the import stands.
ROOMS = (
    ("errors", "every room raises them"),
    ("quantity", "what is checked, in one table; workers know it too"),
    ("processor", "the vector instructions of this machine"),
    ("backend", "an adapter in an environment on a device"),
    ("messages", "what passes between the host and its workers"),
    ("model", "the records that pass between rooms"),
    ("operations", "the vocabulary, which cases, adapters and the reference share"),
    ("collect", "finds and draws cases, knows the words they may use"),
    ("", "the package itself: what a case author imports, a front for collect"),
    ("reference", "runs cases on balls; needs no backend"),
    ("adapters", "one framework each; NumPy's gradients come from the reference's tape"),
    ("observe", "runs adapters and the reference in workers"),
    ("judge", "holds observations against references"),
    ("explore", "looks further where a judgement says so"),
    ("upgrade", "observes and judges two environments"),
    ("report", "renders what was judged"),
    ("planning", "what was asked for, and the plan that it comes to"),
    ("pipeline", "the run as a flow of values"),
    ("timing", "the timing run as one list of steps"),
    ("listing", "what there is to run"),
    ("settings", "what pyproject.toml says"),
    ("options", "what commands and pytest may be told, and the plan that it comes to"),
    ("arguments", "the same as click's options"),
    ("cli", "the commands, over the pipeline"),
    ("pytest_plugin", "the pipeline as pytest items"),
    ("__main__", "python -m harness"),
)
ORDER = {room: number for number, (room, _) in enumerate(ROOMS)}

# A framework's distribution may bring several packages: each belongs to the adapter of that name.
FRAMEWORKS = {
    "torch": "torch",
    "array_api_compat": "torch",
    "tensorflow": "tensorflow",
    "keras": "tensorflow",
    "jax": "jax",
    "jaxlib": "jax",
}

MODULES = sorted(
    ["harness", *(found.name for found in pkgutil.walk_packages(harness.__path__, "harness."))],
    key=str,
)
ADAPTERS = [name for name in MODULES if name.startswith("harness.adapters.")]
WRITTEN = sorted(
    file
    for folder in ("harness", "cases", "tests")
    for file in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in file.parts
)

# What a backend's process loads before its framework.
WORKER = [
    "harness.observe.workers.worker",
    "harness.observe.handlers.answers",
    "harness.observe.handlers.observer",
    "harness.observe.timing.clock",
    "harness.observe.timing.counting",
    "harness.observe.timing.machine",
    "harness.observe.handlers.trial",
    "harness.adapters.base",
    "harness.adapters.numpy",
    "harness.reference.tape",
    "harness.reference.floats",
    "harness.collect.registry",
    "harness.collect.samples",
    "harness.collect.directions",
]


def file_of(module: str) -> Path:
    """Give the file of a module of this checkout."""
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def imported(source: str) -> list[str]:
    """Give the dotted names that a source imports, at any depth; `from a import b` gives `a.b`."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def imported_at_once(source: str) -> list[str]:
    """Give the dotted names that are imported when the module is: outside every function."""
    waiting: list[ast.AST] = [ast.parse(source)]
    names: list[str] = []
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names += imported(ast.unparse(node))
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)
    return names


def room_of(name: str) -> str:
    """Give the room of a dotted name below `harness`; a name that is no module is the package's own."""
    words = name.split(".")
    return words[1] if len(words) > 1 and words[1] in ORDER else ""


def uphill(module: str, source: str) -> list[str]:
    """Give the imports of a module that lead to a room further down the list."""
    own = ORDER[room_of(module)]
    names = [name for name in imported(source) if name.split(".")[0] == "harness"]
    return [name for name in names if ORDER[room_of(name)] > own]


def frameworks_in(names: list[str]) -> list[str]:
    """Give the frameworks' packages among dotted names."""
    return [name.split(".")[0] for name in names if name.split(".")[0] in FRAMEWORKS]


def loaded_by(modules: list[str], more: str = "") -> list[str]:
    """Give the top-level packages that a fresh Python loads when it imports these modules."""
    program = (
        "import importlib, sys\n"
        "before = set(sys.modules)\n"
        f"for name in {modules!r}:\n    importlib.import_module(name)\n"
        f"{more}\n"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_room(module: str) -> None:
    """Every module stands in a room that the list knows."""
    words = module.split(".")
    assert len(words) == 1 or words[1] in ORDER


@pytest.mark.parametrize("module", MODULES)
def test_imports_flow_one_way(module: str) -> None:
    """No module imports from a room to its right."""
    assert [] == uphill(module, file_of(module).read_text(encoding="utf-8"))


def test_an_uphill_import_is_seen() -> None:
    """An import against the flow is found also inside a function; one with the flow is not."""
    assert ["harness.judge.agreement"] == uphill(
        "harness.collect.case", "def f():\n    import harness.judge.agreement\n"
    )
    assert ["harness.observe.store"] == uphill("harness.model", "from harness.observe import store\n")
    assert ["harness.case"] == uphill("harness.operations.table", "from harness import case\n")
    assert [] == uphill("harness.judge.agreement", "from harness.model import Verdict\nfrom harness import case\n")


def circles(imports: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Give the sets of modules that import each other, directly or around corners: the strongly connected components."""
    reached: dict[str, set[str]] = {}
    for module in imports:
        waiting, seen = [*imports[module]], set()
        while waiting:
            name = waiting.pop()
            if name in imports and name not in seen:
                seen.add(name)
                waiting += imports[name]
        reached[module] = seen
    found = {tuple(sorted(b for b in reached[a] if a in reached[b])) for a in imports if a in reached[a]}
    return [list(circle) for circle in sorted(found)]


def module_of(name: str) -> str:
    """Give the module that a dotted name of this package stands in: itself, or the one above it."""
    return name if name in MODULES else name.rpartition(".")[0]


def test_no_modules_import_each_other() -> None:
    """There is no circle of imports, whether they stand at the top, in a function or below TYPE_CHECKING."""
    imports = {
        module: [module_of(name) for name in imported(file_of(module).read_text(encoding="utf-8"))]
        for module in MODULES
    }
    assert [] == circles(imports)


@pytest.mark.parametrize("module", MODULES)
def test_a_long_module_says_why(module: str) -> None:
    """A module of more than 400 lines has a sentence in its docstring that begins with `Long because`."""
    source = file_of(module).read_text(encoding="utf-8")
    lines = len(source.splitlines())
    assert lines <= 400 or "Long because" in (ast.get_docstring(ast.parse(source)) or ""), f"{lines} lines"


def test_a_circle_is_seen() -> None:
    """Two that import each other, three around a corner, and one that imports itself; a chain is none."""
    assert [["a", "b"]] == circles({"a": ["b", "x"], "b": ["a"], "c": ["a"]})
    assert [["a", "b", "c"]] == circles({"a": ["b"], "b": ["c"], "c": ["a"]})
    assert [["a"], ["b", "c"]] == circles({"a": ["a", "b"], "b": ["c"], "c": ["b"]})
    assert [] == circles({"a": ["b", "c"], "b": ["c"], "c": []})
    assert ["harness.model", "harness.model", "harness"] == [
        module_of(name) for name in ("harness.model.Check", "harness.model", "harness.case")
    ]


@pytest.mark.parametrize("file", WRITTEN, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_no_framework_is_imported_at_module_level(file: Path) -> None:
    """Frameworks are imported inside functions, in case files and tests too."""
    assert [] == frameworks_in(imported_at_once(file.read_text(encoding="utf-8")))


def test_an_import_at_module_level_is_seen() -> None:
    """Imports below `if`, `try` and `class` count; imports inside functions do not."""
    source = "try:\n    import torch.nn\nexcept ImportError:\n    pass\nclass A:\n    from jax import numpy\n"
    assert ["jax", "torch"] == sorted(frameworks_in(imported_at_once(source)))
    assert [] == imported_at_once("def f():\n    import torch\n")


@pytest.mark.parametrize("module", MODULES)
def test_a_framework_is_imported_by_its_own_adapter_alone(module: str) -> None:
    """Inside the package, only the adapter of that name imports a framework."""
    own = module.removeprefix("harness.adapters.").split(".")[0].split("_")[0] if module in ADAPTERS else ""
    found = frameworks_in(imported(file_of(module).read_text(encoding="utf-8")))
    assert [] == [name for name in found if FRAMEWORKS[name] != own]


@pytest.mark.parametrize("module", ADAPTERS)
def test_no_adapter_imports_another(module: str) -> None:
    """An adapter knows the contract, its own modules and no other adapter."""
    own = module.removeprefix("harness.adapters.").split(".")[0].split("_")[0]
    allowed = {"base", *(name.split(".")[2] for name in ADAPTERS if name.split(".")[2].split("_")[0] == own)}
    names = [
        name for name in imported(file_of(module).read_text(encoding="utf-8")) if name.startswith("harness.adapters.")
    ]
    assert [] == [name for name in names if name.split(".")[2] not in allowed]


def test_nothing_but_a_worker_loads_a_framework() -> None:
    """Every module of the package can be imported, and the standard cases collected, without a framework."""
    modules = [name for name in MODULES if name != "harness.__main__"]
    collected = "from harness.collect.registry import collect\nassert collect(['cases'])"
    assert [] == sorted(set(loaded_by(modules, collected)) & FRAMEWORKS.keys())


def test_a_worker_needs_its_framework_numpy_and_nothing_more() -> None:
    """What a worker imports brings in the standard library and NumPy, no more."""
    loaded = set(loaded_by(WORKER)) - sys.stdlib_module_names
    assert {"harness", "numpy"} == loaded
