"""Leads found by parts of what people call them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, or_, select

from crmsync.store.tables import leads

_ASCII = 128


def leads_called(at: Connection, connection_id: int, words: Sequence[str], most: int) -> tuple[str, ...]:
    """At most so many leads of which each word stands in name, company or e-mail, in the order of their names.

    Capitals and small letters are alike, in every script: databases know that of ASCII alone, so they are asked with
    other letters left open, and what they give is looked at again.
    """
    columns = (leads.c.name, leads.c.company, leads.c.email)
    found = select(leads.c.lead, *columns).where(leads.c.connection_id == connection_id)
    for word in words:
        found = found.where(or_(*(_may_hold(column, word) for column in columns)))
    sought = [word.lower() for word in words]
    named: list[str] = []
    for row in at.execute(found.order_by(leads.c.name, leads.c.lead)):
        held = [text.lower() for text in row[1:] if text]
        if all(any(word in text for text in held) for word in sought):
            named.append(row.lead)
        if len(named) == most:
            break
    return tuple(named)


def _may_hold(column: ColumnElement[str | None], word: str) -> ColumnElement[bool]:
    parts = (f"/{each}" if each in "%_/" else each if ord(each) < _ASCII else "%" for each in word)
    return column.ilike(f"%{''.join(parts)}%", escape="/")
