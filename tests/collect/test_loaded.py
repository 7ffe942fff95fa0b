"""Fingerprints follow what runs: what a worker loads, and the rows that a case uses.

The ids are computed by a fresh process from a copy of the package, before and after an edit of the copy.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import harness
from harness.collect.closure import closure
from harness.collect.loaded import OBSERVER, REFEREE, WORKER
from harness.collect.registry import collect
from harness.collect.subject import Subject
from harness.messages import Observe, Prove
from harness.model import Outcome
from harness.observe.environment import find_backends, worker_environment
from harness.observe.workers.supervisor import End, Reply, Worker
from harness.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__: list[str] = []

PACKAGE = Path(harness.__file__).parent
BACKENDS = frozenset({"numpy", "torch", "tensorflow", "jax"})
ALL = BACKENDS | {"reference"}
TAPES = frozenset({"reference", "numpy"})
REFERENCE = frozenset({"reference"})

CASES = '''\
"""Cases of a few rows each."""

from harness import case, given


@case(x=given([1.0, 2.0]))
def plain(xp, x):
    return x * 2.0


@case(x=given([1.0, 2.0]))
def logarithm(xp, x):
    return xp.log1p(x)


@case(x=given([1.0, 2.0]))
def logaddexp(xp, x):
    return xp.logaddexp(x, x)


@case(x=given([1.0, 2.0]))
def boxcox(xp, x):
    return xp.special.boxcox1p(x, 2.0)


@case(x=given([1.0, 2.0]))
def squareplus(xp, x):
    return _helper(xp, x)


def _helper(xp, x):
    return xp.nn.squareplus(x)


@case(x=given([1.0, 2.0]))
def bessel_j(xp, x):
    return xp.special.j0(x)


@case(x=given([1.0, 2.0]))
def bessel_y(xp, x):
    return xp.special.y0(x)


@case(x=given([1.0, 2.0]))
def bessel_i(xp, x):
    return xp.special.i0(x)


@case(x=given([1.0, 2.0]))
def hyperbolic(xp, x):
    return xp.tanh(x)


@case(x=given([1.0, 2.0]))
def incomplete(xp, x):
    return xp.special.gammainc(2.0, x)


@case(x=given([1.0, 2.0]))
def by_program(xp, x):
    return x + 1.0


@by_program.program
def _by_tangent(xp, x):
    return xp.tan(x) - xp.tan(x) + x + 1.0


@case(x=given([1.0, 2.0]))
def native_too(xp, x):
    return xp.cosh(x)


@native_too.native("torch")
def _native(x):
    import torch

    return torch.cosh(x)
'''

PROGRAM = """\
import json, sys
from pathlib import Path
from harness.collect.kept import kept_in
from harness.collect.plan import Wanted, tasks_of
from harness.collect.registry import collect, select
from harness.backend import Backend
from harness.observe.environment import BUILT_IN

backends = [Backend(name=name, target=target, python="", modes=("eager",)) for name, target in BUILT_IN.items()]
found = {}
with kept_in(Path(sys.argv[1])):
    for task in tasks_of(select(collect([sys.argv[1]]), ()), backends, Wanted()):
        ids = found.setdefault(task.subject.case.name, {})
        ids["reference"] = task.subject.reference_id
        ids[task.backend.name + ("" if task.implementation == "portable" else " native")] = task.key
print(json.dumps(found))
"""

Ids = dict[str, dict[str, str]]


def ids_of(root: Path, cases: Path) -> Ids:
    """Give case to backend, or `reference`, to id, as the package below a folder says."""
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(cases)], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    found: Ids = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Ids]:
    """Copy the package, write cases, and give both with the ids."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, root / "harness", ignore=shutil.ignore_patterns("__pycache__", "_cases"))
    cases = root / "cases" / "few"
    cases.mkdir(parents=True)
    (cases / "few.py").write_text(CASES, encoding="utf-8")
    return root, cases, ids_of(root, cases)


def changed(copy: tuple[Path, Path, Ids], file: str, old: str, new: str) -> dict[str, set[str]]:
    """Edit the copy, give the ids that are others now, and take the edit back."""
    root, cases, before = copy
    path = root / "harness" / file
    source = path.read_text(encoding="utf-8")
    assert source.count(old) == 1, f"{file}: {old!r} stands there {source.count(old)} times"
    path.write_text(source.replace(old, new), encoding="utf-8")
    try:
        after = ids_of(root, cases)
    finally:
        path.write_text(source, encoding="utf-8")
    assert before.keys() == after.keys()
    found = {name: {one for one in ids if ids[one] != after[name][one]} for name, ids in before.items()}
    return {name: ones for name, ones in found.items() if ones}


NOTHING = {
    "a row's summary": ("operations/elementwise.py", '"arsinh x"', '"the inverse of sinh"'),
    "a docstring": ("operations/elementwise.py", "so that no square leaves the range:", "as customary:"),
    "a comment": ("operations/elementwise.py", "# Arithmetic: correctly", "# Sums and products: correctly"),
    "lines and spaces": ("operations/elementwise.py", "    return xp.sqrt(a * a + b * b)", "\n    return xp.sqrt(a*a + b*b)"),
    "a cost": ("operations/elementwise.py", '"a + b", PRIMITIVE, accuracy=1, cost=elementwise(factor=2)', '"a + b", PRIMITIVE, accuracy=1, cost=elementwise(factor=3)'),
    "a docstring of the tape": ("reference/variables.py", '"""Length of the first axis."""', '"""The length of the first axis."""'),
    "a row that nobody uses": ("operations/elementwise.py", "(s + (s * s + 1).sqrt()).log()", "(s + (1 + s * s).sqrt()).log()"),
    "a command": ("cli.py", "__all__ = [", "_NOTHING = 0\n__all__ = ["),
}  # fmt: skip


@pytest.mark.parametrize("edit", NOTHING)
def test_what_decides_nothing_changes_no_id(copy: tuple[Path, Path, Ids], edit: str) -> None:
    """Docstrings, comments, layout, summaries and costs decide no result, nor does what nobody loads."""
    assert {} == changed(copy, *NOTHING[edit])


def each(names: str, who: frozenset[str]) -> dict[str, set[str]]:
    """Make an expectation: the same backends for some cases."""
    return {name: set(who) for name in names.split()}


LOG1P = 'Elementwise("log1p", lambda s: (1 + s).log(), derivative=lambda xp, x, y: 1 / (x + 1)),\n'
WORDS = "WORDS: dict[str, Column] = {\n"

ROWS: dict[str, tuple[tuple[str, str, str], dict[str, set[str]]]] = {
    "the meaning of a row that frameworks have": (
        ("operations/elementwise.py", "return xp.maximum(a, b) + xp.log1p(", "return xp.maximum(b, a) + xp.log1p("),
        each("logaddexp", TAPES),
    ),
    "the meaning of a row that frameworks run": (
        ("operations/nn/activations.py", "(x + xp.sqrt(x * x + b)) / 2", "(xp.sqrt(x * x + b) + x) / 2"),
        each("squareplus", ALL - {"jax"}),
    ),
    "a helper of another module, of three rows": (
        ("operations/special/expansions.py", "return sum(terms[1:], terms[0]) / 2**k", "return sum(terms) / 2**k"),
        each("bessel_j bessel_y bessel_i", TAPES),
    ),
    "a helper of two rows, of which one is used": (
        ("operations/elementwise.py", "-series(-s) if s[0] < 0", "-series(-s) if s[0] <= 0"),
        each("hyperbolic", TAPES),
    ),
    "an accuracy, directly and through other rows": (
        ("operations/elementwise.py", LOG1P, LOG1P + "        accuracy=3,\n"),
        each("logarithm logaddexp boxcox", REFERENCE),
    ),
    "a program": (
        ("operations/elementwise.py", "xp.exp(a - value) + xp.exp(b - value)", "xp.exp(b - value) + xp.exp(a - value)"),
        each("logaddexp", TAPES),
    ),
    "a further program": (
        ("operations/elementwise.py", "xp.stop_gradient(4 * xp.special.expit(2 * x)", "xp.stop_gradient(4.0 * xp.special.expit(2 * x)"),
        each("hyperbolic", REFERENCE),
    ),
    "a member of a family": (
        ("operations/special/families.py", "factor = np.exp(a * np.log(x) - x - math.lgamma(a))", "factor = np.exp(a * np.log(x) - math.lgamma(a) - x)"),
        each("incomplete", TAPES),
    ),
    "a row of a case's program": (
        ("operations/elementwise.py", '_standard("tan", "tan x", Elementwise(', '_standard("tan", "tan x", accuracy=3, meaning=Elementwise('),
        each("by_program", REFERENCE),
    ),
    "a word of a framework": (
        ("adapters/torch_words/arrays.py", WORDS, WORDS + '    "log1p": "log1p",\n'),
        each("logarithm boxcox", frozenset({"torch"})),
    ),
    "a word of a framework with a native implementation": (
        ("adapters/torch_words/arrays.py", WORDS, WORDS + '    "cosh": "cosh",\n'),
        each("native_too", frozenset({"torch"})),
    ),
    "a word of NumPy": (
        ("reference/numpy_words.py", WORDS, WORDS + '    "log1p": "log1p",\n'),
        each("logarithm logaddexp boxcox", TAPES),
    ),
}  # fmt: skip


@pytest.mark.parametrize("edit", ROWS)
def test_a_row_changes_the_ids_of_those_who_use_it(copy: tuple[Path, Path, Ids], edit: str) -> None:
    """What a row means changes the ids of the cases that use it, where it counts, and no others."""
    change, expected = ROWS[edit]
    assert expected == changed(copy, *change)


LOADED: dict[str, tuple[tuple[str, str, str], frozenset[str]]] = {
    "balls": (("reference/balls.py", "\n__all__ = [", "\n_NOTHING = 0\n__all__ = ["), REFERENCE),
    "the tape": (("reference/tape.py", "\n__all__ = [", "\n_NOTHING = 0\n__all__ = ["), TAPES),
    "trials": (("observe/handlers/trial.py", "\n__all__ = [", "\n_NOTHING = 0\n__all__ = ["), BACKENDS),
    "the worker": (("observe/workers/worker.py", "\n__all__ = [", "\n_NOTHING = 0\n__all__ = ["), ALL),
    "an adapter": (
        ("adapters/torch_derivatives.py", "\n__all__ = [", "\n_NOTHING = 0\n__all__ = ["),
        frozenset({"torch"}),
    ),
    "a namespace": (
        ("adapters/tensorflow_namespace/linear.py", "\n__all__ = [", "\n_NOTHING = 0\n__all__ = ["),
        frozenset({"tensorflow"}),
    ),
    "what finds words": (("operations/namespace.py", "\n__all__ = [", "\n_NOTHING = 0\n__all__ = ["), ALL),
    "draws": (("collect/samples.py", "\n__all__ = [", "\n_NOTHING = 0\n__all__ = ["), ALL),
    "a constant of the vocabulary": (("operations/table.py", '"e": math.e', '"e": 2.718'), ALL),
}


@pytest.mark.parametrize("edit", LOADED)
def test_what_a_worker_loads_changes_its_ids(copy: tuple[Path, Path, Ids], edit: str) -> None:
    """A module changes the ids of what loads it, for every case, a native implementation's too; and no others."""
    change, expected = LOADED[edit]
    found = changed(copy, *change)
    native = {"torch native"} if "torch" in expected else set()
    _, _, ids = copy
    assert {name: set(expected) | (native & ones.keys()) for name, ones in ids.items()} == found


# What workers really load.

SPY = """\
import sys


class _Spy:
    def __init__(self, handler):
        self._handler = handler

    def hello(self):
        return self._handler.hello()

    def handle(self, header, arrays):
        if "spy" not in header:
            return self._handler.handle(header, arrays)
        names = sorted(name for name in sys.modules if name.split(".")[0] in {"harness", "outside"})
        return {"loaded": names}, []


def observer(**options):
    from harness.observe.handlers.observer import Observer

    return _Spy(Observer(**options))


def referee():
    from harness.reference.handler import Referee

    return _Spy(Referee())
"""

QUANTITIES = ("value", "vjp:x", "jvp", "hvp:x", "curvature", "jacobian:x", "vmap")
INSTALLED = [backend for backend in find_backends(None) if backend.found]


def loaded_by(folder: Path, target: str, options: Mapping[str, Any], request: Mapping[str, Any]) -> set[str]:
    """Let a worker answer a request, and give the modules that it has loaded then."""
    (folder / "spy.py").write_text(SPY, encoding="utf-8")
    environment = worker_environment(INSTALLED[0])
    environment["PYTHONPATH"] = os.pathsep.join([environment["PYTHONPATH"], str(folder)])
    with Worker(sys.executable, target, options, environment) as worker:
        *answers, end = worker.call(request, [np.array([1.0, 2.0], dtype=np.float32)])
        assert End(Outcome.COMPLETED) == end
        outcomes = {one.header["outcome"] for one in answers if isinstance(one, Reply) and "outcome" in one.header}
        assert outcomes <= {"completed", "unsupported"}
        answer, _ = worker.call({"spy": True})
    assert isinstance(answer, Reply)
    return set(answer.header["loaded"])


def subject_in(folder: Path) -> Subject:
    """Write the cases, and give a subject that uses rows of several kinds."""
    area = folder / "few"
    area.mkdir(exist_ok=True)
    (area / "few.py").write_text(CASES, encoding="utf-8")
    case = collect([folder])["few/logaddexp"]
    return Subject(case, case.samples["given"], "float32", 0, tuple(Quantity.parse(one).kind for one in QUANTITIES))


@pytest.mark.parametrize("backend", INSTALLED, ids=lambda backend: backend.name)
def test_an_observing_worker_loads_what_was_computed(backend: Any, tmp_path: Path) -> None:
    """What is in `sys.modules` after every kind of quantity is in the closure that the fingerprint names."""
    request = subject_in(tmp_path).request(Observe, quantities=tuple(map(Quantity.parse, QUANTITIES)))
    found = loaded_by(tmp_path, "spy:observer", {"adapter": backend.name}, request.header())
    module = backend.target.partition(":")[0]
    assert {module, WORKER.rpartition(".")[0], OBSERVER, "harness.operations.elementwise"} <= found
    assert set() == found - set(closure(WORKER, OBSERVER, module))


def test_the_reference_s_worker_loads_what_was_computed(tmp_path: Path) -> None:
    """The same of the worker that proves."""
    request = subject_in(tmp_path).request(Prove, differentiate=("x",))
    found = loaded_by(tmp_path, "spy:referee", {}, request.header())
    assert {REFEREE, "harness.reference.balls", "harness.operations.elementwise"} <= found
    assert set() == found - set(closure(WORKER, REFEREE))
