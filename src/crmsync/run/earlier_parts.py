"""What was carried out of a plan before: guards count it together with the part that is carried out now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crmsync.model import Change
from crmsync.store import JournalEntry, Store

_MAY_STAND = frozenset({"written", "intended", "did_not_stick"})
"""What may stand in the CRM by now. What was there already, was refused or left alone is no change of ours."""


def entries_of(store: Store, connection: str, runs: Iterable[int]) -> list[JournalEntry]:
    """All that these runs meant to write, in the order of the runs."""
    return [entry for run in runs for entry in store.journal.entries(connection, run_id=run)]


def written_before(entries: Iterable[JournalEntry], changes: Sequence[Change]) -> tuple[Change, ...]:
    """Of each lead the last change that may stand, but for leads that are changed now, too.

    Nothing where nothing is changed now: a plan that was carried out whole may be carried out again.
    """
    if not changes:
        return ()
    now = {change.lead for change in changes}
    before = {entry.change.lead: entry.change for entry in entries if entry.state in _MAY_STAND}
    return tuple(change for lead, change in before.items() if lead not in now)
