"""Set aside: which leads a run could not handle, and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "set_aside",
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.Column(
            "run_id", sa.Integer, nullable=False, comment="the run that could not handle the lead, or part of it"
        ),
        sa.Column("place", sa.Integer, nullable=False, comment="0 = the first that it told"),
        sa.Column("lead", Id, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, comment="as the run told it; of a hold, what somebody said"),
        sa.PrimaryKeyConstraint("connection_id", "run_id", "place", name="pk_set_aside"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_set_aside_connection_id"),
    )
    op.create_index("ix_set_aside_connection_id_lead", "set_aside", ["connection_id", "lead"])
