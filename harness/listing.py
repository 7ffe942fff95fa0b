"""What `harness list` shows: the cases and backends there are, worked out once for each state of the sources.

Loading all standard cases takes some twenty times as long as Python takes to start. So what was found is kept beside the
store, under a key that holds the state of every file that decides it; without a store it is found anew each time.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness import __version__
from harness.collect.fingerprint import fingerprint
from harness.collect.kept import kept, kept_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Rows", "listed"]

Rows = dict[str, list[dict[str, Any]]]
"""`backends` and `cases`, each a list of what `--json` writes a line of."""

_PACKAGE = Path(__file__).resolve().parent


def listed(folders: Sequence[str], patterns: Sequence[str], device: str, adapters: Sequence[str], store: Path) -> Rows:
    """List cases and backends.

    Args:
        folders: Where to collect cases; none means the default.
        patterns: Which cases; none means all.
        device: `cpu` or `gpu`.
        adapters: More backends, as `package.module:Class`.
        store: The folder beside which the list is kept, if it is there.

    Raises:
        HarnessError: If the folders, the patterns, the device or an adapter are wrong.
    """
    if adapters:  # a module that the user is writing, anywhere on the path
        return _found(folders, patterns, device, adapters)
    asked = [[str(Path(folder).resolve()) for folder in folders], list(patterns), device]
    key = fingerprint(asked=asked, here=str(Path.cwd()), state=[*_state(folders)], version=__version__)
    with kept_in(store, "list.json"):
        rows: Rows = kept(f"list:{key}", lambda: _found(folders, patterns, device, adapters))
    return rows


def _state(folders: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Yield what tells that something else would be listed: case files, this package, and what is installed."""
    roots = [Path(folder) for folder in folders] or [Path("cases"), _PACKAGE / "_cases", _PACKAGE.parent / "cases"]
    files = [path for root in (*roots, _PACKAGE) for path in ([root] if root.is_file() else sorted(root.rglob("*.py")))]
    # A folder's time changes when a distribution is installed into it or removed from it.
    installed = (Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages")))
    for path in (*files, *installed, Path(sys.executable)):
        try:
            status = path.stat()
        except OSError:
            continue
        yield str(path), status.st_mtime_ns, status.st_size


def _found(folders: Sequence[str], patterns: Sequence[str], device: str, adapters: Sequence[str]) -> Rows:
    from harness.collect import registry
    from harness.observe.environment import find_backends

    chosen = registry.select(registry.collect(folders), patterns)
    backends = find_backends(None, adapters, device)
    lacking = {backend.name: _gaps(backend.target) for backend in backends if backend.found}
    return {
        "backends": [
            {
                "backend": backend.name,
                "found": backend.found,
                "version": backend.version,
                "modes": list(backend.modes),
                "dtypes": list(backend.dtypes),
                "reason": backend.reason or None,
            }
            for backend in backends
        ],
        "cases": [
            {
                "case": case.id,
                "samples": list(samples),
                "operations": list(case.operations),
                "natives": list(case.natives),
                "portable": case.portable,
                "path": str(case.path),
                "line": case.line,
                "supported": {name: gaps.isdisjoint(case.operations) for name, gaps in lacking.items()},
            }
            for case, samples in chosen.values()
        ],
    }


def _gaps(adapter: str) -> frozenset[str]:
    from harness.adapters.base import load
    from harness.operations.words import Gap

    return frozenset(name for name, word in load(adapter).words.items() if isinstance(word, Gap))
