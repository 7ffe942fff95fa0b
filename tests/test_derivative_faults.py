"""What is wrong in one quantity, by one path, in one mode or dtype is caught there, and nowhere else."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from harness.collect.plan import PROFILES, Subject, Task, Wanted, tasks_of
from harness.collect.registry import collect, select
from harness.judge.agreement import judge
from harness.messages import Answer, Prove
from harness.model import Array, Observation, Outcome, Reference, Truth, Verdict
from harness.observe.environment import find_backends
from harness.observe.handlers.observer import Observer
from harness.quantity import KINDS, Quantity
from harness.reference.handler import Referee
from tests import fakes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.model import Judgement

__all__: list[str] = []

# Curved, so that no derivative is constant or zero; not symmetrical, so that rows and samples differ.
CASES = '''
from harness import case, given


@case(x=given([0.5, 1.0, -1.5]), y=given([0.75, -0.25, 2.0]))
def curve(xp, x, y):
    """exp(sin x) y³, elementwise."""
    return xp.exp(xp.sin(x)) * y**3
'''

COMPILED = ("aot", "compile", "function", "xla", "jit")
DERIVED = tuple(
    Quantity(kind.name, of).name
    for kind in KINDS.values()
    if kind.is_derivative
    for of in (("x", "y") if kind.per == "input" else ("",))
)


class Asked(NamedTuple):
    """A quantity, asked for by a path, and the mode."""

    mode: str
    quantity: str


EAGER = [Asked("eager", quantity) for quantity in ("value", "vmap", *DERIVED, *(f"{word}@again" for word in DERIVED))]
EVERYWHERE = [*EAGER, *(Asked(mode, quantity) for mode in COMPILED for quantity in ("value", "vmap", *DERIVED))]
"""What is looked at: each further path in eager mode alone."""


def _of(kind: str, *modes: str) -> set[Asked]:
    return {one for one in EVERYWHERE if one.quantity.partition("@")[0].partition(":")[0] == kind and one.mode in modes}


FATES: dict[str, set[Asked]] = {
    "Complete": set(),
    "WrongForward": _of("jvp", "eager", *COMPILED),
    "WrongSecondOrder": _of("hvp", "eager", *COMPILED),
    "WrongForwardOverForward": _of("curvature", "eager", *COMPILED),
    "WrongJacobian": _of("jacobian", "eager", *COMPILED),
    "WrongBatch": _of("vmap", "eager", *COMPILED),
    "WrongPath": {Asked("eager", "vjp:x@again"), Asked("eager", "vjp:y@again")},
    "WrongCompiled": _of("vjp", "xla"),
    "StaleValue": _of("value", *COMPILED),
    "StaleGradient": _of("vjp", *COMPILED),
    "StaleSecondOrder": _of("hvp", *COMPILED),
    "WrongAtFirst": _of("value", "eager"),
    "GradientWrongAtFirst": _of("vjp", "eager"),
    "WrongLater": _of("value", "eager", *COMPILED),
    "PreviousResult": _of("vjp", "eager", *COMPILED),
}
"""Adapter to what must disagree. Everything else must agree."""

Verdicts = dict[Asked, "Judgement"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the case down."""
    path: Path = tmp_path_factory.mktemp("derivatives")
    (path / "curves.py").write_text(CASES)
    return path


@pytest.fixture(scope="module")
def judged(folder: Path) -> Any:
    """Judge an adapter in this process, once, in everything it can be asked for."""
    references: dict[str, Reference] = {}

    @functools.cache
    def run(word: str, dtype: str) -> Verdicts:
        target = f"tests.fakes:{word}"
        found = {}
        for task in _tasks(folder, target, dtype):
            key = task.subject.reference_id
            if key not in references:
                references[key] = _reference(task.subject)
            for observation in _observations(Observer(target), task):
                check = observation.check
                found[Asked(check.mode, check.asked)] = judge(observation, references[key])
        return found

    return run


def _tasks(folder: Path, target: str, dtype: str) -> list[Task]:
    name = getattr(fakes, target.rpartition(":")[2]).name
    backends = [one for one in find_backends([name], [target]) if one.name == name]
    wanted = Wanted(dtypes=(dtype,), quantities=PROFILES["full"].kinds, thorough=True)
    return tasks_of(select(collect([folder]), []), backends, wanted)


def _observations(observer: Observer, task: Task) -> Iterator[Observation]:
    inputs = list(task.subject.inputs().values())
    for header, arrays in observer.handle(task.request().header(), inputs):
        if "quantity" in header:
            answer = Answer.of(header)
            yield Observation(
                id=task.id(answer.quantity),
                check=task.check(answer.quantity),
                outcome=Outcome(answer.outcome),
                reason=answer.reason,
                value=Array.of(arrays[0]) if arrays else None,
                first=Array.of(arrays[1]) if len(arrays) > 1 else None,
                stale=answer.stale,
            )


def _reference(subject: Subject) -> Reference:
    request = subject.request(Prove, differentiate=tuple(subject.sample.differentiable))
    ((answer, arrays),) = Referee().handle(request.header(), list(subject.inputs().values()))
    fields: dict[str, dict[str, Array]] = {}
    for (quantity, name), array in zip(answer["fields"], arrays, strict=True):
        fields.setdefault(quantity, {})[name] = Array.of(array)
    case_id, sample, dtype = subject.place
    return Reference(
        id=subject.reference_id,
        case=case_id,
        sample=sample,
        dtype=dtype,
        kind=answer["kind"],
        quantities={quantity: Truth(**parts) for quantity, parts in fields.items()},
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("word", FATES)
def test_a_fault_is_caught_by_its_quantity_alone(judged: Any, word: str, dtype: str) -> None:
    """What disagrees is what is wrong; everything else is looked at too, and agrees."""
    found: Verdicts = judged(word, dtype)
    assert set(EVERYWHERE) == set(found)
    assert FATES[word] == {asked for asked, one in found.items() if one.verdict is Verdict.DISAGREES}
    assert {Verdict.AGREES} == {one.verdict for asked, one in found.items() if asked not in FATES[word]}


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_a_fault_in_one_dtype_is_caught_in_that_alone(judged: Any, dtype: str) -> None:
    """What is wrong in bfloat16 disagrees there; in the other dtypes everything agrees."""
    wrong = _of("vjp", "eager", *COMPILED) if dtype == "bfloat16" else set()
    found: Verdicts = judged("WrongBfloat16", dtype)
    assert wrong == {asked for asked, one in found.items() if one.verdict is not Verdict.AGREES}
    assert {Outcome.COMPLETED} == {one.outcome for one in found.values()}


def test_every_reference_is_a_proof(judged: Any) -> None:
    """The truth of every quantity is proved."""
    assert {"proved"} == {one.reference for one in judged("Complete", "float32").values()}


@pytest.mark.parametrize("mode", COMPILED)
@pytest.mark.parametrize("word", ["StaleValue", "StaleGradient", "StaleSecondOrder"])
def test_a_stale_trace_is_called_one_in_every_compiled_mode(judged: Any, word: str, mode: str) -> None:
    """What came for the inputs it was prepared with is recognised where it comes again."""
    found: Verdicts = judged(word, "float32")
    reasons = [found[asked].reason or "" for asked in FATES[word] if asked.mode == mode]
    assert reasons
    assert all(reason.startswith("stale trace") for reason in reasons)


@pytest.mark.parametrize(("word", "which"), [("WrongAtFirst", "first"), ("WrongLater", "second")])
def test_which_of_two_calls_is_wrong_is_said(judged: Any, word: str, which: str) -> None:
    """The worse one counts, and the reason says which one that is."""
    found: Verdicts = judged(word, "float32")
    reason = found[Asked("eager", "value")].reason or ""
    assert reason.startswith(f"the {which} of two calls is wrong")


def test_what_is_merely_wrong_is_not_called_stale(judged: Any) -> None:
    """A compiled gradient that is a thousandth too large is no stale trace."""
    found: Verdicts = judged("WrongCompiled", "float32")
    assert not [one for one in found.values() if "stale" in (one.reason or "")]
