"""The plan: which tasks and checks there are, and what decides their ids."""

from __future__ import annotations

import dataclasses
import importlib
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from harness.collect.plan import PROFILES, Probe, Subject, Task, Wanted
from harness.collect.plan import tasks_of as planned
from harness.collect.registry import collect, select
from harness.errors import NothingToRunError, SettingsError
from harness.model import Backend
from harness.quantity import KINDS, Quantity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness import Case

__all__: list[str] = []


def backend(**more: Any) -> Backend:
    """Make a backend; what is not said is that of a torch."""
    facts: dict[str, Any] = {
        "name": "torch",
        "target": "harness.adapters.torch:TorchAdapter",
        "python": "python",
        "modes": ("eager", "aot", "compile"),
        "slow_modes": ("compile",),
        "paths": {"vjp": ("func",), "hvp": ("fwdrev", "revrev")},
        "versions": {"torch": "2.13.0"},
        "settings": {"OMP_NUM_THREADS": "1"},
    }
    return Backend(**facts | more)


NUMPY = backend(name="numpy", target="harness.adapters.numpy:NumpyAdapter", modes=("eager",), paths={})
VALUE = Quantity("value")

SOURCE = '''
from harness import case, given, integers, normal


@case(x=given([1.0, 2.0]), factor=2.0)
def scaled(xp, x, *, factor):
    """One output."""
    return x * factor


scaled.sample("large", x=normal((5, 5)))


@scaled.native("torch")
def _(x, factor):
    return x * factor


@case(x=given([1.0]), index=integers((2,), 0, 1))
def several(xp, x, index):
    """Two outputs, one input that is not differentiated."""
    return xp.take(x, index), xp.sum(x)


@case(index=integers((2,), 0, 3))
def counted(xp, index):
    """Nothing to differentiate."""
    return xp.sum(index)


@case(x=given([1.0]), portable=False)
def foreign(xp, x):
    """Only natives."""


@foreign.native("torch")
def _(x):
    return x
'''


@pytest.fixture
def cases(tmp_path: Path) -> dict[str, Case]:
    path = tmp_path / "made" / "file.py"
    path.parent.mkdir()
    path.write_text(SOURCE, encoding="utf-8")
    return collect([tmp_path])


def tasks_of(cases: dict[str, Case], pattern: str, *backends: Backend, **wanted: Any) -> list[Task]:
    return planned(select(cases, [pattern]), backends or (backend(),), Wanted(**wanted))


def words(task: Task) -> tuple[str, ...]:
    return tuple(map(str, task.quantities))


def checks(tasks: list[Task]) -> list[str]:
    return [task.check(quantity).id for task in tasks for quantity in task.quantities]


# Which tasks.


def test_the_checks_of_a_case(cases: dict[str, Case]) -> None:
    """Samples, implementations, modes and quantities in the order of the catalogue; slow modes are left out."""
    expected = [
        f"made/scaled{native}[{sample}]/torch/{mode}/float32/cpu/{quantity}"
        for sample in ("given", "large")
        for native in ("", "@native")
        for mode in ("eager", "aot")
        for quantity in ("value", "vjp:x")
    ]
    assert expected == checks(tasks_of(cases, "made/scaled"))


def test_only_what_has_a_native_runs_it(cases: dict[str, Case]) -> None:
    """Another backend runs the portable function alone; a backend in an environment runs its framework's native."""
    assert {"portable"} == {task.implementation for task in tasks_of(cases, "made/scaled", NUMPY)}
    older = backend(name="torch@2.12")
    assert {"portable", "native"} == {task.implementation for task in tasks_of(cases, "made/scaled", older)}


def test_what_is_not_portable_runs_natives_alone(cases: dict[str, Case]) -> None:
    """A case that is not written in xp has no task on a backend without a native."""
    assert {"native"} == {task.implementation for task in tasks_of(cases, "made/foreign")}
    with pytest.raises(NothingToRunError):
        tasks_of(cases, "made/foreign", NUMPY)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("made/scaled[given]", ("value", "vjp:x", "jvp", "hvp:x", "curvature", "jacobian:x", "vmap")),
        ("made/scaled[large]", ("value", "vjp:x", "jvp", "hvp:x", "curvature", "vmap")),
        (
            "made/several",
            ("value:0", "value:1", "vjp:x", "jvp:0", "jvp:1", "hvp:x", "curvature", "vmap:0", "vmap:1"),
        ),
        ("made/counted", ("value", "vmap")),
    ],
)
def test_every_quantity_of_a_case(cases: dict[str, Case], pattern: str, expected: tuple[str, ...]) -> None:
    """Outputs are numbered, integers have no derivative, and only small inputs a whole Jacobian."""
    (task,) = tasks_of(cases, pattern, NUMPY, quantities=tuple(KINDS))
    assert expected == words(task)


@pytest.mark.parametrize(
    ("quantities", "expected"),
    [
        (("value",), ("value:0", "value:1")),
        (("vjp",), ("vjp:x",)),
        (("vjp:x",), ("vjp:x",)),
        (("value:1", "hvp"), ("value:1", "hvp:x")),
        (("vjp@func",), ("vjp:x@func",)),
        (("vjp:x@func", "vjp"), ("vjp:x", "vjp:x@func")),
    ],
)
def test_quantities_can_be_chosen(
    cases: dict[str, Case], quantities: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """By kind, in full, and by path, in the order of the plan."""
    (task, *_) = tasks_of(cases, "made/several", quantities=quantities, modes=("eager",))
    assert expected == words(task)


def test_thorough_plans_take_every_path_once(cases: dict[str, Case]) -> None:
    """Slow modes are run, and further paths in eager mode, for the portable function and the first sample."""
    tasks = tasks_of(cases, "made/scaled", quantities=("vjp", "hvp"), thorough=True)
    assert {"eager", "aot", "compile"} == {task.mode for task in tasks}
    with_paths = [task for task in tasks if any(quantity.path for quantity in task.quantities)]
    (only,) = with_paths
    assert ("vjp:x", "vjp:x@func", "hvp:x", "hvp:x@fwdrev", "hvp:x@revrev") == words(only)
    assert ("eager", "portable", "given") == (only.mode, only.implementation, only.subject.name)


def test_modes_dtypes_and_seeds_can_be_chosen(cases: dict[str, Case]) -> None:
    """A mode that is asked for is run, a slow one too; each dtype and each seed has tasks of its own."""
    slow = tasks_of(cases, "made/counted", modes=("compile",))
    assert ["compile"] == [task.mode for task in slow]
    tasks = tasks_of(cases, "made/counted", NUMPY, dtypes=("float32", "float64"), seeds=(0, 3))
    expected = [(dtype, name) for dtype in ("float32", "float64") for name in ("integers", "integers#3")]
    assert expected == [(task.subject.dtype, task.subject.name) for task in tasks]


def test_a_slow_mode_is_looked_at_for_values_and_gradients_in_one_dtype(cases: dict[str, Case]) -> None:
    """Unless it is asked for by name: then it is run for all that is wanted."""
    full = {"dtypes": ("float32", "float64"), "quantities": ("value", "vjp", "jvp"), "thorough": True}
    slow = [task for task in tasks_of(cases, "made/scaled", **full) if task.mode == "compile"]
    assert {("float32", ("value", "vjp:x"))} == {(task.subject.dtype, words(task)) for task in slow}
    asked = tasks_of(cases, "made/scaled", modes=("compile",), **full)
    assert {"float32", "float64"} == {task.subject.dtype for task in asked}
    assert all("jvp" in words(task) for task in asked)


def test_a_mode_of_one_backend_leaves_the_others_out(cases: dict[str, Case]) -> None:
    """Backends without the mode have no task."""
    assert {"torch"} == {task.backend.name for task in tasks_of(cases, "made/scaled", backend(), NUMPY, modes=("aot",))}


@pytest.mark.parametrize(
    ("wanted", "error", "message"),
    [
        ({"modes": ("agr",)}, SettingsError, r"-m 'agr': the chosen backends offer eager, aot, compile\."),
        ({"modes": ("eagr",)}, SettingsError, r"-m 'eagr': .*Did you mean 'eager'"),
        (
            {"quantities": ("vpj",)},
            SettingsError,
            r"-q 'vpj': expected one of value, vjp, .*, or one in full such as vjp:x or vjp:x@func\. Did you mean 'vjp'",
        ),
        (
            {"quantities": ("vjp:y",)},
            NothingToRunError,
            r"Nothing to run: no chosen case has one of the quantities vjp:y",
        ),
        ({"quantities": ("vjp@nowhere",)}, NothingToRunError, "Nothing to run"),
    ],
)
def test_what_leaves_nothing_is_an_error(
    cases: dict[str, Case], wanted: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Unknown modes and quantities are said with the known ones; a choice without a check says so."""
    with pytest.raises(error, match=message):
        tasks_of(cases, "made/scaled", **wanted)


def test_no_check_is_planned_twice(cases: dict[str, Case]) -> None:
    """Over everything there is, ids of checks and of observations are unique, and belong together."""
    tasks = planned(
        select(cases, []),
        (backend(), NUMPY),
        Wanted(dtypes=("float32", "float64"), quantities=tuple(KINDS), thorough=True, seeds=(0, 1)),
    )
    names = checks(tasks)
    ids = [task.id(quantity) for task in tasks for quantity in task.quantities]
    assert len(names) == len(set(names)) == len(set(ids))


def test_profiles() -> None:
    """The quick profile is values and VJPs in single precision; the full one has every quantity and dtype."""
    quick, full = PROFILES["quick"], PROFILES["full"]
    assert (("float32",), ("value", "vjp"), False) == (quick.dtypes, quick.kinds, quick.thorough)
    assert (tuple(KINDS), True) == (full.kinds, full.thorough)
    assert set(quick.dtypes) < set(full.dtypes)


def test_a_check_knows_its_path(cases: dict[str, Case]) -> None:
    """The path of a quantity is a field of its check."""
    (task,) = tasks_of(cases, "made/scaled[given]", backend(), quantities=("vjp@func",), modes=("eager",))[:1]
    found = task.check(Quantity.parse("vjp:x@func"))
    assert ("vjp:x", "func", "vjp:x@func") == (found.quantity, found.path, found.asked)


# What workers are asked.


def test_requests_name_the_computation(cases: dict[str, Case]) -> None:
    """A request holds what a worker needs to load, draw and run, in plain values."""
    (task,) = tasks_of(cases, "made/several", NUMPY, seeds=(4,))
    request = task.request()
    assert ("several", "made") == (request.case.name, request.case.area)
    assert (("x", "index"), {}, "float32") == (request.names, request.parameters, request.dtype)
    assert ("portable", "eager", ["value:0", "value:1", "vjp:x"]) == (
        request.implementation,
        request.mode,
        [*map(str, request.quantities)],
    )
    assert task.subject.cotangent_seed == request.seed


def test_cotangents_are_alike_for_every_backend_and_dtype(cases: dict[str, Case]) -> None:
    """The seed of the cotangents depends on case, sample and seed alone."""
    tasks = tasks_of(cases, "made/scaled[given]", backend(), NUMPY, dtypes=("float32", "float64"))
    assert 1 == len({task.subject.cotangent_seed for task in tasks})
    others = tasks_of(cases, "made/scaled", backend(), NUMPY, seeds=(0, 1))
    assert 4 == len({task.subject.cotangent_seed for task in others})


# What decides an id.


def subject_of(cases: dict[str, Case], pattern: str = "made/scaled[given]") -> Subject:
    return tasks_of(cases, pattern)[0].subject


def task_of(cases: dict[str, Case]) -> Task:
    return Task(subject_of(cases), backend(), "eager", "portable", (VALUE,))


CHANGES: dict[str, Callable[[Task], Task]] = {
    "seed": lambda task: dataclasses.replace(task, subject=dataclasses.replace(task.subject, seed=1)),
    "dtype": lambda task: dataclasses.replace(task, subject=dataclasses.replace(task.subject, dtype="float64")),
    "version": lambda task: dataclasses.replace(task, backend=backend(versions={"torch": "2.14.0"})),
    "another distribution": lambda task: dataclasses.replace(
        task, backend=backend(versions={"torch": "2.13.0", "numpy": "2.0"})
    ),
    "backend": lambda task: dataclasses.replace(task, backend=backend(name="torch@other")),
    "device": lambda task: dataclasses.replace(task, backend=backend(device="gpu")),
    "adapter": lambda task: dataclasses.replace(task, backend=backend(target="harness.adapters.jax:JaxAdapter")),
    "mode": lambda task: dataclasses.replace(task, mode="aot"),
    "implementation": lambda task: dataclasses.replace(task, implementation="native"),
    "settings": lambda task: dataclasses.replace(task, backend=backend(settings={"OMP_NUM_THREADS": "2"})),
    "no settings": lambda task: dataclasses.replace(task, backend=backend(settings={})),
}

SAME: dict[str, Callable[[Task], Task]] = {
    "other quantities": lambda task: dataclasses.replace(task, quantities=(Quantity("vjp", "x"), VALUE)),
    "other kinds": lambda task: dataclasses.replace(
        task, subject=dataclasses.replace(task.subject, kinds=tuple(KINDS))
    ),
    "other modes on offer": lambda task: dataclasses.replace(task, backend=backend(modes=("eager",), paths={})),
    "nothing": dataclasses.replace,
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_decides_a_result_changes_its_id(cases: dict[str, Case], change: str) -> None:
    """Seed, dtype, versions, backend, device, adapter, mode, implementation, settings: each is another observation."""
    task = task_of(cases)
    assert task.id(VALUE) != CHANGES[change](task).id(VALUE)


@pytest.mark.parametrize("change", SAME)
def test_what_decides_nothing_keeps_the_id(cases: dict[str, Case], change: str) -> None:
    """What else is asked for at the same time, or on offer, is no reason to run a check again."""
    task = task_of(cases)
    assert task.id(VALUE) == SAME[change](task).id(VALUE)


def test_each_quantity_is_an_observation(cases: dict[str, Case]) -> None:
    """Quantities, and paths to them, have ids of their own."""
    task = task_of(cases)
    assert 3 == len({task.id(Quantity.parse(text)) for text in ("value", "vjp:x", "vjp:x@func")})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return x * factor", "return factor * x"),
        ("given([1.0, 2.0]), factor=2.0", "given([1.0, 2.0]), factor=3.0"),
        ("given([1.0, 2.0])", "given([1.0, 2.5])"),
        ('"""One output."""', '"""One output, in other words."""'),
    ],
)
def test_the_source_of_a_case_decides(cases: dict[str, Case], tmp_path: Path, old: str, new: str) -> None:
    """Any edit of the file changes the ids of its observations and references."""
    before = task_of(cases)
    ids = before.key, before.subject.reference_id
    assert SOURCE.count(old) >= 1
    (tmp_path / "made" / "file.py").write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
    after = task_of(collect([tmp_path]))
    assert ids[0] != after.key
    assert ids[1] != after.subject.reference_id


def test_the_place_of_a_file_does_not_decide(cases: dict[str, Case], tmp_path: Path) -> None:
    """The same cases in another folder of the same area, or in a file of another name, are the same."""
    before = task_of(cases)
    moved = tmp_path / "elsewhere" / "made"
    moved.mkdir(parents=True)
    shutil.copy(tmp_path / "made" / "file.py", moved / "renamed.py")
    after = task_of(collect([tmp_path / "elsewhere"]))
    assert before.subject.case.path != after.subject.case.path
    assert (before.key, before.subject.reference_id) == (after.key, after.subject.reference_id)


def test_another_case_file_does_not_decide(cases: dict[str, Case], tmp_path: Path) -> None:
    """Adding a file to the catalogue changes no id of another's."""
    before = task_of(cases).key
    another = "from harness import case, given\n\n\n@case(x=given([1.0]))\ndef another(xp, x):\n    return x\n"
    (tmp_path / "made" / "another.py").write_text(another, encoding="utf-8")
    found = collect([tmp_path])
    assert "made/another" in found
    assert before == task_of(found).key


def test_the_kinds_decide_a_reference(cases: dict[str, Case]) -> None:
    """A reference that holds more quantities is another reference."""
    subject = subject_of(cases)
    assert subject.reference_id != dataclasses.replace(subject, kinds=tuple(KINDS)).reference_id


def test_an_adapter_from_outside_decides_by_its_source(
    cases: dict[str, Case], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An adapter outside the project is hashed too: two with other sources are two backends."""
    for name in ("outside_one", "outside_two", "outside_three"):
        source = "class A:\n    pass\n" if name != "outside_two" else "class A:\n    fault = 1\n"
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    one, two, three = (
        dataclasses.replace(task_of(cases), backend=backend(target=f"{name}:A")).key
        for name in ("outside_one", "outside_two", "outside_three")
    )
    assert one != two
    assert one == three


# Witnesses of a quorum.


def test_a_probe_is_a_subject_of_its_own(cases: dict[str, Case]) -> None:
    """Each probe has a name, ids and inputs of its own; probe 0 has the very inputs of the check, widened."""
    subject = subject_of(cases, "made/scaled[large]")
    probes = [
        Probe(subject.case, subject.sample, "float64", 0, number=number, rounded="float32") for number in (0, 1, 2)
    ]
    assert "large~1:float32" == probes[1].name
    assert 4 == len({one.reference_id for one in (subject, *probes)})
    exact = subject.inputs()["x"]
    found = [probe.inputs()["x"] for probe in probes]
    assert np.float64 == found[0].dtype
    assert np.array_equal(exact.astype(np.float64), found[0])
    assert not np.array_equal(found[1], found[2])
    assert (np.abs(found[1] - found[0]) <= np.abs(found[0]) * 2.0**-24).all()
