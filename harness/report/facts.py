"""What a report says of cases, backends and the machine, gathered while they are at hand."""

from __future__ import annotations

import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from harness import __version__
from harness.model import BackendFacts, CaseFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.collect.case import Case
    from harness.collect.plan import Task
    from harness.collect.samples import Sample
    from harness.model import Backend
    from harness.observe.store.segments import Contents

__all__ = ["backend_facts", "case_facts", "date", "describe_sample", "judged_by", "properties_of", "run_facts"]

_NAMED = 3  # runs whose ledgers are named; the others are counted


def describe_sample(sample: Sample) -> str:
    """Say in one line how a sample's inputs are made.

    Example:
        >>> from harness import normal
        >>> from harness.collect.samples import Sample
        >>> describe_sample(Sample("random", {"x": normal((8, 3))}, {"temperature": 0.6}))
        'x: normal(shape=(8, 3), mean=0.0, scale=1.0), temperature=0.6'
    """
    arrays = []
    for name, specification in sample.arrays.items():
        text = repr(specification)
        arrays.append(f"{name}: {text[0].lower()}{text[1:]}")
    constants = [f"{name}={value!r}" for name, value in sample.parameters.items()]
    return ", ".join([*arrays, *constants])


def case_facts(case: Case, samples: Sequence[str]) -> CaseFacts:
    """Return what is known of a case without running it."""
    try:
        path = case.path.relative_to(Path.cwd())
    except ValueError:
        path = Path(*case.path.parts[-3:])
    return CaseFacts(
        id=case.id,
        area=case.area,
        name=case.name,
        docstring=case.docstring,
        source=case.source,
        path=path.as_posix(),
        line=case.line,
        operations=case.operations,
        samples={name: describe_sample(case.samples[name]) for name in samples},
        natives=tuple(case.natives),
    )


def backend_facts(backend: Backend, properties: Mapping[str, str] | None = None) -> BackendFacts:
    """Return what is known of a backend."""
    return BackendFacts(
        name=backend.name,
        version=backend.version,
        modes=backend.modes,
        device=backend.device,
        found=backend.found,
        reason=backend.reason or None,
        environment={**backend.versions, **backend.settings},
        properties=dict(properties or {}),
    )


def properties_of(backend: Backend, contents: Contents, tasks: Sequence[Task]) -> dict[str, str]:
    """Return a backend's properties in the modes of a run: as its workers found them now, or, recalled, before.

    They belong to a version under its settings, so that a run in which nothing changed has the same ones.
    """
    environment = {**backend.versions, **backend.settings}
    known: dict[str, str] = {}
    for manifest in sorted(contents.manifests.values(), key=lambda each: each.recorded):
        for facts in manifest.backends:
            if (facts.name, facts.device, facts.environment) == (backend.name, backend.device, environment):
                known |= facts.properties
    known |= contents.properties.get(backend.name, {})
    modes = {task.mode for task in tasks if task.backend.name == backend.name}
    return {name: text for name, text in known.items() if ": " not in name or name.partition(": ")[0] in modes}


def judged_by(ledgers: Mapping[str, str], moments: Sequence[float]) -> dict[str, str]:
    """Return by which ledgers the checks of several runs are judged: all of them by the same.

    Args:
        ledgers: File to text.
        moments: When the runs took place whose ledgers these are, the newest first.
    """
    runs = [f"the run of {date(moment)}" for moment in moments]
    if not ledgers:
        return {"judged by": f"no ledger: {runs[0]} had none"}
    others = [f"that of {run}" for run in runs[1:]]
    if len(others) > _NAMED:
        others[_NAMED:] = [f"those of {len(others) - _NAMED} older runs"]
    rest = f"; areas that it left out, by {', '.join(others)}" if others else ""
    return {"judged by": f"the ledger of {runs[0]}{rest}"}


def date(moment: float) -> str:
    """Write seconds since 1970 as a date.

    Example:
        >>> date(1772000000.0)
        '2026-02-25 06:13 UTC'
    """
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(moment))


def run_facts(seeds: Sequence[int], threshold: float, profile: str) -> dict[str, str]:
    """Return what made a run: the same text whenever nothing changed."""
    return {
        "harness": __version__,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "implementation": sys.implementation.name,
        "profile": profile,
        "seeds": ", ".join(map(str, seeds)),
        "K": f"{threshold:g}",
    }
