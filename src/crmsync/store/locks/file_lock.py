"""One run at a time on a connection. The operating system holds the lock, and frees it when the process dies.

A file beside the store is locked; it also says who holds it. The file stays when the lock is freed: removing it
would let two processes lock two files of one name.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from crmsync.errors import StoreUnavailable
from crmsync.files import take_lock
from crmsync.store.locks.holder import another_run, this_process

_LOOKS = 4
_LOOK_SECONDS = 0.01


def lock_file(store: Path, connection: str) -> Path:
    """The file beside the store that is locked while somebody works on the connection."""
    return store.with_name(f"{store.name}.{quote(connection, safe='')}.lock")


@contextmanager
def hold(store: Path, connection: str, now: datetime) -> Iterator[None]:
    """Keep others off the connection while the block runs. Raises `AnotherRunInProgress`, naming the holder."""
    path = lock_file(store, connection)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreUnavailable(
            f"the lock file {path} cannot be opened: {error.strerror}",
            hint="check that this user may write beside the store",
        ) from error
    with os.fdopen(descriptor, "r+b") as file:
        try:
            taken = _taken(file)
        except OSError as error:
            raise StoreUnavailable(
                f"the folder of {path} takes no locks: {(error.strerror or 'it says no').lower()}",
                hint="keep the store on a disk of this machine",
            ) from error
        if not taken:
            file.seek(0)
            raise another_run(connection, file.read(), now)
        file.seek(0)
        file.truncate()
        file.write(this_process(now).encode())
        file.flush()
        yield


def _taken(file: BinaryIO) -> bool:
    """Whether the lock is ours now. Who only looks whether a run is at work has it for a moment, and ends no run."""
    for _ in range(_LOOKS):
        if take_lock(file):
            return True
        time.sleep(_LOOK_SECONDS)
    return take_lock(file)
