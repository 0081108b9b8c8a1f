"""Where clocks of a hand-off start, and queues to which timeouts have sent leads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new; of hand-offs that are there nobody knows it."""
    comment = "when a timeout sent the lead to a queue, where it stays"
    op.add_column("hand_offs", sa.Column("queued_at", sa.BigInteger(), comment=comment))
    op.add_column("hand_offs", sa.Column("queue", Id, comment="which queue that was"))
    comment = "when the lead was made, as known at the hand-off"
    op.add_column("hand_offs", sa.Column("created_at", sa.BigInteger(), comment=comment))
    comment = "the day on which it came to the stage at which it was handed off"
    op.add_column("hand_offs", sa.Column("staged_on", sa.Integer(), comment=comment))
