"""Checks that are blind to a factor 2: what a store holds, judged again with every element doubled.

A check that would still be fine says nothing about the size of a result. The ledger that belongs to the run settles what
it settles, so that an entry without a bound shows. Where doubling changes no bit (zeros, infinities and NaN alone, or
booleans) nothing can be seen, and nothing is wrong: those are counted apart, and so are those whose truth is 0 wherever
what was observed moves, for 2 · 0 is 0 and twice the rounding error of a sum that cancels is one.

Run with `python -m tests.audit.blind [STORE]`.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from harness import pipeline
from harness.judge import ledger
from harness.judge.agreement import THRESHOLD, judge
from harness.judge.entries import read
from harness.model import Array, Judgement, Outcome, Verdict
from harness.observe.store.segments import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model import Manifest, Observation, Truth
    from harness.observe.store.segments import Contents

__all__ = ["Blindness", "doubled", "look", "main", "of_store", "render"]

_FINE = (Verdict.AGREES, Verdict.CONVENTION, Verdict.ACCEPTED)
_NAMED = 6  # cases
_WIDTH = 110  # characters of an entry's reason that tell it from the others


@dataclass
class Blindness:
    """What was found.

    Attributes:
        checks: How many checks were completed.
        unchanged: How many of them are the same when they are doubled.
        zero: How many stay fine because the truth is 0 wherever what was observed moves.
        blind: Reason to the checks that stay fine when they are doubled.
    """

    checks: int = 0
    unchanged: int = 0
    zero: int = 0
    blind: dict[str, list[Judgement]] = field(default_factory=lambda: defaultdict(list))

    @property
    def count(self) -> int:
        """How many checks are blind."""
        return sum(map(len, self.blind.values()))


def doubled(observation: Observation) -> Observation | None:
    """Double every element of what both calls returned; None where that changes no bit."""
    arrays = [array.numpy() for array in observation.arrays()]
    if not any(_moves(array) for array in arrays):
        return None
    changed = {
        name: _written(_twice(array.numpy()), array.dtype)
        for name in ("value", "first")
        if (array := getattr(observation, name)) is not None
    }
    return msgspec.structs.replace(observation, **changed)


def _written(array: np.ndarray[Any, Any], dtype: str) -> Array:
    """Write numbers down in their dtype: bfloat16, which NumPy lacks, is read as float32; twice one is one, or ∞."""
    if dtype != "bfloat16":
        return Array.of(array)
    return msgspec.structs.replace(Array.of((array.view(np.uint32) >> np.uint32(16)).astype(np.uint16)), dtype=dtype)


def _moves(array: np.ndarray[Any, Any]) -> bool:
    return array.dtype.kind != "b" and array.tobytes() != _twice(array).tobytes()


def _twice(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if array.dtype.kind == "b":
        return array
    with np.errstate(all="ignore"):
        return np.asarray(array + array, dtype=array.dtype)


def look(manifest: Manifest, contents: Contents) -> Blindness:
    """Judge every completed check of a run again, doubled, and settle it by the run's own ledgers."""
    found = Blindness()
    bare, places = [], []
    for check, observation_id, reference_id in manifest.checks:
        observation = contents.observations.get(observation_id)
        if observation is None or observation.outcome is not Outcome.COMPLETED or observation.value is None:
            continue
        found.checks += 1
        wrong = doubled(observation)
        if wrong is None:
            found.unchanged += 1
            continue
        reference = contents.references.get(reference_id)
        bare.append(judge(msgspec.structs.replace(wrong, check=check), reference))
        places.append((observation, reference))
    settled = ledger.settle(bare, manifest.cases, read(manifest.ledgers), manifest.backends)
    for judgement, (observation, reference) in zip(settled, places, strict=True):
        if judgement.verdict not in _FINE:
            continue
        truth = None if reference is None else reference.quantities.get(judgement.check.quantity)
        if truth is not None and judgement.verdict is Verdict.AGREES and _zero(observation, truth):
            found.zero += 1
        else:
            found.blind[_why(judgement, truth)].append(judgement)
    return found


def _zero(observation: Observation, truth: Truth) -> bool:
    """Whether the truth is 0 wherever doubling moves an element."""
    array = truth.exact if truth.high is None else truth.high
    assert array is not None
    assert observation.value is not None
    observed = observation.value.numpy()
    twice = _twice(observed)
    return not array.numpy()[(observed != twice) & ~np.isnan(twice)].any()


def _why(judgement: Judgement, truth: Truth | None) -> str:
    """Say why a check stays fine."""
    if judgement.verdict is Verdict.ACCEPTED:
        return f"a ledger entry accepts it: {(judgement.reason or '')[:_WIDTH]}"
    if judgement.verdict is Verdict.CONVENTION:
        return "the doubled result lies in a set of right answers"
    if truth is None or truth.sigma is None or truth.high is None:
        return "the doubled result agrees with an exact truth"
    high, sigma = np.abs(truth.high.numpy()), np.abs(truth.sigma.numpy())
    if np.isinf(sigma).any():
        return "the budget is infinite: ill-conditioned here"
    if (sigma[high != 0] * THRESHOLD >= high[high != 0]).all():
        return "the budget is as large as the truth"
    return "the doubled result agrees otherwise"


def render(found: Blindness, title: str) -> str:
    """Write what was found as Markdown."""
    lines = [
        f"## Checks that are blind to a factor 2: {title}",
        "",
        (
            f"Of {found.checks} completed checks {found.unchanged} are the same when every element is doubled (zeros, "
            f"infinities, NaN, booleans), and of {found.zero} the truth is 0 wherever doubling moves anything. Of the others "
            f"**{found.count}** would still be fine."
        ),
        "",
    ]
    if found.count:
        lines += ["| checks | verdicts | why | cases |", "|---:|---|---|---|"]
    for why, judgements in sorted(found.blind.items(), key=lambda item: -len(item[1])):
        verdicts = Counter(str(one.verdict) for one in judgements)
        said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
        cases = [*dict.fromkeys(f"`{one.check.case}[{one.check.sample}]`" for one in judgements)]
        named = ", ".join(cases[:_NAMED]) + (f" and {len(cases) - _NAMED} more" if len(cases) > _NAMED else "")
        lines.append(f"| {len(judgements)} | {said} | {why.replace('|', chr(92) + '|')} | {named} |")
    return "\n".join([*lines, ""])


def of_store(store: Path, title: str = "the runs of the store") -> str:
    """Write what is found in a store as Markdown.

    Raises:
        SystemExit: If it holds no run.
    """
    return render(_read(store), title)


def _read(store: Path) -> Blindness:
    contents = Store(store).read()
    manifest = pipeline.together(contents)
    if manifest is None:
        raise SystemExit(f"{store} holds no run: expected a store. Run `harness run --store {store}` first.")
    return look(manifest, contents)


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, and print the table.

    Returns:
        0 if no check is blind.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", nargs="?", type=Path, default=Path(".harness"))
    parser.add_argument("--title", default="the runs of the store")
    asked = parser.parse_args(arguments)
    found = _read(asked.store)
    print(render(found, asked.title))  # noqa: T201 - an audit prints
    return 1 if found.count else 0


if __name__ == "__main__":
    raise SystemExit(main())
