"""A look into the store by somebody who must not change it: nothing is made, migrated or locked."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from crmsync.store.migrate import known_versions
from crmsync.store.tables import HEAD


def why_unusable(file: Path) -> str | None:
    """Why runs cannot use this file as their store; null where they can, or where a look does not tell."""
    if not file.exists() and not file.is_symlink():
        return None if file.absolute().parent.is_dir() else f"there is no folder {file.parent}"
    if not file.is_file():
        return f"{file} is no file"
    try:
        with closing(_read_only(file)) as at:
            why = _refused(at)
    except sqlite3.OperationalError:  # locked, or a log that only a writer may open
        why = None
    except sqlite3.Error as error:
        why = f"cannot be used: {error}"
    return f"{file} {why}" if why else None


def _refused(at: sqlite3.Connection) -> str | None:
    tables = {name for (name,) in at.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if "alembic_version" not in tables:
        return "is a database of another program"
    version = at.execute("SELECT version_num FROM alembic_version").fetchone()
    at.execute("SELECT count(*) FROM connections").fetchone()
    known = version is not None and (version[0] == HEAD or version[0] in known_versions())
    return None if known else "was written by a newer crmsync"


def stored_snapshots(file: Path) -> Mapping[str, str]:
    """The CRM's set-up as last seen, by connection; empty where there is no store, or it cannot be read without
    changing it.
    """
    if not file.is_file():
        return {}
    try:
        with closing(_read_only(file)) as at:
            rows = at.execute("SELECT name, snapshot FROM connections").fetchall()
    except (sqlite3.Error, UnicodeDecodeError):
        return {}
    return {name: text for name, text in rows if isinstance(text, str)}


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=1)
