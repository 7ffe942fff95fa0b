"""What was judged is counted, sorted and worded once; renderers only write it down."""

from __future__ import annotations

import msgspec
import numpy as np

from harness.model import (
    Array,
    BackendFacts,
    CaseFacts,
    Check,
    Judgement,
    Observation,
    Outcome,
    Reference,
    Truth,
    Verdict,
)
from harness.report.build import build, columns, together
from harness.report.standing import Standing
from tests.report.catalogue import judged, made_up


def judgement(case: str = "seeds/a", verdict: Verdict | None = Verdict.AGREES, **fields: str) -> Judgement:
    """Make a judgement of a plain check."""
    names = {"sample": "given", "backend": "torch", "mode": "eager", "dtype": "float32"}
    names |= {"device": "cpu", "quantity": "value"} | fields
    return Judgement(check=Check(case, **names), version="2.13.0", outcome=Outcome.COMPLETED, verdict=verdict)


def test_every_check_is_in_exactly_one_cell_and_one_line() -> None:
    """Nothing is lost or counted twice."""
    run = made_up(12)
    report = run.report()
    cells = [cell for row in report.matrix for cell in row.cells if cell is not None]
    lines = [
        line for case in report.cases for sample in case.samples for table in sample.tables for line in table.lines
    ]

    assert len(run.judgements) == sum(cell.total for cell in cells)
    assert sorted(one.check.id for one in run.judgements) == sorted(line.judgement.check.id for line in lines)


def test_every_check_that_does_not_agree_is_listed_once() -> None:
    """Problems and known divergences together are all that does not agree."""
    run = made_up(40)
    report = run.report()
    listed = [line.judgement.check.id for lines in (*report.problems, *report.divergences) for line in lines]

    assert sorted(listed) == sorted(one.check.id for one in run.judgements if Standing.of(one) is not Standing.AGREES)
    assert {line.standing.fine for lines in report.problems for line in lines} == {False}
    assert {line.standing.fine for lines in report.divergences for line in lines} == {True}


def test_what_fails_alike_comes_together() -> None:
    """One case that fails for one reason in many places is one thing to read; another reason is another thing."""
    crashed = [msgspec.structs.replace(judged(Outcome.CRASHED), version=version) for version in ("1", "2")]
    other = msgspec.structs.replace(crashed[0], reason="another")

    assert [2, 1] == [len(group) for group in together([*crashed, other])]
    assert [1, 1] == [len(group) for group in together([judged(Outcome.CRASHED), judged(Outcome.RAISED)])]


def test_the_worst_comes_first() -> None:
    """A reader begins where a reader is needed."""
    agreed, missing = judgement(), judged(Outcome.MISSING)
    disagreed = judgement(verdict=Verdict.DISAGREES)

    assert [Standing.DISAGREES, Standing.MISSING] == [
        Standing.of(group[0]) for group in together([agreed, missing, disagreed])
    ]


def test_columns_follow_the_backends() -> None:
    """The order of the run, not of the store; a backend that nobody declared comes last."""
    judgements = [judgement(backend="mlx"), judgement(backend="jax", mode="jit"), judgement(backend="torch")]
    backends = [BackendFacts(name="torch", modes=("eager", "aot")), BackendFacts(name="jax", modes=("eager", "jit"))]

    assert ["torch · eager", "jax · jit", "mlx · eager"] == [one.label for one in columns(judgements, backends)]


def test_a_gpu_is_a_column_of_its_own() -> None:
    """The same backend on another device is another row of results."""
    assert ["torch · eager", "torch · eager · gpu"] == [
        one.label for one in columns([judgement(), judgement(device="gpu")])
    ]


def test_a_cell_that_was_not_run_is_no_cell() -> None:
    """It is neither fine nor wrong."""
    report = build([judgement(), judgement("seeds/b", mode="aot")], {}, {}, [], [], {})

    assert [[False, True], [True, False]] == [[cell is None for cell in row.cells] for row in report.matrix]


def test_two_versions_in_one_column_are_both_named() -> None:
    """A store that was merged across an upgrade does not hide it."""
    newer = msgspec.structs.replace(judgement(quantity="vjp:x"), version="2.14.0")

    assert columns([judgement(), newer])[0].versions == ("2.13.0", "2.14.0")


def test_cases_keep_their_order_and_unknown_ones_follow() -> None:
    """A judged case that was not collected is still shown."""
    cases = [CaseFacts(id="seeds/b", area="seeds"), CaseFacts(id="seeds/a", area="seeds")]
    report = build([judgement("old/gone"), judgement()], {}, {}, cases, [], {})

    assert ["seeds/b", "seeds/a", "old/gone"] == [case.facts.id for case in report.cases]
    assert report.matrix[2].area == "old"


def test_anchors_are_distinct_and_stay_the_same() -> None:
    """Names that look alike in an address get their own; a link from outside keeps working."""
    ids = ["a/b", "a-b", "a b", "a/b"]
    anchors = {row.case: row.anchor for row in build([judgement(one) for one in ids], {}, {}, [], [], {}).matrix}

    assert anchors["a/b"] == "case-a-b"
    assert len(set(anchors.values())) == 3
    assert all(anchor.replace("-", "").isalnum() for anchor in anchors.values())


def test_values_stand_beside_the_truth() -> None:
    """The value comes before the gradient, the portable implementation before the native one."""
    judgements = [
        judgement(quantity="vjp:x"),
        judgement(implementation="native"),
        judgement(),
    ]
    observations = {
        one.check.id: Observation(
            id="1",
            check=one.check,
            outcome=Outcome.COMPLETED,
            value=Array.of(np.array([2.0, 2.0], dtype=np.float32)),
            seconds={"first": 0.25, "again": 4e-5},
            versions={"torch": "2.13.0"},
        )
        for one in judgements
    }
    truth = Truth(high=Array.of(np.array([2.0, 2.0])))
    reference = Reference(
        id="1",
        case="seeds/a",
        sample="given",
        dtype="float32",
        kind="proved",
        precision=64,
        quantities={"vjp:x": truth},
    )
    case = CaseFacts(id="seeds/a", samples={"given": "x = [2, 3]"})
    report = build(judgements, observations, {("seeds/a", "given", "float32"): reference}, [case], [], {})
    sample = report.cases[0].samples[0]

    assert [table.title for table in sample.tables] == ["value", "gradient with respect to x"]
    assert [line.label for line in sample.tables[0].lines] == ["torch · eager", "torch · eager · native"]
    assert sample.tables[0].truth is None
    assert sample.tables[1].truth is not None
    assert sample.tables[1].truth.text == "[2.0, 2.0]"
    line = sample.tables[1].lines[0]
    assert line.shown is not None
    assert (line.shown.text, line.first, line.again) == ("[2.0, 2.0]", "250 ms", "40 µs")
    assert (sample.reference, sample.description) == ("proved with 64 bits", "x = [2, 3]")
    assert report.versions == {"torch": {"torch": "2.13.0"}}


def test_the_reason_of_an_observation_is_not_lost() -> None:
    """A judge that adds nothing leaves the worker's own words."""
    one = msgspec.structs.replace(judged(Outcome.CRASHED), reason=None)
    observation = Observation(id="1", check=one.check, outcome=Outcome.CRASHED, reason="signal 11")
    report = build([one], {one.check.id: observation}, {}, [], [], {})

    assert report.problems[0][0].reason == "signal 11"


def test_k_is_read_from_the_facts_where_it_is_a_number() -> None:
    """It only scales a drawing; anything else leaves the drawing out."""
    assert [None, 8.5, None] == [build([], {}, {}, [], [], facts).threshold for facts in ({}, {"K": "8.5"}, {"K": "?"})]


def test_only_completed_checks_count_for_the_references() -> None:
    """A crash was judged by no reference."""
    report = build([judged(Outcome.CRASHED), judged(verdict=Verdict.AGREES, reference="proved")], {}, {}, [], [], {})

    assert report.references == {"proved": 1}
