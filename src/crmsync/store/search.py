"""Leads found by parts of what people call them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select

from crmsync.store.dialects.statements import looks_like
from crmsync.store.tables import leads

_ASCII = 128


def leads_called(at: Connection, connection_id: int, words: Sequence[str], most: int) -> tuple[str, ...]:
    """At most so many leads of which each word stands in name, company or e-mail, in the order of their names.

    Capitals and small letters are alike, in every script: databases know that of ASCII alone, so they are asked with
    other letters left open, and what they give is looked at again.
    """
    columns = (leads.c.name, leads.c.company, leads.c.email)
    # A sum, so that SQLite walks through the index of names, which holds all that is asked, not through the table.
    found = select(leads.c.lead, *columns).where(leads.c.connection_id + 0 == connection_id)
    for word in words:
        pattern = _pattern(word)
        found = found.where(or_(*(looks_like(at, column, pattern) for column in columns)))
    sought = [word.lower() for word in words]
    named: list[str] = []
    for row in at.execute(found.order_by(leads.c.name, leads.c.lead)):
        held = [text.lower() for text in row[1:] if text]
        if all(any(word in text for text in held) for word in sought):
            named.append(row.lead)
        if len(named) == most:
            break
    return tuple(named)


def _pattern(word: str) -> str:
    parts = (f"/{each}" if each in "%_/" else each if ord(each) < _ASCII else "%" for each in word)
    return f"%{''.join(parts)}%"
