"""Edits by the control API: what a person changes in the CRM's own screens, past the API and its rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crmsync_practice.backend import PracticeContext
from crmsync_practice.reading import RecordRefused
from crmsync_practice.records import native_stage
from crmsync_practice.salesforce import activity_rows
from crmsync_practice.salesforce.carriers import Accounts, Carrier, account_fields, with_account
from crmsync_practice.salesforce.custom_fields import Home, find_homes
from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.field_history import note_changes
from crmsync_practice.salesforce.instants import from_stamp, local_day, to_stamp
from crmsync_practice.salesforce.lifecycle import convert_lead, merge_lead
from crmsync_practice.salesforce.loading import full_name
from crmsync_practice.salesforce.org import INTEGRATION_USER_ID
from crmsync_practice.salesforce.people import merged_user, save_user
from crmsync_practice.salesforce.storage import Store

_LEAD_FIELDS = {"email": "Email", "first_name": "FirstName", "last_name": "LastName", "company": "Company"}


class Editor:
    """Applies one edit payload; `homes` grows when an edit brings a new attribute."""

    def __init__(self, store: Store, context: PracticeContext, carrier: Carrier, homes: list[Home]) -> None:
        self._store = store
        self._carrier = carrier
        self._context = context
        self._homes = homes

    def apply(self, payload: Mapping[str, Any], by: str | None, now: datetime) -> dict[str, int]:
        """Upserts all records, stamped `now` and by the given user; all or nothing."""

        def work() -> None:
            self._now, self._stamp = now, to_stamp(now)
            self._by = INTEGRATION_USER_ID if by is None else self._user(by)
            for each in payload["users"]:
                save_user(self._store, merged_user(self._store, each), self._stamp, self._by)
            self._make_homes(payload["leads"])
            for each in payload["leads"]:
                self._lead(each)
            for each in payload["activities"]:
                self._activity(each)

        self._store.in_transaction(work)
        return {table: len(payload[table]) for table in ("users", "leads", "activities")}

    def _user(self, import_id: str) -> str:
        for name in ("User", "Group"):
            row = self._store.row_of_import(self._store.schema[name], import_id)
            if row is not None:
                return str(row["Id"])
        raise RecordRefused(f"no such user: {import_id}")

    def _make_homes(self, leads: Sequence[Mapping[str, Any]]) -> None:
        known = {home.attribute for home in self._homes}
        new = [
            {name: value for name, value in (each.get("attributes") or {}).items() if name not in known}
            for each in leads
        ]
        lead = self._store.schema[self._carrier.object]
        homes, fields = find_homes(lead, new, standard=self._carrier.standard)
        for field in fields:
            self._store.add_column(lead, field)
        self._homes.extend(homes)
        if homes:
            remember_homes(self._store, self._carrier, self._homes)

    def _lead(self, changes: Mapping[str, Any]) -> None:
        sobject = self._store.schema[self._carrier.object]
        found = self._store.row_of_import(sobject, changes["id"])
        values: dict[str, Any] = {native: changes[key] for key, native in _LEAD_FIELDS.items() if key in changes}
        if "owner" in changes:
            values["OwnerId"] = None if changes["owner"] is None else self._user(changes["owner"])
        stage = changes.get("stage")
        if "stage" in changes and (not isinstance(stage, Mapping) or "salesforce" in stage):
            values[self._carrier.stage] = native_stage(stage, "salesforce")
        given = changes.get("attributes") or {}
        for home in self._homes:
            if home.attribute in given:
                values[home.field] = self._native(home, given[home.attribute])
        if self._carrier.has_account:
            self._to_account(values, found)
        base = found or {}
        values["Name"] = full_name(
            values.get("FirstName", base.get("FirstName")), values.get("LastName", base.get("LastName"))
        )
        values |= self._modified()
        if found is not None:
            self._store.update(sobject, found["Id"], {**values, "IsDeleted": int(changes.get("deleted") is True)})
            note_changes(self._store, sobject, found, {**found, **values}, by=self._by, stamp=self._stamp)
            self._end(found, changes)
            return
        created = changes.get("created_at") or self._now
        values |= {"CreatedDate": to_stamp(created), "CreatedById": self._by}
        self._store.insert(sobject, values, changes["id"])

    def _to_account(self, values: dict[str, Any], found: Mapping[str, Any] | None) -> None:
        """What the edit says of the firm leads to another account, in place."""
        known = with_account(self._store, found or {}, self._homes)
        firm = ("Company", *account_fields(self._homes))
        said = {name: values.pop(name) for name in firm if name in values}
        if said:
            whole = {name: said.get(name, known.get(name)) for name in firm}
            values["AccountId"] = Accounts(self._store, self._homes).id_of(whole.pop("Company"), whole, self._stamp)

    def _end(self, lead: dict[str, Any], changes: Mapping[str, Any]) -> None:
        """Converts or merges a lead, as a person would."""
        try:
            if changes.get("merged_into") is not None:
                winner = self._store.row_of_import(self._store.schema[self._carrier.object], changes["merged_into"])
                if winner is None:
                    raise RecordRefused(f"no such lead: {changes['merged_into']}")
                merge_lead(self._store, winner, lead, by=self._by, stamp=self._stamp)
            elif changes.get("converted") and self._carrier.has_account:
                raise RecordRefused(f"lead {changes['id']}: a contact cannot be converted")
            elif changes.get("converted"):
                current = self._store.row(self._store.schema["Lead"], lead["Id"]) or lead
                day = local_day(self._now, self._context.zone)
                convert_lead(self._store, current, by=self._by, stamp=self._stamp, day=day)
        except SalesforceError as error:
            raise RecordRefused(f"lead {changes['id']}: {error.message}") from error

    @staticmethod
    def _native(home: Home, value: Any) -> Any:
        try:
            return home.to_native(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise RecordRefused(f"attributes.{home.attribute}: expected a number") from error

    def _activity(self, changes: Mapping[str, Any]) -> None:
        found, event = self._known_activity(changes["id"])
        merged = {**(found or {}), **changes}
        if found is None and any(merged.get(key) is None for key in ("lead", "kind", "at")):
            raise RecordRefused(f"activity {changes['id']}: a new one needs lead, kind and at")
        if merged["lead"] is None or merged["kind"] is None or merged["at"] is None:
            raise RecordRefused(f"activity {changes['id']}: lead, kind and at cannot be emptied")
        lead = self._store.row_of_import(self._store.schema[self._carrier.object], merged["lead"])
        if lead is None:
            raise RecordRefused(f"no such lead: {merged['lead']}")
        if found is not None and event != activity_rows.is_event(merged["kind"]):
            raise RecordRefused(f"activity {changes['id']}: a meeting cannot become another kind, nor the reverse")
        native = self._activity_values(merged) if found is None else self._changed_values(merged, changes)
        native |= {
            "WhoId": lead["Id"],
            "OwnerId": None if merged.get("by") is None else self._user(merged["by"]),
            "Subject": merged.get("subject"),
            **self._modified(),
        }
        sobject = self._store.schema["Event" if activity_rows.is_event(merged["kind"]) else "Task"]
        if found is not None:
            native["IsDeleted"] = int(changes.get("deleted") is True)
            self._store.update(sobject, found["native_id"], native)
        else:
            self._store.insert(
                sobject, {**native, "CreatedDate": self._stamp, "CreatedById": self._by}, changes["id"]
            )
        touch_lead(self._store, lead["Id"], self._stamp, self._context.zone)

    def _known_activity(self, import_id: str) -> tuple[dict[str, Any] | None, bool]:
        for name in ("Task", "Event"):
            row = self._store.row_of_import(self._store.schema[name], import_id)
            if row is not None:
                event = name == "Event"
                known = {
                    "native_id": row["Id"],
                    "lead": row["WhoId"],
                    "kind": activity_rows.kind_of(row, event=event),
                    "at": activity_rows.at_of(row, self._context.zone, event=event),
                    "direction": activity_rows.direction_of(row),
                    "outcome": activity_rows.outcome_of(row),
                    "by": row["OwnerId"],
                    "subject": row["Subject"],
                }
                return known, event
        return None, False

    def _activity_values(self, merged: Mapping[str, Any]) -> dict[str, Any]:
        zone = self._context.zone
        outcome, direction = merged.get("outcome"), merged.get("direction")
        if activity_rows.is_event(merged["kind"]):
            values = activity_rows.event_values(merged["at"], outcome, direction, zone)
            return dict(zip(activity_rows.EVENT_COLUMNS, values, strict=True)) | {"EventSubtype": "Event"}
        today = max(self._context.today, self._now.astimezone(zone).date())
        values = activity_rows.task_values(
            merged["kind"], at=merged["at"], outcome=outcome, direction=direction, today=today, zone=zone
        )
        return dict(zip(activity_rows.TASK_COLUMNS, values, strict=True)) | {"Priority": "Normal"}

    def _changed_values(self, merged: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
        """Only what the edit is about: a client may have made the event longer, or the task due on a day."""
        if not {"kind", "at", "outcome", "direction"} & set(changes):
            return {}
        values = self._activity_values(merged)
        values.pop("Priority", None)
        if not activity_rows.is_event(merged["kind"]):
            return values
        if "at" in changes:
            return {**values, "IsAllDayEvent": 0}
        return {name: value for name, value in values.items() if name not in activity_rows.EVENT_TIMES}

    def _modified(self) -> dict[str, Any]:
        return {"LastModifiedDate": self._stamp, "LastModifiedById": self._by, "SystemModstamp": self._stamp}


def remember_homes(store: Store, carrier: Carrier, homes: Sequence[Home]) -> None:
    """Keeps the attributes' homes and the custom fields with the data, for when the file is reopened."""
    store.write_meta("homes", [[home.attribute, home.field, home.kind] for home in homes])
    lead = store.schema[carrier.object]
    store.write_meta("lead_object", carrier.object)
    store.write_meta("custom_fields", [each for each in lead.fields.values() if each.custom])


def touch_lead(store: Store, lead_id: str, stamp: str, zone: ZoneInfo) -> None:
    """A logged activity moves LastActivityDate of its lead or contact, and SystemModstamp, but not LastModifiedDate.

    An event counts once it has begun: at its start, or on its own day in the org's zone.
    """
    latest = store.connection.execute(
        'SELECT max(day) FROM (SELECT max(ActivityDate) AS day FROM "sf_Task" WHERE WhoId = ? AND IsClosed = 1 '
        'AND IsDeleted = 0 UNION ALL SELECT max(ActivityDate) FROM "sf_Event" WHERE WhoId = ? AND IsDeleted = 0 '
        "AND iif(IsAllDayEvent, ActivityDate <= ?, StartDateTime <= ?))",
        (lead_id, lead_id, local_day(from_stamp(stamp), zone), stamp),
    ).fetchone()[0]
    sobject = store.schema.of_id(lead_id)
    assert sobject is not None
    store.update(sobject, lead_id, {"LastActivityDate": latest, "SystemModstamp": stamp})
