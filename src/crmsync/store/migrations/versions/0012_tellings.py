"""Tellings: what CRMs told by themselves, until it was read; and how many were taken and refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    with_it = "objects of activities to read with it, by comma; * = all"
    op.create_table(
        "tellings",
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.Column("object", Id, nullable=False, comment="as the CRM calls it"),
        sa.Column("record", Id, nullable=False, comment="native id"),
        sa.Column("activities", sa.Text, nullable=False, comment=with_it),
        sa.Column("times", sa.Integer, nullable=False, comment="how often it was told while it waits"),
        sa.Column("happened_at", sa.BigInteger, comment="the earliest of these, by the CRM; null = not told"),
        sa.Column("came_at", sa.BigInteger, nullable=False, comment="when the first of these came"),
        sa.PrimaryKeyConstraint("connection_id", "object", "record", name="pk_tellings"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_tellings_connection_id"),
    )
    op.create_index("ix_tellings_connection_id_came_at", "tellings", ["connection_id", "came_at"])
    op.create_table(
        "telling_counts",
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.Column("what", Id, nullable=False, comment="taken, or why a delivery was refused"),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("last_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "what", name="pk_telling_counts"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_telling_counts_connection_id"),
    )
