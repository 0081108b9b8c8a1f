"""What to type so that this crmsync starts, from another terminal and another folder, too."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def this_command() -> str:
    """`crmsync` where PATH finds this very one; else its whole path, or Python with `-m crmsync`."""
    started = Path(sys.argv[0])
    if started.stem != "crmsync":
        return f"{shlex.quote(sys.executable)} -m crmsync"
    found = shutil.which("crmsync")
    if found is not None and Path(found).is_absolute() and (started.parent == Path() or _same(found, started)):
        return "crmsync"
    return shlex.quote(str(started.absolute()))


def _same(one: str, other: Path) -> bool:
    return Path(one).resolve() == other.resolve()
