"""A look into the store by somebody who must not change it: nothing is made, migrated or locked."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, select, text

from crmsync.errors import CrmsyncError
from crmsync.store.database import Database
from crmsync.store.dialects.backend import file_at
from crmsync.store.migrate import known_versions
from crmsync.store.tables import HEAD, connections

_OURS = "alembic_version"
_ANOTHERS = "is a database of another program"


def why_unusable(location: Path | str) -> str | None:
    """Why runs cannot use this file or address as their store, with the next step after an arrow where it is known.

    Null where they can, or where a look does not tell.
    """
    file = file_at(location)
    if file is not None:
        return _why_unusable_file(file)
    try:
        with closing(Database(location)) as database, database.reading() as at:
            tables = inspect(at).get_table_names()
            version = (
                at.execute(text("SELECT version_num FROM alembic_version")).scalar() if _OURS in tables else None
            )
            name = database.name
    except CrmsyncError as error:
        return f"{error.message} → {error.hint}"
    why = _refused_version(version) if _OURS in tables else _ANOTHERS if tables else None
    return f"{name} {why}" if why else None


def _why_unusable_file(file: Path) -> str | None:
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
    if _OURS not in tables:
        return _ANOTHERS
    version = at.execute("SELECT version_num FROM alembic_version").fetchone()
    at.execute("SELECT count(*) FROM connections").fetchone()
    return _refused_version(version[0] if version else None)


def _refused_version(version: str | None) -> str | None:
    known = version is not None and (version == HEAD or version in known_versions())
    return None if known else "was written by a newer crmsync"


def stored_snapshots(location: Path | str) -> Mapping[str, str]:
    """The CRM's set-up as last seen, by connection; empty where there is no store, or it cannot be read without
    changing it.
    """
    file = file_at(location)
    if file is not None:
        return _snapshots_in_file(file)
    try:
        with closing(Database(location)) as database, database.reading() as at:
            rows = at.execute(select(connections.c.name, connections.c.snapshot)).all()
    except CrmsyncError:
        return {}
    return {name: told for name, told in rows if told}


def _snapshots_in_file(file: Path) -> Mapping[str, str]:
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
