"""A worker that was forked ends as a Python of its own would: else each run would leave its PostgreSQL behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]
WORKER = """
import atexit, os, socket, sys
sys.path.insert(0, {tests!r})
from suite import warm, worker_forking
warm.fork_server = lambda: None
atexit.register(print, "ended", flush=True)
asking, _ = socket.socketpair()
told, tell = os.pipe()
os.write(tell, b"'print(1)'\\n")
worker_forking._become_worker(asking, [told, os.dup(1), os.dup(2)])
"""


def test_what_is_left_for_the_end_is_done() -> None:
    call = [sys.executable, "-c", WORKER.format(tests=str(TESTS))]
    done = subprocess.run(call, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["1", "ended"], done.stderr
