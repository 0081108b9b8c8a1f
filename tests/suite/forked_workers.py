"""Workers of pytest-xdist that are forked from one process which has imported everything (`--forked`).

Each worker imports all of ours, all that we use and all modules of tests, and so does what its warm processes are
forked from (see `suite.warm`): some 20 processor seconds a worker, and twice that where no module of tests was ever
compiled. With this option both are forked from one process that has done so.
A run of a few tests needs less than everything and is quicker without.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from suite.kinds import COUNTING
from suite.programs import python_program

OPTION = "--forked"
RUNNING = pytest.StashKey["Forking"]()
PATIENCE_SECONDS = 240
_CALLER = """import socket
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({address!r})
    socket.send_fds(asked, [b"!"], [0, 1, 2])
    asked.recv(1)
"""
"""To pytest-xdist it is a Python: it goes on until the forked one ends, which holds the other end of the socket."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """--forked."""
    group = parser.getgroup("crmsync")
    group.addoption(
        OPTION, action="store_true", help="fork the workers from one process that has imported everything"
    )


class Forking:
    """The process that workers are forked from, and the program that asks it."""

    def __init__(self, collected: Sequence[str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="forked-")
        address = f"{self._folder.name}/asked"
        self.program = Path(self._folder.name) / "python"
        python_program(self.program, _CALLER.format(address=address))
        here = str(Path(__file__).parents[1])  # no PYTHONPATH, as workers inherit the environment
        code = f"import sys; sys.path.insert(0, {here!r}); from suite.worker_forking import serve; serve()"
        self._process = subprocess.Popen([sys.executable, "-c", code, address, *collected], stdin=subprocess.PIPE)
        end = time.monotonic() + PATIENCE_SECONDS
        while not Path(address).exists():
            assert self._process.poll() is None and time.monotonic() < end, "there is nothing to fork workers from"
            time.sleep(0.01)

    def end(self) -> float:
        """It sees that nobody asks any more. Gives the processor seconds that it took."""
        before = sum(os.times()[2:4])
        self._process.communicate()
        self._folder.cleanup()
        return sum(os.times()[2:4]) - before


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: Sequence[Any]) -> None:
    """Before pytest-xdist starts its workers."""
    if config.getoption(OPTION):
        config.stash[RUNNING] = Forking(config.args)
        for spec in specs:
            spec.python = shlex.quote(str(config.stash[RUNNING].program))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """After the workers."""
    if RUNNING in session.config.stash:
        session.config.stash[COUNTING].workers += session.config.stash[RUNNING].end()
