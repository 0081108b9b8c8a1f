"""Indexes by which pages of the console and `crmsync status` find their figures without reading every row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; the journal's index by run is one of more columns now."""
    for columns in (["stage", "managed"], ["owner", "stage", "managed"]):
        name = "_".join(["ix_leads_connection_id", *columns])
        op.create_index(name, "leads", ["connection_id", *columns])
    undone, pinned = sa.column("undone_on", sa.Integer).is_not(None), sa.column("pinned", sa.Boolean).is_(True)
    for name, only in (("ix_leads_pinned", pinned), ("ix_leads_undone", undone)):
        op.create_index(name, "leads", ["connection_id", "lead"], sqlite_where=only, postgresql_where=only)
    if op.get_bind().dialect.name == "sqlite":
        only = sa.column("managed", sa.Boolean).is_(False)
        op.create_index("ix_leads_unmanaged", "leads", ["connection_id", "stage_native", "lead"], sqlite_where=only)
        op.create_index("ix_leads_called", "leads", ["name", "lead", "company", "email", "connection_id"])
    op.drop_index("ix_journal_run_id", "journal")
    op.create_index("ix_journal_run_id_lead_id_state", "journal", ["run_id", "lead", "id", "state"])
