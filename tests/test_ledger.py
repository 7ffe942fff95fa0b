"""The ledger through the whole line: from a proposal to exit status 0, and back when it is no longer true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from harness import pipeline
from harness.observe.store.merging import latest
from harness.observe.store.segments import Store

if TYPE_CHECKING:
    from tests.conftest import Project

__all__: list[str] = []

NAN = ("--adapter", "tests.fakes:NaN", "-b", "nan")


def propose_and_explain(project: Project) -> str:
    """Let the harness propose entries, and write the reasons."""
    result = project.run(*NAN, "--update-ledger")
    assert 1 == result.exit_code
    path = project.folder / "cases" / "ledger.toml"
    text = path.read_text(encoding="utf-8")
    written = text.replace('reason = ""', 'reason = "NaN on purpose"').replace('link = ""', 'link = "tests/fakes.py"')
    path.write_text(written, encoding="utf-8")
    return text


def test_a_proposal_is_refused_until_a_person_wrote_why(project: Project) -> None:
    """Entries are added below what stands there, never changed; without a reason the next run says so."""
    path = project.write("cases/ledger.toml", "# ours\n")
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
    path = project.folder / "cases" / "ledger.toml"
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
    (project.folder / "cases" / "ledger.toml").unlink()
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
    (project.folder / "cases" / "ledger.toml").unlink()
    assert 1 == project.run(*NAN).exit_code
