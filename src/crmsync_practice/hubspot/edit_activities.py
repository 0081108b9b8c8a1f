"""The activity part of `edit`: logs, changes and moves engagements and form submissions as a person would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from crmsync_practice.hubspot import activity_summary, associations, lead_records, native_activities, records
from crmsync_practice.hubspot.call import Call
from crmsync_practice.hubspot.events import association_event, record_event
from crmsync_practice.hubspot.forms import hidden_values, submission_record, submission_values
from crmsync_practice.hubspot.instants import from_ms, iso, parse_ms, to_ms
from crmsync_practice.hubspot.object_types import ObjectType
from crmsync_practice.hubspot.owners import Owner
from crmsync_practice.hubspot.portal import Portal
from crmsync_practice.hubspot.storage import LIVE, Record
from crmsync_practice.reading import RecordRefused

_FIELDS = ("kind", "at", "direction", "outcome", "subject")


def find_owner(portal: Portal, user: str, key: str) -> Owner:
    """A user by import id or owner id. Raises RecordRefused, naming the key."""
    owner = portal.owners.by_import_id(user) or portal.owners.get(user)
    if owner is None:
        raise RecordRefused(f"{key}: no such user")
    return owner


def find_contact(portal: Portal, import_id: str) -> Record | None:
    """A live contact by import id or native id; one that was merged leads to the survivor.

    Where leads are records of their own, the native id is the lead's, and its primary contact is meant.
    """
    kind = portal.types.named("contacts")
    record = portal.storage.by_import_id(kind, import_id)
    number = records.parse_record_id(import_id)
    if record is None and portal.lead_object == "leads" and number is not None:
        import_id = str(lead_records.contacts_of(portal, [number]).get(number, import_id))
    return records.resolve(portal, kind, import_id if record is None else record.id)


class ActivityEdit:
    """Edits activities in the name of one call."""

    def __init__(self, portal: Portal, call: Call) -> None:
        self._portal = portal
        self._call = call
        self._contacts = portal.types.named("contacts")

    def apply(self, activity: Mapping[str, Any]) -> None:
        """Adds or changes one activity. Raises RecordRefused for an unknown lead or user, or too little to add."""
        engagement = self._engagement(activity["id"])
        submission = None if engagement else self._submission(activity["id"])
        known = self._engagement_fields(*engagement) if engagement else submission or {}
        wanted = {**dict.fromkeys((*_FIELDS, "lead", "by")), **known, **activity}
        if wanted["lead"] is None or wanted["kind"] is None or wanted["at"] is None:
            raise RecordRefused("activities: a new activity needs lead, kind and at")
        contact = find_contact(self._portal, wanted["lead"])
        if contact is None:
            raise RecordRefused("lead: no such lead")
        if wanted["by"] is not None:
            wanted["by"] = str(find_owner(self._portal, wanted["by"], "by").id)
        is_form = wanted["kind"] == native_activities.FORM_KIND
        target = None if is_form else native_activities.object_for(wanted["kind"])
        if engagement and engagement[0].name == target:
            self._change(*engagement, contact, known, wanted)
            return
        if engagement:
            kind, record = engagement
            wanted["id"] = record.import_id or wanted["id"]
            record.import_id = None
            records.archive(self._portal, self._call, kind, record)
            associations.drop_all(self._portal.storage, self._portal.types.all(), kind, record.id)
        if submission:
            self._portal.storage.connection.execute(
                "DELETE FROM hubspot_submissions WHERE seq = ?", (submission["seq"],)
            )
        if is_form:
            self._submit(contact, wanted)
        else:
            self._log(contact, wanted)

    def _engagement(self, import_id: str) -> tuple[ObjectType, Record] | None:
        for name in native_activities.OBJECTS:
            kind = self._portal.types.named(name)
            record = self._portal.storage.by_import_id(kind, import_id)
            if record is None and import_id.startswith(f"{name}/"):
                record = records.resolve(self._portal, kind, import_id.partition("/")[2])
            if record is not None and record.archived == LIVE:
                return kind, record
        return None

    def _engagement_fields(self, kind: ObjectType, record: Record) -> dict[str, Any]:
        linked = associations.read(self._portal.storage, kind, self._contacts, [record.id])
        props = record.props
        at = parse_ms(props.get("hs_timestamp", ""))
        return {
            "lead": next((str(each) for each in linked.get(record.id, {})), None),
            "kind": native_activities.kind_of(kind.name, props),
            "at": from_ms(record.created if at is None else at),
            "direction": native_activities.direction_of(kind.name, props),
            "outcome": native_activities.outcome_of(kind.name, props),
            "by": props.get("hubspot_owner_id"),
            "subject": props.get(native_activities.SUBJECTS[kind.name]),
        }

    def _submission(self, import_id: str) -> dict[str, Any] | None:
        number = import_id.removeprefix("submissions/")
        row = self._portal.storage.connection.execute(
            "SELECT seq, at, contact, record, import_id FROM hubspot_submissions WHERE import_id = ? "
            "UNION ALL SELECT seq, at, contact, record, import_id FROM hubspot_submissions WHERE seq = ?",
            (import_id, records.parse_record_id(number) if number != import_id else -1),
        ).fetchone()
        if row is None:
            return None
        hidden = hidden_values(msgspec.json.decode(row[3]))
        return {
            "seq": row[0],
            "lead": str(row[2]),
            "kind": native_activities.FORM_KIND,
            "at": from_ms(row[1]),
            "direction": hidden.get("activity_direction"),
            "outcome": hidden.get("activity_outcome"),
            "by": hidden.get("activity_by"),
            "subject": hidden.get("activity_subject"),
        }

    def _change(
        self,
        kind: ObjectType,
        record: Record,
        contact: Record,
        known: Mapping[str, Any],
        wanted: Mapping[str, Any],
    ) -> None:
        _, before = self._properties(known)
        _, after = self._properties(wanted)
        values: dict[str, str | None] = {name: after.get(name) for name in {**before, **after}}
        values["hubspot_owner_id"] = wanted["by"]
        records.write(self._portal, self._call, kind, record, values)
        if known["lead"] not in (None, str(contact.id)):
            associations.remove(self._portal.storage, kind, self._contacts, record.id, int(known["lead"]))
        if known["lead"] != str(contact.id):
            self._link(contact, kind, record)
        self._touch(contact, kind, record)

    def _log(self, contact: Record, wanted: Mapping[str, Any]) -> None:
        name, props = self._properties(wanted)
        kind = self._portal.types.named(name)
        now = self._portal.now()
        record = Record(self._portal.next_id(kind), now, now, dict(props), import_id=wanted["id"])
        record_event(self._portal, self._call, kind, record, "creation")
        records.write(self._portal, self._call, kind, record, {"hubspot_owner_id": wanted["by"]})
        self._link(contact, kind, record)
        self._touch(contact, kind, record)

    def _properties(self, activity: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        context = self._portal.context
        today = max(context.today, from_ms(self._portal.now()).astimezone(context.zone).date())
        planned = activity["at"].astimezone(context.zone).date() > today
        return native_activities.properties_of(*(activity[key] for key in _FIELDS), planned=planned)

    def _link(self, contact: Record, kind: ObjectType, record: Record) -> None:
        how = associations.default_type(self._contacts, kind)
        associations.add(self._portal.storage, self._contacts, kind, how, contact.id, record.id)
        name = f"CONTACT_TO_{kind.singular.upper()}"
        association_event(self._portal, self._call, self._contacts, contact.id, record.id, name, removed=False)

    def _touch(self, contact: Record, kind: ObjectType, record: Record) -> None:
        changes = activity_summary.logged(contact.props, kind.name, record.props, iso(self._portal.now()))
        records.write(self._portal, self._call, self._contacts, contact, changes)

    def _submit(self, contact: Record, wanted: Mapping[str, Any]) -> None:
        connection = self._portal.storage.connection
        self._portal.forms.plan([], self._portal.now())
        number, name = self._portal.forms.for_subject(wanted["subject"], self._portal.forms.numbers())
        at = to_ms(wanted["at"])
        values = submission_values(
            contact.id,
            contact.props,
            outcome=wanted["outcome"],
            direction=wanted["direction"],
            by=wanted["by"],
            subject=wanted["subject"],
        )
        known = connection.execute(
            "SELECT 1 FROM hubspot_submissions WHERE contact = ? AND form = ?", (contact.id, number)
        ).fetchone()
        row = connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM hubspot_submissions").fetchone()
        connection.execute(
            "INSERT INTO hubspot_submissions VALUES (?, ?, ?, ?, ?, ?)",
            (row[0], number, at, contact.id, wanted["id"], submission_record(row[0], at, values, name)),
        )
        changes = activity_summary.converted(contact.props, at, name, known is None)
        records.write(self._portal, self._call, self._contacts, contact, changes)
