"""What a pull could make nothing of, kept until it is mended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new; nothing that is there changes."""
    op.create_table(
        "unread",
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.Column("record", Id, nullable=False, comment="a lead's id, or <object>:<native id> of an activity"),
        sa.Column("lead", Id, nullable=False),
        sa.Column("part", sa.Text, nullable=False, comment="fact, lead, day, kind, outcome or direction"),
        sa.Column("name", Id, nullable=False, comment="the fact or column; of an activity its object"),
        sa.Column("field", Id, nullable=False, comment="the native field that holds what could not be read"),
        sa.Column("value", sa.Text, nullable=False, comment="what it holds, with what is personal masked"),
        sa.Column("pull", sa.BigInteger, nullable=False, comment="which pull told it, counted from 1"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_unread_connection_id"),
        sa.PrimaryKeyConstraint("connection_id", "record", "lead", "part", "field", name="pk_unread"),
    )
    op.create_index("ix_unread_connection_id_lead", "unread", ["connection_id", "lead"])
