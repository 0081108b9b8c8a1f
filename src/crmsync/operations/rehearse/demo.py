"""`crmsync demo`: practice CRMs as a process of their own, and a dry run against both."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmsync.errors import RunStopped

READY_SECONDS = 60


@contextmanager
def practice_crms(directory: Path, *, leads: int, seed: int, port: int = 0) -> Iterator[dict[str, str]]:
    """Both practice CRMs on loopback with a configuration in `directory`; ended when the block ends.

    Yields CRM → base URL. Raises `RunStopped` when they do not come up.
    """
    command = [
        *(sys.executable, "-m", "crmsync", "practice", "serve", "--crm", "both", "--port", str(port)),
        *("--leads", str(leads), "--seed", str(seed), "--config-dir", str(directory), "--quiet"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own command
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise RunStopped(
                f"the practice CRMs did not start (exit code {process.wait(READY_SECONDS)})",
                hint="see the message above",
            )
        yield json.loads(line)
    finally:
        process.terminate()
        try:
            process.wait(READY_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
