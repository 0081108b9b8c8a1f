"""Which of the policy's hand-overs a hand-off belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new; hand-offs that are there belong to the policy's only hand-over."""
    which = "which of the policy's, each with its own attempts; null = its only one"
    op.add_column("hand_offs", sa.Column("hand_over", Id, comment=which))
    whose = "whose attempt it was; null = the policy's only hand-over"
    op.add_column("made_records", sa.Column("hand_over", Id, comment=whose))
