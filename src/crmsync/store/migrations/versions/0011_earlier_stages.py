"""Earlier stages: what leads' stage fields held before they were first seen, as the CRM's own history tells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the table."""
    place = "0 = the oldest; the newest is what it was first seen with"
    since = "null = since its creation, or for longer than the CRM's history tells"
    native = "JSON object: what its stage fields held, as in `leads`"
    op.create_table(
        "earlier_stages",
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_earlier_stages_connection_id"),
        sa.Column("lead", Id, nullable=False),
        sa.Column("place", sa.Integer, nullable=False, comment=place),
        sa.Column("since_at", sa.BigInteger, comment=since),
        sa.Column("stage_native", sa.Text, nullable=False, comment=native),
        sa.PrimaryKeyConstraint("connection_id", "lead", "place", name="pk_earlier_stages"),
    )
