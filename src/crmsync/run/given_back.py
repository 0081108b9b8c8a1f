"""A person's edit that a write has met: between our last reading and our write there is always a moment.

Neither CRM lets many records be set on condition. But each can tell afterwards what a write has met; where that is
neither what the change was decided from nor what it wants, somebody else was there first, and the lead is given back
as it was met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crmsync.contract import Connector, Seen, Write
from crmsync.model import Change
from crmsync.run.held import Values, arrived, holds, not_as_read, owner_holds, read_held, shown, value_of
from crmsync.store import Settlement
from crmsync.values import replace


def overtaken(change: Change, met: Values) -> Values:
    """What the write has met in its fields, if something there was somebody else's; else nothing."""
    others = any(
        name in met and value_of(met[name]) not in {value_of(before), value_of(after)}
        for name, (before, after) in change.guarded.items()
    )
    return {name: value_of(met[name]) for name in change.writes if name in met} if others else {}


def given_back(
    connector: Connector, object_name: str, changes: Sequence[Change], seen: Mapping[str, Seen]
) -> dict[str, Settlement]:
    """Put back what these changes have overtaken; every one ends as a conflict that says what was done.

    `seen`: by lead, what its write met and left. A field that does not hold ours any more is left to whoever has set
    it since. What cannot be put back is told, too, and ends nothing else.
    """
    if not changes:
        return {}
    met = {change.lead: overtaken(change, seen[change.lead].before) for change in changes}
    writes = [
        Write(
            change.lead,
            {name: met[change.lead][name] for name in _still_ours(change, met[change.lead], seen[change.lead].after)},
            {name: value_of(change.writes[name][1]) for name in met[change.lead]},
        )
        for change in changes
    ]
    try:
        connector.push(object_name, [write for write in writes if write.values])
        held, _ = read_held(connector, object_name, changes)
    except Exception:
        held = {}
    return {
        write.id: _conflict(change, met[write.id], write.values, held.get(write.id))
        for change, write in zip(changes, writes, strict=True)
    }


def _still_ours(change: Change, met: Values, after: Values) -> list[str]:
    """The fields that hold what was written over something else, and nothing that somebody has set since."""
    return [
        name
        for name, value in met.items()
        if value != value_of(change.writes[name][1])
        and arrived(name, after.get(name), change.writes[name][1], change.fields)
    ]


def with_lost_words(end: Settlement, change: Change, met: Values) -> Settlement:
    """The same, and where a field for people held what somebody had set since the plan was made, it says so.

    Such a field is crmsync's, so nothing is given back. What stood there may be a person's own words: it is not told.
    """
    others = [
        name
        for name, (before, after) in change.writes.items()
        if name in change.fields
        and name not in end.found
        and not arrived(name, met.get(name, before), before, change.fields)
        and not arrived(name, met.get(name, before), after, change.fields)
    ]
    if end.outcome != "written" or not others:
        return end
    words = (
        f"somebody else had set {', '.join(others)} since this was decided; crmsync wrote over it, as it is its own"
    )
    return replace(end, message="; ".join(filter(None, (end.message, words))))


def _conflict(change: Change, met: Values, put_back: Values, held: Values | None) -> Settlement:
    theirs = [
        name
        for name, value in met.items()
        if name in change.guarded and value not in {value_of(side) for side in change.writes[name]}
    ]
    told = ", ".join(f"{name} to {shown(met[name])}" for name in theirs)
    words = f"somebody else set {told} between crmsync's last look and its write; crmsync wrote over it"
    lost = [name for name in theirs if name not in put_back]
    if lost:
        end = f", and {', '.join(lost)} has been set again since; nothing is given back there, look at this lead"
    elif held is None:
        end = ", and whether it is given back could not be read; look at this lead"
    elif holds(held, {name: (None, value) for name, value in put_back.items()}, change.fields):
        end = " and has given it back"
    else:
        end = ", and the CRM did not take it back; look at this lead"
    owner_arrived = held is not None and owner_holds(change, held)
    return Settlement(change.lead, "conflict", f"{words}{end}", owner_arrived, found=not_as_read(change, met))
