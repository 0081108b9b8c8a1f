"""Which store this is, runs of several kinds and what stopped them, holds, what overruled us, fields reps see."""

from __future__ import annotations

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add what is new; nothing that is there changes."""
    _identity()
    _runs()
    _leads()
    op.add_column("journal", sa.Column("made", sa.JSON, comment="records made, <object>:<native id>; null = none"))
    op.add_column(
        "journal", sa.Column("fields", sa.JSON, comment="those of `writes` that people look at; null = none")
    )
    beside = "what is written to records beside the lead; null = nothing"
    op.add_column("journal", sa.Column("records", sa.JSON, comment=beside))
    _holds()
    _left_leads()
    _overruled()


def _identity() -> None:
    made = op.create_table(
        "identity",
        sa.Column("id", Id, nullable=False, comment="this store and its copies; given out when it is made"),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
    )
    op.bulk_insert(made, [{"id": uuid4().hex}])


def _runs() -> None:
    kinds = "run, redistribute, apply or undo"
    op.add_column("runs", sa.Column("kind", sa.Text, nullable=False, server_default="run", comment=kinds))
    op.add_column("runs", sa.Column("by", sa.Text, comment="who started it, as the machine knows them"))
    op.add_column("runs", sa.Column("plan", Id, comment="digest of the plan that it carried out, or showed"))
    op.add_column("runs", sa.Column("undo_of", sa.Integer, comment="the run that it takes back; null = none"))
    made_by = "the run that made the plan which it carries out; null = itself"
    op.add_column("runs", sa.Column("plan_of", sa.Integer, comment=made_by))
    op.add_column("runs", sa.Column("breaches", sa.JSON, comment="guards that stopped it: name, value, limit"))
    op.add_column("runs", sa.Column("measures", sa.JSON, comment="what guards compare runs by, name -> number"))


def _leads() -> None:
    held = "JSON object: fields that `write:` names -> value, as the CRM holds them"
    op.add_column("leads", sa.Column("written_native", sa.Text, comment=held))
    op.add_column("leads", sa.Column("written_on", sa.Integer, comment="day on which scores were last written there"))
    op.add_column(
        "leads", sa.Column("pinned", sa.Boolean, comment="the CRM says: leave alone; null = it is not asked")
    )
    undone = "day on which what a run wrote there was taken back"
    op.add_column("leads", sa.Column("undone_on", sa.Integer, comment=undone))
    half_done = "where our own change, half done, has emptied the stage"
    op.add_column("leads", sa.Column("stage_before_clearing", Id, comment=half_done))


def _connection(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name=f"fk_{table}_connection_id"),
    ]


def _holds() -> None:
    op.create_table(
        "holds",
        *_connection("holds"),
        sa.Column("lead", Id, nullable=False),
        sa.Column("until", sa.Integer, nullable=False, comment="the last day on which the lead is left alone"),
        sa.Column("why", sa.Text, nullable=False, comment="in the words of who said so"),
        sa.Column("by", sa.Text, comment="who said so, as the machine knows them"),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "lead", name="pk_holds"),
    )


def _left_leads() -> None:
    op.create_table(
        "left_leads",
        *_connection("left_leads"),
        sa.Column("lead", Id, nullable=False),
        sa.Column("left_on", sa.Integer, nullable=False, comment="the day on which it left the working set"),
        sa.Column("owner", Id, comment="this and the next as they stood in `leads`"),
        sa.Column("stage", Id),
        sa.Column("managed", sa.Boolean, nullable=False),
        sa.Column("stage_native", sa.Text),
        sa.Column("stage_since", sa.Integer),
        sa.Column("stage_edited_on", sa.Integer),
        sa.Column("owner_edited_on", sa.Integer),
        sa.Column("our_stage", Id),
        sa.Column("our_owner", Id),
        sa.Column("stage_before_clearing", Id),
        sa.Column("written_on", sa.Integer),
        sa.Column("undone_on", sa.Integer),
        sa.PrimaryKeyConstraint("connection_id", "lead", name="pk_left_leads"),
    )


def _overruled() -> None:
    theirs = "what stands there instead; null = a value that the mapping does not name, or none"
    op.create_table(
        "overruled",
        sa.Column("id", Key, nullable=False),
        *_connection("overruled"),
        sa.Column("lead", Id, nullable=False),
        sa.Column("part", sa.Text, nullable=False, comment="stage or owner"),
        sa.Column("ours", Id, comment="what crmsync had written: the policy's stage, or a native owner id"),
        sa.Column("theirs", Id, comment=theirs),
        sa.Column("day", sa.Integer, nullable=False, comment="the day on which it was seen"),
        sa.Column("actor", sa.JSON, comment="who did it by the CRM's history; null = not asked or not told"),
        sa.Column("released_at", sa.BigInteger, comment="when a person let crmsync go on; it counts no more then"),
        sa.PrimaryKeyConstraint("id", name="pk_overruled"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_overruled_connection_id_lead", "overruled", ["connection_id", "lead"])
