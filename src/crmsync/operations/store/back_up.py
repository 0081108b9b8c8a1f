"""`crmsync backup`: a copy of the store that can be put in its place."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from crmsync.settings import Settings
from crmsync.store import Store


def back_up(settings: Settings, to: Path) -> int:
    """Copy the store into the new file `to` while runs go on; its size in bytes.

    Raises `UsageError` when the file is there or cannot be written, `StoreUnavailable` for a damaged store.
    """
    with closing(Store(settings.store)) as store:
        store.back_up(to)
    return to.stat().st_size
