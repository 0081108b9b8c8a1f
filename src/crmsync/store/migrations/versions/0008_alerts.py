"""Alerts: what needs a person, since when, and which channel was told when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "alerts",
        *_connection("alerts"),
        sa.Column("kind", Id, nullable=False, comment="what needs a person, by the name of its kind"),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, comment="how many, as the kind counts them"),
        sa.Column("command", sa.Text, nullable=False, comment="to look with"),
        sa.Column(
            "over_at",
            sa.BigInteger,
            comment="when it was found to be over, while somebody is still to be told; else null",
        ),
        sa.PrimaryKeyConstraint("connection_id", "kind", name="pk_alerts"),
    )
    told = "which was told that it is there, and not yet that it is over"
    op.create_table(
        "alerts_told",
        *_connection("alerts_told"),
        sa.Column("kind", Id, nullable=False),
        sa.Column("channel", Id, nullable=False, comment=told),
        sa.Column("told_at", sa.BigInteger, nullable=False, comment="the last time"),
        sa.PrimaryKeyConstraint("connection_id", "kind", "channel", name="pk_alerts_told"),
    )
    taken = "so long one process tells it something, and others leave it alone"
    op.create_table(
        "alert_channels",
        sa.Column("channel", Id, nullable=False),
        sa.Column("taken_until", sa.BigInteger, comment=taken),
        sa.Column("failures", sa.Integer, nullable=False, comment="in a row; 0 = the last message was taken"),
        sa.Column("failing_since", sa.BigInteger),
        sa.Column("next_try_at", sa.BigInteger, comment="not before then; null = at any time"),
        sa.Column("trouble", sa.Text, comment="why the last message was not taken"),
        sa.PrimaryKeyConstraint("channel", name="pk_alert_channels"),
    )


def _connection(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=f"fk_{table}_connection_id"),
    ]
