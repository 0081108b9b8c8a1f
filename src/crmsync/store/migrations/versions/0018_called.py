"""What leads are called, as search reads it, in a table of its own; filled from the leads that are there."""

from __future__ import annotations

import logging

import polars as pl
import sqlalchemy as sa
from alembic import op

from crmsync.store.called import called
from crmsync.store.dialects.statements import bulk

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

log = logging.getLogger("crmsync.store.migrate")

ROWS_AT_ONCE = 50_000
TOLD_EACH = 500_000
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NAMED = {"key": pl.Int64, "connection_id": pl.Int64, "name": pl.String, "company": pl.String, "email": pl.String}


def upgrade() -> None:
    """Make the table, fill it, and index it then, which is quicker. It takes the room of the index SQLite had."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_leads_called", "leads")
    op.create_table(
        "lead_search",
        sa.Column("lead_key", Key, nullable=False, autoincrement=False),
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.Column("called", Words, nullable=False, comment="name, company and e-mail, without capitals and accents"),
        sa.PrimaryKeyConstraint("lead_key", name="pk_lead_search"),
        sa.ForeignKeyConstraint(["lead_key"], ["leads.key"], "fk_lead_search_lead_key", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], "fk_lead_search_connection_id"),
    )
    _fill()
    op.create_index(
        "ix_lead_search_connection_id_called_lead_key", "lead_search", ["connection_id", "called", "lead_key"]
    )


def _fill() -> None:
    at = op.get_bind()
    leads = sa.table("leads", *(sa.column(name) for name in NAMED))
    made = sa.table("lead_search", *(sa.column(name) for name in ("lead_key", "connection_id", "called")))
    named = sa.or_(*(leads.c[name].is_not(None) for name in ("name", "company", "email")))
    some, last, done = sa.select(*leads.c).where(named).order_by(leads.c.key).limit(ROWS_AT_ONCE), -1, 0
    while rows := at.execute(some.where(leads.c.key > last)).all():
        last = rows[-1].key
        frame = pl.DataFrame([tuple(row) for row in rows], schema=NAMED, orient="row", strict=False)
        bulk(at, made.insert(), frame.select("connection_id", lead_key="key", called=called(frame)))
        done += len(rows)
        if done % TOLD_EACH == 0:
            log.warning("what %s leads are called is ready to be searched", f"{done:,}")
