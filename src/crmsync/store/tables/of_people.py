"""Tables of what people have to do with: leads handed to them, and leads that they keep for themselves."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, Table, Text

from crmsync.store.tables.base import Id, Key, metadata, of_connection

hand_offs = Table(
    "hand_offs",
    metadata,
    Column("id", Key, primary_key=True),
    of_connection(),
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
    of_connection(primary_key=True),
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
    of_connection(),
    Column("lead", Id, nullable=False),
    Column(
        "cause",
        Text,
        nullable=False,
        comment="given (by a person), returned (by its receiver) or kept (not returned)",
    ),
    Column("owner", Id, nullable=False, comment="who got it, or who returned it"),
    Column("pool", Id, comment="whose turn it was when it was returned"),
    Column("settled", Boolean, nullable=False, comment="whether the counters take account of it"),
    Index(None, "connection_id", "settled"),
    sqlite_autoincrement=True,
)

holds = Table(
    "holds",
    metadata,
    of_connection(primary_key=True),
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
    of_connection(),
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
    of_connection(primary_key=True),
    Column("lead", Id, primary_key=True),
    Column("changed_at", BigInteger, nullable=False, comment="the first change that no run has answered yet"),
)
