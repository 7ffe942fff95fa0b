"""The backends there are, and the environment their workers get: fair, the same every time, and recorded.

Everything here is found without importing a framework, or NumPy: an adapter imports its own where it is made, and
distributions are looked up in their metadata.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
import sysconfig
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness.adapters.base import BUILT_IN
from harness.backend import Backend
from harness.errors import AdapterError, SettingsError, suggest
from harness.observe.declaration import declared
from harness.observe.installed import versions_of
from harness.observe.workers.worker import FOLDERS
from harness.processor import instructions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.adapters.base import Adapter

__all__ = ["DEVICES", "FAIR", "GROUP", "RECORDED", "find_backends", "settings_of", "worker_environment"]

GROUP = "harness.adapters"
"""Entry-point group by which other distributions offer adapters."""

DEVICES = ("cpu", "gpu")

FAIR = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "NVIDIA_TF32_OVERRIDE": "0",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "ONEDNN_DEFAULT_FPMATH_MODE": "STRICT",
    "PYTHONHASHSEED": "0",
}
"""What every worker gets, whatever the user's environment says.

TF32 is off in NVIDIA's libraries, oneDNN computes float32 in nothing narrower
(https://uxlfoundation.github.io/oneDNN/dev_guide_attributes_fpmath_mode.html), and cuBLAS gives the same bits twice
(https://docs.nvidia.com/cuda/cublas/#results-reproducibility).
"""

RECORDED = (
    "ATEN_CPU_CAPABILITY",
    "DNNL_MAX_CPU_ISA",
    "JAX_DEFAULT_MATMUL_PRECISION",
    "JAX_ENABLE_X64",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "ONEDNN_MAX_CPU_ISA",
    "OPENBLAS_CORETYPE",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_XLA_FLAGS",
    "XLA_FLAGS",
)
"""What decides about rounding in a framework and is left as the user set it, but recorded."""


def find_backends(names: Sequence[str] | None, adapters: Sequence[str] = (), device: str = "cpu") -> list[Backend]:
    """Find backends in this interpreter's environment. Imports no framework.

    Args:
        names: Which; none means every built-in adapter, installed or not, every one that another distribution
            offers, and those in `adapters`.
        adapters: More of them, as `package.module:Class`; the current folder is on the path. One that has the name
            of a built-in adapter stands in its place.
        device: `cpu` or `gpu`.

    Raises:
        SettingsError: If a name or the device is unknown, or two adapters have one name.
        AdapterError: If one of `adapters` cannot be loaded.
    """
    if device not in DEVICES:
        raise SettingsError(f"--device {device!r}: expected one of {', '.join(DEVICES)}.{suggest(device, DEVICES)}")
    found = {name: _describe(target, device, name) for name, target in BUILT_IN.items()}
    for entry in sorted(importlib.metadata.entry_points(group=GROUP)):
        if entry.name in found:
            raise SettingsError(
                f"The entry point {entry.name} = {entry.value!r} in {GROUP} has the name of another adapter, "
                f"{found[entry.name].target!r}. Uninstall one of the two, or rename it."
            )
        found[entry.name] = _describe(entry.value, device, entry.name)
    given: dict[str, str] = {}
    _import_from_here(adapters)
    for target in adapters:
        backend = _of(declared(target), target, device)
        if given.setdefault(backend.name, target) != target:
            raise SettingsError(
                f"--adapter {target}: {given[backend.name]} is named {backend.name!r} too. Give each adapter its own name."
            )
        found[backend.name] = backend
    if names is None:
        return list(found.values())
    for name in names:
        if name not in found:
            known = list(found)
            raise SettingsError(
                f"No backend is named {name!r}: expected {', '.join(known)}, or --adapter package.module:Class."
                f"{suggest(name, known)}"
            )
    return [found[name] for name in dict.fromkeys(names)]


def worker_environment(backend: Backend) -> dict[str, str]:
    """Return the whole environment of a backend's worker.

    It is this process's own, with fair settings over it and the adapter's over those. This package can be imported
    in it, and, after everything else, what lies in the current folder.
    """
    environment = {**os.environ, **FAIR, **backend.environment}
    root = Path(__file__).resolve().parents[2]
    # A folder on PYTHONPATH comes before the interpreter's own: in front of another environment's packages, this
    # environment's packages must not stand. There, the harness is installed beside the framework.
    if root.name not in {"site-packages", "dist-packages"}:
        environment["PYTHONPATH"] = _joined(environment.get("PYTHONPATH", "").split(os.pathsep), str(root))
    environment[FOLDERS] = _joined(environment.get(FOLDERS, "").split(os.pathsep), str(Path.cwd()))
    return environment


def settings_of(backend: Backend) -> dict[str, str]:
    """Return what is recorded with each observation of a backend and enters its fingerprint: no paths, no machine names.

    The processor counts by its vector instructions, since kernels are chosen by them and round otherwise with each.

    Two observations with the same settings, versions, inputs and source are expected to have the same bits.
    """
    environment = worker_environment(backend)
    names = sorted({*FAIR, *RECORDED, *backend.environment})
    recorded = {name: environment[name] for name in names if name in environment}
    here = {"adapter": backend.target, "platform": sysconfig.get_platform(), "processor": instructions()}
    return {**here, **recorded}


def _describe(target: str, device: str, name: str) -> Backend:
    """Describe an adapter that is offered, not asked for: one that is broken is not found."""
    try:
        return _of(declared(target), target, device, name)
    except AdapterError as error:
        return Backend(name=name, target=target, python=sys.executable, device=device, found=False, reason=str(error))


def _of(adapter: type[Adapter], target: str, device: str, name: str | None = None) -> Backend:
    versions, missing = versions_of(adapter.distributions)
    made = Backend(
        name=name or adapter.name,
        target=target,
        python=sys.executable,
        device=device,
        modes=adapter.modes,
        dtypes=adapter.dtypes,
        versions=versions,
        environment=dict(adapter.environment),
        slow_modes=adapter.slow_modes,
        paths=adapter.paths,
        found=not missing,
        reason=_missing(adapter.name, target, missing) if missing else "",
    )
    return replace(made, settings=settings_of(made))


def _missing(name: str, target: str, missing: Sequence[str]) -> str:
    remedy = f"'framework-harness[{name}]'" if BUILT_IN.get(name) == target else " ".join(missing)
    verb = "is" if len(missing) == 1 else "are"
    return f"{' and '.join(missing)} {verb} not installed in {sys.executable}; pip install {remedy}"


def _import_from_here(adapters: Sequence[str]) -> None:
    here = str(Path.cwd())
    if adapters and not {here, ""} & set(sys.path):
        sys.path.append(here)


def _joined(folders: Iterable[str], last: str) -> str:
    return os.pathsep.join(dict.fromkeys([*filter(None, folders), last]))
