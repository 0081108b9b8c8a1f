"""Since when an account is there, and what it tells of leads' facts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new; of what is stored it is not known until it is read again."""
    op.add_column("accounts", sa.Column("created_at", sa.BigInteger, comment="null = the mapping does not say"))
    op.add_column(
        "accounts",
        sa.Column("facts", sa.Text, comment="JSON object: what it tells of leads' facts; null = nothing"),
    )
