"""The plan: which checks there are, grouped into tasks that one call of a worker answers.

A task is a case × sample × backend × mode × dtype; its checks differ in the quantity only, and come from the same
prepared computation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from harness.collect.fingerprint import fingerprint
from harness.collect.loaded import observing
from harness.collect.subject import Probe, Subject
from harness.errors import CaseError, NothingToRunError, SettingsError, suggest
from harness.messages import Observe
from harness.model import Check
from harness.operations.formats import is_complex
from harness.quantity import KINDS, Quantity, kind_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from harness.collect.case import Case
    from harness.collect.samples import Sample
    from harness.model import Backend

__all__ = ["PROFILES", "Probe", "Profile", "Subject", "Task", "Wanted", "tasks_of"]


@dataclass(frozen=True)
class Profile:
    """What is checked where nothing else is asked for.

    Attributes:
        dtypes: Names of dtypes.
        kinds: Kinds of quantities.
        thorough: Whether slow compilers, and every path to a derivative, are run. Slow compilers are checked for
            values and gradients in the first dtype alone, unless they are asked for by name.
    """

    dtypes: tuple[str, ...]
    kinds: tuple[str, ...]
    thorough: bool


PROFILES = {
    "quick": Profile(("float32",), ("value", "vjp"), thorough=False),
    "full": Profile(
        ("float32", "float64", "bfloat16", "float16", "complex64", "complex128"), tuple(KINDS), thorough=True
    ),
}
"""Profiles by name. A sample runs in the real dtypes or, where one of its arrays is complex, in the complex ones."""


@dataclass(frozen=True)
class Wanted:
    """What was asked for; empty means everything.

    Attributes:
        modes: Modes.
        dtypes: dtypes.
        quantities: `value`, `vjp`, or one in full, such as `vjp:x` or `vjp:x@func`, as they were written.
        thorough: Whether slow compilers, and every path to a derivative, are run without being asked for.
        seeds: Seeds of the samples; each sample is drawn once for each.
    """

    modes: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = PROFILES["quick"].dtypes
    quantities: tuple[str, ...] = PROFILES["quick"].kinds
    thorough: bool = False
    seeds: tuple[int, ...] = (0,)

    @cached_property
    def words(self) -> tuple[Quantity, ...]:
        """The quantities, read."""
        return tuple(map(Quantity.parse, self.quantities))


@dataclass(frozen=True, eq=False)
class Task:
    """A subject on a backend in a mode.

    Attributes:
        subject: What is computed.
        backend: Where.
        mode: How.
        implementation: `portable` or `native`.
        quantities: What is checked.
    """

    subject: Subject
    backend: Backend
    mode: str
    implementation: str
    quantities: tuple[Quantity, ...]

    @cached_property
    def key(self) -> str:
        """Fingerprint of everything that decides what the backend returns, the quantity left out."""
        return fingerprint(
            drawn=self.subject.drawn,
            backend=self.backend.name,
            versions=dict(self.backend.versions),
            settings=dict(self.backend.settings),
            mode=self.mode,
            device=self.backend.device,
            implementation=self.implementation,
            observer=observing(self.backend.target, self.implementation, self.subject.rows),
        )

    def id(self, quantity: Quantity) -> str:
        """Fingerprint of one check: an observation's id."""
        return fingerprint(task=self.key, quantity=str(quantity))

    def check(self, quantity: Quantity) -> Check:
        """The check of one quantity."""
        return Check(
            case=self.subject.case.id,
            sample=self.subject.name,
            backend=self.backend.name,
            mode=self.mode,
            dtype=self.subject.dtype,
            device=self.backend.device,
            quantity=quantity.name,
            implementation=self.implementation,
            path=quantity.path,
        )

    def request(self) -> Observe:
        """Ask an observing worker for it."""
        return self.subject.request(
            Observe, implementation=self.implementation, mode=self.mode, quantities=self.quantities
        )


def tasks_of(
    chosen: Mapping[str, tuple[Case, tuple[str, ...]]],
    backends: Sequence[Backend],
    wanted: Wanted,
) -> list[Task]:
    """List every task.

    Args:
        chosen: From `registry.select`.
        backends: Where to run, those that cannot be found included.
        wanted: Modes, dtypes, quantities, seeds.

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
            kinds = tuple(dict.fromkeys(quantity.kind for quantity in every if _is_wanted(quantity, wanted)))
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
                                if quantities:
                                    tasks.append(Task(subject, backend, mode, implementation, quantities))
    if not tasks:
        raise NothingToRunError(
            f"Nothing to run: no chosen case has one of the quantities {', '.join(wanted.quantities) or 'value, vjp'} "
            f"in one of the dtypes {', '.join(wanted.dtypes)} on one of the backends. See `harness list`."
        )
    return tasks


def _implementations(case: Case, backend: Backend) -> Iterator[str]:
    if case.portable:
        yield "portable"
    if backend.framework in case.natives:
        yield "native"


def _quantities(case: Case, sample: Sample) -> tuple[Quantity, ...]:
    """List what can be checked, by its usual path."""
    arrays = {
        "output": [""] if case.outputs is None else [str(number) for number in range(case.outputs)],
        "input": [*sample.differentiable],
        "case": [""],
    }
    found = [
        Quantity(kind.name, of)
        for kind in KINDS.values()
        if not (kind.is_derivative and not sample.differentiable)
        and (kind.of_complex or not sample.complex)
        and not (kind.single and case.outputs is not None)
        and (kind.largest is None or sample.size <= kind.largest)
        for of in arrays[kind.per]
    ]
    if case.derivatives is True:
        return tuple(found)
    kinds = {"value", *(case.derivatives or ())}
    for kind in kinds - KINDS.keys():
        raise CaseError(
            f"{case.path}:{case.line}: {case.name} has derivatives={case.derivatives!r}: expected true, false, or some "
            f"of {kind_names()}.{suggest(kind, list(KINDS))}"
        )
    return tuple(quantity for quantity in found if quantity.kind in kinds)


def _is_wanted(quantity: Quantity, wanted: Wanted) -> bool:
    return any(word.includes(quantity) for word in wanted.words)


def _with_paths(every: Sequence[Quantity], backend: Backend, wanted: Wanted, *, further: bool) -> tuple[Quantity, ...]:
    """Choose quantities, and the further paths to them."""
    chosen = []
    for quantity in every:
        asked = [word for word in wanted.words if word.includes(quantity)]
        if any(not word.path for word in asked):
            chosen.append(quantity)
        every_path = bool(asked) and wanted.thorough and further
        chosen.extend(
            quantity.by(path)
            for path in backend.paths.get(quantity.kind, ())
            if every_path or any(word.path == path for word in asked)
        )
    return tuple(chosen)


def _basic(quantities: Iterable[Quantity]) -> tuple[Quantity, ...]:
    """Keep what a slow compiler is worth waiting for: values and gradients, by the usual path."""
    return tuple(one for one in quantities if one.kind in PROFILES["quick"].kinds and not one.path)


def _modes(backend: Backend, wanted: Wanted) -> tuple[str, ...]:
    if wanted.modes:
        return tuple(mode for mode in backend.modes if mode in wanted.modes)
    return tuple(mode for mode in backend.modes if wanted.thorough or mode not in backend.slow_modes)


def _check_quantities(quantities: Sequence[str]) -> None:
    for word in quantities:
        kind = Quantity.parse(word).kind
        if kind not in KINDS:
            raise SettingsError(
                f"-q {word!r}: expected one of {kind_names()}, or one in full such as vjp:x or vjp:x@func."
                f"{suggest(kind, list(KINDS))}"
            )


def _check_modes(modes: Sequence[str], backends: Sequence[Backend]) -> None:
    known = list(dict.fromkeys(mode for backend in backends for mode in backend.modes))
    for mode in modes:
        if mode not in known:
            raise SettingsError(f"-m {mode!r}: the chosen backends offer {', '.join(known)}.{suggest(mode, known)}")
