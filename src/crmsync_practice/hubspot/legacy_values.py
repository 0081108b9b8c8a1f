"""How the first two generations of the API tell properties and their values.

Instants and days are epoch milliseconds there, and every value lies in an object of its own with its versions
(documented in the legacy references; what is left out here is what no client was seen to need).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from crmsync_practice.hubspot import history
from crmsync_practice.hubspot.call import Body, Call
from crmsync_practice.hubspot.definitions import Definition
from crmsync_practice.hubspot.errors import HubSpotError
from crmsync_practice.hubspot.instants import parse_ms, to_ms
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.records import parse_record_id
from crmsync_practice.hubspot.storage import LIVE, Record
from crmsync_practice.hubspot.values import Scalar
from crmsync_practice.hubspot.views import View


class ValueBody(Body):
    """One property to write: contacts say `property`, companies and deals `name`."""

    value: Scalar = None
    property: str | None = None
    name: str | None = None


class ValuesBody(Body):
    """The properties to write."""

    properties: list[ValueBody]

    def named(self) -> dict[str, Scalar]:
        """By name."""
        return {each.property or each.name or "": each.value for each in self.properties}


def in_ms(definition: Definition | None, text: str) -> str:
    """A stored value as it was told then."""
    if definition is None or definition.type not in ("date", "datetime"):
        return text
    if definition.type == "date" and len(text) == 10:
        return str(to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC)))
    ms = parse_ms(text)
    return text if ms is None else str(ms)


def values(
    portal: Portal, kind: ObjectType, record: Record, names: Iterable[str], *, versions: bool
) -> dict[str, dict[str, Any]]:
    """`properties` of a record: those of the named ones that have a value, with their versions where wanted."""
    defined = portal.properties.live(kind)
    wanted = [name for name in dict.fromkeys(names) if name in defined]
    shown: Mapping[str, str | None] = View(portal, kind, wanted).show(record)["properties"] if wanted else {}
    found: dict[str, dict[str, Any]] = {}
    for name in wanted:
        text = shown.get(name)
        if text is None:
            continue
        found[name] = {"value": in_ms(defined[name], text)}
        if versions:
            found[name]["versions"] = _versions(portal, kind, record, defined[name])
    return found


def detailed(portal: Portal, kind: ObjectType, record: Record, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The same as companies and deals tell it: each value with when and by whom."""
    told = values(portal, kind, record, names, versions=True)
    for each in told.values():
        newest = each["versions"][0] if each["versions"] else {"timestamp": record.created, "source": "IMPORT"}
        each |= {"timestamp": newest["timestamp"], "source": newest["source"], "sourceId": newest.get("sourceId")}
    return told


def _versions(portal: Portal, kind: ObjectType, record: Record, definition: Definition) -> list[dict[str, Any]]:
    entries = history.shown(portal.storage, kind, record, [definition.name])[definition.name]
    return [
        {
            "name": definition.name,
            "value": in_ms(definition, each["value"]),
            "timestamp": parse_ms(each["timestamp"]) or record.created,
            "source-type": each["sourceType"],
            "source": each["sourceType"],
            "sourceId": each.get("sourceId"),
            "source-id": each.get("sourceId"),
            "source-label": None,
            "sourceVid": [],
            "selected": False,
        }
        for each in entries
    ]


def live_record(portal: Portal, kind: ObjectType, text: str) -> Record:
    """A record by the id in a path. Raises 404 in the old words."""
    number = parse_record_id(text)
    record = None if number is None else portal.storage.get(kind, number)
    if record is None or record.archived != LIVE:
        raise HubSpotError(404, "resource not found")
    return record


def asked_properties(call: Call, *names: str) -> list[str]:
    """The properties a request asks for, in any of these parameters."""
    return [each for name in names for each in call.values(name)]
