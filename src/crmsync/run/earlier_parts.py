"""What was carried out of a plan before: guards count it together with the part that is carried out now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crmsync.model import Change
from crmsync.plan import Part
from crmsync.store import JournalEntry, Store
from crmsync.values import replace

_MAY_STAND = frozenset({"written", "intended", "did_not_stick"})
"""What may stand in the CRM by now. What was there already, was refused or left alone is no change of ours."""


def entries_of(store: Store, connection: str, runs: Iterable[int]) -> list[JournalEntry]:
    """All that these runs meant to write, in the order of the runs."""
    return [entry for run in runs for entry in store.journal.entries(connection, run_id=run)]


def written_before(entries: Iterable[JournalEntry], changes: Sequence[Change]) -> tuple[Change, ...]:
    """Of each lead the last move of its stage that may stand, and the last of its owner, but for what moves now, too.

    Nothing where nothing is changed now: a plan that was carried out whole may be carried out again.
    """
    if not changes:
        return ()
    now = {(change.lead, part) for change in changes for part in _parts(change)}
    before: dict[tuple[str, Part], Change] = {}
    for entry in entries:
        if entry.state in _MAY_STAND:
            before |= {(entry.change.lead, part): entry.change for part in _parts(entry.change)}
    return tuple(_alone(change, part) for (lead, part), change in before.items() if (lead, part) not in now)


def _parts(change: Change) -> tuple[Part, ...]:
    moves: tuple[tuple[Part, bool], ...] = (("stage", change.stage_changes), ("owner", change.owner_changes))
    return tuple(part for part, moved in moves if moved)


def _alone(change: Change, part: Part) -> Change:
    """The change, without what moves the other part."""
    if part == "stage":
        return replace(change, owner_after=change.owner_before)
    return replace(change, stage_after=change.stage_before)
