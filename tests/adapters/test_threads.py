"""Every framework computes in one thread: times are of programs, not of how many cores each one takes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from harness.adapters.base import BUILT_IN
from harness.observe.environment import find_backends, worker_environment

__all__: list[str] = []

_PROGRAM = """
import json, os, sys
import numpy as np
from harness.adapters.base import load


def busy():
    # Nanoseconds that each thread ran: https://docs.kernel.org/scheduler/sched-stats.html
    found = {}
    for thread in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{thread}/schedstat") as file:
            found[thread] = int(file.read().split()[0])
    return found


adapter = load(sys.argv[1])("cpu")
xp = adapter.namespace()
shares = {}
for mode in adapter.modes:
    if mode in adapter.slow_modes:
        continue
    call = adapter.value(lambda x: xp.matmul(x, x), mode)
    x = adapter.array(np.ones((1024, 1024), np.float32))
    adapter.synchronize(call(x))
    found = []
    for _ in range(9):
        before = busy()
        adapter.synchronize(call(x))
        took = [ran - before.get(thread, 0) for thread, ran in busy().items()]
        found.append(max(took) / sum(took))
    shares[mode] = sorted(found)[4]
print(json.dumps(shares))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux counts how long each thread ran")
@pytest.mark.parametrize("name", BUILT_IN)
def test_a_product_of_matrices_takes_one_thread(name: str) -> None:
    """In a worker's environment one thread does nearly all of the work of a call, in every mode.

    Which one may change from call to call. Looked at are shares of what was computed, which neighbours hardly change: two
    threads that share the work have a half each, and what is nearer to a half than to the whole is no single thread.
    """
    (backend,) = find_backends([name])
    if not backend.found:
        pytest.skip(f"{name} is not installed")
    command = [backend.python, "-c", _PROGRAM, name]
    done = subprocess.run(command, env=worker_environment(backend), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shares = json.loads(done.stdout.splitlines()[-1])
    assert {} == {mode: share for mode, share in shares.items() if share < 0.75}
