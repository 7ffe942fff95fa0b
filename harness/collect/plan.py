"""The plan: which checks there are, grouped into tasks that one call of a worker answers.

A task is a case × sample × backend × mode × dtype; its checks differ in the quantity only, and come from the same
prepared computation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from harness.collect.fingerprint import fingerprint
from harness.collect.loaded import observing
from harness.collect.subject import Probe, Subject
from harness.errors import CaseError, NothingToRunError, SettingsError, suggest
from harness.model import Check
from harness.operations.formats import is_complex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.collect.case import Case
    from harness.collect.samples import Sample

__all__ = ["PROFILES", "QUANTITIES", "Backendlike", "Probe", "Profile", "Subject", "Task", "Wanted", "plan"]

QUANTITIES = ("value", "vjp", "jvp", "hvp", "curvature", "jacobian", "vmap")
"""Every kind of quantity."""

_SMALL = 16
"""Inputs of at most so many elements have their whole Jacobian looked at."""


@dataclass(frozen=True)
class Profile:
    """What is looked at where nothing else is asked for.

    Attributes:
        dtypes: Names of dtypes.
        kinds: Kinds of quantities.
        thorough: Whether slow compilers, and every path to a derivative, are run. Slow compilers are looked at for
            values and gradients in the first dtype alone, unless they are asked for by name.
    """

    dtypes: tuple[str, ...]
    kinds: tuple[str, ...]
    thorough: bool


PROFILES = {
    "quick": Profile(("float32",), ("value", "vjp"), thorough=False),
    "full": Profile(
        ("float32", "float64", "bfloat16", "float16", "complex64", "complex128"), QUANTITIES, thorough=True
    ),
}
"""Profiles by name. A sample runs in the real dtypes or, where one of its arrays is complex, in the complex ones."""


class Backendlike(Protocol):
    """What the plan needs to know of a backend."""

    @property
    def name(self) -> str:
        """The backend's name."""

    @property
    def target(self) -> str:
        """The adapter, as `module:Class`."""

    @property
    def device(self) -> str:
        """`cpu` or `gpu`."""

    @property
    def modes(self) -> tuple[str, ...]:
        """What it offers."""

    @property
    def slow_modes(self) -> tuple[str, ...]:
        """What it offers to those who have time."""

    @property
    def paths(self) -> Mapping[str, tuple[str, ...]]:
        """Kind of quantity to the further ways there are to it."""

    @property
    def versions(self) -> Mapping[str, str]:
        """Distribution to version."""


@dataclass(frozen=True)
class Wanted:
    """What was asked for; empty means everything.

    Attributes:
        modes: Modes.
        dtypes: dtypes.
        quantities: `value`, `vjp`, or one in full, such as `vjp:x` or `vjp:x@func`.
        thorough: Whether slow compilers, and every path to a derivative, are run without being asked for.
        seeds: Seeds of the samples; each sample is drawn once for each.
    """

    modes: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = PROFILES["quick"].dtypes
    quantities: tuple[str, ...] = PROFILES["quick"].kinds
    thorough: bool = False
    seeds: tuple[int, ...] = (0,)


@dataclass(frozen=True, eq=False)
class Task:
    """A subject on a backend in a mode.

    Attributes:
        subject: What is computed.
        backend: Where.
        mode: How.
        implementation: `portable` or `native`.
        quantities: What is looked at, as workers are asked for it: `vjp:x`, `vjp:x@func`.
        settings: What was set before the worker starts.
    """

    subject: Subject
    backend: Backendlike
    mode: str
    implementation: str
    quantities: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """Fingerprint of everything that decides what the backend returns, the quantity left out."""
        return fingerprint(
            drawn=self.subject.drawn,
            backend=self.backend.name,
            versions=dict(self.backend.versions),
            settings=dict(self.settings),
            mode=self.mode,
            device=self.backend.device,
            implementation=self.implementation,
            observer=observing(self.backend.target, self.backend.name, self.implementation, self.subject.rows),
        )

    def id(self, quantity: str) -> str:
        """Fingerprint of one check: an observation's id."""
        return fingerprint(task=self.key, quantity=quantity)

    def check(self, quantity: str) -> Check:
        """The check of one quantity."""
        name, _, path = quantity.partition("@")
        return Check(
            case=self.subject.case.id,
            sample=self.subject.name,
            backend=self.backend.name,
            mode=self.mode,
            dtype=self.subject.dtype,
            device=self.backend.device,
            quantity=name,
            implementation=self.implementation,
            path=path,
        )

    def request(self) -> dict[str, Any]:
        """Give the header of the request to an observing worker."""
        return self.subject.request() | {
            "implementation": self.implementation,
            "mode": self.mode,
            "quantities": list(self.quantities),
        }


def plan(
    chosen: Mapping[str, tuple[Case, tuple[str, ...]]],
    backends: Sequence[Backendlike],
    wanted: Wanted,
    settings: Mapping[str, Mapping[str, str]],
) -> list[Task]:
    """List every task.

    Args:
        chosen: From `registry.select`.
        backends: Where to run, those that cannot be found included.
        wanted: Modes, dtypes, quantities, seeds.
        settings: Backend's name to what is set before its worker starts.

    Raises:
        SettingsError: If no backend has one of the modes, or a quantity is unknown.
        NothingToRunError: If that leaves nothing.
    """
    _check_modes(wanted.modes, backends)
    _check_quantities(wanted.quantities)
    tasks: list[Task] = []
    for case, names in chosen.values():
        for number, name in enumerate(names):
            sample = case.samples[name]
            every = _quantities(case, sample)
            kinds = tuple(kind for kind in QUANTITIES if any(_is_wanted(one, kind, wanted) for one in every))
            dtypes = [dtype for dtype in wanted.dtypes if is_complex(dtype) == sample.complex]
            for dtype in dtypes if kinds else ():
                for seed in wanted.seeds:
                    subject = Subject(case, sample, dtype, seed, kinds)
                    for backend in backends:
                        for implementation in _implementations(case, backend):
                            for mode in _modes(backend, wanted):
                                # One sample shows whether a path is right; the usual one is taken with all of them.
                                further = mode == "eager" and implementation == "portable" and number == 0
                                quantities = _with_paths(every, backend, wanted, further=further)
                                if mode in backend.slow_modes and not wanted.modes:
                                    quantities = _basic(quantities) if dtype == dtypes[0] else ()
                                given = settings.get(backend.name, {})
                                if quantities:
                                    tasks.append(Task(subject, backend, mode, implementation, quantities, given))
    if not tasks:
        raise NothingToRunError(
            f"Nothing to run: no chosen case has one of the quantities {', '.join(wanted.quantities) or 'value, vjp'} "
            f"in one of the dtypes {', '.join(wanted.dtypes)} on one of the backends. See `harness list`."
        )
    return tasks


def _implementations(case: Case, backend: Backendlike) -> Iterator[str]:
    if case.portable:
        yield "portable"
    if backend.name.partition("@")[0] in case.natives:
        yield "native"


def _quantities(case: Case, sample: Sample) -> tuple[str, ...]:
    """List what can be looked at, by its usual path."""

    def each(kind: str) -> tuple[str, ...]:
        return (kind,) if case.outputs is None else tuple(f"{kind}:{number}" for number in range(case.outputs))

    inputs = sample.differentiable
    found = [*each("value")]
    if inputs:
        found += [f"vjp:{name}" for name in inputs]
        found += each("jvp")
        found += [f"hvp:{name}" for name in inputs]
    if inputs and not sample.complex:
        found.append("curvature")
        if case.outputs is None and sample.size <= _SMALL:
            found += [f"jacobian:{name}" for name in inputs]
    found += each("vmap")
    if case.derivatives is True:
        return tuple(found)
    kinds = {"value", *(case.derivatives or ())}
    for kind in kinds:
        if kind not in QUANTITIES:
            raise CaseError(
                f"{case.path}:{case.line}: {case.name} has derivatives={case.derivatives!r}: expected true, false, or some "
                f"of {', '.join(QUANTITIES)}.{suggest(kind, QUANTITIES)}"
            )
    return tuple(quantity for quantity in found if quantity.partition(":")[0] in kinds)


def _is_wanted(quantity: str, kind: str, wanted: Wanted) -> bool:
    own = quantity.partition(":")[0]
    if own != kind:
        return False
    names = [word.partition("@")[0] for word in wanted.quantities]
    return own in names or quantity in names


def _with_paths(every: Sequence[str], backend: Backendlike, wanted: Wanted, *, further: bool) -> tuple[str, ...]:
    """Choose quantities, and the further paths to them."""
    found = []
    for quantity in every:
        kind = quantity.partition(":")[0]
        asked = [word for word in wanted.quantities if word.partition("@")[0] in {kind, quantity}]
        if any("@" not in word for word in asked):
            found.append(quantity)
        every_path = bool(asked) and wanted.thorough and further
        found.extend(
            f"{quantity}@{path}"
            for path in backend.paths.get(kind, ())
            if every_path or any(word.endswith(f"@{path}") for word in asked)
        )
    return tuple(found)


def _basic(quantities: Iterable[str]) -> tuple[str, ...]:
    """Keep what a slow compiler is worth waiting for: values and gradients, by the usual path."""
    return tuple(one for one in quantities if one.partition(":")[0] in PROFILES["quick"].kinds and "@" not in one)


def _modes(backend: Backendlike, wanted: Wanted) -> tuple[str, ...]:
    if wanted.modes:
        return tuple(mode for mode in backend.modes if mode in wanted.modes)
    return tuple(mode for mode in backend.modes if wanted.thorough or mode not in backend.slow_modes)


def _check_quantities(quantities: Sequence[str]) -> None:
    for word in quantities:
        kind = word.partition("@")[0].partition(":")[0]
        if kind not in QUANTITIES:
            raise SettingsError(
                f"-q {word!r}: expected one of {', '.join(QUANTITIES)}, or one in full such as vjp:x or vjp:x@func."
                f"{suggest(kind, QUANTITIES)}"
            )


def _check_modes(modes: Sequence[str], backends: Sequence[Backendlike]) -> None:
    known = list(dict.fromkeys(mode for backend in backends for mode in backend.modes))
    for mode in modes:
        if mode not in known:
            raise SettingsError(f"-m {mode!r}: the chosen backends offer {', '.join(known)}.{suggest(mode, known)}")
