"""Leads as people name them, wherever they are stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmsync.connection.named_leads import named_leads
from crmsync.connection.record_pages import RecordPages, stored_pages
from crmsync.connection.stored_kind import last_seen, note_another_object, refuse_another_object
from crmsync.errors import UsageError
from crmsync.settings import Settings
from crmsync.store import Store

_HINT = "name a lead by record id, the address of its page, or e-mail"


def stored_leads(
    settings: Settings,
    store: Store,
    name: str,
    connections: Sequence[str],
    *,
    once_stored: bool = False,
    to_change: bool = False,
) -> list[tuple[str, str]]:
    """(connection, native id) of every stored lead that is meant: of these connections, or of all.

    `once_stored`: also those that have left the working set, and stand in the journal or are held. Raises
    `UsageError` when there is none. Where the store holds records of another object than the mapping reads, whoever
    named a lead may have meant another record: to look it is told, `to_change` something it is refused.
    """
    found = list(_found(settings, store, name, connections, once_stored=once_stored))
    for connection in dict.fromkeys(connection for connection, _ in found):
        judged = refuse_another_object if to_change else note_another_object
        judged(settings.connection(connection), last_seen(store, connection))
    if not found:
        where = ", ".join(settings.named(connections))
        raise UsageError(f"nothing is stored of a lead {name} of {where}", hint=_HINT)
    return found


def pages_of(settings: Settings, store: Store, connection: str) -> RecordPages:
    """The addresses of the pages of a connection's stored leads."""
    configuration = settings.connection(connection)
    known = last_seen(store, connection)
    return stored_pages(configuration.settings.connector, configuration.mapping.lead.object, known)


def _found(
    settings: Settings, store: Store, name: str, connections: Sequence[str], *, once_stored: bool
) -> Iterator[tuple[str, str]]:
    asked = settings.chosen(connections) if connections else list(settings.connections.values())
    for configuration in asked:
        ids = named_leads(configuration, store, (name,))[name]
        there = set(store.facts.lead_names(configuration.name, ids))
        if once_stored and not there.issuperset(ids):
            there.update(hold.lead for hold in store.left_alone.holds(configuration.name))
            there.update(entry.change.lead for entry in store.journal.entries(configuration.name, leads=ids))
        yield from ((configuration.name, lead) for lead in ids if lead in there)
