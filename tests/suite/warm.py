"""Processes that start warm: forked from one that has imported everything already, in some 30 ms instead of a second.

Each is a process of its own all the same, with its own signals, working directory, environment, standard streams and
exit code. What it shares with its siblings is what was imported, and with it the seed of string hashes: a test to
which the start or that seed matters starts `python -m crmsync` itself.
"""

from __future__ import annotations

import fcntl
import io
import multiprocessing
import multiprocessing.forkserver
import os
import signal
import socket
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from multiprocessing.connection import arbitrary_address
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import NoReturn
from unittest.mock import patch

from suite.everything import module_names

PATIENCE = 240
"""Seconds after which a process that should have ended by itself makes the test fail."""


class WarmProcess:
    """A process at work. `stdout` and `stderr` are what it has said so far; `out` and `err` hold it."""

    def __init__(self, process: ForkServerProcess, out: Path, err: Path) -> None:
        self._process, self._out, self._err = process, out, err

    @classmethod
    def start(
        cls,
        main: Callable[[], None],
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        said: Path,
        terminal: Mapping[int, str] | None = None,
    ) -> WarmProcess:
        """Run `main` with this `sys.argv`; what it says goes to the files `said` with .out and .err at the end.

        `terminal`: standard streams that are this terminal instead, by descriptor, stdin among them (see
        `suite.terminal`).
        """
        out, err = said.with_name(f"{said.name}.out"), said.with_name(f"{said.name}.err")
        out.touch()
        err.touch()
        streams = {1: str(out), 2: str(err), **(terminal or {})}
        # A daemon, so that pytest does not wait for it when a test was interrupted.
        process = _warm().Process(target=_begin, args=(main, [*arguments], cwd, {**env}, streams), daemon=True)
        # A module by itself is found where it lies, also where workers have it in memory and not in their `sys.path`.
        beside = [] if "." in main.__module__ else [str(Path(main.__code__.co_filename).parent)]
        with patch.object(sys, "path", [*sys.path, *beside]):
            process.start()
        return cls(process, out, err)

    @property
    def stdout(self) -> str:
        """What stdout holds so far."""
        return self._out.read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        """What stderr holds so far."""
        return self._err.read_text(encoding="utf-8")

    @property
    def pid(self) -> int:
        """For signals."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def sentinel(self) -> int:
        """A descriptor that can be read once it has ended."""
        return self._process.sentinel

    def poll(self) -> int | None:
        """Its exit code, minus the signal's number if one ended it; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float = PATIENCE) -> int:
        """Its exit code, once it has ended by itself."""
        self._process.join(seconds)
        code = self.poll()
        assert code is not None, f"still running after {seconds} s: {self.stderr}"
        return code

    def end(self, seconds: float = PATIENCE) -> int:
        """SIGTERM, and its exit code."""
        self._process.terminate()
        return self.wait(seconds)

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.join()

    def first_line(self, seconds: float = PATIENCE) -> str:
        """The first line on stdout, once it is complete; "" if the process ends without one."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ended = self.poll() is not None
            line, newline, _ = self.stdout.partition("\n")
            if newline:
                return line
            if ended:
                return ""
            time.sleep(0.005)
        raise AssertionError(f"nothing on stdout within {seconds} s: {self.stderr}")

    def __enter__(self) -> WarmProcess:
        """Kill it at the end of the block if it is still there."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing running."""
        self.kill()


def processor_seconds() -> float:
    """What all warm processes that have ended computed, and the one that they are forked from. Linux; else 0."""
    pid = multiprocessing.forkserver._forkserver._forkserver_pid
    if pid is None:
        return 0.0
    try:  # several times in each test: it is read as quickly as can be
        opened = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return 0.0
    fields = os.read(opened, 1024).rpartition(b")")[2].split()
    os.close(opened)
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def fork_server() -> None:
    """What forks warm processes is forked from this one, which has imported all and has no threads.

    Where Python lets none but its own server be asked, `_warm` starts one later.
    """
    server = multiprocessing.forkserver._forkserver
    if hasattr(server, "_forkserver_authkey"):
        return
    address = arbitrary_address("AF_UNIX")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    asked, alive = os.pipe()
    pid = os.fork()
    if pid == 0:
        _serve(listening, asked, alive)
    listening.close()
    os.close(asked)
    server._forkserver_address, server._forkserver_alive_fd, server._forkserver_pid = address, alive, pid


def _serve(listening: socket.socket, asked: int, alive: int) -> NoReturn:
    """Until nobody is there who could ask: the other end of `asked` is closed then."""
    try:
        os.close(alive)
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)
        multiprocessing.forkserver.main(listening.detach(), asked, [])
    finally:
        os._exit(0)


@cache
def _warm() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    # pytest, because a process imports what its parent's main module imports.
    context.set_forkserver_preload(["suite.garbage", "pytest", *module_names(), "suite.one_dialect", "suite.warmed"])
    # It is told in no other way where `suite` is, and leaves out silently what it does not find.
    with patch.dict(os.environ, PYTHONPATH=str(Path(__file__).parents[1])):
        multiprocessing.forkserver.ensure_running()
    return context


def _begin(
    main: Callable[[], None],
    arguments: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    streams: Mapping[int, str],
) -> None:
    if 0 in streams:
        os.setsid()  # what a terminal controls is a session
    for descriptor, file in streams.items():
        opened = os.open(file, os.O_RDWR | os.O_APPEND)
        os.dup2(opened, descriptor)
        os.close(opened)
    if 0 in streams:
        _take_terminal()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = list(arguments)
    main()


def _take_terminal() -> None:
    """As for a process that was started there: Ctrl-C reaches it, and what it says is seen line by line."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=os.isatty(1))
