"""Tables of runs: what each was, what it wrote, and plans that wait."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text

from crmsync.store.tables.base import NAMELESS, Id, Key, metadata, of_connection

cursors = Table(
    "cursors",
    metadata,
    of_connection(primary_key=True),
    Column("object", Id, primary_key=True),
    Column("cursor", Text, nullable=False),
)

digests = Table(
    "digests",
    metadata,
    of_connection(primary_key=True),
    Column("name", Id, primary_key=True),
    Column("digest", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Key, primary_key=True),
    of_connection(),
    Column("dry_run", Boolean, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("exit_code", Integer),
    Column("counts", JSON, nullable=False),
    Column("kind", Text, nullable=False, server_default="run", comment="run, redistribute, apply, undo or told"),
    Column("by", Text, comment="who started it, as the machine knows them"),
    Column("plan", Id, comment="digest of the plan that it carried out, or showed"),
    Column("undo_of", Integer, comment="the run that it takes back; null = none"),
    Column("plan_of", Integer, comment="the run that made the plan which it carries out; null = itself"),
    Column("breaches", JSON(none_as_null=True), comment="guards that stopped it: name, value, limit"),
    Column("measures", JSON(none_as_null=True), comment="what guards compare runs by, name -> number"),
    Column("ends", Text, comment="JSON object: state -> entries in it, where none is open; null = count"),
    Column("undone", Text, comment="JSON object: what was taken back of it, and by which runs; null = compare"),
    Index(None, "connection_id", "id"),
    sqlite_autoincrement=True,
)

set_aside = Table(
    "set_aside",
    metadata,
    of_connection(primary_key=True),
    Column("run_id", Integer, primary_key=True, comment="the run that could not handle the lead, or part of it"),
    Column("place", Integer, primary_key=True, comment="0 = the first that it told"),
    Column("lead", Id, nullable=False),
    Column("reason", Text, nullable=False, comment="as the run told it; of a hold, what somebody said"),
    Index(None, "connection_id", "lead"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Key, primary_key=True),
    of_connection(),
    Column("run_id", ForeignKey("runs.id"), nullable=False),
    Column("lead", Id, nullable=False),
    Column("stage_before", Id),
    Column("stage_after", Id),
    Column("owner_before", Id),
    Column("owner_after", Id),
    Column("writes", JSON, nullable=False),
    Column("beside", JSON, nullable=False),
    Column("scores", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("turn", Id, comment="the rotation pool; the person is owner_after"),
    Column("turn_held", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("intended_at", BigInteger, nullable=False),
    Column("settled_at", BigInteger),
    Column("routing", JSON(none_as_null=True), comment="how the owner was found; null = the owner stays"),
    Column("hand_off", JSON(none_as_null=True), comment="the step of a hand-off; null = none"),
    Column("creates", JSON(none_as_null=True), comment="records to make beside the lead; null = none"),
    Column("made", JSON(none_as_null=True), comment="records made, <object>:<native id>; null = none"),
    Column("fields", JSON(none_as_null=True), comment="those of `writes` that people look at; null = none"),
    Column("records", JSON(none_as_null=True), comment="what is written to records beside the lead; null = nothing"),
    Index(None, "connection_id", "state", "lead"),
    Index(None, "connection_id", "lead"),
    Index(None, "run_id", "lead", "id", "state"),
    sqlite_autoincrement=True,
)

counters = Table(
    "counters",
    metadata,
    of_connection(primary_key=True),
    Column("pool", Id, primary_key=True),
    Column("person", Id, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("state", JSON, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("id", Key, primary_key=True),
    of_connection(),
    Column("kind", Text, nullable=False, comment="run or undo"),
    Column("run", Integer, nullable=False, comment="the dry run that made it"),
    Column("undo_of", Integer, comment="the run that it takes back"),
    Column("digest", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", Id),
    Column("leads", Integer, nullable=False, comment="so many changes it was made with"),
    Column("told", JSON, nullable=False, comment="all of the plan but its changes, as a plan's JSON tells it"),
    Column("state", Text, nullable=False, comment="waiting, at_work, over"),
    Column("carried_out_by", Integer, comment="the last run that wrote of it"),
    Column("moves", Text, comment="JSON list: each move, its changes, and those not approved yet; null = count"),
    Index(None, "connection_id"),
    sqlite_autoincrement=True,
)

plan_changes = Table(
    "plan_changes",
    metadata,
    of_connection(primary_key=True),
    Column("plan_id", Integer, primary_key=True),
    Column("lead", Id, primary_key=True),
    Column("move", Id, nullable=False, comment="stage before and after, or what else changes"),
    Column("owner", Id, comment="who owns it afterwards; null = nobody"),
    Column("owner_moves", Boolean, nullable=False),
    Column("points", Integer, nullable=False, comment="by which it is placed: its priority"),
    Column("outcome", Text, comment="what became of it; null = not approved yet"),
    Column("change", Text, nullable=False, comment="the change as a plan's JSON tells it, compressed"),
    Column(
        "called", Id, nullable=False, server_default=NAMELESS, comment="as in `lead_search`, by which it is found"
    ),
    Index(  # what a page asks for stands in it whole: the changes themselves are read for its own lines alone
        "ix_plan_changes_listed",
        "connection_id",
        "plan_id",
        "move",
        "lead",
        "outcome",
        "points",
        "owner",
        "owner_moves",
        "called",
    ),
    Index(  # the same in the order of names
        "ix_plan_changes_called",
        "connection_id",
        "plan_id",
        "called",
        "lead",
        "outcome",
        "move",
        "owner",
        "owner_moves",
        "points",
    ),
)
