"""Whether backends can compute on a device. Only the framework itself knows, so a worker of each is started once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from harness.errors import WorkerError
from harness.observe.environment import worker_environment
from harness.observe.gather import OBSERVER
from harness.observe.workers.supervisor import Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model import Backend

__all__ = ["refusals"]


def refusals(backends: Sequence[Backend]) -> dict[str, str]:
    """Start a worker of each backend on its device.

    Args:
        backends: What is installed.

    Returns:
        The names of those that could not be started, each with the reason.
    """
    with ThreadPoolExecutor() as pool:
        reasons = pool.map(_refusal, backends)
        return {backend.name: reason for backend, reason in zip(backends, reasons, strict=True) if reason}


def _refusal(backend: Backend) -> str:
    options = {"adapter": backend.target, "device": backend.device}
    with Worker(backend.python, OBSERVER, options, worker_environment(backend)) as worker:
        try:
            worker.start()
        except WorkerError as error:
            return str(error)
    return ""
