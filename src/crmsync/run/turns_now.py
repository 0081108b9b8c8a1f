"""Rotation turns of changes that were decided earlier: taken from the counters as they are now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from crmsync.connection.prepared import Prepared
from crmsync.model import Change
from crmsync.route.hours.calendar import local_day
from crmsync.route.placing.turns import GivenBack, Shared, shares_of, undo
from crmsync.route.roster.defaults import DIRECT
from crmsync.route.roster.resolved import ResolvedRoster
from crmsync.route.rotation.counters import Ledger
from crmsync.run.counters import counters_from, stored_from
from crmsync.store import JournalEntry, Store, Turns


def turns_taken(
    prepared: Prepared,
    store: Store,
    changes: Sequence[Change],
    open_entries: Sequence[JournalEntry],
    *,
    now: datetime,
) -> tuple[Mapping[tuple[str, str], Turns], tuple[GivenBack, ...]]:
    """The counters with one turn more for each change that takes one, and reserved turns that are not used.

    A turn that an earlier run has counted for the lead and the same owner is used again. The others count as turns
    that their owners had: the next turns of the rotation even it out, whatever happened since they were decided.
    """
    roster = prepared.roster
    ledger = Ledger(counters_from(store.journal.turns(prepared.name), roster))
    reserved = {entry.change.lead: entry for entry in open_entries if entry.turn}
    given_back = []
    for change in changes:
        wanted = (change.turn, change.owner_after)
        entry = reserved.get(change.lead)
        earlier = entry.turn if entry else None
        if earlier == wanted:
            continue
        if entry is not None and earlier is not None:
            for pool, person in entry.turns:
                undo(roster, ledger, pool, person)
            given_back.append(GivenBack(change.lead, *earlier))
        if change.turn is not None and change.owner_after is not None:
            shared = change.routing.shared if change.routing else None
            _take(roster, ledger, change.turn, change.owner_after, now, shared)
            if change.routing and (turn := change.routing.between):
                ledger.rotation(turn.rotation).credit(change.turn, turn.pools or [(change.turn, 1)])
    return stored_from(ledger.counters(), roster), tuple(given_back)


def _take(
    roster: ResolvedRoster, ledger: Ledger, pool: str, owner: str, now: datetime, shared: Shared | None
) -> None:
    """Count one turn, and one lead of the day, of an owner who is in the roster."""
    member = roster.by_user[owner]
    rotation = ledger.rotation(pool)
    rotation.join(member.key)
    if pool == DIRECT:
        rotation.turns[member.key] += 1
    else:
        rotation.credit(member.key, shares_of(roster, pool, shared))
    ledger.note(pool, member.key, local_day(now, member.person.zone))
