"""The process that workers are forked from (see `suite.forked_workers`): imports everything, then waits for who asks.

Everything is what is tested, and the modules of tests that are asked for, whose assertions pytest writes anew as it
imports them. This is no plugin of pytest's and imports none before pytest does.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from suite import warm
from suite.everything import module_names

NOT_BEFORE_PYTEST = "crmsync.testing"
"""Its assertions are written anew, too."""

THREADS = Path("/proc/self/task")


class OnlyModules:
    """A plugin of pytest's: of what it collects it imports the modules, and looks at nothing in them.

    `wrong`: what has started a thread there. A fork would take none along but the one that forks.
    """

    def __init__(self) -> None:
        self._threads = _threads()
        self.wrong: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """After each module."""
        if (now := _threads()) != self._threads:
            self.wrong.append(report.nodeid)
        self._threads = now

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self) -> list[pytest.Item]:
        """For each name in a module."""
        return []


def serve() -> None:
    """`sys.argv`: where to listen, and what to collect. Forks a worker for each that asks, until stdin ends."""
    [_, address, *collected] = sys.argv
    _import_everything()
    _import_tests(collected)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for workers; pytest-xdist hears of their end
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it sees to that
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{address}.soon")
        listening.listen(8)
        Path(f"{address}.soon").rename(address)  # whoever sees it is answered
        while sys.stdin not in (ready := select.select([sys.stdin, listening], [], [])[0]):
            assert ready == [listening]
            asking, _ = listening.accept()
            _, streams, _, _ = socket.recv_fds(asking, 1, 3)
            if os.fork() == 0:
                listening.close()
                _become_worker(asking, streams)
            asking.close()
            for stream in streams:
                os.close(stream)


def _import_everything() -> None:
    for name in module_names():
        if not name.startswith(NOT_BEFORE_PYTEST):
            importlib.import_module(name)
    for name in [name for name in sys.modules if name.startswith(NOT_BEFORE_PYTEST)]:
        del sys.modules[name]  # looking for modules imports packages
    importlib.import_module("suite.warmed")  # collects and freezes garbage
    gc.set_threshold(50_000)


def _import_tests(collected: Sequence[str]) -> None:
    """What cannot be imported is told by the workers, who try it again."""
    modules = OnlyModules()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        pytest.main(["--collect-only", "--capture=no", "-p", "no:cacheprovider", *collected], plugins=[modules])
    if modules.wrong:
        sys.exit(f"modules of tests start threads when they are imported: {', '.join(modules.wrong)}")
    gc.collect()
    gc.freeze()


def _threads() -> list[str]:
    """Their names, but those of a memory allocator, which come as it likes and nobody waits for. Linux; else none."""
    names = []
    for each in THREADS.glob("*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            names.append(each.joinpath("comm").read_text("utf-8").strip())
    return sorted(name for name in names if not name.startswith("jemalloc"))


def _become_worker(asking: socket.socket, streams: Sequence[int]) -> NoReturn:
    """What `python -u -c …` would be, with all imported."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for descriptor, stream in enumerate(streams):
            os.dup2(stream, descriptor)
            os.close(stream)
        warm.fork_server()
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        sys.argv = ["-c"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        exec(eval(sys.stdin.readline()), sys.modules["__main__"].__dict__)
    finally:
        atexit._run_exitfuncs()  # as a Python of its own would: the last worker ends the run's PostgreSQL
        asking.close()
        os._exit(0)
