"""Brings a store to this program's schema when it is opened. Alembic is loaded only for one of an earlier version.

Whoever waits is told before it begins and when it is done: by warnings, which Python writes to stderr where nobody
has said otherwise. A line of `structlog` would stand in the answer of a command that prints JSON.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, inspect, text

from crmsync.errors import StoreUnavailable
from crmsync.store import tables
from crmsync.store.database import Database
from crmsync.store.tables import HEAD, identity

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).with_name("migrations")


def bring_up_to_date(database: Database) -> None:
    """Migrate forward to `HEAD`. Raises `StoreUnavailable` for a newer, foreign or damaged file, and leaves it."""
    with database.reading() as at:
        version = _version(at)
    if version != HEAD:
        with database.writing() as at:
            version = _version(at)  # another process may have migrated meanwhile
            if version != HEAD:
                _refuse_strangers(at, version, database.name)
                if version is None:
                    _make(at)
                else:
                    _upgrade_told(at, version, database.name)
    database.stays_at(HEAD)
    database.write_ahead()


def known_versions() -> tuple[str, ...]:
    """Every schema version this program can read and migrate, newest first."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - 150 ms that an up-to-date store does not pay

    return tuple(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def _version(at: Connection) -> str | None:
    if not inspect(at).has_table("alembic_version"):
        return None
    return at.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_strangers(at: Connection, version: str | None, name: str) -> None:
    if version is None and inspect(at).get_table_names():
        raise StoreUnavailable(
            f"{name} is a database of another program", hint="name another file as `store` in crmsync.yaml"
        )
    if version is not None and version not in known_versions():
        raise StoreUnavailable(
            f"the store {name} was written by a newer crmsync (its schema {version} is not known here)",
            hint="install that version again, or name another file as `store` and run `crmsync run --full`",
        )


def _make(at: Connection) -> None:
    """All tables of a new store at once: what the migrations would have made, as their tests compare."""
    tables.metadata.create_all(at, checkfirst=False)
    at.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    at.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})
    at.execute(identity.insert().values(id=uuid4().hex))


def _upgrade_told(at: Connection, version: str, name: str) -> None:
    leads = at.execute(text("SELECT count(*) FROM leads")).scalar_one()
    log.warning(
        "the store %s is brought forward from schema %s to %s, with its %s leads. It is done once, and takes a "
        "minute or more for each million of them; stopped in between, it has changed nothing and begins anew.",
        name, version, HEAD, f"{leads:,}",
    )  # fmt: skip
    began = time.monotonic()
    _upgrade(at)
    log.warning(
        "the store %s was brought to schema %s in %.0f s; an earlier crmsync does not open it any more.",
        name, HEAD, time.monotonic() - began,
    )  # fmt: skip


def _upgrade(at: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = at
    command.upgrade(config, "head")
