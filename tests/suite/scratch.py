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


if (folder := quick_folder()) is not None:
    os.environ["TMPDIR"] = str(folder)  # for pytest, its workers, and what tests start
    tempfile.tempdir = None  # to be asked for again
