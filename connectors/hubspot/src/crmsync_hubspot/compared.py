"""What records held right before our writes, and what they hold after: from the histories of their properties.

HubSpot compares nothing before it sets properties: a person's edit between the last reading and the write is
overwritten unseen. But it keeps every value with its time, so the value that a write has met can be read afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from crmsync.sdk import Seen, Write
from crmsync_hubspot.gateway import HISTORY_BATCH, Gateway
from crmsync_hubspot.instants import from_text


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
            before = {}
            for name, value in write.values.items():
                entries = _since(histories.get(name), since)
                met = _met(entries, value, steps=2 if cleared.get(write.id) == name else 1)
                if met is not None:
                    before[name] = met or None
            looks[write.id] = Seen(before, {name: values.get(name) or None for name in names})
    return looks


def _since(entries: object, since: datetime) -> list[tuple[str, bool]]:
    """Values of a history, newest first, each with whether it was set at `since` or later; unreadable ones end it."""
    found: list[tuple[str, bool]] = []
    for entry in entries if isinstance(entries, list) else ():
        with suppress(AttributeError, ValueError, TypeError):
            found.append((str(entry.get("value") or ""), from_text(entry.get("timestamp")) >= since))
            continue
        break
    return found


def _met(entries: Sequence[tuple[str, bool]], value: str | None, *, steps: int) -> str | None:
    """The value below our own, which is the newest of this value; an empty text for none, null when not told.

    `steps` is 2 where we emptied the property first: that entry is ours, too.
    """
    place = next((number for number, (held, fresh) in enumerate(entries) if fresh and held == (value or "")), None)
    if place is None:
        return None
    if steps == 2 and len(entries) > place + 1 and entries[place + 1] == ("", True):
        place += 1
    return entries[place + 1][0] if len(entries) > place + 1 else ""
