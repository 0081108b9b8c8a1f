"""What the org itself does around a save: references and owners checked, calculated columns, assignment rule,
triggers, validation rules, locks, and what a saved activity does to its lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmsync_practice.backend import PracticeContext
from crmsync_practice.salesforce import currencies, duplicates
from crmsync_practice.salesforce.campaign_members import follow_status
from crmsync_practice.salesforce.catalogue.currency_fields import FIELD as CURRENCY
from crmsync_practice.salesforce.editing import touch_lead
from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.event_times import event_times, series_of
from crmsync_practice.salesforce.field_history import note_changes
from crmsync_practice.salesforce.instants import from_stamp, local_day
from crmsync_practice.salesforce.loading import full_name
from crmsync_practice.salesforce.opportunities import follow_stage
from crmsync_practice.salesforce.org import INTEGRATION_USER_ID
from crmsync_practice.salesforce.record_types import FIELD as RECORD_TYPE
from crmsync_practice.salesforce.record_types import RecordTypes
from crmsync_practice.salesforce.schema import SObject
from crmsync_practice.salesforce.soql.compiler import Compiler
from crmsync_practice.salesforce.soql.parse import parse
from crmsync_practice.salesforce.soql.plan import Plan
from crmsync_practice.salesforce.storage import Store

_NAMED = {"Lead", "Contact", "User"}


class Rules:
    """The org's automation; most of it can be turned by switches."""

    def __init__(self, store: Store, context: PracticeContext, record_types: RecordTypes) -> None:
        self._store = store
        self._context = context
        self.record_types = record_types

    def locked(self, record_id: str) -> None:
        """Raises UNABLE_TO_LOCK_ROW for a record that somebody else holds."""
        if record_id in self._context.switches["locked_ids"]:
            raise SalesforceError(
                "UNABLE_TO_LOCK_ROW",
                f"unable to obtain exclusive access to this record or 1 records: {record_id}",
                fields=[],
            )

    def before_update(self, sobject: SObject, before: dict[str, Any]) -> None:
        """Refuses records that cannot be changed now."""
        self.locked(before["Id"])
        if sobject.name == "Lead" and before["IsConverted"] and not self._context.switches["edit_converted_leads"]:
            raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=[])

    def before_save(
        self,
        sobject: SObject,
        values: dict[str, Any],
        before: dict[str, Any] | None,
        assign: bool,
        stamp: str,
        *,
        insists: bool = False,
    ) -> None:
        """Checks references and duplicates, and completes the row's columns in place."""
        for name, value in list(values.items()):
            field = sobject.fields.get(name)
            if field is not None and field.targets and value is not None and name not in {"CreatedById", RECORD_TYPE}:
                self._reference(sobject, name, value, before)
        self.record_types.check(sobject, values, before)
        known = {**(before or {}), **values}
        if sobject.name in _NAMED and {"FirstName", "LastName"} & set(values):
            values["Name"] = full_name(known.get("FirstName"), known.get("LastName"))
        if sobject.name == "Lead":
            rewrites = self._context.switches["status_rewrites"]
            if values.get("Status") in rewrites:
                values["Status"] = rewrites[values["Status"]]
            if assign and self._context.switches["assignment_rule"]:
                values["OwnerId"] = self._assigned()
        elif sobject.name == "Task":
            self._task(values, known, before, stamp)
        elif sobject.name == "Event":
            values |= event_times(values, before, self._context.zone)
            values |= series_of(values) if before is None else {}
        elif sobject.name == "Opportunity":
            values |= follow_stage(values, before)
        elif sobject.name == "CampaignMember":
            values |= follow_status(self._store, values, before, local_day(from_stamp(stamp), self._context.zone))
        self._unique(sobject, values, before)
        rates = self._context.switches["currencies"]
        if rates and before is None and CURRENCY in sobject.fields:
            values[CURRENCY] = values.get(CURRENCY) or currencies.corporate_of(rates)
        rules = self._context.switches["duplicate_rules"]
        duplicates.check(self._store, rules, sobject, {**(before or {}), **values}, allowed=insists)

    def after_save(
        self,
        sobject: SObject,
        record_id: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any],
        stamp: str,
    ) -> None:
        """Runs inside the save's transaction: validation rules, and what else moves with the record."""
        self._validate(sobject, record_id)
        if sobject.name in {"Task", "Event"}:
            leads = {each["WhoId"] for each in (before, after) if each is not None and each.get("WhoId")}
            for lead_id in sorted(leads):
                if lead_id.startswith(("00Q", "003")):
                    touch_lead(self._store, lead_id, stamp, self._context.zone)
        if sobject.name == "Lead":
            self._flow(sobject, record_id, before, after, stamp)
        owner_moved = before is not None and before.get("OwnerId") != after.get("OwnerId")
        if sobject.name == "Lead" and owner_moved and self._context.switches["transfer_open_tasks"]:
            assert before is not None
            self._move_open_tasks(record_id, before["OwnerId"], after["OwnerId"], stamp)

    def _flow(
        self,
        sobject: SObject,
        record_id: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any],
        stamp: str,
    ) -> None:
        """A flow's asynchronous path puts another status in the place of a saved one, as Automated Process."""
        other = self._context.switches["flow_rewrites"].get(after.get("Status"))
        if other is None or (before is not None and before["Status"] == after["Status"]):
            return
        by = self._store.rows_where(self._store.schema["User"], "UserType", "AutomatedProcess")[0]["Id"]
        marks = {"LastModifiedDate": stamp, "LastModifiedById": by, "SystemModstamp": stamp}
        self._store.update(sobject, record_id, {"Status": other, **marks})
        saved = {**after, "Id": record_id}
        note_changes(self._store, sobject, saved, {**saved, "Status": other}, by=by, stamp=stamp)

    def _assigned(self) -> str:
        """Whom the org's lead assignment rule gives every lead to: the first queue, else the integration user."""
        queues = self._store.rows_where(self._store.schema["Group"], "Type", "Queue")
        return str(queues[0]["Id"]) if queues else INTEGRATION_USER_ID

    def _reference(self, sobject: SObject, name: str, value: str, before: dict[str, Any] | None) -> None:
        field = sobject.fields[name]
        target = self._store.schema.of_id(value)
        if target is None or target.name not in field.targets:
            raise SalesforceError(
                "FIELD_INTEGRITY_EXCEPTION" if target is not None else "MALFORMED_ID",
                f"{field.label}: id value of incorrect type: {value}",
                fields=[name],
            )
        row = self._store.row(target, value)
        if row is None or row.get("IsDeleted"):
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[])
        if name != "OwnerId" or (before is not None and before["OwnerId"] == value):
            return
        if target.name == "User" and not row["IsActive"]:
            raise SalesforceError(
                "INACTIVE_OWNER_OR_USER",
                f"operation performed with inactive user [{value}] as owner of {sobject.label.lower()}",
                fields=[],
            )
        if target.name == "Group" and row["Type"] != "Queue":
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[])

    def _unique(self, sobject: SObject, values: dict[str, Any], before: dict[str, Any] | None) -> None:
        for name, value in values.items():
            field = sobject.fields.get(name)
            if field is None or not field.unique or value is None:
                continue
            for row in self._store.rows_where(sobject, field.name, value):
                if (before is None or row["Id"] != before["Id"]) and not row.get("IsDeleted"):
                    raise SalesforceError(
                        "DUPLICATE_VALUE",
                        f"duplicate value found: {field.name} duplicates value on record with id: {row['Id'][:15]}",
                        fields=[],
                    )

    def _task(self, values: dict[str, Any], known: dict[str, Any], before: dict[str, Any] | None, stamp: str) -> None:
        closed = known.get("Status") in self._context.switches["closed_task_statuses"]
        values["IsClosed"] = int(closed)
        values["IsHighPriority"] = int(known.get("Priority") == "High")
        if before is None:
            values.setdefault("TaskSubtype", "Task")
        if not closed:
            values["CompletedDateTime"] = None
        elif before is None or not before["IsClosed"]:
            values["CompletedDateTime"] = stamp

    def compiled(self, rule: Mapping[str, Any], record_id: str) -> Plan:
        """A validation rule as a query for one record; raises SalesforceError when it cannot be understood."""
        name = rule.get("object", "Lead")
        text = f"SELECT Id FROM {name} WHERE Id = '{record_id}' AND ({rule['condition']})"  # noqa: S608 - SOQL
        compiler = Compiler(
            schema=self._store.schema,
            now=self._context.clock.now(),
            zone=self._context.zone,
            user_id=INTEGRATION_USER_ID,
            all_rows=True,
            text=text,
        )
        return compiler.compile(parse(text))

    def _validate(self, sobject: SObject, record_id: str) -> None:
        for rule in self._context.switches["validation_rules"]:
            if str(rule.get("object", "Lead")).lower() != sobject.name.lower():
                continue
            plan = self.compiled(rule, record_id)
            if self._store.connection.execute(plan.numbers_sql, plan.parameters).fetchone() is not None:
                raise SalesforceError(
                    "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                    str(rule.get("message", "A validation rule refuses this record")),
                    fields=[rule["field"]] if rule.get("field") else [],
                )

    def _move_open_tasks(self, lead_id: str, old_owner: str | None, new_owner: str | None, stamp: str) -> None:
        """Open tasks of the old owner go with the lead; closed ones stay (wire notes, section 3.7, not verified
        live).
        """
        self._store.connection.execute(
            'UPDATE "sf_Task" SET OwnerId = ?, SystemModstamp = ?, LastModifiedDate = ? '
            "WHERE WhoId = ? AND OwnerId = ? AND IsClosed = 0 AND IsDeleted = 0",
            (new_owner, stamp, stamp, lead_id, old_owner),
        )
