"""Ends: what became of a run's changes, counted once where nothing of it can change any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; runs of before are counted as they were."""
    op.add_column(
        "runs",
        sa.Column("ends", sa.Text, comment="JSON object: state -> entries in it, where none is open; null = count"),
    )
