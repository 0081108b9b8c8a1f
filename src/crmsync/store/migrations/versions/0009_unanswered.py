"""Changes of the CRM that no run has answered yet, to tell how long they wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "unanswered",
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.Column("lead", Id, nullable=False),
        sa.Column(
            "changed_at", sa.BigInteger, nullable=False, comment="the first change that no run has answered yet"
        ),
        sa.PrimaryKeyConstraint("connection_id", "lead", name="pk_unanswered"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_unanswered_connection_id"),
    )
