"""What a compilation that fails may leave changed in PyTorch's thread: its dispatch keys, and its forward mode."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Keys"]


class Keys:
    """Puts the thread's dispatch keys back, and ends a forward mode that was not ended.

    A compilation that fails inside nested transforms leaves frames with contexts that were not left. Whenever Python
    collects them, the keys that they had found come back, which are not the thread's: autograd's are excluded, and from
    then on no result requires a gradient, in eager mode too. So after a failure they are collected at once, as soon as
    nothing holds them any more, and the keys are what they were at the start.

    The level of forward mode, of which PyTorch has one, may not be left either: from then on it refuses to enter it
    ("Nested forward mode AD is not supported at the moment"), for as long as the process lives.

    Args:
        torch: The framework's top module.
    """

    def __init__(self, torch: Any) -> None:
        """Remember the keys."""
        self._core = torch._C  # noqa: SLF001 - the keys have no public word
        self._failed = False
        self._excluded = {key: self._is_excluded(key) for key in self._core.DispatchKey.__members__.values()}

    def watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Note whether a compiled function fails."""

        def call(*arrays: Any) -> Any:
            try:
                return function(*arrays)
            except Exception:
                self._failed = True
                raise

        return call

    def restore(self) -> None:
        """Put all back, if something failed since this was last done. The exception must be gone by now."""
        if not self._failed:
            return
        gc.collect()
        for key, excluded in self._excluded.items():
            if self._is_excluded(key) != excluded:
                self._core._dispatch_tls_set_dispatch_key_excluded(key, excluded)  # noqa: SLF001
        with contextlib.suppress(RuntimeError):  # what it raises where no level was left open
            # The public word, torch.autograd.forward_ad.exit_dual_level, knows only of levels that Python entered.
            self._core._exit_dual_level(level=0)  # noqa: SLF001
        self._failed = False

    def _is_excluded(self, key: Any) -> bool:
        return bool(self._core._dispatch_tls_is_dispatch_key_excluded(key))  # noqa: SLF001
