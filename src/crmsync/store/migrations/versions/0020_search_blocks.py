"""What leads are called, a few hundred to a row, which a search reads in place of each lead; and indexes by which
those that are pinned or were taken back are counted.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
LEADS = 256


def upgrade() -> None:
    """Make the table, and fill it from what single leads are called."""
    undone, pinned = sa.column("undone_on", sa.Integer).is_not(None), sa.column("pinned", sa.Boolean).is_(True)
    for name, columns, only in (
        ("pinned", ["pinned", "lead"], pinned),
        ("undone", ["lead", "undone_on", "pinned"], undone),
    ):
        op.drop_index(f"ix_leads_{name}", "leads")
        op.create_index(
            f"ix_leads_{name}",
            "leads",
            ["connection_id", *columns],
            sqlite_where=only,
            postgresql_where=only,
        )
    op.create_table(
        "lead_search_blocks",
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.Column(
            "block",
            sa.BigInteger,
            nullable=False,
            autoincrement=False,
            comment="`lead_key` of its leads, divided",
        ),
        sa.Column("texts", Id, nullable=False, comment="what these leads are called, one after the other"),
        sa.PrimaryKeyConstraint("connection_id", "block", name="pk_lead_search_blocks"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], "fk_lead_search_blocks_connection_id"),
    )
    newline, joined = "char(10)", "group_concat"
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE lead_search_blocks ALTER COLUMN texts SET STORAGE EXTERNAL")
        newline, joined = "chr(10)", "string_agg"
    op.execute(
        "INSERT INTO lead_search_blocks (connection_id, block, texts) "  # noqa: S608 - no value of anybody's
        f"SELECT connection_id, lead_key / {LEADS}, {joined}(called, {newline}) FROM lead_search GROUP BY 1, 2"
    )
