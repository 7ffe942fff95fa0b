"""The command line. Each command is a few lines over the pipeline, and imports what it needs when it is called."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness import __version__
from harness.arguments import files, options, select
from harness.errors import HarnessError, SettingsError
from harness.options import OF_RUN, duration, folders_and_patterns, make_plan
from harness.report.formats import FORMATS, of_reports, of_times
from harness.settings import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.model import Judgement
    from harness.pipeline import Verdicts
    from harness.timing import Measured

__all__ = ["main"]

_EXAMPLES = "Exit status: 0, everything agreed or was accepted; 1, something did not; 2, the command could not be run."


class _Group(click.Group):
    """Reads the settings, and turns errors that a user can act on into one line and exit status 2."""

    def invoke(self, context: click.Context) -> Any:
        try:
            settings = read(Path(), run.params)
            context.default_map = {
                name: {option.name: settings[option.name] for option in command.params if option.name in settings}
                for name, command in self.commands.items()
            }
            return super().invoke(context)
        except HarnessError as error:
            click.echo(f"harness: {error}", err=True)
            raise SystemExit(2) from error


@click.group(cls=_Group, epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="harness")
def main() -> None:
    """Tell whether frameworks compute the same thing, and the true thing.

    SELECT names cases: an id (seeds/affine_sum), an area (seeds), a sample (seeds/affine_sum[given]), a shell pattern
    ('*/softmax*'), or a folder or file of cases (./cases).
    """


@main.command("list")
@select
@options("device", "adapter")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON each.")
def list_(select: tuple[str, ...], device: str, adapter: tuple[str, ...], *, as_json: bool) -> None:
    """List cases, samples, and the backends found."""
    import json

    from harness.listing import listed

    folders, patterns = folders_and_patterns(select)
    rows = listed(folders, patterns, device, adapter, Path(".harness"))
    if as_json:
        for row in (*rows["backends"], *rows["cases"]):
            click.echo(json.dumps(row))
        return
    cases = rows["cases"]
    width = max(len(row["case"]) for row in cases)
    for row in cases:
        natives = f"  natives: {', '.join(row['natives'])}" if row["natives"] else ""
        click.echo(f"{row['case']:{width}}  [{', '.join(row['samples'])}]{natives}")
    click.echo()
    for backend in rows["backends"]:
        number = sum(1 for row in cases if not row["supported"].get(backend["backend"], True))
        note = f"  lacks an operation of {number} of {len(cases)} cases" if number else ""
        state = f"{backend['version']}  {', '.join(backend['modes'])}{note}"
        click.echo(f"{backend['backend']:12}{state if backend['found'] else 'absent: ' + backend['reason']}")
    click.echo(f"\n{len(cases)} cases, {sum(len(row['samples']) for row in cases)} samples")


@main.command()
@select
@options(*OF_RUN)
@click.option("--update-ledger", is_flag=True, help="Propose ledger entries for divergences; a person writes why.")
def run(reports: Path, *, update_ledger: bool, **said: Any) -> None:
    """Observe every case on every backend, judge it, and write reports."""
    from harness import pipeline
    from harness.collect.kept import kept_in
    from harness.report import publish

    plan = make_plan(**said)
    with publish.progress() as show:
        done = pipeline.execute(plan, show)
        with kept_in(plan.store):
            stale = update_ledger or not publish.is_current(reports, done.plan.key)
        if done.manifest is None and stale:
            done = pipeline.run(done.plan, show)
    if done.manifest is None:
        publish.print_summary(done.judgements, done.complaints)
    else:
        report = publish.build_report(done.manifest, done.contents, done.judgements, done.complaints)
        publish.write(report, reports, done.plan.key)
        publish.print_summary(report)
    page = reports / FORMATS["html"].file
    click.echo(f"{done.fresh} checks were run, {len(done.judgements) - done.fresh} recalled. Report: {page}")
    if update_ledger:
        _propose(done)
    sys.exit(0 if done.fine else 1)


def _propose(done: Verdicts) -> None:
    """Bring the ledgers up to date: entries for what is not in them, and how wrong what they accept is."""
    from harness.judge import proposals

    manifest = done.manifest
    facts = (manifest.cases, manifest.backends) if manifest is not None else ((), ())
    for home, text in proposals.bound(done.plan.ledgers, done.judgements, *facts).items():
        Path(home).write_text(text, encoding="utf-8")
        click.echo(f"{home}: entries say how large z was.")
    homes: dict[str, list[Judgement]] = {}
    for one in done.judgements:
        homes.setdefault(proposals.home(done.plan.chosen[one.check.case][0]), []).append(one)
    texts = {home: text for home, judgements in homes.items() if (text := proposals.propose(judgements))}
    if not texts:
        click.echo("There is nothing to propose: every divergence is in the ledger, or none that it could accept.")
    for home, text in texts.items():
        path = Path(home)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{'' if not before else chr(10) if before.endswith(chr(10)) else chr(10) * 2}{text}\n")
        click.echo(f"{text.count('[[accepted]]')} entries were added to {path}: write the reason and the link of each.")


@main.command("time")
@select
@options("backend", "mode", "dtype", "device", "quantity", "store", "timeout", "memory", "adapter", "seed")
@click.option(
    "--processes", type=click.IntRange(min=1), help="Fresh processes a backend. 15; a verdict needs 10 a side."
)
@click.option("--budget", metavar="TIME", help="Spend so much, such as 90s or 5m, where the intervals are widest.")
@click.option("--quick", is_flag=True, help="A look: the first sample, 2 processes, no verdicts.")
@click.option(
    "--grow",
    type=click.IntRange(min=1),
    multiple=True,
    metavar="K",
    help="Multiply every dimension of random samples by K; again for more, which shows how time grows.",
)
@click.option("--order", default=0, show_default=True, type=int, help="Seed of the order of backends and cases.")
@click.option("--save", default="", metavar="NAME", help="Keep the run under a name, as a baseline.")
@click.option("--against", default="", metavar="NAME", help="Compare with a saved run, or with another store.")
@files(of_times())
def time_(
    processes: int | None,
    budget: str | None,
    grow: tuple[int, ...],
    order: int,
    save: str,
    against: str,
    files: Mapping[str, Path],
    *,
    quick: bool,
    **said: Any,
) -> None:
    """Time cases in fresh processes: the first call apart from steady state.

    A file named - is stdout; the summary is then on stderr.

    Exit status 1: something got slower than in the run it is compared with, beyond noise, or no longer runs.
    """
    from harness import timing
    from harness.report import publish

    settings = timing.Options(
        plan=make_plan(**said),
        processes=processes or (timing.QUICK.processes if quick else timing.DEFAULT_PROCESSES),
        budget=None if budget is None else duration(budget),
        batches=timing.QUICK.batches if quick else None,
        batch_seconds=timing.QUICK.batch_seconds if quick else None,
        order=order,
        grow=grow,
        first=quick,
        save=save,
        baseline=against,
    )
    with publish.remaining() as show:
        done = timing.execute(settings, show)
    _show_times(done, files)


@main.command()
@click.argument("old")
@click.argument("new")
@options("store")
@files(of_times())
def compare(old: str, new: str, store: Path, files: Mapping[str, Path]) -> None:
    """Compare two timing runs, each a name given to `harness time --save`, or a store's folder.

    A file named - is stdout; the summary is then on stderr.

    Exit status 1: something in NEW is slower than in OLD, beyond noise, or no longer runs.
    """
    from dataclasses import replace

    from harness import timing

    first, second = timing.find(old, store), timing.find(new, store)
    comparisons = timing.against(first, second)
    if not comparisons:
        raise SettingsError(
            f"{old} and {new} have no check in common: expected two runs of the same cases, backends, modes and dtypes. "
            f"{old} holds {_some(first)}; {new} holds {_some(second)}. Time the same selection in both."
        )
    _show_times(replace(second, comparisons=comparisons, notes=timing.notes(first, second)), files)


def _some(measured: Measured) -> str:
    names = list(measured.sides)
    return f"{names[0]} and {len(names) - 1} more" if names else "nothing"


def _show_times(measured: Measured, files: Mapping[str, Path]) -> None:
    """Write the files that were asked for, print the summary, and exit."""
    from harness import timing
    from harness.report import publish

    times = publish.build_times(measured.series, measured.sides, measured.comparisons, measured.notes, measured.timings)
    publish.present(times, files)
    sys.exit(1 if timing.slower(measured.comparisons) else 0)


@main.command()
@options("store")
@files(of_reports())
def report(store: Path, files: Mapping[str, Path]) -> None:
    """Render what a store holds. Runs nothing, and needs no framework.

    A file named - is stdout; the summary is then on stderr.
    """
    from harness import pipeline, timing
    from harness.observe.store.segments import Store
    from harness.report import publish

    contents = Store(store).read()
    manifest = pipeline.together(contents)
    if manifest is None:
        raise SettingsError(f"--store {store}: there is no run in it. Expected a store that `harness run` has written.")
    judgements = pipeline.judged(manifest, contents)
    timed = timing.newest(store / timing.FOLDER)
    times = None if timed is None else publish.build_times(timed.series, timed.sides)
    complaints = pipeline.complaints(manifest, judgements)
    made = publish.build_report(manifest, contents, judgements, complaints, times)
    publish.present(made, files)
    sys.exit(0 if made.fine else 1)


@main.command()
@click.argument("stores", nargs=-1, required=True, type=click.Path(path_type=Path))
@options("store")
def merge(stores: tuple[Path, ...], store: Path) -> None:
    """Add the lines of STORES to --store: in any order, any number of times."""
    from harness.observe.store import merging
    from harness.timing import FOLDER

    timed = [one / FOLDER for one in stores if (one / FOLDER / "segments").is_dir()]
    only = {one.parent for one in timed if not (one.parent / "segments").is_dir()}
    runs = [one for one in stores if one not in only]
    bad = False
    kinds = ("observations", "references"), ("timings",)
    for folder, sources, names in ((store, runs, kinds[0]), (store / FOLDER, timed, kinds[1])):
        if not sources:
            continue
        contents = merging.merge(sources, folder)
        held = ", ".join(f"{len(getattr(contents, name))} {name}" for name in names)
        click.echo(f"{folder}: {held}, {len(contents.conflicts)} conflicts, {len(contents.damaged)} damaged lines")
        for conflict in contents.conflicts:
            click.echo(
                f"conflict: {conflict.id}: {len(conflict.records)} records with one id say different things", err=True
            )
        bad = bad or bool(contents.conflicts or contents.damaged)
    sys.exit(1 if bad else 0)
