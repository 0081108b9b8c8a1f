"""The control API's `edit`: what a person changes in the CRM while others work on it.

Upserts users, leads and activities by import id, partially. Contacts and engagements are marked as changed by that
user at the practice clock's time, with history and webhook events, as HubSpot's own screens would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmsync_practice.hubspot import lead_records, lifecycle, records
from crmsync_practice.hubspot.attributes import Seen, property_for, to_text, widened
from crmsync_practice.hubspot.call import Actor, Call
from crmsync_practice.hubspot.edit_activities import ActivityEdit, find_contact, find_owner
from crmsync_practice.hubspot.events import record_event
from crmsync_practice.hubspot.instants import to_ms
from crmsync_practice.hubspot.native_leads import DISQUALIFIED, STAGES, contact_properties, is_disqualified
from crmsync_practice.hubspot.owners import Owner
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.storage import Record
from crmsync_practice.records import native_stage

_TEXTS = {"email": "email", "first_name": "firstname", "last_name": "lastname", "company": "company"}


class Edit:
    """One `edit` call in progress; used inside a transaction."""

    def __init__(self, portal: Portal, by: str | None) -> None:
        self._portal = portal
        self._contacts = portal.types.named("contacts")
        self._as_leads = portal.lead_object == "leads"
        self._own = lead_records.HAND_OFF if self._as_leads else ()
        editor = None if by is None else find_owner(portal, by, "by")
        actor = Actor("CRM_UI", f"userId:{editor.user_id if editor else 1}", editor.user_id if editor else 1)
        self._call = Call("POST", "/_practice/edit", {}, [], b"", {}, "", actor=actor)

    def apply(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Applies users, then leads, then activities; answers how many of each."""
        for user in payload.get("users", []):
            self._user(user)
        for lead in payload.get("leads", []):
            self._lead(lead)
        activities = ActivityEdit(self._portal, self._call)
        for activity in payload.get("activities", []):
            activities.apply(activity)
        return {table: len(payload.get(table, [])) for table in ("users", "leads", "activities")}

    def _user(self, user: Mapping[str, Any]) -> None:
        owner = self._portal.owners.by_import_id(user["id"]) or self._portal.owners.get(user["id"])
        fresh: dict[str, Any] = {"type": "person", "active": True, "roles": [], "territories": []}
        kept = fresh if owner is None else dict(owner.user)
        kept |= {key: list(value) if isinstance(value, tuple) else value for key, value in user.items()}
        kept["id"] = user["id"] if owner is None else owner.import_id
        self._portal.owners.put(kept, self._portal.now())

    def _lead(self, lead: Mapping[str, Any]) -> None:
        record = find_contact(self._portal, lead["id"])
        owner = None if lead.get("owner") is None else find_owner(self._portal, lead["owner"], "owner")
        now = self._portal.now()
        given = lead.get("attributes") or {}
        attributes = self._attribute_values({name: value for name, value in given.items() if name not in self._own})
        if record is None:
            created = to_ms(lead["created_at"]) if lead.get("created_at") else now
            props = contact_properties(
                **{key: lead.get(key) for key in _TEXTS},
                owner=None if self._as_leads else owner,
                stage="lead" if self._as_leads else native_stage(lead.get("stage"), "hubspot"),
                created=now,
            )
            record = Record(self._portal.next_id(self._contacts), created, now, props, import_id=lead["id"])
            record_event(self._portal, self._call, self._contacts, record, "creation")
            values: dict[str, str | None] = {}
        else:
            if lead.get("created_at"):
                record.created = to_ms(lead["created_at"])
            values = {name: lead[key] or None for key, name in _TEXTS.items() if key in lead}
            if "owner" in lead and not self._as_leads:
                values["hubspot_owner_id"] = None if owner is None else str(owner.id)
            if "stage" in lead and not self._as_leads:
                values |= self._stage_values(record, native_stage(lead["stage"], "hubspot"))
        records.write(self._portal, self._call, self._contacts, record, {**values, **attributes})
        kind = self._contacts
        if self._as_leads:
            kind, record = self._portal.types.named("leads"), self._lead_record(record, lead, owner)
        if lead.get("modified_at"):
            record.updated = to_ms(lead["modified_at"])
            self._portal.storage.save(kind, record)

    def _lead_record(self, contact: Record, lead: Mapping[str, Any], owner: Owner | None) -> Record:
        """The owner and the stage of the contact's lead; a contact without one gets it."""
        kind, stage = self._portal.types.named("leads"), native_stage(lead.get("stage"), "hubspot")
        if "stage" in lead:
            lead_records.add_stages(self._portal, [lead_records.pipeline_stage(stage)])
        given = lead.get("attributes") or {}
        values: dict[str, str | None] = {name: to_text(given[name]) for name in self._own if name in given}
        record, now = lead_records.lead_of(self._portal, contact.id), self._portal.now()
        if record is None:
            names = {"first_name": contact.props.get("firstname"), "last_name": contact.props.get("lastname")}
            props = lead_records.lead_properties(**names, owner=owner, stage=stage, at=now)
            record = Record(self._portal.next_id(kind), contact.created, now, props, import_id=contact.import_id)
            record_event(self._portal, self._call, kind, record, "creation")
            records.write(self._portal, self._call, kind, record, values)
            lead_records.tie(self._portal, record.id, contact.id)
            return record
        if "owner" in lead:
            values["hubspot_owner_id"] = None if owner is None else str(owner.id)
        if "stage" in lead:
            values[lead_records.STAGE] = lead_records.pipeline_stage(stage)
        if values:
            records.write(self._portal, self._call, kind, record, values)
        return record

    def _stage_values(self, record: Record, stage: str | None) -> dict[str, str | None]:
        if is_disqualified(stage):
            return {"hs_lead_status": DISQUALIFIED}
        values: dict[str, str | None] = {lifecycle.STAGE: STAGES.get(stage, stage) if stage else None}
        if record.props.get("hs_lead_status") == DISQUALIFIED:
            values["hs_lead_status"] = None
        return values

    def _attribute_values(self, attributes: Mapping[str, Any]) -> dict[str, str | None]:
        values: dict[str, str | None] = {}
        for attribute, value in attributes.items():
            definition = self._portal.properties.by_attribute(self._contacts).get(attribute)
            if definition is None:
                seen = Seen()
                seen.note(value)
                definition = property_for(attribute, seen, self._portal.properties.of(self._contacts))
                self._portal.properties.put(self._contacts, definition)
            elif (wide := widened(definition, value)) is not definition:
                self._portal.properties.put(self._contacts, wide)
            values[definition.name] = to_text(value)
        return values
