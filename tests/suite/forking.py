"""A program `crmsync` for shells, which asks a process that has its imports already to fork for each command.

To whoever calls it, it is the console script: arguments, working directory, umask, environment and standard streams
are the caller's, and so is the exit code. The forking process is one of two. From a warm one (see `suite.warm`) a
command begins some 30 ms after it was called. A cold one is a Python of its own, with another seed of string hashes,
that has imported what others have written and nothing of ours: each command imports what it needs of crmsync.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from suite.programs import python_program
from suite.warm import PATIENCE, WarmProcess

OTHERS = ("click", "cronsim", "dotenv", "httpx", "hubspot", "msgspec", "polars", "pydantic", "requests", "rich.table",
          "rich.progress", "simple_salesforce", "sqlalchemy.dialects.sqlite", "tenacity", "yaml")  # fmt: skip
"""What takes long to import and is not ours."""
_CALLER = """import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({address!r})
    told = json.dumps([sys.argv[1:], os.getcwd(), os.umask(0o77), dict(os.environ)]).encode()
    socket.send_fds(asked, [len(told).to_bytes(4, "big")], [0, 1, 2])
    asked.sendall(told)
    code = int(asked.recv(16))
sys.exit(code) if code >= 0 else os.kill(os.getpid(), -code)
"""


@contextlib.contextmanager
def warm_program(folder: Path) -> Iterator[Path]:
    """The file `crmsync` in a new folder, whose commands begin warm."""
    with _addressed(folder) as (program, address):
        started = WarmProcess.start(serve, ["forking", address], cwd=folder, env=os.environ, said=folder / "forking")
        with started:
            _wait_for(address)
            yield program
            started.end()


@contextlib.contextmanager
def cold_program(folder: Path, seed: int) -> Iterator[Path]:
    """The file `crmsync` in a new folder, whose commands import crmsync anew, under this seed of string hashes."""
    env = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(Path(__file__).parents[1])}
    env["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # as crmsync sets it before it imports
    with (
        _addressed(folder) as (program, address),
        subprocess.Popen([sys.executable, "-m", "suite.forking", address, *OTHERS], env=env) as process,
    ):
        try:
            _wait_for(address)
            yield program
        finally:
            process.terminate()


@contextlib.contextmanager
def _addressed(folder: Path) -> Iterator[tuple[Path, str]]:
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as short:  # a socket's path is bounded to some 100 letters
        address = f"{short}/asked"
        program = folder / "crmsync"
        python_program(program, _CALLER.format(address=address))
        yield program, address


def _wait_for(address: str) -> None:
    end = time.monotonic() + PATIENCE
    while not Path(address).exists():
        assert time.monotonic() < end, f"nobody listens within {PATIENCE} s"
        time.sleep(0.01)


def serve() -> None:
    """`sys.argv`: where to listen, and what to import before. One command after the other, until SIGTERM."""
    address, *first = sys.argv[1:]
    for name in first:
        importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{address}.soon")
        listening.listen(8)
        Path(f"{address}.soon").rename(address)  # whoever sees it is answered
        while True:
            asking, _ = listening.accept()
            with asking:
                asking.sendall(str(_done(asking)).encode())


def _done(asking: socket.socket) -> int:
    """The exit code of the command that is asked for; minus a signal that ended it."""
    head, streams, _, _ = socket.recv_fds(asking, 4, 3)
    with asking.makefile("rb") as rest:
        asked = json.loads(rest.read(int.from_bytes(head, "big")))
    pid = os.fork()
    if pid == 0:
        _become(streams, *asked)
    for stream in streams:
        os.close(stream)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _become(streams: list[int], arguments: list[str], cwd: str, mask: int, env: dict[str, str]) -> None:
    code = 1
    try:
        for descriptor, stream in enumerate(streams):
            os.dup2(stream, descriptor)
            os.close(stream)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        os.chdir(cwd)
        os.umask(mask)
        os.environ.clear()
        os.environ.update(env)
        time.tzset()
        sys.argv = ["crmsync", *arguments]
        from crmsync.cli.start import start

        start()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
