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


@pytest.mark.breadth
def test_workers_begin_with_everything_and_are_told_of_as_any(tmp_path: Path) -> None:
    file = "tests/unit/test_it.py"
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(TESTS, encoding="utf-8")
    plugins = ("-p", "suite.kinds", "-p", "suite.forked_workers")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-n", "2", "--forked", "-q", "--rootdir", tmp_path, file],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(HERE)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "2 failed, 2 passed" in done.stdout, f"{done.stdout}\n{done.stderr}"
    assert "assert 1 == 2" in done.stdout
    assert f"crashed while running '{file}::test_that_ends_its_worker'" in done.stdout
