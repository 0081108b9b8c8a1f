"""Writes to records: create, change, archive, merge. Every write of every endpoint goes through here.

Callers hold a transaction. Values are checked against the definitions, HubSpot's own properties follow, history and
events are noted, and the change is handed to the write log through `call.changes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crmsync_practice.hubspot import deal_summary, history, lifecycle
from crmsync_practice.hubspot.call import Actor, Call, Change
from crmsync_practice.hubspot.errors import HubSpotError, invalid_properties, property_problem, validation
from crmsync_practice.hubspot.events import record_event, value_event
from crmsync_practice.hubspot.instants import iso
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.settings import PORTAL_ID
from crmsync_practice.hubspot.storage import ARCHIVED, GONE, LIVE, MERGED, Record
from crmsync_practice.hubspot.values import Scalar, ValueRefused, checked

REQUIRED = {
    "leads": ("hs_lead_name",),
    "calls": ("hs_timestamp",),
    "meetings": ("hs_timestamp",),
    "emails": ("hs_timestamp", "hs_email_direction"),
    "notes": ("hs_timestamp",),
    "tasks": ("hs_timestamp",),
    "communications": ("hs_timestamp",),
}
"""What a new record must carry (DOC, wire notes 3.2; direction of e-mails MEM)."""
_WORKFLOW = Actor("AUTOMATION_PLATFORM", "enrollmentId:88312;actionExecutionIndex:0")
"""What a workflow's values carry in their history (sources SPEC, form of the id MEM)."""


def resolve(portal: Portal, kind: ObjectType, record_id: str | int, id_property: str | None = None) -> Record | None:
    """The live record behind an id or a unique value; an id that was merged away leads to the surviving record."""
    if id_property is not None and id_property != "hs_object_id":
        definition = portal.properties.live(kind).get(id_property)
        if definition is None or not definition.unique:
            raise validation(f"Property '{id_property[:100]}' is not a unique identifier property")
        return portal.storage.by_value(kind, id_property, str(record_id))
    number = parse_record_id(record_id)
    record = None if number is None else portal.storage.get(kind, number)
    while record is not None and record.archived == MERGED and record.merged_into is not None:
        record = portal.storage.get(kind, record.merged_into)
    return record if record is not None and record.archived == LIVE else None


def parse_record_id(record_id: str | int) -> int | None:
    """A record id from its decimal text or number; None if it is neither."""
    text = str(record_id).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def check(
    portal: Portal, kind: ObjectType, properties: Mapping[str, Scalar], current: Record | None
) -> dict[str, str | None]:
    """The texts to store (None: clear). Raises the refusal that lists every wrong property."""
    definitions = portal.properties.live(kind)
    problems = []
    values: dict[str, str | None] = {}
    for name, value in properties.items():
        definition = definitions.get(name)
        if definition is None:
            text = f'Property "{name[:200]}" does not exist'
            problems.append(property_problem(name[:200], "PROPERTY_DOESNT_EXIST", text, PORTAL_ID))
            continue
        if definition.read_only or definition.calculated:
            text = f'"{name}" is a read only property; its value cannot be set'
            problems.append(property_problem(name, "READ_ONLY_VALUE", text, PORTAL_ID))
            continue
        try:
            stored = checked(value, definition, None if current is None else current.props.get(name))
            if name == "hubspot_owner_id" and stored is not None:
                _check_owner(portal, stored)
        except ValueRefused as refused:
            problems.append(property_problem(name, refused.code, refused.message, PORTAL_ID))
            continue
        values[name] = stored
    if problems:
        raise invalid_properties(problems)
    return values


def _check_owner(portal: Portal, owner_id: str) -> None:
    """An owner must exist and, unless switched, be active (MEM: the wire notes leave the latter open)."""
    owner = portal.owners.get(owner_id)
    if owner is None or (not owner.active and portal.settings.archived_owner == "refused"):
        raise ValueRefused("INVALID_OWNER_ID", f"Owner with id {owner_id[:30]} does not exist or is not active")


def _apply_lifecycle(portal: Portal, kind: ObjectType, record: Record, values: dict[str, str | None]) -> None:
    """Drops, refuses or keeps a backward stage write, as the portal is switched."""
    if lifecycle.STAGE not in values or portal.settings.lifecycle == "accepted":
        return
    definition = portal.properties.of(kind)[lifecycle.STAGE]
    before, after = record.props.get(lifecycle.STAGE), values[lifecycle.STAGE]
    if lifecycle.direction(definition, before, after) >= 0:
        return
    if portal.settings.lifecycle == "refused":
        text = f"{after} is an earlier stage than the current one; clear the value first"
        raise invalid_properties([property_problem(lifecycle.STAGE, "INVALID_OPTION", text, PORTAL_ID)])
    del values[lifecycle.STAGE]


def _derived(
    portal: Portal, kind: ObjectType, record: Record, values: Mapping[str, str | None], now: int
) -> dict[str, str | None]:
    """HubSpot's own properties that follow from the values being written."""
    derived: dict[str, str | None] = {}
    props = record.props
    if "hubspot_owner_id" in values and values["hubspot_owner_id"] != props.get("hubspot_owner_id"):
        owner = portal.owners.get(values["hubspot_owner_id"] or "")
        derived["hubspot_owner_assigneddate"] = None if owner is None else iso(now)
        derived["hs_all_owner_ids"] = values["hubspot_owner_id"]
        derived["hubspot_team_id"] = None if owner is None or owner.team_id is None else str(owner.team_id)
    if lifecycle.STAGE in values and lifecycle.STAGE in portal.properties.of(kind):
        derived |= lifecycle.stage_dates(
            portal.properties.of(kind)[lifecycle.STAGE], props.get(lifecycle.STAGE), values[lifecycle.STAGE], now
        )
    if kind.name == "contacts" and "email" in values:
        email = values["email"] or ""
        derived["hs_email_domain"] = email.rpartition("@")[2] or None
    if kind.name == "tasks" and values.get("hs_task_status") not in (None, props.get("hs_task_status")):
        derived["hs_task_completion_date"] = iso(now) if values["hs_task_status"] == "COMPLETED" else None
    return derived


def write(portal: Portal, call: Call, kind: ObjectType, record: Record, values: Mapping[str, str | None]) -> None:
    """Stores checked values on a record with everything that follows; the caller has noted the change."""
    now = portal.now()
    changes = {**values, **_derived(portal, kind, record, values, now)}
    before = {name: record.props.get(name) for name in changes}
    moved = {name: value for name, value in changes.items() if value != before[name]}
    for name, value in moved.items():
        if value is None:
            record.props.pop(name, None)
        else:
            record.props[name] = value
    record.updated = now
    portal.storage.save(kind, record)
    history.remember(portal.storage, kind, record, before, moved, now, call.actor)
    for name, value in moved.items():
        value_event(portal, call, kind, record, name, value)
    if kind.name == "deals" and "dealstage" in moved:
        _count_deals(portal, call, record)
    _workflow(portal, call, kind, record, moved)


def _workflow(portal: Portal, call: Call, kind: ObjectType, record: Record, moved: Mapping[str, str | None]) -> None:
    """What a workflow of the portal puts in the place of values that others have set."""
    rewrites = portal.settings.workflow_rewrites
    if kind.name != portal.lead_object or call.actor.source_type == _WORKFLOW.source_type:
        return
    wanted = {name: rewrites[name].get(value or "") for name, value in moved.items() if name in rewrites}
    values = {name: value for name, value in wanted.items() if value is not None}
    if values:
        write(portal, replace(call, actor=_WORKFLOW), kind, record, values)


def _count_deals(portal: Portal, call: Call, deal: Record) -> None:
    for company in deal_summary.companies_of(portal, deal.id):
        count_deals(portal, call, company)


def count_deals(portal: Portal, call: Call, company: Record) -> None:
    """Lets the company's own properties follow its deals."""
    values = deal_summary.changes(portal, company)
    if values:
        write(portal, call, portal.types.named("companies"), company, values)


def update(portal: Portal, call: Call, kind: ObjectType, record: Record, properties: Mapping[str, Scalar]) -> Record:
    """Changes a live record by a client's request."""
    values = check(portal, kind, properties, record)
    _check_unique(portal, kind, values, record.id)
    named = list(values)
    before = {name: record.props.get(name) for name in named}
    _apply_lifecycle(portal, kind, record, values)
    write(portal, call, kind, record, values)
    after = {name: record.props.get(name) for name in named}
    call.changes.append(Change(kind.name, str(record.id), before, after))
    return record


def create(portal: Portal, call: Call, kind: ObjectType, properties: Mapping[str, Scalar]) -> Record:
    """Makes a record by a client's request; what it must carry is checked."""
    values = check(portal, kind, properties, None)
    if kind.name == "meetings" and values.get("hs_timestamp") is None:
        values["hs_timestamp"] = values.get("hs_meeting_start_time")
    missing = [name for name in REQUIRED.get(kind.name, ()) if values.get(name) is None]
    if missing:
        raise validation(
            f"Error creating {kind.singular.upper()}. Some required properties were not set.",
            errors=[{"message": "required property not set", "context": {"properties": missing}}],
            context={"properties": missing},
        )
    _check_unique(portal, kind, values, None)
    now = portal.now()
    record = Record(portal.next_id(kind), now, now)
    if kind.name in ("contacts", "companies") and "lifecyclestage" not in values:
        values["lifecyclestage"] = "lead"
    _place_in_pipeline(kind, values)
    record_event(portal, call, kind, record, "creation")
    write(portal, call, kind, record, values)
    after = {name: record.props.get(name) for name in values}
    call.changes.append(Change(kind.name, str(record.id), None, after))
    return record


def _place_in_pipeline(kind: ObjectType, values: dict[str, str | None]) -> None:
    """A new deal or lead without a stage starts in the first pipeline's first stage."""
    first = {
        "deals": (("pipeline", "default"), ("dealstage", "appointmentscheduled")),
        "leads": (("hs_pipeline", "lead-pipeline-id"), ("hs_pipeline_stage", "new-stage-id")),
        "tickets": (("hs_pipeline", "0"), ("hs_pipeline_stage", "1")),
    }
    for name, value in first.get(kind.name, ()):
        values.setdefault(name, value)


def _check_unique(portal: Portal, kind: ObjectType, values: Mapping[str, str | None], own_id: int | None) -> None:
    """A unique value that another live record has is a conflict (3P, wire notes 2.3)."""
    definitions = portal.properties.live(kind)
    for name, value in values.items():
        if value is None or not definitions[name].unique:
            continue
        other = portal.storage.by_value(kind, name, value)
        if other is not None and other.id != own_id:
            what = kind.singular.capitalize()
            raise HubSpotError(409, f"{what} already exists. Existing ID: {other.id}", "CONFLICT")


def archive(portal: Portal, call: Call, kind: ObjectType, record: Record) -> None:
    """Puts a record into the recycle bin."""
    record.archived = ARCHIVED
    record.archived_at = record.updated = portal.now()
    portal.storage.save(kind, record)
    record_event(portal, call, kind, record, "deletion")
    call.changes.append(Change(kind.name, str(record.id), dict(record.props), None))
    if kind.name == "deals":
        _count_deals(portal, call, record)


def forget(portal: Portal, call: Call, kind: ObjectType, record: Record) -> None:
    """Deletes a contact for good (GDPR): its values, history and associations go."""
    record.props.clear()
    record.archived = GONE
    record.archived_at = record.updated = portal.now()
    portal.storage.save(kind, record)
    connection = portal.storage.connection
    connection.execute("DELETE FROM hubspot_history WHERE type = ? AND id = ?", (kind.id, record.id))
    connection.execute("DELETE FROM hubspot_submissions WHERE contact = ?", (record.id,))
    record_event(portal, call, kind, record, "privacyDeletion")
    call.changes.append(Change(kind.name, str(record.id), None, None))
