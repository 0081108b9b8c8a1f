"""The console: who is signed in, failed tries, what was done and by whom; and plans that wait for an approval."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables."""
    _people()
    _plans()


def _people() -> None:
    browser = "a hash of what the browser holds; the thing itself is kept nowhere"
    op.create_table(
        "console_sessions",
        sa.Column("key", Id, nullable=False, comment=browser),
        sa.Column("person", Id, nullable=False, comment="by the name under which they sign in"),
        sa.Column(
            "stamp", sa.Text, nullable=False, comment="of role and password at the time; another one ends the session"
        ),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_console_sessions"),
    )
    op.create_index("ix_console_sessions_person", "console_sessions", ["person"])
    op.create_table(
        "console_tries",
        sa.Column("key", Id, nullable=False, comment="a hash of whom somebody tried to be, or where from"),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False, comment="the first of these failures"),
        sa.PrimaryKeyConstraint("key", name="pk_console_tries"),
    )
    op.create_table(
        "console_log",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("person", Id, comment="by the name under which they signed in; null = nobody had"),
        sa.Column("what", Id, nullable=False, comment="what was done, by the name of its kind"),
        sa.Column("connection", Id, comment="where, if on a connection"),
        sa.Column("reason", sa.Text, nullable=False, comment="in the words of who did it; empty = none was asked"),
        sa.Column(
            "about", sa.JSON, nullable=False, comment="numbers and names of what it was done to; no lead's data"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_console_log"),
        sqlite_autoincrement=True,
    )


def _plans() -> None:
    op.create_table(
        "plans",
        sa.Column("id", Key, nullable=False),
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, comment="run or undo"),
        sa.Column("run", sa.Integer, nullable=False, comment="the dry run that made it"),
        sa.Column("undo_of", sa.Integer, comment="the run that it takes back"),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("made_by", Id),
        sa.Column("leads", sa.Integer, nullable=False, comment="so many changes it was made with"),
        sa.Column(
            "told", sa.JSON, nullable=False, comment="all of the plan but its changes, as a plan's JSON tells it"
        ),
        sa.Column("state", sa.Text, nullable=False, comment="waiting, at_work, over"),
        sa.Column("carried_out_by", sa.Integer, comment="the last run that wrote of it"),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_plans_connection_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_plans_connection_id", "plans", ["connection_id"])
    op.create_table(
        "plan_changes",
        sa.Column("connection_id", sa.Integer, nullable=False),
        sa.Column("plan_id", sa.Integer, nullable=False),
        sa.Column("lead", Id, nullable=False),
        sa.Column("move", Id, nullable=False, comment="stage before and after, or what else changes"),
        sa.Column("owner", Id, comment="who owns it afterwards; null = nobody"),
        sa.Column("owner_moves", sa.Boolean, nullable=False),
        sa.Column(
            "points", sa.Integer, nullable=False, comment="by which it is placed: the priority of its decision"
        ),
        sa.Column("outcome", sa.Text, comment="what became of it; null = not approved yet"),
        sa.Column("change", sa.Text, nullable=False, comment="the change as a plan's JSON tells it, compressed"),
        sa.PrimaryKeyConstraint("connection_id", "plan_id", "lead", name="pk_plan_changes"),
        sa.ForeignKeyConstraint(["connection_id"], ["connections.id"], name="fk_plan_changes_connection_id"),
    )
    listed = ["connection_id", "plan_id", "move", "lead", "outcome", "points", "owner", "owner_moves"]
    op.create_index("ix_plan_changes_listed", "plan_changes", listed)
