"""The worker process: `python -m harness.observe.workers.worker module:Class '<options as JSON>'`.

It takes the protocol's descriptors for itself before anything else is imported, so that whatever a framework prints
goes to stderr; makes the handler, says hello, and then answers requests one by one until its input ends. A handler
has `hello() -> dict` and `handle(header, arrays)`, which returns one `(header, arrays)` or yields several. Each is
sent at once, so that what was finished before a crash is kept; `{"done": true}` follows the last.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.observe.workers.protocol import MARK, read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BufferedReader, BufferedWriter

__all__ = ["FOLDERS", "PARENT", "main"]

FOLDERS = "HARNESS_PATH"
"""Environment variable: folders to import from after everything else."""

PARENT = "HARNESS_PARENT"
"""Environment variable: the supervisor's process id."""

_MESSAGE = 2_000


def main(arguments: Sequence[str]) -> int:
    """Serve one handler until the input ends.

    Args:
        arguments: `module:Class`, and the keywords of its constructor as JSON.

    Returns:
        The exit status.
    """
    requests, replies = _take_descriptors()
    _die_with_parent()
    _leave_no_core()
    faulthandler.enable()
    sys.path.extend(folder for folder in os.environ.get(FOLDERS, "").split(os.pathsep) if folder not in {"", *sys.path})
    target, options = arguments
    module, _, name = target.partition(":")
    try:
        handler = getattr(importlib.import_module(module), name)(**json.loads(options))
        hello = handler.hello()
    except HarnessError as error:  # it cannot be had here, and another start would not change that
        replies.write(MARK)
        write_frame(replies, {"refused": str(error)})
        return 0
    replies.write(MARK)
    write_frame(replies, {"hello": hello})
    while True:
        try:
            header, arrays = read_frame(requests)
        except EOFError:
            return 0
        _answer(handler, header, [named.array for named in arrays], replies)


def _answer(handler: Any, header: dict[str, Any], arrays: list[Any], replies: BufferedWriter) -> None:
    try:
        answer = handler.handle(header, arrays)
        for partial, made in [answer] if isinstance(answer, tuple) else _several(answer):
            write_frame(replies, partial, made)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a case may raise anything, and the worker must live on
        write_frame(replies, {"done": True, "error": _describe(error)})
    else:
        write_frame(replies, {"done": True})


def _several(answer: Any) -> Iterable[Any]:
    if isinstance(answer, Iterable):
        return answer
    raise TypeError(f"The handler returned {answer!r}: expected (header, arrays), or an iterator of such pairs.")


def _describe(error: BaseException) -> dict[str, str]:
    try:
        message = str(error)
    except Exception:  # an exception whose text cannot be made is still an exception
        message = "(its message cannot be shown)"
    frames = "".join(traceback.format_tb(error.__traceback__, limit=-5))
    return {
        "outcome": "out_of_memory" if isinstance(error, MemoryError) else "raised",
        "type": type(error).__name__,
        "message": message[:_MESSAGE],
        "traceback": frames[-_MESSAGE:],
    }


def _take_descriptors() -> tuple[BufferedReader, BufferedWriter]:
    """Keep 0 and 1 for the protocol under other numbers; native code that prints to 1 then reaches stderr."""
    requests, replies = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return os.fdopen(requests, "rb"), os.fdopen(replies, "wb")


def _die_with_parent() -> None:
    """Ask the kernel for SIGKILL when the supervisor dies; where it cannot be asked, look once a second."""
    expected = int(os.environ.get(PARENT, "0")) or os.getppid()
    if not _ask_kernel():
        threading.Thread(target=_watch_parent, args=(expected,), daemon=True).start()
    if os.getppid() != expected:  # it died before the kernel was asked
        os._exit(1)


def _ask_kernel() -> bool:
    if sys.platform != "linux":
        return False
    try:
        import ctypes

        set_parent_death_signal = 1
        return bool(ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL, 0, 0, 0) == 0)
    except (ImportError, OSError, AttributeError):
        return False


def _watch_parent(expected: int) -> None:
    while os.getppid() == expected:
        time.sleep(1.0)
    os._exit(1)


def _leave_no_core() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
