"""Leads that somebody looks for: by a part of name, company or e-mail, by record id, or by the address of a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass

from crmsync.errors import UsageError
from crmsync.operations.history.stored_leads import stored_leads
from crmsync.settings import Settings
from crmsync.store import Store

SHORTEST = 2
"""Letters: fewer would find nearly everybody."""


@dataclass(frozen=True, slots=True)
class FoundLead:
    """A stored lead. `name`: its own and its company's."""

    connection: str
    lead: str
    name: str


def found_leads(
    settings: Settings, sought: str, connections: Sequence[str] = (), *, most: int, by_words: bool = True
) -> list[FoundLead]:
    """At most so many of each connection, those first that the words name exactly; none for a single letter.

    `by_words`: else only by record id and the address of its page, which tell of nobody what they are called.
    """
    words = sought.split()
    if len("".join(words)) < SHORTEST:
        return []
    with closing(Store(settings.store)) as store:
        named: list[tuple[str, str]] = []
        if "@" not in sought or "://" in sought:  # e-mails are found as names are
            with suppress(UsageError):  # nobody has this id or address: a name may hold the words
                named = stored_leads(settings, store, sought.strip(), connections, once_stored=True)
        return list(_told(settings, store, named, words if by_words else (), connections, most))


def _told(
    settings: Settings,
    store: Store,
    named: Sequence[tuple[str, str]],
    words: Sequence[str],
    connections: Sequence[str],
    most: int,
) -> Iterator[FoundLead]:
    for connection in settings.named(connections):
        exactly = [lead for where, lead in named if where == connection]
        called = store.facts.leads_called(connection, words, most=most) if words else ()
        leads = list(dict.fromkeys((*exactly, *called)))[:most]
        names = store.facts.lead_names(connection, leads)
        yield from (FoundLead(connection, lead, names.get(lead, "")) for lead in leads)
