"""What records held right before our writes, and what they hold after: from the histories of their properties.

HubSpot compares nothing before it sets properties: a person's edit between the last reading and the write is
overwritten unseen. But it keeps every value with its time, so the value that a write has met can be read afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from crmsync.sdk import Replaced, Seen, Write, crm_code
from crmsync_hubspot.gateway import HISTORY_BATCH, Gateway
from crmsync_hubspot.instants import from_text
from crmsync_hubspot.parts import JsonObject

_PEOPLE = {"CRM_UI", "CRM_UI_BULK_ACTION", "CONTACTS_WEB", "MOBILE_IOS", "MOBILE_ANDROID", "BATCH_UPDATE", "IMPORT"}
_AUTOMATIONS = {"AUTOMATION_PLATFORM", "WORKFLOWS", "WORKFLOW", "CALCULATED", "INTERNAL_PROCESSING", "SYNC_ENGINE"}
"""HubSpot's words for where a value comes from. Any other (INTEGRATION, API …) is a program's."""


def looked_back(
    gateway: Gateway, object_name: str, writes: Sequence[Write], since: datetime, cleared: Mapping[str, str]
) -> dict[str, Seen]:
    """By record id, what the writes met and what came of them; records that do not come back are left out.

    `since`: HubSpot's clock before the first of these writes was sent. `cleared`: record id → property that was
    emptied before it was set. Batches of 50, HubSpot's limit for reading with histories.
    """
    names = list(dict.fromkeys(name for write in writes for name in (*write.expected, *write.values)))
    by_id = {write.id: write for write in writes}
    looks: dict[str, Seen] = {}
    ids = list(by_id)
    for start in range(0, len(ids), HISTORY_BATCH):
        part = ids[start : start + HISTORY_BATCH]
        for record in gateway.read_batch(object_name, part, names, with_history=names).results:
            write = by_id.get(str(record.get("id")))
            values, histories = record.get("properties"), record.get("propertiesWithHistory")
            if write is None or not isinstance(values, Mapping) or not isinstance(histories, Mapping):
                continue
            told = {name: _entries(histories.get(name), since) for name in names}
            looks[write.id] = Seen(
                _before(write, told, histories, cleared.get(write.id)),
                {name: values.get(name) or None for name in names},
                {
                    name: by
                    for name, value in write.values.items()
                    if (by := _replaced(told[name], value, emptied=cleared.get(write.id) == name))
                },
            )
    return looks


@dataclass(frozen=True, slots=True)
class _Entry:
    """One value of a history. `fresh`: set at the time of our write or later. `by`: who set it."""

    value: str
    at: datetime
    fresh: bool
    by: Replaced


def _entries(entries: object, since: datetime) -> list[_Entry]:
    """A history, newest first; unreadable entries end it."""
    found: list[_Entry] = []
    for entry in entries if isinstance(entries, list) else ():
        with suppress(AttributeError, ValueError, TypeError):
            value, at = str(entry.get("value") or ""), from_text(entry.get("timestamp"))
            found.append(_Entry(value, at, at >= since, set_by(entry)))
            continue
        break
    return found


def _before(
    write: Write, told: Mapping[str, Sequence[_Entry]], histories: Mapping[str, object], cleared: str | None
) -> dict[str, str | None]:
    """What the write met: below our own values, and what else was expected as it was at their time."""
    before: dict[str, str | None] = {}
    moments = []
    for name, value in write.values.items():
        entries = told[name]
        places = _ours(entries, value, emptied=cleared == name)
        if places is not None:
            place = places[1]
            before[name] = (entries[place + 1].value if len(entries) > place + 1 else "") or None
            moments.append(entries[place].at)
    for name in write.expected if moments else ():
        if name not in write.values and isinstance(histories.get(name), list):
            before[name] = next((it.value for it in told[name] if it.at <= min(moments)), "") or None
    return before


def set_by(entry: JsonObject) -> Replaced:
    """Who set a value, by its entry in a history."""
    source = crm_code(entry.get("sourceType"))
    if entry.get("updatedByUserId") or source in _PEOPLE:
        return Replaced("person", source)
    return Replaced("automation" if source in _AUTOMATIONS else "program", source)


def _ours(entries: Sequence[_Entry], value: str | None, *, emptied: bool) -> tuple[int, int] | None:
    """The places of our newest and our oldest entry; null when none is told.

    Our value is the newest of its kind. Where we `emptied` the property first, that entry is ours, too, if it stands
    right below. A value from before we emptied it is not ours, however fresh (HubSpot's clock is told to the second):
    HubSpot has not taken ours, as somebody moved the lead past it in between. Then the emptying is all that is ours.
    """
    fresh = [place for place, it in enumerate(entries) if it.fresh]
    hollow = [place for place in fresh if entries[place].value == ""]
    newest = next((place for place in fresh if entries[place].value == (value or "")), None)
    if not emptied or not hollow:
        return None if newest is None else (newest, newest)
    if newest is None or newest > hollow[-1]:
        return hollow[0], hollow[0]
    return newest, newest + 1 if newest + 1 in hollow else newest


def _replaced(entries: Sequence[_Entry], value: str | None, *, emptied: bool) -> Replaced | None:
    """Who has set the value that stands above our own; null for nobody. `emptied`: we have emptied it first."""
    places = _ours(entries, value, emptied=emptied)
    return entries[0].by if places and places[0] else None
