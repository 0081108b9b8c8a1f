"""What a plan's leads are called, its moves counted, what was taken back of a run: kept, and read by each page."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NAMELESS = "\U0010ffff"


def upgrade() -> None:
    """Add the columns, filled for plans that wait. What was taken back of runs is compared when the next one ends."""
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_leads_not_managed",
            "leads",
            ["connection_id", "lead"],
            postgresql_where=sa.column("managed").is_(False),
        )
        op.execute("ALTER TABLE leads SET (autovacuum_vacuum_scale_factor = 0.02)")
    op.add_column(
        "runs",
        sa.Column(
            "undone", sa.Text, comment="JSON object: what was taken back of it, and by which runs; null = compare"
        ),
    )
    op.add_column(
        "plans",
        sa.Column(
            "moves", sa.Text, comment="JSON list: each move, its changes, and those not approved yet; null = count"
        ),
    )
    op.add_column(
        "plan_changes",
        sa.Column(
            "called",
            Id,
            nullable=False,
            server_default=NAMELESS,
            comment="as in `lead_search`, by which it is found",
        ),
    )
    op.execute(
        "UPDATE plan_changes SET called = s.called FROM leads l JOIN lead_search s ON s.lead_key = l.key "
        "WHERE l.connection_id = plan_changes.connection_id AND l.lead = plan_changes.lead"
    )
    _count_moves()
    op.drop_index("ix_plan_changes_listed", "plan_changes")
    op.create_index(
        "ix_plan_changes_listed",
        "plan_changes",
        ["connection_id", "plan_id", "move", "lead", "outcome", "points", "owner", "owner_moves", "called"],
    )
    op.create_index(
        "ix_plan_changes_called",
        "plan_changes",
        ["connection_id", "plan_id", "called", "lead", "outcome", "move", "owner", "owner_moves", "points"],
    )


def _count_moves() -> None:
    at = op.get_bind()
    counted: dict[int, list[tuple[str, int, int]]] = {}
    rows = at.execute(
        sa.text(
            "SELECT plan_id, move, count(*), sum(CASE WHEN outcome IS NULL THEN 1 ELSE 0 END) FROM plan_changes "
            "GROUP BY connection_id, plan_id, move ORDER BY plan_id, move"
        )
    )
    for plan, move, number, still in rows:
        counted.setdefault(plan, []).append((move, int(number), int(still)))
    for plan, moves in counted.items():
        at.execute(
            sa.text("UPDATE plans SET moves = :moves WHERE id = :id"), {"moves": json.dumps(moves), "id": plan}
        )
