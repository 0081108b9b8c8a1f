"""What deployments bring into the org: fields, values, list views, permission sets; kept with the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from crmsync_practice.salesforce.components import (
    TYPES,
    DeployProblem,
    many,
    new_field,
    set_row,
    told_value,
    values_of,
)
from crmsync_practice.salesforce.org import INTEGRATION_USER_ID
from crmsync_practice.salesforce.schema import Field, SObject
from crmsync_practice.salesforce.storage import Store

_SETS = {"LeadStatus": ("Lead", "Status"), "LeadSource": ("Lead", "LeadSource"), "Industry": ("Lead", "Industry")}
"""Standard value sets whose picklists the practice org shows."""
_LONGEST_NAME = 43
_KEPT = "deployed"


class Deployed:
    """Takes components; remembers fields and values, so that an org opened again has them."""

    def __init__(self, store: Store, stamp: Any) -> None:
        self._store = store
        self._stamp = stamp
        self._fields: dict[str, Field] = {}
        self._values: dict[str, list[str]] = {}

    def recall(self) -> None:
        """What a file holds; the columns are there."""
        kept = self._store.read_meta(_KEPT) or {}
        for name, frozen in (kept.get("fields") or {}).items():
            field = msgspec.convert(frozen, Field)
            self._fields[name] = field
            self._store.schema[name.split(".")[0]].add(field)
        for name, values in (kept.get("values") or {}).items():
            self._values[name] = list(values)
            self._offer(name, values)

    def forget(self) -> None:
        """After a deployment was rolled back: as the store has it."""
        for name in self._fields:
            sobject = self._store.schema[name.split(".")[0]]
            sobject.drop(name.split(".")[1])
        for name in self._values:
            self._store.schema[name.split(".")[0]].add(self._without_added(name))
        self._fields, self._values = {}, {}
        self.recall()

    def take(self, kind: str, name: str, part: Mapping[str, Any]) -> None:
        """Make one component. Raises `DeployProblem`."""
        if kind == "CustomField":
            self._take_field(name, part)
        elif kind == "StandardValueSet":
            self._take_standard_values(name, part)
        elif kind == "ListView":
            self._take_list_view(name, part)
        elif kind == "PermissionSet":
            self._take_permission_set(name, part)
        self._store.write_meta(_KEPT, {"fields": self._fields, "values": self._values})

    def see(self) -> None:
        """Show the deployed fields that a permission set of the user gives to read, and no others."""
        if not self._fields:
            return
        sets = {
            row["PermissionSetId"]
            for row in self._store.rows_where(
                self._store.schema["PermissionSetAssignment"], "AssigneeId", INTEGRATION_USER_ID
            )
        }
        rows = self._store.all_rows(self._store.schema["FieldPermissions"])
        given = {
            row["Field"]: bool(row["PermissionsEdit"])
            for row in rows
            if row["ParentId"] in sets and row["PermissionsRead"]
        }
        for name in self._fields:
            sobject = self._store.schema[name.split(".")[0]]
            field = sobject.fields[name.split(".")[1]]
            shown = replace(field, hidden=name not in given, updateable=given.get(name, False))
            if shown != field:
                sobject.add(shown)

    def custom_fields(self, object_name: str) -> list[str]:
        """Developer names of an object's custom fields, hidden ones too."""
        return [each.name.removesuffix("__c") for each in self._object(object_name).fields.values() if each.custom]

    def metadata_of(self, object_name: str, developer_name: str) -> dict[str, Any] | None:
        """A custom field as the Tooling API tells it."""
        field = self._object(object_name).fields.get(f"{developer_name}__c")
        if field is None:
            return None
        told: dict[str, Any] = {
            "label": field.label,
            "type": next((kind for kind, name in TYPES.items() if name == field.type), "Text"),
            "required": not field.nillable,
            "description": None,
        }
        if field.type in ("picklist", "multipicklist"):
            definition = {"sorted": False, "value": [told_value(value) for value in field.picklist]}
            told["valueSet"] = {
                "controllingField": None,
                "restricted": field.restricted,
                "valueSetDefinition": definition,
                "valueSetName": None,
                "valueSettings": [],
            }
        return told

    def standard_values(self, name: str) -> dict[str, Any] | None:
        """A standard value set as the Tooling API tells it."""
        if name not in _SETS:
            return None
        object_name, field_name = _SETS[name]
        field = self._object(object_name).fields[field_name]
        values = [told_value(value) for value in field.picklist]
        if name == "LeadStatus":
            rows = {row["ApiName"]: row for row in self._store.all_rows(self._store.schema["LeadStatus"])}
            for value in values:
                row = rows.get(value["valueName"], {})
                value |= {"converted": bool(row.get("IsConverted")), "default": bool(row.get("IsDefault"))}
        return {"groupingStringEnum": None, "sorted": False, "standardValue": values}

    def _object(self, name: str) -> SObject:
        try:
            return self._store.schema[name]
        except KeyError as error:
            raise DeployProblem(f"no CustomObject named {name} found") from error

    def _take_field(self, name: str, part: Mapping[str, Any]) -> None:
        object_name, _, api_name = name.partition(".")
        sobject = self._object(object_name)
        known = sobject.fields.get(api_name)
        if known is not None:
            self._add_values(name, known, part)
            return
        if not api_name.endswith("__c") or len(api_name) > _LONGEST_NAME or not api_name[0].isalpha():
            raise DeployProblem(f"Invalid fullName, must end in a custom suffix (e.g. __c): {api_name}")
        if any(each.lower() == api_name.lower() for each in sobject.fields):
            raise DeployProblem(f"There is already a field named {api_name} on {object_name}.")
        field = replace(new_field(api_name, part), hidden=True)
        self._store.add_column(sobject, field)
        self._fields[name] = field

    def _add_values(self, name: str, known: Field, part: Mapping[str, Any]) -> None:
        values = values_of(part)
        left_out = [value for value in known.picklist if value not in values]
        if left_out:
            raise DeployProblem(f"the practice org deactivates no values, and {left_out[0]} is left out")
        self._offer_more(name, values)

    def _take_standard_values(self, name: str, part: Mapping[str, Any]) -> None:
        if name not in _SETS:
            raise DeployProblem(f"no StandardValueSet named {name} found")
        object_name, field_name = _SETS[name]
        values = [str(each["fullName"]) for each in many(part.get("standardValue"))]
        known = self._object(object_name).fields[field_name].picklist
        left_out = [value for value in known if value not in values]
        if left_out:
            raise DeployProblem(f"the practice org deactivates no values, and {left_out[0]} is left out")
        new = self._offer_more(f"{object_name}.{field_name}", values)
        if name == "LeadStatus":
            statuses = self._store.schema["LeadStatus"]
            for value in new:
                order = len(self._store.all_rows(statuses)) + 1
                row = {"MasterLabel": value, "ApiName": value, "SortOrder": order, "IsDefault": 0, "IsConverted": 0}
                self._store.insert(statuses, {**row, **self._system()})

    def _offer_more(self, name: str, values: list[str]) -> list[str]:
        object_name, _, field_name = name.partition(".")
        known = self._object(object_name).fields[field_name].picklist
        new = [value for value in values if value not in known]
        if new:
            self._values.setdefault(name, []).extend(new)
            self._offer(name, new)
        return new

    def _offer(self, name: str, values: list[str]) -> None:
        object_name, _, field_name = name.partition(".")
        sobject = self._store.schema[object_name]
        field = sobject.fields[field_name]
        more = tuple(value for value in values if value not in field.picklist)
        sobject.add(replace(field, picklist=(*field.picklist, *more)))

    def _without_added(self, name: str) -> Field:
        object_name, _, field_name = name.partition(".")
        field = self._store.schema[object_name].fields[field_name]
        kept = tuple(value for value in field.picklist if value not in self._values[name])
        return replace(field, picklist=kept)

    def _take_list_view(self, name: str, part: Mapping[str, Any]) -> None:
        object_name, _, developer_name = name.partition(".")
        sobject = self._object(object_name)
        for column in many(part.get("columns")):
            if str(column).endswith("__c") and column not in sobject.fields:
                raise DeployProblem(f"Could not resolve list view column: {column}")
        views = self._store.schema["ListView"]
        if any(
            row["DeveloperName"] == developer_name
            for row in self._store.rows_where(views, "SobjectType", object_name)
        ):
            return
        row = {"Name": part["label"], "DeveloperName": developer_name, "SobjectType": object_name}
        self._store.insert(views, {**row, **self._system()})

    def _take_permission_set(self, name: str, part: Mapping[str, Any]) -> None:
        sets, fields = self._store.schema["PermissionSet"], self._store.schema["FieldPermissions"]
        stamped = {"SystemModstamp": self._stamp()}
        for each in many(part.get("fieldPermissions")):
            object_name, _, field_name = str(each["field"]).partition(".")
            known = self._object(object_name).fields.get(field_name)
            if known is None:
                raise DeployProblem(f"In field: field - no CustomField named {each['field']} found")
            if not known.nillable or known.type == "id":
                raise DeployProblem(f"You cannot deploy to a required field: {each['field']}")
        found = next(iter(self._store.rows_where(sets, "Name", name)), None)
        if found is not None:
            for row in self._store.rows_where(fields, "ParentId", found["Id"]):
                self._store.delete_row(fields, row["Id"])
        made = found["Id"] if found else self._store.insert(sets, {**set_row(name, part), **self._system()})
        for each in many(part.get("fieldPermissions")):
            row = {
                "ParentId": made,
                "SobjectType": str(each["field"]).split(".")[0],
                "Field": each["field"],
                "PermissionsRead": int(each["readable"] == "true"),
                "PermissionsEdit": int(each["editable"] == "true"),
            }
            self._store.insert(fields, {**row, **stamped})

    def _system(self) -> dict[str, Any]:
        stamp = self._stamp()
        return {
            "CreatedDate": stamp,
            "CreatedById": INTEGRATION_USER_ID,
            "LastModifiedDate": stamp,
            "LastModifiedById": INTEGRATION_USER_ID,
            "SystemModstamp": stamp,
        }
