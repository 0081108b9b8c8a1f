"""The portal's state in the import shape, each record with its native id."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from crmsync_practice.hubspot import native_activities
from crmsync_practice.hubspot.attributes import from_text
from crmsync_practice.hubspot.forms import hidden_values
from crmsync_practice.hubspot.instants import from_ms, parse_ms
from crmsync_practice.hubspot.native_leads import stage_of
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.storage import Record
from crmsync_practice.records import time_to_json

State = dict[str, list[dict[str, Any]]]


def state(portal: Portal) -> State:
    """`{users, leads, activities}`; archived and merged records are not in it."""
    contacts = portal.types.named("contacts")
    attributes = portal.properties.by_attribute(contacts)
    names: dict[int, str] = {}
    leads = []
    for record in portal.storage.every(contacts):
        names[record.id] = record.import_id or str(record.id)
        leads.append(
            {
                "id": names[record.id],
                "native_id": str(record.id),
                **_lead(portal, record),
                "attributes": {
                    name: from_text(record.props.get(each.name), each)
                    for name, each in attributes.items()
                    if each.name in record.props
                },
                "native": {
                    "lifecyclestage": record.props.get("lifecyclestage"),
                    "hs_lead_status": record.props.get("hs_lead_status"),
                },
            }
        )
    users = users_of(portal)
    activities = [*_engagements(portal, names), *_submissions(portal, names)]
    return {"users": users, "leads": leads, "activities": activities}


def owner_name(portal: Portal, owner_id: str | None) -> str | None:
    """A user's import id from an owner id; an unknown one stays as it is."""
    if owner_id is None:
        return None
    owner = portal.owners.get(owner_id)
    return owner_id if owner is None else owner.import_id


def _lead(portal: Portal, record: Record) -> dict[str, Any]:
    props = record.props
    return {
        "email": props.get("email"),
        "first_name": props.get("firstname"),
        "last_name": props.get("lastname"),
        "company": props.get("company"),
        "owner": owner_name(portal, props.get("hubspot_owner_id")),
        "stage": stage_of(props),
        "created_at": time_to_json(from_ms(record.created)),
        "modified_at": time_to_json(from_ms(record.updated)),
    }


def _engagements(portal: Portal, names: dict[int, str]) -> Iterator[dict[str, Any]]:
    contacts = portal.types.named("contacts")
    for name in native_activities.OBJECTS:
        kind = portal.types.named(name)
        leads = dict(
            portal.storage.connection.execute(
                "SELECT from_id, min(to_id) FROM hubspot_associations WHERE from_type = ? AND to_type = ? "
                "GROUP BY from_id",
                (kind.number, contacts.number),
            )
        )
        for record in portal.storage.every(kind):
            if names.get(leads.get(record.id, -1)) is None:
                continue
            props = record.props
            at = parse_ms(props.get("hs_timestamp", ""))
            yield {
                "id": record.import_id or f"{name}/{record.id}",
                "native_id": str(record.id),
                "lead": names[leads[record.id]],
                "kind": native_activities.kind_of(name, props),
                "at": time_to_json(from_ms(record.created if at is None else at)),
                "direction": native_activities.direction_of(name, props),
                "outcome": native_activities.outcome_of(name, props),
                "by": owner_name(portal, props.get("hubspot_owner_id")),
                "subject": props.get(native_activities.SUBJECTS[name]),
            }


def _submissions(portal: Portal, names: dict[int, str]) -> Iterator[dict[str, Any]]:
    rows = portal.storage.connection.execute(
        "SELECT seq, at, contact, import_id, record FROM hubspot_submissions ORDER BY seq"
    )
    for seq, at, contact, import_id, text in rows:
        if contact not in names:
            continue
        record = msgspec.json.decode(text)
        hidden = hidden_values(record)
        yield {
            "id": import_id or f"submissions/{seq}",
            "native_id": record["conversionId"],
            "lead": names[contact],
            "kind": native_activities.FORM_KIND,
            "at": time_to_json(from_ms(at)),
            "direction": hidden.get("activity_direction"),
            "outcome": hidden.get("activity_outcome"),
            "by": owner_name(portal, hidden.get("activity_by")),
            "subject": hidden.get("activity_subject"),
        }


def users_of(portal: Portal) -> list[dict[str, Any]]:
    """The owners in the import shape plus `native_id`."""
    return [{**owner.user, "native_id": str(owner.id)} for owner in portal.owners.all()]
