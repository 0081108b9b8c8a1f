"""The first schema. Says every column itself: `crmsync.store.tables` moves on, this does not."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make all tables."""
    _bookkeeping()
    _facts()
    _decisions()
    _journal()


def _connection(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], f"fk_{table}_connection_id"),
    )


def _run(table: str, *, nullable: bool) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("run_id", Key, nullable=nullable),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], f"fk_{table}_run_id"),
    )


def _bookkeeping() -> None:
    op.create_table(
        "connections",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", Id, nullable=False),
        sa.Column("snapshot", sa.Text, comment="the CRM's set-up as last seen: zone, users, fields, as JSON"),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
        sa.UniqueConstraint("name", name="uq_connections_name"),
    )
    for table, key, value in (("cursors", "object", "cursor"), ("digests", "name", "digest")):
        op.create_table(
            table,
            *_connection(table),
            sa.Column(key, Id, nullable=False),
            sa.Column(value, sa.Text, nullable=False),
            sa.PrimaryKeyConstraint("connection_id", key, name=f"pk_{table}"),
        )
    op.create_table(
        "runs",
        sa.Column("id", Key, nullable=False),
        *_connection("runs"),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("exit_code", sa.Integer),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_runs_connection_id_id", "runs", ["connection_id", "id"])
    op.create_table(
        "counters",
        *_connection("counters"),
        sa.Column("pool", Id, nullable=False),
        sa.Column("person", Id, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "pool", "person", name="pk_counters"),
    )


def _facts() -> None:
    op.create_table(
        "leads",
        sa.Column("key", Key, nullable=False),
        *_connection("leads"),
        sa.Column("lead", Id, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("name", sa.Text),
        sa.Column("company", sa.Text),
        sa.Column("created_at", sa.BigInteger),
        sa.Column("owner", Id),
        sa.Column("stage", Id),
        sa.Column("managed", sa.Boolean, nullable=False),
        sa.Column("stage_native", sa.Text),
        sa.Column("facts", sa.Text, nullable=False, comment="JSON object: fact -> value, in the mapping's types"),
        sa.Column("stage_since", sa.Integer),
        sa.Column("stage_edited_on", sa.Integer),
        sa.Column("owner_edited_on", sa.Integer),
        sa.Column("our_stage", Id, comment="what crmsync last intended or wrote; null = never"),
        sa.Column("our_owner", Id),
        sa.Column("due_on", sa.Integer),
        sa.PrimaryKeyConstraint("key", name="pk_leads"),
        sa.UniqueConstraint("connection_id", "lead", name="uq_leads_connection_id_lead"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_leads_connection_id_due_on_lead", "leads", ["connection_id", "due_on", "lead"])
    op.create_table(
        "activities",
        sa.Column("key", Key, nullable=False),
        *_connection("activities"),
        sa.Column("lead", Id, nullable=False, comment="no foreign key: an activity may be read before its lead"),
        sa.Column("activity", Id, nullable=False),
        sa.Column("kind", Id),
        sa.Column("day", sa.Integer),
        sa.Column("at", sa.BigInteger),
        sa.Column("direction", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("by", Id),
        sa.Column("subject", sa.Text),
        sa.PrimaryKeyConstraint("key", name="pk_activities"),
        sa.UniqueConstraint("connection_id", "lead", "activity", name="uq_activities_connection_id_lead_activity"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_activities_connection_id_activity", "activities", ["connection_id", "activity"])


def _decisions() -> None:
    op.create_table(
        "policies",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("digest", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policies"),
        sa.UniqueConstraint("digest", name="uq_policies_digest"),
    )
    op.create_table(
        "decisions",
        sa.Column("lead_key", Key, nullable=False, autoincrement=False),
        sa.Column("policy_id", sa.Integer, nullable=False),
        sa.Column("as_of", sa.Integer, nullable=False),
        sa.Column("stage", Id),
        sa.Column("earned_stage", Id),
        sa.Column("review_on", sa.Integer),
        sa.Column("details", sa.Text, nullable=False, comment="JSON object: the decision's other columns"),
        sa.PrimaryKeyConstraint("lead_key", name="pk_decisions"),
        sa.ForeignKeyConstraint(["lead_key"], ["leads.key"], "fk_decisions_lead_key", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], "fk_decisions_policy_id"),
    )
    op.create_table(
        "stage_history",
        sa.Column("id", Key, nullable=False),
        *_connection("stage_history"),
        sa.Column("lead", Id, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("stage_before", Id),
        sa.Column("stage_after", Id),
        sa.Column("since", sa.Integer, comment="the day the stage before was first seen"),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text, nullable=False, comment="crmsync or crm (a person, another automation)"),
        *_run("stage_history", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_stage_history"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stage_history_connection_id_lead", "stage_history", ["connection_id", "lead"])


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", Key, nullable=False),
        *_connection("journal"),
        *_run("journal", nullable=False),
        sa.Column("lead", Id, nullable=False),
        sa.Column("stage_before", Id),
        sa.Column("stage_after", Id),
        sa.Column("owner_before", Id),
        sa.Column("owner_after", Id),
        sa.Column("writes", sa.JSON, nullable=False),
        sa.Column("beside", sa.JSON, nullable=False),
        sa.Column("scores", sa.JSON, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("turn", Id, comment="the rotation pool; the person is owner_after"),
        sa.Column("turn_held", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("intended_at", sa.BigInteger, nullable=False),
        sa.Column("settled_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_journal_connection_id_state_lead", "journal", ["connection_id", "state", "lead"])
    op.create_index("ix_journal_connection_id_lead", "journal", ["connection_id", "lead"])
    op.create_index("ix_journal_run_id", "journal", ["run_id"])
