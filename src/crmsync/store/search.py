"""Leads found by parts of what people call them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from crmsync.store.called import with_words
from crmsync.store.tables import lead_search, leads


def leads_called(at: Connection, connection_id: int, words: Sequence[str], most: int) -> tuple[str, ...]:
    """At most so many leads of which each word stands in name, company or e-mail, in the order of their names.

    Capitals and accents do not matter, in any script. The index of `lead_search` is walked in its order: a frequent
    part of a name is found at its beginning, for a rare one it is walked to its end.
    """
    order = (lead_search.c.called, lead_search.c.lead_key)
    here = lead_search.c.connection_id == connection_id
    found = (
        select(*order)
        .where(here, *with_words(at, words, lead_search.c.called))
        .order_by(*order)
        .limit(most)
        .subquery()
    )
    named = select(leads.c.lead).join(found, found.c.lead_key == leads.c.key).order_by(found.c.called, leads.c.key)
    return tuple(at.execute(named).scalars())
