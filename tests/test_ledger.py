"""The ledger through the whole line: from a proposal to exit status 0, and back when it is no longer true."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

import msgspec

from harness import pipeline
from harness.observe.store.ledgers import date
from harness.observe.store.merging import latest
from harness.observe.store.segments import Store

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Project

__all__: list[str] = []

NAN = ("--adapter", "tests.fakes:NaN", "-b", "nan")


def ledgers(project: Project) -> list[Path]:
    """Find the ledgers of both areas."""
    return [project.folder / "cases" / area / "ledger.toml" for area in ("curves", "sums")]


def propose_and_explain(project: Project) -> str:
    """Let the harness propose entries, and write the reasons."""
    result = project.run(*NAN, "--update-ledger")
    assert 1 == result.exit_code
    assert "entries were added to" in result.output
    texts = []
    for path in ledgers(project):
        text = path.read_text(encoding="utf-8")
        written = text.replace('reason = ""', 'reason = "NaN on purpose"').replace(
            'link = ""', 'link = "tests/fakes.py"'
        )
        path.write_text(written, encoding="utf-8")
        texts.append(text)
    return "\n".join(texts)


def test_a_proposal_is_refused_until_a_person_wrote_why(project: Project) -> None:
    """Entries are added to the area's ledger, below what stands there; without a reason the next run says so."""
    path = project.write("cases/sums/ledger.toml", "# ours\n")
    result = project.run(*NAN, "--update-ledger")
    assert 1 == result.exit_code
    assert "entries were added to" in result.output
    assert path.read_text(encoding="utf-8").startswith("# ours\n\n[[accepted]]\n")
    result = project.run(*NAN)
    assert 2 == result.exit_code
    assert "ledger.toml: entry 1 has no reason: a person writes it." in result.output


def test_what_is_explained_is_accepted(project: Project) -> None:
    """Then every NaN is accepted with its reason, the status is 0, and there is nothing more to propose."""
    propose_and_explain(project)
    for _ in range(2):  # the second time from the index
        result = project.run(*NAN, "--update-ledger")
        assert 0 == result.exit_code, result.output
        assert "There is nothing to propose" in result.output
    rows = project.verdicts()
    accepted = [row for row in rows if row["verdict"] == "accepted"]
    assert {"nan"} == {row["finding"] for row in accepted}
    assert {"NaN on purpose (tests/fakes.py)"} == {row["reason"] for row in accepted}
    assert len(accepted) == len([row for row in rows if row["observed"] == "nan"])


def test_a_part_of_a_run_leaves_the_rest_of_the_ledger_alone(project: Project) -> None:
    """Other cases, backends and quantities are not part of it."""
    propose_and_explain(project)
    for words in ((*NAN, "-q", "value"), (*NAN, "-d", "float32"), ("-b", "numpy")):
        result = project.run(*words)
        assert 0 == result.exit_code, result.output


def test_what_no_longer_happens_fails(project: Project) -> None:
    """Where the fake is healed, its entries are named in the summary, and the status is 1."""
    text = propose_and_explain(project)
    for path in ledgers(project):
        path.write_text(path.read_text(encoding="utf-8").replace('"nan"\n', '"numpy"\n'), encoding="utf-8")
        assert '"numpy"' in path.read_text(encoding="utf-8")
    result = project.run()
    assert 1 == result.exit_code
    count = text.count("[[accepted]]")
    assert count == result.output.count("no longer happens on numpy eager float32")
    assert "All fine" not in result.output
    said = project.run().output  # not remembered as if it were fine
    assert "no longer happens" in said
    report = project.harness("report", "--store", str(project.folder / "store"))
    assert 1 == report.exit_code
    assert "no longer happens" in report.output


def test_a_report_of_a_store_keeps_the_ledger(project: Project) -> None:
    """The ledger is stored with the run, so that a report needs no folder of cases."""
    propose_and_explain(project)
    project.run(*NAN)
    for path in ledgers(project):
        path.unlink()
    result = project.harness("report", "--store", str(project.folder / "store"))
    assert 0 == result.exit_code, result.output
    assert "accepted" in result.output


def test_an_entry_of_nothing_fails_a_whole_run_alone(project: Project) -> None:
    """Only a full run over all cases knows that an entry matches nothing."""
    entry = '[[accepted]]\ncase = "sums/typo"\naccepts = "nan"\nreason = "r"\nlink = "l"\n'
    project.write("cases/ledger.toml", entry)
    assert 0 == project.run().exit_code
    contents = Store(project.folder / "store").read()
    manifest = latest(contents)
    assert manifest is not None
    assert not manifest.whole
    judgements = pipeline.judged(manifest, contents)
    assert [] == pipeline.complaints(manifest, judgements)
    (said,) = pipeline.complaints(msgspec.structs.replace(manifest, whole=True), judgements)
    assert "entry 1 matches no check" in said


def test_a_ledger_changes_what_is_remembered(project: Project) -> None:
    """An entry that is written after a run counts in the next one, though nothing else has changed."""
    assert 1 == project.run(*NAN).exit_code
    propose_and_explain(project)
    assert 0 == project.run(*NAN).exit_code
    for path in ledgers(project):
        path.unlink()
    assert 1 == project.run(*NAN).exit_code


def test_a_report_of_several_runs_says_by_which_ledger_it_judges(project: Project) -> None:
    """By one for all checks, whichever run they are of, and every format says so; of a single run nothing is said."""
    store, cases = project.folder / "store", project.folder / "cases"
    project.run(*NAN)
    propose_and_explain(project)
    report = ["report", "--store", str(store)]
    assert "Judged by" not in project.harness(*report).output
    project.run(*NAN, str(cases / "sums"))
    project.run(*NAN, "sums/*")
    moments = sorted(one.recorded for one in Store(store).read().manifests.values())
    said = f"Judged by the ledger of the run of {date(moments[-1])}"
    for form in ("html", "markdown", "json", "junit"):
        result = project.harness(*report, f"--{form}", "-")
        shown = html.unescape(result.stdout)
        assert f"{' ' if form in {'html', 'markdown'} else ''}{said}" in shown, form
        assert said in result.stderr.replace("\n", " ")
    # The check of `curves` is judged by what its own area's ledger said then: it was not there yet.
    rows = [json.loads(row) for row in project.harness(*report, "--json", "-").stdout.splitlines()]
    accepted = {row["case"].partition("/")[0] for row in rows if row["verdict"] == "accepted"}
    disagreeing = {row["case"].partition("/")[0] for row in rows if row["verdict"] == "disagrees"}
    assert ({"sums"}, {"curves"}) == (accepted, disagreeing)
