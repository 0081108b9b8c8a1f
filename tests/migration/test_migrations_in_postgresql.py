"""Migrations make in PostgreSQL what the tables say: a store that is there goes along with a newer crmsync."""

from __future__ import annotations

from contextlib import closing

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from crmsync.store import Store
from crmsync.store.migrate import MIGRATIONS, known_versions
from crmsync.store.tables import HEAD, metadata
from crmsync.testing.store_frames import NOW
from suite.breadth import broadly
from suite.postgresql import database

FIRST_IN_POSTGRESQL = "0005"
"""No store was kept there under an earlier schema."""
LATER = [version for version in known_versions() if version >= FIRST_IN_POSTGRESQL]


def brought_to(address: str, version: str) -> None:
    """A store of that schema, and what was told of it."""
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as at:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = at
        command.upgrade(config, version)
    engine.dispose()


def shape(address: str) -> dict[str, object]:
    """Tables with columns, keys, indexes and references, as the server tells them; comments are for people."""
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    found: dict[str, object] = {}
    with engine.connect() as at:
        there = inspect(at)
        for name in set(there.get_table_names()) - {"alembic_version"}:
            columns = [{**each, "type": str(each["type"]), "comment": None} for each in there.get_columns(name)]
            found[name] = (
                sorted(columns, key=lambda each: str(each["name"])),
                there.get_pk_constraint(name),
                sorted(there.get_foreign_keys(name), key=str),
                sorted(there.get_indexes(name), key=str),
                sorted(there.get_unique_constraints(name), key=str),
            )
        cleaned = "SELECT reloptions FROM pg_class WHERE relname = 'leads' AND relkind = 'r'"
        found["how leads are cleaned"] = at.execute(text(cleaned)).scalar()
    engine.dispose()
    return found


@pytest.mark.parametrize("version", broadly(LATER, core=2))
def test_a_store_comes_forward_with_its_rows(version: str, postgresql_database: str) -> None:
    brought_to(postgresql_database, version)
    engine = create_engine(postgresql_database.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as at:
        at.execute(text("INSERT INTO connections (name, snapshot) VALUES ('c', 'as seen')"))
    with closing(Store(postgresql_database)) as store:
        assert store.runs.snapshot("c") == "as seen"
        assert store.runs.start("c", now=NOW, dry_run=True) == 1
    with engine.connect() as at:
        context = MigrationContext.configure(
            at, opts={"compare_type": True, "include_name": _ours, "include_object": _there}
        )
        assert [each for each in compare_metadata(context, metadata) if each[0][0] != "modify_comment"] == []
        assert at.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == HEAD
    engine.dispose()


def test_step_by_step_is_as_at_once(postgresql_database: str) -> None:
    brought_to(postgresql_database, "head")
    with database() as made:
        Store(made).close()
        assert shape(postgresql_database) == shape(made)


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name != "leases"


def _there(_it: object, name: str | None, _kind: str, _reflected: bool, _beside: object) -> bool:
    """Texts of any length stand in indexes of SQLite alone."""
    return name != "ix_leads_unmanaged"
