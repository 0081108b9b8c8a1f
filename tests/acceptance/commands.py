"""The ways in which a test gives a command: inside this process, as a process, as a process that goes on meanwhile.

Inside is the rule: it costs no start, and what a command may touch of its process (working directory, environment,
standard streams) is its own. A process is for what a process alone can show: signals and sudden deaths, two at once,
what a start brings. `tests/acceptance/test_console_script.py` holds the two against each other, for every command.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from crmsync.cli.main import main
from suite.terminal import Terminal, terminal
from suite.warm import WarmProcess

ENDLESS = {"serve", "console", "practice", "demo"}
"""Commands that take signals or start processes: never inside."""

Done = subprocess.CompletedProcess[str]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without any CRMSYNC_ variable but the given ones."""
    # COLUMNS would make tables as narrow as the terminal in which the tests run.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CRMSYNC_", "COLUMNS"))}
    return {**clean, "NO_COLOR": "1", **(more or {})}


def crmsync(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """What the command says and how it ends; inside this process where that shows the same."""
    if arguments and arguments[0] in ENDLESS:
        with start(*arguments, cwd=cwd, env=env) as started:
            code = started.wait()
            return Done(["crmsync", *arguments], code, started.stdout, started.stderr)
    return inside(*arguments, cwd=cwd, env=env)


def inside(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """Run the command in this process."""
    out, err = _stream(), _stream()
    code = 0
    with _surroundings(["crmsync", *arguments], cwd, environment(env)):
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return Done(["crmsync", *arguments], code, _said(out), _said(err))


def process(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 300, program: str | None = None
) -> Done:
    """Start the command as users do and wait for it; `program`: another file than this Python with `-m crmsync`."""
    return subprocess.run(
        [*([program] if program else [sys.executable, "-m", "crmsync"]), *arguments],
        cwd=cwd,
        env=environment(env),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def start(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> WarmProcess:
    """Start the command and go on; what it says goes to files in its folder."""
    return WarmProcess.start(main, ["crmsync", *arguments], cwd=cwd, env=environment(env), said=_files_in(cwd))


@contextlib.contextmanager
def at_a_terminal(
    *arguments: str, cwd: Path, env: Mapping[str, str], said: Path, streams: Collection[int], cold: bool = False
) -> Iterator[Terminal]:
    """The command at a terminal; `cold`: as from a shell, where what a start makes of `env` matters."""
    with terminal(
        _from_nothing if cold else main,
        ["crmsync", *arguments],
        cwd=cwd, env=environment(env), said=said, streams=streams,
    ) as seat:  # fmt: skip
        yield seat


def _from_nothing() -> None:
    """In this process's place the command as it is started by users."""
    os.execv(sys.executable, [sys.executable, "-m", "crmsync", *sys.argv[1:]])


def _files_in(folder: Path) -> Path:
    """The name of the next process's files."""
    return folder / f"said-{len(list(folder.glob('said-*.out')))}"


@contextlib.contextmanager
def _surroundings(argv: list[str], cwd: Path, env: Mapping[str, str]) -> Iterator[None]:
    """As a new process would find them; afterwards as before."""
    before = Path.cwd(), sys.argv, dict(os.environ)
    os.chdir(cwd)
    sys.argv = argv
    _set_environment(env)
    try:
        yield
    finally:
        _set_environment(before[2])
        sys.argv = before[1]
        os.chdir(before[0])


def _set_environment(env: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env)


def _stream() -> io.TextIOWrapper:
    """As strict as a real one: it takes bytes underneath, and text only if UTF-8 can say it."""
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)


def _said(stream: io.TextIOWrapper) -> str:
    stream.flush()
    raw = stream.detach()
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode()
