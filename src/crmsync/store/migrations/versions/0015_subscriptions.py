"""Subscriptions: how far was heard what CRMs tell over connections that are opened from here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "subscriptions",
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.Column("channel", Id, nullable=False, comment="the account, and what is subscribed to there"),
        sa.Column("position", sa.Text, comment="what was heard last, in the CRM's terms; null = it was lost"),
        sa.Column("heard_at", sa.BigInteger, nullable=False, comment="the last sign of life"),
        sa.PrimaryKeyConstraint("connection_id", "channel", name="pk_subscriptions"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_subscriptions_connection_id"),
    )
