"""Whether a connection's store is of what it reads now: of this CRM account, and of this kind of record.

Ids say nothing of what they are ids of: HubSpot's are plain numbers, and a contact and a lead may have the same one.
Facts, cursors, hand-offs and what undo would write back are those of the records that were read.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Mapping

from crmsync.connection import registry
from crmsync.connection.snapshot import Snapshot
from crmsync.contract import Org
from crmsync.errors import OfOtherRecords, UsageError
from crmsync.settings import ConnectionConfiguration
from crmsync.store import Store

ANOTHER_ACCOUNT_HINT = (
    "put its address and credentials right; for another account give the connection another name, or name another "
    "`store`"
)
ANOTHER_OBJECT_HINT = (
    "put `lead: object` back; for the other records give the connection another name, or name another `store`"
)

ANOTHER_NAME_HINT = "put the connection's name back; to begin anew, name another `store`"


def last_seen(store: Store, connection: str) -> Snapshot | None:
    """The connection's set-up as it was last seen; null before that."""
    text = store.runs.snapshot(connection)
    return Snapshot.from_text(text) if text else None


def users_last_seen(store: Store, connection: str) -> dict[str, str]:
    """Native user id → name, of those who have one."""
    known = last_seen(store, connection)
    return {user.id: user.name for user in known.users if user.name} if known else {}


def another_account(name: str, here: Org, known: Snapshot | None) -> str | None:
    """In words, of which other CRM account the stored set-up of this connection is; null = of none."""
    there = known.org if known else None
    if there is None or there.id == here.id:
        return None
    return f"{name} signs in to {here.name} ({here.id}), and the store holds leads of {there.name} ({there.id})"


def another_object(configuration: ConnectionConfiguration, known: Snapshot | None) -> str | None:
    """In words, records of which other object the store holds for this connection; null = of none."""
    here, there = configuration.mapping.lead.object, known.lead_object if known else None
    if known is None or there is None or _same(configuration.settings.connector, known.org, here, there):
        return None
    return f"{configuration.name} reads {here} records as its leads, and the store holds {there} records"


def refuse_another_object(configuration: ConnectionConfiguration, known: Snapshot | None) -> None:
    """Raise `UsageError` where the store holds records of another object under this connection's name."""
    if told := another_object(configuration, known):
        raise UsageError(told, hint=ANOTHER_OBJECT_HINT)


def note_another_object(configuration: ConnectionConfiguration, known: Snapshot | None) -> None:
    """The same as a warning, for what only tells or erases what is stored."""
    if told := another_object(configuration, known):
        warnings.warn(f"{told}: here it is about those → {ANOTHER_OBJECT_HINT}", OfOtherRecords, stacklevel=2)


def another_name(
    configuration: ConnectionConfiguration, here: Org, others: Mapping[str, Snapshot], configured: Collection[str]
) -> str | None:
    """In words, under which name the store holds these leads that no configured connection has; null = none.

    For a connection that the store holds nothing of: under a new name nothing would be known of what was written,
    who is held, whose turn it is. `others`: what is stored of the other connections, by name.
    """
    for name in _alike(configuration, here, others):
        if name not in configured:
            told = f"{configuration.mapping.lead.object} records of {here.name} ({here.id})"
            return f"{configuration.name} reads {told}, which the store holds as those of `{name}`"
    return None


def shared_leads(
    configuration: ConnectionConfiguration,
    here: Org,
    others: Mapping[str, Snapshot],
    connections: Mapping[str, ConnectionConfiguration],
) -> tuple[str, ...]:
    """Which other connections work records of one object in one account, unless both say which are theirs."""
    alike = [name for name in _alike(configuration, here, others) if name in connections]
    mine = configuration.mapping.lead.when
    return tuple(name for name in alike if not (mine and connections[name].mapping.lead.when))


def shared_in_words(configuration: ConnectionConfiguration, org: Org, others: Collection[str]) -> str:
    """What follows from `shared_leads`."""
    named = " and ".join(f"`{name}`" for name in (configuration.name, *others))
    both = f"{named} work {configuration.mapping.lead.object} records of one account, {org.name} ({org.id})"
    return f"{both}: each knows nothing of the turns, holds and hand-offs of the other"


SHARED_HINT = "keep one of them, or let `lead: when` in both mappings say whose leads are whose"


def _alike(configuration: ConnectionConfiguration, here: Org, others: Mapping[str, Snapshot]) -> Iterator[str]:
    connector, mine = configuration.settings.connector, configuration.mapping.lead.object
    for name, known in others.items():
        if known.org.id == here.id and known.lead_object and _same(connector, here, mine, known.lead_object):
            yield name


def _same(connector: str, org: Org, one: str, other: str) -> bool:
    """Whether two names mean one object: `leads` and `0-136` have the same pages."""
    if one.casefold() == other.casefold():
        return True
    page = registry.load(connector).record_page
    pages = {page(org, name, "1") for name in (one, other)} if page else {one, other}
    return len(pages) == 1 and None not in pages
