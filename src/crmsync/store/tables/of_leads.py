"""Tables of leads: what is known of them, what was decided, and where they stood."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from crmsync.store.tables.base import Id, Key, metadata, of_connection


def _of_few(name: str, rows: ColumnElement[bool], *columns: Column[Any]) -> Index:
    """An index of these rows alone; `dialects.postgresql` says so to PostgreSQL, which no other store loads."""
    return Index(name, leads.c.connection_id, *columns, sqlite_where=rows)


leads = Table(
    "leads",
    metadata,
    Column("key", Key, primary_key=True),
    of_connection(),
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
_of_few("ix_leads_pinned", leads.c.pinned.is_(True), leads.c.pinned, leads.c.lead)
_of_few("ix_leads_undone", leads.c.undone_on.is_not(None), leads.c.lead, leads.c.undone_on, leads.c.pinned)
_of_few("ix_leads_unmanaged", leads.c.managed.is_(False), leads.c.stage_native, leads.c.lead).ddl_if(dialect="sqlite")
_of_few("ix_leads_not_managed", leads.c.managed.is_(False), leads.c.lead).ddl_if(dialect="postgresql")

lead_search = Table(
    "lead_search",
    metadata,
    Column("lead_key", ForeignKey("leads.key", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    of_connection(),
    Column("called", Id, nullable=False, comment="name, company and e-mail, without capitals and accents"),
    Index(None, "connection_id", "called", "lead_key"),
)

lead_search_blocks = Table(
    "lead_search_blocks",
    metadata,
    of_connection(primary_key=True),
    Column("block", BigInteger, primary_key=True, autoincrement=False, comment="`lead_key` of its leads, divided"),
    Column("texts", Id, nullable=False, comment="what these leads are called, one after the other"),
)

left_leads = Table(
    "left_leads",
    metadata,
    of_connection(primary_key=True),
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
    of_connection(),
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
    of_connection(primary_key=True),
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
    of_connection(primary_key=True),
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
    of_connection(),
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
    of_connection(primary_key=True),
    Column("lead", Id, primary_key=True),
    Column("place", Integer, primary_key=True, comment="0 = the oldest; the newest is what it was first seen with"),
    Column("since_at", BigInteger, comment="null = since its creation, or for longer than the CRM's history tells"),
    Column("stage_native", Text, nullable=False, comment="JSON object: what its stage fields held, as in `leads`"),
)
