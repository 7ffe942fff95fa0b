"""Backends: an adapter in an environment on a device.

A backend is never stored (`harness.model.BackendFacts` says what a store keeps of it), and `harness list` shows every one
without what records need, which takes ten times as long to import as all else that it needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Backend"]


@dataclass(frozen=True, kw_only=True)
class Backend:
    """An adapter in an environment on a device.

    Attributes:
        name: `torch`; `torch@2.14.1` in an environment of its own.
        target: The adapter, as `module:Class`.
        python: The environment's interpreter.
        device: `cpu` or `gpu`.
        modes: What the adapter offers: `eager` first, then its compilers.
        dtypes: Names of the dtypes it can compute in.
        versions: Distribution to version, the framework's own first. Python's and NumPy's are among them.
        environment: Variables that the adapter wants set before its worker starts.
        settings: What is set before its worker starts and decides about results, as it is recorded and fingerprinted.
        slow_modes: Modes that only the full profile runs.
        paths: Kind of quantity to the further ways there are to it.
        found: Whether everything it needs is installed.
        reason: What is missing, and what to do; empty where nothing is.
    """

    name: str
    target: str
    python: str
    device: str = "cpu"
    modes: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    slow_modes: tuple[str, ...] = ()
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    found: bool = True
    reason: str = ""

    @property
    def version(self) -> str:
        """The framework's own version; empty where it is not installed."""
        return next(iter(self.versions.values()), "") if self.found else ""

    @property
    def framework(self) -> str:
        """The name of its adapter, without that of the environment."""
        return self.name.partition("@")[0]
