"""pytest in processes of their own that are forked from one with the libraries imported: a second less for each.

Only third parties' modules are imported there: what is ours comes from the copy that holds the mutant.
"""

from __future__ import annotations

import gc
import multiprocessing
import multiprocessing.forkserver
import os
import signal
import sys
import types
from collections.abc import Sequence
from importlib.util import find_spec
from multiprocessing.context import ForkServerContext
from pathlib import Path

_LIBRARIES = (
    "alembic.command",
    "apscheduler.schedulers.background",
    "click",
    "httpx",
    "hubspot",
    "hypothesis",
    "jinja2",
    "msgspec",
    "polars",
    "pydantic_settings",
    "pytest",
    "requests",
    "responses",
    "rich.console",
    "rich.table",
    "ruamel.yaml",
    "simple_salesforce",
    "sqlalchemy.dialects.sqlite",
    "starlette.applications",
    "tenacity",
    "uvicorn",
    "yaml",
)
_ENVIRONMENT = {
    "PYTHONDONTWRITEBYTECODE": "",  # else each process compiles the whole copy
    "PYTHONHASHSEED": "0",
    "POLARS_MAX_THREADS": "1",  # as for each worker of the suite
}
_QUIET = "ignore::pytest.PytestAssertRewriteWarning"
"""Hypothesis was imported before pytest could look for its asserts; there are none of ours in it."""


class TooLong(Exception):
    """Tests that did not end in time. They and all that they started were killed."""


def forks() -> ForkServerContext:
    """The process to fork from, with the libraries. For a program, not for a test: it changes the environment."""
    os.environ.update(_ENVIRONMENT)
    context = multiprocessing.get_context("forkserver")
    gone = [name for name in _LIBRARIES if find_spec(name) is None]
    assert not gone, f"not there to be imported: {', '.join(gone)}"
    context.set_forkserver_preload(list(_LIBRARIES))
    return context


def tested(
    context: ForkServerContext,
    root: Path,
    sources: Sequence[Path],
    arguments: Sequence[str],
    *,
    said: Path,
    seconds: float | None,
) -> tuple[int, str]:
    """pytest in the folder `root`, with the packages in `sources`: its exit code (or minus a signal), and its words.

    `said`: a file for these. Raises `TooLong` after `seconds`, None = never.
    """
    process = context.Process(target=_pytest, args=(root, [str(each) for each in sources], [*arguments], said))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        assert process.pid is not None
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
        raise TooLong
    return process.exitcode, said.read_text(encoding="utf-8", errors="replace")


def _pytest(root: Path, sources: Sequence[str], arguments: Sequence[str], said: Path) -> None:
    os.setsid()  # so that what the tests start can be killed along with them
    gc.freeze()
    opened = os.open(said, os.O_CREAT | os.O_TRUNC | os.O_RDWR | os.O_APPEND)
    os.dup2(opened, 1)
    os.dup2(opened, 2)
    os.chdir(root)
    os.environ["PYTHONPATH"] = os.pathsep.join(sources)  # for the processes that tests start
    sys.path[:] = [*sources, *(each for each in sys.path if each and not _is_ours(Path(each), root))]
    sys.argv = ["pytest", *arguments]
    sys.modules["__main__"] = types.ModuleType("__main__")  # else what tests fork would begin with the bench
    import pytest

    import crmsync

    if not Path(crmsync.__file__).is_relative_to(root):
        sys.exit(f"the copy would be tested with the package at {crmsync.__file__}")
    sys.exit(pytest.main(["-W", _QUIET, *arguments]))


def _is_ours(folder: Path, root: Path) -> bool:
    """Whether a folder of the import path is this bench's, whose modules are not the copy's."""
    return folder.resolve() == Path(__file__).parent.resolve() or (folder / "suite").is_dir()


def processor_seconds() -> float:
    """What all processes that have ended computed, what they started, and the one they are forked from. Linux."""
    pid = multiprocessing.forkserver._forkserver._forkserver_pid
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
