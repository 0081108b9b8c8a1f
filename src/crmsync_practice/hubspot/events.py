"""What happened, as webhook events (wire notes, section 7.3). Delivery is in `webhooks`."""

from __future__ import annotations

from typing import Any

from crmsync_practice.hubspot.call import Call
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.settings import APP_ID, PORTAL_ID
from crmsync_practice.hubspot.storage import Record

NOT_SUBSCRIBABLE = ("num_unique_conversion_events", "hs_lastmodifieddate")


def _event(portal: Portal, call: Call, kind: ObjectType, record: Record, what: str) -> dict[str, Any]:
    known = kind.name in ("contacts", "companies", "deals", "tickets")
    event: dict[str, Any] = {
        "objectId": record.id,
        "changeSource": call.actor.source_type,
        "eventId": 0,
        "subscriptionId": 25,
        "portalId": PORTAL_ID,
        "appId": APP_ID,
        "occurredAt": portal.now(),
        "subscriptionType": f"{kind.singular if known else 'object'}.{what}",
        "attemptNumber": 0,
    }
    if not known:
        event["objectTypeId"] = kind.id
    return event


def record_event(portal: Portal, call: Call, kind: ObjectType, record: Record, what: str, **extra: Any) -> None:
    """Notes a creation, deletion, merge or privacyDeletion."""
    portal.tell({**_event(portal, call, kind, record, what), **extra})


def value_event(portal: Portal, call: Call, kind: ObjectType, record: Record, name: str, value: str | None) -> None:
    """Notes a changed property value; an emptied one is the empty text."""
    if name not in NOT_SUBSCRIBABLE:
        event = _event(portal, call, kind, record, "propertyChange")
        portal.tell({**event, "propertyName": name, "propertyValue": value or ""})


def association_event(
    portal: Portal, call: Call, origin: ObjectType, from_id: int, to_id: int, name: str, removed: bool
) -> None:
    """Notes a made or removed association; `name` such as CONTACT_TO_COMPANY."""
    event = _event(portal, call, origin, Record(from_id, 0, 0), "associationChange")
    del event["objectId"]
    portal.tell(
        {
            **event,
            "associationType": name,
            "fromObjectId": from_id,
            "toObjectId": to_id,
            "associationRemoved": removed,
            "isPrimaryAssociation": False,
        }
    )
