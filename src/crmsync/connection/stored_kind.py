"""Whether a connection's store is of what it reads now: of this CRM account, and of this kind of record.

Ids say nothing of what they are ids of: HubSpot's are plain numbers, and a contact and a lead may have the same one.
Facts, cursors, hand-offs and what undo would write back are those of the records that were read.
"""

from __future__ import annotations

import warnings

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


def last_seen(store: Store, connection: str) -> Snapshot | None:
    """The connection's set-up as it was last seen; null before that."""
    text = store.runs.snapshot(connection)
    return Snapshot.from_text(text) if text else None


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


def _same(connector: str, org: Org, one: str, other: str) -> bool:
    """Whether two names mean one object: `leads` and `0-136` have the same pages."""
    if one.casefold() == other.casefold():
        return True
    page = registry.load(connector).record_page
    pages = {page(org, name, "1") for name in (one, other)} if page else {one, other}
    return len(pages) == 1 and None not in pages
