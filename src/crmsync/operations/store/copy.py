"""`crmsync store copy`: a store into another database, with everything that it remembers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crmsync.errors import UsageError
from crmsync.progress import Progress
from crmsync.settings import store_url
from crmsync.store import Store, file_at, why_unusable


@dataclass(frozen=True, slots=True)
class CopiedStore:
    """`source` and `target` without a secret; `rows`: by table."""

    source: str
    target: str
    rows: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        tables = [{"table": table, "rows": rows} for table, rows in self.rows.items()]
        return {"format": 1, "from": self.source, "to": self.target, "tables": tables}


def copy_store(source: str, target: str, *, now: Callable[[], datetime], progress: Progress) -> CopiedStore:
    """Copy a store (file or address) into a new file, or an empty database.

    Raises `UsageError` when there is no store at `source`, or something at `target`, `AnotherRunInProgress` while a
    run works on it, `StoreUnavailable`.
    """
    here = Path()
    source, target = store_url(source, here), store_url(target, here)
    file, new = file_at(source), file_at(target)
    if file is not None and not file.is_file():
        raise UsageError(f"there is no store {file}", hint="name the file of `store` in crmsync.yaml, or an address")
    if new is not None and new.exists():
        raise UsageError(f"{new} is already there", hint="name a new file: a copy never replaces another")
    if why := why_unusable(target):
        raise UsageError(f"nothing can be copied there: {why}")
    try:
        with closing(Store(source)) as old, closing(Store(target)) as empty:
            rows = old.copy_into(empty, now=now(), progress=progress)
            return CopiedStore(old.name, empty.name, rows)
    except BaseException:
        if new is not None:
            for end in ("", "-wal", "-shm"):
                new.with_name(new.name + end).unlink(missing_ok=True)
        raise
