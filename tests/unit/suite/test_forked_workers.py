"""Workers that are forked have all imported, and so has what their warm processes come from; else they are as any.

`make test` itself runs on them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]
TESTS = """
import os, sys
import multiprocessing.forkserver

with open("imported", "a") as told:
    told.write(f"{os.getpid()}\\n")

def test_all_is_there():
    assert {"crmsync_hubspot", "crmsync.run.story", "crmsync_practice.serve"} <= set(sys.modules)
    assert "crmsync.testing" not in sys.modules

def test_warm_processes_have_where_to_come_from():
    pid = multiprocessing.forkserver._forkserver._forkserver_pid
    assert hasattr(multiprocessing.forkserver._forkserver, "_forkserver_authkey") or os.getpgid(pid)

def test_that_fails():
    one = 1
    assert one == 2

def test_that_ends_its_worker():
    os._exit(3)
"""


STARTS_A_THREAD = """
import threading

threading.Thread(target=threading.Event().wait, daemon=True).start()

def test_that_runs(): ...
"""
FILE = "tests/unit/test_it.py"


def run(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    (folder / FILE).parent.mkdir(parents=True)
    (folder / FILE).write_text(code, encoding="utf-8")
    plugins = ("-p", "suite.kinds", "-p", "suite.forked_workers")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-n", "2", "--forked", "-q", "--rootdir", folder, FILE],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(HERE)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.breadth
def test_workers_begin_with_everything_and_are_told_of_as_any(tmp_path: Path) -> None:
    """With the tests, too: three workers, as one ends, and one process that has imported them."""
    done = run(tmp_path, TESTS)
    assert "2 failed, 2 passed" in done.stdout, f"{done.stdout}\n{done.stderr}"
    assert "assert 1 == 2" in done.stdout
    assert f"crashed while running '{FILE}::test_that_ends_its_worker'" in done.stdout
    assert len((tmp_path / "imported").read_text("utf-8").splitlines()) == 1


@pytest.mark.breadth
def test_a_module_of_tests_that_starts_a_thread_is_refused(tmp_path: Path) -> None:
    """Workers would be without it, and would wait for it for ever."""
    done = run(tmp_path, STARTS_A_THREAD)
    assert done.returncode != 0 and "passed" not in done.stdout
    assert f"modules of tests start threads when they are imported: {FILE}" in done.stderr
