"""What a person does next, told on stderr when the practice CRMs are ready."""

from __future__ import annotations

import shlex
from pathlib import Path

_TOGETHER = 26
"""Width of the commands' column."""


def next_steps(crms: int, directory: Path | None) -> str:
    """A few lines for people; `directory` is the folder that a crmsync configuration was just written to."""
    what, them = ("The practice CRM is", "it") if crms == 1 else ("The practice CRMs are", "them")
    if directory is None:
        lines = [
            f"{what} ready. For a crmsync configuration that works against {them}, start with --config-dir FOLDER.",
            f"Ctrl-C ends {them}.",
        ]
        return "\n".join(lines) + "\n"
    steps = (
        (f"cd {shlex.quote(str(directory))}", ""),
        ("crmsync check", "does the configuration fit?"),
        ("crmsync run --dry-run", "who would move, and why; writes nothing"),
        ("crmsync run", "does it"),
    )
    lines = [f"{what} ready. In another terminal:"]
    lines += [f"  {command:<{_TOGETHER}}{words}".rstrip() for command, words in steps]
    return "\n".join([*lines, f"Ctrl-C here ends {them}."]) + "\n"
