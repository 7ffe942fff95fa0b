"""The run, as one list of steps. Each step takes the run as the step before left it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from harness.collect import registry
from harness.collect.fingerprint import fingerprint
from harness.collect.kept import kept_in
from harness.collect.plan import PROFILES, Probe, Subject, Task, Wanted, plan
from harness.collect.samples import derive_seed
from harness.collect.subject import PROBES
from harness.collect.values import of_value
from harness.collect.vocabulary import of_modules
from harness.errors import SettingsError, suggest
from harness.judge import ledger
from harness.judge.agreement import THRESHOLD, judge
from harness.model import Array, BackendFacts, CaseFacts, Check, Judgement, Manifest, Observation, Outcome
from harness.observe.devices import refusals
from harness.observe.environment import Backend, find_backends, settings
from harness.observe.gather import Limits, gather
from harness.observe.store.index import recall, remember
from harness.observe.store.segments import Contents, Store
from harness.reference.quorum import quorum
from harness.report.facts import backend_facts, case_facts, run_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.collect.case import Case

__all__ = [
    "COMPLETING",
    "PREPARING",
    "Options",
    "Run",
    "complaints",
    "complete",
    "execute",
    "judged",
    "latest",
    "prepare",
]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for. Every field is an option of `harness run`.

    Attributes:
        select: Ids, areas or shell patterns of cases; none means all.
        folders: Where to collect cases; none means the default.
        backends: Names; none means every one that is installed.
        adapters: More backends, as `package.module:Class`.
        modes: Modes; none means all.
        dtypes: dtypes; none means the profile's.
        quantities: Quantities; none means all.
        device: `cpu` or `gpu`.
        profile: `quick` or `full`.
        store: The store's folder.
        shard: Which part of how many, counted from 1.
        timeout: Seconds a worker may take over one answer.
        memory: Resident memory of a worker, in MiB; none means no limit.
        cache: Whether what is unchanged is taken from the store.
        index: Whether the store's index may answer for its segments.
        seeds: Of all random samples and cotangents; every sample is drawn once for each.
    """

    select: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    device: str = "cpu"
    profile: str = "quick"
    store: Path = Path(".harness")
    shard: tuple[int, int] = (1, 1)
    timeout: float = 120.0
    memory: int | None = None
    cache: bool = True
    index: bool = True
    seeds: tuple[int, ...] = (0,)


@dataclass(eq=False)
class Run:
    """A run on its way through the steps.

    Attributes:
        options: What was asked for.
        progress: Called with a stage, how much of it is done, and how much there is.
        id: Names the run in its records.
        chosen: Cases with the names of their chosen samples.
        backends: Backends that are run.
        absent: Backends that are not installed, and were not asked for by name.
        settings: Backend to what is set before its worker starts.
        properties: Backend to what its workers found out about it in this run.
        tasks: The plan.
        key: Fingerprint of the plan and of what judges it.
        recalled: Whether nothing has changed since the last run, so that the segments were not read.
        contents: What the store holds; what is observed is added.
        quorums: Subject to the id of the quorum that is its reference; every other subject's is its own.
        judgements: In the order of the plan.
        ledgers: File to text of the ledgers of accepted divergences beside the cases.
        complaints: What in them is no longer true.
        manifest: What belongs to this run; none where it was recalled.
    """

    options: Options
    progress: Callable[[str, int, int], None] = lambda *_: None
    id: str = ""
    chosen: dict[str, tuple[Case, tuple[str, ...]]] = field(default_factory=dict)
    backends: list[Backend] = field(default_factory=list)
    absent: list[Backend] = field(default_factory=list)
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    properties: dict[str, dict[str, str]] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    key: str = ""
    recalled: bool = False
    contents: Contents = field(default_factory=Contents)
    quorums: dict[Subject, str] = field(default_factory=dict)
    judgements: list[Judgement] = field(default_factory=list)
    ledgers: dict[str, str] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    manifest: Manifest | None = None

    @property
    def fresh(self) -> int:
        """How many checks were run, not recalled."""
        observations = self.contents.observations
        ids = (observation for _, observation, _ in (self.manifest.checks if self.manifest else ()))
        return sum(1 for one in ids if one in observations and observations[one].run == self.id)

    @property
    def subjects(self) -> list[Subject]:
        """What needs a reference, each once."""
        return list(dict.fromkeys(task.subject for task in self.tasks))


def execute(options: Options, progress: Callable[[str, int, int], None] | None = None) -> Run:
    """Collect the cases, observe each one on every backend, judge what was observed against a reference.

    Args:
        options: What was asked for.
        progress: Called with a stage, how much of it is done, and how much there is.

    Raises:
        HarnessError: If the command, the settings or the environment are wrong.
    """
    return complete(prepare(options), progress)


def prepare(options: Options, chosen: dict[str, tuple[Case, tuple[str, ...]]] | None = None) -> Run:
    """Take the steps that run nothing: collect, find the backends, plan.

    Args:
        options: What was asked for.
        chosen: Cases with the names of their samples, where they have been collected already.

    Raises:
        HarnessError: If the command, the settings or the environment are wrong.
    """
    run = Run(options, id=f"{time.time_ns():x}-{os.getpid():x}", chosen=chosen or {})
    for step in PREPARING if chosen is None else PREPARING[1:]:
        step(run)
    return run


def complete(run: Run, progress: Callable[[str, int, int], None] | None = None) -> Run:
    """Take the other steps: observe what is planned, and judge it.

    Args:
        run: As `prepare` left it; a caller may have thinned its tasks out.
        progress: Called with a stage, how much of it is done, and how much there is.

    Raises:
        HarnessError: If the store cannot be read or written.
    """
    if progress is not None:
        run.progress = progress
    for step in COMPLETING:
        step(run)
    return run


def _collect(run: Run) -> None:
    options = run.options
    run.chosen = registry.select(registry.collect(options.folders), options.select)


def _find_backends(run: Run) -> None:
    options = run.options
    found = find_backends(options.backends or None, options.adapters, options.device)
    missing = [one for one in found if not one.found and (options.backends or one.target in options.adapters)]
    if missing:
        raise SettingsError("; ".join(f"backend {backend.name!r}: {backend.reason}" for backend in missing))
    if options.device != "cpu":
        found = _on_device(options, found)
    run.backends = [backend for backend in found if backend.found]
    run.absent = [backend for backend in found if not backend.found]
    if not run.backends:
        raise SettingsError("No backend is installed: " + "; ".join(backend.reason for backend in run.absent))
    run.settings = {backend.name: settings(backend) for backend in run.backends}


def _on_device(options: Options, found: Sequence[Backend]) -> list[Backend]:
    """Leave out what cannot compute on the device; what was asked for by name must."""
    reasons = refusals([backend for backend in found if backend.found])
    able = [backend.name for backend in found if backend.found and backend.name not in reasons]
    named = [name for name in reasons if name in options.backends]
    if named or not able:
        raise SettingsError(
            f"--device {options.device}: "
            + "; ".join(f"backend {name!r}: {reasons[name]}" for name in named or reasons)
        )
    return [
        replace(backend, found=False, reason=reasons[backend.name]) if backend.name in reasons else backend
        for backend in found
    ]


def _plan(run: Run) -> None:
    options = run.options
    if options.profile not in PROFILES:
        raise SettingsError(f"--profile {options.profile!r}: expected {' or '.join(PROFILES)}.")
    known = list(dict.fromkeys(dtype for backend in run.backends for dtype in backend.dtypes))
    for dtype in options.dtypes:
        if dtype not in known:
            raise SettingsError(f"-d {dtype!r}: the chosen backends offer {', '.join(known)}.{suggest(dtype, known)}")
    profile = PROFILES[options.profile]
    wanted = Wanted(
        modes=options.modes,
        dtypes=options.dtypes or profile.dtypes,
        quantities=options.quantities or profile.kinds,
        thorough=profile.thorough,
        seeds=options.seeds,
    )
    tasks = plan(run.chosen, run.backends, wanted, run.settings)
    run.ledgers = ledger.ledgers(case for case, _ in run.chosen.values())
    ledger.read(run.ledgers)
    part, parts = options.shard
    run.tasks = [task for task in tasks if derive_seed(task.subject.case.id) % parts == part - 1]


def _recall(run: Run) -> None:
    """Read the store, unless its index already knows how this very plan ended."""
    with kept_in(run.options.store):
        parts = [[str(task.check(quantity)), task.id(quantity)] for task in run.tasks for quantity in task.quantities]
        references = [subject.reference_id for subject in run.subjects]
        judging = of_modules("harness.judge.agreement", "harness.judge.ledger"), of_value(judged), of_value(quorum)
    run.key = fingerprint(
        checks=parts,
        references=references,
        harness=judging,
        ledgers=run.ledgers,
        whole=_whole(run),
        chosen=_chosen(run),
    )
    options = run.options
    found = recall(options.store, run.key) if options.cache and options.index else None
    if found is None:
        run.contents = Store(options.store).read()
    else:
        run.recalled, run.judgements = True, [*found.judgements]


def _remember(run: Run) -> None:
    contents = run.contents
    # What a reader must be told about the store is told in every run.
    clean = not (contents.conflicts or contents.damaged or contents.torn)
    if clean and not run.complaints and all(one is not None and one.final for one in _observed(run)):
        remember(run.options.store, run.key, run.judgements)


def _unless_recalled(step: Callable[[Run], None]) -> Callable[[Run], None]:
    return lambda run: None if run.recalled else step(run)


def _observe(run: Run) -> None:
    options = run.options
    subjects = [subject for subject in run.subjects if subject.case.portable]
    run.properties = gather(
        [*run.tasks, *(witness for witnesses in _witnesses(run.tasks).values() for witness in witnesses)],
        subjects,
        {backend.name: backend for backend in run.backends},
        run.settings,
        run.contents,
        options.store,
        Limits(options.timeout, options.memory, options.cache),
        run.id,
        run.progress,
    )


def _witnesses(tasks: Sequence[Task]) -> dict[Task, list[Task]]:
    """Where there is no proof, every backend is also run in float64, at the inputs and about them."""
    found: dict[tuple[Subject, str], tuple[Task, list[Task]]] = {}
    for task in tasks:
        subject, place = task.subject, (task.subject, task.backend.name)
        if subject.case.portable or place in found:
            continue
        probes = [
            Probe(subject.case, subject.sample, "float64", subject.seed, subject.kinds, number, subject.dtype)
            for number in range(PROBES + 1)
        ]
        found[place] = task, [replace(task, subject=probe, mode="eager") for probe in probes]
    return dict(found.values())


def _convene(run: Run) -> None:
    """Make the references that are quorums, of what the witnesses said."""
    contents = run.contents
    said: dict[Subject, list[list[dict[str, Array]]]] = {}
    ids: dict[Subject, list[str]] = {}
    for task, witnesses in _witnesses(run.tasks).items():
        runs = []
        for witness in witnesses:
            arrays = {}
            for quantity in witness.quantities:
                found = contents.observations.get(witness.id(quantity))
                if found is not None and found.value is not None:
                    arrays[quantity] = found.value
                    ids.setdefault(task.subject, []).append(found.id)
            runs.append(arrays)
        said.setdefault(task.subject, []).append(runs)
    made = []
    for subject, witnessed in said.items():
        case, sample, dtype = subject.place
        run.quorums[subject] = fingerprint(
            subject=subject.reference_id, witnesses=ids.get(subject), quorum=of_value(quorum)
        )
        place = {"id": run.quorums[subject], "case": case, "sample": sample, "dtype": dtype}
        if run.quorums[subject] not in contents.references:
            made.append(quorum(place, dtype, witnessed))
    if made:
        with Store(run.options.store) as store:
            store.append(made)
        contents.references.update((reference.id, reference) for reference in made)


def _judge(run: Run) -> None:
    run.manifest = _manifest(run)
    run.judgements = judged(run.manifest, run.contents)
    run.complaints = complaints(run.manifest, run.judgements)
    newest = max(run.contents.manifests.values(), key=lambda one: one.recorded, default=None)
    if newest is None or newest.id != run.manifest.id:
        if newest is not None and newest.recorded >= run.manifest.recorded:  # clocks jump; this run is the newer one
            run.manifest = msgspec.structs.replace(run.manifest, recorded=newest.recorded + 0.001)
        with Store(run.options.store) as store:
            store.append(run.manifest)
        run.contents.manifests[run.manifest.id] = run.manifest


def judged(manifest: Manifest, contents: Contents) -> list[Judgement]:
    """Judge what belongs to a run, in the order of its plan. A check without an observation is `missing`."""
    nothing = "the store holds no observation of it; run the same command again"
    bare = [
        judge(
            contents.observations.get(observation)
            or Observation(id=observation, check=check, outcome=Outcome.MISSING, reason=nothing),
            contents.references.get(reference),
        )
        for check, observation, reference in manifest.checks
    ]
    return ledger.settle(bare, manifest.cases, ledger.read(manifest.ledgers))


def complaints(manifest: Manifest, judgements: Sequence[Judgement]) -> list[str]:
    """Say what in a run's ledgers is no longer true."""
    entries = ledger.read(manifest.ledgers)
    return ledger.complaints(judgements, manifest.cases, entries, whole=manifest.whole, chosen=manifest.chosen)


def latest(contents: Contents) -> Manifest | None:
    """Put the runs of a store together: of each check the newest, and of each sample only what has the newest truth.

    Returns:
        One manifest, or None where the store holds no run.
    """
    newest_first = sorted(contents.manifests.values(), key=lambda one: (-one.recorded, one.id))
    if not newest_first:
        return None
    checks: dict[str, tuple[Check, str, str]] = {}
    truths: dict[tuple[str, str, str], str] = {}
    cases: dict[str, CaseFacts] = {}
    backends: dict[str, BackendFacts] = {}
    for manifest in newest_first:
        for row in manifest.checks:
            check, _, reference = row
            if truths.setdefault((check.case, check.sample, check.dtype), reference) == reference:
                checks.setdefault(check.id, row)
        for case in manifest.cases:
            cases.setdefault(case.id, case)
        for backend in manifest.backends:
            if backend.name not in backends or (backend.found and not backends[backend.name].found):
                backends[backend.name] = backend
    return Manifest(
        id="+".join(manifest.id for manifest in newest_first),
        checks=tuple(checks.values()),
        cases=tuple(cases.values()),
        backends=tuple(backends.values()),
        facts=newest_first[0].facts,
        ledgers=newest_first[0].ledgers,
        whole=newest_first[0].whole,
        chosen=newest_first[0].chosen,
        recorded=newest_first[0].recorded,
    )


def _properties(run: Run, backend: Backend) -> dict[str, str]:
    """Give a backend's properties in the modes of this run: as its workers found them now, or, recalled, before.

    They belong to a version under its settings, so that a run in which nothing changed has the same ones.
    """
    environment = {**backend.versions, **run.settings.get(backend.name, {})}
    known: dict[str, str] = {}
    for manifest in sorted(run.contents.manifests.values(), key=lambda one: one.recorded):
        for facts in manifest.backends:
            if (facts.name, facts.device, facts.environment) == (backend.name, backend.device, environment):
                known |= facts.properties
    known |= run.properties.get(backend.name, {})
    modes = {task.mode for task in run.tasks if task.backend.name == backend.name}
    return {name: text for name, text in known.items() if ": " not in name or name.partition(": ")[0] in modes}


def _manifest(run: Run) -> Manifest:
    parts: dict[str, Any] = {
        "checks": [
            (task.check(quantity), task.id(quantity), run.quorums.get(task.subject, task.subject.reference_id))
            for task in run.tasks
            for quantity in task.quantities
        ],
        "cases": [case_facts(case, names) for case, names in run.chosen.values()],
        "backends": [
            backend_facts(backend, run.settings.get(backend.name, {}), _properties(run, backend))
            for backend in [*run.backends, *run.absent]
        ],
        "facts": run_facts(run.options.seeds, THRESHOLD, run.options.profile),
        "ledgers": run.ledgers,
        "whole": _whole(run),
        "chosen": _chosen(run),
    }
    return Manifest(id=fingerprint(text=msgspec.json.encode(parts).decode()), recorded=time.time(), **parts)


def _observed(run: Run) -> Iterator[Observation | None]:
    """Give what was observed for every check of the plan."""
    for task in run.tasks:
        for quantity in task.quantities:
            yield run.contents.observations.get(task.id(quantity))


def _whole(run: Run) -> bool:
    """Whether all cases are run, in every way that the full profile has, so that a ledger must be all true."""
    options = run.options
    narrowed = options.select or options.folders or options.modes or options.dtypes or options.quantities
    return not narrowed and options.profile == "full" and options.shard == (1, 1)


def _chosen(run: Run) -> str:
    """What was chosen by name, so that a ledger's entries about more than that cannot be judged."""
    if run.options.shard != (1, 1):
        return "cases"
    return "" if not run.options.select else "samples" if any("[" in one for one in run.options.select) else "cases"


PREPARING: tuple[Callable[[Run], None], ...] = (_collect, _find_backends, _plan)
COMPLETING: tuple[Callable[[Run], None], ...] = (
    _recall,
    *map(_unless_recalled, (_observe, _convene, _judge, _remember)),
)
"""What a run is. Rendering is the caller's: a command line prints and writes, a test asserts."""
