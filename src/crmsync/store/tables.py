"""The store's tables. The migrations make the same schema; a test compares the two.

Days are whole days since 1970-01-01 (Integer), instants are microseconds since then in UTC (BigInteger): plain
numbers go between frames and the database without a conversion per value, sort alike everywhere and index small.
`due_on` is such a day: the lead is to be looked at again from then on, `DUE_NOW` at once, null never.

Nothing here is SQLite's alone: PostgreSQL takes the same tables. What differs is said by variants (ids sort by
their bytes, as frames sort them) and in `crmsync.store.dialects.statements`.

A person's data stands in `leads`, `activities`, `unread`, `decisions`, `stage_history`, `earlier_stages`, `journal`,
`hand_offs`, `holds`, `left_leads`, `overruled`, `plan_changes`, `set_aside` and `unanswered`, each reached by
(connection, lead): that is what `Store.forget` goes through.
`accounts` holds companies and their owners; `tellings` ids of records alone. The tables of alerts know of nobody.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

HEAD = "0016"
"""The newest migration; equal to Alembic's own head, which is only loaded when a store has to be migrated."""

DUE_NOW = 0

LAST_DAY = 2_932_896
"""9999-12-31. A `due_on` beyond it is damaged (SQLite sorts texts after numbers): the lead is looked at at once."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Key = BigInteger().with_variant(Integer(), "sqlite")
"""A number the database gives out, ever ascending, never twice."""

Id = Text().with_variant(Text(collation="C"), "postgresql")
"""A native id or a name from the configuration."""


def _of_few(name: str, rows: ColumnElement[bool], *columns: Column[str]) -> Index:
    """An index of these rows alone; `dialects.postgresql` says so to PostgreSQL, which no other store loads."""
    return Index(name, leads.c.connection_id, *columns, sqlite_where=rows)


def _connection(*, primary_key: bool = False) -> Column[int]:
    return Column("connection_id", ForeignKey("connections.id"), nullable=False, primary_key=primary_key)


connections = Table(
    "connections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Id, nullable=False),
    Column("snapshot", Text, comment="the CRM's set-up as last seen: zone, users, fields, as JSON"),
    UniqueConstraint("name"),
)

cursors = Table(
    "cursors",
    metadata,
    _connection(primary_key=True),
    Column("object", Id, primary_key=True),
    Column("cursor", Text, nullable=False),
)

digests = Table(
    "digests",
    metadata,
    _connection(primary_key=True),
    Column("name", Id, primary_key=True),
    Column("digest", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Key, primary_key=True),
    _connection(),
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
    Index(None, "connection_id", "id"),
    sqlite_autoincrement=True,
)

leads = Table(
    "leads",
    metadata,
    Column("key", Key, primary_key=True),
    _connection(),
    Column("lead", Id, nullable=False),
    Column("email", Text),
    Column("name", Text),
    Column("company", Text),
    Column("created_at", BigInteger),
    Column("owner", Id),
    Column("stage", Id),
    Column("managed", Boolean, nullable=False),
    Column("stage_native", Text),
    Column("hand_off_native", Text),
    Column("facts", Text, nullable=False, comment="JSON object: fact -> value, in the mapping's types"),
    Column("stage_since", Integer),
    Column("stage_edited_on", Integer),
    Column("owner_edited_on", Integer),
    Column("our_stage", Id, comment="what crmsync last intended or wrote; null = never"),
    Column("our_owner", Id),
    Column("due_on", Integer),
    Column("written_native", Text, comment="JSON object: fields that `write:` names -> value, as the CRM holds them"),
    Column("written_on", Integer, comment="day on which scores were last written there"),
    Column("pinned", Boolean, comment="the CRM says: leave alone; null = it is not asked"),
    Column("undone_on", Integer, comment="day on which what a run wrote there was taken back"),
    Column("stage_before_clearing", Id, comment="where our own change, half done, has emptied the stage"),
    UniqueConstraint("connection_id", "lead"),
    Index(None, "connection_id", "due_on", "lead"),
    Index(None, "connection_id", "stage", "managed"),
    Index(None, "connection_id", "owner", "stage", "managed"),
    sqlite_autoincrement=True,
)

# Of few leads each: no other costs anything when it is written. Texts of any length stand in indexes of SQLite alone.
# By the last one leads are found by what they are called, in the order of their names: it does not begin with the
# connection, so that SQLite never takes it for the way to a lead by its id.
_of_few("ix_leads_pinned", leads.c.pinned.is_(True), leads.c.lead)
_of_few("ix_leads_undone", leads.c.undone_on.is_not(None), leads.c.lead)
_of_few("ix_leads_unmanaged", leads.c.managed.is_(False), leads.c.stage_native, leads.c.lead).ddl_if(dialect="sqlite")
_called = (leads.c.name, leads.c.lead, leads.c.company, leads.c.email, leads.c.connection_id)
Index("ix_leads_called", *_called).ddl_if(dialect="sqlite")

set_aside = Table(
    "set_aside",
    metadata,
    _connection(primary_key=True),
    Column("run_id", Integer, primary_key=True, comment="the run that could not handle the lead, or part of it"),
    Column("place", Integer, primary_key=True, comment="0 = the first that it told"),
    Column("lead", Id, nullable=False),
    Column("reason", Text, nullable=False, comment="words without personal data"),
    Index(None, "connection_id", "lead"),
)

left_leads = Table(
    "left_leads",
    metadata,
    _connection(primary_key=True),
    Column("lead", Id, primary_key=True),
    Column("left_on", Integer, nullable=False, comment="the day on which it left the working set"),
    Column("owner", Id, comment="this and the next as they stood in `leads`"),
    Column("stage", Id),
    Column("managed", Boolean, nullable=False),
    Column("stage_native", Text),
    Column("stage_since", Integer),
    Column("stage_edited_on", Integer),
    Column("owner_edited_on", Integer),
    Column("our_stage", Id),
    Column("our_owner", Id),
    Column("stage_before_clearing", Id),
    Column("written_on", Integer),
    Column("undone_on", Integer),
)

activities = Table(
    "activities",
    metadata,
    Column("key", Key, primary_key=True),
    _connection(),
    Column("lead", Id, nullable=False, comment="no foreign key: an activity may be read before its lead"),
    Column("activity", Id, nullable=False),
    Column("kind", Id),
    Column("day", Integer),
    Column("at", BigInteger),
    Column("direction", Text),
    Column("outcome", Text),
    Column("by", Id),
    Column("subject", Text),
    Column("about", Text, comment="the thing it is about, in the CRM's words"),
    UniqueConstraint("connection_id", "lead", "activity"),
    Index(None, "connection_id", "activity"),
    sqlite_autoincrement=True,
)

unread = Table(
    "unread",
    metadata,
    _connection(primary_key=True),
    Column("record", Id, primary_key=True, comment="a lead's id, or <object>:<native id> of an activity"),
    Column("lead", Id, primary_key=True),
    Column("part", Text, primary_key=True, comment="fact, lead, day, kind, outcome or direction"),
    Column("name", Id, nullable=False, comment="the fact or column; of an activity its object"),
    Column("field", Id, primary_key=True, comment="the native field that holds what could not be read"),
    Column("value", Text, nullable=False, comment="what it holds, with what is personal masked"),
    Column("pull", BigInteger, nullable=False, comment="which pull told it, counted from 1"),
    Index(None, "connection_id", "lead"),
)

accounts = Table(
    "accounts",
    metadata,
    _connection(primary_key=True),
    Column("account", Id, primary_key=True, comment="<object>:<native id>, as activities are named"),
    Column("name", Text),
    Column("domain", Text),
    Column("owner", Id, nullable=False),
    Column("rank", Integer, nullable=False, comment="place of its entry in the mapping file"),
    Column("created_at", BigInteger, comment="null = the mapping does not say"),
    Column("facts", Text, comment="JSON object: what it tells of leads' facts; null = nothing"),
)

policies = Table(
    "policies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Id, nullable=False),
    UniqueConstraint("digest"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("lead_key", ForeignKey("leads.key", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("policy_id", ForeignKey("policies.id"), nullable=False),
    Column("as_of", Integer, nullable=False),
    Column("stage", Id),
    Column("earned_stage", Id),
    Column("review_on", Integer),
    Column("details", Text, nullable=False, comment="JSON object: the decision's other columns"),
)

stage_history = Table(
    "stage_history",
    metadata,
    Column("id", Key, primary_key=True),
    _connection(),
    Column("lead", Id, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("stage_before", Id),
    Column("stage_after", Id),
    Column("since", Integer, comment="the day the stage before was first seen"),
    Column("day", Integer, nullable=False),
    Column("cause", Text, nullable=False, comment="crmsync, undone (by it), or crm (a person, another automation)"),
    Column("run_id", ForeignKey("runs.id")),
    Index(None, "connection_id", "lead"),
    sqlite_autoincrement=True,
)

earlier_stages = Table(
    "earlier_stages",
    metadata,
    _connection(primary_key=True),
    Column("lead", Id, primary_key=True),
    Column("place", Integer, primary_key=True, comment="0 = the oldest; the newest is what it was first seen with"),
    Column("since_at", BigInteger, comment="null = since its creation, or for longer than the CRM's history tells"),
    Column("stage_native", Text, nullable=False, comment="JSON object: what its stage fields held, as in `leads`"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Key, primary_key=True),
    _connection(),
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
    _connection(primary_key=True),
    Column("pool", Id, primary_key=True),
    Column("person", Id, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("state", JSON, nullable=False),
)

hand_offs = Table(
    "hand_offs",
    metadata,
    Column("id", Key, primary_key=True),
    _connection(),
    Column("lead", Id, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("bdr", Id, comment="who handed it off; null = unknown"),
    Column("receiver", Id, nullable=False),
    Column("pool", Id, comment="whose turn it was; null = none"),
    Column("handed_at", BigInteger, nullable=False),
    Column("touched_at", BigInteger, comment="first contact by the receiver"),
    Column("accepted_at", BigInteger),
    Column("reminded_at", BigInteger),
    Column("returned_at", BigInteger),
    Column("reason", Text, comment="why it was returned, in the person's words"),
    Column("ended_at", BigInteger, comment="null = still under way"),
    Column("ended_by", Text, comment="reassigned, returned, taken_over, left_ladder, again, switched_off, undone"),
    Column("hand_over", Id, comment="which of the policy's, each with its own attempts; null = its only one"),
    Column("queued_at", BigInteger, comment="when a timeout sent the lead to a queue, where it stays"),
    Column("queue", Id, comment="which queue that was"),
    Column("created_at", BigInteger, comment="when the lead was made, as known at the hand-off"),
    Column("staged_on", Integer, comment="the day on which it came to the stage at which it was handed off"),
    Index(None, "connection_id", "ended_at", "lead"),
    Index(None, "connection_id", "lead"),
    sqlite_autoincrement=True,
)

made_records = Table(
    "made_records",
    metadata,
    _connection(primary_key=True),
    Column("activity", Id, primary_key=True, comment="<object>:<native id>, as activities are named"),
    Column("lead", Id, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("hand_over", Id, comment="whose attempt it was; null = the policy's only hand-over"),
    Index(None, "connection_id", "lead"),
)

credits = Table(
    "credits",
    metadata,
    Column("id", Key, primary_key=True),
    _connection(),
    Column("lead", Id, nullable=False),
    Column("cause", Text, nullable=False, comment="given (by a person) or returned (by its receiver)"),
    Column("owner", Id, nullable=False, comment="who got it, or who returned it"),
    Column("pool", Id, comment="whose turn it was when it was returned"),
    Column("settled", Boolean, nullable=False, comment="whether the counters take account of it"),
    Index(None, "connection_id", "settled"),
    sqlite_autoincrement=True,
)

identity = Table(
    "identity",
    metadata,
    Column("id", Id, primary_key=True, comment="this store and its copies; given out when it is made"),
)

holds = Table(
    "holds",
    metadata,
    _connection(primary_key=True),
    Column("lead", Id, primary_key=True),
    Column("until", Integer, nullable=False, comment="the last day on which the lead is left alone"),
    Column("why", Text, nullable=False, comment="in the words of who said so"),
    Column("by", Text, comment="who said so, as the machine knows them"),
    Column("made_at", BigInteger, nullable=False),
)

overruled = Table(
    "overruled",
    metadata,
    Column("id", Key, primary_key=True),
    _connection(),
    Column("lead", Id, nullable=False),
    Column("part", Text, nullable=False, comment="stage or owner"),
    Column("ours", Id, comment="what crmsync had written: the policy's stage, or a native owner id"),
    Column("theirs", Id, comment="what stands there instead; null = a value that the mapping does not name, or none"),
    Column("day", Integer, nullable=False, comment="the day on which it was seen"),
    Column("actor", JSON(none_as_null=True), comment="who did it by the CRM's history; null = not asked or not told"),
    Column("released_at", BigInteger, comment="when a person let crmsync go on; it counts no more then"),
    Index(None, "connection_id", "lead"),
    sqlite_autoincrement=True,
)

unanswered = Table(
    "unanswered",
    metadata,
    _connection(primary_key=True),
    Column("lead", Id, primary_key=True),
    Column("changed_at", BigInteger, nullable=False, comment="the first change that no run has answered yet"),
)

alerts = Table(
    "alerts",
    metadata,
    _connection(primary_key=True),
    Column("kind", Id, primary_key=True, comment="what needs a person, by the name of its kind"),
    Column("since", BigInteger, nullable=False),
    Column("number", Integer, nullable=False, comment="how many, as the kind counts them"),
    Column("command", Text, nullable=False, comment="to look with"),
    Column(
        "over_at", BigInteger, comment="when it was found to be over, while somebody is still to be told; else null"
    ),
)

alerts_told = Table(
    "alerts_told",
    metadata,
    _connection(primary_key=True),
    Column("kind", Id, primary_key=True),
    Column("channel", Id, primary_key=True, comment="which was told that it is there, and not yet that it is over"),
    Column("told_at", BigInteger, nullable=False, comment="the last time"),
)

alert_channels = Table(
    "alert_channels",
    metadata,
    Column("channel", Id, primary_key=True),
    Column("taken_until", BigInteger, comment="so long one process tells it something, and others leave it alone"),
    Column("failures", Integer, nullable=False, comment="in a row; 0 = the last message was taken"),
    Column("failing_since", BigInteger),
    Column("next_try_at", BigInteger, comment="not before then; null = at any time"),
    Column("trouble", Text, comment="why the last message was not taken"),
)

tellings = Table(
    "tellings",
    metadata,
    _connection(primary_key=True),
    Column("object", Id, primary_key=True, comment="as the CRM calls it"),
    Column("record", Id, primary_key=True, comment="native id"),
    Column("activities", Text, nullable=False, comment="objects of activities to read with it, by comma; * = all"),
    Column("times", Integer, nullable=False, comment="how often it was told while it waits"),
    Column("happened_at", BigInteger, comment="the earliest of these, by the CRM; null = not told"),
    Column("came_at", BigInteger, nullable=False, comment="when the first of these came"),
    Index(None, "connection_id", "came_at"),
)

telling_counts = Table(
    "telling_counts",
    metadata,
    _connection(primary_key=True),
    Column("what", Id, primary_key=True, comment="taken, or why a delivery was refused"),
    Column("number", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("key", Id, primary_key=True, comment="a hash of what the browser holds; the thing itself is kept nowhere"),
    Column("person", Id, nullable=False, comment="by the name under which they sign in"),
    Column("stamp", Text, nullable=False, comment="of role and password at the time; another one ends the session"),
    Column("started_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Index(None, "person"),
)

console_tries = Table(
    "console_tries",
    metadata,
    Column("key", Id, primary_key=True, comment="a hash of whom somebody tried to be, or where from"),
    Column("failures", Integer, nullable=False),
    Column("since", BigInteger, nullable=False, comment="the first of these failures"),
)

console_log = Table(
    "console_log",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("person", Id, comment="by the name under which they signed in; null = nobody had"),
    Column("what", Id, nullable=False, comment="what was done, by the name of its kind"),
    Column("connection", Id, comment="where, if on a connection"),
    Column("reason", Text, nullable=False, comment="in the words of who did it; empty = none was asked"),
    Column("about", JSON, nullable=False, comment="numbers and names of what it was done to; no lead's data"),
    sqlite_autoincrement=True,
)

plans = Table(
    "plans",
    metadata,
    Column("id", Key, primary_key=True),
    _connection(),
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
    Index(None, "connection_id"),
    sqlite_autoincrement=True,
)

plan_changes = Table(
    "plan_changes",
    metadata,
    _connection(primary_key=True),
    Column("plan_id", Integer, primary_key=True),
    Column("lead", Id, primary_key=True),
    Column("move", Id, nullable=False, comment="stage before and after, or what else changes"),
    Column("owner", Id, comment="who owns it afterwards; null = nobody"),
    Column("owner_moves", Boolean, nullable=False),
    Column("points", Integer, nullable=False, comment="by which it is placed: its priority"),
    Column("outcome", Text, comment="what became of it; null = not approved yet"),
    Column("change", Text, nullable=False, comment="the change as a plan's JSON tells it, compressed"),
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
    ),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    _connection(primary_key=True),
    Column("channel", Id, primary_key=True, comment="the account, and what is subscribed to there"),
    Column("position", Text, comment="what was heard last, in the CRM's terms; null = it was lost"),
    Column("heard_at", BigInteger, nullable=False, comment="the last sign of life"),
)
