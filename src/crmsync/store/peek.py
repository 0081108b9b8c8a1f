"""A look into the store by somebody who must not change it: nothing is made, migrated or locked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def stored_snapshot(file: Path, connection: str) -> str | None:
    """The CRM's set-up as it was last seen; null where there is no store, none of this connection, or it cannot be
    read without changing it.
    """
    if not file.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as at:
            row = at.execute("SELECT snapshot FROM connections WHERE name = ?", (connection,)).fetchone()
    except (sqlite3.Error, UnicodeDecodeError):
        return None
    return row[0] if row and isinstance(row[0], str) else None
