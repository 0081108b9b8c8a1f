"""What a person does next, told on stderr when the practice CRMs are ready."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

_TOGETHER = 26
"""Least width of the commands' column."""


def _crmsync() -> str:
    """What starts crmsync in any terminal: its name where PATH finds the one that runs, else its whole path."""
    started = Path(sys.argv[0])
    if started.stem != "crmsync":
        return "crmsync"
    found = shutil.which("crmsync")
    if found is None or (started.parent != Path() and Path(found).resolve() != started.resolve()):
        return shlex.quote(str(started.absolute()))
    return "crmsync" if Path(found).is_absolute() else shlex.quote(str(started.absolute()))


def next_steps(crms: int, directory: Path | None) -> str:
    """A few lines for people; `directory` is the folder that a crmsync configuration was just written to."""
    what, them = ("The practice CRM is", "it") if crms == 1 else ("The practice CRMs are", "them")
    if directory is None:
        lines = [
            f"{what} ready. `crmsync init` in an empty folder sets {them} up as it would your own, or start with",
            f"--config-dir FOLDER for a crmsync configuration that works against {them}.",
            f"Ctrl-C ends {them}.",
        ]
        return "\n".join(lines) + "\n"
    crmsync = _crmsync()
    steps = (
        (f"cd {shlex.quote(str(directory.absolute()))}", ""),
        (f"{crmsync} check", "does the configuration fit?"),
        (f"{crmsync} run --dry-run", "who would move, and why; writes nothing"),
        (f"{crmsync} run", "does it"),
        (f"{crmsync} console --open --as approver", "or all of it in the browser"),
    )
    together = max(_TOGETHER, *(len(command) + 2 for command, words in steps if words))
    lines = [f"{what} ready. In another terminal:"]
    lines += [f"  {command:<{together}}{words}".rstrip() for command, words in steps]
    return "\n".join([*lines, f"Ctrl-C here ends {them}."]) + "\n"
