"""Folders of tests lie in memory where the machine offers that: each commit of a store waits for the disk otherwise.

Such a wait takes 3 ms on the disk of a rented machine, some 8 times in a run of a handful of leads. It matters when
the power fails, which no test tries: a process that is killed leaves to the system what it wrote, in memory as on a
disk. `CRMSYNC_TEST_FOLDER` names another folder. Benches, and what is run by hand, stay where the system wants them.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

ASKED = "CRMSYNC_TEST_FOLDER"
IN_MEMORY = Path("/dev/shm")
NEEDED_BYTES = 4 * 10**9
"""A run of all tests leaves some 0.2 GB, of which pytest keeps three; others shall have room beside it."""


def quick_folder(asked: str | None = os.environ.get(ASKED), in_memory: Path = IN_MEMORY) -> Path | None:
    """Where temporary folders are to lie; None for where the system puts them."""
    if asked:
        return Path(asked)
    if not (in_memory.is_dir() and os.access(in_memory, os.W_OK)):
        return None
    return in_memory if shutil.disk_usage(in_memory).free >= NEEDED_BYTES else None


def own_folder(beside: Path) -> Path:
    """One for whoever runs the tests, in a folder that others use, too: the package that starts PostgreSQL locks a
    file of a fixed name, which only who made it may open. PostgreSQL, as a user of its own, has to get through.
    """
    name = f"crmsync-tests-{os.getuid()}"
    folder = beside if beside.name == name else beside / name
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    return folder


os.environ["TMPDIR"] = str(own_folder(quick_folder() or Path(tempfile.gettempdir())))  # for all that tests start, too
tempfile.tempdir = None  # to be asked for again
