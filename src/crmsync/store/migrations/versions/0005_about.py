"""What an activity is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new; of what is stored it is not known until it is read again."""
    op.add_column("activities", sa.Column("about", sa.Text, comment="the thing it is about, in the CRM's words"))
