"""The hand-off as a process: routing told in full, hand-offs under way, records made, turns to settle; accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new; nothing that is there changes."""
    op.add_column("leads", sa.Column("hand_off_native", sa.Text))
    op.add_column("journal", sa.Column("routing", sa.JSON, comment="how the owner was found; null = the owner stays"))
    op.add_column("journal", sa.Column("hand_off", sa.JSON, comment="the step of a hand-off; null = none"))
    op.add_column("journal", sa.Column("creates", sa.JSON, comment="records to make beside the lead; null = none"))
    _hand_offs()
    _made_records()
    _credits()
    _accounts()


def _connection(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=f"fk_{table}_connection_id"),
    ]


def _hand_offs() -> None:
    op.create_table(
        "hand_offs",
        sa.Column("id", Key, nullable=False),
        *_connection("hand_offs"),
        sa.Column("lead", Id, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("bdr", Id, comment="who handed it off; null = unknown"),
        sa.Column("receiver", Id, nullable=False),
        sa.Column("pool", Id, comment="whose turn it was; null = none"),
        sa.Column("handed_at", sa.BigInteger, nullable=False),
        sa.Column("touched_at", sa.BigInteger, comment="first contact by the receiver"),
        sa.Column("accepted_at", sa.BigInteger),
        sa.Column("reminded_at", sa.BigInteger),
        sa.Column("returned_at", sa.BigInteger),
        sa.Column("reason", sa.Text, comment="why it was returned, in the person's words"),
        sa.Column("ended_at", sa.BigInteger, comment="null = still under way"),
        sa.Column("ended_by", sa.Text, comment="reassigned, returned, taken_over, left_ladder, again, switched_off"),
        sa.PrimaryKeyConstraint("id", name="pk_hand_offs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hand_offs_connection_id_ended_at_lead", "hand_offs", ["connection_id", "ended_at", "lead"])
    op.create_index("ix_hand_offs_connection_id_lead", "hand_offs", ["connection_id", "lead"])


def _made_records() -> None:
    op.create_table(
        "made_records",
        *_connection("made_records"),
        sa.Column("activity", Id, nullable=False, comment="<object>:<native id>, as activities are named"),
        sa.Column("lead", Id, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "activity", name="pk_made_records"),
    )
    op.create_index("ix_made_records_connection_id_lead", "made_records", ["connection_id", "lead"])


def _credits() -> None:
    op.create_table(
        "credits",
        sa.Column("id", Key, nullable=False),
        *_connection("credits"),
        sa.Column("lead", Id, nullable=False),
        sa.Column("cause", sa.Text, nullable=False, comment="given (by a person) or returned (by its receiver)"),
        sa.Column("owner", Id, nullable=False, comment="who got it, or who returned it"),
        sa.Column("pool", Id, comment="whose turn it was when it was returned"),
        sa.Column("settled", sa.Boolean, nullable=False, comment="whether the counters take account of it"),
        sa.PrimaryKeyConstraint("id", name="pk_credits"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_credits_connection_id_settled", "credits", ["connection_id", "settled"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        *_connection("accounts"),
        sa.Column("account", Id, nullable=False, comment="<object>:<native id>, as activities are named"),
        sa.Column("name", sa.Text),
        sa.Column("domain", sa.Text),
        sa.Column("owner", Id, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False, comment="place of its entry in the mapping file"),
        sa.PrimaryKeyConstraint("connection_id", "account", name="pk_accounts"),
    )
