"""Tables of the service: alerts, what CRMs tell, and who works in the console."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, Table, Text

from crmsync.store.tables.base import Id, Key, metadata, of_connection

alerts = Table(
    "alerts",
    metadata,
    of_connection(primary_key=True),
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
    of_connection(primary_key=True),
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
    of_connection(primary_key=True),
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
    of_connection(primary_key=True),
    Column("what", Id, primary_key=True, comment="taken, or why a delivery was refused"),
    Column("number", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    of_connection(primary_key=True),
    Column("channel", Id, primary_key=True, comment="the account, and what is subscribed to there"),
    Column("position", Text, comment="what was heard last, in the CRM's terms; null = it was lost"),
    Column("heard_at", BigInteger, nullable=False, comment="the last sign of life"),
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
