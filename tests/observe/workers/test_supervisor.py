"""Tests of worker processes and of their supervisor: every way a worker can end, and that innocents never notice."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest

from harness.errors import WorkerError
from harness.model import Array, Outcome
from harness.observe.workers.process import MARKER
from harness.observe.workers.protocol import Named
from harness.observe.workers.supervisor import End, Reply, Worker
from harness.observe.workers.worker import FOLDERS, PARENT

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__: list[str] = []

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = np.array([1.5, -0.0, np.nan])


def _environment() -> dict[str, str]:
    # Without an empty entry, which would mean the current folder.
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}


def _worker(timeout: float = 20.0, memory_mib: int | None = None, **options: Any) -> Worker:
    return Worker(sys.executable, "tests.fakes:Handler", options, _environment(), timeout, memory_mib)


def _left() -> list[psutil.Process]:
    """Find live descendants of workers that this process started."""
    found = []
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.Error, OSError):
            continue
        if MARKER in environment and environment.get(PARENT) == str(os.getpid()):
            found.append(process)
    return found


def _gone(process: psutil.Process, seconds: float) -> bool:
    """Wait until a process is dead; whether its parent has noticed does not count."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """After each test, no worker and nothing that a worker started is alive."""
    yield
    assert [] == _left()


def _end(worker: Worker, **header: Any) -> End:
    *_, end = worker.call(header, [SAMPLE])
    assert isinstance(end, End)
    return end


def _is_innocent(worker: Worker) -> bool:
    """Whether an honest call is answered, bit for bit."""
    reply, end = worker.call({"n": 1}, [SAMPLE])
    return reply == Reply({"n": 1}, (Array.of(SAMPLE),)) and end == End(Outcome.COMPLETED)


def test_a_call_gives_replies_and_an_end() -> None:
    """One reply for a handler that returns, several for one that yields, none for one that yields nothing."""
    with _worker() as worker:
        assert [Reply({"n": 1}, (Array.of(SAMPLE),)), End(Outcome.COMPLETED)] == list(worker.call({"n": 1}, [SAMPLE]))
        three = [Reply({"index": index}) for index in range(3)]
        assert [*three, End(Outcome.COMPLETED)] == list(worker.call({"partial": 3}))
        assert [End(Outcome.COMPLETED)] == list(worker.call({"partial": 0}))


def test_one_process_answers_all_calls_and_is_started_when_it_is_needed() -> None:
    """The hello is the handler's; the same process answers until it fails."""
    with _worker() as worker:
        assert [] == _left()
        pid = worker.start()["pid"]
        assert _is_innocent(worker)
        assert [pid] == [process.pid for process in _left()]
        assert pid == worker.start()["pid"]


def test_bfloat16_passes_as_bits_under_its_name() -> None:
    """The record has the name that was sent, and the bits."""
    bits = np.array([0x3F80, 0x7FC1], np.uint16)
    with _worker() as worker:
        reply, _ = worker.call({}, [Named("bfloat16", bits)])
    assert isinstance(reply, Reply)
    (array,) = reply.arrays
    assert bits.tobytes() == array.data
    assert (2,) == array.shape
    assert array.intact


FAULTS = {
    "segfault": (Outcome.CRASHED, "was killed by SIGSEGV"),
    "abort": (Outcome.CRASHED, "was killed by SIGABRT"),
    "exit": (Outcome.CRASHED, "exited with status 0"),
    "kill": (Outcome.CRASHED, "was killed by SIGKILL"),
    "hang": (Outcome.TIMED_OUT, "no reply within 1 s"),
    "stubborn_hang": (Outcome.TIMED_OUT, "no reply within 1 s"),
    "memory": (Outcome.OUT_OF_MEMORY, "more than the limit of 300 MiB"),
    "child_memory": (Outcome.OUT_OF_MEMORY, "more than the limit of 300 MiB"),
    "grandchild": (Outcome.CRASHED, "exited with status 0"),
    "bad_frame": (Outcome.CRASHED, "broke the protocol: A frame of 5 bytes does not match its CRC-32"),
    "huge_frame": (Outcome.CRASHED, "broke the protocol: A frame claims 4611686018427387904 bytes"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_own_outcome_and_innocents_are_untouched(fault: str) -> None:
    """The calls before and after it are answered; replies that came before it in the same call are kept."""
    outcome, reason = FAULTS[fault]
    with _worker(memory_mib=300) as worker:
        assert _is_innocent(worker)
        start = time.monotonic()
        limit = 1.0 if "hang" in fault else 20.0
        *replies, end = worker.call({"fault": fault, "partial": 2}, [SAMPLE], timeout=limit)
        assert time.monotonic() - start < limit + 1.0
        assert [Reply({"index": index}, (Array.of(SAMPLE),)) for index in range(2)] == replies
        assert isinstance(end, End)
        assert outcome is end.outcome
        assert reason in (end.reason or "")
        assert _is_innocent(worker)


def test_noise_on_stdout_and_stderr_disturbs_nothing() -> None:
    """Python's print, a write to descriptor 1 and undecodable bytes on stderr are not taken for frames."""
    with _worker() as worker:
        assert End(Outcome.COMPLETED) == _end(worker, fault="noise")
        assert _is_innocent(worker)


def test_noise_before_the_worker_begins_disturbs_nothing(tmp_path: Path) -> None:
    """A module that prints while Python itself starts does not reach the protocol."""
    (tmp_path / "sitecustomize.py").write_text("print('welcome to this cluster', flush=True)")
    environment = _environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), environment["PYTHONPATH"]])
    with Worker(sys.executable, "tests.fakes:Handler", {}, environment) as worker:
        assert _is_innocent(worker)


def test_a_reason_quotes_the_last_words_of_its_own_call() -> None:
    """The fault handler's traceback is quoted, what an earlier call printed is not."""
    with _worker() as worker:
        assert End(Outcome.COMPLETED) == _end(worker, fault="noise")
        reason = _end(worker, fault="segfault").reason or ""
    assert "Fatal Python error: Segmentation fault" in reason
    assert "_segfault" in reason
    assert "noise" not in reason


@pytest.mark.parametrize(
    ("raises", "outcome"),
    [("ValueError", Outcome.RAISED), ("SystemExit", Outcome.RAISED), ("MemoryError", Outcome.OUT_OF_MEMORY)],
)
def test_an_exception_in_the_handler_is_answered_and_the_worker_lives_on(raises: str, outcome: Outcome) -> None:
    """Its type, message and traceback are the reason."""
    with _worker() as worker:
        pid = worker.start()["pid"]
        end = _end(worker, raises=raises)
        assert outcome is end.outcome
        assert (end.reason or "").startswith(f"{raises}: no\n")
        assert "in handle" in (end.reason or "")
        assert _is_innocent(worker)
        assert pid == worker.start()["pid"]


def test_a_request_that_cannot_be_sent_is_no_fault_of_the_worker() -> None:
    """It ends as raised, and the same process answers the next."""
    with _worker() as worker:
        pid = worker.start()["pid"]
        end = _end(worker, parameters={1, 2})
        assert Outcome.RAISED is end.outcome
        assert "cannot be sent" in (end.reason or "")
        assert pid == worker.start()["pid"]


def test_each_reply_starts_the_time_anew() -> None:
    """A call may take longer than its limit as long as it keeps answering."""
    with _worker(timeout=2.0) as worker:
        *replies, end = worker.call({"partial": 4, "pause": 0.7})
    assert len(replies) == 4
    assert End(Outcome.COMPLETED) == end


def test_a_worker_that_reads_no_request_is_timed_out() -> None:
    """A stopped process with a full pipe does not hang the supervisor."""
    with _worker() as worker:
        os.kill(worker.start()["pid"], signal.SIGSTOP)
        (end,) = worker.call({}, [np.zeros(1 << 20)], timeout=0.5)
        assert isinstance(end, End)
        assert Outcome.TIMED_OUT is end.outcome
        assert _is_innocent(worker)


def test_a_worker_killed_while_idle_is_replaced_unnoticed() -> None:
    """No call is blamed for it."""
    with _worker() as worker:
        pid = worker.start()["pid"]
        os.kill(pid, signal.SIGKILL)
        assert worker._process is not None
        while not worker._process.exited:
            time.sleep(0.01)
        assert _is_innocent(worker)
        assert pid != worker.start()["pid"]


def test_a_worker_killed_between_two_replies_keeps_the_first() -> None:
    """What was answered stays answered."""
    with _worker() as worker:
        pid = worker.start()["pid"]
        call = worker.call({"partial": 2, "pause": 0.2})
        assert Reply({"index": 0}) == next(call)
        os.kill(pid, signal.SIGKILL)
        (end,) = call
        assert isinstance(end, End)
        assert Outcome.CRASHED is end.outcome


def test_workers_killed_at_random_never_answer_wrong() -> None:
    """Every call is answered in full and right, or ends as crashed, or as missing where no start succeeded."""
    generator = random.Random(0)
    done = threading.Event()
    outcomes: set[Outcome] = set()

    def kill() -> None:
        while not done.wait(generator.uniform(0.0, 0.5)):
            for process in _left():
                process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    worker = _worker()
    try:
        stop = time.monotonic() + 60.0
        for number in itertools.count():
            if time.monotonic() > stop or (number >= 100 and {Outcome.COMPLETED, Outcome.CRASHED} <= outcomes):
                break
            *replies, end = worker.call({"partial": 3, "pause": 0.001}, [SAMPLE])
            assert isinstance(end, End)
            outcomes.add(end.outcome)
            assert [Reply({"index": index}, (Array.of(SAMPLE),)) for index in range(len(replies))] == replies
            assert (len(replies) == 3) or end.outcome is not Outcome.COMPLETED
            if worker.unavailable is not None:
                worker.close()
                worker = _worker()
    finally:
        done.set()
        killer.join()
        worker.close()
    assert {Outcome.COMPLETED, Outcome.CRASHED} == outcomes - {Outcome.MISSING}


def test_a_worker_that_dies_once_at_its_start_is_started_again(tmp_path: Path) -> None:
    """One death before the hello costs nothing but time."""
    with _worker(at_start="segfault", once=str(tmp_path / "started")) as worker:
        assert _is_innocent(worker)


def test_a_backend_that_dies_at_its_start_is_unavailable_after_three_starts(tmp_path: Path) -> None:
    """Every call then ends at once as missing, with what the last start printed."""
    counter = tmp_path / "starts"
    (tmp_path / "dying.py").write_text(
        f"with open({str(counter)!r}, 'a') as file:\n    file.write('x')\nraise ImportError('libcuda.so.1 not found')\n"
    )
    environment = {**_environment(), FOLDERS: str(tmp_path)}
    with Worker(sys.executable, "dying:Handler", {}, environment) as worker:
        first, second = _end(worker), _end(worker)
        assert first == second == worker.unavailable
        with pytest.raises(WorkerError, match="unavailable"):
            worker.start()
    assert Outcome.MISSING is first.outcome
    assert "3 workers ended before they were ready" in (first.reason or "")
    assert "exited with status 1" in (first.reason or "")
    assert "ImportError: libcuda.so.1 not found" in (first.reason or "")
    assert "xxx" == counter.read_text()


@pytest.mark.parametrize("fault", ["exit", "kill"])
def test_death_before_the_hello_is_survived(fault: str) -> None:
    """Whether it exits or is killed."""
    with _worker(at_start=fault) as worker:
        assert Outcome.MISSING is _end(worker).outcome


def test_a_hang_before_the_hello_ends() -> None:
    """The start has a limit of its own."""
    with Worker(
        sys.executable, "tests.fakes:Handler", {"at_start": "hang"}, _environment(), start_timeout=1.0
    ) as worker:
        end = _end(worker)
    assert Outcome.MISSING is end.outcome
    assert "no reply within 1 s" in (end.reason or "")


def test_an_interpreter_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    """The reason names it."""
    with Worker(str(tmp_path / "python"), "tests.fakes:Handler", {}, _environment()) as worker:
        end = _end(worker)
    assert Outcome.MISSING is end.outcome
    assert str(tmp_path / "python") in (end.reason or "")


def test_a_caller_that_stops_listening_gets_no_stale_replies_later() -> None:
    """The rest of an abandoned call is not taken for the answer to the next."""
    with _worker() as worker:
        call = worker.call({"partial": 100}, [SAMPLE])
        assert isinstance(next(call), Reply)
        call.close()  # type: ignore[attr-defined]  # it is a generator
        assert _is_innocent(worker)


def test_a_killed_worker_is_not_started_again() -> None:
    """`kill` ends a call from another thread, and every later call at once."""
    with _worker() as worker:
        worker.start()
        threading.Timer(0.2, worker.kill).start()
        assert Outcome.CRASHED is _end(worker, fault="hang").outcome
        assert Outcome.MISSING is _end(worker).outcome


def test_the_thread_that_starts_a_worker_may_end() -> None:
    """The kernel's parent-death signal, which belongs to a thread, does not kill it then."""
    with _worker() as worker:
        thread = threading.Thread(target=worker.start)
        thread.start()
        thread.join()
        time.sleep(0.1)
        pid = worker.start()["pid"]
        assert _is_innocent(worker)
        assert pid == worker.start()["pid"]


@pytest.mark.parametrize("fault", ["hang", "stubborn_hang", ""])
def test_a_worker_dies_with_its_parent(fault: str) -> None:
    """A kill -9 of the supervisor leaves no worker after two seconds, busy or idle."""
    script = (
        "import json, os, sys, time\n"
        "from harness.observe.workers.supervisor import Worker\n"
        "worker = Worker(sys.executable, 'tests.fakes:Handler', {}, dict(os.environ))\n"
        "print(worker.start()['pid'], flush=True)\n"
        f"list(worker.call({{'fault': {fault!r}}}))\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], env=_environment(), stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        time.sleep(0.2)
        parent.kill()
    assert _gone(worker, seconds=2.0)


def test_the_worker_ends_with_its_input() -> None:
    """Without a supervisor, end of input is the end, and nothing but frames was written to its output."""
    command = [sys.executable, "-P", "-m", "harness.observe.workers.worker", "tests.fakes:Handler", json.dumps({})]
    done = subprocess.run(command, input=b"", env=_environment(), capture_output=True, check=True, timeout=20)
    assert done.stdout.startswith(b"\0harness\n")


def test_a_file_beside_the_worker_or_in_the_current_folder_shadows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A numpy.py or json.py where the user stands is not what the worker imports."""
    for name in ("numpy", "json", "torch"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('shadowed')")
    monkeypatch.chdir(tmp_path)
    environment = {**_environment(), FOLDERS: str(tmp_path)}
    with Worker(sys.executable, "tests.fakes:Handler", {}, environment) as worker:
        assert _is_innocent(worker)
