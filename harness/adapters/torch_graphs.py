"""What `torch.compile` counted while a compiled function ran: graphs, graph breaks, recompilations."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Counted", "Meter"]


class Meter:
    """Reads the counters of the process, of which each compiled function gets its share.

    Attributes:
        counts: `frames` of Python that were looked at, those of them that ran `eagerly`, the `graphs` that came of
            them, and `graph_breaks`, each a place where Python had to go on by itself.
        compilations: How often each frame, by its number, was compiled.

    Args:
        torch: The framework's top module.
    """

    def __init__(self, torch: Any) -> None:
        """Find the counters."""
        self._dynamo = torch._dynamo  # noqa: SLF001 - where PyTorch keeps them
        self.forget()

    def forget(self) -> None:
        """Start anew: a reset of the compiler clears some of the counters."""
        self.counts: Counter[str] = Counter()
        self.compilations: Counter[Any] = Counter()

    def read(self) -> bool:
        """Read the counters, and say whether anything was compiled since they were last read."""
        found = self._dynamo.utils.counters
        frames = found["frames"]["total"]
        if frames == self.counts["frames"]:
            return False
        self.counts = Counter(
            frames=frames,
            eagerly=frames - found["frames"]["ok"],
            graphs=found["stats"]["unique_graphs"],
            graph_breaks=sum(found["graph_break"].values()),
        )
        self.compilations = Counter(self._dynamo.convert_frame.FRAME_COMPILE_COUNTER)
        return True


class Counted:
    """A compiled function, with its share of the counters.

    Args:
        function: What `torch.compile` returned.
        meter: Reads the counters.
    """

    def __init__(self, function: Callable[..., Any], meter: Meter) -> None:
        """Count nothing yet."""
        self._function = function
        self._meter = meter
        self._counts: Counter[str] = Counter()
        self._compilations: Counter[Any] = Counter()

    def __call__(self, *arrays: Any) -> Any:
        """Run the function, and count."""
        meter = self._meter
        meter.read()
        counts, compilations = meter.counts, meter.compilations
        try:
            return self._function(*arrays)
        finally:
            if meter.read():
                self._counts += meter.counts - counts
                self._compilations += meter.compilations - compilations

    def facts(self) -> dict[str, int]:
        """Return what was counted; a frame's first compilation is no recompilation."""
        again = self._compilations.total() - len(self._compilations)
        return {
            "graphs": self._counts["graphs"],
            "graph_breaks": self._counts["graph_breaks"],
            "eager_frames": self._counts["eagerly"],
            "recompiles": again,
        }
