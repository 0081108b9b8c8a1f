"""The portal's state in the import shape, each record with its native id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from crmsync_practice.hubspot import lead_records, native_activities
from crmsync_practice.hubspot.attributes import from_text
from crmsync_practice.hubspot.definitions import Definition
from crmsync_practice.hubspot.forms import hidden_values
from crmsync_practice.hubspot.instants import from_ms, parse_ms
from crmsync_practice.hubspot.native_leads import stage_of
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.storage import Record
from crmsync_practice.records import time_to_json

State = dict[str, list[dict[str, Any]]]
_STAGES = {"contacts": ("lifecyclestage", "hs_lead_status"), "leads": ("hs_pipeline", "hs_pipeline_stage")}


def state(portal: Portal) -> State:
    """`{users, leads, activities}`; archived and merged records are not in it."""
    contacts = portal.types.named("contacts")
    attributes = portal.properties.by_attribute(contacts)
    own_attributes = portal.properties.by_attribute(portal.types.named(portal.lead_object))
    names: dict[int, str] = {}
    own_names: dict[int, str] = {}
    leads = []
    for record, carrier in _carried(portal):
        name = carrier.import_id or str(carrier.id)
        names.setdefault(record.id, name)
        own_names[carrier.id] = name
        leads.append(
            {
                "id": name,
                "native_id": str(carrier.id),
                **_lead(portal, record, carrier),
                "attributes": {
                    **_attributes(record, attributes),
                    **(_attributes(carrier, own_attributes) if carrier is not record else {}),
                },
                "native": {name: carrier.props.get(name) for name in _STAGES[portal.lead_object]},
            }
        )
    users = users_of(portal)
    belonging = {portal.lead_object: own_names, "contacts": names}
    activities = [*_engagements(portal, belonging), *_submissions(portal, names)]
    return {"users": users, "leads": leads, "activities": activities}


def owner_name(portal: Portal, owner_id: str | None) -> str | None:
    """A user's import id from an owner id; an unknown one stays as it is."""
    if owner_id is None:
        return None
    owner = portal.owners.get(owner_id)
    return owner_id if owner is None else owner.import_id


def _attributes(record: Record, homes: Mapping[str, Definition]) -> dict[str, Any]:
    held = {name: each for name, each in homes.items() if each.name in record.props}
    return {name: from_text(record.props.get(each.name), each) for name, each in held.items()}


def _carried(portal: Portal) -> Iterator[tuple[Record, Record]]:
    """Every contact that is a lead, with the record that carries its owner and stage: itself, or its lead."""
    contacts = portal.types.named("contacts")
    if portal.lead_object != "leads":
        yield from ((record, record) for record in portal.storage.every(contacts))
        return
    leads = {record.id: record for record in portal.storage.every(portal.types.named("leads"))}
    people = {record.id: record for record in portal.storage.every(contacts)}
    for lead, contact in lead_records.contacts_of(portal, leads).items():
        if contact in people:
            yield people[contact], leads[lead]


def _lead(portal: Portal, record: Record, carrier: Record) -> dict[str, Any]:
    props = record.props
    return {
        "email": props.get("email"),
        "first_name": props.get("firstname"),
        "last_name": props.get("lastname"),
        "company": props.get("company"),
        "owner": owner_name(portal, carrier.props.get("hubspot_owner_id")),
        "stage": carrier.props.get(lead_records.STAGE) if carrier is not record else stage_of(props),
        "created_at": time_to_json(from_ms(carrier.created)),
        "modified_at": time_to_json(from_ms(carrier.updated)),
    }


def _engagements(portal: Portal, belonging: Mapping[str, Mapping[int, str]]) -> Iterator[dict[str, Any]]:
    """`belonging`: object → id of its record → the lead's name; a contact's word counts before a lead's own."""
    for name in native_activities.OBJECTS:
        kind = portal.types.named(name)
        leads: dict[int, str] = {}
        for other, names in belonging.items():
            rows = portal.storage.connection.execute(
                "SELECT from_id, min(to_id) FROM hubspot_associations WHERE from_type = ? AND to_type = ? "
                "GROUP BY from_id",
                (kind.number, portal.types.named(other).number),
            )
            leads.update((record, names[to]) for record, to in rows if to in names)
        for record in portal.storage.every(kind):
            if record.id not in leads:
                continue
            props = record.props
            at = parse_ms(props.get("hs_timestamp", ""))
            yield {
                "id": record.import_id or f"{name}/{record.id}",
                "native_id": str(record.id),
                "lead": leads[record.id],
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
