"""The run: plan it, observe what is planned, judge what was observed. Each step is given the last one's result."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec

from harness.collect.fingerprint import fingerprint
from harness.collect.kept import kept_in
from harness.judge import ledger
from harness.judge.agreement import THRESHOLD
from harness.judge.agreement import judge as judge_one
from harness.judge.entries import read
from harness.model import Manifest, Observation, Outcome
from harness.observe.gather import Limits, gather
from harness.observe.store.index import recall, remember
from harness.observe.store.merging import latest
from harness.observe.store.segments import Contents, Store
from harness.planning import Options, Plan, plan
from harness.reference.quorum import hear, witnesses
from harness.report.facts import backend_facts, case_facts, judged_by, properties_of, run_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.model import Judgement

__all__ = [
    "Options",
    "Plan",
    "Verdicts",
    "complaints",
    "execute",
    "judge",
    "judged",
    "observe",
    "plan",
    "run",
    "together",
]


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """What a run came to.

    Attributes:
        plan: What was run.
        judgements: In the order of the plan.
        complaints: What in the ledgers is no longer true.
        manifest: What belongs to the run; None where nothing has changed since the last one, whose verdicts these are.
        contents: What the store holds; nothing where it did not have to be read.
    """

    plan: Plan
    judgements: Sequence[Judgement]
    complaints: Sequence[str] = ()
    manifest: Manifest | None = None
    contents: Contents = field(default_factory=Contents)

    @property
    def fine(self) -> bool:
        """Whether the exit status may be 0."""
        return not self.complaints and all(judgement.fine for judgement in self.judgements)

    @property
    def fresh(self) -> int:
        """How many checks were run, not recalled."""
        known = self.contents.observations
        ids = (observation for _, observation, _ in (self.manifest.checks if self.manifest else ()))
        return sum(1 for each in ids if each in known and known[each].run == self.plan.run)


def execute(options: Options, progress: Callable[[str, int, int], None] | None = None) -> Verdicts:
    """Plan, observe and judge what was asked for; or say what the last run said, where nothing has changed since.

    Args:
        options: What was asked for.
        progress: Called with a stage, how much of it is done, and how much there is.

    Raises:
        HarnessError: If the command, the settings or the environment are wrong.
    """
    with kept_in(options.store):
        planned = plan(options)
        known = recall(options.store, planned.key) if options.cache and options.index else None
    if known is not None:
        return Verdicts(plan=planned, judgements=known.judgements, complaints=known.complaints)
    return run(planned, progress)


def run(planned: Plan, progress: Callable[[str, int, int], None] | None = None) -> Verdicts:
    """Observe and judge a plan, and keep what belongs to the run in the store.

    Raises:
        HarnessError: If the store cannot be read or written.
    """
    with kept_in(planned.options.store):
        return _keep(judge(planned, observe(planned, progress)))


def observe(planned: Plan, progress: Callable[[str, int, int], None] | None = None) -> Contents:
    """Run what the store does not hold yet: cases on backends, proofs, and the witnesses of quorums.

    Returns:
        What the store holds then.
    """
    options = planned.options
    contents = Store(options.store).read()
    gathered = gather(
        [*planned.tasks, *(witness for heard in witnesses(planned.tasks).values() for witness in heard)],
        [subject for subject in planned.subjects if subject.case.portable],
        contents,
        options.store,
        Limits(options.timeout, options.memory, options.cache),
        planned.run,
        progress or (lambda *_: None),
    )
    contents = contents.adding([*gathered.observations.values(), *gathered.references.values()], gathered.properties)
    quorums = [
        heard.reference() for heard in hear(planned.tasks, contents.observations) if heard.id not in contents.references
    ]
    if quorums:
        with Store(options.store) as store:
            store.append(quorums)
    return contents.adding(quorums)


def judge(planned: Plan, contents: Contents) -> Verdicts:
    """Judge every check of a plan by what a store holds."""
    manifest = _manifest(planned, contents)
    judgements = judged(manifest, contents)
    return Verdicts(
        plan=planned,
        judgements=judgements,
        complaints=complaints(manifest, judgements),
        manifest=manifest,
        contents=contents,
    )


def judged(manifest: Manifest, contents: Contents) -> list[Judgement]:
    """Judge what belongs to a run, in the order of its plan. A check without an observation is `missing`."""
    nothing = "the store holds no observation of it; run the same command again"
    bare = [
        judge_one(
            contents.observations.get(observation)
            or Observation(id=observation, check=check, outcome=Outcome.MISSING, reason=nothing),
            contents.references.get(reference),
        )
        for check, observation, reference in manifest.checks
    ]
    return ledger.settle(bare, manifest.cases, read(manifest.ledgers), manifest.backends)


def complaints(manifest: Manifest, judgements: Sequence[Judgement]) -> list[str]:
    """Say what in a run's ledgers is no longer true."""
    entries = read(manifest.ledgers)
    return ledger.complaints(
        judgements,
        manifest.cases,
        entries,
        whole=manifest.whole,
        chosen=manifest.chosen,
        backends=manifest.backends,
    )


def together(contents: Contents) -> Manifest | None:
    """Put the runs of a store together: of each check the newest, all judged by the newest ledgers.

    Returns:
        One manifest, whose facts say by which ledgers; None where the store holds no run.
    """
    manifest, newest_first = latest(contents)
    if manifest is None or len(newest_first) == 1:
        return manifest
    ledgers, moments = ledger.newest(newest_first)
    facts = manifest.facts | judged_by(ledgers, moments)
    return msgspec.structs.replace(manifest, ledgers=ledgers, facts=facts)


def _manifest(planned: Plan, contents: Contents) -> Manifest:
    quorums = {heard.subject: heard.id for heard in hear(planned.tasks, contents.observations)}
    parts: dict[str, Any] = {
        "checks": [
            (check, observation, quorums.get(task.subject, task.subject.reference_id))
            for task, check, observation in planned.checks()
        ],
        "cases": [case_facts(case, names) for case, names in planned.chosen.values()],
        "backends": [
            backend_facts(backend, properties_of(backend, contents, planned.tasks))
            for backend in [*planned.backends, *planned.absent]
        ],
        "facts": run_facts(planned.options.seeds, THRESHOLD, planned.options.profile),
        "ledgers": dict(planned.ledgers),
        "whole": planned.whole,
        "chosen": planned.chosen_by_name,
    }
    return Manifest(id=fingerprint(text=msgspec.json.encode(parts).decode()), recorded=time.time(), **parts)


def _keep(verdicts: Verdicts) -> Verdicts:
    """Store what belongs to the run, unless the newest run there says the same, and the verdicts for the next one."""
    contents, manifest, folder = verdicts.contents, verdicts.manifest, verdicts.plan.options.store
    assert manifest is not None, "what was judged has one"
    newest = max(contents.manifests.values(), key=lambda each: each.recorded, default=None)
    if newest is None or newest.id != manifest.id:
        if newest is not None and newest.recorded >= manifest.recorded:  # clocks jump; this run is the newer one
            manifest = msgspec.structs.replace(manifest, recorded=newest.recorded + 0.001)
        with Store(folder) as store:
            store.append(manifest)
        contents = contents.adding([manifest])
    # What a reader must be told about the store is told in every run; what did not end is run again.
    clean = not (contents.conflicts or contents.damaged or contents.torn)
    known = (contents.observations.get(observation) for _, observation, _ in manifest.checks)
    if clean and all(each is not None and each.final for each in known):
        remember(folder, verdicts.plan.key, verdicts.judgements, verdicts.complaints)
    return replace(verdicts, contents=contents, manifest=manifest)
