"""What all tables stand on: the schema, kinds of columns, and the connections that rows belong to."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, Table, Text, UniqueConstraint

HEAD = "0020"
"""The newest migration; equal to Alembic's own head, which is only loaded when a store has to be migrated."""

DUE_NOW = 0

LAST_DAY = 2_932_896
"""9999-12-31. A `due_on` beyond it is damaged (SQLite sorts texts after numbers): the lead is looked at at once."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Key = BigInteger().with_variant(Integer(), "sqlite")
"""A number the database gives out, ever ascending, never twice."""

Id = Text().with_variant(Text(collation="C"), "postgresql")
"""A native id or a name from the configuration."""

NAMELESS = "\U0010ffff"
"""In the place of a name: sorts after every other."""


def of_connection(*, primary_key: bool = False) -> Column[int]:
    """The column that says of which connection a row is."""
    return Column("connection_id", ForeignKey("connections.id"), nullable=False, primary_key=primary_key)


connections = Table(
    "connections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Id, nullable=False),
    Column("snapshot", Text, comment="the CRM's set-up as last seen: zone, users, fields, as JSON"),
    UniqueConstraint("name"),
)

identity = Table(
    "identity",
    metadata,
    Column("id", Id, primary_key=True, comment="this store and its copies; given out when it is made"),
)
