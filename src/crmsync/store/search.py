"""Leads found by parts of what people call them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, select

from crmsync.store import search_blocks
from crmsync.store.called import sought, with_words
from crmsync.store.tables import lead_search, leads

_ORDER = (lead_search.c.called, lead_search.c.lead_key)
_AT_THE_BEGINNING, _AT_MOST = 800, 20_000
"""Names that are looked at first: so many for each lead that is wanted, and at most."""

_BLOCKS = 100
"""Of so many blocks each lead is looked at. What stands in more of them is found soon in the order of names."""


def leads_called(at: Connection, connection_id: int, words: Sequence[str], most: int) -> tuple[str, ...]:
    """At most so many leads of which each word stands in name, company or e-mail, in the order of their names.

    Capitals and accents do not matter, in any script. A frequent part of a name is found where the order begins, a
    rare one in few blocks, and any other in a part of the order.
    """
    here = lead_search.c.connection_id == connection_id
    called = with_words(at, words, lead_search.c.called)
    beginning = min(_AT_THE_BEGINNING * most, _AT_MOST)
    last = at.execute(select(lead_search.c.called).where(here).order_by(*_ORDER).offset(beginning).limit(1)).scalar()
    if last is None:
        return _in_their_order(at, [here, *called], most)
    found = _in_their_order(at, [here, lead_search.c.called <= last, *called], most)
    if len(found) == most:
        return found
    blocks = search_blocks.with_all(at, connection_id, sought(words), _BLOCKS + 1)
    if not blocks:
        return ()
    if len(blocks) > _BLOCKS:
        return _in_their_order(at, [here, *called], most)
    return _in_their_order(at, [search_blocks.in_blocks(connection_id, blocks), *called], most)


def _in_their_order(at: Connection, those: Sequence[ColumnElement[bool]], most: int) -> tuple[str, ...]:
    found = select(*_ORDER).where(*those).order_by(*_ORDER).limit(most).subquery()
    named = select(leads.c.lead).join(found, found.c.lead_key == leads.c.key).order_by(found.c.called, leads.c.key)
    return tuple(at.execute(named).scalars())
