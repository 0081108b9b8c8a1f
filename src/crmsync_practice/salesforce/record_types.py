"""Record types of leads: declared by the switch `record_types`, beside the Master type that every object has.

As in a real org, Lead has a field RecordTypeId only while record types are declared; a lead of the Master type has
none (null). A type may narrow picklists. That binds the API only for restricted picklists; for the others it is what
describe tells and what a new lead starts with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crmsync_practice.reading import RecordRefused
from crmsync_practice.salesforce.errors import SalesforceError
from crmsync_practice.salesforce.org import INTEGRATION_USER_ID
from crmsync_practice.salesforce.schema import Field, SObject
from crmsync_practice.salesforce.storage import Store

MASTER_ID = "012000000000000AAA"
FIELD = "RecordTypeId"


@dataclass(frozen=True, slots=True)
class RecordType:
    """One record type; `available` says whether the integration user may choose it."""

    id: str
    developer_name: str
    name: str
    active: bool = True
    available: bool = True
    default: bool = False
    master: bool = False
    picklists: Mapping[str, Sequence[str]] | None = None

    def values_of(self, field: Field) -> Sequence[str]:
        """The values of a picklist that this type shows."""
        return (self.picklists or {}).get(field.name, field.picklist)

    def default_of(self, field: Field) -> object:
        """What a new record of this type starts with: the field's default, or the type's first value."""
        values = self.values_of(field)
        if not field.picklist or field.default is None or field.default in values:
            return field.default
        return values[0] if values else None


class RecordTypes:
    """The record types of Lead, and what they mean for a save."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._declared: list[RecordType] = []

    def declare(self, wanted: Sequence[Mapping[str, Any]], stamp: str) -> None:
        """Makes these the record types there are. Leads of a type that is gone are of the Master type again.

        Raises RecordRefused for a picklist that Lead does not have.
        """
        lead = self._store.schema["Lead"]
        for each in wanted:
            for name in each.get("picklists", {}):
                if name not in lead.fields or lead.fields[name].type != "picklist":
                    raise RecordRefused(f"record_types: {name} is no picklist of Lead")
        self._store.in_transaction(lambda: self._write(wanted, stamp))
        ids = self._ids()
        self._declared = [
            RecordType(id=ids[each["developer_name"]], **{"name": each["developer_name"], **each}) for each in wanted
        ]

    def of(self, sobject: SObject) -> list[RecordType]:
        """An object's record types, the Master type last."""
        declared = self._declared if sobject.name == "Lead" else []
        default = not any(each.default for each in declared)
        return [*declared, RecordType(MASTER_ID, "Master", "Master", default=default, master=True)]

    def start(self, sobject: SObject, values: dict[str, Any]) -> None:
        """Gives a new record its type and the defaults of the fields that are not given."""
        self._settle(values)
        types = self.of(sobject)
        if FIELD not in values and FIELD in sobject.fields:
            default = next(each for each in types if each.default)
            values[FIELD] = None if default.master else default.id
        chosen = self._chosen(types, values.get(FIELD))
        for field in sobject.stored():
            if field.default is not None and values.get(field.name) is None:
                values[field.name] = chosen.default_of(field)

    def check(self, sobject: SObject, values: dict[str, Any], before: Mapping[str, Any] | None) -> None:
        """Refuses a type that the user may not choose, and what the type's restricted picklists do not hold."""
        self._settle(values)
        types = self.of(sobject)
        wanted = values.get(FIELD)
        if wanted is not None and (before is None or before[FIELD] != wanted):
            known = next((each for each in types if each.id == wanted), None)
            if known is None or not (known.active and known.available):
                raise SalesforceError(
                    "INVALID_CROSS_REFERENCE_KEY",
                    f"Record Type ID: this ID value isn't valid for the user: {wanted}",
                    fields=[FIELD],
                )
        chosen = self._chosen(types, {**(before or {}), **values}.get(FIELD))
        for name, value in values.items():
            field = sobject.fields.get(name)
            if field is not None and field.restricted and value is not None and value not in chosen.values_of(field):
                raise SalesforceError(
                    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                    f"{field.label}: bad value for restricted picklist field: {value}",
                    fields=[name],
                )

    @staticmethod
    def _settle(values: dict[str, Any]) -> None:
        if values.get(FIELD) == MASTER_ID:
            values[FIELD] = None

    @staticmethod
    def _chosen(types: list[RecordType], record_type_id: str | None) -> RecordType:
        return next((each for each in types if each.id == record_type_id), types[-1])

    def _ids(self) -> dict[str, str]:
        return {row["DeveloperName"]: row["Id"] for row in self._store.all_rows(self._store.schema["RecordType"])}

    def _write(self, wanted: Sequence[Mapping[str, Any]], stamp: str) -> None:
        sobject = self._store.schema["RecordType"]
        ids = self._ids()
        actor = {"LastModifiedDate": stamp, "LastModifiedById": INTEGRATION_USER_ID, "SystemModstamp": stamp}
        for each in wanted:
            name = each["developer_name"]
            values = {"Name": each.get("name", name), "IsActive": int(each.get("active", True)), **actor}
            if name in ids:
                self._store.update(sobject, ids.pop(name), values)
                continue
            made = {"DeveloperName": name, "SobjectType": "Lead", "CreatedDate": stamp}
            self._store.insert(sobject, {**values, **made, "CreatedById": INTEGRATION_USER_ID})
        for gone in ids.values():
            self._store.delete_row(sobject, gone)
            self._store.connection.execute('UPDATE "sf_Lead" SET RecordTypeId = NULL WHERE RecordTypeId = ?', (gone,))
        self._store.write_meta("record_types", list(wanted))
