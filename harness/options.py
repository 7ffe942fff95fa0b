"""What the commands and the pytest plugin may be told, written once, and the plan that it comes to.

Imports the standard library alone, so that pytest can list the options without waiting for anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.pipeline import Options

__all__ = ["OF_RUN", "OPTIONS", "Option", "duration", "fields", "folders_and_patterns", "make_plan"]


@dataclass(frozen=True)
class Option:
    """One option.

    Attributes:
        name: As Python writes it: `no_cache` is `--no-cache`.
        help: What it says, without its default.
        kind: Type of its value; a `Path` is a folder's, a `bool` has no value.
        default: What holds where nothing was said; none where the help says it.
        short: Its letter: `-b`.
        plural: The field of a plan that holds all that was said, for an option that may be said again.
        metavar: What stands for its value.
        positive: Whether a number must be above 0.
    """

    name: str
    help: str
    kind: type = str
    default: Any = None
    short: str = ""
    plural: str = ""
    metavar: str | None = None
    positive: bool = False

    @property
    def flag(self) -> str:
        """Its name with dashes."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def multiple(self) -> bool:
        """Whether it may be said again."""
        return bool(self.plural)

    @property
    def field(self) -> str:
        """The field of a plan that it sets."""
        return self.plural or self.name


OPTIONS = {
    one.name: one
    for one in (
        Option("backend", "Backend; again for more. All that are installed.", short="-b", plural="backends"),
        Option("mode", "eager, or a compiler of the backend; again for more. All.", short="-m", plural="modes"),
        Option(
            "dtype",
            "float32, float64, bfloat16, float16, complex64, …; again for more. The profile's.",
            short="-d",
            plural="dtypes",
        ),
        Option("device", "cpu or gpu.", default="cpu"),
        Option(
            "quantity",
            "value, vjp, jvp, hvp, …, or one in full: vjp:x; again for more. The profile's.",
            short="-q",
            plural="quantities",
        ),
        Option(
            "profile",
            "quick: values and gradients in float32. full: every dtype, quantity and path to it.",
            default="quick",
        ),
        Option("store", "The store's folder.", Path, ".harness"),
        Option("shard", "Only part I of N.", default="1/1", metavar="I/N"),
        Option("timeout", "Seconds one answer may take.", float, 120.0, positive=True),
        Option("memory", "Resident memory a worker may use, in MiB. No limit.", int, metavar="MIB", positive=True),
        Option("adapter", "An adapter, package.module:Class; again for more.", plural="adapters", metavar="M:C"),
        Option("no_cache", "Run what is unchanged again.", bool),
        Option("seed", "Seed of samples; again for more.", int, 0, plural="seeds"),
        Option("reports", "The folder reports are written to.", Path, "reports/latest"),
    )
}
"""Name to option."""

OF_RUN = (
    "backend", "mode", "dtype", "device", "quantity", "profile", "store", "shard", "timeout", "memory", "adapter",
    "no_cache", "seed", "reports",
)  # fmt: skip
"""The options of `harness run`, in their order; the pytest plugin has those that pytest has no way of its own for."""


def make_plan(select: Sequence[str] = (), shard: str = "1/1", **said: Any) -> Options:
    """Make a plan of what was said.

    Args:
        select: Cases, folders and files.
        shard: Which part of how many, as `I/N`.
        said: The other options, by name.

    Raises:
        SettingsError: If the shard is none.
    """
    from harness.pipeline import Options

    folders, patterns = folders_and_patterns(select)
    return Options(select=patterns, folders=folders, shard=_shard(shard), **fields(said))


def fields(said: dict[str, Any]) -> dict[str, Any]:
    """Name options as the fields of a plan."""
    found = {
        OPTIONS[name].field if name in OPTIONS else name: value for name, value in said.items() if name != "no_cache"
    }
    if "no_cache" in said:
        found["cache"] = not said["no_cache"]
    return found


def folders_and_patterns(select: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell folders and files from patterns: what is written like a path is one."""
    folders = tuple(word for word in select if word.endswith(".py") or word.startswith((".", "/")) or _is_folder(word))
    return folders, tuple(word for word in select if word not in folders)


def _is_folder(word: str) -> bool:
    path = Path(word)
    return path.is_dir() and any(path.rglob("*.py"))


def _shard(text: str) -> tuple[int, int]:
    part, slash, parts = text.partition("/")
    if not (slash and part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise SettingsError(f"--shard {text!r}: expected I/N with 1 <= I <= N, such as 2/4.")
    return int(part), int(parts)


def duration(text: str) -> float:
    """Read a time such as `90`, `90s`, `5m` or `1.5h`, in seconds.

    Raises:
        SettingsError: If it is none.
    """
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "s")
    try:
        seconds = float(number) * units[unit]
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise SettingsError(f"--budget {text!r}: expected a positive number of s, m or h, such as 90s, 5m or 1h.")
    return seconds
